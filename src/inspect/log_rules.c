/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The strings are those of the bootloaders and kernels, misspellings included:
 * facts/bootloaders-and-flash.md 2 to 4 and 8, facts/mstar-mi360.md 2, 3 and 7. */
#include "inspect/log_rules.h"

#include <string.h>

#include "base/bytes.h"

static const struct log_rule rules[] = {
	/* Stages. */
	{ "U-Boot SPL 20", EV_SPL },
	{ "^IPL g", EV_IPL },
	{ "U-Boot 20", EV_UBOOT },
	{ "^Version: I", EV_VERSION },
	{ "^Version: I", EV_MSTAR },
	{ "MXP found at", EV_MSTAR },
	{ "IPL_CUST", EV_MSTAR },
	{ "SigmaStar # ", EV_MSTAR },
	{ "MStar # ", EV_MSTAR },
	{ "MStar SD/MMC", EV_MSTAR },
	{ "Bootloader-Version: Dafanghacks", EV_OPEN_BUILD },
	{ "Running SDupdate....", EV_OPEN_BUILD },
	{ "Ingenic XBurst T10 SoC", EV_T10 },
	{ "^DRAM:", EV_DRAM },
	{ "bad CRC, using default environment", EV_DEFAULT_ENV },
	{ "Hit any key to stop autoboot", EV_UBOOT },

	/* The flash. */
	{ "the id code = ", EV_ID_CODE },
	{ "unsupport ID is if the id not be 0x00", EV_ID_UNKNOWN },
	{ "SF: Unsupported manufacturer ", EV_MAKER_UNKNOWN },
	{ "Failed to initialize SPI flash", EV_FLASH_SILENT },
	{ "SF: Failed to set up slave", EV_FLASH_SILENT },
	{ "ERROR: attempting * past flash size (0x800000)", EV_PAST_SIZE },
	{ "ERROR: attempting * past flash size", EV_COMMAND_FAILED },
	{ "len plus offset more than flash size!", EV_LEN_PLUS_OFFSET },
	{ "can not found mxp record", EV_NONE, "boot-damaged", "boot" },
	{ "failed to get MXP record", EV_NONE, "boot-damaged", "boot" },
	{ "MXP not found, use default base", EV_NONE, "boot-damaged", "boot" },
	{ "-Verify CRC32 failed!", EV_NONE, "boot-damaged", "boot" },
	{ "-Verify CRC32 Header failed!", EV_NONE, "boot-damaged", "boot" },
	{ "-Authenticate image failed!", EV_NONE, "boot-damaged", "boot" },
	/* The start code of the SONIX camera, when it meets another's bootloader: story 8. */
	{ "^hw:x", EV_NONE, "wrong-processor", "boot" },
	{ "^sf:err", EV_NONE, "wrong-processor", "boot" },

	/* The card. */
	{ "Card did not respond to voltage select", EV_CARD_UNREADABLE },
	{ "MMC: no card present", EV_CARD_NONE },
	{ "there's no sdcard, ignore dfu", EV_CARD_NONE },
	{ "** Bad device mmc 0 **", EV_CARD_UNREADABLE },
	{ "bad MBR sector signature", EV_NONE, "card-not-read", NULL },
	{ "Filesystem: FAT", EV_CARD_FAT },
	{ "No valid FAT fs found", EV_CARD_NOT_FAT },
	{ "** Partition 1 not valid on device", EV_CARD_NOT_FAT },
	{ "Error: FAT sector size mismatch", EV_CARD_NOT_FAT },
	{ "Error reading cluster", EV_NONE, "card-damaged", NULL },
	{ "Invalid FAT entry", EV_NONE, "card-damaged", NULL },
	{ "** No partition table - mmc 0 **", EV_CARD_NOT_FAT },
	{ "** Invalid partition 1 **", EV_CARD_NOT_FAT },
	{ "** Unrecognized filesystem type **", EV_CARD_NOT_FAT },
	{ "** Unable to read file ", EV_CARD_FILE_MISSING },
	{ "mmcblk0: ", EV_LINUX_CARD },

	/* The card update. */
	{ "jiabo_do_auto_update", EV_AUTO_UPDATE },
	{ "gpio_request lable = sdupgrade", EV_BUTTON_ASKED },
	{ "setup_button set long", EV_BUTTON_HELD },
	{ "reading demo.bin", EV_READING_UPDATE },
	{ "reading flash-", EV_READING_OTHER },
	{ "jiabo_au_check_cksum_valid", EV_UPDATE_CHECKED },
	{ "bad MAGIC or ARCH", EV_UPDATE_REFUSED },
	{ "Image * bad header checksum", EV_UPDATE_REFUSED },
	{ "Image * wrong type", EV_UPDATE_REFUSED },
	{ "Image * is bigger than FLASH", EV_UPDATE_REFUSED },
	{ "Image * bad total SIZE", EV_UPDATE_REFUSED },
	{ "Image * bad data checksum", EV_UPDATE_REFUSED },
	{ "demo.bin sigh verify fail", EV_UPDATE_REFUSED },
	{ "Invalid data len", EV_UPDATE_REFUSED },
	{ "data check NG", EV_UPDATE_REFUSED },
	{ "flash erase...", EV_ERASING },
	{ "sf erase start", EV_ERASING },
	{ "flash write...", EV_WRITING },
	{ "sf write start", EV_WRITING },
	{ "flash sector erase failed", EV_ERASE_FAILED },
	{ "SPI flash failed in erase step", EV_COMMAND_FAILED },
	{ "SF: * Erased: ERROR", EV_COMMAND_FAILED },
	{ "SPI flash write failed, return", EV_WRITE_FAILED },
	{ "flash write failed, return", EV_WRITE_FAILED },
	{ "SPI flash failed in write step", EV_COMMAND_FAILED },
	{ "SF: * Written: ERROR", EV_COMMAND_FAILED },
	{ "FSP FAIL Timeout", EV_WRITE_FAILED },
	{ "WriteStatus FAIL Timeout", EV_WRITE_FAILED },
	{ "Bad Data Checksum After COPY", EV_COPY_CRC },
	{ "after change the blue_gpio ret is 1", EV_BLUE_OFF },
	{ "sf write execute, ret is 0", EV_MSTAR_WRITTEN },
	{ "^FWGRADEUP=", EV_PENDING_COPY },
	{ "flag flash earse...", EV_FLAG_ERASE },
	{ "read file start", EV_READ_START },
	{ "exist, will rename", EV_RENAMED },
	{ "Rename tf_", EV_RENAMED },
	{ "sfc write error", EV_WRITE_FAILED },
	{ "spi nor write failed", EV_WRITE_FAILED },

	/* The start. */
	{ "Booting kernel from Legacy Image", EV_BOOTM },
	{ "   Image Name:", EV_IMAGE_NAME },
	{ "Starting kernel ...", EV_STARTING },
	{ "Linux version ", EV_LINUX },
	{ "Booting Linux on ", EV_LINUX },
	{ "Kernel command line:", EV_LINUX },
	{ "Kernel command line:", EV_CMDLINE },
	{ "Wrong Image Format for bootm command", EV_NONE, "kernel-not-found", "kernel" },
	{ "Bad Data CRC", EV_NONE, "kernel-bad-crc", "kernel" },
	{ "Bad Header Checksum", EV_NONE, "kernel-bad-crc", "kernel" },
	{ "uncompress or overwrite error", EV_NONE, "kernel-damaged", "kernel" },
	{ "Unable to mount root fs", EV_NO_ROOT },
	{ "No filesystem could mount root", EV_NO_ROOT },
	{ "Cannot open root device", EV_NO_ROOT },
	{ "unable to read id index table", EV_NO_ROOT },
	{ "Requested init * failed", EV_NO_ROOT },
	{ "No init found", EV_NO_ROOT },
	{ "No working init found", EV_NO_ROOT },
	{ "Kernel panic - not syncing", EV_PANIC },
	{ "SQUASHFS error", EV_SQUASHFS_ERROR },
	{ "Format system partition", EV_NONE, "appfs-erased", "appfs" },
	{ "Not have the sensor driver", EV_NONE, "firmware-mixed", NULL },
	{ "Can't find the NVRAM_MAGIC", EV_NONE, "identity-missing", "FACTORY" },
	/* What the Wi-Fi driver makes up where it is given no address: story 9. */
	{ "00:e0:4c:", EV_NONE, "identity-missing", "para" },
	{ "00:E0:4C:", EV_NONE, "identity-missing", "para" },
	{ "init started: BusyBox", EV_USERSPACE },
	{ "login:", EV_USERSPACE },
	{ "Welcome to", EV_USERSPACE },

	/* flashrom, pasted with the rest. */
	{ "ERASE FAILED", EV_NONE, "write-protected", NULL },
	{ "Block Protect * is set", EV_NONE, "write-protected", NULL },
	{ "Couldn't open device 1a86:5512", EV_NONE, "programmer-not-found", NULL },
	{ "No EEPROM/flash device found", EV_NONE, "programmer-not-found", NULL },
};

