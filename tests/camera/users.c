/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "camera/settings/throttle.h"
#include "camera/settings/users.h"

#define PASSWORD "not-a-secret"

/* A folder of its own for each test. */
static char state_dir[256];

static int make_state_dir(void **state)
{
	static unsigned number;

	(void)state;
	snprintf(state_dir, sizeof(state_dir), "%s/%u", support_temp_dir(), ++number);
	return mkdir(state_dir, 0700);
}

static void nobody_is_there_before_a_password_is(void **state)
{
	struct users users;
	struct rc_error err;

	(void)state;
	support_ok(users_load(state_dir, &users, &err), &err);
	assert_int_equal(users.count, 0);
	assert_int_equal(users_check(&users, "admin", ""), USER_NOBODY);
	assert_int_equal(users_check(&users, "admin", PASSWORD), USER_NOBODY);
}

static void a_password_outlives_a_restart(void **state)
{
	char *hashes = rc_path_join(state_dir, "users");
	char *verifiers = rc_path_join(state_dir, "rtsp-users");
	struct users users, again;
	struct rc_buffer bytes;
	struct rc_error err;
	struct stat st;

	(void)state;
	support_ok(users_load(state_dir, &users, &err), &err);
	support_ok(users_set(&users, "admin", USER_ADMINISTERS, PASSWORD, &err), &err);
	support_ok(users_set(&users, "nvr", USER_SEES, "another-secret", &err), &err);
	support_ok(users_load(state_dir, &again, &err), &err);
	for (unsigned round = 0; round < 2; round++) { /* the second comes from memory */
		assert_int_equal(users_check(&again, "admin", PASSWORD), USER_ADMINISTERS);
		assert_int_equal(users_check(&again, "nvr", "another-secret"), USER_SEES);
		assert_int_equal(users_check(&again, "nvr", PASSWORD), USER_NOBODY);
		assert_int_equal(users_check(&again, "nobody", PASSWORD), USER_NOBODY);
		assert_int_equal(users_check(&again, "", ""), USER_NOBODY);
	}
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(stat(i ? verifiers : hashes, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		support_ok(rc_file_read(i ? verifiers : hashes, RC_KIB(64), &bytes, &err), &err);
		assert_null(memmem(bytes.data, bytes.size, PASSWORD, strlen(PASSWORD)));
		rc_buffer_free(&bytes);
	}
	free(hashes);
	free(verifiers);
}

/* By md5sum and sha256sum of "admin:recamd:not-a-secret". */
static void the_verifiers_are_those_of_rfc_7616(void **state)
{
	struct users users;
	struct rc_error err;

	(void)state;
	support_ok(users_load(state_dir, &users, &err), &err);
	support_ok(users_set(&users, "admin", USER_ADMINISTERS, PASSWORD, &err), &err);
	assert_string_equal(users_find(&users, "admin")->ha1[DIGEST_MD5],
			    "9b75062f5807a58a0729127d442aebc4");
	assert_string_equal(users_find(&users, "admin")->ha1[DIGEST_SHA256],
			    "a5f07f1ab9d07ba06bb5e33d83944befbf940be38c122e717f0b43faf2a8ee7c");
	assert_null(users_find(&users, "nobody"));
}

static void the_last_administrator_stays(void **state)
{
	struct users users;
	struct rc_error err;

	(void)state;
	support_ok(users_load(state_dir, &users, &err), &err);
	support_ok(users_set(&users, "admin", USER_ADMINISTERS, PASSWORD, &err), &err);
	support_ok(users_set(&users, "nvr", USER_SEES, PASSWORD, &err), &err);
	support_fails(users_remove(&users, "admin", &err), RC_EREFUSED, &err,
		      "is the last who may administer");
	support_fails(users_remove(&users, "x", &err), RC_ENOTFOUND, &err,
		      "there is no user \"x\"");
	support_ok(users_remove(&users, "nvr", &err), &err);
	assert_int_equal(users_check(&users, "nvr", PASSWORD), USER_NOBODY);
	assert_int_equal(users_check(&users, "admin", PASSWORD), USER_ADMINISTERS);
}

static void what_is_no_name_or_password_is_refused(void **state)
{
	char longest[USER_PASSWORD_MAX + 2];
	struct users users;
	struct rc_error err;

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	support_ok(users_load(state_dir, &users, &err), &err);
	support_fails(users_set(&users, "a:b", USER_SEES, PASSWORD, &err), RC_EUSAGE, &err,
		      "\"a:b\" is no user name");
	support_fails(users_set(&users, "", USER_SEES, PASSWORD, &err), RC_EUSAGE, &err,
		      "is no user name");
	support_fails(users_set(&users, "a", USER_SEES, "1234567", &err), RC_EUSAGE, &err,
		      "the password has 7 characters: 8 to 128");
	support_fails(users_set(&users, "a", USER_SEES, longest, &err), RC_EUSAGE, &err,
		      "has 129 characters");
	support_fails(users_set(&users, "a", USER_SEES, "12345678\n", &err), RC_EUSAGE, &err,
		      "control character at place 9");
	assert_int_equal(users.count, 0);
}

static void damaged_files_are_refused(void **state)
{
	static const struct {
		const char *name, *text;
		unsigned mode;
		const char *message;
	} cases[] = {
		{ "users", "admin\n", 0600, "users:1: the line is damaged" },
		{ "users", "admin:king:x\n", 0600, "users:1: the line is damaged" },
		{ "users", "a:see:x\na:see:x\n", 0600, "users:2: the line is damaged" },
		{ "users", "a:see:x:y\n", 0600, "users:1: the line is damaged" },
		{ "users", "a:see:x\n", 0640, "can be read by others (mode 640)" },
		{ "rtsp-users", "a:b:c\n", 0600, "rtsp-users:1: the line is damaged" },
	};
	struct users users;
	struct rc_error err;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		char *path = rc_path_join(state_dir, cases[i].name);

		support_ok(rc_file_replace(path, cases[i].text, strlen(cases[i].text),
					   cases[i].mode, &err),
			   &err);
		support_fails(users_load(state_dir, &users, &err),
			      cases[i].mode == 0600 ? RC_EFORMAT : RC_EREFUSED, &err,
			      cases[i].message);
		assert_int_equal(users.count, 0);
		remove(path);
		free(path);
	}
}

