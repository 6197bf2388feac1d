/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/recamd/daemon.h"

#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "camera/media/media.h"
#include "camera/media/source.h"
#include "camera/recamd/rtsp.h"
#include "camera/recamd/words.h"
#include "camera/settings/certificate.h"
#include "camera/settings/settings.h"
#include "camera/settings/throttle.h"
#include "camera/settings/users.h"
#include "camera/web/web.h"

enum { SETUP_MINUTES = 10, CERTIFICATE_SECONDS = 6 * 3600 };

struct daemon {
	const char *config; /* "" where there is none */
	char state[256];
	struct ev_loop *loop;
	struct ev_signal on_term, on_int, on_hup;
	struct ev_timer certificate_timer;
	struct settings settings;
	struct users users;
	struct throttle throttle;
	struct certificate certificate;
	struct media *media;
	struct web_context web_context;
	struct web *web;
	struct rtsp_gate gate;
	struct rtsp_server *rtsp;
};

/* --- settings --------------------------------------------------------------------------- */

static int load_settings(const char *config, struct settings *settings, struct rc_error *err)
{
	return *config ? settings_load(config, settings, err) : settings_defaults(settings, err);
}

static void media_of(const struct settings *settings, struct media_settings *media)
{
	const char *sub = settings_text(settings, SETTING_SUB_SIZE);

	media_settings_default(media);
	snprintf(media->main.source, sizeof(media->main.source), "%s",
		 settings_text(settings, SETTING_SOURCE));
	snprintf(media->main.still, sizeof(media->main.still), "%s",
		 settings_text(settings, SETTING_STILL));
	media->main.bitrate_kbps = (unsigned)settings_number(settings, SETTING_BITRATE);
	media->sub.bitrate_kbps = (unsigned)settings_number(settings, SETTING_SUB_BITRATE);
	media->main.key_seconds_tenths = media->sub.key_seconds_tenths =
		(unsigned)settings_number(settings, SETTING_KEY_INTERVAL) * 10;
	media->sub.off = sscanf(sub, "%ux%u", &media->sub.width, &media->sub.height) != 2;
}

/* What is opened once only. */
static void note_later_settings(const struct settings *old, const struct settings *fresh)
{
	static const enum setting_id later[] = { SETTING_RTSP_PORT, SETTING_RTSPS_PORT,
						 SETTING_RTSP_CLIENTS, SETTING_HTTPS_PORT,
						 SETTING_HTTP_PORT };

	for (size_t i = 0; i < RC_COUNT(later); i++)
		if (settings_differ(old, fresh, later[i]))
			rc_log_note("[%s] %s holds from the next start on",
				    setting_of(later[i])->section, setting_of(later[i])->key);
}

/* Takes changed settings without ending what goes on; the old ones stay where the new are
 * wrong. */
static int take_settings(struct daemon *daemon, struct rc_error *err)
{
	struct settings fresh = { 0 };
	struct media_settings media;
	int result = load_settings(daemon->config, &fresh, err);

	if (result == RC_OK) {
		media_of(&fresh, &media);
		result = media_change(daemon->media, &media, err);
	}
	if (result < 0) {
		settings_free(&fresh);
		return result;
	}
	note_later_settings(&daemon->settings, &fresh);
	settings_free(&daemon->settings);
	daemon->settings = fresh;
	return RC_OK;
}

/* As "recamd passwd" left them. */
static int take_users(struct daemon *daemon, struct rc_error *err)
{
	struct users fresh;
	int result = users_load(daemon->state, &fresh, err);

	if (result == RC_OK && fresh.count > 0)
		daemon->users = fresh;
	sodium_memzero(&fresh, sizeof(fresh));
	return result;
}

static int on_settings_changed(void *owner, struct rc_error *err)
{
	return take_settings(owner, err);
}

/* --- signals ---------------------------------------------------------------------------- */

