/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: rtsp-load [--udp N] [--tcp N] [--stalled N] [--seconds S]
 * rtsp://[USER:PASSWORD@]IPV4:PORT/PATH
 *
 * N clients at once, in one process, of recamd's test picture, or (without the numbers and times of
 * pictures) of any H.264 stream of any server: looks at each packet's sequence
 * number, at the number of each picture (SEI, camera/media/sei.h), at whether RTP's time goes as
 * the clock did when it was taken, and at how long after that its last packet came. Stalled clients
 * (TCP) say PLAY and never read.
 *
 * Prints one line for each kind of clients; ends with 1 where one of those that read missed a
 * packet or a picture, got none, was dropped, or whose time was off by 20 ms; with 2 where it could
 * not begin.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "camera/media/h264.h"
#include "camera/media/media.h"
#include "camera/media/sei.h"

enum kind { UDP, TCP, STALLED, KINDS };
static const char *const kind_names[] = { "udp", "tcp", "stalled" };

enum { INPUT = 65536, MAX_SAMPLES = 4000000 };

struct client {
	enum kind kind;
	int control, rtp; /* rtp: UDP only */
	uint8_t *input;   /* TCP: what of a packet has come */
	size_t size;
	bool started, ended;
	uint16_t sequence;        /* of the last packet */
	struct sei_timing timing; /* of the picture under way; number 0: not seen */
	uint64_t last_number;
	uint32_t timestamp, first_timestamp; /* RTP's, of this picture and of the first */
	uint64_t first_us;
	int64_t off_us; /* RTP's time against the clock's, at the worst */
	unsigned pictures, lost_packets, lost_pictures;
};

struct samples {
	uint32_t *us; /* from taken to arrived */
	size_t count;
};

static struct {
	char user[64], password[64], host[64], path[64];
	unsigned port;
	char track[300]; /* URI for SETUP; from the first client's DESCRIBE */
} target;
static struct client *clients;
static unsigned client_count;
static struct samples samples[KINDS];

