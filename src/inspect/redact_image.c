/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/redact_image.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int redact_image_begin(struct redact_image *image, struct rc_error *err)
{
	int status;

	if (image->region_count == 0)
		image->regions[image->region_count++] =
			(struct redact_region){ .size = (uint32_t)image->size };
	status = redact_find_nodes(image, err);
	if (status)
		return status;
	redact_note_sums(image);
	return redact_note_files(image, err);
}

void redact_image_collect(struct redact_image *image)
{
	redact_collect_nodes(image);
	redact_between(image, redact_collect_between);
}

int redact_image_replace(struct redact_image *image, struct rc_error *err)
{
	int status = redact_packed_files(image, err);

	if (status)
		return status;
	status = redact_replace_nodes(image, err);
	if (status)
		return status;
	status = redact_mend_files(image, err);
	if (status)
		return status;
	redact_write_nodes(image);
	redact_between(image, redact_replace_between);
	redact_mend_sums(image);
	return 0;
}

static int still_there(const struct secret *secret, size_t at, struct rc_error *err)
{
	return rc_fail(
		err, RC_EVERIFY,
		"a %s is still there at 0x%zX after all were taken out: nothing was written; "
		"please report this, without the file",
		secret_kind_name(secret->kind), at);
}

static const struct secret *find_in_node(const struct redact_image *image,
					 const struct redact_node *node)
{
	return node->data ? secrets_find(image->secrets, node->data, node->size, false) : NULL;
}

int redact_image_verify(struct redact_image *image, struct rc_error *err)
{
	struct redact_image again = { .data = image->data,
				      .size = image->size,
				      .secrets = image->secrets,
				      .region_count = image->region_count };
	const struct secret *secret;
	int status;

	memcpy(again.regions, image->regions, sizeof(again.regions));
	status = redact_find_nodes(&again, err);
	if (status == 0 && again.node_count != image->node_count)
		status = rc_fail(err, RC_EVERIFY,
				 "of %zu nodes %zu are whole after the secrets were taken out: "
				 "nothing was written; please report this",
				 image->node_count, again.node_count);
	for (size_t i = 0; status == 0 && i < again.node_count; i++) {
		secret = find_in_node(&again, &again.nodes[i]);
		if (secret)
			status = still_there(secret, again.nodes[i].offset, err);
	}
	secret = status ? NULL : secrets_find(image->secrets, image->data, image->size, true);
	if (secret)
		status = still_there(secret, 0, err);
	redact_image_end(&again);
	return status;
}

void redact_image_end(struct redact_image *image)
{
	for (size_t i = 0; i < image->node_count; i++)
		free(image->nodes[i].data);
	free(image->nodes);
	image->nodes = NULL;
	image->node_count = image->node_room = 0;
}
