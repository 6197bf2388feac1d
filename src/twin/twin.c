/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "twin/twin.h"

#include <stdlib.h>

#include "flash/layout.h"
#include "format/ingenic_boot.h"
#include "twin/engine.h"

struct twin {
	struct camera camera;
	enum twin_engine used;
	const char *reason;
	const struct engine_ops *ops;
	void *engine;
	enum twin_state state;
};

/* The chip that a camera with an image of this size has, where none is named. */
static uint32_t usual_chip(size_t image_size)
{
	if (image_size > RC_MIB(16))
		return 0xc84019;
	if (image_size > INGENIC_BOOT_SIZE && image_size <= RC_MIB(8))
		return 0xc84017;
	return 0xc84018;
}

static int choose_engine(struct twin *twin, enum twin_engine wanted, struct rc_error *err)
{
	const char *objection = exact_objection(&twin->camera.nor);

	twin->reason = "";
	twin->used = wanted;
	if (wanted == TWIN_AUTO) {
		twin->used = objection ? TWIN_MODEL : TWIN_EXACT;
		twin->reason = objection ? objection : "";
	}
	if (twin->used == TWIN_EXACT) {
		if (objection)
			return rc_fail(err, RC_EUNSUPPORTED,
				       "the exact engine cannot start this image: %s; use "
				       "engine=model",
				       objection);
		twin->ops = &exact_ops;
		return exact_open(&twin->camera, &twin->engine, err);
	}
	twin->ops = &model_ops;
	return model_open(&twin->camera, &twin->engine, err);
}

int twin_open(const struct twin_config *config, struct twin **result, struct rc_error *err)
{
	struct twin *twin = calloc(1, sizeof(*twin));
	uint32_t jedec = config->jedec ? config->jedec : usual_chip(config->image.size);
	int status;

	*result = NULL;
	if (!twin)
		return rc_fail_memory(err, sizeof(*twin));
	if (config->image.size == 0) {
		free(twin);
		return rc_fail(err, RC_EFORMAT,
			       "the image is empty: a virtual camera needs a flash dump, or at "
			       "least a boot partition");
	}
	twin->camera.button_held = config->button_held;
	line_open(&twin->camera.line, &config->line_faults);
	status = sd_insert(&twin->camera.card, config->card, config->card_size,
			   &config->card_faults, err);
	if (status == 0)
		status = nor_open(&twin->camera.nor, jedec, config->image.data, config->image.size,
				  err);
	if (status == 0) {
		nor_set_faults(&twin->camera.nor, &config->chip_faults);
		status = choose_engine(twin, config->engine, err);
	}
	if (status == 0)
		status = twin_power_cycle(twin, err);
	if (status != 0) {
		twin_close(twin);
		return status;
	}
	*result = twin;
	return 0;
}

void twin_close(struct twin *twin)
{
	if (!twin)
		return;
	if (twin->engine)
		twin->ops->close(twin->engine);
	line_close(&twin->camera.line);
	nor_close(&twin->camera.nor);
	free(twin);
}

enum twin_engine twin_engine_used(const struct twin *twin)
{
	return twin->used;
}

const char *twin_engine_reason(const struct twin *twin)
{
	return twin->reason;
}

int twin_power_cycle(struct twin *twin, struct rc_error *err)
{
	nor_power_on(&twin->camera.nor);
	sd_power_on(&twin->camera.card);
	line_reset_input(&twin->camera.line);
	twin->camera.crash_text[0] = '\0';
	twin->state = TWIN_RUNNING;
	return twin->ops->start(twin->engine, err);
}

enum twin_state twin_run(struct twin *twin, size_t output_wanted, uint64_t guest_micros)
{
	struct camera *camera = &twin->camera;
	bool for_ever = guest_micros > (UINT64_MAX - camera->now) / 1000;
	struct run_limits limits = {
		.output_wanted = output_wanted,
		.deadline = for_ever ? UINT64_MAX : camera->now + guest_micros * 1000,
	};

	if (twin->state != TWIN_RUNNING && twin->state != TWIN_WAITING) {
		; /* it stays as it is until the power comes back */
	} else if (line_output_waiting(&camera->line) >= output_wanted) {
		twin->state = TWIN_RUNNING;
		return twin->state;
	} else {
		twin->state = twin->ops->run(twin->engine, &limits);
	}
	/* A guest that does nothing more does it until the time is over. */
	if (twin->state != TWIN_RUNNING && !for_ever && camera->now < limits.deadline)
		camera->now = limits.deadline;
	return twin->state;
}

const char *twin_state_text(const struct twin *twin, enum twin_state state)
{
	switch (state) {
	case TWIN_LINUX:
		return "the bootloader has started the kernel: here the twin ends";
	case TWIN_POWER_OFF:
		return "the power was cut";
	case TWIN_CRASHED:
		return twin->camera.crash_text;
	case TWIN_WAITING:
		return "the bootloader waits for input";
	case TWIN_RUNNING:
		break;
	}
	return "the camera runs";
}

const char *twin_crash_text(const struct twin *twin)
{
	return twin->camera.crash_text;
}

void twin_input(struct twin *twin, const uint8_t *data, size_t size)
{
	if (twin->state == TWIN_RUNNING || twin->state == TWIN_WAITING)
		line_send(&twin->camera.line, twin->camera.now, data, size);
}

size_t twin_input_waiting(const struct twin *twin)
{
	return line_input_waiting(&twin->camera.line);
}

size_t twin_output(struct twin *twin, uint8_t *out, size_t size)
{
	return line_take_output(&twin->camera.line, out, size);
}

size_t twin_output_waiting(const struct twin *twin)
{
	return line_output_waiting(&twin->camera.line);
}

void twin_line_speed(struct twin *twin, unsigned baud)
{
	twin->camera.line.pc_byte_ns = baud == 115200 ? LINE_BYTE_NS : 1000000000u / (baud / 10);
}

uint64_t twin_micros(const struct twin *twin)
{
	return twin->camera.now / 1000;
}

struct nor *twin_nor(struct twin *twin)
{
	return &twin->camera.nor;
}

const struct sd_card *twin_card(const struct twin *twin)
{
	return &twin->camera.card;
}

int twin_gpio_level(const struct twin *twin, int gpio)
{
	return twin->ops->gpio_level(twin->engine, gpio);
}

size_t twin_pin_events(const struct twin *twin, const struct twin_pin_event **events)
{
	*events = twin->camera.pins;
	return twin->camera.pin_count;
}

void camera_pin_set(struct camera *camera, unsigned gpio, bool level)
{
	if (camera->pin_count < TWIN_PIN_EVENTS)
		camera->pins[camera->pin_count++] = (struct twin_pin_event){
			.micros = camera->now / 1000, .gpio = (uint16_t)gpio, .level = level
		};
}
