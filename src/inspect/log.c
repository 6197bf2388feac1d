/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a boot log line by line: what happened, in which start, on which camera. */
#include "inspect/log.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/mask.h"

static void note_hit(struct log_hit *hit, const struct log_line *line, size_t number)
{
	if (hit->count++ == 0) {
		const char *text = line->text;

		while (*text == ' ')
			text++;
		hit->offset = line->offset + (uint64_t)(text - line->text);
		hit->line = number;
		mask_line(text, hit->text, sizeof(hit->text));
	}
	hit->last_line = number;
}

void log_found(struct log_reader *reader, const char *id, const char *partition,
	       const struct log_hit *hit)
{
	if (inspection_find(reader->result, id))
		return;
	if (!inspection_add(reader->result, id, partition, hit->offset, "%s", hit->text))
		reader->failed = true;
}

/* The text between two marks of a line, trimmed; false where the first is not there. */
static bool between(const char *line, const char *from, const char *ends, char *out, size_t size)
{
	const char *start = strstr(line, from);
	size_t length;

	if (!start)
		return false;
	start += strlen(from);
	start += strspn(start, " \t");
	length = strcspn(start, ends);
	while (length && start[length - 1] == ' ')
		length--;
	snprintf(out, size, "%.*s", (int)(length < size ? length : size - 1), start);
	return length > 0;
}

/* Where in a line a clue stands. */
static const struct {
	const char *from, *ends, *kind;
} clue_places[] = {
	{ "Board: ", "\r", "boardline" },         { "mtdparts=", " \"'", "mtdparts" },
	{ "Image Name:", "\r", "uimage" },        { "AppVer=", " \r", "appver" },
	{ "CHUANGMI_VERSION=", " \r", "appver" }, { "DRAM:", "M\r", "ram" },
};

/* Kernel modules and models that name themselves in the log of the Linux that runs. */
static const struct {
	const char *word, *kind, *value;
} clue_words[] = {
	{ "rtl8189es", "module", "8189es.ko" },
	{ "rtl8189fs", "module", "8189fs.ko" },
	{ "rtl8189ftv", "module", "rtl8189ftv.ko" },
	{ "sample_motor", "module", "sample_motor.ko" },
};

static void note_bootloader(struct log_reader *reader, const char *line)
{
	const char *banner = strstr(line, "U-Boot 20");
	const char *end = banner ? strchr(banner, ')') : NULL;
	char version[sizeof(reader->result->bootloader.version)];

	if (!end || (size_t)(end - banner) >= sizeof(version))
		return;
	banner += strlen("U-Boot ");
	snprintf(version, sizeof(version), "%.*s", (int)(end + 1 - banner), banner);
	clues_add(&reader->clues, "version", version, "log");
	if (!reader->result->bootloader.present)
		snprintf(reader->result->bootloader.version, sizeof(version), "%s", version);
	reader->result->bootloader.present = true;
}

static void note_model(struct log_reader *reader, const char *line)
{
	const char *model = strstr(line, "chuangmi.camera.ipc");
	char value[64];

	if (model) {
		size_t size = strspn(model, "abcdefghijklmnopqrstuvwxyz.0123456789");

		snprintf(value, sizeof(value), "%.*s", (int)(size < 40 ? size : 40), model);
		clues_add(&reader->clues, "model", value, "log");
	}
}

static void note_clues(struct log_reader *reader, const char *line)
{
	char value[512];

	for (size_t i = 0; i < RC_COUNT(clue_places); i++) {
		if (between(line, clue_places[i].from, clue_places[i].ends, value, sizeof(value)))
			clues_add(&reader->clues, clue_places[i].kind, value, "log");
	}
	for (size_t i = 0; i < RC_COUNT(clue_words); i++) {
		if (strstr(line, clue_words[i].word))
			clues_add(&reader->clues, clue_words[i].kind, clue_words[i].value, "log");
	}
	note_bootloader(reader, line);
	note_model(reader, line);
}

/* The command behind a bootloader's prompt, or NULL where the line has no prompt. */
static const char *typed_command(const struct log_line *line, const char **prompt)
{
	static const char *const prompts[] = { "isvp_t20#", "isvp#", "U-Boot>", "SigmaStar #",
					       "MStar #" };

	for (size_t i = 0; i < RC_COUNT(prompts); i++) {
		const char *found = strstr(line->text, prompts[i]);

		if (!found || found - line->text > 40)
			continue;
		*prompt = prompts[i];
		found += strlen(prompts[i]);
		return found + strspn(found, " ");
	}
	return NULL;
}

static void note_prompt(struct log_reader *reader, const struct log_line *line)
{
	const char *prompt;
	const char *command = typed_command(line, &prompt);
	char clue[24];

	if (!command)
		return;
	snprintf(clue, sizeof(clue), "%s ", prompt);
	clues_add(&reader->clues, "prompt", clue, "log");
	note_hit(&reader->start.hit[EV_PROMPT], line, reader->line_count);
	reader->seen[EV_PROMPT] = true;
	if (!*command)
		return;
	reader->start.typed = true;
	snprintf(reader->command, sizeof(reader->command), "%.*s", LOG_EVIDENCE - 1, command);
	log_judge_command(reader, line, command);
}

/* A start begins with the first stage's banner; with U-Boot's own only where the log has
 * no first stage (a capture that began late, several times), and where the banner is not
 * the answer to "version"; with the question for an update where that was asked already. */
