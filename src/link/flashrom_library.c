/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/flashrom_library.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/log.h"

/* A chip of 1.3's list that is probed by an old command (RES), before which libflashrom
 * reads the id from the chip each time to see whether a better one would do (spi25.c,
 * probe_spi_res1). The probe by id reads it only once in the life of a process. */
#define READS_THE_ID "M25P05"

/* libflashrom's log callback has no argument for its user. */
static struct {
	struct flashrom_library *library; /* who hears */
	char line[512];
	size_t length;
	bool error;
	/* A serprog on a socket may go; libflashrom writes to it with write(2). */
	struct sigaction pipe_action;
} hearing;

static void end_line(void)
{
	hearing.line[hearing.length] = '\0';
	flashrom_log_line(&hearing.library->log, hearing.error, hearing.line);
	if (hearing.error && hearing.length)
		rc_log_detail("flashrom: %s", hearing.line);
	hearing.length = 0;
	hearing.error = false;
}

/* Lines come in pieces. Bytes that are moved are logged too, at the highest level and with
 * one call each: those are dropped before they are formatted. */
static int __attribute__((format(printf, 2, 0)))
hear(enum flashrom_log_level level, const char *format, va_list args)
{
	char piece[512];
	int length;

	if (!hearing.library)
		return 0;
	if (level >= FLASHROM_MSG_SPEW && !strstr(format, "RDID") && hearing.length == 0)
		return 0;
	length = vsnprintf(piece, sizeof(piece), format, args);
	hearing.error |= level == FLASHROM_MSG_ERROR;
	for (const char *at = piece; *at; at++) {
		if (*at == '\n')
			end_line();
		else if (hearing.length + 1 < sizeof(hearing.line))
			hearing.line[hearing.length++] = *at;
	}
	return length;
}

static void start_hearing(struct flashrom_library *library)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	flashrom_log_clear(&library->log);
	hearing.library = library;
	hearing.length = 0;
	sigaction(SIGPIPE, &ignore, &hearing.pipe_action);
	flashrom_set_log_callback(hear);
}

static void stop_hearing(void)
{
	sigaction(SIGPIPE, &hearing.pipe_action, NULL);
	hearing.library = NULL;
}

/* The programmers that people have, where libflashrom does not list its own. */
#define COMMON_PROGRAMMERS \
	"ch341a_spi, ft2232_spi, serprog, buspirate_spi, dediprog, linux_spi, dummy"

static int fail_unknown_programmer(const struct flashrom_library *library,
				   const struct flashrom_spec *spec, struct rc_error *err)
{
	return rc_fail(err, RC_ENOTFOUND,
		       "libflashrom has no programmer \"%s\"; this build has: %.500s",
		       spec->programmer,
		       library->log.choices[0] ? library->log.choices : COMMON_PROGRAMMERS);
}

/* What to do about a programmer that is known and does not answer. */
static const char *programmer_advice(const char *programmer)
{
	static const struct {
		const char *name, *advice;
	} advices[] = {
		{ "ch341a_spi",
		  "is it plugged in (lsusb shows 1a86:5512; with 1a86:5523 its jumper is on the "
		  "serial side), and may you use it: run once as root to see, then put "
		  "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"1a86\", ATTR{idProduct}==\"5512\", "
		  "TAG+=\"uaccess\" into /etc/udev/rules.d/60-ch341a.rules and plug it in anew" },
		{ "serprog", "write flashrom:serprog:ip=HOST:PORT or "
			     "flashrom:serprog:dev=/dev/ttyACM0:115200, "
			     "and see that the programmer is there and nobody else has it open" },
		{ "linux_spi",
		  "write flashrom:linux_spi:dev=/dev/spidevX.Y,spispeed=1000, see that SPI is "
		  "switched on and that you may open the device (group spi)" },
		{ "dummy", "write flashrom:dummy:bus=spi,emulate=W25Q128FV,image=FILE" },
		{ "internal",
		  "that is this PC's own mainboard flash, and no camera's: name your programmer" },
	};

	for (size_t i = 0; i < RC_COUNT(advices); i++)
		if (strcmp(advices[i].name, programmer) == 0)
			return advices[i].advice;
	return "is it plugged in, is its name right, and may you use it: run once as root to see, "
	       "and "
	       "if that works, put a rule for it into /etc/udev/rules.d (flashrom's "
	       "60-flashrom.rules has them) and plug it in anew";
}

