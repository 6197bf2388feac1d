/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Ymodem sender against lrzsz's receiver, over a line that may be bad. */
#include "console/ymodem.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "console/port.h"
#include "support.h"

extern char **environ;

/* A line to rb that flips bits both ways, after rb has started. */
struct noisy {
	struct stream base;
	struct stream *real;
	uint64_t seed;
	unsigned flip_one_in;
};

static void spoil(struct noisy *noisy, uint8_t *data, size_t size)
{
	for (size_t i = 0; noisy->flip_one_in && i < size; i++)
		if (support_random(&noisy->seed) % noisy->flip_one_in == 0)
			data[i] ^= (uint8_t)(1u << support_random(&noisy->seed) % 8);
}

static int noisy_read(struct stream *stream, uint8_t *out, size_t size, unsigned timeout_ms,
		      struct rc_error *err)
{
	struct noisy *noisy = (struct noisy *)stream;
	int got = stream_read(noisy->real, out, size, timeout_ms, err);

	if (got > 0)
		spoil(noisy, out, (size_t)got);
	return got;
}

static int noisy_write(struct stream *stream, const uint8_t *data, size_t size,
		       struct rc_error *err)
{
	struct noisy *noisy = (struct noisy *)stream;
	uint8_t copy[2048];

	assert_true(size <= sizeof(copy));
	memcpy(copy, data, size);
	spoil(noisy, copy, size);
	return stream_write(noisy->real, copy, size, err);
}

static uint64_t noisy_now(struct stream *stream)
{
	return stream_now_ms(((struct noisy *)stream)->real);
}

static const struct stream_ops noisy_ops = { .read = noisy_read,
					     .write = noisy_write,
					     .now_ms = noisy_now };

/* rb in folder, its input and output one end of a socket pair; the other is returned. */
static int start_rb(const char *folder, pid_t *pid)
{
	char program[] = "rb", mode[] = "--ymodem", quiet[] = "-q", again[] = "--overwrite";
	char *arguments[] = { program, mode, quiet, again, NULL };
	posix_spawn_file_actions_t actions;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addchdir_np(&actions, folder);
	if (posix_spawnp(pid, "rb", &actions, NULL, arguments, environ) != 0) {
		print_message("SKIPPED: rb (lrzsz) is not installed\n");
		skip();
	}
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	return ends[0];
}

static void count_sent(void *context, size_t bytes)
{
	*(size_t *)context += bytes;
}

static void send_to_rb(size_t size, unsigned flip_one_in, uint64_t seed)
{
	const char *folder = support_temp_dir();
	uint8_t *data = malloc(size + 1);
	size_t sent = 0;
	struct ymodem_options options = { .name = "sent.bin",
					  .sent = count_sent,
					  .context = &sent };
	struct noisy noisy = { .base.ops = &noisy_ops, .seed = seed, .flip_one_in = flip_one_in };
	struct rc_buffer got;
	struct rc_error err;
	uint64_t random = seed;
	char *path;
	int status;
	pid_t pid;
	int line = start_rb(folder, &pid);

	assert_non_null(data);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)support_random(&random);
	snprintf(noisy.base.name, sizeof(noisy.base.name), "rb");
	support_ok(fd_stream_new(line, "rb", sizeof(struct fd_stream), &noisy.real, &err), &err);
	support_ok(ymodem_send(&noisy.base, data, size, &options, &err), &err);
	assert_int_equal(sent, size);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	path = rc_path_join(folder, "sent.bin");
	support_ok(rc_file_read(path, RC_MIB(4), &got, &err), &err);
	assert_int_equal(got.size, size);
	assert_memory_equal(got.data, data, size);
	/* No more than promised, where nothing had to be sent again. */
	if (!flip_one_in)
		assert_in_range(noisy.base.bytes_in + noisy.base.bytes_out, size,
				ymodem_wire_bytes(size) + 200);
	stream_close(noisy.real);
	rc_buffer_free(&got);
	free(path);
	free(data);
}

