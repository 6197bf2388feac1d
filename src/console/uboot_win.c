/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Winning the prompt of a camera in an unknown state. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "console/uboot_line.h"

/* Between autoboot keys: a tenth of the shortest countdown that is met (1 s), and slow
 * enough that a polled FIFO of 16 bytes does not run over while the flash is probed. */
#define KEY_MS    50u
#define KNOCK_MS  300u
#define LIMIT_MS  1500u
#define LOOK_BACK 4096u
#define PAST_ROOM 4096u
/* A start that stops for autoboot does so within 5 s; text without a prompt for longer
 * comes from a camera that needs somebody. */
#define TEXT_MS 15000u

/* What only comes when the bootloader is past; "Starting kernel" is its own last word. */
static const char *const linux_signs[] = {
	"Starting kernel ...", "Linux version ", " login:",
	"Kernel panic",        "BusyBox v",      "Please press Enter to activate this console",
};

enum seen { SEEN_NOTHING, SEEN_TEXT, SEEN_GARBAGE, SEEN_LINUX };

struct winner {
	struct uboot *uboot;
	const struct uboot_wait *wait;
	uint64_t text, garbage; /* bytes of each kind so far */
	bool shell;             /* a prompt answered Ctrl-C in a shell's way */
	bool linux_before;      /* the past holds a sign of it */
	bool starting;          /* a camera that has no countdown was seen to start */
};

static bool is_text(uint8_t byte)
{
	return (byte >= 0x20 && byte < 0x7f) || byte == '\r' || byte == '\n' || byte == '\b' ||
	       byte == '\t' || byte == 0x1b;
}

/* The last line, without the autoboot keys echoed behind it, if a prompt may be it:
 * 2 to 22 printable bytes, the last of them '#', '>' or '$'. */
static bool last_line_prompt(const struct uboot *uboot, char prompt[24])
{
	const uint8_t *data = uboot->in.data;
	size_t end = uboot->in.size;
	size_t start;

	while (end > 0 && data[end - 1] == ' ')
		end--;
	start = end;
	while (start > 0 && data[start - 1] >= 0x20 && data[start - 1] < 0x7f && end - start < 23)
		start--;
	if (end - start < 2 || end - start > 22 || !strchr("#>$", data[end - 1]))
		return false;
	if (start > 0 && data[start - 1] != '\n' && data[start - 1] != '\r')
		return false;
	memcpy(prompt, data + start, end - start);
	prompt[end - start] = '\0';
	return true;
}

static void set_prompt(struct uboot *uboot, const char *prompt)
{
	size_t length = strlen(prompt);

	memcpy(uboot->prompt, prompt, length);
	memcpy(uboot->prompt + length, " ", 2);
	uboot->needle[0] = '\n';
	memcpy(uboot->needle + 1, uboot->prompt, length + 2);
}

/* It says so once, at its start. */
static void hear_where_it_runs(struct uboot *uboot)
{
	running_at_parse((struct rc_span){ uboot->in.data, uboot->in.size }, &uboot->running_at);
}

static bool is_there(const struct uboot *uboot, const char *const *texts)
{
	size_t count = 0, end;

	while (texts[count])
		count++;
	return expect_find(&uboot->in, texts, count, &end) >= 0;
}

/* What is no Ingenic says so, as it starts or in its prompt. */
static void recognise(struct winner *winner)
{
	static const struct uboot_dialect *const others[] = { &uboot_mstar };
	struct uboot *uboot = winner->uboot;

	for (size_t i = 0; i < RC_COUNT(others); i++) {
		bool starts = is_there(uboot, others[i]->signs);

		if (starts || is_there(uboot, others[i]->prompts))
			uboot->dialect = others[i];
		winner->starting |= starts;
	}
}

/* What Ctrl-C brings, until nothing more comes; of a camera that is just starting and will
 * not wait for its key, no more than tells that. */
