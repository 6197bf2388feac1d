/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * With an SD card, as owners with three wires go: the stock camera in the exact twin, its
 * whole flash to the card and off it, and a rescue whose firmware comes from the card.
 */
#include "cli.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "card/transfer.h"

#define CARD_SIZE "128M"

static struct rc_buffer flash;

static void write_broken(void)
{
	struct rc_error err;
	uint8_t *broken = malloc(flash.size);

	assert_non_null(broken);
	memcpy(broken, flash.data, flash.size);
	memset(broken + 0x590000, 0xff, 0xa0000);
	memset(broken + 0x260000, 0x5a, 0x10000);
	support_ok(rc_file_replace("broken.bin", broken, flash.size, 0600, &err), &err);
	free(broken);
}

static int enter_folder(void **state)
{
	struct rc_error err;

	(void)state;
	support_dafang_flash(&flash);
	if (chdir(support_temp_dir()) ||
	    rc_file_replace("full.bin", flash.data, flash.size, 0600, &err))
		return -1;
	write_broken();
	return 0;
}

static int leave_folder(void **state)
{
	(void)state;
	rc_buffer_free(&flash);
	return chdir("/");
}

static void assert_files_equal(const char *a, const char *b)
{
	struct rc_buffer left, right;
	struct rc_error err;

	support_ok(rc_file_read(a, RC_MIB(16), &left, &err), &err);
	support_ok(rc_file_read(b, RC_MIB(16), &right, &err), &err);
	assert_int_equal(left.size, right.size);
	assert_memory_equal(left.data, right.data, left.size);
	rc_buffer_free(&left);
	rc_buffer_free(&right);
}

static void test_make(void **state)
{
	struct run_result result;

	(void)state;
	RECAM(&result, "card", "make", "card.img", "--transfer", "--size", CARD_SIZE, "--board",
	      "dafang", "--firmware", "full.bin");
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	/* What is there is not overwritten. */
	RECAM(&result, "card", "make", "card.img", "--transfer", "--size", CARD_SIZE);
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "not overwritten");
	run_result_free(&result);
	RECAM(&result, "card", "make", "empty.img", "--transfer", "--size", CARD_SIZE);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
}

/* Pulled after the fifth MiB or so; the same again, with the card in, is whole. */
static void test_backup(void **state)
{
	struct run_result result;

	(void)state;
	RECAM(&result, "backup", "twin:broken.bin?card=card.img&fault=card:12", "-o", "back.bin",
	      "--via-card");
	assert_int_equal(result.status, 3);
	assert_has(&result.err, "no longer takes what is written (at 0x");
	assert_has(&result.err, "the camera's flash is untouched");
	run_result_free(&result);
	assert_false(rc_file_exists("back.bin.card.json"));
	RECAM(&result, "card", "take", "card.img", "-o", "back.bin");
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "back.bin.card.json is not there");
	run_result_free(&result);

	RECAM(&result, "backup", "twin:broken.bin?card=card.img", "-o", "back.bin", "--via-card");
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "recam card take CARD -o back.bin");
	run_result_free(&result);
	RECAM(&result, "card", "take", "card.img", "-o", "back.bin");
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "Proven backup of 16 MiB in back.bin");
	run_result_free(&result);
	assert_files_equal("back.bin", "broken.bin");
	RECAM(&result, "card", "take", "card.img", "-o", "other.bin", "--proof",
	      "back.bin.card.json");
	assert_int_equal(result.status, 0);
	run_result_free(&result);
}

static void change_card(const char *from, const char *to, size_t offset)
{
	struct rc_buffer card;
	struct rc_error err;

	support_ok(rc_file_read(from, RC_MIB(256), &card, &err), &err);
	card.data[offset] ^= 1;
	support_ok(rc_file_replace(to, card.data, card.size, 0600, &err), &err);
	rc_buffer_free(&card);
}

static size_t area_of(const char *path)
{
	struct transfer_area area;
	struct rc_buffer card;
	struct rc_error err;

	support_ok(rc_file_read(path, RC_MIB(256), &card, &err), &err);
	support_ok(transfer_find((struct rc_span){ card.data, card.size }, &area, &err), &err);
	rc_buffer_free(&card);
	return (size_t)area.first * CARD_SECTOR;
}

