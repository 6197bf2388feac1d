/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/shell.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

/* Sent in two words, so that its own echo does not look like it. */
#define PROMPT     "recam> "
#define SET_PROMPT "PS1='recam''> ';PS2=$PS1"
#define CTRL_C     "\x03"

#define TRIES 8
/* A login that was wrong is answered after 3 s. */
#define LOGIN_MS  8000u
#define SETTLE_MS 300u
#define LIMIT_MS  5000u
/* Nothing is sent before the line was silent for so long: a second is what a bootloader
 * waits for keys, and a start that Ctrl-C ends there is not what was asked for. */
#define SILENCE_MS 2500u
#define ECHO_MS    600u
#define PASSWORDS  8u
/* Lines of 100 bytes on their way to a program that reads them: a quarter of what the
 * kernel keeps for one that does not. */
#define LINES_AHEAD 10u

int shell_init(struct shell *shell, struct stream *stream, struct rc_error *err)
{
	*shell = (struct shell){ 0 };
	return expect_init(&shell->in, stream, err);
}

void shell_free(struct shell *shell)
{
	expect_free(&shell->in);
}

static int say(struct shell *shell, const char *text, struct rc_error *err)
{
	expect_keep(&shell->in, 0);
	return stream_write(shell->in.stream, text, strlen(text), err);
}

/* Ctrl-C until our own prompt comes, and nothing behind it: the line is empty then. */
static int sync_prompt(struct shell *shell, struct rc_error *err)
{
	for (int try = 0; try < TRIES; try++) {
		size_t end;
		int result = say(shell, CTRL_C, err);

		if (result == 0)
			result = expect_text(&shell->in, PROMPT, 1000, LIMIT_MS, &end, err);
		if (result == 0)
			result = expect_quiet(&shell->in, SETTLE_MS / 3, LIMIT_MS, err);
		expect_keep(&shell->in, 0);
		if (result != RC_ETIMEOUT)
			return result;
	}
	return rc_fail(err, RC_ETIMEOUT,
		       "the shell on %s does not answer any more: is the camera still switched on, "
		       "the cable in place, and nobody else on this line? Run the same command "
		       "again",
		       shell->in.stream->name);
}

/* What came, without the question for the cursor's place that busybox puts anywhere
 * between its prompt and the echo. */
static bool echo_is(struct shell *shell, const char *command)
{
	static const char where[] = "\x1b[6n";
	struct rc_span all = { shell->in.data, shell->in.size };
	size_t length = strlen(command);

	if (all.size >= 4 && memcmp(all.data, where, 4) == 0)
		all = rc_span_sub(all, 4, all.size);
	return all.size == length && memcmp(all.data, command, length) == 0;
}

/* 1: the echo was right, 0: it was not. */
static int type(struct shell *shell, const char *command, struct rc_error *err)
{
	int result;

	/* What came since the last prompt belongs to nothing. */
	do {
		expect_keep(&shell->in, 0);
		result = expect_more(&shell->in, 0, err);
	} while (result > 0);
	if (result == 0)
		result = say(shell, command, err);
	while (result == 0 && !echo_is(shell, command) && shell->in.size < strlen(command) + 4) {
		int got = expect_more(&shell->in, ECHO_MS, err);

		if (got < 0)
			result = got;
		else if (got == 0)
			break;
	}
	return result ? result : echo_is(shell, command);
}

/* Types a command until its echo was right, and enters it. */
static int enter(struct shell *shell, const char *command, struct rc_error *err)
{
	int result;

	if (strlen(command) > SHELL_COMMAND)
		return rc_fail(err, RC_ERANGE, "\"%s\" is too long a line for a camera's shell",
			       command);
	for (int try = 0; try < TRIES; try++) {
		int right = type(shell, command, err);

		if (right < 0)
			return right;
		if (right) {
			shell->commands++;
			return say(shell, "\r", err);
		}
		shell->retries++;
		result = sync_prompt(shell, err);
		if (result)
			return result;
	}
	return rc_fail(
		err, RC_EIO,
		"the shell on %s echoed \"%s\" wrong %d times, so it was never entered: a bad "
		"line, or one of the camera's programs prints on it (end that, or take "
		"another way to a shell)",
		shell->in.stream->name, command, TRIES);
}

int shell_command(struct shell *shell, const char *command, unsigned limit_ms,
		  struct rc_span *answer, struct rc_error *err)
{
	size_t end;
	int result = enter(shell, command, err);

	if (result == 0)
		result = expect_text(&shell->in, PROMPT, limit_ms, 40 * limit_ms, &end, err);
	if (result) {
		/* What still runs must not print into the next answer. */
		return result == RC_ETIMEOUT && sync_prompt(shell, err) == 0
			       ? rc_fail(err, RC_EFORMAT,
					 "the shell on %s did not come to an end with \"%s\"",
					 shell->in.stream->name, command)
			       : result;
	}
	*answer = (struct rc_span){ shell->in.data, end - strlen(PROMPT) };
	rc_log_detail("shell: %s: %zu bytes", command, answer->size);
	return 0;
}

