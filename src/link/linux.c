/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flash behind a root shell of the camera's Linux: /dev/mtdN to read and to sum,
 * /dev/mtdblockN to write.
 *
 * The camera's gzip is what makes this cheap and provable: its last 8 bytes are the
 * CRC-32 and the size of what it took in, so any range can be summed without moving it.
 * mtdblock erases and programs whole erase blocks by itself, which keeps the unit of
 * writing at 64 KiB where flash_eraseall would take whole partitions.
 */
#include "console/shell.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/checksum.h"
#include "flash/layout.h"
#include "format/decompress.h"
#include "link/kinds.h"

#define PATIENCE_MS 120000u
#define TRIES       4
/* Silence in an answer: mtdblock erases and programs 1 MiB in 10 s, as chips age in 30. */
#define ANSWER_MS 10000u
#define WRITE_MS  90000u
/* A read that fails as a whole is read in pieces of this size, so that what the camera
 * prints in between costs only one of them. */
#define PIECE 0x1000u
/* No text of /proc that is asked for is longer. */
#define MAX_TEXT RC_KIB(64)
/* What /tmp is asked to hold at once. */
#define STAGE_SIZE RC_MIB(1)
/* Bytes on the wire for one of the flash that gzip makes no smaller: as it is read, and as
 * lines for printf. */
#define READ_FACTOR  1.01
#define WRITE_FACTOR 2.6

struct linux_link {
	struct link link;
	struct stream *stream; /* owned */
	struct shell shell;
	struct link_options options;
	struct shell_mtd mtd;
	char mounted[SHELL_MAX_MTD][SHELL_PATH];
	int root;                         /* number of the partition that / is on, or -1 */
	int printk;                       /* the kernel's loglevel as found, or -1 */
	uint32_t staged_crc, staged_size; /* what /tmp/recam holds; size 0: nothing */
	uint32_t placed_at, placed_size;  /* where an erase has put it already */
	bool temporary;                   /* /tmp/recam* are there */
};

/* A part of a range that lies in one partition. */
struct place {
	unsigned mtd;
	uint32_t inside; /* offset in it */
	size_t size;
	uint32_t unit; /* the largest block of dd that fits */
};

static struct linux_link *linux_link_of(struct link *link)
{
	return (struct linux_link *)link;
}

static int counted(struct linux_link *self, int result)
{
	self->link.wire_in = self->stream->bytes_in;
	self->link.wire_out = self->stream->bytes_out;
	self->link.wire_turns = self->stream->turns;
	return result;
}

static struct place place_of(const struct linux_link *self, uint32_t offset, size_t size)
{
	const struct shell_mtd *mtd = &self->mtd;
	struct place place = { .unit = RC_ERASE_BLOCK };
	uint32_t left;

	while (offset - mtd->parts[place.mtd].offset >= mtd->parts[place.mtd].size)
		place.mtd++;
	place.inside = offset - mtd->parts[place.mtd].offset;
	left = mtd->parts[place.mtd].size - place.inside;
	place.size = size < left ? size : left;
	while ((place.inside | place.size) % place.unit)
		place.unit /= 2;
	return place;
}

static bool read_secret(int terminal, char *out, size_t size)
{
	struct termios before, quiet;
	ssize_t got;

	if (tcgetattr(terminal, &before))
		return false;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(terminal, TCSAFLUSH, &quiet);
	got = read(terminal, out, size - 1);
	tcsetattr(terminal, TCSAFLUSH, &before);
	if (got <= 0 || write(terminal, "\n", 1) != 1)
		return false;
	out[got] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return true;
}

static int ask_password(const char *login, char *out, size_t size, struct rc_error *err)
{
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	bool got = false;

	if (terminal >= 0 && isatty(terminal) &&
	    dprintf(terminal, "%s password of root: ", login) > 0)
		got = read_secret(terminal, out, size);
	if (terminal >= 0)
		close(terminal);
	if (got)
		return 0;
	return rc_fail(err, RC_ENOTFOUND,
		       "the camera (%s) asks for the password of root, and there is no terminal to "
		       "ask for it: set RECAM_PASSWORD",
		       login);
}

static int find_password(void *context, const char *login, unsigned try, char *out, size_t size,
			 struct rc_error *err)
{
	const char *given = getenv("RECAM_PASSWORD");

