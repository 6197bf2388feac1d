/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what happened in a start to what is wrong: facts/bootloaders-and-flash.md 8,
 * facts/mstar-mi360.md 7. */
#include "inspect/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flash/chip.h"
#include "inspect/mask.h"

#define MIB_8 (8u * 1024 * 1024)

/* Linux prints more than this on its way to user space; a start that got so far and did not
 * panic is no part of a boot loop. */
#define LINES_OF_A_GOOD_START 150

static bool happened(const struct log_reader *reader, enum log_event event)
{
	return reader->start.hit[event].count > 0;
}

static void found(struct log_reader *reader, const char *id, const char *partition,
		  enum log_event event)
{
	log_found(reader, id, partition, &reader->start.hit[event]);
}

/* Finds with a sentence of our own before the line that shows it. */
__attribute__((format(printf, 5, 6))) static void
found_because(struct log_reader *reader, const char *id, const char *partition,
	      const struct log_hit *hit, const char *format, ...)
{
	struct log_hit said = *hit;
	va_list args;
	size_t used;

	va_start(args, format);
	vsnprintf(said.text, sizeof(said.text), format, args);
	va_end(args);
	used = strlen(said.text);
	snprintf(said.text + used, sizeof(said.text) - used, ": %.150s", hit->text);
	log_found(reader, id, partition, &said);
}

static uint32_t number_behind(const char *text, const char *words)
{
	const char *at = strstr(text, words);

	return at ? (uint32_t)strtoul(at + strlen(words), NULL, 16) : 0;
}

/* Builds that take an unknown id for 16 MiB (Neos) have an empty list in their board file. */
static bool build_copes(const struct log_reader *reader)
{
	const struct inspection *result = reader->result;
	const struct board_bootloader *known;

	if (!reader->options->boards || !result->bootloader.present)
		return false;
	known = boards_bootloader(reader->options->boards, NULL, result->bootloader.version, NULL);
	return known && known->misdetects[0] == 0;
}

static void judge_size(struct log_reader *reader)
{
	struct log_hit *id = &reader->start.hit[EV_ID_CODE];
	uint32_t jedec = id->count ? number_behind(id->text, "the id code = ") : 0;
	uint32_t size = chip_size_from_id(jedec);
	const struct chip *chip = chip_find(jedec);

	if (happened(reader, EV_ID_UNKNOWN) && id->count && size > MIB_8 && !build_copes(reader)) {
		found_because(reader, "chip-size-misdetected", NULL, id,
			      "%s%s%u MiB chip that this bootloader does not know and takes for "
			      "8 MiB",
			      chip ? chip->name : "", chip ? ", a " : "A ", size >> 20);
		return;
	}
	if (reader->seen[EV_T10])
		return; /* their chips really have 8 MiB */
	if (happened(reader, EV_PAST_SIZE))
		found(reader, "chip-size-misdetected", NULL, EV_PAST_SIZE);
	else if (happened(reader, EV_LEN_PLUS_OFFSET))
		found(reader, "chip-size-misdetected", NULL, EV_LEN_PLUS_OFFSET);
}

static void judge_chip(struct log_reader *reader)
{
	const struct log_hit *maker = &reader->start.hit[EV_MAKER_UNKNOWN];
	uint32_t byte = number_behind(maker->text, "manufacturer ");

	if (maker->count && byte != 0 && byte != 0xff)
		found(reader, "chip-unsupported", NULL, EV_MAKER_UNKNOWN);
	else if (maker->count)
		found(reader, "chip-silent", NULL, EV_MAKER_UNKNOWN);
	else if (happened(reader, EV_FLASH_SILENT))
		found(reader, "chip-silent", NULL, EV_FLASH_SILENT);
	judge_size(reader);
}

/* Whether what was begun came to its end: each path has a mark of its own. */
static bool update_succeeded(const struct log_reader *reader)
{
	const struct log_hit *hit = reader->start.hit;

	if (hit[EV_MSTAR_WRITTEN].count)
		return true;
	if (hit[EV_PENDING_COPY].count)
		return hit[EV_FLAG_ERASE].count && !hit[EV_LEN_PLUS_OFFSET].count;
	if (!hit[EV_WRITING].count)
		return false;
	if (hit[EV_OPEN_BUILD].count)
		return reader->start.last_line > hit[EV_WRITING].last_line;
	return hit[EV_BLUE_OFF].last_line > hit[EV_WRITING].last_line;
}

