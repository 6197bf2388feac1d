/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flash behind a U-Boot console: sf to and from RAM, md and Ymodem over the line. */
#include "console/uboot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "console/ymodem.h"
#include "flash/layout.h"
#include "format/chip_table.h"
#include "link/agent.h"
#include "link/kinds.h"
#include "link/uboot_card.h"
#include "link/uboot_cure.h"

#define PATIENCE_MS 120000u
/* What one loady brings. A transfer that fails for good is repeated as a whole. */
#define LOAD_SIZE RC_MIB(1)

/* A start is over when nothing comes for so long; the kernel is unpacked in 1 to 2 s,
 * drivers load in less than 10. */
#define BOOT_SILENCE_MS 20000u
#define BOOT_LIMIT_MS   180000u
/* After a sign of how it went, what belongs to it still comes. */
#define BOOT_SETTLE_MS 2000u

struct uboot_link {
	struct link link;
	struct stream *stream; /* owned */
	struct uboot uboot;
	struct ram ram;
	struct uboot_card card;
	struct twin *twin; /* behind stream, or NULL; the caller's, or stream's */
	struct link_options options;
	uint32_t staged_crc, staged_size; /* what RAM holds for the next write; size 0: nothing */
	/* Without loady: what the next write is to find in RAM. The erase, which knows where it
	 * goes, brings it there, since most of it may stand in the flash already. Owned. */
	struct rc_buffer pending;
};

static struct uboot_link *uboot_link_of(struct link *link)
{
	return (struct uboot_link *)link;
}

static int counted(struct uboot_link *self, int result)
{
	self->link.wire_in = self->stream->bytes_in;
	self->link.wire_out = self->stream->bytes_out;
	self->link.wire_turns = self->stream->turns;
	return result;
}

/* Names that bootloaders print for chips in their tables, and the id that each stands
 * for, given the maker's byte (facts 3.2): no build at hand has two chips of one maker
 * and name. FM25Q64 of maker 1c is the Neos build's entry for the EN25QH128A. */
static const struct {
	uint8_t maker;
	const char *name;
	uint32_t jedec;
} bootloader_names[] = {
	{ 0xc2, "MX25L128**E", 0xc22018 }, { 0xc2, "MX25L64**E", 0xc22017 },
	{ 0xc8, "GD25Q64C", 0xc84017 },    { 0xc8, "GD25Q64", 0xc84017 },
	{ 0xc8, "GD25Q128", 0xc84018 },    { 0xc8, "GD25Q256", 0xc84019 },
	{ 0xef, "W25Q64", 0xef4017 },      { 0xef, "W25Q64JV", 0xef7017 },
	{ 0xef, "W25Q128", 0xef4018 },     { 0x1c, "EN25QH64", 0x1c7017 },
	{ 0x1c, "EN25QH128A", 0x1c7018 },  { 0x1c, "FM25Q64", 0x1c7018 },
	{ 0xf8, "FM25Q64", 0xf83217 },     { 0x20, "XT25F128A", 0x207018 },
};

static uint32_t jedec_of(const struct probe_answer *probe)
{
	if (probe->jedec)
		return probe->jedec;
	if (probe->unknown)
		return probe->unknown;
	for (size_t i = 0; i < RC_COUNT(bootloader_names); i++)
		if (bootloader_names[i].maker == probe->maker &&
		    strcmp(bootloader_names[i].name, probe->name) == 0)
			return bootloader_names[i].jedec;
	return 0;
}

static int fail_no_flash(const struct link *link, const struct probe_answer *probe,
			 struct rc_error *err)
{
	if (probe->refused)
		return rc_fail(
			err, RC_EUNSUPPORTED,
			"the bootloader %s on %s knows no flash chip of the maker with id "
			"byte %02x, so it cannot read or write it [chip-unsupported]: put "
			"the camera's stock bootloader back with a programmer, or work on the "
			"chip with one",
			link->info.bootloader, link->info.name, probe->maker);
	return rc_fail(
		err, RC_EIO,
		"the bootloader %s on %s gets no answer from its flash chip: look for a clip "
		"still on it or a bad solder joint, then switch the camera off and on",
		link->info.bootloader, link->info.name);
}

/* What things cost at this line's speed, ten bits a byte. Sockets have a serial line of
 * the cameras' usual speed behind them. */
