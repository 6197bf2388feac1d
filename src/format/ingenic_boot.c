/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format/ingenic_boot.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/checksum.h"
#include "format/format.h"
#include "format/program.h"
#include "format/uimage.h"

static const uint8_t spl_magic[] = { 0x06, 0x05, 0x04, 0x03, 0x02, 0x55, 0xaa, 0x55, 0xaa };
/* A branch over the word that holds _gp, and its delay slot. */
static const uint8_t body_magic[] = { 0x02, 0x00, 0x11, 0x04, 0x00, 0x00, 0x00, 0x00 };

/* A flash with so many beginnings of boot images was made to keep the search busy. */
#define FIND_LIMIT 64u

#define SPL_CRC_AT  9
#define SPL_SIZE_AT 12
#define ZEROS_AT    0x10u
#define ZEROS_SIZE  0x1f0u

/* U-Boot is linked here. _gp, which its word 2 holds, lies 0x7FF0 behind the start of
 * the global offset table, by the MIPS ABI; GNU ld begins that table with 0 and
 * 0x80000000. */
#define LINK_ADDRESS 0x80100000u
#define GP_AT        8u
#define GP_BIAS      0x7ff0u

static bool begins(struct rc_span span, const uint8_t *magic, size_t size)
{
	return span.size >= size && memcmp(span.data, magic, size) == 0;
}

static bool ingenic_boot_probe(struct rc_span region)
{
	return begins(region, spl_magic, sizeof(spl_magic));
}

static bool spl_size_is_plausible(uint32_t size)
{
	return size > INGENIC_CODE_OFFSET && size <= INGENIC_BODY_OFFSET;
}

/* --- The environment compiled into the body --- */

/* Length of the "name=value" at the start of span without its NUL, 0 where none is. */
static size_t assignment_length(struct rc_span span)
{
	const uint8_t *end = memchr(span.data, '\0', span.size);
	size_t size = end ? (size_t)(end - span.data) : 0;

	for (size_t i = 0; i < size; i++)
		if (span.data[i] < 0x20 || span.data[i] >= 0x7f)
			return 0;
	return size && memchr(span.data + 1, '=', size - 1) ? size : 0;
}

/* The start of the string that ends before the NUL at end. */
static size_t string_start(struct rc_span body, size_t end)
{
	while (end > 0 && body.data[end - 1] != '\0')
		end--;
	return end;
}

/* The run of assignments that the one at "at" belongs to. */
static struct rc_span assignment_run(struct rc_span body, size_t at)
{
	size_t start = at;
	size_t end = at;
	size_t size;

	while (start > 1 && at - start < INGENIC_ENV_SIZE) {
		size_t before = string_start(body, start - 1);

		if (before == 0 ||
		    !assignment_length(rc_span_sub(body, before, body.size - before)))
			break;
		start = before;
	}
	while (end - start < INGENIC_ENV_SIZE &&
	       (size = assignment_length(rc_span_sub(body, end, INGENIC_ENV_SIZE))))
		end += size + 1;
	return rc_span_sub(body, start, end - start);
}

static struct rc_span find_environment(struct rc_span body)
{
	static const char first[] = "\0bootargs=";
	struct rc_span rest = body;
	const uint8_t *hit;

	while ((hit = rc_find(rest, first, sizeof(first) - 1))) {
		size_t at = (size_t)(hit + 1 - body.data);
		struct rc_span run = assignment_run(body, at);
		size_t end = (size_t)(run.data - body.data) + run.size;

		if (ingenic_boot_variable(run, "bootcmd").data)
			return run;
		rest = rc_span_sub(body, end > at ? end - 1 : at, body.size);
	}
	return (struct rc_span){ 0 };
}

struct rc_span ingenic_boot_variable(struct rc_span environment, const char *name)
{
	size_t name_size = strlen(name);

