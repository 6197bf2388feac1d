/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "container.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "pack/fs_disk.h"
#include "run.h"
#include "support.h"

#define DEMO_AT   0x40000u
#define DEMO_SIZE 0xa90000u

struct rc_buffer container_flash;
struct boards container_boards;

int container_setup(void **state)
{
	struct rc_error err;

	(void)state;
	support_demo_flash(&container_flash);
	support_ok(boards_load(NULL, &container_boards, &err), &err);
	return 0;
}

int container_teardown(void **state)
{
	(void)state;
	rc_buffer_free(&container_flash);
	boards_free(&container_boards);
	return 0;
}

const struct board *container_board(const char *id)
{
	const struct board *board = boards_find(&container_boards, id);

	assert_non_null(board);
	return board;
}

/* Without waiting for the disk, as rc_file_replace does: some tests do this a thousand times. */
void container_put(const char *folder, const char *name, const void *data, size_t size)
{
	char *path = rc_path_join(folder, name);
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	free(path);
}

void container_get(const char *folder, const char *name, struct rc_buffer *bytes)
{
	char *path = rc_path_join(folder, name);
	struct rc_error err;

	support_ok(rc_file_read(path, RC_MAX_FLASH, bytes, &err), &err);
	free(path);
}

void container_flip(const char *folder, const char *name, size_t at, uint8_t bits)
{
	struct rc_buffer bytes;

	container_get(folder, name, &bytes);
	assert_true(at < bytes.size);
	bytes.data[at] ^= bits;
	container_put(folder, name, bytes.data, bytes.size);
	rc_buffer_free(&bytes);
}

void container_remove(const char *folder, const char *name)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY);
	struct rc_error err;

	assert_true(fd >= 0);
	support_ok(fs_disk_remove(fd, name, &err), &err);
	close(fd);
}

bool container_has(const char *folder, const char *name)
{
	char *path = rc_path_join(folder, name);
	bool has = rc_file_exists(path);

	free(path);
	return has;
}

void container_demo(struct rc_span flash, struct rc_buffer *demo)
{
	const char *folder = strdup(support_temp_dir());
	char *payload = rc_path_join(folder, "payload");
	char *out = rc_path_join(folder, "demo.bin");
	const char *const mkimage[] = { "mkimage", "-A",       "mips",  "-O",   "linux",
					"-T",      "firmware", "-C",    "none", "-n",
					"jz_fw",   "-d",       payload, out,    NULL };
	struct run_result result;

	container_put(folder, "payload", flash.data + DEMO_AT, DEMO_SIZE);
	run_program(mkimage, (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	container_get(folder, "demo.bin", demo);
	free(payload);
	free(out);
	free((char *)folder);
}

static void put_at(struct rc_buffer *flash, size_t offset, const char *shared)
{
	struct rc_buffer part;

	support_shared_file(shared, &part);
	memcpy(flash->data + offset, part.data, part.size);
	rc_buffer_free(&part);
}

/* facts/mstar-mi360.md 1.1 */
void container_mi360(struct rc_buffer *flash)
{
	const struct partition *root = layout_find(&container_board("dafang")->layout, "root");

	if (!support_shared("firmware/mjsxj05cm/boot.bin")) {
		print_message("no firmware of the Mi 360 at hand: skipped\n");
		skip();
	}
	*flash = (struct rc_buffer){ .data = malloc(RC_MIB(16)), .size = RC_MIB(16) };
	assert_non_null(flash->data);
	memset(flash->data, 0xff, flash->size);
	put_at(flash, 0x000000, "firmware/mjsxj05cm/boot.bin");
	put_at(flash, 0x050000, "firmware/mjsxj05cm/kernel.bin");
	put_at(flash, 0x9b0000, "firmware/mjsxj05cm/data.bin");
	put_at(flash, 0xfe0000, "firmware/mjsxj05cm/config.bin");
	put_at(flash, 0xff0000, "firmware/mjsxj05cm/factory.bin");
	memcpy(flash->data + 0x250000, container_flash.data + root->offset, root->size);
}

int container_try_unpack(const char *name, struct rc_span file, const char *board,
			 const char *folder, struct unpacked *unpacked, struct rc_error *err)
{
	static struct firmware_opened opened; /* large, as is the other */
	static struct unpacked mine;
	struct firmware_open_options options = { .boards = &container_boards,
						 .board = board ? container_board(board) : NULL };
	struct unpack_source source;
	int result = firmware_open(name, file, &options, &opened, err);

	if (result)
		return result;
	source = (struct unpack_source){ .name = opened.name,
					 .file = opened.file,
					 .split = &opened.split,
					 .map = &opened.map,
					 .board = opened.board };
	result = unpack_firmware(&source, folder, unpacked ? unpacked : &mine, err);
	firmware_opened_clear(&opened);
	return result;
}

char *container_unpack(const char *name, const struct rc_buffer *file, const char *board,
		       struct unpacked *unpacked)
{
	char *folder = rc_path_join(support_temp_dir(), "folder");
	struct rc_error err;

	support_ok(container_try_unpack(name, (struct rc_span){ file->data, file->size }, board,
					folder, unpacked, &err),
		   &err);
	return folder;
}

int container_pack(const char *folder, const char *board, const char *as, struct repacked *packed,
		   struct rc_error *err)
{
	struct repack_request request = { .folder = folder,
					  .board = container_board(board),
					  .as = as };

	return repack_firmware(&request, packed, err);
}

void assert_packs_to(const char *folder, const char *board, const char *as, struct rc_span bytes)
{
	struct repacked packed;
	struct rc_error err;

	support_ok(container_pack(folder, board, as, &packed, &err), &err);
	assert_int_equal(packed.file.size, bytes.size);
	assert_memory_equal(packed.file.data, bytes.data, bytes.size);
	repacked_clear(&packed);
}
