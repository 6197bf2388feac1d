/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/shell.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/answer.h"

/* No NOR of a camera is larger, and no table of partitions adds up to more. */
#define MAX_TOTAL (64u * 1024 * 1024)
/* Of a line to read -r: many of them fit in what the kernel keeps for a terminal (4 KiB). */
#define LINE_ROOM 100u

/* The line as a string, where it fits and holds no NUL. */
static bool line_text(struct rc_span line, char *text, size_t size)
{
	if (line.size >= size || memchr(line.data, 0, line.size))
		return false;
	memcpy(text, line.data, line.size);
	text[line.size] = '\0';
	return true;
}

static bool take_mtd_line(const char *text, struct shell_mtd *mtd)
{
	unsigned number, size, erase_size;
	char name[SHELL_MTD_NAME];
	int end = 0;

	if (sscanf(text, "mtd%2u: %8x %8x \"%15[^\"]\"%n", &number, &size, &erase_size, name,
		   &end) != 4 ||
	    end == 0 || text[end] != '\0')
		return false;
	if (number != mtd->count || mtd->count == SHELL_MAX_MTD || size == 0 ||
	    size > MAX_TOTAL - mtd->total || erase_size > MAX_TOTAL)
		return false;
	mtd->parts[number].offset = mtd->total;
	mtd->parts[number].size = size;
	mtd->parts[number].erase_size = erase_size;
	snprintf(mtd->parts[number].name, sizeof(name), "%s", name);
	mtd->count++;
	mtd->total += size;
	return true;
}

bool shell_parse_mtd(struct rc_span answer, struct shell_mtd *mtd)
{
	struct rc_span line;
	bool header = false;

	*mtd = (struct shell_mtd){ 0 };
	while (answer_next_line(&answer, &line)) {
		char text[96];

		if (!line_text(line, text, sizeof(text)))
			return false;
		if (strncmp(text, "dev:", 4) == 0 && !header)
			header = true;
		else if (*text && (!header || !take_mtd_line(text, mtd)))
			return false;
	}
	return mtd->count > 0;
}

static uint32_t take_id(const char *text)
{
	unsigned id, high, middle, low;
	const char *place = strstr(text, "the id code = ");

	/* sscanf would take a sign as well. */
	if (place && sscanf(place, "the id code = %6x,", &id) == 1 && id <= 0xffffff)
		return id;
	place = strstr(text, "Flash is detected (");
	if (place &&
	    sscanf(place, "Flash is detected (0x%*4x, 0x%2x, 0x%2x, 0x%2x)", &high, &middle,
		   &low) == 3 &&
	    high <= 0xff && middle <= 0xff && low <= 0xff)
		return high << 16 | middle << 8 | low;
	return 0;
}

uint32_t shell_parse_flash_id(struct rc_span messages)
{
	struct rc_span line;
	uint32_t id = 0;

	while (id == 0 && answer_next_line(&messages, &line)) {
		char text[256];

		if (line_text(line, text, sizeof(text)))
			id = take_id(text);
	}
	return id == 0xffffff ? 0 : id;
}

int shell_parse_root(struct rc_span cmdline)
{
	static const char key[] = "root=/dev/mtdblock";
	const uint8_t *place = rc_find(cmdline, key, sizeof(key) - 1);
	struct rc_span rest;

	if (!place)
		return -1;
	rest = rc_span_sub(cmdline, (size_t)(place - cmdline.data) + sizeof(key) - 1, 2);
	if (rest.size == 0 || !isdigit(rest.data[0]))
		return -1;
	if (rest.size == 2 && isdigit(rest.data[1]))
		return (rest.data[0] - '0') * 10 + rest.data[1] - '0';
	return rest.data[0] - '0';
}

bool shell_parse_mounted(struct rc_span mounts, unsigned number, char where[SHELL_PATH])
{
	struct rc_span line;
	char device[32];

	snprintf(device, sizeof(device), "/dev/mtdblock%u", number);
	while (answer_next_line(&mounts, &line)) {
		char text[256], from[64];

		if (line_text(line, text, sizeof(text)) &&
		    sscanf(text, "%63s %63s ", from, where) == 2 && strcmp(from, device) == 0)
			return true;
	}
	return false;
}

