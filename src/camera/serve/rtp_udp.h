/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two UDP sockets (RTP and RTCP) of the server; all clients are served from them.
 *
 * Where the kernel cuts one large datagram into many itself (UDP_SEGMENT, Linux 4.18), packets
 * of a picture go to it in one piece: a fifth of the work (facts on limits, G.2).
 */
#ifndef RECAM_CAMERA_RTP_UDP_H
#define RECAM_CAMERA_RTP_UDP_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.h"
#include "camera/serve/rtp_stream.h"

union rtp_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

socklen_t rtp_address_size(const union rtp_address *address);
bool rtp_address_equal(const union rtp_address *a, const union rtp_address *b);
void rtp_address_set_port(union rtp_address *address, uint16_t port);

struct rtp_udp {
	int rtp_fd, rtcp_fd;
	uint16_t ports[2];
	bool segments; /* the kernel takes UDP_SEGMENT */
};

/* port: of RTP, even; 0: any free pair. */
int rtp_udp_open(struct rtp_udp *udp, uint16_t port, bool loopback_only, struct rc_error *err);
void rtp_udp_close(struct rtp_udp *udp);

enum rtp_sent rtp_udp_send(struct rtp_udp *udp, const union rtp_address *to,
			   const struct rtp_frame *frame, struct rtp_position *position);

#endif
