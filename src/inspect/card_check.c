/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole card: what a person would find wrong with it, and what the camera will do. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "card/fat.h"
#include "card/mbr.h"
#include "inspect/card_check.h"
#include "inspect/image.h"

/* Bootloaders of some cameras read no larger partition, say the projects that made cards for
 * them (facts/bootloaders-and-flash.md 8.14). */
#define LARGE_PARTITION RC_MIB(512)

/* A file of settings is looked at whole; nobody writes larger ones. */
#define MAX_TEXT RC_KIB(256)

struct checker {
	struct inspection *out;
	const struct card_camera *camera;
	struct rc_span card;
	struct fat fat;
	const char *names[CARD_MAX_FILES]; /* that the bootloader looks for */
	size_t name_count;
	unsigned updates;   /* files that are named like an update */
	const char *folder; /* that is being looked at, with its slash */
	bool failed;        /* memory ran out */
};

__attribute__((format(printf, 4, 5))) static void found(struct checker *checker, const char *id,
							uint64_t offset, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	checker->failed |= !inspection_add(checker->out, id, NULL, offset, "%s", text);
}

/* --- The partition table --- */

static void check_partitions(struct checker *checker, const struct mbr *mbr)
{
	unsigned count = 0;

	for (size_t i = 0; i < MBR_PARTITIONS; i++)
		count += mbr->partitions[i].type != 0;
	if (count > 1 && !mbr_find(mbr, MBR_RAW))
		found(checker, "card-several-partitions", 446,
		      "%u partitions; only the first is looked at", count);
	if ((uint64_t)mbr->partitions[0].count * CARD_SECTOR > LARGE_PARTITION)
		found(checker, "card-too-large-partition", 446 + 12, "%u MiB",
		      mbr->partitions[0].count / 2048);
}

/* What lies in the place of a FAT, where a person may know it by name. */
static const char *other_system(struct rc_span volume)
{
	static const struct {
		size_t at;
		const char *magic, *name;
	} others[] = {
		{ 3, "EXFAT   ", "exFAT" }, { 3, "NTFS    ", "NTFS" },
		{ 0, "EFI PART", "a GPT" }, { 1080, "\x53\xef", "ext2, ext3 or ext4" },
		{ 1024, "H+", "HFS+" },     { 32, "NXSB", "APFS" },
	};

	for (size_t i = 0; i < RC_COUNT(others); i++) {
		size_t size = strlen(others[i].magic);

		if (volume.size >= others[i].at + size &&
		    memcmp(volume.data + others[i].at, others[i].magic, size) == 0)
			return others[i].name;
	}
	return NULL;
}

/* The bytes of the first partition, or of the whole card where it has no table. */
static struct rc_span find_volume(struct checker *checker)
{
	struct rc_span card = checker->card;
	const char *other;
	struct rc_error why;
	struct mbr mbr;

	if (mbr_parse(card, card.size / CARD_SECTOR, &mbr, &why) != 0) {
		struct rc_span volume = rc_span_sub(card, 0, card.size);
		bool fat = fat_open(volume, &checker->fat, NULL) == 0;

		if (fat || other_system(card))
			found(checker, "card-no-table", 0,
			      "the file system (%s) begins at the card's first sector",
			      fat ? "FAT" : other_system(card));
		else
			found(checker, "card-no-table", 0, "%s", why.text);
		return fat ? volume : (struct rc_span){ 0 };
	}
	check_partitions(checker, &mbr);
	card = rc_span_sub(card, (size_t)mbr.partitions[0].first * CARD_SECTOR,
			   (size_t)mbr.partitions[0].count * CARD_SECTOR);
	other = other_system(card);
	if (mbr.partitions[0].type && other)
		found(checker, "card-not-fat", (uint64_t)mbr.partitions[0].first * CARD_SECTOR,
		      "the first partition holds %s", other);
	return card;
}

/* --- Names --- */

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), size = strlen(end);

	return length > size && strcasecmp(name + length - size, end) == 0;
}

