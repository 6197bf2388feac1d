/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "format/ingenic_boot.h"

/* About where a stock build has them, so that the form is tested as it occurs. */
#define SPL_SIZE    0x305cu
#define SPL_TEXT_AT 0x2d78u
#define TEXTS_AT    0x30c00u
#define GOT_AT      0x32770u
#define ENV_AT      0x2a568u
#define ENV_END     0x2b000u
#define GP_WORD     (0x80100000u + (GOT_AT - INGENIC_BODY_OFFSET) + 0x7ff0u)

static uint8_t *put_text(uint8_t *at, const char *prefix, const char *text, const char *suffix)
{
	return at + sprintf((char *)at, "%s%s%s", prefix, text, suffix) + 1;
}

static int put_environment(uint8_t *out, const char *const *environment, struct rc_error *err)
{
	size_t at = ENV_AT;

	for (; *environment; environment++) {
		size_t size = strlen(*environment) + 1;

		if (at + size + 1 > ENV_END)
			return rc_fail(
				err, RC_ERANGE,
				"the environment has more than the %u bytes that a boot image has "
				"for it",
				ENV_END - ENV_AT - 1);
		memcpy(out + at, *environment, size);
		at += size;
	}
	return 0;
}

static void put_spl(uint8_t *out, const char *version)
{
	static const uint8_t magic[] = { 6, 5, 4, 3, 2, 0x55, 0xaa, 0x55, 0xaa };

	put_text(out + SPL_TEXT_AT, "\nU-Boot SPL ", version, "\n");
	memcpy(out, magic, sizeof(magic));
	rc_put_le32(out + 12, SPL_SIZE);
	out[9] = rc_crc7(out + INGENIC_CODE_OFFSET, SPL_SIZE - INGENIC_CODE_OFFSET);
}

int ingenic_boot_build(const struct ingenic_boot_spec *spec, uint8_t out[INGENIC_BOOT_SIZE],
		       struct rc_error *err)
{
	uint8_t *body = out + INGENIC_BODY_OFFSET;
	uint8_t *at = out + TEXTS_AT;
	int result;

	if (strlen(spec->version) > 80 || strlen(spec->board) > 60 || strlen(spec->prompt) > 20)
		return rc_fail(
			err, RC_ERANGE,
			"version, board line and prompt can have 80, 60 and 20 characters, not "
			"%zu, %zu and %zu",
			strlen(spec->version), strlen(spec->board), strlen(spec->prompt));
	memset(out, 0, INGENIC_BOOT_SIZE);
	put_spl(out, spec->version);
	rc_put_le32(body, 0x04110002); /* bal to the code behind the _gp word */
	rc_put_le32(body + 8, GP_WORD);
	result = put_environment(out, spec->environment, err);
	if (result < 0)
		return result;
	at = put_text(at, "Board: ", spec->board, "\n");
	at = put_text(at, "U-Boot ", spec->version, "");
	put_text(at, spec->prompt, "", "");
	rc_put_le32(out + GOT_AT + 4, 0x80000000u);
	memset(out + GOT_AT + 8, 0xff, INGENIC_BOOT_SIZE - GOT_AT - 8);
	return 0;
}
