/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies in a stretch of flash: one table of formats, one way to ask each of
 * them "is it that, is it whole, how much of the partition does it use, what
 * does it hold?"
 *
 * Every format takes bytes in memory, trusts no length in them, bounds what it
 * allocates, and has a fuzz target (fuzz/). None of them writes anywhere.
 */
#ifndef RECAM_FORMAT_FORMAT_H
#define RECAM_FORMAT_FORMAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

/* How a stretch of flash looks (contracts/recam.md, "state"). */
enum region_state {
	REGION_GOOD,    /* it is what it should be, and every check holds */
	REGION_ERASED,  /* all FF */
	REGION_DAMAGED, /* it is, or should be, that; a check does not hold */
	REGION_UNKNOWN, /* no format of ours, and none was expected */
	REGION_FOREIGN, /* another format than the expected one, and that one is whole */
};
const char *region_state_name(enum region_state state);

enum fs_type {
	FS_FILE,
	FS_DIRECTORY,
	FS_SYMLINK,
	FS_CHAR_DEVICE,
	FS_BLOCK_DEVICE,
	FS_FIFO,
	FS_SOCKET
};

/* Device numbers as Linux keeps them in file systems (new_encode_dev): 12 bits of major
 * between the two parts of a minor of 20 bits. */
#define FS_DEVICE(major_number, minor_number)                                      \
	(((uint32_t)(major_number)&0xfff) << 8 | ((uint32_t)(minor_number)&0xff) | \
	 ((uint32_t)(minor_number)&0xfff00) << 12)
#define FS_DEVICE_MAJOR(device) ((device) >> 8 & 0xfff)
#define FS_DEVICE_MINOR(device) (((device)&0xff) | ((device) >> 12 & 0xfff00))

/* One thing in a file system. Everything is borrowed for the time of the call. */
struct fs_entry {
	const char *path; /* from the root: "/etc/passwd"; never holds "." or ".." parts */
	enum fs_type type;
	uint32_t mode; /* permission bits only */
	uint32_t uid, gid;
	uint32_t mtime;         /* seconds since 1970 */
	uint32_t device;        /* of device nodes: FS_DEVICE(major, minor) */
	const char *target;     /* of a symlink, as stored; NULL else */
	struct rc_span content; /* of a file, whole; what could be read where damaged */
	bool damaged;           /* part of it could not be read */
	uint32_t inode;         /* equal for all names of one file (hard links) */
};

/* Told of every entry, parents before children. A non-zero return ends the walk
 * and comes back from format_check. */
struct fs_visitor {
	int (*visit)(void *context, const struct fs_entry *entry, struct rc_error *err);
	void *context;
	bool with_root; /* the root directory too, first of all, as "/" */
};

/* One thing that is wrong, for a finding's evidence and for drawing the damage. */
struct format_problem {
	uint32_t offset; /* from the start of the region */
	uint32_t size;   /* at least 1 */
	char text[160];  /* "data checksum is 8D3F11A0, the header says 9A21C000" */
};
#define FORMAT_MAX_PROBLEMS 32

struct format_report {
	const struct format *format; /* NULL where none was recognised */
	enum region_state state;
	uint32_t used;        /* bytes from the start that belong to it, without padding */
	uint32_t files;       /* files and everything else below the root of a file system */
	json_t *detail;       /* object, owned; what this format has to tell (contract: "detail") */
	size_t problem_count; /* of all; the first FORMAT_MAX_PROBLEMS are kept */
	struct format_problem problems[FORMAT_MAX_PROBLEMS];
};

struct format {
	const char *name;   /* as in contracts/recam.md: "uimage" */
	bool blank_is_good; /* all FF is a state that this format has: a flag with no request */
	/* probe looks further than the beginning; check says itself what is out of place */
	bool tells_shift;
	/* True if the bytes begin as this format does. Cheap: reads a header. */
	bool (*probe)(struct rc_span region);
	/* Fills state (GOOD or DAMAGED), used, files, detail, problems. Called also on
	 * regions that do not probe, when this format was expected: then says what is
	 * wrong with the beginning. Fails only for want of memory, or with what the
	 * visitor returned; damage is no failure. */
	int (*check)(struct rc_span region, const struct fs_visitor *visitor,
		     struct format_report *report, struct rc_error *err);
};

extern const struct format format_ingenic_boot; /* "ingenic-boot" */
extern const struct format format_mstar_boot;   /* "mstar-boot": the whole BOOT partition */
extern const struct format format_mxpt;         /* "mxpt" */
extern const struct format format_recovery;     /* "recovery": tf_recovery.img, tf_update.img */
extern const struct format format_uimage;       /* "uimage" */
extern const struct format format_squashfs;     /* "squashfs" */
extern const struct format format_jffs2;        /* "jffs2" */
extern const struct format format_uboot_env;    /* "uboot-env" */
extern const struct format format_flsh;         /* "flsh" */
extern const struct format format_flag;         /* "flag" */

/* By contract name; NULL: none. "raw" and "erased" are no formats but states. */
const struct format *format_find(const char *name);

/* The format that region begins as, or NULL. */
const struct format *format_probe(struct rc_span region);

/* The one entry point for those above: handles blank regions (ERASED), and with
 * expected (may be NULL) the difference between DAMAGED and FOREIGN. visitor may
 * be NULL. The report is to be cleared with format_report_clear in any case. */
int format_check(struct rc_span region, const struct format *expected,
		 const struct fs_visitor *visitor, struct format_report *report,
		 struct rc_error *err);
void format_report_clear(struct format_report *report);

/* For formats: notes a problem and makes the state DAMAGED. */
void format_problem(struct format_report *report, size_t offset, size_t size, const char *text, ...)
	__attribute__((format(printf, 4, 5)));

#endif
