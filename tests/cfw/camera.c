/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware that "recam pack --cfw" made of the stock one, on the stock kernel: in an emulated
 * camera (qemu-system-mipsel with the machine t20, named by RECAM_T20_QEMU), with the cards of
 * "recam card make --cfw". Skipped, and said so, where that machine or the firmware is not at
 * hand.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "run.h"
#include "support.h"

extern char **environ;

#define DEFAULT_MACHINE "/tmp/t20qemu/qemu-7.2.0/build/qemu-system-mipsel"

#define DEMO_START  0x040000u /* facts 1.1 */
#define DEMO_SIZE   0xa90000u
#define DEMO_HEADER 64u
#define ROOT        0x240000u
#define DRIVER      0x590000u
#define APPFS       0x630000u

/* What a card needs to take over; there is no recamd for cameras yet. */
#define RECAMD                                               \
	"#!/bin/sh\n"                                        \
	"[ \"$1\" = --version ] && exec echo 'a stand-in'\n" \
	"echo \"stand-in: $*\"\n"                            \
	"while :; do sleep 10; done\n"

/* Mounts what the stock system wants to mount itself, leaves a program behind, and fails. */
#define FAILING_START                                    \
	"mount -t jffs2 -o ro /dev/mtdblock9 /params\n"  \
	"cd $RECAM_CARD; while :; do sleep 10; done &\n" \
	"exit 3\n"

static struct {
	const char *dir;
	pid_t pid;
} camera;

static const char *path_of(const char *name)
{
	static char paths[8][200];
	static size_t next;
	char *path = paths[next++ % RC_COUNT(paths)];

	assert_true(snprintf(path, sizeof(paths[0]), "%s/%s", camera.dir, name) <
		    (int)sizeof(paths[0]));
	return path;
}

static void put(const char *name, const void *data, size_t size)
{
	struct rc_error err;

	support_ok(rc_file_replace(path_of(name), data, size, 0755, &err), &err);
}

static void run(const char *const *argv)
{
	struct run_result result;

	run_program(argv, (struct rc_span){ 0 }, &result);
	if (result.status != 0)
		fail_msg("%s: %d: %s%s", argv[1], result.status, (const char *)result.out.data,
			 (const char *)result.err.data);
	run_result_free(&result);
}

/* The stock flash with what pack makes of it; only root may differ. */
static void make_flash(void)
{
	const char *recam = getenv("RECAM_BINARY");
	struct rc_buffer flash, demo;
	struct rc_error err;

	assert_non_null(recam);
	support_dafang_flash(&flash);
	put("stock.bin", flash.data, flash.size);
	run((const char *[]){ recam, "unpack", path_of("stock.bin"), path_of("parts"), NULL });
	run((const char *[]){ recam, "pack", "--board", "dafang", path_of("parts"), "--as", "demo",
			      "--cfw", "-o", path_of("demo.bin"), NULL });
	support_ok(rc_file_read(path_of("demo.bin"), RC_MIB(16), &demo, &err), &err);
	assert_int_equal(demo.size, DEMO_HEADER + DEMO_SIZE);
	memcpy(flash.data + ROOT, demo.data + DEMO_HEADER + ROOT - DEMO_START, DRIVER - ROOT);
	assert_memory_equal(flash.data + DEMO_START, demo.data + DEMO_HEADER, DEMO_SIZE);
	put("flash.bin", flash.data, flash.size);
	rc_buffer_free(&flash);
	rc_buffer_free(&demo);
}

/* Our tree from cfw/card, with a file more or another one. */
static void make_card(const char *name, const char *file, const char *text)
{
	const char *cfw = getenv("RECAM_CFW");
	char from[300], tree[200], path[260];

	snprintf(from, sizeof(from), "%s/card", cfw ? cfw : "cfw");
	snprintf(tree, sizeof(tree), "%s.tree", name);
	run((const char *[]){ "cp", "-R", from, path_of(tree), NULL });
	snprintf(path, sizeof(path), "%s/recam/bin", tree);
	assert_int_equal(mkdir(path_of(path), 0755), 0);
	snprintf(path, sizeof(path), "%s/recam/%s", tree, file);
	put(path, text, strlen(text));
	run((const char *[]){ getenv("RECAM_BINARY"), "card", "make", path_of(name), "--board",
			      "dafang", "--size", "64M", "--cfw", path_of(tree), NULL });
}

/* A card that a PC or a camera has written over: its MBR is right, nothing else. */
static void make_noise(const char *name)
{
	struct rc_buffer card;
	struct rc_error err;
	uint64_t seed = 20;

	make_card(name, "bin/recamd", RECAMD);
	support_ok(rc_file_read(path_of(name), RC_MIB(64), &card, &err), &err);
	for (size_t i = 512; i < card.size; i++)
		card.data[i] = (uint8_t)support_random(&seed);
	put(name, card.data, card.size);
	rc_buffer_free(&card);
}

/* --- the machine --- */

static void stop(int how)
{
	if (camera.pid <= 0)
		return;
	kill(camera.pid, how);
	waitpid(camera.pid, NULL, 0);
	camera.pid = 0;
}

