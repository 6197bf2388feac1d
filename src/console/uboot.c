/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/uboot.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "console/uboot_line.h"

/* Bytes typed before their echo is waited for: what the smallest receive FIFO of
 * these SoCs' 16550-like UARTs holds. U-Boot reads it by polling only. */
#define TYPE_GROUP 16u

#define ECHO_MS   400u /* longest wait for one group's echo: USB adapters add 16 ms */
#define SETTLE_MS 60u  /* silence after which nothing more is on its way */
#define SYNC_MS   400u
/* Silence in an answer after which Ctrl-C asks for a new prompt: the one that ended it
 * may have come damaged. Only md listens to Ctrl-C while it runs, and md is never
 * silent. */
#define POKE_MS 1000u

/* No Enter here may follow an empty line. Commands hold no '-', 'M', '*' or 'J', which
 * one flipped bit makes an Enter of. */
static const char *const no_noise[] = { NULL };
static const char *const ingenic_prompts[] = { "isvp_t20# ", "isvp# ", "U-Boot> ", NULL };

/* 0x80600000 is where the stock bootcmd reads the kernel to; U-Boot's heap begins at
 * 0x81f98000 (facts/bootloaders-and-flash.md 4.3 and the start's own messages). */
const struct uboot_dialect uboot_ingenic = {
	.name = "ingenic",
	.prompts = ingenic_prompts,
	.autoboot_key = " ",
	.empty_line_repeats = true,
	.load_address = 0x80600000,
	.load_size = 0x1000000,
	.probe = "sf probe",
	.boot = "boot",
	.noise = no_noise,
	.sector = 0x10000,
	.has_loady = true,
};

static const char *const mstar_prompts[] = { "SigmaStar # ", "MStar # ", NULL };
static const char *const mstar_signs[] = { "IPL g", "IPL_CUST", "Build: jenkins-", NULL };

static const char *const mstar_noise[] = { "_[sdmmc_0] CMD_", "_[sdmmc_0] mmc_", NULL };

/* The Mi 360 family (facts/mstar-mi360.md 3). Its U-Boot itself unpacks to 0x21000000 and
 * loads the kernel to 0x22000000. Erases of less than 64 KiB do what they say there, and
 * take 4 KiB sectors. */
const struct uboot_dialect uboot_mstar = {
	.name = "mstar",
	.prompts = mstar_prompts,
	.autoboot_key = "\r",
	.empty_line_repeats = true,
	.load_address = 0x21000000,
	.load_size = 0x2000000,
	.probe = "sf probe 0",
	.boot = "reset",
	.signs = mstar_signs,
	.no_countdown = true,
	.noise = mstar_noise,
	.sector = 0x1000,
};

int uboot_init(struct uboot *uboot, struct stream *stream, const struct uboot_dialect *dialect,
	       struct rc_error *err)
{
	*uboot = (struct uboot){ .dialect = dialect };
	return expect_init(&uboot->in, stream, err);
}

void uboot_free(struct uboot *uboot)
{
	expect_free(&uboot->in);
}

int uboot_sync(struct uboot *uboot, struct rc_error *err)
{
	struct stream *stream = uboot->in.stream;

	for (int try = 0; try < UBOOT_TRIES; try++) {
		size_t end;
		int result = expect_quiet(&uboot->in, SETTLE_MS, SYNC_MS, err);

		expect_keep(&uboot->in, 0);
		if (result == 0)
			result = stream_write(stream, UBOOT_CTRL_C, 1, err);
		if (result == 0)
			result = expect_text(&uboot->in, uboot->needle, SYNC_MS, 4 * SYNC_MS, &end,
					     err);
		if (result == 0)
			result = expect_quiet(&uboot->in, SETTLE_MS, SYNC_MS, err);
		expect_keep(&uboot->in, 0);
		if (result != RC_ETIMEOUT)
			return result;
	}
	return rc_fail(err, RC_ETIMEOUT,
		       "no prompt \"%s\" came from the camera on %s after Ctrl-C, %d times: is it "
		       "still switched on, and the cable in place?",
		       uboot->prompt, stream->name, UBOOT_TRIES);
}

/* True if what was typed came back, nothing else, and all of it; 0 false, or negative. */
static int type_group(struct uboot *uboot, const char *text, size_t size, struct rc_error *err)
{
	int result = stream_write(uboot->in.stream, text, size, err);

	expect_keep(&uboot->in, 0);
	while (result == 0 && uboot->in.size < size) {
		int got = expect_more(&uboot->in, ECHO_MS, err);

		if (got < 0)
			result = got;
		else if (got == 0)
			break;
	}
	if (result)
		return result;
	return uboot->in.size == size && memcmp(uboot->in.data, text, size) == 0;
}

static int type_command(struct uboot *uboot, const char *command, struct rc_error *err)
{
	size_t length = strlen(command);
	int right = 1;

	for (size_t done = 0; right == 1 && done < length; done += TYPE_GROUP) {
		size_t part = length - done < TYPE_GROUP ? length - done : TYPE_GROUP;

		right = type_group(uboot, command + done, part, err);
	}
	return right;
}

/* Forgets what came since the last prompt. 1: there was something, so what was taken
 * for an empty line may not be one. */
static int drain(struct uboot *uboot, struct rc_error *err)
{
	int got;

	expect_keep(&uboot->in, 0);
	got = expect_more(&uboot->in, 0, err);
	expect_keep(&uboot->in, 0);
	return got > 0 ? 1 : got;
}

