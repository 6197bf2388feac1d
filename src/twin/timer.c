/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operating system timer (get_timer, udelay) and the watchdog (reset). */
#include "twin/soc.h"

#define WDT_TDR     0x000
#define WDT_TCER    0x004
#define WDT_TCSR    0x00c
#define OST_DR      0x0e0
#define OST_CNTL    0x0e4
#define OST_CNTH    0x0e8
#define OST_CSR     0x0ec
#define OST_CNTHBUF 0x0fc

#define EXTAL_HZ 24000000u
#define RTC_HZ   32768u

#define TCSR_RTC_CLOCK 0x02

#define READ_NS      1000u
#define MOST_READ_NS 10000u

/* Both counters divide their clock by 4 to the power of these bits. */
static uint64_t divisor(uint32_t control)
{
	unsigned power = control >> 3 & 7;

	return 1u << 2 * (power > 5 ? 5 : power);
}

/* U-Boot counts at 6 MHz: EXTAL, divided by 4. Without a control register written it
 * may be that the SPL, which does not run here, was to do it. */
static uint64_t timer_hz(const struct soc *soc)
{
	return EXTAL_HZ / (soc->timer.control ? divisor(soc->timer.control) : 4);
}

static uint64_t timer_count(const struct soc *soc)
{
	uint64_t ns = soc->camera->now - soc->timer.base;

	return ns / 1000000000u * timer_hz(soc) + ns % 1000000000u * timer_hz(soc) / 1000000000u;
}

/* A read takes 1 us, and more the longer the guest does nothing but read: it is in a
 * delay loop, and a step of a sixteenth of the time that it is already there does
 * not hurt. No more than 10 us, since a thousand short delays may follow each other. */
uint64_t timer_read_cost(struct soc *soc)
{
	uint64_t cost = READ_NS + soc->timer.in_a_row * (READ_NS / 16);

	soc->timer.in_a_row++;
	return cost < MOST_READ_NS ? cost : MOST_READ_NS;
}

static uint32_t timer_read(struct soc *soc, uint32_t offset)
{
	uint64_t count;

	switch (offset) {
	case OST_CNTL:
		soc_pass(soc, timer_read_cost(soc));
		count = timer_count(soc);
		soc->timer.high = (uint32_t)(count >> 32);
		return (uint32_t)count;
	case OST_CNTH:
		return (uint32_t)(timer_count(soc) >> 32);
	case OST_CNTHBUF:
		return soc->timer.high;
	case OST_CSR:
		return soc->timer.control;
	case WDT_TCSR:
		return soc->watchdog.control;
	default:
		return 0;
	}
}

static void watchdog_enable(struct soc *soc, bool on)
{
	struct watchdog *dog = &soc->watchdog;
	uint64_t hz = dog->control & TCSR_RTC_CLOCK ? RTC_HZ : EXTAL_HZ;

	dog->fires_at = 0;
	if (on)
		dog->fires_at = soc->camera->now +
				dog->limit * divisor(dog->control) * 1000000000u / hz + 1;
}

static void timer_write(struct soc *soc, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case OST_CNTL: /* U-Boot only ever writes 0 */
		soc->timer.base = soc->camera->now;
		break;
	case OST_CSR:
		soc->timer.control = value;
		break;
	case WDT_TDR:
		soc->watchdog.limit = value & 0xffff;
		break;
	case WDT_TCSR:
		soc->watchdog.control = value;
		break;
	case WDT_TCER:
		watchdog_enable(soc, value & 1);
		break;
	default:
		break;
	}
}

const struct device timer_device = { 0x10002000, 0x1000, timer_read, timer_write };
