/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes wrong for owners, each as they meet it on the command line: the message, the
 * exit status, nothing half-done, and the same words once more without the mishap.
 */
#include "cli.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "other_side.h"

#define KERNEL_OFFSET 0x40000u
#define KERNEL_SIZE   0x20000u
#define MOST_WORDS    16
/* Bytes that the camera has said then. */
#define WRITING_BEGINS 28000u

/* What a mishap needs around it. */
static struct {
	struct rc_buffer healthy;
	struct camera camera;
	struct wire wire;
	struct login login;
	bool has_wire, has_login;
} scene;

struct mishap {
	const char *name;
	void (*begin)(void);
	const char *words[MOST_WORDS]; /* "@" stands for where the camera is */
	int status;
	const char *says[3];
	const char *absent; /* a file that must not be there then */
	void (*mend)(void);
	/* The second run: the same words where there are none. */
	const char *again[MOST_WORDS];
	int again_status;
	const char *again_says;
	/* Files that must hold the healthy flash in the end. */
	const char *healthy[2];
};

/* Firmware of which all but two blocks of kernel and of root are this camera's. */
static int write_known(struct rc_error *err)
{
	static const uint32_t others[] = { 0x40000, 0x50000, 0x240000, 0x250000 };
	uint8_t *known = malloc(scene.healthy.size);
	int result;

	assert_non_null(known);
	memcpy(known, scene.healthy.data, scene.healthy.size);
	for (size_t i = 0; i < RC_COUNT(others); i++)
		known[others[i] + 100] ^= 1;
	result = rc_file_replace("known.bin", known, scene.healthy.size, 0600, err);
	free(known);
	return result;
}

static int enter_folder(void **state)
{
	struct rc_error err;

	support_demo_flash(&scene.healthy);
	if (chdir(support_temp_dir()))
		return -1;
	signal(SIGXFSZ, SIG_IGN);
	if (write_known(&err))
		return -1;
	return rc_file_replace("healthy.bin", scene.healthy.data, scene.healthy.size, 0600, &err);
}

static int leave_folder(void **state)
{
	rc_buffer_free(&scene.healthy);
	return chdir("/");
}

/* The healthy flash without a part of its kernel. */
static void write_broken(const char *name, size_t size)
{
	uint8_t *broken = malloc(scene.healthy.size);
	struct rc_error err;

	assert_non_null(broken);
	memcpy(broken, scene.healthy.data, scene.healthy.size);
	memset(broken + KERNEL_OFFSET, 0xff, KERNEL_SIZE);
	support_ok(rc_file_replace(name, broken, size, 0600, &err), &err);
	free(broken);
}

#define START(...) camera_start(&scene.camera, (const char *const[]){ __VA_ARGS__, NULL })

static void chip_on_a_bad_clip(void)
{
	START("healthy.bin", "--chip", "ef4018", "--serprog", "127.0.0.1:0", "--fault",
	      "unstable:0x240000/1");
}

static void chip_on_a_good_clip(void)
{
	camera_stop(&scene.camera);
	START("healthy.bin", "--chip", "ef4018", "--serprog", "127.0.0.1:0");
}

static void broken_chips(void)
{
	write_broken("small.bin", RC_MIB(8));
	write_broken("right.bin", scene.healthy.size);
}

static void healthy_camera(void)
{
	START("healthy.bin", "--listen", "unix:camera");
}

static void broken_camera(void)
{
	write_broken("broken.bin", scene.healthy.size);
	START("broken.bin", "--listen", "unix:camera", "--save", "after.bin");
}

static void stop_camera(void)
{
	if (scene.camera.pid)
		camera_stop(&scene.camera);
}

static void lay_wire(uint64_t length)
{
	wire_lay(&scene.wire, "wire", "camera", length);
	scene.has_wire = true;
}

static void remove_wire(void)
{
	if (scene.has_wire)
		wire_remove(&scene.wire);
	scene.has_wire = false;
}

static void wire_breaks_while_reading(void)
{
	healthy_camera();
	/* All checksums have come by then, and two of the four blocks that are not known. */
	lay_wire(700000);
}

