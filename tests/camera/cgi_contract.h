/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What recamd has to answer to the addresses of facts/dafang-cfw-contract.md A.6 to A.9. */
#ifndef RECAM_TESTS_CGI_CONTRACT_H
#define RECAM_TESTS_CGI_CONTRACT_H

#include <stdbool.h>

struct expectation {
	const char *address; /* behind /cgi-bin/ */
	unsigned status;
	const char *has; /* "=TEXT": is that as a whole; else what is in it */
};

extern const struct expectation expectations[]; /* ended by one without address */

/* What a CGI_HTML answer ends with. */
#define BUTTON "<hr/>\n<form action=\"/\"><button>Back</button></form>\n"

/* NAME_{on,off,status} of action.cgi. */
struct contract_switch {
	const char *name;
	bool known; /* always OFF; else recamd has no driver for it */
};
extern const struct contract_switch switches[]; /* ended by one without name */

/* Names of ui_live.cgi with action=on, off, status. NULL ends them. */
extern const char *const live_parts[];
/* Address, and the settings of its save_config that recamd has not. NULL ends them. */
extern const char *const absent[][2];

#endif