int uboot_enter(struct uboot *uboot, const char *command, struct rc_error *err)
{
	struct stream *stream = uboot->in.stream;
	int result = 0;

	if (!*command)
		return rc_fail(err, RC_EREFUSED,
			       "an empty line is never sent to U-Boot: it would repeat the last "
			       "command");
	if (uboot->left)
		return rc_fail(
			err, RC_ESTOPPED,
			"the camera on %s has left its bootloader: switch it off and on, and "
			"run the command again",
			stream->name);
	for (int try = 0; try < UBOOT_TRIES; try++) {
		int right = drain(uboot, err);

		if (right == 1 || try > 0)
			right = uboot_sync(uboot, err);
		if (right == 0)
			right = type_command(uboot, command, err);
		if (right < 0)
			return right;
		if (right == 1) {
			uboot->commands++;
			expect_keep(&uboot->in, 0);
			return stream_write(stream, "\r", 1, err);
		}
		uboot->retries++;
	}
	result = uboot_sync(uboot, err);
	if (result)
		return result;
	return rc_fail(err, RC_EIO,
		       "the camera on %s echoed \"%s\" wrong %d times, so it was never entered: "
		       "shorten the cable, join the grounds, or take another adapter",
		       stream->name, command, UBOOT_TRIES);
}

static int fail_silent(struct uboot *uboot, const char *command, unsigned limit_ms,
		       struct rc_error *err)
{
	struct rc_text last = { 0 };
	size_t shown = uboot->in.size < 60 ? uboot->in.size : 60;
	int result;

	if (shown == 0)
		return rc_fail(err, RC_ETIMEOUT,
			       "nothing came from the camera on %s for %u s after \"%s\": is it "
			       "still switched on, and the cable in place?",
			       uboot->in.stream->name, limit_ms / 1000, command);
	rc_text_add_escaped(&last, uboot->in.data + uboot->in.size - shown, shown, shown);
	result = rc_fail(err, RC_ETIMEOUT,
			 "no prompt came from the camera on %s within %u s after \"%s\"; the last "
			 "that came was \"%s\"",
			 uboot->in.stream->name, limit_ms / 1000, command, rc_text_get(&last));
	rc_text_free(&last);
	return result;
}

/* Waits for the prompt behind the answer; *end is where the answer ends. */
static int wait_for_prompt(struct uboot *uboot, const char *command, unsigned limit_ms, size_t *end,
			   struct rc_error *err)
{
	uint64_t start = stream_now_ms(uboot->in.stream);

	for (;;) {
		uint64_t spent = stream_now_ms(uboot->in.stream) - start;
		unsigned left = spent < limit_ms ? limit_ms - (unsigned)spent : 0;
		int result = expect_text(&uboot->in, uboot->needle, POKE_MS, left, end, err);

		if (result == 0)
			*end -= strlen(uboot->needle);
		if (result != RC_ETIMEOUT)
			return result;
		if (left == 0)
			return fail_silent(uboot, command, limit_ms, err);
		result = stream_write(uboot->in.stream, UBOOT_CTRL_C, 1, err);
		if (result)
			return result;
	}
}

/* Takes out what begins with noise, each time to the end of its line; the new size. Where it
 * came into the middle of a line, that line is whole again. */
static size_t drop_noise(uint8_t *data, size_t size, const char *noise)
{
	size_t kept = 0, at = 0;

	while (at < size) {
		struct rc_span rest = { data + at, size - at };
		const uint8_t *found = rc_find(rest, noise, strlen(noise));
		size_t clean = found ? (size_t)(found - rest.data) : rest.size;
		const uint8_t *end = found ? memchr(found, '\n', rest.size - clean) : NULL;

		memmove(data + kept, rest.data, clean);
		kept += clean;
		at = end ? (size_t)(end - data) + 1 : found ? size : at + clean;
	}
	return kept;
}

int uboot_command(struct uboot *uboot, const char *command, unsigned limit_ms,
		  struct rc_span *answer, struct rc_error *err)
{
	size_t end;
	int result = uboot_enter(uboot, command, err);

	if (result == 0)
		result = wait_for_prompt(uboot, command, limit_ms, &end, err);
	if (result)
		return result;
	for (const char *const *noise = uboot->dialect->noise; *noise; noise++)
		end = drop_noise(uboot->in.data, end, *noise);
	/* The needle's line end belongs to the answer's last line. */
	*answer = (struct rc_span){ uboot->in.data, end };
	rc_log_detail("%s%s: %zu bytes", uboot->prompt, command, answer->size);
	return 0;
}

int uboot_ask(struct uboot *uboot, const char *command, unsigned limit_ms, uboot_reader reader,
	      void *context, struct rc_error *err)
{
	int result = 0;

	for (int try = 0; try < UBOOT_TRIES; try++) {
		struct rc_span answer;

		result = uboot_command(uboot, command, limit_ms, &answer, err);
		if (result == 0)
			result = reader(context, answer, err);
		if (result != RC_EFORMAT)
			return result;
		uboot->retries++;
	}
	return result;
}

int uboot_boot(struct uboot *uboot, struct rc_error *err)
{
	int result = uboot_enter(uboot, uboot->dialect->boot, err);

	if (result == 0)
		uboot->left = true;
	return result;
}
