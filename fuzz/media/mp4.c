/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The movie box of an MP4 file, and a sample. */
#include "camera/media/mp4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_span bytes = { data, size };
	struct rc_buffer annexb = { 0 };
	struct mp4_track track;
	struct rc_error err;

	if (mp4_read_track(bytes, &track, &err) == RC_OK) {
		mp4_to_annexb(&track, bytes, &annexb, &err);
		mp4_track_free(&track);
	}
	rc_buffer_free(&annexb);
	return 0;
}
