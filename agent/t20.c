/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ingenic T20 and T10: UART1 at 0x10031000, a 16550 with registers 4 apart (U-Boot's
 * jz_serial.c), and the tick counter at 0x100020e4. Both were set up by U-Boot.
 *
 * Caches: loady ends with flush_cache() of just the range that it loaded (U-Boot 2013.07
 * common/cmd_load.c; in the stock build of Jul 28 2017 the call is at 0x80103324, and the
 * loop of cache operations 0x15 and 0x10, write back data and invalidate instructions, at
 * 0x80100224). So when go jumps here, the code is in memory and not stale in the
 * instruction cache. All data is used through KSEG0, as U-Boot's own commands do.
 */
#include <stddef.h>

#include "board.h"

#define UART_BASE 0xb0031000u
#define UART_DATA 0x00
#define UART_DLL  0x00 /* while LCR_LATCH is set */
#define UART_DLH  0x04
#define UART_LCR  0x0c
#define UART_LSR  0x14

#define LCR_8N1   0x03
#define LCR_LATCH 0x80

#define LSR_READY 0x01
#define LSR_ROOM  0x20 /* the transmit FIFO takes a byte */
#define LSR_SENT  0x40 /* and the last one is out */

/* U-Boot counts EXTAL, 24 MHz, divided by 4. */
#define TICKS 0xb00020e4u

/* The largest camera has 128 MiB. */
#define RAM      0x80000000u
#define RAM_SIZE 0x08000000u

/* Registers are 8 bits wide and are accessed so, as U-Boot does. */
static uint8_t uart_get(uint32_t offset)
{
	return *(volatile uint8_t *)(UART_BASE + offset);
}

static void uart_set(uint32_t offset, uint32_t value)
{
	*(volatile uint8_t *)(UART_BASE + offset) = (uint8_t)value;
}

bool board_ready(void)
{
	return uart_get(UART_LSR) & LSR_READY;
}

uint8_t board_get(void)
{
	return uart_get(UART_DATA);
}

void board_put(uint8_t byte)
{
	while (!(uart_get(UART_LSR) & LSR_ROOM))
		;
	uart_set(UART_DATA, byte);
}

uint32_t board_ticks(void)
{
	return *(volatile uint32_t *)TICKS;
}

void board_set_divisor(uint32_t divisor)
{
	while (!(uart_get(UART_LSR) & LSR_SENT))
		;
	uart_set(UART_LCR, LCR_8N1 | LCR_LATCH);
	uart_set(UART_DLH, divisor >> 8);
	uart_set(UART_DLL, divisor);
	uart_set(UART_LCR, LCR_8N1);
}

uint8_t *board_ram(uint32_t address, uint32_t size)
{
	if (address < RAM || address - RAM > RAM_SIZE - size)
		return NULL;
	return (uint8_t *)address;
}

/* What go calls: where the file begins (agent.ld). */
int agent_start(void);
__attribute__((section(".start"))) int agent_start(void)
{
	return agent_run();
}