/* What computers and cameras leave on a card. */
static const struct {
	const char *name; /* '*' last: its beginning */
	const char *id;
	const char *what;
} leftovers[] = {
	{ "._*", "card-junk-files", "written by macOS beside each file" },
	{ ".DS_Store", "card-junk-files", "written by macOS" },
	{ ".Spotlight-V100", "card-junk-files", "written by macOS" },
	{ ".Trashes", "card-junk-files", "written by macOS" },
	{ ".fseventsd", "card-junk-files", "written by macOS" },
	{ "System Volume Information", "card-junk-files", "written by Windows" },
	{ "$RECYCLE.BIN", "card-junk-files", "written by Windows" },
	{ "LOST.DIR", "card-junk-files", "written by Android" },
	{ "FOUND.000", "card-junk-files", "pieces of files that a repair left" },
	{ "record", "card-last-try",
	  "where the stock camera records: it has started with this card" },
	{ "time_lapse", "card-last-try",
	  "where the stock camera records: it has started with this card" },
	{ "alarm", "card-last-try",
	  "where the stock camera records: it has started with this card" },
	{ "MIJIA_RECORD_VIDEO", "card-last-try",
	  "where the stock camera records: it has started with this card" },
};

static bool is_leftover(const char *name, const char *pattern)
{
	size_t length = strlen(pattern);

	if (pattern[length - 1] == '*')
		return strncasecmp(name, pattern, length - 1) == 0;
	return strcasecmp(name, pattern) == 0;
}

static void check_leftover(struct checker *checker, const struct fat_entry *entry)
{
	for (size_t i = 0; i < RC_COUNT(leftovers); i++)
		if (is_leftover(entry->long_name, leftovers[i].name)) {
			found(checker, leftovers[i].id, FINDING_NO_OFFSET, "%.100s: %s",
			      entry->long_name, leftovers[i].what);
			return;
		}
	/* tf_update.img.bak: by the camera's Linux, whether the bootloader took it or not. */
	if (strncasecmp(entry->long_name, "tf_", 3) == 0 && ends_with(entry->long_name, ".bak"))
		found(checker, "card-last-try", FINDING_NO_OFFSET,
		      "%.100s: the camera's Linux renames the file at each start, whether it was "
		      "taken or not",
		      entry->long_name);
}

/* "demo(1).bin", "demo.bin.bin", "demo.bin.zip", "Copy of demo.bin", a folder "demo.bin" for
 * the name "demo.bin". */
static bool resembles(const char *name, const char *wanted)
{
	size_t base = strcspn(wanted, ".");

	for (const char *at = name; *at; at++)
		if (strncasecmp(at, wanted, base) == 0 &&
		    (at == name || !strchr("abcdefghijklmnopqrstuvwxyz", at[-1] | 0x20)))
			return at[base] == '\0' ||
			       !strchr("abcdefghijklmnopqrstuvwxyz_", at[base] | 0x20);
	return false;
}

static void check_update_name(struct checker *checker, const struct fat_entry *entry)
{
	for (size_t i = 0; i < checker->name_count; i++) {
		const char *wanted = checker->names[i];

		if (!resembles(entry->long_name, wanted))
			continue;
		checker->updates++;
		if (entry->folder)
			found(checker, "card-other-name", FINDING_NO_OFFSET,
			      "%.100s is a folder: the bootloader wants a file %s in no folder",
			      entry->long_name, wanted);
		else if (strcasecmp(entry->long_name, wanted) != 0 &&
			 strcasecmp(entry->name, wanted) != 0)
			found(checker, "card-other-name", FINDING_NO_OFFSET,
			      "%.100s is not %s: rename it", entry->long_name, wanted);
		return;
	}
}

/* --- Texts --- */

static bool is_text_file(const char *name)
{
	return ends_with(name, ".conf") || ends_with(name, ".sh") ||
	       (strncasecmp(name, "uEnv", 4) == 0 && ends_with(name, ".txt"));
}

