/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of each partition, and why. */
#include "rescue/planning.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void keep(struct planning *p, size_t index, const char *why)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];
	struct plan *plan = p->plan;

	p->fates[index] = FATE_KEEP;
	if (plan->kept_count < RC_COUNT(plan->kept))
		snprintf(plan->kept[plan->kept_count++], sizeof(plan->kept[0]), "%s stays: %s",
			 part->place.name, why);
}

static void change(struct planning *p, size_t index, enum fate fate, const char *why)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];
	struct plan *plan = p->plan;

	p->fates[index] = fate;
	if (plan->written_count < RC_COUNT(plan->written))
		snprintf(plan->written[plan->written_count++], sizeof(plan->written[0]),
			 "%s is %s: %s", part->place.name,
			 fate == FATE_ERASE ? "erased" : "written", why);
}

static void want_from_firmware(struct planning *p, size_t index, const char *why)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];

	change(p, index, FATE_WRITE, why);
	if (!firmware_part(p->in->firmware, part->place.name))
		plan_refuse(p->plan, PLAN_NOT_IN_FIRMWARE,
			    "%s is to be written (%s), and %s has no such part: take firmware that "
			    "holds "
			    "it, or name what is to be written with --only",
			    part->place.name, why, p->in->firmware->source);
}

static void decide_set(struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];
	const struct firmware_part *wanted = firmware_part(p->in->firmware, part->place.name);

	if (!planning_is_good(part) && planning_is_required(p, part))
		want_from_firmware(p, index, planning_problem_of(part));
	else if (!wanted)
		keep(p, index, "the firmware has none");
	else if (planning_is_good(part) && planning_equals_firmware(p, part, wanted))
		keep(p, index, "it is the firmware's already");
	else
		change(p, index, FATE_WRITE,
		       planning_is_good(part)
			       ? "whole, but of another version than the firmware, and kernel, "
				 "root and driver must be one set"
			       : planning_problem_of(part));
}

static void decide_other(struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];

	if (planning_is_good(part))
		keep(p, index,
		     part->role == ROLE_APP ? "whole, and the camera keeps files of its own in it"
					    : "whole");
	else if (planning_is_required(p, part))
		want_from_firmware(p, index, planning_problem_of(part));
	else
		keep(p, index, "the camera starts without it");
	if (p->fates[index] == FATE_WRITE && part->role == ROLE_APP)
		plan_add_danger(
			p->plan,
			"%s is written anew: files that the camera had put there are then only in "
			"the backup",
			part->place.name);
}

/* All that must be named to bring a camera back that cannot start at all: the bootloader,
 * and what else it needs and is not good. */
static void add_all_to_name(const struct planning *p, struct rc_text *names)
{
	const struct inspection *inspection = p->in->inspection;

	for (size_t i = 0; i < inspection->partition_count; i++) {
		const struct inspected_partition *part = &inspection->partitions[i];

		if (!planning_is_good(part) &&
		    (part->role == ROLE_BOOT || planning_is_required(p, part)))
			rc_text_add(names, "%s%s", names->size ? "," : "", part->place.name);
	}
}

static void refuse_without_boot(struct planning *p, const struct inspected_partition *part)
{
	struct rc_text names = { 0 };

	add_all_to_name(p, &names);
	plan_refuse(p->plan, PLAN_BOOT_NOT_NAMED,
		    "%s is not whole (%s), so the camera cannot start, and it is written only "
		    "when you name it: add --only %s%s",
		    part->place.name, planning_problem_of(part), rc_text_get(&names),
		    firmware_part(p->in->firmware, part->place.name)
			    ? ""
			    : " and take firmware that holds it");
	rc_text_free(&names);
}

static void decide_boot(struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];
	bool runs = p->in->limits->prompt[0] != '\0';

	keep(p, index, "the bootloader is written only when it is named");
	if (planning_is_good(part))
		return;
	if (runs)
		plan_add_danger(
			p->plan,
			"%s looks damaged (%s), yet it runs: it stays; to replace it, name it with "
			"--only",
			part->place.name, planning_problem_of(part));
	else
		refuse_without_boot(p, part);
}

/* The firmware was taken from another camera, and holds what that one had there. */
static bool is_donors(const struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];
	const struct firmware_part *theirs = firmware_part(p->in->firmware, part->place.name);

	return theirs && !planning_equals_firmware(p, part, theirs);
}

