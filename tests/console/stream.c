/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports: pseudo-terminals, TCP and Unix sockets, and what is said where one is not. */
#include "console/stream.h"

#include <asm/termbits.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "console/expect.h"
#include "support.h"

/* A pseudo-terminal; path is its slave's. <pty.h> cannot be had beside termbits.h. */
static int open_master(char path[64])
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ptsname_r(master, path, 64), 0);
	return master;
}

static void exchange(struct stream *stream, int peer)
{
	/* Each of these a terminal in cooked mode would change or act on. */
	static const char bytes[] = "\r\n\x03\x04\x11\x13\x1a\x7f\xff plain";
	uint8_t got[64];
	struct rc_error err;
	size_t size = 0;

	support_ok(stream_write(stream, bytes, sizeof(bytes), &err), &err);
	assert_int_equal(read(peer, got, sizeof(got)), sizeof(bytes));
	assert_memory_equal(got, bytes, sizeof(bytes));
	assert_int_equal(write(peer, bytes, sizeof(bytes)), sizeof(bytes));
	while (size < sizeof(bytes)) {
		int part = stream_read(stream, got + size, sizeof(got) - size, 5000, &err);

		assert_true(part > 0);
		size += (size_t)part;
	}
	assert_memory_equal(got, bytes, sizeof(bytes));
	assert_int_equal(stream_read(stream, got, sizeof(got), 1, &err), 0);
	assert_int_equal(stream->bytes_in, sizeof(bytes));
	assert_int_equal(stream->bytes_out, sizeof(bytes));
}

static void gone_when_closed(struct stream *stream)
{
	uint8_t byte;
	struct rc_error err;

	support_fails(stream_read(stream, &byte, 1, 5000, &err), RC_ESTOPPED, &err, stream->name,
		      "is gone", "connect it again");
}

static void pseudo_terminal(void **state)
{
	char path[64], port[96];
	int master = open_master(path);
	struct termios2 settings, before;
	struct stream *stream;
	struct rc_error err;

	(void)state;
	assert_int_equal(ioctl(master, TCGETS2, &before), 0);
	snprintf(port, sizeof(port), "%s?baud=250000", path);
	support_ok(stream_open(port, &stream, &err), &err);
	assert_string_equal(stream->name, port);
	assert_int_equal(stream->baud, 250000);
	assert_int_equal(ioctl(master, TCGETS2, &settings), 0);
	assert_int_equal(settings.c_ospeed, 250000);
	assert_int_equal(settings.c_cflag & CSIZE, CS8);
	exchange(stream, master);
	stream_close(stream);
	assert_int_equal(ioctl(master, TCGETS2, &settings), 0);
	assert_int_equal(settings.c_lflag, before.c_lflag);
	assert_int_equal(settings.c_iflag, before.c_iflag);
	assert_int_equal(settings.c_ospeed, before.c_ospeed);
	support_ok(stream_open(path, &stream, &err), &err);
	close(master);
	gone_when_closed(stream);
	stream_close(stream);
}

static void port_in_use(void **state)
{
	char path[64];
	int master = open_master(path);
	struct stream *stream, *second;
	struct rc_error err;

	(void)state;
	support_ok(stream_open(path, &stream, &err), &err);
	support_fails(stream_open(path, &second, &err), RC_EIO, &err, path, "in use", "fuser -v");
	assert_null(second);
	stream_close(stream);
	support_ok(stream_open(path, &stream, &err), &err);
	stream_close(stream);
	close(master);
}

static void tcp_socket(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct stream *stream;
	struct rc_error err;
	char port[64];
	int peer;

	(void)state;
	assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
	snprintf(port, sizeof(port), "tcp:127.0.0.1:%u", ntohs(address.sin_port));
	support_fails(stream_open(port, &stream, &err), RC_EIO, &err, port, "refused",
		      "recam twin");
	assert_int_equal(listen(listener, 1), 0);
	support_ok(stream_open(port, &stream, &err), &err);
	peer = accept(listener, NULL, NULL);
	exchange(stream, peer);
	close(peer);
	gone_when_closed(stream);
	stream_close(stream);
	close(listener);
}

static void unix_socket(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	struct stream *stream;
	struct rc_error err;
	char port[160];
	int peer;

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/console", support_temp_dir());
	snprintf(port, sizeof(port), "unix:%s", address.sun_path);
	support_fails(stream_open(port, &stream, &err), RC_ENOTFOUND, &err, port, "No such file");
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	support_ok(stream_open(port, &stream, &err), &err);
	peer = accept(listener, NULL, NULL);
	exchange(stream, peer);
	close(peer);
	gone_when_closed(stream);
	stream_close(stream);
	close(listener);
}

static void bad_ports(void **state)
{
	static const struct {
		const char *port;
		int status;
		const char *says, *and;
	} cases[] = {
		{ "/dev/ttyNONE7", RC_ENOTFOUND, "no serial device /dev/ttyNONE7", "there " },
		{ "/dev/null", RC_EUSAGE, "/dev/null is no serial device", "tcp:HOST:PORT" },
		{ "/tmp", RC_EUSAGE, "/tmp is a folder", "" },
		{ "/dev/ttyS0?speed=9", RC_EUSAGE, "speed=9", "baud=N only" },
		{ "/dev/ttyS0?baud=fast", RC_EUSAGE, "\"fast\"", "bits per second" },
		{ "/dev/ttyS0?baud=0", RC_EUSAGE, "\"0\"", "50 to" },
		{ "/dev/ttyS0?baud=99999999999", RC_EUSAGE, "99999999999", "50 to" },
		{ "tcp:127.0.0.1:1?baud=9600", RC_EUSAGE, "socket has no speed", "" },
		{ "tcp:localhost", RC_EUSAGE, "names no port", "tcp:HOST:PORT" },
		{ "tcp:", RC_EUSAGE, "names no port", "" },
		{ "unix:", RC_EUSAGE, "1 to 107 bytes", "" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct stream *stream;
		struct rc_error err;

		support_fails(stream_open(cases[i].port, &stream, &err), cases[i].status, &err,
			      cases[i].says, cases[i].and);
		assert_null(stream);
	}
}

static void waiting_for_text(void **state)
{
	char path[64];
	int master = open_master(path);
	struct stream *stream;
	struct expect expect;
	struct rc_error err;
	size_t end;

	(void)state;
	support_ok(stream_open(path, &stream, &err), &err);
	support_ok(expect_init(&expect, stream, &err), &err);
	assert_int_equal(write(master, "noise isvp", 10), 10);
	support_fails(expect_text(&expect, "isvp_t20# ", 20, 200, &end, &err), RC_ETIMEOUT, &err,
		      path, "nothing came");
	assert_int_equal(write(master, "_t20# more", 10), 10);
	support_ok(expect_text(&expect, "isvp_t20# ", 5000, 5000, &end, &err), &err);
	assert_int_equal(end, 16);
	expect_keep(&expect, 4);
	assert_int_equal(expect.size, 4);
	assert_memory_equal(expect.data, "more", 4);
	expect_free(&expect);
	stream_close(stream);
	close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pseudo_terminal), cmocka_unit_test(port_in_use),
		cmocka_unit_test(tcp_socket),      cmocka_unit_test(unix_socket),
		cmocka_unit_test(bad_ports),       cmocka_unit_test(waiting_for_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
