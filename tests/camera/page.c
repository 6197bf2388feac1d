/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page in a real browser: tests/page/page.mjs drives it, and says what it saw. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "service.h"

/* True where the browser and what drives it are there; says what is not. */
static bool browser_is_there(void)
{
	char *driver = rc_path_join(getenv("RECAM_NPM"), "node_modules/playwright-core");
	bool there = rc_file_exists(driver);

	if (!there)
		print_message("skipped: no %s (test.sh puts it there)\n", driver);
	free(driver);
	for (const char *const *program = (const char *const[]){ "node", "chromium", NULL };
	     *program; program++) {
		if (run_exists(*program))
			continue;
		print_message("skipped: no %s (packaging/install-packages.sh test)\n", *program);
		there = false;
	}
	return there;
}

static void the_page_works_in_a_browser(void **state)
{
	const char *shots = getenv("RECAM_SCREENSHOTS"); /* to look at them */
	struct run_result result;
	struct service service;

	(void)state;
	if (!browser_is_there())
		skip();
	service_start(&service, "");
	run_program((const char *[]){ "node", getenv("RECAM_PAGE_TEST"), service.base,
				      service.password, shots ? shots : support_temp_dir(), NULL },
		    (struct rc_span){ 0 }, &result);
	print_message("%s%s", (const char *)result.out.data, (const char *)result.err.data);
	assert_int_equal(result.status, 0);
	assert_non_null(strstr((const char *)result.out.data, "ok: the page is light"));
	run_result_free(&result);
	assert_true(service_stop(&service));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_works_in_a_browser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