static bool update_interrupted(const struct log_reader *reader)
{
	const struct log_hit *hit = reader->start.hit;

	return (hit[EV_ERASING].count || hit[EV_WRITING].count) && !hit[EV_BOOTM].count &&
	       !hit[EV_STARTING].count && !hit[EV_LINUX].count && !hit[EV_PROMPT].count;
}

static void judge_failures(struct log_reader *reader)
{
	const struct log_hit *hit = reader->start.hit;

	/* The range check refuses before anything is erased (facts 0.3). */
	if (hit[EV_ERASE_FAILED].count && hit[EV_LEN_PLUS_OFFSET].count)
		found(reader, "update-refused", NULL, EV_LEN_PLUS_OFFSET);
	else if (hit[EV_ERASE_FAILED].count && !hit[EV_PAST_SIZE].count)
		found(reader, "update-failed", NULL, EV_ERASE_FAILED);
	if (hit[EV_WRITE_FAILED].count)
		found(reader, "update-failed", NULL, EV_WRITE_FAILED);
	if (hit[EV_COMMAND_FAILED].count && hit[EV_READ_START].count && !reader->start.typed)
		found(reader, "update-failed", NULL, EV_COMMAND_FAILED);
	else if (hit[EV_COMMAND_FAILED].count && !hit[EV_PAST_SIZE].count)
		found(reader, "command-failed", NULL, EV_COMMAND_FAILED);
	if (hit[EV_COPY_CRC].count) {
		found(reader, "update-failed", NULL, EV_COPY_CRC);
		found(reader, "memory-unstable", NULL, EV_COPY_CRC);
	}
}

static void judge_update(struct log_reader *reader)
{
	const struct log_hit *hit = reader->start.hit;

	if (hit[EV_UPDATE_REFUSED].count)
		found(reader, "update-refused", NULL, EV_UPDATE_REFUSED);
	judge_failures(reader);
	if (hit[EV_ERASE_FAILED].count || hit[EV_WRITE_FAILED].count || hit[EV_COPY_CRC].count ||
	    hit[EV_COMMAND_FAILED].count)
		return;
	if (update_succeeded(reader))
		found(reader, "update-written", NULL,
		      hit[EV_MSTAR_WRITTEN].count ? EV_MSTAR_WRITTEN
		      : hit[EV_WRITING].count     ? EV_WRITING
						  : EV_FLAG_ERASE);
	else if (update_interrupted(reader))
		found_because(reader, "update-failed", NULL,
			      &hit[hit[EV_WRITING].count ? EV_WRITING : EV_ERASING],
			      "the log ends in the middle of it");
}

/* What means something only beside what other starts of the log show. */
static void keep_for_the_end(struct log_reader *reader)
{
	const struct log_hit *hit = reader->start.hit;

	if (reader->reading_other.count == 0)
		reader->reading_other = hit[EV_READING_OTHER];
	if (hit[EV_BUTTON_ASKED].count && !hit[EV_BUTTON_HELD].count &&
	    reader->button_missed.count == 0)
		reader->button_missed = hit[EV_BUTTON_ASKED];
}

/* A card is looked at in each start of some builds; only where somebody wanted something
 * from it does its absence mean anything. */
static bool card_wanted(const struct log_reader *reader)
{
	return happened(reader, EV_BUTTON_HELD) || happened(reader, EV_READ_START) ||
	       strncmp(reader->command, "fat", 3) == 0 || strncmp(reader->command, "mmc", 3) == 0 ||
	       strncmp(reader->command, "sdupdate", 8) == 0;
}

static void judge_files(struct log_reader *reader)
{
	const struct log_hit *missing = &reader->start.hit[EV_CARD_FILE_MISSING];
	const struct log_hit *reading = &reader->start.hit[EV_READING_UPDATE];

	if (missing->count && !strstr(missing->text, "uEnv"))
		found(reader, "card-no-file", NULL, EV_CARD_FILE_MISSING);
	if (!happened(reader, EV_CARD_FAT) || happened(reader, EV_UPDATE_CHECKED) ||
	    happened(reader, EV_UPDATE_REFUSED))
		return;
	/* It reads the header first, then the whole: one line alone means that there was none,
	 * and two without a word behind them that nothing followed the header. */
	if (reading->count == 1)
		found_because(reader, "card-no-file", NULL, reading, "tried once, and not again");
	else if (reading->count == 2 && happened(reader, EV_BUTTON_HELD))
		found_because(reader, "card-no-file", NULL, reading,
			      "read twice without a word: nothing is behind its header");
}

