/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which disks of a computer are cards: on made-up computers, as /sys and /proc show them. */
#include "card/disks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support.h"

static const char *root;

static void make_folders(const char *path)
{
	char whole[600];

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	for (char *at = whole + strlen(root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(whole, 0700);
		*at = '/';
	}
}

static void put(const char *path, const char *text)
{
	char whole[600];
	struct rc_error err;

	make_folders(path);
	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	support_ok(rc_file_replace(whole, text, strlen(text), 0600, &err), &err);
}

/* sectors, removable, number: as the kernel writes them; way: its place among the devices. */
static void put_disk(const char *name, const char *way, const char *sectors, const char *removable,
		     const char *number)
{
	char path[300], target[300], whole[600];

	snprintf(path, sizeof(path), "sys/devices/%s/%s/size", way, name);
	put(path, sectors);
	snprintf(path, sizeof(path), "sys/devices/%s/%s/removable", way, name);
	put(path, removable);
	snprintf(path, sizeof(path), "sys/devices/%s/%s/ro", way, name);
	put(path, "0\n");
	snprintf(path, sizeof(path), "sys/devices/%s/%s/dev", way, name);
	put(path, number);
	make_folders("sys/block/x");
	snprintf(target, sizeof(target), "../devices/%s/%s", way, name);
	snprintf(whole, sizeof(whole), "%s/sys/block/%s", root, name);
	assert_int_equal(symlink(target, whole), 0);
}

static void put_in(const char *name, const char *what, const char *text)
{
	char path[300];

	snprintf(path, sizeof(path), "sys/block/%s/%s", name, what);
	put(path, text);
}

/* A notebook: its own disk, a USB reader with a card, one without, a built-in reader, an eMMC,
 * a USB disk, a stick with LVM, a swap stick, and what is no disk at all. */
static int make_computer(void **state)
{
	static const char usb[] = "pci0000:00/0000:00:14.0/usb1/1-%d/host%d/target/block";
	char way[100];

	(void)state;
	root = support_temp_dir();
	put_disk("nvme0n1", "pci0000:00/0000:00:1d.0/nvme/nvme0", "1000215216\n", "0\n", "259:0\n");
	put_disk("loop0", "virtual/block", "1000\n", "0\n", "7:0\n");
	snprintf(way, sizeof(way), usb, 2, 2);
	put_disk("sda", way, "62333952\n", "1\n", "8:0\n");
	put_in("sda", "device/vendor", "Generic \n");
	put_in("sda", "device/model", "STORAGE DEVICE  \n");
	put_in("sda", "sda1/dev", "8:1\n");
	snprintf(way, sizeof(way), usb, 3, 3);
	put_disk("sdb", way, "0\n", "1\n", "8:16\n");
	put_disk("mmcblk0", "pci/mmc_host/mmc0/mmc0:aaaa/block", "3842048\n", "0\n", "179:0\n");
	put_in("mmcblk0", "device/type", "SD\n");
	put_in("mmcblk0", "device/name", "SA02G\n");
	put_in("mmcblk0", "mmcblk0p1/dev", "179:1\n");
	put_disk("mmcblk1", "pci/mmc_host/mmc1/mmc1:0001/block", "30535680\n", "0\n", "179:8\n");
	put_in("mmcblk1", "device/type", "MMC\n");
	snprintf(way, sizeof(way), usb, 4, 4);
	put_disk("sdc", way, "1953525168\n", "0\n", "8:32\n");
	snprintf(way, sizeof(way), usb, 5, 5);
	put_disk("sdd", way, "31116288\n", "1\n", "8:48\n");
	put_in("sdd", "sdd1/dev", "8:49\n");
	put_in("sdd", "sdd1/holders/dm-0/x", "");
	snprintf(way, sizeof(way), usb, 6, 6);
	put_disk("sde", way, "31116288\n", "1\n", "8:64\n");
	put_in("sde", "sde2/dev", "8:66\n");
	snprintf(way, sizeof(way), usb, 7, 7);
	put_disk("sdf", way, "31116288\n", "1\n", "8:80\n");
	put_in("sdf", "sdf1/dev", "8:81\n");
	snprintf(way, sizeof(way), usb, 8, 8);
	put_disk("sdg", way, "31116288\n", "1\n", "8:96\n");
	put_in("sdg", "ro", "1\n");
	put("proc/self/mountinfo",
	    "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n"
	    "36 22 179:1 / /media/me/CARD rw,nosuid - vfat /dev/mmcblk0p1 rw\n"
	    "37 22 0:45 / /mnt/data rw - btrfs /dev/sdf1 rw\n");
	put("proc/swaps", "Filename\t\t\tType\t\tSize\n/dev/sde2 partition 1000 0 -2\n");
	return 0;
}

static const struct card_disk *disk_named(const struct card_disk *disks, size_t count,
					  const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(disks[i].name, name) == 0)
			return &disks[i];
	return NULL;
}