static void assert_refuses(const char *link, const char *says)
{
	struct run_result result;

	RECAM(&result, "backup", link, "-o", "no.bin", "--via-card");
	assert_int_equal(result.status, 2);
	assert_has(&result.err, says);
	run_result_free(&result);
	assert_false(rc_file_exists("no.bin.card.json"));
}

static void test_wrong_cards(void **state)
{
	size_t area = area_of("card.img");
	struct run_result result;

	(void)state;
	/* A bit that the card lost. */
	change_card("card.img", "lost.img", area + 0x345678);
	RECAM(&result, "card", "take", "lost.img", "-o", "lost.bin", "--proof",
	      "back.bin.card.json");
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "the MiB at 0x300000 on the card has CRC-32");
	run_result_free(&result);
	assert_false(rc_file_exists("lost.bin"));
	/* Its header is not ours, it has no such partition, it has no table, there is none. */
	change_card("empty.img", "header.img", area - TRANSFER_DATA * CARD_SECTOR + 12);
	assert_refuses("twin:full.bin?card=header.img", "transfer area is damaged");
	change_card("empty.img", "type.img", 446 + 16 + 4);
	assert_refuses("twin:full.bin?card=type.img", "has no transfer area");
	change_card("empty.img", "table.img", 511);
	assert_refuses("twin:full.bin?card=table.img", "no partition table");
	assert_refuses("twin:full.bin", "sees no card");
	assert_refuses("twin:full.bin?engine=model", "sees no card");
	assert_refuses("full.bin", "only a U-Boot console can");
}

static void test_rescue(void **state)
{
	struct run_result result;

	(void)state;
	RECAM(&result, "rescue", "twin:broken.bin?card=card.img&save=after.bin", "--from",
	      "full.bin", "--board", "dafang", "--backup", "back.bin", "--yes", "-v");
	assert_int_equal(result.status, 0);
	assert_has(&result.err, "fatload mmc 0:1 80600000 DRIVER.BIN 40000 0");
	assert_has(&result.err, "fatload mmc 0:1 80600000 ROOT.BIN 10000 20000");
	run_result_free(&result);
	assert_files_equal("after.bin", "full.bin");
}

/* Pulled out while the second quarter of the driver is loaded: nothing of the flash hangs on
 * it, since bytes come to the camera's RAM before the erase that makes room for them. So it is
 * told, the line brings the rest, and the rescue ends as it would have. */
static void test_pulled_out(void **state)
{
	uint8_t *broken = malloc(flash.size);
	struct run_result result;
	struct rc_error err;

	(void)state;
	assert_non_null(broken);
	memcpy(broken, flash.data, flash.size);
	memset(broken + 0x590000, 0xff, 0xa0000);
	support_ok(rc_file_replace("driver.bin", broken, flash.size, 0600, &err), &err);
	free(broken);
	RECAM(&result, "rescue", "twin:driver.bin?card=card.img&fault=card:18&save=pulled.bin",
	      "--from", "full.bin", "--board", "dafang", "--only", "driver", "--backup",
	      "pulled-back.bin", "--yes", "--no-rehearsal", "-v");
	assert_int_equal(result.status, 0);
	assert_has(&result.err, "fatload mmc 0:1 80600000 DRIVER.BIN 40000 0: 62 bytes");
	assert_has(&result.err, "the card in the camera no longer gives DRIVER.BIN as it should "
				"(it does not answer): the rest comes over the line");
	run_result_free(&result);
	assert_files_equal("pulled.bin", "full.bin");
}

int main(void)
{
	/* Each goes on from the one before. */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make),        cmocka_unit_test(test_backup),
		cmocka_unit_test(test_wrong_cards), cmocka_unit_test(test_rescue),
		cmocka_unit_test(test_pulled_out),
	};
	int missing = support_needs_dafang("the tests of backup and rescue by card");

	return missing ? missing : cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
