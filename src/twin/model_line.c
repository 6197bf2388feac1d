/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From keys to commands: cread_line, process_macros, parse_line and run_command of
 * U-Boot 2013.07 with the simple parser (no hush in the stock builds). */
#include <ctype.h>
#include <string.h>

#include "twin/model.h"

#define CTRL(c) ((c) - 'A' + 1)

/* --- Line editing. --- */

struct edit {
	struct model *model;
	size_t at, end; /* the cursor, and the end of the line */
};

static void back(struct edit *edit, size_t count)
{
	while (count--)
		model_putc(edit->model, '\b');
}

static void show(struct edit *edit, size_t from)
{
	for (size_t i = from; i < edit->end; i++)
		model_putc(edit->model, edit->model->line[i]);
}

static void insert(struct edit *edit, char c)
{
	char *line = edit->model->line;

	if (edit->end >= MODEL_LINE) {
		model_putc(edit->model, '\a');
		return;
	}
	memmove(line + edit->at + 1, line + edit->at, edit->end - edit->at);
	line[edit->at] = c;
	edit->end++;
	show(edit, edit->at);
	edit->at++;
	back(edit, edit->end - edit->at);
}

/* Takes the character at the cursor away. */
static void remove_here(struct edit *edit)
{
	char *line = edit->model->line;

	memmove(line + edit->at, line + edit->at + 1, edit->end - edit->at - 1);
	edit->end--;
	show(edit, edit->at);
	model_putc(edit->model, ' ');
	back(edit, edit->end - edit->at + 1);
}

static void remove_before(struct edit *edit)
{
	if (edit->at == 0)
		return;
	edit->at--;
	back(edit, 1);
	remove_here(edit);
}

static void erase_to_end(struct edit *edit)
{
	size_t count = edit->end - edit->at;

	for (size_t i = 0; i < count; i++)
		model_putc(edit->model, ' ');
	back(edit, count);
	edit->end = edit->at;
}

static void move_to(struct edit *edit, size_t place)
{
	if (place < edit->at) {
		back(edit, edit->at - place);
	} else {
		while (edit->at < place)
			model_putc(edit->model, edit->model->line[edit->at++]);
	}
	edit->at = place;
}

/* What the cursor keys send. There is no history here, so up and down do nothing. */
static uint8_t escape_sequence(struct model *model)
{
	if (model_getc(model) != '[')
		return 0;
	switch (model_getc(model)) {
	case 'C':
		return CTRL('F');
	case 'D':
		return CTRL('B');
	case 'H':
		return CTRL('A');
	default:
		return 0;
	}
}

static void edit_key(struct edit *edit, uint8_t key)
{
	switch (key) {
	case '\0':
	case '\t': /* completion */
		break;
	case CTRL('A'):
		move_to(edit, 0);
		break;
	case CTRL('E'):
		move_to(edit, edit->end);
		break;
	case CTRL('B'):
		move_to(edit, edit->at > 0 ? edit->at - 1 : 0);
		break;
	case CTRL('F'):
		move_to(edit, edit->at < edit->end ? edit->at + 1 : edit->end);
		break;
	case CTRL('D'):
		if (edit->at < edit->end)
			remove_here(edit);
		break;
	case CTRL('K'):
		erase_to_end(edit);
		break;
	case CTRL('U'):
	case CTRL('X'):
		move_to(edit, 0);
		erase_to_end(edit);
		break;
	case '\b':
	case 0x7f:
		remove_before(edit);
		break;
	default:
		insert(edit, (char)key);
		break;
	}
}

bool model_read_line(struct model *model)
{
	struct edit edit = { .model = model };

	model_puts(model, model->prompt);
	for (;;) {
		uint8_t key = model_getc(model);

		if (key == '\r' || key == '\n')
			break;
		if (key == CTRL('C'))
			return false;
		if (key == 0x1b)
			key = escape_sequence(model);
		edit_key(&edit, key);
	}
	model_putc(model, '\n');
	model->line[edit.end] = '\0';
	return true;
}

/* --- Numbers. --- */

uint32_t model_number(const char *text, const char **end, unsigned base)
{
	uint32_t value = 0;

	if (*text == '0') {
		text++;
		if (*text == 'x' && isxdigit((unsigned char)text[1])) {
			base = 16;
			text++;
		}
		if (!base)
			base = 8;
	}
	if (!base)
		base = 10;
	while (isxdigit((unsigned char)*text)) {
		unsigned digit = isdigit((unsigned char)*text)
					 ? (unsigned)(*text - '0')
					 : (unsigned)(toupper((unsigned char)*text) - 'A' + 10);

		if (digit >= base)
			break;
		value = value * base + digit;
		text++;
	}
	if (end)
		*end = text;
	return value;
}

bool model_hex(const char *text, uint32_t *value)
{
	const char *end;

	*value = model_number(text, &end, 16);
	return *text && !*end;
}

/* --- Variables and quotes. --- */

struct output {
	char *text;
	size_t used, room;
};

static void put(struct output *out, char c)
{
	if (out->used + 1 < out->room)
		out->text[out->used++] = c;
}

static void put_variable(struct model *model, struct output *out, const char *name, size_t size)
{
	char key[MODEL_LINE + 1];
	const char *value;

	memcpy(key, name, size);
	key[size] = '\0';
	value = model_env_get(model, key);
	while (value && *value)
		put(out, *value++);
}

