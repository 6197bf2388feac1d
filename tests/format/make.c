/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "make.h"

#include "support.h"

#include <lzma.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "format/mstar_boot.h"
#include "format/uboot_env.h"
#include "format/uimage.h"

void make_payload(struct rc_buffer *out, size_t size, uint64_t seed)
{
	uint64_t state = seed;

	while (out->size < size) {
		uint64_t number = support_random(&state);
		char text[40];
		size_t length = (size_t)snprintf(text, sizeof(text), "symbol %llx\n",
						 (unsigned long long)(number >> 40));

		if (length > size - out->size)
			length = size - out->size;
		assert_true(rc_buffer_append(out, text, length));
	}
}

static void run_lzma(struct rc_buffer *out, lzma_stream *stream, struct rc_span data)
{
	uint8_t window[4096];
	lzma_ret step;

	stream->next_in = data.data;
	stream->avail_in = data.size;
	do {
		stream->next_out = window;
		stream->avail_out = sizeof(window);
		step = lzma_code(stream, LZMA_FINISH);
		assert_true(step == LZMA_OK || step == LZMA_STREAM_END);
		assert_true(rc_buffer_append(out, window, sizeof(window) - stream->avail_out));
	} while (step == LZMA_OK);
	lzma_end(stream);
}

static void make_gzip(struct rc_buffer *out, struct rc_span data)
{
	uint8_t window[4096];
	z_stream stream = { .next_in = (z_const Bytef *)data.data, .avail_in = (uInt)data.size };
	int step;

	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, 0), Z_OK);
	do {
		stream.next_out = window;
		stream.avail_out = sizeof(window);
		step = deflate(&stream, Z_FINISH);
		assert_true(step == Z_OK || step == Z_STREAM_END);
		assert_true(rc_buffer_append(out, window, sizeof(window) - stream.avail_out));
	} while (step == Z_OK);
	deflateEnd(&stream);
}

void make_compressed(struct rc_buffer *out, enum compression compression, struct rc_span data)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_options_lzma options;

	switch (compression) {
	case COMPRESSION_NONE:
		assert_true(rc_buffer_append(out, data.data, data.size));
		return;
	case COMPRESSION_GZIP:
		make_gzip(out, data);
		return;
	case COMPRESSION_LZMA:
		assert_false(lzma_lzma_preset(&options, 1));
		assert_int_equal(lzma_alone_encoder(&stream, &options), LZMA_OK);
		break;
	case COMPRESSION_XZ:
		assert_int_equal(lzma_easy_encoder(&stream, 1, LZMA_CHECK_CRC32), LZMA_OK);
		break;
	}
	run_lzma(out, &stream, data);
}

void check_region(const struct format *format, const uint8_t *data, size_t size,
		  struct format_report *report)
{
	struct rc_error err;

	*report = (struct format_report){ .state = REGION_GOOD };
	support_ok(format->check((struct rc_span){ data, size }, NULL, report, &err), &err);
}

void assert_good(const struct format_report *report)
{
	if (report->problem_count)
		fail_msg("found damaged: %s", report->problems[0].text);
	assert_int_equal(report->state, REGION_GOOD);
}

void assert_problem(const struct format_report *report, const char *text)
{
	assert_int_equal(report->state, REGION_DAMAGED);
	for (size_t i = 0; i < report->problem_count; i++)
		if (i > 0 || !strstr(report->problems[i].text, text))
			fail_msg("problem %zu of %zu is \"%s\", wanted \"%s\"", i + 1,
				 report->problem_count, report->problems[i].text, text);
	assert_int_equal(report->problem_count, 1);
}

const char *detail_text(const struct format_report *report, const char *key)
{
	const char *text = json_string_value(json_object_get(report->detail, key));

	if (!text)
		fail_msg("the detail has no text \"%s\"", key);
	return text;
}

long long detail_number(const struct format_report *report, const char *key)
{
	const json_t *number = json_object_get(report->detail, key);

	if (!json_is_integer(number))
		fail_msg("the detail has no number \"%s\"", key);
	return json_integer_value(number);
}

/* --- A BOOT partition of the Mi 360 family (facts/mstar-mi360.md 1.1 to 1.4) --- */

