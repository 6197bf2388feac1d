/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory over a console: out by md.l, in by Ymodem or as words, all proven by crc32. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "console/uboot_line.h"
#include "console/ymodem.h"

/* Bytes asked for by one md, and proven by one crc32: what an answer buffer holds. */
#define PIECE RC_KIB(16)
#define LINES (PIECE / MD_LINE_BYTES)
/* A wrong piece is halved by crc32 down to this, and that read again. */
#define SMALLEST 256u
/* md of a whole piece takes 6 s at 115200 baud, 72 s at 9600. */
#define MD_MS 180000u
/* U-Boot's receiver flushes until 2 s pass without a byte, and may do so twice. */
#define FLUSH_MS 5000u

/* A piece being read: which of its lines have arrived. */
struct piece {
	uint32_t address;
	uint8_t *out;
	bool have[LINES];
	struct md_line taken[LINES + 1]; /* of one answer, in order of arrival */
};

/* Takes the lines of an answer for [first, first + count). An address that was changed
 * on its way would put right bytes in a wrong place, so a line must follow, or be
 * followed by, its neighbour. */
static void take_lines(struct piece *piece, struct rc_span answer, size_t first, size_t count)
{
	uint32_t start = piece->address + (uint32_t)(first * MD_LINE_BYTES);
	struct rc_span line;
	size_t taken = 0;

	while (taken < count && answer_next_line(&answer, &line)) {
		struct md_line *one = &piece->taken[taken];

		if (md_parse_line(line, 4, one) && one->count == MD_LINE_BYTES)
			taken++;
	}
	for (size_t i = 0; i < taken; i++) {
		const struct md_line *one = &piece->taken[i];
		uint32_t at = one->address;
		uint32_t index = (at - start) / MD_LINE_BYTES;
		bool follows = i > 0 && piece->taken[i - 1].address + MD_LINE_BYTES == at;
		bool followed = i + 1 < taken && piece->taken[i + 1].address == at + MD_LINE_BYTES;

		if (at < start || at % MD_LINE_BYTES || index >= count ||
		    !(follows || followed || count == 1))
			continue;
		memcpy(piece->out + (first + index) * MD_LINE_BYTES, one->bytes, MD_LINE_BYTES);
		piece->have[first + index] = true;
	}
}

/* Asks once for each run of missing lines in [first, first + count). */
static int ask_missing(struct uboot *uboot, struct piece *piece, size_t first, size_t count,
		       bool *all, struct rc_error *err)
{
	size_t end = first + count;
	size_t from = first;

	*all = true;
	while (from < end) {
		struct rc_span answer;
		char command[48];
		size_t to = from;
		int result;

		while (to < end && !piece->have[to])
			to++;
		if (to == from) {
			from++;
			continue;
		}
		/* A lone line has no neighbour to prove its address: it is asked for alone. */
		snprintf(command, sizeof(command), "md.l %08x %zx",
			 (unsigned)(piece->address + from * MD_LINE_BYTES), (to - from) * 4);
		result = uboot_command(uboot, command, MD_MS, &answer, err);
		if (result)
			return result;
		take_lines(piece, answer, from, to - from);
		for (size_t i = from; i < to; i++)
			*all &= piece->have[i];
		from = to;
	}
	return 0;
}

static int read_lines(struct uboot *uboot, struct piece *piece, size_t first, size_t count,
		      struct rc_error *err)
{
	for (int try = 0; try < 2 * UBOOT_TRIES; try++) {
		bool all;
		int result = ask_missing(uboot, piece, first, count, &all, err);

		if (result || all)
			return result;
		uboot->retries++;
	}
	return rc_fail(err, RC_EIO,
		       "some of %zu lines of memory at 0x%08x never came whole from the camera on "
		       "%s: the line is too bad, see to the cable and its ground",
		       count, (unsigned)(piece->address + first * MD_LINE_BYTES),
		       uboot->in.stream->name);
}

/* Proves [first, first + count); where the camera's checksum disagrees, the halves. The
 * depth is that of 16 KiB down to 256 bytes: 6. */
static int prove(struct uboot *uboot, struct piece *piece, size_t first, size_t count,
		 struct rc_error *err)
{
	uint32_t address = piece->address + (uint32_t)(first * MD_LINE_BYTES);
	uint32_t size = (uint32_t)(count * MD_LINE_BYTES);
	size_t half = count / 2;

