/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "card/transfer.h"
#include "recam/common.h"
#include "rescue/firmware.h"
#include "rescue/via_card.h"

#define DEFAULT_SIZE     "256M"
#define MAX_SIZE         ((uint64_t)32 << 30)
#define TRANSFER_SIZE    (64u * 1024 * 1024) /* the largest flash */
#define MIN_WITH_PARTS   RC_MIB(128)
#define CARD_FILE_SUFFIX ".BIN"

struct make_arguments {
	const char *board;
	const char *firmware;
	const char *size;
	bool transfer;
};

struct take_arguments {
	const char *output;
	const char *proof;
};

/* "256M", "1G", plain bytes. */
static bool parse_size(const char *text, uint64_t *size)
{
	char number[24];
	size_t length = strlen(text);
	unsigned shift = 0;

	if (length == 0 || length >= sizeof(number))
		return false;
	memcpy(number, text, length + 1);
	switch (toupper((unsigned char)number[length - 1])) {
	case 'M':
		shift = 20;
		break;
	case 'G':
		shift = 30;
		break;
	default:
		break;
	}
	if (shift)
		number[length - 1] = '\0';
	if (!rc_parse_number(number, MAX_SIZE >> shift, size))
		return false;
	*size <<= shift;
	return true;
}

static int refuse_device(const char *path, struct rc_error *err)
{
	return rc_fail(err, RC_EUNSUPPORTED,
		       "%s is a device, and this version writes none: it only makes image files; "
		       "make card.img, then bring it onto the card with Raspberry Pi Imager (\"Use "
		       "custom\") or dd, which erases all that is on the card",
		       path);
}

/* The firmware's parts as files as large as their partitions, the rest FF, as the flash is
 * to have it. */
static int add_part(const struct firmware_part *part, struct fat_file *file, struct rc_error *err)
{
	size_t most = part->bytes.size > part->place.size ? part->bytes.size : part->place.size;
	size_t size = (most + TRANSFER_BLOCK - 1) / TRANSFER_BLOCK * TRANSFER_BLOCK;
	uint8_t *bytes = malloc(size ? size : 1);
	size_t length = strlen(part->place.name);

	if (!bytes)
		return rc_fail_memory(err, size);
	memset(bytes, 0xff, size);
	memcpy(bytes, part->bytes.data, part->bytes.size);
	if (length > 8)
		length = 8;
	for (size_t i = 0; i < length; i++)
		file->name[i] = (char)toupper((unsigned char)part->place.name[i]);
	snprintf(file->name + length, sizeof(file->name) - length, CARD_FILE_SUFFIX);
	file->bytes = (struct rc_span){ bytes, size };
	return 0;
}

struct card_files {
	struct fat_file files[INDEX_MAX_FILES + 1];
	size_t count;
};

static void files_free(struct card_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free((void *)files->files[i].bytes.data);
}

/* Boot, settings and identity are not brought along: nothing writes them unasked. */
static bool is_wanted(const struct firmware_part *part)
{
	return part->role != ROLE_BOOT && part->role != ROLE_SETTINGS &&
	       part->role != ROLE_IDENTITY && part->role != ROLE_FLAG;
}

static int collect_files(const struct firmware *firmware, struct card_files *files,
			 struct rc_error *err)
{
	struct rc_buffer index;
	int result = 0;

	for (size_t i = 0; i < firmware->part_count && !result; i++) {
		if (!is_wanted(&firmware->parts[i]) || files->count == INDEX_MAX_FILES)
			continue;
		result = add_part(&firmware->parts[i], &files->files[files->count], err);
		files->count += result == 0;
	}
	if (!result)
		result = index_make(files->files, files->count, &index, err);
	if (result)
		return result;
	snprintf(files->files[files->count].name, FAT_NAME, "%s", TRANSFER_INDEX);
	files->files[files->count++].bytes = (struct rc_span){ index.data, index.size };
	return 0;
}

static int load_files(const struct make_arguments *arguments, const struct boards *boards,
		      struct card_files *files, struct rc_error *err)
{
	const struct board *board = arguments->board ? boards_find(boards, arguments->board) : NULL;
	struct firmware firmware;
	int result;

	if (arguments->board && !board)
		return rc_fail(err, RC_EUSAGE,
			       "no camera \"%s\" is known; \"recam boards\" lists them",
			       arguments->board);
	if (!arguments->firmware)
		return 0;
	result = firmware_load(arguments->firmware, boards, board, &firmware, err);
	if (result)
		return result;
	result = collect_files(&firmware, files, err);
	firmware_clear(&firmware);
	return result;
}

/* The image as memory; most of it is never touched and takes no place on the disk. */
static int make_image(const char *path, size_t size, const struct card_options *options,
		      struct rc_error *err)
{
	int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	uint8_t *data = MAP_FAILED;
	int result;

	if (descriptor < 0)
		return rc_fail_errno(err, RC_EREFUSED, errno,
				     "cannot make the card image %s (a file that is there already "
				     "is not overwritten)",
				     path);
	if (ftruncate(descriptor, (off_t)size) == 0)
		data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
	if (data == MAP_FAILED) {
		result = rc_fail_errno(err, RC_EIO, errno, "cannot write %zu bytes to %s", size,
				       path);
	} else {
		result = card_make(data, size, options, err);
		munmap(data, size);
		if (!result && fsync(descriptor) != 0)
			result = rc_fail_errno(err, RC_EIO, errno, "cannot write %s", path);
	}
	close(descriptor);
	if (result)
		unlink(path);
	return result;
}

