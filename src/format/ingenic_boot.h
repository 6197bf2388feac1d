/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boot partition of Ingenic T10 and T20 cameras: SPL with its header, then
 * U-Boot, then room for a saved environment (facts/bootloaders-and-flash.md 5.3, 4.4).
 *
 * Only the SPL has a checksum. Whether the U-Boot behind it is whole, only the
 * digest of a known build can tell.
 */
#ifndef RECAM_FORMAT_INGENIC_BOOT_H
#define RECAM_FORMAT_INGENIC_BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

#define INGENIC_BOOT_SIZE   0x40000u
#define INGENIC_CODE_OFFSET 0x800u  /* of the SPL; its checksum begins here */
#define INGENIC_BODY_OFFSET 0x6800u /* of U-Boot; the SPL is not larger */
#define INGENIC_ENV_OFFSET  0x3c000u
#define INGENIC_ENV_SIZE    0x4000u
#define INGENIC_BOOT_PIECE  4096u
#define INGENIC_MAX_PIECES  (INGENIC_BOOT_SIZE / INGENIC_BOOT_PIECE)

/* What a boot image tells about itself. Strings are printable ASCII, "" where there
 * is none; spans point into the region. */
struct ingenic_boot {
	char version[96];     /* "2013.07 (Jul 28 2017 - 17:10:01)" */
	char spl_version[96]; /* the same of the SPL */
	uint32_t spl_size;    /* from offset 0 */
	uint8_t spl_crc;      /* as it stands */
	uint8_t spl_crc_computed;
	uint32_t used; /* bytes before the saved environment, FF and 00 at their end left out */

	/* Known builds go by one of two digests: the facts' table has that of the file as
	 * dumped, usually the whole partition with its fill; a file from a download has
	 * no fill, and equals a dump of it only in the used bytes. */
	char sha256[65];       /* of the bytes 0..used */
	char sha256_whole[65]; /* of the partition, at most INGENIC_BOOT_SIZE bytes */

	char board[64];     /* what follows "Board: ": "ISVP (Ingenic XBurst T20 SoC)" */
	char prompt[24];    /* "isvp_t20# " */
	char mtdparts[512]; /* of the bootargs, without "mtdparts=" */
	uint64_t ram_size;  /* bytes: mem + ispmem + rmem of the bootargs; 0: not said */

	struct rc_span environment; /* compiled in: "name=value\0" and so on */
	struct rc_span saved;       /* of the saved one, where its checksum holds; else empty */
};

/* Fills boot with all that can be found, however damaged the rest is. RC_EFORMAT
 * where region does not begin with the magic. */
int ingenic_boot_parse(struct rc_span region, struct ingenic_boot *boot, struct rc_error *err);

/* True where every test of a boot image holds that needs no list of known ones. */
bool ingenic_boot_is_valid(struct rc_span region);

/* Value of name in an environment block of NUL-separated "name=value"; empty, with
 * data NULL, where it is not there. */
struct rc_span ingenic_boot_variable(struct rc_span environment, const char *name);

/* CRC-32 of each whole or last 4 KiB of the used bytes. Returns how many (at most
 * INGENIC_MAX_PIECES). */
size_t ingenic_boot_pieces(struct rc_span region, uint32_t used, uint32_t crc[INGENIC_MAX_PIECES]);

enum ingenic_boot_place {
	INGENIC_BOOT_NONE,     /* none anywhere */
	INGENIC_BOOT_AT_START, /* begins where it should; whether it is whole is another question */
	INGENIC_BOOT_MISPLACED, /* none at 0, a valid one elsewhere */
	INGENIC_BOOT_WRAPPED,   /* behind a uImage header, which the boot ROM does not know */
	INGENIC_BOOT_HTML,      /* a web page */
};

/* Looks for a boot image in flash; *offset is where it begins (0 where none is). */
enum ingenic_boot_place ingenic_boot_find(struct rc_span flash, size_t *offset);

/* For tests and the demonstration: an image that has the form of a boot image and no
 * code in it. Nothing but the model twin can start it. */
struct ingenic_boot_spec {
	const char *version;            /* "2013.07 (recam demonstration)" */
	const char *board;              /* "ISVP (Ingenic XBurst T20 SoC)" */
	const char *prompt;             /* "isvp_t20# " */
	const char *const *environment; /* "name=value", NULL ends */
};

/* Fills out, INGENIC_BOOT_SIZE bytes, FF behind the image. RC_ERANGE where the
 * environment does not fit. */
int ingenic_boot_build(const struct ingenic_boot_spec *spec, uint8_t out[INGENIC_BOOT_SIZE],
		       struct rc_error *err);

#endif
