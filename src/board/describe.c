/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "board/describe.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "flash/chip.h"

#define COLUMNS 88
#define LABEL   16 /* columns of "  label      " */

static void heading(FILE *out, const char *text, bool colour)
{
	fprintf(out, "\n%s%s%s\n", colour ? "\033[1m" : "", text, colour ? "\033[0m" : "");
}

/* One line of a table, without the blanks that an empty last column leaves. */
__attribute__((format(printf, 2, 3))) static void row(FILE *out, const char *format, ...)
{
	char line[256];
	size_t size;
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	size = strlen(line);
	while (size > 0 && line[size - 1] == ' ')
		size--;
	fprintf(out, "%.*s\n", (int)size, line);
}

/* "  label       text", the text broken between words so that it stays in its column. */
static void labelled(FILE *out, const char *label, const char *text)
{
	size_t column = LABEL;

	if (!*text)
		return;
	fprintf(out, "  %-*s", LABEL - 2, label);
	while (*text) {
		size_t word = strcspn(text, " ");

		if (column > LABEL && column + 1 + word > COLUMNS) {
			fprintf(out, "\n%*s", LABEL, "");
			column = LABEL;
		} else if (column > LABEL) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)word, text);
		column += word;
		text += word;
		text += *text == ' ';
	}
	fputc('\n', out);
}

static void labelled_size(FILE *out, const char *label, uint32_t size)
{
	char text[RC_SIZE_TEXT];

	labelled(out, label, size ? rc_size_text(text, size) : "not known");
}

void boards_describe(FILE *out, const struct boards *boards, bool colour)
{
	fprintf(out, "%s%-17s %-36s %-27s %-8s %s%s\n", colour ? "\033[1m" : "", "id", "camera",
		"chip", "flash", "update file", colour ? "\033[0m" : "");
	for (size_t i = 0; i < boards->count; i++) {
		const struct board *board = &boards->all[i];
		char flash[RC_SIZE_TEXT] = "";

		if (board->layout.flash_size)
			rc_size_text(flash, board->layout.flash_size);
		fprintf(out, "%-17s %-36s %-27s %-8s %s\n", board->id, board->name, board->soc,
			flash,
			board->refused          ? "refused"
			: board->update.file[0] ? board->update.file
						: "-");
	}
	fprintf(out, "\n\"recam boards ID\" tells all that is known of one.\n");
}

static const char *format_name(const struct board_partition *partition)
{
	return partition->format ? partition->format->name : "any";
}

static bool needs_naming(enum partition_role role)
{
	return role == ROLE_BOOT || role == ROLE_SETTINGS || role == ROLE_IDENTITY;
}

static void describe_layout(FILE *out, const struct board *board, bool colour)
{
	struct rc_text named = { 0 };

	if (board->layout.count == 0)
		return;
	heading(out, "Flash", colour);
	row(out, "  %-10s %-9s %-9s %-9s %-13s %-13s", "partition", "offset", "size", "", "for",
	    "format");
	for (size_t i = 0; i < board->layout.count; i++) {
		const struct partition *place = &board->layout.partitions[i];
		const struct board_partition *partition = &board->partitions[i];
		char size[RC_SIZE_TEXT];

		row(out, "  %-10s 0x%06x  0x%06x  %-9s %-13s %-13s%s", place->name, place->offset,
		    place->size, rc_size_text(size, place->size), role_name(partition->role),
		    format_name(partition), partition->required ? " needed" : "");
		if (needs_naming(partition->role))
			rc_text_add(&named, "%s%s", named.size ? ", " : "", place->name);
	}
	fputc('\n', out);
	if (board->layout_from_mxpt)
		labelled(out, "note",
			 "the flash holds its own table, which is believed before "
			 "this one");
	labelled(out, "kept", rc_text_get(&named));
	labelled(out, "", "recam writes these only when you name them.");
	labelled(out, "mtdparts", board->mtdparts);
	rc_text_free(&named);
}

