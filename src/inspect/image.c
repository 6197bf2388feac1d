/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole flash: from bytes to board, partitions, findings. */
#include "inspect/image.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST_MIRROR RC_MIB(1)

void image_found(struct image *image, const char *id, const char *partition, uint64_t offset,
		 const char *evidence, ...)
{
	char text[sizeof(((struct finding *)0)->evidence)];
	va_list args;

	va_start(args, evidence);
	vsnprintf(text, sizeof(text), evidence, args);
	va_end(args);
	if (!inspection_add(image->out, id, partition, offset, "%s", text))
		image->failed = true;
}

/* --- Drawing --- */

static void mark_damage(struct image *image, const struct inspected_partition *part)
{
	struct inspection *out = image->out;
	const struct format_report *report = &part->report;
	uint64_t start = part->place.offset - out->base;

	for (size_t i = 0; i < report->problem_count && i < FORMAT_MAX_PROBLEMS; i++) {
		uint64_t from = report->problems[i].offset;
		uint64_t to = from + report->problems[i].size;

		if (to > part->place.size)
			to = part->place.size;
		for (uint64_t at = from / INSPECT_PIECE; at * INSPECT_PIECE < to; at++) {
			uint8_t *piece = &out->pieces[start / INSPECT_PIECE + at];

			/* Blank inside of damage tells more than damage: something was erased. */
			if (*piece == PIECE_CONTENT)
				*piece = PIECE_DAMAGED;
		}
	}
}

int image_draw(struct image *image, struct rc_error *err)
{
	struct inspection *out = image->out;
	size_t count = (image->bytes.size + INSPECT_PIECE - 1) / INSPECT_PIECE;

	out->pieces = malloc(count ? count : 1);
	if (!out->pieces)
		return rc_fail_memory(err, count);
	out->piece_count = count;
	for (size_t i = 0; i < count; i++) {
		struct rc_span piece = rc_span_sub(image->bytes, i * INSPECT_PIECE, INSPECT_PIECE);

		if (image->options->reach && i * INSPECT_PIECE >= image->options->reach)
			out->pieces[i] = PIECE_UNREAD;
		else
			out->pieces[i] = rc_all_bytes(piece.data, piece.size, 0xff) ? PIECE_ERASED
										    : PIECE_CONTENT;
	}
	for (size_t i = 0; i < out->partition_count; i++) {
		const struct inspected_partition *part = &out->partitions[i];

		if (part->report.state != REGION_GOOD && image_holds(image, &part->place))
			mark_damage(image, part);
	}
	return 0;
}

/* --- The steps that every kind of image takes --- */

/* The camera that the user named, against the one that a firmware file speaks for. */
static int judge_forced(struct image *image, struct rc_error *err)
{
	const char *forced = image->options->board;
	struct board_match own = { 0 };
	int status = board_identify(image->options->boards, image->clues.all, image->clues.count,
				    NULL, &own, err);

	if (status == 0 && own.board && own.confidence >= BOARD_LIKELY &&
	    strcmp(own.board->id, forced) != 0)
		image_found(image, "image-wrong-model", NULL, FINDING_NO_OFFSET,
			    "it is for %s (%s), not for %s", own.board->id, own.because[0], forced);
	return status;
}

static int identify(struct image *image, struct rc_error *err)
{
	if (!image->options->boards)
		return 0;
	if (image->options->board && image->out->kind == INSPECT_FIRMWARE) {
		int status = judge_forced(image, err);

		if (status)
			return status;
	}
	return board_identify(image->options->boards, image->clues.all, image->clues.count,
			      image->options->board, &image->out->board, err);
}

int image_finish(struct image *image, struct rc_error *err)
{
	int status = image_examine(image, err);

	if (status == 0)
		status = identify(image, err);
	if (status == 0) {
		image_judge(image);
		status = image_draw(image, err);
	}
	if (status == 0 && (image->failed || image->clues.failed))
		status = rc_fail_memory(err, sizeof(struct finding));
	clues_free(&image->clues);
	return status;
}

/* --- The flash as a whole --- */

static bool is_mirrored(struct rc_span bytes)
{
	size_t half = bytes.size / 2;

	return bytes.size % 2 == 0 && half >= SMALLEST_MIRROR &&
	       memcmp(bytes.data, bytes.data + half, half) == 0 &&
	       !rc_all_bytes(bytes.data, half, bytes.data[0]);
}

static int all_same(struct image *image, struct rc_error *err)
{
	const uint8_t *data = image->bytes.data;

	snprintf(image->out->what, sizeof(image->out->what), "nothing: all %zu bytes are %02X",
		 image->bytes.size, data[0]);
	image_found(image, "flash-all-same", NULL, 0, "all %zu bytes are %02X", image->bytes.size,
		    data[0]);
	if (image->failed)
		return rc_fail_memory(err, sizeof(struct finding));
	return image_draw(image, err);
}

static void look_for_mirror(struct image *image)
{
	struct rc_span rest = image->bytes;

	while (is_mirrored(rest))
		rest.size /= 2;
	if (rest.size == image->bytes.size)
		return;
	if (rest.size < image->trusted)
		image->trusted = rest.size;
	image_found(image, "flash-mirrored", NULL, rest.size,
		    "the bytes from 0x%zX on repeat those from 0", rest.size);
}

static int inspect_content(struct image *image, struct rc_error *err)
{
	char size[24];
	int status;

	snprintf(size, sizeof(size), "%zu", image->bytes.size);
	clues_add(&image->clues, "flash", size, "the image");
	look_for_mirror(image);
	if (image->bytes.size > INGENIC_BOOT_SIZE)
		image->boot_place = ingenic_boot_find(image->bytes, &image->boot_offset);
	status = image_read_boot(image, image->bytes, err);
	if (status == 0)
		status = image_choose_layout(image, err);
	if (status) {
		clues_free(&image->clues);
		return status;
	}
	snprintf(image->out->what, sizeof(image->out->what), "a whole flash of %zu bytes",
		 image->bytes.size);
	return image_finish(image, err);
}

int inspect_flash(struct rc_span bytes, const struct inspect_options *options,
		  struct inspection *inspection, struct rc_error *err)
{
	struct image *image = calloc(1, sizeof(*image));
	int status;

	*inspection = (struct inspection){ .kind = INSPECT_FLASH, .size = bytes.size };
	if (!image)
		return rc_fail_memory(err, sizeof(*image));
	image->bytes = bytes;
	image->trusted = options->reach && options->reach < bytes.size ? options->reach
								       : bytes.size;
	image->options = options;
	image->out = inspection;
	if (bytes.size == 0 || bytes.size > RC_MAX_FLASH)
		status = rc_fail(err, RC_ERANGE,
				 "%zu bytes are no flash image: chips of these cameras have 64 KiB "
				 "to %u MiB; check what was read",
				 bytes.size, RC_MAX_FLASH >> 20);
	else if (rc_all_bytes(bytes.data, bytes.size, bytes.data[0]))
		status = all_same(image, err);
	else
		status = inspect_content(image, err);
	free(image);
	if (status)
		inspection_clear(inspection);
	return status;
}
