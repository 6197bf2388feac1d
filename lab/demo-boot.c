/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the demonstration's boot partition to standard output: the form of an
 * Ingenic boot image and the environment of a stock Dafang (facts 1.2, 2.1), but
 * no code. Its version says what it is.
 */
#include <stdio.h>

#include "format/ingenic_boot.h"

#define MTDPARTS                                                                                \
	"jz_sfc:256k(boot),2048k(kernel),3392k(root),640k(driver),4736k(appfs),2048k(backupk)," \
	"640k(backupd),2048k(backupa),256k(config),256k(para),-(flag)"

int main(void)
{
	static const char *const environment[] = {
		"bootargs=console=ttyS1,115200n8 mem=104M@0x0 ispmem=8M@0x6800000 "
		"rmem=16M@0x7000000 init=/linuxrc rootfstype=squashfs root=/dev/mtdblock2 rw "
		"mtdparts=" MTDPARTS,
		"bootcmd=sdupdate;sf probe;sf read 0x80600000 0x40000 0x280000; bootm 0x80600000",
		"bootdelay=1",
		"baudrate=115200",
		"loads_echo=1",
		NULL,
	};
	const struct ingenic_boot_spec spec = {
		.version = "2013.07 (recam demonstration)",
		.board = "ISVP (Ingenic XBurst T20 SoC)",
		.prompt = "isvp_t20# ",
		.environment = environment,
	};
	static uint8_t image[INGENIC_BOOT_SIZE];
	struct rc_error err;

	if (ingenic_boot_build(&spec, image, &err)) {
		fprintf(stderr, "demo-boot: %s\n", err.text);
		return 2;
	}
	return fwrite(image, 1, sizeof(image), stdout) == sizeof(image) && !fflush(stdout) ? 0 : 2;
}
