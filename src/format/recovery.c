/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format/recovery.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "format/format.h"
#include "format/uimage.h"

/* Larger than any kernel slot, and than the smaller cameras' whole flash. */
#define PROBE_MORE_THAN RC_MIB(4)

/* facts/mstar-mi360.md 1.1 */
static const struct {
	const char *chip;
	struct recovery_place places[RECOVERY_SLOTS];
} families[] = {
	{ "I3",
	  { { "KERNEL", 0, 0x210000 },
	    { "ROOTFS", 0x210000, 0x750000 },
	    { "DATA", 0x960000, 0x630000 } } },
	{ "I6",
	  { { "KERNEL", 0, 0x200000 },
	    { "ROOTFS", 0x200000, 0x760000 },
	    { "DATA", 0x960000, 0x630000 } } },
};

const struct recovery_place *recovery_places(const char *chip)
{
	for (size_t i = 0; i < RC_COUNT(families); i++)
		if (strcmp(families[i].chip, chip) == 0)
			return families[i].places;
	return NULL;
}

/* "MVX2##I6g6cdcdf5KL_LX409####[BR:": MVX2 says kernel, then comes the chip. */
static bool kernel_chip(struct rc_span file, char chip[3])
{
	struct uimage_header header;

	if (!uimage_read_header(file, &header) || header.magic != UIMAGE_MAGIC ||
	    strncmp(header.name, "MVX2##", 6) != 0)
		return false;
	snprintf(chip, 3, "%.2s", header.name + 6);
	return true;
}

bool recovery_probe(struct rc_span file)
{
	char chip[3];

	return file.size > PROBE_MORE_THAN && kernel_chip(file, chip);
}

int recovery_parse(struct rc_span file, struct recovery *recovery, struct rc_error *err)
{
	*recovery = (struct recovery){ 0 };
	if (!kernel_chip(file, recovery->chip))
		return rc_fail(err, RC_EFORMAT,
			       "it does not begin with a kernel of the Mi 360 family (a uImage "
			       "named MVX2##...): it is no tf_recovery.img or tf_update.img");
	if (file.size != RECOVERY_SIZE)
		return rc_fail(err, RC_EFORMAT,
			       "it has %zu bytes, and a tf_recovery.img or tf_update.img has %u: "
			       "it was %s",
			       file.size, RECOVERY_SIZE,
			       file.size < RECOVERY_SIZE ? "cut" : "put together with more");
	recovery->places = recovery_places(recovery->chip);
	if (!recovery->places)
		return rc_fail(err, RC_EFORMAT,
			       "its kernel is for a chip of another family, and only I3 "
			       "(MJSXJ02CM) and I6 (MJSXJ05CM and later) have such files");
	for (size_t i = 0; i < RECOVERY_SLOTS; i++)
		recovery->slots[i] = rc_span_sub(file, recovery->places[i].offset,
						 recovery->places[i].size);
	recovery->trailer = rc_span_sub(file, RECOVERY_PAYLOAD, RECOVERY_TRAILER);
	return 0;
}

enum recovery_verdict recovery_verify(struct rc_span file, const uint8_t key[RECOVERY_KEY_SIZE])
{
	crypto_sign_state state;
	const uint8_t *signature;
	size_t size;

	if (file.size < RECOVERY_TRAILER)
		return RECOVERY_NOT_SIGNED;
	size = file.size - RECOVERY_TRAILER;
	signature = file.data + size;
	crypto_sign_init(&state);
	crypto_sign_update(&state, file.data, size);
	if (crypto_sign_final_verify(&state, signature, key) == 0)
		return RECOVERY_SIGNED;
	if (crypto_sign_verify_detached(signature, file.data, size, key) == 0)
		return RECOVERY_SIGNED_PLAIN;
	return RECOVERY_NOT_SIGNED;
}

