/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which camera do the clues speak for?
 *
 * Each board adds up the weights of what it finds among the clues: its known
 * bootloaders, and the lines of its [evidence], each once. The best sum wins; how
 * sure that is goes by the sum and by its distance to the second (docs/boards.md).
 */
#include "board/board.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "board/parse.h"

#define CERTAIN_SCORE  100
#define CERTAIN_MARGIN 30
#define LIKELY_SCORE   40
#define LIKELY_MARGIN  15
#define GUESS_SCORE    10 /* less is no more than "some flash chip" */

/* A digest is one build, and a build is made for few models; a version text is
 * shared by builds that differ; the open builds are put on each other's cameras
 * (facts/bootloaders-and-flash.md 5.2, 6). */
#define WEIGHT_STOCK_DIGEST  60
#define WEIGHT_STOCK_VERSION 30
#define WEIGHT_OPEN_DIGEST   20
#define WEIGHT_OPEN_VERSION  15

#define MAX_REASONS (BOARD_MAX_EVIDENCE + 1)

static const struct clue_kind clue_kinds[] = {
	{ "bootloader", "%W holds, by its digest" },
	{ "version", "the bootloader says that it is \"%V\"" },
	{ "boardline", "the bootloader says \"Board: %V\"" },
	{ "prompt", "the console's prompt is \"%V\"" },
	{ "mtdparts", "%W has the partition table \"%V\"" },
	{ "ram", "%W speaks of %V MiB of RAM" },
	{ "module", "%W holds %V" },
	{ "model", "%W says that the model is %V" },
	{ "appver", "%W says that the firmware is %V" },
	{ "uimage", "%W holds an image named \"%V\"" },
	{ "magic", "%W begins with the bytes %V" },
	{ "product", "%W holds a section [%V]" },
	{ "flash", "the flash has %V bytes" },
};

struct reason {
	int weight;
	char text[192];
};

struct score {
	const struct board *board;
	int sum;
	bool contradicted;
	size_t count;
	struct reason reasons[MAX_REASONS];
};

const struct clue_kind *clue_kind_find(const char *name)
{
	for (size_t i = 0; i < RC_COUNT(clue_kinds); i++) {
		if (strcmp(clue_kinds[i].name, name) == 0)
			return &clue_kinds[i];
	}
	return NULL;
}

const char *clue_kind_names(void)
{
	static char names[160];
	size_t used = 0;

	for (size_t i = 0; i < RC_COUNT(clue_kinds) && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? " " : "",
					 clue_kinds[i].name);
	return names;
}

const char *board_confidence_name(enum board_confidence confidence)
{
	static const char *const names[] = {
		[BOARD_UNKNOWN] = "unknown",
		[BOARD_GUESS] = "guess",
		[BOARD_LIKELY] = "likely",
		[BOARD_CERTAIN] = "certain",
	};

	return names[confidence];
}

/* "driver:/8189es.ko" or "driver" -> "the driver partition"; words stay as they are. */
static void say_where(const char *where, char *out, size_t size)
{
	size_t name = strcspn(where, ":");

	if (!*where)
		snprintf(out, size, "it");
	else if (strcmp(where, "log") == 0)
		snprintf(out, size, "the log");
	else if (strchr(where, ' ') && where[name] != ':')
		snprintf(out, size, "%s", where);
	else
		snprintf(out, size, "the %.*s partition", (int)name, where);
}

static void say(const struct board_clue *clue, const char *because, struct reason *reason)
{
	const struct clue_kind *kind = clue_kind_find(clue->kind);
	struct rc_text text = { 0 };
	char where[64];

	say_where(clue->where ? clue->where : "", where, sizeof(where));
	for (const char *c = kind->sentence; *c; c++) {
		if (c[0] == '%' && c[1] == 'W')
			rc_text_add(&text, "%s", where);
		else if (c[0] == '%' && c[1] == 'V')
			rc_text_add_escaped(&text, (const uint8_t *)clue->value,
					    strlen(clue->value), 48);
		else
			rc_text_add_bytes(&text, c, 1);
		if (c[0] == '%')
			c++;
	}
	rc_text_add(&text, ", %s", because);
	snprintf(reason->text, sizeof(reason->text), "%s", rc_text_get(&text));
	rc_text_free(&text);
}

