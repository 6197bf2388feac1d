/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "card/disks.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/text.h"

#define ATTRIBUTE 256
#define PATH_SIZE 512

/* One line of a file below /sys/block/NAME, without its end; false where there is none. */
static bool read_attribute(const char *root, const char *name, const char *what,
			   char out[ATTRIBUTE])
{
	char path[PATH_SIZE];
	FILE *file;
	char *line;

	snprintf(path, sizeof(path), "%s/sys/block/%s/%s", root, name, what);
	file = fopen(path, "re");
	if (!file)
		return false;
	line = fgets(out, ATTRIBUTE, file);
	fclose(file);
	if (!line)
		return false;
	for (size_t length = strlen(out); length && strchr(" \n", out[length - 1]);)
		out[--length] = '\0';
	return true;
}

static uint64_t read_number(const char *root, const char *name, const char *what)
{
	char text[ATTRIBUTE];
	uint64_t value = 0;

	if (read_attribute(root, name, what, text))
		rc_parse_number(text, UINT64_MAX, &value);
	return value;
}

/* /sys/block/NAME is a link into the tree of devices, whose names tell the bus. */
static void read_bus(const char *root, struct card_disk *disk)
{
	char path[PATH_SIZE], target[PATH_SIZE], type[ATTRIBUTE];
	ssize_t length;

	snprintf(path, sizeof(path), "%s/sys/block/%s", root, disk->name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return;
	target[length] = '\0';
	if (strstr(target, "/usb"))
		snprintf(disk->bus, sizeof(disk->bus), "usb");
	/* What is soldered to the board says "MMC". */
	else if (strstr(target, "/mmc_host/") &&
		 read_attribute(root, disk->name, "device/type", type) && strcmp(type, "SD") == 0)
		snprintf(disk->bus, sizeof(disk->bus), "sd");
}

static void read_model(const char *root, struct card_disk *disk)
{
	char vendor[ATTRIBUTE] = "", model[ATTRIBUTE] = "";

	read_attribute(root, disk->name, "device/vendor", vendor);
	if (!read_attribute(root, disk->name, "device/model", model))
		read_attribute(root, disk->name, "device/name", model);
	snprintf(disk->model, sizeof(disk->model), "%.30s%s%.30s", vendor,
		 *vendor && *model ? " " : "", model);
}

/* --- What is in use --- */

struct usage {
	const char *root;
	struct card_disk *disk;
	struct rc_text mounts; /* /proc/self/mountinfo */
	struct rc_text swaps;  /* /proc/swaps */
};

static void read_text(const char *root, const char *path, struct rc_text *out)
{
	char whole[PATH_SIZE], line[ATTRIBUTE];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	file = fopen(whole, "re");
	while (file && fgets(line, sizeof(line), file))
		rc_text_add(out, "%s", line);
	if (file)
		fclose(file);
}

/* "36 35 8:17 / /media/x rw,relatime - vfat /dev/sdb1 rw": the third and fifth words. */
static bool mounted_at(const char *mounts, const char *number, char place[ATTRIBUTE])
{
	for (const char *line = mounts; *line;) {
		const char *end = strchr(line, '\n');
		char device[32];

		if (sscanf(line, "%*s %*s %31s %*s %255s", device, place) == 2 &&
		    strcmp(device, number) == 0)
			return true;
		if (!end)
			break;
		line = end + 1;
	}
	return false;
}

static bool has_holders(const char *root, const char *folder)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	bool found = false;
	DIR *directory;

	snprintf(path, sizeof(path), "%s/sys/block/%s/holders", root, folder);
	directory = opendir(path);
	while (directory && (entry = readdir(directory)))
		found |= entry->d_name[0] != '.';
	if (directory)
		closedir(directory);
	return found;
}

/* folder: "sdb" or "sdb/sdb1". */
static void look_for_use(struct usage *usage, const char *folder, const char *device)
{
	struct card_disk *disk = usage->disk;
	char number[ATTRIBUTE], attribute[PATH_SIZE], place[ATTRIBUTE], path[64];
	const char *what = strchr(folder, '/');

	if (disk->refused[0])
		return;
	snprintf(attribute, sizeof(attribute), "%s%sdev", what ? what + 1 : "", what ? "/" : "");
	snprintf(path, sizeof(path), "/dev/%.40s ", device);
	if (has_holders(usage->root, folder))
		snprintf(disk->refused, sizeof(disk->refused),
			 "%.40s is part of something larger (LVM, RAID, encryption)", device);
	else if (strstr(rc_text_get(&usage->swaps), path))
		snprintf(disk->refused, sizeof(disk->refused), "%.40s is swap space of this system",
			 device);
	else if (read_attribute(usage->root, disk->name, attribute, number) &&
		 mounted_at(rc_text_get(&usage->mounts), number, place))
		snprintf(disk->refused, sizeof(disk->refused),
			 "%.40s is mounted at %.80s: where that is the card, unmount it", device,
			 place);
	/* Some file systems (btrfs) have a number of their own, and name the disk only. */
	else if (strstr(rc_text_get(&usage->mounts), path))
		snprintf(disk->refused, sizeof(disk->refused), "%.40s is mounted: unmount it",
			 device);
}

