/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "pack/repack.h"
#include "recam/common.h"

struct pack_arguments {
	const char *board;
	const char *output;
	const char *as;
	const char *key;
	bool cfw;
};

/* ---- the key ---- */

/* A seed of 32 bytes, or the 64 bytes that libsodium and NaCl keep. */
static int read_key(const char *path, uint8_t secret[RECOVERY_SECRET_SIZE], struct rc_error *err)
{
	uint8_t public_key[RECOVERY_KEY_SIZE];
	struct rc_buffer file;
	int result = rc_file_read(path, RC_KIB(4), &file, err);

	if (result)
		return result;
	if (file.size == crypto_sign_SEEDBYTES)
		crypto_sign_seed_keypair(public_key, secret, file.data);
	else if (file.size == RECOVERY_SECRET_SIZE)
		memcpy(secret, file.data, RECOVERY_SECRET_SIZE);
	else
		result = rc_fail(
			err, RC_EUSAGE,
			"--key %s has %zu bytes: an Ed25519 key is a seed of %u bytes or a "
			"secret key of %u, raw (\"head -c 32 /dev/urandom > my.key\" makes "
			"one)",
			path, file.size, crypto_sign_SEEDBYTES, RECOVERY_SECRET_SIZE);
	sodium_memzero(file.data, file.size);
	rc_buffer_free(&file);
	return result;
}

/* ---- what was made ---- */

static const char *source_text(enum part_source source)
{
	static const char *const texts[] = {
		[PART_ABSENT] = "not there",
		[PART_UNCHANGED] = "as it was unpacked",
		[PART_FILE] = "from its .bin",
		[PART_TREE] = "made from its files",
		[PART_CFW] = "made from its files, with the start script for the SD card",
	};

	return texts[source];
}

static void print_made(const struct pack_arguments *arguments, const struct repacked *packed)
{
	const struct layout *layout = &packed->map.layout;

	printf("%s: %zu bytes, %s%s\n\n", arguments->output, packed->file.size,
	       packed->kind == FIRMWARE_KINDS ? "one partition"
					      : firmware_shapes[packed->kind].what,
	       packed->original ? ", byte for byte what was unpacked" : "");
	for (size_t i = 0; i < layout->count; i++)
		if (packed->wanted[i])
			printf("  0x%06" PRIx32 "  %-9s %s\n", layout->partitions[i].offset,
			       layout->partitions[i].name, source_text(packed->sources[i]));
	if (packed->signed_anew && !packed->loader_takes)
		printf("\nIt is signed with your key. A camera whose bootloader has the vendor's "
		       "key refuses it:\nthere, write the partitions with \"recam rescue\", which "
		       "needs no signature.\n");
}

/* By this camera's own bootloader, where the folder has it; else by what is known of the model. */
static void print_next(const struct board *board, const struct repacked *packed)
{
	const struct recovery_loader *loader = &packed->loader;
	const char *file = packed->kind == FIRMWARE_KINDS ? "" : firmware_shapes[packed->kind].file;

	if (packed->kind == FIRMWARE_RECOVERY)
		file = loader->file[0] ? loader->file : board->update.file;
	if (file && *file)
		printf("\nThe bootloader looks for it on the card as %s.\n", file);
	if (loader->has_key)
		printf("The bootloader that is in the folder %s this signature.\n",
		       packed->loader_takes ? "takes" : "REFUSES");
}

/* The last look: as the camera's owner would, before anything is written. */
static int judge(const struct pack_arguments *arguments, const struct call *call,
		 const struct repacked *packed, struct rc_error *err)
{
	struct inspect_options options = { .boards = &call->boards, .board = arguments->board };
	struct inspection inspection = { 0 };
	int result;

	if (packed->kind == FIRMWARE_KINDS || !firmware_shapes[packed->kind].inspected)
		return EXIT_DONE;
	result = inspect_bytes((struct rc_span){ packed->file.data, packed->file.size }, &options,
			       &inspection, err);
	if (result)
		return result;
	result = exit_for(&inspection);
	for (size_t i = 0; i < inspection.finding_count; i++)
		if (inspection.findings[i].kind->severity == SEVERITY_FATAL)
			rc_log_note("[%s] %s", inspection.findings[i].kind->id,
				    inspection.findings[i].evidence);
	inspection_clear(&inspection);
	return result;
}

