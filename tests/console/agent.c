/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program in the camera's RAM and the PC share, and the program itself on a
 * board of ours, under sanitizers. The real thing runs in tests/link/agent.c.
 */
#include "console/agent.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "agent/board.h"
#include "agent/pack.h"
#include "agent/wire.h"
#include "base/checksum.h"
#include "fake.h"
#include "support.h"

/* Some that packs well, some that does not. */
static void make_data(uint8_t *data, size_t size)
{
	uint64_t seed = 7;

	for (size_t i = 0; i < size; i++)
		data[i] = i / 9000 % 2 ? (uint8_t)support_random(&seed) : (uint8_t)(i / 300);
}

static bool decode(struct wire_decoder *decoder, const uint8_t *line, size_t size,
		   struct wire_frame *frame)
{
	bool right = false;

	for (size_t i = 0; i < size; i++)
		right = wire_decode(decoder, line[i], frame);
	return right;
}

static void crc_is_everybodys(void **state)
{
	uint8_t data[3000];

	make_data(data, sizeof(data));
	assert_int_equal(wire_crc32(0, data, sizeof(data)), rc_crc32(0, data, sizeof(data)));
	assert_int_equal(wire_crc32(wire_crc32(0, data, 77), data + 77, 1000),
			 rc_crc32(0, data, 1077));
}

static void frames_come_back(void **state)
{
	static const size_t sizes[] = { 0, 1, 246, 247, 248, 254, 500, 501, 1023, WIRE_CHUNK };
	uint8_t data[WIRE_CHUNK], line[WIRE_FRAME];
	struct wire_decoder decoder = { 0 };
	struct wire_frame frame;

	for (unsigned fill = 0; fill < 4; fill++) {
		make_data(data, sizeof(data));
		if (fill < 3)
			memset(data, (int)fill * 0x55, sizeof(data));
		for (unsigned i = 0; i < 256 * RC_COUNT(sizes); i++) {
			size_t size = sizes[i / 256];
			size_t length = wire_encode(line, (uint8_t)i, 0x41, 0x99, data, size);

			assert_in_range(length, size + 9, WIRE_FRAME);
			assert_ptr_equal(memchr(line, 0, length), line + length - 1);
			assert_true(decode(&decoder, line, length, &frame));
			assert_int_equal(frame.kind, 0x41);
			assert_int_equal(frame.index, 0x99);
			assert_int_equal(frame.size, size);
			assert_memory_equal(frame.payload, data, size);
		}
	}
}

/* 1.5 %: frames of a whole block of the worst bytes. */
static void frames_cost_little(void **state)
{
	uint8_t data[WIRE_CHUNK], line[WIRE_FRAME];
	uint64_t seed = 3;
	size_t total = 0;

	for (unsigned i = 0; i < WIRE_CHUNKS; i++) {
		for (size_t j = 0; j < sizeof(data); j++)
			data[j] = (uint8_t)support_random(&seed);
		total += wire_encode(line, (uint8_t)i, WIRE_DATA, (uint8_t)i, data, sizeof(data));
	}
	assert_in_range(total, WIRE_BLOCK, WIRE_BLOCK * 1015 / 1000);
}

/* Any one byte changed or lost: that frame is gone, the next is right. */
static void damaged_frames_are_gone(void **state)
{
	uint8_t data[300], line[WIRE_FRAME], bad[WIRE_FRAME];
	struct wire_decoder decoder = { 0 };
	struct wire_frame frame;
	size_t length;

	make_data(data, sizeof(data));
	length = wire_encode(line, 5, 1, 2, data, sizeof(data));
	for (size_t i = 0; i < length; i++) {
		memcpy(bad, line, length);
		bad[i] ^= 0x10;
		assert_false(decode(&decoder, bad, length, &frame));
		/* Without its end, a frame takes the next one with it. */
		if (i == length - 1)
			decode(&decoder, line + length - 1, 1, &frame);
		assert_true(decode(&decoder, line, length, &frame));
		if (i == length - 1)
			break;
		memmove(bad, line, i);
		memmove(bad + i, line + i + 1, length - i - 1);
		assert_false(decode(&decoder, bad, length - 1, &frame));
		assert_true(decode(&decoder, line, length, &frame));
	}
	/* More than any frame has, and no zero. */
	for (unsigned i = 0; i < 5000; i++)
		assert_false(wire_decode(&decoder, 0x31, &frame));
	assert_false(wire_decode(&decoder, 0, &frame));
	assert_true(decode(&decoder, line, length, &frame));
}

