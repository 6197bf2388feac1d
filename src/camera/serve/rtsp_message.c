/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/serve/rtsp_message.h"

#include <string.h>
#include <strings.h>

static const char *const methods[] = {
	[RTSP_OPTIONS] = "OPTIONS",
	[RTSP_DESCRIBE] = "DESCRIBE",
	[RTSP_SETUP] = "SETUP",
	[RTSP_PLAY] = "PLAY",
	[RTSP_PAUSE] = "PAUSE",
	[RTSP_TEARDOWN] = "TEARDOWN",
	[RTSP_GET_PARAMETER] = "GET_PARAMETER",
	[RTSP_SET_PARAMETER] = "SET_PARAMETER",
};

const char *rtsp_method_name(enum rtsp_method method)
{
	return method < RC_COUNT(methods) ? methods[method] : "unknown";
}

bool rtsp_span_is(struct rc_span span, const char *text)
{
	return span.size == strlen(text) &&
	       strncasecmp((const char *)span.data, text, span.size) == 0;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static struct rc_span trim(struct rc_span span)
{
	while (span.size && is_space(span.data[0]))
		span = rc_span_sub(span, 1, span.size);
	while (span.size && is_space(span.data[span.size - 1]))
		span.size--;
	return span;
}

/* Takes the part before the first "separator" off *rest. */
static struct rc_span cut(struct rc_span *rest, char separator)
{
	const uint8_t *at = rest->size ? memchr(rest->data, separator, rest->size) : NULL;
	size_t size = at ? (size_t)(at - rest->data) : rest->size;
	struct rc_span part = rc_span_sub(*rest, 0, size);

	*rest = rc_span_sub(*rest, at ? size + 1 : size, rest->size);
	return part;
}

static struct rc_span cut_line(struct rc_span *rest)
{
	struct rc_span line = cut(rest, '\n');

	if (line.size && line.data[line.size - 1] == '\r')
		line.size--;
	return line;
}

static bool read_number(struct rc_span text, unsigned max, unsigned *number)
{
	unsigned long long value = 0;

	if (text.size == 0 || text.size > 10)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text.data[i] - '0');
	}
	*number = (unsigned)value;
	return value <= max;
}

static bool read_first_line(struct rc_span line, struct rtsp_request *request)
{
	request->method_text = cut(&line, ' ');
	request->uri = cut(&line, ' ');
	request->method = RTSP_UNKNOWN;
	for (unsigned i = 0; i < RC_COUNT(methods); i++)
		if (request->method_text.size == strlen(methods[i]) &&
		    memcmp(request->method_text.data, methods[i], strlen(methods[i])) == 0)
			request->method = (enum rtsp_method)i;
	/* RTSP/2.0 (RFC 7826) is asked for by nobody without saying 1.0 first. */
	return request->method_text.size && request->uri.size && rtsp_span_is(line, "RTSP/1.0");
}

static bool read_header(struct rc_span line, struct rtsp_request *request)
{
	bool has_colon = memchr(line.data, ':', line.size) != NULL;
	struct rc_span name = cut(&line, ':');

	/* A line that goes on the one before (folded) is not in any player's request. */
	if (!has_colon || name.size == 0 || is_space(name.data[0]) ||
	    request->header_count == RTSP_MAX_HEADERS)
		return false;
	request->headers[request->header_count].name = trim(name);
	request->headers[request->header_count].value = trim(line);
	request->header_count++;
	return true;
}

