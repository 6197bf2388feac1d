/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between libwebsockets and the routes. */
#include "camera/web/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "camera/web/live.h"
#include "camera/web/log_ring.h"
#include "camera/web/request.h"

/* What one call of lws_write is given: a slow client then holds no more than that of ours. */
#define WRITE_MOST      RC_KIB(16)
#define TIMEOUT_SECONDS 20
#define KEEPALIVE       30

static const struct route *const tables[] = { picture_routes, api_routes, cgi_routes, page_routes,
					      NULL };

uint64_t web_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool path_fits(const char *pattern, const char *path)
{
	size_t size = strlen(pattern);

	if (pattern[size - 1] == '*')
		return strncmp(pattern, path, size - 1) == 0;
	return strcmp(pattern, path) == 0;
}

/* NULL: none. *known: the path is, with another method. */
static const struct route *find_route(const char *path, enum method method, bool *known)
{
	*known = false;
	for (const struct route *const *table = tables; *table; table++) {
		for (const struct route *route = *table; route->path; route++) {
			if (!path_fits(route->path, path))
				continue;
			*known = true;
			if (route->methods & (unsigned)method)
				return route;
		}
	}
	return NULL;
}

static enum method method_of(struct lws *wsi)
{
	static const struct {
		enum lws_token_indexes token;
		enum method method;
	} table[] = {
		{ WSI_TOKEN_GET_URI, METHOD_GET },     { WSI_TOKEN_HEAD_URI, METHOD_HEAD },
		{ WSI_TOKEN_POST_URI, METHOD_POST },   { WSI_TOKEN_PUT_URI, METHOD_PUT },
		{ WSI_TOKEN_PATCH_URI, METHOD_PATCH }, { WSI_TOKEN_DELETE_URI, METHOD_DELETE },
	};

	for (size_t i = 0; i < RC_COUNT(table); i++)
		if (lws_hdr_total_length(wsi, table[i].token) > 0)
			return table[i].method;
	return 0;
}

static void request_clear(struct request *request)
{
	pictures_forget(request);
	shared_bytes_unref(request->shared);
	rc_buffer_free(&request->out);
	if (request->body.data)
		sodium_memzero(request->body.data, request->body.size);
	rc_buffer_free(&request->body);
	memset(request, 0, sizeof(*request));
}

static void begin_request(struct request *request, struct lws *wsi, const char *path)
{
	struct web *web = lws_context_user(lws_get_context(wsi));

	request_clear(request);
	request->web = web;
	request->wsi = wsi;
	request->method = method_of(wsi);
	snprintf(request->path, sizeof(request->path), "%s", path);
	lws_get_peer_simple(wsi, request->peer, sizeof(request->peer));
	web->requests++;
}

/* Everything that can be said before the body is there. True: the handler may run. */
static bool admit(struct request *request, size_t path_size)
{
	bool known = false;

	if (path_size >= REQUEST_PATH) {
		answer_text(request, 400, "the path has %zu characters, and %u are the most",
			    path_size, REQUEST_PATH - 1);
		return false;
	}
	request->route = request->method ? find_route(request->path, request->method, &known)
					 : NULL;
	if (!request->route) {
		answer_text(request, known ? 405 : 404, "%s",
			    known ? "this address is asked in another way (GET, POST ...)"
				  : "there is nothing at this address");
		return false;
	}
	if (!request_authenticate(request))
		return false;
	if (request->role < request->route->role) {
		answer_not_allowed(request);
		return false;
	}
	if (!request_is_ours(request)) {
		answer_text(request, 403,
			    "this did not come from the camera's own page: load it "
			    "again");
		return false;
	}
	return true;
}

static size_t body_size(struct lws *wsi)
{
	char text[24];
	uint64_t size;

	if (lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0)
		return 0;
	return rc_parse_number(text, SIZE_MAX / 2, &size) ? (size_t)size : SIZE_MAX;
}

