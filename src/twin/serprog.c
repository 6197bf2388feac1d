/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "twin/serprog.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "flash/nor_spi.h"
#include "twin/listen.h"

#define ACK 0x06
#define NAK 0x15

#define BUS_SPI 0x08

/* No more is answered before the client has taken this. */
#define ANSWER_ENOUGH (4 * SERPROG_MAX_RECEIVED)

#define IDLE_MS 100

struct command {
	uint8_t opcode;
	uint8_t parameters; /* bytes; of an SPI operation those before its data */
	void (*obey)(struct serprog *serprog, struct rc_buffer *answer);
};

static void answer_ack(struct rc_buffer *answer, const void *data, size_t size)
{
	const uint8_t ack = ACK;

	rc_buffer_append(answer, &ack, 1);
	rc_buffer_append(answer, data, size);
}

static void answer_nak(struct rc_buffer *answer)
{
	const uint8_t nak = NAK;

	rc_buffer_append(answer, &nak, 1);
}

static void nop(struct serprog *serprog, struct rc_buffer *answer)
{
	answer_ack(answer, NULL, 0);
}

static void sync_nop(struct serprog *serprog, struct rc_buffer *answer)
{
	answer_nak(answer);
	answer_ack(answer, NULL, 0);
}

static void query_interface(struct serprog *serprog, struct rc_buffer *answer)
{
	answer_ack(answer, "\x01\x00", 2);
}

static void query_name(struct serprog *serprog, struct rc_buffer *answer)
{
	static const char name[16] = "recam twin";

	answer_ack(answer, name, sizeof(name));
}

/* The serial buffer and the operation buffer: TCP has flow control, and the delays in the
 * operation buffer take no room. */
static void query_buffer(struct serprog *serprog, struct rc_buffer *answer)
{
	answer_ack(answer, "\xff\xff", 2);
}

static void query_bus(struct serprog *serprog, struct rc_buffer *answer)
{
	const uint8_t bus = BUS_SPI;

	answer_ack(answer, &bus, 1);
}

static void query_max_sent(struct serprog *serprog, struct rc_buffer *answer)
{
	const uint8_t length[3] = { SERPROG_MAX_SENT & 0xff, SERPROG_MAX_SENT >> 8, 0 };

	answer_ack(answer, length, sizeof(length));
}

static void query_max_received(struct serprog *serprog, struct rc_buffer *answer)
{
	const uint8_t length[3] = { 0, 0, SERPROG_MAX_RECEIVED >> 16 };

	answer_ack(answer, length, sizeof(length));
}

static void set_bus(struct serprog *serprog, struct rc_buffer *answer)
{
	if (serprog->head[1] & BUS_SPI)
		answer_ack(answer, NULL, 0);
	else
		answer_nak(answer);
}

/* Every frequency is as good as any other here, but 0 is none. */
static void set_frequency(struct serprog *serprog, struct rc_buffer *answer)
{
	if (rc_le32(serprog->head + 1) == 0)
		answer_nak(answer);
	else
		answer_ack(answer, serprog->head + 1, 4);
}

static uint32_t le24(const uint8_t *bytes)
{
	return (uint32_t)rc_le16(bytes) | (uint32_t)bytes[2] << 16;
}

static void spi_operation(struct serprog *serprog, struct rc_buffer *answer)
{
	uint32_t wanted = le24(serprog->head + 4);
	uint8_t received[SERPROG_MAX_RECEIVED];

	if (serprog->sent_size > SERPROG_MAX_SENT || wanted > SERPROG_MAX_RECEIVED) {
		answer_nak(answer);
		return;
	}
	nor_spi_transfer(serprog->nor, serprog->sent, serprog->sent_size, received, wanted);
	answer_ack(answer, received, wanted);
}

#define QUERY_COMMANDS 0x02
#define SPI_OPERATION  0x13

static void query_commands(struct serprog *serprog, struct rc_buffer *answer);

/*
 * The operation buffer (0B, 0E, 0F) is there for its delays only: the chip is never
 * busy, so they take no time, and flashrom need not wait where a programmer would.
 */
static const struct command commands[] = {
	{ 0x00, 0, nop },
	{ 0x01, 0, query_interface },
	{ QUERY_COMMANDS, 0, query_commands },
	{ 0x03, 0, query_name },
	{ 0x04, 0, query_buffer },
	{ 0x05, 0, query_bus },
	{ 0x07, 0, query_buffer },
	{ 0x08, 0, query_max_sent },
	{ 0x0b, 0, nop },
	{ 0x0e, 4, nop },
	{ 0x0f, 0, nop },
	{ 0x10, 0, sync_nop },
	{ 0x11, 0, query_max_received },
	{ 0x12, 1, set_bus },
	{ SPI_OPERATION, 6, spi_operation },
	{ 0x14, 4, set_frequency },
	{ 0x15, 1, nop },
};

