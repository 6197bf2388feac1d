/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/uboot_card.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/checksum.h"
#include "base/log.h"
#include "console/uboot_mmc.h"

#define FILL_MS 20000u

/* One sector of the card by way of RAM. */
static int read_sector(struct uboot *uboot, uint32_t sector, uint8_t out[CARD_SECTOR],
		       struct rc_error *err)
{
	uint32_t ram = uboot->dialect->load_address;
	int result = uboot_mmc(uboot, false, ram, sector, 1, err);

	return result ? result : uboot_read_memory(uboot, ram, out, CARD_SECTOR, err);
}

int uboot_card_find(struct uboot_card *card, struct uboot *uboot, struct rc_error *err)
{
	uint8_t sector[CARD_SECTOR];
	const struct mbr_partition *place;
	struct mbr mbr;
	int result;

	if (card->area_found)
		return 0;
	result = uboot_mmc_rescan(uboot, err);
	if (result == 0)
		result = read_sector(uboot, 0, sector, err);
	if (result == 0)
		result = mbr_parse((struct rc_span){ sector, sizeof(sector) }, 0, &mbr, err);
	if (result)
		return result;
	place = mbr_find(&mbr, MBR_RAW);
	if (!place)
		return rc_fail(err, RC_ENOTFOUND,
			       "the card in the camera on %s has no transfer area (no partition of "
			       "type DA), and nothing is written to it: make one with recam card "
			       "make --transfer",
			       uboot->in.stream->name);
	result = read_sector(uboot, place->first, sector, err);
	if (result == 0)
		result = transfer_parse((struct rc_span){ sector, sizeof(sector) }, place,
					&card->area, err);
	card->area_found = result == 0;
	return result;
}

static int fail_gone(struct uboot_card *card, const struct uboot *uboot, uint32_t offset,
		     const struct rc_error *cause, struct rc_error *err)
{
	*card = (struct uboot_card){ 0 };
	return rc_fail(err, RC_ESTOPPED,
		       "the card in the camera on %s no longer takes what is written (at 0x%" PRIx32
		       " of the flash; %s): the camera's flash is untouched; push the card in "
		       "again, or take another, and run the same command",
		       uboot->in.stream->name, offset,
		       cause->status == RC_ENOTFOUND ? "it does not answer"
		       : cause->status == RC_EVERIFY ? "what it holds is not what was written"
						     : "it reports an error");
}

/* RAM to the card and back to another place, which is filled before: a read that brings
 * nothing is not taken for a good one. */
static int write_and_prove(struct uboot *uboot, uint32_t block, uint32_t size, uint32_t crc,
			   struct rc_error *err)
{
	uint32_t ram = uboot->dialect->load_address;
	uint32_t back = ram + (uint32_t)UBOOT_CARD_PIECE;
	struct rc_span answer;
	char fill[48];
	uint32_t again = 0;
	int result = uboot_mmc(uboot, true, ram, block, size / MMC_BLOCK, err);

	snprintf(fill, sizeof(fill), "mw.l %08x 5ec0de00 %x", back, size / 4);
	if (result == 0)
		result = uboot_command(uboot, fill, FILL_MS, &answer, err);
	if (result == 0)
		result = uboot_mmc(uboot, false, back, block, size / MMC_BLOCK, err);
	if (result == 0)
		result = uboot_crc32_twice(uboot, back, size, &again, err);
	if (result == 0 && again != crc)
		result = rc_fail(err, RC_EVERIFY, "CRC-32 %08x, should be %08x", again, crc);
	return result;
}

