/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack/cfw.h"

#include <stdlib.h>
#include <string.h>

#define START       "/etc/init.d/rcS"
#define STOCK_START "/etc/init.d/rcS.stock"

/* cfw/rcS */
static const uint8_t our_start[] = {
#include "cfw/cfw_start.h"
};

static struct fs_node *find(const struct fs_tree *root, const char *path)
{
	size_t i = fs_tree_find(root, path);

	return i == FS_NO_NODE ? NULL : &root->nodes[i];
}

static bool says(const struct fs_node *node, const char *words)
{
	struct rc_span text = { node->content.data, node->content.size };

	return rc_find(text, words, strlen(words)) != NULL;
}

static int set_content(struct fs_node *node, struct rc_error *err)
{
	struct rc_buffer content = { 0 };

	if (!rc_buffer_append(&content, our_start, sizeof(our_start))) {
		rc_buffer_free(&content);
		return rc_fail_memory(err, sizeof(our_start));
	}
	rc_buffer_free(&node->content);
	node->content = content;
	node->size = content.size;
	return 0;
}

/* True where rcS is ours, of whatever version, and the stock one lies beside it. */
static bool is_ours(const struct fs_tree *root)
{
	const struct fs_node *start = find(root, START);

	return start && start->type == FS_FILE && says(start, "\n# recam-cfw ") &&
	       find(root, STOCK_START);
}

static const char *why_not_stock(const struct fs_tree *root)
{
	const struct fs_node *start = find(root, START);

	if (!start || start->type != FS_FILE)
		return "is not there";
	if (find(root, STOCK_START))
		return "is not recam's, and a stock one lies beside it already";
	if (says(start, "mmcblk") || says(start, "/sdcard"))
		return "looks for an SD card itself: it is another custom firmware's";
	if (!says(start, "/system/init/app_init.sh"))
		return "does not run /system/init/app_init.sh, as stock ones do";
	return NULL;
}

/* A file beside the stock one, with its owner and time; behind the sorted nodes. */
static int add_start(struct fs_tree *root, size_t stock, struct rc_error *err)
{
	const struct fs_node *like = &root->nodes[stock];
	struct fs_node node = { .type = FS_FILE,
				.mode = 0755,
				.uid = like->uid,
				.gid = like->gid,
				.mtime = like->mtime,
				.path = strdup(START) };
	int result = node.path ? set_content(&node, err) : rc_fail_memory(err, sizeof(START));

	if (result == 0 && !fs_tree_add(root, &node, err))
		result = RC_ENOMEM;
	fs_node_free(&node);
	return result;
}

int cfw_apply(struct fs_tree *root, struct rc_error *err)
{
	size_t start = fs_tree_find(root, START);
	const char *why;
	char *path;
	int result;

	if (is_ours(root))
		return set_content(&root->nodes[start], err);
	why = why_not_stock(root);
	if (why)
		return rc_fail(err, RC_EREFUSED,
			       "the start script " START
			       " of this root %s; begin with the stock root, "
			       "from a backup of this camera",
			       why);
	path = strdup(STOCK_START);
	if (!path)
		return rc_fail_memory(err, sizeof(STOCK_START));
	result = add_start(root, start, err);
	if (result) {
		free(path);
		return result;
	}
	free(root->nodes[start].path);
	root->nodes[start].path = path;
	return fs_tree_sort(root, "the root with the start script for the card", err);
}
