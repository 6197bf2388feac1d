/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report for a person at a terminal. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/report.h"

#define LABEL_WIDTH    12
#define MIN_COLUMNS    40
#define FINDING_INDENT 11

struct page {
	FILE *out;
	const struct report_options *options;
	unsigned columns;
};

enum style { STYLE_PLAIN, STYLE_HEAD, STYLE_DIM, STYLE_GOOD, STYLE_NOTE, STYLE_WARN, STYLE_BAD };

static const char *style_on(const struct report_options *options, enum style style)
{
	static const char *const codes[] = { "",         "\033[1m",  "\033[2m",   "\033[32m",
					     "\033[36m", "\033[33m", "\033[1;31m" };

	return options->colour ? codes[style] : "";
}

static const char *style_off(const struct report_options *options, enum style style)
{
	return options->colour && style != STYLE_PLAIN ? "\033[0m" : "";
}

static void styled(const struct page *page, enum style style, const char *text)
{
	fprintf(page->out, "%s%s%s", style_on(page->options, style), text,
		style_off(page->options, style));
}

static struct page new_page(FILE *out, const struct report_options *options)
{
	unsigned columns = options->columns ? options->columns : 80;

	return (struct page){ out, options, columns < MIN_COLUMNS ? MIN_COLUMNS : columns };
}

/* Writes text in words, its lines indented; the first continues at column. */
static void wrap(const struct page *page, const char *text, unsigned column, unsigned indent)
{
	bool first = true;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (!first && column + 1 + word > page->columns) {
			fprintf(page->out, "\n%*s", (int)indent, "");
			column = indent;
			first = true;
		}
		fprintf(page->out, "%s%.*s", first ? "" : " ", (int)word, text);
		column += (unsigned)word + !first;
		first = false;
		text += word;
		text += strspn(text, " ");
	}
	fputc('\n', page->out);
}

static void label(const struct page *page, const char *name)
{
	styled(page, STYLE_HEAD, name);
	fprintf(page->out, "%*s", (int)(LABEL_WIDTH - strlen(name)), "");
}

__attribute__((format(printf, 3, 4))) static void entry(const struct page *page, const char *name,
							const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (*name)
		label(page, name);
	else
		fprintf(page->out, "%*s", LABEL_WIDTH, "");
	wrap(page, text, LABEL_WIDTH, LABEL_WIDTH + (*name ? 0 : 2));
}

/* --- What it is --- */

static void print_board(const struct page *page, const struct board_match *match)
{
	if (!match->board) {
		entry(page, "Board", "not recognised; recam boards lists those that recam knows");
		return;
	}
	entry(page, "Board", "%s (%s), %s", match->board->name, match->board->id,
	      match->confidence == BOARD_GUESS ? "a guess"
					       : board_confidence_name(match->confidence));
	for (size_t i = 0; i < match->because_count; i++)
		entry(page, "", "- %s", match->because[i]);
}

static void print_bootloader(const struct page *page, const struct inspection *inspection)
{
	const struct board_bootloader *known = inspection->bootloader.known;
	const char *version = inspection->bootloader.version;

	if (!inspection->bootloader.present)
		return;
	entry(page, "Bootloader", "%s, %s", *version ? version : "no version in it",
	      known                                  ? bootloader_origin_name(known->origin)
	      : inspection->kind == INSPECT_BOOT_LOG ? "by its own word"
						     : "not one that recam knows");
	for (size_t i = 0; known && i < RC_COUNT(known->notes) && known->notes[i][0]; i++)
		entry(page, "", "- %s", known->notes[i]);
}

static void print_identity(const struct page *page, const struct inspection *inspection)
{
	const struct identity *identity = &inspection->identity;
	char mac[REPORT_MAC];

	if (!identity->present)
		return;
	report_mac(identity, page->options->show_secrets, mac);
	entry(page, "Identity", "%s, in %s", mac, identity->where);
}

