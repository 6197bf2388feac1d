/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fixture.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

static bool on_ready(void *context)
{
	return !((const struct fixture *)context)->no_password;
}

static bool on_digest(void *context, const char *user, enum digest_algorithm algorithm,
		      char hex[DIGEST_HEX])
{
	static const char secret[] = FIXTURE_USER ":recamd:" FIXTURE_PASSWORD;
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size;

	if (strcmp(user, FIXTURE_USER) != 0)
		return false;
	EVP_Digest(secret, sizeof(secret) - 1, digest, &size,
		   algorithm == DIGEST_MD5 ? EVP_md5() : EVP_sha256(), NULL);
	for (unsigned i = 0; i < size; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return true;
}

static SSL_CTX *make_tls(void)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();

	assert_non_null(tls);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_set_pubkey(certificate, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
				   (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	assert_int_equal(SSL_CTX_use_certificate(tls, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return tls;
}

void fixture_init(struct fixture *fixture, const char *source)
{
	*fixture = (struct fixture){ .settings = { .loopback_only = true, .with_tls = true } };
	media_settings_default(&fixture->sources);
	snprintf(fixture->sources.main.source, sizeof(fixture->sources.main.source), "%s", source);
}

static void on_stop(struct ev_loop *loop, struct ev_async *watcher, int events)
{
	ev_break(loop, EVBREAK_ALL);
}

static void *run(void *argument)
{
	ev_run(argument, 0);
	return NULL;
}

/* The source's thread says them with its first picture. */
static void wait_for_sets(struct fixture *fixture)
{
	struct parameter_sets *sets;

	for (unsigned i = 0; i < 20000; i++) {
		sets = stream_parameter_sets(media_stream(fixture->media, MEDIA_SUB));
		parameter_sets_unref(sets);
		if (sets)
			return;
		usleep(1000);
	}
	fail_msg("no parameter sets within 20 s");
}

void fixture_start(struct fixture *fixture)
{
	struct rtsp_access access = {
		.context = fixture, .realm = "recamd", .ready = on_ready, .digest = on_digest
	};
	struct rc_error err;

	fixture->loop = ev_loop_new(EVFLAG_AUTO);
	assert_non_null(fixture->loop);
	ev_async_init(&fixture->stop, on_stop);
	ev_async_start(fixture->loop, &fixture->stop);
	fixture->settings.tls = make_tls();
	support_ok(media_open(fixture->loop, &fixture->sources, &fixture->media, &err), &err);
	support_ok(rtsp_server_open(fixture->loop, &fixture->settings, &access, fixture->media,
				    &fixture->server, &err),
		   &err);
	wait_for_sets(fixture);
	fixture->port = rtsp_server_port(fixture->server, false);
	fixture->tls_port = rtsp_server_port(fixture->server, true);
	assert_int_equal(pthread_create(&fixture->thread, NULL, run, fixture->loop), 0);
}

void fixture_stop(struct fixture *fixture, struct rtsp_status *status)
{
	ev_async_send(fixture->loop, &fixture->stop);
	pthread_join(fixture->thread, NULL);
	if (status)
		rtsp_server_get_status(fixture->server, status);
	rtsp_server_close(fixture->server);
	media_close(fixture->media);
	SSL_CTX_free(fixture->settings.tls);
	ev_async_stop(fixture->loop, &fixture->stop);
	ev_loop_destroy(fixture->loop);
}

const char *fixture_url(const struct fixture *fixture, const char *path)
{
	static char url[256];

	snprintf(url, sizeof(url), "rtsp://" FIXTURE_USER ":" FIXTURE_PASSWORD "@127.0.0.1:%u/%s",
		 fixture->port, path);
	return url;
}
