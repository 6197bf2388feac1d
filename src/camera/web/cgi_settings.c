/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's settings, as far as recamd has the same: all that a request asks, or nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "camera/web/cgi.h"

#define PARAMETER 128u

enum kind {
	TAKE,         /* it is a setting of ours */
	ONLY,         /* only this value is true of recamd */
	PICTURE_SIZE, /* "-W1280 -H720" */
	RATE_NUM,
	RATE_DEN,
	VIEWER,
	VIEWER_PASSWORD,
	OWN_PASSWORD,
	ABSENT, /* recamd has no such thing */
};

/* facts/dafang-cfw-contract.md A.7, A.9 */
static const struct parameter {
	unsigned where;
	const char *name;
	enum kind kind;
	enum setting_id id;
	const char *only;
} parameters[] = {
	{ CGI_ACTION, "brbitrate", TAKE, SETTING_BITRATE, NULL },
	{ CGI_ACTION, "videoport", TAKE, SETTING_RTSP_PORT, NULL },
	{ CGI_ACTION, "video_size", PICTURE_SIZE, 0, NULL },
	{ CGI_ACTION, "video_format", ONLY, 0, "1" },
	{ CGI_ACTION, "videouser", VIEWER, 0, NULL },
	{ CGI_ACTION, "videopassword", VIEWER_PASSWORD, 0, NULL },
	{ CGI_ACTION | CGI_CAMERA, "frmRateNum", RATE_NUM, 0, NULL },
	{ CGI_ACTION | CGI_CAMERA, "frmRateDen", RATE_DEN, 0, NULL },
	{ CGI_ACTION | CGI_API | CGI_SYSTEM, "hostname", TAKE, SETTING_NAME, NULL },
	{ CGI_ACTION, "ntp_srv", ABSENT, 0, NULL },
	{ CGI_ACTION, "timeZone", ABSENT, 0, NULL },
	{ CGI_CAMERA, "bitRate", TAKE, SETTING_BITRATE, NULL },
	{ CGI_CAMERA, "videoPort", TAKE, SETTING_RTSP_PORT, NULL },
	{ CGI_CAMERA, "videoSize", PICTURE_SIZE, 0, NULL },
	{ CGI_CAMERA, "format", ONLY, 0, "1" },
	{ CGI_CAMERA, "codec", ONLY, 0, "H264" },
	{ CGI_CAMERA, "audioinFormat", ONLY, 0, "OFF" },
	{ CGI_CAMERA, "osdEnable", ONLY, 0, "false" },
	{ CGI_CAMERA, "videoUser", VIEWER, 0, NULL },
	{ CGI_CAMERA, "videoPassword", VIEWER_PASSWORD, 0, NULL },
	{ CGI_CAMERA, "multicast", ABSENT, 0, NULL },
	{ CGI_CAMERA, "flip", ABSENT, 0, NULL },
	{ CGI_CAMERA, "autoNightMode", ABSENT, 0, NULL },
	{ CGI_CAMERA, "avg", ABSENT, 0, NULL },
	{ CGI_CAMERA, "audioinBR", ABSENT, 0, NULL },
	{ CGI_CAMERA, "audiooutBR", ABSENT, 0, NULL },
	{ CGI_CAMERA, "audioinFilter", ABSENT, 0, NULL },
	{ CGI_CAMERA, "HFEnabled", ABSENT, 0, NULL },
	{ CGI_CAMERA, "AECEnabled", ABSENT, 0, NULL },
	{ CGI_CAMERA, "audioinHWVol", ABSENT, 0, NULL },
	{ CGI_CAMERA, "audioinSWVol", ABSENT, 0, NULL },
	{ CGI_CAMERA, "tlinterval", ABSENT, 0, NULL },
	{ CGI_CAMERA, "tlduration", ABSENT, 0, NULL },
	{ CGI_CAMERA, "osdText", ABSENT, 0, NULL },
	{ CGI_CAMERA, "osdAxis", ABSENT, 0, NULL },
	{ CGI_CAMERA, "osdColor", ABSENT, 0, NULL },
	{ CGI_CAMERA, "osdSize", ABSENT, 0, NULL },
	{ CGI_CAMERA, "osdPixel", ABSENT, 0, NULL },
	{ CGI_CAMERA, "osdY", ABSENT, 0, NULL },
	{ CGI_CAMERA, "osdFixW", ABSENT, 0, NULL },
	{ CGI_CAMERA, "osdFonts", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "password", OWN_PASSWORD, 0, NULL },
	{ CGI_SYSTEM, "timezone", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "ntp", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "github_token", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "wifi_ssid", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "wifi_password", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "connect_timeout", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "scan_interval", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "ap_ssid", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "ap_password", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "usb_eth", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "ssh_key", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "ssh_port", ABSENT, 0, NULL },
	{ CGI_SYSTEM, "ssh_password", ABSENT, 0, NULL },
};

/* The picture as the settings have it, and as the request wants it; 0: not known. */
struct geometry {
	unsigned width, height, num, den;
};

