/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Update files of the Mi 360 family whose parts do not belong together. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "format/recovery.h"
#include "format/uimage.h"
#include "inspect/inspect.h"
#include "run.h"
#include "support.h"

static struct boards boards;
static struct rc_buffer root;

static int setup(void **state)
{
	const char *folder = support_temp_dir();
	char *issue = rc_path_join(folder, "issue");
	char *file = rc_path_join(support_temp_dir(), "root.squashfs");
	const char *argv[] = { "mksquashfs", folder,         file,     "-comp",     "xz",
			       "-noappend",  "-no-progress", "-quiet", "-all-root", NULL };
	struct run_result result;
	struct rc_error err;

	(void)state;
	support_ok(rc_file_replace(issue, "recam tests\n", 12, 0644, &err), &err);
	run_program(argv, (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	support_ok(rc_file_read(file, 0x700000, &root, &err), &err);
	free(issue);
	free(file);
	return boards_load(NULL, &boards, &err);
}

static int teardown(void **state)
{
	(void)state;
	rc_buffer_free(&root);
	boards_free(&boards);
	return 0;
}

/* True where a file with this kernel, and its root where that chip has it, is called mixed. */
static bool is_mixed(const char *kernel_name, const char *root_chip)
{
	static const uint8_t secret[RECOVERY_SECRET_SIZE] = { 1 };
	struct uimage_header header = { .os = UIMAGE_OS_LINUX,
					.arch = UIMAGE_ARCH_ARM,
					.type = UIMAGE_TYPE_KERNEL };
	uint8_t kernel[UIMAGE_HEADER_SIZE + 300] = { 0 };
	struct rc_span slots[RECOVERY_SLOTS] = { { kernel, sizeof(kernel) },
						 { root.data, root.size } };
	struct inspect_options options = { .boards = &boards };
	struct rc_buffer file = { 0 };
	struct inspection inspection;
	struct rc_error err;
	bool mixed;

	memcpy(header.name, kernel_name, strlen(kernel_name) + 1);
	support_ok(uimage_build(&header, (struct rc_span){ kernel + UIMAGE_HEADER_SIZE, 300 },
				kernel, &err),
		   &err);
	support_ok(recovery_join(recovery_places(root_chip), slots, &file, &err), &err);
	support_ok(recovery_sign(&file, secret, &err), &err);
	support_ok(inspect_bytes((struct rc_span){ file.data, file.size }, &options, &inspection,
				 &err),
		   &err);
	assert_non_null(strstr(inspection.what, "tf_update.img"));
	mixed = inspection_find(&inspection, "image-wrong-model") != NULL;
	inspection_clear(&inspection);
	rc_buffer_free(&file);
	return mixed;
}

static void kernel_and_root_of_two_families_are_told(void **state)
{
	(void)state;
	assert_false(is_mixed("MVX2##I6g0000000KL_LX409####[BR:", "I6"));
	assert_false(is_mixed("MVX2##I3g0000000KL_LX318####[BR:", "I3"));
	assert_true(is_mixed("MVX2##I6g0000000KL_LX409####[BR:", "I3"));
	assert_true(is_mixed("MVX2##I3g0000000KL_LX318####[BR:", "I6"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_and_root_of_two_families_are_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