	while (environment.size) {
		const uint8_t *end = memchr(environment.data, '\0', environment.size);
		size_t size = end ? (size_t)(end - environment.data) : environment.size;

		if (size > name_size && environment.data[name_size] == '=' &&
		    memcmp(environment.data, name, name_size) == 0)
			return (struct rc_span){ environment.data + name_size + 1,
						 size - name_size - 1 };
		if (size == 0 || size == environment.size)
			break;
		environment = rc_span_sub(environment, size + 1, environment.size);
	}
	return (struct rc_span){ 0 };
}

/* One copy with a CRC-32 in front of it (facts 4.4). */
static struct rc_span find_saved(struct rc_span region)
{
	struct rc_span area = rc_span_sub(region, INGENIC_ENV_OFFSET, INGENIC_ENV_SIZE);
	struct rc_span data = rc_span_sub(area, 4, area.size);

	if (area.size < INGENIC_ENV_SIZE || data.data[0] == '\0' ||
	    rc_crc32(0, data.data, data.size) != rc_le32(area.data))
		return (struct rc_span){ 0 };
	return data;
}

/* --- What the bootargs say --- */

/* "104M@0x0", "41700K@0x0": bytes, 0 where it is no size. */
static uint64_t memory_size(struct rc_span value)
{
	uint64_t size = 0;
	size_t i = 0;

	for (; i < value.size && isdigit(value.data[i]) && size <= UINT32_MAX; i++)
		size = size * 10 + (unsigned)(value.data[i] - '0');
	if (i == value.size)
		return size;
	switch (toupper(value.data[i])) {
	case 'G':
		return size << 30;
	case 'M':
		return size << 20;
	case 'K':
		return size << 10;
	default:
		return size;
	}
}

static bool word_value(struct rc_span word, const char *key, struct rc_span *value)
{
	size_t size = strlen(key);

	if (!begins(word, (const uint8_t *)key, size))
		return false;
	*value = rc_span_sub(word, size, word.size);
	return true;
}

static void read_word(struct ingenic_boot *boot, struct rc_span word)
{
	struct rc_span value;

	if (word_value(word, "mem=", &value) || word_value(word, "ispmem=", &value) ||
	    word_value(word, "rmem=", &value)) {
		boot->ram_size += memory_size(value);
	} else if (word_value(word, "mtdparts=", &value) && value.size < sizeof(boot->mtdparts)) {
		memcpy(boot->mtdparts, value.data, value.size);
		boot->mtdparts[value.size] = '\0';
	}
}

static void read_bootargs(struct ingenic_boot *boot)
{
	struct rc_span args = ingenic_boot_variable(
		boot->saved.size ? boot->saved : boot->environment, "bootargs");

	while (args.size) {
		const uint8_t *end = memchr(args.data, ' ', args.size);
		size_t size = end ? (size_t)(end - args.data) : args.size;

		read_word(boot, rc_span_sub(args, 0, size));
		args = rc_span_sub(args, size + 1, args.size);
	}
}

/* --- The whole --- */

static uint32_t used_size(struct rc_span region)
{
	size_t used = region.size < INGENIC_ENV_OFFSET ? region.size : INGENIC_ENV_OFFSET;

	while (used > 0 && (region.data[used - 1] == 0xff || region.data[used - 1] == 0x00))
		used--;
	return (uint32_t)used;
}

static void read_spl(struct ingenic_boot *boot, struct rc_span region)
{
	struct rc_span spl = rc_span_sub(region, INGENIC_CODE_OFFSET,
					 INGENIC_BODY_OFFSET - INGENIC_CODE_OFFSET);

	program_string(spl, "U-Boot SPL ", " (", boot->spl_version, sizeof(boot->spl_version));
	if (region.size < SPL_SIZE_AT + 4)
		return;
	boot->spl_crc = region.data[SPL_CRC_AT];
	boot->spl_size = rc_le32(region.data + SPL_SIZE_AT);
	if (spl_size_is_plausible(boot->spl_size)) {
		spl = rc_span_sub(spl, 0, boot->spl_size - INGENIC_CODE_OFFSET);
		boot->spl_crc_computed = rc_crc7(spl.data, spl.size);
	}
}