static void set_rates(struct uboot_link *self)
{
	double wire = (self->stream->baud ? self->stream->baud : 115200) / 10.0;
	double block_crc = 2 * UBOOT_CRC_WIRE_BYTES + 110;
	double upload = (double)ymodem_wire_bytes(RC_ERASE_BLOCK) + 600;
	double factor = ram_has_agent(&self->ram) ? RAM_AGENT_WIRE_FACTOR
						  : UBOOT_READ_WIRE_FACTOR * 1.005;
	/* 256 pages of 0.6 ms (facts/rescue-peers-and-limits.md C2). */
	double program = (double)RC_ERASE_BLOCK / NOR_PAGE * NOR_PROGRAM_MICROS / 1e6;

	self->link.info.read_rate = wire / factor;
	self->link.info.write_rate = RC_ERASE_BLOCK / (upload / wire + program);
	if (!self->uboot.dialect->has_loady)
		self->link.info.write_rate = UBOOT_TYPED_RATE * wire / 11520;
	self->link.info.checksum_seconds = block_crc / wire + 0.02;
	/* Read from the chip, and summed twice; and its command where that takes one. */
	self->link.info.survey_seconds =
		0.02 + (ram_has_agent(&self->ram) ? 0 : UBOOT_CRC_WIRE_BYTES / wire);
}

/* The entry for unknown chips can be cured, and only in a real bootloader's RAM. Its three
 * address bytes reach 16 MiB. */
static bool can_extend(const struct uboot_link *self, const struct probe_answer *probe)
{
	const struct link_info *info = &self->link.info;

	return probe->unknown && info->reach < info->flash_size && info->flash_size <= RC_MIB(16) &&
	       !(self->twin && twin_engine_used(self->twin) == TWIN_MODEL);
}

static int find_flash(struct uboot_link *self, struct rc_error *err)
{
	struct link_info *info = &self->link.info;
	struct probe_answer probe;
	int result = uboot_probe(&self->uboot, &probe, err);

	if (result)
		return result;
	if (!probe.found)
		return fail_no_flash(&self->link, &probe, err);
	result = uboot_flash_reach(&self->uboot, &info->reach, err);
	if (result)
		return result;
	info->jedec = jedec_of(&probe);
	info->chip = chip_find(info->jedec);
	info->flash_size = info->chip ? info->chip->size : chip_size_from_id(info->jedec);
	if (info->flash_size == 0)
		info->flash_size = info->reach;
	/* The chip itself ends what can be reached: beyond it, addresses wrap. */
	if (info->reach > info->flash_size)
		info->reach = info->flash_size;
	info->can_extend = can_extend(self, &probe);
	return 0;
}

static int uboot_identify(struct link *link, struct rc_error *err)
{
	struct uboot_link *self = uboot_link_of(link);
	struct uboot_wait wait = {
		.ask = self->options.ask,
		.context = self->options.context,
		.patience_ms = self->options.patience_ms ? self->options.patience_ms : PATIENCE_MS,
	};
	int result = uboot_win_prompt(&self->uboot, &wait, err);

	link->info.kind = self->twin ? LINK_TWIN : LINK_UBOOT;
	link->info.step = RC_ERASE_BLOCK;
	link->info.can_checksum = true;
	link->info.can_boot = true;
	if (self->uboot.dialect->sector < RC_ERASE_BLOCK)
		link->info.fine_step = self->uboot.dialect->sector;
	/* The program comes by loady. */
	if (!self->uboot.dialect->has_loady)
		ram_free(&self->ram);
	if (result == 0)
		result = uboot_version(&self->uboot, link->info.bootloader, err);
	if (result == 0)
		result = find_flash(self, err);
	snprintf(link->info.prompt, sizeof(link->info.prompt), "%s", self->uboot.prompt);
	set_rates(self);
	return counted(self, result);
}

static void told_sent(void *context, size_t bytes)
{
	link_progress(context, bytes);
}

/* RAM is used for what a read brings, so nothing is staged any more. */
static int block_to_ram(struct uboot_link *self, uint32_t offset, uint32_t size,
			struct rc_error *err)
{
	self->staged_size = 0;
	return uboot_sf(&self->uboot, SF_READ, self->uboot.dialect->load_address, offset, size,
			err);
}

/* Part of one erase block, which is read whole (law 4) into RAM and from there in lines
 * of 16 bytes. */
static int read_part(struct uboot_link *self, uint32_t offset, uint8_t *out, size_t size,
		     struct rc_error *err)
{
	uint32_t block = offset - offset % RC_ERASE_BLOCK;
	uint32_t first = offset - offset % MD_LINE_BYTES;
	size_t whole = (offset - first + size + MD_LINE_BYTES - 1) / MD_LINE_BYTES * MD_LINE_BYTES;
	uint8_t *lines = malloc(whole);
	int result;

