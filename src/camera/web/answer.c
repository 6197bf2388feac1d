/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes out: one way for the headers, whatever the body is. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "camera/web/request.h"

#define HEADERS_ROOM 2048u

/* Nothing from elsewhere runs or is shown in our pages, and nobody frames them. blob: is the
 * film that the page itself puts together. */
#define SECURITY_HEADERS                                                                     \
	"content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; " \
	"img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; form-action "     \
	"'self'; base-uri 'none'; frame-ancestors 'none'\r\n"                                \
	"x-content-type-options: nosniff\r\n"                                                \
	"referrer-policy: no-referrer\r\n"                                                   \
	"cross-origin-resource-policy: same-origin\r\n"                                      \
	"strict-transport-security: max-age=31536000\r\n"

static const struct {
	unsigned status;
	const char *text;
} status_texts[] = {
	{ 200, "OK" },
	{ 204, "No Content" },
	{ 301, "Moved Permanently" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 413, "Content Too Large" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
};

static const char *status_text(unsigned status)
{
	for (size_t i = 0; i < RC_COUNT(status_texts); i++)
		if (status_texts[i].status == status)
			return status_texts[i].text;
	return "Error";
}

/* size SIZE_MAX: not known, the connection ends with the body. */
static bool write_headers(struct request *request, unsigned status, const char *type, size_t size,
			  const char *extra)
{
	uint8_t buffer[LWS_PRE + HEADERS_ROOM];
	char *text = (char *)buffer + LWS_PRE;
	char length[64] = "connection: close\r\n";
	int used;

	if (size != SIZE_MAX)
		snprintf(length, sizeof(length), "content-length: %zu\r\n", size);
	request->close |= size == SIZE_MAX;
	used = snprintf(
		text, HEADERS_ROOM,
		"HTTP/1.1 %u %s\r\nserver: recamd\r\ncontent-type: %s\r\n%s" SECURITY_HEADERS
		"%s%s\r\n",
		status, status_text(status), type, length,
		extra && strstr(extra, "cache-control") ? "" : "cache-control: no-store\r\n",
		extra ? extra : "");
	if (used < 0 || (size_t)used >= HEADERS_ROOM)
		return false;
	return lws_write(request->wsi, (uint8_t *)text, (size_t)used, LWS_WRITE_HTTP_HEADERS) ==
	       used;
}

static void begin(struct request *request, unsigned status, const char *type, size_t size,
		  const char *extra)
{
	request->answered = true;
	request->web->refused += status == 401 || status == 403 || status == 429;
	if (!write_headers(request, status, type, size, extra)) {
		request->close = true;
		rc_buffer_free(&request->out);
	}
	lws_callback_on_writable(request->wsi);
}

void answer_bytes(struct request *request, unsigned status, const char *type, struct rc_span bytes,
		  const char *extra)
{
	if (request->method != METHOD_HEAD)
		rc_buffer_append(&request->out, bytes.data, bytes.size);
	begin(request, status, type, bytes.size, extra);
}

void answer_text(struct request *request, unsigned status, const char *format, ...)
{
	struct rc_text text = { 0 };
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	rc_text_add(&text, "%s\n", line);
	answer_bytes(request, status, "text/plain; charset=utf-8",
		     (struct rc_span){ (const uint8_t *)rc_text_get(&text), text.size }, NULL);
	rc_text_free(&text);
}

void answer_json(struct request *request, unsigned status, json_t *json, const char *extra)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	if (!text) {
		answer_text(request, 500, "no memory is left for the answer");
		return;
	}
	answer_bytes(request, status, "application/json",
		     (struct rc_span){ (const uint8_t *)text, strlen(text) }, extra);
	free(text);
}

json_t *json_words(const char *text)
{
	json_t *json = json_string(text);
	char *copy = json ? NULL : strdup(text);

	for (char *c = copy; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	if (copy)
		json = json_string(copy);
	free(copy);
	return json;
}

unsigned answer_status(const struct rc_error *err)
{
	static const struct {
		enum rc_status status;
		unsigned http;
	} table[] = {
		{ RC_EUSAGE, 400 },    { RC_EFORMAT, 400 },  { RC_ERANGE, 400 },
		{ RC_ENOTFOUND, 404 }, { RC_EREFUSED, 403 }, { RC_EUNSUPPORTED, 501 },
		{ RC_ETIMEOUT, 503 },
	};
	unsigned status = 500;

	for (size_t i = 0; i < RC_COUNT(table); i++)
		if (table[i].status == err->status)
			status = table[i].http;
	return status;
}

void answer_error(struct request *request, const struct rc_error *err)
{
	answer_json(request, answer_status(err), json_pack("{s:o}", "error", json_words(err->text)),
		    NULL);
}

void answer_shared(struct request *request, const char *type, struct shared_bytes *bytes,
		   const char *extra)
{
	if (request->method != METHOD_HEAD)
		request->shared = shared_bytes_ref(bytes);
	begin(request, 200, type, bytes->size, extra);
}

void answer_stream(struct request *request, const char *type)
{
	begin(request, 200, type, SIZE_MAX, NULL);
}

void answer_not_allowed(struct request *request)
{
	static const char basic[] = "www-authenticate: Basic realm=\"" USER_REALM
				    "\", charset=\"UTF-8\"\r\n";
	static const char log_in[] = "{\"error\":\"log in first\"}";

	if (request->role != USER_NOBODY) {
		char why[160];

		snprintf(why, sizeof(why), "it takes the right to %s, and \"%s\" may only %s",
			 user_role_name(request->route->role), request->user,
			 user_role_name(request->role));
		answer_json(request, 403, json_pack("{s:s}", "error", why), NULL);
		return;
	}
	/* A page that asks by script gets no browser's dialogue over it. */
	answer_bytes(request, 401, "application/json",
		     (struct rc_span){ (const uint8_t *)log_in, sizeof(log_in) - 1 },
		     lws_hdr_total_length(request->wsi, WSI_TOKEN_HTTP_COOKIE) > 0 ||
				     strncmp(request->path, "/api/", 5) == 0
			     ? NULL
			     : basic);
}
