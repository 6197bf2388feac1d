/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program in the camera's RAM, run by the exact twin of real firmware. */
#include "console/agent.h"

#include <string.h>

#include "link/kinds.h"
#include "support.h"
#include "twin/twin.h"

#define RAM 0x80600000u

struct camera {
	struct twin *twin;
	struct stream *stream;
	struct uboot uboot;
	struct agent *agent;
};

static void open_camera(struct camera *camera, const struct twin_line_faults *faults)
{
	static const struct uboot_wait wait = { .patience_ms = 20000 };
	struct twin_config config = { .engine = TWIN_EXACT };
	struct rc_buffer flash;
	struct rc_error err;

	support_dafang_flash(&flash);
	config.image = (struct rc_span){ flash.data, flash.size };
	if (faults)
		config.line_faults = *faults;
	support_ok(twin_open(&config, &camera->twin, &err), &err);
	rc_buffer_free(&flash);
	support_ok(twin_stream_new(camera->twin, "twin", &camera->stream, &err), &err);
	support_ok(uboot_init(&camera->uboot, camera->stream, &uboot_ingenic, &err), &err);
	support_ok(uboot_win_prompt(&camera->uboot, &wait, &err), &err);
	support_ok(agent_new(&camera->uboot, &camera->agent, &err), &err);
}

static void close_camera(struct camera *camera)
{
	agent_free(camera->agent);
	uboot_free(&camera->uboot);
	stream_close(camera->stream);
	twin_close(camera->twin);
}

static const uint8_t *flash_at(const struct camera *camera, uint32_t offset)
{
	return twin_nor(camera->twin)->data + offset;
}

static void flash_to_ram(struct camera *camera, uint32_t offset, uint32_t size)
{
	struct probe_answer probe;
	struct rc_error err;

	support_ok(uboot_probe(&camera->uboot, &probe, &err), &err);
	support_ok(uboot_sf(&camera->uboot, SF_READ, RAM, offset, size, &err), &err);
}

static uint64_t wire(const struct camera *camera)
{
	return camera->stream->bytes_in + camera->stream->bytes_out;
}

static void reads_what_the_flash_holds(void **state)
{
	static uint8_t data[0x40000];
	struct camera camera;
	struct rc_error err;
	uint64_t before;

	open_camera(&camera, NULL);
	flash_to_ram(&camera, 0, sizeof(data));
	before = wire(&camera);
	support_ok(agent_load(camera.agent, &err), &err);
	assert_in_range(wire(&camera) - before, 0, agent_load_wire());
	before = wire(&camera);
	support_ok(agent_begin(camera.agent, &err), &err);
	support_ok(agent_end(camera.agent, &err), &err);
	assert_in_range(wire(&camera) - before, 0, AGENT_TURN_WIRE);
	before = wire(&camera);
	support_ok(agent_begin(camera.agent, &err), &err);
	support_ok(agent_read(camera.agent, RAM, data, sizeof(data), &err), &err);
	support_ok(agent_end(camera.agent, &err), &err);
	/* liblz4 makes 143,000 of it; frames and U-Boot's words take what is allowed here. */
	assert_in_range(wire(&camera) - before, 0, 146000);
	assert_memory_equal(data, flash_at(&camera, 0), sizeof(data));
	assert_int_equal(agent_repeats(camera.agent), 0);
	close_camera(&camera);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_the_flash_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
