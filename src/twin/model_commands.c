/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of commands of the stock T20 builds (facts 4.1), with their texts, and the
 * commands that are too small for a file of their own. */
#include <string.h>

#include "twin/model.h"

static int do_echo(struct model *model, bool repeat, int argc, char *const argv[])
{
	bool end_line = true;

	for (int i = 1; i < argc; i++) {
		if (i > 1)
			model_putc(model, ' ');
		for (const char *c = argv[i]; *c; c++) {
			if (c[0] == '\\' && c[1] == 'c') {
				end_line = false;
				c++;
			} else {
				model_putc(model, *c);
			}
		}
	}
	if (end_line)
		model_putc(model, '\n');
	return CMD_SUCCESS;
}

static int do_version(struct model *model, bool repeat, int argc, char *const argv[])
{
	model_printf(model, "\nU-Boot %s\n", model->version);
	model_puts(model, model->dialect->toolchain);
	return CMD_SUCCESS;
}

static int do_sleep(struct model *model, bool repeat, int argc, char *const argv[])
{
	uint64_t end;

	if (argc != 2)
		return CMD_USAGE;
	end = model->camera->now + model_number(argv[1], NULL, 10) * UINT64_C(1000000000);
	while (model->camera->now < end) {
		if (model_ctrlc(model))
			return CMD_USAGE; /* -1: it answers Ctrl-C with its help */
		model_pass(model, 100000);
	}
	return CMD_SUCCESS;
}

static int do_reset(struct model *model, bool repeat, int argc, char *const argv[])
{
	model_reset(model);
}

static int do_boot(struct model *model, bool repeat, int argc, char *const argv[])
{
	char *const run[] = { argv[0], (char[]){ "bootcmd" }, NULL };

	return model_do_run(model, repeat, 2, run);
}

static int do_go(struct model *model, bool repeat, int argc, char *const argv[])
{
	uint32_t address;

	if (argc < 2)
		return CMD_USAGE;
	address = model_number(argv[1], NULL, 16);
	/* What may come of it cannot be imitated; that the prompt is still there can. */
	model_printf(model,
		     "(the model twin has no processor: nothing runs at 0x%08X; use the exact "
		     "engine)\n",
		     address);
	return CMD_FAILURE;
}

static int do_help(struct model *model, bool repeat, int argc, char *const argv[])
{
	int result = CMD_SUCCESS;

	for (size_t i = 0; argc == 1 && i < model_command_count; i++)
		model_printf(model, "%-8s- %s\n", model_commands[i].name, model_commands[i].usage);
	for (int i = 1; i < argc; i++) {
		const struct model_command *command = model_find_command(argv[i], strlen(argv[i]));

		if (command)
			model_usage(model, command);
		else
			model_printf(model,
				     "Unknown command '%s' - try 'help' without arguments for list "
				     "of all known commands\n\n",
				     argv[i]);
		if (!command)
			result = CMD_FAILURE;
	}
	return result;
}

static int do_missing(struct model *model, bool repeat, int argc, char *const argv[])
{
	model_printf(model, "(the model twin does not imitate %s)\n", argv[0]);
	return CMD_FAILURE;
}

/* With its slot empty: what the bootloader itself says then. */
static int do_mmc(struct model *model, bool repeat, int argc, char *const argv[])
{
	model_puts(model, "Card did not respond to voltage select!\n");
	return CMD_FAILURE;
}

static int do_fatload(struct model *model, bool repeat, int argc, char *const argv[])
{
	model_puts(model, "Card did not respond to voltage select!\n** Bad device mmc 0 **\n");
	return CMD_FAILURE;
}

