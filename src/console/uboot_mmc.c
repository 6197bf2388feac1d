/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/uboot_mmc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/uboot_line.h"

/* A card that is slow writes 1 MB/s. */
#define MMC_MS 60000u

/* Beginnings of lines that say that there is nothing (U-Boot 2013.07 drivers/mmc/mmc.c,
 * common/cmd_mmc.c, disk/part.c, fs/fs.c; facts/bootloaders-and-flash.md 4.2). */
static const char *const absences[] = {
	"Card did not respond", "MMC: no card present",  "MMC Device ",
	"no mmc device",        "** Bad device",         "** Invalid partition",
	"** No partition",      "** Unrecognized",       "** Unable to",
	"Unknown command",      "** No valid partition", "_[sdmmc_0] Card Detect Fail!",
};

static bool begins(struct rc_span line, const char *text)
{
	return line.size >= strlen(text) && memcmp(line.data, text, strlen(text)) == 0;
}

static bool is_absence(struct rc_span line)
{
	for (size_t i = 0; i < RC_COUNT(absences); i++)
		if (begins(line, absences[i]))
			return true;
	return false;
}

static bool is_text(struct rc_span line, const char *text)
{
	return line.size == strlen(text) && begins(line, text);
}

enum mmc_verdict mmc_parse(struct rc_span answer, bool write, uint32_t block, uint32_t count)
{
	const char *verb = write ? "write" : "read";
	char good[192], newer[192], bad[96];
	struct rc_span line;

	snprintf(bad, sizeof(bad), "MMC %s: dev # 0, block # %" PRIu32 ", count %" PRIu32 " ... ",
		 verb, block, count);
	snprintf(good, sizeof(good), "%s%" PRIu32 " blocks %s: OK", bad, count, verb);
	/* As U-Boot 2015.01 has it, the Mi 360's. */
	snprintf(newer, sizeof(newer), "%s%" PRIu32 " blocks written: OK", bad, count);
	while (answer_next_line(&answer, &line)) {
		if (is_text(line, good) || (write && is_text(line, newer)))
			return MMC_OK;
		if (begins(line, bad) && line.size > 5 &&
		    memcmp(line.data + line.size - 5, "ERROR", 5) == 0)
			return MMC_FAILED;
		if (is_absence(line))
			return MMC_ABSENT;
	}
	return MMC_UNCLEAR;
}

/* The number that line begins with, or false. */
static bool leading_number(struct rc_span line, uint32_t *value, size_t *length)
{
	uint64_t number = 0;
	size_t i = 0;

	while (i < line.size && i < 10 && line.data[i] >= '0' && line.data[i] <= '9')
		number = number * 10 + (unsigned)(line.data[i++] - '0');
	*value = (uint32_t)number;
	*length = i;
	return i > 0 && number <= UINT32_MAX;
}

enum mmc_verdict fatload_parse(struct rc_span answer, uint32_t *size)
{
	static const char behind[] = " bytes read in ";
	struct rc_span line;

	while (answer_next_line(&answer, &line)) {
		size_t length;

		if (leading_number(line, size, &length) &&
		    begins(rc_span_sub(line, length, line.size), behind))
			return MMC_OK;
		if (is_absence(line))
			return MMC_ABSENT;
	}
	return MMC_UNCLEAR;
}

struct mmc_request {
	const char *command;
	bool write;
	uint32_t block, count, got;
	enum mmc_verdict verdict;
};

static int fail_unclear(const char *command, struct rc_error *err)
{
	return rc_fail(err, RC_EFORMAT,
		       "the camera's answer to \"%s\" makes no sense: see to the cable and its "
		       "ground",
		       command);
}

static int read_mmc(void *context, struct rc_span answer, struct rc_error *err)
{
	struct mmc_request *request = context;

	request->verdict = mmc_parse(answer, request->write, request->block, request->count);
	return request->verdict == MMC_UNCLEAR ? fail_unclear(request->command, err) : 0;
}

static int read_fatload(void *context, struct rc_span answer, struct rc_error *err)
{
	struct mmc_request *request = context;

	request->verdict = fatload_parse(answer, &request->got);
	return request->verdict == MMC_UNCLEAR ? fail_unclear(request->command, err) : 0;
}

static int fail_absent(const struct uboot *uboot, struct rc_error *err)
{
	return rc_fail(err, RC_ENOTFOUND,
		       "the camera on %s sees no card in its slot: push it in until it clicks; one "
		       "of more than 32 GB it may not know",
		       uboot->in.stream->name);
}

/* The prompt alone is the answer where a card was found. */
static int read_rescan(void *context, struct rc_span answer, struct rc_error *err)
{
	struct mmc_request *request = context;
	struct rc_span line;

	(void)err;
	request->verdict = MMC_OK;
	while (answer_next_line(&answer, &line))
		if (is_absence(line))
			request->verdict = MMC_ABSENT;
	return 0;
}

int uboot_mmc_rescan(struct uboot *uboot, struct rc_error *err)
{
	struct mmc_request request = { 0 };
	int result = uboot_ask(uboot, "mmc rescan", MMC_MS, read_rescan, &request, err);

	if (result == 0 && request.verdict == MMC_ABSENT)
		return fail_absent(uboot, err);
	return result;
}

int uboot_mmc(struct uboot *uboot, bool write, uint32_t address, uint32_t block, uint32_t count,
	      struct rc_error *err)
{
	struct mmc_request request = { .write = write, .block = block, .count = count };
	char command[64];
	int result;

	snprintf(command, sizeof(command), "mmc %s %x %x %x", write ? "write" : "read", address,
		 block, count);
	request.command = command;
	result = uboot_ask(uboot, command, MMC_MS, read_mmc, &request, err);
	if (result)
		return result;
	if (request.verdict == MMC_ABSENT)
		return fail_absent(uboot, err);
	if (request.verdict == MMC_FAILED)
		return rc_fail(err, RC_EIO,
			       "the card in the camera failed at \"%s\": it was pulled out, has a "
			       "bad contact, or is worn out",
			       command);
	return 0;
}

int uboot_fatload(struct uboot *uboot, uint32_t address, const char *name, uint32_t size,
		  uint32_t position, uint32_t *got, struct rc_error *err)
{
	struct mmc_request request = { 0 };
	char command[80];
	int result;

	snprintf(command, sizeof(command), "fatload mmc 0:1 %x %s %x %x", address, name, size,
		 position);
	request.command = command;
	result = uboot_ask(uboot, command, MMC_MS, read_fatload, &request, err);
	*got = request.got;
	if (result == 0 && request.verdict == MMC_ABSENT)
		return rc_fail(err, RC_ENOTFOUND, "the camera finds no file %s on a card", name);
	return result;
}