static void judge_card(struct log_reader *reader)
{
	const struct log_hit *hit = reader->start.hit;
	bool wanted = card_wanted(reader);

	if (wanted && hit[EV_CARD_NOT_FAT].count)
		found(reader, "card-not-fat", NULL, EV_CARD_NOT_FAT);
	else if (wanted && hit[EV_CARD_UNREADABLE].count)
		found(reader, "card-not-read", NULL, EV_CARD_UNREADABLE);
	else if (wanted && hit[EV_CARD_NONE].count)
		found(reader, "card-not-read", NULL, EV_CARD_NONE);
	else if (hit[EV_BUTTON_HELD].count && !hit[EV_CARD_FAT].count)
		found_because(reader, "card-not-fat", NULL, &hit[EV_BUTTON_HELD],
			      "it says nothing of a card after it, as where a card is in the slot "
			      "and holds no FAT");
	if (hit[EV_RENAMED].count && !hit[EV_READ_START].count)
		found_because(reader, "card-not-read", NULL, &hit[EV_RENAMED],
			      "Linux renamed the file, which the bootloader never read");
	judge_files(reader);
}

/* Megabytes (rounded up) that "name=104M@0x0" of a command line asks for. */
static unsigned long argument_mib(const char *line, const char *name)
{
	const char *at = strstr(line, name);
	char *end;
	unsigned long value;

	if (!at)
		return 0;
	value = strtoul(at + strlen(name), &end, 10);
	return *end == 'K' || *end == 'k' ? (value + 1023) / 1024 : value;
}

/* mem + ispmem + rmem must be what DRAM says (facts 1.2). */
static void judge_memory(struct log_reader *reader)
{
	const struct log_hit *line = &reader->start.hit[EV_CMDLINE];
	const char *dram = clues_value(&reader->clues, "ram");
	unsigned long has = dram ? strtoul(dram, NULL, 10) : 0;
	unsigned long asks = argument_mib(line->text, " mem=") +
			     argument_mib(line->text, " ispmem=") +
			     argument_mib(line->text, " rmem=");

	if (line->count && has && asks > has + 2)
		found_because(reader, "memory-split-wrong", NULL, line,
			      "%lu MiB asked for, %lu MiB there", asks, has);
}

/* The chip family in "Version: I6g46ec744" and "MVX2##I3g60b5603..." (facts/mstar 1.4). */
static void judge_model(struct log_reader *reader)
{
	const struct log_hit *version = &reader->start.hit[EV_VERSION];
	const struct log_hit *image = &reader->start.hit[EV_IMAGE_NAME];
	const char *own = version->count ? strstr(version->text, "I") : NULL;
	const char *other = image->count ? strstr(image->text, "##I") : NULL;

	if (own && other && own[1] != other[3])
		found_because(reader, "image-wrong-model", "kernel", image,
			      "the bootloader is for I%c, the kernel for I%c", own[1], other[3]);
}

static void judge_environment(struct log_reader *reader)
{
	if (!happened(reader, EV_DEFAULT_ENV))
		return;
	if (reader->seen[EV_MSTAR])
		found(reader, "environment-damaged", "boot", EV_DEFAULT_ENV);
	else if (reader->seen[EV_T10])
		found(reader, "environment-default", "boot", EV_DEFAULT_ENV);
}

static void judge_kernel(struct log_reader *reader)
{
	const struct log_hit *hit = reader->start.hit;

	judge_environment(reader);
	judge_model(reader);
	judge_memory(reader);
	if (hit[EV_NO_ROOT].count)
		found(reader, "no-root-filesystem", "root", EV_NO_ROOT);
	else if (hit[EV_SQUASHFS_ERROR].count)
		found(reader, "root-damaged", "root", EV_SQUASHFS_ERROR);
	else if (hit[EV_PANIC].count)
		found(reader, "kernel-panic", NULL, EV_PANIC);
	/* A log that ends here says nothing: many people stop recording at this line. */
	if (!reader->at_end && hit[EV_STARTING].count && !hit[EV_LINUX].count &&
	    reader->start.last_line < hit[EV_STARTING].last_line + 3)
		found(reader, "kernel-silent", "kernel", EV_STARTING);
}

static bool got_to_work(const struct log_reader *reader)
{
	const struct log_hit *hit = reader->start.hit;

	if (hit[EV_PANIC].count)
		return false;
	return hit[EV_USERSPACE].count || reader->start.typed ||
	       (hit[EV_LINUX].count &&
		reader->start.last_line > hit[EV_LINUX].line + LINES_OF_A_GOOD_START);
}

