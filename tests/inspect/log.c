/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boot log reader, on logs composed of the strings that facts quote: a log for each
 * failure story, the exact set of findings expected, and normal starts without any.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/inspect.h"
#include "support.h"

static struct boards boards;

/* --- Pieces of logs (facts/bootloaders-and-flash.md 2, 3, 4; facts/mstar-mi360.md 2, 3) --- */

#define SPL                                                                             \
	"U-Boot SPL 2013.07 (Jul 28 2017 - 17:10:01)\r\npll_init:365\r\nl2cache_clk = " \
	"430000000\r\nDDRC_DLP:0000f003\r\n\r\n"
#define BANNER                                                                                \
	"U-Boot 2013.07 (Jul 28 2017 - 17:10:01)\r\n\r\nBoard: ISVP (Ingenic XBurst T20 "     \
	"SoC)\r\nDRAM:  128 MiB\r\nTop of RAM usable for U-Boot at: 84000000\r\nReserving "   \
	"399k for U-Boot at: 83f9c000\r\nNow running in RAM - U-Boot at: 83f9c000\r\nMMC:   " \
	"msc: 0\r\n"
#define CHIP "the manufacturer c8\r\nSF: Detected GD25Q128\r\n\r\n"
#define UNKNOWN                                                                              \
	"the id code = 1c7018\r\nunsupport ID is if the id not be 0x00,the flash is ok for " \
	"burner\r\nthe manufacturer 1c\r\nSF: Detected FM25Q64\r\n\r\n"
#define BAD_ENV "*** Warning - bad CRC, using default environment\r\n\r\n"
#define SERIAL  "In:    serial\r\nOut:   serial\r\nErr:   serial\r\n"
#define PINS                                                                                 \
	"misc_init_r before change the blue_gpio\r\ngpio_request lable = blue_gpio gpio = "  \
	"39\r\nmisc_init_r after gpio_request the blue_gpio ret is 39\r\nmisc_init_r after " \
	"change the blue_gpio ret is 1\r\n"
#define COUNTDOWN "Hit any key to stop autoboot:  1 \b\b\b 0 \r\n"
#define ASKED                                                                             \
	"jiabo_do_auto_update!!!!!!!!!!!!!!!!!!!!!!!!\r\ngpio_request lable = sdupgrade " \
	"gpio = 46\r\n"
#define NO_BUTTON                                                                                \
	ASKED CHIP "jiabo_update_to_flash!!!!!!!!!!!!!!!!!!!!!!!!\r\njiabo_au_do_update!!!!!!!!" \
		   "!!!!!!!!!!!!!!!!\r\nstart=0\r\nstart=40000\r\nlen=40000\r\nflash check "     \
		   "read...\r\n"
#define NO_FLAG                                                                                 \
	"FWGRADEUP not find !!!!!!!!!\r\ngradeup check fail!!!!!!!!!!!!!!!!!!!\r\nErasing SPI " \
	"flash...addr align as 10000 !\r\nsfc erase error\r\n"
#define BUTTON ASKED "setup_button set long!!!!!!!!!!!!!!!!!!!\r\n"
#define FAT                                                                                    \
	"Interface:  MMC\r\n  Device 0: Vendor: Man 000002 Snr 751da700 Rev: 1.0 Prod: "       \
	"SA02G\r\n            Type: Removable Hard Disk\r\n            Capacity: 1876.0 MB = " \
	"1.8 GB (3842048 x 512)\r\nFilesystem: FAT32 \"           \"\r\n"
#define DEMO                                                                                 \
	"reading demo.bin\r\nreading demo.bin\r\njiabo_au_check_cksum_valid!!!!!!!!!!!!!!!!" \
	"!!!!!!!!\r\n"
#define BLUE_ON                                                                           \
	"jiabo_idx=4\r\nmisc_init_r before change the blue_gpio\r\ngpio_request lable = " \
	"blue_gpio gpio = 39\r\nmisc_init_r after gpio_request the blue_gpio ret is "     \
	"39\r\nmisc_init_r after change the blue_gpio ret is "                            \
	"0\r\njiabo_start=40000,jiabo_len=a90000\r\n"
