/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The twin's console as other programs reach it. The twin runs in a thread of its own. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "support.h"
#include "twin/twin.h"

static struct rc_buffer flash;

struct served {
	struct twin *twin;
	struct twin_serve serve;
	volatile int stop;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t told;
	char where[192];
	int status;
	struct rc_error err;
};

static void ready(void *context, const char *where)
{
	struct served *served = context;

	pthread_mutex_lock(&served->lock);
	snprintf(served->where, sizeof(served->where), "%s", where);
	pthread_cond_signal(&served->told);
	pthread_mutex_unlock(&served->lock);
}

static void *run(void *context)
{
	struct served *served = context;

	served->status = twin_serve(served->twin, &served->serve, &served->err);
	if (served->status != 0)
		ready(served, "failed");
	return NULL;
}

static void serve(struct served *served, const char *listen, bool paced)
{
	struct twin_config config = { .image = { flash.data, flash.size } };
	struct rc_error err;

	*served = (struct served){ .lock = PTHREAD_MUTEX_INITIALIZER,
				   .told = PTHREAD_COND_INITIALIZER };
	served->serve = (struct twin_serve){ .listen = listen,
					     .paced = paced,
					     .stop = &served->stop,
					     .ready = ready,
					     .context = served };
	support_ok(twin_open(&config, &served->twin, &err), &err);
	assert_int_equal(pthread_create(&served->thread, NULL, run, served), 0);
	pthread_mutex_lock(&served->lock);
	while (!served->where[0])
		pthread_cond_wait(&served->told, &served->lock);
	pthread_mutex_unlock(&served->lock);
}

static void stop(struct served *served)
{
	served->stop = 1;
	pthread_join(served->thread, NULL);
	support_ok(served->status, &served->err);
	twin_close(served->twin);
}

static int connect_to(const char *where)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct sockaddr_in address = { .sin_family = AF_INET };
	unsigned port;
	int fd;

	if (sscanf(where, "tcp:127.0.0.1:%u", &port) == 1) {
		address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		address.sin_port = htons((uint16_t)port);
		fd = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	} else if (strncmp(where, "unix:", 5) == 0) {
		snprintf(name.sun_path, sizeof(name.sun_path), "%s", where + 5);
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	} else {
		fd = open(where, O_RDWR | O_NOCTTY);
		assert_true(fd >= 0);
	}
	return fd;
}

/* Reads until the text was there; a minute of silence fails the test. */
static void read_until(int fd, struct rc_text *text, const char *wanted)
{
	while (!strstr(rc_text_get(text), wanted)) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		char bytes[4096];
		ssize_t count;

		if (poll(&wait, 1, 60000) <= 0)
			fail_msg("no \"%s\" in: %s", wanted, rc_text_get(text));
		count = read(fd, bytes, sizeof(bytes));
		assert_true(count > 0);
		rc_text_add_bytes(text, bytes, (size_t)count);
	}
}

static void type(int fd, const char *keys)
{
	assert_int_equal(write(fd, keys, strlen(keys)), strlen(keys));
}

/* The camera starts for the first who comes: who is there in time stops the countdown. */
static void talk(const char *where)
{
	struct rc_text text = { 0 };
	int fd = connect_to(where);

	read_until(fd, &text, "Hit any key");
	assert_non_null(strstr(rc_text_get(&text), "U-Boot 2013.07"));
	type(fd, " ");
	read_until(fd, &text, "isvp_t20# ");
	type(fd, "sf probe\r");
	read_until(fd, &text, "--->probe spend");
	assert_non_null(strstr(rc_text_get(&text), "SF: Detected GD25Q128\r\n"));
	assert_null(strstr(rc_text_get(&text), "<INTERRUPT>"));
	close(fd);
	rc_text_free(&text);
	/* The next one finds the camera as the first has left it. */
	fd = connect_to(where);
	type(fd, "\recho back a${bootdelay}in\r");
	read_until(fd, &text, "\nback a1in\r\n");
	assert_null(strstr(rc_text_get(&text), "U-Boot 2013.07"));
	close(fd);
	rc_text_free(&text);
}

static void test_tcp(void **state)
{
	struct served served;

	serve(&served, "tcp:127.0.0.1:0", false);
	talk(served.where);
	stop(&served);
}

static void test_unix(void **state)
{
	struct served served;
	char listen[256];

	snprintf(listen, sizeof(listen), "unix:%s/twin", support_temp_dir());
	serve(&served, listen, false);
	assert_string_equal(served.where, listen);
	talk(served.where);
	stop(&served);
	assert_int_equal(access(listen + 5, F_OK), -1); /* nothing is left behind */
}

static void test_pty(void **state)
{
	struct served served;

	serve(&served, "pty", false);
	assert_true(strncmp(served.where, "/dev/pts/", 9) == 0);
	talk(served.where);
	stop(&served);
}

/* A byte takes its time on the wall as well; of time only a lower limit can be told. */
static void test_paced(void **state)
{
	struct timespec start, end;
	struct rc_text text = { 0 };
	struct served served;
	double seconds;
	int fd;

	serve(&served, "tcp:127.0.0.1:0", true);
	clock_gettime(CLOCK_MONOTONIC, &start);
	fd = connect_to(served.where);
	read_until(fd, &text, "Hit any key");
	clock_gettime(CLOCK_MONOTONIC, &end);
	seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	assert_true(seconds > (double)text.size * 86e-6 - 0.05);
	close(fd);
	rc_text_free(&text);
	stop(&served);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *listen;
		enum rc_status status;
		const char *words;
	} bad[] = {
		{ "serial", RC_EUSAGE, "it is pty, tcp:HOST:PORT or unix:PATH" },
		{ "tcp:127.0.0.1", RC_EUSAGE, "it is tcp:HOST:PORT" },
		{ "tcp:127.0.0.1:", RC_EUSAGE, "it is tcp:HOST:PORT" },
		{ "tcp:127.0.0.1:99999", RC_EUSAGE, "99999" },
		{ "tcp:192.0.2.1:4001", RC_EIO, "cannot listen on tcp:192.0.2.1:4001: " },
		{ "unix:", RC_EUSAGE, "1 to 107 characters" },
		{ "unix:/nosuch/folder/twin", RC_EIO, "No such file" },
	};
	struct twin_config config = { .image = { flash.data, flash.size } };
	int stopped = 1;
	struct rc_error err;
	struct twin *twin;

	support_ok(twin_open(&config, &twin, &err), &err);
	for (size_t i = 0; i < RC_COUNT(bad); i++) {
		struct twin_serve serve = { .listen = bad[i].listen, .stop = &stopped };

		support_fails(twin_serve(twin, &serve, &err), bad[i].status, &err, bad[i].words);
	}
	twin_close(twin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),      cmocka_unit_test(test_unix),
		cmocka_unit_test(test_pty),      cmocka_unit_test(test_paced),
		cmocka_unit_test(test_refusals),
	};
	int failed;

	rc_log_set_level(RC_LOG_QUIET);
	support_demo_flash(&flash);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rc_buffer_free(&flash);
	return failed;
}
