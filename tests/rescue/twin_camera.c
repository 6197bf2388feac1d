/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "twin_camera.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support.h"

static struct rescue_result result; /* large */
static struct rc_error err;
static char told[8192];

static void tell(void *context, const char *stage, const char *text)
{
	size_t used = strlen(told);

	(void)context;
	snprintf(told + used, sizeof(told) - used, "%s: %s\n", stage, text);
}

void twin_camera_open(struct twin_camera *camera, const uint8_t *flash, enum twin_engine engine,
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

void twin_camera_connect(struct twin_camera *camera)
{
	struct link_options options = { .boards = &camera_boards };

	if (camera->link)
		link_close(camera->link);
	support_ok(link_open_twin(camera->twin, &options, &camera->link, &err), &err);
}

void twin_camera_close(struct twin_camera *camera)
{
	rescue_result_clear(&result);
	if (camera->link)
		link_close(camera->link);
	twin_close(camera->twin);
	free(camera->flash);
	free(camera->backup);
}

void twin_camera_rescue(const struct twin_camera *camera, const char *firmware, bool rehearse)
{
	struct rescue_options options = { .boards = &camera_boards,
					  .firmware_path = firmware,
					  .backup_path = camera->backup,
					  .rehearse = rehearse,
					  .stage = tell };

	told[0] = '\0';
	rescue_result_clear(&result);
	support_ok(rescue_run(camera->link, &options, &result, &err), &err);
}

void expect_verdict(enum verdict verdict)
{
	if (result.verdict != verdict)
		fail_msg("%s instead of %s: %s\n%s", verdict_name(result.verdict),
			 verdict_name(verdict), result.text, told);
}

void expect_whole(const struct twin_camera *camera)
{
	assert_memory_equal(twin_nor(camera->twin)->data, camera->flash, FLASH_SIZE);
}

void expect_told(const char *text)
{
	if (!strstr(told, text))
		fail_msg("\"%s\" is not in:\n%s", text, told);
}

char *twin_camera_firmware(void)
{
	const char *kernel = support_shared("firmware/dafang-5.5.1.177/kernel.bin");
	char *folder = strdup(kernel ? kernel : "");

	if (kernel)
		*strrchr(folder, '/') = '\0';
	return folder;
}
