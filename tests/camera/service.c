/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "support.h"

extern char **environ;

static unsigned free_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static void write_config(struct service *service, const char *settings)
{
	static unsigned number;
	struct rc_error err;
	char text[2048];

	snprintf(service->state, sizeof(service->state), "%s/service%u", support_temp_dir(),
		 ++number);
	assert_int_equal(mkdir(service->state, 0700), 0);
	snprintf(service->config, sizeof(service->config), "%s/recamd.conf", service->state);
	service->https = free_port();
	service->http = free_port();
	service->rtsp = free_port();
	service->rtsps = free_port();
	snprintf(service->base, sizeof(service->base), "https://127.0.0.1:%u", service->https);
	snprintf(text, sizeof(text),
		 "[rtsp]\nport = %u\ntls_port = %u\n[http]\ntls_port = %u\nport = %u\n%s",
		 service->rtsp, service->rtsps, service->https, service->http,
		 *settings ? settings : "[video]\nsource = test:320x240@10\nsub_size = 160x120\n");
	support_ok(rc_file_replace(service->config, text, strlen(text), 0600, &err), &err);
}

static void spawn(struct service *service)
{
	const char *binary = getenv("RECAMD_BINARY");
	const char *argv[] = {
		binary, "--config", service->config, "--state", service->state, NULL
	};
	posix_spawn_file_actions_t actions;
	int ends[2];

	assert_non_null(binary);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
	assert_int_equal(
		posix_spawn(&service->pid, binary, &actions, NULL, (char *const *)argv, environ),
		0);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	service->output = ends[0];
}

/* "... is not shown again: PASSWORD" */
static void read_password(struct service *service)
{
	static const char before[] = "is not shown again: ";
	char text[4096] = "";
	size_t size = 0;
	const char *at;

	while (!(at = strstr(text, before)) || !strchr(at, '\n')) {
		ssize_t got = read(service->output, text + size, sizeof(text) - 1 - size);

		if (got <= 0)
			fail_msg("recamd printed no password: %s", text);
		size += (size_t)got;
		text[size] = '\0';
	}
	at += strlen(before);
	snprintf(service->password, sizeof(service->password), "%.*s", (int)strcspn(at, "\n"), at);
}

static void wait_until_it_answers(const struct service *service)
{
	for (unsigned i = 0; i < 600; i++) {
		if (STATUS(service, "/healthz", "-m", "5") == 200)
			return;
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	}
	fail_msg("recamd does not answer at %s", service->base);
}

void service_start(struct service *service, const char *settings)
{
	memset(service, 0, sizeof(*service));
	write_config(service, settings);
	spawn(service);
	read_password(service);
	wait_until_it_answers(service);
}

bool service_stop(struct service *service)
{
	char text[4096];
	ssize_t got;
	int status;

	kill(service->pid, SIGTERM);
	/* What a sanitizer has to say is shown. */
	while ((got = read(service->output, text, sizeof(text))) > 0)
		print_message("%.*s", (int)got, text);
	close(service->output);
	return waitpid(service->pid, &status, 0) == service->pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

void service_curl(const struct service *service, const char *path, const char *const *words,
		  struct run_result *result)
{
	const char *argv[40] = { "curl", "-sk", "--path-as-is", "--noproxy", "*" };
	char url[2200];
	size_t count = 5;

	snprintf(url, sizeof(url), "%s%s", *path == '/' ? service->base : "", path);
	for (; *words; words++)
		argv[count++] = *words;
	argv[count++] = url;
	assert_true(count < RC_COUNT(argv));
	run_program(argv, (struct rc_span){ 0 }, result);
}

unsigned service_status(const struct service *service, const char *path, const char *const *words)
{
	const char *all[32] = { "-o", "/dev/null", "-w", "%{http_code}" };
	struct run_result result;
	unsigned status;
	size_t count = 4;

	for (; *words; words++)
		all[count++] = *words;
	assert_true(count < RC_COUNT(all));
	service_curl(service, path, all, &result);
	status = (unsigned)atoi((const char *)result.out.data);
	run_result_free(&result);
	return status;
}

void service_log_in(const struct service *service, const char *user, const char *password,
		    char cookie[128], char csrf[128])
{
	struct run_result result;
	char body[200];
	json_t *json;
	const char *at;

	snprintf(body, sizeof(body), "{\"user\":\"%s\",\"password\":\"%s\"}", user, password);
	CURL(service, "/api/v1/session", &result, "-D", "-", "-d", body);
	at = strstr((const char *)result.out.data, "set-cookie: recamd=");
	assert_non_null(at);
	assert_non_null(strstr(at, "; Path=/; Secure; HttpOnly; SameSite=Strict\r\n"));
	snprintf(cookie, 128, "Cookie: recamd=%.64s", at + strlen("set-cookie: recamd="));
	at = strstr(at, "\r\n\r\n");
	json = json_loads(at + 4, 0, NULL);
	snprintf(csrf, 128, "X-CSRF-Token: %s", json_string_value(json_object_get(json, "csrf")));
	json_decref(json);
	run_result_free(&result);
}