static const size_t pack_sizes[] = { 1, 4, 5, 12, 13, 14, 300, 4096, 65535, 65536 };

static void packed_comes_back(void **state)
{
	static uint8_t data[65536], packed[65536 + 1000], back[65536];
	static struct pack_table table;

	for (unsigned fill = 0; fill < 2 * RC_COUNT(pack_sizes); fill++) {
		size_t size = pack_sizes[fill / 2];
		size_t length;

		make_data(data, sizeof(data));
		if (fill % 2)
			memset(data, 0xff, sizeof(data));
		length = lz_pack(&table, data, size, packed, sizeof(packed));
		assert_in_range(length, 1, size + size / 255 + 16);
		assert_int_equal(lz_unpack(packed, length, back, size), 1);
		assert_memory_equal(data, back, size);
		/* Cut anywhere, it does not give the whole. */
		for (size_t cut = 0; cut < length; cut += 1 + length / 50)
			assert_int_equal(lz_unpack(packed, cut, back, size), 0);
		/* No room is said, not overrun. */
		if (length > 1)
			assert_int_equal(lz_pack(&table, data, size, packed, length - 1), 0);
	}
}

/* The format's own library reads what we pack, and we read what it packs. */
static void lz4_agrees(void **state)
{
	static uint8_t data[65536], packed[70000], back[65536];
	static struct pack_table table;
	void *library = dlopen("liblz4.so.1", RTLD_NOW);
	int (*decompress)(const char *, char *, int, int);
	int (*compress)(const char *, char *, int, int);

	if (!library) {
		print_message("SKIPPED: liblz4 is not here\n");
		skip();
	}
	*(void **)&decompress = dlsym(library, "LZ4_decompress_safe");
	*(void **)&compress = dlsym(library, "LZ4_compress_default");
	make_data(data, sizeof(data));
	for (unsigned i = 0; i < RC_COUNT(pack_sizes); i++) {
		int size = (int)pack_sizes[i];
		int length = (int)lz_pack(&table, data, (size_t)size, packed, sizeof(packed));

		memset(back, 0, sizeof(back));
		assert_int_equal(decompress((char *)packed, (char *)back, length, size), size);
		assert_memory_equal(data, back, (size_t)size);
		length = compress((char *)data, (char *)packed, size, sizeof(packed));
		memset(back, 0, sizeof(back));
		assert_int_equal(lz_unpack(packed, (size_t)length, back, (size_t)size), 1);
		assert_memory_equal(data, back, (size_t)size);
	}
	dlclose(library);
}

static void nonsense_is_not_unpacked(void **state)
{
	static const struct {
		uint8_t bytes[8];
		size_t size;
	} wrong[] = {
		{ { 0x10 }, 1 },                         /* a literal that is not there */
		{ { 0x14, 'a', 0x02, 0x00 }, 4 },        /* a match from before the start */
		{ { 0x14, 'a', 0x00, 0x00 }, 4 },        /* and from itself */
		{ { 0x14, 'a', 0x01 }, 3 },              /* half an offset */
		{ { 0x1f, 'a', 0x01, 0x00, 255 }, 5 },   /* a length without an end */
		{ { 0xf0, 255, 255, 255, 255 }, 5 },     /* more literals than room */
		{ { 0x1f, 'a', 0x01, 0x00, 200 }, 5 },   /* a match longer than the room */
		{ { 0x50, 'a', 'b', 'c', 'd', 'e' }, 6 } /* right, but too short */
	};
	uint8_t out[100];

	for (size_t i = 0; i < RC_COUNT(wrong); i++)
		assert_int_equal(lz_unpack(wrong[i].bytes, wrong[i].size, out, sizeof(out)), 0);
	assert_int_equal(lz_unpack(wrong[7].bytes, 6, out, 5), 1);
}

/* The program's board: it hears "in", and after that nothing while time passes. */
static struct {
	uint8_t in[16384];
	size_t size, at;
	struct rc_buffer out;
	uint32_t ticks, divisors[8];
	unsigned divisor_count;
	uint8_t ram[20000];
	uint8_t last[WIRE_CHUNK]; /* payload that it said last */
	size_t last_size;
} board;

