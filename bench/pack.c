/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For bench/pack.sh: one file system unpacked, or packed, and nothing else. */
#include "pack/fs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config.h"

static int unpack(const char *path, int folder, const char *name, struct rc_error *err)
{
	struct fs_summary summary = { 0 };
	struct rc_buffer image;
	int result = rc_file_read(path, RC_MIB(64), &image, err);

	if (result == 0)
		result = fs_unpack((struct rc_span){ image.data, image.size }, NULL, folder, name,
				   &summary, err);
	fs_summary_clear(&summary);
	rc_buffer_free(&image);
	return result;
}

/* Not through rc_file_replace: mksquashfs does not wait for the disk either. */
static int pack(int folder, const char *name, const char *path, struct rc_error *err)
{
	struct rc_buffer image;
	int result = fs_pack(folder, name, NULL, RC_MIB(64), &image, err);
	FILE *file = result == 0 ? fopen(path, "wb") : NULL;

	if (result == 0 && (!file || fwrite(image.data, 1, image.size, file) != image.size))
		result = rc_fail(err, RC_EIO, "cannot write %s", path);
	if (file && fclose(file) != 0 && result == 0)
		result = rc_fail(err, RC_EIO, "cannot write %s", path);
	rc_buffer_free(&image);
	return result;
}

int main(int argc, char **argv)
{
	bool packs = argc == 5 && strcmp(argv[1], "pack") == 0;
	struct rc_error err = { 0 };
	int folder, result;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts(RECAM_VERSION);
		return 0;
	}
	if (!packs && (argc != 5 || strcmp(argv[1], "unpack") != 0)) {
		fprintf(stderr, "usage: %s unpack IMAGE DIR NAME | pack DIR NAME IMAGE\n", argv[0]);
		return 2;
	}
	folder = open(packs ? argv[2] : argv[3], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	result = packs ? pack(folder, argv[3], argv[4], &err)
		       : unpack(argv[2], folder, argv[4], &err);
	if (result < 0)
		fprintf(stderr, "bench-pack: %s\n", err.text);
	close(folder);
	return result < 0;
}
