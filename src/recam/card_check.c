/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "inspect/card_check.h"
#include "recam/card.h"
#include "recam/common.h"
#include "twin/card_try.h"

struct check_arguments {
	struct card_camera_options camera;
	const char *rehearse;
	bool json;
};

/* What the camera's own bootloader did on the twin. */
struct rehearsal {
	struct card_try played;
	struct inspection log; /* what its console tells */
	enum card_outcome outcome;
	bool equal; /* taken, and the flash holds what the file does */
};

static void rehearsal_clear(struct rehearsal *rehearsal)
{
	inspection_clear(&rehearsal->log);
	card_try_clear(&rehearsal->played);
}

/* The range of the flash that the update writes, against the file on the card. */
static bool flash_equals(const struct card_try *played, const struct card_verdict *verdict,
			 struct rc_span card)
{
	const struct nor *nor = twin_nor(played->twin);
	struct rc_buffer file = { 0 };
	struct uboot_fat fat;
	uint32_t size;
	bool equal = false;

	if (verdict->outcome != CARD_TAKEN || verdict->flash_offset > nor->size ||
	    verdict->flash_size > nor->size - verdict->flash_offset ||
	    uboot_card_open(card, &fat) != UBOOT_CARD_FAT)
		return false;
	if (uboot_fat_read(&fat, verdict->file, 0, &file, &size) == UBOOT_READ_DONE &&
	    file.size >= (size_t)verdict->file_offset + verdict->file_size) {
		const uint8_t *flash = nor->data + verdict->flash_offset;

		equal = memcmp(flash, file.data + verdict->file_offset, verdict->file_size) == 0 &&
			(verdict->file_size >= verdict->flash_size ||
			 rc_all_bytes(flash + verdict->file_size,
				      verdict->flash_size - verdict->file_size, 0xff));
	}
	rc_buffer_free(&file);
	return equal;
}

static int rehearse(const struct card_camera *camera, struct rc_span card,
		    const struct rc_buffer *dump, const struct card_verdict *verdict,
		    struct rehearsal *rehearsal, struct rc_error *err)
{
	struct card_try_config config = { .flash = { dump->data, dump->size },
					  .jedec = camera->jedec,
					  .button_held = camera->button_held,
					  .card = (uint8_t *)card.data,
					  .card_size = card.size };
	struct inspect_options options = { .boards = camera->boards, .board = camera->board->id };
	int result = card_try_run(&config, &rehearsal->played, err);

	if (result)
		return result;
	result = inspect_log((struct rc_span){ (const uint8_t *)rehearsal->played.log.data,
					       rehearsal->played.log.size },
			     &options, &rehearsal->log, err);
	if (result)
		return result;
	rehearsal->outcome = card_log_outcome(&rehearsal->log);
	rehearsal->equal = flash_equals(&rehearsal->played, verdict, card);
	return 0;
}

/* --- Printing --- */

/* Lines of the console from where the bootloader turns to the card, without what it says at
 * each start of its pins. */
static bool is_evidence(const char *line, size_t length)
{
	static const char *const noise[] = { "misc_init_r", "gpio_request", "the manufacturer",
					     "SF: Detected" };

	for (size_t i = 0; i < RC_COUNT(noise); i++)
		if (length >= strlen(noise[i]) && memcmp(line, noise[i], strlen(noise[i])) == 0)
			return false;
	return length > 0;
}

static void each_line(const char *log, void (*take)(void *context, const char *line, int length),
		      void *context)
{
	const char *at = strstr(log, "stop autoboot");

	for (at = at ? strchr(at, '\n') : log; at && *at;) {
		size_t length = strcspn(at, "\r\n");

		if (is_evidence(at, length))
			take(context, at, (int)length);
		at += length;
		at += strspn(at, "\r\n");
	}
}

static void print_line(void *context, const char *line, int length)
{
	(void)context;
	printf("  | %.*s\n", length, line);
}

static bool is_light(const struct board_pin *pin)
{
	return pin->gpio >= 0 && strstr(pin->note, "LED");
}

