/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checksums that hold over what is replaced: of FLSH settings and U-Boot environments, in
 * the flash itself and, of FLSH, in files (DATA:/.config.nvram of the Mi 360 family:
 * facts/mstar-mi360.md 1.6). Those that held before are made to hold again; one that did
 * not stays wrong, which says the same of the camera as before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "format/decompress.h"
#include "format/flsh.h"
#include "format/jffs2.h"
#include "format/uboot_env.h"
#include "inspect/redact_image.h"

#define FLSH_CRC_AT 8u

static void note(struct redact_image *image, size_t offset, size_t size, bool flsh)
{
	if (image->sum_count == RC_COUNT(image->sums))
		return;
	image->sums[image->sum_count].offset = (uint32_t)offset;
	image->sums[image->sum_count].size = (uint32_t)size;
	image->sums[image->sum_count++].flsh = flsh;
}

/* The bytes that the checksum is over; 0 where it does not hold. */
static size_t flsh_extent(struct rc_span region)
{
	struct flsh settings;

	region = rc_span_sub(region, 0, FLSH_SIZE);
	if (flsh_parse(region, &settings, NULL))
		return 0;
	return settings.is_build_host ? settings.length : region.size;
}

static uint8_t flsh_sum(const uint8_t *data, size_t extent)
{
	return rc_crc8_flsh(0xff, data + FLSH_CRC_AT + 1, extent - FLSH_CRC_AT - 1);
}

/* Sizes of environments on these cameras, and of U-Boot's usual ones. */
static const uint32_t env_sizes[] = { 0x1000, 0x4000, 0x2000, 0x8000, 0x10000, 0x20000 };

static void note_env(struct redact_image *image, size_t at)
{
	struct rc_span rest = rc_span_sub((struct rc_span){ image->data, image->size }, at,
					  image->size);

	if (rest.size < env_sizes[0] || rest.data[4] < 'A' || rest.data[4] > 'z' ||
	    !memchr(rest.data + 4, '=', 64))
		return;
	for (size_t i = 0; i < RC_COUNT(env_sizes); i++) {
		if (rest.size >= env_sizes[i] &&
		    uboot_env_is_whole(rc_span_sub(rest, 0, env_sizes[i]))) {
			note(image, at, env_sizes[i], false);
			return;
		}
	}
}

void redact_note_sums(struct redact_image *image)
{
	for (size_t at = 0; at + env_sizes[0] <= image->size; at += 0x1000) {
		struct rc_span rest = rc_span_sub((struct rc_span){ image->data, image->size }, at,
						  image->size);
		size_t extent = memcmp(rest.data, "FLSH", 4) == 0 ? flsh_extent(rest) : 0;

		if (extent)
			note(image, at, extent, true);
		else
			note_env(image, at);
	}
}

void redact_mend_sums(struct redact_image *image)
{
	for (size_t i = 0; i < image->sum_count; i++) {
		uint8_t *area = image->data + image->sums[i].offset;
		size_t size = image->sums[i].size;

		if (image->sums[i].flsh)
			area[FLSH_CRC_AT] = flsh_sum(area, size);
		else
			rc_put_le32(area,
				    rc_crc32(0, area + UBOOT_ENV_HEADER, size - UBOOT_ENV_HEADER));
	}
}

/* --- In files --- */

static int by_version(const void *left, const void *right)
{
	const struct redact_node *a = ((const struct redact_ref *)left)->node;
	const struct redact_node *b = ((const struct redact_ref *)right)->node;

	return (a->version > b->version) - (a->version < b->version);
}

/* The living nodes of one file, the oldest first; freed by the caller. */
static struct redact_ref *nodes_of(struct redact_image *image, const struct redact_node *like,
				   size_t *count)
{
	struct redact_ref *found = malloc((image->node_count + 1) * sizeof(*found));

	*count = 0;
	for (size_t i = 0; found && i < image->node_count; i++) {
		struct redact_node *node = &image->nodes[i];

		if (node->data && !node->obsolete && node->ino == like->ino &&
		    node->region == like->region)
			found[(*count)++].node = node;
	}
	if (found)
		qsort(found, *count, sizeof(*found), by_version);
	return found;
}

/* What the nodes make, as far as room goes. */
static size_t assemble(const struct redact_ref *nodes, size_t count, uint8_t *out, size_t room)
{
	size_t size = 0;

	memset(out, 0, room);
	for (size_t i = 0; i < count; i++) {
		size_t part = nodes[i].node->size;

		if (nodes[i].node->at >= room)
			continue;
		if (part > room - nodes[i].node->at)
			part = room - nodes[i].node->at;
		memcpy(out + nodes[i].node->at, nodes[i].node->data, part);
		if (nodes[i].node->at + part > size)
			size = nodes[i].node->at + part;
	}
	return size;
}

