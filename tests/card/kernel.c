/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Linux kernel, whose kin reads these cards in the camera, mounts every kind that we make:
 * all names, all bytes, and not a word of complaint. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/text.h"
#include "card/transfer.h"
#include "card/write.h"
#include "judge.h"
#include "support.h"

#define MOST_NODES 8

struct kind {
	const char *name;
	size_t size;
	uint32_t transfer;
	struct fat_node nodes[MOST_NODES];
	size_t count;
	bool full; /* its file is as large as the volume can hold */
};

static uint8_t bytes[0x180000];

static const struct kind kinds[] = {
	{ "fat16", RC_MIB(16), 0, { { "DEMO.BIN", { bytes, sizeof(bytes) } } }, 1, false },
	{ "fat32", RC_MIB(80), 0, { { "DEMO.BIN", { bytes, sizeof(bytes) } } }, 1, false },
	{ "largest",
	  CARD_FIRST_SECTOR * 512 + CARD_MAX_PARTITION,
	  0,
	  { { "tf_update.img", { bytes, sizeof(bytes) } } },
	  1,
	  false },
	{ "transfer", RC_MIB(96), RC_MIB(16), { { "KERNEL.BIN", { bytes, 0x10000 } } }, 1, false },
	{ "tree",
	  RC_MIB(80),
	  0,
	  { { "empty", { NULL, 0 } },
	    { "less one", { bytes, 4095 } },
	    { "config", .folder = true },
	    { "wpa_supplicant.conf", { bytes + 1, 4096 }, .parent = 3 },
	    { "deeper", .folder = true, .parent = 3 },
	    { "a name of many letters, more than one entry.txt", { bytes + 2, 4097 }, .parent = 5 },
	    { "nothing", .folder = true },
	    { ".hidden", { bytes + 3, 1 } } },
	  8,
	  false },
	{ "full16", RC_MIB(9), 0, { { "DEMO.BIN" } }, 1, true },
	{ "full32", RC_MIB(65), 0, { { "DEMO.BIN" } }, 1, true },
	{ "none", RC_MIB(16), 0, { { 0 } }, 0, false },
};

static size_t volume_size(const struct kind *kind)
{
	return kind->size - CARD_FIRST_SECTOR * CARD_SECTOR;
}

/* The nodes of a kind with the bytes of a file that fills it. */
static void nodes_of(const struct kind *kind, struct fat_node nodes[MOST_NODES])
{
	memcpy(nodes, kind->nodes, sizeof(kind->nodes));
	if (kind->full) {
		size_t room = fat_room(volume_size(kind));
		uint8_t *all = malloc(room);

		assert_non_null(all);
		for (size_t i = 0; i < room; i++)
			all[i] = bytes[i % sizeof(bytes)] ^ (uint8_t)(i >> 20);
		nodes[0].bytes = (struct rc_span){ all, room };
	}
}

static char *make_card(const struct kind *kind, const struct fat_node *nodes)
{
	struct card_options options = { .nodes = nodes,
					.node_count = kind->count,
					.transfer_size = kind->transfer };
	char *path = rc_path_join(support_temp_dir(), kind->name);
	struct card_content content = { .count = 1 };
	struct card_device *device;
	uint8_t *card = calloc(1, kind->size);
	struct rc_error err;

	assert_non_null(card);
	support_ok(card_make(card, kind->size, &options, &content.stretches[0].size, &err), &err);
	content.image = (struct rc_span){ card, kind->size };
	support_ok(card_create_file(path, kind->size, &device, &err), &err);
	support_ok(card_write(device, &content, &err), &err);
	card_close(device);
	free(card);
	return path;
}

/* "fat16: f 644 0 0 SIZE TIME SHA256 demo.bin": of all that only kind, size, digest and path
 * are ours to say, and FAT's short names are shown in small letters. */
static void assert_node(const char *out, const struct kind *kind, const struct fat_node *nodes,
			size_t index)
{
	const struct fat_node *node = &nodes[index];
	char path[300] = "", digest[65], line[500];
	bool found = false;

	for (size_t i = index + 1; i; i = nodes[i - 1].parent) {
		char below[300];

		snprintf(below, sizeof(below), "%s%s%s", nodes[i - 1].name, *path ? "/" : "", path);
		snprintf(path, sizeof(path), "%s", below);
	}
	rc_sha256_hex(node->bytes.data ? node->bytes.data : (const uint8_t *)"", node->bytes.size,
		      digest);
	for (const char *at = out; at && *at && !found; at = strchr(at, '\n'), at += at != NULL) {
		char name[32], type[4], what[80], got[300];
		unsigned long size;

		if (sscanf(at, "%31[^:]: %3s %*s %*s %*s %lu %*s %79s %299[^\n]", name, type, &size,
			   what, got) != 5)
			continue;
		found = strcmp(name, kind->name) == 0 && strcasecmp(got, path) == 0 &&
			*type == (node->folder ? 'd' : 'f') &&
			(node->folder || (size == node->bytes.size && strcmp(what, digest) == 0));
	}
	snprintf(line, sizeof(line), "%s: %s (%zu bytes, %s)", kind->name, path, node->bytes.size,
		 digest);
	if (!found)
		fail_msg("the kernel does not see %s in: %s", line, out);
}

static void test_all_kinds(void **state)
{
	static const char look[] =
		"look() { # NAME DEVICE\n"
		"	mount -t vfat -o ro,utf8 \"$2\" /mnt && tree /mnt | sed \"s/^/$1: /\"\n"
		"	umount /mnt\n"
		"	kernel_silent && echo \"$1: silent\"\n"
		"}\n";
	struct judge_disk disks[RC_COUNT(kinds)];
	struct fat_node nodes[RC_COUNT(kinds)][MOST_NODES];
	struct rc_text script = { 0 };
	struct run_result result;
	uint64_t seed = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(support_random(&seed) >> 40);
	rc_text_add(&script, "%s", look);
	for (size_t i = 0; i < RC_COUNT(kinds); i++) {
		nodes_of(&kinds[i], nodes[i]);
		disks[i] = (struct judge_disk){ make_card(&kinds[i], nodes[i]), 0 };
		rc_text_add(&script, "look %s ${disk%zu}1\n", kinds[i].name, i + 1);
	}
	judge_run(disks, RC_COUNT(kinds), rc_text_get(&script), &result);
	assert_int_equal(result.status, 0);
	for (size_t i = 0; i < RC_COUNT(kinds); i++) {
		char silent[64];

		snprintf(silent, sizeof(silent), "%s: silent\n", kinds[i].name);
		if (!strstr((const char *)result.out.data, silent))
			fail_msg("no \"%s\" in: %s", silent, (const char *)result.out.data);
		for (size_t n = 0; n < kinds[i].count; n++)
			assert_node((const char *)result.out.data, &kinds[i], nodes[i], n);
		if (kinds[i].full)
			free((void *)nodes[i][0].bytes.data);
		free((void *)disks[i].path);
	}
	run_result_free(&result);
	rc_text_free(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
