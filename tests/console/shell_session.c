/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The conversation with a camera's Linux: logins, refusals, a bad line, a wire pulled. */
#include <stdio.h>
#include <string.h>

#include "console/shell.h"
#include "support.h"

enum where { AT_NOTHING, AT_LOGIN, AT_PASSWORD, AT_SHELL };

struct camera {
	struct stream base;
	enum where where;
	const char *prompt;
	uint64_t now_ms, seed;
	unsigned drop_one_in;
	struct rc_buffer out;
	size_t taken;
	char line[256];
	size_t line_size;
	unsigned enters, hellos, logins, others;
	bool pulled, pull_at_hello, own;
};

static void say(struct camera *camera, const char *text)
{
	for (; *text; text++)
		if (!camera->drop_one_in || support_random(&camera->seed) % camera->drop_one_in)
			assert_true(rc_buffer_append(&camera->out, text, 1));
}

static void at_prompt(struct camera *camera)
{
	say(camera, camera->own ? "recam> " : camera->prompt);
	say(camera, "\x1b[6n");
}

static void enter_command(struct camera *camera)
{
	if (strcmp(camera->line, "hello") == 0) {
		camera->hellos++;
		camera->pulled = camera->pull_at_hello;
		say(camera, "world\r\n");
	} else if (strncmp(camera->line, "PS1='recam''> '", 15) == 0) {
		camera->own = true;
	} else if (strcmp(camera->line, "exit") == 0) {
		if (!camera->own)
			camera->where = AT_LOGIN;
		camera->own = false;
	} else if (strcmp(camera->line, "sh") != 0 && camera->line[0]) {
		camera->others++;
	}
	camera->where == AT_LOGIN ? say(camera, "\r\ncam login: ") : at_prompt(camera);
}

static void enter(struct camera *camera)
{
	camera->line[camera->line_size] = '\0';
	camera->line_size = 0;
	camera->enters++;
	say(camera, "\r\n");
	if (camera->where == AT_SHELL) {
		enter_command(camera);
	} else if (camera->where == AT_LOGIN) {
		say(camera, "Password: ");
		camera->where = AT_PASSWORD;
	} else if (camera->where == AT_PASSWORD && strcmp(camera->line, "right") == 0) {
		camera->where = AT_SHELL;
		camera->logins++;
		at_prompt(camera);
	} else if (camera->where == AT_PASSWORD) {
		camera->where = AT_LOGIN;
		say(camera, "Login incorrect\r\ncam login: ");
	}
}

static void take(struct camera *camera, char c)
{
	char echo[2] = { c, '\0' };

	if (camera->where == AT_NOTHING)
		return;
	if (c == '\r') {
		enter(camera);
	} else if (c == 0x03) {
		camera->line_size = 0;
		say(camera, "\r\n");
		if (camera->where != AT_SHELL)
			camera->where = AT_LOGIN;
		camera->where == AT_LOGIN ? say(camera, "cam login: ") : at_prompt(camera);
	} else if (camera->line_size + 1 < sizeof(camera->line)) {
		camera->line[camera->line_size++] = c;
		if (camera->where != AT_PASSWORD)
			say(camera, echo);
	}
}

static int camera_write(struct stream *stream, const uint8_t *data, size_t size,
			struct rc_error *err)
{
	struct camera *camera = (struct camera *)stream;

	(void)err;
	for (size_t i = 0; i < size; i++)
		if (!camera->drop_one_in || support_random(&camera->seed) % camera->drop_one_in)
			take(camera, (char)data[i]);
	return 0;
}

static int camera_read(struct stream *stream, uint8_t *out, size_t size, unsigned timeout_ms,
		       struct rc_error *err)
{
	struct camera *camera = (struct camera *)stream;
	size_t left = camera->out.size - camera->taken;

	if (camera->pulled)
		return rc_fail(err, RC_ESTOPPED, "the line is gone");
	if (left > size)
		left = size;
	if (left == 0) {
		camera->now_ms += timeout_ms;
		return 0;
	}
	memcpy(out, camera->out.data + camera->taken, left);
	camera->taken += left;
	return (int)left;
}

static uint64_t camera_now(struct stream *stream)
{
	return ((struct camera *)stream)->now_ms;
}

static const struct stream_ops camera_ops = {
	.read = camera_read,
	.write = camera_write,
	.now_ms = camera_now,
};

static int password(void *context, const char *login, unsigned try, char *out, size_t size,
		    struct rc_error *err)
{
	const char *const *words = context;

