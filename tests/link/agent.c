/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program in the camera's RAM, run by the exact twin of real firmware. */
#include "console/agent.h"

#include <string.h>

#include "agent/wire.h"
#include "base/checksum.h"
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

	if (!agent_is_built()) {
		print_message("SKIPPED: this build has no program for the camera's RAM\n");
		skip();
	}
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

/* On a good line one camera does for many tests: starting it takes the most time. */
static struct camera quiet;

static struct camera *quiet_camera(void)
{
	if (!quiet.twin)
		open_camera(&quiet, NULL);
	return &quiet;
}

static int close_quiet_camera(void **state)
{
	if (quiet.twin)
		close_camera(&quiet);
	return 0;
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

static void begin(struct camera *camera)
{
	struct rc_error err;

	support_ok(agent_load(camera->agent, &err), &err);
	support_ok(agent_begin(camera->agent, &err), &err);
}

static void end(struct camera *camera)
{
	struct rc_error err;

	support_ok(agent_end(camera->agent, &err), &err);
}

/* Some that packs well, some that does not, and an odd end. */
static void make_data(uint8_t *data, size_t size)
{
	uint64_t seed = 7;

	for (size_t i = 0; i < size; i++)
		data[i] = i / 20000 % 2 ? (uint8_t)support_random(&seed) : (uint8_t)(i / 300);
}

static void writes_what_it_is_given(void **state)
{
	static uint8_t data[150001];
	struct camera *camera = quiet_camera();
	struct rc_error err;
	uint64_t repeats;
	uint32_t crc;

	make_data(data, sizeof(data));
	repeats = agent_repeats(camera->agent);
	begin(camera);
	support_ok(agent_write(camera->agent, RAM + 1, data, sizeof(data), NULL, NULL, &err), &err);
	end(camera);
	support_ok(uboot_crc32(&camera->uboot, RAM + 1, sizeof(data), &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, data, sizeof(data)));
	assert_int_equal(agent_repeats(camera->agent), repeats);
}

/* One byte in 10,000 changed and one lost, both ways: only frames are sent again. */
static void bears_a_bad_line(void **state)
{
	const struct twin_line_faults faults = { .seed = 5,
						 .flip_one_in = 10000,
						 .drop_one_in = 10000 };
	static uint8_t data[0x30000], back[sizeof(data)];
	struct camera camera;
	struct rc_error err;
	uint64_t before;
	uint32_t crc;

	make_data(data, sizeof(data));
	open_camera(&camera, &faults);
	support_ok(agent_load(camera.agent, &err), &err);
	before = wire(&camera);
	support_ok(agent_begin(camera.agent, &err), &err);
	support_ok(agent_write(camera.agent, RAM, data, sizeof(data), NULL, NULL, &err), &err);
	support_ok(agent_read(camera.agent, RAM, back, sizeof(back), &err), &err);
	end(&camera);
	assert_memory_equal(data, back, sizeof(data));
	support_ok(uboot_crc32(&camera.uboot, RAM, sizeof(data), &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, data, sizeof(data)));
	assert_true(agent_repeats(camera.agent) > 0);
	/* About a fifth of the frames come twice; whole blocks again would be far more. */
	assert_in_range(wire(&camera) - before, sizeof(data), sizeof(data) * 14 / 10);
	close_camera(&camera);
}

/* The PC is gone for good, or for a while: the camera is at its prompt again. */
static void gives_up_without_a_pc(void **state)
{
	uint8_t data[4096];
	struct camera *camera = quiet_camera();
	struct rc_error err;
	uint64_t start;

	flash_to_ram(camera, 0, 0x10000);
	begin(camera);
	start = twin_micros(camera->twin);
	while (twin_run(camera->twin, SIZE_MAX, 1000000) == TWIN_RUNNING &&
	       twin_micros(camera->twin) - start < 20000000)
		;
	assert_in_range(twin_micros(camera->twin) - start, 4000000, 8000000);
	support_ok(agent_end(camera->agent, &err), &err);
	support_ok(agent_begin(camera->agent, &err), &err);
	support_ok(agent_read(camera->agent, RAM, data, sizeof(data), &err), &err);
	assert_memory_equal(data, flash_at(camera, 0), sizeof(data));
	end(camera);
}

/* Killed while a block is on its way; the next recam finds the program still sending. */
static void next_pc_wins_the_prompt(void **state)
{
	static const struct uboot_wait wait = { .patience_ms = 30000 };
	uint8_t request[8], frame[WIRE_FRAME], some[1000];
	struct camera *camera = quiet_camera();
	struct uboot next;
	struct rc_error err;
	uint32_t crc;

	flash_to_ram(camera, 0x240000, 0x10000);
	begin(camera);
	wire_put32(request, RAM);
	wire_put32(request + 4, 0x10000);
	support_ok(stream_write(camera->stream, frame,
				wire_encode(frame, 0, WIRE_READ, 1, request, sizeof(request)),
				&err),
		   &err);
	assert_int_equal(stream_read(camera->stream, some, sizeof(some), 1000, &err) > 0, 1);
	support_ok(uboot_init(&next, camera->stream, &uboot_ingenic, &err), &err);
	support_ok(uboot_win_prompt(&next, &wait, &err), &err);
	support_ok(uboot_crc32(&next, RAM, 0x10000, &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, flash_at(camera, 0x240000), 0x10000));
	uboot_free(&next);
}

/* Half a frame, noise, frames of 4 KiB of one group, requests for nothing. */
static void bears_nonsense(void **state)
{
	static uint8_t noise[8192];
	static const uint8_t data[100] = { 1, 2, 3 };
	uint8_t back[sizeof(data)];
	struct camera *camera = quiet_camera();
	struct rc_error err;
	uint64_t seed = 3;

	begin(camera);
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = i < 4096 ? 0xff : (uint8_t)support_random(&seed);
	support_ok(stream_write(camera->stream, noise, sizeof(noise), &err), &err);
	support_ok(agent_write(camera->agent, RAM, data, sizeof(data), NULL, NULL, &err), &err);
	support_ok(agent_read(camera->agent, RAM, back, sizeof(back), &err), &err);
	assert_memory_equal(data, back, sizeof(data));
	end(camera);
}

/* Four times as fast, with U-Boot at the usual speed before and after; and back by itself
 * where the PC's side does not follow. */
static void changes_speed(void **state)
{
	static uint8_t data[0x10000];
	struct camera *camera = quiet_camera();
	struct rc_error err;
	uint64_t usual, fast, start, repeats = agent_repeats(camera->agent);

	flash_to_ram(camera, 0x40000, sizeof(data));
	begin(camera);
	start = twin_micros(camera->twin);
	support_ok(agent_read(camera->agent, RAM, data, sizeof(data), &err), &err);
	usual = twin_micros(camera->twin) - start;
	end(camera);
	agent_want_speed(camera->agent, 3);
	begin(camera);
	assert_int_equal(camera->stream->baud, 500000);
	start = twin_micros(camera->twin);
	support_ok(agent_read(camera->agent, RAM, data, sizeof(data), &err), &err);
	fast = twin_micros(camera->twin) - start;
	assert_memory_equal(data, flash_at(camera, 0x40000), sizeof(data));
	assert_in_range(fast, usual / 5, usual / 4);
	support_ok(agent_write(camera->agent, RAM, data, sizeof(data), NULL, NULL, &err), &err);
	end(camera);
	assert_int_equal(camera->stream->baud, 115200);
	assert_int_equal(agent_repeats(camera->agent), repeats);
	agent_want_speed(camera->agent, 0);
	flash_to_ram(camera, 0, sizeof(data));
}

/* An adapter that says it changed its speed, and did not. */
static int no_set_baud(struct stream *stream, unsigned baud, struct rc_error *err)
{
	return 0;
}

static void comes_back_from_a_speed(void **state)
{
	const struct stream_ops *before;
	struct stream_ops ops;
	uint8_t data[5000];
	struct camera *camera = quiet_camera();
	struct rc_error err;

	flash_to_ram(camera, 0x40000, 0x10000);
	before = camera->stream->ops;
	ops = *before;
	ops.set_baud = no_set_baud;
	camera->stream->ops = &ops;
	agent_want_speed(camera->agent, 1);
	for (unsigned i = 0; i < 2; i++) {
		begin(camera);
		assert_int_equal(camera->stream->baud, 115200);
		support_ok(agent_read(camera->agent, RAM, data, sizeof(data), &err), &err);
		assert_memory_equal(data, flash_at(camera, 0x40000), sizeof(data));
		end(camera);
	}
	/* The other end of it: no way to change it at all. */
	ops.set_baud = NULL;
	agent_want_speed(camera->agent, 2);
	begin(camera);
	support_ok(agent_read(camera->agent, RAM, data, sizeof(data), &err), &err);
	end(camera);
	camera->stream->ops = before;
}

/* A camera where go does nothing: the same bytes, by hex text. */
static void falls_back_to_hex(void **state)
{
	static uint8_t data[0x8000];
	struct twin_config config = { .engine = TWIN_MODEL };
	struct rc_buffer flash;
	struct link *link;
	struct twin *twin;
	struct rc_error err;
	uint64_t before;

	support_demo_flash(&flash);
	config.image = (struct rc_span){ flash.data, flash.size };
	support_ok(twin_open(&config, &twin, &err), &err);
	support_ok(link_open_twin(twin, NULL, &link, &err), &err);
	for (unsigned i = 0; i < 2; i++) {
		before = link->wire_in + link->wire_out;
		support_ok(link_read(link, 0x8000, data, sizeof(data), &err), &err);
		assert_memory_equal(data, flash.data + 0x8000, sizeof(data));
		/* The program is brought once, and then known to be of no use. */
		assert_in_range(link->wire_in + link->wire_out - before, sizeof(data) * 67 / 16,
				sizeof(data) * 68 / 16 + 1000 + (i ? 0 : agent_load_wire() + 1000));
	}
	link_close(link);
	twin_close(twin);
	rc_buffer_free(&flash);
}

/* A few bytes are not worth bringing it. */
static void few_bytes_go_as_hex(void **state)
{
	uint8_t data[1000];
	struct camera *camera = quiet_camera();
	struct link *link;
	struct rc_error err;
	uint64_t before;

	support_ok(link_open_twin(camera->twin, NULL, &link, &err), &err);
	before = link->wire_in + link->wire_out;
	support_ok(link_read(link, 0x40000, data, sizeof(data), &err), &err);
	assert_memory_equal(data, flash_at(camera, 0x40000), sizeof(data));
	assert_in_range(link->wire_in + link->wire_out - before, sizeof(data) * 67 / 16,
			sizeof(data) * 67 / 16 + 800);
	link_close(link);
}

/* Frames and U-Boot's words both suffer; the flash does not. */
static void link_bears_a_bad_line(void **state)
{
	const struct twin_line_faults faults = { .seed = 11,
						 .flip_one_in = 10000,
						 .drop_one_in = 10000 };
	static uint8_t data[0x20000];
	struct camera camera;
	struct link *link;
	struct rc_error err;

	open_camera(&camera, &faults);
	support_ok(link_open_twin(camera.twin, NULL, &link, &err), &err);
	support_ok(link_read(link, 0x40000, data, sizeof(data), &err), &err);
	assert_memory_equal(data, flash_at(&camera, 0x40000), sizeof(data));
	make_data(data, sizeof(data));
	support_ok(link_stage(link, data, sizeof(data), &err), &err);
	support_ok(link_erase(link, 0x240000, sizeof(data), &err), &err);
	support_ok(link_write(link, 0x240000, data, sizeof(data), &err), &err);
	assert_memory_equal(data, flash_at(&camera, 0x240000), sizeof(data));
	link_close(link);
	close_camera(&camera);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_the_flash_holds),
		cmocka_unit_test(writes_what_it_is_given),
		cmocka_unit_test(bears_a_bad_line),
		cmocka_unit_test(gives_up_without_a_pc),
		cmocka_unit_test(next_pc_wins_the_prompt),
		cmocka_unit_test(bears_nonsense),
		cmocka_unit_test(changes_speed),
		cmocka_unit_test(comes_back_from_a_speed),
		cmocka_unit_test(falls_back_to_hex),
		cmocka_unit_test(few_bytes_go_as_hex),
		cmocka_unit_test(link_bears_a_bad_line),
	};

	return cmocka_run_group_tests(tests, NULL, close_quiet_camera);
}
