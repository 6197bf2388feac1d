/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The update of the Mi 360 family: at each start that nobody stops the bootloader looks for
 * one file, and takes it by length and signature alone (facts/mstar-mi360.md 2.2). Name and
 * key stand in the bootloader. Held to the stock one by tests/twin/mstar_card.c.
 */
#include <string.h>

#include "format/mstar_boot.h"
#include "format/recovery.h"
#include "inspect/card_rules.h"
#include "inspect/image.h"

/* What the bootloader says of itself, where its bytes are at hand. */
static bool ask_loader(const struct card_camera *camera, struct recovery_loader *loader)
{
	struct rc_buffer program = { 0 };

	*loader = (struct recovery_loader){ 0 };
	if (camera->boot.size && mstar_boot_unpack(camera->boot, &program, NULL) == 0)
		recovery_read_loader((struct rc_span){ program.data, program.size }, loader);
	rc_buffer_free(&program);
	return loader->has_key;
}

static bool fits(const struct card_camera *camera)
{
	return strcmp(camera->board->console.dialect, "mstar") == 0;
}

static size_t files(const struct card_camera *camera, const char *names[CARD_MAX_FILES])
{
	static const char *const known[] = { "tf_update.img", "tf_recovery.img" };
	struct recovery_loader loader;

	ask_loader(camera, &loader);
	names[0] = camera->board->update.file;
	for (size_t i = 0; i < RC_COUNT(known); i++)
		if (strcmp(loader.file, known[i]) == 0)
			names[0] = known[i];
	return 1;
}

static bool judge_length(struct rc_span file, struct card_verdict *verdict)
{
	if (file.size >= RECOVERY_SHORTEST && file.size <= RECOVERY_LONGEST)
		return true;
	card_say(verdict, "Invalid data len");
	card_settle(verdict, CARD_REFUSED,
		    file.size < RECOVERY_SHORTEST ? "image-too-small" : "image-too-large",
		    "the file has %zu bytes, and one that updates this camera has %u", file.size,
		    RECOVERY_SIZE);
	return false;
}

static bool judge_signature(const struct card_camera *camera, struct rc_span file,
			    struct card_verdict *verdict)
{
	struct recovery_loader loader;
	enum recovery_verdict signature;

	if (!ask_loader(camera, &loader)) {
		card_settle(verdict, CARD_TAKEN, "signature-not-checked",
			    "the file has the right length; its signature can be checked only with "
			    "the key in this camera's own bootloader, and no dump of it is at "
			    "hand");
		return true;
	}
	signature = recovery_verify(file, loader.key);
	if (signature == RECOVERY_SIGNED)
		return true;
	card_say(verdict, "data check NG");
	card_settle(verdict, CARD_REFUSED, "signature-wrong",
		    signature == RECOVERY_SIGNED_PLAIN
			    ? "the file is signed with the right key, but by Ed25519, and this "
			      "bootloader asks for Ed25519ph"
			    : "the signature at its end is not one by the key that this bootloader "
			      "has: the file was changed, or is for a bootloader with another key "
			      "(before and after 4.0.9)");
	return false;
}

/* The bootloader does not look at what it writes. */
static void judge_content(const struct card_camera *camera, struct rc_span file,
			  struct card_verdict *verdict)
{
	const struct partition *root = layout_find(&camera->board->layout, "root");
	struct recovery recovery;
	struct rc_error why;

	if (recovery_parse(file, &recovery, &why) < 0)
		card_settle(verdict, CARD_TAKEN, "image-not-firmware",
			    "this bootloader writes it all the same, and the camera does not start "
			    "then: %s",
			    why.text);
	else if (root && root->offset != RECOVERY_BASE + recovery.places[RECOVERY_ROOTFS].offset)
		card_settle(verdict, CARD_TAKEN, "image-wrong-model",
			    "its kernel is for the chip %s, whose root file system begins at 0x%x, "
			    "and this camera's at 0x%x: the bootloader writes it all the same, and "
			    "the camera does not start then",
			    recovery.chip, RECOVERY_BASE + recovery.places[RECOVERY_ROOTFS].offset,
			    root->offset);
}

static bool judge_file(const struct card_camera *camera, size_t index, struct rc_span file,
		       struct card_verdict *verdict)
{
	(void)index;
	if (!judge_length(file, verdict) || !judge_signature(camera, file, verdict))
		return false;
	if (!verdict->finding)
		card_say(verdict, "data check OK");
	judge_content(camera, file, verdict);
	verdict->flash_offset = RECOVERY_BASE;
	verdict->flash_size = RECOVERY_PAYLOAD;
	verdict->file_offset = 0;
	verdict->file_size = RECOVERY_PAYLOAD;
	return true;
}

const struct card_rules card_rules_mstar = {
	.name = "mstar",
	.fits = fits,
	.files = files,
	.judge_file = judge_file,
};
