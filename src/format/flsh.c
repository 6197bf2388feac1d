/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format/flsh.h"

#include <inttypes.h>
#include <string.h>

#include "base/checksum.h"
#include "base/text.h"
#include "format/format.h"

/* The checksum covers the header behind itself, then the data. */
#define CRC_AT 8u

static bool flsh_probe(struct rc_span region)
{
	return region.size >= FLSH_HEADER_SIZE && memcmp(region.data, "FLSH", 4) == 0;
}

static uint8_t crc_to(struct rc_span region, size_t end)
{
	return rc_crc8_flsh(0xff, region.data + CRC_AT + 1, end - CRC_AT - 1);
}

/* The camera's checksum covers all but the length: that is told by where the strings
 * end, with NULs to a multiple of 4 and erased flash behind. */
static int check_length(struct rc_span region, const struct flsh *settings, struct rc_error *err)
{
	struct rc_span strings = rc_span_sub(region, FLSH_HEADER_SIZE, region.size);
	size_t end = 0;

	while (end < strings.size && strings.data[end] != '\0' && strings.data[end] != 0xff) {
		const uint8_t *nul = memchr(strings.data + end, '\0', strings.size - end);

		end = nul ? (size_t)(nul - strings.data) + 1 : strings.size;
	}
	while (end < strings.size && strings.data[end] == '\0')
		end++;
	if (settings->length == end)
		return 0;
	return rc_fail(err, RC_EFORMAT,
		       "the header says %" PRIu32 " bytes of settings, they end after %zu",
		       settings->length, end);
}

/* Tries both conventions. region.size is at least the header's. */
static int check_crc(struct rc_span region, struct flsh *settings, struct rc_error *err)
{
	uint8_t runtime = crc_to(region, region.size);
	uint32_t length = settings->length;

	if (runtime == settings->crc && length <= region.size - FLSH_HEADER_SIZE) {
		settings->strings = rc_span_sub(region, FLSH_HEADER_SIZE, length);
		return check_length(region, settings, err);
	}
	if (length >= FLSH_HEADER_SIZE && length <= region.size &&
	    crc_to(region, length) == settings->crc) {
		settings->is_build_host = true;
		settings->strings = rc_span_sub(region, FLSH_HEADER_SIZE,
						length - FLSH_HEADER_SIZE);
		return 0;
	}
	if (length > region.size)
		return rc_fail(err, RC_EFORMAT,
			       "the header promises %" PRIu32 " bytes of settings, %zu are there",
			       length, region.size - FLSH_HEADER_SIZE);
	return rc_fail(err, RC_EFORMAT, "checksum is %02X, the header says %02X", runtime,
		       settings->crc);
}

int flsh_parse(struct rc_span region, struct flsh *settings, struct rc_error *err)
{
	*settings = (struct flsh){ 0 };
	region = rc_span_sub(region, 0, FLSH_SIZE);
	if (!flsh_probe(region))
		return rc_fail(
			err, RC_EFORMAT,
			"no settings: it does not begin with \"FLSH\" and a header of %u bytes",
			FLSH_HEADER_SIZE);
	settings->length = rc_le32(region.data + 4);
	settings->crc = region.data[CRC_AT];
	return check_crc(region, settings, err);
}

bool flsh_next(const struct flsh *settings, size_t *position, struct rc_span *name,
	       struct rc_span *value)
{
	struct rc_span rest = rc_span_sub(settings->strings, *position, settings->strings.size);

	while (rest.size && rest.data[0] != '\0') {
		const uint8_t *end = memchr(rest.data, '\0', rest.size);
		size_t size = end ? (size_t)(end - rest.data) : rest.size;
		const uint8_t *equals = memchr(rest.data, '=', size);

		*position += size + 1;
		if (equals) {
			size_t name_size = (size_t)(equals - rest.data);

			*name = rc_span_sub(rest, 0, name_size);
			*value = rc_span_sub(rc_span_sub(rest, 0, size), name_size + 1, size);
			return true;
		}
		rest = rc_span_sub(rest, size + 1, rest.size);
	}
	return false;
}

bool flsh_get(const struct flsh *settings, const char *name, char *out, size_t out_size)
{
	size_t position = 0;
	struct rc_span key;
	struct rc_span value;

	while (flsh_next(settings, &position, &key, &value)) {
		if (key.size != strlen(name) || memcmp(key.data, name, key.size) != 0)
			continue;
		if (value.size >= out_size)
			return false;
		memcpy(out, value.data, value.size);
		out[value.size] = '\0';
		return true;
	}
	return false;
}

int flsh_build(const char *const *entries, size_t count, uint8_t *out, size_t size,
	       struct rc_error *err)
{
	size_t at = FLSH_HEADER_SIZE;

	if (size < FLSH_HEADER_SIZE + 4)
		return rc_fail(err, RC_ERANGE, "%zu bytes are too few for settings", size);
	memset(out, 0xff, size);
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(entries[i]) + 1;

		/* 5: two NULs behind the last string, and the fill to a word. */
		if (size < at + 5 || length > size - at - 5)
			return rc_fail(err, RC_ERANGE,
				       "%zu settings do not fit %zu bytes: number %zu is too much",
				       count, size, i + 1);
		memcpy(out + at, entries[i], length);
		at += length;
	}
	out[at++] = '\0';
	do
		out[at++] = '\0';
	while (at % 4);
	memcpy(out, "FLSH", 4);
	rc_put_le32(out + 4, (uint32_t)(at - FLSH_HEADER_SIZE));
	out[9] = 1;                    /* version */
	rc_put_le16(out + 10, 0x0419); /* as the cameras have it */
	rc_put_le32(out + 12, 0x80400000);
	rc_put_le32(out + 16, 0);
	out[CRC_AT] = crc_to((struct rc_span){ out, size }, size);
	return 0;
}

/* --- The format's entry points --- */

/* Names only: values are secrets, but for the model, which is the camera's type. */
static json_t *describe(const struct flsh *settings)
{
	json_t *names = json_array();
	struct rc_span name;
	struct rc_span value;
	size_t position = 0;
	char model[64] = "";
	struct rc_text text = { 0 };
	json_t *detail;

	while (flsh_next(settings, &position, &name, &value)) {
		struct rc_text escaped = { 0 };

		rc_text_add_escaped(&escaped, name.data, name.size, 64);
		json_array_append_new(names, json_string(rc_text_get(&escaped)));
		rc_text_free(&escaped);
	}
	flsh_get(settings, "model", model, sizeof(model));
	rc_text_add_escaped(&text, (const uint8_t *)model, strlen(model), sizeof(model));
	detail = json_pack("{s:I, s:I, s:o, s:s}", "length", (json_int_t)settings->length,
			   "entries", (json_int_t)json_array_size(names), "names", names, "model",
			   rc_text_get(&text));
	rc_text_free(&text);
	return detail;
}

static int flsh_check(struct rc_span region, const struct fs_visitor *visitor,
		      struct format_report *report, struct rc_error *err)
{
	struct flsh settings;
	struct rc_error why;

	(void)visitor;
	if (flsh_parse(region, &settings, &why) < 0) {
		format_problem(report, 0, flsh_probe(region) ? region.size : 4, "%s", why.text);
		report->used = (uint32_t)rc_used_before_fill(region.data, region.size, 0xff);
		return 0;
	}
	report->used = (uint32_t)(FLSH_HEADER_SIZE + settings.strings.size);
	report->detail = describe(&settings);
	return report->detail ? 0 : rc_fail_memory(err, sizeof(json_t));
}

const struct format format_flsh = {
	.name = "flsh",
	.probe = flsh_probe,
	.check = flsh_check,
};
