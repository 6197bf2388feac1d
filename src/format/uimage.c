/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format/uimage.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/checksum.h"
#include "base/text.h"
#include "format/format.h"

/* No kernel or bootloader of a camera unpacks to more; U-Boot allows 8 MiB. */
#define UNPACKED_LIMIT RC_MIB(64)

/* So many bytes of FF at the end of the data are no accident of compression. */
#define ERASED_TAIL 64u

bool uimage_read_header(struct rc_span data, struct uimage_header *header)
{
	const uint8_t *p = data.data;

	if (data.size < UIMAGE_HEADER_SIZE)
		return false;
	*header = (struct uimage_header){
		.magic = rc_be32(p),
		.header_crc = rc_be32(p + 4),
		.time = rc_be32(p + 8),
		.size = rc_be32(p + 12),
		.load = rc_be32(p + 16),
		.entry = rc_be32(p + 20),
		.data_crc = rc_be32(p + 24),
		.os = p[28],
		.arch = p[29],
		.type = p[30],
		.compression = p[31],
	};
	memcpy(header->name, p + 32, UIMAGE_NAME_SIZE);
	return true;
}

uint32_t uimage_header_crc(const uint8_t *data)
{
	uint8_t copy[UIMAGE_HEADER_SIZE];

	memcpy(copy, data, sizeof(copy));
	memset(copy + 4, 0, 4);
	return rc_crc32(0, copy, sizeof(copy));
}

int uimage_parse(struct rc_span data, struct uimage_header *header, struct rc_error *err)
{
	struct rc_span payload;
	uint32_t crc;

	*header = (struct uimage_header){ 0 };
	if (!uimage_read_header(data, header))
		return rc_fail(err, RC_EFORMAT,
			       "%zu bytes are too few for a uImage: its header has %u", data.size,
			       UIMAGE_HEADER_SIZE);
	if (header->magic != UIMAGE_MAGIC)
		return rc_fail(err, RC_EFORMAT, "no uImage: it begins with %08" PRIX32 ", not %08X",
			       header->magic, UIMAGE_MAGIC);
	crc = uimage_header_crc(data.data);
	if (crc != header->header_crc)
		return rc_fail(err, RC_EFORMAT,
			       "header checksum is %08" PRIX32 ", the header says %08" PRIX32, crc,
			       header->header_crc);
	payload = rc_span_sub(data, UIMAGE_HEADER_SIZE, header->size);
	if (payload.size < header->size)
		return rc_fail(err, RC_EFORMAT,
			       "the header promises %" PRIu32 " bytes of data, %zu are there",
			       header->size, payload.size);
	crc = rc_crc32(0, payload.data, payload.size);
	if (crc != header->data_crc)
		return rc_fail(err, RC_EFORMAT,
			       "data checksum is %08" PRIX32 ", the header says %08" PRIX32, crc,
			       header->data_crc);
	return 0;
}

int uimage_build(const struct uimage_header *header, struct rc_span payload,
		 uint8_t out[UIMAGE_HEADER_SIZE], struct rc_error *err)
{
	if (payload.size > UINT32_MAX - UIMAGE_HEADER_SIZE)
		return rc_fail(err, RC_ERANGE, "%zu bytes are too many for a uImage", payload.size);
	memset(out, 0, UIMAGE_HEADER_SIZE);
	rc_put_be32(out, UIMAGE_MAGIC);
	rc_put_be32(out + 8, header->time);
	rc_put_be32(out + 12, (uint32_t)payload.size);
	rc_put_be32(out + 16, header->load);
	rc_put_be32(out + 20, header->entry);
	rc_put_be32(out + 24, rc_crc32(0, payload.data, payload.size));
	out[28] = header->os;
	out[29] = header->arch;
	out[30] = header->type;
	out[31] = header->compression;
	memcpy(out + 32, header->name, strnlen(header->name, UIMAGE_NAME_SIZE));
	rc_put_be32(out + 4, uimage_header_crc(out));
	return 0;
}

struct code_name {
	uint8_t code;
	const char *name;
};

/* As mkimage calls them (U-Boot: common/image.c). */
static const struct code_name os_names[] = { { 5, "linux" }, { 17, "firmware" }, { 0, NULL } };
static const struct code_name arch_names[] = {
	{ 2, "arm" }, { 5, "mips" }, { 22, "arm64" }, { 0, NULL }
};
static const struct code_name type_names[] = {
	{ 1, "standalone" }, { 2, "kernel" },   { 3, "ramdisk" },
	{ 4, "multi" },      { 5, "firmware" }, { 6, "script" },
	{ 7, "filesystem" }, { 8, "flat_dt" },  { 0, NULL },
};
static const struct code_name compression_names[] = {
	{ 0, "none" }, { 1, "gzip" }, { 2, "bzip2" }, { 3, "lzma" },
	{ 4, "lzo" },  { 5, "lz4" },  { 6, "zstd" },  { 0, NULL },
};

static json_t *code_json(const struct code_name *names, uint8_t code)
{
	for (; names->name; names++)
		if (names->code == code)
			return json_string(names->name);
	return json_sprintf("%u", code);
}

bool uimage_compression(const struct uimage_header *header, struct rc_span payload,
			enum compression *compression)
{
	enum compression seen = compression_detect(payload);