	(void)context;
	if (!given)
		return ask_password(login, out, size, err);
	if (try > 0)
		return RC_ENOTFOUND;
	if (strlen(given) >= size || strpbrk(given, "\r\n"))
		return rc_fail(err, RC_EUSAGE,
			       "RECAM_PASSWORD is longer than %zu bytes, or more than one line",
			       size - 1);
	memcpy(out, given, strlen(given) + 1);
	return 0;
}

static int fail_unclear(const struct linux_link *self, const char *command, struct rc_error *err)
{
	return rc_fail(
		err, RC_EIO,
		"the answer of the shell on %s to \"%s\" did not come whole in %d tries: a bad "
		"line, or one of the camera's programs prints on it (end that, or take another "
		"way to a shell), or it lacks dd, gzip or tail",
		self->stream->name, command, TRIES);
}

/* A command that may be repeated, and whose answer does not matter. */
static int run(struct linux_link *self, const char *command, unsigned limit_ms,
	       struct rc_error *err)
{
	struct rc_span answer;
	int result = RC_EFORMAT;

	for (int try = 0; try < TRIES && result == RC_EFORMAT; try++)
		result = shell_command(&self->shell, command, limit_ms, &answer, err);
	return result == RC_EFORMAT ? fail_unclear(self, command, err) : result;
}

/* What a command that ends in gzip gives, proven by gzip's CRC-32. RC_EFORMAT where it did
 * not come whole. */
static int take_once(struct linux_link *self, const char *command, size_t limit,
		     struct rc_buffer *out, struct rc_error *err)
{
	struct rc_buffer packed = { 0 };
	struct rc_span answer;
	int result = shell_command(&self->shell, command, ANSWER_MS, &answer, err);

	out->size = 0;
	if (result == 0 && !shell_parse_gzip(answer, &packed))
		result = packed.failed ? rc_fail_memory(err, answer.size)
				       : rc_fail(err, RC_EFORMAT, "\"%s\" gave no gzip", command);
	if (result == 0)
		result = decompress(COMPRESSION_GZIP, (struct rc_span){ packed.data, packed.size },
				    limit, out, err);
	rc_buffer_free(&packed);
	return result == RC_ERANGE ? RC_EFORMAT : result;
}

static int ask(struct linux_link *self, const char *command,
	       bool (*parse)(struct linux_link *self, struct rc_span text), struct rc_error *err)
{
	struct rc_buffer text = { 0 };
	int result = RC_EFORMAT;

	for (int try = 0; try < TRIES && result == RC_EFORMAT; try++) {
		result = take_once(self, command, MAX_TEXT, &text, err);
		if (result == 0 && !parse(self, (struct rc_span){ text.data, text.size }))
			result = RC_EFORMAT;
	}
	rc_buffer_free(&text);
	return result == RC_EFORMAT ? fail_unclear(self, command, err) : result;
}

static bool take_printk(struct linux_link *self, struct rc_span answer)
{
	if (answer.size == 0 || answer.data[0] < '0' || answer.data[0] > '8')
		return false;
	self->printk = answer.data[0] - '0';
	return true;
}

/* Only what ends everything is still printed. */
static int quieten(struct linux_link *self, struct rc_error *err)
{
	int result = ask(self, "gzip -c </proc/sys/kernel/printk", take_printk, err);

	return result ? result : run(self, "echo 1 >/proc/sys/kernel/printk", ANSWER_MS, err);
}

static bool take_mtd(struct linux_link *self, struct rc_span answer)
{
	return shell_parse_mtd(answer, &self->mtd);
}

static bool take_id(struct linux_link *self, struct rc_span answer)
{
	self->link.info.jedec = shell_parse_flash_id(answer);
	return true;
}

static bool take_root(struct linux_link *self, struct rc_span answer)
{
	static const char key[] = "console=";

	self->root = shell_parse_root(answer);
	return self->root >= 0 || rc_find(answer, key, sizeof(key) - 1);
}

/* rd MTD UNIT FROM COUNT: bytes of the flash; dd's own words are of no use, nor a shell's
 * on how it ended. rs: the CRC-32 and size of its input. ru: lines from the terminal made
 * bytes, ra AT: those behind what /tmp/recam has, rw MTD UNIT FROM TO COUNT: to the flash. */