	if (!lines)
		return rc_fail_memory(err, whole);
	result = block_to_ram(self, block, RC_ERASE_BLOCK, err);
	if (result == 0)
		result = ram_read(&self->ram, self->uboot.dialect->load_address + (first - block),
				  lines, whole, err);
	if (result == 0)
		memcpy(out, lines + (offset - first), size);
	free(lines);
	return result;
}

static int uboot_read(struct link *link, uint32_t offset, uint8_t *out, size_t size,
		      struct rc_error *err)
{
	struct uboot_link *self = uboot_link_of(link);
	size_t done = 0;

	while (done < size) {
		size_t room = RC_ERASE_BLOCK - (offset + done) % RC_ERASE_BLOCK;
		size_t part = size - done < room ? size - done : room;
		int result = counted(
			self, read_part(self, (uint32_t)(offset + done), out + done, part, err));

		if (result)
			return result;
		link_progress(link, part);
		done += part;
	}
	return 0;
}

static int bring(struct uboot_link *self, const uint8_t *data, size_t size, struct rc_error *err)
{
	int result = ram_write(&self->ram, self->uboot.dialect->load_address, data, size, told_sent,
			       &self->link, err);

	if (result == 0) {
		self->staged_crc = rc_crc32(0, data, size);
		self->staged_size = (uint32_t)size;
	}
	return result;
}

static int bring_pending(struct uboot_link *self, uint32_t offset, size_t size,
			 struct rc_error *err)
{
	int result = 0;

	if (self->pending.size == size && size) {
		result = block_to_ram(self, offset, (uint32_t)size, err);
		if (result == 0)
			result = bring(self, self->pending.data, size, err);
	}
	self->pending.size = 0;
	return result;
}

/* Of size bytes those of the erase block that begins at done. */
static size_t block_part(size_t size, size_t done)
{
	return size - done < RC_ERASE_BLOCK ? size - done : RC_ERASE_BLOCK;
}

static int uboot_erase(struct link *link, uint32_t offset, size_t size, struct rc_error *err)
{
	struct uboot_link *self = uboot_link_of(link);
	int result = bring_pending(self, offset, size, err);

	if (result)
		return counted(self, result);
	/* One block a command: the length that is dangerous when wrong is always 10000. */
	for (size_t done = 0; done < size && result == 0; done += RC_ERASE_BLOCK) {
		result = uboot_sf(&self->uboot, SF_ERASE, 0, (uint32_t)(offset + done),
				  (uint32_t)block_part(size, done), err);
		if (result == 0)
			link_progress(link, block_part(size, done));
	}
	return counted(self, result);
}

static int uboot_stage(struct link *link, const uint8_t *data, size_t size, struct rc_error *err)
{
	struct uboot_link *self = uboot_link_of(link);
	bool from_card;
	int result;

	if (size > LOAD_SIZE)
		return 0;
	self->staged_size = 0;
	self->pending.size = 0;
	result = uboot_card_fetch(&self->card, &self->uboot, self->uboot.dialect->load_address,
				  data, (uint32_t)size, &from_card, err);
	if (result)
		return counted(self, result);
	if (!from_card && !self->uboot.dialect->has_loady)
		return rc_buffer_append(&self->pending, data, size) ? 0 : rc_fail_memory(err, size);
	if (!from_card)
		return counted(self, bring(self, data, size, err));
	link_progress(link, size);
	self->staged_crc = rc_crc32(0, data, size);
	self->staged_size = (uint32_t)size;
	return counted(self, 0);
}

static int uboot_card_room(struct link *link, uint64_t *size, struct rc_error *err)
{
	struct uboot_link *self = uboot_link_of(link);
	int result = uboot_card_find(&self->card, &self->uboot, err);

	self->staged_size = 0;
	*size = (uint64_t)self->card.area.count * CARD_SECTOR;
	return counted(self, result);
}

static int uboot_save_to_card(struct link *link, uint32_t offset, size_t size, uint32_t *crc,
			      struct rc_error *err)
{
	struct uboot_link *self = uboot_link_of(link);
	int result = uboot_card_save(&self->card, &self->uboot, offset, (uint32_t)size, crc, err);

	self->staged_size = 0;
	return counted(self, result);
}

static bool is_staged(const struct uboot_link *self, const uint8_t *data, size_t size)
{
	return self->staged_size == size && self->staged_crc == rc_crc32(0, data, size);
}

