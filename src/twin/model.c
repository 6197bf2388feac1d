/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "twin/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Time and the end. --- */

static void yield(struct model *model, enum twin_state state)
{
	model->state = state;
	fiber_yield(&model->fiber);
	if (model->closing)
		longjmp(model->leave, 1);
}

/* The clock goes no further than the caller's limit before it has been back there. */
void model_pass(struct model *model, uint64_t nanoseconds)
{
	struct camera *camera = model->camera;
	uint64_t end = camera->now + nanoseconds;

	while (camera->now < end) {
		if (end <= model->limits.deadline) {
			camera->now = end;
		} else {
			if (camera->now < model->limits.deadline)
				camera->now = model->limits.deadline;
			yield(model, TWIN_RUNNING);
		}
	}
}

uint32_t model_ms(const struct model *model)
{
	return (uint32_t)(model->camera->now / 1000000);
}

void model_leave(struct model *model, enum twin_state state)
{
	model->state = state;
	longjmp(model->leave, 1);
}

void model_reset(struct model *model)
{
	model_puts(model, "reset in 4ms");
	model_pass(model, 4000000);
	model->reset = true;
	model_leave(model, TWIN_RUNNING);
}

void model_crash(struct model *model, const char *text)
{
	snprintf(model->camera->crash_text, sizeof(model->camera->crash_text), "%s", text);
	model_leave(model, TWIN_CRASHED);
}

void model_set_gpio(struct model *model, int gpio, int level)
{
	model->gpio_levels[gpio] = (int8_t)level;
}

/* --- The console. --- */

static void put_byte(struct model *model, uint8_t byte)
{
	model_pass(model, LINE_BYTE_NS);
	line_transmit(&model->camera->line, byte);
	if (line_output_waiting(&model->camera->line) >= model->limits.output_wanted)
		yield(model, TWIN_RUNNING);
}

/* serial_putc */
void model_putc(struct model *model, char c)
{
	if (c == '\n')
		put_byte(model, '\r');
	put_byte(model, (uint8_t)c);
}

void model_puts(struct model *model, const char *text)
{
	while (*text)
		model_putc(model, *text++);
}

void model_printf(struct model *model, const char *format, ...)
{
	char text[MODEL_LINE * 2]; /* CONFIG_SYS_PBSIZE is larger than one line, too */
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	model_puts(model, text);
}

/* As in uart.c: whoever polls while a byte is on the wire polls until it is here. */
bool model_tstc(struct model *model)
{
	struct camera *camera = model->camera;
	uint64_t arrival;

	while (!line_poll(&camera->line, camera->now)) {
		if (!line_next_arrival(&camera->line, &arrival))
			return false;
		model_pass(model, arrival - camera->now);
	}
	return true;
}

uint8_t model_getc(struct model *model)
{
	while (!model_tstc(model))
		yield(model, TWIN_WAITING);
	return line_receive(&model->camera->line, model->camera->now);
}

/* ctrlc: any other byte that came is lost here, as it is in U-Boot. */
bool model_ctrlc(struct model *model)
{
	if (!model_tstc(model) || model_getc(model) != 0x03)
		return false;
	model->had_ctrl_c = true;
	return true;
}

/* --- From power on to the prompt. --- */

static void take_from_image(struct model *model)
{
	struct nor *nor = &model->camera->nor;
	struct rc_span flash = { nor->data, nor->size };
	struct ingenic_boot *boot = &model->boot;
	const struct dialect *dialect = model->dialect;

	if (ingenic_boot_parse(flash, boot, NULL) != 0)
		*boot = (struct ingenic_boot){ 0 };
	snprintf(model->version, sizeof(model->version), "%s",
		 boot->version[0] ? boot->version : dialect->version);
	snprintf(model->board, sizeof(model->board), "%s",
		 boot->board[0] ? boot->board : dialect->board);
	snprintf(model->prompt, sizeof(model->prompt), "%s",
		 boot->prompt[0] ? boot->prompt : dialect->prompt);
}

/* misc_init_r */
static void set_outputs(struct model *model)
{
	for (size_t i = 0; i < model->dialect->gpio_count; i++) {
		const struct model_gpio *pin = &model->dialect->gpios[i];

		if (pin->announced)
			model_printf(model, "misc_init_r before change the %s\n", pin->label);
		model_printf(model, "gpio_request lable = %s gpio = %d\n", pin->label, pin->gpio);
		model_printf(model, "misc_init_r after gpio_request the %s ret is %d\n", pin->label,
			     pin->gpio);
		model_set_gpio(model, pin->gpio, pin->level);
		model_printf(model, "misc_init_r after change the %s ret is %d\n", pin->label,
			     pin->level);
	}
}

/* board_init_f and board_init_r */
static void start_up(struct model *model)
{
	uint64_t ram = model->boot.ram_size ? model->boot.ram_size : MODEL_RAM;

	model_printf(model, "\n\nU-Boot %s\n\n", model->version);
	model_printf(model, "Board: %s\n", model->board);
	model_printf(model, "DRAM:  %u MiB\n", (unsigned)(ram / RC_MIB(1)));
	model_puts(model, model->dialect->memory_map);
	model_puts(model, "MMC:   msc: 0\n");
	model_env_load(model);
	model_puts(model, "In:    serial\nOut:   serial\nErr:   serial\n");
	set_outputs(model);
}

