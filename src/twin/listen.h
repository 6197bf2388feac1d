/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets that the twin waits at, for its console and for its chip. */
#ifndef RECAM_TWIN_LISTEN_H
#define RECAM_TWIN_LISTEN_H

#include <netdb.h>
#include <stddef.h>

#include "base/error.h"

/* A listening socket at this address, or -1 with errno. */
int listen_at(const struct addrinfo *address);

/* spec: HOST:PORT (port 0: any). Neither console nor chip asks for a password, so a name
 * must lead to this machine alone; an address is taken as it is written. where becomes
 * "tcp:HOST:PORT", with the port that was got. */
int listen_tcp(const char *spec, int *listener, char *where, size_t size, struct rc_error *err);

#endif
