/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/rescue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/text.h"
#include "rescue/apply.h"
#include "rescue/default_path.h"
#include "rescue/rehearse.h"
#include "rescue/start.h"
#include "rescue/survey.h"

static const char *const verdict_names[] = {
	[VERDICT_NOTHING_TO_DO] = "nothing-to-do",
	[VERDICT_STARTS] = "starts",
	[VERDICT_WRITTEN] = "written",
	[VERDICT_DOES_NOT_START] = "does-not-start",
	[VERDICT_DECLINED] = "declined",
	[VERDICT_REFUSED] = "refused",
};

const char *verdict_name(enum verdict verdict)
{
	return verdict_names[verdict];
}

void rescue_result_clear(struct rescue_result *result)
{
	plan_clear(&result->plan);
	inspection_clear(&result->before);
	inspection_clear(&result->after);
	*result = (struct rescue_result){ 0 };
}

struct rescue {
	struct link *link;
	const struct rescue_options *options;
	struct rescue_result *result;
	struct default_path chosen; /* where the user named no FILE */
	const char *path;           /* of the backup FILE */
	char *journal_path;         /* NULL while nothing may be kept (rescue_plan) */
	struct rc_buffer reference;
	struct backup backup;
	struct firmware firmware;
	struct journal *journal;
	uint32_t *now; /* CRC-32 per reachable block; NULL: the backup was taken just now */
	bool over;     /* there is a verdict */
	bool begun;    /* something of the camera was erased in this run */
};

