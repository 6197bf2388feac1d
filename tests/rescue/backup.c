/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Backups: how each block is proven, what is moved for it, and what is refused. */
#include "rescue/backup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "fake.h"
#include "support.h"

#define BLOCK  RC_ERASE_BLOCK
#define BLOCKS 256u

static uint8_t *flash; /* 16 MiB: blocks 0..31 noise, 32..39 equal to 8..15, the rest erased */

static int make_flash(void **state)
{
	uint64_t random = 7;

	(void)state;
	flash = malloc(BLOCKS * BLOCK);
	memset(flash, 0xff, BLOCKS * BLOCK);
	for (size_t i = 0; i < 32u * BLOCK; i++)
		flash[i] = (uint8_t)support_random(&random);
	memcpy(flash + 32u * BLOCK, flash + 8u * BLOCK, 8u * BLOCK);
	return 0;
}

static int free_flash(void **state)
{
	(void)state;
	free(flash);
	return 0;
}

static void assert_exact(const struct backup *backup)
{
	assert_int_equal(backup->size, BLOCKS * BLOCK);
	assert_memory_equal(backup->data, flash, backup->size);
}

static void expect_proof(const struct backup *backup, size_t first, size_t count, enum proof proof)
{
	for (size_t i = first; i < first + count; i++)
		assert_string_equal(proof_name((enum proof)backup->proofs[i]), proof_name(proof));
}

static void each_block_is_proven_the_cheapest_way(void **state)
{
	struct backup_options options = { .reference_count = 1 };
	struct rc_span reference;
	struct backup backup;
	struct rc_error err;
	struct fake fake;

	(void)state;
	fake_open(&fake, flash, BLOCKS * BLOCK);
	reference = (struct rc_span){ flash, 4u * BLOCK };
	options.references = &reference;
	support_ok(backup_take(&fake.link, &options, &backup, &err), &err);
	assert_exact(&backup);
	expect_proof(&backup, 0, 4, PROOF_REFERENCE);
	expect_proof(&backup, 4, 36, PROOF_CHECKSUM);
	expect_proof(&backup, 40, 216, PROOF_ERASED);
	/* Read once: blocks 4 to 31. Not the reference's, the copies, the erased. */
	assert_int_equal(fake.read_bytes, 28u * BLOCK);
	assert_int_equal(backup.moved, 28u * BLOCK);
	assert_true(backup_covers(&backup, 0, backup.size));
	assert_false(backup_is_partial(&backup));
	backup_clear(&backup);
	link_close(&fake.link);
}

/* A reference that differs in one bit is no proof. */
static void a_wrong_reference_changes_nothing(void **state)
{
	uint8_t *wrong = malloc(4u * BLOCK);
	struct rc_span reference = { wrong, 4u * BLOCK };
	struct backup_options options = { .references = &reference, .reference_count = 1 };
	struct backup backup;
	struct rc_error err;
	struct fake fake;

	(void)state;
	memcpy(wrong, flash, 4u * BLOCK);
	wrong[2u * BLOCK + 77] ^= 1;
	fake_open(&fake, flash, BLOCKS * BLOCK);
	support_ok(backup_take(&fake.link, &options, &backup, &err), &err);
	assert_exact(&backup);
	expect_proof(&backup, 1, 1, PROOF_REFERENCE);
	expect_proof(&backup, 2, 1, PROOF_CHECKSUM);
	backup_clear(&backup);
	link_close(&fake.link);
	free(wrong);
}

static void without_checksums_everything_is_read_twice(void **state)
{
	struct backup_options options = { 0 };
	struct backup backup;
	struct rc_error err;
	struct fake fake;

	(void)state;
	fake_open(&fake, flash, BLOCKS * BLOCK);
	fake.link.info.can_checksum = false;
	support_ok(backup_take(&fake.link, &options, &backup, &err), &err);
	assert_exact(&backup);
	expect_proof(&backup, 0, BLOCKS, PROOF_TWO_READS);
	assert_int_equal(fake.read_bytes, 2u * BLOCKS * BLOCK);
	assert_int_equal(fake.checksums, 0);
	backup_clear(&backup);
	link_close(&fake.link);
}

static void reads_that_differ_are_no_backup(void **state)
{
	struct backup_options options = { 0 };
	struct backup backup;
	struct rc_error err;
	struct fake fake;

	(void)state;
	fake_open(&fake, flash, BLOCKS * BLOCK);
	fake.link.info.can_checksum = false;
	fake.nor.faults.unstable_offset = 5u * BLOCK;
	fake.nor.faults.unstable_one_in = 2;
	support_fails(backup_take(&fake.link, &options, &backup, &err), RC_EVERIFY, &err,
		      "[reads-differ]", "0x50000", "bits", "third read", "smells of");
	assert_null(backup.data);
	link_close(&fake.link);
}

