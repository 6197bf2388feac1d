/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exact engine: runs the U-Boot that lies in the image, on a processor that
 * Unicorn emulates and the devices of its SoC.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twin/mstar.h"
#include "twin/soc.h"

/* In the order of asking. */
static const struct soc_kind *const kinds[] = { &mstar_kind, &t20_kind };

/* About one instruction a nanosecond: 860 MHz, and a simple pipeline. */
#define INSTRUCTION_NS 1u

/* U-Boot and what it was called from lie within this distance of each other. */
#define BOOTLOADER_SPAN RC_MIB(1)

#define THUMB_BIT 0x20u

void soc_stop(struct soc *soc, enum soc_stop why)
{
	if (why > soc->stop)
		soc->stop = why;
}

void soc_pass(struct soc *soc, uint64_t nanoseconds)
{
	uint64_t now = soc->camera->now += nanoseconds;

	if (soc->watchdog.fires_at && now >= soc->watchdog.fires_at)
		soc_stop(soc, SOC_RESET);
	else if (now >= soc->limits.deadline)
		soc_stop(soc, SOC_LIMIT);
}

const struct device *soc_find_device(const struct device *const *devices, uint32_t address)
{
	for (; *devices; devices++)
		if (address - (*devices)->base < (*devices)->size)
			return *devices;
	return NULL;
}

void soc_note_access(struct soc *soc, bool uart, bool timer)
{
	if (!uart)
		soc->idle_polls = 0;
	if (!timer)
		soc->timer.in_a_row = 0;
}

/*
 * Here and nowhere else the emulation is stopped: nothing of the block has run yet,
 * so it can go on at its address. Stopped inside a device access, Unicorn 2.0 would
 * repeat the instruction.
 */
static void enter_block(uc_engine *uc, uint64_t address, uint32_t size, void *context)
{
	struct soc *soc = context;

	if (soc->bootloader_at &&
	    address - soc->bootloader_at + BOOTLOADER_SPAN > 2 * (uint64_t)BOOTLOADER_SPAN)
		soc_stop(soc, SOC_LINUX);
	if (soc->stop != SOC_GO_ON) {
		uc_emu_stop(uc);
		return;
	}
	soc_pass(soc, size / 4 * INSTRUCTION_NS);
}

static const struct soc_kind *find_kind(const struct nor *nor)
{
	for (size_t i = 0; i < RC_COUNT(kinds); i++)
		if (kinds[i]->probe(nor))
			return kinds[i];
	return &t20_kind;
}

const char *exact_objection(const struct nor *nor)
{
	return find_kind(nor)->objection(nor);
}

static int fail_unicorn(uc_err status, struct rc_error *err)
{
	return rc_fail(err, RC_EUNSUPPORTED,
		       "the processor emulator (Unicorn) refuses to start: %s",
		       uc_strerror(status));
}

static uc_err build_machine(struct soc *soc)
{
	const struct soc_kind *kind = soc->kind;
	uint32_t entry = kind->entry, stack = kind->stack;
	uc_hook hook;
	uc_err status;

	status = uc_open(kind->arch, kind->mode, &soc->uc);
	if (status == UC_ERR_OK && kind->cpu_model >= 0)
		status = uc_ctl_set_cpu_model(soc->uc, kind->cpu_model);
	if (status == UC_ERR_OK)
		status = uc_mem_map(soc->uc, kind->ram, kind->ram_size, UC_PROT_ALL);
	if (status == UC_ERR_OK)
		status = uc_mmio_map(soc->uc, kind->devices, kind->devices_size, kind->read, soc,
				     kind->write, soc);
	if (status == UC_ERR_OK)
		status = kind->load(soc);
	if (status == UC_ERR_OK)
		status = uc_hook_add(soc->uc, &hook, UC_HOOK_BLOCK, (void *)enter_block, soc, 1, 0);
	if (status == UC_ERR_OK)
		status = uc_reg_write(soc->uc, kind->sp, &stack);
	if (status == UC_ERR_OK)
		status = uc_reg_write(soc->uc, kind->pc, &entry);
	return status;
}

/* What outlives a reset is the memory that was got for it. */
static void clear(struct soc *soc)
{
	struct soc fresh = { .camera = soc->camera,
			     .sfc.data = soc->sfc.data,
			     .mstar = soc->mstar };

	if (soc->uc)
		uc_close(soc->uc);
	*soc = fresh;
	soc->kind = find_kind(&soc->camera->nor);
}

/* A new processor with RAM all 0: what a power cycle and the watchdog both come to. */
static int exact_start(void *engine, struct rc_error *err)
{
	struct soc *soc = engine;
	struct camera *camera = soc->camera;
	const char *objection = exact_objection(&camera->nor);
	uc_err status;

	clear(soc);
	if (objection) {
		snprintf(camera->crash_text, sizeof(camera->crash_text),
			 "the camera does not start: %s", objection);
		return 0;
	}
	status = build_machine(soc);
	return status == UC_ERR_OK ? 0 : fail_unicorn(status, err);
}

/* Where to go on; of ARM's two instruction sets the lowest bit tells which. */
static uint32_t resume_address(const struct soc *soc)
{
	uint32_t pc = 0, flags = 0;

	uc_reg_read(soc->uc, soc->kind->pc, &pc);
	if (soc->kind->flags >= 0)
		uc_reg_read(soc->uc, soc->kind->flags, &flags);
	return pc | (flags & THUMB_BIT ? 1 : 0);
}

static enum twin_state crash(struct soc *soc, uc_err status)
{
	snprintf(soc->camera->crash_text, sizeof(soc->camera->crash_text),
		 "the bootloader stopped with an exception at %08" PRIx32 ": %s",
		 resume_address(soc), uc_strerror(status));
	return TWIN_CRASHED;
}

static enum twin_state exact_run(void *engine, const struct run_limits *limits)
{
	struct soc *soc = engine;

	soc->limits = *limits;
	while (soc->uc) {
		uc_err status;

		soc->stop = SOC_GO_ON;
		status = uc_emu_start(soc->uc, resume_address(soc), UINT32_MAX, 0, 0);
		switch (soc->stop) {
		case SOC_GO_ON:
			/* Any exception after the jump is the kernel's. */
			return soc->bootloader_at ? TWIN_LINUX : crash(soc, status);
		case SOC_LIMIT:
			return TWIN_RUNNING;
		case SOC_WAITING:
			return TWIN_WAITING;
		case SOC_LINUX:
			return TWIN_LINUX;
		case SOC_POWER_OFF:
			return TWIN_POWER_OFF;
		case SOC_RESET:
			if (exact_start(soc, NULL) != 0)
				return crash(soc, UC_ERR_NOMEM);
			soc->limits = *limits;
			break;
		}
	}
	return TWIN_CRASHED; /* the text is there since exact_start */
}

static int exact_gpio_level(const void *engine, int gpio)
{
	const struct soc *soc = engine;

	return soc->kind->gpio_level(soc, gpio);
}

static void exact_close(void *engine)
{
	struct soc *soc = engine;

	if (soc->uc)
		uc_close(soc->uc);
	rc_buffer_free(&soc->sfc.data);
	mstar_free(soc->mstar);
	free(soc);
}

const struct engine_ops exact_ops = {
	.start = exact_start,
	.run = exact_run,
	.gpio_level = exact_gpio_level,
	.close = exact_close,
};

int exact_open(struct camera *camera, void **engine, struct rc_error *err)
{
	struct soc *soc = calloc(1, sizeof(*soc));

	if (!soc)
		return rc_fail_memory(err, sizeof(*soc));
	soc->camera = camera;
	*engine = soc;
	return 0;
}