static int hear(struct winner *winner, struct rc_error *err)
{
	struct uboot *uboot = winner->uboot;
	uint64_t start = stream_now_ms(uboot->in.stream);

	while (stream_now_ms(uboot->in.stream) - start < LIMIT_MS) {
		int got = expect_more(&uboot->in, KNOCK_MS, err);
		char prompt[24];

		if (got <= 0)
			return got;
		recognise(winner);
		if (winner->starting && uboot->dialect->no_countdown &&
		    !last_line_prompt(uboot, prompt))
			return 0;
	}
	return 0;
}

/* 1: Ctrl-C was answered by <INTERRUPT> and the same prompt twice, which is now known;
 * 0: it was not, and what came is in the buffer. */
static int learn_prompt(struct winner *winner, struct rc_error *err)
{
	static const char *const interrupt[] = { "<INTERRUPT>" };
	struct uboot *uboot = winner->uboot;
	char last[24] = "";

	for (int try = 0; try < 5; try++) {
		char prompt[24];
		size_t end;
		int result;

		expect_keep(&uboot->in, 0);
		result = stream_write(uboot->in.stream, UBOOT_CTRL_C, 1, err);
		if (result == 0)
			result = hear(winner, err);
		if (result < 0)
			return result;
		hear_where_it_runs(uboot);
		if (!last_line_prompt(uboot, prompt))
			return 0;
		if (strcmp(prompt, last) == 0 && expect_find(&uboot->in, interrupt, 1, &end) == 0) {
			set_prompt(uboot, prompt);
			expect_keep(&uboot->in, 0);
			return 1;
		}
		memcpy(last, prompt, sizeof(last));
	}
	winner->shell = true;
	return 0;
}

static void count_bytes(struct winner *winner, size_t from)
{
	const struct expect *in = &winner->uboot->in;

	for (size_t i = from; i < in->size; i++)
		is_text(in->data[i]) ? winner->text++ : winner->garbage++;
}

static bool has_linux_signs(const struct uboot *uboot)
{
	size_t end;

	return expect_find(&uboot->in, linux_signs, RC_COUNT(linux_signs), &end) >= 0;
}

/* What came before tells of the camera, but not that it is starting now: that was perhaps
 * somebody else's start. More than a serial port keeps is no past. */
static int hear_the_past(struct winner *winner, struct rc_error *err)
{
	struct uboot *uboot = winner->uboot;
	int got = 1;

	for (size_t past = 0; got > 0 && past < PAST_ROOM; past += (size_t)(got > 0 ? got : 0)) {
		expect_keep(&uboot->in, 0);
		got = expect_more(&uboot->in, 0, err);
		count_bytes(winner, 0);
		winner->linux_before |= has_linux_signs(uboot);
	}
	return got < 0 ? got : 0;
}

static enum seen what_is_seen(const struct winner *winner)
{
	if (winner->shell || winner->linux_before || has_linux_signs(winner->uboot))
		return SEEN_LINUX;
	/* A start from power-on may give some bytes of noise; more than a third is none. */
	if (winner->garbage > 20 && winner->garbage > winner->text / 2)
		return SEEN_GARBAGE;
	return winner->text > 0 ? SEEN_TEXT : SEEN_NOTHING;
}

static void tell(const struct winner *winner, enum seen seen)
{
	static const char *const texts[] = {
		[SEEN_NOTHING] =
			"nothing comes from the camera yet: switch it on now (if it is on, "
			"off and on again)",
		[SEEN_TEXT] = "the camera talks, but not at its bootloader's prompt: switch it off "
			      "and on again",
		[SEEN_GARBAGE] = "what comes from the camera is no text: check ground and speed, "
				 "then switch it off and on again",
		[SEEN_LINUX] = "the camera has started Linux: switch it off and on again",
	};

	if (winner->wait->ask)
		winner->wait->ask(winner->wait->context, texts[seen]);
}

