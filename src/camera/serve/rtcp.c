/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/serve/rtcp.h"

#include <string.h>

enum {
	TYPE_SR = 200,
	TYPE_RR = 201,
	TYPE_SDES = 202,
	TYPE_BYE = 203,
	TYPE_PSFB = 206, /* RFC 4585 */
	FEEDBACK_PLI = 1,
	FEEDBACK_FIR = 4,
	SDES_CNAME = 1,
	REPORT_BLOCK = 24,
};

/* NTP counts from 1900. */
#define NTP_1970 2208988800u

static uint8_t *put_head(uint8_t *at, unsigned count, unsigned type, unsigned words, uint32_t ssrc)
{
	at[0] = (uint8_t)(0x80 | count);
	at[1] = (uint8_t)type;
	at[2] = (uint8_t)(words >> 8);
	at[3] = (uint8_t)words;
	rc_put_be32(at + 4, ssrc);
	return at + 8;
}

size_t rtcp_put_report(uint8_t out[RTCP_MAX_REPORT], const struct rtcp_sender *sender, bool bye)
{
	/* Item, its length, the name, and zeros to a whole word (6.5). */
	static const uint8_t cname[12] = { SDES_CNAME, 6, 'r', 'e', 'c', 'a', 'm', 'd' };
	uint8_t *at = put_head(out, 0, TYPE_SR, 6, sender->ssrc);

	rc_put_be32(at, (uint32_t)(sender->unix_us / 1000000u + NTP_1970));
	rc_put_be32(at + 4, (uint32_t)((sender->unix_us % 1000000u << 32) / 1000000u));
	rc_put_be32(at + 8, sender->timestamp);
	rc_put_be32(at + 12, sender->packets);
	rc_put_be32(at + 16, sender->octets);
	at = put_head(at + 20, 1, TYPE_SDES, 4, sender->ssrc);
	memcpy(at, cname, sizeof(cname));
	at += sizeof(cname);
	if (bye)
		at = put_head(at, 1, TYPE_BYE, 1, sender->ssrc);
	return (size_t)(at - out);
}

/* body: behind the first word. */
static void read_report(struct rc_span body, size_t blocks_at, unsigned count, uint32_t ssrc,
			struct rtcp_answer *answer)
{
	answer->alive = true;
	for (unsigned i = 0; i < count; i++) {
		struct rc_span block = rc_span_sub(body, blocks_at + i * (size_t)REPORT_BLOCK,
						   REPORT_BLOCK);

		if (block.size < REPORT_BLOCK)
			return;
		if (rc_be32(block.data) != ssrc)
			continue;
		answer->has_loss = true;
		answer->fraction_lost = block.data[4];
		answer->jitter = rc_be32(block.data + 12);
	}
}

bool rtcp_read(struct rc_span bytes, uint32_t ssrc, struct rtcp_answer *answer)
{
	*answer = (struct rtcp_answer){ 0 };
	while (bytes.size) {
		struct rc_span body;
		unsigned count;
		size_t size;

		if (bytes.size < 4 || bytes.data[0] >> 6 != 2)
			return false;
		count = bytes.data[0] & 0x1f;
		size = ((size_t)rc_be16(bytes.data + 2) + 1) * 4;
		if (size > bytes.size)
			return false;
		body = rc_span_sub(bytes, 4, size - 4);
		switch (bytes.data[1]) {
		case TYPE_SR:
			read_report(body, 24, count, ssrc, answer);
			break;
		case TYPE_RR:
			read_report(body, 4, count, ssrc, answer);
			break;
		case TYPE_BYE:
			answer->bye = true;
			break;
		case TYPE_PSFB:
			answer->wants_key |= count == FEEDBACK_PLI || count == FEEDBACK_FIR;
			break;
		default:
			break;
		}
		bytes = rc_span_sub(bytes, size, bytes.size);
	}
	return true;
}