static void say(const struct rescue *r, const char *stage, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void say(const struct rescue *r, const char *stage, const char *format, ...)
{
	char text[640];
	va_list args;

	if (!r->options->stage)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	r->options->stage(r->options->context, stage, text);
}

static void decide(struct rescue *r, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void decide(struct rescue *r, enum verdict verdict, const char *format, ...)
{
	va_list args;

	r->over = true;
	r->result->verdict = verdict;
	va_start(args, format);
	vsnprintf(r->result->text, sizeof(r->result->text), format, args);
	va_end(args);
}

/* ---- which camera, and the firmware as far as it can be looked at now ---- */

/* A board whose layout is this camera's, before its flash was read: enough to lay known
 * firmware over it, whose every block must then be confirmed by the camera's checksum. */
static const struct board *likely_board(const struct rescue *r)
{
	const struct link_info *info = &r->link->info;
	const struct boards *boards = r->options->boards;

	for (size_t i = 0; info->prompt[0] && i < boards->count; i++) {
		const struct board *board = &boards->all[i];

		if (board->refused || board->layout.flash_size != info->flash_size)
			continue;
		for (size_t k = 0; k < RC_COUNT(board->console.prompts); k++)
			if (strcmp(board->console.prompts[k], info->prompt) == 0)
				return board;
	}
	return NULL;
}

/* Reading a flash over a console takes hours: what is no firmware at all is told before. */
static int glance_at_firmware(struct rescue *r, struct rc_error *err)
{
	const struct rescue_options *options = r->options;
	const struct board *board = options->board ? boards_find(options->boards, options->board)
						   : likely_board(r);
	struct firmware firmware;
	int result;

	if (options->board && !board)
		return rc_fail(err, RC_EUSAGE,
			       "there is no camera \"%s\": recam boards lists those that are known",
			       options->board);
	/* The backup of a chip that cannot be this camera's would be of no use to it. */
	if (options->board && board->layout.flash_size > r->link->info.flash_size)
		return rc_fail(err, RC_EREFUSED,
			       "a %s has a flash of %" PRIu32 " bytes, this one has %" PRIu32
			       ": it is another camera's chip, or was taken for a smaller one",
			       board->name, board->layout.flash_size, r->link->info.flash_size);
	if (!rc_file_exists(options->firmware_path))
		return rc_fail(
			err, RC_ENOTFOUND,
			"%s is not there: name the firmware (a whole flash image, a folder of "
			"NAME.bin, or a demo.bin)",
			options->firmware_path);
	if (!board)
		return 0;
	result = firmware_read(options->firmware_path, board, &firmware, err);
	/* Where the board is a guess, only what holds for every camera counts. */
	if (result && (options->board || strncmp(err->text, "[image-not-firmware]", 20) == 0 ||
		       strncmp(err->text, "[image-bad-checksum]", 20) == 0))
		return result;
	if (result)
		return 0;
	result = firmware_image(&firmware, r->link->info.flash_size, &r->reference, err);
	firmware_clear(&firmware);
	return result;
}

static int stage_identify(struct rescue *r, struct rc_error *err)
{
	const struct link_info *info = &r->link->info;
	char size[RC_SIZE_TEXT];

	rc_size_text(size, info->flash_size);
	say(r, "identify", "%s: %s%s%s%s%s", info->name, info->chip ? info->chip->name : "a flash",
	    info->chip ? ", " : " of ", size, info->bootloader[0] ? ", bootloader " : "",
	    info->bootloader);
	if (info->reach < info->flash_size)
		say(r, "identify",
		    "[chip-size-misdetected] only 0x%" PRIx32 " of 0x%" PRIx32
		    " bytes can be reached: the bootloader takes the chip for a smaller one",
		    info->reach, info->flash_size);
	if (info->extended[0])
		say(r, "identify", "all of the chip can be reached until the next restart (%s)",
		    info->extended);
	return glance_at_firmware(r, err);
}

/* ---- a proven backup ---- */

static int inspect(const struct rescue *r, const uint8_t *data, struct inspection *inspection,
		   struct rc_error *err)
{
	struct inspect_options options = { .boards = r->options->boards,
					   .board = r->options->board,
					   .jedec = r->backup.jedec,
					   .reach = backup_reach(&r->backup) };

	return inspect_flash((struct rc_span){ data, r->backup.size }, &options, inspection, err);
}

/* What may spare moving bytes: the firmware, for a plan alone what a backup left, and the
 * backup of the rescue before this one. */
#define MOST_LEFT 3
static size_t collect_references(const struct rescue *r, struct rc_buffer left[MOST_LEFT],
				 struct rc_span references[MOST_LEFT + 1])
{
	static const char *const suffixes[] = { "", ".partial" };
	size_t count = 0;

	if (r->reference.data)
		references[count++] = (struct rc_span){ r->reference.data, r->reference.size };
	for (size_t i = 0; i < RC_COUNT(suffixes) && !r->journal_path; i++) {
		char name[600];

		snprintf(name, sizeof(name), "%s%s", r->path, suffixes[i]);
		if (rc_file_read(name, RC_MAX_FLASH, &left[i], NULL) == 0)
			references[count++] = (struct rc_span){ left[i].data, left[i].size };
	}
	if (r->chosen.before[0] &&
	    rc_file_read(r->chosen.before, RC_MAX_FLASH, &left[MOST_LEFT - 1], NULL) == 0)
		references[count++] = (struct rc_span){ left[MOST_LEFT - 1].data,
							left[MOST_LEFT - 1].size };
	return count;
}

static int take_backup(struct rescue *r, struct rc_error *err)
{
	struct rc_buffer left[MOST_LEFT] = { 0 };
	struct rc_span references[MOST_LEFT + 1];
	struct backup_options options = { .references = references,
					  .reference_count = collect_references(r, left,
										references),
					  .path = r->journal_path ? r->path : NULL,
					  .stop = r->options->stop };
	char moved[RC_SIZE_TEXT];
	int result;

	say(r, "backup",
	    r->journal_path ? "to %s" : "reading, nothing is kept (for %s, rescue does)", r->path);
	result = backup_take(r->link, &options, &r->backup, err);
	for (size_t i = 0; i < MOST_LEFT; i++)
		rc_buffer_free(&left[i]);
	if (!result)
		result = inspect(r, r->backup.data, &r->result->before, err);
	if (!result && r->journal_path) {
		result = journal_set_aside(r->journal_path, err);
		if (!result)
			result = backup_save(&r->backup, r->path, &r->result->before, err);
	}
	if (!result)
		say(r, "backup", "%s, every block proven; %s were moved for it",
		    backup_is_partial(&r->backup) ? "PARTIAL COPY of what this link reaches"
						  : "whole",
		    rc_size_text(moved, r->backup.moved));
	return result;
}

static bool is_expected(const struct journal *journal, size_t block, uint32_t backup_crc,
			uint32_t now)
{
	const struct journal_block *entry = &journal->blocks[block];

	if (now == backup_crc)
		return true;
	if (!entry->begun)
		return false;
	return !journal->finished || (entry->done && now == entry->crc);
}

/* The camera is the one that was backed up where every block that no rescue has begun holds
 * what the backup says. */
static int recognise(struct rescue *r, struct rc_error *err)
{
	size_t count = survey_reachable(&r->link->info);
	const struct partition *place = NULL;
	size_t differ = 0;
	size_t first = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t before = rc_crc32(0, r->backup.data + i * RC_ERASE_BLOCK, RC_ERASE_BLOCK);
		uint32_t expected[] = { before, r->journal->blocks[i].crc };
		int result = 0;

		if (!is_expected(r->journal, i, before, r->now[i]))
			result = survey_expect(r->link, i, expected, RC_COUNT(expected), &r->now[i],
					       err);
		if (result)
			return result;
		if (!is_expected(r->journal, i, before, r->now[i]) && differ++ == 0)
			first = i;
	}
	if (differ == 0)
		return 0;
	if (r->result->before.board.board)
		place = layout_at(&r->result->before.board.board->layout,
				  (uint32_t)(first * RC_ERASE_BLOCK));
	return rc_fail(
		err, RC_EREFUSED,
		"%s is the backup of %s, and this camera differs from it in %zu of %zu blocks "
		"that no rescue has touched (first 0x%zx%s%s): it is another camera, or it ran "
		"and changed since; name a new file with --backup, so that what it holds now is "
		"backed up first",
		r->path, r->backup.date, differ, count, first * RC_ERASE_BLOCK, place ? ", " : "",
		place ? place->name : "");
}

static int check_same_chip(const struct rescue *r, struct rc_error *err)
{
	const struct link_info *info = &r->link->info;
	char sha256[65];

	if (r->backup.size != info->flash_size || r->backup.size % RC_ERASE_BLOCK ||
	    r->backup.jedec != info->jedec)
		return rc_fail(err, RC_EREFUSED,
			       "%s is the backup of a chip %06" PRIx32 " of %" PRIu32
			       " bytes, this camera has %06" PRIx32 " of %" PRIu32
			       ": it is another camera's; name a new file with --backup",
			       r->path, r->backup.jedec, r->backup.size, info->jedec,
			       info->flash_size);
	if (backup_reach(&r->backup) < info->reach)
		return rc_fail(
			err, RC_EREFUSED,
			"%s is a partial copy, of the first 0x%" PRIx32 " bytes, and now 0x%" PRIx32
			" can be reached: name a new file with "
			"--backup, so that all of it is backed up first (--no-cure-size goes "
			"on with the partial copy)",
			r->path, backup_reach(&r->backup), info->reach);
	rc_sha256_hex(r->backup.data, r->backup.size, sha256);
	if (r->journal->present && strcmp(sha256, r->journal->backup_sha256) != 0)
		return rc_fail(err, RC_EREFUSED,
			       "%s speaks of another backup than %s beside it: move the two away "
			       "together, and name a new file with --backup",
			       r->journal_path, r->path);
	return 0;
}

static int go_on_from_backup(struct rescue *r, struct rc_error *err)
{
	size_t count = survey_reachable(&r->link->info);
	int result = backup_load(r->path, &r->backup, err);

	if (!result)
		result = journal_load(r->journal_path, r->journal, err);
	if (!result)
		result = check_same_chip(r, err);
	if (result)
		return result;
	say(r, "backup", "%s is there, of %s: asking the camera whether it is this one's", r->path,
	    r->backup.date);
	r->now = calloc(count + 1, sizeof(*r->now));
	if (!r->now)
		return rc_fail_memory(err, count * sizeof(*r->now));
	result = inspect(r, r->backup.data, &r->result->before, err);
	if (!result)
		result = survey_all(r->link, "checksums", r->now, r->options->stop, err);
	if (!result)
		result = recognise(r, err);
	if (!result)
		say(r, "backup", "it is this camera's%s",
		    r->journal->present && !r->journal->finished
			    ? ": going on with the rescue that was interrupted"
			    : "");
	return result;
}

static int stage_backup(struct rescue *r, struct rc_error *err)
{
	if (r->journal_path && rc_file_exists(r->path))
		return go_on_from_backup(r, err);
	return take_backup(r, err);
}

static int stage_inspect(struct rescue *r, struct rc_error *err)
{
	const struct inspection *before = &r->result->before;

	(void)err;
	if (before->board.board)
		say(r, "inspect", "%s (%s): %zu findings", before->board.board->name,
		    board_confidence_name(before->board.confidence), before->finding_count);
	else
		say(r, "inspect", "a camera that is not known");
	for (size_t i = 0; i < before->finding_count; i++)
		if (before->findings[i].kind->severity == SEVERITY_FATAL)
			say(r, "inspect", "%s: %s", before->findings[i].kind->id,
			    before->findings[i].evidence);
	if (r->options->show)
		r->options->show(r->options->context, "before", before);
	return 0;
}

/* ---- the plan ---- */

/* A finished rescue has written over what the backup holds; what is there now has no
 * backup. */
static bool backup_is_stale(const struct rescue *r)
{
	for (size_t i = 0; r->journal->finished && i < survey_reachable(&r->link->info); i++)
		if (r->now[i] != rc_crc32(0, r->backup.data + i * RC_ERASE_BLOCK, RC_ERASE_BLOCK))
			return true;
	return false;
}

static int make_plan(const struct rescue *r, const uint32_t *now, struct plan *plan,
		     struct rc_error *err)
{
	const struct plan_input input = {
		.backup = &r->backup,
		.inspection = &r->result->before,
		.firmware = &r->firmware,
		.board = r->result->before.board.board,
		.limits = &r->link->info,
		.only = r->options->only,
		.now = now,
		.backup_path = r->path,
	};

	return plan_make(&input, plan, err);
}

static int stage_plan(struct rescue *r, struct rc_error *err)
{
	const struct board *board = r->result->before.board.board;
	struct plan *plan = &r->result->plan;
	bool unfinished = r->journal->present && !r->journal->finished;
	int result = 0;

	/* Without a board there is no layout: plan_make says so. */
	if (board && !board->refused)
		result = firmware_load(r->options->firmware_path, r->options->boards, board,
				       &r->firmware, err);
	if (!result)
		result = make_plan(r, r->now, plan, err);
	if (result)
		return result;
	for (size_t i = 0; i < FIRMWARE_MAX_NOTES && r->firmware.notes[i][0]; i++)
		say(r, "plan", "%s", r->firmware.notes[i]);
	if (plan->refusal == PLAN_NOTHING_TO_DO && unfinished)
		say(r, "plan", "every block is written already");
	else if (plan->refusal == PLAN_NOTHING_TO_DO)
		decide(r, VERDICT_NOTHING_TO_DO, "%s", plan->why);
	else if (plan->refusal != PLAN_OK)
		decide(r, VERDICT_REFUSED, "%s", plan->why);
	else if (backup_is_stale(r))
		return rc_fail(err, RC_EREFUSED,
			       "%s is from before the rescue that it belongs to was finished: what "
			       "the camera holds now has no backup; name a new file with --backup",
			       r->path);
	else
		say(r, "plan", "%zu steps, %" PRIu64 " KiB to erase, %" PRIu64 " KiB to write",
		    plan->step_count, plan->erase_bytes / 1024, plan->write_bytes / 1024);
	return 0;
}

/* ---- before the first erase ---- */

static void describe_plan(const struct rescue *r, struct journal *header)
{
	const struct plan *plan = &r->result->plan;

	rc_sha256_hex(r->backup.data, r->backup.size, header->backup_sha256);
	rc_sha256_hex(plan->target, plan->target_size, header->target_sha256);
	snprintf(header->chip, sizeof(header->chip), "%06" PRIx32, r->backup.jedec & 0xffffff);
	snprintf(header->board, sizeof(header->board), "%s", plan->board->id);
}

static bool journal_is_of_this_plan(const struct rescue *r)
{
	char sha256[65];

	rc_sha256_hex(r->result->plan.target, r->result->plan.target_size, sha256);
	return r->journal->present && !r->journal->finished &&
	       strcmp(sha256, r->journal->target_sha256) == 0;
}

static bool can_rehearse(const struct rescue *r)
{
	enum link_kind kind = r->link->info.kind;

	return kind == LINK_UBOOT || kind == LINK_TWIN;
}

/* On the twin the whole plan is played, from the backup on, also where the camera has a part
 * of it behind it already. */
static int hold_rehearsal(struct rescue *r, struct rehearsal *rehearsal, struct rc_error *err)
{
	struct plan whole = { 0 };
	int result = make_plan(r, NULL, &whole, err);

	if (!result && whole.refusal == PLAN_OK)
		result = rehearse(&whole, &r->backup, r->link->info.reach, r->options->boards,
				  r->options->stop, rehearsal, err);
	plan_clear(&whole);
	return result;
}

static int stage_rehearse(struct rescue *r, struct rc_error *err)
{
	struct rehearsal rehearsal = { 0 };
	int result;

	if (!r->options->rehearse || !can_rehearse(r)) {
		say(r, "rehearsal", "%s",
		    r->options->rehearse
			    ? "none: there is no bootloader between recam and this flash"
			    : "none, as you asked");
		return 0;
	}
	if (journal_is_of_this_plan(r) && r->journal->engine[0]) {
		say(r, "rehearsal", "passed the last time, on the %s engine", r->journal->engine);
		return 0;
	}
	say(r, "rehearsal", "on a virtual camera that holds the backup");
	result = hold_rehearsal(r, &rehearsal, err);
	if (!result)
		say(r, "rehearsal", "%s", rehearsal.text);
	if (!result)
		memcpy(r->journal->engine, rehearsal.engine, sizeof(r->journal->engine));
	return result;
}

static int stage_confirm(struct rescue *r, struct rc_error *err)
{
	(void)err;
	if (r->options->confirm && !r->options->confirm(r->options->context, &r->result->plan))
		decide(r, VERDICT_DECLINED,
		       "nothing was written; the backup is in %s, and the same command asks again",
		       r->path);
	return 0;
}

/* ---- the camera ---- */

static int start_journal(struct rescue *r, struct rc_error *err)
{
	struct journal header = { 0 };
	int result;

	if (journal_is_of_this_plan(r))
		return 0;
	describe_plan(r, &header);
	result = journal_add_plan(r->journal_path, &header, err);
	if (!result && r->journal->engine[0])
		result = journal_add_rehearsal(r->journal_path, r->journal->engine, err);
	return result;
}

static struct apply application(struct rescue *r)
{
	return (struct apply){
		.link = r->link,
		.plan = &r->result->plan,
		.backup = &r->backup,
		.journal = r->journal,
		.journal_path = r->journal_path,
		.stop = r->options->stop,
	};
}

static int stage_apply(struct rescue *r, struct rc_error *err)
{
	struct apply apply = application(r);
	int result;

	r->begun = r->journal->present && !r->journal->finished;
	if (r->result->plan.step_count == 0)
		return 0;
	if (r->options->stop && *r->options->stop)
		return rc_fail(err, RC_ESTOPPED,
			       "stopped before anything was written; the backup is in %s, and the "
			       "same command goes on from there",
			       r->path);
	say(r, "apply", "writing; what is done stands in %s", r->journal_path);
	result = start_journal(r, err);
	if (!result && r->result->plan.lifts_protection)
		result = link_unprotect(r->link, err);
	if (!result)
		result = apply_plan(&apply, err);
	r->begun |= apply.begun;
	return result;
}

static int stage_verify(struct rescue *r, struct rc_error *err)
{
	struct apply apply = application(r);

	say(r, "verify", "every block of the flash against what it should hold");
	return apply_verify(&apply, err);
}

static const char *backup_words(const struct backup *backup)
{
	return backup_is_partial(backup) ? "PARTIAL COPY" : "backup";
}

static int watch_start(struct rescue *r, struct rc_error *err)
{
	struct inspect_options options = { .boards = r->options->boards,
					   .board = r->result->plan.board->id,
					   .jedec = r->backup.jedec };
	struct inspection *after = &r->result->after;
	struct start start = { 0 };
	int result = start_watch(r->link, &options, &start, err);

	for (size_t i = 0; !result && i < start.log.finding_count; i++) {
		const struct finding *finding = &start.log.findings[i];

		inspection_add(after, finding->kind->id, finding->partition, FINDING_NO_OFFSET,
			       "%s", finding->evidence);
	}
	if (result == RC_ETIMEOUT)
		decide(r, VERDICT_WRITTEN,
		       "written and read back right; its start could not be watched (%s): switch "
		       "it "
		       "off and on",
		       err->text);
	else if (!result && start.fatal)
		decide(r, VERDICT_DOES_NOT_START,
		       "written and read back right, yet it does not start: %s (%s). %s",
		       start.fatal->kind->title, start.fatal->evidence, start.fatal->kind->advice);
	else if (!result && start.kernel_seen)
		decide(r, VERDICT_STARTS,
		       "the camera is back: written, read back right, and its kernel starts; the "
		       "%s of what it held before is %s, keep it",
		       backup_words(&r->backup), r->path);
	else if (!result)
		decide(r, VERDICT_WRITTEN,
		       "written and read back right; its console did not come to starting a "
		       "kernel: "
		       "switch it off and on, and look with recam console");
	start_clear(&start);
	return result == RC_ETIMEOUT ? 0 : result;
}

static int stage_boot(struct rescue *r, struct rc_error *err)
{
	int result = inspect(r, r->result->plan.target, &r->result->after, err);

	if (result)
		return result;
	if (!r->link->info.can_boot) {
		decide(r, VERDICT_WRITTEN,
		       "written and read back right; this link cannot watch a start: %s; the %s of "
		       "what it held before is %s, keep it",
		       r->link->info.kind == LINK_LINUX
			       ? "switch the camera off and on"
			       : "put the flash back into the camera and switch it on",
		       backup_words(&r->backup), r->path);
		return 0;
	}
	say(r, "boot", "letting it start");
	return watch_start(r, err);
}

static int stage_close(struct rescue *r, struct rc_error *err)
{
	enum verdict verdict = r->result->verdict;

	if (r->options->show)
		r->options->show(r->options->context, "after", &r->result->after);
	return journal_add_verdict(r->journal_path, verdict_name(verdict),
				   verdict == VERDICT_STARTS || verdict == VERDICT_WRITTEN, err);
}

/* ---- all of it ---- */

typedef int rescue_stage(struct rescue *r, struct rc_error *err);

static rescue_stage *const planning_stages[] = { stage_identify, stage_backup, stage_inspect,
						 stage_plan };
static rescue_stage *const writing_stages[] = { stage_rehearse, stage_confirm, stage_apply,
						stage_verify, stage_boot };

static int run_stages(struct rescue *r, rescue_stage *const *stages, size_t count,
		      struct rc_error *err)
{
	int result = 0;

	for (size_t i = 0; i < count && !result && !r->over; i++)
		result = stages[i](r, err);
	return result;
}

/* Once something was erased, whatever stops it has stopped it half-way. */
static int say_half_way(const struct rescue *r, struct rc_error *err)
{
	char why[sizeof(err->text)];

	snprintf(why, sizeof(why), "%s", err->text);
	return rc_fail(
		err, RC_ESTOPPED,
		"%.480s; stopped half-way, %s has what is written so far: run the same command "
		"again and it goes on",
		why, r->journal_path);
}

static int rescue_open(struct rescue *r, bool keep, struct rc_error *err)
{
	int result = r->options->backup_path ? 0 : default_path_choose(&r->chosen, err);
	size_t size;

	if (result)
		return result;
	r->path = r->options->backup_path ? r->options->backup_path : r->chosen.file;
	size = strlen(r->path) + sizeof(".journal");
	r->journal = calloc(1, sizeof(*r->journal));
	r->journal_path = keep ? malloc(size) : NULL;
	if (!r->journal || (keep && !r->journal_path))
		return rc_fail_memory(err, sizeof(*r->journal) + size);
	if (keep)
		snprintf(r->journal_path, size, "%s.journal", r->path);
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): rescue_close frees both */
	return 0;
}

