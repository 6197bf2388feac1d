/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip on a programmer. libflashrom has no progress callback, so it is given one
 * region after the other; it is told what the chip held when last seen, so that it
 * erases and writes only what differs.
 *
 * libflashrom 1.3 lifts block protection by itself around every act, reads included,
 * and then writes the status register back as it was (spi25_statusreg.c). That is how
 * protection is lifted here as well, once it may be: it is exact, and a program that
 * is killed leaves the chip unprotected for one region at the most. What it does not
 * lift (the complement bit) goes through its flashrom_wp functions.
 */
#include "link/flashrom.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "flash/layout.h"
#include "link/flashrom_library.h"
#include "link/kinds.h"

#define REGION "recam"
/* About what libflashrom needs for a layout of one region: for the message only. */
#define LAYOUT_BYTES 256u

/* So often the id is read before it is believed. */
#define ID_READS 8

/* 256 KiB over a slow serial programmer, and a chip that needs all the time it may. */
#define PATIENCE_MS 120000

/* While the chip is protected, libflashrom writes its status register twice for each act:
 * then so much is read at once, and handed out in blocks. */
#define WINDOW        (4 * RC_ERASE_BLOCK)
#define WINDOW_BLOCKS (WINDOW / RC_ERASE_BLOCK)

/* One read of a piece of the chip; each block of it is given to the caller once, so that
 * a caller who reads twice gets two reads. */
struct window {
	uint8_t *bytes; /* owned */
	uint32_t offset;
	bool filled;
	bool given[WINDOW_BLOCKS];
};

struct flashrom_link {
	struct link link;
	struct flashrom_spec spec;
	struct flashrom_library library;
	struct flashrom_flashctx *chip;
	char chip_name[FLASHROM_NAME]; /* libflashrom's */
	uint8_t *flash;                /* what the chip held when last read or written; owned */
	bool *seen;                    /* for each block, whether flash is true; owned */
	uint8_t *work;                 /* libflashrom takes whole images; owned */
	uint8_t *staged;               /* what the next erase makes room for; owned */
	size_t staged_size;
	struct window windows[2];
	/* What libflashrom is at, where its thread sees it. */
	struct flashrom_layout *layout;
	const uint8_t *reference;
	unsigned patience_ms; /* for one act */
	bool may_lift;
	struct flashrom_wp_cfg *protection; /* as found, where flashrom_wp has lifted it; owned */
};

/* Measured: facts/rescue-peers-and-limits.md C2. */
static const struct {
	const char *programmer;
	double read_rate, write_rate;
} rates[] = {
	{ "ch341a_spi", 133000, 98000 },
};

/* ---- finding the chip ---- */

static const char *why(const struct flashrom_link *self)
{
	const struct flashrom_log *log = &self->library.log;

	if (log->first_error[0])
		return log->first_error;
	return "libflashrom does not say why";
}

/* The id, believed when it came out the same each time. *id stays 0 where libflashrom
 * does not tell it. */
static int read_id(struct flashrom_link *self, uint32_t *id, struct rc_error *err)
{
	struct contact contact = { 0 };
	char text[640];
	uint32_t one;

	*id = 0;
	for (int i = 0; i < ID_READS; i++)
		if (flashrom_library_read_id(&self->library, &one))
			contact_add(&contact, one);
	if (contact.asked == 0 || contact_is_good(&contact)) {
		*id = contact.id;
		return 0;
	}
	contact_text(&contact, text, sizeof(text));
	if (contact.answered == 0)
		return rc_fail(err, RC_ENOTFOUND, "no chip on %s: %s", self->link.info.name, text);
	return rc_fail(err, RC_EVERIFY, "[reads-differ] %s: %s", self->link.info.name, text);
}

