/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "twin/sd_card.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"

/* The card of facts/bootloaders-and-flash.md 2.1 but for its size. U-Boot prints it as if
 * it were an MMC, whose name is a letter longer: "Snr 751da700 Rev: 1.0". */
static const uint8_t cid[16] = { 0x02, 'T',  'M',  'S',  'A',  '0',  '2',  'G',
				 0x10, 0x10, 0x75, 0x1d, 0xa7, 0x00, 0xe4, 0x01 };
/* Version 2.0, 1 and 4 bit bus. */
static const uint8_t scr[8] = { 0x02, 0x35 };

#define CARD_ADDRESS  1u
#define OCR_READY     0xc0ff8000u /* powered up, high capacity, 2.7 to 3.6 V */
#define R1_READY      0x00000100u
#define R1_APP        0x00000020u
#define R1_RANGE      0x80000000u
#define VOLTAGE_CHECK 0xfffu

#define SD_MAX_SIZE ((uint64_t)1 << 41) /* what the CSD's 22 bits can say */

int sd_insert(struct sd_card *card, uint8_t *data, size_t size, const struct sd_faults *faults,
	      struct rc_error *err)
{
	*card = (struct sd_card){ .faults = *faults };
	if (!data)
		return 0;
	if (size < 2 * SD_CAPACITY_UNIT || size > SD_MAX_SIZE)
		return rc_fail(err, RC_ERANGE,
			       "an SD card of %zu bytes does not exist: a card image has 1 MiB to "
			       "2 TiB; make one with recam card make",
			       size);
	card->data = data;
	card->size = size / SD_CAPACITY_UNIT * SD_CAPACITY_UNIT;
	return 0;
}

void sd_power_on(struct sd_card *card)
{
	card->state = SD_IDLE;
	card->next_is_app = card->many = false;
	card->filled = card->taken = 0;
}

static uint32_t block_count(const struct sd_card *card)
{
	return (uint32_t)(card->size / SD_BLOCK);
}

static void respond(const struct sd_card *card, uint32_t more, struct sd_response *response)
{
	response->answer = SD_SHORT;
	response->value = (uint32_t)card->state << 9 | R1_READY | more;
}

static void respond_register(const uint8_t *bytes, struct sd_response *response)
{
	response->answer = SD_REGISTER;
	memcpy(response->bytes, bytes, sizeof(response->bytes));
}

static void send_csd(const struct sd_card *card, struct sd_response *response)
{
	uint32_t units = (uint32_t)(card->size / SD_CAPACITY_UNIT) - 1;
	const uint8_t csd[16] = { 0x40,
				  0x0e,
				  0x00,
				  0x32,
				  0x5b,
				  0x59,
				  0x00,
				  (uint8_t)(units >> 16 & 0x3f),
				  (uint8_t)(units >> 8),
				  (uint8_t)units,
				  0x7f,
				  0x80,
				  0x0a,
				  0x40,
				  0x00,
				  0x01 };

	respond_register(csd, response);
}

/* A status register as data, behind the response. */
static void send_data(struct sd_card *card, const uint8_t *bytes, size_t size,
		      struct sd_response *response)
{
	respond(card, 0, response);
	memcpy(card->buffer, bytes, size);
	card->filled = size;
	card->taken = 0;
	card->many = false;
	card->state = SD_SENDING;
}

static void switch_function(struct sd_card *card, uint32_t argument, struct sd_response *response)
{
	uint8_t status[64] = { 0 };

	status[13] = 0x03; /* group 1 can do default and high speed */
	status[16] = (argument & 0xf) == 1;
	send_data(card, status, sizeof(status), response);
}

static void load_block(struct sd_card *card)
{
	memcpy(card->buffer, card->data + (size_t)card->block * SD_BLOCK, SD_BLOCK);
	card->filled = SD_BLOCK;
	card->taken = 0;
	card->block++;
	card->blocks_read++;
}

static void begin_blocks(struct sd_card *card, unsigned index, uint32_t argument,
			 struct sd_response *response)
{
	bool reads = index == 17 || index == 18;

	if (card->faults.pull_after && card->block_commands == card->faults.pull_after) {
		card->pulled = true;
		return;
	}
	card->block_commands++;
	card->filled = card->taken = 0;
	if (argument >= block_count(card)) {
		respond(card, R1_RANGE, response);
		return;
	}
	respond(card, 0, response);
	card->block = argument;
	card->many = index == 18 || index == 25;
	card->state = reads ? SD_SENDING : SD_RECEIVING;
	if (reads)
		load_block(card);
}

static void end_transfer(struct sd_card *card)
{
	card->state = SD_TRANSFER;
	card->filled = card->taken = 0;
}