static size_t count_lines(const struct expect *in)
{
	size_t lines = 0;

	for (size_t i = 0; i < in->size; i++)
		lines += in->data[i] == '\n';
	return lines;
}

/* Waits until no more than ahead lines have no echo yet. */
static int keep_pace(struct shell *shell, size_t *out, size_t ahead, struct rc_error *err)
{
	while (*out > ahead) {
		int got = expect_more(&shell->in, LIMIT_MS, err);
		size_t back;

		if (got < 0)
			return got;
		if (got == 0)
			return rc_fail(err, RC_EFORMAT,
				       "the shell on %s took no more of what was sent to it",
				       shell->in.stream->name);
		back = count_lines(&shell->in);
		*out -= back < *out ? back : *out;
		expect_keep(&shell->in, 0);
	}
	return 0;
}

static int feed_lines(struct shell *shell, struct rc_span text,
		      void (*sent)(void *context, size_t bytes), void *context,
		      struct rc_error *err)
{
	size_t out = 1; /* the command's own line */
	int result = keep_pace(shell, &out, 0, err);

	while (result == 0 && text.size) {
		const uint8_t *end = memchr(text.data, '\n', text.size);
		size_t length = end ? (size_t)(end - text.data) + 1 : text.size;

		result = stream_write(shell->in.stream, text.data, length, err);
		out++;
		if (result == 0)
			result = keep_pace(shell, &out, LINES_AHEAD, err);
		if (result == 0 && sent)
			sent(context, length);
		text = rc_span_sub(text, length, text.size);
	}
	return result;
}

int shell_feed(struct shell *shell, const char *command, struct rc_span text,
	       void (*sent)(void *context, size_t bytes), void *context, struct rc_error *err)
{
	size_t end;
	int result = enter(shell, command, err);

	if (result == 0)
		result = feed_lines(shell, text, sent, context, err);
	if (result == 0)
		result = expect_text(&shell->in, PROMPT, LIMIT_MS, 4 * LIMIT_MS, &end, err);
	if (result != RC_EFORMAT && result != RC_ETIMEOUT)
		return result;
	/* The program waits for an end that did not arrive as such. */
	result = sync_prompt(shell, err);
	return result ? result
		      : rc_fail(err, RC_EFORMAT, "\"%s\" on %s did not get all that was sent to it",
				command, shell->in.stream->name);
}

struct winner {
	struct shell *shell;
	const struct shell_wait *wait;
	unsigned tried; /* passwords */
	bool asked;
};

static int fail_user(const struct shell *shell, struct rc_error *err)
{
	return rc_fail(
		err, RC_EREFUSED,
		"the shell on %s is not root's (its prompt ends in $), and only root reaches "
		"the flash: log out there (exit), and run the command again",
		shell->in.stream->name);
}

static int fail_uboot(const struct shell *shell, struct rc_error *err)
{
	return rc_fail(
		err, RC_EUNSUPPORTED,
		"on %s is the prompt of the camera's bootloader, no Linux: use uboot:%s, which "
		"does all that linux: does, or let the camera start (boot)",
		shell->in.stream->name, shell->in.stream->name);
}

static int fail_password(const struct shell *shell, struct rc_error *err)
{
	return rc_fail(err, RC_EREFUSED,
		       "the camera on %s (%s) does not take that password for root: set "
		       "RECAM_PASSWORD to the right one, or use uboot:, which needs none",
		       shell->in.stream->name, shell->login);
}

/* Waits for what the line comes to be waiting at. */
static int next_sight(struct shell *shell, unsigned limit_ms, enum shell_sight *sight,
		      struct rc_span *line, struct rc_error *err)
{
	uint64_t start = stream_now_ms(shell->in.stream);

	for (;;) {
		int result = expect_quiet(&shell->in, SETTLE_MS, LIMIT_MS, err);

		if (result)
			return result;
		*sight = shell_look((struct rc_span){ shell->in.data, shell->in.size }, line);
		if (*sight != SHELL_NOTHING || stream_now_ms(shell->in.stream) - start >= limit_ms)
			return 0;
		/* A start prints much; only its last line counts here. */
		expect_keep(&shell->in, 256);
	}
}

/* A password, and what became of it: *in if a shell came. */
static int give_password(struct winner *winner, bool *in, struct rc_error *err)
{
	struct shell *shell = winner->shell;
	enum shell_sight sight;
	struct rc_span line;
	char password[128];
	size_t length;
	int result = winner->wait->password(winner->wait->context, shell->login, winner->tried,
					    password, sizeof(password) - 1, err);

	if (result == RC_ENOTFOUND && winner->tried)
		return fail_password(shell, err);
	if (result)
		return result;
	winner->tried++;
	length = strlen(password);
	password[length] = '\r';
	expect_keep(&shell->in, 0);
	result = stream_write(shell->in.stream, password, length + 1, err);
	explicit_bzero(password, sizeof(password));
	if (result == 0)
		result = next_sight(shell, LOGIN_MS, &sight, &line, err);
	if (result)
		return result;
	if (sight == SHELL_USER)
		return fail_user(shell, err);
	*in = sight == SHELL_ROOT;
	shell->logged_in = *in;
	return 0;
}

