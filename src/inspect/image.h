/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image under inspection: what its steps (image*.c) hand to each other. */
#ifndef RECAM_INSPECT_IMAGE_H
#define RECAM_INSPECT_IMAGE_H

#include "format/ingenic_boot.h"
#include "format/mstar_boot.h"
#include "inspect/clues.h"
#include "inspect/inspect.h"

struct image {
	struct rc_span bytes; /* the flash from out->base on */
	const struct inspect_options *options;
	struct inspection *out;
	struct clues clues;
	const struct board *board; /* whose layout and roles are used; NULL: none */
	struct layout layout;      /* of what is to be examined */
	/* Bytes from the start that were really read: less than all where the upper half of a
	 * read repeats the lower. */
	size_t trusted;
	/* At most one of them is there. */
	bool guessed; /* the layout is nothing but beginnings of known formats */
	bool has_ingenic, has_mstar;
	struct ingenic_boot ingenic;
	struct mstar_boot mstar;
	/* Where a boot image was found that is not at its place. */
	enum ingenic_boot_place boot_place;
	size_t boot_offset;
	bool failed; /* memory ran out */
};

/* What one partition tells of its camera. Each is filled by whichever thread checks that
 * partition, and heard when all are done, in the order of the layout: what is reported does not
 * depend on which thread was faster. */
struct told {
	struct clues clues;
	struct identity identity;
	char firmware_version[64];
};

/* Bytes of a partition, as far as they are in the image. */
struct rc_span image_region(const struct image *image, const struct partition *place);
/* True where the whole partition was read. */
bool image_holds(const struct image *image, const struct partition *place);

/* Reads what the bootloader (at the start of boot) tells: clues, out->bootloader. */
int image_read_boot(struct image *image, struct rc_span boot, struct rc_error *err);
/* The known build that most 4 KiB pieces of the used bytes agree with; *differing (may be
 * NULL) gets one bool for each of its pieces. NULL where none agrees in a quarter of them. */
const struct board_bootloader *image_nearest_boot(const struct image *image, struct rc_span boot,
						  bool differing[INGENIC_MAX_PIECES]);

/* Chooses image->board and image->layout from the clues so far and the bytes. */
int image_choose_layout(struct image *image, struct rc_error *err);
/* Role and expected format of a partition, by the board or else by its usual name. */
enum partition_role image_role(const struct image *image, const char *name, bool *required,
			       const struct format **expected);

/* Checks each partition of the layout once, on all cores; gathers clues, identity, versions. */
int image_examine(struct image *image, struct rc_error *err);
/* The identity in a partition that holds it in itself (FLSH, aplink). */
void image_read_identity(struct told *told, const struct inspected_partition *part,
			 struct rc_span region);
/* What one file in a file system tells. */
void image_read_file(struct told *told, const struct inspected_partition *part,
		     const struct fs_entry *entry);
/* Adds what was told to what is known; what is told later counts where both cannot hold. */
void image_hear(struct image *image, const struct told *told);

/* Adds the findings, and draws the pieces. */
void image_judge(struct image *image);
void image_judge_boot(struct image *image, struct inspected_partition *part);
int image_draw(struct image *image, struct rc_error *err);

/* From chosen layout to findings and board: what flash, firmware and partition share.
 * Owns and frees image->clues. */
int image_finish(struct image *image, struct rc_error *err);

__attribute__((format(printf, 5, 6))) void image_found(struct image *image, const char *id,
						       const char *partition, uint64_t offset,
						       const char *evidence, ...);

/* Large enough, or begins so, that it can only be meant as a whole flash (detect.c). */
bool detect_is_flash(struct rc_span bytes);

/* A console capture: what is wrong with it, and its bytes as flash or partition
 * (capture_inspect.c). */
int inspect_capture(struct rc_span text, const struct inspect_options *options,
		    struct inspection *inspection, struct rc_error *err);

/* Firmware files and single partitions (firmware.c). */
bool firmware_is_demo(struct rc_span bytes);
bool firmware_is_recovery(struct rc_span bytes);
int inspect_demo(struct rc_span bytes, const struct inspect_options *options,
		 struct inspection *out, struct rc_error *err);
int inspect_recovery(struct rc_span bytes, const struct inspect_options *options,
		     struct inspection *out, struct rc_error *err);
int inspect_partition(struct rc_span bytes, const struct inspect_options *options,
		      struct inspection *out, struct rc_error *err);

#endif