static void on_stop(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
	ev_break(loop, EVBREAK_ALL);
}

static void on_reload(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
	struct daemon *daemon = watcher->data;
	struct rc_error err;

	if (take_users(daemon, &err) < 0)
		rc_log_error("%s; the old passwords stay", err.text);
	if (take_settings(daemon, &err) < 0)
		rc_log_error("%s; the old settings stay", err.text);
	else
		rc_log_note("settings taken%s%s", *daemon->config ? " from " : "", daemon->config);
}

static void start_signals(struct daemon *daemon)
{
	ev_signal_init(&daemon->on_term, on_stop, SIGTERM);
	ev_signal_init(&daemon->on_int, on_stop, SIGINT);
	ev_signal_init(&daemon->on_hup, on_reload, SIGHUP);
	daemon->on_hup.data = daemon;
	ev_signal_start(daemon->loop, &daemon->on_term);
	ev_signal_start(daemon->loop, &daemon->on_int);
	ev_signal_start(daemon->loop, &daemon->on_hup);
}

/* --- the first password ----------------------------------------------------------------- */

/* There is no default password: the first start makes one up and says it once. */
static int first_user(struct daemon *daemon, struct rc_error *err)
{
	char password[USER_MADE_UP];
	int result;

	if (daemon->users.count > 0)
		return RC_OK;
	users_make_up(password);
	result = users_set(&daemon->users, "admin", USER_ADMINISTERS, password, err);
	if (result == RC_OK) {
		rc_log_note("No password was set yet. User \"admin\" has this one from now on; it "
			    "is not shown again: %s",
			    password);
		daemon->web_context.setup_until_ms = media_now_us() / 1000 + SETUP_MINUTES * 60000u;
	}
	sodium_memzero(password, sizeof(password));
	return result;
}

/* --- starting and ending ---------------------------------------------------------------- */

static int open_media(struct daemon *daemon, struct rc_error *err)
{
	struct media_settings media;

	media_of(&daemon->settings, &media);
	return media_open(daemon->loop, &media, &daemon->media, err);
}

static int open_rtsp(struct daemon *daemon, struct rc_error *err)
{
	daemon->gate = (struct rtsp_gate){ &daemon->users, &daemon->throttle };
	return recamd_rtsp_open(daemon->loop, &daemon->settings, &daemon->certificate,
				&daemon->gate, daemon->media, &daemon->rtsp, err);
}

static void on_metrics(void *owner, struct rc_text *out)
{
	const struct daemon *daemon = owner;

	if (daemon->rtsp)
		recamd_rtsp_metrics(daemon->rtsp, out);
}

static void on_user_gone(void *owner, const char *user)
{
	const struct daemon *daemon = owner;

	if (daemon->rtsp)
		rtsp_server_drop_user(daemon->rtsp, user);
}

static int open_web(struct daemon *daemon, struct rc_error *err)
{
	const struct settings *settings = &daemon->settings;
	struct web_settings web = {
		.tls_port = (uint16_t)settings_number(settings, SETTING_HTTPS_PORT),
		.port = (uint16_t)settings_number(settings, SETTING_HTTP_PORT),
		.certificate = &daemon->certificate,
	};

	daemon->web_context.media = daemon->media;
	daemon->web_context.users = &daemon->users;
	daemon->web_context.throttle = &daemon->throttle;
	daemon->web_context.settings = &daemon->settings;
	daemon->web_context.settings_path = daemon->config;
	daemon->web_context.settings_changed = on_settings_changed;
	daemon->web_context.add_metrics = on_metrics;
	daemon->web_context.user_gone = on_user_gone;
	daemon->web_context.owner = daemon;
	return web_open(daemon->loop, &web, &daemon->web_context, &daemon->web, err);
}

