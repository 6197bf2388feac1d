/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format/mstar_boot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "base/text.h"
#include "format/format.h"
#include "format/program.h"
#include "format/recovery.h"
#include "format/uboot_env.h"
#include "format/uimage.h"

#define IPL_HEADER 0x10u
/* The I6 boot ROM reads IPL at 0, the I3's at 0x4000 (facts 1.1). */
#define IPL_AT_I3 0x4000u

/* The stock U-Boot unpacks to 290 KiB. */
#define UNPACKED_LIMIT RC_MIB(8)

#define STRAY_LIMIT 8u

/* Where the parts are if the table does not say otherwise (facts 1.1). */
struct slot {
	const char *name;
	uint32_t offset;
	uint32_t size;
};
static const struct slot slot_ipl = { "IPL", 0, 0x10000 };
static const struct slot slot_ipl_cust = { "IPL_CUST", 0x10000, 0xf000 };
static const struct slot slot_uboot = { "UBOOT", 0x30000, 0x1f000 };
static const struct slot slot_env = { "UBOOT_ENV", 0x4f000, 0x1000 };

static bool is_ipl(struct rc_span span, const char *magic)
{
	return span.size >= IPL_HEADER && memcmp(span.data + 4, magic, 4) == 0;
}

int mstar_ipl_parse(struct rc_span span, const char *magic, struct mstar_ipl *ipl,
		    struct rc_error *err)
{
	*ipl = (struct mstar_ipl){ 0 };
	if (!is_ipl(span, magic))
		return rc_fail(err, RC_EFORMAT, "\"%s\" is not at its byte 4", magic);
	ipl->size = rc_le16(span.data + 8);
	ipl->authenticated = span.data[11] == 0xfa;
	ipl->checksum = rc_le32(span.data + 12);
	if (ipl->size <= IPL_HEADER || ipl->size > span.size)
		return rc_fail(err, RC_EFORMAT,
			       "its header says %" PRIu32 " bytes, its slot has %zu", ipl->size,
			       span.size);
	for (uint32_t at = IPL_HEADER; at + 4 <= ipl->size; at += 4)
		ipl->computed += rc_le32(span.data + at);
	if (ipl->computed != ipl->checksum)
		return rc_fail(err, RC_EFORMAT,
			       "its sum is %08" PRIX32 ", its header says %08" PRIX32,
			       ipl->computed, ipl->checksum);
	/* The sum does not cover the first word: a branch over the header. */
	if (span.data[3] != 0xea)
		return rc_fail(err, RC_EFORMAT,
			       "it begins with %08" PRIX32 ", which is no ARM branch",
			       rc_le32(span.data));
	return 0;
}

static bool mstar_boot_probe(struct rc_span region)
{
	return is_ipl(region, "IPL_") ||
	       is_ipl(rc_span_sub(region, IPL_AT_I3, region.size), "IPL_");
}

/* The slot that the table names, if it lies inside BOOT; else the usual one. */
static struct slot find_slot(const struct mxpt *table, struct slot usual)
{
	const struct mxpt_record *record = mxpt_find(table, usual.name);

	if (!record || record->size == 0 || record->size > MSTAR_BOOT_SIZE ||
	    record->start > MSTAR_BOOT_SIZE - record->size)
		return usual;
	return (struct slot){ usual.name, (uint32_t)record->start, (uint32_t)record->size };
}

static struct rc_span slot_span(struct rc_span region, struct slot slot)
{
	return rc_span_sub(region, slot.offset, slot.size);
}

/* What the unpacked U-Boot holds. */
static void read_program(struct mstar_boot *boot, struct rc_span program)
{
	struct recovery_loader loader;

	program_string(program, "U-Boot ", " (", boot->version, sizeof(boot->version));
	program_string(program, "jenkins-", NULL, boot->build, sizeof(boot->build));
	program_prompt(program, boot->prompt, sizeof(boot->prompt));
	recovery_read_loader(program, &loader);
	memcpy(boot->update_file, loader.file, sizeof(boot->update_file));
}