static int fail_unwon(const struct winner *winner, enum seen seen, struct rc_error *err)
{
	const char *name = winner->uboot->in.stream->name;
	unsigned seconds = winner->wait->patience_ms / 1000;
	struct rc_text last = { 0 };
	size_t size = winner->uboot->in.size;
	size_t shown = size < 60 ? size : 60;
	int result;

	switch (seen) {
	case SEEN_NOTHING:
		return rc_fail(err, RC_ETIMEOUT,
			       "nothing came from the camera on %s for %u s: check that it has "
			       "power, that its TX goes to the adapter's RX and its ground to "
			       "ground, then switch it off and on while this waits",
			       name, seconds);
	case SEEN_LINUX:
		return rc_fail(err, RC_ETIMEOUT,
			       "the camera on %s runs Linux and was not restarted within %u s: run "
			       "this again and switch the camera off and on while it waits",
			       name, seconds);
	case SEEN_GARBAGE:
		return rc_fail(err, RC_EFORMAT,
			       "%" PRIu64 " of %" PRIu64
			       " bytes that came on %s are no text [console-garbage]: "
			       "join the grounds, use a 3.3 V TTL adapter (not RS-232), and 115200 "
			       "baud",
			       winner->garbage, winner->garbage + winner->text, name);
	case SEEN_TEXT:
		break;
	}
	rc_text_add_escaped(&last, winner->uboot->in.data + size - shown, shown, shown);
	result = rc_fail(err, RC_ETIMEOUT,
			 "the camera on %s showed no U-Boot prompt within %u s; the last that came "
			 "was \"%s\": switch it off and on while this waits, and see that the "
			 "adapter's TX reaches the camera's RX",
			 name, seconds, rc_text_get(&last));
	rc_text_free(&last);
	return result;
}

/* One key, and what comes after it. 1: the prompt is won. */
static int press_key(struct winner *winner, struct rc_error *err)
{
	struct uboot *uboot = winner->uboot;
	const char *key = uboot->dialect->autoboot_key;
	char prompt[24];
	size_t before;
	int result;

	/* At a prompt that is busy, Enter would do the last command again. */
	if (uboot->dialect->no_countdown && !winner->starting)
		key = UBOOT_CTRL_C;
	expect_keep(&uboot->in, LOOK_BACK);
	before = uboot->in.size;
	result = stream_write(uboot->in.stream, key, strlen(key), err);
	if (result == 0)
		result = expect_more(&uboot->in, KEY_MS, err);
	if (result < 0)
		return result;
	count_bytes(winner, before);
	recognise(winner);
	hear_where_it_runs(uboot);
	if (uboot->in.size == before || !last_line_prompt(uboot, prompt))
		return 0;
	/* Keys that came too late for autoboot stand in the line now; Ctrl-C, never
	 * Enter, takes them away. */
	return learn_prompt(winner, err);
}

int uboot_win_prompt(struct uboot *uboot, const struct uboot_wait *wait, struct rc_error *err)
{
	struct winner winner = { .uboot = uboot, .wait = wait };
	uint64_t start = stream_now_ms(uboot->in.stream);
	uint64_t since = start;
	bool told[SEEN_LINUX + 1] = { false };
	enum seen seen;
	int won = hear_the_past(&winner, err);

	if (won == 0)
		won = learn_prompt(&winner, err);
	if (won)
		return won < 0 ? won : 0;
	count_bytes(&winner, 0);
	seen = what_is_seen(&winner);
	do {
		uint64_t now = stream_now_ms(uboot->in.stream);

		if (!told[seen] && now - since >= (seen == SEEN_TEXT ? TEXT_MS : 0)) {
			tell(&winner, seen);
			told[seen] = true;
		}
		won = press_key(&winner, err);
		if (won)
			return won < 0 ? won : 0;
		if (what_is_seen(&winner) > seen) {
			seen = what_is_seen(&winner);
			since = now;
		}
	} while (stream_now_ms(uboot->in.stream) - start < wait->patience_ms);
	return fail_unwon(&winner, seen, err);
}
