/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "card/transfer.h"
#include "card/write.h"
#include "inspect/inspect.h"
#include "recam/card.h"
#include "recam/common.h"
#include "rescue/firmware.h"

#define DEFAULT_SIZE   "256M"
#define MAX_SIZE       ((uint64_t)32 << 30)
#define TRANSFER_SIZE  (64u * 1024 * 1024) /* the largest flash */
#define MIN_SIZE       RC_MIB(16)
#define MIN_WITH_PARTS RC_MIB(128)
/* Of a larger card the rest stays unused. */
#define MOST_USED (CARD_FIRST_SECTOR * (uint64_t)CARD_SECTOR + CARD_MAX_PARTITION)

struct make_arguments {
	struct card_camera_options camera;
	const char *firmware;
	const char *cfw;
	const char *wifi;
	const char *size;
	const char *yes_erase;
	struct option_list settings;
	bool transfer;
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

/* How large the image is: of a card in a reader, what of it is used. */
static int find_size(const char *path, const struct make_arguments *arguments, uint64_t *size,
		     struct rc_error *err)
{
	uint64_t least = arguments->transfer ? MIN_WITH_PARTS : MIN_SIZE;
	uint64_t most = MOST_USED + (arguments->transfer ? 2 * TRANSFER_SIZE : 0);
	uint64_t disk;
	int result = card_target_size(path, &disk, err);

	if (result)
		return result;
	if (disk && arguments->size)
		return rc_fail(err, RC_EUSAGE, "--size is of an image file; a card has its own");
	*size = disk < most ? disk / RC_MIB(1) * RC_MIB(1) : most;
	if (!disk && !parse_size(arguments->size ? arguments->size : DEFAULT_SIZE, size))
		*size = 0;
	if (*size >= least && *size % RC_MIB(1) == 0)
		return 0;
	return rc_fail(err, RC_EUSAGE,
		       "%s%s: a card has whole MiB, %lluM to 32G, as in --size 256M",
		       disk ? path : "--size ", disk ? "" : arguments->size,
		       (unsigned long long)(least >> 20));
}

/* --- The image in memory --- */

struct card_image {
	uint8_t *data; /* most of it is never touched and takes no memory */
	size_t size, used;
};

static void image_free(struct card_image *image)
{
	if (image->data)
		munmap(image->data, image->size);
	*image = (struct card_image){ 0 };
}

static int image_make(const struct card_tree *tree, uint32_t transfer_size, uint64_t size,
		      struct card_image *image, struct rc_error *err)
{
	struct card_options options = { .nodes = tree->nodes,
					.node_count = tree->count,
					.transfer_size = transfer_size };
	int result;

	image->size = (size_t)size;
	image->data = mmap(NULL, image->size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (image->data == MAP_FAILED) {
		image->data = NULL;
		return rc_fail_memory(err, size);
	}
	result = card_make(image->data, image->size, &options, &image->used, err);
	if (result)
		image_free(image);
	return result;
}

/* What is behind its files: the sector that begins a transfer area. */
static struct card_content content_of(const struct card_image *image)
{
	struct card_content content = { .image = { image->data, image->size },
					.stretches = { { 0, image->used } },
					.count = 1 };
	struct mbr mbr;
	const struct mbr_partition *raw = NULL;

	if (mbr_parse(content.image, image->size / CARD_SECTOR, &mbr, NULL) == 0)
		raw = mbr_find(&mbr, MBR_RAW);
	if (raw)
		content.stretches[content.count++] =
			(struct card_stretch){ (uint64_t)raw->first * CARD_SECTOR, CARD_SECTOR };
	return content;
}

/* --- The update file --- */

static int refuse(const char *path, const struct card_verdict *verdict, struct rc_error *err)
{
	static const char *const does[] = {
		[CARD_NOT_SEEN] = "goes on as if it were not there",
		[CARD_REFUSED] = "erases nothing",
		[CARD_TAKEN] = "may write what the camera does not start with",
	};
	const struct finding_kind *kind = finding_find(verdict->finding);

	return rc_fail(err, RC_EREFUSED,
		       "no card is made: with %s as %s the camera's bootloader %s: %s [%s]; %s",
		       path, verdict->file, does[verdict->outcome], verdict->why, verdict->finding,
		       kind ? kind->advice : "");
}

/* Before anything is said of the card: the file itself, and whether it is this camera's. */
static int judge_firmware(const char *path, const struct card_camera *camera,
			  struct rc_buffer *file, struct rc_error *err)
{
	struct firmware firmware;
	const char *other;
	int result;

