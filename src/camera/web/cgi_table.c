/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every verb of facts/dafang-cfw-contract.md A.6 to A.9 that is not a switch (cgi_parts.c). */
#include "camera/web/cgi.h"

#define MOTORS   "recamd has no driver for motors"
#define AUDIO    "this version of recamd has no sound"
#define MOTION   "this version of recamd has no motion detection"
#define OSD      "this version of recamd writes nothing into the picture of a camera"
#define NIGHT    "this version of recamd has no automatic night mode"
#define MACHINE  "recamd does not restart, end or set up the machine that it runs on"
#define UPDATE   "recamd does not update itself: install a newer one"
#define FILES    "this version of recamd keeps no recordings"
#define SENDING  "this version of recamd sends nothing: no MQTT, mail, Telegram or Matrix"
#define NO_MJPEG "RTSP is H.264 only: MJPEG is at /stream.mjpg"
#define NO_START "recamd runs in the place of the camera's own program, and does not start it"
#define BACKUP   "the settings are one file, recamd.conf: copy it"

const struct cgi_verb cgi_verbs[] = {
	/* A.6 */
	{ CGI_ALONE, "/cgi-bin/audio_upload.cgi", USER_CONTROLS, true, NULL, AUDIO },
	{ CGI_ALONE, "/cgi-bin/dumpbootloader.cgi", USER_ADMINISTERS, false, NULL,
	  "recamd does not read the flash: \"recam backup\" does, from a PC" },
	{ CGI_ALONE, "/cgi-bin/ui_softnight.cgi", USER_SEES, false, NULL, NIGHT },

	/* A.7, action.cgi; A.8, api.cgi */
	{ CGI_ACTION | CGI_API, "showlog", USER_ADMINISTERS, false, cgi_show_log, NULL },
	{ CGI_ACTION, "clearlog", USER_ADMINISTERS, true, cgi_clear_log, NULL },
	{ CGI_ACTION | CGI_API | CGI_CONTROL, "reboot", USER_ADMINISTERS, true, NULL, MACHINE },
	{ CGI_ACTION | CGI_CONTROL, "shutdown", USER_ADMINISTERS, true, NULL, MACHINE },
	{ CGI_API, "poweroff", USER_ADMINISTERS, true, NULL, MACHINE },
	{ CGI_ACTION | CGI_API, "motor_left", USER_CONTROLS, true, NULL, MOTORS },
	{ CGI_ACTION | CGI_API, "motor_right", USER_CONTROLS, true, NULL, MOTORS },
	{ CGI_ACTION | CGI_API, "motor_up", USER_CONTROLS, true, NULL, MOTORS },
	{ CGI_ACTION | CGI_API, "motor_down", USER_CONTROLS, true, NULL, MOTORS },
	{ CGI_ACTION | CGI_API, "motor_calibrate", USER_CONTROLS, true, NULL, MOTORS },
	{ CGI_ACTION | CGI_API, "motor_vcalibrate", USER_CONTROLS, true, NULL, MOTORS },
	{ CGI_ACTION | CGI_API, "motor_hcalibrate", USER_CONTROLS, true, NULL, MOTORS },
	{ CGI_API, "motor_stop", USER_CONTROLS, true, NULL, MOTORS },
	{ CGI_ACTION, "motor_PTZ", USER_CONTROLS, true, NULL, MOTORS },
	{ CGI_LIVE, "motor", USER_CONTROLS, true, NULL, MOTORS },
	{ CGI_ACTION | CGI_API, "audio_test", USER_CONTROLS, true, NULL, AUDIO },
	{ CGI_API, "audio_record_start", USER_CONTROLS, true, NULL, AUDIO },
	{ CGI_API, "audio_record_stop", USER_CONTROLS, true, NULL, AUDIO },
	{ CGI_API, "h264_record_start", USER_CONTROLS, true, NULL, FILES },
	{ CGI_API, "h264_record_stop", USER_CONTROLS, true, NULL, FILES },
	{ CGI_ACTION | CGI_API, "h264_start", USER_CONTROLS, true, cgi_start_rtsp, NULL },
	{ CGI_ACTION, "h264_noseg_start", USER_CONTROLS, true, cgi_start_rtsp, NULL },
	{ CGI_ACTION | CGI_API, "mjpeg_start", USER_CONTROLS, true, NULL, NO_MJPEG },
	{ CGI_ACTION, "settz", USER_ADMINISTERS, true, cgi_change_settings, NULL },
	{ CGI_API, "set_hostname", USER_ADMINISTERS, true, cgi_set_hostname, NULL },
	{ CGI_API, "set_timezone", USER_ADMINISTERS, true, NULL, MACHINE },
	{ CGI_ACTION, "set_http_password", USER_SEES, true, cgi_set_password, NULL },
	{ CGI_ACTION, "osd", USER_ADMINISTERS, true, NULL, OSD },
	{ CGI_ACTION, "onDebug", USER_ADMINISTERS, true, NULL, OSD },
	{ CGI_ACTION, "offDebug", USER_ADMINISTERS, true, NULL, OSD },
	{ CGI_ACTION, "setldravg", USER_ADMINISTERS, true, NULL, NIGHT },
	{ CGI_ACTION, "autonight_sw", USER_ADMINISTERS, true, NULL, NIGHT },
	{ CGI_ACTION, "autonight_hw", USER_ADMINISTERS, true, NULL, NIGHT },
	{ CGI_ACTION, "get_sw_night_config", USER_SEES, false, NULL, NIGHT },
	{ CGI_ACTION, "save_sw_night_config", USER_ADMINISTERS, true, NULL, NIGHT },
	{ CGI_API, "check_light", USER_SEES, false, NULL,
	  "recamd has no driver for a light sensor" },
	{ CGI_ACTION, "snapshot", USER_SEES, false, cgi_picture, NULL },
	{ CGI_API, "get_snaphot", USER_SEES, false, cgi_snapshot, NULL },
	{ CGI_ACTION, "set_video_size", USER_ADMINISTERS, true, cgi_change_settings, NULL },
	{ CGI_ACTION, "set_region_of_interest", USER_ADMINISTERS, true, NULL, MOTION },
	{ CGI_ACTION, "conf_timelapse", USER_ADMINISTERS, true, NULL, FILES },
	{ CGI_ACTION, "conf_audioin", USER_ADMINISTERS, true, NULL, AUDIO },
	{ CGI_ACTION, "update", USER_ADMINISTERS, true, NULL, UPDATE },
	/* None is under way; and none is known of. */
	{ CGI_ACTION, "show_updateProgress", USER_SEES, false, cgi_say, "-1\n" },
	{ CGI_ACTION, "check_update", USER_SEES, false, cgi_say, "null:null:-1\n" },
	{ CGI_ACTION | CGI_LIVE, "show_HWmodel", USER_SEES, false, NULL,
	  "recamd does not know which camera it runs on" },
	{ CGI_API, "systeminfo", USER_SEES, false, cgi_system_info, NULL },
	{ CGI_API, "xiaomi_start", USER_ADMINISTERS, true, NULL, NO_START },
	{ CGI_API, "send_picture_mail", USER_CONTROLS, true, NULL, SENDING },

	/* A.9 */
	{ CGI_STATE, "all", USER_SEES, false, cgi_all_states, NULL },
	{ CGI_LIVE, "status_all", USER_SEES, false, cgi_all_states, NULL },
	{ CGI_STATE | CGI_LIVE, "hostname", USER_SEES, false, cgi_name, NULL },
	{ CGI_STATE | CGI_LIVE, "version", USER_SEES, false, cgi_version, NULL },
	{ CGI_STATE, "auto_night_detection_mode", USER_SEES, false, NULL, NIGHT },
	{ CGI_CAMERA, "get_config", USER_ADMINISTERS, false, cgi_camera_settings, NULL },
	{ CGI_CAMERA, "save_config", USER_ADMINISTERS, true, cgi_change_settings, NULL },
	{ CGI_CAMERA, "set_config_live", USER_ADMINISTERS, true, cgi_change_settings, NULL },
	{ CGI_MOTION, "get_config", USER_ADMINISTERS, false, NULL, MOTION },
	{ CGI_MOTION, "save_config", USER_ADMINISTERS, true, NULL, MOTION },
	{ CGI_NET, "get_config_mqtt", USER_ADMINISTERS, false, NULL, SENDING },
	{ CGI_NET, "get_config_mail", USER_ADMINISTERS, false, NULL, SENDING },
	{ CGI_NET, "get_config_telegram", USER_ADMINISTERS, false, NULL, SENDING },
	{ CGI_NET, "get_config_matrix", USER_ADMINISTERS, false, NULL, SENDING },
	{ CGI_NET, "save_config_mqtt", USER_ADMINISTERS, true, NULL, SENDING },
	{ CGI_NET, "save_config_mail", USER_ADMINISTERS, true, NULL, SENDING },
	{ CGI_NET, "save_config_telegram", USER_ADMINISTERS, true, NULL, SENDING },
	{ CGI_NET, "save_config_matrix", USER_ADMINISTERS, true, NULL, SENDING },
	{ CGI_SYSTEM, "get_config", USER_ADMINISTERS, false, cgi_system_settings, NULL },
	{ CGI_SYSTEM, "save_config", USER_ADMINISTERS, true, cgi_change_settings, NULL },
	{ CGI_CARD, "events", USER_SEES, false, NULL, FILES },
	{ CGI_CARD, "check_sdcard", USER_SEES, false, NULL, FILES },
	{ CGI_CARD, "getFiles", USER_SEES, false, NULL, FILES },
	{ CGI_CARD, "sdcardInfo", USER_SEES, false, NULL, FILES },
	{ CGI_CARD, "del_file", USER_ADMINISTERS, true, NULL, FILES },
	{ CGI_CONTROL, "get_services", USER_SEES, false, cgi_services, NULL },
	{ CGI_CONTROL, "services", USER_ADMINISTERS, true, cgi_one_service, NULL },
	{ CGI_CONTROL, "autoStartService", USER_ADMINISTERS, true, cgi_one_service, NULL },
	{ CGI_CONTROL, "getFiles", USER_ADMINISTERS, false, NULL, FILES },
	{ CGI_CONTROL, "del_config", USER_ADMINISTERS, true, NULL, BACKUP },
	{ CGI_CONTROL, "restore_config", USER_ADMINISTERS, true, NULL, BACKUP },
	{ CGI_CONTROL, "save_config", USER_ADMINISTERS, true, NULL, BACKUP },
	{ CGI_INFO, "get_config", USER_ADMINISTERS, false, NULL,
	  "recamd shows its own log only: /cgi-bin/action.cgi?cmd=showlog" },
	{ CGI_INFO, "get_info", USER_ADMINISTERS, false, NULL,
	  "recamd shows its own log only: /cgi-bin/action.cgi?cmd=showlog" },
	{ 0 },
};
