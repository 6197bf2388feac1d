/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the state of each partition, and what it is for, to findings. */
#include <stdio.h>
#include <string.h>

#include "flash/chip.h"
#include "format/flag.h"
#include "inspect/image.h"

/* Evidence for a region whose check does not hold: the first problem, and how many more. */
static void say_damage(const struct format_report *report, char *out, size_t size)
{
	if (report->problem_count == 0)
		snprintf(out, size, "it begins as nothing that is known");
	else if (report->problem_count == 1)
		snprintf(out, size, "%s", report->problems[0].text);
	else
		snprintf(out, size, "%s, and %zu more like it", report->problems[0].text,
			 report->problem_count - 1);
}

static void found_damaged(struct image *image, const struct inspected_partition *part,
			  const char *id)
{
	const struct format_report *report = &part->report;
	uint64_t at = part->place.offset + (report->problem_count ? report->problems[0].offset : 0);
	char text[256];

	say_damage(report, text, sizeof(text));
	image_found(image, id, part->place.name, at, "%s", text);
}

static void found_erased(struct image *image, const struct inspected_partition *part,
			 const char *id)
{
	image_found(image, id, part->place.name, part->place.offset, "all %u bytes are FF",
		    part->place.size);
}

static void found_foreign(struct image *image, const struct inspected_partition *part)
{
	image_found(image, "partition-foreign", part->place.name, part->place.offset,
		    "a whole %s, where a %s is expected",
		    part->report.format ? part->report.format->name : "something else",
		    part->expected ? part->expected->name : "known format");
}

/* JFFS2 survives a write that the power was taken from: the one before it counts. */
static void judge_torn(struct image *image, const struct inspected_partition *part, const char *id)
{
	json_int_t torn = json_integer_value(json_object_get(part->report.detail, "torn"));

	if (torn > 0)
		image_found(image, id, part->place.name, part->place.offset + part->report.used,
			    "its last write was cut off; what was there before can be read");
}

/* The two findings of the partitions that a camera cannot do without. */
static const struct {
	enum partition_role role;
	const char *erased, *damaged;
} needed[] = {
	{ ROLE_KERNEL, "kernel-erased", "kernel-damaged" },
	{ ROLE_ROOT, "root-erased", "root-damaged" },
	{ ROLE_DRIVER, "driver-erased", "driver-damaged" },
	{ ROLE_APP, "appfs-erased", "appfs-damaged" },
};

static void judge_needed(struct image *image, const struct inspected_partition *part)
{
	size_t i = 0;

	while (needed[i].role != part->role)
		i++;
	switch (part->report.state) {
	case REGION_ERASED:
		found_erased(image, part, needed[i].erased);
		break;
	case REGION_FOREIGN:
		/* Another file system may well be meant; another thing than a kernel never. */
		if (part->role == ROLE_KERNEL)
			found_damaged(image, part, needed[i].damaged);
		else
			found_foreign(image, part);
		break;
	case REGION_UNKNOWN:
	case REGION_DAMAGED:
		/* Boards whose root format is not known have no expected one: then only what
		 * is recognised, and broken, counts. */
		if (part->expected || part->report.state == REGION_DAMAGED)
			found_damaged(image, part, needed[i].damaged);
		break;
	case REGION_GOOD:
		judge_torn(image, part, "partition-damaged");
		break;
	}
}

static void judge_identity(struct image *image, const struct inspected_partition *part)
{
	bool present = image->out->identity.present;

	if (part->report.state == REGION_ERASED)
		found_erased(image, part, "identity-missing");
	else if (present && part->report.state == REGION_DAMAGED)
		found_damaged(image, part, "identity-at-risk");
	else if (!present && part->report.state == REGION_DAMAGED)
		found_damaged(image, part, "identity-damaged");
	else if (!present)
		image_found(image, "identity-missing", part->place.name, part->place.offset,
			    "no MAC address and keys are in it");
	else
		judge_torn(image, part, "identity-at-risk");
}

