/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two engines share: the camera around them, and the verbs of an engine. */
#ifndef RECAM_TWIN_ENGINE_H
#define RECAM_TWIN_ENGINE_H

#include "twin/line.h"
#include "twin/sd_card.h"
#include "twin/twin.h"

#define TWIN_CRASH_TEXT 160

/* The camera without its processor. Both engines work on it. */
struct camera {
	struct nor nor;
	struct line line;
	struct sd_card card;
	uint64_t now; /* nanoseconds since it was first switched on */
	bool button_held;
	struct twin_pin_event pins[TWIN_PIN_EVENTS];
	size_t pin_count;
	char crash_text[TWIN_CRASH_TEXT];
};

/* Until when an engine runs. deadline is on the camera's clock. */
struct run_limits {
	size_t output_wanted;
	uint64_t deadline;
};

struct engine_ops {
	/* Switches the processor on. Called again after each power cycle. */
	int (*start)(void *engine, struct rc_error *err);
	/* Never called in a state that twin_run cannot leave (TWIN_LINUX and after). */
	enum twin_state (*run)(void *engine, const struct run_limits *limits);
	int (*gpio_level)(const void *engine, int gpio);
	void (*close)(void *engine); /* frees engine */
};

/* What a byte takes between chip and processor: 2621440 bytes in 381 ms (stock log,
 * facts/rescue-peers-and-limits.md C1). */
#define CAMERA_FLASH_BYTE_NS 145u

/* An output of the camera takes a level (again, or for the first time). */
void camera_pin_set(struct camera *camera, unsigned gpio, bool level);

/* Why the boot ROM would not start from this flash; NULL where it would. */
const char *boot_rom_objection(const struct nor *nor);

int exact_open(struct camera *camera, void **engine, struct rc_error *err);
extern const struct engine_ops exact_ops;
/* Why this flash cannot be started by the exact engine; NULL where it can. */
const char *exact_objection(const struct nor *nor);

int model_open(struct camera *camera, void **engine, struct rc_error *err);
extern const struct engine_ops model_ops;

#endif