/* At most LOAD_SIZE bytes: to RAM as a whole, then block by block to the flash. */
static int write_chunk(struct uboot_link *self, uint32_t offset, const uint8_t *data, size_t size,
		       struct rc_error *err)
{
	uint32_t ram = self->uboot.dialect->load_address;

	if (!is_staged(self, data, size)) {
		int result = uboot_stage(&self->link, data, size, err);

		if (result == 0)
			result = bring_pending(self, offset, size, err);
		if (result)
			return result;
	}
	for (size_t done = 0; done < size; done += RC_ERASE_BLOCK) {
		size_t part = block_part(size, done);
		int result = 0;

		/* An erased block is FF already. */
		if (!rc_all_bytes(data + done, part, 0xff))
			result = uboot_sf(&self->uboot, SF_WRITE, ram + (uint32_t)done,
					  (uint32_t)(offset + done), (uint32_t)part, err);
		if (result)
			return result;
	}
	return 0;
}

static int uboot_write(struct link *link, uint32_t offset, const uint8_t *data, size_t size,
		       struct rc_error *err)
{
	struct uboot_link *self = uboot_link_of(link);

	for (size_t done = 0; done < size; done += LOAD_SIZE) {
		size_t part = size - done < LOAD_SIZE ? size - done : LOAD_SIZE;
		int result = write_chunk(self, (uint32_t)(offset + done), data + done, part, err);

		if (result)
			return counted(self, result);
	}
	return counted(self, 0);
}

/* Whole erase blocks around the range go to RAM; what is asked for is summed there. */
static int uboot_checksum(struct link *link, uint32_t offset, size_t size, uint32_t *crc,
			  struct rc_error *err)
{
	struct uboot_link *self = uboot_link_of(link);
	uint32_t block = offset - offset % RC_ERASE_BLOCK;
	size_t whole = (offset - block + size + RC_ERASE_BLOCK - 1) / RC_ERASE_BLOCK *
		       RC_ERASE_BLOCK;
	int result;

	if (whole > self->uboot.dialect->load_size)
		return rc_fail(err, RC_ERANGE,
			       "0x%zx bytes at 0x%x are more than the camera's RAM takes at once: "
			       "ask for at most 0x%x",
			       size, offset, self->uboot.dialect->load_size);
	result = block_to_ram(self, block, (uint32_t)whole, err);
	if (result == 0)
		result = uboot_crc32_twice(&self->uboot,
					   self->uboot.dialect->load_address + (offset - block),
					   (uint32_t)size, crc, err);
	return counted(self, result);
}

/* As many blocks at once as RAM takes. */
static int uboot_survey(struct link *link, uint32_t offset, size_t count, uint32_t *crcs,
			struct rc_error *err)
{
	struct uboot_link *self = uboot_link_of(link);
	const struct uboot_dialect *dialect = self->uboot.dialect;
	size_t most = dialect->load_size / RC_ERASE_BLOCK;
	int result = 0;

	for (size_t done = 0; done < count && !result; done += most) {
		size_t some = count - done < most ? count - done : most;

		result = block_to_ram(self, (uint32_t)(offset + done * RC_ERASE_BLOCK),
				      (uint32_t)(some * RC_ERASE_BLOCK), err);
		if (!result)
			result = ram_survey(&self->ram, dialect->load_address, some, crcs + done,
					    err);
	}
	return counted(self, result);
}

static int probe_again(struct uboot_link *self, const struct cure *cure, uint32_t reach,
		       struct rc_error *err)
{
	struct link_info *info = &self->link.info;
	uint32_t jedec = info->jedec;
	int result = find_flash(self, err);

	if (!result && (info->jedec != jedec || info->reach != info->flash_size))
		result = rc_fail(err, RC_EREFUSED,
				 "with %08x at %08x the bootloader says chip %06x of 0x%x bytes, "
				 "and 0x%x was to be had of chip %06x: it does not go by that "
				 "word; what was changed in the camera's RAM is put back",
				 info->flash_size,
				 chip_table_relocate(cure->size_word, cure->relocation),
				 info->jedec, info->reach, info->flash_size, jedec);
	return result ? result : cure_check_beyond(&self->link, reach, err);
}

