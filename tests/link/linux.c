/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Linux link against the stock kernel and root file system themselves, in an emulated
 * camera: qemu-system-mipsel with the machine t20, named by RECAM_T20_QEMU. Skipped, and
 * said so, where that machine or the firmware is not at hand.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"
#include "link/link.h"
#include "support.h"

extern char **environ;

#define DEFAULT_MACHINE "/tmp/t20qemu/qemu-7.2.0/build/qemu-system-mipsel"

#define KERNEL  0x040000u
#define ROOT    0x240000u
#define DRIVER  0x590000u
#define BACKUPK 0xad0000u
#define FLAG    0xff0000u

struct machine {
	pid_t pid;
	struct rc_buffer flash; /* as it was at the start */
	char spec[64], save[128];
};

static struct machine machine;

static const char *program(void)
{
	const char *given = getenv("RECAM_T20_QEMU");
	const char *path = given ? given : DEFAULT_MACHINE;

	if (access(path, X_OK) == 0)
		return path;
	print_message("skipped: no emulated camera at %s (RECAM_T20_QEMU names one)\n", path);
	skip();
	return NULL;
}

/* The machine's UART keeps 16 bytes and drops what its socket does not take at once. A
 * local socket is full after some 300 writes of one byte; TCP puts them together. */
static int listen_at(uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static void start(const char *qemu)
{
	const char *argv[] = { qemu,       "-M",           "t20",
			       "-display", "none",         "-monitor",
			       "none",     "-chardev",     "socket,id=line,fd=9,server=on",
			       "-serial",  "chardev:line", NULL };
	posix_spawn_file_actions_t actions;
	const char *dir = support_temp_dir();
	struct rc_error err;
	char image[128];
	uint16_t port;
	int fd = listen_at(&port);

	snprintf(machine.spec, sizeof(machine.spec), "linux:tcp:127.0.0.1:%u", port);
	snprintf(image, sizeof(image), "%s/nor.bin", dir);
	snprintf(machine.save, sizeof(machine.save), "%s/after.bin", dir);
	support_ok(rc_file_replace(image, machine.flash.data, machine.flash.size, 0600, &err),
		   &err);
	assert_int_equal(setenv("T20_NOR", image, 1), 0);
	assert_int_equal(setenv("T20_SAVE", machine.save, 1), 0);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, fd, 9);
	assert_int_equal(posix_spawn(&machine.pid, qemu, &actions, NULL, (char **)argv, environ),
			 0);
	posix_spawn_file_actions_destroy(&actions);
	close(fd);
}

static void stop(int how)
{
	if (machine.pid <= 0)
		return;
	kill(machine.pid, how);
	assert_int_equal(waitpid(machine.pid, NULL, 0), machine.pid);
	machine.pid = 0;
}

static int open_link(struct link **link, struct rc_error *err)
{
	struct link_options options = { .patience_ms = 300000 };
	return link_open(machine.spec, &options, link, err);
}

static void reads_equal(struct link *link, uint32_t offset, size_t size)
{
	uint8_t *data = malloc(size);
	struct rc_error err;

	support_ok(link_read(link, offset, data, size, &err), &err);
	assert_memory_equal(data, machine.flash.data + offset, size);
	free(data);
}

static void sums_equal(struct link *link, uint32_t offset, size_t size)
{
	struct rc_error err;
	uint32_t crc;

	support_ok(link_checksum(link, offset, size, &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, machine.flash.data + offset, size));
}

/* What is read of partitions that the camera itself does not write. */
static void check_reads(struct link *link)
{
	assert_int_equal(link->info.kind, LINK_LINUX);
	assert_int_equal(link->info.flash_size, 0x1000000);
	assert_int_equal(link->info.reach, 0x1000000);
	assert_int_equal(link->info.jedec, 0xc84018);
	/* boot, kernel, root and driver: across three borders */
	sums_equal(link, 0, DRIVER + 0xa0000);
	sums_equal(link, KERNEL + 0x1234, 0x1001);
	reads_equal(link, 0, 0x20000);
	reads_equal(link, ROOT - 0x10000, 0x20000);
	reads_equal(link, KERNEL + 0x101, 0x313);
	reads_equal(link, FLAG, 0x10000);
}

