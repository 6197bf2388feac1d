/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "inspect/capture.h"
#include "recam/common.h"

/* A flash of 16 MiB is 80 MB of md.b. */
#define INPUT_LIMIT RC_MIB(512)

struct convert_arguments {
	const char *output;
	bool fill;
	bool memory;
};

static void print_lines(const struct rc_text *text, const char *before)
{
	const char *line = rc_text_get(text);

	while (*line) {
		int size = (int)strcspn(line, "\n");

		fprintf(stderr, "%s%.*s\n", before, size, line);
		line += size + (line[size] == '\n');
	}
}

/* What is wrong with the capture, and what to type to mend it, on standard error. */
static void complain(const struct capture *capture)
{
	struct rc_text said = { 0 }, commands = { 0 };

	capture_describe(capture, &said);
	capture_commands(capture, &commands);
	print_lines(&said, "  ");
	if (commands.size) {
		fprintf(stderr,
			"To get what is missing, type at the camera, with the log going on in the "
			"same file:\n");
		print_lines(&commands, "  ");
	}
	rc_text_free(&said);
	rc_text_free(&commands);
}

static int refuse_memory(const struct capture *capture, const char *path, struct rc_error *err)
{
	return rc_fail(
		err, RC_EREFUSED,
		"%s shows the camera's memory, not its flash: %s; type \"sf probe\" and \"sf "
		"read ADDRESS OFFSET LENGTH\" before md, or let \"recam backup uboot:PORT\" do "
		"it; --memory takes it as it is",
		path, capture->memory_why);
}

static int refuse_incomplete(const struct capture *capture, const char *path, struct rc_error *err)
{
	complain(capture);
	if (!capture->missing)
		return rc_fail(err, RC_EREFUSED,
			       "nothing says that the last line of %s is the end: check that the "
			       "whole output is in it; --fill takes it as it is",
			       path);
	return rc_fail(err, RC_EREFUSED,
		       "%s lacks %" PRIu64
		       " of %zu bytes: nothing was written; capture them as said "
		       "above, or give --fill to have FF in their place",
		       path, capture->missing, capture->size);
}

static int write_bytes(const struct capture *capture, const struct convert_arguments *arguments,
		       struct rc_error *err)
{
	char size[RC_SIZE_TEXT];

	if (rc_file_replace(arguments->output, capture->bytes, capture->size, 0600, err))
		return err->status;
	printf("%s from %zu lines of %s", rc_size_text(size, capture->size), capture->rows,
	       capture_tool_name(capture->tool));
	if (capture->has_offset)
		printf(", the flash from 0x%" PRIX32, capture->flash_offset);
	else if (capture->address)
		printf(", from 0x%" PRIX64, capture->address);
	printf(" -> %s\n", arguments->output);
	if (capture->repeated)
		printf("%zu lines are there twice and agree\n", capture->repeated);
	if (capture->wrapped)
		printf("%zu lines were broken by the terminal, and put together\n",
		       capture->wrapped);
	if (!capture->missing && !capture->end_unknown)
		return EXIT_DONE;
	complain(capture);
	printf("%" PRIu64 " bytes are missing and FF in the file: do not write it to a camera\n",
	       capture->missing);
	return EXIT_FOUND;
}

static int convert(struct rc_span text, const char *path, const struct convert_arguments *arguments,
		   struct rc_error *err)
{
	const struct capture_options options = { .memory = arguments->memory };
	struct capture capture;
	int status = capture_read(text, &options, &capture, err);

	if (status)
		return status;
	if (capture.of_memory)
		status = refuse_memory(&capture, path, err);
	else if ((capture.missing || capture.end_unknown) && !arguments->fill)
		status = refuse_incomplete(&capture, path, err);
	else
		status = write_bytes(&capture, arguments, err);
	capture_clear(&capture);
	return status;
}

static int run(const struct call *call, struct rc_error *err)
{
	const struct convert_arguments *arguments = call->values;
	struct rc_buffer text;
	int status = rc_file_read(call->arguments[0], INPUT_LIMIT, &text, err);

	if (status)
		return status;
	status = convert((struct rc_span){ text.data, text.size }, call->arguments[0], arguments,
			 err);
	rc_buffer_free(&text);
	return status;
}

static const struct option_spec options[] = {
	{ "output", 'o', OPTION_TEXT, "FILE", "where the bytes are to be",
	  offsetof(struct convert_arguments, output), "where the bytes are to be" },
	{ "fill", 0, OPTION_FLAG, NULL, "FF for what is missing, in the place of refusing",
	  offsetof(struct convert_arguments, fill) },
	{ "memory", 0, OPTION_FLAG, NULL, "also of what is memory and not flash",
	  offsetof(struct convert_arguments, memory) },
	{ 0 },
};

const struct command command_convert = {
	.name = "convert",
	.arguments = "CAPTURE -o FILE [options]",
	.summary = "the hex lines of a console capture as bytes, with what is missing named",
	.text = "CAPTURE is the text that a terminal program kept while md (U-Boot), hexdump, od "
		"or\n"
		"xxd (Linux) printed a flash. Prompts and messages between the lines do no harm.\n"
		"FILE is written only where nothing is missing, or with --fill.\n",
	.options = options,
	.values_size = sizeof(struct convert_arguments),
	.min = 1,
	.max = 1,
	.run = run,
};
