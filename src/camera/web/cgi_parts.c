/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is ON or OFF. */
#include <string.h>

#include "camera/web/cgi.h"

static bool never(const struct web *web)
{
	(void)web;
	return false;
}

static bool rtsp_is_on(const struct web *web)
{
	return settings_number(web->context->settings, SETTING_RTSP_PORT) > 0;
}

/* never: it would be recamd's own work, and this version does not do it, so OFF is the truth.
 * NULL: something of the camera itself, which may be on without recamd. */
const struct cgi_part cgi_parts[] = {
	{ "blue_led", "blue_led", "blue_led", NULL, "the blue LED" },
	{ "yellow_led", "yellow_led", "yellow_led", NULL, "the yellow LED" },
	{ "ir_led", "ir_led", "ir_led", NULL, "the infrared LEDs" },
	{ "ir_cut", "ir_cut", "ir_cut", NULL, "the infrared filter" },
	{ "night_mode", "night_mode", "night_mode", NULL, "the night mode" },
	{ "toggle-rtsp-nightvision", NULL, NULL, NULL, "the night vision of the sensor" },
	{ "flip", NULL, "flip", NULL, "the flip of the sensor" },
	{ "rtsp", "rtsp", NULL, rtsp_is_on, "RTSP" },
	{ "auto_night_mode", "auto_night_detection", "auto_night_mode", never,
	  "automatic night mode" },
	{ "motion_detection", "motion_detection", "motion_detection", never, "motion detection" },
	{ NULL, "motion_tracking", NULL, never, "motion tracking" },
	{ "motion_detection_mail", "motion_mail", "motion_mail", never, "mail after motion" },
	{ "motion_detection_telegram", "motion_telegram", "motion_telegram", never,
	  "Telegram message after motion" },
	{ "motion_detection_led", "motion_led", "motion_led", never, "LED for motion" },
	{ "motion_detection_snapshot", "motion_snapshot", "motion_snapshot", never,
	  "snapshot after motion" },
	{ "motion_detection_video", NULL, NULL, never, "video after motion" },
	{ "motion_detection_mqtt_publish", "motion_mqtt", "motion_mqtt", never,
	  "MQTT message after motion" },
	{ "motion_detection_mqtt_snapshot", "motion_mqtt_snapshot", "motion_mqtt_snapshot", never,
	  "MQTT snapshot after motion" },
	{ "motion_detection_mqtt_video", "motion_mqtt_video", "motion_mqtt_video", never,
	  "MQTT video after motion" },
	{ NULL, "mqtt_status", NULL, never, "MQTT" },
	{ NULL, "mqtt_control", NULL, never, "MQTT" },
	{ NULL, "sound_on_startup", NULL, never, "sound at its start" },
	{ NULL, NULL, "recording", never, "recording" },
	{ 0 },
};

const char *cgi_state_word(const struct web *web, const struct cgi_part *part)
{
	return !part->is_on ? NULL : part->is_on(web) ? "ON" : "OFF";
}

static void tell(const struct cgi_call *call, const struct cgi_part *part)
{
	const char *word = cgi_state_word(call->request->web, part);

	if (word)
		cgi_text(call, *word == 'O' && word[1] == 'N' ? "ON\n" : "OFF\n");
	else
		cgi_fail(call, 501, "recamd has no driver for %s, and cannot tell", part->thing);
}

/* What is so already is done; what would have to change cannot be. */
static void set(const struct cgi_call *call, const struct cgi_part *part, bool on)
{
	const char *word = cgi_state_word(call->request->web, part);

	if (!word)
		cgi_fail(call, 501, "recamd has no driver for %s", part->thing);
	else if (strcmp(word, on ? "ON" : "OFF") == 0)
		cgi_done(call, "%s is %s", part->thing, word);
	else if (on)
		cgi_fail(call, 501,
			 part->is_on == rtsp_is_on ? "%s was off at the start: set [rtsp] port"
						   : "this version of recamd has no %s",
			 part->thing);
	else
		cgi_fail(call, 501, "the next start is without %s where [rtsp] port = 0 is set",
			 part->thing);
}

enum wish { WISH_NONE, WISH_ON, WISH_OFF, WISH_STATUS };

static enum wish wish_of(const char *word)
{
	static const struct {
		const char *word;
		enum wish wish;
	} words[] = {
		{ "on", WISH_ON },    { "start", WISH_ON },      { "off", WISH_OFF },
		{ "stop", WISH_OFF }, { "status", WISH_STATUS },
	};