static void describe_chips(FILE *out, const struct board *board)
{
	for (size_t i = 0; i < BOARD_MAX_CHIPS && board->chips[i]; i++) {
		const struct chip *chip = chip_find(board->chips[i]);
		char text[128], size[RC_SIZE_TEXT];

		if (chip)
			snprintf(text, sizeof(text), "%06x  %s %s, %s", board->chips[i],
				 chip->vendor, chip->name, rc_size_text(size, chip->size));
		else
			snprintf(text, sizeof(text), "%06x", board->chips[i]);
		labelled(out, i ? "" : "chips seen", text);
	}
}

static void describe_console(FILE *out, const struct board *board, bool colour)
{
	char text[64], size[RC_SIZE_TEXT];

	if (!board->console.baud)
		return;
	heading(out, "Console", colour);
	labelled(out, "where", board->console.where);
	snprintf(text, sizeof(text), "%u baud, 8N1", board->console.baud);
	labelled(out, "speed", text);
	labelled(out, "to stop it", board->console.stop);
	for (size_t i = 0; i < RC_COUNT(board->console.prompts) && board->console.prompts[i][0];
	     i++) {
		snprintf(text, sizeof(text), "\"%s\"", board->console.prompts[i]);
		labelled(out, i ? "or" : "prompt", text);
	}
	snprintf(text, sizeof(text), "%s from 0x%08x", rc_size_text(size, board->console.load_size),
		 board->console.load_address);
	labelled(out, "free RAM", text);
}

static void describe_pins(FILE *out, const struct board *board, bool colour)
{
	if (!board->pins[0].name[0])
		return;
	heading(out, "Buttons, LEDs and other pins", colour);
	for (size_t i = 0; i < BOARD_MAX_PINS && board->pins[i].name[0]; i++) {
		const struct board_pin *pin = &board->pins[i];
		char number[32] = "?";

		if (pin->gpio >= 0)
			snprintf(number, sizeof(number), "GPIO %d", pin->gpio);
		row(out, "  %-13s %-8s %-11s %s", pin->name, number,
		    pin->active_low ? "active low" : "", pin->note);
	}
}

/* "1c7018 204018" */
static void add_ids(struct rc_text *text, const struct board_bootloader *loader)
{
	for (size_t i = 0; i < RC_COUNT(loader->misdetects) && loader->misdetects[i]; i++) {
		const struct chip *chip = chip_find(loader->misdetects[i]);

		rc_text_add(text, "%s%06x%s%s%s", i ? ", " : "", loader->misdetects[i],
			    chip ? " (" : "", chip ? chip->name : "", chip ? ")" : "");
	}
}

static void describe_bootloader(FILE *out, const struct board_bootloader *loader)
{
	struct rc_text text = { 0 };

	fprintf(out, "  %s\n", loader->version[0] ? loader->version : loader->name);
	rc_text_add(&text, "%s%s", bootloader_origin_name(loader->origin),
		    loader->runs_exact ? "; its own code runs as the twin" : "");
	labelled(out, "  origin", rc_text_get(&text));
	labelled(out, "  sha256", loader->sha256);
	labelled(out, "  of the dump", loader->dump_sha256);
	rc_text_free(&text);
	add_ids(&text, loader);
	labelled(out, "  misdetects", rc_text_get(&text));
	rc_text_free(&text);
	for (size_t i = 0; i < RC_COUNT(loader->makers) && loader->makers[i]; i++)
		rc_text_add(&text, "%s%02x", i ? " " : "", loader->makers[i]);
	labelled(out, "  makers", rc_text_get(&text));
	rc_text_free(&text);
	if (loader->fallback_id)
		rc_text_add(&text, "the id %08x at %08x as linked, its size at %08x; runs at %08x",
			    loader->fallback_id, loader->fallback_id_word,
			    loader->fallback_size_word, loader->runs_at);
	labelled(out, "  takes for", rc_text_get(&text));
	rc_text_free(&text);
	for (size_t i = 0; i < RC_COUNT(loader->notes) && loader->notes[i][0]; i++)
		labelled(out, "  note", loader->notes[i]);
}