bool board_ready(void)
{
	if (board.at == board.size)
		board.ticks += BOARD_TICKS_PER_SECOND / 4;
	return board.at < board.size;
}

uint8_t board_get(void)
{
	return board.in[board.at++];
}

void board_put(uint8_t byte)
{
	assert_true(rc_buffer_append(&board.out, &byte, 1));
}

uint32_t board_ticks(void)
{
	return board.ticks;
}

void board_set_divisor(uint32_t divisor)
{
	assert_true(board.divisor_count < RC_COUNT(board.divisors));
	board.divisors[board.divisor_count++] = divisor;
}

uint8_t *board_ram(uint32_t address, uint32_t size)
{
	return address < sizeof(board.ram) && size <= sizeof(board.ram) - address
		       ? board.ram + address
		       : NULL;
}

static void clear_board(void)
{
	board.size = board.at = 0;
	board.ticks = 0xff000000; /* it will wrap */
	board.divisor_count = 0;
	make_data(board.ram, sizeof(board.ram));
}

static void hears(uint8_t kind, uint8_t index, const void *payload, size_t size)
{
	board.size += wire_encode(board.in + board.size, 0, kind, index, payload, size);
}

static void hears_numbers(uint8_t kind, uint8_t index, uint32_t a, uint32_t b, uint32_t c,
			  size_t size)
{
	uint8_t payload[12];

	wire_put32(payload, a);
	wire_put32(payload + 4, b);
	wire_put32(payload + 8, c);
	hears(kind, index, payload, size);
}

/* Runs it, and checks which frames it says: kind and index. */
static void says(const uint8_t (*frames)[2], size_t count)
{
	struct wire_decoder decoder = { 0 };
	struct wire_frame frame;
	size_t seen = 0;

	board.out.size = 0;
	assert_int_equal(agent_run(), 0);
	for (size_t i = 0; i < board.out.size; i++) {
		if (!wire_decode(&decoder, board.out.data[i], &frame))
			continue;
		assert_true(seen < count);
		assert_int_equal(frame.kind, frames[seen][0]);
		assert_int_equal(frame.index, frames[seen][1]);
		memcpy(board.last, frame.payload, frame.size);
		board.last_size = frame.size;
		seen++;
	}
	assert_int_equal(seen, count);
	rc_buffer_free(&board.out);
}

static void program_reads(void **state)
{
	static const uint8_t expected[][2] = {
		{ WIRE_HELLO, 0 },     { WIRE_HELLO, 9 }, { 0x52, 0 },        { 0x52, 1 },
		{ WIRE_PACKED, 0x12 }, { 0x52, 1 },       { WIRE_PACKED, 3 }, { WIRE_PACKED, 4 },
	};
	static const uint8_t second[WIRE_BITMAP] = { 0xfe, 0xff }, none[WIRE_BITMAP] = { 0 };

	clear_board();
	hears(WIRE_ASK, 9, NULL, 0);
	/* Random bytes: as they are. */
	hears_numbers(WIRE_READ, 0x12, 9000, 1500, 0, 8);
	hears(WIRE_MORE, 3, second, sizeof(second));
	hears(WIRE_MORE, 4, none, sizeof(none));
	hears(WIRE_END, 5, NULL, 0);
	hears(WIRE_ASK, 6, NULL, 0); /* not heard any more */
	says(expected, RC_COUNT(expected));
	assert_true(board.at < board.size);
}

