/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programmers: libflashrom's own dummy, and the twin's chip behind serprog.
 *
 * libflashrom remembers the first id that it reads to the end of the process, so all chips
 * opened here are W25Q128s; what happens with others is seen in processes of their own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../twin/served_chip.h"
#include "base/file.h"
#include "flash/layout.h"
#include "link/differ.h"
#include "link/flashrom.h"
#include "link/flashrom_log.h"
#include "link/link.h"
#include "run.h"
#include "support.h"

#define W25Q128 0xef4018
#define BLOCK   RC_ERASE_BLOCK

/* ---- parts that touch no programmer ---- */

static void test_log_lines(void **state)
{
	struct flashrom_log log;

	flashrom_log_clear(&log);
	flashrom_log_line(&log, false,
			  "Probing for Winbond W25Q128.V, 16384 kB: RDID returned 0xef 0x40 0x18. "
			  "compare_id: id1 0xef, id2 0x4018");
	assert_int_equal(log.id, 0xef4018);
	assert_int_equal(log.chosen_id, 0xef4018);
	assert_int_equal(log.id_reads, 1);
	flashrom_log_line(&log, false, "probe_spi_rems: id1 0xef, id2 0x17");
	flashrom_log_line(&log, false, "compare_id: id1 0x1f, id2 0x17");
	assert_int_equal(log.chosen_id, 0xef4018);
	flashrom_log_line(&log, false,
			  "Found Winbond flash chip \"W25Q128.V\" (16384 kB, SPI) on dummy.");
	flashrom_log_line(&log, false,
			  "Found Winbond flash chip \"W25Q128.V\" (16384 kB, SPI) on dummy.");
	assert_int_equal(log.found_count, 1);
	assert_string_equal(log.found[0], "W25Q128.V");
	flashrom_log_line(&log, false, "Chip status register is 0xbc.");
	assert_int_equal(log.status, 0xbc);
	flashrom_log_line(&log, true,
			  "FAILED at 0x00010fff! Expected=0x55, Found=0xff, failed byte");
	flashrom_log_line(&log, true,
			  "FAILED at 0x00020000! Expected=0x55, Found=0xff, failed byte");
	assert_int_equal(log.failed_at, 0x10fff);
	assert_non_null(strstr(log.first_error, "0x00010fff"));
	assert_non_null(strstr(log.last_error, "0x00020000"));
	flashrom_log_line(&log, false, "Error: Unknown programmer \"x\". Valid choices are:");
	flashrom_log_line(&log, false, "internal, dummy,");
	flashrom_log_line(&log, false, "ch341a_spi.");
	flashrom_log_line(&log, false, "something else");
	assert_string_equal(log.choices, "internal, dummy, ch341a_spi");
}

static void test_log_lines_that_are_cut(void **state)
{
	static const char *const lines[] = {
		"RDID returned",
		"RDID returned 0xef 0x40",
		"RDID returned 0xzz 0x40 0x18",
		"Found  flash chip \"",
		"Found Winbond flash chip \"W25",
		"compare_id: id1 0x",
		"Chip status register is 0x",
		"FAILED at 0x",
		"",
	};
	struct flashrom_log log;
	char line[400];

	flashrom_log_clear(&log);
	for (size_t i = 0; i < RC_COUNT(lines); i++)
		flashrom_log_line(&log, true, lines[i]);
	memset(line, 'x', sizeof(line));
	memcpy(line, "Found a flash chip \"", 20);
	line[sizeof(line) - 2] = '"';
	line[sizeof(line) - 1] = '\0';
	flashrom_log_line(&log, true, line);
	flashrom_log_line(&log, false, "Valid choices are:");
	for (int i = 0; i < 10; i++)
		flashrom_log_line(&log, false, line);
	assert_int_equal(log.id_reads, 0);
	assert_int_equal(log.found_count, 0);
	assert_int_equal(log.status, -1);
	assert_int_equal(log.failed_at, -1);
	assert_int_equal(strlen(log.choices), sizeof(log.choices) - 1);
}

