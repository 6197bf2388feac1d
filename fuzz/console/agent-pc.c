/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PC's side of a transfer, with a camera that answers each request by a record. */
#include "agent-records.h"
#include "console/agent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct camera {
	struct stream base;
	struct rc_span input;
	struct wire_decoder decoder;
	uint8_t line[WIRE_FRAME];
	size_t taken, length;
	uint8_t tag;
	uint64_t now_ms;
};

static int take(struct stream *stream, const uint8_t *data, size_t size, struct rc_error *err)
{
	struct camera *camera = (struct camera *)stream;
	struct wire_frame frame;

	for (size_t i = 0; i < size; i++)
		if (wire_decode(&camera->decoder, data[i], &frame) && frame.kind < WIRE_DATA)
			camera->tag = frame.index;
	if (camera->input.size == 0)
		return rc_fail(err, RC_ESTOPPED, "the input is at its end");
	return 0;
}

static int give(struct stream *stream, uint8_t *out, size_t size, unsigned timeout_ms,
		struct rc_error *err)
{
	struct camera *camera = (struct camera *)stream;
	size_t left;

	(void)err;
	if (camera->taken == camera->length) {
		camera->taken = 0;
		camera->length = next_record(&camera->input, camera->line, camera->tag);
	}
	left = camera->length - camera->taken;
	if (left == 0)
		camera->now_ms += timeout_ms;
	if (left > size)
		left = size;
	memcpy(out, camera->line + camera->taken, left);
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
	static uint8_t memory[3000];
	struct agent *agent = NULL;
	struct uboot uboot;

	if (size > 65536 || uboot_init(&uboot, &camera.base, &uboot_ingenic, NULL))
		return 0;
	if (agent_new(&uboot, &agent, NULL) == 0) {
		agent_read(agent, 0x80600000, memory, sizeof(memory), NULL);
		agent_write(agent, 0x80600000, memory, sizeof(memory), NULL, NULL, NULL);
	}
	agent_free(agent);
	uboot_free(&uboot);
	return 0;
}
