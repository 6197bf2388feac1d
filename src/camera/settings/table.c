/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "camera/settings/settings.h"

/* What a source may begin with: contracts/recamd.md. */
static const char *wrong_source(const char *value)
{
	static const char *const words[] = { "test:", "file:", "pipe:", "exec:" };

	for (size_t i = 0; i < RC_COUNT(words); i++)
		if (strncmp(value, words[i], strlen(words[i])) == 0)
			return NULL;
	return "test:, test:WIDTHxHEIGHT@FPS, file:PATH, pipe:PATH or exec:COMMAND";
}

static const char *wrong_still(const char *value)
{
	return !*value || strncmp(value, "exec:", 5) == 0 ? NULL : "exec:COMMAND, or nothing";
}

static bool take_number(const char **text, unsigned max)
{
	unsigned value = 0;
	size_t digits = 0;

	for (; **text >= '0' && **text <= '9' && digits < 5; (*text)++, digits++)
		value = value * 10 + (unsigned)(**text - '0');
	return digits > 0 && value > 0 && value <= max;
}

/* "640x360", or "off" */
static const char *wrong_sub_size(const char *value)
{
	if (strcmp(value, "off") == 0)
		return NULL;
	if (take_number(&value, 4096) && *value++ == 'x' && take_number(&value, 4096) && !*value)
		return NULL;
	return "WIDTHxHEIGHT, such as 640x360, or off";
}

static const struct setting_form source_forms[] = {
	{ "test:1280x720@25", "a moving test picture with a clock" },
	{ "file:PATH", "an H.264 (Annex B) or MP4 file, in real time, again and again" },
	{ "pipe:PATH", "an H.264 stream from a named pipe" },
	{ "exec:COMMAND", "an H.264 stream from a program's standard output" },
	{ 0 },
};

static const struct setting table[SETTING_COUNT] = {
	[SETTING_NAME] = {
		"camera", "name", SETTING_TEXT, 1, 63, "", "recamd", "Name",
		"What the camera calls itself: in players, on its page, in its certificate.",
		NULL, true, NULL,
	},
	[SETTING_SOURCE] = {
		"video", "source", SETTING_TEXT, 1, 180, "", "test:1280x720@25", "Source",
		"Where the picture comes from. The words of a command are parted by blanks,\n"
		"and no shell sees them; when it ends, it is started again.",
		source_forms, false, wrong_source,
	},
	[SETTING_STILL] = {
		"video", "still", SETTING_TEXT, 0, 180, "", "", "Still picture",
		"For sources that are H.264 already: a program that writes one JPEG to its\n"
		"standard output, as exec:COMMAND. Without it such a source has no snapshots.",
		NULL, false, wrong_still,
	},
	[SETTING_BITRATE] = {
		"video", "bitrate", SETTING_NUMBER, 64, 20000, "kbit/s", "2000", "Bit rate",
		"Of the main stream, where it is encoded here.",
		NULL, false, NULL,
	},
	[SETTING_KEY_INTERVAL] = {
		"video", "key_interval", SETTING_NUMBER, 1, 10, "s", "2", "Key frame interval",
		"A player that joins waits at most this long for its first picture; more key\n"
		"frames cost quality at the same bit rate.",
		NULL, false, NULL,
	},
	[SETTING_SUB_SIZE] = {
		"video", "sub_size", SETTING_TEXT, 2, 9, "", "640x360", "Sub-stream size",
		"The second, smaller stream, where the main one is encoded here. off: none.",
		NULL, false, wrong_sub_size,
	},
	[SETTING_SUB_BITRATE] = {
		"video", "sub_bitrate", SETTING_NUMBER, 64, 20000, "kbit/s", "400",
		"Sub-stream bit rate", "Of the second stream.", NULL, false, NULL,
	},
	[SETTING_RTSP_PORT] = {
		"rtsp", "port", SETTING_NUMBER, 0, 65535, "", "8554", "RTSP port",
		"rtsp://CAMERA:8554/unicast, /main and /sub. 0: no RTSP.", NULL, true, NULL,
	},
	[SETTING_RTSPS_PORT] = {
		"rtsp", "tls_port", SETTING_NUMBER, 0, 65535, "", "8555", "RTSPS port",
		"The same inside TLS: rtsps://CAMERA:8555/main. 0: no RTSPS.", NULL, true, NULL,
	},
	[SETTING_RTSP_CLIENTS] = {
		"rtsp", "clients", SETTING_NUMBER, 1, 2000, "", "600", "Most RTSP clients",
		"One more is told that the camera is busy.", NULL, true, NULL,
	},
	[SETTING_HTTPS_PORT] = {
		"http", "tls_port", SETTING_NUMBER, 1, 65535, "", "8443", "HTTPS port",
		"The page, pictures and the API. Below 1024 only root may listen.", NULL, true, NULL,
	},
	[SETTING_HTTP_PORT] = {
		"http", "port", SETTING_NUMBER, 0, 65535, "", "8080", "HTTP port",
		"Sends everybody on to HTTPS, and does nothing else. 0: none.", NULL, true, NULL,
	},
};

const struct setting *setting_of(enum setting_id id)
{
	return &table[id];
}

enum setting_id setting_find(const char *section, const char *key)
{
	unsigned id = 0;

	while (id < SETTING_COUNT &&
	       (strcmp(table[id].section, section) != 0 || strcmp(table[id].key, key) != 0))
		id++;
	return (enum setting_id)id;
}
