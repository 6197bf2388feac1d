/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One stream as RTP, for all its clients: the same SSRC, sequence numbers and times for each, so
 * that a picture is cut into packets once.
 *
 * The last frames lie in a window; a client is a place in it. A client that is slow takes no
 * memory of its own but the frame that it is in the middle of: where it falls out of the window,
 * or hangs back by RTP_LAG_US with a newer key frame at hand, it goes on with a key frame.
 */
#ifndef RECAM_CAMERA_RTP_STREAM_H
#define RECAM_CAMERA_RTP_STREAM_H

#include "camera/media/stream.h"
#include "camera/serve/rtp_frame.h"

#define RTP_WINDOW_FRAMES 128u
/* The newest frame is in the window however large it is. */
#define RTP_WINDOW_BYTES RC_MIB(1)
#define RTP_LAG_US       1000000u
/* Key frames are asked for no more often than this, however many clients come. */
#define RTP_KEY_PAUSE_US 500000u

struct rtp_sender;

struct rtp_stream {
	struct stream *stream;
	struct stream_subscriber subscriber; /* while there are senders */
	uint32_t ssrc;
	uint32_t timestamp_offset;
	uint16_t next_sequence;
	/* Frames with the numbers first to before next, each at number % RTP_WINDOW_FRAMES. */
	struct rtp_frame *window[RTP_WINDOW_FRAMES];
	uint64_t first, next;
	size_t window_bytes;
	struct rtp_sender *senders, *next_sender;
	bool wants_key;
	uint64_t key_asked_us;
};

void rtp_stream_init(struct rtp_stream *rtp, struct stream *stream, uint32_t ssrc,
		     uint32_t timestamp_offset);
/* After all senders have left. */
void rtp_stream_end(struct rtp_stream *rtp);
void rtp_stream_ask_key(struct rtp_stream *rtp);
/* RTP time of a moment of CLOCK_MONOTONIC. */
uint32_t rtp_stream_timestamp(const struct rtp_stream *rtp, uint64_t monotonic_us);

enum rtp_sent {
	RTP_SENT,    /* the whole frame */
	RTP_BLOCKED, /* a part or nothing: the kernel takes no more now */
	RTP_BROKEN,  /* the client is gone */
};

/* How much of a frame is given away. */
struct rtp_position {
	unsigned packet;
	size_t offset; /* TCP: bytes of the packet, its prefix among them */
};

/* A client, as the stream sees it; embedded in its connection. */
struct rtp_sender {
	/* Gives as much of the frame as goes; moves position. */
	enum rtp_sent (*send)(struct rtp_sender *sender, const struct rtp_frame *frame,
			      struct rtp_position *position);
	/* The first frame after rtp_sender_play is about to be sent. */
	void (*starts)(struct rtp_sender *sender, const struct rtp_frame *frame);
	/* It broke while the stream was serving it; may free the sender. */
	void (*broke)(struct rtp_sender *sender);

	struct rtp_stream *stream; /* while playing */
	struct rtp_sender *next;
	uint64_t cursor; /* number of the next frame */
	bool waits_for_key, started;
	struct rtp_frame *current; /* in the middle of it */
	struct rtp_position position;
	uint64_t blocked_us; /* CLOCK_MONOTONIC of the last byte that went, while blocked; else 0 */
	uint32_t packets, octets; /* sent, for the sender reports; they wrap (RFC 3550 6.4.1) */
	uint64_t bytes, skips;
};

void rtp_sender_play(struct rtp_sender *sender, struct rtp_stream *stream);
/* No further frame; what is begun is to be finished (rtp_sender_push goes on with it). */
void rtp_sender_pause(struct rtp_sender *sender);
/* pause, and forget what was begun. */
void rtp_sender_end(struct rtp_sender *sender);

/* Sends all that goes. False: broken, end it (broke is not called). */
bool rtp_sender_push(struct rtp_sender *sender);

#endif
