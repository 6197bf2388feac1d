/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/uboot_cure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flash/layout.h"
#include "format/chip_table.h"
#include "format/ingenic_boot.h"

#define MW_MS 5000u
/* U-Boot with its BSS takes about 400 KiB (facts/bootloaders-and-flash.md 4.3): where it
 * runs is looked for in so much below the top of RAM. */
#define SEARCHED RC_MIB(1)

static bool same_cure(const struct cure *cure, const struct board_bootloader *build)
{
	return cure->id == build->fallback_id && cure->id_word == build->fallback_id_word &&
	       cure->size_word == build->fallback_size_word && cure->relocation == build->runs_at;
}

bool cure_known(const struct boards *boards, const char *version, struct cure *cure)
{
	bool found = false;

	*cure = (struct cure){ .by_version = true };
	for (size_t i = 0; boards && i < boards->count; i++) {
		for (size_t n = 0; n < boards->all[i].bootloader_count; n++) {
			const struct board_bootloader *build = &boards->all[i].bootloaders[n];

			if (!version[0] || strcmp(build->version, version) != 0)
				continue;
			if (!build->fallback_id || (found && !same_cure(cure, build)))
				return false;
			found = true;
			cure->id = build->fallback_id;
			cure->id_word = build->fallback_id_word;
			cure->size_word = build->fallback_size_word;
			cure->relocation = build->runs_at;
		}
	}
	return found;
}

int cure_analyse(struct rc_span boot, uint32_t jedec, uint32_t size, struct cure *cure,
		 struct rc_error *err)
{
	struct chip_table table;
	int result = chip_table_find(boot, &table, err);

	*cure = (struct cure){ 0 };
	if (result)
		return result;
	for (size_t i = 0; i < table.count; i++)
		if (table.ids[i] == jedec)
			return rc_fail(err, RC_EREFUSED,
				       "the bootloader in the flash knows the chip %06" PRIx32
				       " (0x%" PRIx32 " bytes), and the one that runs does not: "
				       "switch the camera off and on, and run the command again",
				       jedec, table.sizes[i]);
	if (chip_table_size_of(&table, jedec) != size)
		return rc_fail(err, RC_EREFUSED,
			       "the bootloader in the flash takes an unknown chip for 0x%" PRIx32
			       " bytes (%s), and the one that runs for 0x%" PRIx32
			       ": they are not the same, so it is not known where its table lies",
			       chip_table_size_of(&table, jedec), table.fallback_name, size);
	cure->id = table.ids[table.count - 1];
	cure->id_word = table.id_word;
	cure->size_word = table.size_word;
	cure->relocation = table.relocation;
	return 0;
}

int cure_find(struct link *link, const struct boards *boards, struct cure *cure,
	      struct rc_error *err)
{
	struct rc_progress progress;
	uint8_t *boot;
	int result;

	if (cure_known(boards, link->info.bootloader, cure))
		return 0;
	boot = malloc(INGENIC_BOOT_SIZE);
	if (!boot)
		return rc_fail_memory(err, INGENIC_BOOT_SIZE);
	rc_progress_start(&progress, "reading the bootloader", INGENIC_BOOT_SIZE);
	link->progress = &progress;
	result = link_read(link, 0, boot, INGENIC_BOOT_SIZE, err);
	link->progress = NULL;
	rc_progress_finish(&progress);
	if (!result)
		result = cure_analyse((struct rc_span){ boot, INGENIC_BOOT_SIZE }, link->info.jedec,
				      link->info.reach, cure, err);
	free(boot);
	return result;
}

static int read_word(struct uboot *uboot, uint32_t address, uint32_t *word, struct rc_error *err)
{
	uint8_t line[MD_LINE_BYTES];
	uint32_t start = address - address % MD_LINE_BYTES;
	int result = uboot_read_memory(uboot, start, line, sizeof(line), err);

	if (!result)
		*word = rc_le32(line + (address - start));
	return result;
}

static int read_id(struct uboot *uboot, const struct cure *cure, uint32_t relocation, uint32_t *id,
		   struct rc_error *err)
{
	return read_word(uboot, chip_table_relocate(cure->id_word, relocation), id, err);
}

static int read_size(struct uboot *uboot, const struct cure *cure, uint32_t relocation,
		     uint32_t *size, struct rc_error *err)
{
	return read_word(uboot, chip_table_relocate(cure->size_word, relocation), size, err);
}

/* Every place where U-Boot may run, by both words: one must fit, and one only. */
static int look_for_relocation(struct uboot *uboot, struct cure *cure, uint32_t from,
			       struct rc_error *err)
{
	uint32_t length = cure->size_word + 4 - UBOOT_LINK_ADDRESS;
	uint32_t found = 0;

