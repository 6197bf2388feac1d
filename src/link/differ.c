/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/differ.h"

#include <stdbool.h>

#include "base/bytes.h"

/* As many bytes in a row that a pin gave which nobody drove. */
#define RUN 16

struct differences {
	size_t bytes;   /* that differ */
	size_t floated; /* of them, FF or 00 in one of the reads and in such a run there */
	size_t shifted; /* of them, one read is the other moved by one bit */
	size_t rose;    /* bits that are 1 in the second and 0 in the first */
	size_t fell;
};

/* The run of value around place at is RUN long or longer. */
static bool in_run(const uint8_t *data, size_t size, size_t at, uint8_t value)
{
	size_t first = at, end = at;

	while (first > 0 && at - first < RUN && data[first - 1] == value)
		first--;
	while (end < size && end - at < RUN && data[end] == value)
		end++;
	return end - first >= RUN;
}

static bool floats(const uint8_t *data, size_t size, size_t at)
{
	return (data[at] == 0xff || data[at] == 0) && in_run(data, size, at, data[at]);
}

/* A neighbour differs as well. */
static bool is_beside(const uint8_t *a, const uint8_t *b, size_t size, size_t at)
{
	return (at > 0 && a[at - 1] != b[at - 1]) || (at + 1 < size && a[at + 1] != b[at + 1]);
}

static bool is_shifted(const uint8_t *late, const uint8_t *early, size_t at)
{
	return at > 0 && late[at] == (uint8_t)(early[at] >> 1 | early[at - 1] << 7);
}

static struct differences compare(const uint8_t *a, const uint8_t *b, size_t size)
{
	struct differences found = { 0 };

	for (size_t i = 0; i < size; i++) {
		if (a[i] == b[i])
			continue;
		found.bytes++;
		found.floated += is_beside(a, b, size, i) &&
				 floats(a, size, i) != floats(b, size, i);
		found.shifted += is_shifted(a, b, i) || is_shifted(b, a, i);
		found.rose += (size_t)__builtin_popcount((unsigned)(b[i] & ~a[i]));
		found.fell += (size_t)__builtin_popcount((unsigned)(a[i] & ~b[i]));
	}
	return found;
}

const char *differ_smell(const uint8_t *a, const uint8_t *b, size_t size)
{
	const struct differences found = compare(a, b, size);

	if (found.bytes == 0)
		return "nothing";
	if (2 * found.floated > found.bytes)
		return "runs of FF or 00 in one of them only: a contact that comes and goes; clean "
		       "the "
		       "pins and set the clip anew";
	if (2 * found.shifted > found.bytes)
		return "one is the other moved by a bit: a clock edge too many or too few, from "
		       "wires "
		       "that are too long; under 10 cm, with ground beside the clock, and a lower "
		       "speed where the programmer has one";
	if (found.rose + found.fell > 64)
		return "bits all over: the supply gives way or the camera talks to its chip as "
		       "well; "
		       "measure 3.3 V at the chip while it reads, and unplug the camera";
	return "a few single bits: noise from long wires or a weak supply, or a cell that was half "
	       "written; wires under 10 cm, 100 nF at the chip, and if it stays in the same place, "
	       "the chip is worn there";
}