static const char *const functions[] = {
	"rd(){ (dd if=/dev/mtd$1 bs=$2 skip=$3 count=$4;true) 2>/dev/null;}",
	"rs(){ gzip -c|tail -c 8|gzip -c;}",
	"ru(){ while read -r l;do [ \"$l\" = . ]&&return;printf \"$l\";done;}",
	"ra(){ gunzip -c /tmp/recam.gz|",
	"(dd of=/tmp/recam bs=64k seek=$1 conv=notrunc;true) 2>/dev/null;}",
	"rw(){ [ -b /dev/mtdblock$1 ]||return;",
	"(dd if=/tmp/recam of=/dev/mtdblock$1 bs=$2 skip=$3 seek=$4 \\",
	"count=$5 conv=notrunc;true) 2>/dev/null;sync;}",
};

static int define_functions(struct linux_link *self, struct rc_error *err)
{
	int result = 0;

	for (size_t i = 0; i < RC_COUNT(functions) && !result; i++)
		result = run(self, functions[i], ANSWER_MS, err);
	return result;
}

static int find_flash(struct linux_link *self, struct rc_error *err)
{
	struct link_info *info = &self->link.info;
	int result = ask(self, "gzip -c </proc/mtd", take_mtd, err);

	if (!result)
		result = ask(self, "gzip -c </proc/cmdline", take_root, err);
	if (!result)
		result = ask(self, "dmesg|grep -e 'id code' -e 'Flash is det'|gzip -c", take_id,
			     err);
	if (result)
		return result;
	info->chip = chip_find(info->jedec);
	info->flash_size = self->mtd.total;
	info->reach = self->mtd.total;
	if (info->chip && info->chip->size != self->mtd.total)
		return rc_fail(
			err, RC_EUNSUPPORTED,
			"the partitions of %s are 0x%" PRIx32 " bytes in all, its chip %s has "
			"0x%" PRIx32 ": they overlap or leave gaps, so no offset can be told "
			"from them; use uboot:",
			info->name, self->mtd.total, info->chip->name, info->chip->size);
	return 0;
}

static void set_rates(struct linux_link *self)
{
	double wire = (self->stream->baud ? self->stream->baud : 115200) / 10.0;

	self->link.info.read_rate = wire / READ_FACTOR;
	self->link.info.write_rate = wire / WRITE_FACTOR;
	self->link.info.checksum_seconds = 110 / wire + 0.1;
	self->link.info.survey_seconds = self->link.info.checksum_seconds;
}

static int linux_identify(struct link *link, struct rc_error *err)
{
	struct linux_link *self = linux_link_of(link);
	struct shell_wait wait = {
		.ask = self->options.ask,
		.password = find_password,
		.context = self->options.context,
		.patience_ms = self->options.patience_ms ? self->options.patience_ms : PATIENCE_MS,
	};
	int result = shell_win(&self->shell, &wait, err);

	link->info.kind = LINK_LINUX;
	link->info.step = RC_ERASE_BLOCK;
	link->info.can_checksum = true;
	if (!result)
		result = quieten(self, err);
	if (!result)
		result = define_functions(self, err);
	if (!result)
		result = find_flash(self, err);
	set_rates(self);
	return counted(self, result);
}

/* CRC-32 of what a command has run through rs; where its size is not this, RC_EFORMAT. */
static int sum_once(struct linux_link *self, const char *command, size_t size, uint32_t *crc,
		    struct rc_error *err)
{
	struct rc_buffer out = { 0 };
	int result = take_once(self, command, 8, &out, err);

	if (result == 0 && (out.size != 8 || rc_le32(out.data + 4) != size))
		result = rc_fail(err, RC_EFORMAT,
				 "\"%s\" on %s did not sum 0x%zx bytes (needs dd, gzip and tail)",
				 command, self->stream->name, size);
	if (result == 0)
		*crc = rc_le32(out.data);
	rc_buffer_free(&out);
	return result;
}

static int sum(struct linux_link *self, const char *command, size_t size, uint32_t *crc,
	       struct rc_error *err)
{
	int result = RC_EFORMAT;

	for (int try = 0; try < TRIES && result == RC_EFORMAT; try++)
		result = sum_once(self, command, size, crc, err);
	return result;
}

static int read_once(struct linux_link *self, const struct place *place, uint8_t *out,
		     struct rc_error *err)
{
	struct rc_buffer data = { 0 };
	char command[SHELL_COMMAND + 1];
	int result;

