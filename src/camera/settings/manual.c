/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Used at build time only: recamd.conf(5) from its frame and the table of settings.
 * usage: manual FRAME > recamd.conf.5 */
#include <stdio.h>
#include <string.h>

#include "camera/settings/settings.h"
#include "config.h"

static void print_line(const char *line)
{
	static const char version[] = "@VERSION@";
	const char *at = strstr(line, version);
	struct rc_text settings = { 0 };

	if (strcmp(line, "@SETTINGS@\n") == 0) {
		settings_manual(&settings);
		fputs(rc_text_get(&settings), stdout);
		rc_text_free(&settings);
	} else if (at) {
		printf("%.*s%s%s", (int)(at - line), line, RECAM_VERSION, at + strlen(version));
	} else {
		fputs(line, stdout);
	}
}

int main(int argc, char **argv)
{
	FILE *frame = argc == 2 ? fopen(argv[1], "r") : NULL;
	char line[512];

	if (!frame) {
		fprintf(stderr, "usage: manual FRAME\n");
		return 1;
	}
	while (fgets(line, sizeof(line), frame))
		print_line(line);
	fclose(frame);
	return 0;
}