static void test_specs(void **state)
{
	struct flashrom_spec spec;
	struct rc_error err;
	char longest[400];

	support_ok(flashrom_spec_parse("ch341a_spi", &spec, &err), &err);
	assert_string_equal(spec.programmer, "ch341a_spi");
	assert_string_equal(spec.parameters, "");
	support_ok(flashrom_spec_parse("serprog:ip=127.0.0.1:4000?chip=GD25Q127C/GD25Q128C", &spec,
				       &err),
		   &err);
	assert_string_equal(spec.programmer, "serprog");
	assert_string_equal(spec.parameters, "ip=127.0.0.1:4000");
	assert_string_equal(spec.chip, "GD25Q127C/GD25Q128C");
	support_ok(flashrom_spec_parse("a?chip=b:c", &spec, &err), &err);
	assert_string_equal(spec.programmer, "a");
	assert_string_equal(spec.chip, "b:c");
	support_fails(flashrom_spec_parse("", &spec, &err), RC_EUSAGE, &err, "names no programmer");
	support_fails(flashrom_spec_parse(":x=1", &spec, &err), RC_EUSAGE, &err,
		      "names no programmer");
	support_fails(flashrom_spec_parse("a?chip=", &spec, &err), RC_EUSAGE, &err, "chip=NAME");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	support_fails(flashrom_spec_parse(longest, &spec, &err), RC_EUSAGE, &err, "399 characters");
	longest[1] = ':';
	support_fails(flashrom_spec_parse(longest, &spec, &err), RC_EUSAGE, &err, "parameter list");
}

static void add_ids(struct contact *contact, uint32_t id, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		contact_add(contact, id);
}

static void test_contact_in_words(void **state)
{
	struct contact contact = { 0 };
	char text[640];

	add_ids(&contact, 0xc84018, 200);
	assert_true(contact_is_good(&contact));
	contact_text(&contact, text, sizeof(text));
	assert_non_null(
		strstr(text, "200 times, and each time it was c84018 (GigaDevice GD25Q128)"));

	contact = (struct contact){ 0 };
	add_ids(&contact, 0xc84018, 183);
	add_ids(&contact, 0xffffff, 17);
	assert_false(contact_is_good(&contact));
	contact_text(&contact, text, sizeof(text));
	assert_non_null(
		strstr(text, "183 times c84018, 17 times nothing: a contact comes and goes"));

	contact = (struct contact){ 0 };
	add_ids(&contact, 0xc04018, 3);
	add_ids(&contact, 0xc84018, 190);
	add_ids(&contact, 0, 4);
	for (uint32_t i = 0; i < 12; i++) /* more kinds than are told apart */
		contact_add(&contact, 0x800000 + i);
	assert_int_equal(contact.answered, 205);
	assert_int_equal(contact.differed, 15);
	contact_text(&contact, text, sizeof(text));
	assert_non_null(
		strstr(text, "209 times: most often c84018, 15 times something else, 4 times"));

	contact = (struct contact){ 0 };
	add_ids(&contact, 0xffffff, 200);
	contact_text(&contact, text, sizeof(text));
	assert_non_null(strstr(text, "nothing answered"));
	assert_true(strstr(text, "contact (") < strstr(text, "supply ("));
	assert_true(strstr(text, "supply (") < strstr(text, "a camera that draws"));
}

static void test_smells(void **state)
{
	static uint8_t a[BLOCK], b[BLOCK];
	uint64_t seed = 3;

	for (size_t i = 0; i < BLOCK; i++)
		a[i] = (uint8_t)support_random(&seed);
	memcpy(b, a, BLOCK);
	assert_string_equal(differ_smell(a, b, BLOCK), "nothing");
	b[77] ^= 0x10;
	assert_non_null(strstr(differ_smell(a, b, BLOCK), "a few single bits"));
	/* One bit in the middle of erased flash is no contact. */
	memset(a + 9000, 0xff, 100);
	memset(b + 9000, 0xff, 100);
	b[9050] = 0xbf;
	b[77] = a[77];
	assert_non_null(strstr(differ_smell(a, b, BLOCK), "a few single bits"));
	memset(b + 5000, 0xff, 300);
	assert_non_null(strstr(differ_smell(a, b, BLOCK), "a contact that comes and goes"));
	assert_non_null(strstr(differ_smell(b, a, BLOCK), "a contact that comes and goes"));
	memcpy(b, a, BLOCK);
	for (size_t i = 4000; i < BLOCK; i++)
		b[i] = (uint8_t)(a[i] >> 1 | a[i - 1] << 7);
	assert_non_null(strstr(differ_smell(a, b, BLOCK), "moved by a bit"));
	memcpy(b, a, BLOCK);
	for (size_t i = 0; i < BLOCK; i += 97)
		b[i] ^= (uint8_t)support_random(&seed);
	assert_non_null(strstr(differ_smell(a, b, BLOCK), "the supply gives way"));
	assert_non_null(differ_smell(a, b, 1));
}