static int make(const char *path, const struct make_arguments *arguments,
		const struct boards *boards, struct rc_error *err)
{
	struct card_files files = { 0 };
	struct card_options options = { .transfer_size = TRANSFER_SIZE };
	struct stat st;
	uint64_t size;
	int result;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return refuse_device(path, err);
	if (!arguments->transfer)
		return rc_fail(err, RC_EUNSUPPORTED,
			       "recam card make: this version makes cards with --transfer only, "
			       "which carry a backup out of the camera and firmware into it");
	if (!parse_size(arguments->size ? arguments->size : DEFAULT_SIZE, &size) ||
	    size % RC_MIB(1) || size < MIN_WITH_PARTS)
		return rc_fail(err, RC_EUSAGE,
			       "--size %s: a card has whole MiB, 128M to 32G, as in --size "
			       "256M",
			       arguments->size);
	result = load_files(arguments, boards, &files, err);
	options.files = files.files;
	options.file_count = files.count;
	if (!result)
		result = make_image(path, (size_t)size, &options, err);
	files_free(&files);
	if (result)
		return result;
	rc_log_note("%s is a card for the camera: bring it onto an SD card (docs/card.md), push "
		    "that into the camera, then: recam backup LINK -o FILE --via-card",
		    path);
	return EXIT_DONE;
}

static int save(const struct backup *backup, const char *file, const struct boards *boards,
		struct rc_error *err)
{
	struct inspect_options options = { .boards = boards,
					   .jedec = backup->jedec,
					   .reach = backup_reach(backup) };
	struct inspection inspection = { 0 };
	int result = inspect_flash((struct rc_span){ backup->data, backup->size }, &options,
				   &inspection, err);

	if (!result)
		result = backup_save(backup, file, &inspection, err);
	inspection_clear(&inspection);
	return result;
}

/* A card may be of any size; only what is looked at is read. */
static int map_card(const char *path, struct rc_span *card, struct rc_error *err)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = descriptor < 0 ? -1 : lseek(descriptor, 0, SEEK_END);
	void *data = MAP_FAILED;

	if (size > 0)
		data = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, descriptor, 0);
	if (data == MAP_FAILED)
		rc_fail_errno(err, RC_EIO, errno,
			      "cannot read the card %s (of a device only root may)", path);
	if (descriptor >= 0)
		close(descriptor);
	if (data == MAP_FAILED)
		return RC_EIO;
	*card = (struct rc_span){ data, (size_t)size };
	return 0;
}

static void print_taken(const struct backup *backup, const char *file)
{
	char size[RC_SIZE_TEXT];

	printf("%s of %s in %s: each MiB has the CRC-32 that the camera computed\n",
	       backup_is_partial(backup) ? "PARTIAL COPY" : "Proven backup",
	       rc_size_text(size, backup->size), file);
}

static int take(const char *path, const struct take_arguments *arguments,
		const struct boards *boards, struct rc_error *err)
{
	struct backup backup = { 0 };
	struct rc_span card;
	int result = map_card(path, &card, err);

	if (result)
		return result;
	result = via_card_take(card, arguments->output, arguments->proof, &backup, err);
	munmap((void *)card.data, card.size);
	if (!result)
		result = save(&backup, arguments->output, boards, err);
	if (!result)
		print_taken(&backup, arguments->output);
	backup_clear(&backup);
	return result;
}

static int run_make(const struct call *call, struct rc_error *err)
{
	return make(call->arguments[0], call->values, &call->boards, err);
}

static int run_take(const struct call *call, struct rc_error *err)
{
	return take(call->arguments[0], call->values, &call->boards, err);
}

#define MAKE(member) offsetof(struct make_arguments, member)
static const struct option_spec make_options[] = {
	{ "transfer", 0, OPTION_FLAG, NULL, "with an area that the camera can write",
	  MAKE(transfer) },
	{ "firmware", 0, OPTION_TEXT, "FIRMWARE", "firmware that a rescue then loads from the card",
	  MAKE(firmware) },
	{ "board", 0, OPTION_TEXT, "ID", "the camera, where you know it", MAKE(board) },
	{ "size", 0, OPTION_TEXT, "SIZE", "of the image (" DEFAULT_SIZE ")", MAKE(size) },
	{ 0 },
};

#define TAKE(member) offsetof(struct take_arguments, member)
static const struct option_spec take_options[] = {
	{ "output", 'o', OPTION_TEXT, "FILE", "where the backup is to be (needed)", TAKE(output),
	  .say = "where the backup is to be" },
	{ "proof", 0, OPTION_TEXT, "STATE", "the camera's checksums (default: FILE.card.json)",
	  TAKE(proof) },
	{ 0 },
};

static const struct command command_make = {
	.name = "card make",
	.arguments = "PATH --transfer [options]",
	.summary = "makes the image of a card that carries a backup out and firmware in",
	.options = make_options,
	.values_size = sizeof(struct make_arguments),
	.min = 1,
	.max = 1,
	.run = run_make,
};

static const struct command command_take = {
	.name = "card take",
	.arguments = "PATH -o FILE [options]",
	.summary = "lifts a backup off such a card",
	.options = take_options,
	.values_size = sizeof(struct take_arguments),
	.min = 1,
	.max = 1,
	.run = run_take,
};

static const struct command *const words[] = { &command_make, &command_take, NULL };

const struct command command_card = {
	.name = "card",
	.arguments = "make|take PATH [options]",
	.summary = "makes the image of an SD card for a camera, or takes a backup off a card",
	.text = "With a card from \"recam card make card.img --transfer\" in its slot, a camera "
		"on\n"
		"a U-Boot console gives its whole flash in a minute (recam backup LINK -o FILE\n"
		"--via-card, then recam card take CARD -o FILE), and takes firmware from it.\n"
		"\"check\" is not in this version.\n",
	.words = words,
};
