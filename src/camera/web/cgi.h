/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of the Dafang firmware, /cgi-bin/NAME.cgi?cmd=VERB, that its owners' scripts and
 * programs ask for (facts/dafang-cfw-contract.md A.6 to A.9). All of them stand in one table
 * (cgi_table.c). What recamd can do, it does, and answers in the form that the firmware had;
 * what it cannot is answered with 501 and one sentence, never with a success that is none.
 */
#ifndef RECAM_CAMERA_WEB_CGI_H
#define RECAM_CAMERA_WEB_CGI_H

#include "camera/web/log_ring.h"
#include "camera/web/request.h"

/* How the answers of one address look. */
enum cgi_form {
	CGI_HTML, /* a text, a line, a button back; a state is only ON or OFF */
	CGI_JSON, /* {"code": 1234, "status": "success", "description": TEXT} */
	CGI_TEXT, /* the text alone */
};

/* Bits, since some verbs are of several addresses. */
enum cgi_address {
	CGI_ACTION = 1,
	CGI_API = 2,
	CGI_STATE = 4,
	CGI_LIVE = 8,
	CGI_CAMERA = 16,
	CGI_MOTION = 32,
	CGI_NET = 64,
	CGI_SYSTEM = 128,
	CGI_CARD = 256,
	CGI_CONTROL = 512,
	CGI_INFO = 1024,
	CGI_ALONE = 2048, /* takes no verb: the path's last part is one */
};

struct cgi {
	const char *path;
	enum cgi_address address;
	const char *parameter; /* whose value is the verb; NULL: the path's last part is */
	enum cgi_form form;
};

struct cgi_call {
	struct request *request;
	const struct cgi *cgi;
	const struct cgi_verb *verb;
	const char *word; /* the verb as it was asked for */
};

struct cgi_verb {
	unsigned where; /* enum cgi_address */
	const char *name;
	enum user_role role;
	bool changes; /* something: see cgi_may_change */
	/* NULL: cannot be done, and text says why. */
	void (*run)(const struct cgi_call *call);
	const char *text;
};
extern const struct cgi_verb cgi_verbs[]; /* ended by one without name */

/* Something that is ON or OFF, and its names. NULL: the address does not know it. */
struct cgi_part {
	const char *action; /* action.cgi, api.cgi: NAME_on, NAME_off, NAME_status */
	const char *state;  /* state.cgi: cmd=NAME */
	const char *live;   /* ui_live.cgi: cmd=NAME, action=on, off or status */
	/* NULL: recamd cannot know, since it has no driver for it. */
	bool (*is_on)(const struct web *web);
	const char *thing; /* "the blue LED", "motion detection" */
};
extern const struct cgi_part cgi_parts[]; /* ended by one without thing */

/* What went right, and what did not, in the form of the address. */
void cgi_done(const struct cgi_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void cgi_fail(const struct cgi_call *call, unsigned status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The text alone, whatever the address. */
void cgi_text(const struct cgi_call *call, const char *text);
/* A parameter of the body, else of the query; NULL: none. */
const char *cgi_parameter(const struct cgi_call *call, const char *name, char *out, size_t size);
/* Of the body alone: a password has no place in an address, which is logged by others. */
const char *cgi_secret(const struct cgi_call *call, const char *name, char *out, size_t size);
/* With the status that fits err. */
void cgi_fail_error(const struct cgi_call *call, const struct rc_error *err);

/* cgi_parts.c */
const char *cgi_state_word(const struct web *web, const struct cgi_part *part);
/* True where the verb is one of a part's: then it was answered. */
bool cgi_run_part(const struct cgi_call *call);
void cgi_all_states(const struct cgi_call *call);
void cgi_services(const struct cgi_call *call);
void cgi_one_service(const struct cgi_call *call);
void cgi_start_rtsp(const struct cgi_call *call); /* done where it runs */

/* cgi_settings.c */
void cgi_change_settings(const struct cgi_call *call);
void cgi_camera_settings(const struct cgi_call *call);
void cgi_system_settings(const struct cgi_call *call);
void cgi_set_hostname(const struct cgi_call *call);
void cgi_set_password(const struct cgi_call *call);

/* cgi_system.c */
void cgi_system_info(const struct cgi_call *call);
void cgi_show_log(const struct cgi_call *call);
void cgi_clear_log(const struct cgi_call *call);
void cgi_name(const struct cgi_call *call);
void cgi_version(const struct cgi_call *call);
void cgi_say(const struct cgi_call *call); /* the verb's text, alone */

/* cgi.c */
void cgi_add_html(struct rc_text *out, const char *text);
/* False: it may not, and was told so. */
bool cgi_admit(const struct cgi_call *call, enum user_role role, bool changes);
void cgi_picture(const struct cgi_call *call);
void cgi_snapshot(const struct cgi_call *call);

/* May this request change something? A GET that does is for machines with Basic authentication
 * that no browser sent from another page; a session by cookie needs the page's token. */
bool cgi_may_change(const struct request *request);

#endif
