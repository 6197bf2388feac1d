/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usage: embed BINARY HEADER: writes the bytes as the initialiser of a C array. */
#include <stdio.h>

int main(int argc, char **argv)
{
	FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL;
	FILE *out = in ? fopen(argv[2], "w") : NULL;
	unsigned count = 0;
	int byte;

	if (!out) {
		fprintf(stderr, "usage: embed BINARY HEADER\n");
		return 2;
	}
	while ((byte = getc(in)) != EOF)
		fprintf(out, "0x%02x,%c", (unsigned)byte, ++count % 16 ? ' ' : '\n');
	fprintf(out, "\n");
	return ferror(in) || fclose(out) || count == 0;
}