	snprintf(command, sizeof(command), "rd %u %" PRIu32 " %" PRIu32 " %zu|gzip -c", place->mtd,
		 place->unit, place->inside / place->unit, place->size / place->unit);
	result = take_once(self, command, place->size, &data, err);
	if (result == 0 && data.size != place->size)
		result = rc_fail(err, RC_EFORMAT, "\"%s\" on %s did not give 0x%zx bytes", command,
				 self->stream->name, place->size);
	if (result == 0)
		memcpy(out, data.data, place->size);
	rc_buffer_free(&data);
	return result;
}

static int read_pieces(struct linux_link *self, const struct place *whole, uint8_t *out,
		       struct rc_error *err)
{
	int result = 0;

	for (size_t done = 0; done < whole->size && !result; done += PIECE) {
		struct place piece = *whole;

		piece.inside += (uint32_t)done;
		piece.size = whole->size - done < PIECE ? whole->size - done : PIECE;
		while ((piece.inside | piece.size) % piece.unit)
			piece.unit /= 2;
		result = RC_EFORMAT;
		for (int try = 0; try < TRIES && result == RC_EFORMAT; try++)
			result = read_once(self, &piece, out + done, err);
	}
	if (result != RC_EFORMAT)
		return result;
	return rc_fail(
		err, RC_EIO,
		"4 KiB of %s did not come whole over %s in %d tries: shorten the cable, or end "
		"the camera's program that prints on this line (ps, kill), and run the same "
		"command again",
		self->mtd.parts[whole->mtd].name, self->stream->name, TRIES);
}

static int linux_read(struct link *link, uint32_t offset, uint8_t *out, size_t size,
		      struct rc_error *err)
{
	struct linux_link *self = linux_link_of(link);

	for (size_t done = 0; done < size;) {
		size_t most = size - done < RC_ERASE_BLOCK ? size - done : RC_ERASE_BLOCK;
		struct place place = place_of(self, (uint32_t)(offset + done), most);
		int result = read_once(self, &place, out + done, err);

		if (result == RC_EFORMAT)
			result = read_pieces(self, &place, out + done, err);
		if (result)
			return counted(self, result);
		link_progress(link, place.size);
		done += place.size;
	}
	return counted(self, 0);
}

static int linux_checksum(struct link *link, uint32_t offset, size_t size, uint32_t *crc,
			  struct rc_error *err)
{
	struct linux_link *self = linux_link_of(link);
	uint32_t joined = 0;

	for (size_t done = 0; done < size;) {
		struct place place = place_of(self, (uint32_t)(offset + done), size - done);
		char command[SHELL_COMMAND + 1];
		uint32_t part = 0;
		int result;

		snprintf(command, sizeof(command), "rd %u %" PRIu32 " %" PRIu32 " %zu|rs",
			 place.mtd, place.unit, place.inside / place.unit, place.size / place.unit);
		result = sum(self, command, place.size, &part, err);
		if (result == RC_EFORMAT)
			result = fail_unclear(self, command, err);
		if (result)
			return counted(self, result);
		joined = (uint32_t)crc32_combine(joined, part, (z_off_t)place.size);
		done += place.size;
	}
	*crc = joined;
	return counted(self, 0);
}

/* What /proc/mounts says now; every Linux has /proc in it, so an answer without is none. */
static bool take_mounts(struct linux_link *self, struct rc_span answer)
{
	for (unsigned i = 0; i < self->mtd.count; i++)
		if (!shell_parse_mounted(answer, i, self->mounted[i]))
			self->mounted[i][0] = '\0';
	return rc_find(answer, " /proc ", 7) != NULL;
}

/* A file system under which the flash changes breaks it, and programs that run from it. */
static int refuse_used(struct linux_link *self, uint32_t offset, size_t size, struct rc_error *err)
{
	int result = ask(self, "gzip -c </proc/mounts", take_mounts, err);

	for (unsigned i = 0; i < self->mtd.count && !result; i++) {
		uint32_t start = self->mtd.parts[i].offset;

		if (start >= offset + size || offset >= start + self->mtd.parts[i].size)
			continue;
		if ((int)i == self->root)
			return rc_fail(
				err, RC_EREFUSED,
				"will not write %s: the camera's Linux runs from it right now; "
				"use uboot:, where nothing does",
				self->mtd.parts[i].name);
		if (self->mounted[i][0])
			return rc_fail(err, RC_EREFUSED,
				       "will not write %s: it is mounted at %s in the camera right "
				       "now; unmount it there (umount %s), or use uboot:",
				       self->mtd.parts[i].name, self->mounted[i], self->mounted[i]);
	}
	return result;
}