static void query_commands(struct serprog *serprog, struct rc_buffer *answer)
{
	uint8_t map[32] = { 0 };

	for (size_t i = 0; i < RC_COUNT(commands); i++)
		map[commands[i].opcode / 8] |= (uint8_t)(1u << commands[i].opcode % 8);
	answer_ack(answer, map, sizeof(map));
}

static const struct command *find_command(uint8_t opcode)
{
	for (size_t i = 0; i < RC_COUNT(commands); i++)
		if (commands[i].opcode == opcode)
			return &commands[i];
	return NULL;
}

/* Data of an SPI operation. More than fits is counted and not kept: it is refused when
 * it has all come, so that what follows it is not taken for commands. */
static size_t take_data(struct serprog *serprog, const uint8_t *data, size_t size)
{
	uint32_t wanted = le24(serprog->head + 1);
	size_t take = wanted - serprog->sent_size;
	size_t room = 0;

	if (take > size)
		take = size;
	if (serprog->sent_size < SERPROG_MAX_SENT)
		room = SERPROG_MAX_SENT - serprog->sent_size;
	if (room > take)
		room = take;
	if (room)
		memcpy(serprog->sent + serprog->sent_size, data, room);
	serprog->sent_size += (uint32_t)take;
	return take;
}

size_t serprog_feed(struct serprog *serprog, const uint8_t *data, size_t size,
		    struct rc_buffer *answer)
{
	size_t taken = 0;

	while (taken < size && answer->size < ANSWER_ENOUGH && !answer->failed) {
		const struct command *command = find_command(serprog->head_size ? serprog->head[0]
										: data[taken]);

		if (!command) {
			answer_nak(answer);
			taken++;
			continue;
		}
		while (taken < size && serprog->head_size < 1u + command->parameters)
			serprog->head[serprog->head_size++] = data[taken++];
		if (serprog->head_size < 1u + command->parameters)
			break;
		if (command->opcode == SPI_OPERATION) {
			taken += take_data(serprog, data + taken, size - taken);
			if (serprog->sent_size < le24(serprog->head + 1))
				break;
		}
		command->obey(serprog, answer);
		serprog->head_size = 0;
		serprog->sent_size = 0;
	}
	return taken;
}

static bool stopped(const struct serprog_serve *serve)
{
	return serve->stop && *serve->stop;
}

/* Waits for events; false where it is time to stop. */
static bool wait_for(int fd, short events, const struct serprog_serve *serve)
{
	struct pollfd poller = { .fd = fd, .events = events };

	while (!stopped(serve))
		if (poll(&poller, 1, IDLE_MS) > 0)
			return true;
	return false;
}

static bool send_answer(int client, const struct rc_buffer *answer,
			const struct serprog_serve *serve)
{
	size_t done = 0;

	while (done < answer->size) {
		ssize_t sent;

		if (!wait_for(client, POLLOUT, serve))
			return false;
		sent = send(client, answer->data + done, answer->size - done,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		done += sent > 0 ? (size_t)sent : 0;
	}
	return true;
}

/* All that came at once. False: the client is gone, or there is no memory. */
static bool handle(struct serprog *serprog, int client, const uint8_t *data, size_t size,
		   const struct serprog_serve *serve)
{
	bool well = true;

	while (size > 0 && well) {
		struct rc_buffer answer = { 0 };
		size_t taken = serprog_feed(serprog, data, size, &answer);

		well = !answer.failed && send_answer(client, &answer, serve);
		rc_buffer_free(&answer);
		data += taken;
		size -= taken;
	}
	return well;
}

static void serve_client(struct nor *nor, int client, const struct serprog_serve *serve)
{
	struct serprog serprog = { .nor = nor };
	uint8_t bytes[8192];
	int one = 1;

	/* The end of a long answer is not to wait until its beginning is acknowledged. */
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	nor_power_on(nor);
	while (wait_for(client, POLLIN, serve)) {
		ssize_t count = recv(client, bytes, sizeof(bytes), 0);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0 || !handle(&serprog, client, bytes, (size_t)count, serve))
			return;
	}
}

int serprog_serve(struct nor *nor, const struct serprog_serve *serve, struct rc_error *err)
{
	char where[192];
	int listener;
	int result = listen_tcp(serve->listen, &listener, where, sizeof(where), err);

	if (result)
		return result;
	if (serve->ready)
		serve->ready(serve->context, where + strlen("tcp:"));
	while (wait_for(listener, POLLIN, serve)) {
		int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (client < 0)
			continue;
		rc_log_detail("a programmer has connected");
		serve_client(nor, client, serve);
		close(client);
		rc_log_detail("the programmer has gone");
	}
	close(listener);
	return 0;
}