static void print_card(const struct page *page, const struct inspection *inspection)
{
	const struct card_verdict *card = &inspection->card;

	if (inspection->card_judged)
		entry(page, "Verdict", "%s%s%s%s%s", card_outcome_name(card->outcome),
		      card->why[0] ? ": " : "", card->why, card->says[0] ? ". Its console: " : "",
		      card->says);
}

static void print_head(const struct page *page, const struct inspection *inspection)
{
	const char *source = page->options->source;
	char size[RC_SIZE_TEXT];

	if (source) {
		styled(page, STYLE_HEAD, source);
		fputc('\n', page->out);
	}
	entry(page, "It is", "%s (%s)",
	      inspection->what[0] ? inspection->what : inspect_kind_name(inspection->kind),
	      rc_size_text(size, inspection->size));
	if (inspection->kind == INSPECT_CAPTURE && !inspection->pieces)
		return;
	if (inspection->kind == INSPECT_CARD && !inspection->board.board)
		return;
	print_board(page, &inspection->board);
	print_bootloader(page, inspection);
	if (inspection->firmware_version[0])
		entry(page, "Firmware", "%s", inspection->firmware_version);
	print_identity(page, inspection);
	print_card(page, inspection);
}

/* --- The flash --- */

static char look_mark(enum piece_look look)
{
	switch (look) {
	case PIECE_ERASED:
		return '.';
	case PIECE_DAMAGED:
		return 'X';
	case PIECE_UNREAD:
		return '?';
	default:
		return '#';
	}
}

/* Bytes per character, so that the largest partition fits the width: a power of two, the
 * same for all, so that lengths can be compared. */
static uint64_t bar_scale(const struct inspection *inspection, unsigned width)
{
	uint64_t scale = INSPECT_PIECE * 4;
	uint64_t largest = 0;

	for (size_t i = 0; i < inspection->partition_count; i++) {
		if (inspection->partitions[i].place.size > largest)
			largest = inspection->partitions[i].place.size;
	}
	while (scale * width < largest)
		scale *= 2;
	return scale;
}

static void print_bar(const struct page *page, const struct inspection *inspection,
		      const struct partition *place, uint64_t scale)
{
	static const enum style styles[] = { [PIECE_CONTENT] = STYLE_GOOD,
					     [PIECE_ERASED] = STYLE_DIM,
					     [PIECE_DAMAGED] = STYLE_BAD,
					     [PIECE_UNREAD] = STYLE_DIM };
	int last = -1;

	for (uint64_t at = 0; at < place->size; at += scale) {
		uint64_t size = place->size - at < scale ? place->size - at : scale;
		enum piece_look look = report_look(inspection, place->offset + at, size);

		if ((int)look != last && page->options->colour)
			fprintf(page->out, "\033[0m%s", style_on(page->options, styles[look]));
		last = (int)look;
		fputc(look_mark(look), page->out);
	}
	if (page->options->colour)
		fputs("\033[0m", page->out);
}

static enum style state_style(enum region_state state)
{
	static const enum style styles[] = { [REGION_GOOD] = STYLE_GOOD,
					     [REGION_ERASED] = STYLE_DIM,
					     [REGION_DAMAGED] = STYLE_BAD,
					     [REGION_UNKNOWN] = STYLE_PLAIN,
					     [REGION_FOREIGN] = STYLE_WARN };

	return styles[state];
}

void report_map(FILE *out, const struct inspection *inspection,
		const struct report_options *options)
{
	struct page page = new_page(out, options);
	/* Two blanks, name, offset, and the bar between two bars. */
	unsigned width = page.columns - 2 - RC_PARTITION_NAME / 2 - 11 - 3;
	uint64_t scale = bar_scale(inspection, width);
	char size[RC_SIZE_TEXT];

	if (inspection->partition_count == 0 || !inspection->pieces)
		return;
	label(&page, "Flash");
	fprintf(out, "# content  . erased  X damaged%s; each stands for %s\n",
		memchr(inspection->pieces, PIECE_UNREAD, inspection->piece_count) ? "  ? not read"
										  : "",
		rc_size_text(size, scale));
	for (size_t i = 0; i < inspection->partition_count; i++) {
		const struct partition *place = &inspection->partitions[i].place;

		fprintf(out, "  %-8s 0x%06x  |", place->name, place->offset);
		print_bar(&page, inspection, place, scale);
		fprintf(out, "|\n");
	}
}