#define MAX_EVENTS 16

/* Tells of each LED that changed in the rehearsal. */
static void each_light(const struct card_try *played, const struct board *board,
		       void (*tell)(void *context, const struct board_pin *pin,
				    const struct twin_pin_event *events, size_t count),
		       void *context)
{
	for (size_t i = 0; i < RC_COUNT(board->pins) && board->pins[i].name[0]; i++) {
		const struct board_pin *pin = &board->pins[i];
		struct twin_pin_event events[MAX_EVENTS];
		size_t count = is_light(pin) ? card_try_pin(played, pin->gpio, events, MAX_EVENTS)
					     : 0;

		if (count)
			tell(context, pin, events, count);
	}
}

static void print_light(void *context, const struct board_pin *pin,
			const struct twin_pin_event *events, size_t count)
{
	(void)context;
	for (size_t n = 0; n < count; n++)
		printf("%s%s %s %s %.1f s", n ? ", " : "  ", n ? "then" : pin->name,
		       events[n].level != pin->active_low ? "on" : "off", n ? "after" : "at",
		       (double)(events[n].micros - (n ? events[n - 1].micros : 0)) / 1e6);
	printf("\n");
}

static void print_rehearsal(const struct rehearsal *rehearsal, const struct card_camera *camera,
			    const struct card_verdict *verdict)
{
	const struct card_try *played = &rehearsal->played;

	printf("\nRehearsed on the virtual camera, with its own bootloader%s:\n",
	       !camera->rules || !camera->rules->wants_button ? ""
	       : camera->button_held                          ? " and the setup button held"
							      : " and the setup button not held");
	if (rehearsal->outcome == CARD_TAKEN)
		printf("  taken; the flash then %s\n",
		       rehearsal->equal ? "equals the file"
					: "DIFFERS from the file: do not use this card");
	else
		printf("  %s; %s\n", card_outcome_name(rehearsal->outcome),
		       played->erases ? "the flash was erased in part" : "the flash is untouched");
	if (played->state == TWIN_CRASHED)
		printf("  %s\n", twin_crash_text(played->twin));
	for (size_t i = 0; i < rehearsal->log.finding_count; i++) {
		const struct finding *one = &rehearsal->log.findings[i];

		if (one->kind->severity != SEVERITY_NOTE)
			printf("  [%s] %s: %s\n", one->kind->id, one->kind->title, one->evidence);
	}
	if (verdict->outcome != rehearsal->outcome)
		printf("  recam's rules had foretold \"%s\": believe the rehearsal, and please "
		       "report it\n",
		       card_outcome_name(verdict->outcome));
	printf("Its lights:\n");
	each_light(played, camera->board, print_light, NULL);
	printf("Its console:\n");
	each_line(rc_text_get(&played->log), print_line, NULL);
}

static void add_line(void *context, const char *line, int length)
{
	json_t *string = json_stringn(line, (size_t)length);

	json_array_append_new(context, string ? string : json_string("?"));
}

static void add_light(void *context, const struct board_pin *pin,
		      const struct twin_pin_event *events, size_t count)
{
	for (size_t n = 0; n < count; n++)
		json_array_append_new(context,
				      json_pack("{s:s, s:b, s:f}", "light", pin->name, "on",
						events[n].level != pin->active_low, "seconds",
						(double)events[n].micros / 1e6));
}

static json_t *rehearsal_json(const struct rehearsal *rehearsal, const struct board *board)
{
	json_t *console = json_array(), *lights = json_array();

	each_line(rc_text_get(&rehearsal->played.log), add_line, console);
	each_light(&rehearsal->played, board, add_light, lights);
	return json_pack("{s:s, s:b, s:b, s:o, s:o}", "verdict",
			 card_outcome_name(rehearsal->outcome), "flash_equals_file",
			 rehearsal->equal, "flash_untouched", rehearsal->played.erases == 0,
			 "lights", lights, "console", console);
}

/* --- The command --- */

