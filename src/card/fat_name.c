/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "card/fat_name.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

static const uint8_t unit_places[FAT_SLOT_UNITS] = {
	1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30
};

static const char plain_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
static const char both_letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-abcdefghijklmnopqrstuvwxyz";

/* --- Making --- */

/* One character of UTF-8; 0 where it is none. */
static uint32_t take_character(const char **text)
{
	const uint8_t *at = (const uint8_t *)*text;
	unsigned more = at[0] < 0x80 ? 0 : at[0] >= 0xf0 ? 3 : at[0] >= 0xe0 ? 2 : 1;
	uint32_t value = more ? at[0] & (0x3fu >> more) : at[0];

	static const uint32_t least[] = { 1, 0x80, 0x800, 0x10000 };

	if (at[0] >= 0xf8 || (at[0] >= 0x80 && at[0] < 0xc2))
		return 0;
	for (unsigned i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (at[i] & 0x3f);
	}
	*text += more + 1;
	if (value < least[more] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	return value;
}

static int fail_name(struct rc_error *err, const char *name, const char *why)
{
	return rc_fail(err, RC_EUSAGE,
		       "\"%s\" is no name for a file on a card (%s): give it another name", name,
		       why);
}

static bool is_plain(const char *name, const char *letters)
{
	const char *dot = strchr(name, '.');
	size_t base = dot ? (size_t)(dot - name) : strlen(name);
	size_t extension = dot ? strlen(dot + 1) : 0;

	return base >= 1 && base <= 8 && extension <= 3 && strspn(name, letters) == base &&
	       (!dot || (extension && strspn(dot + 1, letters) == extension));
}

int fat_name_parse(const char *name, struct fat_name *out, struct rc_error *err)
{
	size_t length = strlen(name);
	const char *at = name;

	*out = (struct fat_name){ .plain = is_plain(name, plain_letters),
				  .capital = is_plain(name, both_letters) };
	if (length == 0)
		return fail_name(err, name, "it is empty");
	if (name[length - 1] == '.' || name[length - 1] == ' ')
		return fail_name(err, name, "it ends with a dot or a blank");
	while (*at) {
		uint32_t value = take_character(&at);

		if (value == 0)
			return fail_name(err, "...", "it is not UTF-8");
		if (value < 0x20 || value == 0x7f ||
		    (value < 0x80 && strchr("\"*/:<>?\\|", (int)value)))
			return fail_name(
				err, name,
				"FAT has no control bytes and none of \" * / : < > ? \\ |");
		if (out->count + (value >= 0x10000 ? 2 : 1) > FAT_UNITS)
			return fail_name(err, name, "more than 255 letters");
		if (value >= 0x10000) {
			out->units[out->count++] = (uint16_t)(0xd7c0 + (value >> 10));
			value = 0xdc00 | (value & 0x3ff);
		}
		out->units[out->count++] = (uint16_t)value;
	}
	return 0;
}

size_t fat_name_slots(const struct fat_name *name)
{
	return name->plain ? 0 : (name->count + FAT_SLOT_UNITS - 1) / FAT_SLOT_UNITS;
}

/* The letter of a short name for this one; 0: left out. */
static uint8_t short_letter(uint16_t unit)
{
	if (unit == ' ' || unit == '.')
		return 0;
	if (unit >= 'a' && unit <= 'z')
		return (uint8_t)(unit - 'a' + 'A');
	return unit < 0x80 && strchr(plain_letters, unit) ? (uint8_t)unit : '_';
}

static size_t put_letters(const struct fat_name *name, size_t from, size_t to, uint8_t *out,
			  size_t room)
{
	size_t used = 0;

	for (size_t i = from; i < to && used < room; i++) {
		uint8_t letter = short_letter(name->units[i]);

		if (letter)
			out[used++] = letter;
	}
	return used;
}

void fat_name_short(const struct fat_name *name, unsigned number, uint8_t out[FAT_SHORT])
{
	char tail[8] = "";
	size_t dot = name->count, used, length;

	memset(out, ' ', FAT_SHORT);
	for (size_t i = 1; i < name->count; i++)
		if (name->units[i] == '.')
			dot = i;
	if (number)
		snprintf(tail, sizeof(tail), "~%u", number % 1000000);
	length = strlen(tail);
	used = put_letters(name, 0, dot, out, 8 - length);
	if (used == 0)
		out[used++] = '_';
	memcpy(out + used, tail, length);
	put_letters(name, dot, name->count, out + 8, 3);
}

static uint8_t short_checksum(const uint8_t name[FAT_SHORT])
{
	uint8_t sum = 0;

	for (size_t i = 0; i < FAT_SHORT; i++)
		sum = (uint8_t)((sum << 7 | sum >> 1) + name[i]);
	return sum;
}

void fat_name_write(const struct fat_name *name, const uint8_t short_name[FAT_SHORT],
		    uint8_t *slots)
{
	size_t count = fat_name_slots(name);

	for (size_t i = count; i-- > 0; slots += FAT_ENTRY) {
		slots[0] = (uint8_t)((i + 1) | (i + 1 == count ? FAT_LAST_SLOT : 0));
		slots[11] = FAT_ATTR_LONG;
		slots[13] = short_checksum(short_name);
		for (size_t n = 0; n < FAT_SLOT_UNITS; n++) {
			size_t unit = i * FAT_SLOT_UNITS + n;

			/* One 0 behind the name, then FFFF. */
			rc_put_le16(slots + unit_places[n], unit < name->count ? name->units[unit]
							    : unit == name->count ? 0
										  : 0xffff);
		}
	}
}

/* --- Reading --- */

void fat_gather_slot(struct fat_gather *gather, const uint8_t *slot)
{
	unsigned number = slot[0] & 0x3f;

	if (slot[0] & FAT_LAST_SLOT) {
		*gather = (struct fat_gather){ 0 };
		if (number == 0 || number > FAT_SLOTS)
			return;
		gather->slots = gather->expected = number;
		gather->checksum = slot[13];
	}
	if (gather->expected == 0 || number != gather->expected || slot[13] != gather->checksum) {
		*gather = (struct fat_gather){ 0 };
		return;
	}
	gather->expected--;
	for (size_t i = 0; i < FAT_SLOT_UNITS; i++)
		gather->units[(number - 1) * FAT_SLOT_UNITS + i] = rc_le16(slot + unit_places[i]);
}

/* As UTF-8; a lone surrogate becomes '?'. Returns the bytes written. */
static size_t put_character(uint32_t value, char *out)
{
	if (value < 0x80) {
		out[0] = (char)value;
		return 1;
	}
	if (value < 0x800) {
		out[0] = (char)(0xc0 | value >> 6);
		out[1] = (char)(0x80 | (value & 0x3f));
		return 2;
	}
	if (value < 0x10000) {
		out[0] = (char)(0xe0 | value >> 12);
		out[1] = (char)(0x80 | (value >> 6 & 0x3f));
		out[2] = (char)(0x80 | (value & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | value >> 18);
	out[1] = (char)(0x80 | (value >> 12 & 0x3f));
	out[2] = (char)(0x80 | (value >> 6 & 0x3f));
	out[3] = (char)(0x80 | (value & 0x3f));
	return 4;
}

static void long_text(const struct fat_gather *gather, char *out)
{
	size_t count = gather->slots * FAT_SLOT_UNITS, length = 0;

	for (size_t i = 0; i < count && gather->units[i] && length + 4 < FAT_LONG_NAME; i++) {
		uint32_t value = gather->units[i];
		uint32_t second = i + 1 < count ? gather->units[i + 1] : 0;

		if (value >= 0xd800 && value < 0xdc00 && second >= 0xdc00 && second < 0xe000) {
			value = 0x10000 + ((value - 0xd800) << 10) + (second - 0xdc00);
			i++;
		} else if (value >= 0xd800 && value < 0xe000) {
			value = '?';
		}
		length += put_character(value, out + length);
	}
	out[length] = '\0';
}

static void short_text(const uint8_t *entry, char name[FAT_NAME])
{
	size_t length = 0;

	for (size_t i = 0; i < FAT_SHORT; i++) {
		if (i == 8 && entry[8] != ' ')
			name[length++] = '.';
		if (entry[i] > ' ' && entry[i] < 0x7f)
			name[length++] = (char)entry[i];
	}
	name[length] = '\0';
}

void fat_gather_names(struct fat_gather *gather, const uint8_t *entry, struct fat_entry *out)
{
	short_text(entry, out->name);
	if (gather->slots && gather->expected == 0 && gather->checksum == short_checksum(entry))
		long_text(gather, out->long_name);
	else
		snprintf(out->long_name, sizeof(out->long_name), "%s", out->name);
	*gather = (struct fat_gather){ 0 };
}
