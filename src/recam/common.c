/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recam/common.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "format/uimage.h"
#include "pack/firmware_archive.h"
#include "rescue/firmware.h"

volatile int stop_asked;

static void on_signal(int number)
{
	/* A second signal ends the program at once: somebody means it. */
	signal(number, SIG_DFL);
	stop_asked = 1;
}

void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

int exit_with(const struct rc_error *err)
{
	rc_log_error("%s", err->text);
	return err->status == RC_ESTOPPED ? EXIT_STOPPED : EXIT_COULD_NOT;
}

int jedec_parse(const char *text, uint32_t *jedec, struct rc_error *err)
{
	uint64_t value;

	if (!rc_parse_hex(text, 0xffffff, &value))
		return rc_fail(err, RC_EUSAGE,
			       "--chip %s: a JEDEC id is six hex digits, c84018 for a GD25Q128",
			       text);
	*jedec = (uint32_t)value;
	return 0;
}

int exit_for(const struct inspection *inspection)
{
	return inspection_worst(inspection) == SEVERITY_FATAL ? EXIT_FOUND : EXIT_DONE;
}

bool is_link(const char *spec)
{
	static const char *const words[] = { "file:", "flashrom:", "uboot:", "linux:", "twin:" };

	for (size_t i = 0; i < RC_COUNT(words); i++)
		if (strncmp(spec, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

static void ask_owner(void *context, const char *text)
{
	(void)context;
	rc_log_note("%s", text);
}

int open_link(const char *spec, const struct boards *boards, struct link **link,
	      struct rc_error *err)
{
	struct link_options options = { .boards = boards, .ask = ask_owner };

	return link_open(spec, &options, link, err);
}

unsigned terminal_columns(FILE *stream)
{
	struct winsize size;

	if (isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 &&
	    size.ws_col >= 40)
		return size.ws_col;
	return 80;
}

struct report_options report_to_stdout(const char *source, bool show_secrets)
{
	return (struct report_options){
		.show_secrets = show_secrets,
		.colour = rc_use_colour(stdout),
		.columns = terminal_columns(stdout),
		.source = source,
	};
}

int print_json(json_t *json)
{
	int failed = !json || json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));

	json_decref(json);
	if (failed || printf("\n") < 0 || fflush(stdout)) {
		rc_log_error("cannot write the JSON to standard output: is the disk full?");
		return EXIT_COULD_NOT;
	}
	return EXIT_DONE;
}

/* Parts are laid out as their camera's flash has them. */
static int parts_load(const char *path, const struct boards *boards, const char *board_id,
		      struct rc_buffer *image, struct rc_error *err)
{
	const struct board *board = board_id ? boards_find(boards, board_id) : NULL;
	struct firmware firmware;
	int result = firmware_read(path, board, &firmware, err);

	if (result || !board)
		return result;
	result = firmware_image(&firmware, board->layout.flash_size, image, err);
	firmware_clear(&firmware);
	return result;
}

/* A whole image, such as an earlier backup, is taken as it is: what of it is true of this
 * camera, its checksums say. */
static int reference_load(const char *path, const struct boards *boards, const char *board_id,
			  struct rc_buffer *image, struct rc_error *err)
{
	bool folder = rc_is_directory(path);
	int result = folder ? 0 : rc_file_read(path, RC_MAX_FLASH, image, err);

	if (result)
		return result;
	if (!folder && !firmware_archive_probe((struct rc_span){ image->data, image->size }) &&
	    (image->size < 4 || rc_be32(image->data) != UIMAGE_MAGIC))
		return 0;
	rc_buffer_free(image);
	return parts_load(path, boards, board_id, image, err);
}

int references_load(const struct option_list *paths, const struct boards *boards, const char *board,
		    struct references *references, struct rc_error *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		int result = reference_load(paths->values[i], boards, board, &references->images[i],
					    err);

		if (result)
			return result;
		references->spans[i] = (struct rc_span){ references->images[i].data,
							 references->images[i].size };
		references->count++;
	}
	return 0;
}

void references_free(struct references *references)
{
	for (size_t i = 0; i < OPTION_LIST_MAX; i++)
		rc_buffer_free(&references->images[i]);
}