static void add_reason(struct score *score, const struct board_clue *clue, int weight,
		       const char *because)
{
	struct reason *reason = &score->reasons[score->count];

	if (score->count == MAX_REASONS)
		return;
	reason->weight = weight;
	say(clue, because, reason);
	score->sum += weight;
	score->contradicted |= weight < 0;
	score->count++;
}

static const struct board_clue *find_clue(const struct board_clue *clues, size_t count,
					  const char *kind, const char *pattern)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(clues[i].kind, kind) == 0 && clues[i].value &&
		    fnmatch(pattern, clues[i].value, 0) == 0)
			return &clues[i];
	}
	return NULL;
}

enum loader_match { LOADER_OTHER, LOADER_SAME_VERSION, LOADER_SAME_DIGEST };

static enum loader_match match_loader(const struct board_bootloader *known,
				      const struct board_clue *clue)
{
	static const char prefix[] = "U-Boot ";
	const char *value = clue->value ? clue->value : "";
	size_t length = strlen(known->version);

	if (strcmp(clue->kind, "bootloader") == 0)
		return board_bootloader_has_digest(known, value) ? LOADER_SAME_DIGEST
								 : LOADER_OTHER;
	if (strcmp(clue->kind, "version") != 0 || length == 0)
		return LOADER_OTHER;
	if (strncmp(value, prefix, strlen(prefix)) == 0)
		value += strlen(prefix);
	/* MStar builds go on: "2015.01 (...), Build: jenkins-...". */
	if (strncmp(known->version, value, length) != 0 || (value[length] && value[length] != ','))
		return LOADER_OTHER;
	return LOADER_SAME_VERSION;
}

/* The strongest of what the clues say of this board's known bootloaders. */
static void score_bootloaders(struct score *score, const struct board_clue *clues, size_t count)
{
	static const int weights[][3] = {
		[BOOTLOADER_STOCK] = { 0, WEIGHT_STOCK_VERSION, WEIGHT_STOCK_DIGEST },
		[BOOTLOADER_OPEN] = { 0, WEIGHT_OPEN_VERSION, WEIGHT_OPEN_DIGEST },
		[BOOTLOADER_UNKNOWN] = { 0, WEIGHT_OPEN_VERSION, WEIGHT_OPEN_DIGEST },
	};
	const struct board_bootloader *best_loader = NULL;
	const struct board_clue *best_clue = NULL;
	int best = 0;
	char because[160];

	for (size_t i = 0; i < score->board->bootloader_count; i++) {
		const struct board_bootloader *known = &score->board->bootloaders[i];

		for (size_t n = 0; n < count; n++) {
			int weight = weights[known->origin][match_loader(known, &clues[n])];

			if (weight <= best)
				continue;
			best = weight;
			best_loader = known;
			best_clue = &clues[n];
		}
	}
	if (!best)
		return;
	snprintf(because, sizeof(because), "%s bootloader of this camera: %s",
		 best_loader->origin == BOOTLOADER_STOCK ? "a stock" : "an open",
		 best_loader->version[0] ? best_loader->version : best_loader->name);
	if (strcmp(best_clue->kind, "version") == 0)
		*strchr(because, ':') = '\0';
	add_reason(score, best_clue, best, because);
}

static int compare_reasons(const void *a, const void *b)
{
	const struct reason *x = a;
	const struct reason *y = b;

	return abs(y->weight) - abs(x->weight);
}

static void score_board(struct score *score, const struct board *board,
			const struct board_clue *clues, size_t count)
{
	*score = (struct score){ .board = board };
	score_bootloaders(score, clues, count);
	for (size_t i = 0; i < board->evidence_count; i++) {
		const struct board_evidence *evidence = &board->evidence[i];
		const struct board_clue *clue = find_clue(clues, count, evidence->kind,
							  evidence->pattern);

		if (clue)
			add_reason(score, clue, evidence->weight, evidence->because);
	}
	qsort(score->reasons, score->count, sizeof(score->reasons[0]), compare_reasons);
}

