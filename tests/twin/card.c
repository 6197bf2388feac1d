/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SD slot of the exact engine: the stock bootloader reads and writes cards that
 * mkfs.fat and mtools made, and updates itself from one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/file.h"
#include "run.h"
#include "session.h"

#define PROMPT    "isvp_t20# "
#define CARD_SIZE RC_MIB(64)
#define FIRST     2048u /* sectors before the partition */

static struct rc_buffer flash;

static int take_firmware(void **state)
{
	support_dafang_flash(&flash);
	return 0;
}

static int drop_firmware(void **state)
{
	rc_buffer_free(&flash);
	return 0;
}

static void judge(const char *const *argv)
{
	struct run_result result;

	run_program(argv, (struct rc_span){ 0 }, &result);
	if (result.status != 0)
		print_error("%s: %s\n", argv[0], (const char *)result.err.data);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
}

/* A card as a careful owner makes it: MBR, one FAT32 partition, one file (NULL: none). */
static void make_card(struct rc_buffer *card, const char *name, struct rc_span file)
{
	const char *folder = support_temp_dir();
	char *image = rc_path_join(folder, "card.img");
	char *source = rc_path_join(folder, "file");
	uint8_t *mbr = calloc(1, CARD_SIZE);
	struct rc_error err;
	char where[600], target[64];

	assert_non_null(mbr);
	mbr[446 + 4] = 0x0c;
	rc_put_le32(mbr + 446 + 8, FIRST);
	rc_put_le32(mbr + 446 + 12, CARD_SIZE / 512 - FIRST);
	mbr[510] = 0x55;
	mbr[511] = 0xaa;
	support_ok(rc_file_replace(image, mbr, CARD_SIZE, 0600, &err), &err);
	free(mbr);
	judge((const char *const[]){ "mkfs.fat", "-F", "32", "-s", "1", "--offset", "2048", image,
				     "64512", NULL });
	if (name) {
		support_ok(rc_file_replace(source, file.data, file.size, 0600, &err), &err);
		snprintf(where, sizeof(where), "%s@@1M", image);
		snprintf(target, sizeof(target), "::%s", name);
		judge((const char *const[]){ "mcopy", "-i", where, source, target, NULL });
	}
	support_ok(rc_file_read(image, CARD_SIZE, card, &err), &err);
	free(image);
	free(source);
}

static void open_with(struct session *session, const struct rc_buffer *card, uint32_t jedec,
		      uint64_t pull_after)
{
	struct twin_config config = { .image = { flash.data, flash.size },
				      .jedec = jedec,
				      .engine = TWIN_EXACT,
				      .card = card->data,
				      .card_size = card->size,
				      .card_faults = { .pull_after = pull_after } };

	session_open(session, &config);
	session_prompt(session);
}

/* What the commands print: facts 4.2. */
static void test_reads(void **state)
{
	struct rc_span file = { flash.data + 0x40000, 300001 };
	struct rc_buffer card;
	struct session s;
	char crc[32];

	make_card(&card, "PART.BIN", file);
	open_with(&s, &card, 0, 0);
	assert_hasnt(session_type(&s, "mmc rescan"), "rror");
	session_type(&s, "mmcinfo");
	assert_has(rc_text_get(&s.last), "High Capacity: Yes\r\n");
	assert_has(rc_text_get(&s.last), "Capacity: 64 MiB\r\n");
	assert_has(rc_text_get(&s.last), "Bus Width: 4-bit\r\n");
	assert_has(session_type(&s, "fatls mmc 0:1"), "300001   part.bin \r\n");
	assert_has(session_type(&s, "fatload mmc 0:1 80600000 part.bin"),
		   "reading part.bin\r\n300001 bytes read in ");
	snprintf(crc, sizeof(crc), "==> %08x\r\n", rc_crc32(0, file.data, file.size));
	assert_has(session_type(&s, "crc32 80600000 493e1"), crc);
	/* A piece from the middle: length, then position. */
	assert_has(session_type(&s, "fatload mmc 0:1 80600000 part.bin 10000 20000"),
		   "65536 bytes read in ");
	snprintf(crc, sizeof(crc), "==> %08x\r\n", rc_crc32(0, file.data + 0x20000, 0x10000));
	assert_has(session_type(&s, "crc32 80600000 10000"), crc);
	assert_has(session_type(&s, "fatload mmc 0:1 80600000 none.bin"),
		   "** Unable to read file none.bin **");
	session_close(&s);
	rc_buffer_free(&card);
}