static int pack(const uint8_t *data, size_t size, struct rc_buffer *out, struct rc_error *err)
{
	z_stream stream = { 0 };
	uLong most;
	int result;

	/* 16: with gzip's header and CRC-32. */
	if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return rc_fail_memory(err, size);
	most = deflateBound(&stream, (uLong)size);
	out->data = malloc(most);
	out->room = most;
	stream.next_in = data;
	stream.avail_in = (uInt)size;
	stream.next_out = out->data;
	stream.avail_out = (uInt)most;
	result = out->data && deflate(&stream, Z_FINISH) == Z_STREAM_END
			 ? 0
			 : rc_fail_memory(err, most);
	out->size = stream.total_out;
	deflateEnd(&stream);
	return result;
}

static int pack_text(const uint8_t *data, size_t size, struct rc_buffer *text, struct rc_error *err)
{
	struct rc_buffer packed = { 0 };
	int result = pack(data, size, &packed, err);

	if (!result && !shell_make_lines((struct rc_span){ packed.data, packed.size }, text))
		result = rc_fail_memory(err, packed.size);
	rc_buffer_free(&packed);
	return result;
}

/* A block to /tmp/recam.gz, proven there. */
static int send_block(struct linux_link *self, const uint8_t *data, size_t size,
		      struct rc_error *err)
{
	struct rc_buffer text = { 0 };
	int result = pack_text(data, size, &text, err);
	bool there = false;

	for (int try = 0; try < TRIES && !result && !there; try++) {
		uint32_t crc = 0;

		result = shell_feed(&self->shell, "ru >/tmp/recam.gz",
				    (struct rc_span){ text.data, text.size }, NULL, NULL, err);
		if (!result)
			result = sum_once(self, "gunzip -c /tmp/recam.gz|rs", size, &crc, err);
		there = !result && crc == rc_crc32(0, data, size);
		if (result == RC_EFORMAT)
			result = 0;
	}
	rc_buffer_free(&text);
	if (result || there)
		return result;
	return rc_fail(
		err, RC_EIO,
		"0x%zx bytes did not arrive whole in the camera's /tmp over %s in %d tries: a "
		"bad line, programs that print on it, or a full /tmp (df); nothing of the "
		"flash was changed for them",
		size, self->stream->name, TRIES);
}

static int linux_stage(struct link *link, const uint8_t *data, size_t size, struct rc_error *err)
{
	struct linux_link *self = linux_link_of(link);
	uint32_t whole = 0;
	int result;

	if (size > STAGE_SIZE)
		return 0;
	self->staged_size = 0;
	self->placed_size = 0;
	self->temporary = true;
	result = run(self, "rm -f /tmp/recam /tmp/recam.gz", ANSWER_MS, err);
	for (size_t done = 0; done < size && !result; done += RC_ERASE_BLOCK) {
		size_t part = size - done < RC_ERASE_BLOCK ? size - done : RC_ERASE_BLOCK;
		char command[SHELL_COMMAND + 1];

		snprintf(command, sizeof(command), "ra %zu", done / RC_ERASE_BLOCK);
		result = send_block(self, data + done, part, err);
		if (!result)
			result = run(self, command, ANSWER_MS, err);
		link_progress(link, part);
	}
	if (!result)
		result = sum(self, "rs </tmp/recam", size, &whole, err);
	if (result == RC_EFORMAT || (!result && whole != rc_crc32(0, data, size)))
		result = rc_fail(err, RC_EIO,
				 "0x%zx bytes cannot be put together in the camera's /tmp: is it "
				 "full (df)? Nothing of the flash was changed for them",
				 size);
	if (!result) {
		self->staged_crc = whole;
		self->staged_size = (uint32_t)size;
	}
	return counted(self, result);
}

