/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/rehearse.h"

#include <inttypes.h>
#include <string.h>

#include "rescue/apply.h"
#include "rescue/start.h"

static void say(struct rehearsal *rehearsal, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct rehearsal *rehearsal, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(rehearsal->text, sizeof(rehearsal->text), format, args);
	va_end(args);
}

static int compare_flash(struct twin *twin, const struct link_info *info, const struct plan *plan,
			 struct rc_error *err)
{
	const struct nor *nor = twin_nor(twin);
	uint32_t size = info->reach < plan->target_size ? info->reach : plan->target_size;

	if (size > nor->size)
		size = nor->size;
	for (uint32_t i = 0; i < size; i++)
		if (nor->data[i] != plan->target[i])
			return rc_fail(
				err, RC_EREFUSED,
				"the rehearsal on the virtual camera left %02X at 0x%" PRIx32
				", wanted is %02X: this plan does not do what it should, and "
				"nothing was written to the camera; please report it",
				nor->data[i], i, plan->target[i]);
	return 0;
}

static int judge_start(const struct start *start, bool exact, struct rc_error *err)
{
	if (start->fatal)
		return rc_fail(
			err, RC_EREFUSED,
			"in the rehearsal the virtual camera did not start with this firmware "
			"(%s: %s): nothing was written to the camera; take other firmware, or "
			"go on without it with --no-rehearsal",
			start->fatal->kind->id, start->fatal->evidence);
	if (exact && !start->kernel_seen)
		return rc_fail(err, RC_EREFUSED,
			       "in the rehearsal the camera's own bootloader did not get as far as "
			       "starting the kernel: nothing was written to the camera; take other "
			       "firmware, or go on without it with --no-rehearsal");
	return 0;
}

static int play(struct twin *twin, struct link *link, const struct plan *plan,
		const struct backup *backup, const struct boards *boards, const volatile int *stop,
		struct rehearsal *rehearsal, struct rc_error *err)
{
	struct inspect_options options = { .boards = boards,
					   .board = plan->board->id,
					   .jedec = backup->jedec };
	struct apply apply = { .link = link, .plan = plan, .backup = backup, .stop = stop };
	bool exact = twin_engine_used(twin) == TWIN_EXACT;
	struct start start = { 0 };
	int result;

	rehearsal->held = true;
	snprintf(rehearsal->engine, sizeof(rehearsal->engine), "%s", exact ? "exact" : "model");
	result = apply_plan(&apply, err);
	if (!result)
		result = compare_flash(twin, &link->info, plan, err);
	if (!result)
		result = start_watch(link, &options, &start, err);
	if (!result)
		result = judge_start(&start, exact, err);
	if (exact)
		say(rehearsal,
		    "passed: the camera's own bootloader, on a virtual camera, took every "
		    "step and started the kernel");
	else
		say(rehearsal,
		    "passed, but only on an imitation of the bootloader, which shows that the "
		    "steps are right and not that this camera takes them (%s)",
		    twin_engine_reason(twin));
	start_clear(&start);
	return result;
}

int rehearse(const struct plan *plan, const struct backup *backup, uint32_t reach,
	     const struct boards *boards, const volatile int *stop, struct rehearsal *rehearsal,
	     struct rc_error *err)
{
	struct twin_config config = {
		.image = { backup->data, backup->size },
		.jedec = backup->jedec,
		.engine = TWIN_AUTO,
	};
	struct link_options options = { .boards = boards };
	struct twin *twin = NULL;
	struct link *link = NULL;
	struct rc_error why;
	int result;

	*rehearsal = (struct rehearsal){ 0 };
	result = twin_open(&config, &twin, &why);
	if (!result)
		result = link_open_twin(twin, &options, &link, &why);
	if (!result && link->info.reach < reach)
		result = link_extend(link, &why);
	if (result)
		say(rehearsal, "not possible: no virtual camera of this one could be started (%s)",
		    why.text);
	else
		result = play(twin, link, plan, backup, boards, stop, rehearsal, err);
	if (link)
		link_close(link);
	if (twin)
		twin_close(twin);
	return rehearsal->held ? result : 0;
}
