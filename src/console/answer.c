/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/answer.h"

#include <stdio.h>
#include <string.h>

bool answer_next_line(struct rc_span *rest, struct rc_span *line)
{
	const uint8_t *end;

	if (rest->size == 0)
		return false;
	end = memchr(rest->data, '\n', rest->size);
	line->data = rest->data;
	line->size = end ? (size_t)(end - rest->data) : rest->size;
	*rest = rc_span_sub(*rest, end ? line->size + 1 : line->size, rest->size);
	while (line->size > 0 && line->data[line->size - 1] == '\r')
		line->size--;
	return true;
}

/* A cursor that takes exactly what is asked for, and stays false once it could not. */
struct taker {
	struct rc_span rest;
	bool ok;
};

static void take_text(struct taker *taker, const char *text)
{
	size_t length = strlen(text);

	taker->ok = taker->ok && taker->rest.size >= length &&
		    memcmp(taker->rest.data, text, length) == 0;
	if (taker->ok)
		taker->rest = rc_span_sub(taker->rest, length, taker->rest.size);
}

/* a: the letter that 10 is, as this number is printed. */
static int digit_value(uint8_t c, char a)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= a && c <= a + 5)
		return c - a + 10;
	return -1;
}

/* Digits of base: at least min, at most max. */
static uint32_t take_digits(struct taker *taker, unsigned base, char a, size_t min, size_t max)
{
	uint64_t value = 0;
	size_t count = 0;

	while (taker->ok && count < max && count < taker->rest.size) {
		int digit = digit_value(taker->rest.data[count], a);

		if (digit < 0 || (unsigned)digit >= base)
			break;
		value = value * base + (unsigned)digit;
		count++;
	}
	taker->ok = taker->ok && count >= min && value <= UINT32_MAX;
	if (!taker->ok)
		return 0;
	taker->rest = rc_span_sub(taker->rest, count, taker->rest.size);
	return (uint32_t)value;
}

/* Lower case, as printf's %x has them. */
static uint32_t take_number(struct taker *taker, unsigned base, size_t min, size_t max)
{
	return take_digits(taker, base, 'a', min, max);
}

static uint32_t take_hex(struct taker *taker, size_t digits)
{
	return take_number(taker, 16, digits, digits);
}

static bool taken_whole(const struct taker *taker)
{
	return taker->ok && taker->rest.size == 0;
}

static struct taker taker_of(struct rc_span line)
{
	return (struct taker){ .rest = line, .ok = true };
}

static bool starts_with(struct rc_span line, const char *text)
{
	struct taker taker = taker_of(line);

	take_text(&taker, text);
	return taker.ok;
}

static bool text_column_agrees(struct rc_span column, const struct md_line *line)
{
	if (column.size != line->count)
		return false;
	for (size_t i = 0; i < line->count; i++) {
		uint8_t byte = line->bytes[i];
		uint8_t shown = byte >= 0x20 && byte < 0x7f ? byte : '.';

		if (column.data[i] != shown)
			return false;
	}
	return true;
}

bool md_parse_line(struct rc_span line, unsigned width, struct md_line *parsed)
{
	struct taker taker = taker_of(line);

	parsed->address = take_hex(&taker, 8);
	parsed->count = 0;
	take_text(&taker, ":");
	/* A word is behind one space; behind the last one stand at least four. */
	while (taker.ok && parsed->count < MD_LINE_BYTES && !starts_with(taker.rest, "  ")) {
		uint32_t word;

		take_text(&taker, " ");
		word = take_hex(&taker, (size_t)width * 2);
		for (unsigned i = 0; i < width; i++)
			parsed->bytes[parsed->count++] = (uint8_t)(word >> 8 * i);
	}
	for (size_t i = parsed->count; i < MD_LINE_BYTES; i += width)
		for (unsigned pad = 0; pad < 2 * width + 1; pad++)
			take_text(&taker, " ");
	take_text(&taker, "    ");
	return taker.ok && parsed->count > 0 && text_column_agrees(taker.rest, parsed);
}