	if (rc_is_directory(path))
		return rc_fail(err, RC_EUSAGE,
			       "%s is a folder, and a card takes a file: recam pack --board %s %s "
			       "-o %s makes one",
			       path, camera->board->id, path, camera->board->update.file);
	result = rc_file_read(path, RC_MAX_FLASH, file, err);
	if (result)
		return result;
	other = detect_not_firmware((struct rc_span){ file->data, file->size });
	if (other)
		return rc_fail(
			err, RC_EREFUSED,
			"%s is no update file but %s [image-not-firmware]; recam unpack %s "
			"FOLDER shows what is in it, recam pack makes an update file of that",
			path, other, path);
	if (camera->rules == &card_rules_open)
		return 0;
	result = firmware_load(path, camera->boards, camera->board, &firmware, err);
	if (!result)
		firmware_clear(&firmware);
	return result;
}

/* Names that fit into eight and three letters lie there in capitals, and nothing else. */
static void card_name(const char *name, char out[64])
{
	snprintf(out, 64, "%s", name);
	if (strcspn(name, ".") > 8)
		return;
	for (size_t i = 0; out[i]; i++)
		out[i] = (char)toupper((unsigned char)out[i]);
}

/* The name under which the camera's own bootloader would take these bytes, by its rules. */
static int choose_name(const struct card_camera *camera, struct rc_span file, char name[64],
		       struct card_verdict *verdict, struct rc_error *err)
{
	const char *names[CARD_MAX_FILES];
	size_t count = camera->rules->files(camera, names);
	int result = 0;