	(void)err;
	assert_string_equal(login, "cam login:");
	for (unsigned i = 0; i <= try; i++)
		if (!words[i])
			return RC_ENOTFOUND;
	snprintf(out, size, "%s", words[try]);
	return 0;
}

static int win(struct camera *camera, struct shell *shell, const char **words, struct rc_error *err)
{
	struct shell_wait wait = { .password = password, .context = words, .patience_ms = 60000 };

	camera->base.ops = &camera_ops;
	snprintf(camera->base.name, sizeof(camera->base.name), "/dev/camera");
	camera->seed = 5;
	if (!camera->prompt)
		camera->prompt = "[root@cam:~]# ";
	support_ok(shell_init(shell, &camera->base, err), err);
	return shell_win(shell, &wait, err);
}

static void end(struct camera *camera, struct shell *shell)
{
	shell_free(shell);
	rc_buffer_free(&camera->out);
}

static void logs_in_and_out(void **state)
{
	const char *words[] = { "wrong", "right", NULL };
	struct camera camera = { .where = AT_LOGIN };
	struct rc_span answer;
	struct shell shell;
	struct rc_error err;

	(void)state;
	support_ok(win(&camera, &shell, words, &err), &err);
	assert_true(shell.logged_in);
	assert_int_equal(camera.logins, 1);
	support_ok(shell_command(&shell, "hello", 1000, &answer, &err), &err);
	assert_int_equal(answer.size, strlen("\r\nworld\r\n"));
	assert_memory_equal(answer.data, "\r\nworld\r\n", answer.size);
	shell_leave(&shell);
	assert_int_equal(camera.where, AT_LOGIN);
	assert_int_equal(camera.others, 0);
	end(&camera, &shell);
}

/* A shell that was open stays open, with the prompt that it had. */
static void takes_an_open_shell(void **state)
{
	const char *words[] = { NULL };
	struct camera camera = { .where = AT_SHELL };
	struct shell shell;
	struct rc_error err;

	(void)state;
	support_ok(win(&camera, &shell, words, &err), &err);
	assert_false(shell.logged_in);
	shell_leave(&shell);
	assert_int_equal(camera.where, AT_SHELL);
	assert_false(camera.own);
	end(&camera, &shell);
}

static void refuses(void **state)
{
	const char *words[] = { "wrong", NULL };
	struct camera cases[] = {
		{ .where = AT_LOGIN },
		{ .where = AT_SHELL, .prompt = "isvp_t20# " },
		{ .where = AT_SHELL, .prompt = "user@cam:~$ " },
		{ .where = AT_NOTHING },
	};
	static const struct {
		enum rc_status status;
		const char *text;
	} expected[] = {
		{ RC_EREFUSED, "does not take that password" },
		{ RC_EUNSUPPORTED, "prompt of the camera's bootloader" },
		{ RC_EREFUSED, "not root's" },
		{ RC_ETIMEOUT, "no login and no shell came on /dev/camera within 60 s" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct shell shell;
		struct rc_error err;

		support_fails(win(&cases[i], &shell, words, &err), expected[i].status, &err,
			      expected[i].text);
		/* No Enter at a bootloader: it would do the last command again. */
		assert_true(i == 0 || cases[i].enters == 0);
		end(&cases[i], &shell);
	}
}

/* One byte in 100 is lost both ways: nothing else than what was meant is ever entered. */
static void bad_line(void **state)
{
	const char *words[] = { NULL };
	struct camera camera = { .where = AT_SHELL };
	struct rc_span answer;
	struct shell shell;
	struct rc_error err;

	(void)state;
	support_ok(win(&camera, &shell, words, &err), &err);
	camera.drop_one_in = 100;
	for (int i = 0; i < 50; i++) {
		int result = shell_command(&shell, "hello", 1000, &answer, &err);

		assert_true(result == 0 || result == RC_EFORMAT);
	}
	assert_true(shell.retries > 0);
	assert_in_range(camera.hellos, 40, 50);
	assert_int_equal(camera.others, 0);
	camera.pull_at_hello = true;
	camera.drop_one_in = 0;
	support_fails(shell_command(&shell, "hello", 1000, &answer, &err), RC_ESTOPPED, &err,
		      "is gone");
	end(&camera, &shell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_in_and_out),
		cmocka_unit_test(takes_an_open_shell),
		cmocka_unit_test(refuses),
		cmocka_unit_test(bad_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
