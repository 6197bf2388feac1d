/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cfw_apply changes in a root, and in which it changes nothing. */
#include "pack/cfw.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support.h"

#define STOCK   "#!/bin/sh\nmount -t jffs2 /dev/mtdblock4 /system\n/system/init/app_init.sh &\n"
#define FOREIGN "#!/bin/sh\nmount /dev/mmcblk0p1 /system/sdcard\n/system/init/app_init.sh &\n"

static void add(struct fs_tree *tree, enum fs_type type, const char *path, const char *content)
{
	struct fs_node node = {
		.type = type, .mode = 0700, .uid = 3, .gid = 4, .mtime = 5, .path = strdup(path)
	};
	struct rc_error err;

	if (content) {
		assert_true(rc_buffer_append(&node.content, content, strlen(content)));
		node.size = strlen(content);
	}
	assert_non_null(fs_tree_add(tree, &node, &err));
}

/* A root with these in /etc/init.d (NULL: not there). */
static void make(struct fs_tree *tree, const char *start, const char *stock)
{
	struct rc_error err;

	*tree = (struct fs_tree){ 0 };
	add(tree, FS_DIRECTORY, "/", NULL);
	add(tree, FS_DIRECTORY, "/etc", NULL);
	add(tree, FS_DIRECTORY, "/etc/init.d", NULL);
	if (start)
		add(tree, FS_FILE, "/etc/init.d/rcS", start);
	if (stock)
		add(tree, FS_FILE, "/etc/init.d/rcS.stock", stock);
	add(tree, FS_FILE, "/etc/inittab", "::sysinit:/etc/init.d/rcS\n");
	support_ok(fs_tree_sort(tree, "the test", &err), &err);
}

static const struct fs_node *get(const struct fs_tree *tree, const char *path)
{
	size_t i = fs_tree_find(tree, path);

	assert_int_not_equal(i, FS_NO_NODE);
	return &tree->nodes[i];
}

static void holds(const struct fs_node *node, const void *data, size_t size)
{
	assert_int_equal(node->size, size);
	assert_int_equal(node->content.size, size);
	assert_memory_equal(node->content.data, data, size);
}

static void read_ours(struct rc_buffer *ours)
{
	const char *folder = getenv("RECAM_CFW");
	char path[300];
	struct rc_error err;

	snprintf(path, sizeof(path), "%s/rcS", folder ? folder : "cfw");
	support_ok(rc_file_read(path, RC_MIB(1), ours, &err), &err);
}

static void check(const struct fs_tree *tree)
{
	const struct fs_node *start = get(tree, "/etc/init.d/rcS");
	const struct fs_node *stock = get(tree, "/etc/init.d/rcS.stock");
	struct rc_buffer ours;

	read_ours(&ours);
	assert_int_equal(tree->count, 6);
	holds(start, ours.data, ours.size);
	assert_int_equal(start->mode, 0755);
	assert_int_equal(start->uid, 3);
	assert_int_equal(start->gid, 4);
	assert_int_equal(start->mtime, 5);
	holds(stock, STOCK, strlen(STOCK));
	assert_int_equal(stock->mode, 0700);
	assert_int_equal(get(tree, "/etc/inittab")->mode, 0700);
	rc_buffer_free(&ours);
}

static void changes_one_file(void **state)
{
	struct fs_tree tree;
	struct rc_error err;

	(void)state;
	make(&tree, STOCK, NULL);
	support_ok(cfw_apply(&tree, &err), &err);
	check(&tree);
	/* Once more changes nothing more. */
	support_ok(cfw_apply(&tree, &err), &err);
	check(&tree);
	fs_tree_free(&tree);
}

static void renews_an_older_one(void **state)
{
	struct fs_tree tree;
	struct rc_buffer ours;
	struct rc_error err;

	(void)state;
	make(&tree, STOCK, NULL);
	support_ok(cfw_apply(&tree, &err), &err);
	fs_tree_free(&tree);
	make(&tree, "#!/bin/sh\n# recam-cfw 0\nexec /etc/init.d/rcS.stock\n", STOCK);
	support_ok(cfw_apply(&tree, &err), &err);
	holds(get(&tree, "/etc/init.d/rcS.stock"), STOCK, strlen(STOCK));
	read_ours(&ours);
	holds(get(&tree, "/etc/init.d/rcS"), ours.data, ours.size);
	rc_buffer_free(&ours);
	fs_tree_free(&tree);
}

static void refuses(const char *start, const char *stock, const char *why)
{
	struct fs_tree tree;
	struct rc_error err;

	make(&tree, start, stock);
	support_fails(cfw_apply(&tree, &err), RC_EREFUSED, &err, "/etc/init.d/rcS of this root",
		      why, "begin with the stock root");
	assert_int_equal(tree.count, 4u + (start != NULL) + (stock != NULL));
	if (start)
		holds(get(&tree, "/etc/init.d/rcS"), start, strlen(start));
	fs_tree_free(&tree);
}

static void refuses_what_is_not_stock(void **state)
{
	(void)state;
	refuses(NULL, NULL, "is not there");
	refuses(FOREIGN, NULL, "another custom firmware's");
	refuses("#!/bin/sh\n", NULL, "does not run /system/init/app_init.sh");
	refuses(STOCK, STOCK, "a stock one lies beside it already");
	/* Ours without the stock one would have nothing to go on with. */
	refuses("#!/bin/sh\n# recam-cfw 1\nexec /etc/init.d/rcS.stock\n", NULL, "does not run");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_one_file),
		cmocka_unit_test(renews_an_older_one),
		cmocka_unit_test(refuses_what_is_not_stock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
