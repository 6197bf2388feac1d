/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report for programs: contracts/recam.md, "recam inspect --json". */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "inspect/report.h"

/* Bytes from a dump may be no UTF-8, which JSON cannot hold: then they are escaped. */
static json_t *text(const char *value)
{
	json_t *string = json_string(value);
	struct rc_text escaped = { 0 };

	if (string)
		return string;
	rc_text_add_escaped(&escaped, (const uint8_t *)value, strlen(value), 1024);
	string = json_string(rc_text_get(&escaped));
	rc_text_free(&escaped);
	return string;
}

static json_t *text_or_null(const char *value)
{
	return *value ? text(value) : json_null();
}

static json_t *offset_or_null(uint64_t offset)
{
	return offset == FINDING_NO_OFFSET ? json_null() : json_integer((json_int_t)offset);
}

static json_t *board_json(const struct board_match *match)
{
	json_t *because = json_array();

	for (size_t i = 0; i < match->because_count; i++)
		json_array_append_new(because, text(match->because[i]));
	return json_pack("{s:o, s:s, s:o}", "id",
			 match->board ? text(match->board->id) : json_null(), "confidence",
			 board_confidence_name(match->confidence), "because", because);
}

static json_t *bootloader_json(const struct inspection *inspection)
{
	const struct board_bootloader *known = inspection->bootloader.known;
	json_t *notes = json_array();

	if (!inspection->bootloader.present) {
		json_decref(notes);
		return json_null();
	}
	for (size_t i = 0; known && i < RC_COUNT(known->notes) && known->notes[i][0]; i++)
		json_array_append_new(notes, text(known->notes[i]));
	return json_pack("{s:o, s:o, s:s, s:o}", "version", text(inspection->bootloader.version),
			 "sha256", text_or_null(inspection->bootloader.sha256), "origin",
			 bootloader_origin_name(inspection->bootloader.origin), "notes", notes);
}

/* Digests of short secrets can be tried out: those of settings and identity stay inside. */
static json_t *detail_json(const struct inspected_partition *part, bool show_secrets)
{
	bool secret = part->role == ROLE_IDENTITY || part->role == ROLE_SETTINGS;
	json_t *detail = part->report.detail ? json_copy(part->report.detail) : json_object();

	if (secret && !show_secrets)
		json_object_del(detail, "digests");
	return detail;
}

static json_t *partition_json(const struct inspected_partition *part, bool show_secrets)
{
	const struct format_report *report = &part->report;

	return json_pack("{s:o, s:I, s:I, s:s, s:I, s:s, s:o, s:I, s:s, s:o}", "name",
			 text(part->place.name), "offset", (json_int_t)part->place.offset, "size",
			 (json_int_t)part->place.size, "format", report_format_name(report), "used",
			 (json_int_t)report->used, "state", region_state_name(report->state),
			 "sha256", text_or_null(part->sha256), "files", (json_int_t)report->files,
			 "role", role_name(part->role), "detail", detail_json(part, show_secrets));
}

static json_t *identity_json(const struct identity *identity, bool show_secrets)
{
	char mac[REPORT_MAC];

	if (!identity->present)
		return json_pack("{s:b, s:n, s:n}", "present", 0, "where", "mac");
	report_mac(identity, show_secrets, mac);
	return json_pack("{s:b, s:o, s:o}", "present", 1, "where", text(identity->where), "mac",
			 text_or_null(mac));
}

static json_t *finding_json(const struct inspection *inspection, const struct finding *finding)
{
	struct rc_text advice = { 0 };
	json_t *json;

	report_advice(inspection, finding, &advice);
	json = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", finding->kind->id, "severity",
			 severity_name(finding->kind->severity), "title", finding->kind->title,
			 "partition", text_or_null(finding->partition), "offset",
			 offset_or_null(finding->offset), "evidence", text(finding->evidence),
			 "advice", text(rc_text_get(&advice)));
	rc_text_free(&advice);
	return json;
}

static json_t *card_json(const struct inspection *inspection)
{
	const struct card_verdict *card = &inspection->card;

	if (!inspection->card_judged)
		return json_null();
	return json_pack("{s:s, s:s, s:o, s:o}", "verdict", card_outcome_name(card->outcome),
			 "file", card->file, "says", text_or_null(card->says), "why",
			 text_or_null(card->why));
}

json_t *report_json(const struct inspection *inspection, const struct report_options *options)
{
	const struct finding **sorted = report_sorted(inspection);
	json_t *partitions = json_array();
	json_t *findings = json_array();
	json_t *json;

	for (size_t i = 0; i < inspection->partition_count; i++)
		json_array_append_new(partitions, partition_json(&inspection->partitions[i],
								 options->show_secrets));
	for (size_t i = 0; sorted && i < inspection->finding_count; i++)
		json_array_append_new(findings, finding_json(inspection, sorted[i]));
	free(sorted);
	json = json_pack(
		"{s:s, s:s, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "recam", RECAM_VERSION,
		"kind", inspect_kind_name(inspection->kind), "what", text(inspection->what), "size",
		(json_int_t)inspection->size, "board", board_json(&inspection->board), "bootloader",
		bootloader_json(inspection), "firmware_version",
		text_or_null(inspection->firmware_version), "layout_from",
		text_or_null(inspection->layout_from), "partitions", partitions, "identity",
		identity_json(&inspection->identity, options->show_secrets), "findings", findings);
	if (json && inspection->kind == INSPECT_CARD)
		json_object_set_new(json, "card", card_json(inspection));
	return json;
}
