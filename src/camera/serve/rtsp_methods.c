/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "camera/media/media.h"
#include "camera/serve/rtsp_connection.h"
#include "camera/serve/sdp.h"

static const struct {
	unsigned code;
	const char *text;
} statuses[] = {
	{ 200, "OK" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 451, "Parameter Not Understood" },
	{ 454, "Session Not Found" },
	{ 455, "Method Not Valid in This State" },
	{ 459, "Aggregate Operation Not Allowed" },
	{ 461, "Unsupported Transport" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
};

static const struct {
	const char *path;
	enum media_which which;
} paths[] = {
	{ "unicast", MEDIA_MAIN }, /* what set-ups of the Dafang firmware ask for */
	{ "main", MEDIA_MAIN },
	{ "sub", MEDIA_SUB },
};

/* The head of an answer; the caller adds headers and an empty line. */
static void begin(struct rtsp_connection *c, unsigned code, unsigned cseq)
{
	const char *text = "";

	for (unsigned i = 0; i < RC_COUNT(statuses); i++)
		if (statuses[i].code == code)
			text = statuses[i].text;
	rc_text_add(&c->output, "RTSP/1.0 %u %s\r\nCSeq: %u\r\nServer: recamd\r\n", code, text,
		    cseq);
}

static void answer(struct rtsp_connection *c, const struct rtsp_request *request, unsigned code)
{
	begin(c, code, request->cseq);
	if (c->state != RTSP_NO_SESSION)
		rc_text_add(&c->output, "Session: %s\r\n", c->session);
	rc_text_add(&c->output, "\r\n");
}

/* --- who asks --------------------------------------------------------------------------- */

static void challenge(struct rtsp_connection *c, const struct rtsp_request *request)
{
	const char *realm = c->server->access.realm;

	if (!digest_nonce(c->nonce)) {
		answer(c, request, 500);
		c->closing = true;
		return;
	}
	begin(c, 401, request->cseq);
	/* MD5 last and without qop: players that know one kind only take the last they see, and
	 * live555 knows neither other algorithms nor qop. */
	rc_text_add(&c->output,
		    "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", algorithm=SHA-256, "
		    "qop=\"auth\"\r\n"
		    "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\"\r\n\r\n",
		    realm, c->nonce, realm, c->nonce);
}

static bool span_equals(struct rc_span span, const char *text)
{
	return span.size == strlen(text) && memcmp(span.data, text, span.size) == 0;
}

static bool knows_password(struct rtsp_connection *c, const struct digest_claim *claim,
			   const char *user, struct rc_span method)
{
	const struct rtsp_access *access = &c->server->access;
	char ha1[DIGEST_HEX] = "";
	bool known = access->digest(access->context, user, claim->algorithm, ha1);
	/* A user who is not there takes as long as a wrong password. */
	bool right = digest_right(claim, known ? ha1 : "-", method);

	return known && right && c->nonce[0] && span_equals(claim->nonce, c->nonce) &&
	       span_equals(claim->realm, access->realm);
}

static void note_attempt(struct rtsp_connection *c, const char *user, bool right)
{
	const struct rtsp_access *access = &c->server->access;

	if (access->attempted)
		access->attempted(access->context, &c->peer.any, user, right);
	if (right) {
		c->failures = 0;
		snprintf(c->user, sizeof(c->user), "%s", user);
		return;
	}
	c->server->status.refused++;
	if (++c->failures >= RTSP_MAX_FAILURES)
		c->closing = true;
}

/* True if the request may go on; otherwise it is answered. */
static bool authorised(struct rtsp_connection *c, const struct rtsp_request *request)
{
	const struct rtsp_access *access = &c->server->access;
	struct rc_span header = rtsp_header(request, "Authorization");
	struct digest_claim claim;
	char user[USER_NAME] = "";
	bool right;

	if (!access->ready(access->context)) {
		answer(c, request, 403);
		return false;
	}
	if (!digest_read(header, &claim)) {
		challenge(c, request);
		return false;
	}
	if (access->locked_out && access->locked_out(access->context, &c->peer.any)) {
		answer(c, request, 503);
		return false;
	}
	if (claim.user.size < sizeof(user))
		memcpy(user, claim.user.data, claim.user.size);
	right = knows_password(c, &claim, user, request->method_text);
	/* A nonce of another connection is no wrong password: the client shall ask again. */
	if (right || span_equals(claim.nonce, c->nonce))
		note_attempt(c, user, right);
	if (!right)
		challenge(c, request);
	return right;
}

/* --- what is asked for ------------------------------------------------------------------ */

/* Cuts "/trackID=0" off; NULL: there is no such stream. */
static struct rtp_stream *find_stream(struct rtsp_connection *c, const struct rtsp_request *request)
{
	static const char track[] = "/" SDP_TRACK;
	size_t length = sizeof(track) - 1;
	struct rc_span path;

	if (!rtsp_uri_path(request->uri, &path))
		return NULL;
	if (path.size > length && memcmp(path.data + path.size - length, track, length) == 0)
		path.size -= length;
	for (unsigned i = 0; i < RC_COUNT(paths); i++) {
		if (!span_equals(path, paths[i].path))
			continue;
		/* Where there is one stream only, both names mean it. */
		return media_stream(c->server->media, paths[i].which) ==
				       c->server->streams[MEDIA_MAIN].stream
			       ? &c->server->streams[MEDIA_MAIN]
			       : &c->server->streams[MEDIA_SUB];
	}
	return NULL;
}

static bool is_printable(struct rc_span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] <= ' ' || text.data[i] >= 0x7f)
			return false;
	return true;
}

