/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flashes whose own partition table was made to do harm. */
#include "container.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "format/mxpt.h"
#include "support.h"

/* A Mi 360's, of which the table names one partition so. */
static void make_flash(const char *from, const char *to, struct rc_buffer *flash)
{
	struct rc_span table;
	struct mxpt records;
	const struct mxpt_record *record;
	uint8_t *at;

	container_mi360(flash);
	table = mxpt_locate((struct rc_span){ flash->data, flash->size });
	assert_int_equal(mxpt_parse(table, &records, NULL), 0);
	record = mxpt_find(&records, from);
	assert_non_null(record);
	at = flash->data + (table.data - flash->data) + record->at + 32;
	assert_memory_equal(at, from, strlen(from));
	memset(at, 0, MXPT_NAME_SIZE);
	memcpy(at, to, strlen(to));
}

static void names_of_partitions(void **state)
{
	static const struct {
		const char *from, *to, *becomes;
	} cases[] = {
		{ "CONFIG", "../../outside", "part-fe0000" },
		{ "CONFIG", "/tmp/outside", "part-fe0000" },
		{ "CONFIG", "..", "part-fe0000" },
		{ "CONFIG", ".", "part-fe0000" },
		{ "CONFIG", "a/b", "part-fe0000" },
		{ "CONFIG", "\033[2J", "part-fe0000" },
		{ "CONFIG", "recam.json", "part-fe0000" },
		{ "CONFIG", "KERNEL", "part-fe0000" },
		{ "CONFIG", "rootfs", "part-fe0000" },
		{ "CONFIG", "settings", "settings" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		static struct unpacked unpacked;
		char *place = strdup(support_temp_dir());
		char *folder = rc_path_join(place, "folder");
		struct rc_buffer flash;
		struct rc_error err;

		make_flash(cases[i].from, cases[i].to, &flash);
		support_ok(container_try_unpack("dump.bin",
						(struct rc_span){ flash.data, flash.size }, NULL,
						folder, &unpacked, &err),
			   &err);
		assert_int_equal(support_count_files(place), 1);
		/* Six partitions, two of which hold files, and the record. */
		assert_int_equal(support_count_files(folder), 6 + 2 * 2 + 1);
		if (!folder_record_part(&unpacked.record, cases[i].becomes))
			fail_msg("%s did not become %s", cases[i].to, cases[i].becomes);
		assert_packs_to(folder, "mjsxj05cm", NULL,
				(struct rc_span){ flash.data, flash.size });
		rc_buffer_free(&flash);
		free(folder);
		free(place);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_partitions),
	};

	return cmocka_run_group_tests(tests, container_setup, container_teardown);
}