static bool append_fill(struct rc_buffer *out, size_t size)
{
	uint8_t fill[4096];

	memset(fill, 0xff, sizeof(fill));
	for (; size > sizeof(fill); size -= sizeof(fill))
		rc_buffer_append(out, fill, sizeof(fill));
	return rc_buffer_append(out, fill, size);
}

int recovery_join(const struct recovery_place *places, const struct rc_span slots[RECOVERY_SLOTS],
		  struct rc_buffer *out, struct rc_error *err)
{
	for (size_t i = 0; i < RECOVERY_SLOTS; i++)
		if (slots[i].size > places[i].size)
			return rc_fail(err, RC_ERANGE,
				       "%s has %zu bytes, and its slot in the update file %" PRIu32
				       ": %zu too many",
				       places[i].name, slots[i].size, places[i].size,
				       slots[i].size - places[i].size);
	for (size_t i = 0; i < RECOVERY_SLOTS; i++) {
		rc_buffer_append(out, slots[i].data, slots[i].size);
		if (!append_fill(out, places[i].size - slots[i].size))
			return rc_fail_memory(err, RECOVERY_SIZE);
	}
	return 0;
}

int recovery_sign(struct rc_buffer *file, const uint8_t secret[RECOVERY_SECRET_SIZE],
		  struct rc_error *err)
{
	uint8_t trailer[RECOVERY_TRAILER] = { 0 };
	crypto_sign_state state;

	crypto_sign_init(&state);
	crypto_sign_update(&state, file->data, file->size);
	crypto_sign_final_create(&state, trailer, NULL, secret);
	return rc_buffer_append(file, trailer, sizeof(trailer))
		       ? 0
		       : rc_fail_memory(err, file->size + sizeof(trailer));
}

/* --- As a format --- */

/* Checks one slot with its own format; what it finds is at "offset" of the whole. */
static int judge_slot(const struct format *format, const struct recovery_place *place,
		      struct rc_span slot, struct format_report *report, struct rc_error *err)
{
	struct format_report inner;
	int result = format_check(slot, format, NULL, &inner, err);

	if (result == 0 && inner.state == REGION_ERASED)
		format_problem(report, place->offset, place->size, "%s is empty", place->name);
	for (size_t i = 0; i < inner.problem_count && i < FORMAT_MAX_PROBLEMS; i++)
		format_problem(report, place->offset + inner.problems[i].offset,
			       inner.problems[i].size, "%s: %s", place->name,
			       inner.problems[i].text);
	report->files += inner.files;
	format_report_clear(&inner);
	return result;
}

static int judge_slots(const struct recovery *recovery, struct format_report *report,
		       struct rc_error *err)
{
	static const struct format *const formats[RECOVERY_SLOTS] = {
		[RECOVERY_KERNEL] = &format_uimage,
		[RECOVERY_ROOTFS] = &format_squashfs,
		[RECOVERY_DATA] = &format_jffs2,
	};
	int result = 0;

	for (size_t i = 0; i < RECOVERY_SLOTS && result == 0; i++)
		result = judge_slot(formats[i], &recovery->places[i], recovery->slots[i], report,
				    err);
	return result;
}

static int recovery_check(struct rc_span file, const struct fs_visitor *visitor,
			  struct format_report *report, struct rc_error *err)
{
	struct recovery recovery;
	struct rc_error why;

	(void)visitor; /* two file systems have no common root */
	report->used = (uint32_t)(file.size < RECOVERY_SIZE ? file.size : RECOVERY_SIZE);
	if (recovery_parse(file, &recovery, &why) < 0)
		format_problem(report, 0, file.size < RECOVERY_SIZE ? 1 : RECOVERY_SIZE, "%s",
			       why.text);
	report->detail = json_pack("{s:s}", "chip", recovery.places ? recovery.chip : "");
	if (!report->detail)
		return rc_fail_memory(err, sizeof(json_t));
	return recovery.places ? judge_slots(&recovery, report, err) : 0;
}

const struct format format_recovery = {
	.name = "recovery",
	.probe = recovery_probe,
	.check = recovery_check,
};
