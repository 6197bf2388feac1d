/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "flash/layout.h"
#include "support.h"

#define PIECE 4096u

const char fake_good_start[] = "## Booting kernel from Legacy Image at 80600000 ...\r\n"
			       "   Image Name:   Linux-3.10.14\r\n"
			       "   Verifying Checksum ... OK\r\n"
			       "   Uncompressing Kernel Image ... OK\r\n"
			       "\r\nStarting kernel ...\r\n\r\n";
const char fake_bad_start[] = "## Booting kernel from Legacy Image at 80600000 ...\r\n"
			      "   Image Name:   Linux-3.10.14\r\n"
			      "   Verifying Checksum ... Bad Data CRC\r\n"
			      "ERROR: can't get kernel image!\r\n";

static int power_gone(const struct fake *fake, struct rc_error *err)
{
	return fake->nor.power_lost ? rc_fail(err, RC_ESTOPPED, "the line went dead") : 0;
}

/* Before each verb. */
static int line_gone(struct fake *fake, struct rc_error *err)
{
	fake->verbs++;
	if (fake->pull_at_verb && fake->verbs >= fake->pull_at_verb)
		return rc_fail(err, RC_ESTOPPED, "the line was pulled");
	return 0;
}

/* The program is killed, as by SIGKILL from outside, with the chip as it is. */
static void die_if_due(const struct fake *fake)
{
	if (fake->kill_at_op &&
	    fake->nor.counts.erases + fake->nor.counts.programs + 1 == fake->kill_at_op)
		raise(SIGKILL);
}

static bool one_in(struct fake *fake, uint32_t n)
{
	return n && support_random(&fake->random) % n == 0;
}

static int fake_identify(struct link *link, struct rc_error *err)
{
	(void)link;
	(void)err;
	return 0;
}

static int fake_read(struct link *link, uint32_t offset, uint8_t *out, size_t size,
		     struct rc_error *err)
{
	struct fake *fake = (struct fake *)link;
	int result = line_gone(fake, err);

	if (result)
		return result;

	nor_read(&fake->nor, offset, out, size);
	for (size_t at = 0; at < size; at += PIECE)
		if (one_in(fake, fake->flip_one_in))
			out[at] ^= 0x10;
	fake->read_bytes += size;
	if (fake->die_after_read && fake->read_bytes >= fake->die_after_read)
		fake->nor.power_lost = true;
	return power_gone(fake, err);
}

static int fake_erase(struct link *link, uint32_t offset, size_t size, struct rc_error *err)
{
	struct fake *fake = (struct fake *)link;
	int result = line_gone(fake, err);

	if (result)
		return result;

	for (size_t done = 0; done < size; done += RC_ERASE_BLOCK) {
		if (fake->stop_after && --fake->stop_after == 0)
			*fake->stop = 1;
		die_if_due(fake);
		fake->erased_blocks[(offset + done) / RC_ERASE_BLOCK]++;
		nor_write_enable(&fake->nor, true);
		nor_erase(&fake->nor, 0xd8, (uint32_t)(offset + done));
	}
	return power_gone(fake, err);
}

static int fake_write(struct link *link, uint32_t offset, const uint8_t *data, size_t size,
		      struct rc_error *err)
{
	struct fake *fake = (struct fake *)link;
	int result = line_gone(fake, err);

	if (result)
		return result;

	for (size_t done = 0; done < size; done += NOR_PAGE) {
		die_if_due(fake);
		if (fake->break_at_program && fake->nor.counts.programs >= fake->break_at_program)
			break;
		nor_write_enable(&fake->nor, true);
		nor_program(&fake->nor, (uint32_t)(offset + done), data + done, NOR_PAGE);
	}
	return power_gone(fake, err);
}

static int fake_checksum(struct link *link, uint32_t offset, size_t size, uint32_t *crc,
			 struct rc_error *err)
{
	struct fake *fake = (struct fake *)link;
	int result = line_gone(fake, err);
	uint8_t *data;

	if (result)
		return result;
	data = malloc(size);

	assert_non_null(data);
	nor_read(&fake->nor, offset, data, size);
	*crc = rc_crc32(0, data, size);
	if (one_in(fake, fake->garble_one_in))
		*crc ^= 0x100;
	fake->checksums++;
	free(data);
	return power_gone(fake, err);
}

static int fake_boot(struct link *link,
		     bool (*sink)(void *context, const uint8_t *data, size_t size), void *context,
		     struct rc_error *err)
{
	struct fake *fake = (struct fake *)link;
	int result = line_gone(fake, err);

	if (result)
		return result;

	fake->boots++;
	sink(context, (const uint8_t *)fake->console, strlen(fake->console));
	return power_gone(fake, err);
}

static void fake_close(struct link *link)
{
	nor_close(&((struct fake *)link)->nor);
}

static const struct link_ops fake_ops = {
	.identify = fake_identify,
	.read = fake_read,
	.erase = fake_erase,
	.write = fake_write,
	.checksum = fake_checksum,
	.boot = fake_boot,
	.close = fake_close,
};

void fake_open(struct fake *fake, const uint8_t *image, size_t size)
{
	fake_open_chip(fake, 0xc84018, image, size);
}

void fake_open_chip(struct fake *fake, uint32_t jedec, const uint8_t *image, size_t size)
{
	struct link_info *info = &fake->link.info;
	struct rc_error err;

	*fake = (struct fake){ .link = { .ops = &fake_ops },
			       .random = 42,
			       .console = fake_good_start };
	support_ok(nor_open(&fake->nor, jedec, image, size, &err), &err);
	info->kind = LINK_UBOOT;
	snprintf(info->name, sizeof(info->name), "uboot:/dev/fake");
	snprintf(info->bootloader, sizeof(info->bootloader), "2013.07 (Jul 28 2017 - 17:10:01)");
	snprintf(info->prompt, sizeof(info->prompt), "isvp_t20# ");
	info->jedec = jedec;
	info->chip = chip_find(info->jedec);
	info->flash_size = info->reach = fake->nor.size;
	info->step = RC_ERASE_BLOCK;
	info->can_checksum = info->can_boot = true;
	info->status_count = 1;
	info->write_rate = 10000;
	info->read_rate = 2300;
	info->checksum_seconds = 0.1;
	info->survey_seconds = 0.1;
}

void fake_power_on(struct fake *fake)
{
	fake->nor.faults = (struct nor_faults){ 0 };
	nor_power_on(&fake->nor);
}