static int report(const char *path, const struct check_arguments *arguments,
		  const struct card_camera *camera, const struct inspection *inspection,
		  const struct rehearsal *rehearsal)
{
	struct report_options options = report_to_stdout(path, false);
	enum card_outcome outcome = rehearsal ? rehearsal->outcome : inspection->card.outcome;
	int status = EXIT_DONE;

	if (arguments->json) {
		json_t *json = report_json(inspection, &options);

		if (rehearsal)
			json_object_set_new(json, "rehearsal",
					    rehearsal_json(rehearsal, camera->board));
		status = print_json(json);
	} else {
		report_text(stdout, inspection, &options);
		if (rehearsal)
			print_rehearsal(rehearsal, camera, &inspection->card);
	}
	if (status)
		return status;
	return outcome == CARD_TAKEN && (!rehearsal || rehearsal->equal) ? exit_for(inspection)
									 : EXIT_FOUND;
}

static int check(const char *path, const struct check_arguments *arguments,
		 const struct card_camera *camera, const struct rc_buffer *dump,
		 struct rc_error *err)
{
	struct inspection inspection = { 0 };
	struct rehearsal rehearsal = { 0 };
	struct rc_span card;
	int result = card_map(path, &card, err);

	if (result)
		return result;
	result = card_inspect(card, camera, &inspection, err);
	if (!result && arguments->rehearse)
		result = rehearse(camera, card, dump, &inspection.card, &rehearsal, err);
	else if (!result && !inspection.card_judged)
		result = rc_fail(err, RC_EUNSUPPORTED,
				 "how the bootloader of %s takes a card is not known without a "
				 "dump of it: give one with --rehearse DUMP, or --bootloader FILE",
				 camera->board->name);
	if (!result)
		result = report(path, arguments, camera, &inspection,
				arguments->rehearse ? &rehearsal : NULL);
	rehearsal_clear(&rehearsal);
	inspection_clear(&inspection);
	card_unmap(card);
	return result;
}

static int run_check(const struct call *call, struct rc_error *err)
{
	const struct check_arguments *arguments = call->values;
	struct card_camera_options options = arguments->camera;
	struct card_camera camera;
	struct rc_buffer dump = { 0 };
	int result;

	if (arguments->rehearse && options.bootloader)
		return rc_fail(
			err, RC_EUSAGE,
			"--rehearse runs the bootloader of its dump: leave --bootloader out");
	if (arguments->rehearse)
		options.bootloader = arguments->rehearse;
	result = card_camera_find(&options, &call->boards, &camera, &dump, err);
	if (!result)
		result = check(call->arguments[0], arguments, &camera, &dump, err);
	rc_buffer_free(&dump);
	return result;
}

#define CHECK(member) offsetof(struct check_arguments, member)
static const struct option_spec check_options[] = {
	{ "board", 0, OPTION_TEXT, "ID", "the camera (with a dump: what that says)",
	  CHECK(camera.board) },
	{ "rehearse", 0, OPTION_TEXT, "DUMP",
	  "run the bootloader in this dump of the camera with the card", CHECK(rehearse) },
	{ "bootloader", 0, OPTION_TEXT, "FILE", "a dump or log that tells which bootloader it has",
	  CHECK(camera.bootloader) },
	{ "no-button", 0, OPTION_FLAG, NULL, "as if the setup button were not held",
	  CHECK(camera.no_button) },
	{ "chip", 0, OPTION_TEXT, "HEX", "the camera's flash chip, six digits",
	  CHECK(camera.chip) },
	{ "json", 0, OPTION_FLAG, NULL, "as JSON", CHECK(json) },
	{ 0 },
};

const struct command command_card_check = {
	.name = "card check",
	.arguments = "PATH [options]",
	.summary = "says what the camera will do with a card, and what is wrong with that card",
	.text = "PATH is a card (/dev/sdX) or an image of one. Nothing is written. The exit status "
		"is 0\nwhere the camera takes the update on it, 1 where it does not.\n",
	.options = check_options,
	.values_size = sizeof(struct check_arguments),
	.min = 1,
	.max = 1,
	.run = run_check,
};
