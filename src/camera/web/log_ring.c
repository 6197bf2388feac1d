/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/web/log_ring.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "camera/web/parameters.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char lines[LOG_RING_LINES][LOG_RING_LINE];
static size_t first, count;

/* Of a whole line: once it is cut, a password in it could not be told from other words. */
static void take_line(const char *line)
{
	char when[24], whole[2048];
	time_t now = time(NULL);
	struct tm tm;

	snprintf(whole, sizeof(whole), "%s", line);
	hide_credentials(whole);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", localtime_r(&now, &tm));
	pthread_mutex_lock(&lock);
	snprintf(lines[(first + count) % LOG_RING_LINES], LOG_RING_LINE, "%s %.*s", when,
		 (int)(LOG_RING_LINE - 2 - strlen(when)), whole);
	if (count < LOG_RING_LINES)
		count++;
	else
		first = (first + 1) % LOG_RING_LINES;
	pthread_mutex_unlock(&lock);
}

void log_ring_open(void)
{
	log_ring_clear();
	rc_log_set_listener(take_line);
}

void log_ring_close(void)
{
	rc_log_set_listener(NULL);
	log_ring_clear();
}

void log_ring_text(struct rc_text *out)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < count; i++)
		rc_text_add(out, "%s\n", lines[(first + i) % LOG_RING_LINES]);
	pthread_mutex_unlock(&lock);
}

void log_ring_clear(void)
{
	pthread_mutex_lock(&lock);
	first = count = 0;
	pthread_mutex_unlock(&lock);
}
