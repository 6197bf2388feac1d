/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/agent.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config.h"
#include "console/agent_session.h"
#include "console/uboot_line.h"
#include "console/ymodem.h"

#ifdef HAVE_AGENT
static const uint8_t program[] = {
#include "agent/agent_blob.h"
};
#define PROGRAM_SIZE sizeof(program)
#else
static const uint8_t program[1];
#define PROGRAM_SIZE ((size_t)0)
#endif

/* What an adapter may still hold when the system says that all is sent. */
#define ADAPTER_MS 30u
/* After this time the program is back at the usual speed if it heard nobody. */
#define SPEED_MS 1500u
/* How often the program is asked whether it is there before it counts as absent. */
#define GREETINGS 4
#define END_MS    2000u
#define HELP_MS   5000u

bool agent_is_built(void)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): 0 where the build had no MIPS compiler */
	return PROGRAM_SIZE > 0;
}

int agent_new(struct uboot *uboot, struct agent **agent, struct rc_error *err)
{
	*agent = calloc(1, sizeof(**agent));
	if (!*agent)
		return rc_fail_memory(err, sizeof(**agent));
	(*agent)->uboot = uboot;
	(*agent)->stream = uboot->in.stream;
	return 0;
}

void agent_free(struct agent *agent)
{
	free(agent);
}

bool agent_is_loaded(const struct agent *agent)
{
	return agent->state == AGENT_LOADED;
}

bool agent_is_usable(const struct agent *agent)
{
	return agent->state != AGENT_UNUSABLE;
}

uint64_t agent_repeats(const struct agent *agent)
{
	return agent->repeats;
}

/* The commands around it: two of help, loady, and crc32 twice. */
size_t agent_load_wire(void)
{
	return (size_t)ymodem_wire_bytes(PROGRAM_SIZE) + 950;
}

static int give_up(struct agent *agent, struct rc_error *err, const char *why)
{
	agent->state = AGENT_UNUSABLE;
	rc_log_detail("without the program in the camera's RAM, since %s", why);
	return rc_fail(err, RC_EUNSUPPORTED,
		       "the program in the camera's RAM cannot be used on %s: %s",
		       agent->stream->name, why);
}

struct help {
	const char *name;
	bool known;
};

/* "go - start application at address 'addr'", or "Unknown command 'go' - try ...". */
static int read_help(void *context, struct rc_span answer, struct rc_error *err)
{
	struct help *help = context;
	size_t length = strlen(help->name);
	struct rc_span line;

	while (answer_next_line(&answer, &line)) {
		help->known = line.size > length + 2 &&
			      memcmp(line.data, help->name, length) == 0 &&
			      memcmp(line.data + length, " - ", 3) == 0;
		if (help->known || rc_find(line, "nknown command", 14))
			return 0;
	}
	return rc_fail(err, RC_EFORMAT, "the answer to help %s makes no sense", help->name);
}

static int has_command(struct agent *agent, const char *name, bool *known, struct rc_error *err)
{
	struct help help = { .name = name };
	char command[24];
	int result;

	snprintf(command, sizeof(command), "help %s", name);
	result = uboot_ask(agent->uboot, command, HELP_MS, read_help, &help, err);
	*known = help.known;
	return result;
}

int agent_load(struct agent *agent, struct rc_error *err)
{
	bool go = false, loady = false;
	int result;

	if (agent->state == AGENT_LOADED)
		return 0;
	if (agent->state == AGENT_UNUSABLE)
		return rc_fail(err, RC_EUNSUPPORTED,
			       "the program in the camera's RAM did not work on "
			       "%s before",
			       agent->stream->name);
	if (!agent_is_built())
		return give_up(agent, err, "this build of recam has none (no MIPS compiler)");
	if (agent->uboot->dialect != &uboot_ingenic)
		return give_up(agent, err, "there is none for this kind of camera");
	result = has_command(agent, "go", &go, err);
	if (result == 0 && go)
		result = has_command(agent, "loady", &loady, err);
	if (result)
		return result;
	if (!loady)
		return give_up(agent, err,
			       go ? "this console has no loady" : "this console has no go");
	result = uboot_load(agent->uboot, AGENT_ADDRESS, program, PROGRAM_SIZE, NULL, NULL, err);
	if (result)
		return result;
	agent->state = AGENT_LOADED;
	rc_log_detail("a program of %zu bytes is in the camera's RAM at 0x%08x: what follows "
		      "goes over the line in packed, checked frames",
		      PROGRAM_SIZE, AGENT_ADDRESS);
	return 0;
}

void agent_want_speed(struct agent *agent, unsigned divisor)
{
	agent->divisor = divisor;
}

/* Nothing that the program says is of use until all is quiet for so long. */
static int ignore(struct agent *agent, unsigned quiet_ms, struct rc_error *err)
{
	struct wire_frame frame;
	int heard;

	do {
		heard = agent_hear(agent, quiet_ms, &frame, err);
	} while (heard > 0);
	return heard;
}