static void die(const char *what)
{
	fprintf(stderr, "rtsp-load: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* --- beginning -------------------------------------------------------------------------- */

static void md5_hex(const char *text, char hex[33])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size;

	EVP_Digest(text, strlen(text), digest, &size, EVP_md5(), NULL);
	for (unsigned i = 0; i < 16; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
}

static void uri(char out[200])
{
	snprintf(out, 200, "rtsp://%s:%u/%s", target.host, target.port, target.path);
}

static void authorization(const char *method, const char *where, const char *nonce, char out[1024])
{
	char text[1024];
	char ha1[33];
	char ha2[33];
	char response[33];

	snprintf(text, sizeof(text), "%s:recamd:%s", target.user, target.password);
	md5_hex(text, ha1);
	snprintf(text, sizeof(text), "%s:%s", method, where);
	md5_hex(text, ha2);
	snprintf(text, sizeof(text), "%s:%s:%s", ha1, nonce, ha2);
	md5_hex(text, response);
	snprintf(out, 1024,
		 "Authorization: Digest username=\"%s\", realm=\"recamd\", nonce=\"%s\", "
		 "uri=\"%s\", "
		 "response=\"%s\"\r\n",
		 target.user, nonce, where, response);
}

static void say(const struct client *c, const char *method, const char *where, const char *nonce,
		unsigned cseq, const char *headers)
{
	char auth[1024] = "";
	char request[2048];
	int size;

	if (*nonce)
		authorization(method, where, nonce, auth);
	size = snprintf(request, sizeof(request), "%s %s RTSP/1.0\r\nCSeq: %u\r\n%s%s\r\n", method,
			where, cseq, auth, headers);
	if (send(c->control, request, (size_t)size, MSG_NOSIGNAL) != size)
		die("a request was not taken");
}

/* True if the answer is there with its body. */
static bool is_whole(const char *answer, size_t size)
{
	const char *end = strstr(answer, "\r\n\r\n");
	const char *length = strcasestr(answer, "Content-Length:");
	size_t body = length && length < end ? strtoul(length + 15, NULL, 10) : 0;

	return end && size >= (size_t)(end - answer) + 4 + body;
}

static void hear(const struct client *c, char answer[4096])
{
	size_t size = 0;

	while (size < 4095) {
		ssize_t got = recv(c->control, answer + size, 4095 - size, 0);

		if (got <= 0)
			die("the server ended a connection");
		size += (size_t)got;
		answer[size] = '\0';
		if (is_whole(answer, size))
			return;
	}
}

static void cut_out(const char *answer, const char *before, char end, char out[64])
{
	const char *at = strstr(answer, before);
	size_t size;

	if (!at) {
		fprintf(stderr, "rtsp-load: no %s in the answer:\n%s\n", before, answer);
		exit(2);
	}
	at += strlen(before);
	size = strcspn(at, (char[]){ end, '\r', ';', '\0' });
	snprintf(out, 64, "%.*s", (int)(size < 63 ? size : 63), at);
}

static int open_rtp(unsigned *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int room = 1 << 22;

	inet_pton(AF_INET, target.host, &address.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		die("no UDP socket");
	*port = ntohs(address.sin_port);
	return fd;
}

/* The last control attribute of the description is the track's: absolute, or below the base. */
static void find_track(const char *answer)
{
	const char *control = NULL;
	char where[200];
	char track[64];

	for (const char *at = answer; (at = strstr(at, "a=control:")); at++)
		control = at;
	if (!control) {
		fprintf(stderr, "rtsp-load: no track in the answer:\n%s\n", answer);
		exit(2);
	}
	cut_out(control, "a=control:", '\n', track);
	uri(where);
	if (strstr(track, "://"))
		snprintf(target.track, sizeof(target.track), "%s", track);
	else
		snprintf(target.track, sizeof(target.track), "%s/%s", where, track);
}

/* DESCRIBE, with credentials where they are asked for; leaves the nonce. */
static void describe(const struct client *c, char nonce[64])
{
	char answer[4096];
	char where[200];

	*nonce = '\0';
	uri(where);
	say(c, "DESCRIBE", where, nonce, 1, "");
	hear(c, answer);
	if (strncmp(answer, "RTSP/1.0 401", 12) == 0) {
		/* Of the two challenges, MD5's is the last. */
		cut_out(strrchr(answer, '='), "=\"", '"', nonce);
		say(c, "DESCRIBE", where, nonce, 2, "");
		hear(c, answer);
	}
	if (!target.track[0])
		find_track(answer);
}

/* All but the answer to PLAY: that comes with the first key frame. */
static void begin(struct client *c)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)target.port) };
	char transport[128] = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
	char answer[4096];
	char nonce[64];
	char session[64];
	char header[128];
	char where[200];
	unsigned port;
	int room = 4096;

	inet_pton(AF_INET, target.host, &address.sin_addr);
	c->control = socket(AF_INET, SOCK_STREAM, 0);
	if (c->kind == STALLED)
		setsockopt(c->control, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (c->control < 0 || connect(c->control, (struct sockaddr *)&address, sizeof(address)) < 0)
		die("cannot connect");
	if (c->kind == UDP) {
		c->rtp = open_rtp(&port);
		snprintf(transport, sizeof(transport),
			 "Transport: RTP/AVP;unicast;client_port=%u-%u\r\n", port, port + 1);
	}
	uri(where);
	describe(c, nonce);
	say(c, "SETUP", target.track, nonce, 3, transport);
	hear(c, answer);
	cut_out(answer, "Session: ", ';', session);
	snprintf(header, sizeof(header), "Session: %s\r\n", session);
	say(c, "PLAY", where, nonce, 4, header);
	fcntl(c->control, F_SETFL, O_NONBLOCK);
	c->input = malloc(INPUT);
}

