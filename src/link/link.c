/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "link/agent.h"
#include "link/kinds.h"

static int open_file(const char *spec, const char *address, const struct link_options *options,
		     struct link **link, struct rc_error *err)
{
	(void)options;
	return file_link_new(spec, address, link, err);
}

static int open_uboot(const char *spec, const char *address, const struct link_options *options,
		      struct link **link, struct rc_error *err)
{
	struct ram_choice choice;
	struct stream *stream;
	char *port;
	int result;

	if (!*address)
		return rc_fail(
			err, RC_EUSAGE,
			"uboot: names no port: write uboot:/dev/ttyUSB0, uboot:tcp:HOST:PORT "
			"or uboot:unix:PATH");
	port = strdup(address);
	if (!port)
		return rc_fail_memory(err, strlen(address) + 1);
	result = ram_choice_take(port, &choice, err);
	if (result == 0)
		result = stream_open(port, &stream, err);
	free(port);
	if (result == 0)
		result = uboot_link_new(stream, NULL, options, link, err);
	if (result == 0)
		uboot_link_choose(*link, &choice);
	return result;
}

static int open_twin(const char *spec, const char *address, const struct link_options *options,
		     struct link **link, struct rc_error *err)
{
	return twin_link_new(spec, address, options, link, err);
}

static int open_flashrom(const char *spec, const char *address, const struct link_options *options,
			 struct link **link, struct rc_error *err)
{
	return flashrom_link_new(address, options, link, err);
}

static int open_linux(const char *spec, const char *address, const struct link_options *options,
		      struct link **link, struct rc_error *err)
{
	struct stream *stream;
	int result;

	(void)spec;
	if (!*address)
		return rc_fail(
			err, RC_EUSAGE,
			"linux: names no port: write linux:/dev/ttyUSB0, linux:tcp:HOST:PORT "
			"or linux:unix:PATH");
	result = stream_open(address, &stream, err);
	return result ? result : linux_link_new(stream, options, link, err);
}

static const struct {
	const char *prefix;
	int (*open)(const char *spec, const char *address, const struct link_options *options,
		    struct link **link, struct rc_error *err);
} kinds[] = {
	{ "file:", open_file },         { "uboot:", open_uboot }, { "twin:", open_twin },
	{ "flashrom:", open_flashrom }, { "linux:", open_linux },
};

/* A plain path: what is there, or a word on what was probably meant. */
static int open_plain(const char *spec, struct link **link, struct rc_error *err)
{
	struct stat st;
	size_t word = strspn(spec, "abcdefghijklmnopqrstuvwxyz");

	if (stat(spec, &st) == 0 && S_ISCHR(st.st_mode))
		return rc_fail(err, RC_EUSAGE,
			       "%s is a device, not an image: uboot:%s reaches the camera's "
			       "bootloader there",
			       spec, spec);
	if (!rc_file_exists(spec) && word > 0 && spec[word] == ':')
		return rc_fail(err, RC_EUSAGE,
			       "%s is no file, and \"%.*s:\" no kind of link: there are file:PATH, "
			       "flashrom:PROGRAMMER, uboot:PORT, linux:PORT and twin:IMAGE",
			       spec, (int)word, spec);
	return file_link_new(spec, spec, link, err);
}

int link_identify(struct link *link, const char *name, struct link **out, struct rc_error *err)
{
	int result;

	snprintf(link->info.name, sizeof(link->info.name), "%s", name);
	result = link->ops->identify(link, err);
	if (result) {
		link_close(link);
		return result;
	}
	*out = link;
	return 0;
}

int link_open(const char *spec, const struct link_options *options, struct link **link,
	      struct rc_error *err)
{
	static const struct link_options defaults;
	struct link *made = NULL;
	int result = 1;

	*link = NULL;
	if (!options)
		options = &defaults;
	if (!*spec)
		return rc_fail(err, RC_EUSAGE,
			       "no flash was named: give an image's path, flashrom:PROGRAMMER, "
			       "uboot:PORT or "
			       "twin:IMAGE");
	for (size_t i = 0; result == 1 && i < RC_COUNT(kinds); i++) {
		size_t length = strlen(kinds[i].prefix);

		if (strncmp(spec, kinds[i].prefix, length) == 0)
			result = kinds[i].open(spec, spec + length, options, &made, err);
	}
	if (result == 1)
		result = open_plain(spec, &made, err);
	return result ? result : link_identify(made, spec, link, err);
}

int link_open_uboot(struct stream *stream, const struct link_options *options, struct link **link,
		    struct rc_error *err)
{
	char name[sizeof(stream->name) + 8];
	struct link *made;
	int result;

	*link = NULL;
	snprintf(name, sizeof(name), "uboot:%s", stream->name);
	result = uboot_link_new(stream, NULL, options, &made, err);
	return result ? result : link_identify(made, name, link, err);
}

int link_open_twin(struct twin *twin, const struct link_options *options, struct link **link,
		   struct rc_error *err)
{
	struct stream *stream;
	struct link *made;
	int result = twin_stream_new(twin, "twin", &stream, err);

	*link = NULL;
	if (result)
		return result;
	result = uboot_link_new(stream, twin, options, &made, err);
	return result ? result : link_identify(made, "twin", link, err);
}

struct twin *link_twin(struct link *link)
{
	return link->info.kind == LINK_TWIN ? uboot_link_twin(link) : NULL;
}

void link_progress(struct link *link, size_t bytes)
{
	if (link->progress)
		rc_progress_update(link->progress, link->progress->done + bytes);
}

