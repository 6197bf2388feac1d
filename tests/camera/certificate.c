/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The judge is the openssl program. */
#include "support.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "camera/settings/certificate.h"
#include "run.h"

#define DAY 86400

static char state_dir[256];

static int make_state_dir(void **state)
{
	static unsigned number;

	(void)state;
	snprintf(state_dir, sizeof(state_dir), "%s/%u", support_temp_dir(), ++number);
	return mkdir(state_dir, 0700);
}

static void openssl_finds_it_right(void **state)
{
	struct certificate certificate;
	struct run_result result;
	struct rc_error err;
	struct stat st;
	bool made;

	(void)state;
	support_ok(certificate_ensure(state_dir, "hof", time(NULL), &certificate, &made, &err),
		   &err);
	assert_true(made);
	assert_int_equal(stat(certificate.key_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	run_program((const char *[]){ "openssl", "verify", "-x509_strict", "-purpose", "sslserver",
				      "-verify_hostname", "hof.local", "-CAfile", certificate.path,
				      certificate.path, NULL },
		    (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	run_program((const char *[]){ "openssl", "x509", "-in", certificate.path, "-noout",
				      "-fingerprint", "-sha256", "-ext", "subjectAltName", NULL },
		    (struct rc_span){ 0 }, &result);
	assert_non_null(strstr((const char *)result.out.data, certificate.fingerprint));
	assert_non_null(strstr((const char *)result.out.data, "IP Address:127.0.0.1"));
	run_result_free(&result);
}

static void it_stays_until_it_nearly_ends(void **state)
{
	struct certificate first, later;
	struct rc_error err;
	time_t now = time(NULL);
	bool made;

	(void)state;
	support_ok(certificate_ensure(state_dir, "hof", now, &first, &made, &err), &err);
	support_ok(certificate_ensure(state_dir, "hof", now + 360L * DAY, &later, &made, &err),
		   &err);
	assert_false(made);
	assert_string_equal(first.fingerprint, later.fingerprint);
	support_ok(certificate_ensure(state_dir, "hof", now + 370L * DAY, &later, &made, &err),
		   &err);
	assert_true(made);
	assert_string_not_equal(first.fingerprint, later.fingerprint);
	assert_true(later.ends > first.ends);
}

static void a_damaged_or_foreign_key_is_made_anew(void **state)
{
	struct certificate first, later;
	struct rc_error err;
	bool made;

	(void)state;
	support_ok(certificate_ensure(state_dir, "hof", time(NULL), &first, &made, &err), &err);
	support_ok(rc_file_replace(first.key_path, "no key", 6, 0600, &err), &err);
	support_ok(certificate_ensure(state_dir, "hof", time(NULL), &later, &made, &err), &err);
	assert_true(made);
	assert_string_not_equal(first.fingerprint, later.fingerprint);
}

static void an_owners_own_certificate_stays(void **state)
{
	static const char *const steps[][16] = {
		{ "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
		  "-nodes", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem", NULL },
		{ "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
		  "-nodes", "-subj", "/CN=hof", "-keyout", CERTIFICATE_KEY_FILE, "-out", "hof.csr",
		  NULL },
		{ "openssl", "x509", "-req", "-in", "hof.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
		  "-days", "10", "-out", CERTIFICATE_FILE, NULL },
	};
	struct certificate certificate;
	struct run_result result;
	struct rc_error err;
	bool made;

	(void)state;
	assert_int_equal(chdir(state_dir), 0);
	for (size_t i = 0; i < RC_COUNT(steps); i++) {
		run_program(steps[i], (struct rc_span){ 0 }, &result);
		assert_int_equal(result.status, 0);
		run_result_free(&result);
	}
	support_ok(certificate_ensure(state_dir, "hof", time(NULL), &certificate, &made, &err),
		   &err);
	assert_false(made);
}

static void a_folder_that_cannot_be_written_is_named(void **state)
{
	struct certificate certificate;
	struct rc_error err;
	bool made;

	(void)state;
	support_fails(certificate_ensure("/nowhere", "hof", time(NULL), &certificate, &made, &err),
		      RC_EIO, &err, "/nowhere/certificate-key.pem");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(openssl_finds_it_right, make_state_dir),
		cmocka_unit_test_setup(it_stays_until_it_nearly_ends, make_state_dir),
		cmocka_unit_test_setup(a_damaged_or_foreign_key_is_made_anew, make_state_dir),
		cmocka_unit_test_setup(an_owners_own_certificate_stays, make_state_dir),
		cmocka_unit_test_setup(a_folder_that_cannot_be_written_is_named, make_state_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
