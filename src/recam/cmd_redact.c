/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/file.h"
#include "base/log.h"
#include "inspect/redact.h"
#include "recam/common.h"

#define INPUT_LIMIT RC_MIB(512)

struct redact_arguments {
	const char *output;
};

/* Kind, place and number of each: never what it is. */
static void print_list(const struct redaction *redaction)
{
	size_t kinds = 0;

	for (size_t i = 0; i < redaction->secrets.count; i++) {
		const struct secret *secret = &redaction->secrets.at[i];
		char place[160];

		if (!secret->times)
			continue;
		kinds++;
		redaction_place(redaction, secret, place, sizeof(place));
		printf("%-14s %4zu time%s  first %s\n", secret_kind_name(secret->kind),
		       secret->times, secret->times == 1 ? " " : "s", place);
	}
	if (!kinds)
		printf("nothing secret was found in it\n");
}

static int write_copy(const struct redaction *redaction, const char *path, struct rc_error *err)
{
	int status = rc_file_replace(path, redaction->bytes.data, redaction->bytes.size, 0644, err);

	if (status)
		return status;
	print_list(redaction);
	if (redaction->repacked)
		printf("%zu packed pieces were packed anew in their places\n", redaction->repacked);
	if (redaction->wiped)
		printf("%zu remains of older files were overwritten\n", redaction->wiped);
	if (redaction->emptied)
		printf("%zu pieces could not be changed in their places, and are zeros now\n",
		       redaction->emptied);
	printf("-> %s\n", path);
	rc_log_note(
		"Look it over before you share it: recam knows where these cameras keep secrets, "
		"not what else you put there.");
	return EXIT_DONE;
}

static int run(const struct call *call, struct rc_error *err)
{
	const struct redact_arguments *arguments = call->values;
	struct redaction redaction = { 0 };
	struct rc_buffer bytes;
	int status = rc_file_read(call->arguments[0], INPUT_LIMIT, &bytes, err);

	if (status)
		return status;
	if (bytes.size == 0)
		status = rc_fail(err, RC_EFORMAT, "%s is empty: there is nothing to share",
				 call->arguments[0]);
	else
		status = redact_bytes((struct rc_span){ bytes.data, bytes.size }, &call->boards,
				      &redaction, err);
	if (status == 0)
		status = write_copy(&redaction, arguments->output, err);
	redaction_clear(&redaction);
	rc_buffer_free(&bytes);
	return status;
}

static const struct option_spec options[] = {
	{ "output", 'o', OPTION_TEXT, "FILE", "where the copy is to be",
	  offsetof(struct redact_arguments, output), "where the copy is to be" },
	{ 0 },
};

const struct command command_redact = {
	.name = "redact",
	.arguments = "PATH -o FILE",
	.summary = "a copy without anybody's secrets, fit to be shared",
	.text = "PATH is a whole flash dump, a partition, a firmware file, a boot log or a "
		"console\n"
		"capture. MAC addresses, keys, Wi-Fi names and passwords, ids and tokens of "
		"clouds, "
		"names\nof users and public addresses are replaced by placeholders of the same "
		"shape; "
		"checksums\nare made right again. PATH itself stays as it is.\n",
	.options = options,
	.values_size = sizeof(struct redact_arguments),
	.min = 1,
	.max = 1,
	.run = run,
};