	for (int try = 0; try < UBOOT_TRIES; try++) {
		uint32_t crc;
		int result = uboot_crc32(uboot, address, size, &crc, err);

		if (result)
			return result;
		if (crc == rc_crc32(0, piece->out + first * MD_LINE_BYTES, size))
			return 0;
		uboot->retries++;
		if (size > SMALLEST) {
			result = prove(uboot, piece, first, half, err);
			return result ? result
				      : prove(uboot, piece, first + half, count - half, err);
		}
		memset(piece->have + first, 0, count);
		result = read_lines(uboot, piece, first, count, err);
		if (result)
			return result;
	}
	return rc_fail(err, RC_EVERIFY,
		       "%u bytes of memory at 0x%08x were read %d times from the camera on %s, and "
		       "its own checksum never agreed: its RAM or the line is bad",
		       size, address, UBOOT_TRIES, uboot->in.stream->name);
}

int uboot_read_memory(struct uboot *uboot, uint32_t address, uint8_t *out, size_t size,
		      struct rc_error *err)
{
	struct piece *piece;
	int result = 0;

	if (address % MD_LINE_BYTES || size % MD_LINE_BYTES)
		return rc_fail(
			err, RC_ERANGE,
			"memory is read in lines of 16 bytes: 0x%08x and %zu are no multiples",
			address, size);
	piece = malloc(sizeof(*piece));
	if (!piece)
		return rc_fail_memory(err, sizeof(*piece));
	for (size_t done = 0; result == 0 && done < size; done += PIECE) {
		size_t lines = (size - done < PIECE ? size - done : PIECE) / MD_LINE_BYTES;

		memset(piece->have, 0, sizeof(piece->have));
		piece->address = address + (uint32_t)done;
		piece->out = out + done;
		result = read_lines(uboot, piece, 0, lines, err);
		if (result == 0)
			result = prove(uboot, piece, 0, lines, err);
	}
	free(piece);
	return result;
}

/* A receiver that still waits takes Ctrl-C for noise, and each one keeps its 2 s of
 * silence from passing. CAN ends it, and then there is its own flushing to wait for. At
 * the prompt CAN is Ctrl-X: it empties the line. */
static int leave_transfer(struct uboot *uboot, struct rc_error *err)
{
	static const uint8_t cancel[] = { 0x18, 0x18, 0x18, 0x18, 0x18, 0x18 };
	int result = RC_ETIMEOUT;

	for (int try = 0; result == RC_ETIMEOUT && try < UBOOT_TRIES / 2; try++) {
		result = stream_write(uboot->in.stream, cancel, sizeof(cancel), err);
		if (result == 0)
			result = expect_quiet(&uboot->in, FLUSH_MS, 4 * FLUSH_MS, err);
		expect_keep(&uboot->in, 0);
		if (result >= 0)
			result = uboot_sync(uboot, err);
	}
	return result;
}

static int load_once(struct uboot *uboot, uint32_t address, const uint8_t *data, size_t size,
		     const struct ymodem_options *options, struct rc_error *err)
{
	struct rc_error sync_err;
	char command[32];
	int result, synced;

	snprintf(command, sizeof(command), "loady %08x", address);
	result = uboot_enter(uboot, command, err);
	if (result)
		return result;
	result = ymodem_send(uboot->in.stream, data, size, options, err);
	if (result == RC_ESTOPPED)
		return result;
	synced = result == 0 ? uboot_sync(uboot, &sync_err) : RC_ETIMEOUT;
	if (synced == RC_ETIMEOUT)
		synced = leave_transfer(uboot, &sync_err);
	if (synced) {
		if (err)
			*err = sync_err;
		return synced;
	}
	return result;
}

/* By whatever way this console has; what it did is proven by the caller. */
static int bring_once(struct uboot *uboot, uint32_t address, const uint8_t *data, size_t size,
		      const struct ymodem_options *options, struct rc_error *err)
{
	if (uboot->dialect->has_loady)
		return load_once(uboot, address, data, size, options, err);
	return uboot_type_words(uboot, address, data, size, options->sent, options->context, err);
}

int uboot_load(struct uboot *uboot, uint32_t address, const uint8_t *data, size_t size,
	       void (*sent)(void *context, size_t bytes), void *context, struct rc_error *err)
{
	struct ymodem_options options = { .name = "recam", .sent = sent, .context = context };
	uint32_t wanted = rc_crc32(0, data, size);
	int result = 0;

	for (int try = 0; try < UBOOT_TRIES / 2; try++) {
		uint32_t crc = 0;

		result = bring_once(uboot, address, data, size, &options, err);
		if (result == RC_ESTOPPED)
			return result;
		if (result == 0)
			result = uboot_crc32_twice(uboot, address, (uint32_t)size, &crc, err);
		if (result == 0 && crc == wanted)
			return 0;
		if (result == 0)
			result = rc_fail(err, RC_EVERIFY,
					 "%zu bytes brought to the camera's RAM at 0x%08x over %s "
					 "have CRC-32 %08x there and %08x here: see to the cable; "
					 "nothing was written to its flash",
					 size, address, uboot->in.stream->name, crc, wanted);
		uboot->retries++;
	}
	return result;
}
