/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loady: cmd_load.c and xyzModem.c of U-Boot, the receiving side of Ymodem. */
#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "twin/model.h"

#define SOH 0x01
#define STX 0x02
#define EOT 0x04
#define ACK 0x06
#define NAK 0x15
#define CAN 0x18

#define BYTE_TIMEOUT_NS  UINT64_C(2000000000)
#define HEADER_DELAY_NS  250000000u
#define START_DELAY_NS   500000000u
#define MAX_RETRIES      20
#define RETRIES_WITH_CRC 10
#define CANS_TO_CANCEL   3
#define PADDING          0x1a /* as the last three bytes of a block */

enum result { BLOCK, TIMED_OUT, END_OF_FILE, CANCELLED, BAD_FRAME, BAD_CHECKSUM, BAD_SEQUENCE };

static const char *const result_texts[] = {
	[TIMED_OUT] = "Timed out",
	[END_OF_FILE] = "End of file",
	[CANCELLED] = "Cancelled",
	[BAD_FRAME] = "Invalid framing",
	[BAD_CHECKSUM] = "CRC/checksum error",
	[BAD_SEQUENCE] = "Block sequence error",
};

struct transfer {
	struct model *model;
	uint32_t address, size;      /* where the next bytes go; how many came */
	uint32_t file_size, counted; /* of block 0; 0: not told */
	uint8_t block, expected;
	uint8_t data[1024];
	unsigned length;
	bool crc, acknowledge;
	unsigned soh, stx, cans, retries;
};

static void send(struct transfer *t, uint8_t byte)
{
	model_putc(t->model, (char)byte);
}

static void ask_again(struct transfer *t)
{
	send(t, t->crc ? 'C' : NAK);
	t->retries++;
}

/* False after two seconds without a byte. */
static bool receive(struct transfer *t, uint8_t *byte)
{
	uint64_t end = t->model->camera->now + BYTE_TIMEOUT_NS;

	while (!model_tstc(t->model)) {
		uint64_t left = end - t->model->camera->now;

		if (t->model->camera->now >= end)
			return false;
		model_pass(t->model, left < 20000 ? left : 20000);
	}
	*byte = model_getc(t->model);
	return true;
}

static void flush(struct transfer *t)
{
	uint8_t byte;

	while (receive(t, &byte))
		;
}

/* The first byte of a block; BLOCK and *start, or why there is none. */
static enum result find_start(struct transfer *t, uint8_t *start)
{
	unsigned cans = 0, seen = 0;

	for (;;) {
		if (!receive(t, start)) {
			flush(t);
			model_pass(t->model, HEADER_DELAY_NS);
			return TIMED_OUT;
		}
		seen++;
		if (*start == SOH || *start == STX) {
			t->soh += *start == SOH;
			t->stx += *start == STX;
			return BLOCK;
		}
		if (*start == CAN) {
			t->cans++;
			if (++cans == CANS_TO_CANCEL)
				return CANCELLED;
		}
		/* Only as the very first byte: it might be noise. */
		if (*start == EOT && seen == 1) {
			send(t, ACK);
			return END_OF_FILE;
		}
	}
}

static bool checksum_holds(const struct transfer *t, const uint8_t check[2])
{
	uint8_t sum = 0;

	if (t->crc)
		return rc_crc16_xmodem(t->data, t->length) == rc_be16(check);
	for (unsigned i = 0; i < t->length; i++)
		sum = (uint8_t)(sum + t->data[i]);
	return sum == check[0];
}

/* xyzModem_get_hdr: one block, whole and right. */
static enum result receive_block(struct transfer *t)
{
	uint8_t start, complement, check[2] = { 0 };
	enum result result;

	if (t->acknowledge)
		send(t, ACK);
	t->acknowledge = false;
	result = find_start(t, &start);
	if (result != BLOCK)
		return result;
	if (!receive(t, &t->block) || !receive(t, &complement))
		return TIMED_OUT;
	t->length = start == STX ? 1024 : 128;
	for (unsigned i = 0; i < t->length; i++)
		if (!receive(t, &t->data[i]))
			return TIMED_OUT;
	if (!receive(t, &check[0]) || (t->crc && !receive(t, &check[1])))
		return TIMED_OUT;
	if ((t->block ^ complement) != 0xff) {
		flush(t);
		return BAD_FRAME;
	}
	return checksum_holds(t, check) ? BLOCK : BAD_CHECKSUM;
}