static int uboot_extend(struct link *link, struct rc_error *err)
{
	struct uboot_link *self = uboot_link_of(link);
	struct link_info *info = &link->info;
	uint32_t reach = info->reach;
	uint32_t size = info->flash_size;
	struct cure cure;
	int result = cure_find(link, self->options.boards, &cure, err);

	if (!result)
		result = cure_size(&self->uboot, &cure, reach, size, err);
	if (result)
		return counted(self, result);
	result = probe_again(self, &cure, reach, err);
	if (result) {
		/* What went wrong is told; that this may fail too changes nothing of it. */
		cure_size(&self->uboot, &cure, size, reach, NULL);
		find_flash(self, NULL);
		info->reach = reach;
		return counted(self, result);
	}
	snprintf(info->extended, sizeof(info->extended),
		 "word %08x of the bootloader's chip table in RAM: %08x, was %08x",
		 chip_table_relocate(cure.size_word, cure.relocation), size, reach);
	return counted(self, 0);
}

/* Signs that a start came to its end, good or bad; "login:" alone is a word too. */
static const char *const boot_ends[] = { " login:", "Kernel panic - not syncing", "Rebooting in ",
					 "Please press Enter to activate", "resetting ..." };

static bool boot_has_ended(struct uboot *uboot)
{
	const char *prompt = uboot->needle;
	size_t end;

	/* The start failed in the bootloader, and what comes next goes to its prompt. */
	if (expect_find(&uboot->in, &prompt, 1, &end) == 0)
		uboot->left = false;
	return !uboot->left || expect_find(&uboot->in, boot_ends, RC_COUNT(boot_ends), &end) >= 0;
}

/* How reading what a start prints ended. A twin that handed over to a kernel is the
 * end that was wished for. */
static int boot_line_gone(const struct uboot_link *self, int result)
{
	if (result == RC_ESTOPPED && self->twin && twin_stream_state(self->stream) == TWIN_LINUX)
		return 0;
	return result;
}

static int watch_boot(struct uboot_link *self,
		      bool (*sink)(void *context, const uint8_t *data, size_t size), void *context,
		      struct rc_error *err)
{
	struct expect *in = &self->uboot.in;
	uint64_t start = stream_now_ms(self->stream);
	bool ended = false;

	while (stream_now_ms(self->stream) - start < BOOT_LIMIT_MS) {
		size_t before;
		int got;

		expect_keep(in, 256);
		before = in->size;
		got = expect_more(in, ended ? BOOT_SETTLE_MS : BOOT_SILENCE_MS, err);
		if (got <= 0)
			return boot_line_gone(self, got);
		if (sink && !sink(context, in->data + before, in->size - before))
			return 0;
		ended = ended || boot_has_ended(&self->uboot);
	}
	return 0;
}

static int uboot_link_boot(struct link *link,
			   bool (*sink)(void *context, const uint8_t *data, size_t size),
			   void *context, struct rc_error *err)
{
	struct uboot_link *self = uboot_link_of(link);
	int result = uboot_boot(&self->uboot, err);

	if (result == 0)
		result = watch_boot(self, sink, context, err);
	return counted(self, result);
}

static void uboot_close(struct link *link)
{
	struct uboot_link *self = uboot_link_of(link);

	ram_free(&self->ram);
	rc_buffer_free(&self->pending);
	uboot_free(&self->uboot);
	stream_close(self->stream);
	free(self);
}

static const struct link_ops uboot_ops = {
	.identify = uboot_identify,
	.read = uboot_read,
	.erase = uboot_erase,
	.write = uboot_write,
	.checksum = uboot_checksum,
	.survey = uboot_survey,
	.stage = uboot_stage,
	.card_room = uboot_card_room,
	.card_save = uboot_save_to_card,
	.extend = uboot_extend,
	.boot = uboot_link_boot,
	.close = uboot_close,
};

void uboot_link_choose(struct link *link, const struct ram_choice *choice)
{
	ram_choose(&uboot_link_of(link)->ram, choice);
}

struct twin *uboot_link_twin(struct link *link)
{
	return uboot_link_of(link)->twin;
}

int uboot_link_new(struct stream *stream, struct twin *twin, const struct link_options *options,
		   struct link **link, struct rc_error *err)
{
	struct uboot_link *self = calloc(1, sizeof(*self));
	int result;

	if (!self) {
		stream_close(stream);
		return rc_fail_memory(err, sizeof(*self));
	}
	result = uboot_init(&self->uboot, stream, &uboot_ingenic, err);
	if (result == 0)
		result = ram_init(&self->ram, &self->uboot, err);
	if (result) {
		uboot_free(&self->uboot);
		free(self);
		stream_close(stream);
		return result;
	}
	self->link.ops = &uboot_ops;
	self->stream = stream;
	self->twin = twin;
	if (options)
		self->options = *options;
	*link = &self->link;
	return 0;
}