static int to_usual_speed(struct agent *agent, struct rc_error *err)
{
	int result = 0;

	if (agent->usual_baud)
		result = stream_set_baud(agent->stream, agent->usual_baud, err);
	agent->usual_baud = 0;
	return result;
}

/* 1: the program said hello; 0: silence; or negative. */
static int hear_hello(struct agent *agent, unsigned quiet_ms, struct rc_error *err)
{
	struct wire_frame frame;

	for (;;) {
		int heard = agent_hear(agent, quiet_ms, &frame, err);

		if (heard <= 0)
			return heard;
		if (frame.kind == WIRE_HELLO && frame.size == 1 && frame.payload[0] == WIRE_VERSION)
			return 1;
	}
}

static int greet(struct agent *agent, unsigned quiet_ms, struct rc_error *err)
{
	int result = agent_send(agent, WIRE_ASK, ++agent->tag, NULL, 0, err);

	return result ? result : hear_hello(agent, quiet_ms, err);
}

/* What is not understood at the new speed, both sides forget. */
static int speed_up(struct agent *agent, struct rc_error *err)
{
	unsigned usual = agent->stream->baud;
	unsigned baud = AGENT_CLOCK / agent->divisor;
	struct wire_frame frame;
	uint8_t request[4];
	int result;

	wire_put32(request, agent->divisor);
	result = agent_ask(agent, WIRE_SPEED, request, sizeof(request), AGENT_REPLY_MS, &frame,
			   err);
	if (result)
		return result;
	if (stream_set_baud(agent->stream, baud, err) == 0) {
		agent->usual_baud = usual;
		for (int try = 0; result == 0 && try < 3; try++)
			result = greet(agent, SPEED_MS / 8, err);
	}
	if (result)
		return result < 0 ? result : 0;
	rc_log_note("%u baud do not work on %s: going on at %u", baud, agent->stream->name, usual);
	agent->divisor = 0;
	result = to_usual_speed(agent, err);
	if (result == 0)
		result = ignore(agent, SPEED_MS, err);
	return result ? result : agent_ask(agent, WIRE_ASK, NULL, 0, AGENT_REPLY_MS, &frame, err);
}

static int fail_silent(struct agent *agent, struct rc_error *err)
{
	if (uboot_sync(agent->uboot, err) == 0)
		return give_up(agent, err, "it was started and does not answer");
	return rc_fail(err, RC_ETIMEOUT,
		       "the camera on %s went silent when the program in its RAM was started; its "
		       "flash was not touched: switch it off and on, and run the command again "
		       "with agent=no, as in uboot:PORT?agent=no",
		       agent->stream->name);
}

int agent_begin(struct agent *agent, struct rc_error *err)
{
	char command[24];
	int result;

	snprintf(command, sizeof(command), "go %08x", AGENT_ADDRESS);
	result = uboot_enter(agent->uboot, command, err);
	if (result)
		return result;
	agent->decoder = (struct wire_decoder){ 0 };
	agent->taken = agent->got = 0;
	/* It says hello of itself; asking costs nothing unless that was lost. */
	result = hear_hello(agent, AGENT_REPLY_MS, err);
	for (int try = 0; result == 0 && try < GREETINGS; try++)
		result = greet(agent, AGENT_REPLY_MS, err);
	if (result < 0)
		return result;
	if (result == 0)
		return fail_silent(agent, err);
	return agent->divisor ? speed_up(agent, err) : 0;
}

/* Asks the program to end, at the speed that it has, and waits for the prompt, which comes
 * at the usual one. */
static int ask_to_end(struct agent *agent, struct rc_error *err)
{
	struct expect *in = &agent->uboot->in;
	size_t end;
	int result = agent_send(agent, WIRE_END, ++agent->tag, NULL, 0, err);

	if (result == 0 && agent->usual_baud) {
		result = expect_more(in, ADAPTER_MS, err);
		if (result >= 0)
			result = to_usual_speed(agent, err);
	}
	return result ? result
		      : expect_text(in, agent->uboot->needle, AGENT_REPLY_MS, END_MS, &end, err);
}

/* The prompt may have come damaged. Ctrl-C draws another, and is nothing to the program
 * if it still runs. */
static int ask_for_prompt(struct agent *agent, struct rc_error *err)
{
	size_t end;
	int result = stream_write(agent->stream, UBOOT_CTRL_C, 1, err);

	return result ? result
		      : expect_text(&agent->uboot->in, agent->uboot->needle, AGENT_REPLY_MS, END_MS,
				    &end, err);
}

int agent_end(struct agent *agent, struct rc_error *err)
{
	expect_keep(&agent->uboot->in, 0);
	for (int try = 0; try < AGENT_TRIES; try++) {
		int result = ask_to_end(agent, err);

		if (result == RC_ETIMEOUT)
			result = ask_for_prompt(agent, err);
		if (result != RC_ETIMEOUT)
			return result;
		agent->repeats++;
	}
	/* By now its own patience has ended it, and it is back at the usual speed. */
	return uboot_sync(agent->uboot, err);
}