static void describe_identity(FILE *out, const struct board *board, bool colour)
{
	char text[128];

	heading(out, "Identity", colour);
	snprintf(text, sizeof(text), "%s%s%s", board->identity.partition,
		 board->identity.path[0] ? ":" : "", board->identity.path);
	labelled(out, "where", *text ? text : "not known");
	labelled(out, "holds", board->identity.note);
}

static void describe_update(FILE *out, const struct board *board, bool colour)
{
	heading(out, "Update from an SD card", colour);
	labelled(out, "file", board->update.file[0] ? board->update.file : "none that is known");
	labelled(out, "button", board->update.button);
	labelled(out, "note", board->update.note);
}

static void describe_bootloaders(FILE *out, const struct board *board, bool colour)
{
	static const enum bootloader_origin order[] = { BOOTLOADER_STOCK, BOOTLOADER_UNKNOWN,
							BOOTLOADER_OPEN };

	if (board->bootloader_count)
		heading(out, "Known bootloaders", colour);
	for (size_t n = 0; n < RC_COUNT(order); n++) {
		for (size_t i = 0; i < board->bootloader_count; i++) {
			if (board->bootloaders[i].origin == order[n])
				describe_bootloader(out, &board->bootloaders[i]);
		}
	}
}

void board_describe(FILE *out, const struct board *board, bool colour)
{
	fprintf(out, "%s%s%s (%s)\n", colour ? "\033[1m" : "", board->name, colour ? "\033[0m" : "",
		board->id);
	labelled(out, "refused", board->why_refused);
	labelled(out, "SoC", board->soc);
	if (!board->refused) {
		labelled_size(out, "RAM", board->ram_size);
		labelled_size(out, "flash", board->layout.flash_size);
	}
	describe_chips(out, board);
	for (size_t i = 0; i < RC_COUNT(board->notes) && board->notes[i][0]; i++)
		labelled(out, i ? "" : "notes", board->notes[i]);
	describe_layout(out, board, colour);
	describe_console(out, board, colour);
	if (!board->refused) {
		describe_update(out, board, colour);
		describe_identity(out, board, colour);
	}
	describe_pins(out, board, colour);
	describe_bootloaders(out, board, colour);
}

static json_t *text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

/* A list of fixed-size strings that "" ends. */
static json_t *strings_json(const char *first, size_t size, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count && first[i * size]; i++)
		json_array_append_new(list, json_string(first + i * size));
	return list;
}

static json_t *hex_json(uint32_t number, int digits)
{
	return json_sprintf("%0*x", digits, number);
}

static json_t *partitions_json(const struct board *board)
{
	json_t *list = json_array();

	for (size_t i = 0; i < board->layout.count; i++) {
		const struct partition *place = &board->layout.partitions[i];
		const struct board_partition *partition = &board->partitions[i];

		json_array_append_new(
			list,
			json_pack("{s:s, s:I, s:I, s:s, s:o, s:b}", "name", place->name, "offset",
				  (json_int_t)place->offset, "size", (json_int_t)place->size,
				  "role", role_name(partition->role), "format",
				  text_or_null(partition->format ? partition->format->name : ""),
				  "required", partition->required));
	}
	return list;
}

static json_t *fallback_json(const struct board_bootloader *loader)
{
	if (!loader->fallback_id)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "id", hex_json(loader->fallback_id, 8), "id-word",
			 hex_json(loader->fallback_id_word, 8), "size-word",
			 hex_json(loader->fallback_size_word, 8), "runs-at",
			 loader->runs_at ? hex_json(loader->runs_at, 8) : json_null());
}

