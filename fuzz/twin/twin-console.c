/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever is typed to the model, it takes it as a bootloader does; two seconds of the
 * camera's time bound what a command can ask for. The chip is small, so that a run is
 * short. */
#include <stdint.h>

#include "twin/twin.h"

#define SLICE_US 100000u
#define SLICES   20
#define CHIP     0xc84012 /* 256 KiB */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t blank[1];
	struct twin_config config = { .image = { blank, sizeof(blank) },
				      .jedec = CHIP,
				      .engine = TWIN_MODEL };
	struct twin *twin;
	uint8_t out[4096];

	if (size > 4096 || twin_open(&config, &twin, NULL) != 0)
		return 0;
	twin_run(twin, SIZE_MAX, 5 * SLICE_US); /* into the countdown */
	twin_input(twin, (const uint8_t *)" ", 1);
	twin_run(twin, SIZE_MAX, SLICE_US);
	twin_input(twin, data, size);
	for (int i = 0; i < SLICES && twin_run(twin, SIZE_MAX, SLICE_US) == TWIN_RUNNING; i++)
		while (twin_output(twin, out, sizeof(out)))
			;
	twin_close(twin);
	return 0;
}
