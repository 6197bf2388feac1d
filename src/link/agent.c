/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/agent.h"

#include <string.h>

#include "base/checksum.h"
#include "base/log.h"
#include "base/text.h"
#include "console/ymodem.h"
#include "flash/layout.h"

/* After so many failures in a row the program is not tried any more. */
#define MAX_FAILURES 3

/* What one crc32 command costs: its bytes, and the three turns of the line that typing it and
 * hearing the answer take, as the bytes that would pass in those 16 ms each. */
#define CRC_COMMAND_WIRE (UBOOT_CRC_WIRE_BYTES + 3 * 184)

/* The speeds worth trying: faster than usual, to what these UARTs are said to bear. */
#define SLOWEST_DIVISOR 12u

static int set_fast(const char *value, struct ram_choice *choice, struct rc_error *err)
{
	uint64_t baud;

	if (!rc_parse_number(value, AGENT_CLOCK, &baud) || baud == 0 || AGENT_CLOCK % baud ||
	    AGENT_CLOCK / baud > SLOWEST_DIVISOR)
		return rc_fail(err, RC_EUSAGE,
			       "fast=%s: the camera's UART makes 1500000 divided by 1 to %u: give "
			       "fast=375000, 500000, 750000 or 1500000",
			       value, SLOWEST_DIVISOR);
	choice->divisor = (unsigned)(AGENT_CLOCK / baud);
	return 0;
}

/* 1: it was one of ours. */
static int take_pair(const char *pair, struct ram_choice *choice, struct rc_error *err)
{
	int result = 1;

	if (strncmp(pair, "fast=", 5) == 0)
		result = set_fast(pair + 5, choice, err);
	else if (strcmp(pair, "agent=no") == 0)
		choice->no_agent = true;
	else if (strncmp(pair, "agent=", 6) == 0)
		return rc_fail(err, RC_EUSAGE,
			       "%s: there is agent=no, for a camera that does not "
			       "bear the program in its RAM",
			       pair);
	else
		return 0;
	return result < 0 ? result : 1;
}

int ram_choice_take(char *address, struct ram_choice *choice, struct rc_error *err)
{
	char *query = strchr(address, '?');
	char *rest = query ? query + 1 : NULL;
	char *out = query, *pair;

	*choice = (struct ram_choice){ 0 };
	while ((pair = strsep(&rest, "&"))) {
		size_t length = strlen(pair);
		int taken = take_pair(pair, choice, err);

		if (taken < 0)
			return taken;
		if (taken)
			continue;
		*out = out == query ? '?' : '&';
		memmove(out + 1, pair, length);
		out += 1 + length;
	}
	if (out)
		*out = '\0';
	return 0;
}

int ram_init(struct ram *ram, struct uboot *uboot, struct rc_error *err)
{
	*ram = (struct ram){ .uboot = uboot };
	if (agent_is_built())
		return agent_new(uboot, &ram->agent, err);
	rc_log_detail("this recam was built without the program for the camera's RAM (no "
		      "mipsel-linux-gnu-gcc): reading takes four times as long");
	return 0;
}

void ram_choose(struct ram *ram, const struct ram_choice *choice)
{
	if (choice->no_agent)
		ram_free(ram);
	else if (ram->agent)
		agent_want_speed(ram->agent, choice->divisor);
}

void ram_free(struct ram *ram)
{
	agent_free(ram->agent);
	ram->agent = NULL;
}

bool ram_has_agent(const struct ram *ram)
{
	return ram->agent && agent_is_usable(ram->agent) && ram->failures < MAX_FAILURES;
}

/* True where the program's way, with all that it takes to get there, is the shorter. */
static bool is_worth(const struct ram *ram, size_t by_agent, size_t otherwise)
{
	size_t load = agent_is_loaded(ram->agent) ? 0 : agent_load_wire();

	return load + AGENT_TURN_WIRE + by_agent < otherwise;
}

/* What is to be moved, or summed. */
struct move {
	int (*run)(struct agent *agent, const struct move *move, struct rc_error *err);
	/* What the CRC-32 of it must be by now. */
	uint32_t (*wanted)(const struct move *move);
	uint32_t address;
	uint8_t *out;        /* of a read */
	const uint8_t *data; /* out, or what is to be written */
	size_t size;
	uint32_t *crcs; /* of its erase blocks */
	void (*sent)(void *context, size_t bytes);
	void *context;
};

static int run_read(struct agent *agent, const struct move *move, struct rc_error *err)
{
	return agent_read(agent, move->address, move->out, move->size, err);
}

static int run_write(struct agent *agent, const struct move *move, struct rc_error *err)
{
	return agent_write(agent, move->address, move->data, move->size, move->sent, move->context,
			   err);
}

static int run_sums(struct agent *agent, const struct move *move, struct rc_error *err)
{
	return agent_sums(agent, move->address, RC_ERASE_BLOCK, move->size / RC_ERASE_BLOCK,
			  move->crcs, err);
}

