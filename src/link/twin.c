/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual camera as a stream, and the "twin:" link. */
#include "twin/twin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "flash/layout.h"
#include "link/kinds.h"

/* Bytes that follow the first within this time come together with it, as from a USB
 * adapter. */
#define BUNCH_MICROS 2000u

struct twin_stream {
	struct stream base;
	struct twin *twin;
	enum twin_state state;
	bool owned;          /* close the twin with the stream */
	char *save;          /* where its flash goes then, or NULL; owned */
	struct sd_file card; /* in its slot, or empty; owned */
};

static int fail_over(const struct twin_stream *self, struct rc_error *err)
{
	const char *name = self->base.name;

	switch (self->state) {
	case TWIN_POWER_OFF:
		return rc_fail(err, RC_ESTOPPED,
			       "the power of the camera at %s was cut (fault cut): run the same "
			       "command again",
			       name);
	case TWIN_CRASHED:
		return rc_fail(err, RC_ESTOPPED, "the camera at %s has stopped: %s", name,
			       twin_crash_text(self->twin));
	default:
		return rc_fail(err, RC_ESTOPPED,
			       "the camera at %s has started its kernel; its twin ends there",
			       name);
	}
}

static int twin_read(struct stream *stream, uint8_t *out, size_t size, unsigned timeout_ms,
		     struct rc_error *err)
{
	struct twin_stream *self = (struct twin_stream *)stream;

	if (twin_output_waiting(self->twin) == 0)
		self->state = twin_run(self->twin, 1, (uint64_t)timeout_ms * 1000);
	if (twin_output_waiting(self->twin) > 0 && timeout_ms > 0)
		self->state = twin_run(self->twin, size, BUNCH_MICROS);
	if (twin_output_waiting(self->twin) > 0)
		return (int)twin_output(self->twin, out, size);
	if (self->state == TWIN_WAITING || self->state == TWIN_RUNNING)
		return 0;
	return fail_over(self, err);
}

static int twin_write(struct stream *stream, const uint8_t *data, size_t size, struct rc_error *err)
{
	(void)err;
	/* As on a real line, nothing tells that nobody listens any more. */
	twin_input(((struct twin_stream *)stream)->twin, data, size);
	return 0;
}

static uint64_t twin_now_ms(struct stream *stream)
{
	return twin_micros(((struct twin_stream *)stream)->twin) / 1000;
}

static void save_flash(const struct twin_stream *self)
{
	const struct nor *nor = twin_nor(self->twin);
	struct rc_error err;

	if (rc_file_replace(self->save, nor->data, nor->size, 0600, &err))
		rc_log_error("%s", err.text);
}

static void twin_stream_close(struct stream *stream)
{
	struct twin_stream *self = (struct twin_stream *)stream;

	if (self->save)
		save_flash(self);
	if (self->owned)
		twin_close(self->twin);
	sd_file_close(&self->card);
	free(self->save);
	free(self);
}

static int twin_set_baud(struct stream *stream, unsigned baud, struct rc_error *err)
{
	(void)err;
	twin_line_speed(((struct twin_stream *)stream)->twin, baud);
	return 0;
}

static const struct stream_ops twin_stream_ops = {
	.read = twin_read,
	.write = twin_write,
	.now_ms = twin_now_ms,
	.close = twin_stream_close,
	.set_baud = twin_set_baud,
};

int twin_stream_new(struct twin *twin, const char *name, struct stream **stream,
		    struct rc_error *err)
{
	struct twin_stream *self = calloc(1, sizeof(*self));

	if (!self)
		return rc_fail_memory(err, sizeof(*self));
	self->base.ops = &twin_stream_ops;
	self->base.baud = 115200;
	snprintf(self->base.name, sizeof(self->base.name), "%s", name);
	self->twin = twin;
	/* A twin that is off, or past its bootloader, is switched off and on: what the
	 * person at a real camera is asked to do. */
	self->state = twin_run(twin, 1, 0);
	if (self->state != TWIN_RUNNING && self->state != TWIN_WAITING) {
		int result = twin_power_cycle(twin, err);

		if (result) {
			free(self);
			return result;
		}
	}
	*stream = &self->base;
	return 0;
}

enum twin_state twin_stream_state(const struct stream *stream)
{
	return ((const struct twin_stream *)stream)->state;
}

static int set_chip(struct twin_spec *spec, char *value, struct rc_error *err)
{
	uint64_t jedec;

	if (strlen(value) != 6 || !rc_parse_hex(value, 0xffffff, &jedec) || jedec == 0)
		return rc_fail(err, RC_EUSAGE,
			       "chip=%s: a chip is named by the six hex digits of its JEDEC id, as "
			       "in chip=c84018",
			       value);
	spec->chip = (uint32_t)jedec;
	return 0;
}

static int set_save(struct twin_spec *spec, char *value, struct rc_error *err)
{
	if (!*value)
		return rc_fail(err, RC_EUSAGE, "save= names no file");
	spec->save = value;
	return 0;
}