static void judge_loop(struct log_reader *reader)
{
	const struct log_hit *hit = reader->start.hit;
	const struct log_hit *banner = hit[EV_SPL].count   ? &hit[EV_SPL]
				       : hit[EV_IPL].count ? &hit[EV_IPL]
							   : &hit[EV_UBOOT];

	if (!banner->count)
		return;
	if (reader->panicked && reader->unfinished == 1)
		reader->loop = *banner;
	if (got_to_work(reader)) {
		reader->unfinished = 0;
		reader->panicked = false;
		return;
	}
	reader->panicked = hit[EV_PANIC].count > 0;
	if (++reader->unfinished >= 3 && reader->loop.count == 0)
		reader->loop = *banner;
}

void log_judge_start(struct log_reader *reader)
{
	judge_chip(reader);
	judge_update(reader);
	keep_for_the_end(reader);
	judge_card(reader);
	judge_kernel(reader);
	judge_loop(reader);
}

/* The erase loop of the Ingenic builds underflows on some lengths and runs on over the
 * whole chip (facts 0.4); on a misdetected chip a whole-size erase is one of the chip. */
void log_judge_command(struct log_reader *reader, const struct log_line *line, const char *command)
{
	unsigned long offset, length, address;
	struct log_hit hit = { .count = 1, .offset = line->offset };
	bool erase = sscanf(command, "sf erase %lx %lx", &offset, &length) == 2;
	bool update = sscanf(command, "sf update %lx %lx %lx", &address, &offset, &length) == 3;

	if (reader->seen[EV_MSTAR] || !(erase || update) || length % 0x10000 < 0x8000)
		return;
	if (erase && length > 0x10000)
		return; /* only a first length below a block underflows */
	mask_line(line->text, hit.text, sizeof(hit.text));
	log_found(reader, "dangerous-erase", NULL, &hit);
}

static bool bootloader_spoke(const struct log_reader *reader)
{
	return reader->seen[EV_SPL] || reader->seen[EV_IPL] || reader->seen[EV_UBOOT] ||
	       reader->seen[EV_PROMPT] || reader->seen[EV_MSTAR] || reader->seen[EV_BOOTM];
}

static void judge_silence(struct log_reader *reader, struct rc_span bytes)
{
	struct inspection *result = reader->result;
	uint64_t all = reader->text_bytes + reader->junk_bytes;
	/* Before the first banner a burst is normal: the Mi 360's boot ROM talks at 38400. */
	uint64_t junk = reader->junk_bytes -
			(bootloader_spoke(reader) ? reader->junk_before_banner : 0);
	bool ok = true;

	if (junk >= 8 && junk * 20 > all)
		ok = inspection_add(result, "console-garbage", NULL, FINDING_NO_OFFSET,
				    "%llu of %llu bytes are no text: %s", (unsigned long long)junk,
				    (unsigned long long)all, log_garbage_hint(bytes));
	else if (!bootloader_spoke(reader) && reader->seen[EV_LINUX])
		ok = inspection_add(result, "log-without-bootloader", NULL, 0,
				    "the first of %zu lines is the kernel's or later",
				    reader->line_count);
	else if (!bootloader_spoke(reader) && inspection_worst(result) == SEVERITY_NOTE)
		ok = inspection_add(result, "no-bootloader-output", NULL, FINDING_NO_OFFSET,
				    "%zu lines, %llu bytes of text, none from a bootloader",
				    reader->line_count, (unsigned long long)reader->text_bytes);
	reader->failed |= !ok;
}

void log_judge_log(struct log_reader *reader, struct rc_span bytes)
{
	if (reader->loop.count)
		found_because(reader, "boot-loop", NULL, &reader->loop,
			      "the camera started %u times in this log", reader->start_count);
	/* The bootloader asks for the button at each start; it means something only where a
	 * demo.bin is known to have been there. */
	if (reader->button_missed.count && reader->seen[EV_DEMO_SEEN] &&
	    !reader->seen[EV_BUTTON_HELD])
		log_found(reader, "button-not-held", NULL, &reader->button_missed);
	if (reader->reading_other.count && reader->seen[EV_DEMO_SEEN])
		log_found(reader, "update-other-name", NULL, &reader->reading_other);
	judge_silence(reader, bytes);
}