static void decide_settings(struct planning *p, size_t index)
{
	keep(p, index,
	     is_donors(p, index) ? "your settings are written only when you name it; the "
				   "firmware has other bytes there, another camera's perhaps, "
				   "which are left out"
				 : "your settings are written only when you name it");
}

static void decide_identity(struct planning *p, size_t index)
{
	keep(p, index,
	     is_donors(p, index)
		     ? "it holds what makes this camera this one; the firmware "
		       "has other bytes there, another camera's perhaps, which are left out"
		     : "it holds what makes this camera this one");
	if (p->in->inspection->identity.present)
		return;
	plan_add_danger(
		p->plan,
		"this camera's identity is not in its flash and nothing here brings it back: "
		"restore "
		"%s from the first dump of this very camera (--only %s), never from another's",
		p->in->inspection->partitions[index].place.name,
		p->in->inspection->partitions[index].place.name);
}

static void decide_unread(struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];

	if (part->role == ROLE_FLAG)
		return; /* decide_flag, when the others are known */
	keep(p, index, "this link cannot read all of it, so it cannot be judged");
	if (part->role == ROLE_IDENTITY && planning_is_beyond_reach(p, part))
		plan_add_danger(
			p->plan,
			"%s, which holds this camera's identity, lies behind what this link "
			"reaches: it stays as it is, and there is no backup of it",
			part->place.name);
}

static void decide_unnamed(struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];

	if (!backup_covers(p->in->backup, part->place.offset, part->place.size)) {
		decide_unread(p, index);
		return;
	}
	switch (part->role) {
	case ROLE_BOOT:
		decide_boot(p, index);
		break;
	case ROLE_KERNEL:
	case ROLE_ROOT:
	case ROLE_DRIVER:
		decide_set(p, index);
		break;
	case ROLE_SETTINGS:
		decide_settings(p, index);
		break;
	case ROLE_IDENTITY:
		decide_identity(p, index);
		break;
	case ROLE_FLAG:
		break; /* decide_flag, when the others are known */
	default:
		decide_other(p, index);
		break;
	}
}

/* Law 3: what makes a camera itself is never taken from another. */
static void check_identity_source(struct planning *p, const char *name)
{
	const struct identity *own = &p->in->inspection->identity;
	const struct identity *other = &p->in->firmware->inspection.identity;
	char masked[32];

	if (!own->mac[0] || !other->mac[0]) {
		plan_add_danger(
			p->plan,
			"%s becomes what %s holds: only right if that is this very camera's own",
			name, p->in->firmware->source);
		return;
	}
	if (strcasecmp(own->mac, other->mac) == 0)
		return;
	rc_mask_secret(other->mac, masked, sizeof(masked));
	plan_refuse(
		p->plan, PLAN_IDENTITY_FOREIGN,
		"%s in %s is another camera's (MAC %s): with it two cameras would be one, and "
		"yours "
		"would vanish when the other is paired; keep %s, or take it from this camera's own "
		"first dump",
		name, p->in->firmware->source, masked, name);
}

/* A bootloader that does not know the chip reaches its prompt and no further
 * (facts/bootloaders-and-flash.md 3.4). */
static void check_boot_knows_chip(struct planning *p)
{
	const struct board_bootloader *known = p->in->firmware->inspection.bootloader.known;
	uint32_t jedec = p->in->limits->jedec;
	bool accepted = false;

	if (!known || !jedec)
		return;
	for (size_t i = 0; i < RC_COUNT(known->makers) && known->makers[i]; i++)
		accepted |= known->makers[i] == jedec >> 16;
	if (known->makers[0] && !accepted)
		plan_refuse(p->plan, PLAN_WRONG_MODEL,
			    "[chip-unsupported] the bootloader %s does not know the maker of this "
			    "camera's chip (id %06" PRIx32
			    "): with it the camera would never start; take one that does",
			    known->version, jedec);
	for (size_t i = 0; i < RC_COUNT(known->misdetects) && known->misdetects[i]; i++)
		if (known->misdetects[i] == jedec)
			plan_add_danger(p->plan,
					"the bootloader %s takes this chip (id %06" PRIx32
					") for a smaller one: later updates by SD card will fail",
					known->version, jedec);
}

