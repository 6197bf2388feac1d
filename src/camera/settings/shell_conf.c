/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/settings/shell_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

static const char too_long[] = "the value is longer than 511 characters";
static const char no_assignment[] = "is no KEY=VALUE";
static const char executes[] = "would execute something";
static const char no_end[] = "a quote has no end";

/* One value on its way: from the text of a line into an entry. */
struct word {
	const char *at; /* NUL-terminated */
	char *out;
	size_t size;
	const struct shell_conf *conf; /* what was set before */
	const char *hostname;
	const char *problem;
};

static void put(struct word *word, const char *bytes, size_t size)
{
	if (word->size + size >= SHELL_CONF_VALUE) {
		word->problem = too_long;
		return;
	}
	memcpy(word->out + word->size, bytes, size);
	word->size += size;
	word->out[word->size] = '\0';
}

/* $(date +FORMAT): kept as FORMAT. The blank of a quoted format may be escaped. */
static void take_date(struct word *word)
{
	static const char start[] = "$(date +";
	const char *end = strchr(word->at, ')');

	if (!end || strncmp(word->at, start, sizeof(start) - 1) != 0) {
		word->problem = executes;
		return;
	}
	word->at += sizeof(start) - 1;
	if (word->at[strcspn(word->at, "`$|;&<>()")] != ')') {
		word->problem = executes;
		return;
	}
	put(word, word->at, (size_t)(end - word->at));
	word->at = end + 1;
}

static void take_variable(struct word *word)
{
	char name[48];
	bool braces = word->at[1] == '{';
	const char *start = word->at + 1 + braces, *value;
	size_t size = strspn(start, KEY_CHARACTERS);

	if (word->at[1] == '(') {
		take_date(word);
		return;
	}
	if (size == 0) {
		put(word, word->at++, 1); /* a $ by itself */
		return;
	}
	if (size >= sizeof(name) || (braces && start[size] != '}')) {
		word->problem = executes;
		return;
	}
	memcpy(name, start, size);
	name[size] = '\0';
	value = shell_conf_value(word->conf, name);
	if (value)
		put(word, value, strlen(value));
	word->at = start + size + braces;
}

static void take_backticks(struct word *word)
{
	static const char known[] = "`hostname`";

	if (strncmp(word->at, known, sizeof(known) - 1) != 0) {
		word->problem = executes;
		return;
	}
	put(word, word->hostname, strlen(word->hostname));
	word->at += sizeof(known) - 1;
}

static void take_single_quoted(struct word *word)
{
	const char *end = strchr(++word->at, '\'');

	if (!end) {
		word->problem = no_end;
		return;
	}
	put(word, word->at, (size_t)(end - word->at));
	word->at = end + 1;
}

/* Between double quotes a backslash keeps its meaning before these four alone. */
static void take_character(struct word *word, bool quoted)
{
	if (*word->at == '$')
		take_variable(word);
	else if (*word->at == '`')
		take_backticks(word);
	else if (*word->at == '\\' && word->at[1] && (!quoted || strchr("$`\"\\", word->at[1])))
		put(word, (word->at += 2) - 1, 1);
	else
		put(word, word->at++, 1);
}

static void take_double_quoted(struct word *word)
{
	word->at++;
	while (*word->at && *word->at != '"' && !word->problem)
		take_character(word, true);
	if (*word->at != '"' && !word->problem)
		word->problem = no_end;
	word->at += *word->at == '"';
}

static void take_value(struct word *word)
{
	while (*word->at && !strchr(" \t;&|<>()", *word->at) && !word->problem) {
		if (*word->at == '\'')
			take_single_quoted(word);
		else if (*word->at == '"')
			take_double_quoted(word);
		else
			take_character(word, false);
	}
	if (word->problem)
		return;
	word->at += strspn(word->at, " \t;");
	if (*word->at && *word->at != '#')
		word->problem = executes;
}

static void take_line(const char *line, const struct shell_conf *conf, const char *hostname,
		      struct shell_entry *entry)
{
	struct word word = { .out = entry->value, .conf = conf, .hostname = hostname };
	size_t size;

	line += strspn(line, " \t");
	if (strncmp(line, "export ", 7) == 0)
		line += 7 + strspn(line + 7, " \t");
	size = strspn(line, KEY_CHARACTERS);
	if (size == 0 || size >= sizeof(entry->key) || line[size] != '=') {
		entry->problem = no_assignment;
		return;
	}
	memcpy(entry->key, line, size);
	word.at = line + size + 1;
	take_value(&word);
	if (word.problem) {
		memset(entry->key, 0, sizeof(entry->key));
		memset(entry->value, 0, sizeof(entry->value));
		entry->problem = word.problem;
	}
}

int shell_conf_read(struct rc_span text, const char *hostname, struct shell_conf *conf,
		    struct rc_error *err)
{
	char line[2048];
	unsigned number = 0;

	*conf = (struct shell_conf){ 0 };
	if (text.size && memchr(text.data, '\0', text.size))
		return rc_fail(err, RC_EFORMAT, "it holds a NUL byte: it is no text");
	conf->entries = calloc(SHELL_CONF_LINES, sizeof(*conf->entries));
	if (!conf->entries)
		return rc_fail_memory(err, SHELL_CONF_LINES * sizeof(*conf->entries));
	while (text.size > 0) {
		const uint8_t *end = memchr(text.data, '\n', text.size);
		size_t size = end ? (size_t)(end - text.data) : text.size;
		struct shell_entry *entry = &conf->entries[conf->count];

		number++;
		snprintf(line, sizeof(line), "%.*s",
			 (int)(size < sizeof(line) ? size : sizeof(line) - 1),
			 (const char *)text.data);
		line[strcspn(line, "\r")] = '\0';
		text = rc_span_sub(text, size + 1, SIZE_MAX);
		if (strspn(line, " \t") == strlen(line) || line[strspn(line, " \t")] == '#')
			continue;
		if (conf->count == SHELL_CONF_LINES) {
			shell_conf_free(conf);
			return rc_fail(err, RC_EFORMAT,
				       "it has more than %u lines that set something",
				       SHELL_CONF_LINES);
		}
		entry->line = number;
		take_line(line, conf, hostname, entry);
		conf->count++;
	}
	return 0;
}

void shell_conf_free(struct shell_conf *conf)
{
	free(conf->entries);
	*conf = (struct shell_conf){ 0 };
}

const char *shell_conf_value(const struct shell_conf *conf, const char *key)
{
	for (size_t i = conf->count; i > 0; i--)
		if (strcmp(conf->entries[i - 1].key, key) == 0)
			return conf->entries[i - 1].value;
	return NULL;
}