bool crc32_parse(struct rc_span answer, uint32_t address, uint32_t size, uint32_t *crc)
{
	struct rc_span line;

	while (answer_next_line(&answer, &line)) {
		struct taker taker = taker_of(line);
		uint32_t first, last;

		take_text(&taker, "CRC32 for ");
		first = take_hex(&taker, 8);
		take_text(&taker, " ... ");
		last = take_hex(&taker, 8);
		take_text(&taker, " ==> ");
		*crc = take_hex(&taker, 8);
		if (taken_whole(&taker) && first == address && last == address + size - 1)
			return true;
	}
	return false;
}

/* Lines that only a refused or failed flash command prints (facts 3.1). */
static const char *const complaints[] = {
	"addr align as ",
	"len align as ",
	"len plus offset more than flash size!",
	"Data write overflow this chip",
	"spi nor write failed",
	"sfc read error",
	"sfc write error",
	"sfc erase error",
	"unknown erase size !",
	"the quad_mode is NULL",
	"SF: Failed to",
	"SPI flash failed in ",
	"FSP FAIL ",
	"[FSP] ",
};

struct rc_span sf_complaint(struct rc_span answer)
{
	struct rc_span line;

	while (answer_next_line(&answer, &line))
		for (size_t i = 0; i < RC_COUNT(complaints); i++)
			if (starts_with(line, complaints[i]))
				return line;
	return (struct rc_span){ 0 };
}

static enum sf_verdict sf_parse_line(struct rc_span line, enum sf_verb verb, uint32_t offset,
				     uint32_t length, uint32_t *flash_size)
{
	static const char *const done[] = { " Read: ", " Erased: ", " Written: " };
	static const char *const doing[] = { "read", "erase", "write" };
	struct taker taker = taker_of(line);
	uint32_t said_length, said_offset;

	take_text(&taker, "SF: ");
	said_length = take_number(&taker, 10, 1, 10);
	take_text(&taker, " bytes @ 0x");
	said_offset = take_number(&taker, 16, 1, 8);
	take_text(&taker, done[verb]);
	if (taker.ok && said_length == length && said_offset == offset) {
		struct taker error = taker;

		take_text(&taker, "OK");
		take_text(&error, "ERROR");
		if (taken_whole(&taker))
			return SF_OK;
		return taken_whole(&error) ? SF_FAILED : SF_UNCLEAR;
	}
	taker = taker_of(line);
	take_text(&taker, "ERROR: attempting ");
	take_text(&taker, doing[verb]);
	take_text(&taker, " past flash size (0x");
	*flash_size = take_number(&taker, 16, 1, 8);
	take_text(&taker, ")");
	if (taken_whole(&taker))
		return SF_TOO_FAR;
	return starts_with(line, "No SPI flash selected") ? SF_NO_FLASH : SF_UNCLEAR;
}

enum sf_verdict sf_parse(struct rc_span answer, enum sf_verb verb, uint32_t offset, uint32_t length,
			 uint32_t *flash_size)
{
	struct rc_span line;

	while (answer_next_line(&answer, &line)) {
		enum sf_verdict verdict = sf_parse_line(line, verb, offset, length, flash_size);

		if (verdict != SF_UNCLEAR)
			return verdict;
	}
	return SF_UNCLEAR;
}

/* A name as chips have: what is left of the line, printable, without spaces. */
static bool take_name(struct taker *taker, char *name, size_t room)
{
	size_t length = taker->rest.size;

	if (!taker->ok || length == 0 || length >= room)
		return false;
	for (size_t i = 0; i < length; i++)
		if (taker->rest.data[i] <= 0x20 || taker->rest.data[i] >= 0x7f)
			return false;
	memcpy(name, taker->rest.data, length);
	name[length] = '\0';
	return true;
}

/* "(0x090F, 0x1C, 0x70, 0x18)": the driver's own type, which an unknown chip has not, and
 * the JEDEC id. */
static void take_jedec(struct taker *taker, bool with_type, uint32_t *jedec)
{
	uint32_t id = 0;

	take_text(taker, "(0x");
	if (with_type) {
		take_digits(taker, 16, 'A', 4, 4);
		take_text(taker, ", 0x");
	}
	for (unsigned i = 0; i < 3; i++) {
		if (i)
			take_text(taker, ", 0x");
		id = id << 8 | take_digits(taker, 16, 'A', 2, 2);
	}
	take_text(taker, ")");
	if (taker->ok)
		*jedec = id;
}

