/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The RTSP server (RFC 2326): rtsp://HOST:8554/unicast, /main, /sub; H.264 over RTP (RFC 6184)
 * by UDP or interleaved with TCP, and by RTSPS on a port of its own.
 *
 * Everything here runs on the loop's thread. Bounds: see docs/recamd.md.
 */
#ifndef RECAM_CAMERA_RTSP_SERVER_H
#define RECAM_CAMERA_RTSP_SERVER_H

#include <ev.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "base/error.h"
#include "camera/media/media.h"
#include "camera/serve/digest.h"

/* Who may see the streams. The owner of the passwords fills this in; called on the loop's
 * thread, must not block. */
struct rtsp_access {
	void *context;
	const char *realm; /* what the stored digests were made with */
	/* False while no password is set: then nothing is served (403). */
	bool (*ready)(void *context);
	/* H(user:realm:password) in lower-case hex of a user who may see the streams. false: there
	 * is none of that name, or he may not. */
	bool (*digest)(void *context, const char *user, enum digest_algorithm algorithm,
		       char hex[DIGEST_HEX]);
	/* After each attempt with credentials, so that failures can be counted; may be NULL. */
	void (*attempted)(void *context, const struct sockaddr *peer, const char *user, bool right);
	/* True while this peer must wait (growing pauses after failures): it is refused without
	 * looking at its credentials. May be NULL. */
	bool (*locked_out)(void *context, const struct sockaddr *peer);
};

struct rtsp_settings {
	uint16_t port; /* 8554; 0: one that the system chooses (tests) */
	bool with_tls;
	uint16_t tls_port;     /* of RTSPS, where with_tls; 0: as above */
	uint16_t rtp_port;     /* even; RTCP is one above. 0: a free pair */
	bool loopback_only;    /* tests */
	unsigned max_clients;  /* 0: RTSP_MAX_CLIENTS */
	unsigned idle_seconds; /* session time-out told to clients; 0: 60 */
	/* A client that takes no byte of its picture for so long is ended; 0: 10. */
	unsigned stalled_seconds;
	/* Bytes that the kernel keeps for each TCP client; 0: 256 KiB, as the kernel counts. */
	unsigned send_buffer;
	SSL_CTX *tls; /* where with_tls; may be exchanged with rtsp_server_set_tls */
};

#define RTSP_MAX_CLIENTS 1024u

struct rtsp_server;

int rtsp_server_open(struct ev_loop *loop, const struct rtsp_settings *settings,
		     const struct rtsp_access *access, struct media *media,
		     struct rtsp_server **server, struct rc_error *err);
/* Ends all sessions. NULL: nothing. */
void rtsp_server_close(struct rtsp_server *server);

/* For connections from now on; takes a reference of its own (SSL_CTX_up_ref). */
void rtsp_server_set_tls(struct rtsp_server *server, SSL_CTX *tls);
/* The port that is listened on (tls: of RTSPS, 0 where there is none). */
uint16_t rtsp_server_port(const struct rtsp_server *server, bool tls);
/* Ends the sessions of a user whose right to see was taken away. */
void rtsp_server_drop_user(struct rtsp_server *server, const char *user);

struct rtsp_status {
	unsigned connections, playing_udp, playing_tcp; /* now */
	uint64_t bytes;                                 /* RTP sent since the start */
	uint64_t skips;   /* times that a slow client was sent on to the next key frame */
	uint64_t dropped; /* clients that were ended because they stayed away */
	uint64_t refused; /* wrong credentials, too many clients */
};

void rtsp_server_get_status(const struct rtsp_server *server, struct rtsp_status *status);

#endif