/* libflashrom stops at the second description that fits; the others have the same size. */
static void find_all(struct flashrom_link *self, uint32_t size)
{
	struct flashrom_flashchip_info *chips = flashrom_supported_flash_chips();

	for (size_t i = 0; chips && chips[i].name; i++) {
		struct flashrom_flashctx *context = NULL;

		if (chips[i].total_size * 1024u != size)
			continue;
		if (flashrom_flash_probe(&context, self->library.programmer, chips[i].name) == 0)
			flashrom_flash_release(context);
	}
	flashrom_data_free(chips);
}

static void list_found(const struct flashrom_log *log, struct rc_text *text)
{
	for (size_t i = 0; i < log->found_count; i++)
		rc_text_add(text, "%s%s", i ? ", " : "", log->found[i]);
}

static int fail_several(struct flashrom_link *self, uint32_t id, struct rc_error *err)
{
	const struct flashrom_log *log = &self->library.log;
	struct rc_text names = { 0 };
	int result;

	find_all(self, chip_size_from_id(id));
	list_found(log, &names);
	result = rc_fail(
		err, RC_EUSAGE,
		"%zu descriptions of libflashrom fit the chip %06" PRIx32
		" on %s: %s; read what is printed on the chip and name the one that has it: "
		"'%s?chip=%s'",
		log->found_count, id, self->link.info.name, rc_text_get(&names),
		self->link.info.name, log->found_count ? log->found[log->found_count - 1] : "NAME");
	rc_text_free(&names);
	return result;
}

static int fail_not_found(struct flashrom_link *self, uint32_t id, struct rc_error *err)
{
	const struct chip *chip = chip_find(id);

	if (id == 0)
		return rc_fail(err, RC_ENOTFOUND, "no chip on %s: " FLASHROM_SILENT_CAUSES,
			       self->link.info.name);
	if (self->spec.chip[0])
		return rc_fail(
			err, RC_ENOTFOUND,
			"the chip that answers has the id %06" PRIx32
			"%s%s, and chip=%s is none with that id: leave ?chip= out, and recam "
			"says which names fit",
			id, chip ? ", " : "", chip ? chip->name : "", self->spec.chip);
	return rc_fail(err, RC_EUNSUPPORTED,
		       "a chip answers with the id %06" PRIx32
		       " (%s%s%s), and this libflashrom does not know it: a newer one may; another "
		       "chip's name must not stand in for it, since the commands differ",
		       id, chip ? chip->vendor : "not in recam's table either", chip ? " " : "",
		       chip ? chip->name : "");
}

static int probe(struct flashrom_link *self, uint32_t id, struct rc_error *err)
{
	const struct flashrom_log *log = &self->library.log;
	int status = flashrom_flash_probe(&self->chip, self->library.programmer,
					  self->spec.chip[0] ? self->spec.chip : NULL);

	if (id && log->chosen_id && log->chosen_id != id)
		return rc_fail(err, RC_EREFUSED,
			       "the chip on %s has the id %06" PRIx32
			       ", and libflashrom still takes it for %06" PRIx32
			       ", which this process saw before: start recam anew for each chip",
			       self->link.info.name, id, log->chosen_id);
	if (status == 3)
		return fail_several(self, id, err);
	/* Without a size it is one of libflashrom's "unknown SPI chip" entries. */
	if (status == 2 || (status == 0 && flashrom_flash_getsize(self->chip) == 0))
		return fail_not_found(self, id, err);
	if (status)
		return rc_fail(err, RC_EIO, "looking for a chip on %s failed (%s)",
			       self->link.info.name, why(self));
	return 0;
}

