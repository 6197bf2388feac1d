/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The console's UART, a 16550. On the T10 and T20 it is UART1, its registers 4 apart. */
#include "twin/soc.h"

/* Numbers of its registers. */
#define UART_DATA 0
#define UART_DLH  1
#define UART_LCR  3
#define UART_LSR  5

#define LCR_DIVISOR_LATCH 0x80 /* the first two registers are the divisor */

#define LSR_DATA_READY 0x01
#define LSR_IDLE       0x60 /* holding register and transmitter empty */

#define POLL_NS 200u

/* A guest that reads the line status this often and does nothing else waits for a
 * byte. Its delays read the timer, its output writes the data register. */
#define IDLE_POLLS 64u

static const char kernel_banner[] = "Starting kernel";

/* From here on the first code outside of the bootloader is the kernel's. */
static void watch_for_kernel(struct soc *soc, uint8_t byte)
{
	uint32_t pc = 0;

	if (byte == (uint8_t)kernel_banner[soc->kernel_banner])
		soc->kernel_banner++;
	else
		soc->kernel_banner = byte == (uint8_t)kernel_banner[0];
	if (kernel_banner[soc->kernel_banner])
		return;
	soc->kernel_banner = 0;
	uc_reg_read(soc->uc, soc->kind->pc, &pc);
	soc->bootloader_at = pc;
}

static uint32_t line_status(struct soc *soc)
{
	struct camera *camera = soc->camera;
	uint64_t arrival;

	soc_pass(soc, POLL_NS);
	if (line_poll(&camera->line, camera->now))
		return LSR_IDLE | LSR_DATA_READY;
	/* A byte is on the wire: polling until it is here takes as long as its way, and
	 * is not worth the thousand polls. A byte takes 87 us, so no delay loop of the
	 * guest notices. */
	if (line_next_arrival(&camera->line, &arrival)) {
		soc_pass(soc, arrival - camera->now);
		line_poll(&camera->line, camera->now);
		return LSR_IDLE | LSR_DATA_READY;
	}
	if (++soc->idle_polls >= IDLE_POLLS)
		soc_stop(soc, SOC_WAITING);
	return LSR_IDLE;
}

uint32_t uart_read_register(struct soc *soc, unsigned n)
{
	if (n == UART_LSR)
		return line_status(soc);
	soc->idle_polls = 0;
	if (n == UART_DATA)
		return line_receive(&soc->camera->line, soc->camera->now);
	return 0;
}

/* What U-Boot sets is 115200 baud to within 0.3 %: as good as that. */
static void set_speed(struct soc *soc)
{
	if (soc->divisor)
		soc->camera->line.camera_byte_ns = LINE_BYTE_NS * soc->divisor /
						   soc->kind->uart_divisor;
}

static void write_divisor(struct soc *soc, unsigned n, uint32_t value)
{
	unsigned shift = n == UART_DLH ? 8 : 0;

	soc->divisor = (soc->divisor & ~(0xffu << shift)) | (value & 0xff) << shift;
}

void uart_write_register(struct soc *soc, unsigned n, uint32_t value)
{
	soc->idle_polls = 0;
	if (n == UART_LCR) {
		soc->divisor_latch = value & LCR_DIVISOR_LATCH;
		if (!soc->divisor_latch)
			set_speed(soc);
	}
	if (soc->divisor_latch && n <= UART_DLH)
		write_divisor(soc, n, value);
	if (n != UART_DATA || soc->divisor_latch)
		return;
	soc_pass(soc, soc->camera->line.camera_byte_ns);
	line_transmit(&soc->camera->line, (uint8_t)value);
	watch_for_kernel(soc, (uint8_t)value);
	if (line_output_waiting(&soc->camera->line) >= soc->limits.output_wanted)
		soc_stop(soc, SOC_LIMIT);
}

static uint32_t uart_read(struct soc *soc, uint32_t offset)
{
	return uart_read_register(soc, offset / 4);
}

static void uart_write(struct soc *soc, uint32_t offset, uint32_t value)
{
	uart_write_register(soc, offset / 4, value);
}

const struct device uart_device = { 0x10031000, 0x1000, uart_read, uart_write };
