/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/web/cgi.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "camera/web/parameters.h"

static const struct cgi cgis[] = {
	{ "/cgi-bin/action.cgi", CGI_ACTION, "cmd", CGI_HTML },
	{ "/cgi-bin/api.cgi", CGI_API, "action", CGI_JSON },
	{ "/cgi-bin/state.cgi", CGI_STATE, "cmd", CGI_TEXT },
	{ "/cgi-bin/ui_live.cgi", CGI_LIVE, "cmd", CGI_TEXT },
	{ "/cgi-bin/ui_camera.cgi", CGI_CAMERA, "cmd", CGI_TEXT },
	{ "/cgi-bin/ui_motion.cgi", CGI_MOTION, "cmd", CGI_TEXT },
	{ "/cgi-bin/ui_net_services.cgi", CGI_NET, "cmd", CGI_TEXT },
	{ "/cgi-bin/ui_system.cgi", CGI_SYSTEM, "cmd", CGI_TEXT },
	{ "/cgi-bin/ui_sdcard.cgi", CGI_CARD, "cmd", CGI_TEXT },
	{ "/cgi-bin/ui_control.cgi", CGI_CONTROL, "cmd", CGI_TEXT },
	{ "/cgi-bin/ui_info.cgi", CGI_INFO, "cmd", CGI_TEXT },
	{ "/cgi-bin/ui_softnight.cgi", CGI_ALONE, NULL, CGI_TEXT },
	{ "/cgi-bin/audio_upload.cgi", CGI_ALONE, NULL, CGI_TEXT },
	{ "/cgi-bin/dumpbootloader.cgi", CGI_ALONE, NULL, CGI_TEXT },
};

/* --- the forms of an answer --- */

