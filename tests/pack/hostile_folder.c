/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders and manifests that somebody else made: packing reads nothing outside of them. */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box.h"
#include "pack/fs_disk.h"
#include "pack/fs_tree.h"

#define SQUASHFS "#mtree\n#recam squashfs block-size=131072 compressor=1 flags=0xc0\n. type=dir\n"

static const struct {
	const char *what;
	const char *manifest;
	int status;
	const char *text; /* in the message; where status is 0: in the packed image's manifest */
} manifests[] = {
	{ "a device that climbs", SQUASHFS "./../null type=char mode=666 device=native,1,3\n",
	  RC_EFORMAT, "/../null, which is no path below the folder" },
	{ "a device outside", SQUASHFS "/dev/null type=char mode=666 device=native,1,3\n",
	  RC_EFORMAT, "Can't parse line 4" },
	{ "an empty part", SQUASHFS "./etc//x type=fifo mode=666\n", RC_EFORMAT,
	  "/etc//x, which is no path below the folder" },
	{ "an escaped ..", SQUASHFS "./\\056\\056/x type=fifo mode=666\n", RC_EFORMAT,
	  "/../x, which is no path below the folder" },
	{ "a device in what is not there", SQUASHFS "./none type=dir\n./none/x type=fifo mode=1\n",
	  0, ". time=" },
	{ "a device in nothing", SQUASHFS "./none/x type=fifo mode=1\n", RC_EFORMAT,
	  "has /none/x in what is no folder there" },
	{ "a device in a link", SQUASHFS "./out type=dir\n./out/x type=fifo mode=1\n", 0,
	  "link=../outside" },
	{ "a device in a file", SQUASHFS "./file type=file\n./file/x type=fifo mode=1\n",
	  RC_EFORMAT, "has /file/x in what is no folder there" },
	{ "no type", SQUASHFS "./x mode=666\n", RC_EFORMAT, "Missing type keyword" },
	{ "an unknown type", SQUASHFS "./x type=door\n", RC_EFORMAT, "\"door\"" },
	{ "an unknown word", SQUASHFS "./x type=fifo moed=666\n", RC_EFORMAT, "moed" },
	{ "a link to nowhere", SQUASHFS "./x type=link\n", RC_EFORMAT, "where /x leads (link=)" },
	{ "an owner below nobody", SQUASHFS "./x type=fifo uid=-2\n", RC_EFORMAT,
	  "an owner, time or size that cannot be" },
	{ "an owner above all", SQUASHFS "./x type=fifo uid=4294967296\n", RC_EFORMAT,
	  "an owner, time or size that cannot be" },
	{ "before 1970", SQUASHFS "./x type=fifo time=-1.0\n", RC_EFORMAT,
	  "an owner, time or size that cannot be" },
	{ "a size of eight milliards", SQUASHFS "./file type=file size=8589934592\n", 0,
	  "size=8 " },
	{ "content from elsewhere", SQUASHFS "./new type=file contents=/etc/passwd\n", 0,
	  "./file " },
	{ "root's mode for a new file", SQUASHFS "./file type=file mode=4755 uid=0\n", 0,
	  "mode=4755" },
	{ "no root", "#mtree\n#recam squashfs block-size=131072 compressor=1\n./x type=fifo\n",
	  RC_EFORMAT, "the manifest has no root folder" },
	{ "the root as a file", "#mtree\n#recam squashfs compressor=1\n. type=file\n", RC_EFORMAT,
	  "says that its root is no folder" },
	{ "no mtree", "PK\3\4 this is a zip", RC_EFORMAT, "Unrecognized archive format" },
	{ "nothing", "", RC_EFORMAT, "Unrecognized archive format" },
	{ "no recipe", "#mtree\n. type=dir\n", RC_EUSAGE, "nothing says which file system x" },
	{ "another's recipe", "#mtree\n#recam ext4 size=1\n. type=dir\n", RC_EFORMAT,
	  "\"ext4\", which is no file system that can be packed" },
	{ "a partition's recipe", "#mtree\n#recam uimage\n. type=dir\n", RC_EFORMAT, "\"uimage\"" },
	{ "half a recipe", "#mtree\n#recam squashfs\n. type=dir\n", RC_EUSAGE,
	  "a squashfs cannot have blocks of 0 bytes" },
	{ "blocks without end", "#mtree\n#recam squashfs block-size=4294967295\n. type=dir\n",
	  RC_EUSAGE, "blocks of 4294967295 bytes" },
	{ "a word of the other", "#mtree\n#recam squashfs erase-block=1\n. type=dir\n", RC_EFORMAT,
	  "\"erase-block=1\", which is not understood" },
	{ "a number that is none", "#mtree\n#recam jffs2 erase-block=big\n. type=dir\n", RC_EFORMAT,
	  "\"erase-block=big\", which is not understood" },
	{ "erase blocks of nothing", "#mtree\n#recam jffs2\n. type=dir\n", RC_EUSAGE,
	  "erase blocks of 0 bytes" },
	{ "a marker without end",
	  "#mtree\n#recam jffs2 erase-block=65536 cleanmarker=65536\n. type=dir\n", RC_EUSAGE,
	  "a clean marker cannot have 65536 bytes" },
	{ "an unknown compressor",
	  "#mtree\n#recam squashfs block-size=131072 compressor=9\n. "
	  "type=dir\n",
	  RC_EUNSUPPORTED, "libsquashfs has no such compressor" },
	{ "LZO", "#mtree\n#recam squashfs block-size=131072 compressor=3\n. type=dir\n",
	  RC_EUNSUPPORTED, "squashfs with lzo" },
	{ "options that cannot be",
	  "#mtree\n#recam squashfs block-size=131072 compressor=1 flags=0x4c0 option0=0x63 "
	  "option1=0xf\n. type=dir\n",
	  RC_EUSAGE, "does not take the options 0x63 0xF for gzip" },
	{ "padding without end",
	  "#mtree\n#recam squashfs block-size=131072 compressor=1 pad-to=4294967295 "
	  "align=4294967295\n. type=dir\n",
	  0, ". time=" },
	{ "an owner that JFFS2 has not",
	  "#mtree\n#recam jffs2 erase-block=65536\n. type=dir\n./x "
	  "type=fifo uid=70000\n",
	  RC_EFORMAT, "/x belongs to 70000:0; a JFFS2 has no owner above 65535" },
};

