/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a card goes: an image file, or a card in a reader after its owner has said so. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/progress.h"
#include "base/text.h"
#include "card/disks.h"
#include "card/mbr.h"
#include "card/write.h"
#include "inspect/inspect.h"
#include "recam/card.h"

#define THIS_COMPUTER ""

static void list_disks(void)
{
	struct card_disk disks[CARD_MAX_DISKS];
	char size[RC_SIZE_TEXT];
	size_t count;

	if (card_disks(THIS_COMPUTER, disks, &count, NULL) || count == 0) {
		rc_log_note("No card is seen on this computer.");
		return;
	}
	rc_log_note("Cards and other removable disks of this computer:");
	for (size_t i = 0; i < count; i++)
		rc_log_note("  /dev/%-8s %-10s %s%s%s", disks[i].name,
			    rc_size_text(size, disks[i].size), disks[i].model,
			    disks[i].refused[0] ? ": not written, " : "", disks[i].refused);
}

static int find_disk(const char *path, struct card_disk *disk, struct rc_error *err)
{
	int result = card_disk_find(THIS_COMPUTER, path, disk, err);

	if (result) {
		list_disks();
		return result;
	}
	if (!disk->refused[0])
		return 0;
	return rc_fail(err, RC_EREFUSED, "nothing is written to /dev/%s: %s", disk->name,
		       disk->refused);
}

int card_target_size(const char *path, uint64_t *size, struct rc_error *err)
{
	struct card_disk disk;
	struct stat st;
	int result;

	*size = 0;
	if (stat(path, &st) != 0)
		return 0;
	if (S_ISREG(st.st_mode))
		return rc_fail(err, RC_EREFUSED,
			       "%s is there already, and a file is not overwritten: give another "
			       "name, or delete it first",
			       path);
	if (!S_ISBLK(st.st_mode))
		return rc_fail(
			err, RC_EUSAGE,
			"%s is neither a card nor a name for a new file: give /dev/sdX as lsblk "
			"shows it, or a name such as card.img",
			path);
	result = find_disk(path, &disk, err);
	if (!result)
		*size = disk.size;
	return result;
}

/* What is on it, in a few lines: enough to see that it is the wrong one. */
static void show_contents(const struct card_disk *disk)
{
	char path[64], size[RC_SIZE_TEXT];
	struct mbr mbr;
	struct rc_span card;

	snprintf(path, sizeof(path), "/dev/%s", disk->name);
	fprintf(stderr, "%s: %s, %s\n", path, rc_size_text(size, disk->size),
		disk->model[0] ? disk->model : "of unknown make");
	if (card_map(path, &card, NULL))
		return;
	if (mbr_parse(card, card.size / CARD_SECTOR, &mbr, NULL) != 0)
		fprintf(stderr, "  no partition table\n");
	else
		for (size_t i = 0; i < MBR_PARTITIONS; i++)
			if (mbr.partitions[i].type)
				fprintf(stderr, "  partition %zu: type %02X, %s\n", i + 1,
					mbr.partitions[i].type,
					rc_size_text(size, (uint64_t)mbr.partitions[i].count *
								   CARD_SECTOR));
	card_unmap(card);
}

static int confirm(const struct card_disk *disk, const char *yes_erase, struct rc_error *err)
{
	char answer[64] = "";

	show_contents(disk);
	if (!yes_erase) {
		if (!isatty(STDIN_FILENO))
			return rc_fail(err, RC_EREFUSED,
				       "/dev/%s would be erased, and nobody is there to ask: give "
				       "--yes-erase %s where that is meant",
				       disk->name, disk->name);
		fprintf(stderr,
			"All of it will be erased. Type the name %s to go on: ", disk->name);
		if (fgets(answer, sizeof(answer), stdin))
			answer[strcspn(answer, "\r\n")] = '\0';
		yes_erase = answer;
	}
	if (strcmp(yes_erase, disk->name) == 0)
		return 0;
	return rc_fail(err, RC_EREFUSED, "nothing was written: the card is %s, and \"%s\" was said",
		       disk->name, yes_erase);
}

static void show_progress(void *context, unsigned percent)
{
	rc_progress_update(context, percent);
}

static int write_card(struct card_device *device, const struct card_content *content,
		      struct rc_error *err)
{
	struct card_content watched = *content;
	struct rc_progress progress;
	int result;

	rc_progress_start(&progress, "writing and reading back", 100);
	watched.progress = show_progress;
	watched.context = &progress;
	result = card_write(device, &watched, err);
	rc_progress_finish(&progress);
	return result;
}

int card_write_to(const char *path, uint64_t size, const char *yes_erase,
		  const struct card_content *content, struct rc_error *err)
{
	struct card_device *device;
	struct card_disk disk;
	uint64_t disk_size;
	int result = card_target_size(path, &disk_size, err);

	if (result)
		return result;
	if (disk_size) {
		result = find_disk(path, &disk, err);
		if (!result)
			result = confirm(&disk, yes_erase, err);
		if (!result)
			result = card_open_disk(path, &device, err);
	} else {
		result = card_create_file(path, size, &device, err);
	}
	if (result)
		return result;
	result = write_card(device, content, err);
	card_close(device);
	if (result && !disk_size)
		unlink(path);
	return result;
}