struct wishes {
	const struct cgi_call *call;
	struct setting_change changes[RC_COUNT(parameters)];
	char values[RC_COUNT(parameters)][PARAMETER];
	size_t count;
	struct geometry geometry;
	bool geometry_named;
	char source[PARAMETER];
	char user[USER_NAME], password[USER_PASSWORD_MAX + 1];
};

static struct geometry geometry_now(const struct cgi_call *call)
{
	struct geometry now = { 1280, 720, 25, 1 };
	const char *source = settings_text(call->request->web->context->settings, SETTING_SOURCE);
	struct stream_status status;

	if (strncmp(source, "test:", 5) == 0) {
		sscanf(source, "test:%5ux%5u@%5u", &now.width, &now.height, &now.num);
		return now;
	}
	stream_get_status(media_stream(call->request->web->context->media, MEDIA_MAIN), &status);
	return (struct geometry){ status.width, status.height,
				  (status.rate_millihertz + 500) / 1000, 1 };
}

static void want(struct wishes *wishes, enum setting_id id, const char *value)
{
	const char *now = settings_text(wishes->call->request->web->context->settings, id);

	if (strcmp(now, value) == 0)
		return;
	snprintf(wishes->values[wishes->count], PARAMETER, "%s", value);
	wishes->changes[wishes->count] = (struct setting_change){ id,
								  wishes->values[wishes->count] };
	wishes->count++;
}

static int read_size(struct wishes *wishes, const char *value, struct rc_error *err)
{
	char end;

	wishes->geometry_named = true;
	if (sscanf(value, "-W%5u -H%5u%c", &wishes->geometry.width, &wishes->geometry.height,
		   &end) == 2)
		return 0;
	return rc_fail(err, RC_ERANGE, "a size is -W1280 -H720, not %s", value);
}

static int read_rate(struct wishes *wishes, const char *value, unsigned *out, struct rc_error *err)
{
	uint64_t number;

	wishes->geometry_named = true;
	if (!rc_parse_number(value, 1000, &number) || number == 0)
		return rc_fail(err, RC_ERANGE, "a frame rate is a number from 1 to 1000, not %s",
			       value);
	*out = (unsigned)number;
	return 0;
}

static int read_one(struct wishes *wishes, const struct parameter *parameter, const char *value,
		    struct rc_error *err)
{
	switch (parameter->kind) {
	case TAKE:
		want(wishes, parameter->id, value);
		return setting_check(parameter->id, value, err);
	case ONLY:
		if (strcmp(value, parameter->only) == 0)
			return 0;
		return rc_fail(err, RC_EUNSUPPORTED, "of %s recamd knows %s only", parameter->name,
			       parameter->only);
	case PICTURE_SIZE:
		return read_size(wishes, value, err);
	case RATE_NUM:
		return read_rate(wishes, value, &wishes->geometry.num, err);
	case RATE_DEN:
		return read_rate(wishes, value, &wishes->geometry.den, err);
	case VIEWER:
		if (strlen(value) >= sizeof(wishes->user))
			return rc_fail(err, RC_ERANGE, "a user has at most %zu characters",
				       sizeof(wishes->user) - 1);
		snprintf(wishes->user, sizeof(wishes->user), "%s", value);
		return 0;
	case OWN_PASSWORD:
		snprintf(wishes->user, sizeof(wishes->user), "%s", wishes->call->request->user);
		/* fall through */
	case VIEWER_PASSWORD:
		if (!cgi_secret(wishes->call, parameter->name, wishes->password,
				sizeof(wishes->password)))
			return rc_fail(err, RC_EUSAGE,
				       "a password has at most %u characters, and no place in an "
				       "address: send %s in the body of a POST",
				       USER_PASSWORD_MAX, parameter->name);
		return 0;
	case ABSENT:
		break;
	}
	return rc_fail(err, RC_EUNSUPPORTED, "recamd cannot set %s", parameter->name);
}

/* What is empty is left as it is. */
static int read_wishes(struct wishes *wishes, struct rc_error *err)
{
	char value[PARAMETER];
	int result = 0;

	for (size_t i = 0; i < RC_COUNT(parameters) && !result; i++) {
		const struct parameter *parameter = &parameters[i];

		if ((parameter->where & (unsigned)wishes->call->cgi->address) &&
		    cgi_parameter(wishes->call, parameter->name, value, sizeof(value)) && *value)
			result = read_one(wishes, parameter, value, err);
	}
	sodium_memzero(value, sizeof(value));
	return result;
}

/* Only the made-up picture has a size and a rate that can be chosen. */
static int apply_geometry(struct wishes *wishes, struct rc_error *err)
{
	const char *source = settings_text(wishes->call->request->web->context->settings,
					   SETTING_SOURCE);
	struct geometry now = geometry_now(wishes->call), wanted = wishes->geometry;

	if (!wishes->geometry_named || (now.width == wanted.width && now.height == wanted.height &&
					now.num * wanted.den == wanted.num))
		return 0;
	if (strncmp(source, "test:", 5) != 0 || wanted.num % wanted.den != 0)
		return rc_fail(err, RC_EUNSUPPORTED,
			       "size and frame rate are those of the source, %ux%u and %u/%u",
			       now.width, now.height, now.num, now.den);
	snprintf(wishes->source, sizeof(wishes->source), "test:%ux%u@%u", wanted.width,
		 wanted.height, wanted.num / wanted.den);
	want(wishes, SETTING_SOURCE, wishes->source);
	return setting_check(SETTING_SOURCE, wishes->source, err);
}