static void read_all(struct ingenic_boot *boot, struct rc_span region)
{
	struct rc_span body = rc_span_sub(region, INGENIC_BODY_OFFSET,
					  INGENIC_ENV_OFFSET - INGENIC_BODY_OFFSET);

	read_spl(boot, region);
	program_string(body, "U-Boot ", " (", boot->version, sizeof(boot->version));
	program_string(body, "Board: ", "SoC", boot->board, sizeof(boot->board));
	program_prompt(body, boot->prompt, sizeof(boot->prompt));
	boot->environment = find_environment(body);
	boot->saved = find_saved(region);
	read_bootargs(boot);
	boot->used = used_size(region);
}

int ingenic_boot_parse(struct rc_span region, struct ingenic_boot *boot, struct rc_error *err)
{
	*boot = (struct ingenic_boot){ 0 };
	region = rc_span_sub(region, 0, INGENIC_BOOT_SIZE);
	if (!ingenic_boot_probe(region))
		return rc_fail(
			err, RC_EFORMAT,
			"no Ingenic boot image: it does not begin with 06 05 04 03 02 55 AA 55 "
			"AA");
	read_all(boot, region);
	rc_sha256_hex(region.data, boot->used, boot->sha256);
	rc_sha256_hex(region.data, region.size, boot->sha256_whole);
	return 0;
}

size_t ingenic_boot_pieces(struct rc_span region, uint32_t used, uint32_t crc[INGENIC_MAX_PIECES])
{
	size_t count = 0;

	region = rc_span_sub(region, 0, used);
	for (size_t at = 0; at < region.size && count < INGENIC_MAX_PIECES;
	     at += INGENIC_BOOT_PIECE) {
		struct rc_span piece = rc_span_sub(region, at, INGENIC_BOOT_PIECE);

		crc[count++] = rc_crc32(0, piece.data, piece.size);
	}
	return count;
}

/* --- Is it whole? --- */

static void judge_spl(const struct ingenic_boot *boot, struct rc_span region,
		      struct format_report *report)
{
	struct rc_span zeros = rc_span_sub(region, ZEROS_AT, ZEROS_SIZE);

	if (region.data[10] || region.data[11])
		format_problem(report, 10, 2, "the bytes at 0xA are %02X %02X, not 00 00",
			       region.data[10], region.data[11]);
	if (!rc_all_bytes(zeros.data, zeros.size, 0))
		format_problem(report, ZEROS_AT, zeros.size,
			       "the bytes from 0x10 to 0x1FF are not all 00");
	if (!spl_size_is_plausible(boot->spl_size))
		format_problem(report, SPL_SIZE_AT, 4,
			       "the SPL's length is 0x%" PRIX32
			       ", it must be above 0x%X and at most "
			       "0x%X",
			       boot->spl_size, INGENIC_CODE_OFFSET, INGENIC_BODY_OFFSET);
	else if (boot->spl_crc != boot->spl_crc_computed)
		format_problem(report, INGENIC_CODE_OFFSET, boot->spl_size - INGENIC_CODE_OFFSET,
			       "the SPL's CRC-7 is %02X, its header says %02X",
			       boot->spl_crc_computed, boot->spl_crc);
	else if (!boot->spl_version[0])
		format_problem(report, INGENIC_CODE_OFFSET, boot->spl_size - INGENIC_CODE_OFFSET,
			       "no \"U-Boot SPL\" version is in the SPL");
}

/* The linker's table near the end of the body: gone where the image is cut or its start
 * is not what it was. */