static bool begins_flsh(const struct redact_node *node)
{
	return node->data && !node->obsolete && node->at == 0 && node->size > FLSH_HEADER_SIZE &&
	       memcmp(node->data, "FLSH", 4) == 0;
}

static void visit_file(struct redact_image *image, struct redact_node *first, uint8_t *content,
		       void (*act)(struct redact_ref *nodes, size_t count, struct rc_span all))
{
	size_t count, size;
	struct redact_ref *nodes = nodes_of(image, first, &count);

	if (!nodes) {
		image->secrets->failed = true;
		return;
	}
	size = assemble(nodes, count, content, FLSH_SIZE);
	act(nodes, count, (struct rc_span){ content, size });
	free(nodes);
}

static void note_file(struct redact_ref *nodes, size_t count, struct rc_span all)
{
	size_t extent = flsh_extent(all);

	for (size_t i = 0; i < count; i++)
		nodes[i].node->sum = (uint32_t)extent;
}

static void mend_file(struct redact_ref *nodes, size_t count, struct rc_span all)
{
	struct redact_node *first = NULL;

	for (size_t i = 0; i < count; i++) {
		if (nodes[i].node->at <= FLSH_CRC_AT &&
		    nodes[i].node->at + nodes[i].node->size > FLSH_CRC_AT)
			first = nodes[i].node;
	}
	if (!first || !first->sum || first->sum > all.size)
		return;
	first->data[FLSH_CRC_AT - first->at] = flsh_sum(all.data, first->sum);
	first->dirty = true;
}

static int visit_files(struct redact_image *image,
		       void (*act)(struct redact_ref *nodes, size_t count, struct rc_span all),
		       struct rc_error *err)
{
	uint8_t *content = malloc(FLSH_SIZE);

	if (!content)
		return rc_fail_memory(err, FLSH_SIZE);
	for (size_t i = 0; i < image->node_count; i++) {
		if (begins_flsh(&image->nodes[i]))
			visit_file(image, &image->nodes[i], content, act);
	}
	free(content);
	return image->secrets->failed ? rc_fail_memory(err, image->node_count) : 0;
}

int redact_note_files(struct redact_image *image, struct rc_error *err)
{
	return visit_files(image, note_file, err);
}

int redact_mend_files(struct redact_image *image, struct rc_error *err)
{
	return visit_files(image, mend_file, err);
}

/* --- Packed files --- */

/* Logs and settings that a program packed: larger ones are its own. */
#define PACKED_FILE_MAX RC_MIB(1)
#define PACKED_OUT_MAX  RC_MIB(8)

static bool begins_packed(const struct redact_node *node)
{
	return node->data && node->at == 0 && node->size >= 6 &&
	       compression_detect((struct rc_span){ node->data, node->size }) != COMPRESSION_NONE;
}

static bool holds_secret(const struct secrets *secrets, struct rc_span packed)
{
	struct rc_buffer out = { 0 };
	bool found;

	/* What comes out before an error is looked at too. */
	decompress(compression_detect(packed), packed, PACKED_OUT_MAX, &out, NULL);
	found = out.size && secrets_find(secrets, out.data, out.size, false);
	rc_buffer_free(&out);
	return found;
}

/* Nothing in a packed file can be replaced in its place: all of it becomes zeros. */
static void empty_file(struct redact_image *image, const struct redact_node *like)
{
	for (size_t i = 0; i < image->node_count; i++) {
		struct redact_node *node = &image->nodes[i];

		if (!node->data || node->ino != like->ino || node->region != like->region)
			continue;
		memset(node->data, 0, node->size);
		node->dirty = true;
	}
	image->emptied++;
}

static int check_packed(struct redact_image *image, const struct redact_node *first,
			uint8_t *content, struct rc_error *err)
{
	size_t count, size;
	struct redact_ref *nodes = nodes_of(image, first, &count);

	if (!nodes)
		return rc_fail_memory(err, image->node_count * sizeof(*nodes));
	size = assemble(nodes, count, content, PACKED_FILE_MAX);
	if (holds_secret(image->secrets, (struct rc_span){ content, size }))
		empty_file(image, first);
	free(nodes);
	return 0;
}

int redact_packed_files(struct redact_image *image, struct rc_error *err)
{
	uint8_t *content = malloc(PACKED_FILE_MAX);
	int status = content ? 0 : rc_fail_memory(err, PACKED_FILE_MAX);

	for (size_t i = 0; status == 0 && i < image->node_count; i++) {
		if (begins_packed(&image->nodes[i]))
			status = check_packed(image, &image->nodes[i], content, err);
	}
	free(content);
	return status;
}