int uboot_card_save(struct uboot_card *card, struct uboot *uboot, uint32_t offset, uint32_t size,
		    uint32_t *crc, struct rc_error *err)
{
	uint32_t ram = uboot->dialect->load_address;
	struct rc_error cause;
	int result = uboot_card_find(card, uboot, err);

	if (result)
		return result;
	if (size > UBOOT_CARD_PIECE || ((uint64_t)offset + size) / MMC_BLOCK > card->area.count)
		return rc_fail(err, RC_ERANGE,
			       "the transfer area of the card holds %" PRIu64
			       " bytes, the flash goes on behind that: make a card with a larger "
			       "one",
			       (uint64_t)card->area.count * MMC_BLOCK);
	result = uboot_sf(uboot, SF_READ, ram, offset, size, err);
	if (result == 0)
		result = uboot_crc32_twice(uboot, ram, size, crc, err);
	if (result)
		return result;
	result = write_and_prove(uboot, card->area.first + offset / MMC_BLOCK, size, *crc, &cause);
	if (result == RC_ENOTFOUND || result == RC_EIO || result == RC_EVERIFY)
		return fail_gone(card, uboot, offset, &cause, err);
	if (result && err)
		*err = cause;
	return result;
}

/* The first size bytes of the index. *got is false where there is no such file. */
static int load_index(struct uboot *uboot, uint8_t *bytes, uint32_t size, bool *got,
		      struct rc_error *err)
{
	uint32_t ram = uboot->dialect->load_address;
	uint32_t loaded = 0;
	/* Of more bytes than the file has fatload brings none. */
	int result = uboot_fatload(uboot, ram, TRANSFER_INDEX, size, 0, &loaded, err);

	*got = result == 0 && loaded == size;
	if (result == RC_ENOTFOUND || result == RC_EFORMAT)
		return 0;
	return *got ? uboot_read_memory(uboot, ram, bytes, size, err) : result;
}

/* What the card says that it holds. */
static int ask_index(struct uboot_card *card, struct uboot *uboot, struct rc_error *err)
{
	uint8_t bytes[INDEX_MAX_SIZE];
	struct rc_error bad;
	size_t size = 0;
	bool got = false;
	int result = uboot_mmc_rescan(uboot, err);

	card->index_asked = true;
	if (result == RC_ENOTFOUND)
		return 0;
	if (result == 0)
		result = load_index(uboot, bytes, INDEX_HEAD, &got, err);
	if (got)
		size = index_size((struct rc_span){ bytes, INDEX_HEAD });
	if (result == 0 && size)
		result = load_index(uboot, bytes, (uint32_t)size, &got, err);
	if (result || !got || size == 0)
		return result;
	card->index_found = index_parse((struct rc_span){ bytes, size }, &card->index, &bad) == 0;
	rc_log_note("%s", card->index_found ? "the card in the camera holds firmware: what is "
					      "the same comes from it, not over the line"
					    : bad.text);
	return 0;
}

int uboot_card_fetch(struct uboot_card *card, struct uboot *uboot, uint32_t address,
		     const uint8_t *data, uint32_t size, bool *fetched, struct rc_error *err)
{
	struct rc_error cause;
	uint32_t offset, got = 0, crc = 0;
	size_t file;
	int result;

	*fetched = false;
	result = card->index_asked ? 0 : ask_index(card, uboot, err);
	if (result || !card->index_found || !index_find(&card->index, data, size, &file, &offset))
		return result;
	result = uboot_fatload(uboot, address, card->index.files[file].name, size, offset, &got,
			       &cause);
	if (result == 0 && got == size)
		result = uboot_crc32_twice(uboot, address, size, &crc, &cause);
	*fetched = result == 0 && got == size && crc == rc_crc32(0, data, size);
	if (*fetched) {
		card->fetched += size;
		return 0;
	}
	if (result && result != RC_ENOTFOUND && result != RC_EFORMAT) {
		if (err)
			*err = cause;
		return result;
	}
	card->index_found = false;
	rc_log_note("the card in the camera no longer gives %s as it should (%s): the rest comes "
		    "over the line",
		    card->index.files[file].name,
		    result ? "it does not answer" : "its bytes are wrong");
	return 0;
}
