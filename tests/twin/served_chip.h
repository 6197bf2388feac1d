/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chip behind a serprog programmer on this machine, served in a thread. */
#ifndef RECAM_TESTS_SERVED_CHIP_H
#define RECAM_TESTS_SERVED_CHIP_H

#include <pthread.h>
#include <stdbool.h>

#include "twin/serprog.h"

struct served_chip {
	struct nor nor; /* to be looked at and changed only while no client is at work */
	char where[64]; /* "127.0.0.1:PORT" */
	pthread_t thread;
	volatile int stop;
	bool pulled;
	int ready[2]; /* pipe */
};

/* Fails the test where it cannot. image as nor_open takes it. */
void served_chip_start(struct served_chip *chip, uint32_t jedec, const uint8_t *image, size_t size);
/* The programmer goes; the chip stays to be looked at. */
void served_chip_pull(struct served_chip *chip);
void served_chip_stop(struct served_chip *chip);

#endif