/* process_macros: replaces ${x} and $(x), takes single quotes and one level of
 * backslashes away. A quote after a backslash is a character as any other. */
static void expand(struct model *model, const char *line, struct output *out)
{
	enum { PLAIN, DOLLAR, NAME, QUOTED } state = PLAIN;
	const char *name = line;
	char previous = '\0';

	while (*line) {
		char c = *line++;

		if (state != QUOTED && c == '\\' && previous != '\\') {
			if (!*line)
				break;
			previous = c;
			c = *line++;
		}
		switch (state) {
		case PLAIN:
			if (c == '\'' && previous != '\\')
				state = QUOTED;
			else if (c == '$' && previous != '\\')
				state = DOLLAR;
			else
				put(out, c);
			break;
		case DOLLAR:
			state = PLAIN;
			if (c == '(' || c == '{') {
				state = NAME;
				name = line;
			} else {
				put(out, '$');
				put(out, c);
			}
			break;
		case NAME:
			if (c == ')' || c == '}') {
				put_variable(model, out, name, (size_t)(line - 1 - name));
				state = PLAIN;
			}
			break;
		case QUOTED:
			if (c == '\'' && previous != '\\')
				state = PLAIN;
			else
				put(out, c);
			break;
		}
		previous = c;
	}
	out->text[out->used] = '\0';
}

/* parse_line: words between blanks, in place. */
static int split(struct model *model, char *line, char *argv[MODEL_MAX_ARGS + 1])
{
	unsigned count = 0;

	while (count < MODEL_MAX_ARGS) {
		while (*line == ' ' || *line == '\t')
			line++;
		if (!*line) {
			argv[count] = NULL;
			return (int)count;
		}
		argv[count++] = line;
		while (*line && *line != ' ' && *line != '\t')
			line++;
		if (!*line) {
			argv[count] = NULL;
			return (int)count;
		}
		*line++ = '\0';
	}
	model_printf(model, "** Too many args (max. %u) **\n", MODEL_MAX_ARGS);
	argv[count] = NULL;
	return (int)count;
}

/* --- Commands. --- */

/* find_cmd: the name up to a dot, whole or shortened to what only one begins with. */
const struct model_command *model_find_command(const char *name, size_t size)
{
	const struct model_command *found = NULL;
	unsigned matches = 0;
	const char *dot = memchr(name, '.', size);

	if (dot)
		size = (size_t)(dot - name);
	for (size_t i = 0; i < model_command_count; i++) {
		if (strncmp(name, model_commands[i].name, size) != 0)
			continue;
		if (strlen(model_commands[i].name) == size)
			return &model_commands[i];
		found = &model_commands[i];
		matches++;
	}
	return matches == 1 ? found : NULL;
}

void model_usage(struct model *model, const struct model_command *command)
{
	model_printf(model, "%s - %s\n\n", command->name, command->usage);
	if (!command->help) {
		model_puts(model, "- No additional help available.\n");
		return;
	}
	model_printf(model, "Usage:\n%s ", command->name);
	model_puts(model, command->help);
	model_putc(model, '\n');
}

/* cmd_process */
static int run_one(struct model *model, bool repeat, int argc, char *const argv[])
{
	const struct model_command *command = model_find_command(argv[0], strlen(argv[0]));
	int result = CMD_USAGE;

	if (!command) {
		model_printf(model, "Unknown command '%s' - try 'help'\n", argv[0]);
		return CMD_FAILURE;
	}
	if ((unsigned)argc <= command->max_args)
		result = command->run(model, repeat, argc, argv);
	if (result == CMD_USAGE) {
		model_usage(model, command);
		result = CMD_FAILURE;
	}
	return result;
}

/* Ends the first command of the line and returns what follows it. */
static char *cut_command(char *line)
{
	bool quoted = false;

	for (char *c = line; *c; c++) {
		char before = c == line ? '\0' : c[-1];

		if (*c == '\'' && before != '\\')
			quoted = !quoted;
		if (!quoted && *c == ';' && c != line && before != '\\') {
			*c = '\0';
			return c + 1;
		}
	}
	return line + strlen(line);
}

int model_run_command(struct model *model, const char *line, bool repeat)
{
	char text[MODEL_LINE], expanded[MODEL_LINE];
	char *argv[MODEL_MAX_ARGS + 1];
	char *next = text, *part;
	int result = 0;

	model->had_ctrl_c = false;
	if (!line[0])
		return 1;
	if (strlen(line) >= MODEL_LINE) {
		model_puts(model, "## Command too long!\n");
		return 1;
	}
	if (model->depth >= MODEL_MAX_DEPTH)
		model_crash(model, "the bootloader ran out of stack: a variable runs itself");
	model->depth++;
	memcpy(text, line, strlen(line) + 1);
	while (*next) {
		struct output out = { expanded, 0, sizeof(expanded) };
		int argc;

		part = next;
		next = cut_command(part);
		expand(model, part, &out);
		argc = split(model, expanded, argv);
		if (argc == 0 || run_one(model, repeat, argc, argv) != 0)
			result = 1;
		if (model->had_ctrl_c) {
			result = 1;
			break;
		}
	}
	model->depth--;
	return result;
}
