/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The environment: env_sf.c, env_common.c and cmd_nvedit.c of U-Boot. */
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "format/uboot_env.h"
#include "twin/model.h"

#define ENV_DATA_SIZE (INGENIC_ENV_SIZE - UBOOT_ENV_HEADER)

/* The variable, or NULL; *place is where it is, or belongs. */
static struct model_variable *find(const struct model *model, const char *name, size_t *place)
{
	size_t low = 0, high = model->variable_count;

	while (low < high) {
		struct model_variable *variable = &model->variables[(low + high) / 2];
		int order = strcmp(variable->name, name);

		*place = (low + high) / 2;
		if (order == 0)
			return variable;
		if (order < 0)
			low = *place + 1;
		else
			high = *place;
	}
	*place = low;
	return NULL;
}

const char *model_env_get(const struct model *model, const char *name)
{
	size_t place;
	const struct model_variable *variable = find(model, name, &place);

	return variable ? variable->value : NULL;
}

static void remove_variable(struct model *model, size_t place)
{
	free(model->variables[place].name);
	free(model->variables[place].value);
	model->variable_count--;
	memmove(model->variables + place, model->variables + place + 1,
		(model->variable_count - place) * sizeof(*model->variables));
}

/* Takes value over. False where there is no memory. */
static bool insert_variable(struct model *model, size_t place, const char *name, char *value)
{
	struct model_variable *more = realloc(model->variables,
					      (model->variable_count + 1) * sizeof(*more));
	char *copy;

	if (!more)
		return false;
	model->variables = more;
	copy = strdup(name);
	if (!copy)
		return false;
	memmove(more + place + 1, more + place, (model->variable_count - place) * sizeof(*more));
	more[place] = (struct model_variable){ .name = copy, .value = value };
	model->variable_count++;
	return true;
}

void model_env_set(struct model *model, const char *name, const char *value)
{
	size_t place;
	struct model_variable *variable = find(model, name, &place);
	char *copy;

	if (!value) {
		if (variable)
			remove_variable(model, place);
		return;
	}
	copy = strdup(value);
	if (copy && variable) {
		free(variable->value);
		variable->value = copy;
	} else if (!copy || !insert_variable(model, place, name, copy)) {
		free(copy);
		model_crash(model, "there is no memory for the camera's environment");
	}
}

void model_env_clear(struct model *model)
{
	while (model->variable_count)
		remove_variable(model, model->variable_count - 1);
	free(model->variables);
	model->variables = NULL;
}

/* NUL-separated "name=value". */
static void import(struct model *model, struct rc_span block)
{
	size_t at = 0;

	while (at < block.size && block.data[at]) {
		const char *text = (const char *)block.data + at;
		size_t size = strnlen(text, block.size - at);
		char copy[4096];
		char *value;

		at += size + 1;
		if (size >= sizeof(copy))
			continue;
		memcpy(copy, text, size);
		copy[size] = '\0';
		value = strchr(copy, '=');
		if (!value || value == copy)
			continue;
		*value++ = '\0';
		model_env_set(model, copy, value);
	}
}

void model_env_default(struct model *model)
{
	static const char stock[] = "baudrate=115200\0bootdelay=1\0"
				    "bootcmd=sdupdate;sf probe;sf read 0x80600000 0x40000 "
				    "0x280000; bootm 0x80600000\0";
	struct rc_span none = { (const uint8_t *)stock, sizeof(stock) };

	model_env_clear(model);
	import(model, model->boot.environment.size ? model->boot.environment : none);
}

/* set_default_env */
static void fall_back(struct model *model, const char *why)
{
	model_printf(model, "*** Warning - %s, using default environment\n\n", why);
	model_env_default(model);
}

void model_env_load(struct model *model)
{
	const struct model_chip *flash = model_flash_probe(model);
	struct nor *nor = &model->camera->nor;

	if (!flash) {
		fall_back(model, "spi_flash_probe() failed");
	} else {
		struct rc_span area = { model->block, INGENIC_ENV_SIZE };

		nor_read(nor, INGENIC_ENV_OFFSET, model->block, INGENIC_ENV_SIZE);
		if (uboot_env_is_whole(area)) {
			area.data += UBOOT_ENV_HEADER;
			area.size -= UBOOT_ENV_HEADER;
			import(model, area);
		} else {
			fall_back(model, "bad CRC");
		}
	}
	/* The console's drivers set what they are. */
	model_env_set(model, "stdin", "serial");
	model_env_set(model, "stdout", "serial");
	model_env_set(model, "stderr", "serial");
}

/* --- Commands. --- */

static void print_all(struct model *model)
{
	size_t size = 1;

	for (size_t i = 0; i < model->variable_count; i++) {
		const struct model_variable *variable = &model->variables[i];

		model_printf(model, "%s=", variable->name);
		for (const char *c = variable->value; *c; c++) {
			if (*c == '\n' || *c == '\\') {
				model_putc(model, '\\');
				size++;
			}
			model_putc(model, *c);
		}
		model_putc(model, '\n');
		size += strlen(variable->name) + strlen(variable->value) + 4;
	}
	model_printf(model, "\nEnvironment size: %zu/%u bytes\n", size, ENV_DATA_SIZE);
}

