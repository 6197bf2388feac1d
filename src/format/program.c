/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format/program.h"

#include <ctype.h>
#include <string.h>

static bool is_text(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

static size_t text_length(struct rc_span span)
{
	size_t size = 0;

	while (size < span.size && is_text(span.data[size]))
		size++;
	return size;
}

bool program_string(struct rc_span program, const char *prefix, const char *must_hold, char *out,
		    size_t out_size)
{
	size_t prefix_size = strlen(prefix);
	struct rc_span rest = program;
	const uint8_t *hit;

	while ((hit = rc_find(rest, prefix, prefix_size))) {
		size_t behind = (size_t)(hit - rest.data) + prefix_size;

		rest = rc_span_sub(rest, behind, rest.size - behind);

		size_t size = text_length(rest);

		if (size == 0 || size >= out_size)
			continue;
		memcpy(out, rest.data, size);
		out[size] = '\0';
		if (!must_hold || strstr(out, must_hold))
			return true;
	}
	out[0] = '\0';
	return false;
}

/* The length of the prompt that ends before the NUL at end, 0 where it is none. */
static size_t prompt_length(struct rc_span program, size_t end)
{
	static const char between[] = { '_', '-', ' ' };
	size_t start = end - 2;
	size_t size;

	while (start > 0 && (isalnum(program.data[start - 1]) ||
			     memchr(between, program.data[start - 1], sizeof(between))))
		start--;
	size = end - start;
	if (start == 0 || program.data[start - 1] != '\0' || size < 5 ||
	    !isalpha(program.data[start]))
		return 0;
	return size;
}

bool program_prompt(struct rc_span program, char *out, size_t out_size)
{
	out[0] = '\0';
	for (size_t end = 2; end < program.size; end++) {
		size_t size;

		if (program.data[end] != '\0' || program.data[end - 1] != ' ' ||
		    (program.data[end - 2] != '#' && program.data[end - 2] != '>'))
			continue;
		size = prompt_length(program, end);
		if (size == 0 || size >= out_size)
			continue;
		memcpy(out, program.data + end - size, size);
		out[size] = '\0';
		return true;
	}
	return false;
}
