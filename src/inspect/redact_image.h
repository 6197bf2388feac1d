/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets out of the bytes of a flash or a part of one, with everything that is said of
 * those bytes made right again: JFFS2 nodes (packed ones too, the obsolete, and what older
 * ones left between), FLSH settings, U-Boot environments.
 *
 * redact_image.c has the whole, redact_nodes.c the JFFS2 nodes, redact_remains.c what lies
 * between them.
 */
#ifndef RECAM_INSPECT_REDACT_IMAGE_H
#define RECAM_INSPECT_REDACT_IMAGE_H

#include "inspect/inspect.h"
#include "inspect/secrets.h"

/* A JFFS2 node whose checksums hold. */
struct redact_node {
	uint32_t offset, length; /* in the bytes; of the whole node */
	uint16_t type;           /* with JFFS2_NODE_ACCURATE */
	uint16_t region;
	bool obsolete;
	bool dirty; /* data was changed */
	uint32_t ino, version;
	uint32_t at, size; /* where data belongs in the file */
	uint32_t sum;      /* FLSH in a file: the checksum held over so many bytes; 0: none */
	uint8_t *data;     /* unpacked, owned; NULL: none, or packed in an unknown way */
};

/* For putting nodes in another order. */
struct redact_ref {
	struct redact_node *node;
};

/* A stretch with inode numbers of its own, or one that is looked at for nothing but whole
 * forms of known secrets: vendor's code. */
struct redact_region {
	uint32_t offset, size;
	bool code;
};

struct redact_image {
	uint8_t *data;
	size_t size;
	struct secrets *secrets;
	struct redact_region regions[RC_MAX_PARTITIONS * 2 + 1];
	size_t region_count;
	struct redact_node *nodes; /* in the order of their offsets */
	size_t node_count, node_room;
	uint64_t unpacked; /* bytes, of all nodes */
	size_t repacked;   /* nodes */
	size_t emptied;    /* nodes whose content had no room any more, and is zeros now */
	size_t wiped;      /* packed remains of old nodes */
	struct {
		uint32_t offset, size; /* of the checksum's area; FLSH: up to its end */
		bool flsh;
	} sums[64]; /* checksums that held before */
	size_t sum_count;
};

/* Finds nodes and checksums. partitions may be none. */
int redact_image_begin(struct redact_image *image, struct rc_error *err);
void redact_image_collect(struct redact_image *image); /* secrets, into image->secrets */
int redact_image_replace(struct redact_image *image, struct rc_error *err);
/* RC_EVERIFY where a secret is still there. */
int redact_image_verify(struct redact_image *image, struct rc_error *err);
void redact_image_end(struct redact_image *image);

/* --- redact_nodes.c --- */
int redact_find_nodes(struct redact_image *image, struct rc_error *err);
void redact_collect_nodes(struct redact_image *image);
int redact_replace_nodes(struct redact_image *image, struct rc_error *err);
void redact_write_nodes(struct redact_image *image);
/* The name of the file that the node is of, "" where no entry tells. out as snprintf. */
void redact_node_name(const struct redact_image *image, const struct redact_node *node, char *out,
		      size_t out_size);

/* --- redact_files.c --- */
/* FLSH settings in files: their checksum goes over all nodes. Before, and after. */
int redact_note_files(struct redact_image *image, struct rc_error *err);
int redact_mend_files(struct redact_image *image, struct rc_error *err);
/* Files that a program packed (gzip, xz), with a secret in them. */
int redact_packed_files(struct redact_image *image, struct rc_error *err);
/* The same of FLSH and environments that lie in the flash itself. */
void redact_note_sums(struct redact_image *image);
void redact_mend_sums(struct redact_image *image);

/* --- redact_remains.c --- */
/* Calls visit for each stretch between the nodes. */
void redact_between(struct redact_image *image,
		    void (*visit)(struct redact_image *image, const struct redact_region *region,
				  size_t from, size_t to));
void redact_collect_between(struct redact_image *image, const struct redact_region *region,
			    size_t from, size_t to);
void redact_replace_between(struct redact_image *image, const struct redact_region *region,
			    size_t from, size_t to);

#endif
