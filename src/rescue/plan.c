/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/text.h"
#include "rescue/shared_block.h"
#include "rescue/survey.h"

void plan_clear(struct plan *plan)
{
	free(plan->target);
	free(plan->steps);
	*plan = (struct plan){ 0 };
}

/* What is to become of one partition. */
enum fate { FATE_KEEP, FATE_WRITE, FATE_ERASE };

struct planning {
	const struct plan_input *in;
	struct plan *plan;
	enum fate fates[RC_MAX_PARTITIONS]; /* beside inspection->partitions */
};

static void refuse(struct plan *plan, enum plan_refusal refusal, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The first reason stands. */
static void refuse(struct plan *plan, enum plan_refusal refusal, const char *format, ...)
{
	va_list args;

	if (plan->refusal != PLAN_OK)
		return;
	plan->refusal = refusal;
	va_start(args, format);
	vsnprintf(plan->why, sizeof(plan->why), format, args);
	va_end(args);
}

static void danger(struct plan *plan, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void danger(struct plan *plan, const char *format, ...)
{
	size_t at = 0;
	va_list args;

	while (at < PLAN_MAX_DANGERS && plan->dangers[at][0])
		at++;
	if (at == PLAN_MAX_DANGERS)
		return;
	va_start(args, format);
	vsnprintf(plan->dangers[at], sizeof(plan->dangers[at]), format, args);
	va_end(args);
}

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

/* ---- looking at partitions ---- */

static struct rc_span content_of(const struct planning *p, const struct partition *place)
{
	struct rc_span flash = { p->in->backup->data, p->in->backup->size };

	return rc_span_sub(flash, place->offset, place->size);
}

static bool is_good(const struct inspected_partition *part)
{
	return part->report.state == REGION_GOOD ||
	       (!part->expected && part->report.state == REGION_UNKNOWN);
}

static bool is_required(const struct planning *p, const struct inspected_partition *part)
{
	const struct board_partition *known = board_partition(p->in->board, part->place.name);

	return known && known->required;
}

static bool is_named(const struct planning *p, const char *name)
{
	for (const char *const *only = p->in->only; only && *only; only++)
		if (firmware_same_name(name, *only))
			return true;
	return false;
}

/* kernel, root and driver of one version belong together. */
static bool is_of_the_set(enum partition_role role)
{
	return role == ROLE_KERNEL || role == ROLE_ROOT || role == ROLE_DRIVER;
}

/* Equal in all that is content: firmware files are padded with FF or 00, or cut behind
 * their last byte, and that alone is no reason to erase anything. */
static bool equals_firmware(const struct planning *p, const struct inspected_partition *part,
			    const struct firmware_part *wanted)
{
	struct rc_span have = content_of(p, &part->place);
	size_t ff = rc_used_before_fill(wanted->bytes.data, wanted->bytes.size, 0xff);
	size_t zero = rc_used_before_fill(wanted->bytes.data, wanted->bytes.size, 0x00);
	size_t used = ff < zero ? ff : zero;

	return used <= have.size && memcmp(have.data, wanted->bytes.data, used) == 0;
}

static const char *problem_of(const struct inspected_partition *part)
{
	if (part->report.problem_count)
		return part->report.problems[0].text;
	return part->report.state == REGION_ERASED    ? "nothing but FF"
	       : part->report.state == REGION_FOREIGN ? "something else lies there"
						      : "not what belongs there";
}

/* ---- what becomes of each partition ---- */

static void want_from_firmware(struct planning *p, size_t index, const char *why)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];

	change(p, index, FATE_WRITE, why);
	if (!firmware_part(p->in->firmware, part->place.name))
		refuse(p->plan, PLAN_NOT_IN_FIRMWARE,
		       "%s is to be written (%s), and %s has no such part: take firmware that "
		       "holds "
		       "it, or name what is to be written with --only",
		       part->place.name, why, p->in->firmware->source);
}

static void decide_set(struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];
	const struct firmware_part *wanted = firmware_part(p->in->firmware, part->place.name);

	if (!is_good(part) && is_required(p, part))
		want_from_firmware(p, index, problem_of(part));
	else if (!wanted)
		keep(p, index, "the firmware has none");
	else if (is_good(part) && equals_firmware(p, part, wanted))
		keep(p, index, "it is the firmware's already");
	else
		change(p, index, FATE_WRITE,
		       is_good(part)
			       ? "whole, but of another version than the firmware, and kernel, "
				 "root and driver must be one set"
			       : problem_of(part));
}