static void judge_settings(struct image *image, const struct inspected_partition *part)
{
	if (part->report.state == REGION_ERASED)
		found_erased(image, part, "settings-erased");
	else if (part->report.state == REGION_FOREIGN)
		found_foreign(image, part);
	else if (part->report.state == REGION_DAMAGED)
		found_damaged(image, part, "settings-damaged");
	else
		judge_torn(image, part, "settings-damaged");
}

static const struct inspected_partition *find_role(const struct image *image,
						   enum partition_role role)
{
	for (size_t i = 0; i < image->out->partition_count; i++) {
		if (image->out->partitions[i].role == role)
			return &image->out->partitions[i];
	}
	return NULL;
}

/* True where a spare copy holds a good image of the format that the bootloader will put in
 * the place of the real one, without a look at it (facts 1.6). */
static bool spare_holds(const struct image *image, enum partition_role role,
			const struct format *format)
{
	const struct inspected_partition *spare = find_role(image, role);

	return spare && spare->report.state == REGION_GOOD && spare->report.format == format;
}

static void judge_pending(struct image *image, const struct inspected_partition *part,
			  enum flag_update update)
{
	bool kernel = update != FLAG_DRIVERS, drivers = update != FLAG_KERNEL;
	bool kernel_bad = kernel && !spare_holds(image, ROLE_BACKUP_KERNEL, &format_uimage);
	bool drivers_bad = drivers && !spare_holds(image, ROLE_BACKUP_DRIVER, &format_squashfs);

	image_found(image, kernel_bad || drivers_bad ? "update-pending-unsafe" : "update-pending",
		    part->place.name, part->place.offset, "the flag asks for %s%s%s%s",
		    flag_update_name(update), kernel_bad ? "; backupk holds no good kernel" : "",
		    drivers_bad ? "; backupd holds no good drivers" : "",
		    kernel_bad || drivers_bad ? "" : ", and the spare copies are good");
}

static void judge_flag(struct image *image, const struct inspected_partition *part)
{
	struct rc_span region = image_region(image, &part->place);
	enum flag_update update = flag_read(region);

	if (update == FLAG_UNKNOWN_REQUEST ||
	    (update == FLAG_NONE && part->report.state != REGION_GOOD))
		image_found(image, "flag-unknown", part->place.name, part->place.offset,
			    "%zu bytes that are no request the bootloader knows",
			    rc_used_before_fill(region.data, region.size, 0xff));
	else if (update != FLAG_NONE)
		judge_pending(image, part, update);
}

static void judge_other(struct image *image, const struct inspected_partition *part)
{
	bool spare = part->role == ROLE_BACKUP_KERNEL || part->role == ROLE_BACKUP_DRIVER ||
		     part->role == ROLE_BACKUP_APP;

	if (spare && part->report.state == REGION_UNKNOWN)
		found_damaged(image, part, "backup-damaged");
	else if (part->report.state == REGION_DAMAGED)
		found_damaged(image, part, spare ? "backup-damaged" : "partition-damaged");
	else if (part->report.state == REGION_FOREIGN && !spare)
		found_foreign(image, part);
}

static void judge_partition(struct image *image, struct inspected_partition *part)
{
	switch (part->role) {
	case ROLE_BOOT:
		image_judge_boot(image, part);
		break;
	case ROLE_KERNEL:
	case ROLE_ROOT:
	case ROLE_DRIVER:
	case ROLE_APP:
		judge_needed(image, part);
		break;
	case ROLE_IDENTITY:
		judge_identity(image, part);
		break;
	case ROLE_SETTINGS:
		judge_settings(image, part);
		break;
	case ROLE_FLAG:
		judge_flag(image, part);
		break;
	default:
		judge_other(image, part);
	}
}

