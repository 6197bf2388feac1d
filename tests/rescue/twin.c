/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole rescues over the console of a virtual camera: the demonstration's on the model,
 * the real firmware of ../shared, where it is at hand, on its own bootloader.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "camera.h"
#include "rescue/rescue.h"
#include "support.h"
#include "twin/twin.h"

static struct rescue_result result; /* large */
static struct rc_error err;
static char told[8192];

static void tell(void *context, const char *stage, const char *text)
{
	size_t used = strlen(told);

	(void)context;
	snprintf(told + used, sizeof(told) - used, "%s: %s\n", stage, text);
}

struct camera {
	uint8_t *flash; /* as it was before it was wounded */
	struct twin *twin;
	struct link *link;
	char *backup;
};

/* Switches a camera on that holds flash with size bytes at wound_at overwritten. */
static void open_camera(struct camera *camera, const uint8_t *flash, enum twin_engine engine,
			uint32_t wound_at, size_t size, uint8_t with)
{
	struct twin_config config = { .jedec = 0xc84018, .engine = engine };
	uint8_t *wounded = malloc(FLASH_SIZE);

	camera->flash = malloc(FLASH_SIZE);
	assert_non_null(wounded);
	assert_non_null(camera->flash);
	memcpy(camera->flash, flash, FLASH_SIZE);
	memcpy(wounded, flash, FLASH_SIZE);
	memset(wounded + wound_at, with, size);
	config.image = (struct rc_span){ wounded, FLASH_SIZE };
	support_ok(twin_open(&config, &camera->twin, &err), &err);
	free(wounded);
	camera->link = NULL;
	camera->backup = rc_path_join(support_temp_dir(), "b.bin");
}

static void connect(struct camera *camera)
{
	struct link_options options = { .boards = &camera_boards };

	if (camera->link)
		link_close(camera->link);
	support_ok(link_open_twin(camera->twin, &options, &camera->link, &err), &err);
}

static void close_camera(struct camera *camera)
{
	rescue_result_clear(&result);
	if (camera->link)
		link_close(camera->link);
	twin_close(camera->twin);
	free(camera->flash);
	free(camera->backup);
}

static int run(const struct camera *camera, const char *firmware, bool rehearse)
{
	struct rescue_options options = { .boards = &camera_boards,
					  .firmware_path = firmware,
					  .backup_path = camera->backup,
					  .rehearse = rehearse,
					  .stage = tell };

	told[0] = '\0';
	rescue_result_clear(&result);
	return rescue_run(camera->link, &options, &result, &err);
}

static void expect_verdict(enum verdict verdict)
{
	if (result.verdict != verdict)
		fail_msg("%s instead of %s: %s\n%s", verdict_name(result.verdict),
			 verdict_name(verdict), result.text, told);
}

static void expect_whole(const struct camera *camera)
{
	assert_memory_equal(twin_nor(camera->twin)->data, camera->flash, FLASH_SIZE);
}

static void expect_told(const char *text)
{
	if (!strstr(told, text))
		fail_msg("\"%s\" is not in:\n%s", text, told);
}

/* ---- the model: needs nobody's firmware ---- */

static void the_demonstration_comes_back(void **state)
{
	char *firmware = camera_folder(camera_flash.data, "kernel,rootfs,driver,appfs");
	struct camera camera;

	(void)state;
	open_camera(&camera, camera_flash.data, TWIN_AUTO, KERNEL_AT, 0x200000, 0xff);
	memset(twin_nor(camera.twin)->data + ROOT_AT + 0x20000, 0x5a, 300);
	connect(&camera);
	support_ok(run(&camera, firmware, true), &err);
	expect_verdict(VERDICT_STARTS);
	expect_told("only on an imitation of the bootloader");
	expect_whole(&camera);
	/* And once more: nothing to do. */
	support_ok(twin_power_cycle(camera.twin, &err), &err);
	connect(&camera);
	support_ok(run(&camera, firmware, true), &err);
	expect_verdict(VERDICT_NOTHING_TO_DO);
	close_camera(&camera);
	free(firmware);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_demonstration_comes_back),
	};

	return cmocka_run_group_tests(tests, camera_setup, camera_teardown);
}
