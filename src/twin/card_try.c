/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "twin/card_try.h"

#include <string.h>

/* An update takes some two minutes of the camera's time; one that does not end is stopped. */
#define LONGEST_MICROS (10ull * 60 * 1000000)
#define STEP_MICROS    100000u

static void collect(struct card_try *result)
{
	char bytes[4096];
	size_t count;

	while ((count = twin_output(result->twin, (uint8_t *)bytes, sizeof(bytes))) > 0)
		rc_text_add_bytes(&result->log, bytes, count);
}

/* Where the bootloader waits for somebody to type, nothing more comes of the card. */
static void run(struct card_try *result, const char *until)
{
	do {
		result->state = twin_run(result->twin, SIZE_MAX, STEP_MICROS);
		collect(result);
	} while (result->state == TWIN_RUNNING && twin_micros(result->twin) < LONGEST_MICROS &&
		 !(until && strstr(rc_text_get(&result->log), until)));
}

static void compare(struct card_try *result, struct rc_span before)
{
	const struct nor *nor = twin_nor(result->twin);
	size_t size = nor->size < before.size ? nor->size : before.size;

	result->erases = nor->counts.erases;
	result->programs = nor->counts.programs;
	for (size_t i = 0; i < size; i++) {
		if (nor->data[i] == before.data[i])
			continue;
		if (!result->behind_change)
			result->first_change = (uint32_t)i;
		result->behind_change = (uint32_t)i + 1;
	}
}

int card_try_run(const struct card_try_config *config, struct card_try *result,
		 struct rc_error *err)
{
	struct twin_config twin = { .image = config->flash,
				    .jedec = config->jedec,
				    .engine = TWIN_EXACT,
				    .button_held = config->button_held,
				    .card = config->card,
				    .card_size = config->card_size };
	int status;

	*result = (struct card_try){ 0 };
	status = twin_open(&twin, &result->twin, err);
	if (status)
		return status;
	run(result, config->until);
	compare(result, config->flash);
	if (!result->log.failed)
		return 0;
	card_try_clear(result);
	return rc_fail_memory(err, result->log.size);
}

void card_try_clear(struct card_try *result)
{
	twin_close(result->twin);
	rc_text_free(&result->log);
	*result = (struct card_try){ 0 };
}

size_t card_try_pin(const struct card_try *result, int gpio, struct twin_pin_event *events,
		    size_t limit)
{
	const struct twin_pin_event *all;
	size_t total = twin_pin_events(result->twin, &all), count = 0;

	for (size_t i = 0; i < total; i++) {
		if (all[i].gpio != gpio)
			continue;
		if (count && all[i].micros - events[count - 1].micros < 1000)
			count--;
		if (count && events[count - 1].level == all[i].level)
			continue;
		if (count < limit)
			events[count++] = all[i];
	}
	return count;
}
