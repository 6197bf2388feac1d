/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the halves of repack: which form of a partition in a folder counts. */
#ifndef RECAM_PACK_REPACK_PART_H
#define RECAM_PACK_REPACK_PART_H

#include "pack/repack.h"

struct repack_folder {
	const struct repack_request *request;
	int fd;
	bool has_record;
	struct folder_record record;
};

/* The bytes of one partition; *source PART_ABSENT where the folder has none. Judges what was
 * changed. bytes is freed by the caller in any case. */
int repack_part(const struct repack_folder *folder, const struct partition *place,
		enum partition_role role, enum part_source *source, struct rc_buffer *bytes,
		struct rc_error *err);

#endif
