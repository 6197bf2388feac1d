/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine and the log. */
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "camera/web/cgi.h"
#include "config.h"

void cgi_say(const struct cgi_call *call)
{
	cgi_text(call, call->verb->text);
}

void cgi_version(const struct cgi_call *call)
{
	cgi_text(call, "recamd " RECAM_VERSION "\n");
}

void cgi_name(const struct cgi_call *call)
{
	char line[80];

	snprintf(line, sizeof(line), "%s\n",
		 settings_text(call->request->web->context->settings, SETTING_NAME));
	cgi_text(call, line);
}

/* --- the log: recamd's own --- */

/* A.7: "" and 1 are all logs, 4 the video's; the rest are files that recamd does not have. */
static bool is_our_log(const struct cgi_call *call)
{
	char name[8] = "";

	cgi_parameter(call, "logname", name, sizeof(name));
	if (!*name || strcmp(name, "1") == 0 || strcmp(name, "4") == 0)
		return true;
	cgi_fail(call, 501, "recamd shows its own log only: logname is empty, 1 or 4");
	return false;
}

void cgi_show_log(const struct cgi_call *call)
{
	struct rc_text plain = { 0 }, html = { 0 };
	char raw[4] = "";

	if (!is_our_log(call))
		return;
	log_ring_text(&plain);
	cgi_parameter(call, "raw", raw, sizeof(raw));
	if (strcmp(raw, "1") == 0) {
		answer_bytes(call->request, 200, "text/plain; charset=utf-8",
			     (struct rc_span){ (const uint8_t *)rc_text_get(&plain), plain.size },
			     NULL);
	} else {
		rc_text_add(&html, "<h1>Log of recamd</h1>\n<pre>\n");
		cgi_add_html(&html, rc_text_get(&plain));
		rc_text_add(&html, "</pre>\n");
		answer_bytes(call->request, 200, "text/html; charset=utf-8",
			     (struct rc_span){ (const uint8_t *)rc_text_get(&html), html.size },
			     NULL);
	}
	rc_text_free(&html);
	rc_text_free(&plain);
}

void cgi_clear_log(const struct cgi_call *call)
{
	if (!is_our_log(call))
		return;
	log_ring_clear();
	cgi_done(call, "the log is empty");
}

/* --- api.cgi?action=systeminfo --- */

/* KiB of "Name:   123 kB" in /proc/meminfo. */
static json_int_t memory_line(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoll(at + strlen(name), NULL, 10) : 0;
}

static json_t *memory_json(void)
{
	char text[4096] = "";
	FILE *file = fopen("/proc/meminfo", "re");
	size_t size = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	if (file)
		fclose(file);
	text[size] = '\0';
	return json_pack("{s:I, s:I, s:I, s:I, s:{s:I, s:I}}", "total",
			 memory_line(text, "MemTotal:"), "free", memory_line(text, "MemFree:"),
			 "buffers", memory_line(text, "Buffers:"), "cached",
			 memory_line(text, "\nCached:"), "swap", "total",
			 memory_line(text, "SwapTotal:"), "free", memory_line(text, "SwapFree:"));
}

/* The first interface that is up and leaves this machine. */
struct interface {
	char name[IF_NAMESIZE], mac[18], ip[INET_ADDRSTRLEN];
	uint64_t received, sent; /* bytes */
};

static void read_interface(struct interface *out)
{
	struct ifaddrs *all = NULL;

	memset(out, 0, sizeof(*out));
	if (getifaddrs(&all))
		return;
	for (const struct ifaddrs *at = all; at; at = at->ifa_next) {
		bool known = *out->name && strcmp(out->name, at->ifa_name) == 0;

		if (!at->ifa_addr || (at->ifa_flags & IFF_LOOPBACK) || !(at->ifa_flags & IFF_UP))
			continue;
		if (at->ifa_addr->sa_family == AF_PACKET && !*out->name) {
			const struct sockaddr_ll *link = (const void *)at->ifa_addr;
			const struct rtnl_link_stats *stats = at->ifa_data;
			const uint8_t *mac = link->sll_addr;

			snprintf(out->name, sizeof(out->name), "%s", at->ifa_name);
			snprintf(out->mac, sizeof(out->mac), "%02X:%02X:%02X:%02X:%02X:%02X",
				 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
			out->received = stats ? stats->rx_bytes : 0;
			out->sent = stats ? stats->tx_bytes : 0;
		} else if (at->ifa_addr->sa_family == AF_INET && known && !*out->ip) {
			const struct sockaddr_in *address = (const void *)at->ifa_addr;

			inet_ntop(AF_INET, &address->sin_addr, out->ip, sizeof(out->ip));
		}
	}
	freeifaddrs(all);
}

/* Of the wireless network recamd knows nothing yet: null. */
static json_t *network_json(void)
{
	struct interface interface;

	read_interface(&interface);
	return json_pack("{s:s, s:{s:n, s:n, s:s, s:n, s:n, s:I, s:I, s:n}}", "mac", interface.mac,
			 "router", "name", "mac", "ip", interface.ip, "channel", "freq", "rx",
			 (json_int_t)interface.received, "tx", (json_int_t)interface.sent,
			 "signal");
}

static json_t *disk_json(void)
{
	struct statvfs disk = { 0 };
	json_int_t unit;

	statvfs("/", &disk);
	unit = (json_int_t)disk.f_frsize / 1024;
	return json_pack("{s:I, s:I, s:I}", "total", (json_int_t)disk.f_blocks * unit, "used",
			 (json_int_t)(disk.f_blocks - disk.f_bfree) * unit, "free",
			 (json_int_t)disk.f_bavail * unit);
}

void cgi_system_info(const struct cgi_call *call)
{
	const struct settings *settings = call->request->web->context->settings;
	struct timespec up = { 0 };
	struct utsname system = { 0 };
	time_t now = time(NULL);
	char date[16], clock[16];
	double load = 0;
	struct tm tm;

	uname(&system);
	clock_gettime(CLOCK_BOOTTIME, &up);
	getloadavg(&load, 1);
	localtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	answer_json(call->request, 200,
		    json_pack("{s:i, s:s, s:s, s:{s:s, s:s, s:I, s:f, s:{s:s, s:s}, s:o, s:o, s:o, "
			      "s:n}}",
			      "code", 123, "status", "info", "description", "System information",
			      "system", "hostname", settings_text(settings, SETTING_NAME), "kernel",
			      system.release, "uptime", (json_int_t)up.tv_sec, "cpu_avg", load,
			      "datetime", "date", date, "time", clock, "network", network_json(),
			      "disk_space", disk_json(), "memory", memory_json(), "motor"),
		    NULL);
}
