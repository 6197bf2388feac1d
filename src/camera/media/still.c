/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/still.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "camera/media/child.h"
#include "camera/media/media.h"
#include "camera/media/source.h"
#include "camera/media/thread.h"

enum { HELPER_US = 10000000, PAUSE_US = 1000000 };

struct still_helper {
	struct stream *stream;
	struct child_words words;
	struct source wait; /* for source_wait: knows stop_fd */
	int wish_fd;        /* readable once somebody wants a picture */
	pthread_t thread;
};

static const char *command_words(const char *command)
{
	return strncmp(command, "exec:", 5) == 0 ? command + 5 : NULL;
}

int still_check(const char *command, struct rc_error *err)
{
	struct child_words words;
	int result;

	if (!command_words(command))
		return rc_fail(err, RC_EUSAGE, "still = %s; the form is exec:COMMAND", command);
	result = child_split(command_words(command), &words, err);
	if (result == RC_OK)
		child_words_free(&words);
	return result;
}

/* Until the helper closes its output. */
static int collect(struct still_helper *helper, int fd, struct rc_buffer *jpeg,
		   struct rc_error *err)
{
	uint64_t until = media_now_us() + HELPER_US;
	const char *name = helper->words.argv[0];

	for (;;) {
		uint8_t bytes[16384];
		int result = source_wait(&helper->wait, fd, until, err);
		ssize_t got;

		if (result == RC_ETIMEOUT)
			return rc_fail(err, RC_ETIMEOUT, "%s gave no whole picture within %d s",
				       name, HELPER_US / 1000000);
		if (result < 0)
			return result;
		got = read(fd, bytes, sizeof(bytes));
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return rc_fail_errno(err, RC_EIO, errno, "cannot read from %s", name);
		if (got == 0)
			return RC_OK;
		if (got > 0 && jpeg->size + (size_t)got > STILL_MAX_BYTES)
			return rc_fail(err, RC_ERANGE, "%s wrote more than %zu bytes", name,
				       STILL_MAX_BYTES);
		if (got > 0 && !rc_buffer_append(jpeg, bytes, (size_t)got))
			return rc_fail_memory(err, jpeg->size + (size_t)got);
	}
}

static int check_jpeg(const struct rc_buffer *jpeg, const char *name, const char *how,
		      struct rc_error *err)
{
	if (jpeg->size < 4 || memcmp(jpeg->data, "\xff\xd8\xff", 3) != 0)
		return rc_fail(err, RC_EFORMAT, "%s wrote no JPEG (%zu bytes) and %s", name,
			       jpeg->size, how);
	return RC_OK;
}

static int take_one(struct still_helper *helper, struct rc_error *err)
{
	uint64_t started = media_now_us();
	struct rc_buffer jpeg = { 0 };
	struct shared_bytes *shared;
	struct child child;
	char how[64];
	int result = child_start(&helper->words, &child, err);

	if (result < 0)
		return result;
	result = collect(helper, child.fd, &jpeg, err);
	child_stop(&child, how);
	if (result == RC_OK)
		result = check_jpeg(&jpeg, helper->words.argv[0], how, err);
	if (result == RC_OK) {
		shared = shared_bytes_new(jpeg.data, jpeg.size);
		if (shared)
			stream_publish_jpeg(helper->stream, shared, started);
		else
			result = rc_fail_memory(err, jpeg.size);
	}
	rc_buffer_free(&jpeg);
	return result;
}

static void *run(void *argument)
{
	struct still_helper *helper = argument;
	struct rc_error err;
	eventfd_t wishes;

	for (;;) {
		uint64_t next = media_now_us() + PAUSE_US;
		int result;

		result = source_wait(&helper->wait, helper->wish_fd, UINT64_MAX / 2, &err);
		if (result == RC_ESTOPPED)
			return NULL;
		eventfd_read(helper->wish_fd, &wishes);
		if (!stream_wants_jpeg(helper->stream))
			continue;
		result = take_one(helper, &err);
		if (result == RC_ESTOPPED)
			return NULL;
		if (result < 0)
			stream_publish_no_jpeg(helper->stream, err.text);
		if (source_wait(&helper->wait, -1, next, &err) == RC_ESTOPPED)
			return NULL;
		/* Who wants one picture after the other does not say so again. */
		if (stream_wants_jpeg(helper->stream))
			eventfd_write(helper->wish_fd, 1);
	}
}

static void free_helper(struct still_helper *helper)
{
	if (helper->wait.stop_fd >= 0)
		close(helper->wait.stop_fd);
	if (helper->wish_fd >= 0)
		close(helper->wish_fd);
	child_words_free(&helper->words);
	free(helper);
}

static int start(struct still_helper *helper, struct rc_error *err)
{
	helper->wait.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	helper->wish_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (helper->wait.stop_fd < 0 || helper->wish_fd < 0)
		return rc_fail_errno(err, RC_EIO, errno, "no eventfd for stills");
	return media_thread_start(&helper->thread, run, helper, "stills", err);
}

int still_open(struct stream *stream, const char *command, struct still_helper **helper,
	       struct rc_error *err)
{
	struct still_helper *h = calloc(1, sizeof(*h));
	int result = still_check(command, err);

	if (!h)
		return rc_fail_memory(err, sizeof(*h));
	h->stream = stream;
	h->wait.stop_fd = h->wish_fd = -1;
	if (result == RC_OK)
		result = child_split(command_words(command), &h->words, err);
	if (result == RC_OK)
		result = start(h, err);
	if (result < 0) {
		free_helper(h);
		return result;
	}
	stream_set_still_fd(stream, h->wish_fd);
	*helper = h;
	return RC_OK;
}

void still_close(struct still_helper *helper)
{
	if (!helper)
		return;
	stream_set_still_fd(helper->stream, -1);
	eventfd_write(helper->wait.stop_fd, 1);
	pthread_join(helper->thread, NULL);
	free_helper(helper);
}
