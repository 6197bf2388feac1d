/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a Mi 360's U-Boot wants of an update file, read out of its code. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "format/recovery.h"

/* U-Boot is linked to a multiple of this; the vectors at its start point into it. */
#define LINK_ALIGNMENT 0x100000u
#define FIRST_VECTOR   0x20u

/* "ldr r0, [pc, #n]" and "ldr r2, [pc, #n]": arguments from the literals behind a function. */
#define LDR_MASK        0xfffff000u
#define LDR_R0_LITERAL  0xe59f0000u
#define LDR_R2_LITERAL  0xe59f2000u
#define LDR_OFFSET_MASK 0xfffu
#define PIPELINE        8u /* pc is this far ahead of the instruction */

/* From the call that prints "Final..." to the one that verifies. */
#define INSTRUCTIONS_BETWEEN 12u

/* 32 random bytes have fewer different ones once in a million; code and text have. */
#define KEY_DIFFERENT_BYTES 22u

/* Where the literal lies that the instruction at "at" loads, if it is such a load. */
static bool literal(struct rc_span program, size_t at, uint32_t instruction, uint32_t *value)
{
	uint32_t word = rc_le32(program.data + at);
	size_t place = at + PIPELINE + (word & LDR_OFFSET_MASK);

	if ((word & LDR_MASK) != instruction || place + 4 > program.size)
		return false;
	*value = rc_le32(program.data + place);
	return true;
}

/* The key that the code behind "at" loads as a third argument. */
static bool key_behind(struct rc_span program, size_t at, uint32_t base,
		       uint8_t key[RECOVERY_KEY_SIZE])
{
	for (unsigned i = 1; i <= INSTRUCTIONS_BETWEEN; i++) {
		uint32_t value;

		at += 4;
		if (at + 4 > program.size)
			return false;
		if (!literal(program, at, LDR_R2_LITERAL, &value))
			continue;
		if (value < base || value - base > program.size - RECOVERY_KEY_SIZE)
			return false;
		memcpy(key, program.data + (value - base), RECOVERY_KEY_SIZE);
		return true;
	}
	return false;
}

static bool key_by_code(struct rc_span program, uint8_t key[RECOVERY_KEY_SIZE])
{
	static const char text[] = "Final...";
	const uint8_t *string = rc_find(program, text, sizeof(text) - 1);
	uint32_t base, address, value;

	if (!string || program.size < FIRST_VECTOR + 4)
		return false;
	base = rc_le32(program.data + FIRST_VECTOR) & ~(LINK_ALIGNMENT - 1);
	address = base + (uint32_t)(string - program.data);
	for (size_t at = 0; at + 4 <= program.size; at += 4)
		if (literal(program, at, LDR_R0_LITERAL, &value) && value == address)
			return key_behind(program, at, base, key);
	return false;
}

void recovery_read_loader(struct rc_span program, struct recovery_loader *loader)
{
	static const char *const files[] = { "tf_update.img", "tf_recovery.img" };

	*loader = (struct recovery_loader){ 0 };
	for (size_t i = 0; i < RC_COUNT(files) && !loader->file[0]; i++)
		if (rc_find(program, files[i], strlen(files[i]) + 1))
			snprintf(loader->file, sizeof(loader->file), "%s", files[i]);
	loader->has_key = key_by_code(program, loader->key);
}

static bool may_be_key(const uint8_t *bytes)
{
	bool seen[256] = { false };
	unsigned different = 0;

	for (unsigned i = 0; i < RECOVERY_KEY_SIZE; i++) {
		different += !seen[bytes[i]];
		seen[bytes[i]] = true;
	}
	return different >= KEY_DIFFERENT_BYTES;
}

bool recovery_find_key(struct rc_span program, struct rc_span file, uint8_t key[RECOVERY_KEY_SIZE])
{
	crypto_sign_state hashed;
	size_t size = file.size - RECOVERY_TRAILER;

	if (file.size < RECOVERY_TRAILER)
		return false;
	crypto_sign_init(&hashed);
	crypto_sign_update(&hashed, file.data, size);
	for (size_t at = 0; at + RECOVERY_KEY_SIZE <= program.size; at++) {
		crypto_sign_state state = hashed;

		if (!may_be_key(program.data + at) ||
		    crypto_sign_final_verify(&state, file.data + size, program.data + at) != 0)
			continue;
		memcpy(key, program.data + at, RECOVERY_KEY_SIZE);
		return true;
	}
	return false;
}