static void check_text(struct checker *checker, const struct fat_entry *entry)
{
	struct rc_buffer bytes;
	const uint8_t *line_end;

	if (entry->size == 0 || entry->size > MAX_TEXT ||
	    fat_read_entry(&checker->fat, entry, &bytes, NULL) != 0)
		return;
	line_end = memchr(bytes.data, '\r', bytes.size);
	if (bytes.size >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0)
		found(checker, "card-line-endings", FINDING_NO_OFFSET,
		      "%s%.100s begins with a byte order mark (EF BB BF)", checker->folder,
		      entry->long_name);
	else if (bytes.size >= 2 && memcmp(bytes.data, "\xff\xfe", 2) == 0)
		found(checker, "card-line-endings", FINDING_NO_OFFSET,
		      "%s%.100s is UTF-16, not plain text", checker->folder, entry->long_name);
	else if (line_end)
		found(checker, "card-line-endings", FINDING_NO_OFFSET,
		      "%s%.100s has lines that end as in Windows (0D 0A), first at byte %zu",
		      checker->folder, entry->long_name, (size_t)(line_end - bytes.data));
	rc_buffer_free(&bytes);
}

static bool visit_settings(void *context, const struct fat_entry *entry)
{
	if (!entry->folder && is_text_file(entry->long_name))
		check_text(context, entry);
	return true;
}

static bool visit_root(void *context, const struct fat_entry *entry)
{
	struct checker *checker = context;

	check_leftover(checker, entry);
	/* "._demo.bin" is Apple's, not a name that somebody mistook. */
	if (strncmp(entry->long_name, "._", 2) != 0)
		check_update_name(checker, entry);
	return visit_settings(context, entry);
}

static void check_files(struct checker *checker)
{
	static const char *const folders[][2] = { { "config", "config/" }, { "recam", "recam/" } };
	struct rc_error why;

	checker->folder = "";
	if (fat_scan(&checker->fat, NULL, visit_root, checker, &why) != 0)
		found(checker, "card-damaged", FINDING_NO_OFFSET, "%s", why.text);
	if (checker->updates > 1)
		found(checker, "card-junk-files", FINDING_NO_OFFSET,
		      "%u files are named like an update: leave the one that is meant",
		      checker->updates);
	for (size_t i = 0; i < RC_COUNT(folders); i++) {
		struct fat_entry folder;

		checker->folder = folders[i][1];
		if (fat_find(&checker->fat, folders[i][0], &folder, NULL) == 0 && folder.folder)
			fat_scan(&checker->fat, &folder, visit_settings, checker, NULL);
	}
}

/* --- The update file itself --- */

/* What inspect says of the file alone, but for what the verdict says already. */
static int check_update(struct checker *checker, struct rc_error *err)
{
	struct inspect_options options = { .boards = checker->camera->boards,
					   .board = checker->camera->board->id };
	const struct card_verdict *verdict = &checker->out->card;
	struct inspection file = { 0 };
	struct rc_buffer bytes;
	struct rc_error why;
	int status;

	status = fat_read(&checker->fat, verdict->file, &bytes, &why);
	if (status == RC_EFORMAT)
		found(checker, "card-damaged", FINDING_NO_OFFSET, "%s", why.text);
	if (status || bytes.size == 0 || bytes.size > RC_MAX_FLASH) {
		rc_buffer_free(&bytes);
		return 0;
	}
	status = inspect_bytes((struct rc_span){ bytes.data, bytes.size }, &options, &file, err);
	for (size_t i = 0; i < file.finding_count && !status; i++) {
		const struct finding *one = &file.findings[i];

		if (one->kind->severity != SEVERITY_NOTE &&
		    !inspection_find(checker->out, one->kind->id))
			checker->failed |= !inspection_add(
				checker->out, one->kind->id,
				one->partition[0] ? one->partition : NULL, one->offset, "%s: %s",
				verdict->file, one->evidence);
	}
	inspection_clear(&file);
	rc_buffer_free(&bytes);
	return status;
}

