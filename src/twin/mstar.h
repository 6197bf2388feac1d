/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SigmaStar infinity6 (SSC323, SSC325, SSC33x) of the Mi 360 family. Its registers have
 * 16 bits and lie 4 bytes apart ("RIU"). What they are: facts/mstar-mi360.md section 9,
 * found by running the stock U-Boot; of the SD controller also the vendor's driver
 * (uboot_msc313e, drivers/mstar/sdmmc: the names are its).
 */
#ifndef RECAM_TWIN_MSTAR_H
#define RECAM_TWIN_MSTAR_H

#include "twin/soc.h"

#define RIU_BASE 0x1f000000u
#define RIU_SIZE 0x00400000u

/* RAM as the DMA engines count it: from 0. */
#define MSTAR_RAM      0x20000000u
#define MSTAR_RAM_SIZE RC_MIB(64)

/* The flash as memory. What was read ahead is kept until the chip is told something. */
#define XIU_BASE  0x14000000u
#define XIU_SIZE  RC_MIB(16)
#define XIU_AHEAD RC_KIB(64)

#define FSP_PAGE NOR_PAGE

/* Everything here but riu is as after power on where it is 0. */
struct mstar {
	uint16_t riu[RIU_SIZE / 4]; /* what was last written, or what a device put there */

	uint8_t page[FSP_PAGE]; /* on its way to the chip, brought by BDMA */
	uint32_t page_size;

	uint8_t ahead[XIU_AHEAD];
	uint32_t ahead_at;
	bool ahead_valid;

	uint16_t sd_events, sd_status;
};

void mstar_free(struct mstar *mstar);

/* The register at this address. */
static inline uint16_t *mstar_register(struct soc *soc, uint32_t address)
{
	return &soc->mstar->riu[(address - RIU_BASE) / 4];
}

/* Two registers side by side, the lower half first. */
uint32_t mstar_register_pair(struct soc *soc, uint32_t address);

/* Between RAM, as the DMA engines count it, and the twin's own memory. False where that is
 * outside of RAM: then nothing moves. */
bool mstar_from_ram(struct soc *soc, uint32_t at, void *data, uint32_t size);
bool mstar_to_ram(struct soc *soc, uint32_t at, const void *data, uint32_t size);

/* Registers keep what is written; a device hears of a write after that, and is asked in a
 * read's place of what the register holds. */
extern const struct device mstar_uart, mstar_timer, mstar_fsp, mstar_bdma, mstar_sdio, mstar_bridge,
	mstar_pm, mstar_pads;

/* The window to the flash. */
uint64_t mstar_xiu_read(uc_engine *uc, uint64_t offset, unsigned size, void *context);

#endif