/* The request's URI without its track and trailing slash: what the answer's URLs begin with. */
static struct rc_span base_uri(const struct rtsp_request *request)
{
	static const char track[] = "/" SDP_TRACK;
	size_t length = sizeof(track) - 1;
	struct rc_span uri = request->uri;

	if (uri.size > length && memcmp(uri.data + uri.size - length, track, length) == 0)
		uri.size -= length;
	while (uri.size && uri.data[uri.size - 1] == '/')
		uri.size--;
	return uri;
}

static bool in_session(const struct rtsp_connection *c, const struct rtsp_request *request)
{
	struct rc_span header = rtsp_header(request, "Session");
	const uint8_t *end = header.size ? memchr(header.data, ';', header.size) : NULL;

	if (end)
		header.size = (size_t)(end - header.data);
	return c->state != RTSP_NO_SESSION && span_equals(header, c->session);
}

/* --- methods ---------------------------------------------------------------------------- */

static void handle_options(struct rtsp_connection *c, const struct rtsp_request *request)
{
	begin(c, 200, request->cseq);
	rc_text_add(&c->output, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, "
				"GET_PARAMETER, SET_PARAMETER\r\n\r\n");
}

static void handle_describe(struct rtsp_connection *c, const struct rtsp_request *request)
{
	struct rtp_stream *stream = find_stream(c, request);
	struct rc_span base = base_uri(request);
	struct parameter_sets *sets;
	struct stream_status status;
	char address[INET6_ADDRSTRLEN] = "";
	struct rc_text body = { 0 };
	struct sdp sdp = { .address = address, .session = 1 };

	if (!stream) {
		answer(c, request, 404);
		return;
	}
	sets = stream_parameter_sets(stream->stream);
	if (!sets) {
		/* The source has not said a word yet; players come again. */
		answer(c, request, 503);
		return;
	}
	stream_get_status(stream->stream, &status);
	sdp.name = stream_name(stream->stream);
	sdp.ipv6 = c->local.any.sa_family == AF_INET6;
	if (sdp.ipv6)
		inet_ntop(AF_INET6, &c->local.v6.sin6_addr, address, sizeof(address));
	else
		inet_ntop(AF_INET, &c->local.v4.sin_addr, address, sizeof(address));
	sdp.rate_millihertz = status.rate_millihertz;
	sdp.sets = sets;
	sdp_write(&sdp, &body);
	begin(c, 200, request->cseq);
	rc_text_add(
		&c->output,
		"Content-Base: %.*s/\r\nContent-Type: application/sdp\r\nContent-Length: %zu\r\n"
		"\r\n%s",
		(int)base.size, (const char *)base.data, body.size, rc_text_get(&body));
	rc_text_free(&body);
	parameter_sets_unref(sets);
}

static bool new_session(struct rtsp_connection *c)
{
	uint8_t random[(sizeof(c->session) - 1) / 2];

	if (RAND_bytes(random, sizeof(random)) != 1)
		return false;
	for (unsigned i = 0; i < sizeof(random); i++)
		snprintf(c->session + 2 * i, 3, "%02X", random[i]);
	return true;
}

static void set_addresses(struct rtsp_connection *c)
{
	/* To where the request came from, never to a "destination" that it names: no stream is
	 * sent at somebody who did not ask for it. */
	c->rtp_to = c->rtcp_to = c->peer;
	rtp_address_set_port(&c->rtp_to, c->transport.ports[0]);
	rtp_address_set_port(&c->rtcp_to, c->transport.ports[1]);
}

static void answer_setup(struct rtsp_connection *c, const struct rtsp_request *request)
{
	const struct rtsp_transport *t = &c->transport;
	unsigned idle = c->server->settings.idle_seconds;

	begin(c, 200, request->cseq);
	if (t->tcp)
		rc_text_add(&c->output, "Transport: RTP/AVP/TCP;unicast;interleaved=%u-%u",
			    t->channels[0], t->channels[1]);
	else
		rc_text_add(&c->output,
			    "Transport: RTP/AVP;unicast;client_port=%u-%u;server_port=%u-%u",
			    t->ports[0], t->ports[1], c->server->udp.ports[0],
			    c->server->udp.ports[1]);
	rc_text_add(&c->output, ";ssrc=%08X;mode=\"PLAY\"\r\nSession: %s;timeout=%u\r\n\r\n",
		    c->stream->ssrc, c->session, idle);
}

