/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of link behind link_open. What they make is not yet identified. */
#ifndef RECAM_LINK_KINDS_H
#define RECAM_LINK_KINDS_H

#include "console/stream.h"
#include "link/link.h"

/* path: behind "file:". */
int file_link_new(const char *name, const char *path, struct link **link, struct rc_error *err);

/* address: behind "flashrom:". */
int flashrom_link_new(const char *address, const struct link_options *options, struct link **link,
		      struct rc_error *err);

/* Takes stream over, also on failure. twin: behind the stream, or NULL. */
int uboot_link_new(struct stream *stream, struct twin *twin, const struct link_options *options,
		   struct link **link, struct rc_error *err);
struct twin *uboot_link_twin(struct link *link);

/* Takes stream over, also on failure. A root shell of the camera's Linux is behind it. */
int linux_link_new(struct stream *stream, const struct link_options *options, struct link **link,
		   struct rc_error *err);

/* address: behind "twin:". */
int twin_link_new(const char *name, const char *address, const struct link_options *options,
		  struct link **link, struct rc_error *err);
/* A stream to a twin that stays the caller's. */
int twin_stream_new(struct twin *twin, const char *name, struct stream **stream,
		    struct rc_error *err);
/* What became of the twin behind such a stream. */
enum twin_state twin_stream_state(const struct stream *stream);

/* identify, with what is common to all kinds; closes the link on failure. */
int link_identify(struct link *link, const char *name, struct link **out, struct rc_error *err);

/* "twin:" taken apart. All pointers are into text, which twin_spec_parse changes. */
struct twin_spec {
	char *image;
	char *save; /* NULL: nowhere */
	uint32_t chip;
	enum twin_engine engine;
	struct nor_faults chip_faults;
	struct twin_line_faults line_faults;
	struct sd_faults card_faults;
	char *card; /* NULL: the slot is empty */
};
int twin_spec_parse(char *text, struct twin_spec *spec, struct rc_error *err);

/* Adds bytes moved to the progress that the caller of a verb may have set. */
void link_progress(struct link *link, size_t bytes);

#endif
