/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: bench-console IMAGE.bin
 *
 * Bytes on the serial wire for a whole backup of IMAGE, and for each way of proving
 * one 64 KiB block of it, counted on the virtual camera (its own bootloader where it
 * can be run). Counts do not vary; the times are what they take at 115200 baud, 10 bits
 * a byte, and on an adapter that makes each answer wait 16 ms as well; beside the flash's
 * own time, which is not counted here.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "config.h"
#include "link/link.h"
#include "rescue/backup.h"

#define WIRE_BYTES_PER_SECOND 11520.0
/* An FTDI adapter as it is sold passes on what it heard after so long (its latency timer). */
#define TURN_SECONDS 0.016
/* print_buffer() of U-Boot's lib/display_options.c: 9 + 16 * 3 + 4 + 16 + 2. */
#define MD_B_LINE 79.0

struct bench {
	struct rc_span image;
	const struct boards *boards;
};

/* What went over the wire: bytes, and how often an answer was waited for. */
struct cost {
	double bytes, turns;
};

static struct cost cost_now(const struct link *link)
{
	return (struct cost){ (double)(link->wire_in + link->wire_out), (double)link->wire_turns };
}

static struct cost cost_since(const struct link *link, struct cost before)
{
	struct cost now = cost_now(link);

	return (struct cost){ now.bytes - before.bytes, now.turns - before.turns };
}

static void print_row(const char *what, struct cost cost)
{
	char time[RC_DURATION_TEXT], waiting[RC_DURATION_TEXT];
	double seconds = cost.bytes / WIRE_BYTES_PER_SECOND;

	rc_duration_text(time, seconds);
	rc_duration_text(waiting, seconds + cost.turns * TURN_SECONDS);
	printf("  %-44s %12.0f  %9s  %7.0f  %9s\n", what, cost.bytes, time, cost.turns, waiting);
}

/* Of others, by arithmetic. */
static void print_other(const char *what, double bytes, double turns)
{
	print_row(what, (struct cost){ bytes, turns });
}

static int open_camera(const struct bench *bench, struct twin **twin, struct link **link,
		       struct rc_error *err)
{
	const struct twin_config config = { .image = bench->image };
	const struct link_options options = { .boards = bench->boards };
	int result = twin_open(&config, twin, err);

	if (result)
		return result;
	result = link_open_twin(*twin, &options, link, err);
	if (result)
		twin_close(*twin);
	return result;
}

/* One whole backup with these references. */
static int measure_backup(const struct bench *bench, const struct rc_span *references,
			  size_t reference_count, struct cost *cost, struct rc_error *err)
{
	const struct backup_options options = { .references = references,
						.reference_count = reference_count };
	struct backup backup = { 0 };
	struct twin *twin;
	struct link *link;
	int result = open_camera(bench, &twin, &link, err);

	if (result)
		return result;
	result = backup_take(link, &options, &backup, err);
	*cost = cost_now(link);
	backup_clear(&backup);
	link_close(link);
	twin_close(twin);
	return result;
}

static int measure_block(const struct bench *bench, struct rc_error *err)
{
	/* The second block of the kernel: content that nothing makes shorter. */
	const uint32_t offset = 0x50000;
	uint8_t *block = malloc(RC_ERASE_BLOCK);
	struct cost before;
	struct twin *twin;
	struct link *link;
	uint32_t crc;
	int result = block ? open_camera(bench, &twin, &link, err)
			   : rc_fail_memory(err, RC_ERASE_BLOCK);

	if (result) {
		free(block);
		return result;
	}
	printf("One block of 64 KiB, %s engine:\n",
	       twin_engine_used(twin) == TWIN_EXACT ? "exact" : "model");
	print_other("md.b as people do it, proving nothing", RC_ERASE_BLOCK / 16 * MD_B_LINE, 1);
	print_other("md.b twice and compared", 2 * RC_ERASE_BLOCK / 16 * MD_B_LINE, 2);
	before = cost_now(link);
	result = link_checksum(link, offset, RC_ERASE_BLOCK, &crc, err);
	print_row("known (erased, reference): the CRC-32 alone", cost_since(link, before));
	before = cost_now(link);
	if (!result)
		result = link_read(link, offset, block, RC_ERASE_BLOCK, err);
	print_row("moved, and proven by the CRC-32", cost_since(link, before));
	link_close(link);
	twin_close(twin);
	free(block);
	return result;
}