/* Highest sum first; of equals the one with the smaller id, so that it does not
 * hang on the order of anything. */
static int compare_scores(const void *a, const void *b)
{
	const struct score *x = a;
	const struct score *y = b;

	if (x->sum != y->sum)
		return y->sum - x->sum;
	return strcmp(x->board->id, y->board->id);
}

static void note_reason(struct board_match *match, const char *text)
{
	size_t room = RC_COUNT(match->because);

	if (match->because_count < room)
		snprintf(match->because[match->because_count++], sizeof(match->because[0]), "%s",
			 text);
}

static enum board_confidence confidence_of(const struct score *best, int margin)
{
	if (best->sum < GUESS_SCORE)
		return BOARD_UNKNOWN;
	if (best->sum >= CERTAIN_SCORE && margin >= CERTAIN_MARGIN && !best->contradicted)
		return BOARD_CERTAIN;
	if (best->sum >= LIKELY_SCORE && margin >= LIKELY_MARGIN)
		return BOARD_LIKELY;
	return BOARD_GUESS;
}

static void conclude(const struct score *scores, size_t count, struct board_match *match)
{
	int second = count > 1 && scores[1].sum > 0 ? scores[1].sum : 0;
	char text[192];

	match->confidence = confidence_of(&scores[0], scores[0].sum - second);
	if (match->confidence == BOARD_UNKNOWN)
		return;
	match->board = scores[0].board;
	for (size_t i = 0; i < scores[0].count; i++)
		note_reason(match, scores[0].reasons[i].text);
	if (match->confidence != BOARD_GUESS || second == 0 ||
	    scores[0].sum - second >= LIKELY_MARGIN)
		return;
	snprintf(text, sizeof(text), "but it could be %s as well: name it with --board ID",
		 scores[1].board->name);
	if (match->because_count == RC_COUNT(match->because))
		match->because_count--;
	note_reason(match, text);
}

/* The user's word stands; what speaks for another camera is said all the same. */
static int conclude_forced(const struct boards *boards, const char *forced,
			   const struct score *scores, size_t count, struct board_match *match,
			   struct rc_error *err)
{
	const struct board *board = boards_find(boards, forced);
	char text[192];

	if (!board)
		return rc_fail(err, RC_EUSAGE,
			       "there is no board \"%s\": \"recam boards\" lists those there are",
			       forced);
	match->board = board;
	match->confidence = BOARD_CERTAIN;
	note_reason(match, "you named it");
	for (size_t i = 0; i < count && scores[i].sum > 0; i++) {
		const struct score *score = &scores[i];
		bool own = score->board == board;

		if (!own && i == 0 && score->sum >= LIKELY_SCORE && score->count > 0) {
			snprintf(text, sizeof(text), "but %.150s speaks for %s",
				 score->reasons[0].text, score->board->id);
			note_reason(match, text);
		}
		for (size_t n = 0; own && n < score->count; n++)
			note_reason(match, score->reasons[n].text);
	}
	return 0;
}

int board_identify(const struct boards *boards, const struct board_clue *clues, size_t count,
		   const char *forced, struct board_match *match, struct rc_error *err)
{
	struct score *scores;
	int result = 0;

	*match = (struct board_match){ 0 };
	if (boards->count == 0)
		return 0;
	scores = calloc(boards->count, sizeof(*scores));
	if (!scores)
		return rc_fail_memory(err, boards->count * sizeof(*scores));
	for (size_t i = 0; i < boards->count; i++)
		score_board(&scores[i], &boards->all[i], clues, count);
	qsort(scores, boards->count, sizeof(*scores), compare_scores);
	if (forced)
		result = conclude_forced(boards, forced, scores, boards->count, match, err);
	else
		conclude(scores, boards->count, match);
	free(scores);
	return result;
}