static void check_refusals(struct link *link)
{
	uint8_t *data = calloc(1, 0x10000);
	struct rc_error err;

	support_fails(link_erase(link, ROOT, 0x10000, &err), RC_EREFUSED, &err, "will not write",
		      "root", "runs from it", "uboot:");
	support_fails(link_write(link, ROOT, data, 0x10000, &err), RC_EREFUSED, &err, "root",
		      "runs from it");
	support_fails(link_write(link, DRIVER + 0x10000, data, 0x10000, &err), RC_EREFUSED, &err,
		      "driver", "mounted at /driver", "umount /driver");
	/* The last block of root and the first of what follows: neither is written. */
	support_fails(link_erase(link, BACKUPK - 0x10000, 0x20000, &err), RC_EREFUSED, &err,
		      "appfs", "/system");
	support_fails(link_write(link, BACKUPK + 0x8000, data, 0x10000, &err), RC_EREFUSED, &err,
		      "only multiples");
	sums_equal(link, ROOT, 0x350000 + 0xa0000);
	free(data);
}

/* Blocks of a partition that nothing has mounted: others, and then its own again. */
static void check_writes(struct link *link)
{
	uint32_t last = BACKUPK + 0x1e0000;
	uint8_t *other = malloc(0x20000);
	uint64_t seed = 7;
	struct rc_error err;
	uint32_t crc;

	for (size_t i = 0; i < 0x10000; i++)
		other[i] = (uint8_t)support_random(&seed);
	memset(other + 0x10000, 0xff, 0x10000);
	support_ok(link_stage(link, other, 0x20000, &err), &err);
	support_ok(link_erase(link, last, 0x20000, &err), &err);
	support_ok(link_write(link, last, other, 0x20000, &err), &err);
	support_ok(link_checksum(link, last, 0x20000, &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, other, 0x20000));
	/* Nothing beside it has changed. */
	sums_equal(link, BACKUPK, 0x1e0000);
	sums_equal(link, BACKUPK + 0x200000, 0xa0000);
	/* An erase alone, and a write without the bytes ahead. */
	support_ok(link_erase(link, BACKUPK, 0x10000, &err), &err);
	support_ok(link_checksum(link, BACKUPK, 0x10000, &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, other + 0x10000, 0x10000));
	support_ok(link_write(link, BACKUPK, machine.flash.data + BACKUPK, 0x10000, &err), &err);
	support_ok(link_write(link, last, machine.flash.data + last, 0x20000, &err), &err);
	sums_equal(link, BACKUPK, 0x200000);
	free(other);
}

/* What the chip holds in the end, by the machine's own account. */
static void check_chip(void)
{
	struct rc_buffer after = { 0 };
	struct rc_error err;

	stop(SIGTERM);
	support_ok(rc_file_read(machine.save, 0x1000000, &after, &err), &err);
	assert_int_equal(after.size, machine.flash.size);
	assert_memory_equal(after.data, machine.flash.data, DRIVER + 0xa0000);
	assert_memory_equal(after.data + BACKUPK, machine.flash.data + BACKUPK, 0x2a0000);
	rc_buffer_free(&after);
}

/* The stock camera's, as the proof's README says it: "Login: root, password WORD (stock)". */
static void set_stock_password(void)
{
	struct rc_buffer readme;
	const char *word;
	char password[64];
	size_t size;

	support_shared_file("t20-machine-proof/README.md", &readme);
	assert_true(rc_buffer_append(&readme, "", 1));
	word = strstr((const char *)readme.data, "Login: root, password ");
	assert_non_null(word);
	word += strlen("Login: root, password ");
	size = strcspn(word, " \n");
	assert_in_range(size, 1, sizeof(password) - 1);
	memcpy(password, word, size);
	password[size] = '\0';
	assert_int_equal(setenv("RECAM_PASSWORD", password, 1), 0);
	rc_buffer_free(&readme);
}

static void stock_camera(void **state)
{
	const char *qemu;
	struct link *link;
	struct rc_error err;

	(void)state;
	qemu = program();
	support_dafang_flash(&machine.flash);
	start(qemu);
	assert_int_equal(setenv("RECAM_PASSWORD", "wrong", 1), 0);
	support_fails(open_link(&link, &err), RC_EREFUSED, &err,
		      "Ingenic-uc1_1 login:", "does not take that password", "RECAM_PASSWORD");
	/* The right one, after a wrong one: nothing is left over. */
	set_stock_password();
	support_ok(open_link(&link, &err), &err);
	check_reads(link);
	check_refusals(link);
	check_writes(link);
	link_close(link);
	/* It was logged out, and can be opened again. */
	support_ok(open_link(&link, &err), &err);
	sums_equal(link, KERNEL, 0x10000);
	check_chip();
	/* The camera is gone. */
	support_fails(link_read(link, KERNEL, (uint8_t[16]){ 0 }, 16, &err), RC_ESTOPPED, &err,
		      "is gone", "run the same command");
	link_close(link);
}

static int tear_down(void **state)
{
	(void)state;
	if (machine.pid > 0) {
		kill(machine.pid, SIGKILL);
		waitpid(machine.pid, NULL, 0);
	}
	rc_buffer_free(&machine.flash);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(stock_camera, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