	for (size_t i = 0; i < count && !result; i++) {
		struct card_tree tree = { 0 };
		struct card_image image = { 0 };
		struct card_verdict one = { 0 };

		card_name(names[i], name);
		result = card_tree_put(&tree, name, file, err);
		if (!result)
			result = image_make(&tree, 0, RC_MIB(128), &image, err);
		if (!result)
			result = card_judge(camera, (struct rc_span){ image.data, image.size },
					    &one, err);
		if (!result && (i == 0 || one.outcome > verdict->outcome))
			*verdict = one;
		image_free(&image);
		card_tree_free(&tree);
		if (!result && one.outcome == CARD_TAKEN)
			return 0;
	}
	return result;
}

static int put_update(struct card_tree *tree, const struct make_arguments *arguments,
		      const struct card_camera *camera, struct rc_error *err)
{
	const char *path = arguments->firmware;
	struct card_verdict verdict = { 0 };
	struct rc_buffer file = { 0 };
	char name[64];
	int result;

	if (!camera->rules)
		return rc_fail(err, RC_EUNSUPPORTED,
			       "which file the bootloader of %s wants on a card is not known%s%s: "
			       "give a dump or a log of this camera with --bootloader FILE",
			       camera->board->name, camera->board->update.note[0] ? " (" : "",
			       camera->board->update.note[0] ? "its builds differ)" : "");
	result = judge_firmware(path, camera, &file, err);
	if (!result)
		result = choose_name(camera, (struct rc_span){ file.data, file.size }, name,
				     &verdict, err);
	if (!result && (verdict.outcome != CARD_TAKEN || verdict.finding))
		result = refuse(path, &verdict, err);
	if (!result)
		result = card_tree_put(tree, name, (struct rc_span){ file.data, file.size }, err);
	rc_buffer_free(&file);
	return result;
}

/* --- The whole --- */

static int check_arguments(const struct make_arguments *arguments, struct rc_error *err)
{
	if (!arguments->firmware && !arguments->cfw && !arguments->transfer)
		return rc_fail(err, RC_EUSAGE,
			       "say what is to be on the card: --firmware FILE (an update), --cfw "
			       "FOLDER (a system that starts from the card), --transfer (for a "
			       "backup)");
	if (arguments->transfer && arguments->cfw)
		return rc_fail(err, RC_EUSAGE,
			       "--transfer and --cfw are for two cards: make one of each");
	if ((arguments->wifi || arguments->settings.count) && !arguments->cfw)
		return rc_fail(err, RC_EUSAGE,
			       "--wifi and --set are settings of a system that starts from the "
			       "card: give its folder with --cfw");
	if (arguments->cfw && !arguments->firmware && arguments->camera.bootloader)
		return rc_fail(err, RC_EUSAGE,
			       "--bootloader tells what --firmware is named on "
			       "the card, and there is none");
	return 0;
}

static int collect(struct card_tree *tree, const struct make_arguments *arguments,
		   const struct card_camera *camera, struct rc_error *err)
{
	int result = 0;

	if (arguments->transfer && arguments->firmware)
		return card_put_firmware(tree, arguments->firmware, camera->boards, camera->board,
					 err);
	/* The update first: at the start of the card, in one piece. */
	if (arguments->firmware)
		result = put_update(tree, arguments, camera, err);
	if (!result && arguments->cfw)
		result = card_tree_read(tree, arguments->cfw, err);
	if (!result && arguments->wifi)
		result = card_put_wifi(tree, arguments->wifi, err);
	for (size_t i = 0; i < arguments->settings.count && !result; i++)
		result = card_put_setting(tree, arguments->settings.values[i], err);
	return result;
}

static void print_next(const char *path, const struct make_arguments *arguments,
		       const struct card_camera *camera)
{
	bool is_image = strncmp(path, "/dev/", 5) != 0;

	if (is_image)
		rc_log_note("%s is an image: bring it onto an SD card first (docs/card.md)", path);
	if (arguments->transfer)
		rc_log_note("Push the card into the camera, then: recam backup LINK -o FILE "
			    "--via-card");
	else if (arguments->firmware)
		printf("%s is a card that %s takes.\nNext: push it into the camera that is "
		       "switched off, then %s. docs/sd-update.md tells what its lights do.\n",
		       path, camera->board->name,
		       camera->rules->wants_button ? camera->board->update.button : "switch it on");
	else
		printf("%s holds the system of %s.\n", path, arguments->cfw);
}

static int make(const char *path, const struct make_arguments *arguments,
		const struct card_camera *camera, struct rc_error *err)
{
	struct card_image image = { 0 };
	struct card_tree tree = { 0 };
	uint64_t size = 0;
	int result = find_size(path, arguments, &size, err);

	if (!result)
		result = collect(&tree, arguments, camera, err);
	if (!result)
		result = image_make(&tree, arguments->transfer ? TRANSFER_SIZE : 0, size, &image,
				    err);
	if (!result) {
		struct card_content content = content_of(&image);

		result = card_write_to(path, size, arguments->yes_erase, &content, err);
	}
	card_tree_free(&tree);
	image_free(&image);
	if (result)
		return result;
	print_next(path, arguments, camera);
	return EXIT_DONE;
}

static int run_make(const struct call *call, struct rc_error *err)
{
	const struct make_arguments *arguments = call->values;
	struct card_camera camera = { .boards = &call->boards };
	struct rc_buffer dump = { 0 };
	int result = check_arguments(arguments, err);

	/* A card for a backup is every camera's, and so is a tree. */
	if (!result && (arguments->camera.board || arguments->camera.bootloader ||
			(arguments->firmware && !arguments->transfer)))
		result = card_camera_find(&arguments->camera, &call->boards, &camera, &dump, err);
	if (!result)
		result = make(call->arguments[0], arguments, &camera, err);
	rc_buffer_free(&dump);
	return result;
}

#define MAKE(member) offsetof(struct make_arguments, member)
static const struct option_spec make_options[] = {
	{ "board", 0, OPTION_TEXT, "ID", "the camera", MAKE(camera.board) },
	{ "firmware", 0, OPTION_TEXT, "FILE",
	  "an update file: demo.bin, tf_update.img, flash-*.bin (with --transfer: any firmware)",
	  MAKE(firmware) },
	{ "cfw", 0, OPTION_TEXT, "FOLDER", "all of it: a system that starts from the card",
	  MAKE(cfw) },
	{ "wifi", 0, OPTION_TEXT, "SSID", "with --cfw: its Wi-Fi; the passphrase is asked for",
	  MAKE(wifi) },
	{ "set", 0, OPTION_LIST, "FILE:KEY=VALUE",
	  "with --cfw: a line of a settings file; the value ? is asked for", MAKE(settings) },
	{ "transfer", 0, OPTION_FLAG, NULL, "with an area that the camera can write",
	  MAKE(transfer) },
	{ "bootloader", 0, OPTION_TEXT, "FILE",
	  "a dump or log of the camera: which name its bootloader looks for",
	  MAKE(camera.bootloader) },
	{ "chip", 0, OPTION_TEXT, "HEX", "the camera's flash chip, six digits", MAKE(camera.chip) },
	{ "size", 0, OPTION_TEXT, "SIZE", "of an image file (" DEFAULT_SIZE ")", MAKE(size) },
	{ "yes-erase", 0, OPTION_TEXT, "NAME", "of a card: erase the one of this name, such as sdb",
	  MAKE(yes_erase) },
	{ 0 },
};

const struct command command_card_make = {
	.name = "card make",
	.arguments = "PATH [options]",
	.summary = "makes a card that this camera takes, as an image file or in a card reader",
	.text = "PATH is a card (/dev/sdX: all that is on it goes, after its name was typed) or a "
		"new\nfile. --firmware makes a card that updates the camera, --cfw one that it "
		"starts from,\n--transfer one that carries its flash to the PC.\n",
	.options = make_options,
	.values_size = sizeof(struct make_arguments),
	.min = 1,
	.max = 1,
	.run = run_make,
};