static int set_engine(struct twin_spec *spec, char *value, struct rc_error *err)
{
	if (strcmp(value, "exact") == 0)
		spec->engine = TWIN_EXACT;
	else if (strcmp(value, "model") == 0)
		spec->engine = TWIN_MODEL;
	else
		return rc_fail(err, RC_EUSAGE, "engine=%s: there are engine=exact and engine=model",
			       value);
	return 0;
}

static int set_fault(struct twin_spec *spec, char *value, struct rc_error *err)
{
	return twin_parse_faults(value, &spec->chip_faults, &spec->line_faults, &spec->card_faults,
				 err);
}

static int set_card(struct twin_spec *spec, char *value, struct rc_error *err)
{
	if (!*value)
		return rc_fail(err, RC_EUSAGE, "card= names no card image");
	spec->card = value;
	return 0;
}

static const struct {
	const char *name;
	int (*set)(struct twin_spec *spec, char *value, struct rc_error *err);
} twin_keys[] = {
	{ "chip", set_chip },   { "save", set_save }, { "engine", set_engine },
	{ "fault", set_fault }, { "card", set_card },
};

static int set_key(struct twin_spec *spec, char *pair, struct rc_error *err)
{
	char *value = strchr(pair, '=');

	if (value) {
		*value++ = '\0';
		for (size_t i = 0; i < RC_COUNT(twin_keys); i++)
			if (strcmp(pair, twin_keys[i].name) == 0)
				return twin_keys[i].set(spec, value, err);
	}
	return rc_fail(err, RC_EUSAGE,
		       "\"%s\" is nothing that a twin takes: after ? may stand chip=HEX, "
		       "save=PATH, card=PATH, engine=exact|model and fault=SPEC, joined by &",
		       pair);
}

int twin_spec_parse(char *text, struct twin_spec *spec, struct rc_error *err)
{
	char *query = strchr(text, '?');
	char *rest = query ? query + 1 : NULL;
	char *pair;

	*spec = (struct twin_spec){ .image = text, .engine = TWIN_AUTO };
	if (query)
		*query = '\0';
	if (!*text)
		return rc_fail(err, RC_EUSAGE, "twin: names no image: write twin:IMAGE");
	while ((pair = strsep(&rest, "&"))) {
		int result = set_key(spec, pair, err);

		if (result)
			return result;
	}
	return 0;
}

static int twin_of_spec(const struct twin_spec *spec, const struct sd_file *card,
			struct twin **twin, struct rc_error *err)
{
	struct twin_config config = {
		.jedec = spec->chip,
		.engine = spec->engine,
		.chip_faults = spec->chip_faults,
		.line_faults = spec->line_faults,
		.card = card->data,
		.card_size = card->size,
		.card_faults = spec->card_faults,
	};
	struct rc_buffer image;
	int result = rc_file_read(spec->image, RC_MAX_FLASH, &image, err);

	if (result)
		return result;
	config.image = (struct rc_span){ image.data, image.size };
	result = twin_open(&config, twin, err);
	rc_buffer_free(&image);
	if (result == 0 && spec->engine == TWIN_AUTO && twin_engine_used(*twin) == TWIN_MODEL)
		rc_log_note("the twin imitates its console (model), since %s",
			    twin_engine_reason(*twin));
	if (result == 0 && card->data && twin_engine_used(*twin) == TWIN_MODEL)
		rc_log_note("the model engine has no SD slot: this camera does not see the card");
	return result;
}

/* Makes the stream own twin and card, and know where to save the flash. */
static int own_twin(const char *name, const struct twin_spec *spec, struct twin *twin,
		    struct sd_file *card, struct stream **stream, struct rc_error *err)
{
	struct twin_stream *self;
	int result = twin_stream_new(twin, name, stream, err);

	if (result) {
		twin_close(twin);
		return result;
	}
	/* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): set where 0 came back */
	self = (struct twin_stream *)*stream;
	self->owned = true;
	self->card = *card;
	*card = (struct sd_file){ 0 };
	if (!spec->save)
		return 0;
	self->save = strdup(spec->save);
	if (self->save)
		return 0;
	stream_close(*stream);
	return rc_fail_memory(err, strlen(spec->save) + 1);
}

int twin_link_new(const char *name, const char *address, const struct link_options *options,
		  struct link **link, struct rc_error *err)
{
	char *text = strdup(address);
	struct sd_file card = { 0 };
	struct twin_spec spec;
	struct stream *stream;
	struct twin *twin;
	int result;

	if (!text)
		return rc_fail_memory(err, strlen(address) + 1);
	result = twin_spec_parse(text, &spec, err);
	if (result == 0 && spec.card)
		result = sd_file_open(spec.card, &card, err);
	if (result == 0)
		result = twin_of_spec(&spec, &card, &twin, err);
	if (result == 0)
		result = own_twin(name, &spec, twin, &card, &stream, err);
	sd_file_close(&card);
	free(text);
	return result ? result : uboot_link_new(stream, twin, options, link, err);
}