/* ---- the dummy ---- */

static struct rc_buffer demo;

static int load_demo(void **state)
{
	support_demo_flash(&demo);
	return 0;
}

static int free_demo(void **state)
{
	rc_buffer_free(&demo);
	return 0;
}

static struct link *open_spec(const char *spec)
{
	struct link *link;
	struct rc_error err;

	support_ok(link_open(spec, NULL, &link, &err), &err);
	return link;
}

static void fill(uint8_t *bytes, size_t size, uint64_t seed)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)support_random(&seed);
}

static void test_dummy_reads_erases_writes(void **state)
{
	static uint8_t bytes[3 * BLOCK];
	char *path = rc_path_join(support_temp_dir(), "chip.bin");
	struct rc_buffer after;
	struct rc_error err;
	char spec[400];
	struct link *link;

	support_ok(rc_file_replace(path, demo.data, demo.size, 0600, &err), &err);
	snprintf(spec, sizeof(spec), "flashrom:dummy:bus=spi,emulate=W25Q128FV,image=%s", path);
	link = open_spec(spec);
	assert_int_equal(link->info.kind, LINK_FLASHROM);
	assert_int_equal(link->info.jedec, W25Q128);
	assert_int_equal(link->info.flash_size, RC_MIB(16));
	assert_int_equal(link->info.reach, RC_MIB(16));
	assert_int_equal(link->info.step, BLOCK);
	assert_false(link->info.can_checksum);
	assert_int_equal(link->info.status_count, 1);
	assert_int_equal(link->info.protected_size, 0);

	support_ok(link_read(link, 0x3fff0, bytes, 0x100, &err), &err);
	assert_memory_equal(bytes, demo.data + 0x3fff0, 0x100);
	support_ok(link_erase(link, 2 * BLOCK, 2 * BLOCK, &err), &err);
	memset(demo.data + 2 * BLOCK, 0xff, 2 * BLOCK);
	fill(demo.data + 3 * BLOCK, BLOCK, 9);
	support_ok(link_write(link, 3 * BLOCK, demo.data + 3 * BLOCK, BLOCK, &err), &err);
	support_ok(link_read(link, BLOCK, bytes, sizeof(bytes), &err), &err);
	assert_memory_equal(bytes, demo.data + BLOCK, sizeof(bytes));
	support_fails(link_erase(link, 0x1000, BLOCK, &err), RC_EREFUSED, &err,
		      "multiples of 0x10000");
	support_fails(link_read(link, RC_MIB(16), bytes, 1, &err), RC_ERANGE, &err, "0x1000000");
	link_close(link);

	support_ok(rc_file_read(path, RC_MIB(16), &after, &err), &err);
	assert_int_equal(after.size, demo.size);
	assert_memory_equal(after.data, demo.data, demo.size);
	rc_buffer_free(&after);
	free(path);
}

static void test_one_programmer_at_a_time(void **state)
{
	struct link *first = open_spec("flashrom:dummy:bus=spi,emulate=W25Q128FV");
	struct link *second;
	struct rc_error err;

	support_fails(link_open("flashrom:dummy:bus=spi,emulate=W25Q128FV", NULL, &second, &err),
		      RC_EREFUSED, &err, "one programmer at a time");
	assert_null(second);
	link_close(first);
	link_close(open_spec("flashrom:dummy:bus=spi,emulate=W25Q128FV?chip=W25Q128.V"));
}

