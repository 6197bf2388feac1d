/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SquashFS writer's bytes, and its compressors, set as those of the original were. */
#include "pack/squashfs_write.h"

#include <stdlib.h>
#include <string.h>

#include <sqfs/error.h>

/* --- bytes --- */

static int image_read_at(sqfs_file_t *base, sqfs_u64 offset, void *buffer, size_t size)
{
	const struct rc_buffer *image = ((struct squashfs_image *)base)->image;

	if (offset > image->size || size > image->size - offset)
		return SQFS_ERROR_OUT_OF_BOUNDS;
	memcpy(buffer, image->data + offset, size);
	return 0;
}

static int image_truncate(sqfs_file_t *base, sqfs_u64 size)
{
	struct rc_buffer *image = ((struct squashfs_image *)base)->image;

	if (size > image->size)
		fs_fill(image, 0, (size_t)(size - image->size));
	else
		image->size = (size_t)size;
	return image->failed ? SQFS_ERROR_ALLOC : 0;
}

static int image_write_at(sqfs_file_t *base, sqfs_u64 offset, const void *buffer, size_t size)
{
	struct rc_buffer *image = ((struct squashfs_image *)base)->image;

	if (offset + size > image->size && image_truncate(base, offset + size))
		return SQFS_ERROR_ALLOC;
	memcpy(image->data + offset, buffer, size);
	return 0;
}

static sqfs_u64 image_get_size(const sqfs_file_t *base)
{
	return ((const struct squashfs_image *)base)->image->size;
}

static void keep(sqfs_object_t *object)
{
	(void)object;
}

/* --- a compressor that stores --- */

static sqfs_s32 store(sqfs_compressor_t *self, const sqfs_u8 *in, sqfs_u32 size, sqfs_u8 *out,
		      sqfs_u32 room)
{
	return 0; /* "does not get smaller": then libsquashfs stores it */
}

static sqfs_object_t *copy_storer(const sqfs_object_t *storer)
{
	return (sqfs_object_t *)(uintptr_t)storer;
}

static sqfs_compressor_t storer = { .base = { .destroy = keep, .copy = copy_storer },
				    .do_block = store };

/* --- a compressor that never makes things larger --- */

/* libsquashfs's LZ4 gives five bytes for the four of a table of one owner, and calls that
 * compressed; unsquashfs refuses to read it. */
struct careful {
	sqfs_compressor_t base;
	sqfs_compressor_t *real; /* owned */
};

static sqfs_s32 compress_carefully(sqfs_compressor_t *self, const sqfs_u8 *in, sqfs_u32 size,
				   sqfs_u8 *out, sqfs_u32 room)
{
	sqfs_compressor_t *real = ((struct careful *)self)->real;
	sqfs_s32 packed = real->do_block(real, in, size, out, room);

	return packed > 0 && (sqfs_u32)packed >= size ? 0 : packed;
}

static int write_options_carefully(sqfs_compressor_t *self, sqfs_file_t *file)
{
	sqfs_compressor_t *real = ((struct careful *)self)->real;

	return real->write_options(real, file);
}

static void destroy_careful(sqfs_object_t *self)
{
	sqfs_destroy(((struct careful *)self)->real);
	free(self);
}

static sqfs_object_t *copy_careful(const sqfs_object_t *self);

/* Takes real over; NULL without memory. */
static sqfs_compressor_t *make_careful(sqfs_compressor_t *real)
{
	struct careful *careful = calloc(1, sizeof(*careful));

	if (!careful || !real) {
		sqfs_destroy(real);
		free(careful);
		return NULL;
	}
	careful->base = (sqfs_compressor_t){ .base = { .destroy = destroy_careful,
						       .copy = copy_careful },
					     .write_options = write_options_carefully,
					     .do_block = compress_carefully };
	careful->real = real;
	return &careful->base;
}

static sqfs_object_t *copy_careful(const sqfs_object_t *self)
{
	return (sqfs_object_t *)make_careful(sqfs_copy(((const struct careful *)self)->real));
}

/* --- compressors --- */

/* From what stands behind the super block (kernel: fs/squashfs/xz_wrapper.c and others; mksquashfs:
 * gzip_wrapper.h). Without options there, libsquashfs's defaults are mksquashfs's. */