static void print_table(const struct page *page, const struct inspection *inspection)
{
	if (inspection->partition_count == 0)
		return;
	fprintf(page->out, "\n  %-8s %-9s %-9s %-12s %-8s %9s %6s\n", "name", "offset", "size",
		"format", "state", "used", "files");
	for (size_t i = 0; i < inspection->partition_count; i++) {
		const struct inspected_partition *part = &inspection->partitions[i];
		const char *state = region_state_name(part->report.state);
		char used[RC_SIZE_TEXT], files[16] = "";

		if (part->report.files)
			snprintf(files, sizeof(files), "%u", part->report.files);
		rc_size_text(used, part->report.used);
		fprintf(page->out, "  %-8s 0x%06x  0x%06x  %-12s ", part->place.name,
			part->place.offset, part->place.size, report_format_name(&part->report));
		styled(page, state_style(part->report.state), state);
		fprintf(page->out, "%*s %9s %6s\n", (int)(8 - strlen(state)), "",
			part->report.used ? used : "", files);
	}
	if (inspection->layout_from[0]) {
		fprintf(page->out, "  ");
		styled(page, STYLE_DIM, "laid out as ");
		fprintf(page->out, "%s\n", inspection->layout_from);
	}
}

/* --- Findings --- */

static void print_title(const struct page *page, const struct finding *finding)
{
	static const enum style styles[] = { STYLE_NOTE, STYLE_WARN, STYLE_BAD };
	static const char *const marks[] = { "note   ", "warning", "FATAL  " };
	enum severity severity = finding->kind->severity;

	fprintf(page->out, "\n  ");
	styled(page, styles[severity], marks[severity]);
	fprintf(page->out, "  ");
	styled(page, STYLE_HEAD, finding->kind->title);
	fprintf(page->out, "  ");
	styled(page, STYLE_DIM, finding->kind->id);
	fputc('\n', page->out);
}

static void print_paragraph(const struct page *page, struct rc_text *text)
{
	fprintf(page->out, "%*s", FINDING_INDENT, "");
	wrap(page, rc_text_get(text), FINDING_INDENT, FINDING_INDENT);
	rc_text_free(text);
}

static void print_evidence(const struct page *page, const struct finding *finding)
{
	struct rc_text text = { 0 };

	if (finding->partition[0])
		rc_text_add(&text, "%s, ", finding->partition);
	if (finding->offset != FINDING_NO_OFFSET)
		rc_text_add(&text, "at 0x%llx: ", (unsigned long long)finding->offset);
	rc_text_add(&text, "%s", finding->evidence);
	print_paragraph(page, &text);
}

static void print_findings(const struct page *page, const struct inspection *inspection)
{
	const struct finding **sorted = report_sorted(inspection);
	char counts[REPORT_COUNTS];

	report_counts(inspection, counts);
	fputc('\n', page->out);
	label(page, "Findings");
	fprintf(page->out, "%s\n", counts);
	for (size_t i = 0; sorted && i < inspection->finding_count; i++) {
		struct rc_text advice = { 0 };

		if (i == 0 || !report_is_same(sorted[i - 1], sorted[i]))
			print_title(page, sorted[i]);
		print_evidence(page, sorted[i]);
		if (i + 1 < inspection->finding_count && report_is_same(sorted[i], sorted[i + 1]))
			continue;
		report_advice(inspection, sorted[i], &advice);
		print_paragraph(page, &advice);
	}
	free(sorted);
}

void report_text(FILE *out, const struct inspection *inspection,
		 const struct report_options *options)
{
	struct page page = new_page(out, options);

	print_head(&page, inspection);
	if (inspection->partition_count && inspection->pieces) {
		fputc('\n', out);
		report_map(out, inspection, options);
		print_table(&page, inspection);
	}
	print_findings(&page, inspection);
}
