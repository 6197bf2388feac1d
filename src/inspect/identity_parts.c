/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/identity_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "format/flsh.h"
#include "inspect/secrets.h"

/* facts/bootloaders-and-flash.md 1.5: the lengths that four dumps of four cameras have. */
#define UID_LENGTH 43u
#define MAC_LENGTH 32u
#define IP_LENGTH  184u

#define APLINK_MARK   "2017_APLINK"
#define APLINK_MAC_AT 0x13u

bool identity_mac(const char *text, char out[18])
{
	uint8_t mac[6];
	size_t used = mac_read((const uint8_t *)text, strlen(text), mac);

	if (!used || text[used])
		return false;
	snprintf(out, 18, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
	return true;
}

static struct identity_field *add_field(struct identity_part *part, const char *name,
					const void *value, size_t size, bool secret)
{
	struct identity_field *field;
	size_t used = 0;

	if (part->field_count == IDENTITY_MAX_FIELDS)
		return NULL;
	field = &part->fields[part->field_count++];
	*field = (struct identity_field){ .secret = secret };
	snprintf(field->name, sizeof(field->name), "%s", name);
	for (size_t i = 0; i < size && used + 1 < sizeof(field->value); i++) {
		uint8_t c = ((const uint8_t *)value)[i];

		if (c)
			field->value[used++] = (char)(c >= 0x20 && c < 0x7f ? c : '?');
	}
	return field;
}

static void check_length(struct identity_field *field, size_t wanted)
{
	if (field && strlen(field->value) != wanted)
		snprintf(field->wrong, sizeof(field->wrong), "it has %zu characters, not %zu",
			 strlen(field->value), wanted);
}

static void check_set(struct identity_field *field, const char *set, const char *what)
{
	if (field && !field->wrong[0] && field->value[strspn(field->value, set)])
		snprintf(field->wrong, sizeof(field->wrong), "it is not of %s alone", what);
}

static void check_alnum(struct identity_field *field)
{
	for (const char *at = field ? field->value : ""; *at; at++) {
		if (!isalnum((unsigned char)*at) && !field->wrong[0])
			snprintf(field->wrong, sizeof(field->wrong),
				 "it is not of letters and digits alone");
	}
}

#define DIGITS     "0123456789"
#define HEX_DIGITS DIGITS "abcdefABCDEF"

/* A camera's own address is one device's, and not blank. */
static void take_mac(struct identity_part *part, struct identity_report *report, const char *text)
{
	char mac[18];
	struct identity_field *field;
	bool is_mac = identity_mac(text, mac);

	field = add_field(part, "MAC address", is_mac ? mac : text, strlen(is_mac ? mac : text),
			  true);
	if (!field)
		return;
	if (!is_mac)
		snprintf(field->wrong, sizeof(field->wrong), "it is no MAC address");
	else if (strcmp(mac, "00:00:00:00:00:00") == 0 || strcmp(mac, "FF:FF:FF:FF:FF:FF") == 0)
		snprintf(field->wrong, sizeof(field->wrong), "it is blank");
	else if (!report->mac[0])
		memcpy(report->mac, mac, sizeof(mac));
}

static void set_wrong(struct identity_part *part, const char *wrong)
{
	if (!part->wrong[0])
		snprintf(part->wrong, sizeof(part->wrong), "%.199s", wrong);
}

/* --- .product_config --- */

static struct rc_span line_of(struct rc_span text, const char *key)
{
	const uint8_t *found = rc_find(text, key, strlen(key));
	struct rc_span rest;
	size_t size = 0;

	if (!found)
		return (struct rc_span){ 0 };
	found += strlen(key);
	rest = rc_span_sub(text, (size_t)(found - text.data), text.size);
	while (size < rest.size && rest.data[size] >= 0x20 && rest.data[size] < 0x7f)
		size++;
	rest.size = size;
	return rest;
}

/* "12 hex digits|8 digits|16 letters and digits|4 digits". */
static void take_uid(struct identity_part *part, struct rc_span uid)
{
	static const struct {
		const char *name, *set, *what;
		size_t length;
	} pieces[] = { { "Cloud id, device", HEX_DIGITS, "hex digits", 12 },
		       { "Cloud id, number", DIGITS, "digits", 8 },
		       { "Cloud key", NULL, NULL, 16 },
		       { "Cloud id, last", DIGITS, "digits", 4 } };
	size_t at = 0;

	for (size_t i = 0; i < RC_COUNT(pieces); i++) {
		const uint8_t *bar = at < uid.size ? memchr(uid.data + at, '|', uid.size - at)
						   : NULL;
		size_t end = bar ? (size_t)(bar - uid.data) : uid.size;
		struct identity_field *field = add_field(part, pieces[i].name, uid.data + at,
							 at < end ? end - at : 0, true);

		check_length(field, pieces[i].length);
		if (pieces[i].set)
			check_set(field, pieces[i].set, pieces[i].what);
		else
			check_alnum(field);
		at = end < uid.size ? end + 1 : uid.size;
	}
}

static void read_product_config(struct rc_span text, struct identity_part *part,
				struct identity_report *report)
{
	struct rc_span mac = line_of(text, "NETRELATED_MAC="), ip = line_of(text, "NETRELATED_IP=");
	struct rc_span uid = line_of(text, "UserRelated_UID=");
	char first[13] = "";

	if (!mac.size) {
		set_wrong(part, "there is no line NETRELATED_MAC= in .product_config");
		return;
	}
	memcpy(first, mac.data, mac.size < 12 ? mac.size : 12);
	take_mac(part, report, first);
	if (mac.size != MAC_LENGTH)
		set_wrong(part, "NETRELATED_MAC has not 32 characters");
	take_uid(part, uid);
	if (uid.size != UID_LENGTH)
		set_wrong(part, "UserRelated_UID has not 43 characters");
	/* Cameras that were never bound may lack it. */
	if (ip.size)
		check_length(add_field(part, "Cloud data", ip.data, ip.size, true), IP_LENGTH);
}

/* Files of the settings partition (facts 1.5). */
static const struct {
	const char *file, *name;
	bool secret;
} settings_files[] = {
	{ "/.wifissid", "Wi-Fi name", true },  { "/.wifipasswd", "Wi-Fi password", true },
	{ "/.wifitype", "Wi-Fi type", false }, { "/.camera_encyid", "Camera id, encrypted", true },
	{ "/license.txt", "License", true },
};

struct reading {
	struct identity_part *part;
	struct identity_report *report;
};

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), end_size = strlen(end);

	return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

