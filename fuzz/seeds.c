/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a fuzz target over the files of a folder, where libFuzzer is not built in. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	unsigned count = 0;

	if (!folder) {
		fprintf(stderr, "usage: %s FOLDER of seeds\n", argv[0]);
		return 2;
	}
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	while ((entry = readdir(folder))) {
		char *path = rc_path_join(argv[1], entry->d_name);
		struct rc_buffer bytes;

		if (path && !rc_is_directory(path) &&
		    rc_file_read(path, RC_MIB(64), &bytes, NULL) == 0) {
			LLVMFuzzerTestOneInput(bytes.data ? bytes.data : (const uint8_t *)"",
					       bytes.size);
			rc_buffer_free(&bytes);
			count++;
		}
		free(path);
	}
	closedir(folder);
	printf("%u seeds\n", count);
	return count ? 0 : 1;
}