static void set_options(const struct fs_recipe *recipe, sqfs_compressor_config_t *config)
{
	const uint32_t *options = recipe->options;

	switch (recipe->compressor) {
	case SQFS_COMP_GZIP:
		config->level = options[0];
		config->opt.gzip.window_size = (sqfs_u16)options[1];
		config->flags |= options[1] >> 16 & SQFS_COMP_FLAG_GZIP_ALL;
		break;
	case SQFS_COMP_XZ:
		config->opt.xz.dict_size = options[0];
		config->flags |= options[1] & 0x3f; /* filters, by the same bits */
		break;
	case SQFS_COMP_LZ4:
		config->flags |= options[1] & SQFS_COMP_FLAG_LZ4_ALL;
		break;
	case SQFS_COMP_ZSTD:
		config->level = options[0];
		break;
	default:
		break;
	}
}

static int open_compressor(const struct fs_recipe *recipe, bool unpack,
			   sqfs_compressor_t **compressor, struct rc_error *err)
{
	const char *name = sqfs_compressor_name_from_id((SQFS_COMPRESSOR)recipe->compressor);
	sqfs_compressor_config_t config;
	int result = sqfs_compressor_config_init(&config, (SQFS_COMPRESSOR)recipe->compressor,
						 recipe->block_size,
						 unpack ? SQFS_COMP_FLAG_UNCOMPRESS : 0);

	if (result == 0 && (recipe->flags & SQFS_FLAG_COMPRESSOR_OPTIONS))
		set_options(recipe, &config);
	if (result == 0)
		result = sqfs_compressor_create(&config, compressor);
	if (result == SQFS_ERROR_ALLOC)
		return rc_fail(err, RC_ENOMEM, "no memory for the %s compressor", name);
	/* It says the same of a compressor and of an option that it does not know. */
	if (!name || (result == SQFS_ERROR_UNSUPPORTED && recipe->compressor == SQFS_COMP_LZO))
		return rc_fail(
			err, RC_EUNSUPPORTED,
			"squashfs with %s (compressor=%u) cannot be packed: libsquashfs has no "
			"such compressor; compressor=4 (XZ) in the manifest's #recam line "
			"takes another, if the camera's kernel knows it",
			name ? name : "an unknown compressor", recipe->compressor);
	if (result)
		return rc_fail(err, RC_EUSAGE,
			       "libsquashfs does not take the options 0x%X 0x%X for %s (the "
			       "manifest's #recam line)",
			       recipe->options[0], recipe->options[1], name);
	if (!unpack)
		*compressor = make_careful(*compressor);
	return *compressor ? 0 : rc_fail_memory(err, sizeof(struct careful));
}

static int check_recipe(const struct fs_recipe *recipe, struct rc_error *err)
{
	uint32_t size = recipe->block_size;

	if (size < SQFS_MIN_BLOCK_SIZE || size > SQFS_MAX_BLOCK_SIZE || (size & (size - 1)))
		return rc_fail(
			err, RC_EUSAGE,
			"a squashfs cannot have blocks of %u bytes: powers of two from %u to "
			"%u are possible (block-size= in the manifest's #recam line)",
			size, SQFS_MIN_BLOCK_SIZE, SQFS_MAX_BLOCK_SIZE);
	return 0;
}

int squashfs_writer_open(struct squashfs_writer *w, struct rc_buffer *image)
{
	const uint32_t data = SQFS_FLAG_UNCOMPRESSED_DATA | SQFS_FLAG_UNCOMPRESSED_FRAGMENTS;
	uint32_t flags = w->recipe->flags & ~(uint32_t)SQFS_FLAG_COMPRESSOR_OPTIONS;
	int result = check_recipe(w->recipe, w->err);

	/* libsquashfs compresses both or none. */
	if ((flags & data) != data)
		flags &= ~data;
	/* Duplicates are always removed: libsquashfs leaks where it is told not to. The flag's
	 * name there is misleading; this is what it says. */
	w->flags = flags | SQFS_FLAG_NO_DUPLICATES;

	w->file.image = image;
	w->file.base = (sqfs_file_t){ .base = { .destroy = keep },
				      .read_at = image_read_at,
				      .write_at = image_write_at,
				      .get_size = image_get_size,
				      .truncate = image_truncate };
	if (result == 0)
		result = open_compressor(w->recipe, false, &w->compressor, w->err);
	if (result == 0)
		result = open_compressor(w->recipe, true, &w->unpacker, w->err);
	w->data_compressor = flags & data ? &storer : w->compressor;
	w->table_compressor = flags & SQFS_FLAG_UNCOMPRESSED_INODES ? &storer : w->compressor;
	w->id_compressor = flags & SQFS_FLAG_UNCOMPRESSED_IDS ? &storer : w->compressor;
	return result;
}

void squashfs_writer_close(struct squashfs_writer *w)
{
	sqfs_destroy(w->compressor);
	sqfs_destroy(w->unpacker);
}
