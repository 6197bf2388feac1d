/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/default_path.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "rescue/journal.h"

#define MOST 999u

static void name_file(unsigned number, char file[DEFAULT_PATH_SIZE])
{
	if (number == 1)
		snprintf(file, DEFAULT_PATH_SIZE, "recam-backup.bin");
	else
		snprintf(file, DEFAULT_PATH_SIZE, "recam-backup-%u.bin", number);
}

static int is_finished(const char *file, bool *finished, struct rc_error *err)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	char name[DEFAULT_PATH_SIZE + 8];
	int result;

	if (!journal)
		return rc_fail_memory(err, sizeof(*journal));
	snprintf(name, sizeof(name), "%s.journal", file);
	result = journal_load(name, journal, err);
	*finished = journal->present && journal->finished;
	free(journal);
	return result;
}

int default_path_choose(struct default_path *path, struct rc_error *err)
{
	unsigned last = 0;
	bool finished = false;
	int result;

	*path = (struct default_path){ 0 };
	do {
		name_file(last + 1, path->file);
	} while (rc_file_exists(path->file) && ++last < MOST);
	if (last == MOST)
		return rc_fail(err, RC_EREFUSED,
			       "%u backups lie in this folder: name a file with --backup", MOST);
	if (last == 0)
		return 0;
	name_file(last, path->before);
	result = is_finished(path->before, &finished, err);
	if (result || finished)
		return result;
	name_file(last, path->file);
	path->before[0] = '\0';
	return 0;
}