static bool holds_secrets(const struct repacked *packed)
{
	for (size_t i = 0; i < packed->map.layout.count; i++)
		if (packed->wanted[i] && flash_map_is_secret(&packed->map, packed->map.roles[i]))
			return true;
	return false;
}

static int pack(const struct call *call, const struct repack_request *request, struct rc_error *err)
{
	const struct pack_arguments *arguments = call->values;
	struct repacked packed;
	int status;
	int result = repack_firmware(request, &packed, err);

	if (result)
		return result;
	status = judge(arguments, call, &packed, err);
	if (status >= 0) {
		result = rc_file_replace(arguments->output, packed.file.data, packed.file.size,
					 holds_secrets(&packed) ? 0600 : 0644, err);
		status = result ? result : status;
	}
	if (status >= 0) {
		print_made(arguments, &packed);
		print_next(request->board, &packed);
	}
	repacked_clear(&packed);
	return status;
}

static int run(const struct call *call, struct rc_error *err)
{
	const struct pack_arguments *arguments = call->values;
	uint8_t secret[RECOVERY_SECRET_SIZE];
	struct repack_request request = {
		.folder = call->arguments[0],
		.board = boards_find(&call->boards, arguments->board),
		.as = arguments->as,
		.cfw = arguments->cfw,
	};
	int result = 0;

	if (!request.board)
		return rc_fail(err, RC_EUSAGE,
			       "no camera is called \"%s\" here; \"recam boards\" lists them",
			       arguments->board);
	if (rc_is_directory(arguments->output))
		return rc_fail(err, RC_EUSAGE,
			       "-o %s is a folder: name the file that is to be made",
			       arguments->output);
	if (arguments->key)
		result = read_key(arguments->key, secret, err);
	if (result)
		return result;
	request.secret = arguments->key ? secret : NULL;
	result = pack(call, &request, err);
	sodium_memzero(secret, sizeof(secret));
	return result;
}

#define VALUE(member) offsetof(struct pack_arguments, member)
static const struct option_spec options[] = {
	{ "board", 0, OPTION_TEXT, "ID", "the camera that it is for (needed)", VALUE(board),
	  .say = "which camera it is for" },
	{ "output", 'o', OPTION_TEXT, "FILE", "what is made (needed)", VALUE(output),
	  .say = "the file that is to be made" },
	{ "as", 0, OPTION_TEXT, "FORM",
	  "demo, full, recovery, flash-uboot, flash-kernel, flash-rootfs, flash-full, or a "
	  "partition; else what was unpacked",
	  VALUE(as) },
	{ "key", 0, OPTION_TEXT, "FILE", "your Ed25519 key, to sign a recovery image with",
	  VALUE(key) },
	{ "cfw", 0, OPTION_FLAG, NULL,
	  "let root start from an SD card when one with our tree is in", VALUE(cfw) },
	{ 0 },
};

const struct command command_pack = {
	.name = "pack",
	.arguments = "--board ID DIR -o FILE [--as FORM]",
	.summary = "such a folder to a firmware file again",
	.text = "What nobody changed comes back byte for byte. A partition whose files (NAME/) "
		"were\n"
		"changed is made from them; one whose NAME.bin was changed is taken from there. "
		"What\n"
		"does not fit is refused, with by how much and what takes the room.\n",
	.options = options,
	.values_size = sizeof(struct pack_arguments),
	.min = 1,
	.max = 1,
	.run = run,
};