static void whole_files(void **state)
{
	static const size_t sizes[] = { 1, 127, 128, 129, 1024, 1025, 65536, 300000 };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(sizes); i++)
		send_to_rb(sizes[i], 0, 1 + i);
}

static void over_bad_line(void **state)
{
	(void)state;
	/* rb takes some seconds of silence before it asks again. */
	send_to_rb(40000, 8000, 3);
}

/* A receiver of few words: asks for the file, and answers each write with what is set. */
struct scripted {
	struct stream base;
	uint64_t now_ms;
	const char *answer;       /* to a write */
	const char *short_answer; /* to a write of the three bytes of a header, or NULL */
	const char *pending;
	uint64_t after_short; /* bytes that came after those three */
	bool short_seen;
};

static int scripted_read(struct stream *stream, uint8_t *out, size_t size, unsigned timeout_ms,
			 struct rc_error *err)
{
	struct scripted *scripted = (struct scripted *)stream;

	(void)size;
	(void)err;
	if (*scripted->pending == 0) {
		scripted->now_ms += timeout_ms;
		return 0;
	}
	*out = (uint8_t)*scripted->pending++;
	return 1;
}

static int scripted_write(struct stream *stream, const uint8_t *data, size_t size,
			  struct rc_error *err)
{
	struct scripted *scripted = (struct scripted *)stream;

	(void)data;
	(void)err;
	scripted->pending = scripted->answer;
	if (scripted->short_seen)
		scripted->after_short += size;
	if (size == 3 && scripted->short_answer) {
		scripted->pending = scripted->short_answer;
		scripted->short_seen = true;
	}
	return 0;
}

static uint64_t scripted_now(struct stream *stream)
{
	return ((struct scripted *)stream)->now_ms;
}

static const struct stream_ops scripted_ops = { .read = scripted_read,
						.write = scripted_write,
						.now_ms = scripted_now };

static int send_to_script(struct scripted *scripted, struct rc_error *err)
{
	static const uint8_t data[8192];
	struct ymodem_options options = { .name = "x" };

	scripted->base.ops = &scripted_ops;
	scripted->pending = "C";
	snprintf(scripted->base.name, sizeof(scripted->base.name), "line");
	return ymodem_send(&scripted->base, data, sizeof(data), &options, err);
}

static void receiver_that_fails(void **state)
{
	struct scripted cancels = { .answer = "\x18\x18" };
	struct scripted silent = { .answer = "" };
	struct scripted refuses = { .answer = "\x15" };
	struct rc_error err;

	(void)state;
	support_fails(send_to_script(&cancels, &err), RC_EIO, &err, "cancelled", "line");
	support_fails(send_to_script(&silent, &err), RC_ETIMEOUT, &err, "no answer for 30 s");
	support_fails(send_to_script(&refuses, &err), RC_EIO, &err, "damaged 16 times");
}

/* Block 4 whose first byte is lost looks like the end: what it holds must not be typed at
 * the prompt that the receiver then goes back to. */
static void block_four_taken_for_the_end(void **state)
{
	struct scripted ends = { .answer = "\x06",
				 .short_answer = "\x06\x06"
						 "C" };
	struct rc_error err;

	(void)state;
	support_fails(send_to_script(&ends, &err), RC_EIO, &err, "end of the transfer");
	assert_true(ends.short_seen);
	assert_int_equal(ends.after_short, 0);
}

static void receiver_that_leaves(void **state)
{
	struct ymodem_options options = { .name = "x" };
	struct stream *stream;
	struct rc_error err;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	support_ok(fd_stream_new(ends[0], "line", sizeof(struct fd_stream), &stream, &err), &err);
	assert_int_equal(write(ends[1], "C", 1), 1);
	close(ends[1]);
	support_fails(ymodem_send(stream, (const uint8_t *)"data", 4, &options, &err), RC_ESTOPPED,
		      &err, "is gone");
	stream_close(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_files),
		cmocka_unit_test(over_bad_line),
		cmocka_unit_test(receiver_that_fails),
		cmocka_unit_test(block_four_taken_for_the_end),
		cmocka_unit_test(receiver_that_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
