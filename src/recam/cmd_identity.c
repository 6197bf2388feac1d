/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recam identity show, export and import. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "inspect/identity_file.h"
#include "recam/common.h"

struct identity_arguments {
	const char *board;
	const char *mac; /* from the camera's label */
	const char *output;
	const char *into;
	bool show_secrets;
	bool i_know;
	bool settings;
};

/* Partitions of an unpacked folder that hold identity or settings. */
static const char *const folder_names[] = { "para", "config", "FACTORY", "CONFIG", "factory" };

/* An image, and who it is; of a folder its partitions, one behind the other. */
struct source {
	struct rc_buffer bytes;
	struct identity_report report;
};

static int read_image(const char *path, const struct call *call, const char *board,
		      struct source *source, struct rc_error *err)
{
	int status = rc_file_read(path, RC_MAX_FLASH, &source->bytes, err);

	return status ? status
		      : identity_read((struct rc_span){ source->bytes.data, source->bytes.size },
				      &call->boards, board, &source->report, err);
}

static int read_folder_part(const char *folder, const char *name, struct source *source,
			    struct rc_error *err)
{
	struct identity_part *part = &source->report.parts[source->report.part_count];
	struct rc_buffer bytes = { 0 };
	char path[4096];
	int status;

	snprintf(path, sizeof(path), "%s/%s.bin", folder, name);
	if (!rc_file_exists(path) || source->report.part_count == IDENTITY_MAX_PARTS)
		return 0;
	status = rc_file_read(path, RC_MIB(1), &bytes, err);
	if (status == 0) {
		snprintf(part->name, sizeof(part->name), "%s", name);
		part->offset = (uint32_t)source->bytes.size;
		part->size = (uint32_t)bytes.size;
		part->settings = strcasecmp(name, "config") == 0;
		identity_part_read((struct rc_span){ bytes.data, bytes.size }, part,
				   &source->report);
		source->report.part_count++;
		if (!rc_buffer_append(&source->bytes, bytes.data, bytes.size))
			status = rc_fail_memory(err, bytes.size);
	}
	rc_buffer_free(&bytes);
	return status;
}

static int read_folder(const char *folder, const char *board, struct source *source,
		       struct rc_error *err)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < RC_COUNT(folder_names); i++)
		status = read_folder_part(folder, folder_names[i], source, err);
	if (board)
		snprintf(source->report.board, sizeof(source->report.board), "%s", board);
	if (status == 0 && source->report.part_count == 0)
		status = rc_fail(
			err, RC_EFORMAT,
			"there is no para.bin, config.bin, FACTORY.bin, CONFIG.bin or "
			"factory.bin in %s: give a folder that \"recam unpack\" made, or a dump",
			folder);
	return status;
}

static int read_source(const char *path, const struct call *call, struct source *source,
		       struct rc_error *err)
{
	const struct identity_arguments *arguments = call->values;

	*source = (struct source){ 0 };
	return rc_is_directory(path) ? read_folder(path, arguments->board, source, err)
				     : read_image(path, call, arguments->board, source, err);
}

/* --- show --- */

static void print_field(const struct identity_field *field, bool show_secrets)
{
	char shown[sizeof(field->value)];

	if (field->secret && !show_secrets)
		rc_mask_secret(field->value, shown, sizeof(shown));
	else
		snprintf(shown, sizeof(shown), "%s", field->value);
	if (strlen(shown) > 32 && !show_secrets)
		snprintf(shown, sizeof(shown), "%zu characters", strlen(field->value));
	printf("  %-20s %s%s%s\n", field->name, shown, field->wrong[0] ? ": " : "", field->wrong);
}

static void print_part(const struct identity_part *part, bool show_secrets)
{
	printf("%s at 0x%X (%u KiB), %s\n", part->name, part->offset, part->size / 1024,
	       part->blank      ? "blank"
	       : part->where[0] ? part->where
				: "nothing that is known here");
	for (size_t i = 0; i < part->field_count; i++)
		print_field(&part->fields[i], show_secrets);
	if (part->wrong[0])
		printf("  damaged: %s\n", part->wrong);
}

