/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Mi 360's own update from a card, by its unmodified driver, FAT and signature code on the
 * exact twin. Only the vendor's public key gives way to one of ours. What card_judge foretold
 * is what happens.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/fat.h"
#include "card/transfer.h"
#include "format/recovery.h"
#include "inspect/card_check.h"
#include "inspect/card_rules.h"
#include "mi360.h"
#include "session.h"
#include "twin/card_try.h"

#define CARD_SIZE RC_MIB(64)

static struct rc_buffer flash, image;
static struct boards boards;
static uint8_t public_key[32], secret_key[64];

static struct rc_span span(const struct rc_buffer *buffer)
{
	return (struct rc_span){ buffer->data, buffer->size };
}

/* KERNEL and DATA as the camera has them; ROOTFS is new. */
static void make_image(void)
{
	static uint8_t root[70000];
	struct rc_span slots[RECOVERY_SLOTS] = {
		{ flash.data + 0x50000, 0x200000 },
		{ root, sizeof(root) },
		{ flash.data + 0x9b0000, 0x630000 },
	};
	uint64_t random = 360;
	struct rc_error err;

	for (size_t i = 0; i < sizeof(root); i++)
		root[i] = (uint8_t)support_random(&random);
	support_ok(recovery_join(recovery_places("I6"), slots, &image, &err), &err);
	support_ok(recovery_sign(&image, secret_key, &err), &err);
}

static int take_firmware(void **state)
{
	static const uint8_t seed[crypto_sign_SEEDBYTES] = "recam tests, not a secret";
	struct rc_error err;

	(void)state;
	crypto_sign_seed_keypair(public_key, secret_key, seed);
	mi360_flash(&flash);
	mi360_put_key(&flash, public_key);
	make_image();
	return boards_load(NULL, &boards, &err);
}

static int drop_firmware(void **state)
{
	(void)state;
	rc_buffer_free(&flash);
	rc_buffer_free(&image);
	boards_free(&boards);
	return 0;
}

struct trial {
	const char *name;                      /* of the file on the card; NULL: no card */
	void (*spoil)(struct rc_buffer *file); /* may be NULL */
	enum card_outcome outcome;
	const char *finding;
	const char *says; /* what the bootloader prints then */
	bool hashes;      /* the bootloader hashes all of it */
};

static void flip_bit(struct rc_buffer *file)
{
	file->data[0x9abcde] ^= 0x04;
}

static void sign_plain(struct rc_buffer *file)
{
	crypto_sign_detached(file->data + RECOVERY_PAYLOAD, NULL, file->data, RECOVERY_PAYLOAD,
			     secret_key);
}

static void cut(struct rc_buffer *file)
{
	file->size = RECOVERY_SHORTEST - 1;
}

static void lengthen(struct rc_buffer *file)
{
	static const uint8_t more[RECOVERY_LONGEST - RECOVERY_SIZE + 1];

	assert_true(rc_buffer_append(file, more, sizeof(more)));
}

static void make_page(struct rc_buffer *file)
{
	file->size = 0;
	rc_buffer_append(file, "<!DOCTYPE html><html>", 21);
}

static const struct trial trials[] = {
	{ NULL, NULL, CARD_NOT_SEEN, NULL, "there's no sdcard, ignore dfu", false },
	{ "tf_recovery.img", NULL, CARD_NOT_SEEN, "card-no-file",
	  "** Unable to read file tf_update.img **", false },
	{ "TF_UPDATE.IMG.BAK", NULL, CARD_NOT_SEEN, "card-no-file",
	  "** Unable to read file tf_update.img **", false },
	{ "tf_update.img", make_page, CARD_REFUSED, "image-too-small", "Invalid data len", false },
	{ "tf_update.img", cut, CARD_REFUSED, "image-too-small", "Invalid data len", false },
	{ "tf_update.img", lengthen, CARD_REFUSED, "image-too-large", "Invalid data len", false },
	{ "tf_update.img", flip_bit, CARD_REFUSED, "signature-wrong", "data check NG", true },
	{ "tf_update.img", sign_plain, CARD_REFUSED, "signature-wrong", "data check NG", true },
	{ "tf_update.img", NULL, CARD_TAKEN, NULL, "data check OK", true },
};

