/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Consoles behind sockets: ser2net and its like, and the twin of another process. */
#include "console/port.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECT_TIMEOUT_MS 10000

/* Connects a non-blocking socket; 0 or an errno value. */
static int connect_in_time(int fd, const struct sockaddr *address, socklen_t size)
{
	struct pollfd item = { .fd = fd, .events = POLLOUT };
	int problem = 0;
	socklen_t problem_size = sizeof(problem);
	int ready;

	if (connect(fd, address, size) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	do {
		ready = poll(&item, 1, CONNECT_TIMEOUT_MS);
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return errno;
	if (ready == 0)
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &problem_size))
		return errno;
	return problem;
}

/* A connected socket, or -1 with *problem set to the last address's errno value. */
static int connect_any(const struct addrinfo *addresses, int *problem)
{
	*problem = EADDRNOTAVAIL;
	for (const struct addrinfo *one = addresses; one; one = one->ai_next) {
		int fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
				one->ai_protocol);

		if (fd < 0) {
			*problem = errno;
			continue;
		}
		*problem = connect_in_time(fd, one->ai_addr, one->ai_addrlen);
		if (*problem == 0)
			return fd;
		close(fd);
	}
	return -1;
}

/* Splits "HOST:PORT" or "[HOST]:PORT" in place. */
static bool split_address(char *address, char **host, char **port)
{
	char *colon = strrchr(address, ':');
	size_t length;

	if (!colon || colon == address || !colon[1])
		return false;
	*colon = '\0';
	*port = colon + 1;
	*host = address;
	length = strlen(address);
	if (address[0] == '[' && address[length - 1] == ']') {
		address[length - 1] = '\0';
		*host = address + 1;
	}
	return true;
}

static int tcp_connect(const char *name, char *address, int *fd, struct rc_error *err)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	char *host, *port;
	int problem;
	int on = 1;

	if (!split_address(address, &host, &port))
		return rc_fail(err, RC_EUSAGE, "%s names no port: write tcp:HOST:PORT", name);
	problem = getaddrinfo(host, port, &hints, &found);
	if (problem)
		return rc_fail(err, RC_ENOTFOUND, "cannot find \"%s\" port \"%s\" of %s: %s", host,
			       port, name, gai_strerror(problem));
	*fd = connect_any(found, &problem);
	freeaddrinfo(found);
	if (*fd < 0)
		return rc_fail_errno(err, RC_EIO, problem,
				     "cannot connect to %s (is the console server, or recam twin, "
				     "running there?)",
				     name);
	/* Commands are a few bytes each, and each waits for its echo. */
	setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return 0;
}

int tcp_open(const char *name, const char *address, struct stream **stream, struct rc_error *err)
{
	char *copy = strdup(address);
	int fd = -1;
	int result;

	if (!copy)
		return rc_fail_memory(err, strlen(address) + 1);
	result = tcp_connect(name, copy, &fd, err);
	free(copy);
	return result ? result : fd_stream_new(fd, name, sizeof(struct fd_stream), stream, err);
}

int unix_open(const char *name, const char *path, struct stream **stream, struct rc_error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int problem;
	int fd;

	if (!*path || strlen(path) >= sizeof(address.sun_path))
		return rc_fail(err, RC_EUSAGE,
			       "%s: a socket's path has 1 to %zu bytes, this one has %zu", name,
			       sizeof(address.sun_path) - 1, strlen(path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot make a socket for %s", name);
	problem = connect_in_time(fd, (const struct sockaddr *)&address, sizeof(address));
	if (problem) {
		close(fd);
		return rc_fail_errno(err, problem == ENOENT ? RC_ENOTFOUND : RC_EIO, problem,
				     "cannot connect to %s (is recam twin running there?)", name);
	}
	return fd_stream_new(fd, name, sizeof(struct fd_stream), stream, err);
}
