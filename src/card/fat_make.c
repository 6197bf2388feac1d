/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "card/fat_name.h"
#include "card/fat_plan.h"
#include "card/mbr.h"

#define DOS_DATE 0x5021 /* 2020-01-01: the same files give the same card */

/* The names of one node, and where it lies. */
struct place {
	struct fat_name name;
	uint8_t short_name[FAT_SHORT];
	uint32_t cluster, clusters;
	size_t entries; /* of a folder: all of its own */
	uint8_t *next;  /* of a folder: where its next entry goes */
};

struct maker {
	const struct fat_node *nodes;
	size_t count;
	struct place *places; /* [0]: the root folder; [n]: nodes[n - 1] */
	struct fat_plan plan;
	uint8_t *data;
};

static bool is_folder(const struct maker *maker, size_t place)
{
	return place == 0 || maker->nodes[place - 1].folder;
}

static int name_node(struct maker *maker, size_t index, struct rc_error *err)
{
	const struct fat_node *node = &maker->nodes[index];
	struct place *place = &maker->places[index + 1];
	int result = fat_name_parse(node->name, &place->name, err);

	if (result)
		return result;
	if (node->parent > index || !is_folder(maker, node->parent))
		return rc_fail(err, RC_EUSAGE, "%s lies in no folder", node->name);
	for (size_t i = 0; i < index; i++)
		if (maker->nodes[i].parent == node->parent &&
		    strcasecmp(maker->nodes[i].name, node->name) == 0)
			return rc_fail(err, RC_EUSAGE,
				       "two files in one folder are both named %s (on a card "
				       "capitals make no difference)",
				       node->name);
	/* Nobody else has its capitals, as was just seen, nor its number. */
	fat_name_short(&place->name, place->name.capital ? 0 : (unsigned)index + 1,
		       place->short_name);
	maker->places[node->parent].entries += 1 + fat_name_slots(&place->name);
	return 0;
}

static uint32_t clusters_for(const struct fat_plan *plan, size_t size)
{
	return (uint32_t)((size + fat_plan_cluster(plan) - 1) / fat_plan_cluster(plan));
}

/* Gives each its clusters, one behind the other. */
static int place_all(struct maker *maker, uint32_t *behind, struct rc_error *err)
{
	const struct fat_plan *plan = &maker->plan;
	uint64_t next = 2;

	for (size_t i = 0; i <= maker->count; i++) {
		struct place *place = &maker->places[i];
		size_t size = is_folder(maker, i) ? place->entries * FAT_ENTRY
						  : maker->nodes[i - 1].bytes.size;

		if (size > UINT32_MAX)
			return rc_fail(err, RC_ERANGE, "%s has 4 GiB or more, which FAT cannot",
				       maker->nodes[i - 1].name);
		place->clusters = i == 0 && plan->is_16 ? 0 : clusters_for(plan, size);
		place->cluster = place->clusters ? (uint32_t)next : 0;
		next += place->clusters;
	}
	*behind = (uint32_t)next;
	if (plan->is_16 && maker->places[0].entries > FAT_ROOT_16)
		return rc_fail(err, RC_ERANGE,
			       "the root folder of so small a card has room for %u entries, and "
			       "%zu are needed: make a card of 64 MiB or more",
			       FAT_ROOT_16, maker->places[0].entries);
	if (next - 2 <= plan->clusters)
		return 0;
	return rc_fail(err, RC_ERANGE,
		       "%zu files need %llu clusters of %zu bytes, the card's partition has %u: "
		       "make a larger card",
		       maker->count, (unsigned long long)next - 2, fat_plan_cluster(plan),
		       plan->clusters);
}

static uint8_t *cluster_at(const struct maker *maker, uint32_t cluster)
{
	return maker->data + (size_t)maker->plan.first * CARD_SECTOR +
	       (cluster - 2) * fat_plan_cluster(&maker->plan);
}