/* Block 0: the name, NUL, the size in decimal. */
static void read_file_size(struct transfer *t)
{
	size_t name = strnlen((const char *)t->data, t->length);

	for (size_t i = name + 1; i < t->length && t->data[i] >= '0' && t->data[i] <= '9'; i++)
		t->file_size = t->file_size * 10 + (uint32_t)(t->data[i] - '0');
	t->acknowledge = true;
}

/* xyzModem_stream_open */
static enum result open_stream(struct transfer *t)
{
	enum result result = TIMED_OUT;
	unsigned timeouts = 0;

	send(t, 'C');
	for (unsigned retry = 0; retry < MAX_RETRIES; retry++) {
		result = receive_block(t);
		if (result == BLOCK) {
			if (t->block == 0)
				read_file_size(t);
			t->expected = 1;
			return BLOCK;
		}
		if (result == CANCELLED)
			break;
		if (result == TIMED_OUT) {
			if (++timeouts >= RETRIES_WITH_CRC)
				t->crc = false;
			model_pass(t->model, START_DELAY_NS);
			ask_again(t);
		}
	}
	return result;
}

/* Padding is cut off by the size that block 0 told, or else by what it looks like. */
static void cut_padding(struct transfer *t)
{
	const uint8_t *end = t->data + t->length;

	if (t->file_size == 0) {
		if (end[-1] == PADDING && end[-2] == PADDING && end[-3] == PADDING)
			while (t->length && t->data[t->length - 1] == PADDING)
				t->length--;
		return;
	}
	t->counted += t->length;
	if (t->counted > t->file_size) {
		uint32_t over = t->counted - t->file_size;

		t->length -= over < t->length ? over : t->length;
		t->counted = t->file_size;
	}
}

static void finish(struct transfer *t)
{
	send(t, ACK);
	ask_again(t); /* for the block without a name that ends a batch */
	receive_block(t);
	send(t, ACK);
}

/* xyzModem_stream_read: the next block of the file, in order. */
static enum result next_block(struct transfer *t)
{
	enum result result = CANCELLED;

	for (unsigned retry = 0; retry < MAX_RETRIES; retry++) {
		result = receive_block(t);
		if (result == BLOCK && t->block == t->expected) {
			t->acknowledge = true;
			t->expected++;
			cut_padding(t);
			return BLOCK;
		}
		if (result == BLOCK && t->block == (uint8_t)(t->expected - 1)) {
			send(t, ACK); /* once more: the sender did not hear it */
			continue;
		}
		if (result == BLOCK)
			result = BAD_SEQUENCE;
		if (result == CANCELLED)
			return result;
		if (result == END_OF_FILE) {
			finish(t);
			return result;
		}
		ask_again(t);
	}
	return result;
}

static void receive_file(struct transfer *t)
{
	enum result result = open_stream(t);

	if (result != BLOCK) {
		model_printf(t->model, "%s\n", result_texts[result]);
		return;
	}
	while (next_block(t) == BLOCK) {
		model_ram_write(t->model, t->address, t->data, t->length);
		t->address += t->length;
		t->size += t->length;
	}
}

static void wait_for(struct model *model, uint8_t key)
{
	while (model_getc(model) != key)
		;
}

int model_do_loady(struct model *model, bool repeat, int argc, char *const argv[])
{
	uint32_t rate = argc > 2 ? model_number(argv[2], NULL, 10) : 0;
	struct transfer t = { .model = model, .crc = true };
	char size[16];

	t.address = argc > 1 ? model_number(argv[1], NULL, 16) : model->dialect->load_address;
	if (rate == 0)
		rate = 115200;
	if (rate != 115200) {
		model_printf(model, "## Switch baudrate to %u bps and press ENTER ...\n", rate);
		model_pass(model, 100000000);
		wait_for(model, '\r');
	}
	model_printf(model, "## Ready for binary (ymodem) download to 0x%08X at %u bps...\n",
		     t.address, rate);
	receive_file(&t);
	model_printf(model, "xyzModem - %s mode, %u(SOH)/%u(STX)/%u(CAN) packets, %u retries\n",
		     t.crc ? "CRC" : "Cksum", t.soh, t.stx, t.cans, t.retries);
	while (model_tstc(model)) /* what is left of the last block */
		model_getc(model);
	model_printf(model, "## Total Size      = 0x%08x = %u Bytes\n", t.size, t.size);
	snprintf(size, sizeof(size), "%x", t.size);
	model_env_set(model, "filesize", size);
	if (rate != 115200) {
		model_puts(model, "## Switch baudrate to 115200 bps and press ESC ...\n");
		model_pass(model, 100000000);
		wait_for(model, 0x1b);
	}
	return CMD_SUCCESS;
}
