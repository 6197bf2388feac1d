/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second stack in the same thread. The model is written as the bootloader is, as a
 * program that asks for a byte and waits; it runs on a stack of its own, and whoever
 * called twin_run has theirs back whenever it waits.
 */
#ifndef RECAM_TWIN_FIBER_H
#define RECAM_TWIN_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

#define FIBER_STACK ((size_t)512 * 1024)

struct fiber {
	ucontext_t inside, outside;
	void *stack;
	void (*entry)(void *context);
	void *context;
	bool running;              /* started, and its entry has not returned */
	const void *outside_stack; /* for AddressSanitizer, which must know of both */
	size_t outside_size;
};

/* False where there is no memory for the stack. */
bool fiber_open(struct fiber *fiber);
/* The entry must have returned, or never have been started. */
void fiber_close(struct fiber *fiber);

/* From outside: goes on inside, in entry(context) if it is not running, until it
 * yields or returns. */
void fiber_resume(struct fiber *fiber, void (*entry)(void *context), void *context);
/* From inside: goes on outside. */
void fiber_yield(struct fiber *fiber);

#endif
