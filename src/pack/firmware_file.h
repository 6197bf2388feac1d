/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One firmware file in memory: what shape it has, and which stretch of it belongs
 * into which partition. Pure: nothing is read or written here.
 *
 * Shapes: facts/bootloaders-and-flash.md 1.1, 2.1 and 2.3; facts/mstar-mi360.md 2.1.
 */
#ifndef RECAM_PACK_FIRMWARE_FILE_H
#define RECAM_PACK_FIRMWARE_FILE_H

#include "base/bytes.h"
#include "base/error.h"
#include "board/board.h"
#include "format/uimage.h"
#include "inspect/inspect.h"

/* Where the partitions of a camera lie, and what each is for. */
struct flash_map {
	char camera[64];  /* for messages: "Xiaomi Dafang DF3" */
	char dialect[16]; /* of its bootloader, as in the board file: "ingenic"; "" not known */
	struct layout layout;
	enum partition_role roles[RC_MAX_PARTITIONS]; /* beside layout.partitions */
};

void flash_map_of_board(const struct board *board, struct flash_map *map);
/* The partitions as an inspection found them; flash_size is that of the board that it
 * recognised, else the end of the last partition. Names come from the flash itself: those that
 * are no names for files, or are there twice, become "part-OFFSET". */
void flash_map_of_inspection(const struct inspection *inspection, struct flash_map *map);
/* True for partitions that hold MAC, keys, pairing or a Wi-Fi password: settings and identity, and
 * DATA of the Mi 360 family (facts/bootloaders-and-flash.md 1.5, facts/mstar-mi360.md 1.6). */
bool flash_map_is_secret(const struct flash_map *map, enum partition_role role);
enum partition_role flash_map_role(const struct flash_map *map, const char *name);

/* Partitions that lie one behind the other. count 0: this camera has no such row. */
struct flash_run {
	size_t first, count; /* in map->layout.partitions */
	uint32_t offset, size;
};

/* A shape that a firmware file can have. */
struct firmware_shape {
	const char *word; /* for --as and recam.json: "demo" */
	const char *what; /* for people: "a demo.bin" */
	const char *file; /* name that the camera's bootloader looks for, NULL none */
	/* Type in the uImage header before the payload; 0: no header. */
	uint8_t type;
	const char *dialect; /* of the bootloaders that take it; NULL: any */
	/* The row of partitions that it carries, by the roles of its ends. */
	enum partition_role from, to;
	uint32_t trailer; /* bytes behind the payload */
	/* True: as large as the row, never shorter. A stock bootloader erases the whole row and
	 * writes what there is (facts 0.7). False: what is missing at the end is FF. */
	bool whole;
	bool inspected; /* inspect_bytes knows the whole of it, not only its parts */
};

enum firmware_kind {
	FIRMWARE_FLASH,
	FIRMWARE_DEMO,
	FIRMWARE_RECOVERY,
	FIRMWARE_OPEN_UBOOT,  /* those four of the open bootloader (facts 2.3) */
	FIRMWARE_OPEN_KERNEL, /* its header is the kernel's own, and is written too */
	FIRMWARE_OPEN_ROOTFS,
	FIRMWARE_OPEN_FULL,
	FIRMWARE_KINDS
};
extern const struct firmware_shape firmware_shapes[FIRMWARE_KINDS];

/* By its word; FIRMWARE_KINDS where there is none such. */
enum firmware_kind firmware_kind_find(const char *word);

void firmware_run(const struct flash_map *map, enum firmware_kind kind, struct flash_run *run);

struct firmware_slice {
	struct partition place;
	enum partition_role role;
	/* At most place.size; borrowed from the file. data NULL: it was never read (of a partial
	 * copy; firmware_file_split makes none such). */
	struct rc_span bytes;
};

struct firmware_file {
	enum firmware_kind kind;
	struct uimage_header header; /* of shapes that have one */
	struct rc_span payload;      /* without header and trailer */
	struct rc_span trailer;
	size_t slice_count;
	struct firmware_slice slices[RC_MAX_PARTITIONS];
};

/* Splits the bytes of one file. name is for messages. Refuses (RC_EREFUSED) what is no
 * firmware, is cut or corrupt, or does not fit this camera, with the finding's id in
 * brackets: "[image-too-small] ...". A single partition is refused too: its name says where
 * it belongs, not its bytes. */
int firmware_file_split(const char *name, struct rc_span file, const struct flash_map *map,
			struct firmware_file *out, struct rc_error *err);

/* RC_EREFUSED, [image-not-firmware], for what people have taken for firmware: nothing at all,
 * web pages, archives (pack/firmware_archive.h looks into them first), pictures, Git LFS pointers.
 */
int firmware_refuse_stranger(const char *name, struct rc_span file, struct rc_error *err);

/* True for letters, digits, '-' and '_': a name becomes that of files. */
bool firmware_is_name(const char *name);
/* True if two partition names mean the same ("uboot" and "boot"). */
bool firmware_same_name(const char *a, const char *b);

/* What a file is made of. */
struct firmware_source {
	/* Beside map->layout.partitions; data NULL: not there. Shorter than the partition: FF
	 * behind it. */
	struct rc_span parts[RC_MAX_PARTITIONS];
	const struct uimage_header *header; /* name, time, load ... of shapes that have one */
	uint32_t payload_size;              /* least payload of shapes that may be shorter */
};

/* Puts a file together, without the trailer. RC_EREFUSED where a part of the row is
 * missing or larger than its partition, by how many bytes. out is freed by the caller. */
int firmware_file_build(enum firmware_kind kind, const struct flash_map *map,
			const struct firmware_source *source, struct rc_buffer *out,
			struct rc_error *err);

#endif
