/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What backups and writes cost on the wire, in bytes, which do not vary: real firmware in
 * the exact twin. 115200 baud are 11520 bytes a second. Samples, so that the test is
 * short; bench/console moves all.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/checksum.h"
#include "console/agent.h"
#include "flash/layout.h"
#include "link/link.h"
#include "support.h"

#define WIRE_PER_SECOND 11520u
/* An FTDI adapter as it is sold keeps what it hears for so long (its latency timer). */
#define TURN_MS 16u
/* md.b: 79 characters for 16 bytes (facts/rescue-peers-and-limits.md C1). */
#define MD_B(bytes) ((uint64_t)(bytes)*79 / 16)

struct bench {
	struct rc_buffer image;
	struct twin *twin;
	struct link *link;
};

static void open_bench(struct bench *bench)
{
	struct twin_config config = { .engine = TWIN_EXACT };
	struct rc_error err;

	if (!agent_is_built()) {
		print_message("SKIPPED: this build has no program for the camera's RAM\n");
		skip();
	}
	*bench = (struct bench){ 0 };
	support_dafang_flash(&bench->image);
	config.image = (struct rc_span){ bench->image.data, bench->image.size };
	support_ok(twin_open(&config, &bench->twin, &err), &err);
	support_ok(link_open_twin(bench->twin, NULL, &bench->link, &err), &err);
}

static void close_bench(struct bench *bench)
{
	link_close(bench->link);
	twin_close(bench->twin);
	rc_buffer_free(&bench->image);
}

static uint64_t wire(const struct bench *bench)
{
	return bench->link->wire_in + bench->link->wire_out;
}

/* What somebody else's packer makes of a block, at its best. */
static size_t packed_size(const uint8_t *block)
{
	static uint8_t out[RC_ERASE_BLOCK + 1024];
	uLongf size = sizeof(out);

	assert_int_equal(compress2(out, &size, block, RC_ERASE_BLOCK, 9), Z_OK);
	return size < RC_ERASE_BLOCK ? size : RC_ERASE_BLOCK;
}

/* Every block is asked for its checksum, and none is moved: at most 15 s, on an adapter that
 * makes every answer wait as well. */
static void all_known(void **state)
{
	uint32_t crcs[256];
	struct bench bench;
	struct rc_error err;
	uint64_t before, turns;

	open_bench(&bench);
	before = wire(&bench);
	turns = bench.link->wire_turns;
	/* As rescue/survey.c does. */
	for (size_t i = 0; i < RC_COUNT(crcs); i += 64)
		support_ok(
			link_survey(bench.link, (uint32_t)(i * RC_ERASE_BLOCK), 64, crcs + i, &err),
			&err);
	before = wire(&bench) - before;
	turns = bench.link->wire_turns - turns;
	for (size_t i = 0; i < RC_COUNT(crcs); i++)
		assert_int_equal(crcs[i], rc_crc32(0, bench.image.data + i * RC_ERASE_BLOCK,
						   RC_ERASE_BLOCK));
	assert_in_range(before * 1000 / WIRE_PER_SECOND + turns * TURN_MS, 0, 15000);
	/* What it takes today, with a little room. */
	assert_in_range(before, 0, 14000);
	assert_in_range(turns, 50, 130);
	close_bench(&bench);
}

/* A block's checksum, then the block: at most 1.15 times what zlib makes of it, and a
 * third of md.b. */
static void nothing_known(void **state)
{
	static uint8_t data[RC_ERASE_BLOCK];
	uint64_t packed = 0, moved = 0, before;
	struct bench bench;
	struct rc_error err;

	open_bench(&bench);
	before = wire(&bench);
	for (uint32_t at = 0; at < RC_MIB(16); at += 21 * RC_ERASE_BLOCK) {
		const uint8_t *right = bench.image.data + at;
		uint32_t crc;

		support_ok(link_checksum(bench.link, at, RC_ERASE_BLOCK, &crc, &err), &err);
		if (rc_all_bytes(right, RC_ERASE_BLOCK, 0xff))
			continue;
		support_ok(link_read(bench.link, at, data, sizeof(data), &err), &err);
		assert_memory_equal(data, right, sizeof(data));
		packed += packed_size(right);
		moved += RC_ERASE_BLOCK;
	}
	assert_true(moved >= 0x80000);
	assert_in_range(wire(&bench) - before, packed, packed * 115 / 100);
	assert_in_range(wire(&bench) - before, 0, MD_B(moved) / 3);
	close_bench(&bench);
}

/* config, para and flag: at most 60 s. */
static void identity_alone(void **state)
{
	static uint8_t data[0x90000];
	struct bench bench;
	struct rc_error err;
	uint64_t before;

	open_bench(&bench);
	before = wire(&bench);
	support_ok(link_read(bench.link, 0xf70000, data, sizeof(data), &err), &err);
	assert_memory_equal(data, bench.image.data + 0xf70000, sizeof(data));
	assert_in_range(wire(&bench) - before, 0, 60 * WIRE_PER_SECOND);
	/* Nearly all of it is erased, and packs to nothing. */
	assert_in_range(wire(&bench) - before, 0, 2 * WIRE_PER_SECOND);
	close_bench(&bench);
}

/* Erased, written and checked: at most 1.15 times the bytes themselves. */
static void write_firmware(void **state)
{
	const uint32_t at = 0x240000, size = 0x80000;
	struct bench bench;
	struct rc_error err;
	uint64_t before;
	uint32_t crc;

	open_bench(&bench);
	memset(twin_nor(bench.twin)->data + at, 0x55, size);
	before = wire(&bench);
	support_ok(link_stage(bench.link, bench.image.data + at, size, &err), &err);
	support_ok(link_erase(bench.link, at, size, &err), &err);
	support_ok(link_write(bench.link, at, bench.image.data + at, size, &err), &err);
	for (uint32_t done = 0; done < size; done += RC_ERASE_BLOCK) {
		support_ok(link_checksum(bench.link, at + done, RC_ERASE_BLOCK, &crc, &err), &err);
		assert_int_equal(crc, rc_crc32(0, bench.image.data + at + done, RC_ERASE_BLOCK));
	}
	assert_in_range(wire(&bench) - before, size, (uint64_t)size * 115 / 100);
	assert_memory_equal(twin_nor(bench.twin)->data, bench.image.data, RC_MIB(16));
	close_bench(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_known),
		cmocka_unit_test(nothing_known),
		cmocka_unit_test(identity_alone),
		cmocka_unit_test(write_firmware),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
