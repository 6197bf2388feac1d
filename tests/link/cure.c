/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip of 16 MiB that the stock bootloader takes for one of 8: the exact twin with chip
 * 1c7018, its table in RAM as it should be, and as it should not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "format/chip_table.h"
#include "format/ingenic_boot.h"
#include "link/kinds.h"
#include "link/uboot_cure.h"
#include "support.h"

#define CHIP 0x1c7018u
/* The Jul 28 2017 build (facts/bootloaders-and-flash.md 3.5 c), in its RAM and its file. */
#define RUNS_AT     0x83f9c000u
#define ID_WORD     0x83fc7ed0u
#define SIZE_WORD   0x83fc7f0cu
#define ID_IN_IMAGE (INGENIC_BODY_OFFSET + 0x2bed0u)

struct bench {
	struct rc_buffer image;
	struct boards boards;
	struct twin *twin;
	struct link *link;
};

static void make_twin(struct bench *bench, enum twin_engine engine,
		      const struct twin_line_faults *line)
{
	struct twin_config config = { .image = { bench->image.data, bench->image.size },
				      .jedec = CHIP,
				      .engine = engine };
	struct rc_error err;

	if (line)
		config.line_faults = *line;
	support_ok(twin_open(&config, &bench->twin, &err), &err);
	support_ok(boards_load(NULL, &bench->boards, &err), &err);
}

/* known: with what boards/ know of this build. */
static void open_link(struct bench *bench, bool known)
{
	struct link_options options = { .boards = known ? &bench->boards : NULL };
	struct rc_error err;

	support_ok(link_open_twin(bench->twin, &options, &bench->link, &err), &err);
	assert_int_equal(bench->link->info.reach, RC_MIB(8));
	assert_int_equal(bench->link->info.flash_size, RC_MIB(16));
}

static void make_bench(struct bench *bench, bool known)
{
	*bench = (struct bench){ 0 };
	support_dafang_flash(&bench->image);
	make_twin(bench, TWIN_EXACT, NULL);
	open_link(bench, known);
}

static void clear_bench(struct bench *bench)
{
	link_close(bench->link);
	twin_close(bench->twin);
	boards_free(&bench->boards);
	rc_buffer_free(&bench->image);
}

/* The stock camera as it is, with its table as it should be: each start of the exact twin
 * takes its time, so that tests which leave it so share one. */
static struct bench stock;

static struct bench *stock_bench(bool known)
{
	if (!stock.twin) {
		make_bench(&stock, known);
		return &stock;
	}
	link_close(stock.link);
	open_link(&stock, known);
	return &stock;
}

static int leave_stock(void **state)
{
	(void)state;
	if (stock.twin)
		clear_bench(&stock);
	return 0;
}

/* A console of its own on the twin, as somebody's terminal. */
struct terminal {
	struct stream *stream;
	struct uboot uboot;
};

static void open_terminal(struct terminal *terminal, struct twin *twin)
{
	struct uboot_wait wait = { .patience_ms = 20000 };
	struct rc_error err;

	support_ok(twin_stream_new(twin, "terminal", &terminal->stream, &err), &err);
	support_ok(uboot_init(&terminal->uboot, terminal->stream, &uboot_ingenic, &err), &err);
	support_ok(uboot_win_prompt(&terminal->uboot, &wait, &err), &err);
}

static void close_terminal(struct terminal *terminal)
{
	uboot_free(&terminal->uboot);
	stream_close(terminal->stream);
}

static void type(struct terminal *terminal, const char *command)
{
	struct rc_span answer;
	struct rc_error err;

	support_ok(uboot_command(&terminal->uboot, command, 10000, &answer, &err), &err);
}

static void poke(struct twin *twin, uint32_t address, uint32_t word)
{
	struct terminal terminal;
	char command[40];

	open_terminal(&terminal, twin);
	snprintf(command, sizeof(command), "mw.l %08x %08x", address, word);
	type(&terminal, command);
	close_terminal(&terminal);
}

static uint32_t peek(struct twin *twin, uint32_t address)
{
	struct terminal terminal;
	uint8_t line[16];
	struct rc_error err;

	open_terminal(&terminal, twin);
	support_ok(uboot_read_memory(&terminal.uboot, address & ~15u, line, sizeof(line), &err),
		   &err);
	close_terminal(&terminal);
	return rc_le32(line + address % 16);
}

