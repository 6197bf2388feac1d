/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The twin's console for other programs: a pseudo-terminal, a TCP port, a Unix
 * socket. The camera is switched on when the first client is there. One client at a
 * time; when it goes, the next may come, and the camera has gone on meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "twin/listen.h"
#include "twin/twin.h"

/* The camera runs this much of its own time between two looks at the client. */
#define SLICE_US 5000u

/* Not more than this is taken from the client before the camera has read it. */
#define INPUT_AHEAD 512u

/* How often a closed pseudo-terminal and a camera that only waits are looked at. */
#define IDLE_MS 50

struct server {
	struct twin *twin;
	const struct twin_serve *serve;
	int listener; /* -1 on a pseudo-terminal */
	int client;   /* -1: none; a pseudo-terminal's master stays open all the time */
	bool present; /* somebody is at the other end */
	bool switched_on;
	char unix_path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	uint8_t held[4096]; /* of the twin's output, for a client that is slow */
	size_t held_size;
	uint64_t wall_start, twin_start; /* microseconds; for pacing */
};

static uint64_t wall_micros(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* A pseudo-terminal forgets its settings when its last user closes it, and then echoes
 * what it is sent. So they are made anew each time that somebody opens it, through the
 * master and before a byte is sent. */
static void make_raw(int master)
{
	struct termios raw;

	if (tcgetattr(master, &raw) != 0)
		return;
	cfmakeraw(&raw);
	cfsetspeed(&raw, B115200);
	tcsetattr(master, TCSANOW, &raw);
}

static int open_pty(struct server *server, char *where, size_t size, struct rc_error *err)
{
	char name[128];
	int slave;

	if (openpty(&server->client, &slave, name, NULL, NULL) != 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot open a pseudo-terminal");
	close(slave);
	fcntl(server->client, F_SETFL, O_NONBLOCK);
	fcntl(server->client, F_SETFD, FD_CLOEXEC);
	snprintf(where, size, "%s", name);
	return 0;
}

static int open_unix(struct server *server, const char *path, char *where, size_t size,
		     struct rc_error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct addrinfo info = { .ai_family = AF_UNIX,
				 .ai_socktype = SOCK_STREAM,
				 .ai_addr = (struct sockaddr *)&address,
				 .ai_addrlen = sizeof(address) };
	struct stat st;

	if (!*path || strlen(path) >= sizeof(address.sun_path))
		return rc_fail(err, RC_EUSAGE,
			       "a Unix socket's path has 1 to %zu characters, this one %zu: use a "
			       "shorter one, such as /tmp/twin",
			       sizeof(address.sun_path) - 1, strlen(path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	/* Left behind by an earlier run. Anything but a socket stays where it is. */
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
	server->listener = listen_at(&info);
	if (server->listener < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot listen on unix:%s", path);
	memcpy(server->unix_path, path, strlen(path) + 1);
	snprintf(where, size, "unix:%s", path);
	return 0;
}

static int open_server(struct server *server, char *where, size_t size, struct rc_error *err)
{
	const char *spec = server->serve->listen;

	if (strcmp(spec, "pty") == 0)
		return open_pty(server, where, size, err);
	if (strncmp(spec, "tcp:", 4) == 0)
		return listen_tcp(spec + 4, &server->listener, where, size, err);
	if (strncmp(spec, "unix:", 5) == 0)
		return open_unix(server, spec + 5, where, size, err);
	return rc_fail(err, RC_EUSAGE, "cannot listen on %s: it is pty, tcp:HOST:PORT or unix:PATH",
		       spec);
}

static void close_server(struct server *server)
{
	if (server->client >= 0)
		close(server->client);
	if (server->listener >= 0)
		close(server->listener);
	if (server->unix_path[0])
		unlink(server->unix_path);
}

static void drop_client(struct server *server)
{
	server->present = false;
	server->held_size = 0;
	if (server->listener >= 0) {
		close(server->client);
		server->client = -1;
	}
	rc_log_note("nobody is at the console now; it can be opened again");
}

static void welcome(struct server *server)
{
	server->present = true;
	if (server->switched_on)
		return;
	server->switched_on = true;
	server->wall_start = wall_micros();
	server->twin_start = twin_micros(server->twin);
}

/* Waits for somebody to come, at most milliseconds. */
static void wait_for_someone(struct server *server, int milliseconds)
{
	struct pollfd fds[1] = { { .fd = server->client, .events = POLLIN } };

	if (server->listener >= 0) {
		fds[0].fd = server->listener;
		if (poll(fds, 1, milliseconds) <= 0)
			return;
		server->client = accept4(server->listener, NULL, NULL,
					 SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (server->client >= 0)
			welcome(server);
		return;
	}
	/* Of a pseudo-terminal only this can be seen, and not waited for. */
	if (poll(fds, 1, 0) >= 0 && !(fds[0].revents & POLLHUP)) {
		make_raw(server->client);
		welcome(server);
	} else if (milliseconds > 0) {
		poll(NULL, 0, milliseconds < IDLE_MS ? milliseconds : IDLE_MS);
	}
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static void take_input(struct server *server)
{
	uint8_t bytes[INPUT_AHEAD];
	ssize_t count = read(server->client, bytes, sizeof(bytes));

	if (count > 0)
		twin_input(server->twin, bytes, (size_t)count);
	else if (count == 0 || !would_block())
		drop_client(server);
}

/* Output that nobody is there for is lost, as on a serial line. */
static void give_output(struct server *server)
{
	ssize_t count;

	server->held_size += twin_output(server->twin, server->held + server->held_size,
					 sizeof(server->held) - server->held_size);
	if (!server->present)
		server->held_size = 0;
	if (server->held_size == 0)
		return;
	if (server->listener >= 0)
		count = send(server->client, server->held, server->held_size, MSG_NOSIGNAL);
	else
		count = write(server->client, server->held, server->held_size);
	if (count < 0) {
		if (!would_block())
			drop_client(server);
		return;
	}
	server->held_size -= (size_t)count;
	memmove(server->held, server->held + count, server->held_size);
}

/* Waits for the client, at most milliseconds, and hears it. */
static void wait_for_client(struct server *server, int milliseconds)
{
	struct pollfd fds[1] = { { .fd = server->client } };

	if (!server->present) {
		wait_for_someone(server, milliseconds);
		return;
	}
	if (twin_input_waiting(server->twin) < INPUT_AHEAD)
		fds[0].events |= POLLIN;
	if (server->held_size)
		fds[0].events |= POLLOUT;
	if (poll(fds, 1, milliseconds) <= 0)
		return;
	if (fds[0].revents & POLLIN)
		take_input(server);
	else if (fds[0].revents & (POLLHUP | POLLERR))
		drop_client(server);
}

/* Milliseconds by which the camera is ahead of a real one; 0 where it may run. */
static int ahead(const struct server *server)
{
	uint64_t wall = wall_micros() - server->wall_start;
	uint64_t twin = twin_micros(server->twin) - server->twin_start;

	return twin > wall ? (int)((twin - wall) / 1000 + 1) : 0;
}

/* Everything that the camera does, as one number that grows. */
static uint64_t work_done(const struct server *server)
{
	const struct nor_counts *counts = &twin_nor(server->twin)->counts;

	return counts->reads + counts->erases + counts->programs +
	       twin_output_waiting(server->twin) + twin_input_waiting(server->twin);
}

/* Runs a slice. Returns how long to wait for the client after it, in milliseconds:
 * also at full speed, time that the camera only lets pass (the countdown before it
 * boots, a sleep) passes as on the wall, or nobody could press a key in it. */
static int run_slice(struct server *server, enum twin_state *state)
{
	uint64_t work = work_done(server);

	*state = twin_run(server->twin, sizeof(server->held), SLICE_US);
	if (*state > TWIN_RUNNING || (*state == TWIN_WAITING && !server->serve->paced))
		return IDLE_MS;
	if (server->serve->paced)
		return 0;
	return work_done(server) == work ? SLICE_US / 1000 : 0;
}

static void serve_console(struct server *server)
{
	const volatile int *stop = server->serve->stop;
	enum twin_state told = TWIN_RUNNING, state = TWIN_RUNNING;

	while (!stop || !*stop) {
		int pause = IDLE_MS;

		/* A client that does not read holds the camera up, as flow control
		 * would: nothing is lost for being slow. */
		if (server->switched_on && server->held_size < sizeof(server->held)) {
			pause = server->serve->paced ? ahead(server) : 0;
			if (pause == 0)
				pause = run_slice(server, &state);
			give_output(server);
		}
		if (state > TWIN_RUNNING && state != told)
			rc_log_note("%s", twin_state_text(server->twin, state));
		told = state;
		wait_for_client(server, pause);
		if (server->held_size)
			give_output(server);
	}
}

int twin_serve(struct twin *twin, const struct twin_serve *serve, struct rc_error *err)
{
	struct server server = { .twin = twin, .serve = serve, .listener = -1, .client = -1 };
	char where[192];
	int status = open_server(&server, where, sizeof(where), err);

	if (status == 0) {
		if (serve->ready)
			serve->ready(serve->context, where);
		serve_console(&server);
	}
	close_server(&server);
	return status;
}
