/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What recam speaks to in these tests, in processes and threads of their own. */
#ifndef RECAM_TESTS_OTHER_SIDE_H
#define RECAM_TESTS_OTHER_SIDE_H

#include <pthread.h>
#include <stdint.h>
#include <sys/types.h>

/* "recam twin ..." in the background. */
struct camera {
	pid_t pid;
	char where[128]; /* the line that it prints: where its console or its chip is */
};

/* words: NULL-terminated, behind "recam twin". */
void camera_start(struct camera *camera, const char *const *words);
/* As with Ctrl-C: what --save names is written. */
void camera_stop(struct camera *camera);

/* A wire to a camera's console: listens on a socket, and joins the first that comes to
 * another socket, until so many bytes came from there. Then both ends are pulled. */
struct wire {
	pthread_t thread;
	int listening;
	char to[128];
	uint64_t length; /* bytes until it is pulled */
};

/* from and to are paths of sockets. */
void wire_lay(struct wire *wire, const char *from, const char *to, uint64_t length);
void wire_remove(struct wire *wire);

/* The login of a camera's Linux on a socket: it takes one password, and then the shell of the
 * machine that the tests run on answers, which has no camera's flash. */
struct login {
	pthread_t thread;
	int listening;
	const char *password;
};

void login_start(struct login *login, const char *path, const char *password);
void login_stop(struct login *login);

#endif
