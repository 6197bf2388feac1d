/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "flash/chip.h"
#include "link/flashrom_library.h"

static void count_id(struct contact *contact, uint32_t id)
{
	for (size_t i = 0; i < contact->id_count; i++)
		if (contact->ids[i].id == id) {
			contact->ids[i].count++;
			return;
		}
	if (contact->id_count == CONTACT_MAX_IDS)
		return;
	contact->ids[contact->id_count].id = id;
	contact->ids[contact->id_count++].count = 1;
}

void contact_add(struct contact *contact, uint32_t id)
{
	unsigned most = 0;

	contact->asked++;
	count_id(contact, id);
	contact->answered += !flashrom_is_no_id(id);
	for (size_t i = 0; i < contact->id_count; i++)
		if (contact->ids[i].count > most && !flashrom_is_no_id(contact->ids[i].id)) {
			most = contact->ids[i].count;
			contact->id = contact->ids[i].id;
		}
	contact->differed = contact->answered - most;
}

bool contact_is_good(const struct contact *contact)
{
	return contact->asked > 0 && contact->answered == contact->asked && contact->differed == 0;
}

void contact_text(const struct contact *contact, char *text, size_t size)
{
	const struct chip *chip = chip_find(contact->id);
	unsigned silent = contact->asked - contact->answered;

	if (contact->answered == 0)
		snprintf(text, size,
			 "the id was read %u times and nothing answered: " FLASHROM_SILENT_CAUSES,
			 contact->asked);
	else if (contact_is_good(contact))
		snprintf(text, size,
			 "the id was read %u times, and each time it was %06" PRIx32
			 " (%s%s%s): the contact is good",
			 contact->asked, contact->id,
			 chip ? chip->vendor : "a chip that is not in the table", chip ? " " : "",
			 chip ? chip->name : "");
	else if (contact->differed == 0)
		snprintf(text, size,
			 "the id was read %u times: %u times %06" PRIx32
			 ", %u times nothing: a contact comes and goes; clean the pins, set the "
			 "clip anew, and measure the supply while it reads",
			 contact->asked, contact->answered, contact->id, silent);
	else
		snprintf(text, size,
			 "the id was read %u times: most often %06" PRIx32
			 ", %u times something else, %u times nothing: no read can be trusted; "
			 "wires under 10 cm, ground beside the clock, 3.3 V with 100 nF at the "
			 "chip, and a lower speed where the programmer has one",
			 contact->asked, contact->id, contact->differed, silent);
}

int flashrom_contact(const char *address, unsigned times, const volatile int *stop,
		     struct contact *contact, struct rc_error *err)
{
	struct flashrom_library library;
	struct rc_progress progress;
	struct flashrom_spec spec;
	int result = flashrom_spec_parse(address, &spec, err);

	*contact = (struct contact){ 0 };
	if (!result)
		result = flashrom_library_open(&library, &spec, err);
	if (result)
		return result;
	rc_progress_start(&progress, "reading the id", times);
	while (contact->asked < times && !(stop && *stop) && !result) {
		uint32_t id;

		if (flashrom_library_read_id(&library, &id))
			contact_add(contact, id);
		else
			result = rc_fail(
				err, RC_EUNSUPPORTED,
				"no id came, and libflashrom says no more (%s): the programmer "
				"failed, or this libflashrom is another than 1.3, which this "
				"test was made for",
				library.log.last_error[0] ? library.log.last_error
							  : "no error either");
		rc_progress_update(&progress, contact->asked);
	}
	rc_progress_finish(&progress);
	flashrom_library_close(&library);
	return result;
}