static void put_ipl(uint8_t *at, const char *magic, uint16_t size, uint64_t seed)
{
	uint32_t sum = 0;

	for (size_t i = 0x10; i < size; i++)
		at[i] = (uint8_t)support_random(&seed);
	for (size_t i = 0x10; i < size; i += 4)
		sum += rc_le32(at + i);
	memcpy(at, "\2\0\0\xea", 4);
	memcpy(at + 4, magic, 4);
	rc_put_le16(at + 8, size);
	rc_put_le16(at + 10, 0);
	rc_put_le32(at + 12, sum);
}

static void put_table(uint8_t *at)
{
	static const struct {
		const char *name;
		uint8_t type;
		uint32_t start;
		uint32_t size;
	} records[] = {
		{ "IPL", 1, 0, 0x10000 },
		{ "IPL_CUST", 1, 0x10000, 0xf000 },
		{ "KEY_CUST", 1, 0x1f000, 0x1000 },
		{ "MXPT", 1, 0x20000, 0x1000 },
		{ "UBOOT", 1, 0x30000, 0x1f000 },
		{ "UBOOT_ENV", 1, 0x4f000, 0x1000 },
		{ "BOOT", 3, 0, 0x50000 },
		{ "KERNEL", 3, 0x50000, 0x200000 },
		{ "ROOTFS", 3, 0x250000, 0x760000 },
		{ "DATA", 3, 0x9b0000, 0x630000 },
		{ "CONFIG", 3, 0xfe0000, 0x10000 },
		{ "FACTORY", 7, 0xff0000, 0x10000 },
	};
	struct rc_buffer table = { 0 };

	for (size_t i = 0; i < RC_COUNT(records); i++)
		assert_true(mxpt_append_record(&table, records[i].name, records[i].type,
					       records[i].start, records[i].size));
	while (table.size + 0x88 <= MXPT_SIZE)
		assert_true(mxpt_append_record(&table, "", 0, UINT64_MAX, UINT64_MAX));
	memcpy(at, table.data, table.size);
	rc_buffer_free(&table);
}

static void put_uboot(uint8_t *at)
{
	static const char strings[] = "\0U-Boot 2015.01 (Sep 01 2020 - 01:02:03)\0%s, Build: %s\0"
				      "jenkins-recam_0_0_0_0000-1\0SigmaStar # \0tf_update.img\0";
	struct uimage_header header = { .os = UIMAGE_OS_FIRMWARE,
					.arch = UIMAGE_ARCH_ARM,
					.type = UIMAGE_TYPE_KERNEL,
					.compression = UIMAGE_COMPRESSION_LZMA,
					.name = "MVX1##I6g0000000CM_UBT1501###XVM" };
	struct rc_buffer program = { 0 };
	struct rc_buffer packed = { 0 };
	struct rc_error err;

	make_payload(&program, 40000, 77);
	assert_true(rc_buffer_append(&program, strings, sizeof(strings)));
	make_compressed(&packed, COMPRESSION_XZ, (struct rc_span){ program.data, program.size });
	assert_true(packed.size < 0x1f000 - UIMAGE_HEADER_SIZE);
	support_ok(uimage_build(&header, (struct rc_span){ packed.data, packed.size }, at, &err),
		   &err);
	memset(at + UIMAGE_HEADER_SIZE, 0, 0x1f000 - UIMAGE_HEADER_SIZE);
	memcpy(at + UIMAGE_HEADER_SIZE, packed.data, packed.size);
	rc_buffer_free(&program);
	rc_buffer_free(&packed);
}

void make_mstar_boot(uint8_t out[0x50000])
{
	static const char *const variables[] = { "baudrate=115200", "bootdelay=0",
						 "bootcmd=sf probe 0" };
	struct rc_error err;

	memset(out, 0xff, MSTAR_BOOT_SIZE);
	put_ipl(out, "IPL_", 0x3650, 1);
	put_ipl(out + 0x10000, "IPLC", 0x44b0, 2);
	memset(out + 0x1f000, 0, 0x1000);
	put_table(out + MXPT_OFFSET);
	put_uboot(out + 0x30000);
	support_ok(uboot_env_build(variables, RC_COUNT(variables), out + 0x4f000, 0x1000, &err),
		   &err);
}
