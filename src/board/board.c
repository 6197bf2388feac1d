/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All boards of a folder, and what is looked up in them. */
#include "board/board.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "board/parse.h"
#include "config.h"

#define MAX_BOARDS 256

const char *bootloader_origin_name(enum bootloader_origin origin)
{
	static const char *const names[] = {
		[BOOTLOADER_STOCK] = "stock",
		[BOOTLOADER_OPEN] = "open",
		[BOOTLOADER_UNKNOWN] = "unknown",
	};

	return names[origin];
}

void board_clear(struct board *board)
{
	for (size_t i = 0; i < board->bootloader_count; i++)
		free(board->bootloaders[i].piece_crc);
	*board = (struct board){ 0 };
}

void boards_free(struct boards *boards)
{
	for (size_t i = 0; i < boards->count; i++)
		board_clear(&boards->all[i]);
	free(boards->all);
	*boards = (struct boards){ 0 };
}

const struct board *boards_find(const struct boards *boards, const char *id)
{
	for (size_t i = 0; i < boards->count; i++) {
		if (strcmp(boards->all[i].id, id) == 0)
			return &boards->all[i];
	}
	return NULL;
}

const struct board_partition *board_partition(const struct board *board, const char *name)
{
	const struct partition *place = layout_find(&board->layout, name);

	return place ? &board->partitions[place - board->layout.partitions] : NULL;
}

/* True if known is the digest, or its first digits. */
static bool is_digest(const char *known, const char *sha256)
{
	return known[0] && strncmp(known, sha256, strlen(known)) == 0;
}

bool board_bootloader_has_digest(const struct board_bootloader *loader, const char *sha256)
{
	return is_digest(loader->sha256, sha256) || is_digest(loader->dump_sha256, sha256);
}

const struct board_bootloader *boards_bootloader(const struct boards *boards, const char *sha256,
						 const char *version, const struct board **board)
{
	const struct board_bootloader *found = NULL;

	for (size_t i = 0; i < boards->count; i++) {
		const struct board *candidate = &boards->all[i];

		for (size_t n = 0; n < candidate->bootloader_count; n++) {
			const struct board_bootloader *known = &candidate->bootloaders[n];
			bool same = sha256 ? board_bootloader_has_digest(known, sha256)
					   : version && strcmp(known->version, version) == 0;

			if (!same)
				continue;
			/* One build may be in several boards' files; two builds of one version
			 * tell nothing. */
			if (found && !sha256 && strcmp(found->dump_sha256, known->dump_sha256) != 0)
				return NULL;
			if (found)
				continue;
			found = known;
			if (board)
				*board = candidate;
		}
	}
	return found;
}

static int is_board_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && strcmp(dot, ".board") == 0;
}

static int read_named(void *context, const char *name, struct rc_buffer *out, struct rc_error *err)
{
	const char *folder = *(const char *const *)context;
	char *path = rc_path_join(folder, name);
	int result;

	*out = (struct rc_buffer){ 0 };
	if (!path)
		return rc_fail_memory(err, strlen(folder) + strlen(name) + 2);
	result = rc_file_read(path, BOARD_FILE_LIMIT, out, err);
	free(path);
	return result;
}

static int load_one(const char *folder, const char *name, struct board *board, struct rc_error *err)
{
	const struct board_parts parts = { .read = read_named, .context = &folder };
	char *path = rc_path_join(folder, name);
	struct rc_buffer text;
	int result;

	if (!path)
		return rc_fail_memory(err, strlen(folder) + strlen(name) + 2);
	result = rc_file_read(path, BOARD_FILE_LIMIT, &text, err);
	if (!result) {
		result = board_parse_with(path, (struct rc_span){ text.data, text.size }, &parts,
					  board, err);
		rc_buffer_free(&text);
	}
	free(path);
	return result;
}

static int load_all(const char *folder, struct dirent **names, size_t count, struct boards *boards,
		    struct rc_error *err)
{
	if (count == 0 || count > MAX_BOARDS)
		return rc_fail(err, RC_ENOTFOUND,
			       "%s holds %zu board files (*.board), 1 to %d are wanted: point "
			       "RECAM_BOARDS at the folder that has them",
			       folder, count, MAX_BOARDS);
	boards->all = calloc(count, sizeof(*boards->all));
	if (!boards->all)
		return rc_fail_memory(err, count * sizeof(*boards->all));
	for (size_t i = 0; i < count; i++) {
		int result = load_one(folder, names[i]->d_name, &boards->all[i], err);

		if (result)
			return result;
		boards->count++;
	}
	return 0;
}

/* By id. The names' order would put "a-b.board" before "a.board". */
static int compare_boards(const void *a, const void *b)
{
	return strcmp(((const struct board *)a)->id, ((const struct board *)b)->id);
}

static const char *default_folder(void)
{
	const char *named = getenv("RECAM_BOARDS");

	if (named && *named)
		return named;
	return rc_is_directory(RECAM_BOARDS_INSTALLED) ? RECAM_BOARDS_INSTALLED
						       : RECAM_BOARDS_SOURCE;
}

int boards_load(const char *directory, struct boards *boards, struct rc_error *err)
{
	const char *folder = directory ? directory : default_folder();
	struct dirent **names = NULL;
	int count, result;

	*boards = (struct boards){ 0 };
	count = scandir(folder, &names, is_board_file, alphasort);
	if (count < 0)
		return rc_fail_errno(err, errno == ENOENT ? RC_ENOTFOUND : RC_EIO, errno,
				     "cannot read the board files in %s (RECAM_BOARDS names "
				     "another folder)",
				     folder);
	result = load_all(folder, names, (size_t)count, boards, err);
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	if (result)
		boards_free(boards);
	else
		qsort(boards->all, boards->count, sizeof(*boards->all), compare_boards);
	return result;
}