	switch (header->compression) {
	case UIMAGE_COMPRESSION_NONE:
		*compression = COMPRESSION_NONE;
		return true;
	case UIMAGE_COMPRESSION_GZIP:
		*compression = COMPRESSION_GZIP;
		return true;
	case UIMAGE_COMPRESSION_LZMA:
		*compression = seen == COMPRESSION_XZ ? COMPRESSION_XZ : COMPRESSION_LZMA;
		return true;
	default:
		*compression = seen;
		return seen != COMPRESSION_NONE;
	}
}

static json_t *describe(const struct uimage_header *header)
{
	struct rc_text name = { 0 };
	time_t seconds = header->time;
	struct tm tm = { 0 };
	char when[32];
	json_t *detail;

	gmtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	rc_text_add_escaped(&name, (const uint8_t *)header->name, strlen(header->name),
			    UIMAGE_NAME_SIZE);
	detail = json_pack("{s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:s, s:I}", "name",
			   rc_text_get(&name), "os", code_json(os_names, header->os), "arch",
			   code_json(arch_names, header->arch), "type",
			   code_json(type_names, header->type), "compression",
			   code_json(compression_names, header->compression), "load",
			   (json_int_t)header->load, "entry", (json_int_t)header->entry, "time",
			   when, "data_size", (json_int_t)header->size);
	rc_text_free(&name);
	return detail;
}

static int check_payload(const struct uimage_header *header, struct rc_span payload,
			 struct format_report *report, struct rc_error *err)
{
	enum compression compression;
	struct decompressed done;
	struct rc_error why;
	int result;

	if (!uimage_compression(header, payload, &compression))
		return 0;
	json_object_set_new(report->detail, "compression",
			    json_string(compression_name(compression)));
	result = decompress_test(compression, payload, UNPACKED_LIMIT, &done, &why);
	if (result == RC_ENOMEM)
		return rc_fail(err, RC_ENOMEM, "%s", why.text);
	if (result < 0)
		format_problem(report, UIMAGE_HEADER_SIZE, payload.size, "%s", why.text);
	else
		json_object_set_new(report->detail, "uncompressed_size",
				    json_integer((json_int_t)done.out_size));
	return 0;
}

/* Both checksums of the data differ; says also where an erased tail begins. */
static void note_bad_data(const struct uimage_header *header, struct rc_span payload, uint32_t crc,
			  struct format_report *report)
{
	size_t there = rc_used_before_fill(payload.data, payload.size, 0xff);

	if (payload.size - there >= ERASED_TAIL)
		format_problem(
			report, UIMAGE_HEADER_SIZE + there, payload.size - there,
			"the header promises %" PRIu32
			" bytes of data, %zu are there and the rest is erased; data checksum "
			"is %08" PRIX32 ", the header says %08" PRIX32,
			header->size, there, crc, header->data_crc);
	else
		format_problem(report, UIMAGE_HEADER_SIZE, payload.size,
			       "data checksum is %08" PRIX32 ", the header says %08" PRIX32, crc,
			       header->data_crc);
}

static int check_data(const struct uimage_header *header, struct rc_span region,
		      struct format_report *report, struct rc_error *err)
{
	struct rc_span payload = rc_span_sub(region, UIMAGE_HEADER_SIZE, header->size);
	uint32_t crc;

	report->used = (uint32_t)(UIMAGE_HEADER_SIZE + payload.size);
	if (payload.size < header->size) {
		format_problem(report, UIMAGE_HEADER_SIZE, payload.size,
			       "the header promises %" PRIu32 " bytes of data, %zu are there",
			       header->size, payload.size);
		return 0;
	}
	crc = rc_crc32(0, payload.data, payload.size);
	if (crc == header->data_crc)
		return check_payload(header, payload, report, err);
	note_bad_data(header, payload, crc, report);
	return 0;
}

static int uimage_check(struct rc_span region, const struct fs_visitor *visitor,
			struct format_report *report, struct rc_error *err)
{
	struct uimage_header header;
	uint32_t crc;

	(void)visitor;
	if (!uimage_read_header(region, &header)) {
		format_problem(report, 0, region.size,
			       "%zu bytes are too few for a uImage: its header has %u", region.size,
			       UIMAGE_HEADER_SIZE);
		return 0;
	}
	if (header.magic != UIMAGE_MAGIC) {
		format_problem(report, 0, 4, "it begins with %08" PRIX32 ", a uImage with %08X",
			       header.magic, UIMAGE_MAGIC);
		return 0;
	}
	report->detail = describe(&header);
	if (!report->detail)
		return rc_fail_memory(err, sizeof(json_t));
	crc = uimage_header_crc(region.data);
	if (crc == header.header_crc)
		return check_data(&header, region, report, err);
	/* Nothing else that the header says can be believed. */
	format_problem(report, 0, UIMAGE_HEADER_SIZE,
		       "header checksum is %08" PRIX32 ", the header says %08" PRIX32, crc,
		       header.header_crc);
	report->used = (uint32_t)rc_used_before_fill(region.data, region.size, 0xff);
	return 0;
}

static bool uimage_probe(struct rc_span region)
{
	return region.size >= 4 && rc_be32(region.data) == UIMAGE_MAGIC;
}

const struct format format_uimage = {
	.name = "uimage",
	.probe = uimage_probe,
	.check = uimage_check,
};
