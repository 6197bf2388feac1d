/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAM by typed words, for a console that takes no files: slow, so that nothing is typed
 * that is there already. The camera's own CRC-32 finds what differs, half by half.
 */
#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "console/uboot_line.h"

/* Below this a crc32 costs as much as typing it. */
#define SMALLEST 256u

/* U-Boot's line has 256 bytes with its end; the longest of these words takes 32. */
#define LINE_ROOM   256u
#define WORD_LENGTH 32u

#define MW_MS 20000u

struct typing {
	struct uboot *uboot;
	char line[LINE_ROOM];
	size_t length;
	void (*sent)(void *context, size_t bytes);
	void *context;
};

static int enter_line(struct typing *typing, struct rc_error *err)
{
	struct rc_span answer;
	int result = 0;

	if (typing->length)
		result = uboot_command(typing->uboot, typing->line, MW_MS, &answer, err);
	typing->length = 0;
	return result;
}

/* count words of one value. */
static int type_run(struct typing *typing, uint32_t address, uint32_t value, size_t count,
		    struct rc_error *err)
{
	int length, result = 0;

	if (typing->length + WORD_LENGTH >= LINE_ROOM)
		result = enter_line(typing, err);
	if (result)
		return result;
	length = snprintf(typing->line + typing->length, LINE_ROOM - typing->length,
			  "%smw.l %x %x %zx", typing->length ? ";" : "", address, value, count);
	typing->length += (size_t)length;
	return 0;
}

static int type_all(struct typing *typing, uint32_t address, const uint8_t *data, size_t size,
		    struct rc_error *err)
{
	size_t words = size / 4;
	int result = 0;

	for (size_t i = 0, run; i < words && result == 0; i += run) {
		uint32_t value = rc_le32(data + 4 * i);

		for (run = 1; i + run < words && rc_le32(data + 4 * (i + run)) == value; run++)
			;
		result = type_run(typing, address + (uint32_t)(4 * i), value, run, err);
	}
	return result == 0 ? enter_line(typing, err) : result;
}

static bool is_one_word(const uint8_t *data, size_t size)
{
	return size > 4 && memcmp(data, data + 4, size - 4) == 0;
}

/* The depth is that of 1 MiB down to 256 bytes: 12. */
static int make_equal(struct typing *typing, uint32_t address, const uint8_t *data, size_t size,
		      struct rc_error *err)
{
	size_t half = size / 2 & ~(size_t)(SMALLEST - 1);
	uint32_t crc = 0;
	int result = uboot_crc32(typing->uboot, address, (uint32_t)size, &crc, err);

	if (result)
		return result;
	if (crc != rc_crc32(0, data, size) && size > SMALLEST && !is_one_word(data, size)) {
		result = make_equal(typing, address, data, half, err);
		return result ? result
			      : make_equal(typing, address + (uint32_t)half, data + half,
					   size - half, err);
	}
	if (crc != rc_crc32(0, data, size))
		result = type_all(typing, address, data, size, err);
	if (result == 0 && typing->sent)
		typing->sent(typing->context, size);
	return result;
}

int uboot_type_words(struct uboot *uboot, uint32_t address, const uint8_t *data, size_t size,
		     void (*sent)(void *context, size_t bytes), void *context, struct rc_error *err)
{
	struct typing typing = { .uboot = uboot, .sent = sent, .context = context };

	if (address % 4 || size % 4 || size == 0)
		return rc_fail(
			err, RC_ERANGE,
			"memory is typed in words of 4 bytes: 0x%08x and %zu are no multiples",
			address, size);
	return make_equal(&typing, address, data, size, err);
}
