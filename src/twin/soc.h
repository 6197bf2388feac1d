/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SoCs of the exact engine, as far as their bootloaders use them.
 *
 * Ingenic T20 and T10: what each register is was found by running and reading the
 * bootloaders (facts/bootloaders-and-flash.md, [T] and [D]); names are those of Ingenic's
 * U-Boot sources. SigmaStar infinity6: twin/mstar.h.
 */
#ifndef RECAM_TWIN_SOC_H
#define RECAM_TWIN_SOC_H

#include <unicorn/unicorn.h>

#include "twin/engine.h"

/* Why the processor is to stop. Several may come together: the largest counts. */
enum soc_stop {
	SOC_GO_ON,
	SOC_LIMIT,   /* the caller's limits */
	SOC_WAITING, /* the guest asks for input over and over and does nothing else */
	SOC_LINUX,
	SOC_RESET,
	SOC_POWER_OFF,
};

struct gpio_port {
	uint32_t interrupt, mask, pattern1, pattern0;
};
#define GPIO_PORTS 4

struct nor_spi_command;
struct sfc {
	uint32_t global, config, length, address;
	struct rc_buffer data; /* on its way to the guest */
	size_t taken;
	uint8_t page[NOR_PAGE]; /* on its way to the chip */
	uint32_t written;
	const struct nor_spi_command *command; /* under way */
	bool end, want_data, has_data;
};

struct tick_timer {
	uint32_t control;
	uint64_t base; /* nanoseconds at count 0 */
	uint32_t high; /* latched by reading the low word */
	unsigned in_a_row;
};

struct watchdog {
	uint32_t control, limit;
	uint64_t fires_at; /* 0: off */
};

#define MSC_RESPONSE_WORDS 9
struct msc {
	uint32_t events, command, argument, data_control, block_size, block_count;
	uint16_t response[MSC_RESPONSE_WORDS];
	unsigned response_taken;
	uint64_t left; /* bytes of the transfer under way */
	bool timed_out, read_failed;
};

struct mstar;
struct soc_kind;

struct soc {
	struct camera *camera;
	const struct soc_kind *kind;
	uc_engine *uc;
	struct run_limits limits;
	enum soc_stop stop;
	struct gpio_port gpio[GPIO_PORTS];
	struct sfc sfc;
	struct tick_timer timer;
	struct watchdog watchdog;
	struct msc msc;
	struct mstar *mstar; /* NULL but for a SigmaStar; owned */
	bool divisor_latch;  /* of the UART */
	uint32_t divisor;
	unsigned idle_polls;    /* line status reads in a row that found nothing */
	unsigned kernel_banner; /* letters of "Starting kernel" seen in a row */
	uint64_t bootloader_at; /* address seen when it was complete; 0 before */
};

void soc_stop(struct soc *soc, enum soc_stop why);
/* Time passes on the camera's clock. */
void soc_pass(struct soc *soc, uint64_t nanoseconds);

/* One device: offset is from its base. */
struct device {
	uint32_t base, size;
	uint32_t (*read)(struct soc *soc, uint32_t offset);
	void (*write)(struct soc *soc, uint32_t offset, uint32_t value);
};
extern const struct device sfc_device, uart_device, timer_device, gpio_device, msc_device;

/* The device of a NULL-terminated list that has this address, or NULL. */
const struct device *soc_find_device(const struct device *const *devices, uint32_t address);
/* To be told of each access to a device: the guest that only polls one is waiting. */
void soc_note_access(struct soc *soc, bool uart, bool timer);

void gpio_reset(struct soc *soc);
int gpio_level(const struct soc *soc, int gpio); /* as twin_gpio_level */

/* What a read of the timer's count takes. */
uint64_t timer_read_cost(struct soc *soc);

/* A 16550: register n (0 data, 3 LCR, 5 LSR) of it, wherever the SoC has that. */
uint32_t uart_read_register(struct soc *soc, unsigned n);
void uart_write_register(struct soc *soc, unsigned n, uint32_t value);

/* One kind of SoC. */
struct soc_kind {
	uc_arch arch;
	uc_mode mode;
	int cpu_model;     /* Unicorn's number, or -1: its usual one */
	int pc, sp;        /* Unicorn's numbers of the registers */
	int flags;         /* of the register with ARM's Thumb bit, or -1 */
	uint32_t ram_size; /* at ram */
	uint32_t ram, entry, stack;
	uint32_t devices, devices_size;
	uc_cb_mmio_read_t read;
	uc_cb_mmio_write_t write;
	unsigned uart_divisor; /* that gives 115200 baud */

	/* True where the flash is one that this SoC starts from, though perhaps a damaged one. */
	bool (*probe)(const struct nor *nor);
	/* Why its boot ROM, or what that loads, would not start U-Boot; NULL where it would. */
	const char *(*objection)(const struct nor *nor);
	/* Power on: the devices as they are then, and U-Boot in RAM. */
	uc_err (*load)(struct soc *soc);
	int (*gpio_level)(const struct soc *soc, int gpio);
};
extern const struct soc_kind t20_kind, mstar_kind;

#endif