static void assert_reaches_all(struct bench *bench)
{
	struct rc_error err;
	uint32_t crc;

	assert_int_equal(bench->link->info.reach, RC_MIB(16));
	assert_false(bench->link->info.can_extend);
	support_ok(link_checksum(bench->link, 0xfb0000, RC_ERASE_BLOCK, &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, bench->image.data + 0xfb0000, RC_ERASE_BLOCK));
}

static void assert_writes_there(struct bench *bench)
{
	uint8_t *bytes = malloc(RC_ERASE_BLOCK);
	struct link *link = bench->link;
	struct rc_error err;

	assert_non_null(bytes);
	memset(bytes, 0x5a, RC_ERASE_BLOCK);
	support_ok(link_erase(link, 0xff0000, RC_ERASE_BLOCK, &err), &err);
	support_ok(link_write(link, 0xff0000, bytes, RC_ERASE_BLOCK, &err), &err);
	assert_memory_equal(twin_nor(bench->twin)->data + 0xff0000, bytes, RC_ERASE_BLOCK);
	assert_memory_equal(twin_nor(bench->twin)->data, bench->image.data, 0xff0000);
	free(bytes);
}

static void assert_nothing_changed(struct bench *bench)
{
	assert_int_equal(bench->link->info.reach, RC_MIB(8));
	assert_string_equal(bench->link->info.extended, "");
	assert_memory_equal(twin_nor(bench->twin)->data, bench->image.data, bench->image.size);
}

static void a_known_build(void **state)
{
	struct bench bench;
	struct rc_error err;
	uint64_t wire;

	make_bench(&bench, true);
	assert_true(bench.link->info.can_extend);
	wire = bench.link->wire_in;
	support_ok(link_extend(bench.link, &err), &err);
	assert_non_null(strstr(bench.link->info.extended, "word 83fc7f0c"));
	assert_non_null(strstr(bench.link->info.extended, "01000000, was 00800000"));
	/* Nothing of the flash was moved for it. */
	assert_in_range(bench.link->wire_in - wire, 1, 4000);
	assert_reaches_all(&bench);
	assert_writes_there(&bench);
	/* Once more is nothing more. */
	support_ok(link_extend(bench.link, &err), &err);
	clear_bench(&bench);
}

static void an_unknown_build_by_its_bytes(void **state)
{
	struct bench *bench = stock_bench(false);
	struct rc_error err;
	uint64_t wire;

	wire = bench->link->wire_in;
	support_ok(link_extend(bench->link, &err), &err);
	assert_non_null(strstr(bench->link->info.extended, "word 83fc7f0c"));
	assert_true(bench->link->wire_in - wire > 10000);
	assert_reaches_all(bench);
}

/* What boards/ say of the build at hand is what its bytes say. */
static void data_and_bytes_agree(void **state)
{
	static const char version[] = "2013.07 (Jul 28 2017 - 17:10:01)";
	struct rc_buffer file;
	struct boards boards;
	struct cure known, found;
	struct rc_error err;

	support_ok(boards_load(NULL, &boards, &err), &err);
	support_shared_file("firmware/dafang-5.5.1.177/uboot.bin", &file);
	assert_true(cure_known(&boards, version, &known));
	support_ok(cure_analyse((struct rc_span){ file.data, file.size }, CHIP, RC_MIB(8), &found,
				&err),
		   &err);
	assert_int_equal(known.id, found.id);
	assert_int_equal(known.id_word, found.id_word);
	assert_int_equal(known.size_word, found.size_word);
	assert_int_equal(known.relocation, found.relocation);
	assert_false(cure_known(&boards, "2013.07 (Jul 05 2018 - 13:33:27)", &known));
	assert_false(cure_known(&boards, "", &known));
	assert_false(cure_known(NULL, version, &known));
	/* What these bytes would not have done. */
	support_fails(cure_analyse((struct rc_span){ file.data, file.size }, 0xef4018, RC_MIB(8),
				   &found, &err),
		      RC_EREFUSED, &err, "knows the chip ef4018");
	support_fails(cure_analyse((struct rc_span){ file.data, file.size }, CHIP, RC_MIB(4),
				   &found, &err),
		      RC_EREFUSED, &err, "takes an unknown chip for 0x800000 bytes (FM25Q64)");
	rc_buffer_free(&file);
	boards_free(&boards);
}

