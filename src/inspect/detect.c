/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file is, before anything is known of it. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "format/uimage.h"
#include "inspect/capture.h"
#include "inspect/card_check.h"
#include "inspect/image.h"
#include "inspect/log_lines.h"

/* A chip of these cameras has 8 or 16 MiB; what is at least this large, and no file of a
 * known kind, can only be meant as a flash. */
#define SMALLEST_FLASH RC_MIB(4)

/* Beginnings of what people download instead of firmware (facts 8.5, 8.12). */
static const struct {
	const char *magic;
	size_t size, at;
	const char *what;
} not_firmware[] = {
	{ "PK\x03\x04", 4, 0, "a zip archive: \"recam unpack\" looks into it" },
	{ "\x1f\x8b\x08", 3, 0, "a gzip file: \"recam unpack\" looks into it" },
	{ "BZh", 3, 0, "a bzip2 file: unpack it" },
	{ "\xfd"
	  "7zXZ",
	  6, 0, "an xz file: unpack it" },
	{ "7z\xbc\xaf\x27\x1c", 6, 0, "a 7-zip archive: unpack it" },
	{ "Rar!", 4, 0, "a RAR archive: unpack it" },
	{ "ustar", 5, 257, "a tar archive: \"recam unpack\" looks into it" },
	{ "%PDF-", 5, 0, "a PDF document" },
	{ "\x89PNG", 4, 0, "a picture" },
	{ "\xff\xd8\xff", 3, 0, "a picture" },
	{ "\x7f"
	  "ELF",
	  4, 0, "a program, not a flash image" },
	{ "MZ", 2, 0, "a Windows program" },
	{ "version https://git-lfs", 23, 0,
	  "a Git LFS pointer: the download has the file's name tag instead of the file" },
};

/* Beginnings of web pages, after blanks, in any case. */
static const char *const web[] = { "<!doctype", "<html", "<head", "<?xml", "<script" };

static const char *detect_web(struct rc_span bytes)
{
	size_t at = 0;

	while (at < bytes.size && at < 256 && strchr(" \t\r\n\xef\xbb\xbf", bytes.data[at]))
		at++;
	for (size_t i = 0; i < RC_COUNT(web); i++) {
		size_t size = strlen(web[i]);

		if (bytes.size - at >= size &&
		    strncasecmp((const char *)bytes.data + at, web[i], size) == 0)
			return "a web page: the download saved the page around the file";
	}
	return NULL;
}

const char *detect_not_firmware(struct rc_span bytes)
{
	for (size_t i = 0; i < RC_COUNT(not_firmware); i++) {
		size_t at = not_firmware[i].at, size = not_firmware[i].size;

		if (bytes.size >= at + size &&
		    memcmp(bytes.data + at, not_firmware[i].magic, size) == 0)
			return not_firmware[i].what;
	}
	return detect_web(bytes);
}

/* Text with the noise of a console. */
static bool is_text(struct rc_span bytes)
{
	struct rc_span head = rc_span_sub(bytes, 0, RC_MIB(1));
	bool wide = bytes.size >= 2 && bytes.data[0] == 0xff && bytes.data[1] == 0xfe;
	size_t text = 0;

	for (size_t i = 0; i < head.size; i++)
		text += log_is_text_byte(head.data[i]) || (wide && i % 2 == 1);
	return text * 10 >= head.size * 7;
}

/* What a console sent that spoke no text at all: short, and cut where somebody stopped it, not
 * where an erase block ends. */
static bool is_garbage(struct rc_span bytes)
{
	return bytes.size < RC_KIB(64) && bytes.size % RC_KIB(4) != 0;
}

/* An MBR with a partition in it, or the boot sector of a FAT file system. */
static bool is_card(struct rc_span bytes)
{
	const uint8_t *data = bytes.data;

	if (bytes.size < 512 || data[510] != 0x55 || data[511] != 0xaa)
		return false;
	if ((data[0] == 0xeb && data[2] == 0x90) || data[0] == 0xe9)
		return memcmp(data + 54, "FAT", 3) == 0 || memcmp(data + 82, "FAT", 3) == 0 ||
		       memcmp(data + 3, "EXFAT", 5) == 0;
	return (data[446] & 0x7f) == 0 && data[450] != 0 && rc_le32(data + 458) != 0;
}

bool detect_is_flash(struct rc_span bytes)
{
	if (bytes.size > INGENIC_BOOT_SIZE &&
	    (format_ingenic_boot.probe(bytes) ||
	     (format_mstar_boot.probe(bytes) && bytes.size > MSTAR_BOOT_SIZE)))
		return true;
	if (bytes.size < SMALLEST_FLASH)
		return false;
	return (bytes.size & (bytes.size - 1)) == 0 || !format_probe(bytes);
}

static int name_only(enum inspect_kind kind, size_t size, const char *what,
		     struct inspection *inspection)
{
	*inspection = (struct inspection){ .kind = kind, .size = size };
	snprintf(inspection->what, sizeof(inspection->what), "%s", what);
	return 0;
}

static int refuse(struct rc_span bytes, const char *what, struct inspection *inspection,
		  struct rc_error *err)
{
	name_only(INSPECT_FIRMWARE, bytes.size, what, inspection);
	if (!inspection_add(inspection, "image-not-firmware", NULL, 0, "it is %s", what))
		return rc_fail_memory(err, sizeof(struct finding));
	return 0;
}

int inspect_bytes(struct rc_span bytes, const struct inspect_options *options,
		  struct inspection *inspection, struct rc_error *err)
{
	const char *other = detect_not_firmware(bytes);

	if (bytes.size == 0)
		return inspect_log(bytes, options, inspection, err);
	if (is_card(bytes))
		return inspect_card(bytes, options, inspection, err);
	if (other)
		return refuse(bytes, other, inspection, err);
	if (firmware_is_demo(bytes))
		return inspect_demo(bytes, options, inspection, err);
	if (firmware_is_recovery(bytes))
		return inspect_recovery(bytes, options, inspection, err);
	if (detect_is_flash(bytes) && !is_text(bytes))
		return inspect_flash(bytes, options, inspection, err);
	if (!format_probe(bytes) && capture_probe(bytes))
		return inspect_capture(bytes, options, inspection, err);
	if (!format_probe(bytes) && (is_text(bytes) || is_garbage(bytes)))
		return inspect_log(bytes, options, inspection, err);
	return inspect_partition(bytes, options, inspection, err);
}
