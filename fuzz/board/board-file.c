/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Board files: whatever the bytes are, they are read or refused. */
#include <string.h>

#include "board/board.h"
#include "board/describe.h"
#include "board/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "include = x.part" gives the bytes after the first NUL, so that parts are fuzzed too. */
static int read_part(void *context, const char *name, struct rc_buffer *out, struct rc_error *err)
{
	const struct rc_span *part = context;

	(void)name;
	*out = (struct rc_buffer){ 0 };
	return rc_buffer_append(out, part->data, part->size) ? 0 : rc_fail_memory(err, part->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
	struct rc_span text = { data, end ? (size_t)(end - data) : size };
	struct rc_span part = { data + text.size, end ? size - text.size - 1 : 0 };
	const struct board_parts parts = { .read = read_part, .context = &part };
	struct board board;
	struct rc_error err;

	part.data += end ? 1 : 0;
	if (board_parse_with("fuzz.board", text, &parts, &board, &err))
		return 0;
	json_decref(board_json(&board));
	board_clear(&board);
	return 0;
}