/* The Mi 360's: "Flash is detected (0x090F, 0x1C, 0x70, 0x18)", or "Unknown flash type (0x5E,
 * 0x40, 0x18) and use default flash type", then "SF: Detected nor0 with total size 16 MiB". */
static void probe_parse_mstar(struct rc_span line, struct probe_answer *probe)
{
	struct taker taker = taker_of(line);

	take_text(&taker, "Flash is detected ");
	take_jedec(&taker, true, &probe->jedec);
	taker = taker_of(line);
	take_text(&taker, "Unknown flash type ");
	take_jedec(&taker, false, &probe->jedec);
	taker = taker_of(line);
	take_text(&taker, "SF: Detected nor0 with total size ");
	take_number(&taker, 10, 1, 4);
	take_text(&taker, " MiB");
	if (taken_whole(&taker)) {
		snprintf(probe->name, sizeof(probe->name), "nor0");
		probe->found = true;
	}
}

static void probe_parse_line(struct rc_span line, struct probe_answer *probe)
{
	struct taker taker = taker_of(line);
	uint32_t value;

	take_text(&taker, "the manufacturer ");
	value = take_number(&taker, 16, 1, 2);
	if (taken_whole(&taker)) {
		probe->has_maker = true;
		probe->maker = (uint8_t)value;
	}
	taker = taker_of(line);
	take_text(&taker, "the id code = ");
	value = take_number(&taker, 16, 1, 6);
	if (taken_whole(&taker))
		probe->unknown = value;
	taker = taker_of(line);
	take_text(&taker, "SF: Detected ");
	if (take_name(&taker, probe->name, sizeof(probe->name)))
		probe->found = true;
	taker = taker_of(line);
	take_text(&taker, "SF: Unsupported manufacturer ");
	value = take_number(&taker, 16, 1, 2);
	if (taken_whole(&taker)) {
		probe->refused = true;
		probe->maker = (uint8_t)value;
	}
	if (starts_with(line, "Failed to initialize SPI flash"))
		probe->failed = true;
}

bool probe_parse(struct rc_span answer, struct probe_answer *probe)
{
	struct rc_span line;

	*probe = (struct probe_answer){ 0 };
	while (answer_next_line(&answer, &line)) {
		probe_parse_line(line, probe);
		probe_parse_mstar(line, probe);
	}
	return probe->found || probe->refused || probe->failed;
}

bool version_parse(struct rc_span answer, char version[VERSION_TEXT])
{
	struct rc_span line;

	while (answer_next_line(&answer, &line)) {
		struct taker taker = taker_of(line);
		bool printable = true;

		take_text(&taker, "U-Boot ");
		if (!taker.ok || taker.rest.size == 0 || taker.rest.size >= VERSION_TEXT)
			continue;
		for (size_t i = 0; i < taker.rest.size; i++)
			printable &= taker.rest.data[i] >= 0x20 && taker.rest.data[i] < 0x7f;
		if (!printable)
			continue;
		memcpy(version, taker.rest.data, taker.rest.size);
		version[taker.rest.size] = '\0';
		return true;
	}
	return false;
}

/* The text may end anywhere: digits count when their line end has come. */
bool running_at_parse(struct rc_span text, uint32_t *address)
{
	static const char words[] = "Now running in RAM - U-Boot at: ";
	const uint8_t *found = rc_find(text, words, sizeof(words) - 1);
	struct rc_span line;
	struct taker taker;
	uint32_t value;

	if (!found)
		return false;
	text = rc_span_sub(text, (size_t)(found - text.data), text.size);
	if (!rc_find(text, "\n", 1) || !answer_next_line(&text, &line))
		return false;
	taker = taker_of(rc_span_sub(line, sizeof(words) - 1, line.size));
	value = take_hex(&taker, 8);
	if (!taken_whole(&taker))
		return false;
	*address = value;
	return true;
}

bool total_size_parse(struct rc_span answer, uint32_t *size)
{
	struct rc_span line;

	while (answer_next_line(&answer, &line)) {
		struct taker taker = taker_of(line);

		take_text(&taker, "## Total Size      = 0x");
		*size = take_hex(&taker, 8);
		take_text(&taker, " = ");
		if (*size == take_number(&taker, 10, 1, 10)) {
			take_text(&taker, " Bytes");
			if (taken_whole(&taker))
				return true;
		}
	}
	return false;
}