static void test_what_does_not_open(void **state)
{
	static const struct {
		const char *spec;
		int status;
		const char *says, *and;
	} cases[] = {
		{ "flashrom:dummy:bus=spi", RC_ENOTFOUND,
		  "nothing answered: look for, in this order", "3.3 V between pins 8 and 4" },
		{ "flashrom:dummy:bus=spi,emulate=W25Q128FV?chip=W25Q64BV/W25Q64CV/W25Q64FV",
		  RC_ENOTFOUND, "the id ef4018, W25Q128, and chip=W25Q64BV", "leave ?chip= out" },
		{ "flashrom:dummy:emulate=NOSUCH,bus=spi", RC_EIO, "emulation: NOSUCH",
		  "emulate=W25Q128FV" },
		{ "flashrom:serprog:ip=127.0.0.1:1", RC_EIO, "Connection refused", "ip=HOST:PORT" },
		{ "flashrom:linux_spi:dev=/nonexistent/spidev0.0", RC_EIO, "No such file",
		  "/dev/spidevX.Y" },
	};

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct link *link;
		struct rc_error err;

		support_fails(link_open(cases[i].spec, NULL, &link, &err), cases[i].status, &err,
			      cases[i].says, cases[i].and);
		assert_null(link);
	}
}

static void test_contact_of_the_dummy(void **state)
{
	struct contact contact;
	struct rc_error err;
	volatile int stop = 1;

	support_ok(flashrom_contact("dummy:bus=spi,emulate=W25Q128FV", 200, NULL, &contact, &err),
		   &err);
	assert_int_equal(contact.asked, 200);
	assert_true(contact_is_good(&contact));
	assert_int_equal(contact.id, W25Q128);
	support_ok(flashrom_contact("dummy:bus=spi", 20, NULL, &contact, &err), &err);
	assert_int_equal(contact.asked, 20);
	assert_int_equal(contact.answered, 0);
	support_ok(flashrom_contact("dummy:bus=spi", 20, &stop, &contact, &err), &err);
	assert_int_equal(contact.asked, 0);
	support_fails(flashrom_contact("nosuch", 20, NULL, &contact, &err), RC_ENOTFOUND, &err,
		      "nosuch");
}

/* ---- the twin's chip ---- */

static struct served_chip chip;

static int serve_chip(void **state)
{
	served_chip_start(&chip, W25Q128, demo.data, demo.size);
	return 0;
}

static int stop_chip(void **state)
{
	served_chip_stop(&chip);
	return 0;
}

static struct link *open_chip(void)
{
	char spec[128];

	snprintf(spec, sizeof(spec), "flashrom:serprog:ip=%s", chip.where);
	return open_spec(spec);
}

static void test_twin_writes_only_what_differs(void **state)
{
	static uint8_t bytes[4 * BLOCK];
	const uint32_t offset = 0x40000;
	struct link *link = open_chip();
	struct nor_counts before;
	struct rc_error err;

	support_ok(link_read(link, offset, bytes, sizeof(bytes), &err), &err);
	assert_memory_equal(bytes, demo.data + offset, sizeof(bytes));
	before = chip.nor.counts;
	bytes[BLOCK + 0x1234] ^= 0xff; /* one byte in one sector of 4 KiB */
	support_ok(link_stage(link, bytes, sizeof(bytes), &err), &err);
	support_ok(link_erase(link, offset, sizeof(bytes), &err), &err);
	support_ok(link_write(link, offset, bytes, sizeof(bytes), &err), &err);
	assert_int_equal(chip.nor.counts.erases - before.erases, 1);
	assert_in_range(chip.nor.counts.programs - before.programs, 1, 16);
	assert_memory_equal(chip.nor.data + offset, bytes, sizeof(bytes));

	/* Without knowing what comes, an erase is one. */
	support_ok(link_erase(link, offset, BLOCK, &err), &err);
	assert_true(rc_all_bytes(chip.nor.data + offset, BLOCK, 0xff));
	assert_memory_equal(chip.nor.data + offset + BLOCK, bytes + BLOCK, BLOCK);
	link_close(link);
}

