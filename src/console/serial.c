/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serial devices and pseudo-terminals, through termios2: the one interface that
 * takes any baud rate. It cannot be used in one file together with <termios.h>.
 */
#include "console/port.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

struct serial_stream {
	struct fd_stream fd; /* first: a serial stream is an fd stream */
	struct termios2 before;
};

/* "; there are /dev/ttyUSB0, /dev/ttyACM0", or that there are none. */
static void list_devices(struct rc_text *text)
{
	static const char *const patterns[] = { "/dev/serial/by-id/*", "/dev/ttyUSB*",
						"/dev/ttyACM*", "/dev/ttyAMA*" };
	glob_t found = { 0 };

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		glob(patterns[i], i ? GLOB_APPEND : 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc && i < 6; i++)
		rc_text_add(text, "%s%s", i ? ", " : "there are ", found.gl_pathv[i]);
	if (found.gl_pathc == 0)
		rc_text_add(text, "there is no USB serial adapter on this machine: plug it in "
				  "(dmesg shows its name)");
	globfree(&found);
}

static int fail_open(const char *path, int errnum, struct rc_error *err)
{
	struct rc_text devices = { 0 };
	int result;

	switch (errnum) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		list_devices(&devices);
		result = rc_fail(err, RC_ENOTFOUND, "there is no serial device %s; %s", path,
				 rc_text_get(&devices));
		rc_text_free(&devices);
		return result;
	case EACCES:
	case EPERM:
		return rc_fail(err, RC_EIO,
			       "you may not open %s: join the group that owns it (sudo usermod -aG "
			       "dialout $USER, then log in again)",
			       path);
	case EBUSY:
	case EWOULDBLOCK:
		return rc_fail(err, RC_EIO,
			       "%s is in use by another program: close it (fuser -v %s names it)",
			       path, path);
	default:
		return rc_fail_errno(err, RC_EIO, errnum, "cannot open %s", path);
	}
}

/* Raw 8N1 at this speed, no flow control, modem lines ignored. HUPCL goes, so that
 * closing does not drop DTR: on some boards it is wired to power or reset. */
static void make_raw(struct termios2 *settings, unsigned baud)
{
	settings->c_iflag = IGNBRK;
	settings->c_oflag = 0;
	settings->c_lflag = 0;
	settings->c_cflag = CS8 | CREAD | CLOCAL | BOTHER | BOTHER << IBSHIFT;
	settings->c_ispeed = baud;
	settings->c_ospeed = baud;
	settings->c_cc[VMIN] = 1;
	settings->c_cc[VTIME] = 0;
}

static void serial_close(struct stream *stream)
{
	struct serial_stream *serial = (struct serial_stream *)stream;

	serial->before.c_cflag &= ~(tcflag_t)HUPCL;
	ioctl(serial->fd.fd, TCSETS2, &serial->before);
	ioctl(serial->fd.fd, TIOCNXCL);
	fd_close(stream);
}

/* TCSETSW2 waits until what was written is sent. */
static int set_speed(int fd, const char *path, unsigned baud, struct rc_error *err)
{
	struct termios2 before, settings;

	if (ioctl(fd, TCGETS2, &before))
		return rc_fail_errno(err, RC_EIO, errno, "cannot ask %s for its settings", path);
	settings = before;
	make_raw(&settings, baud);
	if (ioctl(fd, TCSETSW2, &settings))
		return rc_fail_errno(err, RC_EUNSUPPORTED, errno, "%s does not take %u baud", path,
				     baud);
	if (ioctl(fd, TCGETS2, &settings) == 0 &&
	    (settings.c_ospeed > baud + baud / 40 || settings.c_ospeed < baud - baud / 40)) {
		ioctl(fd, TCSETS2, &before);
		return rc_fail(err, RC_EUNSUPPORTED,
			       "the adapter behind %s makes %u baud of the %u asked for, too far "
			       "off to be understood: take another speed or adapter",
			       path, settings.c_ospeed, baud);
	}
	return 0;
}

static int serial_set_baud(struct stream *stream, unsigned baud, struct rc_error *err)
{
	return set_speed(((struct serial_stream *)stream)->fd.fd, stream->name, baud, err);
}

static const struct stream_ops serial_ops = {
	.read = fd_read,
	.write = fd_write,
	.now_ms = fd_now_ms,
	.close = serial_close,
	.set_baud = serial_set_baud,
};

static int claim(int fd, const char *path, unsigned baud, struct termios2 *before,
		 struct rc_error *err)
{
	int result;

	if (ioctl(fd, TCGETS2, before))
		return rc_fail(err, RC_EUSAGE,
			       "%s is no serial device: name one such as /dev/ttyUSB0, or "
			       "tcp:HOST:PORT, or unix:PATH",
			       path);
	/* TIOCEXCL keeps others out from now on (not root); the lock tells of those
	 * that hold the port already, as far as they lock it (picocom and this do). */
	if (flock(fd, LOCK_EX | LOCK_NB))
		return fail_open(path, errno, err);
	ioctl(fd, TIOCEXCL);
	result = set_speed(fd, path, baud, err);
	if (result == 0)
		ioctl(fd, TCFLSH, TCIFLUSH);
	return result;
}

int serial_open(const char *name, const char *path, unsigned baud, struct stream **stream,
		struct rc_error *err)
{
	struct serial_stream *serial;
	struct termios2 before;
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int result;

	if (fd < 0 && errno == EISDIR)
		return rc_fail(err, RC_EUSAGE, "%s is a folder, no serial device", path);
	if (fd < 0)
		return fail_open(path, errno, err);
	result = claim(fd, path, baud, &before, err);
	if (result) {
		close(fd);
		return result;
	}
	result = fd_stream_new(fd, name, sizeof(*serial), stream, err);
	if (result)
		return result;
	serial = (struct serial_stream *)*stream;
	serial->before = before;
	serial->fd.base.ops = &serial_ops;
	serial->fd.base.baud = baud;
	return 0;
}
