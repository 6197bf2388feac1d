/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/web/live.h"

#include <stdio.h>
#include <string.h>

#include "camera/web/request.h"

#define PREFIX 8u

enum { KIND_START, KIND_FRAGMENT };

static void forget_waiting(struct live_client *client)
{
	for (; client->count; client->count--) {
		access_unit_unref(client->waiting[client->first]);
		client->first = (client->first + 1) % LIVE_WAITING;
	}
}

static void on_unit(struct stream_subscriber *subscriber, struct access_unit *unit)
{
	struct live_client *client = (struct live_client *)subscriber;

	if (unit->key && client->count > 1)
		forget_waiting(client); /* the browser is behind: on with the newest */
	if (client->count == LIVE_WAITING) {
		forget_waiting(client);
		client->wants_key = true;
		stream_ask_key(client->stream);
	}
	if (client->wants_key && !unit->key)
		return;
	client->wants_key = false;
	client->waiting[(client->first + client->count++) % LIVE_WAITING] = access_unit_ref(unit);
	lws_callback_on_writable(client->wsi);
}

/* The browser sends the session's cookie along, and says what page the script is from. */
static bool may_connect(struct lws *wsi, struct web *web, struct stream **stream)
{
	struct request asks = { .web = web, .wsi = wsi, .method = METHOD_GET };
	char origin[160], host[128], expected[160], path[64];

	if (lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_GET_URI) <= 0 ||
	    lws_hdr_copy(wsi, host, sizeof(host), WSI_TOKEN_HOST) <= 0)
		return false;
	snprintf(expected, sizeof(expected), "https://%s", host);
	if (lws_hdr_copy(wsi, origin, sizeof(origin), WSI_TOKEN_ORIGIN) > 0 &&
	    strcmp(origin, expected) != 0)
		return false;
	if (strcmp(path, "/live/main") != 0 && strcmp(path, "/live/sub") != 0)
		return false;
	*stream = media_stream(web->context->media,
			       strcmp(path, "/live/sub") == 0 ? MEDIA_SUB : MEDIA_MAIN);
	return request_session_role(&asks) >= USER_SEES;
}

static int connected(struct live_client *client, struct lws *wsi)
{
	struct web *web = lws_context_user(lws_get_context(wsi));
	struct stream *stream = NULL;

	memset(client, 0, sizeof(*client));
	if (!may_connect(wsi, web, &stream))
		return -1;
	client->wsi = wsi;
	client->subscriber.unit = on_unit;
	client->wants_key = true;
	client->stream = stream;
	web->live_clients++;
	stream_subscribe(stream, &client->subscriber);
	stream_ask_key(stream);
	return 0;
}

static void disconnected(struct live_client *client)
{
	struct web *web;

	if (!client->stream)
		return;
	web = lws_context_user(lws_get_context(client->wsi));
	web->live_clients--;
	stream_unsubscribe(client->stream, &client->subscriber);
	client->stream = NULL;
	forget_waiting(client);
	parameter_sets_unref(client->sets);
	client->sets = NULL;
}

static int announce(struct live_client *client, const struct parameter_sets *sets)
{
	uint8_t buffer[LWS_PRE + 128];
	char codec[FMP4_CODEC], *text = (char *)buffer + LWS_PRE;
	int size;

	fmp4_codec(sets, codec);
	size = snprintf(text, 128, "{\"codec\":\"%s\",\"width\":%u,\"height\":%u}", codec,
			sets->width, sets->height);
	return lws_write(client->wsi, (uint8_t *)text, (size_t)size, LWS_WRITE_TEXT);
}

static bool begin_message(struct rc_buffer *out, uint32_t kind, uint64_t age_ms)
{
	uint8_t head[LWS_PRE + PREFIX] = { 0 };

	rc_put_be32(head + LWS_PRE, kind);
	rc_put_be32(head + LWS_PRE + 4, (uint32_t)age_ms);
	return rc_buffer_append(out, head, sizeof(head));
}

static int send_message(struct live_client *client, struct rc_buffer *out)
{
	int result = -1;

	if (!out->failed)
		result = lws_write(client->wsi, out->data + LWS_PRE, out->size - LWS_PRE,
				   LWS_WRITE_BINARY);
	rc_buffer_free(out);
	return result;
}

static int send_start(struct live_client *client)
{
	struct rc_buffer out = { 0 };

	client->clock = (struct fmp4_clock){ 0 };
	begin_message(&out, KIND_START, 0);
	fmp4_start(client->sets, &out);
	return send_message(client, &out);
}

static int send_fragment(struct live_client *client, const struct access_unit *unit)
{
	struct rc_buffer out = { 0 };

	begin_message(&out, KIND_FRAGMENT, (media_now_us() - unit->captured_us) / 1000);
	fmp4_fragment(unit, &client->clock, &out);
	return send_message(client, &out);
}

static int writeable(struct live_client *client)
{
	struct access_unit *unit;
	int result;

	if (client->count == 0)
		return 0;
	unit = client->waiting[client->first];
	if (!client->sets || !parameter_sets_equal(client->sets, unit->sets)) {
		parameter_sets_unref(client->sets);
		client->sets = parameter_sets_ref(unit->sets);
		client->sets_announced = true;
		result = announce(client, client->sets);
	} else if (client->sets_announced) {
		client->sets_announced = false;
		result = send_start(client);
	} else {
		result = send_fragment(client, unit);
		access_unit_unref(unit);
		client->first = (client->first + 1) % LIVE_WAITING;
		client->count--;
	}
	if (client->count > 0)
		lws_callback_on_writable(client->wsi);
	return result < 0 ? -1 : 0;
}

int live_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		  size_t size)
{
	(void)in;
	(void)size;
	struct stream *stream;

	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: /* before it is agreed to */
		return may_connect(wsi, lws_context_user(lws_get_context(wsi)), &stream) ? 0 : -1;
	case LWS_CALLBACK_ESTABLISHED:
		return connected(user, wsi);
	case LWS_CALLBACK_CLOSED:
		disconnected(user);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return writeable(user);
	default:
		return 0;
	}
}