static int take_size(struct flashrom_link *self, struct rc_error *err)
{
	struct link_info *info = &self->link.info;
	size_t size = flashrom_flash_getsize(self->chip);
	uint32_t of_id = chip_size_from_id(info->jedec);

	if (size > RC_MAX_FLASH || size % RC_ERASE_BLOCK)
		return rc_fail(err, RC_EUNSUPPORTED,
			       "the chip on %s has %zu bytes: the flash of a camera has a multiple "
			       "of 65536, and at most %u",
			       info->name, size, RC_MAX_FLASH);
	if (of_id && of_id != size)
		return rc_fail(err, RC_EREFUSED,
			       "libflashrom takes the chip on %s for one of %zu bytes, and its id "
			       "%06" PRIx32 " stands for %" PRIu32
			       ": name the right one with ?chip=",
			       info->name, size, info->jedec, of_id);
	info->flash_size = info->reach = (uint32_t)size;
	self->flash = malloc(size);
	self->work = malloc(size);
	self->staged = malloc(size);
	self->seen = calloc(size / RC_ERASE_BLOCK, sizeof(*self->seen));
	for (size_t i = 0; i < RC_COUNT(self->windows); i++)
		self->windows[i].bytes = malloc(WINDOW);
	if (!self->flash || !self->work || !self->staged || !self->seen ||
	    !self->windows[0].bytes || !self->windows[1].bytes)
		return rc_fail_memory(err, 3 * size);
	return 0;
}

/* ---- protection ---- */

static bool read_range(struct flashrom_link *self, struct flashrom_wp_cfg *cfg, uint32_t *start,
		       uint32_t *length)
{
	size_t from, count;

	if (flashrom_wp_read_cfg(cfg, self->chip) != FLASHROM_WP_OK)
		return false;
	flashrom_wp_get_range(&from, &count, cfg);
	*start = (uint32_t)from;
	*length = (uint32_t)count;
	return true;
}

/* The range: as libflashrom reads it, else (1.3 cannot for most chips) by the chip table. */
static void read_protection(struct flashrom_link *self)
{
	struct link_info *info = &self->link.info;
	struct flashrom_wp_cfg *cfg = NULL;
	char text[CHIP_RANGE_TEXT];

	info->can_unprotect = true;
	if (self->library.log.status >= 0) {
		info->status[0] = (uint8_t)self->library.log.status;
		info->status_count = 1;
	}
	if (flashrom_wp_cfg_new(&cfg) != FLASHROM_WP_OK ||
	    !read_range(self, cfg, &info->protected_start, &info->protected_size)) {
		info->protected_start = info->protected_size = 0;
		if (info->chip && info->status_count)
			chip_protected_range(info->chip, info->flash_size, info->status,
					     &info->protected_start, &info->protected_size);
	}
	if (cfg)
		flashrom_wp_cfg_release(cfg);
	if (info->protected_size)
		rc_log_note("on this chip %s is protected against erasing and writing (status "
			    "register %02X); it can be read all the same",
			    chip_range_text(text, info->protected_start, info->protected_size,
					    info->flash_size),
			    info->status[0]);
}

static bool is_protected(const struct flashrom_link *self, uint32_t offset, size_t size)
{
	const struct link_info *info = &self->link.info;

	return info->protected_size && offset + size > info->protected_start &&
	       offset < info->protected_start + info->protected_size;
}

static int check_protection(const struct flashrom_link *self, const char *verb, uint32_t offset,
			    size_t size, struct rc_error *err)
{
	const struct link_info *info = &self->link.info;
	char text[CHIP_RANGE_TEXT];

	if (self->may_lift || !is_protected(self, offset, size))
		return 0;
	return rc_fail(err, RC_EREFUSED,
		       "[write-protected] will not %s 0x%zx bytes at 0x%" PRIx32
		       ": on this chip %s is protected (status register %02X); recam rescue names "
		       "that in its plan, lifts it when you agree, and puts it back",
		       verb, size, offset,
		       chip_range_text(text, info->protected_start, info->protected_size,
				       info->flash_size),
		       info->status[0]);
}

/* True where the bits that libflashrom clears by itself are all that protects. */
static bool lifts_by_itself(const struct flashrom_link *self)
{
	const struct link_info *info = &self->link.info;
	const uint8_t status[2] = { info->status[0], 0 };
	uint32_t start, length;

	if (!info->chip || !info->status_count)
		return false;
	chip_protected_range(info->chip, info->flash_size, status, &start, &length);
	return start == info->protected_start && length == info->protected_size;
}

