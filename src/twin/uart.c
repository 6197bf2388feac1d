/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UART1, the console of every T10 and T20 camera: a 16550 with registers 4 apart. */
#include "twin/soc.h"

#define UART_DATA 0x00
#define UART_DLH  0x04
#define UART_LCR  0x0c
#define UART_LSR  0x14

#define LCR_DIVISOR_LATCH 0x80 /* the first two registers are the divisor */

/* Ten bits of 16 cycles of the 24 MHz clock, in thirds of a nanosecond. */
#define DIVISOR_BYTE_NS_3 20000u
#define USUAL_DIVISOR     13u

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
	uc_reg_read(soc->uc, UC_MIPS_REG_PC, &pc);
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

static uint32_t uart_read(struct soc *soc, uint32_t offset)
{
	if (offset == UART_LSR)
		return line_status(soc);
	soc->idle_polls = 0;
	if (offset == UART_DATA)
		return line_receive(&soc->camera->line, soc->camera->now);
	return 0;
}

/* 13, which U-Boot sets, is 115200 baud to within 0.2 %: as good as that. */
static void set_speed(struct soc *soc)
{
	uint32_t divisor = soc->divisor;

	if (divisor)
		soc->camera->line.camera_byte_ns = divisor == USUAL_DIVISOR
							   ? LINE_BYTE_NS
							   : divisor * DIVISOR_BYTE_NS_3 / 3;
}

static void write_divisor(struct soc *soc, uint32_t offset, uint32_t value)
{
	unsigned shift = offset == UART_DLH ? 8 : 0;

	soc->divisor = (soc->divisor & ~(0xffu << shift)) | (value & 0xff) << shift;
}

static void uart_write(struct soc *soc, uint32_t offset, uint32_t value)
{
	soc->idle_polls = 0;
	if (offset == UART_LCR) {
		soc->divisor_latch = value & LCR_DIVISOR_LATCH;
		if (!soc->divisor_latch)
			set_speed(soc);
	}
	if (soc->divisor_latch && offset <= UART_DLH)
		write_divisor(soc, offset, value);
	if (offset != UART_DATA || soc->divisor_latch)
		return;
	soc_pass(soc, soc->camera->line.camera_byte_ns);
	line_transmit(&soc->camera->line, (uint8_t)value);
	watch_for_kernel(soc, (uint8_t)value);
	if (line_output_waiting(&soc->camera->line) >= soc->limits.output_wanted)
		soc_stop(soc, SOC_LIMIT);
}

const struct device uart_device = { 0x10031000, 0x1000, uart_read, uart_write };