static void judge_got(struct rc_span body, struct format_report *report)
{
	uint32_t gp = rc_le32(body.data + GP_AT);
	uint32_t offset = gp - GP_BIAS - LINK_ADDRESS;
	struct rc_span got = rc_span_sub(body, offset, 8);

	if (offset >= INGENIC_ENV_OFFSET - INGENIC_BODY_OFFSET)
		format_problem(report, INGENIC_BODY_OFFSET + GP_AT, 4,
			       "U-Boot's _gp is 0x%08" PRIX32 ", outside the image", gp);
	else if (got.size < 8)
		format_problem(report, INGENIC_BODY_OFFSET, body.size,
			       "U-Boot is cut: its address table is at 0x%" PRIX32
			       ", the image ends at 0x%zX",
			       INGENIC_BODY_OFFSET + offset, INGENIC_BODY_OFFSET + body.size);
	else if (rc_le32(got.data) != 0 || rc_le32(got.data + 4) != 0x80000000u)
		format_problem(report, INGENIC_BODY_OFFSET + offset, 8,
			       "U-Boot's address table at 0x%" PRIX32 " begins with %08" PRIX32
			       " %08" PRIX32 ", not 00000000 80000000",
			       INGENIC_BODY_OFFSET + offset, rc_le32(got.data),
			       rc_le32(got.data + 4));
}

/* Erased pieces between the first byte and the last. */
static void judge_holes(const struct ingenic_boot *boot, struct rc_span region,
			struct format_report *report)
{
	size_t at = INGENIC_BODY_OFFSET;

	while (at + INGENIC_BOOT_PIECE <= boot->used) {
		size_t end = at;

		while (end + 256 <= boot->used && rc_all_bytes(region.data + end, 256, 0xff))
			end += 256;
		if (end - at >= INGENIC_BOOT_PIECE)
			format_problem(report, at, end - at,
				       "%zu bytes inside U-Boot are erased, from 0x%zX", end - at,
				       at);
		at = end > at ? end : at + 256;
	}
}

static void judge_body(const struct ingenic_boot *boot, struct rc_span region,
		       struct format_report *report)
{
	struct rc_span body = rc_span_sub(region, INGENIC_BODY_OFFSET,
					  INGENIC_ENV_OFFSET - INGENIC_BODY_OFFSET);

	if (body.size < GP_AT + 4) {
		format_problem(report, 0, region.size,
			       "it is cut: %zu bytes are here, U-Boot begins at 0x%X", region.size,
			       INGENIC_BODY_OFFSET);
		return;
	}
	if (!begins(body, body_magic, sizeof(body_magic)))
		format_problem(report, INGENIC_BODY_OFFSET, sizeof(body_magic),
			       "U-Boot at 0x%X begins with %08" PRIX32 " %08" PRIX32
			       ", not 04110002 00000000",
			       INGENIC_BODY_OFFSET, rc_le32(body.data), rc_le32(body.data + 4));
	else
		judge_got(body, report);
	if (!boot->version[0])
		format_problem(report, INGENIC_BODY_OFFSET, body.size,
			       "no \"U-Boot\" version is behind 0x%X: it is cut, or something else "
			       "lies there",
			       INGENIC_BODY_OFFSET);
	judge_holes(boot, region, report);
}

static void judge(const struct ingenic_boot *boot, struct rc_span region,
		  struct format_report *report)
{
	if (region.size < INGENIC_CODE_OFFSET) {
		format_problem(report, 0, region.size,
			       "it is cut: %zu bytes are here, the SPL begins at 0x%X", region.size,
			       INGENIC_CODE_OFFSET);
		return;
	}
	judge_spl(boot, region, report);
	judge_body(boot, region, report);
}

/* What costs nothing to see, so that a search is not slowed by every chance hit. */
static bool may_be_valid(struct rc_span region)
{
	struct rc_span zeros = rc_span_sub(region, ZEROS_AT, ZEROS_SIZE);
	struct rc_span body = rc_span_sub(region, INGENIC_BODY_OFFSET, region.size);

	return ingenic_boot_probe(region) && begins(body, body_magic, sizeof(body_magic)) &&
	       rc_all_bytes(zeros.data, zeros.size, 0);
}

bool ingenic_boot_is_valid(struct rc_span region)
{
	struct format_report report = { .state = REGION_GOOD };
	struct ingenic_boot boot = { 0 };

	region = rc_span_sub(region, 0, INGENIC_BOOT_SIZE);
	if (!may_be_valid(region))
		return false;
	read_all(&boot, region);
	judge(&boot, region, &report);
	return report.state == REGION_GOOD;
}