static void handle_setup(struct rtsp_connection *c, const struct rtsp_request *request)
{
	struct rtp_stream *stream = find_stream(c, request);
	struct rc_span header = rtsp_header(request, "Session");
	struct rtsp_transport transport;

	if (!stream) {
		answer(c, request, 404);
	} else if (header.size && !in_session(c, request)) {
		answer(c, request, 454);
	} else if (c->state > RTSP_READY) {
		answer(c, request, 455);
	} else if (c->state == RTSP_READY && stream != c->stream) {
		answer(c, request, 459);
		/* Inside TLS, pictures do not leave it: RTP over UDP would be in the clear. */
	} else if (!rtsp_transport_choose(rtsp_header(request, "Transport"), !c->ssl, &transport)) {
		answer(c, request, 461);
	} else if (c->state == RTSP_NO_SESSION && !new_session(c)) {
		answer(c, request, 500);
	} else {
		if (transport.tcp && !transport.has_channels)
			transport.channels[1] = 1;
		c->transport = transport;
		c->stream = stream;
		c->state = RTSP_READY;
		set_addresses(c);
		answer_setup(c, request);
	}
}

static void handle_play(struct rtsp_connection *c, const struct rtsp_request *request)
{
	struct rc_span base = base_uri(request);

	if (c->state == RTSP_PLAYING) {
		answer(c, request, 200);
		return;
	}
	if (base.size >= sizeof(c->play.uri)) {
		answer(c, request, 400);
		return;
	}
	c->play.cseq = request->cseq;
	c->play.asked_us = media_now_us();
	memcpy(c->play.uri, base.data, base.size);
	c->play.uri[base.size] = '\0';
	c->state = RTSP_STARTING;
	rtp_sender_play(&c->sender, c->stream);
}

void rtsp_answer_play(struct rtsp_connection *c, const struct rtp_frame *frame)
{
	uint64_t now = media_now_us();

	c->state = RTSP_PLAYING;
	c->seen_us = now;
	c->next_report_us = now + 200000; /* players map RTP's time to the clock's with it */
	begin(c, 200, c->play.cseq);
	rc_text_add(&c->output, "Session: %s\r\nRange: npt=now-\r\n", c->session);
	if (frame)
		rc_text_add(&c->output, "RTP-Info: url=%s/" SDP_TRACK ";seq=%u;rtptime=%u\r\n",
			    c->play.uri, rc_be16(frame->packets[0].head + RTP_PREFIX + 2),
			    frame->timestamp);
	rc_text_add(&c->output, "\r\n");
}

static void handle_pause(struct rtsp_connection *c, const struct rtsp_request *request)
{
	rtp_sender_pause(&c->sender);
	c->state = RTSP_READY;
	answer(c, request, 200);
}

void rtsp_end_session(struct rtsp_connection *c)
{
	rtp_sender_pause(&c->sender);
	if (!c->transport.tcp)
		rtp_sender_end(&c->sender);
	c->state = RTSP_NO_SESSION;
	c->stream = NULL;
}

static void handle_teardown(struct rtsp_connection *c, const struct rtsp_request *request)
{
	answer(c, request, 200);
	rtsp_end_session(c);
}

/* Without a body it only says that the client is there. */
static void handle_parameter(struct rtsp_connection *c, const struct rtsp_request *request)
{
	answer(c, request, request->body.size ? 451 : 200);
}

static const struct {
	void (*handle)(struct rtsp_connection *connection, const struct rtsp_request *request);
	bool needs_password; /* else: a session that was begun with one, or nothing at all */
	bool needs_session;
} table[] = {
	[RTSP_OPTIONS] = { handle_options, false, false },
	[RTSP_DESCRIBE] = { handle_describe, true, false },
	[RTSP_SETUP] = { handle_setup, true, false },
	[RTSP_PLAY] = { handle_play, true, true },
	[RTSP_PAUSE] = { handle_pause, false, true },
	[RTSP_TEARDOWN] = { handle_teardown, false, true },
	[RTSP_GET_PARAMETER] = { handle_parameter, false, false },
	[RTSP_SET_PARAMETER] = { handle_parameter, false, false },
};

void rtsp_handle(struct rtsp_connection *c, const struct rtsp_request *request)
{
	c->seen_us = media_now_us();
	if (!request->has_cseq || !is_printable(request->uri)) {
		answer(c, request, 400);
		c->closing = true;
		return;
	}
	if (request->method == RTSP_UNKNOWN) {
		answer(c, request, 501);
		return;
	}
	if (table[request->method].needs_password && !authorised(c, request))
		return;
	if (table[request->method].needs_session && !in_session(c, request)) {
		answer(c, request, 454);
		return;
	}
	table[request->method].handle(c, request);
}