#define BLUE_OFF "misc_init_r after change the blue_gpio ret is 1\r\n"
#define SF_READ  CHIP "--->probe spend 11 ms\r\nSF: 2621440 bytes @ 0x40000 Read: OK\r\n"
#define BOOTM                                                                                \
	"## Booting kernel from Legacy Image at 80600000 ...\r\n   Image Name:   "           \
	"Linux-3.10.14\r\n   Image Type:   MIPS Linux Kernel Image (lzma compressed)\r\n   " \
	"Data Size:    1805541 Bytes = 1.7 MiB\r\n   Load Address: 80010000\r\n   Entry "    \
	"Point:  803e30f0\r\n   Verifying Checksum ... "
#define KERNEL BOOTM "OK\r\n   Uncompressing Kernel Image ... OK\r\n\r\nStarting kernel ...\r\n\r\n"
#define ARGS                                                                                   \
	"console=ttyS1,115200n8 mem=104M@0x0 ispmem=8M@0x6800000 rmem=16M@0x7000000 "          \
	"init=/linuxrc rootfstype=squashfs root=/dev/mtdblock2 rw mtdparts=jz_sfc:256k(boot)," \
	"2048k(kernel),3392k(root),640k(driver),4736k(appfs),2048k(backupk),640k(backupd),"    \
	"2048k(backupa),256k(config),256k(para),-(flag)\r\n"
#define LINUX                                                                                  \
	"[    0.000000] Linux version 3.10.14 (jiabo@jiabo)\r\n[    0.000000] Kernel command " \
	"line: " ARGS "[    0.713000] RTL871X: rtl8189es v4.3.18\r\n"
#define SHELL "init started: BusyBox v1.22.1\r\n"

/* From power-on to the end of the countdown. */
#define POWER_ON SPL BANNER CHIP BAD_ENV SERIAL PINS COUNTDOWN
#define NORMAL   POWER_ON NO_BUTTON NO_FLAG SF_READ KERNEL LINUX SHELL
#define HELD     POWER_ON BUTTON FAT CHIP

#define MI_IPL                                                                                  \
	"IPL g2cd6de2\r\nD-05\r\n64MB\r\nBIST0_0001-OK\r\nLoad IPL_CUST from NOR\r\nMXP found " \
	"at 0x00020000\r\noffset:00010000\r\nChecksum OK\r\n\r\nIPL_CUSTg2cd6de2\r\nMXP found " \
	"at 0x00020000\r\nrunUBOOT()\r\n[SPI_NOR]\r\n -Verify CRC32 passed!\r\n -Decompress "   \
	"XZ\r\n"
#define MI_BANNER                                                                               \
	"\r\nU-Boot 2015.01 (Sep 15 2020 - 15:53:02), Build: "                                  \
	"jenkins-ipc019_4_0_9_0425-4\r\n\r\nVersion: I6g46ec744\r\nI2C:   ready\r\nDRAM:  "     \
	"\r\nWARNING: Caches not enabled\r\nMMC:   MStar SD/MMC: 0\r\nnor_flash_mxp allocated " \
	"success!!\r\nFlash is detected (0x090F, 0x1C, 0x70, 0x18)\r\nSF: Detected nor0 with "  \
	"total size 16 MiB\r\nMXP found at mxp_offset[2]=0x00020000, "                          \
	"size=0x1000\r\nenv_offset=0x4F000 env_size=0x1000\r\n"
#define MI_SERIAL SERIAL "Net:   Net Initialization Skipped\r\nNo ethernet found.\r\n"
#define MI_START  MI_IPL MI_BANNER MI_SERIAL
#define MI_NO_CARD                                                                          \
	"_[sdmmc_0] mmc_core_init\r\n_[sdmmc_0] Card Detect Fail! \r\n** Bad device mmc 0 " \
	"**\r\nthere's no sdcard, ignore dfu \r\n"