static void made_up_passwords_differ_and_are_long_enough(void **state)
{
	char a[USER_MADE_UP], b[USER_MADE_UP];

	(void)state;
	users_make_up(a);
	users_make_up(b);
	assert_int_equal(strlen(a), 19);
	assert_string_not_equal(a, b);
}

static void pauses_grow_and_are_forgotten(void **state)
{
	static struct throttle throttle;
	uint64_t now = 1000000;
	char address[46];

	(void)state;
	for (unsigned i = 0; i < THROTTLE_FREE; i++) {
		throttle_wrong(&throttle, "192.0.2.1", now);
		assert_int_equal(throttle_wait(&throttle, "192.0.2.1", now), 0);
	}
	for (unsigned expected = 1000; expected <= 32000; expected *= 2) {
		throttle_wrong(&throttle, "192.0.2.1", now);
		assert_int_equal(throttle_wait(&throttle, "192.0.2.1", now), expected);
		assert_int_equal(throttle_wait(&throttle, "192.0.2.2", now), 0);
		now += expected;
		assert_int_equal(throttle_wait(&throttle, "192.0.2.1", now), 0);
	}
	for (unsigned i = 0; i < 100; i++)
		throttle_wrong(&throttle, "192.0.2.1", now);
	assert_int_equal(throttle_wait(&throttle, "192.0.2.1", now), THROTTLE_LONGEST);
	/* Others cannot push it out of the table while it is busy. */
	for (unsigned i = 0; i < THROTTLE_ADDRESSES - 1; i++) {
		snprintf(address, sizeof(address), "2001:db8::%x", i);
		throttle_wrong(&throttle, address, now - 1);
	}
	assert_int_equal(throttle_wait(&throttle, "192.0.2.1", now), THROTTLE_LONGEST);
	assert_int_equal(throttle_wait(&throttle, "192.0.2.1", now + THROTTLE_FORGET), 0);
	throttle_right(&throttle, "192.0.2.1");
	assert_int_equal(throttle_wait(&throttle, "192.0.2.1", now), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nobody_is_there_before_a_password_is, make_state_dir),
		cmocka_unit_test_setup(a_password_outlives_a_restart, make_state_dir),
		cmocka_unit_test_setup(the_verifiers_are_those_of_rfc_7616, make_state_dir),
		cmocka_unit_test_setup(the_last_administrator_stays, make_state_dir),
		cmocka_unit_test_setup(what_is_no_name_or_password_is_refused, make_state_dir),
		cmocka_unit_test_setup(damaged_files_are_refused, make_state_dir),
		cmocka_unit_test_setup(made_up_passwords_differ_and_are_long_enough,
				       make_state_dir),
		cmocka_unit_test_setup(pauses_grow_and_are_forgotten, make_state_dir),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
