/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack/repack.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/text.h"
#include "format/mstar_boot.h"
#include "pack/fs_disk.h"
#include "pack/fs_write.h"
#include "pack/repack_part.h"

/* ---- the folder and its record ---- */

static int open_folder(const struct repack_request *request, struct repack_folder *folder,
		       struct rc_error *err)
{
	struct rc_buffer text = { 0 };
	int result;

	*folder = (struct repack_folder){ .request = request };
	folder->fd = open(request->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0)
		return rc_fail_errno(err, errno == ENOENT ? RC_ENOTFOUND : RC_EIO, errno,
				     "cannot open the folder %s", request->folder);
	result = fs_disk_get_text(folder->fd, FOLDER_RECORD, FOLDER_RECORD_LIMIT, &text, err);
	if (result == RC_ENOTFOUND)
		return 0;
	if (!result)
		result = folder_record_parse((struct rc_span){ text.data, text.size },
					     FOLDER_RECORD, &folder->record, err);
	folder->has_record = !result;
	rc_buffer_free(&text);
	if (result)
		close(folder->fd);
	return result;
}

/* Parts that lie elsewhere in this camera's flash are another camera's. */
static int check_places(const struct repack_folder *folder, const struct flash_map *map,
			struct rc_error *err)
{
	for (size_t i = 0; i < folder->record.part_count; i++) {
		const struct folder_part *part = &folder->record.parts[i];
		const struct partition *place = layout_find(&map->layout, part->place.name);

		if (!place ||
		    (place->offset == part->place.offset && place->size == part->place.size))
			continue;
		return rc_fail(err, RC_EREFUSED,
			       "[image-wrong-model] %s/%s says that %s lies at 0x%06" PRIx32
			       " and has %" PRIu32 " bytes; a %s has it at 0x%06" PRIx32
			       " with %" PRIu32 ": it was unpacked from another camera's firmware, "
			       "or recam.json was changed",
			       folder->request->folder, FOLDER_RECORD, part->place.name,
			       part->place.offset, part->place.size, map->camera, place->offset,
			       place->size);
	}
	return 0;
}

/* The board's own layout; for a whole flash that holds its own table, and for what lies between
 * partitions, that which was unpacked. */
static int choose_map(const struct repack_folder *folder, struct flash_map *map,
		      struct rc_error *err)
{
	const struct board *board = folder->request->board;
	const struct folder_record *record = &folder->record;

	flash_map_of_board(board, map);
	if (!folder->has_record)
		return 0;
	if (record->board[0] && strcmp(record->board, board->id) != 0)
		return rc_fail(err, RC_EREFUSED,
			       "[image-wrong-model] %s was unpacked from firmware of a \"%s\", and "
			       "--board says %s: a camera with another's firmware does not start",
			       folder->request->folder, record->board, board->id);
	if (!board->layout_from_mxpt) {
		int result = check_places(folder, map, err);

		if (result)
			return result;
	}
	if (record->kind == FIRMWARE_FLASH) {
		struct flash_map whole;

		folder_record_map(record, &whole);
		memcpy(whole.camera, map->camera, sizeof(whole.camera));
		memcpy(whole.dialect, map->dialect, sizeof(whole.dialect));
		*map = whole;
	}
	return 0;
}

/* ---- what it is to become ---- */

static int choose_kind(const struct repack_folder *folder, struct repacked *out,
		       struct rc_error *err)
{
	const char *as = folder->request->as;
	const struct partition *place;

	if (!as && folder->has_record && folder->record.kind != FIRMWARE_KINDS) {
		out->kind = folder->record.kind;
		return 0;
	}
	if (!as && folder->has_record && folder->record.part_count == 1)
		as = folder->record.parts[0].place.name;
	if (!as)
		return rc_fail(err, RC_EUSAGE,
			       "%s does not say what it is to become: give --as demo, full, "
			       "recovery, or the name of a partition",
			       folder->request->folder);
	out->kind = firmware_kind_find(as);
	if (out->kind != FIRMWARE_KINDS)
		return 0;
	place = layout_find(&out->map.layout, as);
	if (!place)
		return rc_fail(err, RC_EUSAGE,
			       "--as %s: there are demo, full, recovery, flash-uboot, "
			       "flash-kernel, flash-rootfs, flash-full, and the partitions of a %s "
			       "(\"recam boards %s\" lists them)",
			       as, out->map.camera, folder->request->board->id);
	out->wanted[place - out->map.layout.partitions] = true;
	return 0;
}