static void wire_breaks_while_writing(void)
{
	broken_camera();
	/* The checksums of the flash are 22 KB; the two blocks are erased by then. */
	lay_wire(WRITING_BEGINS);
}

static void login_with_a_password(void)
{
	login_start(&scene.login, "login", "right");
	scene.has_login = true;
	assert_int_equal(setenv("RECAM_PASSWORD", "wrong", 1), 0);
}

static void right_password(void)
{
	assert_int_equal(setenv("RECAM_PASSWORD", "right", 1), 0);
}

/* Files end at so many bytes, for whoever is started from here, as they do on a full disk. */
static void fill_disk(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void empty_disk(void)
{
	fill_disk(RLIM_INFINITY);
}

static void disk_for_a_mebibyte(void)
{
	fill_disk(RC_MIB(1) + 1000);
}

/* The backup is there already; the journal does not find room. */
static void take_backup_and_fill_disk(rlim_t bytes, const char *file)
{
	struct run_result result;

	broken_camera();
	RECAM(&result, "backup", "uboot:unix:camera", "--reference", "broken.bin", "-o", file);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	fill_disk(bytes);
}

static void disk_without_room_for_a_journal(void)
{
	take_backup_and_fill_disk(100, "journal.bin");
}

static void disk_that_fills_while_writing(void)
{
	/* The plan, the rehearsal and the beginning fit; that it is done does not. */
	take_backup_and_fill_disk(360, "half.bin");
}

static const struct mishap mishaps[] = {
	{ .name = "the camera reads its chip differently each time",
	  .words = { "backup", "twin:healthy.bin?fault=unstable:0x240000/1", "--reference",
		     "healthy.bin", "-o", "reads.bin" },
	  .status = 2,
	  .says = { "[reads-differ]", "0x240000" },
	  .absent = "reads.bin",
	  .again = { "backup", "twin:healthy.bin", "--reference", "healthy.bin", "-o",
		     "reads.bin" },
	  .healthy = { "reads.bin" } },
	{ .name = "two reads by a programmer differ",
	  .begin = chip_on_a_bad_clip,
	  .words = { "backup", "flashrom:serprog:ip=@", "-o", "clip.bin" },
	  .status = 2,
	  .says = { "[reads-differ] two reads of the block at 0x240000 differ", "It smells of" },
	  .absent = "clip.bin",
	  .mend = chip_on_a_good_clip,
	  .healthy = { "clip.bin" } },
	{ .name = "no chip is found",
	  .words = { "backup", "flashrom:dummy:bus=spi", "-o", "none.bin" },
	  .status = 2,
	  .says = { "no chip on flashrom:dummy:bus=spi", "contact" },
	  .absent = "none.bin",
	  .again = { "backup", "flashrom:dummy:emulate=W25Q128FV,image=healthy.bin", "-o",
		     "none.bin" },
	  .healthy = { "none.bin" } },
	{ .name = "the chip has the wrong size",
	  .begin = broken_chips,
	  .words = { "rescue", "flashrom:dummy:emulate=MX25L6436,image=small.bin?chip=MX25L6405D",
		     "--from", "healthy.bin", "--board", "dafang", "--backup", "size.bin",
		     "--yes" },
	  .status = 2,
	  .says = { "a Xiaomi Dafang DF3 has a flash of 16777216 bytes, this one has 8388608" },
	  .absent = "size.bin",
	  .again = { "rescue", "flashrom:dummy:emulate=W25Q128FV,image=right.bin", "--from",
		     "healthy.bin", "--board", "dafang", "--backup", "size.bin", "--yes" },
	  .healthy = { "right.bin" } },
	{ .name = "the wire is pulled while a backup is read",
	  .begin = wire_breaks_while_reading,
	  .words = { "backup", "uboot:unix:wire", "--reference", "known.bin", "-o", "wire.bin" },
	  .status = 3,
	  .says = { "the line unix:wire is gone" },
	  .absent = "wire.bin",
	  .mend = remove_wire,
	  .again = { "backup", "uboot:unix:camera", "--reference", "known.bin", "-o", "wire.bin" },
	  .healthy = { "wire.bin" } },
	{ .name = "the wire is pulled while the flash is written",
	  .begin = wire_breaks_while_writing,
	  .words = { "rescue", "uboot:unix:wire", "--from", "healthy.bin", "--backup", "pulled.bin",
		     "--yes" },
	  .status = 3,
	  .says = { "the line unix:wire is gone", "stopped half-way", "pulled.bin.journal" },
	  .mend = remove_wire,
	  .again = { "rescue", "uboot:unix:camera", "--from", "healthy.bin", "--backup",
		     "pulled.bin", "--yes" },
	  .healthy = { "after.bin" } },
	{ .name = "the shell does not take the password",
	  .begin = login_with_a_password,
	  .words = { "backup", "linux:unix:login", "-o", "login.bin" },
	  .status = 2,
	  .says = { "does not take that password", "RECAM_PASSWORD" },
	  .absent = "login.bin",
	  .mend = right_password,
	  /* recam is let in, and finds no camera there. */
	  .again_status = 2,
	  .again_says = "unix:login" },
	{ .name = "the disk is full while a backup is read",
	  .begin = disk_for_a_mebibyte,
	  .words = { "backup", "twin:healthy.bin", "--reference", "known.bin", "-o", "full.bin" },
	  .status = 2,
	  .says = { "make room on that disk", "full.bin.partial", "File too large" },
	  .absent = "full.bin",
	  .mend = empty_disk,
	  .healthy = { "full.bin" } },
	{ .name = "the disk is full when a backup is to be kept",
	  .begin = disk_for_a_mebibyte,
	  .words = { "backup", "twin:healthy.bin", "--reference", "healthy.bin", "-o", "kept.bin" },
	  .status = 2,
	  .says = { "cannot write 16777216 bytes to kept.bin", "make room on that disk" },
	  .absent = "kept.bin",
	  .mend = empty_disk,
	  .healthy = { "kept.bin" } },
	{ .name = "the disk has no room for a journal",
	  .begin = disk_without_room_for_a_journal,
	  .words = { "rescue", "uboot:unix:camera", "--from", "healthy.bin", "--backup",
		     "journal.bin", "--yes" },
	  .status = 2,
	  .says = { "make room on that disk", "journal.bin.journal" },
	  .mend = empty_disk,
	  .healthy = { "after.bin" } },
	{ .name = "the disk fills while the flash is written",
	  .begin = disk_that_fills_while_writing,
	  .words = { "rescue", "uboot:unix:camera", "--from", "healthy.bin", "--backup", "half.bin",
		     "--yes" },
	  .status = 3,
	  .says = { "make room on that disk", "half.bin.journal", "stopped half-way" },
	  .mend = empty_disk,
	  .healthy = { "after.bin" } },
	{ .name = "the disk has no room for a card",
	  .begin = disk_for_a_mebibyte,
	  .words = { "card", "make", "card.img", "--transfer", "--size", "128M" },
	  .status = 2,
	  .says = { "make room on that disk", "card.img" },
	  .absent = "card.img",
	  .mend = empty_disk },
};

/* Runs recam with "@" in the words replaced. */
static void run_words(struct run_result *result, const char *const words[MOST_WORDS])
{
	const char *said[MOST_WORDS] = { 0 };
	char place[256];

	for (size_t i = 0; i < MOST_WORDS && words[i]; i++) {
		const char *at = strchr(words[i], '@');

		said[i] = words[i];
		if (!at)
			continue;
		snprintf(place, sizeof(place), "%.*s%s%s", (int)(at - words[i]), words[i],
			 scene.camera.where, at + 1);
		said[i] = place;
	}
	recam(result, said);
}

static void expect_status(const struct mishap *mishap, const char *run,
			  const struct run_result *result, int status)
{
	if (result->status != status)
		fail_msg("%s: %s run: status %d, should be %d: %s", mishap->name, run,
			 result->status, status, (const char *)result->err.data);
}

static void assert_healthy(const struct mishap *mishap, const char *path)
{
	struct rc_buffer file;
	struct rc_error err;

	support_ok(rc_file_read(path, RC_MIB(64), &file, &err), &err);
	if (file.size != scene.healthy.size ||
	    memcmp(file.data, scene.healthy.data, file.size) != 0)
		fail_msg("%s: %s is not the healthy flash", mishap->name, path);
	rc_buffer_free(&file);
}

static int clear_scene(void **state)
{
	empty_disk();
	remove_wire();
	stop_camera();
	if (scene.has_login)
		login_stop(&scene.login);
	scene.has_login = false;
	return 0;
}

static void goes_wrong_once(void **state)
{
	const struct mishap *mishap = *state;
	struct run_result result;

	if (mishap->begin)
		mishap->begin();
	run_words(&result, mishap->words);
	expect_status(mishap, "first", &result, mishap->status);
	for (size_t i = 0; i < RC_COUNT(mishap->says) && mishap->says[i]; i++)
		assert_has(&result.err, mishap->says[i]);
	run_result_free(&result);
	if (mishap->absent && rc_file_exists(mishap->absent))
		fail_msg("%s: %s is there", mishap->name, mishap->absent);
	if (mishap->mend)
		mishap->mend();
	run_words(&result, mishap->again[0] ? mishap->again : mishap->words);
	expect_status(mishap, "second", &result, mishap->again_status);
	assert_non_null(mishap->says[0]);
	if (strstr((const char *)result.err.data, mishap->says[0]))
		fail_msg("%s: again: %s", mishap->name, (const char *)result.err.data);
	if (mishap->again_says)
		assert_has(&result.err, mishap->again_says);
	run_result_free(&result);
	clear_scene(state);
	for (size_t i = 0; i < RC_COUNT(mishap->healthy) && mishap->healthy[i]; i++)
		assert_healthy(mishap, mishap->healthy[i]);
}

static void rescue_without_a_name(const char *from, const char *backup, const char *save)
{
	struct run_result result;
	char link[64];

	snprintf(link, sizeof(link), "twin:%s?save=%s", from, save);
	RECAM(&result, "rescue", link, "--from", "healthy.bin", "--yes", "--no-rehearsal");
	if (result.status != 0)
		fail_msg("status %d: %s", result.status, (const char *)result.err.data);
	assert_has(&result.out, backup);
	run_result_free(&result);
}

/* The camera broke again after a rescue that came to its end: the backup of before that one is
 * kept, and what the camera holds now gets one of its own. */
static void the_next_rescue_without_a_name(void **state)
{
	struct rc_buffer first, again, second;
	struct rc_error err;

	(void)state;
	write_broken("one.bin", scene.healthy.size);
	rescue_without_a_name("one.bin", "is recam-backup.bin, keep it", "saved.bin");
	support_ok(rc_file_read("recam-backup.bin", RC_MIB(16), &first, &err), &err);
	support_ok(rc_file_read("saved.bin", RC_MIB(16), &second, &err), &err);
	memset(second.data + KERNEL_OFFSET + 0x10000, 0, 0x10000);
	support_ok(rc_file_replace("two.bin", second.data, second.size, 0600, &err), &err);
	rescue_without_a_name("two.bin", "is recam-backup-2.bin, keep it", "saved-2.bin");
	support_ok(rc_file_read("recam-backup.bin", RC_MIB(16), &again, &err), &err);
	assert_memory_equal(again.data, first.data, RC_MIB(16));
	rc_buffer_free(&again);
	support_ok(rc_file_read("recam-backup-2.bin", RC_MIB(16), &again, &err), &err);
	assert_memory_equal(again.data, second.data, RC_MIB(16));
	rc_buffer_free(&again);
	rc_buffer_free(&first);
	rc_buffer_free(&second);
	support_ok(rc_file_read("saved-2.bin", RC_MIB(16), &again, &err), &err);
	assert_memory_equal(again.data, scene.healthy.data, RC_MIB(16));
	rc_buffer_free(&again);
}

int main(void)
{
	struct CMUnitTest tests[RC_COUNT(mishaps) + 1] = {
		cmocka_unit_test(the_next_rescue_without_a_name),
	};

	for (size_t i = 0; i < RC_COUNT(mishaps); i++)
		tests[i + 1] = (struct CMUnitTest){ .name = mishaps[i].name,
						    .test_func = goes_wrong_once,
						    .teardown_func = clear_scene,
						    .initial_state = (void *)&mishaps[i] };
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
