/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing cards that are what cards are: too small for what they say, worn out, locked, pulled
 * out half-way. What is not whole has no partition table.
 */
#include "card/write.h"

#include <stdlib.h>
#include <string.h>

#include "card/transfer.h"
#include "support.h"

#define SIZE RC_MIB(80)

enum fault { FAULT_NONE, FAULT_WRAPS, FAULT_FORGETS, FAULT_BIT, FAULT_LOCKED, FAULT_PULLED };

/* A card in memory. limit: its true size, or where its fault is. */
struct fake {
	struct card_device device;
	uint8_t *data;
	enum fault fault;
	uint64_t limit;
	uint64_t written;
	uint64_t last_write; /* offset */
	unsigned flushes;
};

static int fake_read(struct card_device *device, uint64_t offset, uint8_t *bytes, size_t size,
		     struct rc_error *err)
{
	struct fake *fake = (struct fake *)device;

	if (offset % 512 || size % 512 || offset + size > device->size)
		return rc_fail(err, RC_EIO, "read outside, at %llu", (unsigned long long)offset);
	for (size_t i = 0; i < size; i += 512) {
		uint64_t at = offset + i;

		if (fake->fault == FAULT_WRAPS)
			at %= fake->limit;
		memcpy(bytes + i, fake->data + at, 512);
		if (fake->fault == FAULT_FORGETS && at >= fake->limit)
			memset(bytes + i, 0, 512);
		if (fake->fault == FAULT_BIT && at <= fake->limit && fake->limit < at + 512)
			bytes[i + fake->limit - at] ^= 0x10;
	}
	return 0;
}

static int fake_write(struct card_device *device, uint64_t offset, const uint8_t *bytes,
		      size_t size, struct rc_error *err)
{
	struct fake *fake = (struct fake *)device;

	if (offset % 512 || size % 512 || offset + size > device->size)
		return rc_fail(err, RC_EIO, "write outside, at %llu", (unsigned long long)offset);
	if (fake->fault == FAULT_LOCKED)
		return rc_fail(err, RC_EIO, "cannot write: Read-only file system");
	for (size_t i = 0; i < size; i += 512) {
		uint64_t at = offset + i;

		if (fake->fault == FAULT_PULLED && fake->written >= fake->limit)
			return rc_fail(err, RC_EIO, "cannot write: No such device");
		if (fake->fault == FAULT_WRAPS)
			at %= fake->limit;
		memcpy(fake->data + at, bytes + i, 512);
		fake->written += 512;
	}
	fake->last_write = offset;
	return 0;
}

static int fake_flush(struct card_device *device, struct rc_error *err)
{
	(void)err;
	((struct fake *)device)->flushes++;
	return 0;
}

static void fake_close(struct card_device *device)
{
	free(((struct fake *)device)->data);
}

static const struct card_device_ops fake_ops = { fake_read, fake_write, fake_flush, fake_close };

static uint8_t *image, *file;
static size_t used;
static const size_t file_size = 3000001;

static int make_image(void **state)
{
	struct fat_node node = { "DEMO.BIN" };
	struct card_options options = { .nodes = &node, .node_count = 1 };
	struct rc_error err;
	uint64_t seed = 21;

	(void)state;
	image = calloc(1, SIZE);
	file = malloc(file_size);
	for (size_t i = 0; i < file_size; i++)
		file[i] = (uint8_t)(support_random(&seed) >> 40);
	node.bytes = (struct rc_span){ file, file_size };
	return card_make(image, SIZE, &options, &used, &err);
}

static int drop_image(void **state)
{
	(void)state;
	free(image);
	free(file);
	return 0;
}

static void fake_open(struct fake *fake, uint64_t size, enum fault fault, uint64_t limit)
{
	*fake = (struct fake){
		.device = { .ops = &fake_ops, .size = size, .name = "/dev/sdx" },
		.data = malloc(size),
		.fault = fault,
		.limit = limit,
	};
	assert_non_null(fake->data);
	/* What was on it before: an old table, an old GPT at its end. */
	memset(fake->data, 0xa5, size);
	fake->data[510] = 0x55;
	fake->data[511] = 0xaa;
}