static void power_on(const char *flash, const char *card, bool button)
{
	const char *machine = getenv("RECAM_T20_QEMU");
	char serial[220];
	const char *argv[] = { machine,    "-M",   "t20",     "-display", "none",
			       "-monitor", "none", "-serial", serial,     NULL };
	posix_spawn_file_actions_t actions;

	if (!machine)
		argv[0] = DEFAULT_MACHINE;
	snprintf(serial, sizeof(serial), "file:%s", path_of("console"));
	put("console", "", 0);
	assert_int_equal(setenv("T20_NOR", path_of(flash), 1), 0);
	assert_int_equal(setenv("T20_SAVE", path_of("after.bin"), 1), 0);
	unsetenv("BUTTON");
	if (button)
		assert_int_equal(setenv("BUTTON", "1", 1), 0);
	unsetenv("T20_CARD");
	if (card)
		assert_int_equal(setenv("T20_CARD", path_of(card), 1), 0);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	assert_int_equal(posix_spawn(&camera.pid, argv[0], &actions, NULL, (char **)argv, environ),
			 0);
	posix_spawn_file_actions_destroy(&actions);
}

/* Everything on the console up to the login prompt, which comes in 10 s on an idle PC. */
static void wait_for_login(struct rc_buffer *console)
{
	struct rc_error err;

	for (int tenth = 0; tenth < 3000; tenth++) {
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
		support_ok(rc_file_read(path_of("console"), RC_MIB(4), console, &err), &err);
		assert_true(rc_buffer_append(console, "", 1));
		if (strstr((const char *)console->data, "Ingenic-uc1_1 login: "))
			return;
		if (waitpid(camera.pid, NULL, WNOHANG) == camera.pid) {
			camera.pid = 0;
			break;
		}
		rc_buffer_free(console);
	}
	stop(SIGKILL);
	fail_msg("no login prompt");
}

/* The stock script says this when it runs. */
#define STOCK_RUNS "mdev is ok......"

static const struct {
	const char *card; /* NULL: none */
	bool update;      /* the stock camera, with the setup button held */
	bool taken;       /* by the card */
	const char *says[3];
} starts[] = {
	{ NULL, false, false, { "recam: no card", "recam: starting as stock" } },
	{ "good",
	  false,
	  true,
	  { "recam: starting from the card, /dev/mmcblk0p1", "a stand-in",
	    "stand-in: --config /mnt/recam/recamd.conf --state /mnt/recam/state" } },
	{ "empty",
	  false,
	  false,
	  { "no /recam/bin/recamd on this card", "did not take over", "starting as stock" } },
	{ "failing", false, false, { "did not take over (it ended with 3)", "starting as stock" } },
	{ "noise",
	  false,
	  false,
	  { "mounting /dev/mmcblk0p1 on /mnt failed", "no tree on the card",
	    "starting as stock" } },
	{ "update",
	  true,
	  false,
	  { "jiabo_do_auto_update", "no tree on the card", "starting as stock" } },
};

/* Nothing of ours writes to the flash; the stock system does, to what it mounts. */
static void check_flash(bool taken)
{
	struct rc_buffer flash, after;
	struct rc_error err;

	support_ok(rc_file_read(path_of("flash.bin"), RC_MIB(16), &flash, &err), &err);
	support_ok(rc_file_read(path_of("after.bin"), RC_MIB(16), &after, &err), &err);
	assert_int_equal(after.size, flash.size);
	assert_memory_equal(after.data, flash.data, taken ? flash.size : APPFS);
	rc_buffer_free(&flash);
	rc_buffer_free(&after);
}

static void start(size_t i)
{
	struct rc_buffer console;
	const char *text;

	power_on(starts[i].update ? "stock.bin" : "flash.bin", starts[i].card, starts[i].update);
	wait_for_login(&console);
	stop(SIGTERM);
	check_flash(starts[i].taken);
	text = (const char *)console.data;
	for (size_t j = 0; j < RC_COUNT(starts[i].says) && starts[i].says[j]; j++)
		if (!strstr(text, starts[i].says[j]))
			fail_msg("start %zu: \"%s\" is not in:\n%s", i, starts[i].says[j], text);
	assert_int_equal(strstr(text, STOCK_RUNS) != NULL, !starts[i].taken);
	assert_int_equal(strstr(text, "recam: started from the card") != NULL, starts[i].taken);
	assert_null(strstr(text, "on /params failed"));
	rc_buffer_free(&console);
}

static void stock_kernel(void **state)
{
	const char *machine = getenv("RECAM_T20_QEMU");

	(void)state;
	if (access(machine ? machine : DEFAULT_MACHINE, X_OK) != 0) {
		print_message("skipped: no emulated camera (RECAM_T20_QEMU names one, "
			      "lab/t20-machine.sh builds one)\n");
		skip();
	}
	camera.dir = support_temp_dir();
	make_flash();
	make_card("good", "bin/recamd", RECAMD);
	make_card("empty", "settings", "");
	make_card("failing", "start", FAILING_START);
	make_noise("noise");
	run((const char *[]){ getenv("RECAM_BINARY"), "card", "make", path_of("update"), "--board",
			      "dafang", "--size", "64M", "--firmware", path_of("demo.bin"), NULL });
	for (size_t i = 0; i < RC_COUNT(starts); i++)
		start(i);
}

static int tear_down(void **state)
{
	(void)state;
	stop(SIGKILL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(stock_kernel, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