static void read_image_name(struct mstar_boot *boot, const struct uimage_header *header)
{
	for (size_t i = 0; header->name[i]; i++)
		boot->image_name[i] = header->name[i] >= 0x20 && header->name[i] < 0x7f
					      ? header->name[i]
					      : '?';
	if (strncmp(boot->image_name, "MVX", 3) == 0 && strlen(boot->image_name) >= 8)
		memcpy(boot->chip, boot->image_name + 6, 2);
}

/* RC_EFORMAT says what does not hold; what came out before a damage is in program. */
static int unpack_slot(struct rc_span slot, struct rc_buffer *program, struct rc_error *err)
{
	struct uimage_header header;
	enum compression compression;
	int result = uimage_parse(slot, &header, err);

	if (result < 0)
		return result;
	slot = rc_span_sub(slot, UIMAGE_HEADER_SIZE, header.size);
	if (!uimage_compression(&header, slot, &compression))
		return rc_fail(err, RC_EFORMAT, "its compression (%u) is none that is known",
			       header.compression);
	return decompress(compression, slot, UNPACKED_LIMIT, program, err);
}

static int read_uboot(struct mstar_boot *boot, struct rc_span slot, struct rc_error *err)
{
	struct rc_buffer program = { 0 };
	struct uimage_header header;
	struct rc_error why;
	int result;

	if (uimage_read_header(slot, &header) && header.magic == UIMAGE_MAGIC)
		read_image_name(boot, &header);
	rc_sha256_hex(slot.data, slot.size, boot->sha256);
	result = unpack_slot(slot, &program, &why);
	/* A damaged stream is the check's to name; what came out before is read all the same. */
	read_program(boot, (struct rc_span){ program.data, program.size });
	rc_buffer_free(&program);
	return result == RC_ENOMEM ? rc_fail(err, RC_ENOMEM, "%s", why.text) : 0;
}

/* Where table and slots are is known the same way for all. */
static void find_slots(struct rc_span region, struct mstar_boot *boot)
{
	struct slot uboot;
	struct slot env;

	if (mxpt_parse(mxpt_locate(region), &boot->table, NULL) < 0)
		boot->table = (struct mxpt){ 0 };
	uboot = find_slot(&boot->table, slot_uboot);
	env = find_slot(&boot->table, slot_env);
	boot->uboot_at = uboot.offset;
	boot->uboot_slot = uboot.size;
	boot->env_at = env.offset;
	boot->env_slot = env.size;
}

int mstar_boot_unpack(struct rc_span region, struct rc_buffer *program, struct rc_error *err)
{
	struct mstar_boot boot = { 0 };

	region = rc_span_sub(region, 0, MSTAR_BOOT_SIZE);
	find_slots(region, &boot);
	return unpack_slot(rc_span_sub(region, boot.uboot_at, boot.uboot_slot), program, err);
}

int mstar_boot_parse(struct rc_span region, struct mstar_boot *boot, struct rc_error *err)
{
	*boot = (struct mstar_boot){ 0 };
	region = rc_span_sub(region, 0, MSTAR_BOOT_SIZE);
	find_slots(region, boot);
	rc_sha256_hex(region.data, region.size, boot->sha256_whole);
	return read_uboot(boot, rc_span_sub(region, boot->uboot_at, boot->uboot_slot), err);
}

/* --- Is it whole? --- */

static void judge_ipl(struct rc_span region, struct slot slot, const char *magic,
		      struct format_report *report)
{
	struct rc_span span = slot_span(region, slot);
	struct mstar_ipl ipl;
	struct rc_error why;

	if (!is_ipl(span, magic) && is_ipl(rc_span_sub(span, IPL_AT_I3, span.size), magic)) {
		slot.offset += IPL_AT_I3;
		span = rc_span_sub(span, IPL_AT_I3, span.size);
	}
	if (mstar_ipl_parse(span, magic, &ipl, &why) < 0)
		format_problem(report, slot.offset, ipl.size ? ipl.size : IPL_HEADER,
			       "%s at 0x%" PRIX32 ": %s", slot.name, slot.offset, why.text);
}