/* ACMD: those that the cameras' bootloaders send; others are answered and do nothing. */
static void app_command(struct sd_card *card, unsigned index, struct sd_response *response)
{
	static const uint8_t status[64];

	if (index == 41) {
		response->answer = SD_SHORT;
		response->value = OCR_READY;
		card->state = SD_READY;
	} else if (index == 51 && card->state == SD_TRANSFER) {
		send_data(card, scr, sizeof(scr), response);
	} else if (index == 13 && card->state == SD_TRANSFER) {
		send_data(card, status, sizeof(status), response);
	} else {
		respond(card, R1_APP, response);
	}
}

static void identify(struct sd_card *card, unsigned index, uint32_t argument,
		     struct sd_response *response)
{
	bool mine = argument >> 16 == CARD_ADDRESS;

	if (index == 2 && card->state == SD_READY) {
		card->state = SD_IDENT;
		respond_register(cid, response);
	} else if (index == 3 && (card->state == SD_IDENT || card->state == SD_STANDBY)) {
		respond(card, CARD_ADDRESS << 16, response);
		card->state = SD_STANDBY;
	} else if (index == 9 && card->state == SD_STANDBY && mine) {
		send_csd(card, response);
	} else if (index == 10 && card->state == SD_STANDBY && mine) {
		respond_register(cid, response);
	} else if (index == 7 && card->state >= SD_STANDBY) {
		if (mine)
			respond(card, 0, response);
		card->state = mine ? SD_TRANSFER : SD_STANDBY;
	}
}

static void plain_command(struct sd_card *card, unsigned index, uint32_t argument,
			  struct sd_response *response)
{
	switch (index) {
	case 0:
		sd_power_on(card);
		response->answer = SD_NONE;
		break;
	case 8:
		response->answer = SD_SHORT;
		response->value = argument & VOLTAGE_CHECK;
		break;
	case 55:
		card->next_is_app = true;
		respond(card, R1_APP, response);
		break;
	case 12:
		respond(card, 0, response);
		end_transfer(card);
		break;
	case 13:
	case 16:
		respond(card, 0, response);
		break;
	case 6:
		if (card->state == SD_TRANSFER)
			switch_function(card, argument, response);
		break;
	case 17:
	case 18:
	case 24:
	case 25:
		if (card->state == SD_TRANSFER)
			begin_blocks(card, index, argument, response);
		break;
	default:
		identify(card, index, argument, response);
		break;
	}
}

void sd_command(struct sd_card *card, unsigned index, uint32_t argument,
		struct sd_response *response)
{
	bool app = card->next_is_app;

	*response = (struct sd_response){ .answer = SD_SILENT };
	if (!card->data || card->pulled)
		return;
	card->next_is_app = false;
	/* A status register, or one block, that nobody fetched does not keep it waiting. */
	if (!card->many && card->state > SD_TRANSFER)
		end_transfer(card);
	if (app)
		app_command(card, index, response);
	else
		plain_command(card, index, argument, response);
}

bool sd_take(struct sd_card *card, uint8_t *byte)
{
	if (card->state != SD_SENDING || card->pulled)
		return false;
	if (card->taken == card->filled) {
		if (!card->many || card->block >= block_count(card))
			return false;
		load_block(card);
	}
	*byte = card->buffer[card->taken++];
	if (card->taken == card->filled && !card->many)
		end_transfer(card);
	return true;
}

void sd_put(struct sd_card *card, uint8_t byte)
{
	if (card->state != SD_RECEIVING || card->pulled || card->block >= block_count(card))
		return;
	card->buffer[card->filled++] = byte;
	if (card->filled < SD_BLOCK)
		return;
	memcpy(card->data + (size_t)card->block * SD_BLOCK, card->buffer, SD_BLOCK);
	card->filled = 0;
	card->block++;
	card->blocks_written++;
	if (!card->many)
		end_transfer(card);
}

int sd_file_open(const char *path, struct sd_file *file, struct rc_error *err)
{
	int descriptor = open(path, O_RDWR | O_CLOEXEC);
	struct stat st;
	void *data;

	*file = (struct sd_file){ 0 };
	if (descriptor < 0)
		return rc_fail_errno(err, RC_EIO, errno,
				     "cannot open the card image %s to read and to write it", path);
	if (fstat(descriptor, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
		close(descriptor);
		return rc_fail(err, RC_EUSAGE,
			       "%s is no card image but a folder, a device or empty: make one with "
			       "recam card make",
			       path);
	}
	data = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
	close(descriptor);
	if (data == MAP_FAILED)
		return rc_fail_errno(err, RC_EIO, errno, "cannot map the card image %s", path);
	file->data = data;
	file->size = (size_t)st.st_size;
	return 0;
}

void sd_file_close(struct sd_file *file)
{
	if (file->data)
		munmap(file->data, file->size);
	*file = (struct sd_file){ 0 };
}
