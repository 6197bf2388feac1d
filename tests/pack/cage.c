/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cage.h"

#include "support.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define CANARY "what is outside stays as it is\n"

static const char *in(const struct cage *cage, const char *name)
{
	static char path[4200];

	snprintf(path, sizeof(path), "%s/%s", cage->top, name);
	return path;
}

void cage_open(struct cage *cage)
{
	struct rc_error err;

	cage->top = support_temp_dir();
	assert_int_equal(mkdir(in(cage, "outside"), 0755), 0);
	assert_int_equal(mkdir(in(cage, "box"), 0755), 0);
	support_ok(rc_file_replace(in(cage, "outside/canary"), CANARY, strlen(CANARY), 0640, &err),
		   &err);
	cage->box = open(in(cage, "box"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(cage->box >= 0);
}

/* Nothing but the names that were there at the start. */
static int look_outside(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *name = path + ftw->base;

	if (ftw->level == 1 && strcmp(name, "box") == 0)
		return FTW_SKIP_SUBTREE;
	if (ftw->level == 0 || (ftw->level == 1 && strcmp(name, "outside") == 0) ||
	    (ftw->level == 2 && strcmp(name, "canary") == 0))
		return FTW_CONTINUE;
	fail_msg("%s is outside, and was not there before", path);
	return FTW_STOP;
}

static int look_inside(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode) && !S_ISLNK(st->st_mode))
		fail_msg("%s is neither file, folder nor link: mode %o", path, st->st_mode);
	if (!S_ISLNK(st->st_mode) && (st->st_mode & 07022) != 0)
		fail_msg("%s has the mode %o on disk", path, st->st_mode);
	return FTW_CONTINUE;
}

void cage_close(struct cage *cage)
{
	struct rc_buffer canary;
	struct rc_error err;
	struct stat st;

	assert_int_equal(nftw(cage->top, look_outside, 32, FTW_PHYS | FTW_ACTIONRETVAL), 0);
	assert_int_equal(nftw(in(cage, "box"), look_inside, 32, FTW_PHYS | FTW_ACTIONRETVAL), 0);
	assert_int_equal(stat(in(cage, "outside"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(in(cage, "outside/canary"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	support_ok(rc_file_read(in(cage, "outside/canary"), 4096, &canary, &err), &err);
	assert_int_equal(canary.size, strlen(CANARY));
	assert_memory_equal(canary.data, CANARY, canary.size);
	rc_buffer_free(&canary);
	support_ok(fs_remove(cage->box, "x", &err), &err);
	assert_int_equal(rmdir(in(cage, "box")), 0);
	close(cage->box);
}

static void assert_problem_is(const struct format_report *report, const struct fate *fate)
{
	if (!fate->text) {
		if (report->state != REGION_GOOD)
			fail_msg("%s: %s", fate->what, report->problems[0].text);
		return;
	}
	for (size_t i = 0; i < report->problem_count && i < FORMAT_MAX_PROBLEMS; i++) {
		if (strstr(report->problems[i].text, fate->text))
			return;
	}
	fail_msg("%s: \"%s\" is not in: %s", fate->what, fate->text,
		 report->problem_count ? report->problems[0].text : "(nothing)");
}

/* What was unpacked says the same as the image, odd names and all. */
static void assert_says_the_same(const struct cage *cage, const struct rc_buffer *image,
				 const struct fate *fate)
{
	struct rc_error err;
	bool unchanged;

	support_ok(fs_unchanged(cage->box, "x", (struct rc_span){ image->data, image->size }, NULL,
				&unchanged, &err),
		   &err);
	if (!unchanged)
		fail_msg("%s: the folder and its manifest say something else", fate->what);
}

void assert_unpack_ends(const struct rc_buffer *image, const struct fate *fate)
{
	struct rc_error err = { 0 };
	struct fs_summary summary;
	struct cage cage;
	struct stat st;
	char there[600];
	int result;

	cage_open(&cage);
	result = fs_unpack((struct rc_span){ image->data, image->size }, NULL, cage.box, "x",
			   &summary, &err);
	if (result != fate->status)
		fail_msg("%s: status %d: %s", fate->what, result, err.text);
	if (result == 0) {
		assert_problem_is(&summary.report, fate);
		snprintf(there, sizeof(there), "box/x/%s", fate->there ? fate->there : "");
		if (lstat(in(&cage, there), &st) != 0)
			fail_msg("%s: %s is not there", fate->what, there);
		assert_says_the_same(&cage, image, fate);
	} else {
		if (!strstr(err.text, fate->text))
			fail_msg("%s: \"%s\" is not in: %s", fate->what, fate->text, err.text);
		/* Nothing is left behind. */
		assert_int_equal(rmdir(in(&cage, "box")), 0);
		assert_int_equal(mkdir(in(&cage, "box"), 0755), 0);
	}
	fs_summary_clear(&summary);
	cage_close(&cage);
}
