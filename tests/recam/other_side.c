/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "other_side.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

/* --- a camera --- */

void camera_start(struct camera *camera, const char *const *words)
{
	const char *argv[16] = { getenv("RECAM_BINARY"), "twin", "-q" };
	size_t size = 0;
	int ends[2];

	for (size_t i = 0; words[i]; i++) {
		assert_true(i < 12);
		argv[i + 3] = words[i];
	}
	assert_int_equal(pipe(ends), 0);
	camera->pid = fork();
	assert_true(camera->pid >= 0);
	if (camera->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], 1);
		close(ends[0]);
		close(ends[1]);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(ends[1]);
	while (size + 1 < sizeof(camera->where) && read(ends[0], camera->where + size, 1) == 1 &&
	       camera->where[size] != '\n')
		size++;
	close(ends[0]);
	camera->where[size] = '\0';
	assert_true(size > 0);
}

void camera_stop(struct camera *camera)
{
	int status;

	assert_int_equal(kill(camera->pid, SIGINT), 0);
	assert_int_equal(waitpid(camera->pid, &status, 0), camera->pid);
	assert_true(WIFEXITED(status));
	camera->pid = 0;
}

/* --- sockets --- */

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	assert_true(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	return address;
}

static int listen_on(const char *path)
{
	struct sockaddr_un address = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* Wakes a thread that waits for somebody to come, and takes the socket away. */
static void stop_listening(int listening, pthread_t thread)
{
	shutdown(listening, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(listening);
}

/* Up to limit bytes from one to the other; how many, 0 at the end. */
static size_t pass_on(int from, int to, size_t limit)
{
	uint8_t bytes[512];
	ssize_t got = read(from, bytes, limit < sizeof(bytes) ? limit : sizeof(bytes));

	if (got <= 0 || write(to, bytes, (size_t)got) != got)
		return 0;
	return (size_t)got;
}

/* Passes on both ways until either ends, or so many bytes came from far. */
static void join_two(int near, int far, uint64_t left)
{
	size_t passed = 1;

	while (left > 0 && passed > 0) {
		struct pollfd ends[] = { { near, POLLIN, 0 }, { far, POLLIN, 0 } };

		poll(ends, 2, -1);
		if (ends[0].revents)
			passed = pass_on(near, far, SIZE_MAX);
		else
			left -= passed = pass_on(far, near, left < SIZE_MAX ? left : SIZE_MAX);
	}
}

/* --- a wire --- */

static void *join_ends(void *context)
{
	const struct wire *wire = context;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int near = accept(wire->listening, NULL, NULL);
	int far = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, wire->to, strlen(wire->to) + 1);
	if (near >= 0 && connect(far, (struct sockaddr *)&address, sizeof(address)) == 0)
		join_two(near, far, wire->length);
	close(near);
	close(far);
	return NULL;
}

void wire_lay(struct wire *wire, const char *from, const char *to, uint64_t length)
{
	*wire = (struct wire){ .listening = listen_on(from), .length = length };
	snprintf(wire->to, sizeof(wire->to), "%s", to);
	assert_int_equal(pthread_create(&wire->thread, NULL, join_ends, wire), 0);
}

void wire_remove(struct wire *wire)
{
	stop_listening(wire->listening, wire->thread);
}

/* --- a login --- */

static bool say(int fd, const char *text)
{
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* One line as it is typed, echoed where wanted; false at the end. */
static bool hear(int fd, char *line, size_t room, bool echo)
{
	size_t size = 0;
	char byte;

	while (read(fd, &byte, 1) == 1) {
		if (byte == '\r' || byte == '\n') {
			line[size] = '\0';
			return say(fd, "\r\n");
		}
		if (size + 1 < room && byte >= ' ')
			line[size++] = byte;
		if (echo && write(fd, &byte, 1) != 1)
			return false;
	}
	return false;
}

/* The shell on a terminal of its own, joined to the socket until either ends. */
static void be_a_shell(int fd)
{
	int terminal;
	pid_t child = forkpty(&terminal, NULL, NULL, NULL);

	if (child == 0) {
		setenv("PS1", "# ", 1);
		execl("/bin/sh", "sh", (char *)NULL);
		_exit(127);
	}
	if (child < 0)
		return;
	join_two(fd, terminal, UINT64_MAX);
	close(terminal);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void *take_passwords(void *context)
{
	const struct login *login = context;
	char line[256];
	int fd;

	while ((fd = accept(login->listening, NULL, NULL)) >= 0) {
		bool in = false;

		while (!in && say(fd, "cam login: ") && hear(fd, line, sizeof(line), true) &&
		       (!line[0] ||
			(say(fd, "Password: ") && hear(fd, line, sizeof(line), false)))) {
			in = line[0] && strcmp(line, login->password) == 0;
			if (line[0] && !in)
				say(fd, "Login incorrect\r\n");
		}
		if (in)
			be_a_shell(fd);
		close(fd);
	}
	return NULL;
}

void login_start(struct login *login, const char *path, const char *password)
{
	*login = (struct login){ .listening = listen_on(path), .password = password };
	assert_int_equal(pthread_create(&login->thread, NULL, take_passwords, login), 0);
}

void login_stop(struct login *login)
{
	stop_listening(login->listening, login->thread);
}
