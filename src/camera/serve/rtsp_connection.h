/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the RTSP server. A connection holds at most one session of one stream: it begins
 * with SETUP and ends with TEARDOWN, the connection, or silence. (RFC 2326 lets sessions outlive
 * connections; no player asks for that, and a session without one could only time out.)
 */
#ifndef RECAM_CAMERA_RTSP_CONNECTION_H
#define RECAM_CAMERA_RTSP_CONNECTION_H

#include "base/text.h"
#include "camera/serve/rtp_stream.h"
#include "camera/serve/rtp_udp.h"
#include "camera/serve/rtsp_message.h"
#include "camera/serve/rtsp_server.h"
#include "camera/serve/rtsp_transport.h"

enum {
	RTSP_MAX_OUTPUT = 65536,  /* answers that a client does not read */
	RTSP_MAX_FAILURES = 8,    /* wrong passwords on one connection */
	RTSP_SILENT_SECONDS = 30, /* a connection without session, or in its TLS handshake */
	RTSP_REPORT_SECONDS = 5,
	RTSP_START_US = 1500000, /* PLAY is answered without numbers after so long */
};

enum rtsp_state {
	RTSP_NO_SESSION,
	RTSP_READY,    /* SETUP was answered */
	RTSP_STARTING, /* PLAY waits for the first key frame; its answer names that */
	RTSP_PLAYING,
};

struct rtsp_connection {
	struct rtp_sender sender;
	struct rtsp_server *server;
	struct rtsp_connection *next, *previous;
	int fd;
	SSL *ssl; /* NULL: plain TCP */
	bool handshaken;
	bool retries_media; /* TLS holds the beginning of a media write that must be repeated */
	bool closing;       /* as soon as the answers are out */
	bool broken;
	struct ev_io in, out;
	union rtp_address peer, local;

	uint8_t input[RTSP_MAX_REQUEST];
	size_t input_size;
	size_t skip; /* of an interleaved frame that is longer than input */
	struct rc_text output;
	size_t output_sent;

	char nonce[DIGEST_NONCE];
	char user[USER_NAME]; /* "" before the password was right */
	unsigned failures;

	enum rtsp_state state;
	char session[17];
	struct rtp_stream *stream; /* of the session */
	struct rtsp_transport transport;
	union rtp_address rtp_to, rtcp_to; /* UDP */
	struct {
		unsigned cseq;
		char uri[512];
		uint64_t asked_us;
	} play; /* RTSP_STARTING */
	uint64_t opened_us;
	uint64_t seen_us;                /* last sign of life */
	uint64_t bytes_seen, skips_seen; /* of the sender, at the last tick */
	uint64_t next_report_us;
};

struct rtsp_listener {
	struct ev_io watcher;
	struct rtsp_server *server;
	int fd; /* -1: none */
	uint16_t port;
	bool tls;
};

struct rtsp_server {
	struct ev_loop *loop;
	struct rtsp_settings settings;
	struct rtsp_access access;
	struct media *media;
	struct rtsp_listener plain, secure;
	struct rtp_udp udp;
	struct ev_io rtp_in, rtcp_in, udp_out;
	struct ev_timer tick;
	struct rtp_stream streams[2]; /* by enum media_which */
	struct rtsp_connection *connections;
	SSL_CTX *tls;
	struct rtsp_status status; /* the counts; those of now are counted when asked for */
};

/* rtsp_connection.c */
int rtsp_connection_open(struct rtsp_listener *listener, int fd, const union rtp_address *peer,
			 struct rc_error *err);
void rtsp_connection_close(struct rtsp_connection *connection);
/* Sends what waits, as far as it goes, and goes on with requests that were held back. Never
 * closes: marks the connection broken where it is. */
void rtsp_connection_flush(struct rtsp_connection *connection);
/* A second has passed. May close it. */
void rtsp_connection_tick(struct rtsp_connection *connection, uint64_t now);
void rtsp_connection_rtcp(struct rtsp_connection *connection, struct rc_span bytes);

/* rtsp_io.c */
enum { RTSP_WOULD_BLOCK = -1, RTSP_IO_BROKEN = -2 };
/* Bytes that were taken, RTSP_WOULD_BLOCK (then "out" waits), or RTSP_IO_BROKEN. */
ssize_t rtsp_put(struct rtsp_connection *connection, struct iovec *parts, unsigned count);
/* Bytes that were read; 0 at the end; RTSP_WOULD_BLOCK, RTSP_IO_BROKEN. */
ssize_t rtsp_get(struct rtsp_connection *connection, void *to, size_t room);
/* Goes on with TLS's handshake where there is one to be made; false: the connection ended. */
bool rtsp_handshake(struct rtsp_connection *connection);

/* rtsp_methods.c: puts the answer into connection->output. */
void rtsp_handle(struct rtsp_connection *connection, const struct rtsp_request *request);
/* Answers the PLAY that waits; frame NULL: without the numbers of the first packet. */
void rtsp_answer_play(struct rtsp_connection *connection, const struct rtp_frame *frame);
/* Ends the session; the connection stays. */
void rtsp_end_session(struct rtsp_connection *connection);

#endif
