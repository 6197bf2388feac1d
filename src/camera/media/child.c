/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Copies one word from *from to *to and ends it with a NUL; false: a quote is not closed. */
static bool copy_word(const char **from, char **to)
{
	char quote = '\0';

	for (; **from && (quote || **from != ' '); (*from)++) {
		if (**from == quote) {
			quote = '\0';
			continue;
		}
		if (!quote && (**from == '"' || **from == '\'')) {
			quote = **from;
			continue;
		}
		if (**from == '\\' && quote != '\'' && (*from)[1])
			(*from)++;
		*(*to)++ = **from;
	}
	*(*to)++ = '\0';
	return quote == '\0';
}

int child_split(const char *command, struct child_words *words, struct rc_error *err)
{
	const char *from = command;
	unsigned count = 0;
	char *to;

	*words = (struct child_words){ .text = malloc(strlen(command) + 2) };
	if (!words->text)
		return rc_fail_memory(err, strlen(command) + 2);
	to = words->text;
	for (;;) {
		while (*from == ' ')
			from++;
		if (*from == '\0')
			break;
		if (count == CHILD_MAX_WORDS) {
			child_words_free(words);
			return rc_fail(err, RC_ERANGE, "a command of more than %u words: %.80s ...",
				       CHILD_MAX_WORDS, command);
		}
		words->argv[count++] = to;
		if (!copy_word(&from, &to)) {
			child_words_free(words);
			return rc_fail(err, RC_EUSAGE, "a quote is not closed in the command: %s",
				       command);
		}
	}
	if (count == 0) {
		child_words_free(words);
		return rc_fail(err, RC_EUSAGE, "exec: names no command; the form is exec:COMMAND");
	}
	return RC_OK;
}

void child_words_free(struct child_words *words)
{
	free(words->text);
	*words = (struct child_words){ 0 };
}

/* Own group, default signals: what recamd blocks or ignores is not for the helper. */
static int spawn(const struct child_words *words, int out, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	sigset_t all;
	int result;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETPGROUP);
	result = posix_spawnp(pid, words->argv[0], &actions, &attributes, words->argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

int child_start(const struct child_words *words, struct child *child, struct rc_error *err)
{
	int ends[2];
	int result;

	*child = (struct child){ 0, -1 };
	if (pipe2(ends, O_CLOEXEC) < 0)
		return rc_fail_errno(err, RC_EIO, errno, "no pipe for %s", words->argv[0]);
	result = spawn(words, ends[1], &child->pid);
	close(ends[1]);
	if (result != 0) {
		close(ends[0]);
		child->pid = 0;
		return rc_fail_errno(err, RC_EIO, result, "cannot start %s", words->argv[0]);
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	/* A large picture arrives in one piece; where that is not allowed, in several. */
	fcntl(ends[0], F_SETPIPE_SZ, 1 << 20);
	child->fd = ends[0];
	return RC_OK;
}

static bool ended_within(pid_t pid, int *status, unsigned milliseconds)
{
	for (unsigned waited = 0;; waited += 10) {
		pid_t got = waitpid(pid, status, WNOHANG);

		if (got == pid || (got < 0 && errno != EINTR))
			return true;
		if (waited >= milliseconds)
			return false;
		poll(NULL, 0, 10);
	}
}

void child_stop(struct child *child, char how[64])
{
	int status = 0;

	snprintf(how, 64, "did not run");
	if (child->fd >= 0)
		close(child->fd);
	child->fd = -1;
	if (child->pid <= 0)
		return;
	/* One that closed its output is about to end by itself, with a status that tells more. */
	if (!ended_within(child->pid, &status, 50)) {
		kill(-child->pid, SIGTERM);
		if (!ended_within(child->pid, &status, 1000)) {
			kill(-child->pid, SIGKILL);
			waitpid(child->pid, &status, 0);
		}
	}
	if (WIFSIGNALED(status))
		snprintf(how, 64, "was ended by signal %d", WTERMSIG(status));
	else
		snprintf(how, 64, "ended with status %d", WEXITSTATUS(status));
	child->pid = 0;
}
