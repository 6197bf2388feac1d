/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of U-Boot that a rescue uses, each with a strict answer. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "console/uboot_line.h"

#define SHORT_MS 5000u
/* A 64 KiB erase takes 2 s at the worst, a page program 3 ms, a read 7 MB/s
 * (facts/rescue-peers-and-limits.md C1, C2); these allow for ten times that. */
#define SF_MS         20000u
#define SF_MS_PER_64K 8000u

static int fail_unclear(struct rc_span answer, const char *command, struct rc_error *err)
{
	struct rc_text shown = { 0 };
	int result;

	rc_text_add_escaped(&shown, answer.data, answer.size, 120);
	result = rc_fail(err, RC_EFORMAT,
			 "the camera's answer to \"%s\" makes no sense: \"%s\"; if it looks "
			 "damaged, see to the cable and its ground",
			 command, rc_text_get(&shown));
	rc_text_free(&shown);
	return result;
}

static int read_version(void *context, struct rc_span answer, struct rc_error *err)
{
	return version_parse(answer, context) ? 0 : fail_unclear(answer, "version", err);
}

/* A line of text has no redundancy: two equal answers are believed. */
int uboot_version(struct uboot *uboot, char version[VERSION_TEXT], struct rc_error *err)
{
	char last[VERSION_TEXT] = "";

	for (int try = 0; try < UBOOT_TRIES; try++) {
		int result = uboot_ask(uboot, "version", SHORT_MS, read_version, version, err);

		if (result || strcmp(version, last) == 0)
			return result;
		memcpy(last, version, sizeof(last));
	}
	return rc_fail(err, RC_EIO,
		       "the camera on %s never gave the same version twice: the line is too bad",
		       uboot->in.stream->name);
}

static int read_probe(void *context, struct rc_span answer, struct rc_error *err)
{
	return probe_parse(answer, context) ? 0 : fail_unclear(answer, "sf probe", err);
}

static bool probes_equal(const struct probe_answer *a, const struct probe_answer *b)
{
	return a->found == b->found && a->refused == b->refused && a->failed == b->failed &&
	       a->has_maker == b->has_maker && a->maker == b->maker && a->unknown == b->unknown &&
	       a->jedec == b->jedec && strcmp(a->name, b->name) == 0;
}

int uboot_probe(struct uboot *uboot, struct probe_answer *probe, struct rc_error *err)
{
	struct probe_answer last = { 0 };

	for (int try = 0; try < UBOOT_TRIES; try++) {
		int result = uboot_ask(uboot, uboot->dialect->probe, SHORT_MS, read_probe, probe,
				       err);

		if (result || probes_equal(probe, &last))
			return result;
		last = *probe;
	}
	return rc_fail(err, RC_EIO,
		       "the camera on %s never answered \"%s\" the same way twice: the line is too "
		       "bad, or the flash chip's contact is",
		       uboot->in.stream->name, uboot->dialect->probe);
}

struct sf_request {
	const char *command;
	enum sf_verb verb;
	uint32_t offset;
	uint32_t size;
	uint32_t flash_size;
	enum sf_verdict verdict;
};

static int read_sf(void *context, struct rc_span answer, struct rc_error *err)
{
	struct sf_request *request = context;
	struct rc_span complaint = sf_complaint(answer);
	char text[80];

	request->verdict = sf_parse(answer, request->verb, request->offset, request->size,
				    &request->flash_size);
	snprintf(text, sizeof(text), "%.*s", (int)complaint.size,
		 complaint.size ? (const char *)complaint.data : "");
	switch (request->verdict) {
	case SF_OK:
	case SF_TOO_FAR:
		return 0;
	case SF_NO_FLASH:
		return rc_fail(err, RC_EIO,
			       "the camera has no flash selected any more: it was switched off and "
			       "on meanwhile; run the command again");
	case SF_FAILED:
		return rc_fail(err, RC_EIO,
			       "the camera refused \"%s\": %s; the block may be worn out or "
			       "protected",
			       request->command, text[0] ? text : "it gave no reason");
	case SF_UNCLEAR:
		break;
	}
	return fail_unclear(answer, request->command, err);
}

