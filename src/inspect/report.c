/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/report.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* True for findings that say the same of the same place: told once, with all evidence. */
bool report_is_same(const struct finding *a, const struct finding *b)
{
	return a->kind == b->kind && strcmp(a->partition, b->partition) == 0;
}

static bool is_listed(const struct finding **sorted, size_t count, const struct finding *finding)
{
	for (size_t i = 0; i < count; i++) {
		if (sorted[i] == finding)
			return true;
	}
	return false;
}

const struct finding **report_sorted(const struct inspection *inspection)
{
	const struct finding *all = inspection->findings;
	const struct finding **sorted;
	size_t count = 0;

	if (inspection->finding_count == 0)
		return NULL;
	sorted = calloc(inspection->finding_count, sizeof(const struct finding *));
	for (int severity = SEVERITY_FATAL; sorted && severity >= SEVERITY_NOTE; severity--) {
		for (size_t i = 0; i < inspection->finding_count; i++) {
			if ((int)all[i].kind->severity != severity ||
			    is_listed(sorted, count, &all[i]))
				continue;
			for (size_t n = i; n < inspection->finding_count; n++) {
				if (report_is_same(&all[i], &all[n]))
					sorted[count++] = &all[n];
			}
		}
	}
	return sorted;
}

void report_mac(const struct identity *identity, bool show_secrets, char out[REPORT_MAC])
{
	char mac[18];
	size_t digits = 0;

	for (const char *c = identity->mac; *c && digits < 12; c++) {
		if (!isxdigit((unsigned char)*c))
			continue;
		mac[digits / 2 * 3 + digits % 2] = *c;
		digits++;
	}
	for (size_t i = 2; i < 17; i += 3)
		mac[i] = ':';
	mac[17] = '\0';
	if (digits < 12)
		snprintf(out, REPORT_MAC, "%s", identity->mac[0] ? "(unreadable)" : "");
	else if (show_secrets)
		snprintf(out, REPORT_MAC, "%s", mac);
	else
		rc_mask_secret(mac, out, REPORT_MAC);
}

const char *report_format_name(const struct format_report *report)
{
	if (report->format)
		return report->format->name;
	return report->state == REGION_ERASED ? "erased" : "raw";
}

enum piece_look report_look(const struct inspection *inspection, uint64_t offset, uint64_t size)
{
	enum piece_look look = PIECE_ERASED;

	if (offset < inspection->base)
		return look;
	offset -= inspection->base;
	for (uint64_t at = offset / INSPECT_PIECE;
	     at < inspection->piece_count && at * INSPECT_PIECE < offset + size; at++) {
		if (inspection->pieces[at] == PIECE_DAMAGED)
			return PIECE_DAMAGED;
		if (inspection->pieces[at] == PIECE_CONTENT)
			look = PIECE_CONTENT;
		if (inspection->pieces[at] == PIECE_UNREAD && look == PIECE_ERASED)
			look = PIECE_UNREAD;
	}
	return look;
}

void report_counts(const struct inspection *inspection, char out[REPORT_COUNTS])
{
	static const char *const words[][2] = { { "note", "notes" },
						{ "warning", "warnings" },
						{ "fatal", "fatal" } };
	unsigned counts[3] = { 0 };
	size_t used = 0;

	for (size_t i = 0; i < inspection->finding_count; i++)
		counts[inspection->findings[i].kind->severity]++;
	snprintf(out, REPORT_COUNTS, "none");
	for (int severity = SEVERITY_FATAL; severity >= SEVERITY_NOTE; severity--) {
		if (counts[severity] == 0 || used >= REPORT_COUNTS)
			continue;
		used += (size_t)snprintf(out + used, REPORT_COUNTS - used, "%s%u %s",
					 used ? ", " : "", counts[severity],
					 words[severity][counts[severity] != 1]);
	}
}

/* The Mi 360 family's bootloaders have no loady (facts/mstar-mi360.md 0.10). */
void report_advice(const struct inspection *inspection, const struct finding *finding,
		   struct rc_text *out)
{
	const struct board *board = inspection->board.board;

	finding_advice(finding, out);
	if (board && strcmp(board->console.dialect, "mstar") == 0 &&
	    strstr(finding->kind->advice, "recam rescue uboot:PORT"))
		rc_text_add(out,
			    " But this camera's console receives no files: run recam rescue on "
			    "file:COPY, a copy of the chip's dump, and write that with a "
			    "programmer.");
}
