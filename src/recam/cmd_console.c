/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A terminal that names what it sees go by. Bytes pass untouched in both
 * directions; when the line falls quiet, what came so far is read as a boot log,
 * and each finding that is new is said once.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "console/stream.h"
#include "recam/common.h"

#define ESCAPE_KEY 0x1d /* Ctrl-], as telnet has it */
#define KEEP_BYTES RC_KIB(512)
#define QUIET_MS   300
#define POLL_MS    20

struct console {
	struct stream *stream;
	const struct boards *boards;
	const char *log; /* NULL none */
	struct rc_buffer seen;
	size_t judged;     /* bytes of seen that were read as a log */
	char told[64][48]; /* ids already said */
	size_t told_count;
	uint64_t last_byte_ms;
};

static bool tell_once(struct console *console, const char *id)
{
	for (size_t i = 0; i < console->told_count; i++)
		if (strcmp(console->told[i], id) == 0)
			return false;
	if (console->told_count == RC_COUNT(console->told))
		return false;
	snprintf(console->told[console->told_count++], sizeof(console->told[0]), "%s", id);
	return true;
}

static void name_what_came(struct console *console)
{
	struct inspect_options options = { .boards = console->boards };
	struct inspection inspection = { 0 };

	console->judged = console->seen.size;
	if (inspect_log((struct rc_span){ console->seen.data, console->seen.size }, &options,
			&inspection, NULL) == 0) {
		for (size_t i = 0; i < inspection.finding_count; i++) {
			const struct finding *finding = &inspection.findings[i];

			/* Silence is no news to somebody who is typing. */
			if (strcmp(finding->kind->id, "no-bootloader-output") != 0 &&
			    tell_once(console, finding->kind->id))
				fprintf(stderr, "\r\n[recam] %s: %s\r\n[recam] %s\r\n",
					finding->kind->id, finding->evidence,
					finding->kind->advice);
		}
	}
	inspection_clear(&inspection);
}

static int take_bytes(struct console *console, const uint8_t *data, size_t size,
		      struct rc_error *err)
{
	if (console->seen.size + size > KEEP_BYTES) {
		console->seen.size = 0;
		console->judged = 0;
	}
	rc_buffer_append(&console->seen, data, size);
	fwrite(data, 1, size, stdout);
	fflush(stdout);
	console->last_byte_ms = stream_now_ms(console->stream);
	return console->log ? rc_file_append(console->log, data, size, err) : 0;
}

/* 1: the user left. */
static int pass_keys(struct console *console, struct rc_error *err)
{
	struct pollfd keys = { .fd = STDIN_FILENO, .events = POLLIN };
	uint8_t typed[256];
	ssize_t size;
	const uint8_t *escape;

	if (poll(&keys, 1, 0) <= 0)
		return 0;
	size = read(STDIN_FILENO, typed, sizeof(typed));
	if (size <= 0)
		return 1;
	escape = memchr(typed, ESCAPE_KEY, (size_t)size);
	if (escape)
		size = escape - typed;
	if (size > 0) {
		int result = stream_write(console->stream, typed, (size_t)size, err);

		if (result)
			return result;
	}
	return escape ? 1 : 0;
}

static int converse(struct console *console, struct rc_error *err)
{
	uint8_t came[1024];
	int result = 0;

	while (!stop_asked && result == 0) {
		int got = stream_read(console->stream, came, sizeof(came), POLL_MS, err);

		if (got < 0)
			return got;
		if (got > 0)
			result = take_bytes(console, came, (size_t)got, err);
		else if (console->seen.size > console->judged &&
			 stream_now_ms(console->stream) - console->last_byte_ms >= QUIET_MS)
			name_what_came(console);
		if (!result)
			result = pass_keys(console, err);
	}
	return result < 0 ? result : 0;
}

static int run_console(const char *port, const char *log, const struct boards *boards,
		       struct rc_error *err)
{
	struct console console = { .boards = boards, .log = log };
	struct termios before;
	bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	int result = stream_open(port, &console.stream, err);

	if (result)
		return result;
	rc_log_note("connected to %s; leave with Ctrl-]", port);
	if (terminal) {
		struct termios raw = before;

		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	result = converse(&console, err);
	if (terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	stream_close(console.stream);
	rc_buffer_free(&console.seen);
	printf("\n");
	return result;
}

struct console_arguments {
	const char *log;
};

static int run(const struct call *call, struct rc_error *err)
{
	const struct console_arguments *arguments = call->values;

	return run_console(call->arguments[0], arguments->log, &call->boards, err);
}

static const struct option_spec options[] = {
	{ "log", 0, OPTION_TEXT, "FILE", "keep all that came, for recam inspect FILE",
	  offsetof(struct console_arguments, log) },
	{ 0 },
};

const struct command command_console = {
	.name = "console",
	.arguments = "PORT [--log FILE]",
	.summary = "a terminal that names what it sees go by",
	.text = "PORT is a serial device (/dev/ttyUSB0?baud=115200), tcp:HOST:PORT or unix:PATH.\n"
		"Wiring: ground to ground, the adapter's RX to the camera's TX and TX to RX,\n"
		"3.3 V levels; never connect the adapter's supply pin.\n",
	.options = options,
	.values_size = sizeof(struct console_arguments),
	.min = 1,
	.max = 1,
	.run = run,
};