static int fail_unprotect(const struct flashrom_link *self, struct rc_error *err)
{
	return rc_fail(err, RC_EIO,
		       "[write-protected] the protection of the chip on %s cannot be lifted (%s): "
		       "WP# (pin 3) must be at 3.3 V; if it is, take the supply off and on, and if "
		       "that does not help, the register is locked for good and only another chip "
		       "helps",
		       self->link.info.name, why(self));
}

static int flashrom_unprotect(struct link *link, struct rc_error *err)
{
	struct flashrom_link *self = (struct flashrom_link *)link;
	struct flashrom_wp_cfg *none = NULL;
	enum flashrom_wp_result status;
	uint32_t start, length;

	self->may_lift = true;
	if (!link->info.protected_size || self->protection || lifts_by_itself(self))
		return 0;
	self->library.log.first_error[0] = '\0';
	status = flashrom_wp_cfg_new(&self->protection);
	if (status == FLASHROM_WP_OK && !read_range(self, self->protection, &start, &length))
		status = FLASHROM_WP_ERR_READ_FAILED;
	if (status == FLASHROM_WP_OK)
		status = flashrom_wp_cfg_new(&none);
	if (status == FLASHROM_WP_OK) {
		flashrom_wp_set_mode(none, FLASHROM_WP_MODE_DISABLED);
		flashrom_wp_set_range(none, 0, 0);
		status = flashrom_wp_write_cfg(self->chip, none);
	}
	if (none)
		flashrom_wp_cfg_release(none);
	return status == FLASHROM_WP_OK ? 0 : fail_unprotect(self, err);
}

/* The status register as it is now; -1 unknown. The probe of a known name reads it. */
static int status_now(struct flashrom_link *self)
{
	struct flashrom_flashctx *again = NULL;

	self->library.log.status = -1;
	if (flashrom_flash_probe(&again, self->library.programmer, self->chip_name) == 0)
		flashrom_flash_release(again);
	return self->library.log.status;
}

/* Puts back what was lifted, and looks whether all is as it was found. */
static void protect_again(struct flashrom_link *self)
{
	const struct link_info *info = &self->link.info;
	char text[CHIP_RANGE_TEXT];
	bool right = true;
	int status;

	if (self->protection)
		right = flashrom_wp_write_cfg(self->chip, self->protection) == FLASHROM_WP_OK;
	status = status_now(self);
	right = right && (status < 0 || status == info->status[0]);
	chip_range_text(text, info->protected_start, info->protected_size, info->flash_size);
	if (right && self->protection)
		rc_log_note("on this chip %s is protected again", text);
	if (!right)
		rc_log_error(
			"the chip's protection is not as it was (%s; status register %02X, now "
			"%02X): before the chip goes back into the camera, run flashrom "
			"--wp-range 0x%" PRIx32 ",0x%" PRIx32 " on it",
			text, info->status[0], (unsigned)status, info->protected_start,
			info->protected_size);
}

/* ---- libflashrom's verbs on one region ---- */

static int fail_lost(const struct flashrom_link *self, struct rc_error *err)
{
	return rc_fail(err, RC_EIO,
		       "the chip on %s does not come to an end with what it was told: the clip has "
		       "slipped or the supply is gone; set the clip anew and run the same command "
		       "again%s",
		       self->link.info.name,
		       self->link.info.protected_size ? " before the camera is switched on: its "
							"protection may be lifted still"
						      : "");
}

