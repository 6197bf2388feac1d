/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "recam/common.h"
#include "twin/serprog.h"
#include "twin/twin.h"

struct twin_arguments {
	const char *chip;
	const char *listen;
	const char *save;
	const char *engine;
	const char *fault;
	const char *card;
	const char *serprog;
	bool pace;
	bool button;
};

static int configure(const struct twin_arguments *arguments, struct twin_config *config,
		     struct rc_error *err)
{
	if (arguments->serprog && (arguments->listen || arguments->pace))
		return rc_fail(err, RC_EUSAGE,
			       "--serprog with --%s: while its chip is on a programmer the camera "
			       "is off and has no console; give one of the two",
			       arguments->listen ? "listen" : "pace");
	if (arguments->chip && jedec_parse(arguments->chip, &config->jedec, err))
		return err->status;
	config->button_held = arguments->button;
	if (!arguments->engine || strcmp(arguments->engine, "auto") == 0)
		config->engine = TWIN_AUTO;
	else if (strcmp(arguments->engine, "exact") == 0)
		config->engine = TWIN_EXACT;
	else if (strcmp(arguments->engine, "model") == 0)
		config->engine = TWIN_MODEL;
	else
		return rc_fail(err, RC_EUSAGE, "--engine %s: it is exact, model or auto",
			       arguments->engine);
	if (!arguments->fault)
		return 0;
	return twin_parse_faults(arguments->fault, &config->chip_faults, &config->line_faults,
				 &config->card_faults, err);
}

static void tell_ready(void *context, const char *where)
{
	const struct twin *twin = context;
	const char *reason = twin_engine_reason(twin);

	if (twin_engine_used(twin) == TWIN_EXACT)
		rc_log_note("exact engine: the image's own bootloader runs");
	else
		rc_log_note("model engine%s%s", *reason ? ": " : "", reason);
	if (twin_engine_used(twin) == TWIN_MODEL && twin_card(twin)->data)
		rc_log_note("the model engine has no SD slot: this camera does not see the card");
	rc_log_note("for a terminal:  socat -,raw,echo=0,escape=0x1d %s   (leave it with Ctrl-])",
		    where);
	rc_log_note("for a rescue:    recam rescue uboot:%s --from FIRMWARE", where);
	printf("%s\n", where);
	fflush(stdout);
}

static void tell_programmer(void *context, const char *where)
{
	const struct nor *nor = context;

	rc_log_note("its chip (%06x, %u MiB) is on a programmer, the camera is off", nor->jedec,
		    nor->size >> 20);
	rc_log_note("for flashrom:    flashrom -p serprog:ip=%s -r FILE", where);
	rc_log_note("for recam:       recam backup flashrom:serprog:ip=%s -o FILE", where);
	printf("%s\n", where);
	fflush(stdout);
}

static int serve_chip(struct twin *twin, const char *listen, struct rc_error *err)
{
	const struct serprog_serve how = {
		.listen = listen,
		.stop = &stop_asked,
		.ready = tell_programmer,
		.context = twin_nor(twin),
	};

	return serprog_serve(twin_nor(twin), &how, err);
}

static int serve_console(const struct twin_arguments *arguments, struct twin *twin,
			 struct rc_error *err)
{
	const struct twin_serve how = {
		.listen = arguments->listen ? arguments->listen : "pty",
		.paced = arguments->pace,
		.stop = &stop_asked,
		.ready = tell_ready,
		.context = twin,
	};

	return twin_serve(twin, &how, err);
}

static int save_flash(struct twin *twin, const char *path, struct rc_error *err)
{
	struct nor *nor = twin_nor(twin);

	return rc_file_replace(path, nor->data, nor->size, 0600, err);
}

static int serve(const char *path, const struct twin_arguments *arguments, struct rc_error *err)
{
	struct twin_config config = { 0 };
	struct rc_buffer image = { 0 };
	struct sd_file card = { 0 };
	struct twin *twin = NULL;
	int result = configure(arguments, &config, err);

	if (!result)
		result = rc_file_read(path, RC_MAX_FLASH, &image, err);
	config.image = (struct rc_span){ image.data, image.size };
	if (!result && arguments->card)
		result = sd_file_open(arguments->card, &card, err);
	config.card = card.data;
	config.card_size = card.size;
	if (!result)
		result = twin_open(&config, &twin, err);
	rc_buffer_free(&image);
	if (!result)
		result = arguments->serprog ? serve_chip(twin, arguments->serprog, err)
					    : serve_console(arguments, twin, err);
	if (!result && arguments->save)
		result = save_flash(twin, arguments->save, err);
	if (twin)
		twin_close(twin);
	sd_file_close(&card);
	return result;
}

static int run(const struct call *call, struct rc_error *err)
{
	return serve(call->arguments[0], call->values, err);
}

#define VALUE(member) offsetof(struct twin_arguments, member)
static const struct option_spec options[] = {
	{ "chip", 0, OPTION_TEXT, "HEX", "JEDEC id of its chip (c84018)", VALUE(chip) },
	{ "listen", 0, OPTION_TEXT, "PORT",
	  "its console: pty (the default), tcp:HOST:PORT, unix:PATH", VALUE(listen) },
	{ "save", 0, OPTION_TEXT, "PATH", "where its flash is written at the end", VALUE(save) },
	{ "engine", 0, OPTION_TEXT, "WORD", "exact, model, or auto (the default)", VALUE(engine) },
	{ "pace", 0, OPTION_FLAG, NULL, "as slow as a real line at 115200 baud", VALUE(pace) },
	{ "button", 0, OPTION_FLAG, NULL, "the setup button is held", VALUE(button) },
	{ "fault", 0, OPTION_TEXT, "SPEC",
	  "cut:N fail:N lie:N flip:N drop:N unstable:OFFSET/N card:N seed:N", VALUE(fault) },
	{ "card", 0, OPTION_TEXT, "PATH",
	  "an SD card image in its slot; what the camera writes is written there", VALUE(card) },
	{ "serprog", 0, OPTION_TEXT, "HOST:PORT",
	  "its chip as a serprog programmer, instead of its console", VALUE(serprog) },
	{ 0 },
};

const struct command command_twin = {
	.name = "twin",
	.arguments = "IMAGE [options]",
	.summary = "runs the virtual camera that holds IMAGE, and serves its console or its chip",
	.text = "The exact engine executes the image's own bootloader on an emulated T20; the\n"
		"model engine imitates its console, for images whose bootloader cannot be run.\n"
		"The card of --card is written in place, as a real one is; the model engine has "
		"no\n"
		"slot for it. With --serprog the camera stays off and flashrom can work on its "
		"chip.\n"
		"It ends with Ctrl-C.\n",
	.options = options,
	.values_size = sizeof(struct twin_arguments),
	.min = 1,
	.max = 1,
	.run = run,
};