static void test_raw_blocks(void **state)
{
	struct rc_buffer card, before = { 0 };
	struct session s;

	make_card(&card, NULL, (struct rc_span){ 0 });
	assert_true(rc_buffer_append(&before, card.data, card.size));
	open_with(&s, &card, 0, 0);
	session_type(&s, "sf probe");
	session_type(&s, "sf read 80600000 40000 100000");
	assert_has(session_type(&s, "mmc write 80600000 1f000 800"),
		   "MMC write: dev # 0, block # 126976, count 2048 ... 2048 blocks write: OK");
	assert_memory_equal(card.data + 0x1f000u * 512, flash.data + 0x40000, 0x100000);
	memcpy(before.data + 0x1f000u * 512, flash.data + 0x40000, 0x100000);
	assert_memory_equal(card.data, before.data, card.size);
	/* One block is another command of the card. */
	session_type(&s, "mmc write 80600000 1fffe 1");
	assert_memory_equal(card.data + 0x1fffeu * 512, flash.data + 0x40000, 512);
	session_type(&s, "mw.l 80a00000 0 40000");
	assert_has(session_type(&s, "mmc read 80a00000 1f000 800"), "2048 blocks read: OK");
	assert_has(session_type(&s, "cmp.b 80600000 80a00000 100000"),
		   "Total of 1048576 byte(s) were the same");
	assert_int_equal(twin_card(s.twin)->blocks_written, 2049);
	/* Past the end the bootloader itself refuses. */
	assert_has(session_type(&s, "mmc read 80a00000 1ffff 2"), "0 blocks read: ERROR");
	session_close(&s);
	rc_buffer_free(&card);
	rc_buffer_free(&before);
}

static void test_pulled(void **state)
{
	struct rc_buffer card;
	struct session s;

	uint64_t found;

	make_card(&card, NULL, (struct rc_span){ 0 });
	open_with(&s, &card, 0, 0);
	session_type(&s, "mmc rescan");
	found = twin_card(s.twin)->block_commands;
	session_close(&s);
	open_with(&s, &card, 0, found + 2);
	session_type(&s, "mmc rescan");
	assert_has(session_type(&s, "mmc write 80600000 1f000 8"), "8 blocks write: OK");
	assert_has(session_type(&s, "mmc write 80600000 1f010 8"), "8 blocks write: OK");
	assert_has(session_type(&s, "mmc write 80600000 1f020 8"), "ERROR");
	assert_true(twin_card(s.twin)->pulled);
	assert_has(session_type(&s, "mmc read 80600000 1f000 8"), "0 blocks read: ERROR");
	assert_has(session_type(&s, "version"), "U-Boot 2013.07");
	session_close(&s);
	rc_buffer_free(&card);
}

static void test_no_card(void **state)
{
	struct rc_buffer none = { 0 };
	struct session s;

	open_with(&s, &none, 0, 0);
	assert_has(session_type(&s, "mmcinfo"), "Card did not respond to voltage select!");
	assert_has(session_type(&s, "fatls mmc 0:1"), "** Bad device mmc 0 **");
	session_close(&s);
}

static void make_demo_bin(size_t size, struct rc_buffer *demo)
{
	const char *folder = support_temp_dir();
	char *payload = rc_path_join(folder, "payload");
	char *path = rc_path_join(folder, "demo.bin");
	struct rc_error err;

	support_ok(rc_file_replace(payload, flash.data + 0x40000, size, 0600, &err), &err);
	judge((const char *const[]){ "mkimage", "-A", "MIPS", "-O", "linux", "-T", "firmware", "-C",
				     "none", "-a", "0", "-e", "0", "-n", "jz_fw", "-d", payload,
				     path, NULL });
	support_ok(rc_file_read(path, RC_MIB(16), demo, &err), &err);
	free(payload);
	free(path);
}

static void run_until(struct session *session, const char *text)
{
	do {
		uint8_t byte;

		session->state = twin_run(session->twin, 1, TWIN_FOREVER);
		while (twin_output(session->twin, &byte, 1))
			rc_text_add_bytes(&session->all, (const char *)&byte, 1);
	} while (session->state == TWIN_RUNNING && !strstr(rc_text_get(&session->all), text));
}

static void assert_in_order(const char *text, const char *const *parts)
{
	for (; *parts; parts++) {
		assert_has(text, *parts);
		text = strstr(text, *parts) + strlen(*parts);
	}
}

