/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cfw/rcS in a folder that stands for a camera, with stand-ins for the programs that need
 * hardware: whatever the card is like, the stock script runs in the end, unless a tree has
 * taken over. Under dash, and under BusyBox's shell, of which the camera's is an older one
 * (tests/cfw/camera.c runs that).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "run.h"
#include "support.h"

/* The camera's programs. Each call is a line of $S/log; cards lie in $S/cards/DEVICE. */
static const struct {
	const char *name, *text;
	bool bounded; /* runs in a process of its own */
} stand_ins[] = {
	{ "mdev", "echo \"mdev, LED $(cat $S/sys/class/gpio/gpio39/direction)\" >>$S/log\n"
		  "n=$(grep -c mdev $S/log)\n"
		  "[ \"$n\" -lt \"$(cat $S/appears)\" ] ||\n"
		  "	for d in $(ls $S/cards); do : >$S/dev/$d; done\n" },
	{ "mount",
	  "echo \"mount $*\" >>$S/log\n"
	  "device=${5##*/}\n"
	  "[ ! -f $S/cards/$device/hangs ] || { : >$S/hurry; exec /bin/sleep 60; }\n"
	  "[ -d $S/cards/$device/files ] || exit 32\n"
	  "echo \"$5 $6 $2 ro 0 0\" >>$S/proc/mounts\n"
	  "cp -R $S/cards/$device/files/. $6/\n",
	  true },
	{ "umount",
	  "echo \"umount $*\" >>$S/log\n"
	  "[ ! -f $S/umount-hangs ] || { : >$S/hurry; exec /bin/sleep 60; }\n"
	  "grep -v \" ${2:-$1} \" $S/proc/mounts >$S/left; mv $S/left $S/proc/mounts\n"
	  "rm -rf ${2:-$1}; mkdir ${2:-$1}\n",
	  true },
	/* Waiting is shorter once something hangs; before, nothing may be too slow. */
	{ "usleep", "[ -f $S/hurry ] && exec /bin/sleep 0.003\nexec /bin/sleep 0.1\n" },
	{ "sleep", "echo \"sleep $*\" >>$S/log\n" },
};

/* What is said to have run. The stock script has nothing of ours about it. */
#define STOCK_START "#!/bin/sh\necho \"stock start: $RECAM_CARD$RECAM_TAKEN\"\n"
#define TAKES_OVER  "echo \"took over from $RECAM_DEVICE\"\n: >\"$RECAM_TAKEN\"\n"

struct camera {
	const char *root;
	struct run_result result;
	struct rc_buffer log;
};