static const struct log_noise noises[] = {
	{ "bad CRC, using default environment", "this camera has never saved settings of its own" },
	{ "Erasing SPI flash...addr align as",
	  "this bootloader tries to save settings and cannot; the line sfc erase error behind it "
	  "belongs to it" },
	{ "FWGRADEUP not find", "no online update is waiting" },
	{ "gradeup check fail", "no online update is waiting" },
	{ "MT7601 E2PROM: WRONG VERSION", "the Wi-Fi works all the same" },
	{ "ERR: Can't find KIMG header", "this kernel needs none" },
	{ "there's no sdcard, ignore dfu", "no card, so no card update" },
	{ "No ethernet found.", "it has none" },
	{ "WARNING: Caches not enabled", "it says so at every start" },
	{ "and use default flash type",
	  "this bootloader then takes it for 16 MiB, which is right" },
	{ "/tf_update.img not exist", "no card update is waiting" },
	{ "** Unable to read file uEnv", "only cards that start the camera have this file" },
};

const struct log_rule *log_rules(size_t *count)
{
	*count = RC_COUNT(rules);
	return rules;
}

const struct log_noise *log_noises(size_t *count)
{
	*count = RC_COUNT(noises);
	return noises;
}

bool log_matches(const char *line, const char *pattern)
{
	bool anchored = *pattern == '^';

	pattern += anchored;
	for (;;) {
		size_t size = strcspn(pattern, "*");
		const char *found = anchored ? (strncmp(line, pattern, size) == 0 ? line : NULL)
					     : memmem(line, strlen(line), pattern, size);

		if (!found)
			return false;
		line = found + size;
		pattern += size;
		if (!*pattern)
			return true;
		pattern++;
		anchored = false;
	}
}