static int check_range(const struct link *link, const char *verb, uint32_t offset, size_t size,
		       struct rc_error *err)
{
	const struct link_info *info = &link->info;

	if (offset <= info->reach && size <= info->reach - offset)
		return 0;
	if (info->reach < info->flash_size)
		return rc_fail(err, RC_ERANGE,
			       "cannot %s 0x%zx bytes at 0x%x: %s reaches only 0x%x of the chip's "
			       "0x%x bytes (its bootloader takes the chip for a smaller one)",
			       verb, size, offset, info->name, info->reach, info->flash_size);
	return rc_fail(err, RC_ERANGE, "cannot %s 0x%zx bytes at 0x%x: the flash of %s has 0x%x",
		       verb, size, offset, info->name, info->reach);
}

/* Less than one erase block, and inside it. */
static bool is_fine(const struct link_info *info, uint32_t offset, size_t size)
{
	return info->fine_step && offset % info->fine_step == 0 && size % info->fine_step == 0 &&
	       offset % RC_ERASE_BLOCK + size <= RC_ERASE_BLOCK;
}

static int check_step(const struct link *link, const char *verb, uint32_t offset, size_t size,
		      struct rc_error *err)
{
	uint32_t step = link->info.step;
	int result = check_range(link, verb, offset, size, err);

	if (result || (offset % step == 0 && size % step == 0) ||
	    is_fine(&link->info, offset, size))
		return result;
	return rc_fail(err, RC_EREFUSED,
		       "will not %s 0x%zx bytes at 0x%x of %s: only multiples of 0x%x are safe",
		       verb, size, offset, link->info.name, step);
}

static int fail_no_verb(const struct link *link, const char *what, struct rc_error *err)
{
	return rc_fail(err, RC_EUNSUPPORTED, "%s cannot %s", link->info.name, what);
}

int link_read(struct link *link, uint32_t offset, uint8_t *out, size_t size, struct rc_error *err)
{
	int result = check_range(link, "read", offset, size, err);

	return result || size == 0 ? result : link->ops->read(link, offset, out, size, err);
}

int link_erase(struct link *link, uint32_t offset, size_t size, struct rc_error *err)
{
	int result = check_step(link, "erase", offset, size, err);

	return result || size == 0 ? result : link->ops->erase(link, offset, size, err);
}

int link_write(struct link *link, uint32_t offset, const uint8_t *data, size_t size,
	       struct rc_error *err)
{
	int result = check_step(link, "write", offset, size, err);

	return result || size == 0 ? result : link->ops->write(link, offset, data, size, err);
}

int link_stage(struct link *link, const uint8_t *data, size_t size, struct rc_error *err)
{
	if (!link->ops->stage || size == 0)
		return 0;
	return link->ops->stage(link, data, size, err);
}

int link_checksum(struct link *link, uint32_t offset, size_t size, uint32_t *crc,
		  struct rc_error *err)
{
	int result = check_range(link, "checksum", offset, size, err);

	if (result)
		return result;
	*crc = 0;
	if (!link->ops->checksum)
		return fail_no_verb(link, "compute a checksum", err);
	return size == 0 ? 0 : link->ops->checksum(link, offset, size, crc, err);
}

int link_survey(struct link *link, uint32_t offset, size_t count, uint32_t *crcs,
		struct rc_error *err)
{
	int result = check_range(link, "checksum", offset, count * RC_ERASE_BLOCK, err);

	if (result || count == 0)
		return result;
	if (link->ops->survey && offset % RC_ERASE_BLOCK == 0)
		return link->ops->survey(link, offset, count, crcs, err);
	for (size_t i = 0; i < count && !result; i++)
		result = link_checksum(link, (uint32_t)(offset + i * RC_ERASE_BLOCK),
				       RC_ERASE_BLOCK, &crcs[i], err);
	return result;
}

int link_unprotect(struct link *link, struct rc_error *err)
{
	if (!link->ops->unprotect || !link->info.can_unprotect)
		return fail_no_verb(link, "lift the chip's protection", err);
	return link->ops->unprotect(link, err);
}

int link_extend(struct link *link, struct rc_error *err)
{
	if (link->info.reach >= link->info.flash_size)
		return 0;
	if (!link->ops->extend || !link->info.can_extend)
		return fail_no_verb(link, "reach more of its chip", err);
	return link->ops->extend(link, err);
}

int link_card_room(struct link *link, uint64_t *size, struct rc_error *err)
{
	*size = 0;
	if (!link->ops->card_room)
		return fail_no_verb(link, "write to a card: only a U-Boot console can", err);
	return link->ops->card_room(link, size, err);
}

int link_card_save(struct link *link, uint32_t offset, size_t size, uint32_t *crc,
		   struct rc_error *err)
{
	int result = check_step(link, "save", offset, size, err);

	*crc = 0;
	if (result)
		return result;
	if (!link->ops->card_save)
		return fail_no_verb(link, "write to a card: only a U-Boot console can", err);
	return link->ops->card_save(link, offset, size, crc, err);
}

int link_boot(struct link *link, bool (*sink)(void *context, const uint8_t *data, size_t size),
	      void *context, struct rc_error *err)
{
	if (!link->ops->boot || !link->info.can_boot)
		return fail_no_verb(link, "be started: it is no camera", err);
	return link->ops->boot(link, sink, context, err);
}

void link_close(struct link *link)
{
	if (link)
		link->ops->close(link);
}