static int set_region(struct flashrom_link *self, uint32_t offset, size_t size,
		      struct rc_error *err)
{
	if (self->library.lost)
		return fail_lost(self, err);
	if (flashrom_layout_new(&self->layout))
		return rc_fail_memory(err, LAYOUT_BYTES);
	if (flashrom_layout_add_region(self->layout, offset, offset + size - 1, REGION) ||
	    flashrom_layout_include_region(self->layout, REGION)) {
		flashrom_layout_release(self->layout);
		return rc_fail_memory(err, LAYOUT_BYTES);
	}
	flashrom_layout_set(self->chip, self->layout);
	flashrom_log_clear(&self->library.log);
	return 0;
}

static void drop_region(struct flashrom_link *self)
{
	flashrom_layout_set(self->chip, NULL);
	flashrom_layout_release(self->layout);
}

static void set_seen(struct flashrom_link *self, uint32_t offset, size_t size, bool seen)
{
	for (size_t at = 0; at < size; at += RC_ERASE_BLOCK)
		self->seen[(offset + at) / RC_ERASE_BLOCK] = seen;
}

static bool has_seen(const struct flashrom_link *self, uint32_t offset, size_t size)
{
	for (size_t at = 0; at < size; at += RC_ERASE_BLOCK)
		if (!self->seen[(offset + at) / RC_ERASE_BLOCK])
			return false;
	return true;
}

static int fail_region(struct flashrom_link *self, const char *verb, uint32_t offset, size_t size,
		       struct rc_error *err)
{
	const struct flashrom_log *log = &self->library.log;

	if (strstr(log->first_error, "rotection"))
		return fail_unprotect(self, err);
	if (log->failed_at >= 0)
		return rc_fail(
			err, RC_EVERIFY,
			"could not %s 0x%zx bytes at 0x%" PRIx32
			": the chip does not hold them, first at 0x%" PRIx64
			" (%u %% of them are right before it): contact or supply gave way, or "
			"the chip is worn there; set the clip anew, measure 3.3 V at pin 8 "
			"while it writes, and run the same command again",
			verb, size, offset, log->failed_at,
			(unsigned)((uint64_t)(log->failed_at - offset) * 100 / size));
	return rc_fail(
		err, RC_EIO,
		"could not %s 0x%zx bytes at 0x%" PRIx32
		" (%s): is the programmer still plugged in and the clip in its place? Then run "
		"the same command again",
		verb, size, offset, why(self));
}

/* Reads into work. */
static int read_region(struct flashrom_link *self, uint32_t offset, size_t size,
		       struct rc_error *err)
{
	int result = set_region(self, offset, size, err);
	int status;

	if (result)
		return result;
	status = flashrom_image_read(self->chip, self->work, self->link.info.flash_size);
	drop_region(self);
	return status ? fail_region(self, "read", offset, size, err) : 0;
}

static int write_and_verify(void *context)
{
	struct flashrom_link *self = context;
	uint32_t size = self->link.info.flash_size;
	int status = flashrom_image_write(self->chip, self->work, size, self->reference);

	return status ? status : flashrom_image_verify(self->chip, self->work, size);
}

/* What work holds there goes onto the chip; only what differs from what was seen. */
static int write_region(struct flashrom_link *self, const char *verb, uint32_t offset, size_t size,
			struct rc_error *err)
{
	bool seen = has_seen(self, offset, size);
	int result = set_region(self, offset, size, err);
	int status;

	if (result)
		return result;
	set_seen(self, offset, size, false);
	self->windows[0].filled = self->windows[1].filled = false;
	self->reference = seen ? self->flash : NULL;
	if (!flashrom_library_run(&self->library, write_and_verify, self, self->patience_ms,
				  &status))
		return fail_lost(self, err);
	drop_region(self);
	if (status)
		return fail_region(self, verb, offset, size, err);
	memcpy(self->flash + offset, self->work + offset, size);
	set_seen(self, offset, size, true);
	return 0;
}

/* As many bytes as go in one act: see WINDOW. */
static size_t act_size(const struct flashrom_link *self, size_t left)
{
	size_t most = self->link.info.protected_size ? WINDOW : RC_ERASE_BLOCK;

	return left < most ? left : most;
}

