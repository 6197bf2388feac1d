/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A manifest: what the user's folder brings, libarchive reads, and is judged before it counts. */
#include "pack/fs_manifest.h"

#include <stdlib.h>
#include <string.h>

#include "pack/fs_write.h"

/* What a reader let through, the writers take: JFFS2, since it is the quicker one. */
static void write_tree(struct fs_tree *tree, const struct fs_recipe *recipe)
{
	const struct fs_recipe plain = { .format = &format_jffs2, .erase_block = 0x8000 };
	struct rc_buffer image = { 0 };
	struct rc_error err;

	if (fs_tree_link_names(tree, &err) == 0)
		jffs2_write(tree, recipe->format == &format_jffs2 ? recipe : &plain, &image, &err);
	rc_buffer_free(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_recipe(const struct fs_recipe *recipe)
{
	char line[FS_RECIPE_LINE];
	struct fs_recipe again;

	fs_recipe_print(recipe, line);
	if (fs_recipe_parse(line, &again, NULL) != 0 || memcmp(recipe, &again, sizeof(again)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fs_tree tree = { 0 };
	struct fs_recipe recipe = { 0 };

	if (size < 65536 &&
	    fs_manifest_read((struct rc_span){ data, size }, &tree, &recipe, NULL) == 0) {
		for (size_t i = 0; i < tree.count; i++) {
			if (!fs_path_is_sound(tree.nodes[i].path))
				abort();
		}
		write_tree(&tree, &recipe);
		if (recipe.format)
			check_recipe(&recipe);
	}
	fs_tree_free(&tree);
	return 0;
}