/* --- The whole --- */

static int judge(struct checker *checker, struct rc_error *err)
{
	struct inspection *out = checker->out;
	struct card_verdict *verdict = &out->card;
	int status = card_judge(checker->camera, checker->card, verdict, err);

	if (status)
		return status;
	out->card_judged = true;
	if (verdict->finding && !inspection_find(out, verdict->finding))
		found(checker, verdict->finding, FINDING_NO_OFFSET, "%s%s%s", verdict->why,
		      verdict->says[0] ? "; it says: " : "", verdict->says);
	return 0;
}

static void name_board(struct board_match *match, const struct board *board,
		       enum board_confidence confidence, const char *because)
{
	match->board = board;
	match->confidence = confidence;
	match->because_count = 1;
	snprintf(match->because[0], sizeof(match->because[0]), "%s", because);
}

int card_inspect(struct rc_span card, const struct card_camera *camera, struct inspection *out,
		 struct rc_error *err)
{
	struct checker checker = { .out = out, .camera = camera, .card = card };
	struct rc_span volume;
	bool readable;
	int status = 0;

	*out = (struct inspection){ .kind = INSPECT_CARD, .size = card.size };
	snprintf(out->what, sizeof(out->what), "an SD card of %zu MiB", card.size >> 20);
	if (camera)
		name_board(&out->board, camera->board, BOARD_CERTAIN,
			   "it is looked at for this camera");
	if (camera && camera->rules)
		checker.name_count = camera->rules->files(camera, checker.names);
	volume = find_volume(&checker);
	readable = volume.size && fat_open(volume, &checker.fat, NULL) == 0;
	if (readable)
		check_files(&checker);
	if (camera && camera->rules)
		status = judge(&checker, err);
	if (!status && readable && out->card_judged)
		status = check_update(&checker, err);
	if (!status && checker.failed)
		status = rc_fail_memory(err, sizeof(struct finding));
	if (status)
		inspection_clear(out);
	return status;
}

/* Without a word about the camera: one whose update file is on the card. */
static const struct board *guess_board(const struct boards *boards, struct rc_span card)
{
	struct fat_entry entry;
	struct uboot_fat uboot;
	struct rc_span volume;
	struct fat fat;

	if (uboot_card_open(card, &uboot) != UBOOT_CARD_FAT)
		return NULL;
	volume = rc_span_sub(card, (size_t)uboot.start * CARD_SECTOR, card.size);
	if (fat_open(volume, &fat, NULL) != 0)
		return NULL;
	for (size_t i = 0; boards && i < boards->count; i++)
		if (boards->all[i].update.file[0] &&
		    fat_find(&fat, boards->all[i].update.file, &entry, NULL) == 0)
			return &boards->all[i];
	return NULL;
}

int inspect_card(struct rc_span card, const struct inspect_options *options, struct inspection *out,
		 struct rc_error *err)
{
	const struct board *forced = options->board && options->boards
					     ? boards_find(options->boards, options->board)
					     : NULL;
	struct card_camera camera = { .boards = options->boards,
				      .board = forced ? forced : guess_board(options->boards, card),
				      .jedec = options->jedec,
				      .button_held = true };
	int status;

	if (!camera.board)
		return card_inspect(card, NULL, out, err);
	camera.rules = card_rules_of(&camera);
	status = card_inspect(card, &camera, out, err);
	if (!status && !forced)
		name_board(&out->board, camera.board, BOARD_GUESS,
			   "its update file is on the card");
	return status;
}

enum card_outcome card_log_outcome(const struct inspection *log)
{
	if (inspection_find(log, "update-written") || inspection_find(log, "update-failed"))
		return CARD_TAKEN;
	if (inspection_find(log, "update-refused") || inspection_find(log, "chip-unsupported"))
		return CARD_REFUSED;
	return CARD_NOT_SEEN;
}