static void program_writes(void **state)
{
	static const uint8_t expected[][2] = {
		{ WIRE_HELLO, 0 },   { WIRE_NEED, 0x21 }, { WIRE_NEED, 1 },
		{ WIRE_WRITTEN, 2 }, { WIRE_WRITTEN, 3 }, { WIRE_NEED, 0x24 },
		{ WIRE_WRITTEN, 5 }, { WIRE_NEED, 0x26 }, { WIRE_WRITTEN, 7 },
	};
	static const uint8_t packed[] = {
		0x1f, 'a', 0x01, 0x00, 75, 0x50, 'b', 'c', 'd', 'e', 'f'
	};
	uint8_t data[1500];

	make_data(data, sizeof(data));
	clear_board();
	memset(board.ram, 0, sizeof(board.ram));
	hears_numbers(WIRE_WRITE, 0x21, 100, 1500, 1500, 12);
	hears(0x51, 0, data, 1024);
	hears(0x51, 1, data, 1024); /* longer than what is left */
	hears(0x51, 2, data, 10);   /* behind the end */
	hears(0x51, 200, data, 10); /* far behind it */
	hears(0x52, 1, data, 476);  /* of another block */
	hears(WIRE_POLL, 1, NULL, 0);
	hears(0x51, 1, data + 1024, 476);
	hears(WIRE_POLL, 2, NULL, 0);
	hears(WIRE_POLL, 3, NULL, 0); /* its answer was lost */
	/* Packed, and packed wrongly. */
	hears_numbers(WIRE_WRITE, 0x24, 5000, 100, sizeof(packed), 12);
	hears(0x54, 0, packed, sizeof(packed));
	hears(WIRE_POLL, 5, NULL, 0);
	hears_numbers(WIRE_WRITE, 0x26, 6000, 101, sizeof(packed), 12);
	hears(0x56, 0, packed, sizeof(packed));
	hears(WIRE_POLL, 7, NULL, 0);
	says(expected, RC_COUNT(expected));
	assert_memory_equal(board.ram + 100, data, sizeof(data));
	assert_int_equal(board.ram[99] | board.ram[1600] | board.ram[5100], 0);
	assert_int_equal(board.ram[5094], 'a');
	assert_memory_equal(board.ram + 5095, "bcdef", 5);
}

static void program_sums(void **state)
{
	static const uint8_t expected[][2] = { { WIRE_HELLO, 0 }, { WIRE_SUMS, 7 } };

	clear_board();
	hears_numbers(WIRE_SUM, 7, 100, 1001, 16, 12);
	says(expected, RC_COUNT(expected));
	assert_int_equal(board.last_size, 4 * 16);
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(wire_get32(board.last + 4 * i),
				 rc_crc32(0, board.ram + 100 + i * 1001, 1001));
}

static void program_refuses(void **state)
{
	static const uint8_t expected[][2] = {
		{ WIRE_HELLO, 0 },    { WIRE_REFUSED, 1 },  { WIRE_REFUSED, 2 },
		{ WIRE_REFUSED, 3 },  { WIRE_REFUSED, 4 },  { WIRE_REFUSED, 5 },
		{ WIRE_REFUSED, 6 },  { WIRE_REFUSED, 7 },  { WIRE_REFUSED, 8 },
		{ WIRE_REFUSED, 9 },  { WIRE_REFUSED, 10 }, { WIRE_REFUSED, 11 },
		{ WIRE_REFUSED, 12 }, { WIRE_REFUSED, 13 }, { WIRE_REFUSED, 14 },
		{ WIRE_REFUSED, 15 }, { WIRE_REFUSED, 16 }, { WIRE_REFUSED, 17 },
		{ WIRE_REFUSED, 18 }, { WIRE_REFUSED, 19 },
	};
	static const uint8_t bitmap[WIRE_BITMAP] = { 1 };

	clear_board();
	hears_numbers(WIRE_READ, 1, 19000, 1001, 0, 8); /* beyond RAM */
	hears_numbers(WIRE_READ, 2, 0, 0, 0, 8);
	hears_numbers(WIRE_READ, 3, 0, 65537, 0, 8);
	hears_numbers(WIRE_READ, 4, 0, 100, 0, 4);   /* cut */
	hears(WIRE_MORE, 5, bitmap, sizeof(bitmap)); /* of what? */
	hears(WIRE_POLL, 6, NULL, 0);
	hears_numbers(WIRE_WRITE, 7, 0, 100, 101, 12);
	hears_numbers(WIRE_WRITE, 8, 0, 100, 0, 12);
	hears_numbers(WIRE_WRITE, 9, 0xfffffff0, 100, 100, 12);
	hears_numbers(WIRE_SPEED, 10, 0, 0, 0, 4);
	hears_numbers(WIRE_SPEED, 11, 0x10000, 0, 0, 4);
	hears(0x99, 12, NULL, 0);
	hears_numbers(WIRE_SUM, 13, 19000, 1001, 1, 12); /* beyond RAM */
	hears_numbers(WIRE_SUM, 14, 19000, 501, 2, 12);
	hears_numbers(WIRE_SUM, 15, 0, 0, 1, 12);
	hears_numbers(WIRE_SUM, 16, 0, 65537, 1, 12);
	hears_numbers(WIRE_SUM, 17, 0, 10, 0, 12);
	hears_numbers(WIRE_SUM, 18, 0, 10, 17, 12);
	hears_numbers(WIRE_SUM, 19, 0, 10, 1, 8); /* cut */
	says(expected, RC_COUNT(expected));
}