static void put_entry(struct place *folder, const uint8_t *short_name, uint8_t attributes,
		      uint32_t cluster, uint32_t size)
{
	uint8_t *entry = folder->next;

	folder->next += FAT_ENTRY;
	memcpy(entry, short_name, FAT_SHORT);
	entry[11] = attributes;
	rc_put_le16(entry + 16, DOS_DATE);
	rc_put_le16(entry + 18, DOS_DATE);
	rc_put_le16(entry + 20, (uint16_t)(cluster >> 16));
	rc_put_le16(entry + 24, DOS_DATE);
	rc_put_le16(entry + 26, (uint16_t)cluster);
	rc_put_le32(entry + 28, size);
}

static void begin_folder(struct maker *maker, size_t index)
{
	static const uint8_t self[] = ".          ", above[] = "..         ";
	struct place *place = &maker->places[index];

	place->next = index || !maker->plan.is_16 ? cluster_at(maker, place->cluster)
						  : cluster_at(maker, 2) - FAT_ROOT_16 * FAT_ENTRY;
	if (index == 0) {
		put_entry(place, fat_label, FAT_ATTR_VOLUME, 0, 0);
		return;
	}
	/* Above the first level it is 0 that stands for the root folder. */
	put_entry(place, self, FAT_ATTR_FOLDER, place->cluster, 0);
	put_entry(place, above, FAT_ATTR_FOLDER,
		  maker->nodes[index - 1].parent
			  ? maker->places[maker->nodes[index - 1].parent].cluster
			  : 0,
		  0);
}

static void put_node(struct maker *maker, size_t index)
{
	const struct fat_node *node = &maker->nodes[index];
	struct place *place = &maker->places[index + 1];
	struct place *folder = &maker->places[node->parent];

	fat_name_write(&place->name, place->short_name, folder->next);
	folder->next += fat_name_slots(&place->name) * FAT_ENTRY;
	put_entry(folder, place->short_name, node->folder ? FAT_ATTR_FOLDER : FAT_ATTR_FILE,
		  place->cluster, node->folder ? 0 : (uint32_t)node->bytes.size);
	fat_plan_write_chain(&maker->plan, maker->data, place->cluster, place->clusters);
	if (node->folder)
		begin_folder(maker, index + 1);
	else if (node->bytes.size)
		memcpy(cluster_at(maker, place->cluster), node->bytes.data, node->bytes.size);
}

static void put_all(struct maker *maker, uint32_t hidden, uint32_t behind)
{
	const struct fat_plan *plan = &maker->plan;
	uint8_t *data = maker->data;

	fat_plan_write_boot(plan, hidden, data);
	fat_plan_write_chain(plan, data, maker->places[0].cluster, maker->places[0].clusters);
	begin_folder(maker, 0);
	for (size_t i = 0; i < maker->count; i++)
		put_node(maker, i);
	if (!plan->is_16)
		fat_plan_write_info(plan, behind, data);
}

int fat_make(uint8_t *data, size_t size, uint32_t hidden, const struct fat_node *nodes,
	     size_t count, size_t *used, struct rc_error *err)
{
	struct maker maker = { .nodes = nodes, .count = count, .data = data };
	uint32_t behind = 2;
	int result = 0;

	if (size < FAT_MIN_SIZE || size / CARD_SECTOR > UINT32_MAX)
		return rc_fail(err, RC_ERANGE,
			       "a FAT partition of %zu bytes is not made: 8 MiB at least", size);
	maker.places = calloc(count + 1, sizeof(*maker.places));
	if (!maker.places)
		return rc_fail_memory(err, (count + 1) * sizeof(*maker.places));
	fat_plan_make(size, &maker.plan);
	maker.places[0].entries = 1;
	for (size_t i = 0; i < count; i++)
		maker.places[i + 1].entries = nodes[i].folder ? 2 : 0;
	for (size_t i = 0; i < count && !result; i++)
		result = name_node(&maker, i, err);
	if (!result)
		result = place_all(&maker, &behind, err);
	if (!result)
		put_all(&maker, hidden, behind);
	if (used)
		*used = (size_t)(cluster_at(&maker, behind) - data);
	free(maker.places);
	return result;
}