/* The size of the head: up to and with its empty line; 0: not whole yet. */
static size_t head_size(struct rc_span bytes)
{
	for (size_t i = 0; i + 1 < bytes.size; i++) {
		if (bytes.data[i] != '\n')
			continue;
		if (bytes.data[i + 1] == '\n')
			return i + 2;
		if (bytes.data[i + 1] == '\r' && i + 2 < bytes.size && bytes.data[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

static enum rtsp_next read_request(struct rc_span bytes, struct rtsp_request *request, size_t *used)
{
	size_t head = head_size(rc_span_sub(bytes, 0, RTSP_MAX_REQUEST));
	struct rc_span rest = rc_span_sub(bytes, 0, head);
	struct rc_span line;
	struct rc_span length;
	unsigned body = 0;

	if (head == 0)
		return bytes.size >= RTSP_MAX_REQUEST ? RTSP_NEXT_BAD : RTSP_NEXT_MORE;
	if (!read_first_line(cut_line(&rest), request))
		return RTSP_NEXT_BAD;
	while ((line = cut_line(&rest)).size)
		if (!read_header(line, request))
			return RTSP_NEXT_BAD;
	request->has_cseq = read_number(rtsp_header(request, "CSeq"), UINT32_MAX, &request->cseq);
	length = rtsp_header(request, "Content-Length");
	if (length.size && !read_number(length, (unsigned)(RTSP_MAX_REQUEST - head), &body))
		return RTSP_NEXT_BAD;
	if (bytes.size - head < body)
		return RTSP_NEXT_MORE;
	request->body = rc_span_sub(bytes, head, body);
	*used = head + body;
	return RTSP_NEXT_REQUEST;
}

enum rtsp_next rtsp_next(struct rc_span bytes, struct rtsp_request *request, size_t *used)
{
	enum rtsp_next next;
	size_t skipped = 0;

	memset(request, 0, sizeof(*request));
	*used = 0;
	while (skipped < bytes.size && (bytes.data[skipped] == '\r' || bytes.data[skipped] == '\n'))
		skipped++;
	bytes = rc_span_sub(bytes, skipped, bytes.size);
	if (bytes.size == 0)
		return skipped >= RTSP_MAX_REQUEST ? RTSP_NEXT_BAD : RTSP_NEXT_MORE;
	if (bytes.data[0] == '$') {
		if (bytes.size < 4)
			return RTSP_NEXT_MORE;
		*used = skipped + 4 + rc_be16(bytes.data + 2);
		return RTSP_NEXT_INTERLEAVED;
	}
	next = read_request(bytes, request, used);
	*used += skipped;
	return next;
}

struct rc_span rtsp_header(const struct rtsp_request *request, const char *name)
{
	for (unsigned i = 0; i < request->header_count; i++)
		if (rtsp_span_is(request->headers[i].name, name))
			return request->headers[i].value;
	return (struct rc_span){ 0 };
}

bool rtsp_uri_path(struct rc_span uri, struct rc_span *path)
{
	static const char *const schemes[] = { "rtsp://", "rtsps://" };
	const uint8_t *query;

	*path = (struct rc_span){ 0 };
	if (rtsp_span_is(uri, "*"))
		return true;
	for (unsigned i = 0; i < RC_COUNT(schemes); i++) {
		size_t length = strlen(schemes[i]);

		if (uri.size < length ||
		    strncasecmp((const char *)uri.data, schemes[i], length) != 0)
			continue;
		uri = rc_span_sub(uri, length, uri.size);
		cut(&uri, '/'); /* the host */
		query = uri.size ? memchr(uri.data, '?', uri.size) : NULL;
		/* Players put the track behind the query: "main?x=1/trackID=0". */
		if (query)
			uri.size = (size_t)(query - uri.data);
		while (uri.size && uri.data[uri.size - 1] == '/')
			uri.size--;
		while (uri.size && uri.data[0] == '/')
			uri = rc_span_sub(uri, 1, uri.size);
		*path = uri;
		return true;
	}
	return false;
}

/* Takes one parameter off *rest; quotes keep the separator. */
static struct rc_span cut_parameter(struct rc_span *rest, char separator)
{
	struct rc_span part = *rest;
	bool quoted = false;

	for (size_t i = 0; i < rest->size; i++) {
		if (rest->data[i] == '"')
			quoted = !quoted;
		if (rest->data[i] == (uint8_t)separator && !quoted) {
			part.size = i;
			*rest = rc_span_sub(*rest, i + 1, rest->size);
			return part;
		}
	}
	*rest = (struct rc_span){ 0 };
	return part;
}

bool rtsp_parameter(struct rc_span list, char separator, const char *key, struct rc_span *value)
{
	while (list.size) {
		struct rc_span part = trim(cut_parameter(&list, separator));
		struct rc_span name = trim(cut(&part, '='));

		if (!rtsp_span_is(name, key))
			continue;
		*value = trim(part);
		if (value->size >= 2 && value->data[0] == '"' &&
		    value->data[value->size - 1] == '"')
			*value = rc_span_sub(*value, 1, value->size - 2);
		return true;
	}
	return false;
}
