/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "card/write.h"

#include <stdlib.h>
#include <string.h>

#include "card/mbr.h"

#define PIECE RC_MIB(1)

/* A backup of a GPT lies in the last sectors of a card: as long as it is there, programs ask
 * what the card is meant to be. */
#define GPT_SECTORS 34u

/* Cards that claim more than they have wrap around at their true size, or lose what lies
 * behind it. True sizes are multiples of this, so one mark in each tells. */
#define MARK_DISTANCE RC_MIB(1)

struct writer {
	struct card_device *device;
	const struct card_content *content;
	uint8_t *buffer; /* PIECE bytes */
	uint64_t done, total;
};

static void count(struct writer *writer, uint64_t bytes)
{
	unsigned percent = (unsigned)(writer->done * 100 / writer->total);

	writer->done += bytes;
	if (writer->content->progress)
		writer->content->progress(writer->content->context, percent < 100 ? percent : 100);
}

static int write_at(struct writer *writer, uint64_t offset, const uint8_t *bytes, size_t size,
		    struct rc_error *err)
{
	int result = writer->device->ops->write(writer->device, offset, bytes, size, err);

	count(writer, size);
	return result;
}

static int read_at(struct writer *writer, uint64_t offset, size_t size, struct rc_error *err)
{
	int result = writer->device->ops->read(writer->device, offset, writer->buffer, size, err);

	count(writer, size);
	return result;
}

static int flush(struct writer *writer, struct rc_error *err)
{
	return writer->device->ops->flush(writer->device, err);
}

/* --- Contents: all but the first sector --- */

/* Gives each piece of it to act, in order, until one fails. */
static int each_piece(struct writer *writer,
		      int (*act)(struct writer *writer, uint64_t offset, size_t size,
				 struct rc_error *err),
		      struct rc_error *err)
{
	const struct card_content *content = writer->content;
	int result = 0;

	for (size_t i = 0; i < content->count; i++) {
		const struct card_stretch *stretch = &content->stretches[i];

		for (uint64_t at = i ? 0 : CARD_SECTOR; at < stretch->size && !result;) {
			uint64_t left = stretch->size - at;
			size_t size = left < PIECE ? (size_t)left : PIECE;

			result = act(writer, stretch->offset + at, size, err);
			at += size;
		}
	}
	return result;
}

static int write_piece(struct writer *writer, uint64_t offset, size_t size, struct rc_error *err)
{
	return write_at(writer, offset, writer->content->image.data + offset, size, err);
}

static int compare_piece(struct writer *writer, uint64_t offset, size_t size, struct rc_error *err)
{
	const uint8_t *wanted = writer->content->image.data + offset;
	uint64_t i = 0;
	int result = read_at(writer, offset, size, err);

	if (result || memcmp(writer->buffer, wanted, size) == 0)
		return result;
	while (writer->buffer[i] == wanted[i])
		i++;
	return rc_fail(err, RC_EVERIFY,
		       "%s does not keep what is written to it: byte %llu came back as %02x, "
		       "written was %02x; the card is worn out or has less room than it says, take "
		       "another",
		       writer->device->name, (unsigned long long)offset + i, writer->buffer[i],
		       wanted[i]);
}

/* --- Marks: is the room there? --- */

static bool is_content(const struct card_content *content, uint64_t offset)
{
	for (size_t i = 0; i < content->count; i++)
		if (offset + CARD_SECTOR > content->stretches[i].offset &&
		    offset < content->stretches[i].offset + content->stretches[i].size)
			return true;
	return false;
}

/* Each mark differs from all others and from what cards hold. */
static void make_mark(uint64_t offset, uint8_t mark[CARD_SECTOR])
{
	for (size_t i = 0; i < CARD_SECTOR; i += 8) {
		rc_put_le32(mark + i, (uint32_t)(offset / CARD_SECTOR));
		rc_put_le32(mark + i + 4, 0x5ec0de00u + (uint32_t)i);
	}
}