/* facts 2.1: a camera without kernel, root, driver and appfs is whole again. */
static void test_update(void **state)
{
	static const char *const messages[] = {
		"jiabo_do_auto_update!!!!!!!!!!!!!!!!!!!!!!!!\r\n",
		"gpio_request lable = sdupgrade gpio = 46\r\n",
		"setup_button set long!!!!!!!!!!!!!!!!!!!\r\n",
		"Interface:  MMC\r\n",
		"  Device 0: Vendor: Man 000002 Snr 751da700 Rev: 1.0 Prod: SA02G",
		"Filesystem: FAT32",
		"the manufacturer c8\r\nSF: Detected GD25Q128\r\n",
		"reading demo.bin\r\n",
		"reading demo.bin\r\n",
		"jiabo_au_check_cksum_valid!!!!!!!!!!!!!!!!!!!!!!!!\r\n",
		"jiabo_idx=4\r\n",
		"misc_init_r after change the blue_gpio ret is 0\r\n",
		"jiabo_start=40000,jiabo_len=a90000\r\n",
		"flash erase...\r\n",
		"flash write...\r\n",
		"misc_init_r after change the blue_gpio ret is 1\r\n",
		"--->read spend",
		NULL,
	};
	struct rc_buffer card, demo, wounded = { 0 };
	struct session s;

	make_demo_bin(0xa90000, &demo);
	make_card(&card, "demo.bin", (struct rc_span){ demo.data, demo.size });
	assert_true(rc_buffer_append(&wounded, flash.data, flash.size));
	memset(wounded.data + 0x40000, 0xff, 0xa90000);
	session_open(&s, &(struct twin_config){ .image = { wounded.data, wounded.size },
						.engine = TWIN_EXACT,
						.button_held = true,
						.card = card.data,
						.card_size = card.size });
	run_until(&s, "--->read spend");
	assert_in_order(rc_text_get(&s.all), messages);
	assert_memory_equal(twin_nor(s.twin)->data, flash.data, flash.size);
	session_close(&s);
	rc_buffer_free(&card);
	rc_buffer_free(&demo);
	rc_buffer_free(&wounded);
}

/* facts 3.5 (a): refused before the first erase. */
static void test_update_of_misdetected_chip(void **state)
{
	static const char *const messages[] = {
		"flash erase...\r\n",
		"len plus offset more than flash size!\r\n",
		"sfc erase error\r\n",
		"SPI flash sector erase failed\r\n",
		NULL,
	};
	struct rc_buffer card, demo;
	struct session s;

	make_demo_bin(0x10000, &demo);
	make_card(&card, "demo.bin", (struct rc_span){ demo.data, demo.size });
	session_open(&s, &(struct twin_config){ .image = { flash.data, flash.size },
						.jedec = 0x1c7018,
						.engine = TWIN_EXACT,
						.button_held = true,
						.card = card.data,
						.card_size = card.size });
	run_until(&s, "--->read spend");
	assert_in_order(rc_text_get(&s.all), messages);
	assert_int_equal(twin_nor(s.twin)->counts.erases, 0);
	assert_int_equal(twin_nor(s.twin)->counts.programs, 0);
	assert_memory_equal(twin_nor(s.twin)->data, flash.data, flash.size);
	session_close(&s);
	rc_buffer_free(&card);
	rc_buffer_free(&demo);
}

static void test_sizes_that_no_card_has(void **state)
{
	uint8_t *data = calloc(1, RC_MIB(1));
	struct twin_config config = { .image = { flash.data, flash.size }, .card = data };
	struct twin *twin;
	struct rc_error err;

	config.card_size = RC_MIB(1) - 1;
	support_fails(twin_open(&config, &twin, &err), RC_ERANGE, &err, "1048575 bytes",
		      "recam card make");
	config.card_size = RC_MIB(1);
	support_ok(twin_open(&config, &twin, &err), &err);
	twin_close(twin);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_raw_blocks),
		cmocka_unit_test(test_pulled),
		cmocka_unit_test(test_no_card),
		cmocka_unit_test(test_update),
		cmocka_unit_test(test_update_of_misdetected_chip),
		cmocka_unit_test(test_sizes_that_no_card_has),
	};
	int missing = support_needs_dafang("the tests of the card's slot");

	return missing ? missing : cmocka_run_group_tests(tests, take_firmware, drop_firmware);
}
