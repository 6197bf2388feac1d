/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where hostile file systems are unpacked: a folder whose surroundings are watched. */
#ifndef RECAM_TESTS_PACK_CAGE_H
#define RECAM_TESTS_PACK_CAGE_H

#include "pack/fs.h"

/* TOP/outside/canary is what must stay, TOP/box is where NAME/ is unpacked: from a link in NAME/,
 * "../../outside" is outside. */
struct cage {
	const char *top;
	int box; /* descriptor */
};

void cage_open(struct cage *cage);
/* Asserts that nothing outside of the box is changed, new or gone, and that in it are only
 * files without set-user-id, folders and links. Empties the box, and closes the cage. */
void cage_close(struct cage *cage);

/* How it must end. */
struct fate {
	const char *what;  /* the case's name, for messages */
	int status;        /* of fs_unpack */
	const char *text;  /* in the message; where status is 0: in one of the report's problems;
			    * NULL: the image counts as good */
	const char *there; /* where status is 0: what must be below NAME/; NULL: nothing said */
};
void assert_unpack_ends(const struct rc_buffer *image, const struct fate *fate);

#endif
