/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "config.h"
#include "recam/command.h"

static const struct command *const commands[] = {
	&command_inspect, &command_backup, &command_plan,     &command_rescue, &command_twin,
	&command_console, &command_boards, &command_card,     &command_unpack, &command_pack,
	&command_convert, &command_redact, &command_identity,
};

static void print_help(void)
{
	printf("usage: recam COMMAND ...\n\n"
	       "Takes a cheap IP camera from any state to one that starts and is still "
	       "itself.\n\n");
	for (size_t i = 0; i < RC_COUNT(commands); i++)
		printf("  %-9s %s\n", commands[i]->name, commands[i]->summary);
	printf("\n\"recam COMMAND --help\" tells more of each. Where a flash is (LINK):\n\n"
	       "  PATH or file:PATH        a flash image on disk\n"
	       "  uboot:PORT[?baud=N]      a U-Boot console; PORT is a serial device,\n"
	       "                           tcp:HOST:PORT or unix:PATH\n"
	       "  linux:PORT[?baud=N]      a root shell of the camera's Linux (RECAM_PASSWORD)\n"
	       "  flashrom:PROGRAMMER      the chip itself on a programmer\n"
	       "  twin:IMAGE[?...]         the virtual camera that holds IMAGE\n\n"
	       "Where firmware comes from (FIRMWARE): a whole flash image, a folder with one\n"
	       "NAME.bin per partition, a demo.bin, a tf_recovery.img, an update archive.\n\n"
	       "Exit status: 0 done; 1 done, and something was found that stops the camera;\n"
	       "2 could not, with the reason; 3 stopped half-way: run the same command again.\n");
}

static int unknown(const char *word)
{
	rc_log_error("there is no command \"%s\"; \"recam --help\" lists them", word);
	return EXIT_COULD_NOT;
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	if (sodium_init() < 0) {
		rc_log_error("libsodium does not start: no random numbers on this system");
		return EXIT_COULD_NOT;
	}
	if (argc < 2) {
		rc_log_error("no command given; \"recam --help\" lists them");
		return EXIT_COULD_NOT;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_help();
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("recam %s\n", RECAM_VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < RC_COUNT(commands); i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return command_call(commands[i], argc - 1, argv + 1);
	return unknown(argv[1]);
}
