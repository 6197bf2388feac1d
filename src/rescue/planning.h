/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the parts of making a plan: plan.c puts it together, plan_decide.c says what becomes
 * of each partition, plan_steps.c what the flash is to hold and the steps to it, plan_check.c
 * what forbids it. Not for others.
 */
#ifndef RECAM_RESCUE_PLANNING_H
#define RECAM_RESCUE_PLANNING_H

#include "rescue/plan.h"

/* What is to become of one partition. */
enum fate { FATE_KEEP, FATE_WRITE, FATE_ERASE };

struct planning {
	const struct plan_input *in;
	struct plan *plan;
	enum fate fates[RC_MAX_PARTITIONS]; /* beside inspection->partitions */
};

/* The first refusal counts. */
void plan_refuse(struct plan *plan, enum plan_refusal refusal, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void plan_add_danger(struct plan *plan, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool planning_is_good(const struct inspected_partition *part);
bool planning_is_required(const struct planning *p, const struct inspected_partition *part);
bool planning_is_named(const struct planning *p, const char *name);
/* Kernel, root and driver, which must be of one version. */
bool planning_is_of_the_set(enum partition_role role);
bool planning_equals_firmware(const struct planning *p, const struct inspected_partition *part,
			      const struct firmware_part *wanted);
/* What is wrong with it, in words. */
const char *planning_problem_of(const struct inspected_partition *part);
/* NULL where there is none of that name. */
const struct inspected_partition *planning_find(const struct inspection *inspection,
						const char *name);
bool planning_is_beyond_reach(const struct planning *p, const struct inspected_partition *part);

/* Fills fates, and what the plan says of each partition. */
void plan_decide(struct planning *p);
/* Where part of the set stays that is not the firmware's. */
void plan_warn_of_mix(struct planning *p);

/* Puts what is wanted of one partition into plan->target. */
void plan_set_target(struct planning *p, size_t index);
int plan_make_steps(struct planning *p, struct rc_error *err);

void plan_check_camera(struct planning *p);
void plan_check_steps(struct planning *p);

#endif
