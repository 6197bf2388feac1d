/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loady of both engines, judged by lrzsz's sb. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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
#include "session.h"

extern char **environ;

static const char *sb;

static pid_t start_sender(const char *path, int *line)
{
	char *const argv[] = { (char *)"sb", (char *)"-q", (char *)path, NULL };
	posix_spawn_file_actions_t actions;
	int ends[2];
	pid_t child;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	assert_int_equal(posix_spawn(&child, sb, &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	*line = ends[0];
	return child;
}

/* Carries bytes both ways until the camera has its prompt back. The camera's clock goes
 * on by 10 ms for 3 on the wall, since after block 0 it always waits two seconds before it
 * asks for the next (U-Boot forgets to). A sender that is slower than that is asked
 * again, up to 20 times. One that has just been started throws away what it finds. */
static void carry(struct session *session, int line)
{
	bool heard = false;

	for (;;) {
		struct pollfd wait = { .fd = line, .events = POLLIN };
		uint8_t bytes[2048];
		size_t out;
		ssize_t count;

		while (twin_input_waiting(session->twin))
			twin_run(session->twin, SIZE_MAX, 1000);
		twin_run(session->twin, 1, 10000);
		out = twin_output(session->twin, bytes, sizeof(bytes));
		rc_text_add_bytes(&session->last, (const char *)bytes, out);
		if (strstr(rc_text_get(&session->last), "## Total Size"))
			break;
		if (out && send(line, bytes, out, MSG_NOSIGNAL) < 0)
			break;
		if (poll(&wait, 1, out ? 0 : 3) <= 0 || !(wait.revents & POLLIN)) {
			if (!heard && send(line, "C", 1, MSG_NOSIGNAL) < 0)
				break;
			continue;
		}
		heard = true;
		count = read(line, bytes, sizeof(bytes));
		if (count > 0)
			twin_input(session->twin, bytes, (size_t)count);
	}
	session_settle(session);
}

static void send_file(struct session *session, const uint8_t *data, size_t size)
{
	char path[512], expected[64];
	int line, status;
	pid_t child;

	snprintf(path, sizeof(path), "%s/part.bin", support_temp_dir());
	assert_int_equal(rc_file_replace(path, data, size, 0600, NULL), 0);
	session_type(session, "mw.b 81000000 0 8000");
	rc_text_free(&session->last);
	twin_input(session->twin, (const uint8_t *)"loady 81000000\r", 15);
	/* The sender is started when it is asked for. */
	while (!strstr(rc_text_get(&session->last), "\nC")) {
		char byte;

		twin_run(session->twin, 1, 100000);
		while (twin_output(session->twin, (uint8_t *)&byte, 1))
			rc_text_add_bytes(&session->last, &byte, 1);
	}
	child = start_sender(path, &line);
	carry(session, line);
	close(line);
	kill(child, SIGTERM);
	assert_int_equal(waitpid(child, &status, 0), child);

	snprintf(expected, sizeof(expected), "## Total Size      = 0x%08zx = %zu Bytes\r\n", size,
		 size);
	assert_has(rc_text_get(&session->last), "xyzModem - CRC mode, ");
	assert_has(rc_text_get(&session->last), expected);
	snprintf(expected, sizeof(expected), "==> %08x\r\n", rc_crc32(0, data, size));
	snprintf(path, sizeof(path), "crc32 81000000 %zx", size);
	assert_has(session_type(session, path), expected);
	snprintf(expected, sizeof(expected), "filesize=%zx\r\n", size);
	assert_has(session_type(session, "printenv filesize"), expected);
}

static void check_engine(struct rc_span image, enum twin_engine engine)
{
	/* A whole block, one byte, a file whose end looks like padding, several blocks. */
	static const size_t sizes[] = { 1024, 1, 1500, 20001 };
	struct twin_config config = { .image = image, .engine = engine };
	static uint8_t data[20001];
	struct session session;
	uint64_t seed = 99;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(support_random(&seed) >> 32);
	memset(data + 1490, 0x1a, 10);
	session_open(&session, &config);
	session_prompt(&session);
	for (size_t i = 0; i < RC_COUNT(sizes); i++)
		send_file(&session, data, sizes[i]);
	session_close(&session);
}

static void test_model(void **state)
{
	struct rc_buffer flash;

	support_demo_flash(&flash);
	check_engine((struct rc_span){ flash.data, flash.size }, TWIN_MODEL);
	rc_buffer_free(&flash);
}

static void test_exact(void **state)
{
	struct rc_buffer boot;

	support_shared_file("firmware/dafang-5.5.1.177/uboot.bin", &boot);
	check_engine((struct rc_span){ boot.data, boot.size }, TWIN_EXACT);
	rc_buffer_free(&boot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_exact),
	};

	sb = access("/usr/bin/sb", X_OK) == 0 ? "/usr/bin/sb" : NULL;
	if (!sb) {
		printf("SKIPPED: sb (package lrzsz) is not here\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
