/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "talk.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "fixture.h"
#include "support.h"

void talk_hang_up(struct talk *talk)
{
	SSL_free(talk->ssl);
	talk->ssl = NULL;
	close(talk->fd);
}

static void call(struct talk *talk, uint16_t to, int room)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(to) };
	struct timeval limit = { .tv_sec = 20 };

	memset(talk, 0, sizeof(*talk));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	talk->fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(talk->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (room)
		setsockopt(talk->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	assert_int_equal(connect(talk->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

void talk_call(struct talk *talk, uint16_t to)
{
	call(talk, to, 0);
}

void talk_call_tls(struct talk *talk, uint16_t to, bool little)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

	call(talk, to, little ? 4096 : 0);
	talk->ssl = SSL_new(tls);
	SSL_CTX_free(tls);
	SSL_set_fd(talk->ssl, talk->fd);
	assert_int_equal(SSL_connect(talk->ssl), 1);
}

void talk_say(const struct talk *talk, const char *text)
{
	int size = (int)strlen(text);

	if (talk->ssl)
		assert_int_equal(SSL_write(talk->ssl, text, size), size);
	else
		assert_int_equal(send(talk->fd, text, (size_t)size, MSG_NOSIGNAL), size);
}

bool talk_listen(struct talk *talk)
{
	char *to = talk->input + talk->size;
	size_t room = sizeof(talk->input) - 1 - talk->size;
	ssize_t got = talk->ssl ? SSL_read(talk->ssl, to, (int)room) : recv(talk->fd, to, room, 0);

	if (got <= 0)
		return false;
	talk->size += (size_t)got;
	talk->input[talk->size] = '\0';
	return true;
}

static void forget(struct talk *talk, size_t size)
{
	talk->size -= size;
	memmove(talk->input, talk->input + size, talk->size + 1);
}

size_t talk_whole(const struct talk *talk)
{
	const char *end;
	const char *length;
	size_t size;

	if (talk->size >= 4 && talk->input[0] == '$')
		size = 4u + rc_be16((const uint8_t *)talk->input + 2);
	else if (talk->size && talk->input[0] != '$' && (end = strstr(talk->input, "\r\n\r\n"))) {
		length = strstr(talk->input, "Content-Length: ");
		size = (size_t)(end - talk->input) + 4;
		if (length && length < end)
			size += strtoul(length + 16, NULL, 10);
	} else {
		return 0;
	}
	return size <= talk->size ? size : 0;
}

unsigned talk_hear(struct talk *talk, char answer[TALK_ANSWER])
{
	unsigned frames = 0;
	size_t size;

	for (;;) {
		while ((size = talk_whole(talk)) == 0)
			assert_true(talk_listen(talk));
		if (talk->input[0] != '$')
			break;
		frames++;
		forget(talk, size);
	}
	assert_memory_equal(talk->input, "RTSP/1.0 ", 9);
	assert_true(size < TALK_ANSWER);
	memcpy(answer, talk->input, size);
	answer[size] = '\0';
	forget(talk, size);
	return frames;
}

void talk_expect(struct talk *talk, const char *status)
{
	char answer[TALK_ANSWER];

	talk_hear(talk, answer);
	if (strncmp(answer + 9, status, strlen(status)) != 0)
		fail_msg("wanted %s, got %s", status, answer);
}

void talk_expect_end(struct talk *talk)
{
	while (talk_listen(talk))
		talk->size = 0;
}

static void md5_hex(const char *text, char hex[33])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size;

	EVP_Digest(text, strlen(text), digest, &size, EVP_md5(), NULL);
	for (unsigned i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void talk_write(struct talk *talk, const char *method, const char *path, const char *headers,
		const char *password, char out[TALK_REQUEST])
{
	char text[512];
	char ha1[33];
	char ha2[33];
	char response[33];
	int size = snprintf(out, 2048, "%s rtsp://127.0.0.1/%s RTSP/1.0\r\nCSeq: %u\r\n%s", method,
			    path, ++talk->cseq, headers);

	if (talk->nonce[0]) {
		snprintf(text, sizeof(text), FIXTURE_USER ":recamd:%s", password);
		md5_hex(text, ha1);
		snprintf(text, sizeof(text), "%s:/x", method);
		md5_hex(text, ha2);
		snprintf(text, sizeof(text), "%s:%s:%s", ha1, talk->nonce, ha2);
		md5_hex(text, response);
		size += snprintf(
			out + size, 2048 - (size_t)size,
			"Authorization: Digest username=\"" FIXTURE_USER
			"\", realm=\"recamd\", nonce=\"%s\", uri=\"/x\", response=\"%s\"\r\n",
			talk->nonce, response);
	}
	if (talk->session[0])
		size += snprintf(out + size, 2048 - (size_t)size, "Session: %s\r\n", talk->session);
	snprintf(out + size, 2048 - (size_t)size, "\r\n");
}

void talk_ask(struct talk *talk, const char *method, const char *path, const char *headers)
{
	char request[2048];

	talk_write(talk, method, path, headers, FIXTURE_PASSWORD, request);
	talk_say(talk, request);
}

void talk_keep(const char *answer, const char *before, char kept[64])
{
	const char *at = strstr(answer, before);

	assert_non_null(at);
	at += strlen(before);
	snprintf(kept, 64, "%.*s", (int)strcspn(at, "\";\r"), at);
}

void talk_introduce(struct talk *talk)
{
	char answer[TALK_ANSWER];

	talk_ask(talk, "DESCRIBE", "main", "");
	talk_hear(talk, answer);
	assert_memory_equal(answer + 9, "401", 3);
	assert_non_null(strstr(answer, "algorithm=SHA-256"));
	talk_keep(answer, "nonce=\"", talk->nonce);
}

void talk_log_in(struct talk *talk, uint16_t port)
{
	talk_call(talk, port);
	talk_introduce(talk);
}

void talk_set_up(struct talk *talk, uint16_t port, const char *path, const char *transport)
{
	char answer[TALK_ANSWER];

	talk_log_in(talk, port);
	talk_ask(talk, "SETUP", path, transport);
	talk_hear(talk, answer);
	assert_memory_equal(answer + 9, "200", 3);
	talk_keep(answer, "Session: ", talk->session);
}
