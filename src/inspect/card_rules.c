/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/card_rules.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "flash/chip.h"

static const struct card_rules *const all[] = { &card_rules_stock, &card_rules_open,
						&card_rules_mstar };

const struct card_rules *card_rules_of(const struct card_camera *camera)
{
	for (size_t i = 0; i < RC_COUNT(all); i++)
		if (all[i]->fits(camera))
			return all[i];
	return NULL;
}

const char *card_outcome_name(enum card_outcome outcome)
{
	static const char *const names[] = { "not seen", "refused", "taken" };

	return names[outcome];
}

/* A verdict with its reason; what the bootloader prints goes into says separately. */
void card_settle(struct card_verdict *verdict, enum card_outcome outcome, const char *finding,
		 const char *format, ...)
{
	va_list args;

	verdict->outcome = outcome;
	verdict->finding = finding;
	va_start(args, format);
	vsnprintf(verdict->why, sizeof(verdict->why), format, args);
	va_end(args);
}

void card_say(struct card_verdict *verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(verdict->says, sizeof(verdict->says), format, args);
	va_end(args);
}

/* --- The chip --- */

/* Of the builds that the camera may have: the one that is known, or all of its kind. */
static bool may_have(const struct card_camera *camera, const struct board_bootloader *build)
{
	if (camera->bootloader)
		return build == camera->bootloader;
	return build->origin == BOOTLOADER_STOCK;
}

static bool knows_maker(const struct board_bootloader *build, uint32_t jedec)
{
	if (!build->makers[0])
		return true;
	for (size_t i = 0; i < RC_COUNT(build->makers) && build->makers[i]; i++)
		if (build->makers[i] == jedec >> 16)
			return true;
	return false;
}

static bool misdetects(const struct board_bootloader *build, uint32_t jedec)
{
	for (size_t i = 0; i < RC_COUNT(build->misdetects) && build->misdetects[i]; i++)
		if (build->misdetects[i] == jedec)
			return true;
	return false;
}

/* What unknown chips are taken for: the last entry of each build's table (facts 0.1). */
#define FALLBACK_SIZE RC_MIB(8)

struct chip_view {
	bool unsupported;
	bool misdetected;
	size_t size; /* as the bootloader sees it; 0: no limit known */
};

static struct chip_view view_chip(const struct card_camera *camera)
{
	struct chip_view view = { .size = chip_size_from_id(camera->jedec) };
	const struct board *board = camera->board;

	for (size_t i = 0; camera->jedec && i < board->bootloader_count; i++) {
		const struct board_bootloader *build = &board->bootloaders[i];

		if (!may_have(camera, build))
			continue;
		view.unsupported |= !knows_maker(build, camera->jedec);
		view.misdetected |= misdetects(build, camera->jedec);
	}
	if (view.misdetected)
		view.size = FALLBACK_SIZE;
	return view;
}

/* The range check of erase comes before the first erase (facts 0.3). */
static void judge_range(const struct card_camera *camera, struct card_verdict *verdict)
{
	struct chip_view view = view_chip(camera);
	size_t end = (size_t)verdict->flash_offset + verdict->flash_size;

	if (!view.size || end <= view.size)
		return;
	card_say(verdict, "len plus offset more than flash size!");
	card_settle(verdict, CARD_REFUSED, "chip-size-misdetected",
		    "it erases up to 0x%zx whatever the file's size, and %s a chip of %zu MiB: "
		    "each card "
		    "update ends before anything is erased, and a smaller file changes nothing",
		    end, view.misdetected ? "takes this one (16 MiB) for" : "this is",
		    view.size >> 20);
}

static bool chip_unsupported(const struct card_camera *camera, struct card_verdict *verdict)
{
	if (!view_chip(camera).unsupported)
		return false;
	card_say(verdict, "SF: Unsupported manufacturer %02x", camera->jedec >> 16);
	card_settle(
		verdict, CARD_REFUSED, "chip-unsupported",
		"it does not know the maker of the chip (%06x) and can neither read nor write it",
		camera->jedec);
	return true;
}

/* --- The card --- */

static void judge_medium(enum uboot_card medium, struct rc_span card, struct card_verdict *verdict)
{
	static const char invalid[] = "** Partition 1 not valid on device 0 **";

	if (medium != UBOOT_CARD_NO_FAT)
		card_say(verdict, "%s", invalid);
	if (medium == UBOOT_CARD_NO_TABLE)
		card_settle(verdict, CARD_NOT_SEEN, "card-not-fat",
			    "the card has no partition table (MBR) in its first sector");
	else if (medium == UBOOT_CARD_NO_PARTITION)
		card_settle(
			verdict, CARD_NOT_SEEN, "card-not-fat",
			"the first entry of the partition table has type %02x: empty or extended; "
			"the bootloader looks at no other",
			card.data[450]);
	else
		card_settle(verdict, CARD_NOT_SEEN, "card-not-fat",
			    "the first partition (type %02x) holds no FAT file system",
			    card.data[450]);
}