/* Kernel and bootloader of the Mi 360 family are for one chip each (facts/mstar 6, rule 1). */
static void judge_model(struct image *image)
{
	const struct inspected_partition *kernel = find_role(image, ROLE_KERNEL);
	const char *name = NULL, *chip;

	if (!image->has_mstar || !image->mstar.chip[0] || !kernel)
		return;
	for (size_t i = 0; i < image->clues.count; i++) {
		if (strcmp(image->clues.all[i].kind, "uimage") == 0 &&
		    strcmp(image->clues.all[i].where, kernel->place.name) == 0)
			name = image->clues.all[i].value;
	}
	chip = name ? strstr(name, "##I") : NULL;
	if (chip && strncmp(chip + 2, image->mstar.chip, 2) != 0)
		image_found(image, "image-wrong-model", kernel->place.name, kernel->place.offset,
			    "the bootloader is for %s, the kernel for %.2s", image->mstar.chip,
			    chip + 2);
}

/* A single file whose beginning says nothing. */
static void judge_unknown(struct image *image)
{
	const struct inspection *out = image->out;

	if (out->kind == INSPECT_PARTITION && out->finding_count == 0 &&
	    out->partitions[0].report.state == REGION_UNKNOWN)
		image_found(image, "not-recognised", NULL, 0,
			    "its first bytes are %02X %02X %02X %02X", image->bytes.data[0],
			    image->bytes.size > 1 ? image->bytes.data[1] : 0,
			    image->bytes.size > 2 ? image->bytes.data[2] : 0,
			    image->bytes.size > 3 ? image->bytes.data[3] : 0);
}

static void judge_board(struct image *image)
{
	const struct board *board = image->out->board.board;

	if (board && board->refused)
		image_found(image, "board-refused", NULL, FINDING_NO_OFFSET, "%s: %s", board->name,
			    board->why_refused);
	else if (image->guessed)
		image_found(image, "layout-unknown", NULL, FINDING_NO_OFFSET,
			    "%zu beginnings of known formats were found", image->layout.count);
}

/* Sizes that a NOR chip comes in. */
static bool is_chip_size(uint64_t size)
{
	return size >= RC_KIB(64) && size <= RC_MAX_FLASH && (size & (size - 1)) == 0;
}

static void judge_size(struct image *image)
{
	uint64_t size = image->out->size;
	uint64_t chip = chip_size_from_id(image->options->jedec);
	uint64_t layout = image->layout.flash_size;
	const struct partition *last = image->layout.count
					       ? &image->layout.partitions[image->layout.count - 1]
					       : NULL;

	if (last && (uint64_t)last->offset + last->size > layout)
		layout = (uint64_t)last->offset + last->size;
	if (chip && size != chip)
		image_found(image, "flash-short", NULL, FINDING_NO_OFFSET,
			    "%llu bytes of the chip's %llu", (unsigned long long)size,
			    (unsigned long long)chip);
	else if (layout > size)
		image_found(image, "flash-short", NULL, FINDING_NO_OFFSET,
			    "%llu bytes; the partitions, by %s, take %llu",
			    (unsigned long long)size, image->out->layout_from,
			    (unsigned long long)layout);
	else if (!is_chip_size(size))
		image_found(image, "flash-short", NULL, FINDING_NO_OFFSET,
			    "%llu bytes are the size of no flash chip", (unsigned long long)size);
}

/* Where the bootloader itself was not recognised as one that does so. */
static void judge_reach(struct image *image)
{
	uint32_t reach = image->options->reach;

	if (reach && reach < image->out->size &&
	    !inspection_find(image->out, "chip-size-misdetected"))
		image_found(image, "chip-size-misdetected", NULL, reach,
			    "0x%X of the 0x%llX bytes of chip %06x could be read", reach,
			    (unsigned long long)image->out->size, image->options->jedec);
}

void image_judge(struct image *image)
{
	struct inspection *out = image->out;

	if (out->kind == INSPECT_FLASH)
		judge_size(image);
	for (size_t i = 0; i < out->partition_count; i++) {
		if (image_holds(image, &out->partitions[i].place))
			judge_partition(image, &out->partitions[i]);
	}
	judge_reach(image);
	judge_model(image);
	judge_board(image);
	judge_unknown(image);
}
