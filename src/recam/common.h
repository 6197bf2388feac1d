/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several commands do alike. */
#ifndef RECAM_RECAM_COMMON_H
#define RECAM_RECAM_COMMON_H

#include <signal.h>
#include <stdbool.h>

#include "inspect/inspect.h"
#include "link/link.h"
#include "recam/command.h"
#include "rescue/backup.h"

/* The value of --chip. RC_EUSAGE where it is no JEDEC id. */
int jedec_parse(const char *text, uint32_t *jedec, struct rc_error *err);

/* Prints the one message and returns EXIT_COULD_NOT, or EXIT_STOPPED for RC_ESTOPPED. */
int exit_with(const struct rc_error *err);

/* True for "uboot:...", "twin:..." and the other forms of LINK with a word and a colon. */
bool is_link(const char *spec);

/* Opens a link; what the user must do at the camera is printed as it comes up. */
int open_link(const char *spec, const struct boards *boards, struct link **link,
	      struct rc_error *err);

/* Columns of the terminal on stream, 80 where it is none. */
unsigned terminal_columns(FILE *stream);

/* report_options for standard output. */
struct report_options report_to_stdout(const char *source, bool show_secrets);

/* Writes json to standard output, sorted as built, and frees it. An exit status. */
int print_json(json_t *json);

/* Set by SIGINT and SIGTERM after catch_signals: stop at the next safe place. */
extern volatile int stop_asked;
void catch_signals(void);

/* EXIT_FOUND where something fatal was found, else EXIT_DONE. */
int exit_for(const struct inspection *inspection);

/* Known firmware as whole flash images (rest FF), for backup_options. Zero-initialise. */
struct references {
	struct rc_buffer images[OPTION_LIST_MAX];
	struct rc_span spans[OPTION_LIST_MAX];
	size_t count;
};
int references_load(const struct option_list *paths, const struct boards *boards, const char *board,
		    struct references *references, struct rc_error *err);
void references_free(struct references *references);

#endif
