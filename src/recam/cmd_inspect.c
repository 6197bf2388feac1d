/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "inspect/card_check.h"
#include "link/flashrom.h"
#include "recam/card.h"
#include "recam/common.h"
#include "recam/cure.h"

#define INPUT_LIMIT RC_MIB(128)

struct inspect_arguments {
	const char *board;
	const char *chip;
	const char *html;
	bool json;
	bool files;
	bool show_secrets;
	bool contact;
	struct cure_choice cure;
};

/* What makes a bad clip show itself: facts/rescue-peers-and-limits.md (b) 9. */
#define CONTACT_READS 200

/* What no image shows. */
static void add_protection(const struct link_info *info, struct inspection *inspection)
{
	char range[CHIP_RANGE_TEXT];

	inspection_add(inspection, "write-protected", NULL, info->protected_start,
		       "on this chip %s is protected (status register %02X)",
		       chip_range_text(range, info->protected_start, info->protected_size,
				       info->flash_size),
		       info->status[0]);
}

static int inspect_link(const char *spec, const struct cure_choice *cure,
			struct inspect_options *options, struct inspection *inspection,
			struct rc_error *err)
{
	struct backup_options nothing_known = { .stop = &stop_asked };
	struct backup backup = { 0 };
	struct link *link;
	int result = open_link(spec, options->boards, &link, err);

	if (result)
		return result;
	options->jedec = link->info.jedec;
	result = cure_chip_size(link, cure, err);
	if (!result)
		result = backup_take(link, &nothing_known, &backup, err);
	options->reach = backup_reach(&backup);
	if (!result)
		result = inspect_flash((struct rc_span){ backup.data, backup.size }, options,
				       inspection, err);
	if (!result && link->info.protected_size)
		add_protection(&link->info, inspection);
	backup_clear(&backup);
	link_close(link);
	return result;
}

/* A backup of ours has beside it from which chip it is, and how much of it. */
static void ask_backup(const char *path, struct inspect_options *options)
{
	struct backup backup;

	if (backup_load(path, &backup, NULL))
		return;
	options->reach = backup_reach(&backup);
	if (!options->jedec)
		options->jedec = backup.jedec;
	backup_clear(&backup);
}

/* A card, most likely, as a device or a file: only what is looked at is read. */
static bool is_large(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 &&
	       (S_ISBLK(st.st_mode) || (S_ISREG(st.st_mode) && (uint64_t)st.st_size > INPUT_LIMIT));
}

static int inspect_large(const char *path, const struct inspect_options *options,
			 struct inspection *inspection, struct rc_error *err)
{
	struct rc_span card;
	int result = card_map(path, &card, err);

	if (result)
		return result;
	if (card.size < 512 || card.data[510] != 0x55 || card.data[511] != 0xaa)
		result = rc_fail(
			err, RC_ERANGE,
			"%s has %zu MiB and no partition table: it is no card, and nothing "
			"else that recam knows has more than %zu MiB",
			path, card.size >> 20, INPUT_LIMIT >> 20);
	else
		result = inspect_card(card, options, inspection, err);
	card_unmap(card);
	return result;
}

static int inspect_path(const char *path, struct inspect_options *options,
			struct inspection *inspection, struct rc_error *err)
{
	struct rc_buffer bytes;
	int result;

	if (is_large(path))
		return inspect_large(path, options, inspection, err);
	result = rc_file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, INPUT_LIMIT, &bytes,
			      err);

	if (result)
		return result;
	ask_backup(path, options);
	if (bytes.size == 0)
		result = rc_fail(err, RC_EFORMAT,
				 "%s is empty: the file was not written, or the download failed; "
				 "get it again",
				 path);
	else
		result = inspect_bytes((struct rc_span){ bytes.data, bytes.size }, options,
				       inspection, err);
	rc_buffer_free(&bytes);
	return result;
}

static json_t *contact_json(const struct contact *contact, const char *text)
{
	char id[8];

	snprintf(id, sizeof(id), "%06x", contact->id & 0xffffff);
	return json_pack("{s:i, s:i, s:i, s:s?, s:b, s:s}", "asked", (int)contact->asked,
			 "answered", (int)contact->answered, "differed", (int)contact->differed,
			 "chip", contact->answered ? id : NULL, "good", contact_is_good(contact),
			 "text", text);
}

