/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/source.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/text.h"
#include "camera/media/media.h"
#include "camera/media/source_kinds.h"

const struct source_kind *const source_kinds[] = { &source_test, &source_file, &source_pipe,
						   &source_exec, NULL };

/* Of contracts/recamd.md, and not in this version: named, so that nobody looks for a mistake of
 * his own. */
static const char *const not_yet[] = { "v4l2", "rtsp" };

static bool has_scheme(const char *text, const char *scheme)
{
	size_t length = strlen(scheme);

	return strncmp(text, scheme, length) == 0 && text[length] == ':';
}

static int unknown_source(const char *text, struct rc_error *err)
{
	struct rc_text forms = { 0 };
	int result;

	for (unsigned i = 0; i < RC_COUNT(not_yet); i++)
		if (has_scheme(text, not_yet[i]))
			return rc_fail(err, RC_EUNSUPPORTED,
				       "sources \"%s:\" are not in this version yet", not_yet[i]);
	for (unsigned i = 0; source_kinds[i]; i++)
		rc_text_add(&forms, "%s%s", i ? ", " : "", source_kinds[i]->form);
	result = rc_fail(err, RC_EUSAGE, "\"%s\" is no source; possible are %s", text,
			 rc_text_get(&forms));
	rc_text_free(&forms);
	return result;
}

int source_find(const char *text, const struct source_kind **kind, const char **words,
		struct rc_error *err)
{
	for (unsigned i = 0; source_kinds[i]; i++) {
		if (has_scheme(text, source_kinds[i]->scheme)) {
			*kind = source_kinds[i];
			*words = text + strlen(source_kinds[i]->scheme) + 1;
			return RC_OK;
		}
	}
	return unknown_source(text, err);
}

int source_check(const char *text, struct rc_error *err)
{
	const struct source_kind *kind;
	const char *words = "";
	int result = source_find(text, &kind, &words, err);

	return result < 0 ? result : kind->check(words, err);
}

int source_open(struct source *source, const char *text, int stop_fd, struct rc_error *err)
{
	const char *words = "";
	int result;

	*source = (struct source){ .stop_fd = stop_fd, .rate_den = 1 };
	result = source_find(text, &source->kind, &words, err);
	if (result == RC_OK)
		result = source->kind->check(words, err);
	if (result == RC_OK)
		result = source->kind->open(source, words, err);
	if (result < 0)
		source->kind = NULL;
	return result;
}

int source_read(struct source *source, struct source_output *out, struct rc_error *err)
{
	*out = (struct source_output){ 0 };
	return source->kind->read(source, out, err);
}

void source_close(struct source *source)
{
	if (source->kind)
		source->kind->close(source);
	source->kind = NULL;
}

int source_wait(const struct source *source, int fd, uint64_t until_us, struct rc_error *err)
{
	for (;;) {
		struct pollfd fds[2] = { { source->stop_fd, POLLIN, 0 }, { fd, POLLIN, 0 } };
		uint64_t now = media_now_us();
		uint64_t left = until_us > now ? until_us - now : 0;
		struct timespec wait = { (time_t)(left / 1000000), (long)(left % 1000000) * 1000 };
		int ready = ppoll(fds, 2, &wait, NULL);

		if (ready < 0 && errno != EINTR)
			return rc_fail_errno(err, RC_EIO, errno, "cannot wait for a source");
		if (ready > 0 && fds[0].revents)
			return rc_fail(err, RC_ESTOPPED, "the source was stopped");
		if (ready > 0)
			return RC_OK;
		if (ready == 0)
			return RC_ETIMEOUT;
	}
}
