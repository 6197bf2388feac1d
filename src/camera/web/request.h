/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One HTTP request and its answer; between the files of this floor. */
#ifndef RECAM_CAMERA_WEB_REQUEST_H
#define RECAM_CAMERA_WEB_REQUEST_H

#include <jansson.h>
#include <libwebsockets.h>

#include "camera/web/sessions.h"
#include "camera/web/web.h"

#define REQUEST_PATH      256u
#define REQUEST_BODY_MOST RC_KIB(64)
#define STILL_SECONDS     10.
/* HTTP and HTTPS together: one more is closed before TLS. Each costs some 60 KiB with TLS. */
#define CONNECTIONS_MOST 256u

enum method {
	METHOD_GET = 1,
	METHOD_HEAD = 2,
	METHOD_POST = 4,
	METHOD_PUT = 8,
	METHOD_PATCH = 16,
	METHOD_DELETE = 32,
};
#define METHODS_SAFE (METHOD_GET | METHOD_HEAD)

struct web {
	struct ev_loop *loop;
	struct lws_context *lws;
	struct lws_vhost *https;
	struct web_context *context;
	struct sessions sessions;
	uint64_t requests, refused;                        /* since the start */
	unsigned connections, live_clients, mjpeg_clients; /* now */
};

struct request;

enum still_form {
	STILL_IMAGE,
	STILL_ATTACHMENT, /* with a file's name, to be kept */
	STILL_JSON,       /* base64 in it, as api.cgi has it */
};

/* One address of the server. */
struct route {
	const char *path;    /* whole; with a '*' at its end: everything that begins so */
	unsigned methods;    /* enum method */
	enum user_role role; /* USER_NOBODY: everybody */
	/* Answers, now or later, with one of the answer_ functions. */
	void (*run)(struct request *request);
};
extern const struct route *const web_routes[]; /* tables, each ended by a route without path */

struct request {
	struct web *web;
	struct lws *wsi;
	const struct route *route;
	enum method method;
	char path[REQUEST_PATH];
	char peer[46];
	struct session *session; /* where a cookie was right; until the handler comes back */
	char user[USER_NAME];    /* "" nobody */
	enum user_role role;
	struct rc_buffer body;
	/* the answer */
	struct rc_buffer out;        /* own bytes ... */
	struct shared_bytes *shared; /* ... or shared ones */
	size_t sent;
	bool answered, close;
	struct stream *stream; /* that a picture was asked of */
	struct still_request still;
	bool still_waits;
	struct ev_timer still_timer;
	enum still_form still_form;
	struct mjpeg *mjpeg;
};

uint64_t web_now_ms(void);

/* The parameter of the query, decoded, or NULL where there is none; out holds size bytes. */
const char *request_query(const struct request *request, const char *name, char *out, size_t size);

/* Each answers, once. extra: lines of further headers, "Name: value" each with \r\n, or NULL. */
void answer_bytes(struct request *request, unsigned status, const char *type, struct rc_span bytes,
		  const char *extra);
void answer_text(struct request *request, unsigned status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Takes the reference. */
void answer_json(struct request *request, unsigned status, json_t *json, const char *extra);
/* Text from outside, which may be no UTF-8 (or was cut within a character): then all that is not
 * ASCII is '?'. */
json_t *json_words(const char *text);
unsigned answer_status(const struct rc_error *err); /* of HTTP, that fits err */
/* {"error": TEXT}, with that status. */
void answer_error(struct request *request, const struct rc_error *err);
void answer_shared(struct request *request, const char *type, struct shared_bytes *bytes,
		   const char *extra);
/* Only the headers of a body that has no end; its pieces are written by who asked for it. */
void answer_stream(struct request *request, const char *type);
/* 401 or 403, in words. */
void answer_not_allowed(struct request *request);

/* Who is it? Fills session, user and role by cookie or Basic authentication. False: it was
 * answered (wrong password, or too many of them). */
bool request_authenticate(struct request *request);
/* By cookie alone; answers nothing. */
enum user_role request_session_role(struct request *request);
/* A changing request that a cookie speaks for must come from our own page. */
bool request_is_ours(const struct request *request);
/* The session's token came along. */
bool request_has_token(const struct request *request);
/* What a browser says of where the request comes from: "same-origin", "cross-site" ... False: it
 * says nothing. */
bool request_site(const struct request *request, char *out, size_t size);

/* api.c */
/* All of them, or none; the process takes them. */
int request_change_settings(struct request *request, const struct setting_change *changes,
			    size_t count, struct rc_error *err);
/* His sessions here and in RTSP. */
void request_end_user(struct request *request, const char *name);

/* pictures.c */
struct stream *pictures_stream(const struct request *request); /* by the parameter stream=sub */
void pictures_still(struct request *request);
void pictures_forget(struct request *request); /* at the end of a request, whatever it was */
void pictures_mjpeg(struct request *request);
/* One more piece of an MJPEG answer; non-zero: close. */
int pictures_write(struct request *request);

extern const struct route api_routes[], cgi_routes[], page_routes[], picture_routes[];

/* page.c: made at build time of page/ */
struct page_file {
	const char *path, *type;
	const uint8_t *gzipped;
	size_t size;
	const char *etag; /* with quotes */
};
extern const struct page_file page_files[]; /* ended by one without path */

#endif
