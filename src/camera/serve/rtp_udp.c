/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/serve/rtp_udp.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum {
	MAX_MESSAGES = 32,    /* in one call */
	MAX_SEGMENTS = 44,    /* of RTP_MAX_PACKET: below the 65507 bytes of a datagram */
	SEND_BUFFER = 1 << 20 /* a burst of key frames to many clients */
};

socklen_t rtp_address_size(const union rtp_address *address)
{
	return address->any.sa_family == AF_INET6 ? sizeof(address->v6) : sizeof(address->v4);
}

bool rtp_address_equal(const union rtp_address *a, const union rtp_address *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET6)
		return a->v6.sin6_port == b->v6.sin6_port &&
		       memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr)) == 0;
	return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

void rtp_address_set_port(union rtp_address *address, uint16_t port)
{
	if (address->any.sa_family == AF_INET6)
		address->v6.sin6_port = htons(port);
	else
		address->v4.sin_port = htons(port);
}

/* IPv6 that takes IPv4 too; IPv4 alone where the system has no IPv6. */
static int open_socket(uint16_t port, bool loopback_only, uint16_t *bound)
{
	union rtp_address address = { 0 };
	socklen_t size = sizeof(address.v6);
	int fd = loopback_only ? -1
			       : socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int value = 0;

	if (fd >= 0) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &value, sizeof(value));
		address.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
						    .sin6_port = htons(port) };
	} else {
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		address.v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
		address.v4.sin_addr.s_addr = htonl(loopback_only ? INADDR_LOOPBACK : INADDR_ANY);
		size = sizeof(address.v4);
	}
	if (fd < 0)
		return -1;
	if (bind(fd, &address.any, size) < 0 || getsockname(fd, &address.any, &size) < 0) {
		int failed = errno;

		close(fd);
		errno = failed;
		return -1;
	}
	value = SEND_BUFFER;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value, sizeof(value));
	*bound = ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port
							 : address.v4.sin_port);
	return fd;
}

int rtp_udp_open(struct rtp_udp *udp, uint16_t port, bool loopback_only, struct rc_error *err)
{
	/* A free pair is found by trying: the system gives any port, its neighbour may be taken. */
	for (unsigned try = 0; try < 64; try++) {
		uint16_t bound = 0;

		*udp = (struct rtp_udp){ .rtp_fd = -1, .rtcp_fd = -1, .segments = true };
		udp->rtp_fd = open_socket(port, loopback_only, &udp->ports[0]);
		if (udp->rtp_fd >= 0 && udp->ports[0] % 2 == 0) {
			udp->ports[1] = (uint16_t)(udp->ports[0] + 1);
			udp->rtcp_fd = open_socket(udp->ports[1], loopback_only, &bound);
		}
		if (udp->rtcp_fd >= 0)
			return RC_OK;
		rtp_udp_close(udp);
		if (port)
			break;
	}
	return rc_fail_errno(err, RC_EIO, errno, "no UDP ports for RTP and RTCP (%u and %u)", port,
			     port + 1u);
}

void rtp_udp_close(struct rtp_udp *udp)
{
	if (udp->rtp_fd >= 0)
		close(udp->rtp_fd);
	if (udp->rtcp_fd >= 0)
		close(udp->rtcp_fd);
	udp->rtp_fd = udp->rtcp_fd = -1;
}

/* --- sending ---------------------------------------------------------------------------- */

/* Packets that go in one datagram: equally long, but for the last, which may be shorter. */
static unsigned run_length(const struct rtp_frame *frame, unsigned first, bool segments)
{
	size_t size = rtp_packet_size(&frame->packets[first]);
	unsigned count = 1;

	while (segments && count < MAX_SEGMENTS && first + count < frame->packet_count) {
		size_t next = rtp_packet_size(&frame->packets[first + count]);

		if (next > size)
			break;
		count++;
		if (next < size)
			break;
	}
	return count;
}

struct batch {
	struct mmsghdr messages[MAX_MESSAGES];
	struct iovec parts[MAX_MESSAGES * 8 + 2 * MAX_SEGMENTS];
	unsigned lengths[MAX_MESSAGES]; /* packets of each message */
	union {
		char bytes[CMSG_SPACE(sizeof(uint16_t))];
		struct cmsghdr align;
	} controls[MAX_MESSAGES];
	unsigned message_count, part_count;
};

static void add_message(struct batch *batch, const union rtp_address *to,
			const struct rtp_frame *frame, unsigned first, unsigned count)
{
	unsigned index = batch->message_count++;
	struct msghdr *message = &batch->messages[index].msg_hdr;

	*message = (struct msghdr){ .msg_name = (void *)&to->any,
				    .msg_namelen = rtp_address_size(to),
				    .msg_iov = &batch->parts[batch->part_count],
				    .msg_iovlen = 2 * (size_t)count };
	for (unsigned i = first; i < first + count; i++) {
		const struct rtp_packet *packet = &frame->packets[i];

		batch->parts[batch->part_count++] =
			(struct iovec){ (void *)(packet->head + RTP_PREFIX), packet->head_size };
		batch->parts[batch->part_count++] = (struct iovec){ (void *)packet->payload,
								    packet->payload_size };
	}
	batch->lengths[index] = count;
	if (count > 1) {
		uint16_t size = (uint16_t)rtp_packet_size(&frame->packets[first]);
		struct cmsghdr *control;

		message->msg_control = batch->controls[index].bytes;
		message->msg_controllen = sizeof(batch->controls[index].bytes);
		control = CMSG_FIRSTHDR(message);
		control->cmsg_level = IPPROTO_UDP;
		control->cmsg_type = UDP_SEGMENT;
		control->cmsg_len = CMSG_LEN(sizeof(size));
		memcpy(CMSG_DATA(control), &size, sizeof(size));
	}
}

static void fill_batch(struct batch *batch, const struct rtp_udp *udp, const union rtp_address *to,
		       const struct rtp_frame *frame, unsigned first)
{
	batch->message_count = batch->part_count = 0;
	while (first < frame->packet_count && batch->message_count < MAX_MESSAGES &&
	       batch->part_count + 2 * MAX_SEGMENTS <= RC_COUNT(batch->parts)) {
		unsigned count = run_length(frame, first, udp->segments);

		add_message(batch, to, frame, first, count);
		first += count;
	}
}

/* The kernel or the network card's driver knows no UDP_SEGMENT. */
static bool refuses_segments(const struct rtp_udp *udp, const struct batch *batch, int error)
{
	return udp->segments && batch->lengths[0] > 1 &&
	       (error == EINVAL || error == EIO || error == EOPNOTSUPP || error == ENOPROTOOPT ||
		error == EMSGSIZE);
}

enum rtp_sent rtp_udp_send(struct rtp_udp *udp, const union rtp_address *to,
			   const struct rtp_frame *frame, struct rtp_position *position)
{
	struct batch batch;

	while (position->packet < frame->packet_count) {
		int sent;

		fill_batch(&batch, udp, to, frame, position->packet);
		sent = sendmmsg(udp->rtp_fd, batch.messages, batch.message_count, 0);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
			return RTP_BLOCKED;
		if (sent < 0 && refuses_segments(udp, &batch, errno)) {
			udp->segments = false;
			continue;
		}
		/* What cannot be sent now (no route, a firewall) is lost, as UDP may lose it.
		 * Whether the client is still there, its reports tell. */
		if (sent < 0)
			sent = 1;
		for (int i = 0; i < sent; i++)
			position->packet += batch.lengths[i];
	}
	return RTP_SENT;
}
