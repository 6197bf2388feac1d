/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/encoder.h"

#include <stdlib.h>
#include <x264.h>

#include "base/log.h"
#include "camera/media/h264.h"
#include "camera/media/sei.h"

struct encoder {
	x264_t *x264;
	struct parameter_sets *sets;
	struct encoder_settings settings;
	int64_t count; /* of the pictures: x264's time */
};

/* About 0.1 bit for each pixel: 2.3 Mbit/s for 1280x720 at 25. */
static unsigned usual_bitrate(const struct encoder_settings *settings)
{
	uint64_t pixels = (uint64_t)settings->width * settings->height * settings->rate_num /
			  settings->rate_den;
	uint64_t kbps = pixels / 10000;

	return kbps < 64 ? 64 : kbps > 20000 ? 20000 : (unsigned)kbps;
}

static void __attribute__((format(printf, 3, 0)))
on_log(void *context, int level, const char *format, va_list args)
{
	char line[256];

	vsnprintf(line, sizeof(line), format, args);
	if (level <= X264_LOG_WARNING)
		rc_log_detail("x264: %s", line);
}

static void set_parameters(x264_param_t *param, const struct encoder_settings *settings)
{
	unsigned kbps = settings->bitrate_kbps ? settings->bitrate_kbps : usual_bitrate(settings);

	param->i_width = (int)settings->width;
	param->i_height = (int)settings->height;
	param->i_csp = X264_CSP_I420;
	param->i_fps_num = settings->rate_num;
	param->i_fps_den = settings->rate_den;
	/* Without this, x264 keeps a picture back to learn its duration. */
	param->b_vfr_input = 0;
	/* One thread: it has the picture done before the next comes, and no second stack. */
	param->i_threads = 1;
	param->i_keyint_max = (int)settings->key_interval;
	param->i_keyint_min = (int)settings->key_interval;
	param->i_scenecut_threshold = 0;
	param->b_repeat_headers = 1;
	param->b_annexb = 1;
	param->vui.b_fullrange = 1;
	param->rc.i_rc_method = X264_RC_ABR;
	param->rc.i_bitrate = (int)kbps;
	param->rc.i_vbv_max_bitrate = (int)kbps;
	param->rc.i_vbv_buffer_size =
		(int)kbps; /* one second: key frames are allowed to be large */
	param->pf_log = on_log;
	param->i_log_level = X264_LOG_WARNING;
}

static struct parameter_sets *read_sets(x264_t *x264)
{
	struct rc_span sps = { 0 };
	struct rc_span pps = { 0 };
	x264_nal_t *nals;
	int count;

	if (x264_encoder_headers(x264, &nals, &count) < 0)
		return NULL;
	for (int i = 0; i < count; i++) {
		struct rc_span annexb = { nals[i].p_payload, (size_t)nals[i].i_payload };
		struct rc_span nal;
		size_t position = 0;

		if (!annexb_next(annexb, &position, &nal))
			continue;
		if (nals[i].i_type == H264_SPS)
			sps = nal;
		else if (nals[i].i_type == H264_PPS)
			pps = nal;
	}
	return parameter_sets_new(sps, pps);
}

int encoder_open(const struct encoder_settings *settings, struct encoder **encoder,
		 struct rc_error *err)
{
	struct encoder *e = calloc(1, sizeof(*e));
	x264_param_t param;

	if (!e)
		return rc_fail_memory(err, sizeof(*e));
	e->settings = *settings;
	if (x264_param_default_preset(&param, "ultrafast", "zerolatency") == 0) {
		set_parameters(&param, settings);
		if (x264_param_apply_profile(&param, "baseline") == 0)
			e->x264 = x264_encoder_open(&param);
	}
	if (e->x264)
		e->sets = read_sets(e->x264);
	if (!e->sets) {
		encoder_close(e);
		return rc_fail(err, RC_EUNSUPPORTED,
			       "x264 does not take pictures of %ux%u at %u/%u a second",
			       settings->width, settings->height, settings->rate_num,
			       settings->rate_den);
	}
	*encoder = e;
	return RC_OK;
}

void encoder_close(struct encoder *encoder)
{
	if (!encoder)
		return;
	if (encoder->x264)
		x264_encoder_close(encoder->x264);
	parameter_sets_unref(encoder->sets);
	free(encoder);
}

struct parameter_sets *encoder_sets(const struct encoder *encoder)
{
	return encoder->sets;
}

/* x264 gives the message's memory back with the function it is told (sei_free). */
static void attach_timing(x264_picture_t *in, x264_sei_payload_t *message, uint8_t *payload,
			  const struct sei_timing *timing)
{
	sei_put_timing(payload, timing);
	*message = (x264_sei_payload_t){ .payload_size = SEI_TIMING_SIZE,
					 .payload_type = 5, /* user_data_unregistered */
					 .payload = payload };
	in->extra_sei.num_payloads = 1;
	in->extra_sei.payloads = message;
	in->extra_sei.sei_free = NULL;
}

int encoder_encode(struct encoder *encoder, const struct picture *picture, uint64_t number,
		   bool key, struct access_unit **unit, struct rc_error *err)
{
	struct sei_timing timing = { number, picture->captured_us };
	struct access_unit_times times = { .captured_us = picture->captured_us,
					   .pts_90k = picture->captured_us * 9 / 100 };
	uint8_t payload[SEI_TIMING_SIZE];
	x264_sei_payload_t message;
	x264_picture_t in;
	x264_picture_t out;
	x264_nal_t *nals;
	int count;
	int size;

	times.duration_90k = 90000u * encoder->settings.rate_den / encoder->settings.rate_num;
	x264_picture_init(&in);
	in.img.i_csp = X264_CSP_I420;
	in.img.i_plane = 3;
	for (unsigned i = 0; i < 3; i++) {
		in.img.plane[i] = picture->plane[i];
		in.img.i_stride[i] = (int)picture->stride[i];
	}
	in.i_pts = encoder->count++;
	in.i_type = key ? X264_TYPE_IDR : X264_TYPE_AUTO;
	attach_timing(&in, &message, payload, &timing);
	size = x264_encoder_encode(encoder->x264, &nals, &count, &in, &out);
	if (size <= 0 || count <= 0)
		return rc_fail(err, RC_EIO, "x264 gave nothing for picture %llu",
			       (unsigned long long)number);
	/* x264 lays the NAL units of a picture one behind the other (x264.h). */
	*unit = access_unit_new((struct rc_span){ nals[0].p_payload, (size_t)size }, encoder->sets,
				&times);
	if (!*unit)
		return rc_fail(err, RC_ENOMEM, "a picture of %d bytes is not taken: at most %zu",
			       size, MEDIA_MAX_UNIT);
	return RC_OK;
}
