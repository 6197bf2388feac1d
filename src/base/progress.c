/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

#define REDRAW_SECONDS    0.1
#define ETA_AFTER_SECONDS 1.0
#define BAR_CELLS         24

static bool line_is_drawn;

double rc_clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void rc_progress_clear_line(void)
{
	if (!line_is_drawn)
		return;
	fputs("\r\033[K", stderr);
	line_is_drawn = false;
}

static void draw(struct rc_progress *progress, double now)
{
	double part = progress->total ? (double)progress->done / (double)progress->total : 1;
	double spent = now - progress->started;
	int cells = (int)(part * BAR_CELLS + 0.5);
	char eta[RC_DURATION_TEXT];

	fprintf(stderr, "\r%-12s [", progress->label);
	for (int i = 0; i < BAR_CELLS; i++)
		fputc(i < cells ? '#' : '.', stderr);
	fprintf(stderr, "] %3.0f %%", part * 100);
	if (spent >= ETA_AFTER_SECONDS && part > 0 && part < 1)
		fprintf(stderr, "  %s left", rc_duration_text(eta, spent / part * (1 - part)));
	fputs("\033[K", stderr);
	fflush(stderr);
	line_is_drawn = true;
	progress->drawn = now;
}

void rc_progress_start(struct rc_progress *progress, const char *label, uint64_t total)
{
	*progress = (struct rc_progress){
		.label = label,
		.total = total,
		.started = rc_clock_seconds(),
		.visible = rc_log_level() >= RC_LOG_NORMAL && isatty(STDERR_FILENO),
	};
}

void rc_progress_update(struct rc_progress *progress, uint64_t done)
{
	double now;

	progress->done = done < progress->total ? done : progress->total;
	if (!progress->visible)
		return;
	now = rc_clock_seconds();
	if (now - progress->drawn >= REDRAW_SECONDS)
		draw(progress, now);
}

void rc_progress_finish(struct rc_progress *progress)
{
	if (progress->visible)
		rc_progress_clear_line();
	progress->visible = false;
}