#define MI_BOOTM(name)                                                                    \
	"##  Booting kernel from Legacy Image at 22000000 ...\r\n   Image Name:   " name  \
	"\r\n   Verifying Checksum ... OK\r\n   Uncompressing Kernel Image ... \r\n[XZ] " \
	"!!!reserved 0x21000000 length=0x 1000000 for xz!!\r\n   XZ: uncompressed "       \
	"size=0x334000, ret=7\r\nOK\r\nERR: Can't find KIMG header and initrd address, "  \
	"0x00000000\r\natags:0x20000000\r\n\r\nStarting kernel ...\r\n\r\n"
#define MI_KERNEL MI_BOOTM("MVX2##I6g6cdcdf5KL_LX409####[BR:")
#define MI_LINUX                                                                            \
	"[    0.000000] Booting Linux on physical CPU 0x0\r\n[    0.000000] Linux version " \
	"4.9.84\r\nMXP_PARTS!!\r\nMT7601 E2PROM: WRONG VERSION 0xc, should be 9\r\ninit "   \
	"started: BusyBox\r\n"
#define MI_READING                                                                        \
	"read file start\r\nreading tf_update.img\r\nread len = 0, actlen = "             \
	"16318544\r\ndata check start\r\nVerifying singature using libsodium\r\nHashing " \
	"1048576 bytes, 0 %\r\nHashing 589824 bytes, 96 %\r\nFinal...\r\n"

/* --- Asking --- */

static void ask(const char *log, size_t size, struct inspection *inspection)
{
	const struct inspect_options options = { .boards = &boards };
	struct rc_error err;

	support_ok(inspect_log((struct rc_span){ (const uint8_t *)log, size }, &options, inspection,
			       &err),
		   &err);
}

/* Every id in ids (blank-separated) must be there, and no other. */
static void expect(const char *name, const struct inspection *inspection, const char *ids)
{
	char wanted[512], *rest = wanted, *id;
	size_t found = 0;

	snprintf(wanted, sizeof(wanted), "%s", ids);
	while ((id = strsep(&rest, " "))) {
		if (!*id)
			continue;
		if (!inspection_find(inspection, id))
			fail_msg("%s: no %s", name, id);
		for (size_t i = 0; i < inspection->finding_count; i++)
			found += strcmp(inspection->findings[i].kind->id, id) == 0;
	}
	for (size_t i = 0; found != inspection->finding_count && i < inspection->finding_count; i++)
		print_error("%s: found %s: %s\n", name, inspection->findings[i].kind->id,
			    inspection->findings[i].evidence);
	if (found != inspection->finding_count)
		fail_msg("%s: expected only: %s", name, ids);
}

struct story {
	const char *name, *log, *ids;
	const char *evidence; /* in the first finding of ids */
};

static void tell(const struct story *story)
{
	struct inspection inspection;
	char first[64];

	ask(story->log, strlen(story->log), &inspection);
	expect(story->name, &inspection, story->ids);
	if (story->evidence) {
		const struct finding *finding;

		snprintf(first, sizeof(first), "%.*s", (int)strcspn(story->ids, " "), story->ids);
		finding = inspection_find(&inspection, first);
		assert_non_null(finding);
		if (!strstr(finding->evidence, story->evidence))
			fail_msg("%s: %s is not in: %s", story->name, story->evidence,
				 finding->evidence);
	}
	inspection_clear(&inspection);
}

#define NOISE "normal-noise"