int model_do_printenv(struct model *model, bool repeat, int argc, char *const argv[])
{
	int result = CMD_SUCCESS;

	if (argc == 1)
		print_all(model);
	for (int i = 1; i < argc; i++) {
		const char *value = model_env_get(model, argv[i]);

		if (value) {
			model_printf(model, "%s=", argv[i]);
			model_puts(model, value);
			model_putc(model, '\n');
		} else {
			model_printf(model, "## Error: \"%s\" not defined\n", argv[i]);
			result = CMD_FAILURE;
		}
	}
	return result;
}

/* on_baudrate. The line goes on at 115200: this U-Boot never looks at the number when it
 * programs the divisor (facts/rescue-peers-and-limits.md C1). */
static bool accept_baudrate(struct model *model, const char *value)
{
	static const uint32_t rates[] = { 9600, 19200, 38400, 57600, 115200 };
	uint32_t rate = value ? model_number(value, NULL, 10) : 0;
	const char *now = model_env_get(model, "baudrate");

	if (!value) {
		model_puts(model, "## Baudrate may not be deleted\n");
		return false;
	}
	for (size_t i = 0; i < RC_COUNT(rates); i++) {
		if (rates[i] != rate)
			continue;
		if (now && model_number(now, NULL, 10) == rate)
			return true;
		model_printf(model, "## Switch baudrate to %u bps and press ENTER ...\n", rate);
		model_pass(model, 100000000);
		while (model_getc(model) != '\r')
			;
		return true;
	}
	model_printf(model, "## Baudrate %u bps not supported\n", rate);
	return false;
}

/* on_console: the two devices that there are. */
static bool accept_console(struct model *model, const char *value)
{
	return value && (strcmp(value, "serial") == 0 || strcmp(value, "jz_serial") == 0);
}

struct callback {
	const char *name;
	bool (*accept)(struct model *model, const char *value);
};

static const struct callback callbacks[] = {
	{ "baudrate", accept_baudrate },
	{ "stdin", accept_console },
	{ "stdout", accept_console },
	{ "stderr", accept_console },
};

static bool accepted(struct model *model, const char *name, const char *value)
{
	for (size_t i = 0; i < RC_COUNT(callbacks); i++)
		if (strcmp(callbacks[i].name, name) == 0)
			return callbacks[i].accept(model, value);
	return true;
}

int model_do_setenv(struct model *model, bool repeat, int argc, char *const argv[])
{
	char value[MODEL_LINE + 1] = "";
	size_t used = 0;
	const char *name;

	if (argc > 1 && strcmp(argv[1], "-f") == 0) {
		argc--;
		argv++;
	}
	if (argc < 2)
		return CMD_USAGE;
	name = argv[1];
	if (strchr(name, '=')) {
		model_printf(model, "## Error: illegal character '='in variable name \"%s\"\n",
			     name);
		return CMD_FAILURE;
	}
	if (argc == 2) {
		if (!model_env_get(model, name) || !accepted(model, name, NULL))
			return CMD_FAILURE;
		model_env_set(model, name, NULL);
		return CMD_SUCCESS;
	}
	for (int i = 2; i < argc; i++) {
		size_t size = strlen(argv[i]);

		if (i > 2)
			value[used++] = ' ';
		memcpy(value + used, argv[i], size + 1); /* all of it came from one line */
		used += size;
	}
	if (!accepted(model, name, value)) {
		model_printf(model, "## Error inserting \"%s\" variable, errno=22\n", name);
		return CMD_FAILURE;
	}
	model_env_set(model, name, value);
	return CMD_SUCCESS;
}

/* The environment's place is no multiple of what an erase must be aligned to, so this
 * fails always, before anything is written (facts 0.5). */
int model_do_saveenv(struct model *model, bool repeat, int argc, char *const argv[])
{
	if (!model->env_flash)
		model->env_flash = model_flash_probe(model);
	if (!model->env_flash) {
		fall_back(model, "spi_flash_probe() failed");
		return CMD_FAILURE;
	}
	model_puts(model, "Erasing SPI flash...");
	model_flash_erase(model, model->env_flash, INGENIC_ENV_OFFSET, INGENIC_ENV_SIZE);
	return CMD_FAILURE;
}

int model_do_run(struct model *model, bool repeat, int argc, char *const argv[])
{
	if (argc < 2)
		return CMD_USAGE;
	for (int i = 1; i < argc; i++) {
		const char *value = model_env_get(model, argv[i]);
		char command[MODEL_LINE + 1];

		if (!value) {
			model_printf(model, "## Error: \"%s\" not defined\n", argv[i]);
			return CMD_FAILURE;
		}
		/* It may set the variable that it stands in. One that is too long is
		 * still too long here. */
		strncpy(command, value, MODEL_LINE);
		command[MODEL_LINE] = '\0';
		if (model_run_command(model, command, repeat) != 0)
			return CMD_FAILURE;
	}
	return CMD_SUCCESS;
}
