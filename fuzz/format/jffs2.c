/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base/checksum.h"
#include "files.h"
#include "format/jffs2.h"

/* Sets all checksums of the node at p right; no chance would. */
static void seal(uint8_t *p, size_t room)
{
	unsigned type = rc_le16(p + 2) | JFFS2_NODE_ACCURATE;
	size_t packed;

	rc_put_le16(p, JFFS2_MAGIC);
	if (type == JFFS2_DIRENT && room >= JFFS2_DIRENT_SIZE &&
	    room - JFFS2_DIRENT_SIZE >= p[28]) {
		rc_put_le32(p + 4, JFFS2_DIRENT_SIZE + p[28]);
		rc_put_le32(p + 36, rc_crc32_jffs2(p + JFFS2_DIRENT_SIZE, p[28]));
	} else if (type == JFFS2_INODE && room >= JFFS2_INODE_SIZE) {
		packed = rc_le32(p + 48) % (room - JFFS2_INODE_SIZE + 1);
		rc_put_le32(p + 48, (uint32_t)packed);
		rc_put_le32(p + 4, (uint32_t)(JFFS2_INODE_SIZE + packed));
		rc_put_le32(p + 60, rc_crc32_jffs2(p + JFFS2_INODE_SIZE, packed));
	}
	rc_put_le32(p + 8, rc_crc32_jffs2(p, 8));
	if (type == JFFS2_DIRENT && room >= JFFS2_DIRENT_SIZE)
		rc_put_le32(p + 32, rc_crc32_jffs2(p, 32));
	else if (type == JFFS2_INODE && room >= JFFS2_INODE_SIZE)
		rc_put_le32(p + 64, rc_crc32_jffs2(p, 60));
}

/* Once as it comes, once with checksums that hold. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	fuzz_files(&format_jffs2, data, size);
	copy = malloc(size + 1);
	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	for (size_t at = 0; at + JFFS2_HEADER_SIZE <= size;) {
		size_t length;

		if (rc_le16(copy + at) == JFFS2_MAGIC)
			seal(copy + at, size - at);
		length = rc_le32(copy + at + 4);
		at += rc_le16(copy + at) == JFFS2_MAGIC && length <= size && length >= 12
			      ? (length + 3) / 4 * 4
			      : 4;
	}
	fuzz_files(&format_jffs2, copy, size);
	free(copy);
	return 0;
}
