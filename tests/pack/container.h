/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware files, the folders that are unpacked of them, and the way back, for tests. */
#ifndef RECAM_TESTS_PACK_CONTAINER_H
#define RECAM_TESTS_PACK_CONTAINER_H

#include "pack/firmware_open.h"
#include "pack/repack.h"
#include "pack/unpack.h"

/* Group fixtures: the demonstration's flash and all boards. */
int container_setup(void **state);
int container_teardown(void **state);
extern struct rc_buffer container_flash;
extern struct boards container_boards;

const struct board *container_board(const char *id);

/* A demo.bin of a Dafang's flash, made by mkimage. */
void container_demo(struct rc_span flash, struct rc_buffer *demo);
/* The Mi 360's parts of ../shared with a root of the demonstration's, as one flash; skips where
 * they are not there. */
void container_mi360(struct rc_buffer *flash);

/* Unpacks to a fresh folder, whose path is returned in new memory; what came out in *unpacked
 * (may be NULL). board: id, or NULL. */
char *container_unpack(const char *name, const struct rc_buffer *file, const char *board,
		       struct unpacked *unpacked);
int container_try_unpack(const char *name, struct rc_span file, const char *board,
			 const char *folder, struct unpacked *unpacked, struct rc_error *err);

/* Packs folder; as may be NULL. */
int container_pack(const char *folder, const char *board, const char *as, struct repacked *packed,
		   struct rc_error *err);
/* The same, which must give these bytes. */
void assert_packs_to(const char *folder, const char *board, const char *as, struct rc_span bytes);

/* A file in a folder. */
void container_put(const char *folder, const char *name, const void *data, size_t size);
void container_get(const char *folder, const char *name, struct rc_buffer *bytes);
/* Flips the bits of one byte of a file in a folder. */
void container_flip(const char *folder, const char *name, size_t at, uint8_t bits);
void container_remove(const char *folder, const char *name);
bool container_has(const char *folder, const char *name);

#endif