/* "it is whole", or what is wrong with it and what to do. */
static int judge(const struct identity_report *report, const char *label, struct rc_error *err)
{
	char mac[18];

	if (label && !identity_mac(label, mac))
		return rc_fail(
			err, RC_EUSAGE,
			"--mac %s: a MAC address is six pairs of hex digits, as on the camera's "
			"label",
			label);
	if (identity_wrong(report)[0]) {
		printf("\nThe identity is damaged. Put the one of this camera's first backup in "
		       "its "
		       "place: \"recam identity import\".\n");
		return EXIT_FOUND;
	}
	if (!report->mac[0]) {
		printf("\nThere is no identity: the camera gets another address at each start, and "
		       "cannot be paired. Only this camera's own backup has it.\n");
		return EXIT_FOUND;
	}
	if (label && strcmp(mac, report->mac) != 0) {
		printf("\nIt is not the address on the label: this is somebody else's identity, or "
		       "the "
		       "label is of another camera. Look for this camera's own first backup.\n");
		return EXIT_FOUND;
	}
	printf("\nThe identity is whole%s.\n", label ? ", and of the camera with this label" : "");
	return EXIT_DONE;
}

static int show(const struct call *call, struct rc_error *err)
{
	const struct identity_arguments *arguments = call->values;
	struct source source;
	int status = read_source(call->arguments[0], call, &source, err);

	if (status == 0) {
		if (source.report.board[0])
			printf("Camera: %s\n", source.report.board);
		for (size_t i = 0; i < source.report.part_count; i++)
			print_part(&source.report.parts[i], arguments->show_secrets);
		status = judge(&source.report, arguments->mac, err);
	}
	rc_buffer_free(&source.bytes);
	return status;
}

/* --- export --- */

static int export_identity(const struct call *call, struct rc_error *err)
{
	const struct identity_arguments *arguments = call->values;
	struct rc_text text = { 0 };
	struct source source;
	int status = read_source(call->arguments[0], call, &source, err);

	if (status == 0)
		status = identity_file_make(
			(struct rc_span){ source.bytes.data, source.bytes.size }, &source.report,
			&text, err);
	/* Nobody else is to read it. */
	if (status == 0)
		status = rc_file_replace(arguments->output, text.data, text.size, 0600, err);
	if (status == 0) {
		char mac[sizeof(source.report.mac)];

		rc_mask_secret(source.report.mac, mac, sizeof(mac));
		printf("the identity of %s -> %s\n", mac, arguments->output);
		rc_log_note("Keep it where nobody else reads it: who has it can be this camera.");
	}
	rc_text_free(&text);
	rc_buffer_free(&source.bytes);
	return status;
}

/* --- import --- */

/* The same file under another name would be gone while it is read. */
static bool is_same_file(const char *a, const char *b)
{
	struct stat left, right;

	return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev &&
	       left.st_ino == right.st_ino;
}

static int import_into(const struct call *call, const struct identity_file *file,
		       struct rc_error *err)
{
	const struct identity_arguments *arguments = call->values;
	const struct identity_import_options options = { .boards = &call->boards,
							 .board = arguments->board,
							 .i_know = arguments->i_know,
							 .settings = arguments->settings };
	struct rc_buffer image = { 0 }, made = { 0 };
	char mac[sizeof(file->report.mac)];
	int status = rc_file_read(arguments->into, RC_MAX_FLASH, &image, err);

	if (status == 0)
		status = identity_import(file, (struct rc_span){ image.data, image.size }, &options,
					 &made, err);
	if (status == 0)
		status = rc_file_replace(arguments->output, made.data, made.size, 0600, err);
	if (status == 0) {
		rc_mask_secret(file->report.mac, mac, sizeof(mac));
		printf("%s with the identity of %s -> %s\n", arguments->into, mac,
		       arguments->output);
	}
	rc_buffer_free(&image);
	rc_buffer_free(&made);
	return status;
}

