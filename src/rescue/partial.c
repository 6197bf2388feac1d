/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/text.h"
#include "flash/layout.h"

/* A line has about 40 bytes, a flash at most 1024 blocks: room for many tries. */
#define LINES_LIMIT RC_MIB(4)
#define LINE_LIMIT  256

static void parse_line(const char *line, size_t size, size_t block_count, bool *have,
		       uint32_t *crcs)
{
	json_t *json = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);
	json_t *block = json_object_get(json, "block");
	const char *crc = json_string_value(json_object_get(json, "crc32"));
	uint64_t value;

	if (json_is_integer(block) && crc && rc_parse_hex(crc, UINT32_MAX, &value)) {
		json_int_t index = json_integer_value(block);

		if (index >= 0 && (uint64_t)index < block_count) {
			have[index] = true;
			crcs[index] = (uint32_t)value;
		}
	}
	json_decref(json);
}

void partial_parse(struct rc_span lines, size_t block_count, bool *have, uint32_t *crcs)
{
	const char *at = (const char *)lines.data;
	size_t left = lines.size;

	while (left > 0) {
		const char *end = memchr(at, '\n', left);
		size_t size = end ? (size_t)(end - at) : left;

		if (end && size < LINE_LIMIT)
			parse_line(at, size, block_count, have, crcs);
		size += end ? 1 : 0;
		at += size;
		left -= size;
	}
}

/* Opens FILE + suffix for reading and adding, and takes what is in it. */
static int open_part(const char *path, const char *suffix, int flags, size_t limit,
		     struct rc_buffer *content, struct rc_error *err)
{
	char name[600];
	int fd;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	if (rc_file_exists(name)) {
		int result = rc_file_read(name, limit, content, err);

		if (result)
			return result;
	}
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | flags, 0600);
	if (fd < 0)
		return rc_fail_errno(err, RC_EIO, errno,
				     "cannot write %s: choose another place for the backup", name);
	return fd;
}

/* A torn last line would swallow the next one. */
static int end_torn_line(int fd, const struct rc_buffer *lines)
{
	if (lines->size == 0 || lines->data[lines->size - 1] == '\n')
		return 0;
	return write(fd, "\n", 1) == 1 ? 0 : -1;
}

static void take_blocks(const struct rc_buffer *image, const struct rc_buffer *lines, uint8_t *data,
			size_t block_count, bool *have, uint32_t *crcs)
{
	partial_parse((struct rc_span){ lines->data, lines->size }, block_count, have, crcs);
	for (size_t i = 0; i < block_count; i++) {
		size_t offset = i * RC_ERASE_BLOCK;

		if (!have[i])
			continue;
		have[i] = offset + RC_ERASE_BLOCK <= image->size &&
			  rc_crc32(0, image->data + offset, RC_ERASE_BLOCK) == crcs[i];
		if (have[i])
			memcpy(data + offset, image->data + offset, RC_ERASE_BLOCK);
	}
}

int partial_open(const char *path, uint8_t *data, uint32_t size, bool *have,
		 struct partial *partial, struct rc_error *err)
{
	size_t block_count = size / RC_ERASE_BLOCK;
	struct rc_buffer image = { 0 };
	struct rc_buffer lines = { 0 };
	uint32_t *crcs;
	int result = 0;

	*partial = (struct partial){ .image = -1, .lines = -1 };
	memset(have, 0, block_count * sizeof(*have));
	if (!path)
		return 0;
	snprintf(partial->path, sizeof(partial->path), "%s", path);
	crcs = calloc(block_count, sizeof(*crcs));
	if (!crcs)
		return rc_fail_memory(err, block_count * sizeof(*crcs));
	partial->image = open_part(path, ".partial", 0, RC_MAX_FLASH, &image, err);
	if (partial->image >= 0)
		partial->lines = open_part(path, ".partial.json", O_APPEND, LINES_LIMIT, &lines,
					   err);
	if (partial->image < 0 || partial->lines < 0)
		result = partial->image < 0 ? partial->image : partial->lines;
	else if (end_torn_line(partial->lines, &lines))
		result = rc_fail_errno(err, RC_EIO, errno, "cannot write %s.partial.json", path);
	else
		take_blocks(&image, &lines, data, block_count, have, crcs);
	if (result)
		partial_close(partial);
	free(crcs);
	rc_buffer_free(&image);
	rc_buffer_free(&lines);
	return result;
}

/* All of it, or -1 and errno: a disk that fills takes a part first. */
static int write_at(int fd, const uint8_t *data, size_t size, off_t offset)
{
	while (size > 0) {
		ssize_t put = pwrite(fd, data, size, offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return -1;
		data += put;
		size -= (size_t)put;
		offset += put;
	}
	return 0;
}

int partial_keep(struct partial *partial, size_t block, const uint8_t *data, struct rc_error *err)
{
	off_t offset = (off_t)(block * RC_ERASE_BLOCK);
	char line[LINE_LIMIT];
	int size;

	if (partial->image < 0)
		return 0;
	size = snprintf(line, sizeof(line), "{\"block\": %zu, \"crc32\": \"%08" PRIx32 "\"}\n",
			block, rc_crc32(0, data, RC_ERASE_BLOCK));
	if (write_at(partial->image, data, RC_ERASE_BLOCK, offset) || fdatasync(partial->image) ||
	    write(partial->lines, line, (size_t)size) != size)
		return rc_fail_errno(err, RC_EIO, errno,
				     "cannot write block 0x%zx to %s.partial: make room on that "
				     "disk and run the same command again",
				     block * RC_ERASE_BLOCK, partial->path);
	return 0;
}

void partial_close(struct partial *partial)
{
	if (partial->image >= 0)
		close(partial->image);
	if (partial->lines >= 0)
		close(partial->lines);
	*partial = (struct partial){ .image = -1, .lines = -1 };
}

void partial_remove(const char *path)
{
	static const char *const suffixes[] = { ".partial", ".partial.json" };
	char name[600];

	for (size_t i = 0; i < RC_COUNT(suffixes); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		unlink(name);
	}
}