static void make_folder(const struct box *box)
{
	assert_int_equal(mkdir(box_path(box, "outside"), 0755), 0);
	assert_int_equal(mkdir(box_path(box, "x"), 0755), 0);
	box_put(box, "outside/secret", "not to be packed", 0644);
	box_put(box, "x/file", "content\n", 0644);
	assert_int_equal(symlink("../outside", box_path(box, "x/out")), 0);
}

static void assert_packs_to(const struct box *box, const struct rc_buffer *image, const char *what,
			    const char *text)
{
	char *manifest;

	assert_null(rc_find((struct rc_span){ image->data, image->size }, "not to be packed", 16));
	box_unpack(box, image, "again");
	manifest = box_manifest(box, "again");
	if (!strstr(manifest, text))
		fail_msg("%s: \"%s\" is not in: %s", what, text, manifest);
	assert_null(strstr(manifest, "secret"));
	free(manifest);
}

static void hostile_manifests_are_refused(void **state)
{
	for (size_t i = 0; i < RC_COUNT(manifests); i++) {
		struct rc_error err = { 0 };
		struct rc_buffer image;
		struct box box;
		int result;

		box_open(&box);
		make_folder(&box);
		box_put(&box, "x.mtree", manifests[i].manifest, 0644);
		result = fs_pack(box.fd, "x", NULL, RC_MIB(1), &image, &err);
		if (result != manifests[i].status)
			fail_msg("%s: status %d: %s", manifests[i].what, result, err.text);
		if (result == 0)
			assert_packs_to(&box, &image, manifests[i].what, manifests[i].text);
		else if (!strstr(err.text, manifests[i].text))
			fail_msg("%s: \"%s\" is not in: %s", manifests[i].what, manifests[i].text,
				 err.text);
		rc_buffer_free(&image);
		box_close(&box);
	}
	print_message("%zu hostile manifests\n", RC_COUNT(manifests));
}

/* --- folders --- */

static const struct fs_recipe plain = {
	.format = &format_squashfs, .block_size = 131072, .compressor = 1, .flags = 0xc0
};

