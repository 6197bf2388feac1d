/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameter sets, heads of slices and SEI messages. */
#include "camera/media/access_unit.h"
#include "camera/media/h264.h"
#include "camera/media/sei.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_span bytes = { data, size };
	struct h264_sps sps = { 0 };
	struct h264_order order = { 0 };
	struct h264_slice slice;
	struct sei_timing timing;
	struct rc_error err;
	struct rc_span nal;
	bool known = false;

	for (size_t at = 0; annexb_next(bytes, &at, &nal);) {
		struct h264_sps read;

		if (h264_read_sps(nal, &read, &err) == RC_OK) {
			sps = read;
			known = true;
		} else if (h264_read_slice(nal, known ? &sps : NULL, &slice, &err) == RC_OK &&
			   known) {
			h264_picture_order(&order, &sps, &slice);
		}
		sei_get_timing(nal, &timing);
		parameter_sets_unref(parameter_sets_new(nal, nal));
	}
	return 0;
}