int flashrom_library_open(struct flashrom_library *library, const struct flashrom_spec *spec,
			  struct rc_error *err)
{
	int status;

	if (hearing.library)
		return rc_fail(err, RC_EREFUSED,
			       "libflashrom can hold one programmer at a time, and has one: close "
			       "the other flashrom: link first");
	*library = (struct flashrom_library){ 0 };
	start_hearing(library);
	status = flashrom_init(0);
	if (status == 0)
		status = flashrom_programmer_init(&library->programmer, spec->programmer,
						  spec->parameters[0] ? spec->parameters : NULL);
	if (status == 0)
		return 0;
	if (hearing.length)
		end_line();
	stop_hearing();
	if (library->log.choices[0] || library->log.in_choices)
		return fail_unknown_programmer(library, spec, err);
	return rc_fail(err, RC_EIO, "the programmer %s does not start (%s): %s", spec->programmer,
		       library->log.first_error[0] ? library->log.first_error
						   : "libflashrom does not say why",
		       programmer_advice(spec->programmer));
}

void flashrom_library_close(struct flashrom_library *library)
{
	if (hearing.library != library || library->lost)
		return;
	flashrom_programmer_shutdown(library->programmer);
	flashrom_shutdown();
	stop_hearing();
}

/* libflashrom does one thing at a time. */
static struct {
	pthread_mutex_t mutex;
	pthread_cond_t ended;
	int (*act)(void *context);
	void *context;
	int status;
	bool done;
} job = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void *run_job(void *unused)
{
	int status = job.act(job.context);

	(void)unused;
	pthread_mutex_lock(&job.mutex);
	job.status = status;
	job.done = true;
	pthread_cond_signal(&job.ended);
	pthread_mutex_unlock(&job.mutex);
	return NULL;
}

static struct timespec time_from_now(unsigned milliseconds)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += milliseconds / 1000;
	end.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_nsec -= 1000000000;
		end.tv_sec++;
	}
	return end;
}

static bool wait_for_job(unsigned milliseconds)
{
	const struct timespec end = time_from_now(milliseconds);
	int waited = 0;
	bool done;

	pthread_mutex_lock(&job.mutex);
	while (!job.done && waited == 0)
		waited = pthread_cond_timedwait(&job.ended, &job.mutex, &end);
	done = job.done;
	pthread_mutex_unlock(&job.mutex);
	return done;
}

bool flashrom_library_run(struct flashrom_library *library, int (*act)(void *context),
			  void *context, unsigned milliseconds, int *status)
{
	pthread_condattr_t clock;
	pthread_t thread;

	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&job.ended, &clock);
	pthread_condattr_destroy(&clock);
	job.act = act;
	job.context = context;
	job.done = false;
	*status = 1;
	if (pthread_create(&thread, NULL, run_job, NULL)) {
		*status = act(context); /* without a guard rather than not at all */
		return true;
	}
	if (!wait_for_job(milliseconds)) {
		pthread_detach(thread);
		library->lost = true;
		return false;
	}
	pthread_join(thread, NULL);
	pthread_cond_destroy(&job.ended);
	*status = job.status;
	return true;
}

bool flashrom_library_read_id(struct flashrom_library *library, uint32_t *id)
{
	struct flashrom_flashctx *context = NULL;
	uint64_t before = library->log.id_reads;

	if (flashrom_flash_probe(&context, library->programmer, READS_THE_ID) == 0)
		flashrom_flash_release(context);
	*id = library->log.id;
	return library->log.id_reads > before;
}

bool flashrom_is_no_id(uint32_t id)
{
	return id == 0 || id == 0xffffff;
}