static bool is_html(struct rc_span span)
{
	size_t i = 0;

	while (i < span.size && isspace(span.data[i]))
		i++;
	span = rc_span_sub(span, i, span.size);
	if (span.size < 4 || span.data[0] != '<')
		return false;
	return span.data[1] == '!' || isalpha(span.data[1]);
}

enum ingenic_boot_place ingenic_boot_find(struct rc_span flash, size_t *offset)
{
	struct rc_span rest = flash;
	struct uimage_header header;
	unsigned looked_at = 0;
	const uint8_t *hit;

	*offset = 0;
	if (ingenic_boot_probe(flash))
		return INGENIC_BOOT_AT_START;
	if (is_html(flash))
		return INGENIC_BOOT_HTML;
	if (uimage_read_header(flash, &header) && header.magic == UIMAGE_MAGIC &&
	    ingenic_boot_probe(rc_span_sub(flash, UIMAGE_HEADER_SIZE, flash.size))) {
		*offset = UIMAGE_HEADER_SIZE;
		return INGENIC_BOOT_WRAPPED;
	}
	while (looked_at < FIND_LIMIT && (hit = rc_find(rest, spl_magic, sizeof(spl_magic)))) {
		*offset = (size_t)(hit - flash.data);
		rest = rc_span_sub(flash, *offset, flash.size);
		looked_at += may_be_valid(rest);
		if (ingenic_boot_is_valid(rest))
			return INGENIC_BOOT_MISPLACED;
		rest = rc_span_sub(rest, 1, rest.size);
	}
	*offset = 0;
	return INGENIC_BOOT_NONE;
}

/* --- The format's entry points --- */

static json_t *describe(const struct ingenic_boot *boot)
{
	return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:b}", "version",
			 boot->version, "spl_version", boot->spl_version, "spl_size",
			 (json_int_t)boot->spl_size, "sha256", boot->sha256, "sha256_whole",
			 boot->sha256_whole, "board", boot->board, "prompt", boot->prompt,
			 "mtdparts", boot->mtdparts, "ram", (json_int_t)boot->ram_size,
			 "saved_environment", boot->saved.size != 0);
}

/* For a region that does not begin with the magic. */
static void note_beginning(struct rc_span region, struct format_report *report)
{
	size_t offset;

	switch (ingenic_boot_find(region, &offset)) {
	case INGENIC_BOOT_HTML:
		format_problem(
			report, 0, region.size,
			"a web page lies here: the download saved the page and not the file");
		return;
	case INGENIC_BOOT_WRAPPED:
		format_problem(
			report, 0, UIMAGE_HEADER_SIZE,
			"a uImage header lies in front of the boot image: the boot ROM needs the "
			"image without these %u bytes",
			UIMAGE_HEADER_SIZE);
		return;
	case INGENIC_BOOT_MISPLACED:
		format_problem(report, 0, offset, "no boot image at 0, a valid one begins at 0x%zX",
			       offset);
		return;
	case INGENIC_BOOT_AT_START:
	case INGENIC_BOOT_NONE:
		format_problem(
			report, 0, sizeof(spl_magic),
			"it does not begin with 06 05 04 03 02 55 AA 55 AA, as boot images do");
	}
}

static int ingenic_boot_check(struct rc_span region, const struct fs_visitor *visitor,
			      struct format_report *report, struct rc_error *err)
{
	struct ingenic_boot boot;

	(void)visitor;
	if (ingenic_boot_parse(region, &boot, NULL) < 0) {
		note_beginning(region, report);
		return 0;
	}
	region = rc_span_sub(region, 0, INGENIC_BOOT_SIZE);
	report->used = boot.used;
	report->detail = describe(&boot);
	if (!report->detail)
		return rc_fail_memory(err, sizeof(json_t));
	judge(&boot, region, report);
	return 0;
}

const struct format format_ingenic_boot = {
	.name = "ingenic-boot",
	.probe = ingenic_boot_probe,
	.check = ingenic_boot_check,
};
