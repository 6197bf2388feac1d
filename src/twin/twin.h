/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual camera: a flash image that starts, and a console to talk to it.
 *
 * exact  runs the image's own bootloader on an emulated SoC (Unicorn).
 * model  imitates the console of the stock bootloaders.
 *
 * A twin has its own clock, which does not depend on the machine that it runs
 * on: reading its timer, moving a byte over its UART (87 us at 115200 baud) and
 * working its flash make it pass. The same input gives the same output, always.
 * It runs only inside twin_run, in the caller's thread.
 */
#ifndef RECAM_TWIN_TWIN_H
#define RECAM_TWIN_TWIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "flash/nor.h"
#include "twin/sd_card.h"

enum twin_engine { TWIN_AUTO, TWIN_EXACT, TWIN_MODEL };

/* Faults of the line between camera and PC; the chip's are struct nor_faults. */
struct twin_line_faults {
	uint64_t seed;
	uint32_t flip_one_in; /* 0 none; n: about one byte in n has a bit flipped, both ways */
	uint32_t drop_one_in; /* about one byte in n never arrives, both ways */
};

struct twin_config {
	struct rc_span image;    /* whole flash, or a boot partition; copied */
	uint32_t jedec;          /* 0: GD25Q128 (c84018) or what fits the image's size */
	enum twin_engine engine; /* AUTO: exact where the image's bootloader can be run */
	struct nor_faults chip_faults;
	struct twin_line_faults line_faults;
	bool button_held;
	/* The SD card in the slot: the caller's memory until twin_close, and what the camera
	 * writes is written there. NULL: the slot is empty, as it always is on the model. */
	uint8_t *card;
	size_t card_size;
	struct sd_faults card_faults;
};

struct twin;

/* Builds the camera and switches it on. */
int twin_open(const struct twin_config *config, struct twin **result, struct rc_error *err);
void twin_close(struct twin *twin);

enum twin_engine twin_engine_used(const struct twin *twin); /* never AUTO */
/* Why AUTO took the model; "" where it took the exact engine. */
const char *twin_engine_reason(const struct twin *twin);

/* What became of the last twin_run. */
enum twin_state {
	TWIN_WAITING,   /* the guest waits for a byte from the console and has none */
	TWIN_RUNNING,   /* it ran for the time allowed and goes on */
	TWIN_LINUX,     /* the bootloader handed over to a kernel: here this twin ends */
	TWIN_POWER_OFF, /* the power was cut */
	TWIN_CRASHED,   /* the guest stopped with an exception: twin_crash_text */
};

/* Runs until output_wanted bytes can be read, the guest waits for input, its end,
 * or until guest_micros of the camera's own time have passed. When it waits or has
 * ended, the clock is put on by what is left of guest_micros, so a caller that reads
 * with a timeout sees it pass; with TWIN_FOREVER there is no limit and nothing is added.
 * A guest between TWIN_RUNNING and TWIN_WAITING may be a few instructions beyond either
 * limit, and that is the same in every run. */
#define TWIN_FOREVER UINT64_MAX
enum twin_state twin_run(struct twin *twin, size_t output_wanted, uint64_t guest_micros);
const char *twin_crash_text(const struct twin *twin);
/* The state in words for a person. Valid until the next call that runs the twin. */
const char *twin_state_text(const struct twin *twin, enum twin_state state);

/* The console. Input is queued and arrives at line speed; output is what the
 * guest has sent and nobody took yet. */
void twin_input(struct twin *twin, const uint8_t *data, size_t size);
size_t twin_input_waiting(const struct twin *twin); /* still on the wire */
size_t twin_output(struct twin *twin, uint8_t *out, size_t size);
size_t twin_output_waiting(const struct twin *twin);

/* The speed of the PC's side of the line, 115200 at first. Each side hears garbage of the
 * other while they differ; the exact engine's bootloader and what it runs set the camera's. */
void twin_line_speed(struct twin *twin, unsigned baud);

/* The camera's own time since it was first switched on, in microseconds. */
uint64_t twin_micros(const struct twin *twin);

/* Power off and on (or the first time after a cut): the flash stays, RAM does not. */
int twin_power_cycle(struct twin *twin, struct rc_error *err);

/* The chip: its bytes, counts, faults. Valid until twin_close. */
struct nor *twin_nor(struct twin *twin);

/* The slot with its card and what was done with it. */
const struct sd_card *twin_card(const struct twin *twin);

/* LEDs and other outputs as the bootloader last set them; -1 never set. */
int twin_gpio_level(const struct twin *twin, int gpio);

/* Every change of an output since the camera was first switched on, in order; the first
 * setting of one counts. Those behind the last that is kept are not told. */
struct twin_pin_event {
	uint64_t micros; /* on the camera's clock */
	uint16_t gpio;
	bool level;
};
#define TWIN_PIN_EVENTS 128
size_t twin_pin_events(const struct twin *twin, const struct twin_pin_event **events);

/* Serves the console to other programs until *stop (or for ever): "pty",
 * "tcp:HOST:PORT" (a name must be this machine's; a network address is taken only in
 * digits), "unix:PATH". The camera's time begins when the first client is there.
 * paced: no faster than the camera's own clock, as a real line at 115200 baud. */
struct twin_serve {
	const char *listen;
	bool paced;
	const volatile int *stop;
	/* Called once, when others can connect; where is "tcp:127.0.0.1:4001", "/dev/pts/3". */
	void (*ready)(void *context, const char *where);
	void *context;
};
int twin_serve(struct twin *twin, const struct twin_serve *serve, struct rc_error *err);

/* Parses a fault SPEC: comma-separated cut:N fail:N lie:N flip:N drop:N
 * unstable:OFFSET/N card:N seed:N (contracts/recam.md, twin link). */
int twin_parse_faults(const char *spec, struct nor_faults *chip, struct twin_line_faults *line,
		      struct sd_faults *card, struct rc_error *err);

#endif