/* What is staged goes to the flash, which mtdblock erases as it goes. */
static int place_staged(struct linux_link *self, uint32_t offset, struct rc_error *err)
{
	uint32_t size = self->staged_size;
	int result = refuse_used(self, offset, size, err);

	for (uint32_t done = 0; done < size && !result;) {
		struct place place = place_of(self, offset + done, size - done);
		char command[SHELL_COMMAND + 1];

		while (done % place.unit)
			place.unit /= 2;
		snprintf(command, sizeof(command), "rw %u %" PRIu32 " %" PRIu32 " %" PRIu32 " %zu",
			 place.mtd, place.unit, done / place.unit, place.inside / place.unit,
			 place.size / place.unit);
		result = run(self, command, WRITE_MS, err);
		done += (uint32_t)place.size;
	}
	if (!result) {
		self->placed_at = offset;
		self->placed_size = size;
	}
	return result;
}

static int erase_chunk(struct linux_link *self, uint32_t offset, size_t size, struct rc_error *err)
{
	uint8_t *blank;
	int result;

	/* What is to be written there is at hand: it goes in with the erase. */
	if (self->staged_size == size && self->placed_size == 0)
		return place_staged(self, offset, err);
	blank = malloc(size);
	if (!blank)
		return rc_fail_memory(err, size);
	memset(blank, 0xff, size);
	result = linux_stage(&self->link, blank, size, err);
	free(blank);
	return result ? result : place_staged(self, offset, err);
}

static int linux_erase(struct link *link, uint32_t offset, size_t size, struct rc_error *err)
{
	struct linux_link *self = linux_link_of(link);
	int result = refuse_used(self, offset, size, err);

	for (size_t done = 0; done < size && !result; done += STAGE_SIZE) {
		size_t part = size - done < STAGE_SIZE ? size - done : STAGE_SIZE;

		result = erase_chunk(self, (uint32_t)(offset + done), part, err);
		if (!result)
			link_progress(link, part);
	}
	return counted(self, result);
}

static int write_chunk(struct linux_link *self, uint32_t offset, const uint8_t *data, size_t size,
		       struct rc_error *err)
{
	bool staged = self->staged_size == size && self->staged_crc == rc_crc32(0, data, size);
	int result = 0;

	if (staged && self->placed_size == size && self->placed_at == offset)
		return 0;
	if (!staged)
		result = linux_stage(&self->link, data, size, err);
	return result ? result : place_staged(self, offset, err);
}

static int linux_write(struct link *link, uint32_t offset, const uint8_t *data, size_t size,
		       struct rc_error *err)
{
	struct linux_link *self = linux_link_of(link);
	int result = refuse_used(self, offset, size, err);

	for (size_t done = 0; done < size && !result; done += STAGE_SIZE) {
		size_t part = size - done < STAGE_SIZE ? size - done : STAGE_SIZE;

		result = write_chunk(self, (uint32_t)(offset + done), data + done, part, err);
	}
	return counted(self, result);
}

static void linux_close(struct link *link)
{
	struct linux_link *self = linux_link_of(link);

	if (self->shell.started && self->temporary)
		run(self, "rm -f /tmp/recam /tmp/recam.gz", ANSWER_MS, NULL);
	if (self->shell.started && self->printk >= 0) {
		char command[SHELL_COMMAND + 1];

		snprintf(command, sizeof(command), "echo %d >/proc/sys/kernel/printk",
			 self->printk);
		run(self, command, ANSWER_MS, NULL);
	}
	shell_leave(&self->shell);
	shell_free(&self->shell);
	stream_close(self->stream);
	free(self);
}

static const struct link_ops linux_ops = {
	.identify = linux_identify,
	.read = linux_read,
	.erase = linux_erase,
	.write = linux_write,
	.stage = linux_stage,
	.checksum = linux_checksum,
	.close = linux_close,
};

int linux_link_new(struct stream *stream, const struct link_options *options, struct link **link,
		   struct rc_error *err)
{
	struct linux_link *self = calloc(1, sizeof(*self));
	int result;

	if (!self) {
		stream_close(stream);
		return rc_fail_memory(err, sizeof(*self));
	}
	result = shell_init(&self->shell, stream, err);
	if (result) {
		free(self);
		stream_close(stream);
		return result;
	}
	self->link.ops = &linux_ops;
	self->stream = stream;
	self->root = -1;
	self->printk = -1;
	if (options)
		self->options = *options;
	*link = &self->link;
	return 0;
}
