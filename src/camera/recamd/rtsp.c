/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/recamd/rtsp.h"

#include <arpa/inet.h>
#include <string.h>

static bool on_ready(void *context)
{
	const struct rtsp_gate *gate = context;

	return gate->users->count > 0;
}

static bool on_digest(void *context, const char *user, enum digest_algorithm algorithm,
		      char hex[DIGEST_HEX])
{
	const struct rtsp_gate *gate = context;
	const struct user *found = users_find(gate->users, user);

	if (!found || found->role < USER_SEES || !found->ha1[algorithm][0])
		return false;
	memcpy(hex, found->ha1[algorithm], DIGEST_HEX);
	return true;
}

/* As HTTPS writes it: an IPv4 address is one, however it came. */
static void write_address(const struct sockaddr *peer, char out[INET6_ADDRSTRLEN])
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer;

	*out = '\0';
	if (peer->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)peer)->sin_addr, out,
			  INET6_ADDRSTRLEN);
	else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], out, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, &v6->sin6_addr, out, INET6_ADDRSTRLEN);
}

static void on_attempted(void *context, const struct sockaddr *peer, const char *user, bool right)
{
	const struct rtsp_gate *gate = context;
	char address[INET6_ADDRSTRLEN];

	write_address(peer, address);
	if (right)
		throttle_right(gate->throttle, address);
	else
		throttle_wrong(gate->throttle, address, media_now_us() / 1000);
}

static bool on_locked_out(void *context, const struct sockaddr *peer)
{
	const struct rtsp_gate *gate = context;
	char address[INET6_ADDRSTRLEN];

	write_address(peer, address);
	return throttle_wait(gate->throttle, address, media_now_us() / 1000) > 0;
}

static SSL_CTX *make_tls(const struct certificate *certificate, struct rc_error *err)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

	if (tls && SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1 &&
	    SSL_CTX_use_certificate_chain_file(tls, certificate->path) == 1 &&
	    SSL_CTX_use_PrivateKey_file(tls, certificate->key_path, SSL_FILETYPE_PEM) == 1)
		return tls;
	SSL_CTX_free(tls);
	ERR_clear_error();
	rc_fail(err, RC_EIO, "OpenSSL does not take the certificate %s with its key %s",
		certificate->path, certificate->key_path);
	return NULL;
}

int recamd_rtsp_open(struct ev_loop *loop, const struct settings *settings,
		     const struct certificate *certificate, struct rtsp_gate *gate,
		     struct media *media, struct rtsp_server **server, struct rc_error *err)
{
	const struct rtsp_access access = {
		.context = gate,
		.realm = USER_REALM,
		.ready = on_ready,
		.digest = on_digest,
		.attempted = on_attempted,
		.locked_out = on_locked_out,
	};
	struct rtsp_settings rtsp = {
		.port = (uint16_t)settings_number(settings, SETTING_RTSP_PORT),
		.tls_port = (uint16_t)settings_number(settings, SETTING_RTSPS_PORT),
		.max_clients = (unsigned)settings_number(settings, SETTING_RTSP_CLIENTS),
	};
	int result;

	if (!rtsp.port)
		return RC_OK;
	rtsp.with_tls = rtsp.tls_port != 0;
	if (rtsp.with_tls && !(rtsp.tls = make_tls(certificate, err)))
		return RC_EIO;
	result = rtsp_server_open(loop, &rtsp, &access, media, server, err);
	SSL_CTX_free(rtsp.tls);
	return result;
}

int recamd_rtsp_set_certificate(struct rtsp_server *server, const struct certificate *certificate,
				struct rc_error *err)
{
	SSL_CTX *tls;

	if (!rtsp_server_port(server, true))
		return RC_OK;
	tls = make_tls(certificate, err);
	if (!tls)
		return RC_EIO;
	rtsp_server_set_tls(server, tls);
	SSL_CTX_free(tls);
	return RC_OK;
}

void recamd_rtsp_metrics(const struct rtsp_server *server, struct rc_text *out)
{
	struct rtsp_status status;

	rtsp_server_get_status(server, &status);
	rc_text_add(out,
		    "# TYPE recamd_rtsp_connections gauge\n"
		    "recamd_rtsp_connections %u\n"
		    "# TYPE recamd_rtsp_clients gauge\n"
		    "recamd_rtsp_clients{transport=\"udp\"} %u\n"
		    "recamd_rtsp_clients{transport=\"tcp\"} %u\n"
		    "# TYPE recamd_rtsp_sent_bytes_total counter\n"
		    "recamd_rtsp_sent_bytes_total %llu\n"
		    "# TYPE recamd_rtsp_skips_total counter\n"
		    "recamd_rtsp_skips_total %llu\n"
		    "# TYPE recamd_rtsp_dropped_total counter\n"
		    "recamd_rtsp_dropped_total %llu\n"
		    "# TYPE recamd_rtsp_refused_total counter\n"
		    "recamd_rtsp_refused_total %llu\n",
		    status.connections, status.playing_udp, status.playing_tcp,
		    (unsigned long long)status.bytes, (unsigned long long)status.skips,
		    (unsigned long long)status.dropped, (unsigned long long)status.refused);
}