static void look_at_partitions(struct usage *usage)
{
	char path[PATH_SIZE], folder[PATH_SIZE];
	size_t length = strlen(usage->disk->name);
	struct dirent *entry;
	DIR *directory;

	snprintf(path, sizeof(path), "%s/sys/block/%s", usage->root, usage->disk->name);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		if (strncmp(entry->d_name, usage->disk->name, length) != 0)
			continue;
		snprintf(folder, sizeof(folder), "%s/%s", usage->disk->name, entry->d_name);
		look_for_use(usage, folder, entry->d_name);
	}
	if (directory)
		closedir(directory);
}

static void judge_use(const char *root, struct card_disk *disk)
{
	struct usage usage = { .root = root, .disk = disk };

	if (disk->size == 0)
		snprintf(disk->refused, sizeof(disk->refused), "there is no card in it");
	else if (disk->size > CARD_MAX_DISK)
		snprintf(disk->refused, sizeof(disk->refused),
			 "it has %llu GiB: no camera of these reads such a card, and it may be a "
			 "disk",
			 (unsigned long long)(disk->size >> 30));
	else if (read_number(root, disk->name, "ro"))
		snprintf(disk->refused, sizeof(disk->refused),
			 "it cannot be written: is the card's lock pushed down?");
	if (disk->refused[0])
		return;
	read_text(root, "/proc/self/mountinfo", &usage.mounts);
	read_text(root, "/proc/swaps", &usage.swaps);
	look_for_use(&usage, disk->name, disk->name);
	look_at_partitions(&usage);
	rc_text_free(&usage.mounts);
	rc_text_free(&usage.swaps);
}

/* False: no disk that could be a card. */
static bool read_disk(const char *root, const char *name, struct card_disk *disk)
{
	*disk = (struct card_disk){ 0 };
	snprintf(disk->name, sizeof(disk->name), "%.31s", name);
	read_bus(root, disk);
	disk->removable = read_number(root, name, "removable") != 0;
	if (!disk->bus[0] && !disk->removable)
		return false;
	/* Drives for discs, and what has no device behind it, such as /dev/loop0. */
	if (strncmp(name, "sr", 2) == 0 || strncmp(name, "loop", 4) == 0 ||
	    strncmp(name, "fd", 2) == 0)
		return false;
	disk->size = read_number(root, name, "size") * 512;
	read_model(root, disk);
	judge_use(root, disk);
	return true;
}

int card_disks(const char *root, struct card_disk disks[CARD_MAX_DISKS], size_t *count,
	       struct rc_error *err)
{
	char path[PATH_SIZE];
	struct dirent **names;
	int found;

	*count = 0;
	snprintf(path, sizeof(path), "%s/sys/block", root);
	found = scandir(path, &names, NULL, alphasort);
	if (found < 0)
		return rc_fail(err, RC_EUNSUPPORTED,
			       "%s is not there: recam finds cards in Linux only; make an image "
			       "file (recam card make card.img) and bring it onto the card",
			       path);
	for (int i = 0; i < found; i++) {
		if (names[i]->d_name[0] != '.' && *count < CARD_MAX_DISKS)
			*count += read_disk(root, names[i]->d_name, &disks[*count]);
		free(names[i]);
	}
	free(names);
	return 0;
}

int card_disk_find(const char *root, const char *path, struct card_disk *disk, struct rc_error *err)
{
	struct card_disk disks[CARD_MAX_DISKS];
	const char *name = strrchr(path, '/');
	size_t count;
	int result = card_disks(root, disks, &count, err);

	name = name ? name + 1 : path;
	for (size_t i = 0; i < count && !result; i++) {
		size_t length = strlen(disks[i].name);

		if (strcmp(disks[i].name, name) == 0) {
			*disk = disks[i];
			return 0;
		}
		if (strncmp(disks[i].name, name, length) == 0)
			return rc_fail(err, RC_EUSAGE,
				       "%s is one partition: give the whole card, /dev/%s", path,
				       disks[i].name);
	}
	if (result)
		return result;
	return rc_fail(err, RC_EREFUSED,
		       "%s is no card: neither removable nor in a card reader, so nothing is "
		       "written to it; lsblk lists the disks, the card is the line that comes when "
		       "you push it in",
		       path);
}
