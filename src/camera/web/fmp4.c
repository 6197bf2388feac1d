/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/web/fmp4.h"

#include <stdio.h>
#include <string.h>

enum { NAL_SPS = 7, NAL_PPS = 8, NAL_DELIMITER = 9 };

/* A box is opened, filled, and closed: then its size is known. */
static size_t open_box(struct rc_buffer *out, const char type[5])
{
	size_t at = out->size;

	rc_buffer_append(out, "\0\0\0\0", 4);
	rc_buffer_append(out, type, 4);
	return at;
}

static void put16(struct rc_buffer *out, unsigned value)
{
	rc_buffer_append(out, (uint8_t[]){ (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

static void put32(struct rc_buffer *out, uint32_t value)
{
	uint8_t bytes[4];

	rc_put_be32(bytes, value);
	rc_buffer_append(out, bytes, 4);
}

static void put64(struct rc_buffer *out, uint64_t value)
{
	put32(out, (uint32_t)(value >> 32));
	put32(out, (uint32_t)value);
}

static void put_zeros(struct rc_buffer *out, size_t count)
{
	static const uint8_t zeros[64];

	rc_buffer_append(out, zeros, count);
}

static size_t open_full_box(struct rc_buffer *out, const char type[5], unsigned version,
			    uint32_t flags)
{
	size_t at = open_box(out, type);

	put32(out, version << 24 | flags);
	return at;
}

static void close_box(struct rc_buffer *out, size_t at)
{
	if (!out->failed)
		rc_put_be32(out->data + at, (uint32_t)(out->size - at));
}

void fmp4_codec(const struct parameter_sets *sets, char codec[FMP4_CODEC])
{
	const uint8_t *sps = sets->sps;

	snprintf(codec, FMP4_CODEC, "avc1.%02X%02X%02X", sps[1], sps[2], sps[3]);
}

static void put_matrix(struct rc_buffer *out)
{
	static const uint32_t unity[9] = { 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000 };

	for (size_t i = 0; i < RC_COUNT(unity); i++)
		put32(out, unity[i]);
}

static void put_movie_header(struct rc_buffer *out)
{
	size_t box = open_full_box(out, "mvhd", 0, 0);

	put_zeros(out, 8); /* times */
	put32(out, FMP4_TIMESCALE);
	put32(out, 0); /* duration: not known */
	put32(out, 0x10000);
	put16(out, 0x100);
	put_zeros(out, 10);
	put_matrix(out);
	put_zeros(out, 24);
	put32(out, 2); /* next track */
	close_box(out, box);
}

static void put_track_header(const struct parameter_sets *sets, struct rc_buffer *out)
{
	size_t box = open_full_box(out, "tkhd", 0, 3); /* enabled, in the movie */

	put_zeros(out, 8);
	put32(out, 1); /* track */
	put_zeros(out, 4 + 4 + 8 + 2 + 2 + 2 + 2);
	put_matrix(out);
	put32(out, sets->width << 16);
	put32(out, sets->height << 16);
	close_box(out, box);
}

/* AVCDecoderConfigurationRecord, ISO/IEC 14496-15 5.3.3.1 */
static void put_avcc(const struct parameter_sets *sets, struct rc_buffer *out)
{
	size_t box = open_box(out, "avcC");

	rc_buffer_append(out,
			 (uint8_t[]){ 1, sets->sps[1], sets->sps[2], sets->sps[3], 0xff, 0xe1 }, 6);
	put16(out, sets->sps_size);
	rc_buffer_append(out, sets->sps, sets->sps_size);
	rc_buffer_append(out, (uint8_t[]){ 1 }, 1);
	put16(out, sets->pps_size);
	rc_buffer_append(out, sets->pps, sets->pps_size);
	/* High profiles: 4:2:0 of 8 bits, which is what cameras have. */
	if (sets->sps[1] >= 100 && sets->sps[1] != 144)
		rc_buffer_append(out, (uint8_t[]){ 0xfd, 0xf8, 0xf8, 0 }, 4);
	close_box(out, box);
}

static void put_sample_description(const struct parameter_sets *sets, struct rc_buffer *out)
{
	size_t box = open_full_box(out, "stsd", 0, 0);
	size_t entry;

	put32(out, 1);
	entry = open_box(out, "avc1");
	put_zeros(out, 6);
	put16(out, 1); /* data reference */
	put_zeros(out, 16);
	put16(out, sets->width);
	put16(out, sets->height);
	put32(out, 0x480000); /* 72 dpi */
	put32(out, 0x480000);
	put32(out, 0);
	put16(out, 1); /* pictures per sample */
	put_zeros(out, 32);
	put16(out, 24);
	put16(out, 0xffff);
	put_avcc(sets, out);
	close_box(out, entry);
	close_box(out, box);
}

/* The samples stand in the fragments; here the tables are empty. */
static void put_sample_table(const struct parameter_sets *sets, struct rc_buffer *out)
{
	static const struct {
		char type[5];
		unsigned zeros;
	} empty[] = { { "stts", 4 }, { "stsc", 4 }, { "stsz", 8 }, { "stco", 4 } };
	size_t box = open_box(out, "stbl");

	put_sample_description(sets, out);
	for (size_t i = 0; i < RC_COUNT(empty); i++) {
		size_t table = open_full_box(out, empty[i].type, 0, 0);

		put_zeros(out, empty[i].zeros);
		close_box(out, table);
	}
	close_box(out, box);
}

static void put_media_information(const struct parameter_sets *sets, struct rc_buffer *out)
{
	size_t box = open_box(out, "minf"), inner, reference, url;

	inner = open_full_box(out, "vmhd", 0, 1);
	put_zeros(out, 8);
	close_box(out, inner);
	inner = open_box(out, "dinf");
	reference = open_full_box(out, "dref", 0, 0);
	put32(out, 1);
	url = open_full_box(out, "url ", 0, 1); /* in this file */
	close_box(out, url);
	close_box(out, reference);
	close_box(out, inner);
	put_sample_table(sets, out);
	close_box(out, box);
}

static void put_media(const struct parameter_sets *sets, struct rc_buffer *out)
{
	size_t box = open_box(out, "mdia"), inner;

	inner = open_full_box(out, "mdhd", 0, 0);
	put_zeros(out, 8);
	put32(out, FMP4_TIMESCALE);
	put32(out, 0);
	put16(out, 0x55c4); /* und */
	put16(out, 0);
	close_box(out, inner);
	inner = open_full_box(out, "hdlr", 0, 0);
	put32(out, 0);
	rc_buffer_append(out, "vide", 4);
	put_zeros(out, 12);
	rc_buffer_append(out, "recamd", 7);
	close_box(out, inner);
	put_media_information(sets, out);
	close_box(out, box);
}

bool fmp4_start(const struct parameter_sets *sets, struct rc_buffer *out)
{
	size_t box = open_box(out, "ftyp"), inner;

	rc_buffer_append(out, "iso5\0\0\2\0iso5iso6avc1mp41", 24);
	close_box(out, box);
	box = open_box(out, "moov");
	put_movie_header(out);
	inner = open_box(out, "trak");
	put_track_header(sets, out);
	put_media(sets, out);
	close_box(out, inner);
	inner = open_box(out, "mvex");
	{
		size_t extends = open_full_box(out, "trex", 0, 0);

		put32(out, 1);
		put32(out, 1);
		put_zeros(out, 12);
		close_box(out, extends);
	}
	close_box(out, inner);
	close_box(out, box);
	return !out->failed;
}

static bool belongs_in_sample(const struct nal *nal)
{
	unsigned type = nal->data[0] & 0x1f;

	return type != NAL_SPS && type != NAL_PPS && type != NAL_DELIMITER;
}

static uint32_t sample_size(const struct access_unit *unit)
{
	uint32_t size = 0;

	for (unsigned i = 0; i < unit->nal_count; i++)
		if (belongs_in_sample(&unit->nals[i]))
			size += 4 + unit->nals[i].size;
	return size;
}

/* One sample, with its own duration, size, flags and offset from decoding to showing. */
static size_t put_track_fragment(const struct access_unit *unit, const struct fmp4_clock *clock,
				 struct rc_buffer *out)
{
	enum { OFFSET = 1, DURATION = 0x100, SIZE = 0x200, FLAGS = 0x400, COMPOSITION = 0x800 };
	uint64_t shown = unit->pts_90k - clock->origin_90k;
	size_t box = open_box(out, "traf"), inner, data_offset;

	inner = open_full_box(out, "tfhd", 0, 0x20000); /* offsets from the moof */
	put32(out, 1);
	close_box(out, inner);
	inner = open_full_box(out, "tfdt", 1, 0);
	put64(out, clock->decode_90k);
	close_box(out, inner);
	inner = open_full_box(out, "trun", 1, OFFSET | DURATION | SIZE | FLAGS | COMPOSITION);
	put32(out, 1);
	data_offset = out->size;
	put32(out, 0);
	put32(out, unit->duration_90k);
	put32(out, sample_size(unit));
	put32(out, unit->key ? 0x2000000 : 0x1010000); /* depends on none, or on others */
	put32(out, (uint32_t)(shown - clock->decode_90k));
	close_box(out, inner);
	close_box(out, box);
	return data_offset;
}

bool fmp4_fragment(const struct access_unit *unit, struct fmp4_clock *clock, struct rc_buffer *out)
{
	size_t moof = open_box(out, "moof"), inner, data_offset;

	if (!clock->started)
		clock->origin_90k = unit->pts_90k;
	/* Decoding goes on without a gap; after pictures left out it jumps to what is shown. */
	else if (unit->key && unit->pts_90k - clock->origin_90k > clock->decode_90k)
		clock->decode_90k = unit->pts_90k - clock->origin_90k;
	clock->started = true;
	inner = open_full_box(out, "mfhd", 0, 0);
	put32(out, ++clock->sequence);
	close_box(out, inner);
	data_offset = put_track_fragment(unit, clock, out);
	close_box(out, moof);
	if (!out->failed)
		rc_put_be32(out->data + data_offset, (uint32_t)(out->size - moof) + 8);
	clock->decode_90k += unit->duration_90k;

	inner = open_box(out, "mdat");
	for (unsigned i = 0; i < unit->nal_count; i++) {
		if (!belongs_in_sample(&unit->nals[i]))
			continue;
		put32(out, unit->nals[i].size);
		rc_buffer_append(out, unit->nals[i].data, unit->nals[i].size);
	}
	close_box(out, inner);
	return !out->failed;
}