/* --- packets ---------------------------------------------------------------------------- */

static void picture_ends(struct client *c, uint64_t now)
{
	struct samples *s = &samples[c->kind];
	int64_t off;

	if (!c->timing.captured_us) {
		c->pictures++;
		return;
	}
	if (c->pictures && c->timing.number != c->last_number + 1)
		c->lost_pictures++;
	if (!c->pictures) {
		c->first_timestamp = c->timestamp;
		c->first_us = c->timing.captured_us;
	}
	off = (int64_t)(c->timestamp - c->first_timestamp) * 100 / 9 -
	      (int64_t)(c->timing.captured_us - c->first_us);
	if (llabs(off) > c->off_us)
		c->off_us = llabs(off);
	c->last_number = c->timing.number;
	c->pictures++;
	if (s->count < MAX_SAMPLES)
		s->us[s->count++] = (uint32_t)(now - c->timing.captured_us);
	c->timing.captured_us = 0;
}

static void take_packet(struct client *c, struct rc_span packet)
{
	uint16_t sequence;

	if (packet.size <= 12 || (packet.data[1] & 0x7f) != 96)
		return;
	sequence = rc_be16(packet.data + 2);
	if (c->started && sequence != (uint16_t)(c->sequence + 1))
		c->lost_packets++;
	c->started = true;
	c->sequence = sequence;
	c->timestamp = rc_be32(packet.data + 4);
	sei_get_timing(rc_span_sub(packet, 12, packet.size), &c->timing);
	if (packet.data[1] & 0x80)
		picture_ends(c, media_now_us());
}

static void read_udp(struct client *c)
{
	uint8_t packet[2048];
	ssize_t got;

	while ((got = recv(c->rtp, packet, sizeof(packet), 0)) > 0)
		take_packet(c, (struct rc_span){ packet, (size_t)got });
}

/* Answers are text up to an empty line (none has a body); returns the bytes used, 0: not whole. */
static size_t take_one(struct client *c, struct rc_span bytes)
{
	const uint8_t *end;
	size_t size;

	if (bytes.size < 4)
		return 0;
	if (bytes.data[0] != '$') {
		end = rc_find(bytes, "\r\n\r\n", 4);
		return end ? (size_t)(end - bytes.data) + 4 : 0;
	}
	size = 4u + rc_be16(bytes.data + 2);
	if (bytes.size < size)
		return 0;
	if (bytes.data[1] == 0)
		take_packet(c, rc_span_sub(bytes, 4, size - 4));
	return size;
}

static void read_control(struct client *c)
{
	for (;;) {
		ssize_t got = recv(c->control, c->input + c->size, INPUT - c->size, 0);
		size_t used = 0;
		size_t one;

		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			c->ended = true;
			return;
		}
		c->size += (size_t)got;
		while ((one = take_one(c, (struct rc_span){ c->input + used, c->size - used })))
			used += one;
		c->size -= used;
		memmove(c->input, c->input + used, c->size);
	}
}

/* --- the run ---------------------------------------------------------------------------- */

static void watch(int epoll, int fd, unsigned index, bool rtp)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = (uint64_t)index << 1 | rtp };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll");
}

