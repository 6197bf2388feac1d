/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "box.h"

#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../format/tree.h"
#include "base/file.h"

void box_open(struct box *box)
{
	box->path = support_temp_dir();
	box->fd = open(box->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(box->fd >= 0);
}

void box_close(struct box *box)
{
	close(box->fd);
}

const char *box_path(const struct box *box, const char *name)
{
	static char path[1024];

	snprintf(path, sizeof(path), "%s/%s", box->path, name);
	return path;
}

void box_unpack(const struct box *box, const struct rc_buffer *image, const char *name)
{
	struct fs_summary summary;
	struct rc_error err;

	support_ok(fs_unpack((struct rc_span){ image->data, image->size }, NULL, box->fd, name,
			     &summary, &err),
		   &err);
	assert_int_equal(summary.damaged, 0);
	assert_int_equal(summary.report.state, REGION_GOOD);
	fs_summary_clear(&summary);
}

void box_pack(const struct box *box, const char *name, struct rc_buffer *image)
{
	struct rc_error err;

	support_ok(fs_pack(box->fd, name, NULL, RC_MIB(16), image, &err), &err);
}

char *box_manifest(const struct box *box, const char *name)
{
	char file[256];
	struct rc_buffer text;
	struct rc_error err;

	snprintf(file, sizeof(file), "%s.mtree", name);
	support_ok(rc_file_read(box_path(box, file), RC_MIB(16), &text, &err), &err);
	assert_true(rc_buffer_append(&text, "", 1));
	return (char *)text.data;
}

void box_edit_manifest(const struct box *box, const char *name, const char *from, const char *to)
{
	char *text = box_manifest(box, name);
	const char *at = strstr(text, from);
	struct rc_buffer edited = { 0 };
	char file[256];
	struct rc_error err;

	if (!at)
		fail_msg("\"%s\" is not in the manifest: %s", from, text);
	rc_buffer_append(&edited, text, (size_t)(at - text));
	rc_buffer_append(&edited, to, strlen(to));
	at += strlen(from);
	rc_buffer_append(&edited, at, strlen(at));
	snprintf(file, sizeof(file), "%s.mtree", name);
	support_ok(rc_file_replace(box_path(box, file), edited.data, edited.size, 0644, &err),
		   &err);
	rc_buffer_free(&edited);
	free(text);
}

void box_put(const struct box *box, const char *name, const char *text, unsigned mode)
{
	struct rc_error err;

	support_ok(rc_file_replace(box_path(box, name), text, strlen(text), mode, &err), &err);
	assert_int_equal(chmod(box_path(box, name), mode), 0);
}

void assert_same_manifest(const struct box *box, const struct rc_buffer *image, const char *name,
			  const char *other)
{
	char *one, *two;

	box_unpack(box, image, name);
	one = box_manifest(box, name);
	two = box_manifest(box, other);
	assert_string_equal(one, two);
	free(one);
	free(two);
}

static void make_image(const char **argv, size_t count, const char *const *options,
		       const char *path, struct rc_buffer *image)
{
	struct rc_error err;

	while (*options)
		argv[count++] = *options++;
	argv[count] = NULL;
	run_well(argv);
	support_ok(rc_file_read(path, RC_MIB(16), image, &err), &err);
}

void box_mksquashfs(const char *folder, const char *const *options, struct rc_buffer *image)
{
	char *path = rc_path_join(support_temp_dir(), "image");
	const char *argv[40] = {
		"mksquashfs", folder, path, "-noappend", "-no-progress", "-quiet"
	};

	make_image(argv, 6, options, path, image);
	free(path);
}

void box_mkfs_jffs2(const char *folder, const char *const *options, struct rc_buffer *image)
{
	char *path = rc_path_join(support_temp_dir(), "image");
	const char *argv[40] = { "mkfs.jffs2", "-l", "-d", folder, "-o", path };

	make_image(argv, 6, options, path, image);
	free(path);
}
