/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tf_recovery.img and tf_update.img of the Mi 360 family (facts/mstar-mi360.md 2):
 * KERNEL, ROOTFS and DATA in full slots, as they lie on the flash from 0x50000 on,
 * then an Ed25519ph signature over all that (libsodium's crypto_sign_init, _update,
 * _final_verify), then 16 bytes that no bootloader looks at.
 *
 * Which of the two names a bootloader looks for, and the key that it asks the signature
 * of, stand in the bootloader: recovery_read_loader.
 */
#ifndef RECAM_FORMAT_RECOVERY_H
#define RECAM_FORMAT_RECOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

#define RECOVERY_BASE      0x50000u  /* where on the flash the payload goes */
#define RECOVERY_PAYLOAD   0xf90000u /* what the bootloader erases and writes, always */
#define RECOVERY_SIGNATURE 64u
#define RECOVERY_TRAILER   0x50u
#define RECOVERY_SIZE      (RECOVERY_PAYLOAD + RECOVERY_TRAILER)
/* The bootloader goes on to the signature with files from here to there. */
#define RECOVERY_SHORTEST 0xf80000u
#define RECOVERY_LONGEST  0x1000000u

#define RECOVERY_KEY_SIZE    32u
#define RECOVERY_SECRET_SIZE 64u /* as crypto_sign_seed_keypair makes it */

enum recovery_slot { RECOVERY_KERNEL, RECOVERY_ROOTFS, RECOVERY_DATA, RECOVERY_SLOTS };

/* Where a slot lies in the file; RECOVERY_BASE further on the flash. */
struct recovery_place {
	const char *name; /* "KERNEL" */
	uint32_t offset;
	uint32_t size;
};

/* The RECOVERY_SLOTS places of a chip family, "I3" (MJSXJ02CM) or "I6" (MJSXJ05CM and
 * later); NULL for any other. */
const struct recovery_place *recovery_places(const char *chip);

/* Spans point into the file. */
struct recovery {
	char chip[3]; /* "I3", "I6": by the name of the kernel in it */
	const struct recovery_place *places;
	struct rc_span slots[RECOVERY_SLOTS];
	struct rc_span trailer; /* signature and the 16 bytes */
};

/* True if the file begins with a kernel of the family and is too large to be just that. */
bool recovery_probe(struct rc_span file);

/* RC_EFORMAT where the length is not RECOVERY_SIZE or the kernel is of no known family.
 * What the slots hold is not looked at. */
int recovery_parse(struct rc_span file, struct recovery *recovery, struct rc_error *err);

enum recovery_verdict {
	RECOVERY_SIGNED,       /* Ed25519ph by this key: the bootloader takes it */
	RECOVERY_SIGNED_PLAIN, /* Ed25519 by this key, but not Ed25519ph: refused */
	RECOVERY_NOT_SIGNED,   /* by another key, or something was changed: refused */
};
/* Asks the trailer of a file of any length. A signature can be called right only with
 * the bootloader's key at hand. */
enum recovery_verdict recovery_verify(struct rc_span file, const uint8_t key[RECOVERY_KEY_SIZE]);

/* Puts the slots, each filled up with FF, at their places behind what out holds.
 * RC_ERANGE says which is too large, and by how much; then out is as before. */
int recovery_join(const struct recovery_place *places, const struct rc_span slots[RECOVERY_SLOTS],
		  struct rc_buffer *out, struct rc_error *err);
/* Adds the trailer over all that file holds. */
int recovery_sign(struct rc_buffer *file, const uint8_t secret[RECOVERY_SECRET_SIZE],
		  struct rc_error *err);

/* What a bootloader wants. */
struct recovery_loader {
	char file[24]; /* "tf_update.img"; "" where it names none */
	bool has_key;
	uint8_t key[RECOVERY_KEY_SIZE];
};

/* From the unpacked U-Boot (mstar_boot_unpack). The key is found by the code that uses it:
 * the third argument of the call behind the one that prints "Final...". */
void recovery_read_loader(struct rc_span program, struct recovery_loader *loader);

/* For a build whose code is not understood: tries what may be a key in program, place by
 * place, on a file that this bootloader is known to take. Takes some seconds. */
bool recovery_find_key(struct rc_span program, struct rc_span file, uint8_t key[RECOVERY_KEY_SIZE]);

#endif