/* Version and words disagree: somebody's own build. */
static void another_build_than_it_says(void **state)
{
	struct bench bench = { 0 };
	struct rc_error err;

	support_dafang_flash(&bench.image);
	rc_put_le32(bench.image.data + ID_IN_IMAGE, 0xc84018);
	make_twin(&bench, TWIN_EXACT, NULL);
	open_link(&bench, true);
	support_fails(link_extend(bench.link, &err), RC_EREFUSED, &err,
		      "word at 83fc7ed0 is 00c84018 and should be 00f83217: this is another build "
		      "than its version says; nothing was changed");
	assert_nothing_changed(&bench);
	assert_int_equal(peek(bench.twin, SIZE_WORD), 0x800000);
	/* By its bytes it is as good as any. */
	link_close(bench.link);
	open_link(&bench, false);
	support_ok(link_extend(bench.link, &err), &err);
	assert_reaches_all(&bench);
	clear_bench(&bench);
}

static void words_that_are_not_what_they_should_be(void **state)
{
	struct bench *bench = stock_bench(false);
	struct rc_error err;

	poke(bench->twin, ID_WORD, 0x00c84018);
	support_fails(link_extend(bench->link, &err), RC_EREFUSED, &err,
		      "word at 83fc7ed0 is 00c84018 and should be 00f83217",
		      "what runs is not the bootloader that the flash holds; nothing was changed");
	assert_nothing_changed(bench);
	poke(bench->twin, ID_WORD, 0x00f83217);
	poke(bench->twin, SIZE_WORD, 0x00400000);
	support_fails(link_extend(bench->link, &err), RC_EREFUSED, &err,
		      "word at 83fc7f0c is 00400000 and should be 00800000");
	assert_nothing_changed(bench);
	assert_int_equal(peek(bench->twin, SIZE_WORD), 0x400000);
	poke(bench->twin, SIZE_WORD, 0x00800000);
}

/* The chip's id says 16 MiB and the chip has 8: what lies behind repeats what lies before. */
static void a_chip_that_is_small_after_all(void **state)
{
	struct bench bench = { 0 };
	struct rc_error err;

	support_dafang_flash(&bench.image);
	memcpy(bench.image.data + RC_MIB(8), bench.image.data, RC_MIB(8));
	make_twin(&bench, TWIN_EXACT, NULL);
	open_link(&bench, true);
	support_fails(link_extend(bench.link, &err), RC_EREFUSED, &err, "[flash-mirrored]",
		      "0x800000", "1c7018", "put back");
	assert_nothing_changed(&bench);
	assert_int_equal(peek(bench.twin, SIZE_WORD), 0x800000);
	clear_bench(&bench);
}

/* Equal pairs of blocks are passed over as long as one differs. */
static void one_block_is_enough(void **state)
{
	struct bench bench = { 0 };
	struct rc_error err;

	support_dafang_flash(&bench.image);
	memcpy(bench.image.data + RC_MIB(8), bench.image.data, RC_MIB(8));
	bench.image.data[0xa12345] ^= 1;
	make_twin(&bench, TWIN_EXACT, NULL);
	open_link(&bench, true);
	support_ok(link_extend(bench.link, &err), &err);
	assert_int_equal(bench.link->info.reach, RC_MIB(16));
	clear_bench(&bench);
}

static void a_restart_undoes_it(void **state)
{
	struct bench *bench = stock_bench(true);
	struct rc_error err;

	support_ok(link_extend(bench->link, &err), &err);
	link_close(bench->link);
	support_ok(twin_power_cycle(bench->twin, &err), &err);
	open_link(bench, true);
	assert_nothing_changed(bench);
	assert_true(bench->link->info.can_extend);
}

