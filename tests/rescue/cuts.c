/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "Interrupted at any point, running the same command again ends in the same state":
 * the power cut after each flash operation in turn, the program killed, stopped by its
 * user, and the line pulled, each at every point of a rescue.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "camera.h"
#include "fake.h"
#include "rescue/rescue.h"
#include "support.h"
#include "tiny.h"

/* The wound is one block of the root, or one of the kernel as well: an erase and 256
 * programs each. */
#define OPERATIONS 257u

static struct fake fake;            /* large */
static struct rescue_result result; /* large */
static struct rc_error err;
static volatile int stop;
static char *backup;

static int run(void)
{
	struct rescue_options options = { .boards = &tiny_boards,
					  .board = "tiny",
					  .firmware_path = tiny_firmware,
					  .backup_path = backup,
					  .stop = &stop };

	rescue_result_clear(&result);
	return rescue_run(&fake.link, &options, &result, &err);
}

static char *folder; /* one for all: each camera gets its own file name in it */

static void open_wounded(unsigned number, unsigned blocks)
{
	static uint8_t wounded[TINY_SIZE];
	char name[32];

	memcpy(wounded, tiny_flash, TINY_SIZE);
	if (blocks > 1)
		memset(wounded + TINY_KERNEL_AT + 0x10000, 0x5a, 300);
	memset(wounded + TINY_ROOT_AT, 0xff, 0x10000);
	fake_open_chip(&fake, TINY_JEDEC, wounded, TINY_SIZE);
	snprintf(name, sizeof(name), "b%u.bin", number);
	backup = rc_path_join(folder, name);
	stop = 0;
}

static void close_wounded(void)
{
	static const char *const suffixes[] = { "", ".json", ".journal" };
	char name[600];

	for (size_t i = 0; i < RC_COUNT(suffixes); i++) {
		snprintf(name, sizeof(name), "%s%s", backup, suffixes[i]);
		unlink(name);
	}
	rescue_result_clear(&result);
	link_close(&fake.link);
	free(backup);
}

/* The end that every way has: the flash right, boot, config and para never erased or
 * programmed. */
static void expect_the_end(unsigned point)
{
	static const uint32_t untouched[] = { 0x00000,      0x10000,        0x20000,
					      0x30000,      TINY_CONFIG_AT, TINY_PARA_AT,
					      TINY_FLAG_AT, TINY_DRIVER_AT };

	if (result.verdict != VERDICT_STARTS)
		fail_msg("point %u ended as %s", point, verdict_name(result.verdict));
	if (memcmp(fake.nor.data, tiny_flash, TINY_SIZE) != 0)
		fail_msg("point %u left a wrong flash", point);
	for (size_t i = 0; i < RC_COUNT(untouched); i++)
		if (fake.erased_blocks[untouched[i] / BLOCK] != 0)
			fail_msg("point %u erased 0x%x", point, untouched[i]);
}

static void power_cut_after_each_operation(void **state)
{
	unsigned cuts = 0;

	(void)state;
	for (unsigned operation = 1; operation <= OPERATIONS; operation++) {
		open_wounded(operation, 1);
		fake.nor.faults.cut_at_op = operation;
		support_fails(run(), RC_ESTOPPED, &err, "run the same command again");
		assert_true(fake.nor.power_lost);
		fake_power_on(&fake);
		support_ok(run(), &err);
		expect_the_end(operation);
		cuts++;
		close_wounded();
	}
	assert_true(cuts >= 200);
}

/* Cut again while it goes on from the cut before, and again. */
static void power_cut_again_and_again(void **state)
{
	uint64_t random = 5;

	(void)state;
	for (unsigned round = 0; round < 10; round++) {
		unsigned cuts = 0;

		open_wounded(round, 2);
		do {
			fake_power_on(&fake);
			if (cuts++ < 6)
				fake.nor.faults.cut_at_op = fake.nor.counts.erases +
							    fake.nor.counts.programs + 1 +
							    support_random(&random) % 200;
		} while (run() == RC_ESTOPPED);
		expect_the_end(round);
		assert_int_equal(cuts, 7);
		close_wounded();
	}
}

/* The chip in memory that outlives the process. */
static uint8_t *share_chip(void)
{
	uint8_t *shared = mmap(NULL, TINY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			       -1, 0);

	assert_true(shared != MAP_FAILED);
	memcpy(shared, fake.nor.data, TINY_SIZE);
	return shared;
}

static void program_killed(void **state)
{
	(void)state;
	for (unsigned operation = 1; operation <= 2 * OPERATIONS; operation += 19) {
		uint8_t *shared;
		pid_t child;
		int status;

		open_wounded(operation, 2);
		shared = share_chip();
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			fake.nor.data = shared;
			fake.kill_at_op = operation;
			run();
			_exit(1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		memcpy(fake.nor.data, shared, TINY_SIZE);
		munmap(shared, TINY_SIZE);
		support_ok(run(), &err);
		expect_the_end(operation);
		close_wounded();
	}
}

/* Ctrl-C while the n-th block is being erased: the run of blocks is finished first. */
static void stopped_by_its_user(void **state)
{
	(void)state;
	for (unsigned block = 1; block <= 2; block++) {
		int status;

		open_wounded(block, 2);
		fake.stop = &stop;
		fake.stop_after = block;
		status = run();
		/* After the last block there is nothing left to stop. */
		assert_int_equal(status, block == 1 ? RC_ESTOPPED : 0);
		if (status) {
			assert_non_null(strstr(err.text, ".journal"));
			stop = 0;
			support_ok(run(), &err);
		}
		expect_the_end(block);
		assert_int_equal(fake.erased_blocks[TINY_ROOT_AT / BLOCK], 1);
		assert_int_equal(fake.erased_blocks[TINY_KERNEL_AT / BLOCK + 1], 1);
		close_wounded();
	}
}

/* The line goes dead at each of the link's verbs in turn, from the first checksum of the
 * backup to the start; the camera stays on. */
static void line_pulled_at_each_verb(void **state)
{
	unsigned verbs;

	(void)state;
	for (verbs = 1; verbs < 500; verbs++) {
		int status;

		open_wounded(verbs, 1);
		fake.pull_at_verb = verbs;
		status = run();
		if (status == 0) {
			close_wounded();
			break;
		}
		assert_int_equal(err.status, RC_ESTOPPED);
		fake.pull_at_verb = 0;
		support_ok(run(), &err);
		expect_the_end(verbs);
		close_wounded();
	}
	assert_in_range(verbs, 30, 200);
}

static int set_up(void **state)
{
	tiny_setup(state);
	folder = strdup(support_temp_dir());
	return 0;
}

static int tear_down(void **state)
{
	free(folder);
	return tiny_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(power_cut_after_each_operation),
		cmocka_unit_test(power_cut_again_and_again),
		cmocka_unit_test(program_killed),
		cmocka_unit_test(stopped_by_its_user),
		cmocka_unit_test(line_pulled_at_each_verb),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