/* Numbers are those of facts/bootloaders-and-flash.md 8. */
static const struct story dafang_stories[] = {
	{ "normal", NORMAL, NOISE, NULL },
	{ "1: update refused on a chip taken for 8 MiB",
	  SPL BANNER UNKNOWN BAD_ENV SERIAL PINS COUNTDOWN BUTTON FAT UNKNOWN DEMO BLUE_ON
	  "flash erase...\r\nlen plus offset more than flash size!\r\nsfc erase error\r\nSPI flash "
	  "sector erase failed\r\n" UNKNOWN KERNEL LINUX SHELL,
	  "chip-size-misdetected update-refused " NOISE, "1c7018" },
	{ "2: sf update past 8 MiB",
	  POWER_ON "isvp_t20# fatload mmc 0 0x80600000 demo.bin\r\nreading demo.bin\r\n11075648 "
		   "bytes read in 672 ms (15.7 MiB/s)\r\nisvp_t20# sf update 0x80600040 0x40000 "
		   "0xa90000\r\nERROR: attempting update past flash size (0x800000)\r\n--->update "
		   "spend 1 ms\r\nisvp_t20# ",
	  "chip-size-misdetected " NOISE, "0x800000" },
	{ "4: maker not known",
	  "U-Boot SPL 2013.07-gba03eeb (Dec 04 2018 - 21:41:16)\r\n\r\nU-Boot 2013.07-gba03eeb "
	  "(Dec 04 2018 - 21:41:16)\r\n\r\nBootloader-Version: Dafanghacks v2\r\nBoard: Dafang "
	  "128MB (Ingenic XBurst T20 SoC)\r\nDRAM:  128 MiB\r\nMMC:   msc: 0\r\nSF: Unsupported "
	  "manufacturer 5e\r\nFailed to initialize SPI flash at 0:0\r\n*** Warning - "
	  "spi_flash_probe() failed, using default environment\r\n" SERIAL "U-Boot> ",
	  "chip-unsupported", "manufacturer 5e" },
	{ "chip that does not answer",
	  SPL BANNER "SF: Unsupported manufacturer 00\r\nFailed to initialize SPI flash at "
		     "0:0\r\n" SERIAL "isvp_t20# ",
	  "chip-silent", "00" },
	{ "8: bootloader of another processor", "<<\r\nhw:x\r\nsf:err\r\n", "wrong-processor",
	  "hw:x" },
	{ "9: address made up", NORMAL "wlan0: hwaddr 00:e0:4c:12:34:56\r\n",
	  "identity-missing " NOISE, "00:**:**:**:**:56" },
	{ "11: no kernel",
	  POWER_ON NO_BUTTON NO_FLAG SF_READ
	  "Wrong Image Format for bootm command\r\nERROR: can't get kernel image!\r\nisvp_t20# ",
	  "kernel-not-found " NOISE, "Wrong Image Format" },
	{ "12: bad magic",
	  HELD
	  "reading demo.bin\r\nImage demo.bin bad MAGIC or ARCH\r\n" SF_READ KERNEL LINUX SHELL,
	  "update-refused " NOISE, "bad MAGIC" },
	{ "13: bad checksum",
	  HELD DEMO "Image demo.bin bad data checksum\r\n" SF_READ KERNEL LINUX SHELL,
	  "update-refused " NOISE, "bad data checksum" },
	{ "13: memory changes",
	  HELD DEMO BLUE_ON "flash erase...\r\nflash write...\r\nImage "
			    "demo.bin Bad Data Checksum After COPY\r\n" SF_READ KERNEL LINUX SHELL,
	  "memory-unstable update-failed " NOISE, "After COPY" },
	{ "14: no card",
	  POWER_ON BUTTON
	  "Card did not respond to voltage select!\r\n" CHIP SF_READ KERNEL LINUX SHELL,
	  "card-not-read " NOISE, "voltage select" },
	{ "14: a card that is no FAT, and not a word of it",
	  POWER_ON BUTTON CHIP "reading demo.bin\r\n" SF_READ KERNEL LINUX SHELL,
	  "card-not-fat " NOISE, "says nothing of a card" },
	{ "a command refused",
	  POWER_ON "isvp_t20# sf erase 0x41000 0x10000\r\nSF: 65536 bytes @ 0x41000 Erased: "
		   "ERROR\r\nisvp_t20# ",
	  "command-failed " NOISE, "ERROR" },
	{ "14: no FAT", POWER_ON BUTTON "\r\nNo valid FAT fs found\r\n" SF_READ KERNEL LINUX SHELL,
	  "card-not-fat " NOISE, "No valid FAT" },
	{ "14: no file", HELD "reading demo.bin\r\n" SF_READ KERNEL LINUX SHELL,
	  "card-no-file " NOISE, "reading demo.bin" },
	{ "14: button not held",
	  POWER_ON "isvp_t20# fatls mmc 0\r\n 11075648   demo.bin\r\n\r\n1 file(s), 0 "
		   "dir(s)\r\nisvp_t20# reset\r\nresetting ...\r\n" NORMAL,
	  "button-not-held " NOISE, "sdupgrade" },
	{ "15: it worked",
	  HELD DEMO BLUE_ON
	  "flash erase...\r\nflash write...\r\n" BLUE_OFF SF_READ KERNEL LINUX SHELL,
	  "update-written " NOISE, "flash write" },
	{ "14 and 15: pasted together, without banners",
	  COUNTDOWN BUTTON FAT CHIP
	  "reading demo.bin\r\n" CHIP COUNTDOWN BUTTON FAT CHIP DEMO BLUE_ON
	  "flash erase...\r\nflash write...\r\n" BLUE_OFF CHIP,
	  "card-no-file update-written", "reading demo.bin" },
	{ "16: noise alone", SPL BANNER BAD_ENV COUNTDOWN NO_FLAG KERNEL LINUX, NOISE, NULL },
	{ "17: kernel's checksum",
	  POWER_ON NO_BUTTON NO_FLAG SF_READ BOOTM
	  "Bad Data CRC\r\nERROR: can't get kernel image!\r\nisvp_t20# ",
	  "kernel-bad-crc " NOISE, "Bad Data CRC" },
	{ "18: no root",
	  NORMAL "[    1.1] No filesystem could mount root, tried:  squashfs\r\n[    1.1] Kernel "
		 "panic - not syncing: VFS: Unable to mount root fs on unknown-block(31,2)\r\n[    "
		 "1.2] Rebooting in 3 seconds..\r\n",
	  "no-root-filesystem " NOISE, "No filesystem could mount root" },
	{ "19: power lost while it wrote", HELD DEMO BLUE_ON "flash erase...\r\nflash write...\r\n",
	  "update-failed " NOISE, "in the middle" },
	{ "20: loop",
	  POWER_ON KERNEL LINUX
	  "Kernel panic - not syncing: Attempted to kill init!\r\n" POWER_ON KERNEL LINUX
	  "Kernel panic - not syncing: Attempted to kill init!\r\n" POWER_ON KERNEL LINUX,
	  "boot-loop kernel-panic " NOISE, "3 times" },
	{ "21: 128 MB arguments on 64 MB",
	  "U-Boot SPL 2013.07 (Mar 13 2018 - 15:07:07)\r\nU-Boot 2013.07 (Mar 13 2018 - "
	  "15:07:07)\r\nDRAM:  64 MiB\r\n" KERNEL LINUX,
	  "memory-split-wrong", "128 MiB asked for, 64 MiB there" },
	{ "silence, and another start", POWER_ON KERNEL POWER_ON KERNEL LINUX SHELL,
	  "kernel-silent " NOISE, "Starting kernel" },
	{ "recording stopped at the kernel", POWER_ON NO_BUTTON NO_FLAG SF_READ KERNEL, NOISE,
	  NULL },
	{ "22: open bootloader and demo.bin",
	  "U-Boot SPL 2013.07-gba03eeb (Dec 04 2018 - 21:41:16)\r\nU-Boot 2013.07-gba03eeb (Dec "
	  "04 2018 - 21:41:16)\r\nBootloader-Version: Dafanghacks v2\r\nRunning "
	  "SDupdate....\r\nreading flash-uboot.bin\r\nreading flash-kernel.bin\r\nreading "
	  "flash-rootfs.bin\r\nreading flash-full.bin\r\nU-Boot> fatls mmc 0\r\n 11075648   "
	  "demo.bin\r\nU-Boot> ",
	  "update-other-name", "flash-uboot.bin" },
	{ "24: erase that runs on", POWER_ON "isvp_t20# sf erase 0x40000 0x8000\r\n",
	  "dangerous-erase " NOISE, "0x8000" },
	{ "25: mixed firmware", NORMAL "Not have the sensor driver!!!\r\n", "firmware-mixed " NOISE,
	  "sensor driver" },
	{ "appfs lost", NORMAL "Format system partition...\r\n", "appfs-erased " NOISE, "Format" },
	{ "1.6: pending copy done",
	  POWER_ON NO_BUTTON
	  "FWGRADEUP=kernel+drivers!!!!!!!!!!!!!\r\nback flash read...\r\nkenral "
	  "flash erase...\r\ndrivers flash erase...\r\nkernel flash "
	  "write...\r\ndrivers flash write...\r\nflag flash earse...\r\n" SF_READ KERNEL LINUX
		  SHELL,
	  "update-written " NOISE, NULL },
	{ "1.6: pending copy failed",
	  POWER_ON NO_BUTTON
	  "FWGRADEUP=Kernel!!!!!!!!!!!!!\r\nback flash read...\r\nKernal flash "
	  "erase...\r\nSPI kernal flash sector erase failed\r\n" SF_READ KERNEL LINUX SHELL,
	  "update-failed " NOISE, "sector erase failed" },
	{ "30: garbage of another speed",
	  "\xe0\xf8\x80\xe0\xf8\x80\xe0\xf8\xfe\x80\xe0\xf8\x80\xe0\xf8\x80\xe0\xf8\xfe\x80\xe0"
	  "\xf8\x80\xe0\xf8\x80\xe0\xf8\xfe\x80\xe0\xf8\x80\xe0\xf8\x80\xe0\xf8\xfe\x80",
	  "console-garbage", "speed" },
	{ "23: garbage of no ground",
	  "\xff\xff\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "console-garbage",
	  "ground" },
	{ "29: silence", "", "no-bootloader-output", NULL },
	{ "29: near silence", "\r\n\r\nTerminal ready\r\n", "no-bootloader-output", NULL },
	{ "32: flashrom's protection",
	  "Found Winbond flash chip \"W25Q128.V\" (16384 kB, SPI) on ch341a_spi.\r\nChip status "
	  "register: Block Protect 2 (BP2) is set\r\nErasing and writing flash chip... FAILED at "
	  "0x00000000! Expected=0xff, Found=0x06\r\nERASE FAILED!\r\n",
	  "write-protected", "BP2" },
	{ "programmer",
	  "Couldn't open device 1a86:5512.\r\nError: Programmer initialization "
	  "failed.\r\n",
	  "programmer-not-found", "1a86:5512" },
	{ "late start of recording", LINUX SHELL, "log-without-bootloader", NULL },
};