static void put(const struct camera *camera, const char *path, const char *text, size_t size,
		unsigned mode)
{
	char full[300];
	struct rc_error err;

	snprintf(full, sizeof(full), "%s/%s", camera->root, path);
	for (char *slash = full + strlen(camera->root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	support_ok(rc_file_replace(full, text, size, mode, &err), &err);
}

static void put_text(const struct camera *camera, const char *path, const char *text)
{
	put(camera, path, text, strlen(text), 0644);
}

static void put_stand_in(const struct camera *camera, const char *name, const char *text)
{
	char path[64], script[1024];

	snprintf(path, sizeof(path), "bin/%s", name);
	snprintf(script, sizeof(script), "#!/bin/sh\nS=%s\n%s", camera->root, text);
	put(camera, path, script, strlen(script), 0755);
}

/* cfw/rcS with the folder that stands for /. */
static void put_start(const struct camera *camera)
{
	const char *source = getenv("RECAM_CFW");
	struct rc_buffer text;
	struct rc_error err;
	char path[300], *script;
	const char *line;
	size_t before;

	snprintf(path, sizeof(path), "%s/rcS", source ? source : "cfw");
	support_ok(rc_file_read(path, RC_MIB(1), &text, &err), &err);
	assert_true(rc_buffer_append(&text, "", 1));
	line = strstr((const char *)text.data, "\nroot=\n");
	assert_non_null(line);
	before = (size_t)(line - (const char *)text.data) + strlen("\nroot=");
	assert_int_not_equal(asprintf(&script, "%.*s%s%s", (int)before, (const char *)text.data,
				      camera->root, (const char *)text.data + before),
			     -1);
	put(camera, "etc/init.d/rcS", script, strlen(script), 0755);
	free(script);
	rc_buffer_free(&text);
}

static void make(struct camera *camera)
{
	*camera = (struct camera){ .root = support_temp_dir() };
	for (size_t i = 0; i < RC_COUNT(stand_ins); i++)
		put_stand_in(camera, stand_ins[i].name, stand_ins[i].text);
	put_start(camera);
	put_text(camera, "appears", "1\n");
	put_text(camera, "log", "");
	put(camera, "etc/init.d/rcS.stock", STOCK_START, strlen(STOCK_START), 0644);
	put_text(camera, "sys/class/gpio/gpio39/direction", "in\n");
	put_text(camera, "proc/mounts", "proc /proc proc rw 0 0\n");
	for (const char *const *folder =
		     (const char *const[]){ "mnt", "tmp", "cards", "dev", NULL };
	     *folder; folder++) {
		char path[300];

		snprintf(path, sizeof(path), "%s/%s", camera->root, *folder);
		assert_int_equal(mkdir(path, 0755), 0);
	}
}

static void put_tree(const struct camera *camera, const char *device, const char *start)
{
	char path[128];

	snprintf(path, sizeof(path), "cards/%s/files/recam/tree", device);
	put_text(camera, path, "recam-tree 1\n");
	snprintf(path, sizeof(path), "cards/%s/files/recam/start", device);
	put_text(camera, path, start);
}

/* The cards. */
static void no_card(const struct camera *camera)
{
}

static void late_card(const struct camera *camera)
{
	put_tree(camera, "mmcblk0", "");
	put_tree(camera, "mmcblk0p1", TAKES_OVER);
	put_text(camera, "appears", "3\n");
}

static void card(const struct camera *camera)
{
	put_text(camera, "cards/mmcblk0/unreadable", "");
	put_tree(camera, "mmcblk0p1", TAKES_OVER);
}

static void card_without_partitions(const struct camera *camera)
{
	put_tree(camera, "mmcblk0", TAKES_OVER);
}

static void unreadable_card(const struct camera *camera)
{
	put_text(camera, "cards/mmcblk0/unreadable", "");
	put_text(camera, "cards/mmcblk0p1/unreadable", "");
}

static void hanging_card(const struct camera *camera)
{
	put_text(camera, "cards/mmcblk0/hangs", "");
	put_text(camera, "cards/mmcblk0p1/hangs", "");
}

static void photo_card(const struct camera *camera)
{
	put_text(camera, "cards/mmcblk0/unreadable", "");
	put_text(camera, "cards/mmcblk0p1/files/DCIM/1.jpg", "");
}

static void card_of_this_kind(const struct camera *camera, const char *kind, size_t size)
{
	card(camera);
	put(camera, "cards/mmcblk0p1/files/recam/tree", kind, size, 0644);
}

static void card_with_windows_lines(const struct camera *camera)
{
	card_of_this_kind(camera, "recam-tree 1\r\n", 14);
}

static void card_of_the_future(const struct camera *camera)
{
	card_of_this_kind(camera, "recam-tree 12\n", 14);
}

static void card_of_noise(const struct camera *camera)
{
	char *noise = malloc(RC_MIB(1));
	uint64_t seed = 4;

	for (size_t i = 0; i < RC_MIB(1); i++)
		noise[i] = (char)support_random(&seed);
	card_of_this_kind(camera, noise, RC_MIB(1));
	free(noise);
}

static void empty_start(const struct camera *camera)
{
	put_text(camera, "cards/mmcblk0/unreadable", "");
	put_tree(camera, "mmcblk0p1", "");
}

static void no_start(const struct camera *camera)
{
	put_text(camera, "cards/mmcblk0/unreadable", "");
	put_text(camera, "cards/mmcblk0p1/files/recam/tree", "recam-tree 1\n");
}

static void failing_start(const struct camera *camera)
{
	put_text(camera, "cards/mmcblk0/unreadable", "");
	put_tree(camera, "mmcblk0p1", TAKES_OVER "exit 7\n");
}

static void garbled_start(const struct camera *camera)
{
	put_text(camera, "cards/mmcblk0/unreadable", "");
	put_tree(camera, "mmcblk0p1", TAKES_OVER "if then (\n");
}

static void hanging_start(const struct camera *camera)
{
	char start[200];

	snprintf(start, sizeof(start), ": >%s/hurry\nexec /bin/sleep 60\n", camera->root);
	put_text(camera, "cards/mmcblk0/unreadable", "");
	put_tree(camera, "mmcblk0p1", start);
}

static void hanging_start_and_card(const struct camera *camera)
{
	hanging_start(camera);
	put_text(camera, "umount-hangs", "");
}

/* What it started and mounted must not stay behind: the camera's own system needs both. */
static void start_that_leaves_things(const struct camera *camera)
{
	put_text(camera, "cards/mmcblk0/unreadable", "");
	put_text(camera, "cards/mtdblock9/files/config", "");
	put_text(camera, "params/empty", "");
	put_tree(camera, "mmcblk0p1",
		 "S=${RECAM_CARD%/mnt}\n"
		 "$S/bin/mount -t jffs2 -o ro /dev/mtdblock9 $S/params\n"
		 "/bin/sleep 60 >/dev/null 2>&1 &\n"
		 "ln -s /proc/$! $S/proc/$!\n"
		 "echo $! >$S/left-behind\n"
		 "exit 3\n");
}

/* As where /tmp cannot be written. */
static void no_notes(const struct camera *camera)
{
	char path[300];

	card(camera);
	snprintf(path, sizeof(path), "%s/tmp", camera->root);
	assert_int_equal(rmdir(path), 0);
	put_text(camera, "tmp", "");
	put_text(camera, "hurry", "");
}

static const struct {
	void (*prepare)(const struct camera *);
	bool taken;
	const char *says, *log, *never; /* NULL: anything */
} cases[] = {
	{ no_card, false, "recam: no card\n", "sleep 1\nmdev, LED low\nsleep 1\nmdev", "mount" },
	{ late_card, true, "took over from ", "sleep 1\nmdev, LED low\nmount -t vfat -o ro ",
	  NULL },
	{ card, true, "recam: started from the card\n", "mmcblk0p1 ", "umount" },
	{ card_without_partitions, true, "dev/mmcblk0\n", "mount", "umount" },
	{ unreadable_card, false, "no tree on the card", "mmcblk0 ", "umount" },
	{ hanging_card, false, "no tree on the card", "mmcblk0 ", NULL },
	{ photo_card, false, "no tree on the card", "umount ", NULL },
	{ card_with_windows_lines, true, NULL, NULL, "umount" },
	{ card_of_the_future, false, "no tree on the card", "umount ", NULL },
	{ card_of_noise, false, "no tree on the card", "umount ", NULL },
	{ empty_start, false, "did not take over (it ended with 0)", "umount ", NULL },
	{ no_start, false, "did not take over (it ended with ", "umount ", NULL },
	{ failing_start, false, "did not take over (it ended with 7)", "umount ", NULL },
	{ garbled_start, false, "did not take over (it ended with 2)", "umount ", NULL },
	{ start_that_leaves_things, false, "(it ended with 3)", "params\numount ", "umount -l" },
	{ hanging_start, false, "did not take over (it ended with 124)", "umount ", "umount -l" },
	{ hanging_start_and_card, false, "did not take over (it ended with 124)", "umount -l ",
	  NULL },
	{ no_notes, false, "no tree on the card", NULL, NULL },
};

/* A BusyBox with all its programs in it asks no PATH for them: functions come first. */
static const char *make_script(const struct camera *camera, struct rc_buffer *script)
{
	char line[400];

	for (size_t i = 0; i < RC_COUNT(stand_ins); i++) {
		snprintf(line, sizeof(line), "%s() { %s %s/bin/%s \"$@\"; }\n", stand_ins[i].name,
			 stand_ins[i].bounded ? "exec" : "", camera->root, stand_ins[i].name);
		assert_true(rc_buffer_append(script, line, strlen(line)));
	}
	snprintf(line, sizeof(line), ". %s/etc/init.d/rcS\n", camera->root);
	assert_true(rc_buffer_append(script, line, strlen(line) + 1));
	return (const char *)script->data;
}

static void start(struct camera *camera, const char *const *shell)
{
	char path[300];
	const char *argv[7] = { "env", path };
	struct rc_buffer script = { 0 };
	struct rc_error err;
	size_t n = 2;

	snprintf(path, sizeof(path), "PATH=%s/bin:/usr/bin:/bin", camera->root);
	while (*shell)
		argv[n++] = *shell++;
	argv[n++] = "-c";
	argv[n] = make_script(camera, &script);
	run_program(argv, (struct rc_span){ 0 }, &camera->result);
	rc_buffer_free(&script);
	snprintf(path, sizeof(path), "%s/log", camera->root);
	support_ok(rc_file_read(path, RC_MIB(1), &camera->log, &err), &err);
	assert_true(rc_buffer_append(&camera->log, "", 1));
}

static void has(const struct camera *camera, size_t i, const char *where, const char *text)
{
	if (text && !strstr(where, text))
		fail_msg("case %zu: \"%s\" is not in:\n%s\nit said:\n%s%s", i, text, where,
			 (const char *)camera->result.out.data,
			 (const char *)camera->result.err.data);
}

static void has_not(size_t i, const char *where, const char *text)
{
	if (text && strstr(where, text))
		fail_msg("case %zu: \"%s\" is in:\n%s", i, text, where);
}

static void check_led(const struct camera *camera)
{
	struct rc_buffer text;
	struct rc_error err;
	char path[300];

	snprintf(path, sizeof(path), "%s/sys/class/gpio/gpio39/direction", camera->root);
	support_ok(rc_file_read(path, 100, &text, &err), &err);
	assert_memory_equal(text.data, "high\n", 5);
	rc_buffer_free(&text);
	snprintf(path, sizeof(path), "%s/sys/class/gpio/unexport", camera->root);
	assert_true(rc_file_exists(path));
}

/* True where there is no such process, or only its exit status. */
static bool is_dead(const char *process)
{
	struct rc_buffer text;
	struct rc_error err;
	char path[64];
	bool dead;

	snprintf(path, sizeof(path), "/proc/%d/stat", atoi(process));
	if (rc_file_read(path, RC_KIB(4), &text, &err) < 0)
		return true;
	assert_true(rc_buffer_append(&text, "", 1));
	dead = strstr((const char *)text.data, ") Z ") != NULL;
	rc_buffer_free(&text);
	return dead;
}

static void check_left_behind(const struct camera *camera)
{
	struct rc_buffer text;
	struct rc_error err;
	char path[300];

	snprintf(path, sizeof(path), "%s/left-behind", camera->root);
	if (!rc_file_exists(path))
		return;
	support_ok(rc_file_read(path, 100, &text, &err), &err);
	assert_true(rc_buffer_append(&text, "", 1));
	assert_true(is_dead((const char *)text.data));
	rc_buffer_free(&text);
}

static void check(const char *const *shell)
{
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct camera camera;
		const char *out, *log;

		make(&camera);
		cases[i].prepare(&camera);
		start(&camera, shell);
		out = (const char *)camera.result.out.data;
		log = (const char *)camera.log.data;
		has(&camera, i, out, cases[i].says);
		has(&camera, i, log, cases[i].log);
		has_not(i, log, cases[i].never);
		if (cases[i].taken)
			has_not(i, out, "stock start");
		else
			has(&camera, i, out, "recam: starting as stock\nstock start: \n");
		assert_int_equal(camera.result.status, 0);
		check_led(&camera);
		check_left_behind(&camera);
		run_result_free(&camera.result);
		rc_buffer_free(&camera.log);
	}
}

static void under_dash(void **state)
{
	(void)state;
	check((const char *const[]){ "dash", NULL });
}

static void under_busybox(void **state)
{
	(void)state;
	if (!run_exists("busybox")) {
		print_message("skipped: no busybox (packaging/install-packages.sh test)\n");
		skip();
	}
	check((const char *const[]){ "busybox", "sh", NULL });
}

static void shellcheck_is_content(void **state)
{
	const char *source = getenv("RECAM_CFW");
	const char *argv[] = { "shellcheck", NULL, NULL, NULL };
	char start[300], tree[300];
	struct run_result result;

	(void)state;
	if (!run_exists("shellcheck")) {
		print_message("skipped: no shellcheck (packaging/install-packages.sh test)\n");
		skip();
	}
	snprintf(start, sizeof(start), "%s/rcS", source ? source : "cfw");
	snprintf(tree, sizeof(tree), "%s/card/recam/start", source ? source : "cfw");
	argv[1] = start;
	argv[2] = tree;
	run_program(argv, (struct rc_span){ 0 }, &result);
	if (result.status != 0)
		fail_msg("%s", (const char *)result.out.data);
	run_result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shellcheck_is_content),
		cmocka_unit_test(under_dash),
		cmocka_unit_test(under_busybox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