/* Where the part ends, by its own header. */
static size_t ipl_end(struct rc_span region, struct slot slot, const char *magic)
{
	struct rc_span span = slot_span(region, slot);
	size_t shift = is_ipl(span, magic) ? 0 : IPL_AT_I3;
	struct mstar_ipl ipl;

	mstar_ipl_parse(rc_span_sub(span, shift, span.size), magic, &ipl, NULL);
	return slot.offset + shift + ipl.size;
}

/* Checks one part with its own format; what it finds is at "offset" of the whole. */
static int judge_part(const struct format *format, struct rc_span part, struct slot slot,
		      struct format_report *report, struct rc_error *err)
{
	struct format_report inner = { .state = REGION_GOOD };
	int result = format->check(part, NULL, &inner, err);

	for (size_t i = 0; i < inner.problem_count && i < FORMAT_MAX_PROBLEMS; i++)
		format_problem(report, slot.offset + inner.problems[i].offset,
			       inner.problems[i].size, "%s at 0x%" PRIX32 ": %s", slot.name,
			       slot.offset, inner.problems[i].text);
	if (inner.state == REGION_GOOD)
		report->used = slot.offset + inner.used;
	format_report_clear(&inner);
	return result;
}

/* U-Boot finds its environment and the kernel by these names, inspection the others
 * (facts 1.1 and 1.2). */
static void judge_records(const struct mxpt *table, uint32_t at, struct format_report *report)
{
	static const char *const needed[] = { "UBOOT", "UBOOT_ENV", "KERNEL", "ROOTFS",
					      "DATA",  "CONFIG",    "FACTORY" };

	for (size_t i = 0; i < RC_COUNT(needed); i++)
		if (!mxpt_find(table, needed[i]))
			format_problem(report, at, MXPT_SIZE,
				       "MXPT at 0x%" PRIX32 ": no record is named %s", at,
				       needed[i]);
}

static int judge_table(const struct mstar_boot *boot, struct rc_span region,
		       struct format_report *report, struct rc_error *err)
{
	struct rc_span table = mxpt_locate(region);
	struct slot slot = { "MXPT", MXPT_OFFSET, MXPT_SIZE };

	if (!table.data) {
		format_problem(report, MXPT_OFFSET, MXPT_SIZE,
			       "no partition table (MXPT) at 0x%X nor elsewhere: U-Boot and Linux "
			       "find no partition",
			       MXPT_OFFSET);
		return 0;
	}
	slot.offset = (uint32_t)(table.data - region.data);
	judge_records(&boot->table, slot.offset, report);
	return judge_part(&format_mxpt, table, slot, report, err);
}

/* Bytes in a place that nobody uses say that a write, or the chip, went wrong, if they are
 * few; more of them somebody put there. */
static void judge_gap(struct rc_span region, size_t start, size_t end, struct format_report *report)
{
	struct rc_span gap = rc_span_sub(region, start, end > start ? end - start : 0);
	size_t count[256] = { 0 };
	uint8_t fill;
	size_t stray;
	size_t at = 0;

	for (size_t i = 0; i < gap.size; i++)
		count[gap.data[i]]++;
	fill = count[0xff] > count[0x00] ? 0xff : 0x00;
	stray = gap.size - count[fill];
	if (stray == 0 || stray > STRAY_LIMIT)
		return;
	while (gap.data[at] == fill)
		at++;
	format_problem(report, start + at, 1,
		       "%zu stray byte(s) in unused flash, the first %02X at 0x%zX among %02X",
		       stray, gap.data[at], start + at, fill);
}

/* Behind each part, up to the next slot. */
static void judge_gaps(const struct mstar_boot *boot, struct rc_span region,
		       struct format_report *report)
{
	const struct mxpt_record *key = mxpt_find(&boot->table, "KEY_CUST");
	struct slot cust = find_slot(&boot->table, slot_ipl_cust);
	struct rc_span table = mxpt_locate(region);
	struct uimage_header header;

