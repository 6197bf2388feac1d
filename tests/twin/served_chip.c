/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "served_chip.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

static void tell_ready(void *context, const char *where)
{
	struct served_chip *chip = context;

	snprintf(chip->where, sizeof(chip->where), "%s", where);
	assert_int_equal(write(chip->ready[1], "!", 1), 1);
}

static void *serve(void *context)
{
	struct served_chip *chip = context;
	const struct serprog_serve how = {
		.listen = "127.0.0.1:0",
		.stop = &chip->stop,
		.ready = tell_ready,
		.context = chip,
	};
	struct rc_error err;

	if (serprog_serve(&chip->nor, &how, &err)) {
		fprintf(stderr, "%s\n", err.text);
		close(chip->ready[1]);
	}
	return NULL;
}

void served_chip_start(struct served_chip *chip, uint32_t jedec, const uint8_t *image, size_t size)
{
	struct rc_error err;
	char byte;

	*chip = (struct served_chip){ 0 };
	support_ok(nor_open(&chip->nor, jedec, image, size, &err), &err);
	assert_int_equal(pipe(chip->ready), 0);
	assert_int_equal(pthread_create(&chip->thread, NULL, serve, chip), 0);
	assert_int_equal(read(chip->ready[0], &byte, 1), 1);
}

void served_chip_pull(struct served_chip *chip)
{
	if (chip->pulled)
		return;
	chip->pulled = true;
	chip->stop = 1;
	pthread_join(chip->thread, NULL);
}

void served_chip_stop(struct served_chip *chip)
{
	served_chip_pull(chip);
	close(chip->ready[0]);
	close(chip->ready[1]);
	nor_close(&chip->nor);
}
