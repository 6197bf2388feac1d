/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/clues.h"

#include <stdlib.h>
#include <string.h>

static void free_clue(struct board_clue *clue)
{
	free((char *)clue->kind);
	free((char *)clue->value);
	free((char *)clue->where);
}

void clues_add(struct clues *clues, const char *kind, const char *value, const char *where)
{
	struct board_clue *clue = &clues->all[clues->count];

	for (size_t i = 0; i < clues->count; i++) {
		if (strcmp(clues->all[i].kind, kind) == 0 &&
		    strcmp(clues->all[i].value, value) == 0)
			return;
	}
	if (clues->count == CLUES_MAX || !*value)
		return;
	clue->kind = strdup(kind);
	clue->value = strdup(value);
	clue->where = strdup(where);
	if (!clue->kind || !clue->value || !clue->where) {
		free_clue(clue);
		clues->failed = true;
		return;
	}
	clues->count++;
}

const char *clues_value(const struct clues *clues, const char *kind)
{
	for (size_t i = 0; i < clues->count; i++) {
		if (strcmp(clues->all[i].kind, kind) == 0)
			return clues->all[i].value;
	}
	return NULL;
}

void clues_free(struct clues *clues)
{
	for (size_t i = 0; i < clues->count; i++)
		free_clue(&clues->all[i]);
	*clues = (struct clues){ 0 };
}
