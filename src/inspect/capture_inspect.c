/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A console capture under inspection: what is wrong with it, and what its bytes are. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "format/ingenic_boot.h"
#include "inspect/capture.h"
#include "inspect/image.h"

/* The first lines of what capture_describe has to say, as one. */
static void first_lines(const struct capture *capture, char *out, size_t out_size)
{
	struct rc_text text = { 0 };

	capture_describe(capture, &text);
	snprintf(out, out_size, "%s", rc_text_get(&text));
	rc_text_free(&text);
	for (char *at = out; *at; at++) {
		if (*at == '\n' && at[1])
			*at = ';';
		else if (*at == '\n')
			*at = '\0';
	}
}

static bool add_findings(const struct capture *capture, struct inspection *inspection)
{
	char evidence[sizeof(((struct finding *)0)->evidence)];
	bool added = true;

	if (capture->of_memory)
		added = inspection_add(inspection, "capture-of-ram", NULL, FINDING_NO_OFFSET, "%s",
				       capture->memory_why);
	if (!capture->gap_count && !capture->end_unknown)
		return added;
	first_lines(capture, evidence, sizeof(evidence));
	return inspection_add(inspection, "capture-incomplete", NULL,
			      capture->gap_count ? capture->begin + capture->gaps[0].offset
						 : capture->begin + capture->size,
			      "%s", evidence) &&
	       added;
}

static bool is_whole(const struct capture *capture)
{
	return capture->size > 0 && capture->missing == 0 && !capture->end_unknown;
}

/* The bytes as flash or partition; never again as a capture. */
static int inspect_content(const struct capture *capture, const struct inspect_options *options,
			   struct inspection *inspection, struct rc_error *err)
{
	struct rc_span bytes = { capture->bytes, capture->size };

	if (firmware_is_demo(bytes))
		return inspect_demo(bytes, options, inspection, err);
	if (firmware_is_recovery(bytes))
		return inspect_recovery(bytes, options, inspection, err);
	if (capture->begin == 0 && detect_is_flash(bytes))
		return inspect_flash(bytes, options, inspection, err);
	return inspect_partition(bytes, options, inspection, err);
}

static void describe(const struct capture *capture, struct inspection *inspection)
{
	char content[96];

	snprintf(content, sizeof(content), "%.90s", inspection->what);
	if (is_whole(capture))
		snprintf(inspection->what, sizeof(inspection->what),
			 "a console capture (%s) of %zu bytes: %s",
			 capture_tool_name(capture->tool), capture->size, content);
	else
		snprintf(inspection->what, sizeof(inspection->what),
			 "a console capture (%s) of %zu bytes, of which %" PRIu64
			 " are missing; \"recam convert\" names them",
			 capture_tool_name(capture->tool), capture->size, capture->missing);
}

int inspect_capture(struct rc_span text, const struct inspect_options *options,
		    struct inspection *inspection, struct rc_error *err)
{
	struct capture_options flash = { 0 };
	struct capture capture;
	int status = capture_read(text, &flash, &capture, err);

	*inspection = (struct inspection){ .kind = INSPECT_CAPTURE, .size = text.size };
	if (status)
		return status;
	if (is_whole(&capture))
		status = inspect_content(&capture, options, inspection, err);
	if (status == 0) {
		inspection->kind = INSPECT_CAPTURE;
		describe(&capture, inspection);
		if (!add_findings(&capture, inspection))
			status = rc_fail_memory(err, sizeof(struct finding));
	}
	capture_clear(&capture);
	if (status)
		inspection_clear(inspection);
	return status;
}