bool shell_parse_gzip(struct rc_span answer, struct rc_buffer *out)
{
	static const uint8_t magic[] = { 0x1f, 0x8b, 8 };
	const uint8_t *start = rc_find(answer, magic, sizeof(magic));
	struct rc_span rest;

	if (!start)
		return false;
	rest = rc_span_sub(answer, (size_t)(start - answer.data), answer.size);
	while (rest.size) {
		const uint8_t *end = memchr(rest.data, '\n', rest.size);
		size_t length = end ? (size_t)(end - rest.data) : rest.size;
		size_t kept = end && length && rest.data[length - 1] == '\r' ? length - 1 : length;

		rc_buffer_append(out, rest.data, kept);
		if (end)
			rc_buffer_append(out, "\n", 1);
		rest = rc_span_sub(rest, length + (end ? 1 : 0), rest.size);
	}
	return !out->failed;
}

/* What neither read, nor printf, nor a terminal takes for something else. */
static bool is_plain(uint8_t c)
{
	return c > ' ' && c < 0x7f && !strchr("\\%.-\"'", c);
}

bool shell_make_lines(struct rc_span data, struct rc_buffer *out)
{
	size_t column = 0;

	for (size_t i = 0; i < data.size; i++) {
		uint8_t c = data.data[i];
		bool digit = i + 1 < data.size && isdigit(data.data[i + 1]);
		char text[8];
		int length = snprintf(text, sizeof(text),
				      is_plain(c) ? "%c"
				      : digit     ? "\\%03o"
						  : "\\%o",
				      c);

		rc_buffer_append(out, text, (size_t)length);
		column += (size_t)length;
		if (column >= LINE_ROOM) {
			rc_buffer_append(out, "\n", 1);
			column = 0;
		}
	}
	rc_buffer_append(out, column ? "\n.\n" : ".\n", column ? 3 : 2);
	return !out->failed;
}

/* busybox asks the terminal where its cursor is behind each prompt. */
static struct rc_span without_escape(struct rc_span line)
{
	static const char where[] = "\x1b[6n";

	if (line.size >= 4 && memcmp(line.data + line.size - 4, where, 4) == 0)
		line.size -= 4;
	while (line.size && line.data[line.size - 1] == ' ')
		line.size--;
	return line;
}

static bool ends_in(struct rc_span line, const char *text)
{
	size_t length = strlen(text);

	return line.size >= length && memcmp(line.data + line.size - length, text, length) == 0;
}

enum shell_sight shell_look(struct rc_span text, struct rc_span *line)
{
	static const struct {
		const char *end;
		enum shell_sight sight;
		bool whole; /* the line is nothing else */
	} ends[] = {
		{ "isvp_t20#", SHELL_UBOOT, true },
		{ "isvp#", SHELL_UBOOT, true },
		{ "U-Boot>", SHELL_UBOOT, true },
		{ "SigmaStar #", SHELL_UBOOT, true },
		{ "MStar #", SHELL_UBOOT, true },
		{ "login:", SHELL_LOGIN, false },
		{ "assword:", SHELL_PASSWORD, false },
		{ "#", SHELL_ROOT, false },
		{ "$", SHELL_USER, false },
	};
	static const char enter[] = "Please press Enter to activate";
	size_t start = text.size;

	while (start > 0 && text.data[start - 1] != '\n' && text.data[start - 1] != '\r')
		start--;
	*line = without_escape(rc_span_sub(text, start, text.size));
	for (size_t i = 0; i < RC_COUNT(ends); i++)
		if (ends_in(*line, ends[i].end) &&
		    (!ends[i].whole || line->size == strlen(ends[i].end)))
			return ends[i].sight;
	/* The rest of that line may follow in the same breath, with a line end. */
	start = text.size > 80 ? text.size - 80 : 0;
	if (rc_find(rc_span_sub(text, start, 80), enter, sizeof(enter) - 1))
		return SHELL_ENTER;
	return SHELL_NOTHING;
}