/* A new speed stays only if the PC is heard at it; the usual one is back in the end. */
static void program_changes_speed(void **state)
{
	static const uint8_t unheard[][2] = { { WIRE_HELLO, 0 }, { WIRE_HELLO, 1 } };
	static const uint8_t heard[][2] = { { WIRE_HELLO, 0 },
					    { WIRE_HELLO, 1 },
					    { WIRE_HELLO, 2 } };

	clear_board();
	hears_numbers(WIRE_SPEED, 1, 3, 0, 0, 4);
	says(unheard, 2);
	assert_int_equal(board.divisor_count, 2);
	assert_int_equal(board.divisors[0], 3);
	assert_int_equal(board.divisors[1], 13);
	/* One second at the new speed, five at the usual one. */
	assert_in_range(board.ticks - 0xff000000, 6 * BOARD_TICKS_PER_SECOND,
			8 * BOARD_TICKS_PER_SECOND);
	clear_board();
	hears_numbers(WIRE_SPEED, 1, 3, 0, 0, 4);
	hears(WIRE_ASK, 2, NULL, 0);
	hears(WIRE_END, 3, NULL, 0);
	says(heard, 3);
	assert_int_equal(board.divisor_count, 2);
	assert_int_equal(board.divisors[1], 13);
}

static const char *no_go(struct fake *fake, const char *line)
{
	return NULL;
}

static const char *no_loady(struct fake *fake, const char *line)
{
	if (strcmp(line, "help go") == 0)
		return "go - start application at address 'addr'\n\nUsage:\ngo addr [arg ...]\n";
	return NULL;
}

/* Without go or loady nothing is brought, and nothing is asked twice. */
static void console_without_go(void **state)
{
	static const char *(*const answers[])(struct fake * fake, const char *line) = { no_go,
											no_loady };
	static const struct uboot_wait wait = { .patience_ms = 1000 };

	for (size_t i = 0; i < RC_COUNT(answers); i++) {
		struct agent *agent;
		struct uboot uboot;
		struct rc_error err;
		struct fake fake;

		fake_open(&fake, FAKE_PROMPT);
		fake.answer = answers[i];
		support_ok(uboot_init(&uboot, &fake.base, &uboot_ingenic, &err), &err);
		support_ok(uboot_win_prompt(&uboot, &wait, &err), &err);
		support_ok(agent_new(&uboot, &agent, &err), &err);
		if (agent_is_built())
			support_fails(agent_load(agent, &err), RC_EUNSUPPORTED, &err,
				      i ? "no loady" : "no go");
		else
			support_fails(agent_load(agent, &err), RC_EUNSUPPORTED, &err, "this build");
		assert_false(agent_is_usable(agent));
		assert_false(agent_is_loaded(agent));
		assert_int_equal(fake.entered_count, agent_is_built() ? i + 1 : 0);
		support_fails(agent_load(agent, &err), RC_EUNSUPPORTED, &err, "before");
		agent_free(agent);
		uboot_free(&uboot);
		stream_close(&fake.base);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc_is_everybodys),
		cmocka_unit_test(frames_come_back),
		cmocka_unit_test(frames_cost_little),
		cmocka_unit_test(damaged_frames_are_gone),
		cmocka_unit_test(packed_comes_back),
		cmocka_unit_test(lz4_agrees),
		cmocka_unit_test(nonsense_is_not_unpacked),
		cmocka_unit_test(program_reads),
		cmocka_unit_test(program_writes),
		cmocka_unit_test(program_sums),
		cmocka_unit_test(program_refuses),
		cmocka_unit_test(program_changes_speed),
		cmocka_unit_test(console_without_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