static void decide_named(struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];
	const char *name = part->place.name;

	if (part->role == ROLE_FLAG && !firmware_part(p->in->firmware, name)) {
		change(p, index, FATE_ERASE, "you named it; blank is its normal state");
		return;
	}
	want_from_firmware(p, index, "you named it");
	if (part->role == ROLE_BOOT) {
		check_boot_knows_chip(p);
		plan_add_danger(
			p->plan,
			"%s is written: if power goes while its blocks are being written, only a "
			"programmer brings this camera back",
			name);
	} else if (part->role == ROLE_IDENTITY) {
		check_identity_source(p, name);
	} else if (part->role == ROLE_SETTINGS || part->role == ROLE_APP) {
		plan_add_danger(
			p->plan,
			"%s is written: what the camera keeps there is then only in the backup",
			name);
	}
}

static bool writes_what_flag_undoes(const struct planning *p)
{
	for (size_t i = 0; i < p->in->inspection->partition_count; i++) {
		enum partition_role role = p->in->inspection->partitions[i].role;

		if (p->fates[i] != FATE_KEEP && (role == ROLE_KERNEL || role == ROLE_DRIVER))
			return true;
	}
	return false;
}

static void decide_unread_flag(struct planning *p, size_t index)
{
	const char *name = p->in->inspection->partitions[index].place.name;

	keep(p, index,
	     "this link cannot read it, so it is not known whether an update waits there");
	if (writes_what_flag_undoes(p))
		plan_add_danger(
			p->plan,
			"%s cannot be read over this link: if an update waits in it, the "
			"bootloader "
			"copies the backup partitions over what is written here at the next start",
			name);
}

/* FWGRADEUP in the flag makes the bootloader copy backupk and backupd over kernel and
 * driver at the next start without the button, and it checks neither
 * (facts/bootloaders-and-flash.md 0.8, 1.6). */
static void decide_flag(struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];
	const char *name = part->place.name;
	bool unsafe = inspection_find(p->in->inspection, "update-pending-unsafe");
	bool pending = unsafe || inspection_find(p->in->inspection, "update-pending");
	const char *why =
		unsafe ? "it asks the bootloader to copy backup partitions that do not hold "
			 "what they should over kernel and driver at the next start"
		       : "it asks the bootloader to copy the backup partitions over what is "
			 "written here at the next start";

	if (!backup_covers(p->in->backup, part->place.offset, part->place.size))
		decide_unread_flag(p, index);
	else if (!pending)
		keep(p, index, "no update is waiting in it");
	else if (!unsafe && !writes_what_flag_undoes(p))
		keep(p, index, "an update waits in it, and what it would copy is whole");
	else if (!p->in->only)
		change(p, index, FATE_ERASE, why);
	else {
		keep(p, index, "you did not name it");
		plan_add_danger(p->plan, "%s stays, and %s: name it too (--only ...,%s)", name, why,
				name);
	}
}

void plan_decide(struct planning *p)
{
	const struct inspection *inspection = p->in->inspection;

	for (size_t i = 0; i < inspection->partition_count; i++) {
		if (planning_is_named(p, inspection->partitions[i].place.name))
			decide_named(p, i);
		else if (!p->in->only)
			decide_unnamed(p, i);
		else if (inspection->partitions[i].role != ROLE_FLAG)
			keep(p, i, "you did not name it");
	}
	for (size_t i = 0; i < inspection->partition_count; i++)
		if (inspection->partitions[i].role == ROLE_FLAG &&
		    !planning_is_named(p, inspection->partitions[i].place.name))
			decide_flag(p, i);
}

/* Part of the set stays and is not the firmware's: it may be of another version. */
void plan_warn_of_mix(struct planning *p)
{
	const struct inspection *inspection = p->in->inspection;
	bool any = false;

	for (size_t i = 0; i < inspection->partition_count; i++)
		any |= p->fates[i] == FATE_WRITE &&
		       planning_is_of_the_set(inspection->partitions[i].role);
	for (size_t i = 0; any && i < inspection->partition_count; i++) {
		const struct inspected_partition *part = &inspection->partitions[i];
		const struct firmware_part *wanted = firmware_part(p->in->firmware,
								   part->place.name);

		if (p->fates[i] == FATE_KEEP && planning_is_of_the_set(part->role) &&
		    (!wanted || !planning_equals_firmware(p, part, wanted)))
			plan_add_danger(
				p->plan,
				"%s stays and is not this firmware's: kernel, root and driver of "
				"different versions may not start together",
				part->place.name);
	}
}