static void rescue_close(struct rescue *r)
{
	rc_buffer_free(&r->reference);
	backup_clear(&r->backup);
	firmware_clear(&r->firmware);
	free(r->journal);
	free(r->journal_path);
	free(r->now);
}

int rescue_run(struct link *link, const struct rescue_options *options,
	       struct rescue_result *result, struct rc_error *err)
{
	struct rescue r = { .link = link, .options = options, .result = result };
	struct rc_error own = { 0 };
	int status;

	err = err ? err : &own;
	*result = (struct rescue_result){ 0 };
	status = rescue_open(&r, true, err);
	if (!status)
		status = run_stages(&r, planning_stages, RC_COUNT(planning_stages), err);
	if (!status && !r.over) {
		status = run_stages(&r, writing_stages, RC_COUNT(writing_stages), err);
		if (!status && result->verdict != VERDICT_DECLINED)
			status = stage_close(&r, err);
	}
	if (status && r.begun)
		status = say_half_way(&r, err);
	rescue_close(&r);
	if (status)
		rescue_result_clear(result);
	return status;
}

int rescue_plan(struct link *link, const struct rescue_options *options, struct plan *plan,
		struct rc_error *err)
{
	struct rescue_result result = { 0 };
	struct rescue r = { .link = link, .options = options, .result = &result };
	struct rc_error own = { 0 };
	int status;

	err = err ? err : &own;
	*plan = (struct plan){ 0 };
	status = rescue_open(&r, false, err);
	if (!status)
		status = run_stages(&r, planning_stages, RC_COUNT(planning_stages), err);
	if (!status) {
		*plan = result.plan;
		result.plan = (struct plan){ 0 };
	}
	rescue_close(&r);
	rescue_result_clear(&result);
	return status;
}