static void decide_other(struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];

	if (is_good(part))
		keep(p, index,
		     part->role == ROLE_APP ? "whole, and the camera keeps files of its own in it"
					    : "whole");
	else if (is_required(p, part))
		want_from_firmware(p, index, problem_of(part));
	else
		keep(p, index, "the camera starts without it");
	if (p->fates[index] == FATE_WRITE && part->role == ROLE_APP)
		danger(p->plan,
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

		if (!is_good(part) && (part->role == ROLE_BOOT || is_required(p, part)))
			rc_text_add(names, "%s%s", names->size ? "," : "", part->place.name);
	}
}

static void refuse_without_boot(struct planning *p, const struct inspected_partition *part)
{
	struct rc_text names = { 0 };

	add_all_to_name(p, &names);
	refuse(p->plan, PLAN_BOOT_NOT_NAMED,
	       "%s is not whole (%s), so the camera cannot start, and it is written only "
	       "when you name it: add --only %s%s",
	       part->place.name, problem_of(part), rc_text_get(&names),
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
	if (is_good(part))
		return;
	if (runs)
		danger(p->plan,
		       "%s looks damaged (%s), yet it runs: it stays; to replace it, name it with "
		       "--only",
		       part->place.name, problem_of(part));
	else
		refuse_without_boot(p, part);
}

/* The firmware was taken from another camera, and holds what that one had there. */
static bool is_donors(const struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];
	const struct firmware_part *theirs = firmware_part(p->in->firmware, part->place.name);

	return theirs && !equals_firmware(p, part, theirs);
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
	danger(p->plan,
	       "this camera's identity is not in its flash and nothing here brings it back: "
	       "restore "
	       "%s from the first dump of this very camera (--only %s), never from another's",
	       p->in->inspection->partitions[index].place.name,
	       p->in->inspection->partitions[index].place.name);
}

/* What a link does not reach it does not erase either. */
static bool is_beyond_reach(const struct planning *p, const struct inspected_partition *part)
{
	return part->place.offset >= p->in->limits->reach;
}

