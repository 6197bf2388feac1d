/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of the RTSP server that says and hears single words; fails the test where the server
 * does not answer within 20 s. */
#ifndef RECAM_TESTS_SERVE_TALK_H
#define RECAM_TESTS_SERVE_TALK_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TALK_ANSWER   8192
#define TALK_REQUEST  2048
#define TCP_TRANSPORT "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"

struct talk {
	int fd;
	SSL *ssl; /* NULL: in the clear */
	unsigned cseq;
	char nonce[64], session[64]; /* "" while there is none; used in each request else */
	char input[1 << 18];         /* what came and was not looked at */
	size_t size;
};

void talk_call(struct talk *talk, uint16_t to);
/* The same inside TLS; little: with a small buffer, so that the server soon must wait. */
void talk_call_tls(struct talk *talk, uint16_t to, bool little);
void talk_hang_up(struct talk *talk);
void talk_say(const struct talk *talk, const char *text);

/* A request with credentials and session as far as there are any. */
void talk_write(struct talk *talk, const char *method, const char *path, const char *headers,
		const char *password, char out[TALK_REQUEST]);
void talk_ask(struct talk *talk, const char *method, const char *path, const char *headers);

/* More input; false at the end of the connection. */
bool talk_listen(struct talk *talk);
/* The size of the '$' frame or answer that the input begins with; 0: not whole. */
size_t talk_whole(const struct talk *talk);
/* The next answer; returns how many '$' frames came before it. Anything else between them
 * fails the test: an answer in the middle of a packet. */
unsigned talk_hear(struct talk *talk, char answer[TALK_ANSWER]);
void talk_expect(struct talk *talk, const char *status);
void talk_expect_end(struct talk *talk);
/* Keeps what stands behind "before" in the answer. */
void talk_keep(const char *answer, const char *before, char kept[64]);

/* Takes the nonce. */
void talk_introduce(struct talk *talk);
/* Calls and takes the nonce; the same and SETUP. */
void talk_log_in(struct talk *talk, uint16_t port);
void talk_set_up(struct talk *talk, uint16_t port, const char *path, const char *transport);

#endif