/* abortboot: true where a key was pressed. */
static bool stop_autoboot(struct model *model, unsigned seconds)
{
	bool stopped = false;

	model_printf(model, "Hit any key to stop autoboot: %2u ", seconds);
	while (seconds > 0 && !stopped) {
		uint64_t end = model->camera->now + 1000000000u;

		seconds--;
		while (model->camera->now < end && !stopped) {
			stopped = model_tstc(model);
			if (!stopped)
				model_pass(model, 10000000);
		}
		if (stopped) {
			model_getc(model);
			seconds = 0;
		}
		model_printf(model, "\b\b\b%2u ", seconds);
	}
	model_putc(model, '\n');
	return stopped;
}

static void autoboot(struct model *model)
{
	const char *delay = model_env_get(model, "bootdelay");
	const char *command = model_env_get(model, "bootcmd");
	long seconds = delay ? strtol(delay, NULL, 10) : 1;

	/* Without limits of its own, a delay of a year is a delay of a year. */
	if (seconds < 0 || !command)
		return;
	if (stop_autoboot(model, seconds > 99999 ? 99999 : (unsigned)seconds))
		return;
	/* The command may change the variable under way. */
	snprintf(model->last_line, sizeof(model->last_line), "%s", command);
	model_run_command(model, model->last_line, false);
	model->last_line[0] = '\0';
}

/* main_loop. A command that failed is repeated by an empty line, one that succeeded
 * is not: this version looks at the wrong return value. */
static void main_loop(struct model *model)
{
	for (;;) {
		bool repeat = false;

		if (!model_read_line(model)) {
			model_puts(model, "<INTERRUPT>\n");
			continue;
		}
		if (model->line[0])
			memcpy(model->last_line, model->line, sizeof(model->line));
		else
			repeat = true;
		if (model_run_command(model, model->last_line, repeat) == 0)
			model->last_line[0] = '\0';
	}
}

static void run_bootloader(void *context)
{
	struct model *model = context;

	if (setjmp(model->leave) != 0)
		return;
	start_up(model);
	autoboot(model);
	main_loop(model);
}

/* --- The engine. --- */

/* Lets what is on the fiber's stack end, wherever it waits. */
static void stop_fiber(struct model *model)
{
	model->closing = true;
	while (model->fiber.running)
		fiber_resume(&model->fiber, run_bootloader, model);
	model->closing = false;
}

static void clear_ram(struct model *model)
{
	for (size_t i = 0; i < RC_COUNT(model->ram); i++) {
		free(model->ram[i]);
		model->ram[i] = NULL;
	}
}

static int model_start(void *engine, struct rc_error *err)
{
	struct model *model = engine;

	stop_fiber(model);
	clear_ram(model);
	model_env_clear(model);
	model->last_line[0] = '\0';
	model->depth = 0;
	model->flash = model->env_flash = NULL;
	model->last_md.address = 0;
	model->last_md.count = 0x40;
	model->last_md.width = 4;
	model->base = 0;
	model->reset = model->had_ctrl_c = false;
	memset(model->gpio_levels, -1, sizeof(model->gpio_levels));
	take_from_image(model);
	model->dead = model->had_boot ? boot_rom_objection(&model->camera->nor) : NULL;
	return 0;
}

static enum twin_state model_run(void *engine, const struct run_limits *limits)
{
	struct model *model = engine;

	model->limits = *limits;
	do {
		if (model->reset)
			model_start(model, NULL);
		if (model->dead) {
			snprintf(model->camera->crash_text, sizeof(model->camera->crash_text),
				 "the camera does not start: %s", model->dead);
			return TWIN_CRASHED;
		}
		fiber_resume(&model->fiber, run_bootloader, model);
	} while (model->reset);
	return model->state;
}

static int model_gpio_level(const void *engine, int gpio)
{
	const struct model *model = engine;

	if (gpio < 0 || (size_t)gpio >= RC_COUNT(model->gpio_levels))
		return -1;
	return model->gpio_levels[gpio];
}

static void model_close(void *engine)
{
	struct model *model = engine;

	stop_fiber(model);
	clear_ram(model);
	model_env_clear(model);
	fiber_close(&model->fiber);
	free(model);
}

const struct engine_ops model_ops = {
	.start = model_start,
	.run = model_run,
	.gpio_level = model_gpio_level,
	.close = model_close,
};

int model_open(struct camera *camera, void **engine, struct rc_error *err)
{
	struct model *model = calloc(1, sizeof(*model));

	if (!model)
		return rc_fail_memory(err, sizeof(*model));
	model->camera = camera;
	model->had_boot = !boot_rom_objection(&camera->nor);
	model->dialect = &dialect_stock_2017;
	if (!fiber_open(&model->fiber)) {
		free(model);
		return rc_fail_memory(err, FIBER_STACK);
	}
	*engine = model;
	return 0;
}