	for (uint32_t at = UBOOT_RAM_TOP - SEARCHED; at < UBOOT_RAM_TOP - length;
	     at += UBOOT_RELOC_ALIGN) {
		uint32_t id, size = 0;
		int result = read_id(uboot, cure, at, &id, err);

		if (!result && id == cure->id)
			result = read_size(uboot, cure, at, &size, err);
		if (result)
			return result;
		if (size != from)
			continue;
		if (found)
			return rc_fail(err, RC_EREFUSED,
				       "the bootloader's table of flash chips is in the camera's "
				       "RAM twice (it runs at %08" PRIx32 " or at %08" PRIx32
				       "): which one counts cannot be told; nothing was changed. "
				       "Switch the camera off and on while recam waits, so that "
				       "it says where it runs",
				       found, at);
		found = at;
	}
	if (!found)
		return rc_fail(err, RC_EREFUSED,
			       "no place in the camera's RAM holds the words %08" PRIx32
			       " and %08" PRIx32 " of the bootloader's table of flash chips: what "
			       "runs is not what the flash holds, or it only imitates it; nothing "
			       "was changed",
			       cure->id, from);
	cure->relocation = found;
	return 0;
}

static int fail_word(const struct cure *cure, uint32_t address, uint32_t is, uint32_t should,
		     struct rc_error *err)
{
	return rc_fail(err, RC_EREFUSED,
		       "word at %08" PRIx32 " is %08" PRIx32 " and should be %08" PRIx32
		       ": %s; nothing was changed",
		       address, is, should,
		       cure->by_version ? "this is another build than its version says"
					: "what runs is not the bootloader that the flash holds");
}

static int change_word(struct uboot *uboot, uint32_t address, uint32_t from, uint32_t to,
		       struct rc_error *err)
{
	struct rc_span answer;
	char command[32];
	uint32_t word = 0;
	int result;

	snprintf(command, sizeof(command), "mw.l %08" PRIx32 " %08" PRIx32, address, to);
	result = uboot_command(uboot, command, MW_MS, &answer, err);
	if (!result)
		result = read_word(uboot, address, &word, err);
	if (result || word == to)
		return result;
	return rc_fail(err, RC_EREFUSED,
		       "word at %08" PRIx32 " is %08" PRIx32 " after \"%s\" (%08" PRIx32
		       " before): this bootloader does not let its RAM be changed; nothing was "
		       "written to the flash",
		       address, word, command, from);
}

int cure_size(struct uboot *uboot, struct cure *cure, uint32_t from, uint32_t to,
	      struct rc_error *err)
{
	uint32_t id, size, size_at;
	int result = 0;

	/* Two that speak of where it runs and disagree: the line may have changed one. */
	if (cure->relocation == 0)
		cure->relocation = uboot->running_at;
	else if (uboot->running_at && uboot->running_at != cure->relocation)
		cure->relocation = 0;
	if (cure->relocation == 0)
		result = look_for_relocation(uboot, cure, from, err);
	if (!result)
		result = read_id(uboot, cure, cure->relocation, &id, err);
	if (!result)
		result = read_size(uboot, cure, cure->relocation, &size, err);
	if (result)
		return result;
	size_at = chip_table_relocate(cure->size_word, cure->relocation);
	if (id != cure->id)
		return fail_word(cure, chip_table_relocate(cure->id_word, cure->relocation), id,
				 cure->id, err);
	if (size != from)
		return fail_word(cure, size_at, size, from, err);
	return change_word(uboot, size_at, from, to, err);
}

/* 1: the two blocks differ, and go on differing; 0: they are equal. */
static int blocks_differ(struct link *link, uint32_t one, uint32_t other, struct rc_error *err)
{
	uint32_t crcs[4];

	for (size_t i = 0; i < RC_COUNT(crcs); i++) {
		int result = link_checksum(link, i % 2 ? other : one, RC_ERASE_BLOCK, &crcs[i],
					   err);

		if (result)
			return result;
		if (i == 1 && crcs[0] == crcs[1])
			return 0;
	}
	return crcs[0] == crcs[2] && crcs[1] == crcs[3];
}

int cure_check_beyond(struct link *link, uint32_t reach, struct rc_error *err)
{
	uint32_t size = link->info.flash_size;

	for (uint32_t at = reach; at < size; at += RC_ERASE_BLOCK) {
		int differ = blocks_differ(link, at % reach, at, err);

		if (differ)
			return differ < 0 ? differ : 0;
	}
	return rc_fail(
		err, RC_EREFUSED,
		"[flash-mirrored] all that lies behind 0x%x is equal to what lies before, as "
		"in a chip of that size: that this one (id %06x) has 0x%x bytes is not "
		"shown; what was changed in the camera's RAM is put back",
		reach, link->info.jedec, size);
}
