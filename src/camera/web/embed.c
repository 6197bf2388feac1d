/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Used at build time only: the page's files, compressed, as C. usage: embed FILE... > page_files.c
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define FILE_MOST (1u << 20)

static const char *type_of(const char *name)
{
	static const char *const types[][2] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".svg", "image/svg+xml" },
		{ ".json", "application/json" },
	};
	const char *end = strrchr(name, '.');

	for (size_t i = 0; end && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(end, types[i][0]) == 0)
			return types[i][1];
	return "application/octet-stream";
}

/* The same input gives the same output: no time and no name go into the gzip header. */
static size_t compress_gzip(uint8_t *in, size_t size, uint8_t *out, size_t room)
{
	z_stream stream = {
		.next_in = in, .avail_in = (uInt)size, .next_out = out, .avail_out = (uInt)room
	};

	if (deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflate(&stream, Z_FINISH) != Z_STREAM_END)
		exit(1);
	deflateEnd(&stream);
	return stream.total_out;
}

static size_t embed(const char *path, unsigned number)
{
	static uint8_t in[FILE_MOST], out[FILE_MOST + 65536];
	FILE *file = fopen(path, "rb");
	size_t size = file ? fread(in, 1, sizeof(in), file) : 0, packed;

	if (!file || size == 0 || size == sizeof(in)) {
		fprintf(stderr, "embed: cannot read %s, or it is empty or too large\n", path);
		exit(1);
	}
	fclose(file);
	packed = compress_gzip(in, size, out, sizeof(out));
	printf("static const uint8_t file%u[] = {", number);
	for (size_t i = 0; i < packed; i++)
		printf("%s%u,", i % 24 ? "" : "\n", out[i]);
	printf("\n};\n#define ETAG%u \"\\\"%08lx%zx\\\"\"\n", number, crc32(0, in, (uInt)size),
	       size);
	return packed;
}

int main(int argc, char **argv)
{
	size_t total = 0;

	printf("#include \"camera/web/request.h\"\n");
	for (int i = 1; i < argc; i++)
		total += embed(argv[i], (unsigned)i);
	printf("/* %zu bytes in all */\nconst struct page_file page_files[] = {\n", total);
	for (int i = 1; i < argc; i++) {
		const char *name = strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i];

		printf("\t{ \"%s\", \"%s\", file%d, sizeof(file%d), ETAG%d },\n", name,
		       type_of(name), i, i, i);
	}
	printf("\t{ 0 },\n};\n");
	return 0;
}
