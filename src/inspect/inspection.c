/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/inspect.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *inspect_kind_name(enum inspect_kind kind)
{
	static const char *const names[] = { "flash", "partition", "firmware",
					     "card",  "boot-log",  "capture" };

	return names[kind];
}

void inspection_clear(struct inspection *inspection)
{
	for (size_t i = 0; i < inspection->partition_count; i++)
		format_report_clear(&inspection->partitions[i].report);
	free(inspection->findings);
	free(inspection->pieces);
	*inspection = (struct inspection){ .kind = inspection->kind };
}

bool inspection_add(struct inspection *inspection, const char *id, const char *partition,
		    uint64_t offset, const char *evidence, ...)
{
	const struct finding_kind *kind = finding_find(id);
	struct finding *grown, *finding;
	va_list args;

	if (!kind)
		return true; /* an id outside of the catalogue: the catalogue's test names it */
	grown = realloc(inspection->findings, (inspection->finding_count + 1) * sizeof(*grown));
	if (!grown)
		return false;
	inspection->findings = grown;
	finding = &grown[inspection->finding_count++];
	*finding = (struct finding){ .kind = kind, .offset = offset };
	if (partition)
		snprintf(finding->partition, sizeof(finding->partition), "%s", partition);
	va_start(args, evidence);
	vsnprintf(finding->evidence, sizeof(finding->evidence), evidence, args);
	va_end(args);
	return true;
}

enum severity inspection_worst(const struct inspection *inspection)
{
	enum severity worst = SEVERITY_NOTE;

	for (size_t i = 0; i < inspection->finding_count; i++) {
		if (inspection->findings[i].kind->severity > worst)
			worst = inspection->findings[i].kind->severity;
	}
	return worst;
}

const struct finding *inspection_find(const struct inspection *inspection, const char *id)
{
	for (size_t i = 0; i < inspection->finding_count; i++) {
		if (strcmp(inspection->findings[i].kind->id, id) == 0)
			return &inspection->findings[i];
	}
	return NULL;
}
