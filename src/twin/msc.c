/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SD controller 0 with an empty slot: every command is answered by nobody. */
#include "twin/soc.h"

#define MSC_STRPCL 0x00
#define MSC_STAT   0x04
#define MSC_IREG   0x28

#define STRPCL_START 0x04

#define STAT_RESPONSE_TIMEOUT 0x0002
#define STAT_FIFO_EMPTY       0x0040
#define IREG_RESPONSE_TIMEOUT 0x0200

static uint32_t msc_read(struct soc *soc, uint32_t offset)
{
	switch (offset) {
	case MSC_STAT:
		return STAT_RESPONSE_TIMEOUT | STAT_FIFO_EMPTY;
	case MSC_IREG:
		return soc->msc.events;
	default:
		return 0;
	}
}

static void msc_write(struct soc *soc, uint32_t offset, uint32_t value)
{
	if (offset == MSC_STRPCL && (value & STRPCL_START))
		soc->msc.events |= IREG_RESPONSE_TIMEOUT;
	else if (offset == MSC_IREG)
		soc->msc.events &= ~value;
}

const struct device msc_device = { 0x13450000, 0x1000, msc_read, msc_write };