/* Each status as found, what it protects, and how many of the same blocks are read. */
static void test_protection_is_named_lifted_and_put_back(void **state)
{
	static const struct {
		uint8_t status[2];
		uint32_t start, size;
		const char *words;
	} cases[] = {
		/* BP2 BP1: half of it. */
		{ { 0x18, 0 }, 0x800000, 0x800000, "the upper half, 0x800000 to 0xFFFFFF," },
		{ { 0x38, 0 }, 0, 0x800000, "the lower half, 0x0 to 0x7FFFFF," },
		/* As a stock MStar bootloader leaves it (facts/mstar-mi360.md 5). */
		{ { 0xbc, 0 }, 0, 0x1000000, "all of it, 0x0 to 0xFFFFFF," },
		/* All but the lowest 256 KiB, by the complement bit. */
		{ { 0x24, 0x40 }, 0x40000, 0xfc0000, "0x40000 to 0xFFFFFF" },
	};
	static uint8_t bytes[BLOCK];
	struct rc_error err;

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		uint32_t offset = cases[i].start + 0x100000;
		struct link *link;

		memcpy(chip.nor.status, cases[i].status, 2);
		link = open_chip();
		assert_int_equal(link->info.protected_start, cases[i].start);
		assert_int_equal(link->info.protected_size, cases[i].size);
		assert_int_equal(link->info.status[0], cases[i].status[0]);
		assert_true(link->info.can_unprotect);
		fill(bytes, BLOCK, i + 1);
		support_fails(link_erase(link, offset, BLOCK, &err), RC_EREFUSED, &err,
			      "[write-protected]", cases[i].words, "recam rescue");
		support_fails(link_write(link, offset, bytes, BLOCK, &err), RC_EREFUSED, &err,
			      "[write-protected]");
		assert_memory_equal(chip.nor.data + offset, demo.data + offset, BLOCK);

		support_ok(link_unprotect(link, &err), &err);
		support_ok(link_erase(link, offset, BLOCK, &err), &err);
		support_ok(link_write(link, offset, bytes, BLOCK, &err), &err);
		assert_memory_equal(chip.nor.data + offset, bytes, BLOCK);
		link_close(link);
		assert_int_equal(chip.nor.status[0], cases[i].status[0]);
		assert_int_equal(chip.nor.status[1], cases[i].status[1]);
		memcpy(chip.nor.data + offset, demo.data + offset, BLOCK);
	}
}

static void test_protected_chip_is_read_twice_all_the_same(void **state)
{
	static uint8_t bytes[2][BLOCK];
	struct rc_error err;
	struct link *link;
	uint64_t writes;

	chip.nor.status[0] = 0xbc;
	link = open_chip();
	writes = chip.nor.counts.status_writes;
	for (uint32_t block = 0; block < 8; block++) {
		uint64_t reads = chip.nor.counts.read_bytes;

		support_ok(link_read(link, block * BLOCK, bytes[0], BLOCK, &err), &err);
		chip.nor.data[block * BLOCK + 5] ^= 1; /* between the two */
		support_ok(link_read(link, block * BLOCK, bytes[1], BLOCK, &err), &err);
		if (block % 4 == 0) {
			/* The second came from the chip, not from the first. */
			assert_int_equal(chip.nor.counts.read_bytes - reads, 8 * BLOCK);
			assert_int_not_equal(bytes[0][5], bytes[1][5]);
		}
		assert_memory_equal(bytes[0] + 6, demo.data + block * BLOCK + 6, BLOCK - 6);
	}
	/* Lifted and put back for 4 reads of 256 KiB, not for 16 of 64 KiB. */
	assert_int_equal(chip.nor.counts.status_writes - writes, 8);
	assert_int_equal(chip.nor.status[0], 0xbc);
	/* A third read is one as well. */
	support_ok(link_read(link, 0, bytes[1], BLOCK, &err), &err);
	assert_int_not_equal(bytes[1][5], demo.data[5]);
	link_close(link);
}

static void test_failing_write_is_placed_and_protection_put_back(void **state)
{
	static uint8_t bytes[BLOCK];
	struct nor_faults faults = { 0 };
	struct rc_error err;
	struct link *link;

	chip.nor.status[0] = 0x38;
	link = open_chip();
	support_ok(link_unprotect(link, &err), &err);
	memset(bytes, 0x5a, BLOCK);
	/* Of the 16 sectors, each erased and then programmed in 16 pages, one is wrong. */
	faults.lie_at_op = chip.nor.counts.erases + chip.nor.counts.programs + 8 * 17 + 1 + 3;
	nor_set_faults(&chip.nor, &faults);
	support_fails(link_write(link, 0x100000, bytes, BLOCK, &err), RC_EVERIFY, &err,
		      "could not write 0x10000 bytes at 0x100000", "first at 0x108", "50 % of them",
		      "measure 3.3 V");
	link_close(link);
	assert_int_equal(chip.nor.status[0], 0x38);
}