/* bytes NULL: FF. */
static int put(struct flashrom_link *self, const char *verb, uint32_t offset, const uint8_t *bytes,
	       size_t size, struct rc_error *err)
{
	int result = check_protection(self, verb, offset, size, err);

	for (size_t done = 0; done < size && !result;) {
		uint32_t at = offset + (uint32_t)done;
		size_t part = act_size(self, size - done);

		if (bytes)
			memcpy(self->work + at, bytes + done, part);
		else
			memset(self->work + at, 0xff, part);
		if (!has_seen(self, at, part) ||
		    memcmp(self->work + at, self->flash + at, part) != 0)
			result = write_region(self, verb, at, part, err);
		done += part;
		if (!result)
			link_progress(&self->link, part);
	}
	return result;
}

/* ---- the verbs of a link ---- */

/* A block that was read and not given yet, in one of the windows; NULL: none. */
static uint8_t *take_read_block(struct flashrom_link *self, uint32_t offset)
{
	uint32_t base = offset / WINDOW * WINDOW;
	size_t block = (offset - base) / RC_ERASE_BLOCK;

	for (size_t i = 0; i < RC_COUNT(self->windows); i++) {
		struct window *window = &self->windows[i];

		if (window->filled && window->offset == base && !window->given[block]) {
			window->given[block] = true;
			return window->bytes + (offset - base);
		}
	}
	return NULL;
}

static int fill_window(struct flashrom_link *self, uint32_t offset, struct rc_error *err)
{
	uint32_t base = offset / WINDOW * WINDOW;
	uint32_t left = self->link.info.flash_size - base;
	struct window *window = &self->windows[0];
	uint32_t size = left < WINDOW ? left : WINDOW;
	int result;

	if (window->filled && window->offset == base)
		window = &self->windows[1];
	window->filled = false;
	result = read_region(self, base, size, err);
	if (result)
		return result;
	memcpy(window->bytes, self->work + base, size);
	window->offset = base;
	window->filled = true;
	memset(window->given, 0, sizeof(window->given));
	return 0;
}

static int read_protected_block(struct flashrom_link *self, uint32_t offset, uint8_t *out,
				struct rc_error *err)
{
	uint8_t *bytes = take_read_block(self, offset);

	if (!bytes) {
		int result = fill_window(self, offset, err);

		if (result)
			return result;
		bytes = take_read_block(self, offset);
	}
	memcpy(out, bytes, RC_ERASE_BLOCK);
	return 0;
}

/* One block, or a part of one. */
static int read_part(struct flashrom_link *self, uint32_t offset, uint8_t *out, size_t size,
		     struct rc_error *err)
{
	bool whole = offset % RC_ERASE_BLOCK == 0 && size == RC_ERASE_BLOCK;
	int result;

	if (whole && self->link.info.protected_size && !self->protection) {
		result = read_protected_block(self, offset, out, err);
	} else {
		result = read_region(self, offset, size, err);
		if (!result)
			memcpy(out, self->work + offset, size);
	}
	if (result || !whole)
		return result;
	memcpy(self->flash + offset, out, size);
	set_seen(self, offset, size, true);
	return 0;
}

static int flashrom_read(struct link *link, uint32_t offset, uint8_t *out, size_t size,
			 struct rc_error *err)
{
	struct flashrom_link *self = (struct flashrom_link *)link;
	int result = 0;

	for (size_t done = 0; done < size && !result;) {
		uint32_t at = offset + (uint32_t)done;
		size_t part = RC_ERASE_BLOCK - at % RC_ERASE_BLOCK;

		if (part > size - done)
			part = size - done;
		result = read_part(self, at, out + done, part, err);
		done += part;
		if (!result)
			link_progress(link, part);
	}
	return result;
}

