/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/jpeg.h"

#include <turbojpeg.h>

int jpeg_encode(const struct picture *picture, unsigned quality, struct shared_bytes **jpeg,
		struct rc_error *err)
{
	const unsigned char *planes[3] = { picture->plane[0], picture->plane[1],
					   picture->plane[2] };
	const int strides[3] = { (int)picture->stride[0], (int)picture->stride[1],
				 (int)picture->stride[2] };
	tjhandle turbo = tjInitCompress();
	unsigned char *data = NULL;
	unsigned long size = 0;
	int result = RC_OK;

	if (!turbo)
		return rc_fail(err, RC_ENOMEM, "libjpeg-turbo does not start: %s", tjGetErrorStr());
	*jpeg = NULL;
	if (tjCompressFromYUVPlanes(turbo, planes, (int)picture->width, strides,
				    (int)picture->height, TJSAMP_420, &data, &size, (int)quality,
				    TJFLAG_FASTDCT) < 0)
		result = rc_fail(err, RC_EIO, "libjpeg-turbo does not encode %ux%u: %s",
				 picture->width, picture->height, tjGetErrorStr2(turbo));
	else if (!(*jpeg = shared_bytes_new(data, size)))
		result = rc_fail_memory(err, size);
	tjFree(data);
	tjDestroy(turbo);
	return result;
}
