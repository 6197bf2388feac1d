/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support.h"

enum { MOST_DISKS = 24, JUDGE_SKIPPED = 77, JUDGE_TIMED_OUT = 124, JUDGE_FAILED = 125 };

/* The judge's own exit statuses, as the head of lab/linux-judge has them. */
static void heed(const struct run_result *result)
{
	const char *said = (const char *)result->err.data;

	if (result->status == JUDGE_SKIPPED && strstr(said, "skipped: ")) {
		print_message("%s", said);
		skip();
	}
	if (result->status < 0 || result->status == JUDGE_TIMED_OUT ||
	    result->status >= JUDGE_FAILED)
		fail_msg("lab/linux-judge ended with %d: %s", result->status, said);
}

void judge_run(const struct judge_disk *disks, size_t count, const char *script,
	       struct run_result *result)
{
	const char *program = getenv("RECAM_LINUX_JUDGE");
	const char *argv[2 * MOST_DISKS + 6];
	char flashes[MOST_DISKS][600];
	struct rc_error err;
	char path[128];
	size_t n = 0;

	assert_in_range(count, 0, MOST_DISKS);
	snprintf(path, sizeof(path), "%s/script", support_temp_dir());
	support_ok(rc_file_replace(path, script, strlen(script), 0600, &err), &err);
	argv[n++] = program ? program : "lab/linux-judge";
	argv[n++] = "--timeout";
	argv[n++] = "240";
	for (size_t i = 0; i < count; i++) {
		snprintf(flashes[i], sizeof(flashes[i]), "%s,%u", disks[i].path, disks[i].erase);
		argv[n++] = disks[i].erase ? "--jffs2" : "--disk";
		argv[n++] = disks[i].erase ? flashes[i] : disks[i].path;
	}
	argv[n++] = "--script";
	argv[n++] = path;
	argv[n] = NULL;
	run_program(argv, (struct rc_span){ 0 }, result);
	heed(result);
}