static bool begins_start(const struct log_reader *reader, enum log_event event)
{
	const struct log_start *start = &reader->start;

	if (event == EV_SPL || event == EV_IPL)
		return start->hit[event].count > 0 || start->hit[EV_UBOOT].count > 0 ||
		       start->hit[EV_LINUX].count > 0;
	if (event == EV_AUTO_UPDATE)
		return start->hit[event].count > 0 && !start->typed;
	return event == EV_UBOOT && !reader->seen[EV_SPL] && !reader->seen[EV_IPL] &&
	       start->hit[EV_STARTING].count > 0 && strncmp(reader->command, "ver", 3) != 0;
}

static void next_start(struct log_reader *reader)
{
	log_judge_start(reader);
	reader->start = (struct log_start){ 0 };
	reader->command[0] = '\0';
	reader->start_count++;
}

static void apply_rules(struct log_reader *reader, const struct log_line *line)
{
	size_t count;
	const struct log_rule *rules = log_rules(&count);

	for (size_t i = 0; i < count; i++) {
		struct log_hit hit = { 0 };

		if (!log_matches(line->text, rules[i].pattern))
			continue;
		if (begins_start(reader, rules[i].event))
			next_start(reader);
		note_hit(&reader->start.hit[rules[i].event], line, reader->line_count);
		reader->seen[rules[i].event] = true;
		if (!rules[i].finding)
			continue;
		note_hit(&hit, line, reader->line_count);
		log_found(reader, rules[i].finding, rules[i].partition, &hit);
	}
	if (strstr(line->text, "demo.bin") && !strstr(line->text, "reading demo.bin") &&
	    !strstr(line->text, "Image demo.bin"))
		reader->seen[EV_DEMO_SEEN] = true;
}

/* The default environment is noise only where the camera never saves one: not in the Mi 360
 * family, which has its start command there, and not on T10 cameras, which save theirs. */
static bool is_noise(const struct log_reader *reader, const struct log_line *line,
		     const struct log_noise *noise)
{
	if (!log_matches(line->text, noise->pattern))
		return false;
	return !strstr(noise->pattern, "bad CRC") ||
	       (!reader->seen[EV_MSTAR] && !reader->seen[EV_T10]);
}

static void apply_noise(struct log_reader *reader, const struct log_line *line)
{
	size_t count;
	const struct log_noise *noises = log_noises(&count);

	for (size_t i = 0; i < count; i++) {
		struct log_hit hit = { 0 };

		if (!is_noise(reader, line, &noises[i]) || reader->noises >> i & 1)
			continue;
		reader->noises |= (uint64_t)1 << i;
		note_hit(&hit, line, reader->line_count);
		if (!inspection_add(reader->result, "normal-noise", NULL, hit.offset, "%.200s: %s",
				    hit.text, noises[i].why))
			reader->failed = true;
	}
}

static void read_line(struct log_reader *reader, const struct log_line *line)
{
	bool before = !reader->seen[EV_SPL] && !reader->seen[EV_IPL] && !reader->seen[EV_UBOOT];

	reader->line_count++;
	reader->text_bytes += line->size;
	reader->junk_bytes += line->junk;
	if (before)
		reader->junk_before_banner += line->junk;
	if (line->size == 0)
		return;
	note_clues(reader, line->text);
	apply_rules(reader, line);
	note_prompt(reader, line);
	apply_noise(reader, line);
	reader->start.last_line = reader->line_count;
}

static int identify(struct log_reader *reader, struct rc_error *err)
{
	struct inspection *result = reader->result;
	const struct inspect_options *options = reader->options;
	int status;

	if (!options->boards)
		return 0;
	status = board_identify(options->boards, reader->clues.all, reader->clues.count,
				options->board, &result->board, err);
	if (status == 0 && result->bootloader.present) {
		result->bootloader.known = boards_bootloader(options->boards, NULL,
							     result->bootloader.version, NULL);
		result->bootloader.origin = result->bootloader.known
						    ? result->bootloader.known->origin
						    : BOOTLOADER_UNKNOWN;
	}
	return status;
}

static int read_log(struct log_reader *reader, struct rc_span bytes, struct rc_error *err)
{
	struct log_cursor cursor;
	struct log_line line;
	const char *version;
	int status;

	log_lines_begin(&cursor, bytes);
	while (log_lines_next(&cursor, &line))
		read_line(reader, &line);
	snprintf(reader->result->what, sizeof(reader->result->what), "a boot log of %zu line%s",
		 reader->line_count, reader->line_count == 1 ? "" : "s");
	version = clues_value(&reader->clues, "appver");
	if (version)
		snprintf(reader->result->firmware_version, sizeof(reader->result->firmware_version),
			 "%.60s", version);
	status = identify(reader, err);
	if (status)
		return status;
	reader->at_end = true;
	next_start(reader);
	log_judge_log(reader, bytes);
	if (reader->failed || reader->clues.failed)
		return rc_fail_memory(err, sizeof(struct finding));
	return 0;
}

int inspect_log(struct rc_span bytes, const struct inspect_options *options,
		struct inspection *inspection, struct rc_error *err)
{
	struct log_reader *reader = calloc(1, sizeof(*reader));
	int status;

	*inspection = (struct inspection){ .kind = INSPECT_BOOT_LOG, .size = bytes.size };
	if (!reader)
		return rc_fail_memory(err, sizeof(*reader));
	reader->result = inspection;
	reader->options = options;
	status = read_log(reader, bytes, err);
	clues_free(&reader->clues);
	free(reader);
	if (status)
		inspection_clear(inspection);
	return status;
}
