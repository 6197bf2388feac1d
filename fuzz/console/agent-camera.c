/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program in the camera's RAM, on a board of 100,000 bytes that hears the input. */
#include "agent-records.h"
#include "agent/board.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rc_span input;
static uint8_t line[WIRE_FRAME], ram[100000];
static size_t at, length;
static uint32_t ticks;

bool board_ready(void)
{
	if (at < length)
		return true;
	at = 0;
	length = next_record(&input, line, -1);
	/* Nothing for a second; after some of them the program gives up. */
	if (length == 0)
		ticks += BOARD_TICKS_PER_SECOND;
	return length > 0;
}

uint8_t board_get(void)
{
	return line[at++];
}

void board_put(uint8_t byte)
{
	(void)byte;
}

uint32_t board_ticks(void)
{
	return ticks;
}

void board_set_divisor(uint32_t divisor)
{
	(void)divisor;
}

uint8_t *board_ram(uint32_t address, uint32_t bytes)
{
	return address < sizeof(ram) && bytes <= sizeof(ram) - address ? ram + address : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = (struct rc_span){ data, size };
	at = length = 0;
	agent_run();
	return 0;
}