static json_t *bootloader_json(const struct board_bootloader *loader)
{
	json_t *misdetects = json_array();
	json_t *makers = json_array();

	for (size_t i = 0; i < RC_COUNT(loader->misdetects) && loader->misdetects[i]; i++)
		json_array_append_new(misdetects, hex_json(loader->misdetects[i], 6));
	for (size_t i = 0; i < RC_COUNT(loader->makers) && loader->makers[i]; i++)
		json_array_append_new(makers, hex_json(loader->makers[i], 2));
	return json_pack(
		"{s:s, s:o, s:o, s:o, s:s, s:b, s:o, s:o, s:o, s:o}", "name", loader->name,
		"version", text_or_null(loader->version), "sha256", text_or_null(loader->sha256),
		"dump-sha256", text_or_null(loader->dump_sha256), "origin",
		bootloader_origin_name(loader->origin), "runs-exact", loader->runs_exact,
		"misdetects", misdetects, "makers", makers, "fallback", fallback_json(loader),
		"notes",
		strings_json(loader->notes[0], sizeof(loader->notes[0]), RC_COUNT(loader->notes)));
}

static json_t *pins_json(const struct board *board)
{
	json_t *list = json_array();

	for (size_t i = 0; i < BOARD_MAX_PINS && board->pins[i].name[0]; i++) {
		const struct board_pin *pin = &board->pins[i];

		json_array_append_new(
			list,
			json_pack("{s:s, s:o, s:b, s:o}", "name", pin->name, "gpio",
				  pin->gpio >= 0 ? json_integer(pin->gpio) : json_null(),
				  "active-low", pin->active_low, "note", text_or_null(pin->note)));
	}
	return list;
}

static json_t *console_json(const struct board *board)
{
	return json_pack(
		"{s:i, s:o, s:o, s:I, s:I, s:o, s:o}", "baud", (int)board->console.baud, "prompts",
		strings_json(board->console.prompts[0], sizeof(board->console.prompts[0]),
			     RC_COUNT(board->console.prompts)),
		"dialect", text_or_null(board->console.dialect), "load-address",
		(json_int_t)board->console.load_address, "load-size",
		(json_int_t)board->console.load_size, "stop", text_or_null(board->console.stop),
		"where", text_or_null(board->console.where));
}

json_t *board_json(const struct board *board)
{
	json_t *chips = json_array();
	json_t *bootloaders = json_array();

	for (size_t i = 0; i < BOARD_MAX_CHIPS && board->chips[i]; i++)
		json_array_append_new(chips, hex_json(board->chips[i], 6));
	for (size_t i = 0; i < board->bootloader_count; i++)
		json_array_append_new(bootloaders, bootloader_json(&board->bootloaders[i]));
	return json_pack(
		"{s:s, s:s, s:s, s:b, s:o, s:I, s:I, s:o, s:o, s:b, s:o, s:o,"
		" s:{s:o, s:o, s:o}, s:{s:o, s:o, s:o, s:o}, s:o, s:o, s:o}",
		"id", board->id, "name", board->name, "soc", board->soc, "refused", board->refused,
		"why-refused", text_or_null(board->why_refused), "ram", (json_int_t)board->ram_size,
		"flash", (json_int_t)board->layout.flash_size, "mtdparts",
		text_or_null(board->mtdparts), "chips", chips, "own-table", board->layout_from_mxpt,
		"partitions", partitions_json(board), "console", console_json(board), "update",
		"file", text_or_null(board->update.file), "button",
		text_or_null(board->update.button), "note", text_or_null(board->update.note),
		"identity", "partition", text_or_null(board->identity.partition), "path",
		text_or_null(board->identity.path), "kind", text_or_null(board->identity.kind),
		"note", text_or_null(board->identity.note), "pins", pins_json(board), "bootloaders",
		bootloaders, "notes",
		strings_json(board->notes[0], sizeof(board->notes[0]), RC_COUNT(board->notes)));
}

json_t *boards_json(const struct boards *boards)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < boards->count; i++) {
		if (json_array_append_new(list, board_json(&boards->all[i]))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}