static int choose_parts(struct repacked *out, struct rc_error *err)
{
	struct flash_run run;

	if (out->kind == FIRMWARE_KINDS)
		return 0;
	firmware_run(&out->map, out->kind, &run);
	if (run.count == 0)
		return rc_fail(err, RC_EUSAGE, "no bootloader of a %s takes %s", out->map.camera,
			       firmware_shapes[out->kind].what);
	for (size_t i = 0; i < run.count; i++)
		out->wanted[run.first + i] = true;
	return 0;
}

/* Nothing that was asked for is passed over in silence. */
static int check_wishes(const struct repack_request *request, const struct repacked *out,
			struct rc_error *err)
{
	bool has_root = false;

	for (size_t i = 0; i < out->map.layout.count; i++)
		has_root = has_root || (out->wanted[i] && out->map.roles[i] == ROLE_ROOT);
	if (request->cfw && !has_root)
		return rc_fail(
			err, RC_EUSAGE,
			"--cfw changes root, and root is not in what is to be made: use --as "
			"demo, full or root");
	if (request->secret && out->kind != FIRMWARE_RECOVERY)
		return rc_fail(err, RC_EUSAGE,
			       "--key signs recovery images (--as recovery): no other file has a "
			       "signature");
	return 0;
}

/* ---- putting it together ---- */

/* Of what was unpacked; else as the vendor's packer writes it (facts 1.1, 2.1), with the
 * kernel's time, so that the same parts make the same file. */
static struct uimage_header choose_header(const struct repack_folder *folder,
					  const struct repacked *out,
					  const struct rc_span parts[RC_MAX_PARTITIONS])
{
	struct uimage_header header = { .os = UIMAGE_OS_LINUX,
					.arch = UIMAGE_ARCH_MIPS,
					.name = "jz_fw" };
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds;

	for (size_t i = 0; i < out->map.layout.count; i++) {
		struct uimage_header kernel;

		if (out->map.roles[i] == ROLE_KERNEL && uimage_read_header(parts[i], &kernel) &&
		    kernel.magic == UIMAGE_MAGIC)
			header.time = kernel.time;
	}
	if (folder->has_record && folder->record.has_header && folder->record.kind == out->kind)
		header = folder->record.header;
	if (!out->original && epoch && rc_parse_number(epoch, UINT32_MAX, &seconds))
		header.time = (uint32_t)seconds;
	return header;
}

static int add_trailer(const struct repack_folder *folder, struct repacked *out,
		       struct rc_error *err)
{
	const uint8_t *secret = folder->request->secret;

	if (secret) {
		out->signed_anew = true;
		return recovery_sign(&out->file, secret, err);
	}
	if (out->original && folder->record.has_trailer)
		return rc_buffer_append(&out->file, folder->record.trailer, RECOVERY_TRAILER)
			       ? 0
			       : rc_fail_memory(err, RECOVERY_TRAILER);
	return rc_fail(
		err, RC_EREFUSED,
		"%s, and only the vendor can make one that this camera's bootloader takes: "
		"make the changed partitions (--as NAME -o new/NAME.bin) and write them with "
		"\"recam rescue LINK --from new\", which needs none, or sign with a key of "
		"your own (--key FILE) for a bootloader that has it",
		folder->record.has_trailer
			? "the vendor's signature is not over these bytes any more"
			: "there is no signature over these bytes");
}

/* Nothing depends on it: a folder without a bootloader, or with one that is not understood,
 * makes the same file. */
static void ask_loader(const struct repack_folder *folder, struct repacked *out)
{
	for (size_t i = 0; i < out->map.layout.count; i++) {
		struct rc_buffer boot = { 0 }, program = { 0 };
		enum part_source source;

		if (out->map.roles[i] != ROLE_BOOT)
			continue;
		if (!repack_part(folder, &out->map.layout.partitions[i], ROLE_BOOT, &source, &boot,
				 NULL) &&
		    !mstar_boot_unpack((struct rc_span){ boot.data, boot.size }, &program, NULL))
			recovery_read_loader((struct rc_span){ program.data, program.size },
					     &out->loader);
		rc_buffer_free(&boot);
		rc_buffer_free(&program);
	}
	out->loader_takes = out->loader.has_key &&
			    recovery_verify((struct rc_span){ out->file.data, out->file.size },
					    out->loader.key) == RECOVERY_SIGNED;
}