static int log_in(struct winner *winner, struct rc_span login, bool *in, struct rc_error *err)
{
	struct shell *shell = winner->shell;
	enum shell_sight sight;
	struct rc_span line;
	int result;

	snprintf(shell->login, sizeof(shell->login), "%.*s", (int)login.size, login.data);
	if (winner->tried >= PASSWORDS)
		return fail_password(shell, err);
	result = say(shell, "root\r", err);
	if (result == 0)
		result = next_sight(shell, LOGIN_MS, &sight, &line, err);
	if (result)
		return result;
	if (sight == SHELL_PASSWORD)
		return give_password(winner, in, err);
	/* root without a password */
	*in = shell->logged_in = sight == SHELL_ROOT;
	return 0;
}

/* Nothing waits for anybody: wake whatever is there, once the line is silent. */
static int knock(struct winner *winner, struct rc_error *err)
{
	struct shell *shell = winner->shell;
	struct expect *in = &shell->in;

	if (stream_now_ms(in->stream) - in->last_ms < SILENCE_MS)
		return 0;
	if (!winner->asked && winner->wait->ask && in->size == 0) {
		char text[256];

		snprintf(text, sizeof(text),
			 "%s: nothing comes from the camera's Linux yet. Switch it on, or off and "
			 "on, and wait for its login.",
			 in->stream->name);
		winner->wait->ask(winner->wait->context, text);
		winner->asked = true;
	}
	in->last_ms = stream_now_ms(in->stream);
	/* At a prompt it does nothing, a login starts anew, and a bootloader, where Enter
	 * would do its last command again, gives its prompt. */
	return say(shell, CTRL_C, err);
}

static int act(struct winner *winner, enum shell_sight sight, struct rc_span line, bool *in,
	       struct rc_error *err)
{
	switch (sight) {
	case SHELL_UBOOT:
		return fail_uboot(winner->shell, err);
	case SHELL_USER:
		return fail_user(winner->shell, err);
	case SHELL_ROOT:
		*in = true;
		return 0;
	case SHELL_LOGIN:
		return log_in(winner, line, in, err);
	case SHELL_ENTER:
		return say(winner->shell, "\r", err);
	case SHELL_PASSWORD: /* of a name that somebody else gave */
		return say(winner->shell, CTRL_C, err);
	default:
		return knock(winner, err);
	}
}

/* A shell inside the one found: its prompt is ours, and leaving it leaves all as it was. */
static int start_own(struct shell *shell, struct rc_error *err)
{
	size_t end;
	int result = 0;

	for (int try = 0; try < 3; try++) {
		result = say(shell, try == 0 ? "sh\r" : CTRL_C, err);
		if (result == 0)
			result = expect_quiet(&shell->in, SETTLE_MS, LIMIT_MS, err);
		if (result == 0)
			result = say(shell, SET_PROMPT "\r", err);
		if (result == 0)
			result = expect_text(&shell->in, PROMPT, 2000, LIMIT_MS, &end, err);
		if (result == 0) {
			shell->started = true;
			return sync_prompt(shell, err);
		}
		if (result != RC_ETIMEOUT)
			return result;
	}
	return rc_fail(
		err, RC_ETIMEOUT,
		"what is on %s ends its line in #, but does not behave as a shell: look at it "
		"with \"recam console %s\"",
		shell->in.stream->name, shell->in.stream->name);
}

int shell_win(struct shell *shell, const struct shell_wait *wait, struct rc_error *err)
{
	struct winner winner = { .shell = shell, .wait = wait };
	uint64_t start = stream_now_ms(shell->in.stream);
	enum shell_sight sight;
	struct rc_span line;
	bool in = false;
	/* What is there at once, before anything is sent, may be a start under way. */
	int result = expect_more(&shell->in, SETTLE_MS, err);

	if (result == 0)
		result = say(shell, CTRL_C, err);
	while (result >= 0 && !in) {
		result = next_sight(shell, SILENCE_MS, &sight, &line, err);
		if (result == 0 && sight == SHELL_NOTHING &&
		    stream_now_ms(shell->in.stream) - start > wait->patience_ms)
			return rc_fail(
				err, RC_ETIMEOUT,
				"no login and no shell came on %s within %u s: is it the right "
				"port, the camera switched on, and TX and RX crossed? "
				"uboot:%s may reach its bootloader",
				shell->in.stream->name, wait->patience_ms / 1000,
				shell->in.stream->name);
		if (result == 0)
			result = act(&winner, sight, line, &in, err);
	}
	return result < 0 ? result : start_own(shell, err);
}

/* Of no use to tell: the work is done, and a line that is gone is left already. */
void shell_leave(struct shell *shell)
{
	if (shell->started && sync_prompt(shell, NULL) == 0) {
		say(shell, "exit\r", NULL);
		expect_quiet(&shell->in, SETTLE_MS, LIMIT_MS, NULL);
		if (shell->logged_in)
			say(shell, "exit\r", NULL);
	}
	shell->started = false;
}