static uint8_t *make_card(const struct trial *trial)
{
	struct rc_buffer file = { 0 };
	struct fat_node nodes[1] = { { trial->name, { 0 } } };
	struct card_options options = { .nodes = nodes, .node_count = 1 };
	uint8_t *card = calloc(1, CARD_SIZE);
	struct rc_error err;

	assert_non_null(card);
	assert_true(rc_buffer_append(&file, image.data, image.size));
	if (trial->spoil)
		trial->spoil(&file);
	nodes[0].bytes = span(&file);
	support_ok(card_make(card, CARD_SIZE, &options, NULL, &err), &err);
	rc_buffer_free(&file);
	return card;
}

static void foretell(const uint8_t *card, struct card_verdict *verdict)
{
	struct card_camera camera = { .boards = &boards,
				      .board = boards_find(&boards, "mjsxj05cm"),
				      .boot = span(&flash) };
	struct rc_error err;

	camera.rules = card_rules_of(&camera);
	assert_ptr_equal(camera.rules, &card_rules_mstar);
	support_ok(card_judge(&camera, (struct rc_span){ card, CARD_SIZE }, verdict, &err), &err);
}

/* BOOT, CONFIG and FACTORY stay; between them lies the file. The chip rests as this
 * bootloader leaves it: all of it protected. */
static void assert_updated(const struct card_try *played)
{
	const struct nor *nor = twin_nor(played->twin);

	assert_memory_equal(nor->data, flash.data, RECOVERY_BASE);
	assert_memory_equal(nor->data + RECOVERY_BASE, image.data, RECOVERY_PAYLOAD);
	assert_memory_equal(nor->data + 0xfe0000, flash.data + 0xfe0000, 0x20000);
	assert_int_equal(nor->status[0], 0xbc);
}

static void play(const struct trial *trial)
{
	uint8_t *card = trial->name ? make_card(trial) : NULL;
	struct card_verdict verdict = { 0 };
	struct card_try played;
	struct rc_error err;

	support_ok(card_try_run(&(struct card_try_config){ .flash = span(&flash),
							   .jedec = 0x1c7018,
							   .card = card,
							   .card_size = CARD_SIZE,
							   .until = "##  Booting kernel" },
				&played, &err),
		   &err);
	assert_has(rc_text_get(&played.log), trial->says);
	if (trial->outcome == CARD_TAKEN) {
		assert_updated(&played);
	} else {
		assert_int_equal(played.erases + played.programs, 0);
		assert_memory_equal(twin_nor(played.twin)->data, flash.data, flash.size);
	}
	if (card) {
		foretell(card, &verdict);
		assert_int_equal(verdict.outcome, trial->outcome);
		assert_has(rc_text_get(&played.log), verdict.says);
		if (trial->finding)
			assert_string_equal(verdict.finding, trial->finding);
		else
			assert_null(verdict.finding);
	}
	card_try_clear(&played);
	free(card);
}

static void each_card_meets_what_was_foretold(void **state)
{
	bool all = support_runs_all(
		"cards whose file is hashed to its end, the good one among them");

	(void)state;
	for (size_t i = 0; i < RC_COUNT(trials); i++) {
		if (trials[i].hashes && !all)
			continue;
		print_message("%s: %s\n", trials[i].name ? trials[i].name : "no card",
			      trials[i].says);
		play(&trials[i]);
	}
}

/* Without the camera's bootloader nothing is said of the signature; a file for the sister
 * model is told by its kernel. */
static void what_is_not_known_is_not_said(void **state)
{
	struct trial trial = { .name = "tf_recovery.img" };
	struct card_camera camera = { .boards = &boards,
				      .board = boards_find(&boards, "mjsxj02cm") };
	uint8_t *card = make_card(&trial);
	struct card_verdict verdict;
	struct rc_error err;

	(void)state;
	camera.rules = card_rules_of(&camera);
	support_ok(card_judge(&camera, (struct rc_span){ card, CARD_SIZE }, &verdict, &err), &err);
	assert_int_equal(verdict.outcome, CARD_TAKEN);
	assert_string_equal(verdict.finding, "image-wrong-model");
	assert_has(verdict.why, "I6");
	free(card);
	trial.name = "tf_update.img";
	card = make_card(&trial);
	camera.board = boards_find(&boards, "mjsxj05cm");
	support_ok(card_judge(&camera, (struct rc_span){ card, CARD_SIZE }, &verdict, &err), &err);
	assert_int_equal(verdict.outcome, CARD_TAKEN);
	assert_string_equal(verdict.finding, "signature-not-checked");
	free(card);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_known_is_not_said),
		cmocka_unit_test(each_card_meets_what_was_foretold),
	};
	int missing = mi360_needed("the Mi 360's updates");

	return missing ? missing : cmocka_run_group_tests(tests, take_firmware, drop_firmware);
}