static void decide_unread(struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];

	if (part->role == ROLE_FLAG)
		return; /* decide_flag, when the others are known */
	keep(p, index, "this link cannot read all of it, so it cannot be judged");
	if (part->role == ROLE_IDENTITY && is_beyond_reach(p, part))
		danger(p->plan,
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
		danger(p->plan,
		       "%s becomes what %s holds: only right if that is this very camera's own",
		       name, p->in->firmware->source);
		return;
	}
	if (strcasecmp(own->mac, other->mac) == 0)
		return;
	rc_mask_secret(other->mac, masked, sizeof(masked));
	refuse(p->plan, PLAN_IDENTITY_FOREIGN,
	       "%s in %s is another camera's (MAC %s): with it two cameras would be one, and yours "
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
		refuse(p->plan, PLAN_WRONG_MODEL,
		       "[chip-unsupported] the bootloader %s does not know the maker of this "
		       "camera's chip (id %06" PRIx32
		       "): with it the camera would never start; take one that does",
		       known->version, jedec);
	for (size_t i = 0; i < RC_COUNT(known->misdetects) && known->misdetects[i]; i++)
		if (known->misdetects[i] == jedec)
			danger(p->plan,
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
		danger(p->plan,
		       "%s is written: if power goes while its blocks are being written, only a "
		       "programmer brings this camera back",
		       name);
	} else if (part->role == ROLE_IDENTITY) {
		check_identity_source(p, name);
	} else if (part->role == ROLE_SETTINGS || part->role == ROLE_APP) {
		danger(p->plan,
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
		danger(p->plan,
		       "%s cannot be read over this link: if an update waits in it, the bootloader "
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
		danger(p->plan, "%s stays, and %s: name it too (--only ...,%s)", name, why, name);
	}
}

static void decide_all(struct planning *p)
{
	const struct inspection *inspection = p->in->inspection;

	for (size_t i = 0; i < inspection->partition_count; i++) {
		if (is_named(p, inspection->partitions[i].place.name))
			decide_named(p, i);
		else if (!p->in->only)
			decide_unnamed(p, i);
		else if (inspection->partitions[i].role != ROLE_FLAG)
			keep(p, i, "you did not name it");
	}
	for (size_t i = 0; i < inspection->partition_count; i++)
		if (inspection->partitions[i].role == ROLE_FLAG &&
		    !is_named(p, inspection->partitions[i].place.name))
			decide_flag(p, i);
}

/* Part of the set stays and is not the firmware's: it may be of another version. */
static void warn_of_mix(struct planning *p)
{
	const struct inspection *inspection = p->in->inspection;
	bool any = false;

	for (size_t i = 0; i < inspection->partition_count; i++)
		any |= p->fates[i] == FATE_WRITE && is_of_the_set(inspection->partitions[i].role);
	for (size_t i = 0; any && i < inspection->partition_count; i++) {
		const struct inspected_partition *part = &inspection->partitions[i];
		const struct firmware_part *wanted = firmware_part(p->in->firmware,
								   part->place.name);

		if (p->fates[i] == FATE_KEEP && is_of_the_set(part->role) &&
		    (!wanted || !equals_firmware(p, part, wanted)))
			danger(p->plan,
			       "%s stays and is not this firmware's: kernel, root and driver of "
			       "different versions may not start together",
			       part->place.name);
	}
}

/* ---- the target, and the steps to it ---- */

static const struct inspected_partition *inspected(const struct inspection *inspection,
						   const char *name)
{
	for (size_t i = 0; i < inspection->partition_count; i++)
		if (firmware_same_name(inspection->partitions[i].place.name, name))
			return &inspection->partitions[i];
	return NULL;
}

static void check_part_is_whole(struct planning *p, const struct inspected_partition *part)
{
	const struct inspected_partition *source = inspected(&p->in->firmware->inspection,
							     part->place.name);
	bool blank_is_right = !is_required(p, part);

	if (!source || is_good(source) || (source->report.state == REGION_ERASED && blank_is_right))
		return;
	refuse(p->plan, PLAN_FIRMWARE_DAMAGED,
	       "[image-bad-checksum] %s in %s is itself %s (%s): it is not written; take firmware "
	       "that is whole, or name other partitions with --only",
	       part->place.name, p->in->firmware->source, region_state_name(source->report.state),
	       problem_of(source));
}

static void set_target(struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];
	const struct partition *place = &part->place;
	const struct firmware_part *wanted = firmware_part(p->in->firmware, place->name);

	if (p->fates[index] == FATE_KEEP || p->plan->refusal != PLAN_OK)
		return;
	if (place->offset % RC_ERASE_BLOCK || place->size % RC_ERASE_BLOCK ||
	    place->offset > p->plan->target_size ||
	    place->size > p->plan->target_size - place->offset) {
		refuse(p->plan, PLAN_DOES_NOT_FIT,
		       "%s (0x%" PRIx32 ", %" PRIu32
		       " bytes) does not lie in this flash of %" PRIu32
		       " bytes in whole blocks of 64 KiB: this is another camera, or its chip is "
		       "not "
		       "the one it came with",
		       place->name, place->offset, place->size, p->plan->target_size);
		return;
	}
	memset(p->plan->target + place->offset, 0xff, place->size);
	if (p->fates[index] == FATE_ERASE)
		return;
	if (wanted->bytes.size > place->size) {
		refuse(p->plan, PLAN_DOES_NOT_FIT,
		       "[image-too-large] %s in %s has %zu bytes, the partition has %" PRIu32
		       ": it is not the firmware of this camera",
		       place->name, p->in->firmware->source, wanted->bytes.size, place->size);
		return;
	}
	check_part_is_whole(p, part);
	if (wanted->bytes.size)
		memcpy(p->plan->target + place->offset, wanted->bytes.data, wanted->bytes.size);
}

static bool differs(const struct planning *p, size_t block)
{
	const struct backup *backup = p->in->backup;
	size_t offset = block * RC_ERASE_BLOCK;
	size_t size = backup->size - offset < RC_ERASE_BLOCK ? backup->size - offset
							     : RC_ERASE_BLOCK;

	if (p->in->now && block < survey_reachable(p->in->limits))
		return p->in->now[block] != rc_crc32(0, p->plan->target + offset, size);
	return memcmp(p->plan->target + offset, backup->data + offset, size) != 0;
}

static const char *partition_at(const struct inspection *inspection, uint32_t offset)
{
	for (size_t i = 0; i < inspection->partition_count; i++) {
		const struct partition *place = &inspection->partitions[i].place;

		if (offset >= place->offset && offset - place->offset < place->size)
			return place->name;
	}
	return "";
}

static void add_block(struct planning *p, size_t block)
{
	struct plan *plan = p->plan;
	uint32_t offset = (uint32_t)(block * RC_ERASE_BLOCK);
	const char *name = partition_at(p->in->inspection, offset);
	bool erase_only = rc_all_bytes(plan->target + offset, RC_ERASE_BLOCK, 0xff);
	struct plan_step *last = plan->step_count ? &plan->steps[plan->step_count - 1] : NULL;

	plan->erase_bytes += RC_ERASE_BLOCK;
	plan->write_bytes += erase_only ? 0 : RC_ERASE_BLOCK;
	if (last && last->offset + last->size == offset && last->erase_only == erase_only &&
	    strcmp(last->partition, name) == 0) {
		last->size += RC_ERASE_BLOCK;
		return;
	}
	plan->steps[plan->step_count] = (struct plan_step){ .offset = offset,
							    .size = RC_ERASE_BLOCK,
							    .erase_only = erase_only };
	snprintf(plan->steps[plan->step_count++].partition, RC_PARTITION_NAME, "%s", name);
}

static void add_part(struct planning *p, const struct shared_block *shared)
{
	struct plan *plan = p->plan;
	struct plan_step *step = &plan->steps[plan->step_count++];

	*step = (struct plan_step){ .offset = shared->offset,
				    .size = shared->size,
				    .erase_only = rc_all_bytes(plan->target + shared->offset,
							       shared->size, 0xff) };
	snprintf(step->partition, RC_PARTITION_NAME, "%s",
		 partition_at(p->in->inspection, shared->offset));
	plan->erase_bytes += shared->size;
	plan->write_bytes += step->erase_only ? 0 : shared->size;
	danger(plan,
	       "the block at 0x%" PRIx32 " also holds the end of the bootloader: only the %" PRIu32
	       " bytes of the environment at 0x%" PRIx32 " are erased in it",
	       shared->block, shared->size, shared->offset);
}

/* Where the other side is a programmer, or a file, a power cut leaves no camera without a
 * bootloader that it needs to be reached. */
static bool may_erase_whole(const struct planning *p)
{
	return p->in->limits->kind == LINK_FILE || p->in->limits->kind == LINK_FLASHROM;
}

/* True where it was the shared block's environment alone, and that is dealt with. */
static bool add_environment(struct planning *p, size_t block, const struct shared_block *shared)
{
	const struct link_info *limits = p->in->limits;

	if (block * RC_ERASE_BLOCK != shared->block ||
	    !shared_block_alone(shared, p->in->backup->data, p->plan->target))
		return false;
	if (limits->fine_step && shared->offset % limits->fine_step == 0 &&
	    shared->size % limits->fine_step == 0) {
		add_part(p, shared);
		return true;
	}
	if (may_erase_whole(p))
		return false;
	refuse(p->plan, PLAN_SHARED_BLOCK,
	       "of the block at 0x%" PRIx32 " only the bootloader's environment (0x%" PRIx32
	       ") is to change, and the rest of it is the bootloader itself: over this link the "
	       "block can only be erased whole, and a power cut then would leave no bootloader; "
	       "use the bootloader's own console (uboot:PORT), or a programmer",
	       shared->block, shared->offset);
	return true;
}

static int make_steps(struct planning *p, struct rc_error *err)
{
	struct rc_span flash = { p->in->backup->data, p->in->backup->size };
	size_t blocks = p->plan->target_size / RC_ERASE_BLOCK;
	struct shared_block shared;
	bool is_shared = shared_block_find(flash, p->in->board, &shared);

	p->plan->steps = calloc(blocks + 1, sizeof(*p->plan->steps));
	if (!p->plan->steps)
		return rc_fail_memory(err, blocks * sizeof(*p->plan->steps));
	for (size_t i = 0; i < blocks; i++)
		if (differs(p, i) && !(is_shared && add_environment(p, i, &shared)))
			add_block(p, i);
	return 0;
}

/* ---- what forbids it ---- */

static void check_camera(struct planning *p)
{
	const struct board *board = p->in->board;
	const struct board_match *other = &p->in->firmware->board;

	if (!board || p->in->inspection->partition_count == 0)
		refuse(p->plan, PLAN_UNKNOWN_BOARD,
		       "which camera this is cannot be told from its flash: if you know it, say so "
		       "with --board ID (recam boards lists them)");
	else if (board->refused)
		refuse(p->plan, PLAN_UNKNOWN_BOARD, "this is a %s, which recam does not touch: %s",
		       board->name, board->why_refused);
	else if (other->board && other->board != board && other->confidence >= BOARD_LIKELY)
		refuse(p->plan, PLAN_WRONG_MODEL,
		       "[image-wrong-model] %s is firmware of a %s (%s), this camera is a %s: take "
		       "the "
		       "firmware of this camera",
		       p->in->firmware->source, other->board->name,
		       other->because_count ? other->because[0]
					    : board_confidence_name(other->confidence),
		       board->name);
	else if (board->layout.flash_size > p->in->backup->size)
		refuse(p->plan, PLAN_DOES_NOT_FIT,
		       "a %s has a flash of %" PRIu32 " bytes, this one has %" PRIu32
		       ": it is another camera, or the chip was taken for a smaller one",
		       board->name, board->layout.flash_size, p->in->backup->size);
}

static void check_proofs(struct planning *p, const struct plan_step *step)
{
	const struct inspection *inspection = p->in->inspection;

	for (size_t i = 0; i < inspection->partition_count; i++) {
		const struct inspected_partition *part = &inspection->partitions[i];

		if (part->role == ROLE_IDENTITY && !is_beyond_reach(p, part) &&
		    !backup_covers(p->in->backup, part->place.offset, part->place.size))
			refuse(p->plan, PLAN_IDENTITY_UNPROVEN,
			       "%s, which holds this camera's identity, has no proven backup (this "
			       "link reaches %" PRIu32 " of %" PRIu32
			       " bytes): nothing is erased before it has one; read the chip with a "
			       "programmer, or over a link that reaches all of it",
			       part->place.name, p->in->limits->reach, p->in->limits->flash_size);
	}
	if (!backup_covers(p->in->backup, step->offset, step->size))
		refuse(p->plan, PLAN_NO_BACKUP,
		       "0x%" PRIx32 " to 0x%" PRIx32
		       " (%s) has no proven backup: nothing is erased before it has one; take the "
		       "backup again",
		       step->offset, step->offset + step->size, step->partition);
}

/* A link that can lift the chip's protection does it while this plan is carried out. */
static bool lift_protection(struct planning *p, const struct plan_step *step)
{
	const struct link_info *limits = p->in->limits;
	uint32_t end = limits->protected_start + limits->protected_size;
	char range[CHIP_RANGE_TEXT];

	if (!limits->can_unprotect)
		return false;
	if (p->plan->lifts_protection || limits->protected_size == 0 || step->offset >= end ||
	    step->offset + step->size <= limits->protected_start)
		return true;
	p->plan->lifts_protection = true;
	danger(p->plan,
	       "on this chip %s is protected (status register %02X): that is lifted while this is "
	       "written, and put back as it was; if power goes meanwhile, run the same command "
	       "again before the camera is switched on",
	       chip_range_text(range, limits->protected_start, limits->protected_size,
			       limits->flash_size),
	       limits->status[0]);
	return true;
}

static void check_protection(struct planning *p, const struct plan_step *step)
{
	const struct link_info *limits = p->in->limits;
	struct nor chip = { .size = limits->flash_size,
			    .jedec = limits->jedec,
			    .chip = limits->chip };

	if (lift_protection(p, step))
		return;
	memcpy(chip.status, limits->status, sizeof(chip.status));
	if (limits->status_count > 0 && nor_is_protected(&chip, step->offset, step->size))
		refuse(p->plan, PLAN_WRITE_PROTECTED,
		       "[write-protected] the chip's status register (%02X) protects 0x%" PRIx32
		       " to 0x%" PRIx32
		       " (%s): erasing there would do nothing; clear the protection with a "
		       "programmer (flashrom --wp-disable) first",
		       chip.status[0], step->offset, step->offset + step->size, step->partition);
}

static void check_steps(struct planning *p)
{
	const struct link_info *limits = p->in->limits;

	for (size_t i = 0; i < p->plan->step_count; i++) {
		const struct plan_step *step = &p->plan->steps[i];

		if ((uint64_t)step->offset + step->size > limits->reach)
			refuse(p->plan, PLAN_UNREACHABLE,
			       "%s at 0x%" PRIx32 " lies behind 0x%" PRIx32
			       ", the end of what this link can reach of the %" PRIu32
			       " bytes of the chip: %suse a programmer, or a bootloader that knows "
			       "this chip",
			       step->partition, step->offset, limits->reach, limits->flash_size,
			       limits->can_extend ? "let recam cure that (--cure-size), " : "");
		check_proofs(p, step);
		check_protection(p, step);
	}
	if (p->plan->step_count == 0)
		refuse(p->plan, PLAN_NOTHING_TO_DO,
		       "the flash already holds what is wanted: there is nothing to do");
}

/* ---- what the user wants to know before saying yes ---- */

static void estimate(struct planning *p)
{
	const struct link_info *limits = p->in->limits;
	double blocks = (double)p->plan->erase_bytes / RC_ERASE_BLOCK;
	double pages = (double)p->plan->write_bytes / NOR_PAGE;

	if (limits->write_rate <= 0)
		return;
	/* Each block's checksum is asked for before and after, and at the end that of all. */
	p->plan->seconds = (double)p->plan->write_bytes / limits->write_rate +
			   blocks * nor_erase_micros(0xd8) / 1e6 +
			   pages * NOR_PROGRAM_MICROS / 1e6 +
			   2 * blocks * limits->checksum_seconds +
			   (double)p->plan->target_size / RC_ERASE_BLOCK * limits->survey_seconds;
}

static void add_names(struct rc_text *names, const struct planning *p, bool good_only)
{
	const struct inspection *inspection = p->in->inspection;

	for (size_t i = 0; i < inspection->partition_count; i++)
		if (p->fates[i] != FATE_KEEP && (!good_only || is_good(&inspection->partitions[i])))
			rc_text_add(names, "%s%s", names->size ? "," : "",
				    inspection->partitions[i].place.name);
}

static void say_way_back(struct planning *p)
{
	const char *file = p->in->backup_path ? p->in->backup_path : "recam-backup.bin";
	struct rc_text good = { 0 };
	struct rc_text all = { 0 };

	add_names(&all, p, false);
	add_names(&good, p, true);
	if (good.size)
		snprintf(p->plan->way_back, sizeof(p->plan->way_back),
			 "recam rescue %s --from %s --only %s puts back what was whole before%s",
			 p->in->limits->name, file, rc_text_get(&good),
			 good.size == all.size ? ""
					       : "; the rest was broken, its bytes are in that "
						 "file");
	else
		snprintf(p->plan->way_back, sizeof(p->plan->way_back),
			 "what is overwritten (%s) was not whole; its bytes stay in %s, and a "
			 "programmer can put the whole of it back: flashrom -p PROGRAMMER -w %s",
			 rc_text_get(&all), file, file);
	rc_text_free(&all);
	rc_text_free(&good);
}

static int check_names(const struct planning *p, struct rc_error *err)
{
	for (const char *const *only = p->in->only; only && *only; only++)
		if (!inspected(p->in->inspection, *only))
			return rc_fail(
				err, RC_EUSAGE,
				"a %s has no partition \"%s\" (--only): recam boards %s lists "
				"those it has",
				p->in->board->name, *only, p->in->board->id);
	return 0;
}

static int plan_writes(struct planning *p, struct rc_error *err)
{
	struct plan *plan = p->plan;
	int result = check_names(p, err);

	if (result)
		return result;
	plan->target = malloc(p->in->backup->size);
	if (!plan->target)
		return rc_fail_memory(err, p->in->backup->size);
	plan->target_size = p->in->backup->size;
	memcpy(plan->target, p->in->backup->data, plan->target_size);
	decide_all(p);
	for (size_t i = 0; i < p->in->inspection->partition_count; i++)
		set_target(p, i);
	if (plan->refusal != PLAN_OK)
		return 0;
	result = make_steps(p, err);
	if (result)
		return result;
	warn_of_mix(p);
	if (p->in->limits->extended[0])
		danger(plan,
		       "a word in the bootloader's RAM was changed so that it reaches all of the "
		       "chip; a restart undoes that. If the camera restarts while this is written, "
		       "nothing more is written: run the same command again");
	check_steps(p);
	estimate(p);
	say_way_back(p);
	if (plan->step_count)
		danger(plan,
		       "from the first erase to the last check the camera may not start: if it "
		       "is interrupted, run the same command again");
	return 0;
}

int plan_make(const struct plan_input *input, struct plan *plan, struct rc_error *err)
{
	struct planning planning = { .in = input, .plan = plan };
	int result = 0;

	*plan = (struct plan){ .board = input->board };
	check_camera(&planning);
	if (plan->refusal == PLAN_OK)
		result = plan_writes(&planning, err);
	if (result)
		plan_clear(plan);
	return result;
}