static int on_request(struct request *request, struct lws *wsi, const char *path, size_t path_size)
{
	size_t body;

	begin_request(request, wsi, path);
	body = body_size(wsi);
	if (body > REQUEST_BODY_MOST) {
		request->close = true;
		answer_text(request, 413, "the body has more than %zu bytes", REQUEST_BODY_MOST);
		return 0;
	}
	if (!admit(request, path_size)) {
		request->close |= body > 0; /* what is not read may not be taken for a request */
		return 0;
	}
	/* A session is found anew once the body is there: it may have ended by then. */
	if (body > 0 && !(request->method & METHODS_SAFE)) {
		request->session = NULL;
		return 0;
	}
	request->route->run(request);
	request->session = NULL;
	return 0;
}

static int on_body(struct request *request, const void *bytes, size_t size)
{
	if (request->answered || request->body.size + size > REQUEST_BODY_MOST)
		return request->answered ? 0 : -1;
	return rc_buffer_append(&request->body, bytes, size) ? 0 : -1;
}

static int on_body_complete(struct request *request)
{
	if (!request->route || request->answered)
		return 0;
	request->role = USER_NOBODY;
	if (!request_authenticate(request))
		return 0;
	if (request->role < request->route->role)
		answer_not_allowed(request);
	else
		request->route->run(request);
	request->session = NULL;
	return 0;
}

/* The next piece of what is ready; at the end the next request may come. */
static int on_writeable(struct request *request)
{
	const uint8_t *data = request->shared ? request->shared->data : request->out.data;
	size_t size = request->shared ? request->shared->size : request->out.size;
	size_t piece = size - request->sent;
	bool last;

	if (request->mjpeg)
		return pictures_write(request);
	if (!request->answered)
		return 0;
	if (piece > WRITE_MOST)
		piece = WRITE_MOST;
	last = request->sent + piece == size;
	/* HTTP/1 writes nothing in front of the bytes, so shared ones stay as they are. */
	if (piece > 0 && lws_write(request->wsi, (uint8_t *)data + request->sent, piece,
				   last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
		return -1;
	request->sent += piece;
	if (!last) {
		lws_callback_on_writable(request->wsi);
		return 0;
	}
	if (request->close)
		return -1;
	{
		struct lws *wsi = request->wsi;

		request_clear(request);
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	}
}

/* What is common to both ports. Negative: nothing was, go on; else the callback's answer. */
static int count_connections(struct lws *wsi, enum lws_callback_reasons reason)
{
	struct web *web = lws_context_user(lws_get_context(wsi));

	switch (reason) {
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
		web->refused += web->connections >= CONNECTIONS_MOST;
		return web->connections >= CONNECTIONS_MOST;
	case LWS_CALLBACK_WSI_CREATE:
		web->connections++;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		web->connections--;
		return 0;
	default:
		return -1;
	}
}

static int https_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
			  size_t size)
{
	struct request *request = user;
	int counted = count_connections(wsi, reason);

	if (counted >= 0)
		return counted;
	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return on_request(request, wsi, in, size);
	case LWS_CALLBACK_HTTP_BODY:
		return on_body(request, in, size);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return on_body_complete(request);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return request->web ? on_writeable(request) : 0;
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
		if (request)
			request_clear(request);
		return 0;
	default:
		return 0;
	}
}

/* --- plain HTTP: everybody is sent on --- */

static int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
			 size_t size)
{
	const struct web *web = lws_context_user(lws_get_context(wsi));
	uint8_t buffer[LWS_PRE + 1024];
	char host[128] = "", *text = (char *)buffer + LWS_PRE;
	int port = lws_get_vhost_listen_port(web->https), used;

	int counted = count_connections(wsi, reason);

	(void)user;
	if (counted >= 0)
		return counted;
	if (reason != LWS_CALLBACK_HTTP)
		return 0;
	lws_hdr_copy(wsi, host, sizeof(host), WSI_TOKEN_HOST);
	/* "[2001:db8::7]:8080" keeps its brackets. */
	host[*host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":")] = '\0';
	if (!*host ||
	    host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789.-[]:")] ||
	    size > REQUEST_PATH || strpbrk(in, "\r\n"))
		return -1;
	used = snprintf(text, 1024,
			"HTTP/1.1 301 Moved Permanently\r\nlocation: https://%s:%d%s\r\n"
			"content-length: 0\r\nconnection: close\r\n\r\n",
			host, port, (const char *)in);
	lws_write(wsi, (uint8_t *)text, (size_t)used, LWS_WRITE_HTTP_HEADERS);
	return -1;
}

