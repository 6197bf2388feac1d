/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the agent needs of a camera: its console's UART, a counter, its RAM. */
#ifndef RECAM_AGENT_BOARD_H
#define RECAM_AGENT_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#define BOARD_TICKS_PER_SECOND 6000000u

bool board_ready(void); /* a byte has come */
uint8_t board_get(void);
void board_put(uint8_t byte); /* waits for room */
/* Counts on and on, from anywhere. */
uint32_t board_ticks(void);
/* Once all is sent, 24 MHz / 16 / divisor bits per second. */
void board_set_divisor(uint32_t divisor);
/* Where these bytes of RAM are, or NULL where there is none. */
uint8_t *board_ram(uint32_t address, uint32_t size);

/* Serves until the PC says that it is done, or is not heard any more. */
int agent_run(void);

#endif