int uboot_flash_reach(struct uboot *uboot, uint32_t *size, struct rc_error *err)
{
	struct sf_request request = { .verb = SF_READ, .offset = 0x3ff0000, .size = 0x10000 };
	uint32_t last = 0;
	char command[64];

	snprintf(command, sizeof(command), "sf read %x %x %x", uboot->dialect->load_address,
		 request.offset, request.size);
	request.command = command;
	for (int try = 0; try < UBOOT_TRIES; try++) {
		int result = uboot_ask(uboot, command, SF_MS, read_sf, &request, err);

		if (result)
			return result;
		*size = request.verdict == SF_OK ? request.offset + request.size
						 : request.flash_size;
		if (*size == last && *size != 0 && *size % 0x10000 == 0)
			return 0;
		last = *size;
	}
	return rc_fail(
		err, RC_EIO,
		"the camera on %s never named the same flash size twice: the line is too bad",
		uboot->in.stream->name);
}

int uboot_sf(struct uboot *uboot, enum sf_verb verb, uint32_t address, uint32_t offset,
	     uint32_t size, struct rc_error *err)
{
	static const char *const words[] = { "read", "erase", "write" };
	struct sf_request request = { .verb = verb, .offset = offset, .size = size };
	char command[64];
	int result;

	/* Law 4: with some other lengths the Ingenic bootloaders erase the whole chip
	 * (facts/bootloaders-and-flash.md 0.4). A command cut short by the line is as
	 * harmless: each prefix of 10000 stays inside the block that is meant. */
	if (size == 0 || offset % uboot->dialect->sector || size % uboot->dialect->sector)
		return rc_fail(err, RC_EREFUSED,
			       "sf %s of %u bytes at 0x%x is not sent: these bootloaders are only "
			       "safe with multiples of 0x%x",
			       words[verb], size, offset, uboot->dialect->sector);
	if (verb == SF_ERASE)
		snprintf(command, sizeof(command), "sf erase %x %x", offset, size);
	else
		snprintf(command, sizeof(command), "sf %s %x %x %x", words[verb], address, offset,
			 size);
	request.command = command;
	result = uboot_ask(uboot, command, SF_MS + size / 0x10000 * SF_MS_PER_64K, read_sf,
			   &request, err);
	if (result == 0 && request.verdict == SF_TOO_FAR)
		return rc_fail(err, RC_ERANGE,
			       "the camera's bootloader takes its flash for 0x%x bytes and refused "
			       "\"%s\"",
			       request.flash_size, command);
	return result;
}

struct crc_request {
	const char *command;
	uint32_t address, size, crc;
};

static int read_crc(void *context, struct rc_span answer, struct rc_error *err)
{
	struct crc_request *request = context;

	if (crc32_parse(answer, request->address, request->size, &request->crc))
		return 0;
	return fail_unclear(answer, request->command, err);
}

int uboot_crc32(struct uboot *uboot, uint32_t address, uint32_t size, uint32_t *crc,
		struct rc_error *err)
{
	struct crc_request request = { .address = address, .size = size };
	char command[64];
	int result;

	snprintf(command, sizeof(command), "crc32 %08x %x", address, size);
	request.command = command;
	result = uboot_ask(uboot, command, SF_MS, read_crc, &request, err);
	*crc = request.crc;
	return result;
}

int uboot_crc32_twice(struct uboot *uboot, uint32_t address, uint32_t size, uint32_t *crc,
		      struct rc_error *err)
{
	uint32_t last;
	int result = uboot_crc32(uboot, address, size, &last, err);

	for (int try = 0; result == 0 && try < UBOOT_TRIES; try++) {
		result = uboot_crc32(uboot, address, size, crc, err);
		if (result || *crc == last)
			return result;
		last = *crc;
	}
	if (result)
		return result;
	return rc_fail(err, RC_EVERIFY,
		       "the camera on %s gave %d checksums of the same %u bytes at 0x%08x, no two "
		       "equal: its RAM or the line is bad",
		       uboot->in.stream->name, UBOOT_TRIES + 1, size, address);
}