static int flashrom_stage(struct link *link, const uint8_t *data, size_t size, struct rc_error *err)
{
	struct flashrom_link *self = (struct flashrom_link *)link;

	(void)err;
	self->staged_size = 0;
	if (size > link->info.flash_size)
		return 0;
	memcpy(self->staged, data, size);
	self->staged_size = size;
	return 0;
}

/* Where it is known what comes next, that goes there at once: libflashrom then erases and
 * writes only the 4 KiB that differ, instead of everything. */
static int flashrom_erase(struct link *link, uint32_t offset, size_t size, struct rc_error *err)
{
	struct flashrom_link *self = (struct flashrom_link *)link;
	const uint8_t *bytes = self->staged_size == size ? self->staged : NULL;

	self->staged_size = 0;
	return put(self, bytes ? "write" : "erase", offset, bytes, size, err);
}

static int flashrom_write(struct link *link, uint32_t offset, const uint8_t *data, size_t size,
			  struct rc_error *err)
{
	return put((struct flashrom_link *)link, "write", offset, data, size, err);
}

static int flashrom_identify(struct link *link, struct rc_error *err)
{
	struct flashrom_link *self = (struct flashrom_link *)link;
	struct link_info *info = &link->info;
	uint32_t id = 0;
	int result = flashrom_library_open(&self->library, &self->spec, err);

	info->kind = LINK_FLASHROM;
	info->step = RC_ERASE_BLOCK;
	if (!result)
		result = read_id(self, &id, err);
	if (!result)
		result = probe(self, id, err);
	if (result)
		return result;
	info->jedec = id ? id : self->library.log.chosen_id;
	info->chip = chip_find(info->jedec);
	memcpy(self->chip_name, self->library.log.found[0], sizeof(self->chip_name));
	for (size_t i = 0; i < RC_COUNT(rates); i++)
		if (strcmp(rates[i].programmer, self->spec.programmer) == 0) {
			info->read_rate = rates[i].read_rate;
			info->write_rate = rates[i].write_rate;
		}
	result = take_size(self, err);
	if (result)
		return result;
	/* It is verified here, region by region: libflashrom would wait a second each time. */
	flashrom_flag_set(self->chip, FLASHROM_FLAG_VERIFY_AFTER_WRITE, false);
	flashrom_flag_set(self->chip, FLASHROM_FLAG_VERIFY_WHOLE_CHIP, false);
	read_protection(self);
	return 0;
}

static void flashrom_close(struct link *link)
{
	struct flashrom_link *self = (struct flashrom_link *)link;

	if (self->library.lost)
		return; /* libflashrom still has all of it */
	if (self->may_lift && link->info.protected_size)
		protect_again(self);
	if (self->protection)
		flashrom_wp_cfg_release(self->protection);
	if (self->chip)
		flashrom_flash_release(self->chip);
	flashrom_library_close(&self->library);
	for (size_t i = 0; i < RC_COUNT(self->windows); i++)
		free(self->windows[i].bytes);
	free(self->flash);
	free(self->seen);
	free(self->work);
	free(self->staged);
	free(self);
}

static const struct link_ops flashrom_ops = {
	.identify = flashrom_identify,
	.read = flashrom_read,
	.erase = flashrom_erase,
	.write = flashrom_write,
	.stage = flashrom_stage,
	.unprotect = flashrom_unprotect,
	.close = flashrom_close,
};

int flashrom_link_new(const char *address, const struct link_options *options, struct link **link,
		      struct rc_error *err)
{
	struct flashrom_link *self = calloc(1, sizeof(*self));
	int result;

	if (!self)
		return rc_fail_memory(err, sizeof(*self));
	self->link.ops = &flashrom_ops;
	self->patience_ms = options->patience_ms ? options->patience_ms : PATIENCE_MS;
	result = flashrom_spec_parse(address, &self->spec, err);
	if (result) {
		free(self);
		return result;
	}
	*link = &self->link;
	return 0;
}