static const struct lws_protocols https_protocols[] = {
	{ "http", https_callback, sizeof(struct request), 0, 0, NULL, 0 },
	{ "live", live_callback, sizeof(struct live_client), 4096, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static const struct lws_protocols http_protocols[] = {
	{ "http", http_callback, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static void log_line(int level, const char *line)
{
	(void)level;
	rc_log_detail("%.*s", (int)strcspn(line, "\r\n"), line);
}

static int open_https(struct web *web, const struct web_settings *settings, struct rc_error *err)
{
	struct lws_context_creation_info info = {
		.port = settings->tls_port,
		.iface = settings->loopback_only ? "127.0.0.1" : NULL,
		.protocols = https_protocols,
		.vhost_name = "https",
		.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.ssl_cert_filepath = settings->certificate->path,
		.ssl_private_key_filepath = settings->certificate->key_path,
		.alpn = "http/1.1",
		.timeout_secs = TIMEOUT_SECONDS,
		.keepalive_timeout = KEEPALIVE,
		.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_RENEGOTIATION,
	};

	web->https = lws_create_vhost(web->lws, &info);
	if (!web->https)
		return rc_fail(err, RC_EIO,
			       "cannot listen on port %u for HTTPS: is another program there, or "
			       "is the port below 1024 and recamd not root? [http] tls_port is "
			       "where to change it",
			       settings->tls_port);
	return 0;
}

static int open_http(struct web *web, const struct web_settings *settings, struct rc_error *err)
{
	struct lws_context_creation_info info = {
		.port = settings->port,
		.iface = settings->loopback_only ? "127.0.0.1" : NULL,
		.protocols = http_protocols,
		.vhost_name = "http",
		.timeout_secs = TIMEOUT_SECONDS,
	};

	if (settings->port == 0 || lws_create_vhost(web->lws, &info))
		return 0;
	return rc_fail(err, RC_EIO,
		       "cannot listen on port %u for HTTP: is another program there? [http] port "
		       "is where to change it, 0 does without",
		       settings->port);
}

int web_open(struct ev_loop *loop, const struct web_settings *settings, struct web_context *context,
	     struct web **out, struct rc_error *err)
{
	void *loops[] = { loop };
	struct web *web = calloc(1, sizeof(*web));
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
			   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.foreign_loops = loops,
		.user = web,
		.pt_serv_buf_size = 4096,
		.max_http_header_data = 8192,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
	};
	int result;

	if (!web)
		return rc_fail_memory(err, sizeof(*web));
	lws_set_log_level(LLL_ERR | LLL_WARN, log_line);
	log_ring_open();
	web->loop = loop;
	web->context = context;
	web->lws = lws_create_context(&info);
	result = web->lws ? open_https(web, settings, err)
			  : rc_fail(err, RC_EIO,
				    "libwebsockets does not start: is its libev plug-in (Debian: "
				    "libwebsockets-evlib-ev) installed?");
	if (!result)
		result = open_http(web, settings, err);
	if (result) {
		web_close(web);
		return result;
	}
	*out = web;
	return 0;
}

void web_close(struct web *web)
{
	if (!web)
		return;
	if (web->lws)
		lws_context_destroy(web->lws);
	log_ring_close();
	sodium_memzero(&web->sessions, sizeof(web->sessions));
	free(web);
}

int web_set_certificate(struct web *web, const struct certificate *certificate,
			struct rc_error *err)
{
	if (lws_tls_cert_updated(web->lws, certificate->path, certificate->key_path, NULL, 0, NULL,
				 0))
		return rc_fail(err, RC_EIO, "cannot take the certificate %s", certificate->path);
	return 0;
}