	judge_gap(region, ipl_end(region, find_slot(&boot->table, slot_ipl), "IPL_"), cust.offset,
		  report);
	judge_gap(region, ipl_end(region, cust, "IPLC"), (size_t)cust.offset + cust.size, report);
	if (key && key->start < region.size && key->size <= MXPT_SIZE)
		judge_gap(region, key->start, key->start + key->size, report);
	if (table.data) {
		size_t at = (size_t)(table.data - region.data);

		judge_gap(region, at + boot->table.bytes, at + MXPT_SIZE, report);
		judge_gap(region, at + MXPT_SIZE, boot->uboot_at, report);
	}
	if (uimage_read_header(rc_span_sub(region, boot->uboot_at, boot->uboot_slot), &header) &&
	    header.size <= boot->uboot_slot)
		judge_gap(region, boot->uboot_at + UIMAGE_HEADER_SIZE + header.size,
			  (size_t)boot->uboot_at + boot->uboot_slot, report);
}

static void judge_env(const struct mstar_boot *boot, struct rc_span region,
		      struct format_report *report)
{
	struct rc_span env = rc_span_sub(region, boot->env_at, boot->env_slot);

	if (env.size == boot->env_slot && uboot_env_is_whole(env))
		report->used = boot->env_at + boot->env_slot;
	else
		format_problem(report, boot->env_at, boot->env_slot,
			       "UBOOT_ENV at 0x%" PRIX32 ": %s; U-Boot falls back to an "
			       "environment that starts nothing",
			       boot->env_at,
			       env.size < boot->env_slot ? "it is cut"
			       : rc_all_bytes(env.data, env.size, 0xff)
				       ? "it is erased"
				       : "its checksum does not hold");
}

static int judge(const struct mstar_boot *boot, struct rc_span region, struct format_report *report,
		 struct rc_error *err)
{
	struct slot uboot = { "UBOOT", boot->uboot_at, boot->uboot_slot };
	int result;

	judge_ipl(region, find_slot(&boot->table, slot_ipl), "IPL_", report);
	judge_ipl(region, find_slot(&boot->table, slot_ipl_cust), "IPLC", report);
	result = judge_table(boot, region, report, err);
	if (result == 0)
		result = judge_part(&format_uimage, slot_span(region, uboot), uboot, report, err);
	if (result < 0)
		return result;
	/* MVX1## is a bootloader, MVX2## a kernel (facts 1.4). */
	if (strncmp(boot->image_name, "MVX2", 4) == 0)
		format_problem(report, boot->uboot_at, UIMAGE_HEADER_SIZE,
			       "UBOOT at 0x%" PRIX32
			       ": a kernel (%s) lies in the bootloader's place",
			       boot->uboot_at, boot->image_name);
	judge_env(boot, region, report);
	/* Only where the parts are sound does it show where they end. */
	if (report->state == REGION_GOOD)
		judge_gaps(boot, region, report);
	return 0;
}

static json_t *describe(const struct mstar_boot *boot)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "version", boot->version,
			 "build", boot->build, "image_name", boot->image_name, "chip", boot->chip,
			 "prompt", boot->prompt, "update_file", boot->update_file, "sha256",
			 boot->sha256, "sha256_whole", boot->sha256_whole, "mxpt_records",
			 (json_int_t)boot->table.count);
}

static int mstar_boot_check(struct rc_span region, const struct fs_visitor *visitor,
			    struct format_report *report, struct rc_error *err)
{
	struct mstar_boot boot;
	int result;

	(void)visitor;
	region = rc_span_sub(region, 0, MSTAR_BOOT_SIZE);
	result = mstar_boot_parse(region, &boot, err);
	if (result < 0)
		return result;
	report->detail = describe(&boot);
	if (!report->detail)
		return rc_fail_memory(err, sizeof(json_t));
	return judge(&boot, region, report, err);
}

const struct format format_mstar_boot = {
	.name = "mstar-boot",
	.probe = mstar_boot_probe,
	.check = mstar_boot_check,
};