	for (size_t i = 0; i < RC_COUNT(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].wish;
	return WISH_NONE;
}

static void grant(const struct cgi_call *call, const struct cgi_part *part, enum wish wish)
{
	if (wish == WISH_STATUS)
		tell(call, part);
	else if (cgi_admit(call, USER_CONTROLS, true))
		set(call, part, wish == WISH_ON);
}

/* NAME_on, NAME-off ... */
static bool run_action(const struct cgi_call *call)
{
	for (const struct cgi_part *part = cgi_parts; part->thing; part++) {
		size_t length = part->action ? strlen(part->action) : 0;
		enum wish wish;

		if (length == 0 || strncmp(call->word, part->action, length) != 0 ||
		    !strchr("_-", call->word[length]) || !call->word[length])
			continue;
		wish = wish_of(call->word + length + 1);
		if (wish == WISH_NONE)
			continue;
		grant(call, part, wish);
		return true;
	}
	return false;
}

static bool run_state(const struct cgi_call *call)
{
	const struct cgi_part *part = cgi_parts;

	while (part->thing && (!part->state || strcmp(part->state, call->word) != 0))
		part++;
	if (part->thing)
		tell(call, part);
	return part->thing;
}

static bool run_live(const struct cgi_call *call)
{
	const struct cgi_part *part = cgi_parts;
	enum wish wish;
	char word[16];

	while (part->thing && (!part->live || strcmp(part->live, call->word) != 0))
		part++;
	if (!part->thing)
		return false;
	wish = cgi_parameter(call, "action", word, sizeof(word)) ? wish_of(word) : WISH_STATUS;
	if (wish == WISH_NONE)
		cgi_fail(call, 400, "action is on, off or status");
	else
		grant(call, part, wish);
	return true;
}

bool cgi_run_part(const struct cgi_call *call)
{
	switch (call->cgi->address) {
	case CGI_ACTION:
	case CGI_API:
		return run_action(call);
	case CGI_STATE:
		return run_state(call);
	case CGI_LIVE:
		return run_live(call);
	default:
		return false;
	}
}

/* "name:ON" of all that can be told, in lines. */
void cgi_all_states(const struct cgi_call *call)
{
	bool live = call->cgi->address == CGI_LIVE;
	struct rc_text text = { 0 };

	for (const struct cgi_part *part = cgi_parts; part->thing; part++) {
		const char *name = live ? part->live : part->state;
		const char *word = cgi_state_word(call->request->web, part);

		if (name && word)
			rc_text_add(&text, "%s:%s\n", name, word);
	}
	cgi_text(call, rc_text_get(&text));
	rc_text_free(&text);
}

void cgi_start_rtsp(const struct cgi_call *call)
{
	const struct cgi_part *part = cgi_parts;

	while (part->is_on != rtsp_is_on)
		part++;
	set(call, part, true);
}

/* --- ui_control.cgi: services --- */

/* Of the firmware's; recamd is one of them, and starts none of the others. */
static const char *const services[] = {
	"auto-night-detection", "debug-on-osd", "ftp_server", "mqtt-control",
	"mqtt-status",          "onvif-srvd",   "recording",  "rtsp",
	"sound-on-startup",     "telegram-bot", "matrix-bot", "timelapse",
};

static bool service_runs(const struct web *web, const char *name)
{
	return strcmp(name, "rtsp") == 0 && rtsp_is_on(web);
}

void cgi_services(const struct cgi_call *call)
{
	struct rc_text text = { 0 };

	for (size_t i = 0; i < RC_COUNT(services); i++) {
		bool runs = service_runs(call->request->web, services[i]);

		rc_text_add(&text, "%s#:#%s#:#%s#:#false\n", services[i],
			    runs ? "started" : "stopped", runs ? "true" : "false");
	}
	cgi_text(call, rc_text_get(&text));
	rc_text_free(&text);
}

/* services: action=start or stop; autoStartService: action=true or false. */
void cgi_one_service(const struct cgi_call *call)
{
	char service[32] = "", action[16] = "";
	bool known = false, on;

	cgi_parameter(call, "service", service, sizeof(service));
	cgi_parameter(call, "action", action, sizeof(action));
	for (size_t i = 0; i < RC_COUNT(services); i++)
		known |= strcmp(services[i], service) == 0;
	on = strcmp(action, "start") == 0 || strcmp(action, "true") == 0;
	if (!known || (!on && strcmp(action, "stop") != 0 && strcmp(action, "false") != 0))
		cgi_fail(call, 400,
			 "service is one that get_services lists, and action is start "
			 "or stop (of autoStartService: true or false)");
	else if (on == service_runs(call->request->web, service))
		cgi_done(call, "%s is %s", service, on ? "started" : "stopped");
	else
		cgi_fail(call, 501,
			 on ? "this version of recamd has no %s"
			    : "%s ends with [rtsp] port = 0 at the next start",
			 service);
}