/* What a read that failed comes to, as the bootloader tells it. True: there are bytes. */
static bool judge_read(enum uboot_read status, const struct rc_buffer *bytes, uint32_t size,
		       struct card_verdict *verdict)
{
	verdict->file_size = size;
	if (status == UBOOT_READ_BROKEN)
		card_say(verdict, "Invalid FAT entry");
	else if (status == UBOOT_READ_ERROR)
		card_say(verdict, "Error reading cluster");
	else if (status == UBOOT_READ_SECTORS)
		card_say(verdict, "Error: FAT sector size mismatch");
	if (status == UBOOT_READ_DONE || (status == UBOOT_READ_BROKEN && bytes->size))
		return true;
	if (status == UBOOT_READ_MISSING)
		card_settle(verdict, CARD_NOT_SEEN, "card-no-file",
			    "there is no %s in the root folder of the card's first partition",
			    verdict->file);
	else if (status == UBOOT_READ_ASTRAY)
		card_settle(verdict, CARD_NOT_SEEN, "card-damaged",
			    "the clusters of %s lead out of the file system, and the bootloader "
			    "crashes "
			    "on it: the camera does not start with this card",
			    verdict->file);
	else if (status == UBOOT_READ_SECTORS)
		card_settle(verdict, CARD_NOT_SEEN, "card-not-fat",
			    "the sectors of its file system are not of 512 bytes");
	else
		card_settle(verdict, CARD_NOT_SEEN, "card-damaged",
			    "%s is in the folder of the card (%u bytes), and cannot be read",
			    verdict->file, size);
	return false;
}

static int try_file(const struct card_camera *camera, const struct uboot_fat *fat, size_t index,
		    struct card_verdict *verdict, struct rc_error *err)
{
	const struct card_rules *rules = camera->rules;
	struct rc_buffer bytes = { 0 };
	uint32_t size;
	enum uboot_read status = UBOOT_READ_DONE;
	bool go_on = true;

	if (rules->header_size) {
		status = uboot_fat_read(fat, verdict->file, rules->header_size, &bytes, &size);
		go_on = judge_read(status, &bytes, size, verdict) &&
			rules->judge_header(camera, index,
					    (struct rc_span){ bytes.data, bytes.size }, verdict);
		rc_buffer_free(&bytes);
	}
	if (go_on) {
		status = uboot_fat_read(fat, verdict->file, rules->load_limit, &bytes, &size);
		go_on = judge_read(status, &bytes, size, verdict) &&
			rules->judge_file(camera, index, (struct rc_span){ bytes.data, bytes.size },
					  verdict);
		rc_buffer_free(&bytes);
	}
	if (status == UBOOT_READ_MEMORY)
		return rc_fail_memory(err, size);
	if (go_on) {
		verdict->outcome = CARD_TAKEN;
		judge_range(camera, verdict);
	}
	return 0;
}

/* All names are tried; what became of the first that was there is told. */
static int try_files(const struct card_camera *camera, const struct uboot_fat *fat,
		     struct card_verdict *verdict, struct rc_error *err)
{
	const char *names[CARD_MAX_FILES];
	size_t count = camera->rules->files(camera, names);
	int status = 0;

	for (size_t i = 0; i < count && !status; i++) {
		struct card_verdict one = { 0 };

		snprintf(one.file, sizeof(one.file), "%s", names[i]);
		status = try_file(camera, fat, i, &one, err);
		if (i == 0 || one.outcome > verdict->outcome)
			*verdict = one;
	}
	return status;
}

int card_judge(const struct card_camera *camera, struct rc_span card, struct card_verdict *verdict,
	       struct rc_error *err)
{
	const char *names[CARD_MAX_FILES];
	struct uboot_fat fat;
	enum uboot_card medium;

	*verdict = (struct card_verdict){ 0 };
	if (!camera->rules)
		return rc_fail(err, RC_EUNSUPPORTED,
			       "how the bootloader of %s (%s) takes an SD card is not known, so "
			       "nothing can be foretold: give a dump with --rehearse",
			       camera->board->name, camera->board->id);
	camera->rules->files(camera, names);
	snprintf(verdict->file, sizeof(verdict->file), "%s", names[0]);
	if (camera->rules->wants_button && !camera->button_held) {
		card_say(verdict, "jiabo_update_to_flash");
		card_settle(verdict, CARD_NOT_SEEN, "button-not-held",
			    "without the setup button held the bootloader looks at no card");
		return 0;
	}
	medium = uboot_card_open(card, &fat);
	if (medium != UBOOT_CARD_FAT) {
		judge_medium(medium, card, verdict);
		return 0;
	}
	if (fat.kind == 0) {
		card_say(verdict, "No valid FAT fs found");
		card_settle(
			verdict, CARD_NOT_SEEN, "card-not-fat",
			"the boot sector of the first partition names no FAT12, FAT16 or FAT32");
		return 0;
	}
	if (chip_unsupported(camera, verdict))
		return 0;
	return try_files(camera, &fat, verdict, err);
}