static void what_is_not_reached_is_named(void **state)
{
	struct backup_options options = { 0 };
	struct backup backup;
	struct rc_error err;
	struct fake fake;
	json_t *json;

	(void)state;
	fake_open(&fake, flash, BLOCKS * BLOCK);
	fake.link.info.reach = 20u * BLOCK;
	support_ok(backup_take(&fake.link, &options, &backup, &err), &err);
	assert_memory_equal(backup.data, flash, 20u * BLOCK);
	assert_true(rc_all_bytes(backup.data + 20u * BLOCK, 236u * BLOCK, 0xff));
	expect_proof(&backup, 20, 236, PROOF_UNREACHED);
	assert_true(backup_is_partial(&backup));
	assert_true(backup_covers(&backup, 0, 20u * BLOCK));
	assert_false(backup_covers(&backup, 19u * BLOCK, BLOCK + 1));
	assert_false(backup_covers(&backup, 0, UINT32_MAX));
	json = backup_json(&backup, NULL);
	assert_true(json_is_true(json_object_get(json, "partial")));
	json_decref(json);
	backup_clear(&backup);
	link_close(&fake.link);
}

/* Interrupted after each block in turn, it goes on and moves nothing twice. */
static void an_interrupted_backup_goes_on(void **state)
{
	char *path = rc_path_join(support_temp_dir(), "b.bin");
	struct backup_options options = { .path = path };
	struct backup backup;
	struct rc_error err;
	struct fake fake;
	uint64_t moved = 0;

	(void)state;
	for (unsigned tries = 0; tries < 30; tries++) {
		fake_open(&fake, flash, BLOCKS * BLOCK);
		/* The line dies in the middle of the third block that is read. */
		fake.die_after_read = 3u * BLOCK - 100;
		if (backup_take(&fake.link, &options, &backup, &err) == 0)
			break;
		assert_int_equal(err.status, RC_ESTOPPED);
		assert_null(backup.data);
		moved += fake.read_bytes;
		link_close(&fake.link);
	}
	assert_exact(&backup);
	/* 32 blocks, two kept of each three that were begun. */
	assert_in_range(moved + fake.read_bytes, 32u * BLOCK, 48u * BLOCK);
	support_ok(backup_save(&backup, path, NULL, &err), &err);
	backup_clear(&backup);
	link_close(&fake.link);
	free(path);
}

static void stop_is_heard_between_blocks(void **state)
{
	char *path = rc_path_join(support_temp_dir(), "b.bin");
	volatile int stop = 1;
	struct backup_options options = { .path = path, .stop = &stop };
	struct backup backup;
	struct rc_error err;
	struct fake fake;

	(void)state;
	fake_open(&fake, flash, BLOCKS * BLOCK);
	support_fails(backup_take(&fake.link, &options, &backup, &err), RC_ESTOPPED, &err,
		      "same command");
	assert_int_equal(fake.read_bytes, 0);
	link_close(&fake.link);
	free(path);
}

/* What another camera left in FILE.partial is not believed. */
static void a_foreign_partial_does_no_harm(void **state)
{
	char *path = rc_path_join(support_temp_dir(), "b.bin");
	struct backup_options options = { .path = path };
	uint8_t *other = malloc(BLOCKS * BLOCK);
	struct backup backup;
	struct rc_error err;
	struct fake fake;

	(void)state;
	memcpy(other, flash, BLOCKS * BLOCK);
	for (size_t i = 0; i < 32; i += 2)
		other[i * BLOCK + 9] ^= 0xff;
	fake_open(&fake, other, BLOCKS * BLOCK);
	fake.die_after_read = 20u * BLOCK;
	support_fails(backup_take(&fake.link, &options, &backup, &err), RC_ESTOPPED, &err, "dead");
	link_close(&fake.link);
	fake_open(&fake, flash, BLOCKS * BLOCK);
	support_ok(backup_take(&fake.link, &options, &backup, &err), &err);
	assert_exact(&backup);
	backup_clear(&backup);
	link_close(&fake.link);
	free(other);
	free(path);
}

/* One checksum answer in ten is wrong, and one read of 4 KiB in twenty. */
static void a_bad_line_gives_a_right_backup_or_none(void **state)
{
	unsigned whole = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct backup_options options = { 0 };
		struct backup backup;
		struct rc_error err;
		struct fake fake;

		fake_open(&fake, flash, BLOCKS * BLOCK);
		fake.random = seed * 977;
		fake.garble_one_in = 10;
		fake.flip_one_in = 20;
		if (backup_take(&fake.link, &options, &backup, &err) == 0) {
			assert_exact(&backup);
			whole++;
		} else {
			assert_int_equal(err.status, RC_EVERIFY);
			assert_non_null(strstr(err.text, "[reads-differ]"));
		}
		backup_clear(&backup);
		link_close(&fake.link);
	}
	/* Giving up each time would be exact as well, and of no use. */
	assert_true(whole >= 15);
}

