/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Archives that were damaged on the way, or that lie about themselves. */
#include "archives.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

#define TOO_LARGE "more than any camera's flash"

static const struct entry one_kernel[] = { { "kernel.bin", .content = KERNEL }, { 0 } };

/* U-Boot's and everybody's: the sum of the header's bytes, its own eight taken for blanks. */
static void mend_tar(uint8_t *header)
{
	unsigned sum = 0;

	memset(header + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += header[i];
	snprintf((char *)header + 148, 8, "%06o", sum);
}

static void cut_anywhere(void **state)
{
	static const enum form forms[] = { TAR, TAR_GZ, ZIP };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(forms); i++) {
		struct rc_buffer whole;

		archive_make(forms[i], one_kernel, &whole);
		for (size_t part = 1; part < 10; part++) {
			struct rc_buffer cut = whole;
			struct rc_error err;
			size_t parts;
			int result;

			/* Not the end marks of a tar and the directory of a zip: files are read
			 * without. */
			cut.size = (forms[i] == TAR ? ARCHIVE_KERNEL_SIZE : whole.size - 200) *
				   part / 10;
			result = archive_try(&cut, &parts, &err);
			if (!result || !strstr(err.text, "[image-not-firmware]"))
				fail_msg("form %zu cut to %zu bytes: %d, %s", i, cut.size, result,
					 err.text);
		}
		rc_buffer_free(&whole);
	}
}

static void sizes_that_lie(void **state)
{
	static const struct {
		const char *size; /* 12 bytes of the header */
		int status;
		const char *says;
	} lies[] = {
		{ "77777777777", RC_ERANGE, TOO_LARGE },                  /* 8 GiB */
		{ "\x80\0\0\0\x7f\0\0\0\0\0\0\0", RC_ERANGE, TOO_LARGE }, /* 2^63 */
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", RC_EFORMAT,
		  "cannot be read" },
		{ "00000100000", RC_EFORMAT, "cannot be read" }, /* 32 KiB, which are not there */
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(lies); i++) {
		struct rc_buffer bytes;

		archive_make(TAR, one_kernel, &bytes);
		memcpy(bytes.data + 124, lies[i].size, 12);
		mend_tar(bytes.data);
		archive_expect("a size that lies", &bytes, lies[i].status, 0, lies[i].says);
		rc_buffer_free(&bytes);
	}
}

static void one_wrong_byte(void **state)
{
	static const struct {
		const char *name;
		enum form form;
		size_t at;
		uint8_t flip;
		int status;
		const char *says;
	} wounds[] = {
		{ "checksum of a tar header", TAR, 150, 1, RC_EFORMAT, "cannot be read" },
		{ "its magic", TAR, 257, 1, RC_EREFUSED, "is no firmware" },
		{ "flags of gzip", TAR_GZ, 3, 0xe0, RC_EFORMAT, "cannot be read" },
		{ "data of gzip", TAR_GZ, 40, 0xff, RC_EFORMAT, "cannot be read" },
		{ "method of zip", ZIP, 8, 0x55, RC_EFORMAT, "cannot be read" },
		{ "encrypted zip", ZIP, 6, 1, RC_EREFUSED, "needs a password" },
		{ "data of zip", ZIP, 100, 0xff, RC_EFORMAT, "cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(wounds); i++) {
		struct rc_buffer bytes;

		archive_make(wounds[i].form, one_kernel, &bytes);
		bytes.data[wounds[i].at] ^= wounds[i].flip;
		archive_expect(wounds[i].name, &bytes, wounds[i].status, 0, wounds[i].says);
		rc_buffer_free(&bytes);
	}
}

/* A file that says it is 60 MiB and holds one block. */
static void a_file_with_holes(void **state)
{
	struct archive_entry *header = archive_entry_new();
	struct rc_buffer bytes;
	struct archive *archive = archive_begin(TAR, &bytes);

	(void)state;
	archive_entry_set_pathname(header, "kernel.bin");
	archive_entry_set_filetype(header, AE_IFREG);
	archive_entry_set_size(header, 60 << 20);
	archive_entry_sparse_add_entry(header, 50 << 20, 4096);
	assert_int_equal(archive_write_header(archive, header), ARCHIVE_OK);
	archive_put_zeros(archive, 60 << 20);
	archive_entry_free(header);
	archive_end(archive);
	assert_true(bytes.size < 1 << 20);
	archive_expect("holes", &bytes, RC_EREFUSED, 0, "a file with holes");
	rc_buffer_free(&bytes);
}

/* Every byte of a small archive, flipped: an error, or what was meant. */
static void any_wrong_byte(void **state)
{
	static const enum form forms[] = { TAR, TAR_GZ, ZIP };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(forms); i++) {
		struct rc_buffer bytes;

		archive_make(forms[i], one_kernel, &bytes);
		for (size_t at = 0; at < bytes.size && at < 600; at += 3) {
			static struct firmware_archive archive;
			struct rc_span span = { bytes.data, bytes.size };
			struct rc_error err = { 0 };

			bytes.data[at] ^= 0x55;
			if (firmware_archive_probe(span) &&
			    firmware_archive_read("x", span, &archive, &err))
				assert_non_null(strstr(err.text, "[image-not-firmware]"));
			else
				firmware_archive_clear(&archive);
			bytes.data[at] ^= 0x55;
		}
		rc_buffer_free(&bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_anywhere),   cmocka_unit_test(sizes_that_lie),
		cmocka_unit_test(one_wrong_byte), cmocka_unit_test(a_file_with_holes),
		cmocka_unit_test(any_wrong_byte),
	};

	return cmocka_run_group_tests(tests, archives_setup, archives_teardown);
}
