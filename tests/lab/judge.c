/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge judged: the kernel that lab/linux-judge starts has to find a card and a JFFS2
 * made by the usual tools right, and the same with a small wound wrong.
 */
#include "judge.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support.h"

#define FAT_START 0x100000u /* sector 2048 */
#define FAT_KIB   40960u
#define ERASE     0x8000u

/* 200,000 lines "recam", and what sha256sum says of them. */
#define LINES  200000u
#define SHA256 "d8e4b1b1f0cd3ce9a81cae90cc1c03f4455b353e0e885fbb692777f9611bbf3e"

static void run(const char *const *argv)
{
	struct run_result result;

	run_program(argv, (struct rc_span){ 0 }, &result);
	if (result.status != 0)
		fail_msg("%s: %d: %s", argv[0], result.status, (const char *)result.err.data);
	run_result_free(&result);
}

static void put(const char *path, off_t offset, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, size, offset), size);
	close(fd);
}

static void write_text(const char *path)
{
	struct rc_buffer text = { 0 };
	struct rc_error err;

	for (size_t i = 0; i < LINES; i++)
		assert_true(rc_buffer_append(&text, "recam\n", 6));
	support_ok(rc_file_replace(path, text.data, text.size, 0644, &err), &err);
	rc_buffer_free(&text);
}

/* A card as owners have them: an MBR, one FAT32 from sector 2048, the text in it. */
static void make_card(const char *path, const char *text)
{
	static const uint8_t entry[16] = {
		0, 0, 0, 0, 0x0c, 0, 0, 0, 0x00, 0x08, 0x00, 0x00, 0x00, 0x40, 0x01, 0x00,
	};
	char sectors[16], volume[200];

	snprintf(sectors, sizeof(sectors), "%u", FAT_KIB);
	snprintf(volume, sizeof(volume), "%s@@%u", path, FAT_START);
	put(path, 446, entry, sizeof(entry));
	put(path, 510, "\x55\xaa", 2);
	put(path, FAT_START + FAT_KIB * 1024 - 1, "", 1);
	run((const char *[]){ "mkfs.fat", "-F", "32", "-s", "1", "--offset=2048", path, sectors,
			      NULL });
	run((const char *[]){ "mcopy", "-i", volume, text, "::/text", NULL });
}

static void make_jffs2(const char *path, const char *tree)
{
	run((const char *[]){ "mkfs.jffs2", "-l", "-n", "-e", "0x8000", "-m", "none", "-U", "-r",
			      tree, "-o", path, NULL });
}

static void has(const struct run_result *result, const char *text)
{
	if (!strstr((const char *)result->out.data, text))
		fail_msg("\"%s\" is not in: %s", text, (const char *)result->out.data);
}

static void finds_wounds(void **state)
{
	static const char script[] =
		"look() { # NAME MOUNT-OPTIONS...\n"
		"	name=$1; shift\n"
		"	mount -o ro \"$@\" /mnt && tree /mnt | sed \"s/^/$name: /\"; umount /mnt\n"
		"	kernel_silent >/tmp/said && echo \"$name: silent\"\n"
		"	sed \"s/^/$name: /\" /tmp/said\n"
		"}\n"
		"look card -t vfat ${disk1}1\n"
		"look wounded-card -t vfat ${disk2}1\n"
		"look flash -t jffs2 $flash1\n"
		"look wounded-flash -t jffs2 $flash2\n"
		"exit 41\n";
	const char *dir = support_temp_dir();
	char tree[64], text[96], card[96], card2[96], flash[96], flash2[96];
	const struct judge_disk disks[] = {
		{ card, 0 }, { flash, ERASE }, { card2, 0 }, { flash2, ERASE }
	};
	struct run_result result;

	(void)state;
	snprintf(tree, sizeof(tree), "%s/tree", dir);
	snprintf(text, sizeof(text), "%s/text", tree);
	snprintf(card, sizeof(card), "%s/card", dir);
	snprintf(card2, sizeof(card2), "%s/card2", dir);
	snprintf(flash, sizeof(flash), "%s/flash", dir);
	snprintf(flash2, sizeof(flash2), "%s/flash2", dir);
	assert_int_equal(mkdir(tree, 0755), 0);
	write_text(text);
	make_card(card, text);
	make_card(card2, text);
	make_jffs2(flash, tree);
	make_jffs2(flash2, tree);
	/* The file's hundredth cluster is called free in the first FAT, which is in use. */
	put(card2, FAT_START + 32 * 512 + 4 * 100, "\0\0\0\0", 4);
	/* One byte of the file, which lies unpacked in the node at 0x20000. */
	put(flash2, 0x20400, "X", 1);
	judge_run(disks, RC_COUNT(disks), script, &result);
	assert_int_equal(result.status, 41);
	has(&result, "\ncard: silent\n");
	has(&result, " 1200000 ");
	has(&result, "wounded-card: kernel: FAT-fs (vdc1): error, fat_get_cluster: invalid "
		     "cluster chain");
	has(&result, "\nflash: silent\n");
	has(&result, "wounded-flash: kernel: jffs2: notice: ");
	has(&result, "wrong data CRC in data node at 0x00020000");
	has(&result, "\nflash: f 644 0 0 1200000 ");
	has(&result, " " SHA256 " text\nflash: silent\n");
	has(&result, "unreadable text\n");
	run_result_free(&result);
}

/* What it says where it cannot judge: never the status of a script that was content. */
static void says_why_not(void **state)
{
	static const char *const tools[] = { "sh", "basename", "dirname", "mktemp", "rm" };
	const char *judge = getenv("RECAM_LINUX_JUDGE");
	const char *dir = support_temp_dir();
	char path[128], from[64];
	struct run_result result;

	(void)state;
	assert_non_null(judge);
	for (size_t i = 0; i < RC_COUNT(tools); i++) {
		snprintf(from, sizeof(from), "/bin/%s", tools[i]);
		snprintf(path, sizeof(path), "%s/%s", dir, tools[i]);
		assert_int_equal(symlink(from, path), 0);
	}
	snprintf(path, sizeof(path), "PATH=%s", dir);
	run_program((const char *[]){ "env", path, "sh", judge, "--prepare", NULL },
		    (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 77);
	assert_non_null(strstr((const char *)result.err.data, "skipped: no qemu-system-x86_64"));
	run_result_free(&result);
	run_program(
		(const char *[]){ judge, "--disk", "/nonexistent", "--script", "/dev/null", NULL },
		(struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 125);
	assert_non_null(strstr((const char *)result.err.data, "cannot read /nonexistent"));
	run_result_free(&result);
}

static void says_that_the_kernel_died(void **state)
{
	char script[64];
	struct run_result result;
	struct rc_error err;

	(void)state;
	snprintf(script, sizeof(script), "%s/script", support_temp_dir());
	support_ok(rc_file_replace(script, "echo c >/proc/sysrq-trigger\n", 28, 0600, &err), &err);
	run_program((const char *[]){ getenv("RECAM_LINUX_JUDGE"), "--script", script, NULL },
		    (struct rc_span){ 0 }, &result);
	if (result.status == 77)
		skip();
	assert_int_equal(result.status, 125);
	assert_non_null(strstr((const char *)result.err.data, "did not get to the script's end"));
	run_result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_why_not),
		cmocka_unit_test(finds_wounds),
		cmocka_unit_test(says_that_the_kernel_died),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