/* A fifo must not be waited for, nor a link be followed. */
static void odd_folders_are_packed_as_they_are(void **state)
{
	struct rc_buffer image;
	struct rc_error err;
	struct box box;

	box_open(&box);
	make_folder(&box);
	assert_int_equal(mkfifo(box_path(&box, "x/wait"), 0644), 0);
	assert_int_equal(symlink(".", box_path(&box, "x/loop")), 0);
	assert_int_equal(symlink("/dev/zero", box_path(&box, "x/zero")), 0);
	box_put(&box, "x/line\\012feed", "x", 0644);
	box_put(&box, "x/back\\slash", "x", 0644);
	support_ok(fs_pack(box.fd, "x", &plain, RC_MIB(1), &image, &err), &err);
	assert_packs_to(&box, &image, "odd names", "./line\\012feed ");
	support_ok(fs_remove(box.fd, "again", &err), &err);
	assert_packs_to(&box, &image, "odd names", "./back\\134slash ");
	support_ok(fs_remove(box.fd, "again", &err), &err);
	assert_packs_to(&box, &image, "a fifo", "./wait time=0.0 mode=644 gid=0 uid=0 ");
	rc_buffer_free(&image);
	box_close(&box);
}

static void folders_and_manifests_that_are_links_are_refused(void **state)
{
	struct rc_buffer image;
	struct rc_error err;
	struct box box;

	box_open(&box);
	make_folder(&box);
	assert_int_equal(symlink("outside", box_path(&box, "link")), 0);
	support_fails(fs_pack(box.fd, "link", &plain, RC_MIB(1), &image, &err), RC_EIO, &err,
		      "cannot open the folder link");
	assert_int_equal(symlink("outside/secret", box_path(&box, "x.mtree")), 0);
	support_fails(fs_pack(box.fd, "x", &plain, RC_MIB(1), &image, &err), RC_EIO, &err,
		      "cannot open x.mtree");
	box_close(&box);
}

static void folders_without_end_are_refused(void **state)
{
	char path[400] = "x";
	struct rc_buffer image;
	struct rc_error err;
	struct box box;

	box_open(&box);
	for (unsigned i = 0; i < 70; i++) {
		assert_int_equal(mkdir(box_path(&box, path), 0755), 0);
		strcat(path, "/d");
	}
	support_fails(fs_pack(box.fd, "x", &plain, RC_MIB(1), &image, &err), RC_ERANGE, &err,
		      "lies deeper than 64 folders");
	box_close(&box);
}

static void more_than_fits_in_memory_is_refused(void **state)
{
	struct rc_buffer image;
	struct rc_error err;
	struct box box;

	box_open(&box);
	make_folder(&box);
	assert_int_equal(truncate(box_path(&box, "x/file"), RC_MIB(300)), 0);
	support_fails(fs_pack(box.fd, "x", &plain, RC_MIB(1), &image, &err), RC_ERANGE, &err,
		      "/file has 314572800 bytes: more than the 268435456 that are left here");
	box_close(&box);
}

/* Somebody puts a link in the place of a folder while it is unpacked. */
static void nothing_is_written_through_a_link(void **state)
{
	struct fs_node node = { .path = (char[]){ "/out/secret" },
				.target = (char[]){ "x" },
				.mode = 0644 };
	struct rc_error err;
	struct box box;
	struct fs_disk disk;
	int root;

	box_open(&box);
	make_folder(&box);
	root = open(box_path(&box, "x"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	fs_disk_begin(&disk, root);
	support_fails(fs_disk_put_file(&disk, &node, (struct rc_span){ 0 }, &err), RC_EFORMAT, &err,
		      "/out/secret lies in what is no folder");
	support_fails(fs_disk_put_symlink(&disk, &node, &err), RC_EFORMAT, &err,
		      "lies in what is no folder");
	support_fails(fs_disk_make_directory(&disk, &node, &err), RC_EFORMAT, &err,
		      "lies in what is no folder");
	support_fails(fs_disk_put_hard_link(&disk, &node, "/file", &err), RC_EFORMAT, &err,
		      "lies in what is no folder");
	node.path = (char[]){ "/out" };
	support_fails(fs_disk_put_file(&disk, &node, (struct rc_span){ 0 }, &err), RC_EFORMAT, &err,
		      "/out is there twice");
	fs_disk_end(&disk);
	close(root);
	/* Removing takes the link, not what it leads to. */
	support_ok(fs_remove(box.fd, "x", &err), &err);
	assert_int_equal(access(box_path(&box, "outside/secret"), F_OK), 0);
	assert_int_not_equal(access(box_path(&box, "x"), F_OK), 0);
	box_close(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_manifests_are_refused),
		cmocka_unit_test(odd_folders_are_packed_as_they_are),
		cmocka_unit_test(folders_and_manifests_that_are_links_are_refused),
		cmocka_unit_test(folders_without_end_are_refused),
		cmocka_unit_test(more_than_fits_in_memory_is_refused),
		cmocka_unit_test(nothing_is_written_through_a_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