static void take_and_save(const char *path)
{
	struct backup_options options = { .path = path };
	struct backup backup;
	struct rc_error err;
	struct fake fake;

	fake_open(&fake, flash, BLOCKS * BLOCK);
	support_ok(backup_take(&fake.link, &options, &backup, &err), &err);
	support_ok(backup_save(&backup, path, NULL, &err), &err);
	backup_clear(&backup);
	link_close(&fake.link);
}

static char *suffixed(const char *path, const char *suffix)
{
	char *name = malloc(strlen(path) + strlen(suffix) + 1);

	strcpy(name, path);
	return strcat(name, suffix);
}

static void what_is_saved_is_loaded(void **state)
{
	char *path = rc_path_join(support_temp_dir(), "b.bin");
	char *json = suffixed(path, ".json");
	char *partial = suffixed(path, ".partial");
	struct backup backup;
	struct rc_error err;
	struct stat st;

	(void)state;
	take_and_save(path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(json, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(rc_file_exists(partial));
	support_ok(backup_load(path, &backup, &err), &err);
	assert_exact(&backup);
	assert_int_equal(backup.jedec, 0xc84018);
	assert_int_equal(backup.status_count, 1);
	assert_string_equal(backup.bootloader, "2013.07 (Jul 28 2017 - 17:10:01)");
	assert_int_equal(strlen(backup.date), 20);
	expect_proof(&backup, 0, 40, PROOF_CHECKSUM);
	expect_proof(&backup, 40, 216, PROOF_ERASED);
	backup_clear(&backup);
	free(partial);
	free(json);
	free(path);
}

static void a_changed_backup_is_not_loaded(void **state)
{
	char *path = rc_path_join(support_temp_dir(), "b.bin");
	char *json = suffixed(path, ".json");
	struct backup backup;
	struct rc_error err;

	(void)state;
	take_and_save(path);
	flash[70000] ^= 1;
	support_ok(rc_file_replace(path, flash, BLOCKS * BLOCK, 0600, &err), &err);
	flash[70000] ^= 1;
	support_fails(backup_load(path, &backup, &err), RC_EVERIFY, &err, "b.bin.json", "sha256",
		      "another name");
	support_ok(rc_file_replace(json, "{", 1, 0600, &err), &err);
	support_fails(backup_load(path, &backup, &err), RC_EFORMAT, &err, "b.bin.json", "line 1");
	unlink(json);
	support_fails(backup_load(path, &backup, &err), RC_ENOTFOUND, &err, "b.bin.json", "proven");
	free(json);
	free(path);
}

static void another_file_is_never_overwritten(void **state)
{
	char *path = rc_path_join(support_temp_dir(), "b.bin");
	struct backup_options options = { .path = path };
	struct rc_buffer before;
	struct rc_buffer after;
	struct backup backup;
	struct rc_error err;
	struct fake fake;

	(void)state;
	take_and_save(path);
	support_ok(rc_file_read(path, BLOCKS * BLOCK, &before, &err), &err);

	/* The same camera, unchanged: nothing is moved, and it may be saved again. */
	fake_open(&fake, flash, BLOCKS * BLOCK);
	support_ok(backup_take(&fake.link, &options, &backup, &err), &err);
	assert_int_equal(fake.read_bytes, 0);
	support_ok(backup_save(&backup, path, NULL, &err), &err);

	/* Changed by one bit: told before anything is moved, and when it comes to saving. */
	fake.nor.data[3u * BLOCK] ^= 1;
	backup.data[3u * BLOCK] ^= 1;
	support_fails(backup_save(&backup, path, NULL, &err), RC_EREFUSED, &err, "b.bin",
		      "another file");
	backup_clear(&backup);
	support_fails(backup_take(&fake.link, &options, &backup, &err), RC_EREFUSED, &err, "b.bin",
		      "1 of 256 blocks", "0x30000", "another file");
	assert_int_equal(fake.read_bytes, 0);
	link_close(&fake.link);

	support_ok(rc_file_read(path, BLOCKS * BLOCK, &after, &err), &err);
	assert_memory_equal(before.data, after.data, before.size);
	rc_buffer_free(&before);
	rc_buffer_free(&after);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_block_is_proven_the_cheapest_way),
		cmocka_unit_test(a_wrong_reference_changes_nothing),
		cmocka_unit_test(without_checksums_everything_is_read_twice),
		cmocka_unit_test(reads_that_differ_are_no_backup),
		cmocka_unit_test(what_is_not_reached_is_named),
		cmocka_unit_test(an_interrupted_backup_goes_on),
		cmocka_unit_test(stop_is_heard_between_blocks),
		cmocka_unit_test(a_foreign_partial_does_no_harm),
		cmocka_unit_test(a_bad_line_gives_a_right_backup_or_none),
		cmocka_unit_test(what_is_saved_is_loaded),
		cmocka_unit_test(a_changed_backup_is_not_loaded),
		cmocka_unit_test(another_file_is_never_overwritten),
	};

	return cmocka_run_group_tests(tests, make_flash, free_flash);
}
