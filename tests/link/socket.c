/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The U-Boot link as users have it: to another process, over a terminal or a socket. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/checksum.h"
#include "link/link.h"
#include "support.h"

struct camera {
	pid_t pid;
	char port[160]; /* as recam takes it */
};

static void tell_port(void *context, const char *where)
{
	if (write(*(int *)context, where, strlen(where)) < 0)
		_exit(3);
	close(*(int *)context);
}

/* The camera of the demonstration in a process of its own, serving its console. */
static void start_camera(struct camera *camera, const char *listen, const struct rc_buffer *image)
{
	int ends[2];
	size_t size = 0;
	ssize_t got;

	assert_int_equal(pipe(ends), 0);
	camera->pid = fork();
	assert_true(camera->pid >= 0);
	if (camera->pid == 0) {
		struct twin_config config = { .image = { image->data, image->size },
					      .engine = TWIN_MODEL };
		struct twin_serve serve = { .listen = listen,
					    .ready = tell_port,
					    .context = &ends[1] };
		struct twin *twin;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		if (twin_open(&config, &twin, NULL) == 0)
			twin_serve(twin, &serve, NULL);
		_exit(1);
	}
	close(ends[1]);
	while ((got = read(ends[0], camera->port + size, sizeof(camera->port) - 1 - size)) > 0)
		size += (size_t)got;
	close(ends[0]);
	camera->port[size] = '\0';
	assert_true(size > 0);
}

static void stop_camera(struct camera *camera)
{
	assert_int_equal(kill(camera->pid, SIGKILL), 0);
	assert_int_equal(waitpid(camera->pid, NULL, 0), camera->pid);
}

static void over(const char *listen)
{
	uint8_t *bytes = malloc(0x10000);
	struct rc_buffer image;
	struct camera camera;
	struct link *link;
	struct rc_error err;
	char spec[200];
	uint32_t crc;

	support_demo_flash(&image);
	start_camera(&camera, listen, &image);
	snprintf(spec, sizeof(spec), "uboot:%s", camera.port);
	support_ok(link_open(spec, NULL, &link, &err), &err);
	assert_int_equal(link->info.kind, LINK_UBOOT);
	assert_string_equal(link->info.name, spec);
	assert_int_equal(link->info.jedec, 0xc84018);
	assert_null(link_twin(link));
	support_ok(link_read(link, 0x40000, bytes, 0x10000, &err), &err);
	assert_memory_equal(bytes, image.data + 0x40000, 0x10000);
	assert_true(link->wire_in > 1000 && link->wire_out > 100);
	support_ok(link_erase(link, 0x50000, 0x10000, &err), &err);
	support_ok(link_write(link, 0x50000, bytes, 0x10000, &err), &err);
	support_ok(link_checksum(link, 0x50000, 0x10000, &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, bytes, 0x10000));
	/* The line is pulled. */
	stop_camera(&camera);
	support_fails(link_read(link, 0x40000, bytes, 0x10000, &err), RC_ESTOPPED, &err, "is gone",
		      camera.port, "connect it again");
	link_close(link);
	rc_buffer_free(&image);
	free(bytes);
}

static void over_terminal(void **state)
{
	(void)state;
	over("pty");
}

static void over_unix_socket(void **state)
{
	char listen[128];

	(void)state;
	snprintf(listen, sizeof(listen), "unix:%s/console", support_temp_dir());
	over(listen);
}

static void over_tcp_socket(void **state)
{
	(void)state;
	over("tcp:127.0.0.1:0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(over_terminal),
		cmocka_unit_test(over_unix_socket),
		cmocka_unit_test(over_tcp_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
