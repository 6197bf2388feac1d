/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

extern char **environ;

enum { PIPE_READ, PIPE_WRITE };

static void make_pipe(int ends[2])
{
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
}

static pid_t spawn(const char *const *argv, int in, int out, int err)
{
	posix_spawn_file_actions_t actions;
	pid_t child;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, err, 2);
	assert_int_equal(
		posix_spawnp(&child, argv[0], &actions, NULL, (char *const *)argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	return child;
}

/* False at the end of the pipe. */
static bool collect(int fd, struct rc_buffer *into)
{
	uint8_t chunk[4096];
	ssize_t got = read(fd, chunk, sizeof(chunk));

	if (got > 0)
		assert_true(rc_buffer_append(into, chunk, (size_t)got));
	return got > 0 || (got < 0 && errno == EINTR);
}

static void feed(int *fd, struct rc_span *input)
{
	ssize_t put = input->size ? write(*fd, input->data, input->size) : 0;

	if (put > 0) {
		input->data += put;
		input->size -= (size_t)put;
	}
	if (input->size == 0 || (put < 0 && errno != EAGAIN && errno != EINTR)) {
		close(*fd);
		*fd = -1;
	}
}

static void converse(int in, int out, int err, struct rc_span input, struct run_result *result)
{
	fcntl(in, F_SETFL, O_NONBLOCK);
	while (out >= 0 || err >= 0) {
		struct pollfd fds[3] = { { in, POLLOUT, 0 },
					 { out, POLLIN, 0 },
					 { err, POLLIN, 0 } };

		if (poll(fds, 3, -1) < 0)
			continue;
		if (in >= 0 && fds[0].revents)
			feed(&in, &input);
		if (out >= 0 && fds[1].revents && !collect(out, &result->out))
			out = -1;
		if (err >= 0 && fds[2].revents && !collect(err, &result->err))
			err = -1;
	}
	if (in >= 0)
		close(in);
}

void run_program(const char *const *argv, struct rc_span input, struct run_result *result)
{
	int in[2], out[2], err[2];
	int status;
	pid_t child;

	*result = (struct run_result){ 0 };
	make_pipe(in);
	make_pipe(out);
	make_pipe(err);
	child = spawn(argv, in[PIPE_READ], out[PIPE_WRITE], err[PIPE_WRITE]);
	close(in[PIPE_READ]);
	close(out[PIPE_WRITE]);
	close(err[PIPE_WRITE]);
	converse(in[PIPE_WRITE], out[PIPE_READ], err[PIPE_READ], input, result);
	close(out[PIPE_READ]);
	close(err[PIPE_READ]);
	assert_int_equal(waitpid(child, &status, 0), child);
	result->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	assert_true(rc_buffer_append(&result->out, "", 1));
	assert_true(rc_buffer_append(&result->err, "", 1));
	result->out.size--;
	result->err.size--;
}

void run_result_free(struct run_result *result)
{
	rc_buffer_free(&result->out);
	rc_buffer_free(&result->err);
}

bool run_exists(const char *program)
{
	const char *path = getenv("PATH");
	char *list = strdup(path ? path : "");
	char *rest = list;
	char *folder;
	bool found = false;

	while (!found && (folder = strsep(&rest, ":"))) {
		char full[4096];

		snprintf(full, sizeof(full), "%s/%s", folder, program);
		found = access(full, X_OK) == 0;
	}
	free(list);
	return found;
}

void run_ffmpeg(const char *const *argv, struct rc_buffer *out)
{
	struct run_result result;

	if (!run_exists(argv[0])) {
		print_message("skipped: %s is not installed\n", argv[0]);
		skip();
	}
	run_program(argv, (struct rc_span){ 0 }, &result);
	if (result.status != 0)
		fail_msg("%s: %s", argv[0], (const char *)result.err.data);
	rc_buffer_free(&result.err);
	if (out)
		*out = result.out;
	else
		rc_buffer_free(&result.out);
}