static void run(unsigned seconds)
{
	uint64_t end = media_now_us() + seconds * 1000000ull;
	int epoll = epoll_create1(0);
	uint64_t now;

	for (unsigned i = 0; i < client_count; i++) {
		if (clients[i].kind != STALLED)
			watch(epoll, clients[i].control, i, false);
		if (clients[i].kind == UDP)
			watch(epoll, clients[i].rtp, i, true);
	}
	while ((now = media_now_us()) < end) {
		struct epoll_event events[64];
		int count = epoll_wait(epoll, events, 64, (int)((end - now) / 1000) + 1);

		for (int i = 0; i < count; i++) {
			struct client *c = &clients[events[i].data.u64 >> 1];

			if (events[i].data.u64 & 1)
				read_udp(c);
			else
				read_control(c);
			if (c->ended)
				epoll_ctl(epoll, EPOLL_CTL_DEL, c->control, NULL);
		}
	}
	close(epoll);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double percentile(const struct samples *s, double part)
{
	return s->count ? s->us[(size_t)((double)(s->count - 1) * part)] / 1000.0 : 0;
}

/* False where a client that read was not served as it should be. */
static bool report(enum kind kind)
{
	struct samples *s = &samples[kind];
	unsigned count = 0;
	unsigned pictures = 0;
	unsigned packets_lost = 0;
	unsigned pictures_lost = 0;
	unsigned ended = 0;
	unsigned empty = 0;
	int64_t off_us = 0;

	for (unsigned i = 0; i < client_count; i++) {
		struct client *c = &clients[i];

		if (c->kind != kind)
			continue;
		if (kind == STALLED)
			read_control(c);
		count++;
		pictures += c->pictures;
		packets_lost += c->lost_packets;
		pictures_lost += c->lost_pictures;
		ended += c->ended;
		empty += c->pictures == 0;
		off_us = c->off_us > off_us ? c->off_us : off_us;
	}
	if (!count)
		return true;
	qsort(s->us, s->count, sizeof(s->us[0]), compare);
	printf("%-7s clients %u pictures %u lost packets %u lost pictures %u ended %u without "
	       "picture %u time off by at most %.1f ms; ms from taken to arrived: median %.2f 99%% "
	       "%.2f most %.2f\n",
	       kind_names[kind], count, pictures, packets_lost, pictures_lost, ended, empty,
	       (double)off_us / 1000, percentile(s, 0.5), percentile(s, 0.99), percentile(s, 1));
	return kind == STALLED || (off_us <= 20000 && packets_lost == 0 && pictures_lost == 0 &&
				   ended == 0 && empty == 0);
}

static bool read_target(const char *url)
{
	return sscanf(url, "rtsp://%63[^:]:%63[^@]@%63[^:]:%u/%63s", target.user, target.password,
		      target.host, &target.port, target.path) == 5 ||
	       sscanf(url, "rtsp://%63[^:]:%u/%63s", target.host, &target.port, target.path) == 3;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "udp", required_argument, NULL, UDP },
		{ "tcp", required_argument, NULL, TCP },
		{ "stalled", required_argument, NULL, STALLED },
		{ "seconds", required_argument, NULL, 's' },
		{ 0 },
	};
	struct rlimit files = { 0 };
	unsigned counts[KINDS] = { 0 };
	unsigned seconds = 5;
	bool served = true;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == '?')
			return 2;
		if (option == 's')
			seconds = (unsigned)strtoul(optarg, NULL, 10);
		else
			counts[option] = (unsigned)strtoul(optarg, NULL, 10);
	}
	if (optind + 1 != argc || !read_target(argv[optind])) {
		fprintf(stderr, "usage: rtsp-load [--udp N] [--tcp N] [--stalled N] [--seconds S] "
				"rtsp://[USER:PASSWORD@]IPV4:PORT/PATH\n");
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	clients = calloc(counts[UDP] + counts[TCP] + counts[STALLED] + 1u, sizeof(*clients));
	for (unsigned kind = 0; kind < KINDS; kind++) {
		samples[kind].us = malloc(MAX_SAMPLES * sizeof(uint32_t));
		for (unsigned i = 0; i < counts[kind]; i++) {
			clients[client_count].kind = (enum kind)kind;
			begin(&clients[client_count++]);
		}
	}
	run(seconds);
	for (unsigned kind = 0; kind < KINDS; kind++) {
		served &= report((enum kind)kind);
		free(samples[kind].us);
	}
	for (unsigned i = 0; i < client_count; i++)
		free(clients[i].input);
	free(clients);
	return served ? 0 : 1;
}
