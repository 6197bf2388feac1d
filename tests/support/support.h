/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of every floor need: firmware, own images, folders, seeded numbers, skips. */
#ifndef RECAM_TESTS_SUPPORT_H
#define RECAM_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"

/* Path of a file below ../shared in static memory, or NULL where it is not there:
 * then the caller says what it skips with support_skip_firmware. */
const char *support_shared(const char *relative);

/* The whole 16 MiB of firmware/dafang-5.5.1.177, joined; skips the running test (with a
 * message) where the firmware is not at hand. Freed by the caller with rc_buffer_free. */
void support_dafang_flash(struct rc_buffer *out);
/* One file below ../shared; skips the running test where it is not there. */
void support_shared_file(const char *relative, struct rc_buffer *out);

/* For main() of tests that are nothing without the Dafang's firmware: 0 where it is at hand,
 * else what to exit with so that the runner counts a skip; says which tests it is about. */
int support_needs_dafang(const char *tests);

/* The demonstration's own Dafang flash, 16 MiB, made by lab/demo-flash.sh. Always there. */
void support_demo_flash(struct rc_buffer *out);

/* A fresh folder that is removed at exit. Static memory per call is not reused. */
const char *support_temp_dir(void);
/* Things in a folder, "." and ".." not among them. */
unsigned support_count_files(const char *folder);

/* Under sanitizers a guest's processor is many times slower, and some of what it does is left to
 * the build without them (.ci/run runs those tests there): false then, having said what, unless
 * RECAM_TEST_ALL is set. */
bool support_runs_all(const char *left_out);

/* Deterministic numbers (xorshift64*); *state must not be 0. */
uint64_t support_random(uint64_t *state);

/* Fails the test with the error's text where result is not 0. */
void support_ok_at(int result, const struct rc_error *err, const char *file, int line);
#define support_ok(call, err) support_ok_at((call), (err), __FILE__, __LINE__)

/* Asserts the status, and that the message holds each of the NULL-terminated parts. */
void support_fails_at(int result, int status, const struct rc_error *err, const char *file,
		      int line, ...) __attribute__((sentinel));
#define support_fails(call, status, err, ...) \
	support_fails_at((call), (status), (err), __FILE__, __LINE__, __VA_ARGS__, (char *)NULL)

#endif