/* The last 576 KiB of the Dafang's layout: config, para and flag. */
static int measure_identity(const struct bench *bench, struct rc_error *err)
{
	const uint32_t offset = 0xf70000, size = 0x90000;
	uint8_t *data = malloc(size);
	struct twin *twin;
	struct link *link;
	struct cost before;
	int result = data ? open_camera(bench, &twin, &link, err) : rc_fail_memory(err, size);

	if (result) {
		free(data);
		return result;
	}
	before = cost_now(link);
	result = link_read(link, offset, data, size, err);
	print_row("settings and identity alone (576 KiB)", cost_since(link, before));
	link_close(link);
	twin_close(twin);
	free(data);
	return result;
}

static int write_run(struct link *link, uint32_t offset, const uint8_t *data, uint32_t size,
		     struct rc_error *err)
{
	uint32_t crcs[RC_MIB(1) / RC_ERASE_BLOCK];
	int result = link_stage(link, data, size, err);

	if (!result)
		result = link_erase(link, offset, size, err);
	if (!result)
		result = link_write(link, offset, data, size, err);
	return result ? result : link_survey(link, offset, size / RC_ERASE_BLOCK, crcs, err);
}

/* Kernel, root and driver, as a rescue writes them: runs of 1 MiB, erased, written, checked. */
static int measure_write(const struct bench *bench, struct rc_error *err)
{
	const uint32_t first = 0x40000, end = 0x630000, run_size = 0x100000;
	struct twin *twin;
	struct link *link;
	struct cost before;
	int result = open_camera(bench, &twin, &link, err);

	if (result)
		return result;
	before = cost_now(link);
	for (uint32_t at = first; !result && at < end; at += run_size)
		result = write_run(link, at, bench->image.data + at,
				   end - at < run_size ? end - at : run_size, err);
	printf("Writing kernel, root and driver, %u bytes:\n", end - first);
	print_other("the bytes themselves", end - first, 0);
	/* 1029 bytes and an answer for 1024 (YMODEM.DOC, chapter 5). */
	print_other("plain Ymodem, checking nothing", (end - first) / 1024.0 * 1030,
		    (end - first) / 1024.0);
	print_row("recam, each block read back by its CRC-32", cost_since(link, before));
	link_close(link);
	twin_close(twin);
	return result;
}

static int run(const struct bench *bench, struct rc_error *err)
{
	struct cost cost = { 0 };
	int result = measure_block(bench, err);

	if (result)
		return result;
	printf("A whole backup of %zu bytes:\n", bench->image.size);
	print_other("md.b as people do it, proving nothing",
		    (double)bench->image.size / 16 * MD_B_LINE, 1);
	result = measure_backup(bench, &bench->image, 1, &cost, err);
	if (result)
		return result;
	print_row("recam, all known by --reference", cost);
	result = measure_backup(bench, NULL, 0, &cost, err);
	if (result)
		return result;
	print_row("recam, nothing known", cost);
	result = measure_identity(bench, err);
	return result ? result : measure_write(bench, err);
}

int main(int argc, char **argv)
{
	struct rc_buffer image = { 0 };
	struct boards boards = { 0 };
	struct rc_error err;

	if (argc != 2) {
		fprintf(stderr, "usage: bench-console IMAGE.bin (a whole flash)\n");
		return 2;
	}
	if (boards_load(NULL, &boards, &err) || rc_file_read(argv[1], RC_MAX_FLASH, &image, &err)) {
		fprintf(stderr, "bench-console: %s\n", err.text);
		return 2;
	}
	printf("recam %s; bytes on the wire, the time that makes at 115200 baud, how often an\n"
	       "answer is waited for, and the time with 16 ms for each of those\n",
	       RECAM_VERSION);
	if (run(&(struct bench){ { image.data, image.size }, &boards }, &err)) {
		fprintf(stderr, "bench-console: %s\n", err.text);
		return 2;
	}
	rc_buffer_free(&image);
	boards_free(&boards);
	return 0;
}
