/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "twin/fiber.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define FIBER_ASAN 1
#endif

#ifdef FIBER_ASAN
#include <sanitizer/common_interface_defs.h>
#define start_switch(save, stack, size)  __sanitizer_start_switch_fiber(save, stack, size)
#define finish_switch(save, stack, size) __sanitizer_finish_switch_fiber(save, stack, size)
#else
#define start_switch(save, stack, size)  ((void)(save))
#define finish_switch(save, stack, size) ((void)(save))
#endif

bool fiber_open(struct fiber *fiber)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);
	char *memory;

	*fiber = (struct fiber){ 0 };
	memory = mmap(NULL, guard + FIBER_STACK, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	/* Stacks grow downwards: running over the end is to be noticed. */
	if (mprotect(memory, guard, PROT_NONE) != 0) {
		munmap(memory, guard + FIBER_STACK);
		return false;
	}
	fiber->stack = memory + guard;
	return true;
}

void fiber_close(struct fiber *fiber)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);

	if (fiber->stack)
		munmap((char *)fiber->stack - guard, guard + FIBER_STACK);
	fiber->stack = NULL;
}

/* makecontext passes ints: a pointer comes in two halves. */
static void enter(unsigned high, unsigned low)
{
	struct fiber *fiber = (struct fiber *)(((uintptr_t)high << 16 << 16) | low);

	finish_switch(NULL, &fiber->outside_stack, &fiber->outside_size);
	fiber->entry(fiber->context);
	fiber->running = false;
	start_switch(NULL, fiber->outside_stack, fiber->outside_size);
	setcontext(&fiber->outside);
}

static void prepare(struct fiber *fiber)
{
	uintptr_t address = (uintptr_t)fiber;

	getcontext(&fiber->inside);
	fiber->inside.uc_stack.ss_sp = fiber->stack;
	fiber->inside.uc_stack.ss_size = FIBER_STACK;
	fiber->inside.uc_link = NULL;
	makecontext(&fiber->inside, (void (*)(void))enter, 2, (unsigned)(address >> 16 >> 16),
		    (unsigned)address);
	fiber->running = true;
}

void fiber_resume(struct fiber *fiber, void (*entry)(void *context), void *context)
{
	void *save = NULL;

	if (!fiber->running) {
		fiber->entry = entry;
		fiber->context = context;
		prepare(fiber);
	}
	start_switch(&save, fiber->stack, FIBER_STACK);
	swapcontext(&fiber->outside, &fiber->inside);
	finish_switch(save, NULL, NULL);
}

void fiber_yield(struct fiber *fiber)
{
	void *save = NULL;

	start_switch(&save, fiber->outside_stack, fiber->outside_size);
	swapcontext(&fiber->inside, &fiber->outside);
	finish_switch(save, &fiber->outside_stack, &fiber->outside_size);
}