/* Before it ends, it is made anew; connections from then on get the new one. */
static void on_certificate_due(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
	struct daemon *daemon = watcher->data;
	struct rc_error err;
	bool made = false;
	int result = certificate_ensure(daemon->state,
					settings_text(&daemon->settings, SETTING_NAME), time(NULL),
					&daemon->certificate, &made, &err);

	if (result == RC_OK && made)
		result = web_set_certificate(daemon->web, &daemon->certificate, &err);
	if (result == RC_OK && made && daemon->rtsp)
		result = recamd_rtsp_set_certificate(daemon->rtsp, &daemon->certificate, &err);
	if (result < 0)
		rc_log_error("%s", err.text);
	else if (made)
		rc_log_note("new certificate: SHA-256 %s", daemon->certificate.fingerprint);
}

static void start_certificate_timer(struct daemon *daemon)
{
	ev_timer_init(&daemon->certificate_timer, on_certificate_due, CERTIFICATE_SECONDS,
		      CERTIFICATE_SECONDS);
	daemon->certificate_timer.data = daemon;
	ev_timer_start(daemon->loop, &daemon->certificate_timer);
}

static int open_all(struct daemon *daemon, struct rc_error *err)
{
	bool made;
	int result = load_settings(daemon->config, &daemon->settings, err);

	if (result == RC_OK)
		result = users_load(daemon->state, &daemon->users, err);
	if (result == RC_OK)
		result = first_user(daemon, err);
	if (result == RC_OK)
		result = certificate_ensure(daemon->state,
					    settings_text(&daemon->settings, SETTING_NAME),
					    time(NULL), &daemon->certificate, &made, err);
	if (result == RC_OK)
		result = open_media(daemon, err);
	if (result == RC_OK)
		result = open_rtsp(daemon, err);
	if (result == RC_OK)
		result = open_web(daemon, err);
	if (result == RC_OK)
		start_certificate_timer(daemon);
	return result;
}

/* Where to find it, for the person who started it. */
static void tell_addresses(const struct daemon *daemon)
{
	long rtsp = settings_number(&daemon->settings, SETTING_RTSP_PORT);
	char host[64] = "";

	if (gethostname(host, sizeof(host) - 1) < 0 || !*host)
		snprintf(host, sizeof(host), "localhost");
	rc_log_note("page and API:  https://%s:%ld/", host,
		    settings_number(&daemon->settings, SETTING_HTTPS_PORT));
	if (rtsp)
		rc_log_note("for players:   rtsp://%s:%ld/unicast", host, rtsp);
	rc_log_note("certificate:   SHA-256 %s", daemon->certificate.fingerprint);
}

static void close_all(struct daemon *daemon)
{
	web_close(daemon->web);
	rtsp_server_close(daemon->rtsp);
	media_close(daemon->media);
	settings_free(&daemon->settings);
	sodium_memzero(&daemon->users, sizeof(daemon->users));
}

int daemon_check(const struct daemon_words *words, struct rc_error *err)
{
	struct settings settings = { 0 };
	struct media_settings media;
	int result = load_settings(words->config ? words->config : "", &settings, err);

	if (result == RC_OK) {
		media_of(&settings, &media);
		result = media_settings_check(&media, err);
	}
	settings_free(&settings);
	return result;
}

int daemon_run(const struct daemon_words *words, struct rc_error *err)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));
	int result;

	if (!daemon)
		return rc_fail_memory(err, sizeof(*daemon));
	daemon->config = words->config ? words->config : "";
	daemon->loop = ev_loop_new(EVFLAG_AUTO);
	result = daemon->loop ? state_folder(words->state, daemon->state, err)
			      : rc_fail(err, RC_EIO, "libev finds no way to wait on this system");
	if (result == RC_OK) {
		start_signals(daemon);
		result = open_all(daemon, err);
	}
	if (result == RC_OK) {
		tell_addresses(daemon);
		ev_run(daemon->loop, 0);
	}
	close_all(daemon);
	if (daemon->loop)
		ev_loop_destroy(daemon->loop);
	free(daemon);
	return result;
}
