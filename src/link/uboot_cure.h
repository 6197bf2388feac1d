/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cure for a bootloader that takes a flash chip for a smaller one: the size in the
 * entry of its chip table that unknown chips are taken for, changed in its RAM
 * (facts/bootloaders-and-flash.md 3.5 c). A reset undoes it. docs/chip-size.md.
 */
#ifndef RECAM_LINK_UBOOT_CURE_H
#define RECAM_LINK_UBOOT_CURE_H

#include "base/bytes.h"
#include "board/board.h"
#include "console/uboot.h"
#include "link/link.h"

struct cure {
	uint32_t id;                 /* of that entry */
	uint32_t id_word, size_word; /* where it lies, as linked */
	uint32_t relocation;         /* where U-Boot runs; 0: to be looked for */
	bool by_version;             /* known by what the bootloader says, not by its bytes */
};

/* What boards/ know of builds with this version; false where that is nothing, or not the
 * same of all. */
bool cure_known(const struct boards *boards, const char *version, struct cure *cure);

/* From the bytes of the boot partition. RC_EREFUSED where they do not say that a chip jedec
 * is taken for one of size bytes by the table's last entry. */
int cure_analyse(struct rc_span boot, uint32_t jedec, uint32_t size, struct cure *cure,
		 struct rc_error *err);

/* Either of them: by the version, else by reading the boot partition over link. */
int cure_find(struct link *link, const struct boards *boards, struct cure *cure,
	      struct rc_error *err);

/* Changes the size from one to another. Before, id and size in the camera's RAM must be what
 * they should, else RC_EREFUSED, and nothing was changed. The flash is to be probed again.
 * cure->relocation is set to where the words were found. */
int cure_size(struct uboot *uboot, struct cure *cure, uint32_t from, uint32_t to,
	      struct rc_error *err);

/* Addresses beyond what a chip has wrap, so that all above equals what lies below. 0 where
 * some block behind reach differs from the one that it would then be. */
int cure_check_beyond(struct link *link, uint32_t reach, struct rc_error *err);

#endif
