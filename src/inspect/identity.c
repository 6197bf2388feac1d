/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What files and settings tell of a camera: who it is, which model, which version. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "format/flsh.h"
#include "inspect/image.h"

/* Copies what stands behind key up to the end of its line; false where it does not. */
static bool line_value(struct rc_span text, const char *key, char *out, size_t size)
{
	const uint8_t *found = rc_find(text, key, strlen(key));
	size_t left, used = 0;

	if (!found)
		return false;
	found += strlen(key);
	left = text.size - (size_t)(found - text.data);
	while (used < left && used + 1 < size && found[used] >= 0x20 && found[used] < 0x7f) {
		out[used] = (char)found[used];
		used++;
	}
	out[used] = '\0';
	return used > 0;
}

static bool is_hex(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

static void set_identity(struct told *told, const char *partition, const char *path,
			 const char *mac)
{
	struct identity *identity = &told->identity;

	identity->present = true;
	snprintf(identity->where, sizeof(identity->where), "%s%s%.64s", partition, *path ? ":" : "",
		 path);
	snprintf(identity->mac, sizeof(identity->mac), "%s", mac);
}

/* The first 12 characters of NETRELATED_MAC, as the camera itself cuts them (facts 1.5). */
static void read_product_config(struct told *told, const struct inspected_partition *part,
				const struct fs_entry *entry)
{
	char section[64], mac[40];

	if (line_value(entry->content, "[", section, sizeof(section))) {
		section[strcspn(section, "]")] = '\0';
		clues_add(&told->clues, "product", section, part->place.name);
	}
	if (entry->damaged || !line_value(entry->content, "NETRELATED_MAC=", mac, sizeof(mac)) ||
	    strlen(mac) < 12 || !is_hex(mac, 12))
		return;
	mac[12] = '\0';
	set_identity(told, part->place.name, entry->path, mac);
}

static void read_version(struct told *told, const struct inspected_partition *part,
			 const struct fs_entry *entry, const char *key)
{
	char version[64];
	char where[96];

	if (!line_value(entry->content, key, version, sizeof(version)))
		return;
	snprintf(told->firmware_version, sizeof(told->firmware_version), "%s", version);
	snprintf(where, sizeof(where), "%s:%.72s", part->place.name, entry->path);
	clues_add(&told->clues, "appver", version, where);
}

static void read_module(struct told *told, const struct inspected_partition *part,
			const struct fs_entry *entry)
{
	const char *name = strrchr(entry->path, '/') + 1;
	char where[96];

	snprintf(where, sizeof(where), "%s:%.72s", part->place.name, entry->path);
	clues_add(&told->clues, "module", name, where);
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), end_size = strlen(end);

	return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

/* Which files tell something, wherever in their file system they lie. */
void image_read_file(struct told *told, const struct inspected_partition *part,
		     const struct fs_entry *entry)
{
	const char *path = entry->path;

	if (ends_with(path, "/.product_config"))
		read_product_config(told, part, entry);
	else if (ends_with(path, "/app.ver"))
		read_version(told, part, entry, "AppVer=");
	else if (ends_with(path, "/os-release"))
		read_version(told, part, entry, "CHUANGMI_VERSION=");
	else if (part->role == ROLE_DRIVER && ends_with(path, ".ko"))
		read_module(told, part, entry);
}

static bool is_digits(const char *text, size_t size)
{
	return strlen(text) == size && strspn(text, "0123456789") == size;
}

/* The rule of facts/mstar-mi360.md 1.6: FLSH, its checksum, did of 9 digits, key of 16. */
static void read_flsh(struct told *told, const struct partition *place, const struct flsh *settings)
{
	struct identity *identity = &told->identity;
	char mac[32] = "", did[32] = "", key[64] = "";

	if (flsh_get(settings, "model", identity->model, sizeof(identity->model)))
		clues_add(&told->clues, "model", identity->model, place->name);
	flsh_get(settings, "mac", mac, sizeof(mac));
	flsh_get(settings, "did", did, sizeof(did));
	flsh_get(settings, "key", key, sizeof(key));
	if (strlen(mac) == 17 && is_digits(did, 9) && strlen(key) == 16)
		set_identity(told, place->name, "", mac);
}

/* "2017_APLINK", and at 0x13 the MAC as lower-case ASCII (facts 1.3, Sannce). */
static void read_aplink(struct told *told, const struct partition *place, struct rc_span region)
{
	static const char mark[] = "2017_APLINK";
	char mac[18] = { 0 };

	if (region.size < 0x13 + 17 || memcmp(region.data, mark, strlen(mark)) != 0)
		return;
	clues_add(&told->clues, "product", mark, place->name);
	memcpy(mac, region.data + 0x13, 17);
	for (size_t i = 0; i < 17; i++) {
		if (i % 3 == 2 ? mac[i] != ':' : !isxdigit((unsigned char)mac[i]))
			return;
	}
	set_identity(told, place->name, "", mac);
}

void image_read_identity(struct told *told, const struct inspected_partition *part,
			 struct rc_span region)
{
	struct flsh settings;

	if (part->role != ROLE_IDENTITY)
		return;
	if (flsh_parse(region, &settings, NULL) == 0)
		read_flsh(told, &part->place, &settings);
	else
		read_aplink(told, &part->place, region);
}

void image_hear(struct image *image, const struct told *told)
{
	struct inspection *out = image->out;

	for (size_t i = 0; i < told->clues.count; i++)
		clues_add(&image->clues, told->clues.all[i].kind, told->clues.all[i].value,
			  told->clues.all[i].where);
	image->clues.failed |= told->clues.failed;
	if (told->identity.present) {
		struct identity *identity = &out->identity;

		identity->present = true;
		memcpy(identity->where, told->identity.where, sizeof(identity->where));
		memcpy(identity->mac, told->identity.mac, sizeof(identity->mac));
	}
	if (told->identity.model[0])
		memcpy(out->identity.model, told->identity.model, sizeof(out->identity.model));
	if (told->firmware_version[0])
		memcpy(out->firmware_version, told->firmware_version,
		       sizeof(out->firmware_version));
}
