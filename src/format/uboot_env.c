/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format/uboot_env.h"

#include <string.h>

#include "base/checksum.h"
#include "format/format.h"

/* U-Boot's sizes on these cameras are 4 and 16 KiB; 128 KiB is the largest in its
 * defconfigs. A larger region is no environment, however it ends. */
#define AREA_MIN 64u
#define AREA_MAX RC_KIB(128)

/* Told in a report. The rest may hold addresses and keys (ethaddr, Wi-Fi), and is
 * only counted. */
static const char *const told[] = { "bootcmd", "bootargs", "bootdelay", "baudrate", "ver" };

static uint32_t computed_crc(struct rc_span area)
{
	return rc_crc32(0, area.data + UBOOT_ENV_HEADER, area.size - UBOOT_ENV_HEADER);
}

bool uboot_env_is_whole(struct rc_span area)
{
	return area.size >= AREA_MIN && computed_crc(area) == rc_le32(area.data);
}

bool uboot_env_next(struct rc_span area, size_t *position, struct uboot_env_variable *variable)
{
	size_t begin = *position ? *position : UBOOT_ENV_HEADER;
	const char *text, *equals;
	size_t room, length;

	*position = begin;
	if (begin >= area.size || area.data[begin] == 0)
		return false;
	text = (const char *)area.data + begin;
	room = area.size - begin;
	length = strnlen(text, room);
	equals = memchr(text, '=', length);
	if (length == room || !equals || equals == text)
		return false;

	variable->name = text;
	variable->name_size = (size_t)(equals - text);
	variable->value = equals + 1;
	variable->value_size = length - variable->name_size - 1;
	*position = begin + length + 1;
	return true;
}

const char *uboot_env_get(struct rc_span area, const char *name)
{
	struct uboot_env_variable variable;
	size_t position = 0;

	while (uboot_env_next(area, &position, &variable)) {
		if (variable.name_size == strlen(name) &&
		    memcmp(variable.name, name, variable.name_size) == 0)
			return variable.value;
	}
	return NULL;
}

int uboot_env_build(const char *const *assignments, size_t count, uint8_t *area, size_t area_size,
		    struct rc_error *err)
{
	size_t used = UBOOT_ENV_HEADER;

	if (area_size < AREA_MIN)
		return rc_fail(err, RC_ERANGE,
			       "an environment of %zu bytes is too small: give at least %u",
			       area_size, AREA_MIN);
	memset(area, 0, area_size);
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(assignments[i]);
		const char *equals = strchr(assignments[i], '=');

		if (!equals || equals == assignments[i])
			return rc_fail(err, RC_EFORMAT,
				       "\"%s\" is no environment variable: write NAME=VALUE",
				       assignments[i]);
		/* The last string is followed by two NULs. */
		if (length + 2 > area_size - used)
			return rc_fail(err, RC_ERANGE,
				       "the environment's %zu variables do not fit into %zu bytes",
				       count, area_size);
		memcpy(area + used, assignments[i], length);
		used += length + 1;
	}
	rc_put_le32(area, computed_crc((struct rc_span){ area, area_size }));
	return 0;
}

static bool probe(struct rc_span region)
{
	return region.size >= AREA_MIN && region.size <= AREA_MAX && uboot_env_is_whole(region);
}

static int tell(struct rc_span area, json_int_t count, struct format_report *report,
		struct rc_error *err)
{
	report->detail = json_pack("{s:I}", "variables", count);
	if (!report->detail)
		return rc_fail_memory(err, sizeof(json_t));
	for (size_t i = 0; i < RC_COUNT(told); i++) {
		const char *value = uboot_env_get(area, told[i]);

		/* jansson refuses what is no UTF-8; such a value is only counted. */
		if (value)
			json_object_set_new(report->detail, told[i], json_string(value));
	}
	return 0;
}

static int check(struct rc_span region, const struct fs_visitor *visitor,
		 struct format_report *report, struct rc_error *err)
{
	struct uboot_env_variable variable;
	json_int_t count = 0;
	size_t position = 0;
	uint32_t computed;

	if (region.size < AREA_MIN) {
		format_problem(report, 0, region.size, "%zu bytes are too few for an environment",
			       region.size);
		return 0;
	}
	while (uboot_env_next(region, &position, &variable))
		count++;
	report->used = (uint32_t)(position < region.size ? position + 1 : region.size);

	computed = computed_crc(region);
	if (computed != rc_le32(region.data))
		format_problem(report, 0, region.size,
			       "the environment's checksum is %08X, its header says %08X", computed,
			       rc_le32(region.data));
	if (position < region.size && region.data[position] != 0)
		format_problem(report, position, region.size - position,
			       "variable %lld is no NAME=VALUE that ends inside the environment",
			       (long long)count + 1);
	return tell(region, count, report, err);
}

const struct format format_uboot_env = { .name = "uboot-env", .probe = probe, .check = check };
