/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/serve/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "camera/serve/rtsp_message.h"

static const char *const algorithm_names[] = { [DIGEST_MD5] = "MD5", [DIGEST_SHA256] = "SHA-256" };

static void to_hex(const uint8_t *data, size_t size, char *out)
{
	for (size_t i = 0; i < size; i++)
		sprintf(out + 2 * i, "%02x", data[i]);
}

bool digest_read(struct rc_span header, struct digest_claim *claim)
{
	struct rc_span algorithm = { (const uint8_t *)"MD5", 3 };

	*claim = (struct digest_claim){ 0 };
	if (header.size < 7 || strncasecmp((const char *)header.data, "Digest ", 7) != 0)
		return false;
	header = rc_span_sub(header, 7, header.size);
	rtsp_parameter(header, ',', "algorithm", &algorithm);
	if (rtsp_span_is(algorithm, algorithm_names[DIGEST_SHA256]))
		claim->algorithm = DIGEST_SHA256;
	else if (!rtsp_span_is(algorithm, algorithm_names[DIGEST_MD5]))
		return false;
	rtsp_parameter(header, ',', "qop", &claim->qop);
	rtsp_parameter(header, ',', "nc", &claim->nc);
	rtsp_parameter(header, ',', "cnonce", &claim->cnonce);
	return rtsp_parameter(header, ',', "username", &claim->user) &&
	       rtsp_parameter(header, ',', "realm", &claim->realm) &&
	       rtsp_parameter(header, ',', "nonce", &claim->nonce) &&
	       rtsp_parameter(header, ',', "uri", &claim->uri) &&
	       rtsp_parameter(header, ',', "response", &claim->response) &&
	       (claim->qop.size == 0 || rtsp_span_is(claim->qop, "auth"));
}

/* H(part:part:...) in hex; false: no memory. */
static bool hash(enum digest_algorithm algorithm, const struct rc_span *parts, unsigned count,
		 char hex[DIGEST_HEX])
{
	const EVP_MD *kind = algorithm == DIGEST_SHA256 ? EVP_sha256() : EVP_md5();
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	bool done = context && EVP_DigestInit_ex(context, kind, NULL) == 1;

	for (unsigned i = 0; i < count && done; i++)
		done = (i == 0 || EVP_DigestUpdate(context, ":", 1) == 1) &&
		       EVP_DigestUpdate(context, parts[i].data, parts[i].size) == 1;
	done = done && EVP_DigestFinal_ex(context, digest, &size) == 1 && size * 2 < DIGEST_HEX;
	EVP_MD_CTX_free(context);
	if (done)
		to_hex(digest, size, hex);
	return done;
}

static struct rc_span span_of(const char *text)
{
	return (struct rc_span){ (const uint8_t *)text, strlen(text) };
}

bool digest_right(const struct digest_claim *claim, const char *ha1, struct rc_span method)
{
	char ha2[DIGEST_HEX];
	char wanted[DIGEST_HEX];
	const struct rc_span act[] = { method, claim->uri };
	bool hashed = hash(claim->algorithm, act, RC_COUNT(act), ha2);
	const struct rc_span plain[] = { span_of(ha1), claim->nonce, span_of(ha2) };
	const struct rc_span with_qop[] = { span_of(ha1),  claim->nonce, claim->nc,
					    claim->cnonce, claim->qop,   span_of(ha2) };

	if (!hashed)
		return false;
	if (claim->qop.size)
		hashed = hash(claim->algorithm, with_qop, RC_COUNT(with_qop), wanted);
	else
		hashed = hash(claim->algorithm, plain, RC_COUNT(plain), wanted);
	return hashed && claim->response.size == strlen(wanted) &&
	       CRYPTO_memcmp(claim->response.data, wanted, claim->response.size) == 0;
}

bool digest_nonce(char nonce[DIGEST_NONCE])
{
	uint8_t random[(DIGEST_NONCE - 1) / 2];

	if (RAND_bytes(random, sizeof(random)) != 1)
		return false;
	to_hex(random, sizeof(random), nonce);
	return true;
}