/* A recam.json that was tampered with shows here. */
static int check_original(const struct repack_folder *folder, const struct repacked *out,
			  struct rc_error *err)
{
	char sha256[65];

	rc_sha256_hex(out->file.data, out->file.size, sha256);
	if (out->file.size == folder->record.size && strcmp(sha256, folder->record.sha256) == 0)
		return 0;
	return rc_fail(
		err, RC_EVERIFY,
		"no part of %s was changed, and yet it does not make what it was unpacked "
		"from (%s, sha256 %.16s...): recam.json was changed or damaged; unpack again "
		"into another folder",
		folder->request->folder, folder->record.source, folder->record.sha256);
}

/* One partition, as long as its file was. */
static int finish_single(const struct repack_folder *folder, size_t index, struct rc_buffer *bytes,
			 struct repacked *out, struct rc_error *err)
{
	const char *name = out->map.layout.partitions[index].name;
	const struct folder_part *part = folder->has_record
						 ? folder_record_part(&folder->record, name)
						 : NULL;
	size_t size = part ? part->bytes : 0;

	if (!bytes->data)
		return rc_fail(err, RC_EREFUSED, "%s holds neither %s.bin nor %s/",
			       folder->request->folder, name, name);
	out->file = *bytes;
	*bytes = (struct rc_buffer){ 0 };
	if (size > out->file.size)
		fs_fill(&out->file, 0xff, size - out->file.size);
	return out->file.failed ? rc_fail_memory(err, size) : 0;
}

static int finish(const struct repack_folder *folder, struct rc_buffer *bytes, struct repacked *out,
		  struct rc_error *err)
{
	struct firmware_source source = { 0 };
	struct uimage_header header;
	int result;

	for (size_t i = 0; i < out->map.layout.count; i++) {
		if (out->kind == FIRMWARE_KINDS && out->wanted[i])
			return finish_single(folder, i, &bytes[i], out, err);
		source.parts[i] = (struct rc_span){ bytes[i].data, bytes[i].size };
	}
	header = choose_header(folder, out, source.parts);
	source.header = &header;
	if (folder->has_record && folder->record.has_header && folder->record.kind == out->kind)
		source.payload_size = folder->record.header.size;
	result = firmware_file_build(out->kind, &out->map, &source, &out->file, err);
	if (!result && firmware_shapes[out->kind].trailer)
		result = add_trailer(folder, out, err);
	if (!result && out->original && !out->signed_anew)
		result = check_original(folder, out, err);
	if (!result && out->kind == FIRMWARE_RECOVERY)
		ask_loader(folder, out);
	return result;
}

/* The parts as the folder has them; original where none of them was changed, and the file is
 * of the kind that was unpacked. */
static int gather(const struct repack_folder *folder, struct rc_buffer *bytes, struct repacked *out,
		  struct rc_error *err)
{
	int result = 0;

	out->original = folder->has_record && folder->record.kind == out->kind &&
			out->kind != FIRMWARE_KINDS;
	for (size_t i = 0; i < out->map.layout.count && !result; i++) {
		if (!out->wanted[i])
			continue;
		result = repack_part(folder, &out->map.layout.partitions[i], out->map.roles[i],
				     &out->sources[i], &bytes[i], err);
		out->original = out->original && out->sources[i] == PART_UNCHANGED;
	}
	return result;
}

int repack_firmware(const struct repack_request *request, struct repacked *out,
		    struct rc_error *err)
{
	struct rc_buffer bytes[RC_MAX_PARTITIONS] = { 0 };
	struct repack_folder folder;
	int result;

	*out = (struct repacked){ 0 };
	result = open_folder(request, &folder, err);
	if (result)
		return result;
	result = choose_map(&folder, &out->map, err);
	if (!result)
		result = choose_kind(&folder, out, err);
	if (!result)
		result = choose_parts(out, err);
	if (!result)
		result = check_wishes(request, out, err);
	if (!result)
		result = gather(&folder, bytes, out, err);
	if (!result)
		result = finish(&folder, bytes, out, err);
	for (size_t i = 0; i < RC_MAX_PARTITIONS; i++)
		rc_buffer_free(&bytes[i]);
	close(folder.fd);
	if (result)
		repacked_clear(out);
	return result;
}

void repacked_clear(struct repacked *repacked)
{
	rc_buffer_free(&repacked->file);
	*repacked = (struct repacked){ 0 };
}
