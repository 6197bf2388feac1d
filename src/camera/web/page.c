/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of the page. They hold nothing secret: what they show comes from the API. */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "camera/web/request.h"

#define INFLATED_MOST RC_MIB(1)

static const struct page_file *find_file(const char *path)
{
	const struct page_file *file = page_files;

	path += *path == '/';
	if (!*path)
		path = "index.html";
	if (strcmp(path, "api/v1/openapi.json") == 0)
		path = "openapi.json";
	while (file->path && strcmp(file->path, path) != 0)
		file++;
	return file->path ? file : NULL;
}

static bool takes_gzip(const struct request *request)
{
	char text[128];

	return lws_hdr_copy(request->wsi, text, sizeof(text), WSI_TOKEN_HTTP_ACCEPT_ENCODING) > 0 &&
	       strstr(text, "gzip");
}

static bool inflate_file(const struct page_file *file, struct rc_buffer *out)
{
	z_stream stream = { .next_in = (Bytef *)file->gzipped, .avail_in = (uInt)file->size };
	uint8_t piece[4096];
	int result = Z_OK;

	if (inflateInit2(&stream, 31) != Z_OK)
		return false;
	while (result == Z_OK && out->size < INFLATED_MOST) {
		stream.next_out = piece;
		stream.avail_out = sizeof(piece);
		result = inflate(&stream, Z_NO_FLUSH);
		rc_buffer_append(out, piece, sizeof(piece) - stream.avail_out);
	}
	inflateEnd(&stream);
	return result == Z_STREAM_END && !out->failed;
}

static void send_file(struct request *request)
{
	const struct page_file *file = find_file(request->path);
	struct rc_buffer plain = { 0 };
	char extra[160], known[40];

	if (!file) {
		answer_text(request, 404, "there is nothing at this address");
		return;
	}
	snprintf(extra, sizeof(extra),
		 "cache-control: no-cache\r\nvary: accept-encoding\r\netag: %s\r\n%s", file->etag,
		 takes_gzip(request) ? "content-encoding: gzip\r\n" : "");
	if (lws_hdr_copy(request->wsi, known, sizeof(known), WSI_TOKEN_HTTP_IF_NONE_MATCH) > 0 &&
	    strcmp(known, file->etag) == 0)
		answer_bytes(request, 304, file->type, (struct rc_span){ 0 }, extra);
	else if (takes_gzip(request))
		answer_bytes(request, 200, file->type,
			     (struct rc_span){ file->gzipped, file->size }, extra);
	else if (inflate_file(file, &plain))
		answer_bytes(request, 200, file->type, (struct rc_span){ plain.data, plain.size },
			     extra);
	else
		answer_text(request, 500, "no memory is left for the page");
	rc_buffer_free(&plain);
}

const struct route page_routes[] = {
	{ "/", METHODS_SAFE, USER_NOBODY, send_file },
	{ "/app.js", METHODS_SAFE, USER_NOBODY, send_file },
	{ "/style.css", METHODS_SAFE, USER_NOBODY, send_file },
	{ "/icon.svg", METHODS_SAFE, USER_NOBODY, send_file },
	{ "/api/v1/openapi.json", METHODS_SAFE, USER_NOBODY, send_file },
	{ 0 },
};
