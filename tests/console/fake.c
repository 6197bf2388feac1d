/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

const char fake_prompt[] = "isvp_t20# ";

static void fall(struct fake *fake, uint8_t byte)
{
	if (fake->drop_one_in && support_random(&fake->seed) % fake->drop_one_in == 0)
		return;
	if (fake->flip_one_in && support_random(&fake->seed) % fake->flip_one_in == 0)
		byte ^= (uint8_t)(1u << support_random(&fake->seed) % 8);
	assert_true(rc_buffer_append(&fake->out, &byte, 1));
}

void fake_say(struct fake *fake, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			fall(fake, '\r');
		fall(fake, (uint8_t)*text);
	}
}

static void enter(struct fake *fake)
{
	const char *answer;

	fake->line[fake->line_size] = '\0';
	fake_say(fake, "\n");
	if (fake->line_size == 0)
		fake->empty_enters++;
	assert_true(fake->entered_count < FAKE_LINES);
	snprintf(fake->entered[fake->entered_count++], sizeof(fake->entered[0]), "%.79s",
		 fake->line);
	fake->line_size = 0;
	if (fake->dead)
		return;
	answer = fake->answer ? fake->answer(fake, fake->line) : NULL;
	if (answer)
		fake_say(fake, answer);
	else
		fake_say(fake, "Unknown command - try 'help'\n");
	fake_say(fake, fake_prompt);
}

static void type(struct fake *fake, uint8_t byte)
{
	char shown[2] = { (char)byte, '\0' };

	if (fake->dead)
		return;
	if (byte == 0x03) {
		fake->line_size = 0;
		fake_say(fake, "<INTERRUPT>\n");
		fake_say(fake, fake_prompt);
	} else if (byte == '\r' || byte == '\n') {
		enter(fake);
	} else if (byte >= 0x20 && byte < 0x7f && fake->line_size + 1 < sizeof(fake->line)) {
		fake->line[fake->line_size++] = (char)byte;
		fake_say(fake, shown);
	}
}

static void take(struct fake *fake, uint8_t byte)
{
	switch (fake->state) {
	case FAKE_COUNTDOWN:
		fake->state = FAKE_PROMPT;
		fake_say(fake, "\b\b\b 0 \n");
		fake_say(fake, fake_prompt);
		break;
	case FAKE_PROMPT:
		type(fake, byte);
		break;
	case FAKE_SHELL:
		if (byte == 0x03)
			fake_say(fake, "^C\n[root@Ingenic:~]# ");
		break;
	default:
		break;
	}
}

static void pass_time(struct fake *fake, unsigned milliseconds)
{
	fake->now_ms += milliseconds;
	if (fake->power_on_ms && fake->now_ms >= fake->power_on_ms) {
		fake->power_on_ms = 0;
		fake->state = FAKE_COUNTDOWN;
		fake->countdown_ms = fake->now_ms + 1000;
		fake_say(fake, "\n\nU-Boot 2013.07 (Jul 28 2017 - 17:10:01)\n\n"
			       "Board: ISVP (Ingenic XBurst T20 SoC)\n"
			       "Hit any key to stop autoboot:  1 ");
	} else if (fake->state == FAKE_COUNTDOWN && fake->now_ms >= fake->countdown_ms) {
		fake->state = FAKE_LINUX;
		fake_say(fake, "\b\b\b 0 \n\nStarting kernel ...\n\n");
	} else if (fake->state == FAKE_GARBAGE) {
		fake_say(fake, "\xf8\x80\xfe\xe0\x98\x81");
	}
}

static int fake_read(struct stream *stream, uint8_t *out, size_t size, unsigned timeout_ms,
		     struct rc_error *err)
{
	struct fake *fake = (struct fake *)stream;
	size_t left = fake->out.size - fake->taken;

	(void)err;
	if (left == 0) {
		pass_time(fake, timeout_ms);
		left = fake->out.size - fake->taken;
	}
	if (left > size)
		left = size;
	if (left)
		memcpy(out, fake->out.data + fake->taken, left);
	fake->taken += left;
	return (int)left;
}

static int fake_write(struct stream *stream, const uint8_t *data, size_t size, struct rc_error *err)
{
	struct fake *fake = (struct fake *)stream;

	(void)err;
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = data[i];

		if (fake->drop_one_in && support_random(&fake->seed) % fake->drop_one_in == 0)
			continue;
		if (fake->flip_one_in && support_random(&fake->seed) % fake->flip_one_in == 0)
			byte ^= (uint8_t)(1u << support_random(&fake->seed) % 8);
		take(fake, byte);
	}
	return 0;
}

static uint64_t fake_now(struct stream *stream)
{
	return ((struct fake *)stream)->now_ms;
}

static void fake_close(struct stream *stream)
{
	rc_buffer_free(&((struct fake *)stream)->out);
}

static const struct stream_ops fake_ops = {
	.read = fake_read,
	.write = fake_write,
	.now_ms = fake_now,
	.close = fake_close,
};

void fake_open(struct fake *fake, enum fake_state state)
{
	*fake = (struct fake){ .base.ops = &fake_ops, .state = state, .seed = 1 };
	snprintf(fake->base.name, sizeof(fake->base.name), "fake");
}