static void test_wire_pulled(void **state)
{
	static uint8_t bytes[BLOCK];
	struct link *link = open_chip();
	struct rc_error err;

	support_ok(link_read(link, 0, bytes, BLOCK, &err), &err);
	served_chip_pull(&chip);
	support_fails(link_read(link, BLOCK, bytes, BLOCK, &err), RC_EIO, &err,
		      "could not read 0x10000 bytes at 0x10000",
		      "is the programmer still plugged in");
	link_close(link);
}

/* From then on the chip answers FF, also to "are you still busy?". libflashrom asks on for
 * ever; nothing can be opened in this process after it, so it is the last. */
static void test_clip_slips_off_while_writing(void **state)
{
	const struct link_options options = { .patience_ms = 1500 };
	static uint8_t bytes[BLOCK];
	struct nor_faults faults = { 0 };
	struct rc_error err;
	struct link *link;
	char spec[128];

	snprintf(spec, sizeof(spec), "flashrom:serprog:ip=%s", chip.where);
	support_ok(link_open(spec, &options, &link, &err), &err);
	memset(bytes, 0x5a, BLOCK);
	faults.cut_at_op = chip.nor.counts.erases + chip.nor.counts.programs + 5;
	nor_set_faults(&chip.nor, &faults);
	support_fails(link_write(link, 0x100000, bytes, BLOCK, &err), RC_EIO, &err,
		      "does not come to an end", "the clip has slipped", "run the same command");
	support_fails(link_read(link, 0, bytes, BLOCK, &err), RC_EIO, &err, "set the clip anew");
	link_close(link);
	support_fails(link_open(spec, &options, &link, &err), RC_EREFUSED, &err,
		      "one programmer at a time");
}

/* ---- other chips, in processes of their own ---- */

static void recam_says(const char *spec, int status, const char *says, const char *and)
{
	const char *argv[] = { getenv("RECAM_BINARY"), "inspect", spec, NULL };
	struct run_result result;

	assert_non_null(argv[0]);
	run_program(argv, (struct rc_span){ 0 }, &result);
	if (result.status != status || !strstr((const char *)result.err.data, says) ||
	    !strstr((const char *)result.err.data, and))
		fail_msg("%s: status %d, \"%s\" and \"%s\" expected:\n%s", spec, result.status,
			 says, and, (const char *)result.err.data);
	run_result_free(&result);
}

static void test_other_chips(void **state)
{
	struct rc_error err;
	struct link *link;
	char spec[128];

	served_chip_start(&chip, 0xc84018, demo.data, demo.size);
	snprintf(spec, sizeof(spec), "flashrom:serprog:ip=%s", chip.where);
	recam_says(spec, 2, "2 descriptions of libflashrom fit the chip c84018",
		   "?chip=GD25Q127C/GD25Q128C'");
	/* This process saw a W25Q128 before. */
	support_fails(link_open(spec, NULL, &link, &err), RC_EREFUSED, &err, "has the id c84018",
		      "takes it for ef4018", "start recam anew");
	served_chip_stop(&chip);

	served_chip_start(&chip, 0x5e4018, demo.data, demo.size);
	snprintf(spec, sizeof(spec), "flashrom:serprog:ip=%s", chip.where);
	recam_says(spec, 2, "5e4018 (Zbit ZB25VQ128), and this libflashrom does not know it",
		   "must not stand in");
	served_chip_stop(&chip);
}

#define ON_TWIN(test) cmocka_unit_test_setup_teardown(test, serve_chip, stop_chip)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_lines),
		cmocka_unit_test(test_log_lines_that_are_cut),
		cmocka_unit_test(test_specs),
		cmocka_unit_test(test_contact_in_words),
		cmocka_unit_test(test_smells),
		cmocka_unit_test(test_dummy_reads_erases_writes),
		cmocka_unit_test(test_one_programmer_at_a_time),
		cmocka_unit_test(test_what_does_not_open),
		cmocka_unit_test(test_contact_of_the_dummy),
		ON_TWIN(test_twin_writes_only_what_differs),
		ON_TWIN(test_protection_is_named_lifted_and_put_back),
		ON_TWIN(test_protected_chip_is_read_twice_all_the_same),
		ON_TWIN(test_failing_write_is_placed_and_protection_put_back),
		ON_TWIN(test_wire_pulled),
		cmocka_unit_test(test_other_chips),
		ON_TWIN(test_clip_slips_off_while_writing),
	};

	return cmocka_run_group_tests(tests, load_demo, free_demo);
}