static int import_identity(const struct call *call, struct rc_error *err)
{
	const struct identity_arguments *arguments = call->values;
	struct rc_buffer text = { 0 };
	struct identity_file file = { 0 };
	int status;

	if (is_same_file(arguments->into, arguments->output))
		return rc_fail(err, RC_EREFUSED,
			       "%s is the image itself: give -o another name, so that the old one "
			       "stays",
			       arguments->output);
	status = rc_file_read(call->arguments[0], IDENTITY_FILE_MAX, &text, err);
	if (status)
		return status;
	status = identity_file_read((struct rc_span){ text.data, text.size }, &file, err);
	if (status == 0)
		status = import_into(call, &file, err);
	identity_file_clear(&file);
	rc_buffer_free(&text);
	return status;
}

/* --- The words --- */

#define BOARD_OPTION                                                                       \
	{                                                                                  \
		"board", 0, OPTION_TEXT, "ID", "the camera it is from, where you know it", \
			offsetof(struct identity_arguments, board), NULL                   \
	}

static const struct option_spec show_options[] = {
	{ "mac", 0, OPTION_TEXT, "MAC", "the address on the camera's label, to compare with",
	  offsetof(struct identity_arguments, mac), NULL },
	BOARD_OPTION,
	{ "show-secrets", 0, OPTION_FLAG, NULL, "addresses, keys and passwords unmasked",
	  offsetof(struct identity_arguments, show_secrets), NULL },
	{ 0 },
};

static const struct option_spec export_options[] = {
	{ "output", 'o', OPTION_TEXT, "FILE", "where the identity is to be kept",
	  offsetof(struct identity_arguments, output), "where the identity is to be kept" },
	BOARD_OPTION,
	{ 0 },
};

static const struct option_spec import_options[] = {
	{ "into", 0, OPTION_TEXT, "IMAGE", "the image that is to have it",
	  offsetof(struct identity_arguments, into), "the image that is to have it" },
	{ "output", 'o', OPTION_TEXT, "NEWIMAGE", "where the new image is to be",
	  offsetof(struct identity_arguments, output), "where the new image is to be" },
	{ "settings", 0, OPTION_FLAG, NULL, "the settings (Wi-Fi) that are in the file too",
	  offsetof(struct identity_arguments, settings), NULL },
	{ "i-know", 0, OPTION_FLAG, NULL, "also the identity of another camera",
	  offsetof(struct identity_arguments, i_know), NULL },
	BOARD_OPTION,
	{ 0 },
};

static const struct command identity_show = {
	.name = "identity show",
	.arguments = "IMAGE [options]",
	.summary = "who the camera is: its address, keys and settings, and whether they are whole",
	.text = "IMAGE is a whole flash dump, the partition that holds the identity, or a folder\n"
		"that \"recam unpack\" made. Secrets are masked.\n",
	.options = show_options,
	.values_size = sizeof(struct identity_arguments),
	.min = 1,
	.max = 1,
	.run = show,
};

static const struct command identity_export = {
	.name = "identity export",
	.arguments = "IMAGE -o FILE [options]",
	.summary = "the identity in a file of its own, to keep",
	.text = "FILE holds the partitions with identity and settings, as they are, and what they\n"
		"say. Only you can read it; keep it like a password.\n",
	.options = export_options,
	.values_size = sizeof(struct identity_arguments),
	.min = 1,
	.max = 1,
	.run = export_identity,
};

static const struct command identity_import_word = {
	.name = "identity import",
	.arguments = "FILE --into IMAGE -o NEWIMAGE [options]",
	.summary = "an exported identity into an image of the same camera",
	.text = "Everything else of IMAGE stays, and IMAGE itself is not touched. The identity of\n"
		"another camera is refused: two cameras with one address disturb each other, and "
		"the\n"
		"cloud takes them for one.\n",
	.options = import_options,
	.values_size = sizeof(struct identity_arguments),
	.min = 1,
	.max = 1,
	.run = import_identity,
};

static const struct command *const words[] = { &identity_show, &identity_export,
					       &identity_import_word, NULL };

const struct command command_identity = {
	.name = "identity",
	.arguments = "show|export|import ...",
	.summary = "who a camera is: shows it, keeps it in a file, puts it back",
	.words = words,
};
