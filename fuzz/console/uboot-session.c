/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole session with a camera that echoes rightly and answers anything. Answers are
 * the input's pieces between 0xff bytes. */
#include <stdlib.h>
#include <string.h>

#include "console/uboot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct camera {
	struct stream base;
	struct rc_span input;
	struct rc_buffer out;
	size_t taken;
	uint64_t now_ms;
};

static void say(struct camera *camera, const void *data, size_t size)
{
	rc_buffer_append(&camera->out, data, size);
}

static void answer(struct camera *camera)
{
	const uint8_t *end = memchr(camera->input.data, 0xff, camera->input.size);
	size_t size = end ? (size_t)(end - camera->input.data) : camera->input.size;

	say(camera, "\r\n", 2);
	say(camera, camera->input.data, size);
	say(camera, "\r\nisvp_t20# ", 12);
	camera->input = rc_span_sub(camera->input, size + 1, camera->input.size);
}

static int take(struct stream *stream, const uint8_t *data, size_t size, struct rc_error *err)
{
	struct camera *camera = (struct camera *)stream;

	if (camera->input.size == 0)
		return rc_fail(err, RC_ESTOPPED, "the input is at its end");
	for (size_t i = 0; i < size; i++)
		if (data[i] == '\r')
			answer(camera);
		else if (data[i] == 0x03)
			say(camera, "<INTERRUPT>\r\nisvp_t20# ", 23);
		else if (data[i] >= 0x20)
			say(camera, data + i, 1);
	return 0;
}

static int give(struct stream *stream, uint8_t *out, size_t size, unsigned timeout_ms,
		struct rc_error *err)
{
	struct camera *camera = (struct camera *)stream;
	size_t left = camera->out.size - camera->taken;

	(void)err;
	if (left == 0)
		camera->now_ms += timeout_ms;
	if (left > size)
		left = size;
	if (left)
		memcpy(out, camera->out.data + camera->taken, left);
	camera->taken += left;
	return (int)left;
}

static uint64_t now(struct stream *stream)
{
	return ((struct camera *)stream)->now_ms;
}

static const struct stream_ops ops = { .read = give, .write = take, .now_ms = now };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct camera camera = { .base = { .ops = &ops, .name = "fuzz" }, .input = { data, size } };
	struct uboot_wait wait = { .patience_ms = 1000 };
	static uint8_t memory[1024];
	char version[VERSION_TEXT];
	struct probe_answer probe;
	struct uboot uboot;
	uint32_t value;

	if (size > 65536 || uboot_init(&uboot, &camera.base, &uboot_ingenic, NULL))
		return 0;
	if (uboot_win_prompt(&uboot, &wait, NULL) == 0) {
		uboot_version(&uboot, version, NULL);
		uboot_probe(&uboot, &probe, NULL);
		uboot_flash_reach(&uboot, &value, NULL);
		uboot_sf(&uboot, SF_READ, 0x80600000, 0x40000, 0x10000, NULL);
		uboot_read_memory(&uboot, 0x80600000, memory, sizeof(memory), NULL);
		uboot_load(&uboot, 0x80600000, memory, 300, NULL, NULL, NULL);
	}
	uboot_free(&uboot);
	rc_buffer_free(&camera.out);
	return 0;
}