enum mark_act { MARK_WRITE, MARK_CHECK, MARK_WIPE };

static int act_on_mark(struct writer *writer, enum mark_act act, uint64_t offset,
		       struct rc_error *err)
{
	uint8_t mark[CARD_SECTOR] = { 0 };
	int result;

	if (act != MARK_WIPE)
		make_mark(offset, mark);
	if (act != MARK_CHECK)
		return write_at(writer, offset, mark, sizeof(mark), err);
	result = read_at(writer, offset, sizeof(mark), err);
	if (result || memcmp(mark, writer->buffer, sizeof(mark)) == 0)
		return result;
	return rc_fail(err, RC_EVERIFY,
		       "%s says that it has %llu MiB, and does not keep what is written at %llu "
		       "MiB: it has less room than it says, or is worn out; take another card",
		       writer->device->name, (unsigned long long)(writer->device->size >> 20),
		       (unsigned long long)(offset >> 20));
}

static int act_on_marks(struct writer *writer, enum mark_act act, struct rc_error *err)
{
	size_t size = writer->content->image.size;
	int result = 0;

	if (writer->device->is_file)
		return flush(writer, err);
	for (uint64_t at = 0; at < size && !result; at += MARK_DISTANCE)
		if (!is_content(writer->content, at))
			result = act_on_mark(writer, act, at, err);
	return result ? result : flush(writer, err);
}

/* --- The whole --- */

static int wipe(struct writer *writer, uint64_t offset, size_t sectors, struct rc_error *err)
{
	memset(writer->buffer, 0, sectors * CARD_SECTOR);
	return write_at(writer, offset, writer->buffer, sectors * CARD_SECTOR, err);
}

static int write_table(struct writer *writer, struct rc_error *err)
{
	int result = write_at(writer, 0, writer->content->image.data, CARD_SECTOR, err);

	if (!result)
		result = flush(writer, err);
	return result ? result : compare_piece(writer, 0, CARD_SECTOR, err);
}

static int write_all(struct writer *writer, struct rc_error *err)
{
	uint64_t size = writer->device->size / CARD_SECTOR * CARD_SECTOR;
	int result = wipe(writer, 0, 1, err);

	if (!result && size > writer->content->image.size + GPT_SECTORS * CARD_SECTOR)
		result = wipe(writer, size - GPT_SECTORS * CARD_SECTOR, GPT_SECTORS, err);
	if (!result)
		result = each_piece(writer, write_piece, err);
	/* Behind the contents, since it is them that a mark gone astray would hit. */
	if (!result)
		result = act_on_marks(writer, MARK_WRITE, err);
	if (!result)
		result = each_piece(writer, compare_piece, err);
	if (!result)
		result = act_on_marks(writer, MARK_CHECK, err);
	if (!result)
		result = act_on_marks(writer, MARK_WIPE, err);
	return result ? result : write_table(writer, err);
}

static uint64_t total_bytes(const struct card_content *content)
{
	uint64_t total = 2 * CARD_SECTOR + GPT_SECTORS * CARD_SECTOR;

	for (size_t i = 0; i < content->count; i++)
		total += 2 * content->stretches[i].size;
	return total + (uint64_t)(content->image.size / MARK_DISTANCE) * 3 * CARD_SECTOR;
}

int card_write(struct card_device *device, const struct card_content *content, struct rc_error *err)
{
	struct writer writer = { .device = device, .content = content };
	int result;

	if (content->image.size > device->size)
		return rc_fail(err, RC_ERANGE,
			       "%s has %llu bytes, %zu are needed: take a larger card",
			       device->name, (unsigned long long)device->size, content->image.size);
	writer.buffer = malloc(PIECE);
	if (!writer.buffer)
		return rc_fail_memory(err, PIECE);
	writer.total = total_bytes(content);
	result = write_all(&writer, err);
	free(writer.buffer);
	return result;
}