static uint32_t crc_of_data(const struct move *move)
{
	return rc_crc32(0, move->data, move->size);
}

static uint32_t crc_of_blocks(const struct move *move)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < move->size / RC_ERASE_BLOCK; i++)
		crc = rc_crc32_join(crc, move->crcs[i], RC_ERASE_BLOCK);
	return crc;
}

/* 1: done, and proven by U-Boot's CRC-32. 0: not, and the prompt is there for another
 * way. Negative: that is all. */
static int move_by_agent(struct ram *ram, const struct move *move, struct rc_error *err)
{
	uint32_t crc = 0;
	int moved, result = agent_load(ram->agent, err);

	ram->failures++;
	if (result)
		return result == RC_ESTOPPED ? result : 0;
	result = agent_begin(ram->agent, err);
	if (result)
		return result == RC_EUNSUPPORTED ? 0 : result;
	moved = move->run(ram->agent, move, err);
	if (moved == RC_ESTOPPED)
		return moved;
	result = agent_end(ram->agent, err);
	if (result == 0 && moved == 0)
		result = uboot_crc32(ram->uboot, move->address, (uint32_t)move->size, &crc, err);
	if (result)
		return result;
	if (moved || crc != move->wanted(move)) {
		rc_log_detail("the program in the camera's RAM failed at 0x%08x (status %d, CRC-32 "
			      "%08x)",
			      move->address, moved, crc);
		return 0;
	}
	ram->failures = 0;
	return 1;
}

/* As move_by_agent, as often as it makes sense. otherwise: bytes on the wire by the other
 * way. */
static int try_agent(struct ram *ram, const struct move *move, size_t wire, size_t otherwise,
		     struct rc_error *err)
{
	int result = 0;

	while (result == 0 && ram_has_agent(ram) && is_worth(ram, wire, otherwise))
		result = move_by_agent(ram, move, err);
	return result;
}

int ram_read(struct ram *ram, uint32_t address, uint8_t *out, size_t size, struct rc_error *err)
{
	const struct move move = { .run = run_read,
				   .wanted = crc_of_data,
				   .address = address,
				   .out = out,
				   .data = out,
				   .size = size };
	size_t by_agent = (size_t)((double)size * RAM_AGENT_WIRE_FACTOR);
	size_t by_md = (size_t)((double)size * UBOOT_READ_WIRE_FACTOR);
	int result = try_agent(ram, &move, by_agent, by_md, err);

	if (result)
		return result < 0 ? result : 0;
	return uboot_read_memory(ram->uboot, address, out, size, err);
}

int ram_write(struct ram *ram, uint32_t address, const uint8_t *data, size_t size,
	      void (*sent)(void *context, size_t bytes), void *context, struct rc_error *err)
{
	const struct move move = { .run = run_write,
				   .wanted = crc_of_data,
				   .address = address,
				   .data = data,
				   .size = size,
				   .sent = sent,
				   .context = context };
	size_t by_agent = ram->agent ? agent_write_wire(ram->agent, data, size) : 0;
	int result = try_agent(ram, &move, by_agent, (size_t)ymodem_wire_bytes(size), err);

	if (result)
		return result < 0 ? result : 0;
	return uboot_load(ram->uboot, address, data, size, sent, context, err);
}

/* Where U-Boot's answer for all together is not theirs, one of them came damaged. */
static int survey_by_command(struct uboot *uboot, const struct move *move, struct rc_error *err)
{
	size_t count = move->size / RC_ERASE_BLOCK;
	uint32_t all = 0;
	int result = 0;

	for (size_t i = 0; i < count && !result; i++)
		result = uboot_crc32(uboot, move->address + (uint32_t)(i * RC_ERASE_BLOCK),
				     RC_ERASE_BLOCK, &move->crcs[i], err);
	if (!result)
		result = uboot_crc32(uboot, move->address, (uint32_t)move->size, &all, err);
	if (result || all == crc_of_blocks(move))
		return result;
	for (size_t i = 0; i < count && !result; i++)
		result = uboot_crc32_twice(uboot, move->address + (uint32_t)(i * RC_ERASE_BLOCK),
					   RC_ERASE_BLOCK, &move->crcs[i], err);
	return result;
}

int ram_survey(struct ram *ram, uint32_t address, size_t count, uint32_t *crcs,
	       struct rc_error *err)
{
	const struct move move = { .run = run_sums,
				   .wanted = crc_of_blocks,
				   .address = address,
				   .size = count * RC_ERASE_BLOCK,
				   .crcs = crcs };
	int result = try_agent(ram, &move, count * 6, count * CRC_COMMAND_WIRE, err);

	if (result)
		return result < 0 ? result : 0;
	return survey_by_command(ram->uboot, &move, err);
}