static int set_viewer(struct wishes *wishes, struct rc_error *err)
{
	struct request *request = wishes->call->request;
	struct users *users = request->web->context->users;
	const struct user *known = users_find(users, wishes->user);
	enum user_role role = known ? known->role : USER_SEES;
	int result;

	if (!*wishes->password && (known || !*wishes->user))
		return 0;
	if (!*wishes->password || !*wishes->user)
		return rc_fail(err, RC_EUSAGE, "a user and a password go together");
	result = users_set(users, wishes->user, role, wishes->password, err);
	if (!result)
		request_end_user(request, wishes->user);
	return result;
}

static int change(struct wishes *wishes, struct rc_error *err)
{
	int result;

	wishes->geometry = geometry_now(wishes->call);
	result = read_wishes(wishes, err);
	if (!result)
		result = apply_geometry(wishes, err);
	if (!result)
		result = set_viewer(wishes, err);
	if (!result && wishes->count > 0)
		result = request_change_settings(wishes->call->request, wishes->changes,
						 wishes->count, err);
	return result;
}

void cgi_change_settings(const struct cgi_call *call)
{
	struct wishes *wishes = calloc(1, sizeof(*wishes));
	bool at_start = false;
	struct rc_error err;
	int result;

	if (!wishes) {
		cgi_fail(call, 500, "no memory is left");
		return;
	}
	wishes->call = call;
	result = change(wishes, &err);
	for (size_t i = 0; i < wishes->count; i++)
		at_start |= setting_of(wishes->changes[i].id)->at_start;
	if (result)
		cgi_fail_error(call, &err);
	else
		cgi_done(call, at_start ? "saved: the next start of recamd takes it" : "saved");
	sodium_memzero(wishes, sizeof(*wishes));
	free(wishes);
}

void cgi_set_password(const struct cgi_call *call)
{
	struct request *request = call->request;
	char password[USER_PASSWORD_MAX + 1];
	struct rc_error err;
	int result;

	if (!cgi_secret(call, "password", password, sizeof(password))) {
		cgi_fail(call, 400,
			 "send password in the body of a POST: it has no place in an "
			 "address, which others log");
		return;
	}
	result = users_set(request->web->context->users, request->user, request->role, password,
			   &err);
	sodium_memzero(password, sizeof(password));
	if (result) {
		cgi_fail_error(call, &err);
		return;
	}
	request_end_user(request, request->user);
	cgi_done(call, "the password of \"%s\" is changed", request->user);
}

/* api.cgi, with its own words. */
void cgi_set_hostname(const struct cgi_call *call)
{
	struct request *request = call->request;
	char name[PARAMETER] = "";
	struct setting_change change = { SETTING_NAME, name };
	struct rc_error err;

	cgi_parameter(call, "hostname", name, sizeof(name));
	if (!*name)
		cgi_done(call, "The \"hostname\" parameter is empty, so has not been changed.");
	else if (strcmp(settings_text(request->web->context->settings, SETTING_NAME), name) == 0)
		cgi_done(call, "The hostname is already set to '%s', so has not been changed.",
			 name);
	else if (request_change_settings(request, &change, 1, &err))
		cgi_fail_error(call, &err);
	else
		cgi_done(call, "The hostname has been changed successfully to '%s'.", name);
}

/* --- what they are --- */

/* Those that are true of recamd; a password is never told. */
void cgi_camera_settings(const struct cgi_call *call)
{
	const struct settings *settings = call->request->web->context->settings;
	struct geometry now = geometry_now(call);
	struct rc_text text = { 0 };

	rc_text_add(&text,
		    "codec#:#H264\nvideoSize#:#-W%u -H%u\nbitRate#:#%s\nformat#:#1\n"
		    "frmRateNum#:#%u\nfrmRateDen#:#%u\nvideoUser#:#\nvideoPassword#:#\n"
		    "videoPort#:#%s\naudioinFormat#:#OFF\nosdEnable#:#false\n",
		    now.width, now.height, settings_text(settings, SETTING_BITRATE), now.num,
		    now.den, settings_text(settings, SETTING_RTSP_PORT));
	cgi_text(call, rc_text_get(&text));
	rc_text_free(&text);
}

void cgi_system_settings(const struct cgi_call *call)
{
	struct rc_text text = { 0 };

	rc_text_add(&text, "hostname#:#%s\npassword#:#\n",
		    settings_text(call->request->web->context->settings, SETTING_NAME));
	cgi_text(call, rc_text_get(&text));
	rc_text_free(&text);
}