static int read_entry(void *context, const struct fs_entry *entry, struct rc_error *err)
{
	struct reading *reading = context;
	struct identity_part *part = reading->part;

	(void)err;
	if (entry->type != FS_FILE)
		return 0;
	if (ends_with(entry->path, "/.product_config")) {
		snprintf(part->where, sizeof(part->where), "%.90s", entry->path);
		part->settings = false;
		if (entry->damaged)
			set_wrong(part, ".product_config is damaged");
		read_product_config(entry->content, part, reading->report);
	}
	for (size_t i = 0; i < RC_COUNT(settings_files); i++) {
		if (!ends_with(entry->path, settings_files[i].file))
			continue;
		snprintf(part->where, sizeof(part->where), "files");
		part->settings = true;
		add_field(part, settings_files[i].name, entry->content.data, entry->content.size,
			  settings_files[i].secret);
	}
	return 0;
}

static void read_jffs2(struct rc_span bytes, struct identity_part *part,
		       struct identity_report *report)
{
	struct reading reading = { part, report };
	struct fs_visitor visitor = { .visit = read_entry, .context = &reading };
	struct format_report checked = { 0 };
	struct rc_error err;

	if (format_check(bytes, &format_jffs2, &visitor, &checked, &err))
		set_wrong(part, err.text);
	else if (checked.state == REGION_DAMAGED && checked.problem_count)
		set_wrong(part, checked.problems[0].text);
	format_report_clear(&checked);
}

/* --- FLSH --- */

static const struct {
	const char *key, *name;
	bool secret;
	size_t length; /* 0: any */
	const char *set, *what;
} flsh_fields[] = {
	{ "model", "Model", false, 0, NULL, NULL },
	{ "did", "Cloud id (did)", true, 9, DIGITS, "digits" },
	{ "key", "Cloud key", true, 16, NULL, NULL },
	{ "hid", "Hardware id", true, 0, NULL, NULL },
	{ "fid", "Factory id", true, 0, NULL, NULL },
	{ "miio_ssid", "Wi-Fi name", true, 0, NULL, NULL },
	{ "miio_passwd", "Wi-Fi password", true, 0, NULL, NULL },
	{ "miio_token", "Token", true, 0, NULL, NULL },
	{ "miio_uid", "Owner's id", true, 0, NULL, NULL },
};

static void read_flsh(struct rc_span bytes, struct identity_part *part,
		      struct identity_report *report)
{
	struct flsh settings;
	struct rc_error err;
	char value[200];

