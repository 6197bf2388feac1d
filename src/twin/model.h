/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model engine: imitates the console of the stock T20 bootloaders (U-Boot 2013.07
 * with Ingenic's changes) for images whose own cannot be run.
 *
 * It is held to the exact engine: tests/twin/same.c types the same script to both.
 * So what follows is U-Boot's logic, with its faults; function names of U-Boot stand
 * beside ours. What it does not have: U-Boot's own code and data in RAM, the SD
 * slot, Kermit and S-records, command history and completion.
 */
#ifndef RECAM_TWIN_MODEL_H
#define RECAM_TWIN_MODEL_H

#include <setjmp.h>

#include "format/ingenic_boot.h"
#include "twin/engine.h"
#include "twin/fiber.h"

#define MODEL_LINE      1024u /* CONFIG_SYS_CBSIZE */
#define MODEL_MAX_ARGS  64u   /* CONFIG_SYS_MAXARGS */
#define MODEL_RAM       RC_MIB(128)
#define MODEL_RAM_PAGE  RC_KIB(64)
#define MODEL_MAX_DEPTH 16u /* of run in run: then the real stack is gone too */

/* Return values of commands: enum command_ret_t. */
enum { CMD_SUCCESS = 0, CMD_FAILURE = 1, CMD_USAGE = -1 };

/* One entry of a bootloader's flash table (facts 3.2). */
struct model_chip {
	uint32_t jedec;
	const char *name;
	uint32_t size, sector;
};

struct model_gpio {
	const char *label;
	int gpio, level;
	bool announced; /* "before change" is printed too */
};

/* What differs between bootloader builds, where the image itself does not tell. */
struct dialect {
	const char *version, *board, *prompt; /* where the image has none */
	const char *toolchain;                /* two lines, of the version command */
	const char *memory_map;               /* printed between DRAM and MMC */
	const struct model_chip *chips;       /* an unknown id is taken for the last */
	size_t chip_count;
	const uint8_t *makers;
	size_t maker_count;
	const struct model_gpio *gpios;
	size_t gpio_count;
	uint32_t erase_mask; /* offsets and lengths of erases must have none of these bits */
	uint32_t load_address;
};
extern const struct dialect dialect_stock_2017;

struct model_variable {
	char *name, *value;
};

struct model {
	struct camera *camera;
	const struct dialect *dialect;
	struct ingenic_boot boot;

	/* Running. */
	struct fiber fiber;
	struct run_limits limits;
	enum twin_state state; /* at the last yield, or for which main was left */
	bool reset, closing;
	jmp_buf leave;
	/* A flash that never held a boot image is given this bootloader all the same; one
	 * that lost its own does not start again, and this says why. */
	bool had_boot;
	const char *dead;

	/* The bootloader's memory. */
	uint8_t *ram[MODEL_RAM / MODEL_RAM_PAGE]; /* NULL: all 0 */
	struct model_variable *variables;         /* sorted by name */
	size_t variable_count;
	char version[128], board[80], prompt[32];
	char line[MODEL_LINE + 1];
	char last_line[MODEL_LINE + 1];
	bool had_ctrl_c;
	unsigned depth;
	const struct model_chip *flash;     /* of "sf probe"; NULL: none */
	const struct model_chip *env_flash; /* of saveenv */
	struct {
		uint32_t address, count;
		int width;
	} last_md;
	uint32_t base;
	int8_t gpio_levels[128];
	uint8_t block[0x10000];  /* on its way from flash or RAM */
	uint8_t wanted[0x10000]; /* what sf update compares it with */
};

struct model_command {
	const char *name;
	unsigned max_args; /* with the name; more is answered with the usage */
	int (*run)(struct model *model, bool repeat, int argc, char *const argv[]);
	const char *usage; /* one line */
	const char *help;  /* NULL: none; what follows "Usage:\nNAME " */
};
extern const struct model_command model_commands[];
extern const size_t model_command_count;

/* model.c: the console, the clock, the end. */
void model_putc(struct model *model, char c);
void model_puts(struct model *model, const char *text);
void model_printf(struct model *model, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
uint8_t model_getc(struct model *model);
bool model_tstc(struct model *model);
bool model_ctrlc(struct model *model);
void model_pass(struct model *model, uint64_t nanoseconds);
uint32_t model_ms(const struct model *model); /* get_timer(0) */
/* The bootloader runs no further. */
_Noreturn void model_leave(struct model *model, enum twin_state state);
_Noreturn void model_reset(struct model *model);
_Noreturn void model_crash(struct model *model, const char *text);
void model_set_gpio(struct model *model, int gpio, int level);

/* model_line.c */
bool model_read_line(struct model *model); /* false: Ctrl-C */
/* run_command: 0, or 1 where something failed. */
int model_run_command(struct model *model, const char *line, bool repeat);
const struct model_command *model_find_command(const char *name, size_t size);
void model_usage(struct model *model, const struct model_command *command);
/* simple_strtoul. *end is set to what follows the number. */
uint32_t model_number(const char *text, const char **end, unsigned base);
/* The same, always hex, and nothing may follow. */
bool model_hex(const char *text, uint32_t *value);

/* model_memory.c. Addresses are the guest's virtual ones. */
uint8_t model_ram_get(struct model *model, uint32_t address);
void model_ram_put(struct model *model, uint32_t address, uint8_t value);
void model_ram_read(struct model *model, uint32_t address, uint8_t *out, size_t size);
void model_ram_write(struct model *model, uint32_t address, const uint8_t *data, size_t size);
uint32_t model_ram_crc(struct model *model, uint32_t address, uint32_t size);

/* model_env.c */
void model_env_load(struct model *model); /* env_relocate, with what it prints */
void model_env_default(struct model *model);
void model_env_clear(struct model *model);
const char *model_env_get(const struct model *model, const char *name);       /* NULL: not set */
void model_env_set(struct model *model, const char *name, const char *value); /* NULL: delete */

/* model_flash.c */
const struct model_chip *model_flash_probe(struct model *model);
int model_flash_erase(struct model *model, const struct model_chip *flash, uint32_t offset,
		      uint32_t size);
int model_flash_write(struct model *model, const struct model_chip *flash, uint32_t offset,
		      uint32_t size, uint32_t address);
void model_flash_read(struct model *model, uint32_t offset, uint32_t size, uint32_t address);

/* Commands, by file. */
int model_do_md(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_mw(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_cmp(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_cp(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_crc32(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_base(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_printenv(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_setenv(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_saveenv(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_run(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_sf(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_loady(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_bootm(struct model *model, bool repeat, int argc, char *const argv[]);
int model_do_sdupdate(struct model *model, bool repeat, int argc, char *const argv[]);

#endif