static void where_it_runs_is_looked_for(void **state)
{
	struct cure cure = { .id = 0xf83217, .id_word = 0x8012bed0, .size_word = 0x8012bf0c };
	struct bench *bench = stock_bench(true);
	struct terminal terminal;
	struct rc_error err;

	open_terminal(&terminal, bench->twin);
	/* It came to an open prompt, so nothing was said of it. */
	assert_int_equal(terminal.uboot.running_at, 0);
	support_ok(cure_size(&terminal.uboot, &cure, 0x800000, 0x1000000, &err), &err);
	assert_int_equal(cure.relocation, RUNS_AT);
	assert_int_equal(peek(bench->twin, SIZE_WORD), 0x1000000);
	support_ok(cure_size(&terminal.uboot, &cure, 0x1000000, 0x800000, &err), &err);
	/* Two that disagree are both asked. */
	cure.relocation = RUNS_AT - 0x4000;
	terminal.uboot.running_at = RUNS_AT;
	support_ok(cure_size(&terminal.uboot, &cure, 0x800000, 0x1000000, &err), &err);
	assert_int_equal(cure.relocation, RUNS_AT);
	support_ok(cure_size(&terminal.uboot, &cure, 0x1000000, 0x800000, &err), &err);
	terminal.uboot.running_at = 0;
	/* Twice: in unused RAM below U-Boot, where one like it may have run. */
	type(&terminal, "mw.l 83f97ed0 00f83217");
	type(&terminal, "mw.l 83f97f0c 00800000");
	cure.relocation = 0;
	support_fails(cure_size(&terminal.uboot, &cure, 0x800000, 0x1000000, &err), RC_EREFUSED,
		      &err, "twice", "83f6c000", "83f9c000", "nothing was changed");
	cure.relocation = 0;
	cure.id = 0xf83218;
	support_fails(cure_size(&terminal.uboot, &cure, 0x800000, 0x1000000, &err), RC_EREFUSED,
		      &err, "no place in the camera's RAM holds the words 00f83218 and 00800000");
	assert_int_equal(peek(bench->twin, SIZE_WORD), 0x800000);
	close_terminal(&terminal);
}

/* From power-on the camera itself says where it runs. */
static void where_it_runs_is_heard(void **state)
{
	struct bench bench = { 0 };
	struct terminal terminal;

	support_dafang_flash(&bench.image);
	make_twin(&bench, TWIN_EXACT, NULL);
	open_terminal(&terminal, bench.twin);
	assert_int_equal(terminal.uboot.running_at, RUNS_AT);
	close_terminal(&terminal);
	open_link(&bench, true);
	clear_bench(&bench);
}

static void a_bad_line(void **state)
{
	const struct twin_line_faults line = { .seed = 11,
					       .flip_one_in = 3000,
					       .drop_one_in = 3000 };
	struct bench bench = { 0 };
	struct rc_error err;

	support_dafang_flash(&bench.image);
	make_twin(&bench, TWIN_EXACT, &line);
	open_link(&bench, true);
	support_ok(link_extend(bench.link, &err), &err);
	assert_reaches_all(&bench);
	clear_bench(&bench);
}

static void an_imitation_has_no_such_table(void **state)
{
	struct bench bench = { 0 };
	struct rc_error err;

	support_demo_flash(&bench.image);
	make_twin(&bench, TWIN_MODEL, NULL);
	open_link(&bench, true);
	assert_false(bench.link->info.can_extend);
	support_fails(link_extend(bench.link, &err), RC_EUNSUPPORTED, &err,
		      "cannot reach more of its chip");
	assert_nothing_changed(&bench);
	clear_bench(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_build),
		cmocka_unit_test(data_and_bytes_agree),
		cmocka_unit_test(another_build_than_it_says),
		cmocka_unit_test(words_that_are_not_what_they_should_be),
		cmocka_unit_test(where_it_runs_is_looked_for),
		cmocka_unit_test(a_restart_undoes_it),
		cmocka_unit_test(an_unknown_build_by_its_bytes),
		cmocka_unit_test(a_chip_that_is_small_after_all),
		cmocka_unit_test(one_block_is_enough),
		cmocka_unit_test(where_it_runs_is_heard),
		cmocka_unit_test(a_bad_line),
		cmocka_unit_test(an_imitation_has_no_such_table),
	};

	return cmocka_run_group_tests(tests, NULL, leave_stock);
}