const struct model_command model_commands[] = {
	{ "?", MODEL_MAX_ARGS, do_help, "alias for 'help'", "" },
	{ "base", 2, model_do_base, "print or set address offset",
	  "\n    - print address offset for memory commands\n"
	  "base off\n    - set address offset for memory commands to 'off'" },
	{ "boot", 1, do_boot, "boot default, i.e., run 'bootcmd'", "" },
	{ "boota", 5, do_missing, "boot android system", NULL },
	{ "bootd", 1, do_boot, "boot default, i.e., run 'bootcmd'", "" },
	{ "bootm", MODEL_MAX_ARGS, model_do_bootm, "boot application image from memory",
	  "[addr [arg ...]]\n    - boot application image stored in memory\n"
	  "\tpassing arguments 'arg ...'; when booting a Linux kernel,\n"
	  "\t'arg' can be the address of an initrd image\n\n"
	  "Sub-commands to do part of the bootm sequence.  The sub-commands must be\n"
	  "issued in the order below (it's ok to not issue all sub-commands):\n"
	  "\tstart [addr [arg ...]]\n"
	  "\tloados  - load OS image\n"
	  "\tcmdline - OS specific command line processing/setup\n"
	  "\tbdt     - OS specific bd_t processing\n"
	  "\tprep    - OS specific prep before relocation or go\n"
	  "\tgo      - start OS" },
	{ "chpart", 2, do_missing, "change active partition", NULL },
	{ "cmp", 4, model_do_cmp, "memory compare", "[.b, .w, .l] addr1 addr2 count" },
	{ "coninfo", 3, do_missing, "print console devices and information", "" },
	{ "cp", 4, model_do_cp, "memory copy", "[.b, .w, .l] source target count" },
	{ "crc32", 4, model_do_crc32, "checksum calculation",
	  "address count [addr]\n    - compute CRC32 checksum [save at addr]" },
	{ "echo", MODEL_MAX_ARGS, do_echo, "echo args to console",
	  "[args..]\n    - echo args to console; \\c suppresses newline" },
	{ "env", MODEL_MAX_ARGS, do_missing, "environment handling commands", NULL },
	{ "fatinfo", 3, do_missing, "print information about filesystem", NULL },
	{ "fatload", 7, do_fatload, "load binary file from a dos filesystem", NULL },
	{ "fatls", 4, do_missing, "list files in a directory (default /)", NULL },
	{ "gettime", 1, do_missing, "get timer val elapsed,\n", NULL },
	{ "go", MODEL_MAX_ARGS, do_go, "start application at address 'addr'",
	  "addr [arg ...]\n    - start application at address 'addr'\n"
	  "      passing 'arg' as arguments" },
	{ "help", MODEL_MAX_ARGS, do_help, "print command description/usage",
	  "\n\t- print brief description of all commands\nhelp command ...\n"
	  "\t- print detailed usage of 'command'" },
	{ "loadb", 3, do_missing, "load binary file over serial line (kermit mode)", NULL },
	{ "loads", 3, do_missing, "load S-Record file over serial line", NULL },
	{ "loady", 3, model_do_loady, "load binary file over serial line (ymodem mode)",
	  "[ off ] [ baud ]\n"
	  "    - load binary file over serial line with offset 'off' and baudrate 'baud'" },
	{ "loop", 3, do_missing, "infinite loop on address range", NULL },
	{ "md", 3, model_do_md, "memory display", "[.b, .w, .l] address [# of objects]" },
	{ "mm", 2, do_missing, "memory modify (auto-incrementing address)", NULL },
	{ "mmc", 6, do_mmc, "MMC sub system", NULL },
	{ "mmcinfo", 1, do_missing, "display MMC info", NULL },
	{ "mtdparts", 6, do_missing, "define flash/nand partitions", NULL },
	{ "mw", 4, model_do_mw, "memory write (fill)", "[.b, .w, .l] address value [count]" },
	{ "nm", 2, do_missing, "memory modify (constant address)", NULL },
	{ "printenv", MODEL_MAX_ARGS, model_do_printenv, "print environment variables",
	  "\n    - print [all] values of all environment variables\n"
	  "printenv name ...\n    - print value of environment variable 'name'" },
	{ "reset", 1, do_reset, "Perform RESET of the CPU", "" },
	{ "run", MODEL_MAX_ARGS, model_do_run, "run commands in an environment variable",
	  "var [...]\n    - run the commands in the environment variable(s) 'var'" },
	{ "saveenv", 1, model_do_saveenv, "save environment variables to persistent storage", "" },
	{ "sdupdate", 9, model_do_sdupdate, "auto upgrade file from mmc to flash",
	  "LOAD_ID ADDR_START ADDR_END\n"
	  "LOAD_ID: 0-->u-boot\n\t 1-->kernel\n\t 2-->rootfs\n\t 3-->demo.bin\n"
	  "ex:\n\tsdupdate   (update all)\nor \n\tsdupdate 0 0x0 0x40000" },
	{ "setenv", MODEL_MAX_ARGS, model_do_setenv, "set environment variables",
	  "[-f] name value ...\n"
	  "    - [forcibly] set environment variable 'name' to 'value ...'\n"
	  "setenv [-f] name\n    - [forcibly] delete environment variable 'name'" },
	{ "sf", 5, model_do_sf, "SPI flash sub-system",
	  "probe [[bus:]cs] [hz] [mode]\t- init flash device on given SPI bus\n"
	  "\t\t\t\t  and chip select\n"
	  "sf read addr offset len \t- read `len' bytes starting at\n"
	  "\t\t\t\t  `offset' to memory at `addr'\n"
	  "sf write addr offset len\t- write `len' bytes from memory\n"
	  "\t\t\t\t  at `addr' to flash at `offset'\n"
	  "sf erase offset [+]len\t\t- erase `len' bytes from `offset'\n"
	  "\t\t\t\t  `+len' round up `len' to block size\n"
	  "sf update addr offset len\t- erase and write `len' bytes from memory\n"
	  "\t\t\t\t  at `addr' to flash at `offset'" },
	{ "sleep", 2, do_sleep, "delay execution for some time",
	  "N\n    - delay execution for N seconds (N is _decimal_ !!!)" },
	{ "source", 2, do_missing, "run script from memory", NULL },
	{ "version", 1, do_version, "print monitor, compiler and linker version", "" },
};
const size_t model_command_count = RC_COUNT(model_commands);