static int test_contact(const char *spec, bool json, struct rc_error *err)
{
	static const char prefix[] = "flashrom:";
	struct contact contact;
	char text[256];
	int result;

	if (strncmp(spec, prefix, strlen(prefix)) != 0)
		return rc_fail(err, RC_EUSAGE,
			       "--contact tests the clip of a programmer, and %s is none: give "
			       "flashrom:PROGRAMMER",
			       spec);
	result = flashrom_contact(spec + strlen(prefix), CONTACT_READS, &stop_asked, &contact, err);
	if (result)
		return result;
	contact_text(&contact, text, sizeof(text));
	if (json)
		print_json(contact_json(&contact, text));
	else if (contact.answered == 0)
		rc_log_error("no chip on %s: %s", spec, text);
	else
		printf("%s\n", text);
	if (contact.answered == 0)
		return EXIT_COULD_NOT;
	return contact_is_good(&contact) ? EXIT_DONE : EXIT_FOUND;
}

static int write_html(const struct inspection *inspection, const struct report_options *options,
		      const char *path, struct rc_error *err)
{
	struct rc_text page = { 0 };
	int result = report_html(&page, inspection, options);

	if (result || page.failed)
		result = rc_fail_memory(err, page.size);
	else
		result = rc_file_replace(path, page.data, page.size, 0644, err);
	rc_text_free(&page);
	return result;
}

static int report(const char *source, const struct inspect_arguments *arguments,
		  const struct inspection *inspection, struct rc_error *err)
{
	struct report_options options = report_to_stdout(source, arguments->show_secrets);

	if (arguments->html) {
		int result = write_html(inspection, &options, arguments->html, err);

		if (result)
			return result;
		rc_log_note("report written to %s", arguments->html);
	}
	if (arguments->json) {
		int status = print_json(report_json(inspection, &options));

		return status ? status : exit_for(inspection);
	}
	report_text(stdout, inspection, &options);
	return exit_for(inspection);
}

static int run(const struct call *call, struct rc_error *err)
{
	const struct inspect_arguments *arguments = call->values;
	const char *source = call->arguments[0];
	struct inspect_options options = { .boards = &call->boards,
					   .board = arguments->board,
					   .hash_files = arguments->files };
	struct cure_choice cure = arguments->cure;
	struct inspection inspection = { 0 };
	int result;

	if (arguments->contact)
		return test_contact(source, arguments->json, err);
	if (arguments->chip && jedec_parse(arguments->chip, &options.jedec, err))
		return err->status;
	/* Where nobody is there to ask, what can be read is worth a look too. */
	cure.no |= !cure.yes && !isatty(STDIN_FILENO);
	result = is_link(source) ? inspect_link(source, &cure, &options, &inspection, err)
				 : inspect_path(source, &options, &inspection, err);
	if (!result)
		result = report(source, arguments, &inspection, err);
	inspection_clear(&inspection);
	return result;
}

#define VALUE(member) offsetof(struct inspect_arguments, member)
static const struct option_spec options[] = {
	{ "board", 0, OPTION_TEXT, "ID", "the camera it is from, where you know it", VALUE(board) },
	{ "chip", 0, OPTION_TEXT, "HEX", "JEDEC id of the chip it was read from", VALUE(chip) },
	CURE_OPTIONS(struct inspect_arguments, cure),
	{ "json", 0, OPTION_FLAG, NULL, "as JSON", VALUE(json) },
	{ "files", 0, OPTION_FLAG, NULL, "with --json: every file with its SHA-256", VALUE(files) },
	{ "html", 0, OPTION_TEXT, "FILE", "also a page with the flash drawn", VALUE(html) },
	{ "contact", 0, OPTION_FLAG, NULL,
	  "of a programmer: read the chip's id 200 times, and nothing else", VALUE(contact) },
	{ "show-secrets", 0, OPTION_FLAG, NULL, "MAC addresses unmasked", VALUE(show_secrets) },
	{ 0 },
};

const struct command command_inspect = {
	.name = "inspect",
	.arguments = "PATH|LINK [options]",
	.summary = "what it is, which camera it belongs to, what is on it, what is wrong",
	.text = "PATH is a whole flash dump, one partition, a demo.bin, or a boot log (the text\n"
		"that a terminal program kept); \"-\" is standard input. Nothing is written.\n",
	.options = options,
	.values_size = sizeof(struct inspect_arguments),
	.min = 1,
	.max = 1,
	.run = run,
};
