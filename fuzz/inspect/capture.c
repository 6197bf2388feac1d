/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/capture.h"
#include "report_all.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A capture: read, described, written again and inspected. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct inspect_options inspecting = { .boards = all_boards() };
	const struct capture_options options = { .memory = size % 2 };
	struct rc_span text = { data, size };
	struct rc_text out = { 0 }, again = { 0 };
	struct inspection inspection;
	struct capture capture;

	if (capture_read(text, &options, &capture, NULL) == 0) {
		const struct capture_rewriter rewriter = { .bytes = capture.bytes };

		capture_describe(&capture, &out);
		capture_commands(&capture, &out);
		capture_rewrite(text, &options, &capture, &rewriter, &again, NULL);
	}
	capture_clear(&capture);
	rc_text_free(&out);
	rc_text_free(&again);
	if (capture_probe(text) && inspect_bytes(text, &inspecting, &inspection, NULL) == 0)
		report_all(&inspection);
	return 0;
}
