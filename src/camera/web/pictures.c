/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots and MJPEG. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "camera/web/request.h"

#define BOUNDARY    "recamd-picture"
#define MJPEG_PIECE RC_KIB(32)
#define MJPEG_MOST  64u
#define CONTAINER(pointer, type, member) \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

struct stream *pictures_stream(const struct request *request)
{
	char which[8] = "";

	request_query(request, "stream", which, sizeof(which));
	return media_stream(request->web->context->media,
			    strcmp(which, "sub") == 0 ? MEDIA_SUB : MEDIA_MAIN);
}

/* --- one picture --- */

/* facts/dafang-cfw-contract.md A.8: get_snaphot with json=1, misspelt as it is there. */
static void answer_still_json(struct request *request, const struct shared_bytes *jpeg)
{
	size_t room = sodium_base64_ENCODED_LEN(jpeg->size, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(room);

	if (!text) {
		answer_text(request, 503, "no memory is left");
		return;
	}
	sodium_bin2base64(text, room, jpeg->data, jpeg->size, sodium_base64_VARIANT_ORIGINAL);
	answer_json(request, 200,
		    json_pack("{s:i, s:s, s:s, s:s}", "code", 123, "status", "info", "description",
			      "Take a snaphot.", "snaphot", text),
		    NULL);
	free(text);
}

static void answer_attachment(struct request *request, struct shared_bytes *jpeg)
{
	char extra[128], name[40];
	time_t now = time(NULL);
	struct tm tm;

	/* facts/dafang-cfw-contract.md A.6 */
	strftime(name, sizeof(name), "%Y-%m-%d-%H-%M-%S.jpeg", localtime_r(&now, &tm));
	snprintf(extra, sizeof(extra), "content-disposition: attachment; filename=\"%s\"\r\n",
		 name);
	answer_shared(request, "image/jpeg", jpeg, extra);
}

static void still_done(struct still_request *still, struct shared_bytes *jpeg,
		       const struct rc_error *err)
{
	struct request *request = CONTAINER(still, struct request, still);

	request->still_waits = false;
	ev_timer_stop(request->web->loop, &request->still_timer);
	if (!jpeg)
		answer_text(request, 503, "%s", err ? err->text : "there is no picture");
	else if (request->still_form == STILL_JSON)
		answer_still_json(request, jpeg);
	else if (request->still_form == STILL_ATTACHMENT)
		answer_attachment(request, jpeg);
	else
		answer_shared(request, "image/jpeg", jpeg, NULL);
}

static void still_too_late(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct request *request = CONTAINER(timer, struct request, still_timer);

	(void)loop;
	(void)events;
	stream_still_cancel(request->stream, &request->still);
	request->still_waits = false;
	answer_text(request, 503,
		    "no picture came within %.0f seconds: is the source running? "
		    "/api/v1/status says",
		    STILL_SECONDS);
}

void pictures_still(struct request *request)
{
	request->stream = pictures_stream(request);
	request->still.done = still_done;
	request->still_waits = true;
	ev_timer_init(&request->still_timer, still_too_late, STILL_SECONDS, 0.);
	ev_timer_start(request->web->loop, &request->still_timer);
	stream_still(request->stream, &request->still);
}

static void download(struct request *request)
{
	request->still_form = STILL_ATTACHMENT;
	pictures_still(request);
}

/* --- one after the other --- */

struct mjpeg {
	struct jpeg_subscriber subscriber;
	struct request *request;
	struct stream *stream;
	struct shared_bytes *next;    /* the newest; NULL: the client has it */
	struct shared_bytes *sending; /* and how much of it went: */
	size_t sent;
	bool headed; /* its part header was sent */
};

/* A client that is slow gets fewer pictures, and each of them whole. */
static void on_jpeg(struct jpeg_subscriber *subscriber, struct shared_bytes *jpeg,
		    uint64_t captured_us)
{
	struct mjpeg *mjpeg = (struct mjpeg *)subscriber;

	(void)captured_us;
	shared_bytes_unref(mjpeg->next);
	mjpeg->next = shared_bytes_ref(jpeg);
	lws_callback_on_writable(mjpeg->request->wsi);
}

void pictures_mjpeg(struct request *request)
{
	struct stream *stream = pictures_stream(request);
	struct stream_status status;

	stream_get_status(stream, &status);
	if (!status.has_pictures) {
		answer_text(request, 503,
			    "this source has no pictures but H.264, which a browser "
			    "plays on the page and a player from RTSP");
		return;
	}
	if (request->web->mjpeg_clients >= MJPEG_MOST) {
		answer_text(request, 503, "%u watch already, and no more can", MJPEG_MOST);
		return;
	}
	request->mjpeg = calloc(1, sizeof(*request->mjpeg));
	if (!request->mjpeg) {
		answer_text(request, 503, "no memory is left");
		return;
	}
	lws_set_timeout(request->wsi, NO_PENDING_TIMEOUT, 0);
	answer_stream(request, "multipart/x-mixed-replace; boundary=" BOUNDARY);
	request->mjpeg->request = request;
	request->mjpeg->stream = stream;
	request->mjpeg->subscriber.picture = on_jpeg;
	request->web->mjpeg_clients++;
	stream_subscribe_jpeg(stream, &request->mjpeg->subscriber);
}

static int write_part_header(struct mjpeg *mjpeg)
{
	uint8_t buffer[LWS_PRE + 160];
	char *text = (char *)buffer + LWS_PRE;
	int size = snprintf(text, 160,
			    "\r\n--" BOUNDARY
			    "\r\nContent-Type: image/jpeg\r\nContent-Length: %zu\r\n\r\n",
			    mjpeg->sending->size);

	mjpeg->headed = true;
	return lws_write(mjpeg->request->wsi, (uint8_t *)text, (size_t)size, LWS_WRITE_HTTP);
}

static int write_piece(struct mjpeg *mjpeg)
{
	size_t piece = mjpeg->sending->size - mjpeg->sent;
	int result;

	if (piece > MJPEG_PIECE)
		piece = MJPEG_PIECE;
	result = lws_write(mjpeg->request->wsi, mjpeg->sending->data + mjpeg->sent, piece,
			   LWS_WRITE_HTTP);
	mjpeg->sent += piece;
	if (mjpeg->sent == mjpeg->sending->size) {
		shared_bytes_unref(mjpeg->sending);
		mjpeg->sending = NULL;
	}
	return result;
}

int pictures_write(struct request *request)
{
	struct mjpeg *mjpeg = request->mjpeg;
	int result = 0;

	if (!mjpeg->sending && mjpeg->next) {
		mjpeg->sending = mjpeg->next;
		mjpeg->next = NULL;
		mjpeg->sent = 0;
		mjpeg->headed = false;
	}
	if (mjpeg->sending)
		result = mjpeg->headed ? write_piece(mjpeg) : write_part_header(mjpeg);
	if (mjpeg->sending || mjpeg->next)
		lws_callback_on_writable(request->wsi);
	return result < 0 ? -1 : 0;
}

void pictures_forget(struct request *request)
{
	struct mjpeg *mjpeg = request->mjpeg;

	if (request->still_waits) {
		ev_timer_stop(request->web->loop, &request->still_timer);
		stream_still_cancel(request->stream, &request->still);
	}
	if (!mjpeg)
		return;
	request->web->mjpeg_clients--;
	stream_unsubscribe_jpeg(mjpeg->stream, &mjpeg->subscriber);
	shared_bytes_unref(mjpeg->next);
	shared_bytes_unref(mjpeg->sending);
	free(mjpeg);
	request->mjpeg = NULL;
}

const struct route picture_routes[] = {
	{ "/snapshot.jpg", METHODS_SAFE, USER_SEES, pictures_still },
	{ "/cgi-bin/currentpic.cgi", METHODS_SAFE, USER_SEES, pictures_still },
	{ "/cgi-bin/currentpicoptim.cgi", METHODS_SAFE, USER_SEES, pictures_still },
	{ "/cgi-bin/downloadpic.cgi", METHODS_SAFE, USER_SEES, download },
	{ "/stream.mjpg", METHOD_GET, USER_SEES, pictures_mjpeg },
	{ 0 },
};