void cgi_add_html(struct rc_text *out, const char *text)
{
	static const char *const entities[128] = {
		['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;", ['"'] = "&quot;"
	};

	for (; *text; text++) {
		const char *entity = (unsigned char)*text < 128 ? entities[(int)*text] : NULL;

		if (entity)
			rc_text_add(out, "%s", entity);
		else
			rc_text_add_bytes(out, text, 1);
	}
}

static void answer(struct request *request, unsigned status, const char *type, struct rc_text *text)
{
	answer_bytes(request, text->failed ? 500 : status, type,
		     (struct rc_span){ (const uint8_t *)rc_text_get(text), text->size }, NULL);
	rc_text_free(text);
}

static void say(const struct cgi_call *call, unsigned status, const char *kind, const char *line)
{
	struct rc_text text = { 0 };

	if (call->cgi->form == CGI_JSON) {
		answer_json(call->request, status,
			    json_pack("{s:i, s:s, s:o}", "code", 1234, "status", kind,
				      "description", json_words(line)),
			    NULL);
	} else if (call->cgi->form == CGI_HTML) {
		rc_text_add(&text, "<p>");
		cgi_add_html(&text, line);
		rc_text_add(&text,
			    "</p>\n<hr/>\n<form action=\"/\"><button>Back</button></form>\n");
		answer(call->request, status, "text/html; charset=utf-8", &text);
	} else {
		rc_text_add(&text, "%s\n", line);
		answer(call->request, status, "text/plain; charset=utf-8", &text);
	}
}

void cgi_done(const struct cgi_call *call, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	say(call, 200, "success", line);
}

void cgi_fail(const struct cgi_call *call, unsigned status, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	say(call, status, "error", line);
}

void cgi_fail_error(const struct cgi_call *call, const struct rc_error *err)
{
	cgi_fail(call, answer_status(err), "%s", err->text);
}

void cgi_text(const struct cgi_call *call, const char *text)
{
	const char *type = call->cgi->form == CGI_HTML ? "text/html; charset=utf-8"
						       : "text/plain; charset=utf-8";

	answer_bytes(call->request, 200, type,
		     (struct rc_span){ (const uint8_t *)text, strlen(text) }, NULL);
}

/* --- parameters --- */

const char *cgi_secret(const struct cgi_call *call, const char *name, char *out, size_t size)
{
	const struct rc_buffer *body = &call->request->body;

	return form_value((struct rc_span){ body->data, body->size }, name, out, size) ? out : NULL;
}

const char *cgi_parameter(const struct cgi_call *call, const char *name, char *out, size_t size)
{
	const char *value = cgi_secret(call, name, out, size);

	return value ? value : request_query(call->request, name, out, size);
}

/* --- pictures --- */

void cgi_picture(const struct cgi_call *call)
{
	pictures_still(call->request);
}

/* api.cgi, get_snaphot: raw=1, or the picture as asked for; json=1 for base64. */
void cgi_snapshot(const struct cgi_call *call)
{
	static const char *const changed[] = { "flip", "nightvision" };
	struct request *request = call->request;
	struct stream_status status;
	char text[16];
	bool raw = cgi_parameter(call, "raw", text, sizeof(text)) && strcmp(text, "1") == 0;

	stream_get_status(pictures_stream(request), &status);
	for (size_t i = 0; i < RC_COUNT(changed) && !raw; i++) {
		if (cgi_parameter(call, changed[i], text, sizeof(text)) && strcmp(text, "1") == 0) {
			cgi_fail(call, 501, "recamd does not change pictures: %s=1 cannot be done",
				 changed[i]);
			return;
		}
	}
	for (unsigned i = 0; i < 2 && !raw; i++) {
		unsigned has = i ? status.height : status.width;
		uint64_t wanted;

		if (cgi_parameter(call, i ? "height" : "width", text, sizeof(text)) &&
		    (!rc_parse_number(text, UINT32_MAX, &wanted) || (has && wanted != has))) {
			cgi_fail(call, 501,
				 "recamd does not scale pictures: they have %ux%u, and with "
				 "stream=sub those of the sub-stream",
				 status.width, status.height);
			return;
		}
	}
	if (cgi_parameter(call, "json", text, sizeof(text)) && strcmp(text, "1") == 0)
		request->still_form = STILL_JSON;
	pictures_still(request);
}

/* --- which verb, and may it --- */

bool cgi_may_change(const struct request *request)
{
	char text[32];

	if (request->session)
		return request_has_token(request);
	if (!request_site(request, text, sizeof(text)))
		return true;
	return strcmp(text, "same-origin") == 0 || strcmp(text, "none") == 0;
}

static const struct cgi *find_cgi(const char *path)
{
	for (size_t i = 0; i < RC_COUNT(cgis); i++)
		if (strcmp(cgis[i].path, path) == 0)
			return &cgis[i];
	return NULL;
}

static const struct cgi_verb *find_verb(const struct cgi *cgi, const char *word)
{
	for (const struct cgi_verb *verb = cgi_verbs; verb->name; verb++)
		if ((verb->where & (unsigned)cgi->address) && strcmp(verb->name, word) == 0)
			return verb;
	return NULL;
}

/* True where it may go on; else it was answered. */
bool cgi_admit(const struct cgi_call *call, enum user_role role, bool changes)
{
	const struct request *request = call->request;

	if (request->role < role)
		cgi_fail(call, 403, "it takes the right to %s, and \"%s\" may only %s",
			 user_role_name(role), request->user, user_role_name(request->role));
	else if (changes && request->method == METHOD_HEAD)
		cgi_fail(call, 405, "HEAD changes nothing: ask by GET or POST");
	else if (changes && !cgi_may_change(request))
		cgi_fail(call, 403, "this did not come from the camera's own page");
	else
		return true;
	return false;
}

static void run_cgi(struct request *request)
{
	char word[48];
	struct cgi_call call = { .request = request, .cgi = find_cgi(request->path) };

	if (!call.cgi) {
		answer_text(request, 404, "there is nothing at this address");
		return;
	}
	call.word = call.cgi->parameter
			    ? cgi_parameter(&call, call.cgi->parameter, word, sizeof(word))
			    : call.cgi->path;
	if (!call.word) {
		cgi_fail(&call, 400, "%s says what to do, and is not there (or too long)",
			 call.cgi->parameter);
		return;
	}
	call.verb = find_verb(call.cgi, call.word);
	if (!call.verb) {
		if (!cgi_run_part(&call))
			cgi_fail(&call, 404, "Unsupported command '%s'", call.word);
		return;
	}
	if (!cgi_admit(&call, call.verb->role, call.verb->changes))
		return;
	if (call.verb->run)
		call.verb->run(&call);
	else
		cgi_fail(&call, 501, "%s", call.verb->text);
}

#define CGI_METHODS (METHODS_SAFE | METHOD_POST)

const struct route cgi_routes[] = {
	{ "/cgi-bin/*", CGI_METHODS, USER_SEES, run_cgi },
	{ 0 },
};