static const struct story mi360_stories[] = {
	{ "normal", MI_START MI_NO_CARD MI_KERNEL MI_LINUX, NOISE, NULL },
	{ "normal, ROM at 38400 first",
	  "\xfe\x1c\xe0\xf8\x80\xfe\x1c\xe0\xf8\x80\xfe\x1c" MI_START MI_NO_CARD MI_KERNEL MI_LINUX,
	  NOISE, NULL },
	{ "1: renamed, never read",
	  MI_START MI_NO_CARD MI_KERNEL MI_LINUX
	  "Start detecting tf_recovery.img\r\n/mnt/sdcard/tf_recovery.img exist, will rename "
	  "/mnt/sdcard/tf_recovery.img to /mnt/sdcard/tf_recovery.img.bak\r\n",
	  "card-not-read " NOISE, "renamed" },
	{ "2: file not found",
	  MI_START "read file start\r\nreading tf_update.img\r\n** Unable to read file "
		   "tf_update.img **\r\nread len = -1, actlen = 0\r\nread file tf_update.img "
		   "error.\r\n" MI_KERNEL MI_LINUX,
	  "card-no-file " NOISE, "tf_update.img" },
	{ "3: signature refused",
	  MI_START MI_READING "Failed\r\ndata check NG\r\n" MI_KERNEL MI_LINUX,
	  "update-refused " NOISE, "data check NG" },
	{ "length refused",
	  MI_START
	  "read file start\r\nreading tf_update.img\r\nread len = 0, actlen = "
	  "1024\r\ndata check start\r\nInvalid data len\r\ndata check NG\r\n" MI_KERNEL MI_LINUX,
	  "update-refused " NOISE, "Invalid data len" },
	{ "written",
	  MI_START MI_READING
	  "Successful\r\ndata check OK\r\nsf probe start\r\nsf probe execute, ret is 0\r\nsf erase "
	  "start\r\n_spi_flash_erase: addr 0x50000, len 0xf90000     1%\b\b\b 50%\b\b\b100%\r\n"
	  "(cost 1 ms)\r\nSF: 16318464 bytes @ 0x50000 Erased: OK\r\nsf erase execute, ret is "
	  "0\r\nsf write start\r\nSF: 16318464 bytes @ 0x50000 Written: OK\r\nsf write execute, "
	  "ret is 0\r\n" MI_KERNEL MI_LINUX,
	  "update-written " NOISE, NULL },
	{ "5: power lost",
	  MI_START MI_READING "Successful\r\ndata check OK\r\nsf erase start\r\n"
			      "_spi_flash_erase: addr 0x50000, len 0xf90000     50%",
	  "update-failed " NOISE, "in the middle" },
	{ "4: the other model's image",
	  MI_START MI_NO_CARD MI_BOOTM("MVX2##I3g60b5603KL_LX318####[BR:"),
	  "image-wrong-model " NOISE, "I6" },
	{ "11: init fails",
	  MI_START MI_NO_CARD MI_KERNEL MI_LINUX
	  "[    2.0] Kernel panic - not syncing: Requested init /linuxrc failed (error -5).\r\n",
	  "no-root-filesystem " NOISE, "error -5" },
	{ "12: root cut",
	  MI_START MI_NO_CARD MI_KERNEL MI_LINUX
	  "squashfs: SQUASHFS error: unable to read id index table\r\nVFS: Cannot open root device "
	  "\"mtdblock2\" or unknown-block(31,2)\r\nKernel panic - not syncing: VFS: Unable to "
	  "mount root fs on unknown-block(31,2)\r\n",
	  "no-root-filesystem " NOISE, "id index table" },
	{ "14: root damaged",
	  MI_START MI_NO_CARD MI_KERNEL MI_LINUX
	  "SQUASHFS error: Unable to read data cache entry [5729ce]\r\n",
	  "root-damaged " NOISE, "5729ce" },
	{ "13: cache trap", MI_START "bad MBR sector signature 0x0000\r\n" MI_KERNEL MI_LINUX,
	  "card-not-read " NOISE, "MBR" },
	{ "environment lost",
	  MI_IPL MI_BANNER "*** Warning - bad CRC, using default environment\r\n\r\n" MI_SERIAL
			   "SigmaStar # ",
	  "environment-damaged " NOISE, "bad CRC" },
	{ "identity lost", MI_START MI_NO_CARD MI_KERNEL MI_LINUX "Can't find the NVRAM_MAGIC.\r\n",
	  "identity-missing " NOISE, "NVRAM_MAGIC" },
	{ "table lost", "IPL g2cd6de2\r\nMXP not found, use default base 0x00020000\r\n",
	  "boot-damaged", "MXP" },
	{ "bootloader damaged",
	  "IPL g2cd6de2\r\nIPL_CUSTg2cd6de2\r\nrunUBOOT()\r\n -Verify CRC32 "
	  "failed!\r\n",
	  "boot-damaged", "CRC32" },
	{ "unknown chip is harmless",
	  MI_IPL MI_BANNER
	  "Unknown flash type (0x5E, 0x40, 0x18) and use default flash "
	  "type\r\nplease add flash info to serial flash driver\r\n" MI_SERIAL MI_NO_CARD MI_KERNEL
		  MI_LINUX,
	  NOISE, NULL },
};

static void test_dafang_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < RC_COUNT(dafang_stories); i++)
		tell(&dafang_stories[i]);
}

static void test_mi360_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < RC_COUNT(mi360_stories); i++)
		tell(&mi360_stories[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dafang_stories),
		cmocka_unit_test(test_mi360_stories),
	};
	struct rc_error err;
	int failed;

	if (boards_load(NULL, &boards, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	boards_free(&boards);
	return failed;
}
