/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "twin/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)address;

		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	return address->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(
		       &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

int listen_at(const struct addrinfo *address)
{
	int one = 1;
	int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, 1) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* The port may have been 0: the system's choice is told. */
static void tell_tcp(int listener, const char *host, char *where, size_t size)
{
	struct sockaddr_storage bound;
	socklen_t bound_size = sizeof(bound);
	char port[16] = "?";

	if (getsockname(listener, (struct sockaddr *)&bound, &bound_size) == 0)
		getnameinfo((struct sockaddr *)&bound, bound_size, NULL, 0, port, sizeof(port),
			    NI_NUMERICSERV);
	snprintf(where, size, "tcp:%s:%s", host, port);
}

int listen_tcp(const char *spec, int *listener, char *where, size_t size, struct rc_error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	const char *colon = strrchr(spec, ':');
	struct addrinfo *found = NULL;
	char host[128] = "127.0.0.1";
	uint64_t port;
	bool literal;
	int status, result = 0;

	if (!colon || (size_t)(colon - spec) >= sizeof(host) ||
	    !rc_parse_number(colon + 1, UINT16_MAX, &port))
		return rc_fail(err, RC_EUSAGE,
			       "cannot listen on tcp:%s: it is tcp:HOST:PORT, as "
			       "tcp:127.0.0.1:4001, with a port up to 65535",
			       spec);
	if (colon != spec)
		snprintf(host, sizeof(host), "%.*s", (int)(colon - spec), spec);
	hints.ai_flags |= AI_NUMERICHOST;
	status = getaddrinfo(host, colon + 1, &hints, &found);
	literal = status == 0;
	if (!literal) {
		hints.ai_flags &= ~AI_NUMERICHOST;
		status = getaddrinfo(host, colon + 1, &hints, &found);
	}
	if (status != 0)
		return rc_fail(err, RC_EUSAGE, "cannot listen on tcp:%s: %s", spec,
			       gai_strerror(status));
	if (!literal && !is_loopback(found->ai_addr))
		result = rc_fail(err, RC_EREFUSED,
				 "%s is not this machine alone, and the twin asks for no "
				 "password: listen on tcp:127.0.0.1:%s, or write the address in "
				 "digits if others are to reach it",
				 host, colon + 1);
	else if ((*listener = listen_at(found)) < 0)
		result = rc_fail_errno(err, RC_EIO, errno, "cannot listen on tcp:%s", spec);
	else
		tell_tcp(*listener, host, where, size);
	freeaddrinfo(found);
	return result;
}