static void test_list(void **state)
{
	static const struct {
		const char *name, *bus, *model, *refused;
	} wanted[] = {
		{ "sda", "usb", "Generic STORAGE DEVICE", "" },
		{ "sdb", "usb", "", "no card in it" },
		{ "mmcblk0", "sd", "SA02G", "mmcblk0p1 is mounted at /media/me/CARD" },
		{ "sdc", "usb", "", "it has 931 GiB" },
		{ "sdd", "usb", "", "sdd1 is part of something larger" },
		{ "sde", "usb", "", "sde2 is swap space" },
		{ "sdf", "usb", "", "sdf1 is mounted" },
		{ "sdg", "usb", "", "the card's lock" },
	};
	struct card_disk disks[CARD_MAX_DISKS];
	struct rc_error err;
	size_t count;

	(void)state;
	support_ok(card_disks(root, disks, &count, &err), &err);
	assert_int_equal(count, RC_COUNT(wanted));
	for (size_t i = 0; i < RC_COUNT(wanted); i++) {
		const struct card_disk *disk = disk_named(disks, count, wanted[i].name);

		assert_non_null(disk);
		assert_string_equal(disk->bus, wanted[i].bus);
		assert_string_equal(disk->model, wanted[i].model);
		if (!*wanted[i].refused)
			assert_string_equal(disk->refused, "");
		else if (!strstr(disk->refused, wanted[i].refused))
			fail_msg("%s: \"%s\"", disk->name, disk->refused);
	}
	assert_int_equal(disks[0].size, disk_named(disks, count, disks[0].name)->size);
	assert_int_equal(disk_named(disks, count, "sda")->size, 62333952ull * 512);
}

static void test_find(void **state)
{
	struct card_disk disk;
	struct rc_error err;

	(void)state;
	support_ok(card_disk_find(root, "/dev/sda", &disk, &err), &err);
	assert_string_equal(disk.refused, "");
	support_ok(card_disk_find(root, "/dev/mmcblk0", &disk, &err), &err);
	support_fails(card_disk_find(root, "/dev/sda1", &disk, &err), RC_EUSAGE, &err,
		      "give the whole card, /dev/sda");
	support_fails(card_disk_find(root, "/dev/mmcblk0p1", &disk, &err), RC_EUSAGE, &err,
		      "/dev/mmcblk0");
	/* The computer's own disk, its soldered memory, a loop device, one that is not there. */
	support_fails(card_disk_find(root, "/dev/nvme0n1", &disk, &err), RC_EREFUSED, &err,
		      "neither removable nor in a card reader");
	support_fails(card_disk_find(root, "/dev/nvme0n1p1", &disk, &err), RC_EREFUSED, &err,
		      "is no card");
	support_fails(card_disk_find(root, "/dev/mmcblk1", &disk, &err), RC_EREFUSED, &err,
		      "is no card");
	support_fails(card_disk_find(root, "/dev/loop0", &disk, &err), RC_EREFUSED, &err,
		      "is no card");
	support_fails(card_disk_find(root, "/dev/sdz", &disk, &err), RC_EREFUSED, &err,
		      "is no card");
	support_fails(card_disk_find("/nonexistent", "/dev/sda", &disk, &err), RC_EUNSUPPORTED,
		      &err, "card.img");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, make_computer, NULL);
}