	snprintf(part->where, sizeof(part->where), "FLSH settings");
	if (flsh_parse(bytes, &settings, &err)) {
		set_wrong(part, err.text);
		return;
	}
	part->settings = !flsh_get(&settings, "mac", value, sizeof(value));
	if (!part->settings)
		take_mac(part, report, value);
	for (size_t i = 0; i < RC_COUNT(flsh_fields); i++) {
		struct identity_field *field;

		if (!flsh_get(&settings, flsh_fields[i].key, value, sizeof(value)))
			continue;
		field = add_field(part, flsh_fields[i].name, value, strlen(value),
				  flsh_fields[i].secret);
		if (flsh_fields[i].length)
			check_length(field, flsh_fields[i].length);
		if (flsh_fields[i].set)
			check_set(field, flsh_fields[i].set, flsh_fields[i].what);
		if (strcmp(flsh_fields[i].key, "model") == 0)
			snprintf(report->model, sizeof(report->model), "%.63s", value);
	}
	if (!part->settings && (!flsh_get(&settings, "did", value, sizeof(value)) ||
				!flsh_get(&settings, "key", value, sizeof(value))))
		set_wrong(part, "it has no did or no key: the cloud would not know the camera");
}

static void read_aplink(struct rc_span bytes, struct identity_part *part,
			struct identity_report *report)
{
	char mac[18] = "";

	snprintf(part->where, sizeof(part->where), APLINK_MARK);
	memcpy(mac, bytes.data + APLINK_MAC_AT, 17);
	take_mac(part, report, mac);
}

/* --- A partition, and all of them --- */

void identity_part_read(struct rc_span bytes, struct identity_part *part,
			struct identity_report *report)
{
	part->blank = rc_all_bytes(bytes.data, bytes.size, 0xff) ||
		      rc_all_bytes(bytes.data, bytes.size, 0x00);
	if (part->blank)
		return;
	if (bytes.size >= FLSH_HEADER_SIZE && memcmp(bytes.data, "FLSH", 4) == 0)
		read_flsh(bytes, part, report);
	else if (bytes.size >= APLINK_MAC_AT + 17 &&
		 memcmp(bytes.data, APLINK_MARK, strlen(APLINK_MARK)) == 0)
		read_aplink(bytes, part, report);
	else if (format_jffs2.probe(bytes))
		read_jffs2(bytes, part, report);
	else if (!part->settings)
		set_wrong(part, "it begins as no identity partition does");
	if (!part->settings && !part->where[0])
		set_wrong(part, "no identity is in it");
	for (size_t i = 0; i < part->field_count; i++) {
		struct identity_field *field = &part->fields[i];

		if (field->wrong[0] && !part->wrong[0])
			snprintf(part->wrong, sizeof(part->wrong), "%s: %s", field->name,
				 field->wrong);
	}
}

static void read_parts(struct rc_span image, const struct inspection *inspection,
		       struct identity_report *report)
{
	for (size_t i = 0; i < inspection->partition_count; i++) {
		const struct inspected_partition *from = &inspection->partitions[i];
		struct identity_part *part = &report->parts[report->part_count];
		struct rc_span bytes = rc_span_sub(image, from->place.offset, from->place.size);
		bool alone = inspection->kind == INSPECT_PARTITION;

		if ((from->role != ROLE_IDENTITY && from->role != ROLE_SETTINGS && !alone) ||
		    report->part_count == IDENTITY_MAX_PARTS || bytes.size != from->place.size)
			continue;
		memcpy(part->name, from->place.name, sizeof(part->name));
		part->offset = from->place.offset;
		part->size = from->place.size;
		part->settings = from->role == ROLE_SETTINGS;
		identity_part_read(bytes, part, report);
		report->part_count++;
	}
}

int identity_read(struct rc_span image, const struct boards *boards, const char *board,
		  struct identity_report *report, struct rc_error *err)
{
	const struct inspect_options options = { .boards = boards, .board = board };
	struct inspection inspection = { 0 };
	int status = inspect_bytes(image, &options, &inspection, err);

	*report = (struct identity_report){ 0 };
	if (status)
		return status;
	if (inspection.kind == INSPECT_FLASH || inspection.kind == INSPECT_PARTITION)
		read_parts(image, &inspection, report);
	if (inspection.board.board && inspection.board.confidence >= BOARD_LIKELY)
		snprintf(report->board, sizeof(report->board), "%s", inspection.board.board->id);
	if (report->part_count == 0)
		status = rc_fail(
			err, RC_EFORMAT,
			"no identity can be in it, it is %s: give a whole flash dump, or the "
			"partition that holds it (para, config, FACTORY, factory)",
			inspection.what);
	inspection_clear(&inspection);
	return status;
}

bool identity_is_whole(const struct identity_report *report)
{
	return report->mac[0] && !identity_wrong(report)[0];
}

const char *identity_wrong(const struct identity_report *report)
{
	for (size_t i = 0; i < report->part_count; i++) {
		if (report->parts[i].wrong[0] && !report->parts[i].settings)
			return report->parts[i].wrong;
	}
	return "";
}