static int write_to(struct fake *fake, struct rc_error *err)
{
	const struct card_content content = { .image = { image, SIZE },
					      .stretches = { { 0, used } },
					      .count = 1 };

	return card_write(&fake->device, &content, err);
}

static void test_good(void **state)
{
	static const uint64_t sizes[] = { SIZE, SIZE + RC_MIB(1), SIZE + RC_MIB(48) + 512 };
	struct rc_error err;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(sizes); i++) {
		struct fake fake;

		fake_open(&fake, sizes[i], FAULT_NONE, 0);
		support_ok(write_to(&fake, &err), &err);
		assert_memory_equal(fake.data, image, used);
		assert_int_equal(fake.last_write, 0);
		assert_true(fake.flushes >= 2);
		/* No more than the contents, a mark in each MiB and the place of a GPT. */
		assert_true(fake.written < used + RC_MIB(1));
		if (sizes[i] > SIZE + RC_MIB(1))
			assert_true(rc_all_bytes(fake.data + sizes[i] - 34 * 512, 34 * 512, 0));
		/* No mark stays behind. */
		for (size_t at = RC_MIB(70); at < SIZE; at += RC_MIB(1))
			assert_true(rc_all_bytes(fake.data + at, 512, 0));
		card_close(&fake.device);
	}
}

static void assert_fails(enum fault fault, uint64_t limit, int status, const char *says)
{
	struct rc_error err;
	struct fake fake;

	fake_open(&fake, SIZE + RC_MIB(40), fault, limit);
	support_fails(write_to(&fake, &err), status, &err, says);
	/* Whoever looks at it sees no card, but for a locked one, which is as it was. */
	if (fault == FAULT_LOCKED)
		assert_int_equal(fake.written, 0);
	else
		assert_false(fake.data[510] == 0x55 && fake.data[511] == 0xaa &&
			     fake.data[450] != 0);
	card_close(&fake.device);
}

static void test_fake_capacity(void **state)
{
	(void)state;
	/* In the contents, at their end, in what is free, just before the end. */
	assert_fails(FAULT_WRAPS, RC_MIB(2), RC_EVERIFY, "less room than it says");
	assert_fails(FAULT_WRAPS, RC_MIB(16), RC_EVERIFY, "less room than it says");
	assert_fails(FAULT_WRAPS, RC_MIB(37), RC_EVERIFY, "less room than it says");
	assert_fails(FAULT_WRAPS, RC_MIB(64), RC_EVERIFY, "less room than it says");
	assert_fails(FAULT_WRAPS, RC_MIB(78), RC_EVERIFY, "less room than it says");
	assert_fails(FAULT_FORGETS, RC_MIB(3), RC_EVERIFY, "came back as 00");
	assert_fails(FAULT_FORGETS, RC_MIB(64), RC_EVERIFY,
		     "says that it has 120 MiB, and does not keep what is written at 64 MiB");
}

static void test_worn_out(void **state)
{
	(void)state;
	assert_fails(FAULT_BIT, RC_MIB(2) + 77, RC_EVERIFY, "byte 2097229 came back as");
	assert_fails(FAULT_LOCKED, 0, RC_EIO, "Read-only");
	for (uint64_t limit = 512; limit < used; limit *= 5)
		assert_fails(FAULT_PULLED, limit, RC_EIO, "No such device");
}

/* What lies behind the end of the image never matters. */
static void test_not_tried(void **state)
{
	struct rc_error err;
	struct fake fake;

	(void)state;
	fake_open(&fake, SIZE + RC_MIB(40), FAULT_FORGETS, SIZE + RC_MIB(20));
	support_ok(write_to(&fake, &err), &err);
	card_close(&fake.device);
	fake_open(&fake, SIZE - 512, FAULT_NONE, 0);
	support_fails(write_to(&fake, &err), RC_ERANGE, &err, "take a larger card");
	assert_int_equal(fake.written, 0);
	card_close(&fake.device);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_fake_capacity),
		cmocka_unit_test(test_worn_out),
		cmocka_unit_test(test_not_tried),
	};

	return cmocka_run_group_tests(tests, make_image, drop_image);
}
