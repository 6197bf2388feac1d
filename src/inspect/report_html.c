/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as one page that needs nothing else: no script, no font, no network. */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "inspect/report.h"

/* The map: cells of 64 KiB, sixteen in a row, so that a row is 1 MiB. */
#define CELL_BYTES  0x10000u
#define CELLS_A_ROW 16
#define CELL        26 /* pixels of the drawing, gap included */
#define CELL_GAP    3
#define LABEL_SPACE 76
#define PALETTE     12 /* classes p0 to p11 of the style sheet */

static const char style[] =
	":root{--bg:#f6f7f9;--card:#fff;--fg:#1b2330;--dim:#667085;--line:#e3e7ee;--erased:#e9ecf2;"
	"--bad:#d92d20;--warn:#b54708;--note:#175cd3;--good:#087443;color-scheme:light dark}"
	"@media(prefers-color-scheme:dark){:root{--bg:#0f141b;--card:#171e28;--fg:#e6eaf0;"
	"--dim:#98a2b3;--line:#2a3443;--erased:#242d3a;--bad:#f97066;--warn:#fdb022;"
	"--note:#84adff;--good:#47cd89}}"
	"*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);"
	"font:16px/1.5 system-ui,sans-serif}main{max-width:1180px;margin:auto;padding:24px 16px}"
	"h1{font-size:1.35rem;margin:0;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:0 0 12px}"
	"h3{font-size:1rem;margin:0}.dim{color:var(--dim)}.small{font-size:.85rem}"
	"code,.mono{font-family:ui-monospace,monospace;font-size:.85em;overflow-wrap:anywhere}"
	".card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px;"
	"margin-top:16px;min-width:0}.cols{display:grid;grid-template-columns:minmax(0,1fr);gap:0 "
	"16px}"
	"@media(min-width:900px){.cols{grid-template-columns:minmax(0,9fr) minmax(0,10fr);"
	"align-items:start}.map{position:sticky;top:0}}"
	"dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:6px 18px;margin:0}"
	"dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}ul{margin:4px 0 "
	"0;padding-left:18px}"
	".badge{display:inline-block;border-radius:99px;padding:1px 10px;font-size:.8rem;"
	"font-weight:600;border:1px solid currentColor;white-space:nowrap}"
	".fatal{color:var(--bad)}.warning{color:var(--warn)}.note{color:var(--note)}"
	".ok{color:var(--good)}.finding{border-left:4px solid currentColor;padding:2px 0 2px 14px;"
	"margin-top:18px}.finding>*{color:var(--fg)}.finding p{margin:6px 0 0}"
	"h3 .badge.fatal{color:var(--bad)}h3 .badge.warning{color:var(--warn)}"
	"h3 .badge.note{color:var(--note)}.finding .dim{color:var(--dim)}"
	".cmd{background:var(--bg);border-radius:5px;padding:1px 5px}details{margin-top:2px}"
	"summary{cursor:pointer}.evidence{background:var(--bg);border:1px solid "
	"var(--line);border-radius:8px;"
	"padding:6px 10px;white-space:pre-wrap}"
	"svg{width:100%;height:auto;display:block}svg text{fill:var(--dim);font:11px "
	"ui-monospace,monospace}.c{fill-opacity:.16}.bad{fill:var(--bad);fill-opacity:1}"
	".x{stroke:var(--card);stroke-width:2.4;stroke-linecap:round}.none{fill:var(--erased)}"
	".p0{fill:#7a5af8}.p1{fill:#2e90fa}.p2{fill:#12b76a}.p3{fill:#f79009}.p4{fill:#06aed4}"
	".p5{fill:#8098f9}.p6{fill:#a6c25c}.p7{fill:#66c6c1}.p8{fill:#ee46bc}.p9{fill:#9e77ed}"
	".p10{fill:#98a2b3}.p11{fill:#ca8504}"
	".key{display:flex;flex-wrap:wrap;gap:4px 18px;margin-top:14px}.key svg{width:14px;"
	"height:14px;display:inline-block;vertical-align:-2px;margin-right:6px}"
	".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}"
	"th{text-align:left;color:var(--dim);font-weight:500}td,th{padding:6px 14px 6px 0;"
	"border-bottom:1px solid var(--line);white-space:nowrap}td.n,th.n{text-align:right}"
	"td svg{width:12px;height:12px;display:inline-block;margin-right:8px}"
	"@media print{.card{break-inside:avoid}.map{position:static}}";

/* --- Text that cannot be taken for markup --- */

static void escape(struct rc_text *out, const char *text)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {
		{ '&', "&amp;" },  { '<', "&lt;" },   { '>', "&gt;" },
		{ '"', "&quot;" }, { '\'', "&#39;" },
	};

	for (; *text; text++) {
		size_t i = 0;

		while (i < RC_COUNT(entities) && entities[i].c != *text)
			i++;
		if (i < RC_COUNT(entities))
			rc_text_add(out, "%s", entities[i].entity);
		else if ((unsigned char)*text >= 0x20 && (unsigned char)*text < 0x7f)
			rc_text_add_bytes(out, text, 1);
		else
			rc_text_add(out, "\\x%02x", (unsigned char)*text);
	}
}

static void add_escaped(struct rc_text *out, const char *before, const char *text,
			const char *after)
{
	rc_text_add(out, "%s", before);
	escape(out, text);
	rc_text_add(out, "%s", after);
}

/* --- What it is --- */

static void add_board(struct rc_text *out, const struct board_match *match)
{
	if (!match->board) {
		rc_text_add(out, "<dt>Board</dt><dd>not recognised</dd>");
		return;
	}
	add_escaped(out, "<dt>Board</dt><dd><b>", match->board->name, "</b> <code>");
	add_escaped(out, "", match->board->id, "</code> ");
	rc_text_add(out,
		    "<span class=\"badge %s\">%s</span><details class=\"small "
		    "dim\"><summary>why</summary><ul>",
		    match->confidence == BOARD_CERTAIN ? "ok" : "warning",
		    board_confidence_name(match->confidence));
	for (size_t i = 0; i < match->because_count; i++)
		add_escaped(out, "<li>", match->because[i], "</li>");
	rc_text_add(out, "</ul></details></dd>");
}

static void add_bootloader(struct rc_text *out, const struct inspection *inspection)
{
	const struct board_bootloader *known = inspection->bootloader.known;

	if (!inspection->bootloader.present)
		return;
	add_escaped(out, "<dt>Bootloader</dt><dd>", inspection->bootloader.version, " ");
	rc_text_add(out, "<span class=\"badge %s\">%s</span>", known ? "ok" : "warning",
		    known                                  ? bootloader_origin_name(known->origin)
		    : inspection->kind == INSPECT_BOOT_LOG ? "by its own word"
							   : "unknown");
	if (!known && !inspection->bootloader.sha256[0]) {
		rc_text_add(out, "</dd>");
		return;
	}
	rc_text_add(out, "<details class=\"small dim\"><summary>what is known of it</summary><ul>");
	for (size_t i = 0; known && i < RC_COUNT(known->notes) && known->notes[i][0]; i++)
		add_escaped(out, "<li>", known->notes[i], "</li>");
	if (inspection->bootloader.sha256[0])
		add_escaped(out, "<li>SHA-256 <code>", inspection->bootloader.sha256,
			    "</code></li>");
	rc_text_add(out, "</ul></details></dd>");
}

static void add_head(struct rc_text *out, const struct inspection *inspection,
		     const struct report_options *options)
{
	static const char *const classes[] = { "ok", "warning", "fatal" };
	enum severity worst = inspection_worst(inspection);
	char counts[REPORT_COUNTS], mac[REPORT_MAC], size[RC_SIZE_TEXT];

	report_counts(inspection, counts);
	add_escaped(out, "<h1>", options->source ? options->source : "Inspection", "</h1>");
	add_escaped(out, "<p class=\"dim\">",
		    inspection->what[0] ? inspection->what : inspect_kind_name(inspection->kind),
		    "");
	rc_text_add(out, " (%s) &nbsp;<span class=\"badge %s\">findings: %s</span></p>",
		    rc_size_text(size, inspection->size), classes[worst], counts);
	rc_text_add(out, "<section class=\"card\"><dl>");
	add_board(out, &inspection->board);
	add_bootloader(out, inspection);
	if (inspection->firmware_version[0])
		add_escaped(out, "<dt>Firmware</dt><dd>", inspection->firmware_version, "</dd>");
	if (inspection->identity.present) {
		report_mac(&inspection->identity, options->show_secrets, mac);
		add_escaped(out, "<dt>Identity</dt><dd><code>", mac, "</code>, in ");
		add_escaped(out, "", inspection->identity.where, "</dd>");
	}
	rc_text_add(out, "</dl></section>");
}

/* --- The map --- */

/* Which partition holds an offset; -1: none. */
static int partition_at(const struct inspection *inspection, uint64_t offset)
{
	for (size_t i = 0; i < inspection->partition_count; i++) {
		const struct partition *place = &inspection->partitions[i].place;

		if (offset >= place->offset && offset - place->offset < place->size)
			return (int)i;
	}
	return -1;
}

static void count_looks(const struct inspection *inspection, uint64_t offset,
			unsigned counts[PIECE_LOOKS])
{
	uint64_t first = (offset - inspection->base) / INSPECT_PIECE;

	for (uint64_t i = first;
	     i < first + CELL_BYTES / INSPECT_PIECE && i < inspection->piece_count; i++)
		counts[inspection->pieces[i]]++;
}

static void add_swatch(struct rc_text *out, int partition)
{
	rc_text_add(out,
		    "<svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><rect width=\"14\" "
		    "height=\"14\" rx=\"4\" class=\"p%d\"/></svg>",
		    partition % PALETTE);
}

/* One cell: a pale ground in the partition's colour, filled from below by how much of it is
 * content; damage is red with a cross, so that it is seen without colour too. */
static void add_cell(struct rc_text *out, const struct inspection *inspection, uint64_t offset,
		     unsigned x, unsigned y)
{
	const unsigned side = CELL - CELL_GAP;
	unsigned counts[PIECE_LOOKS] = { 0 }, all, high;
	int partition = partition_at(inspection, offset);

	count_looks(inspection, offset, counts);
	all = counts[PIECE_CONTENT] + counts[PIECE_ERASED] + counts[PIECE_DAMAGED] +
	      counts[PIECE_UNREAD];
	high = all ? (counts[PIECE_CONTENT] * side + all - 1) / all : 0;
	rc_text_add(out, "<g><title>0x%06llx ", (unsigned long long)offset);
	escape(out,
	       partition < 0 ? "in no partition" : inspection->partitions[partition].place.name);
	rc_text_add(out, ": %u KiB content, %u KiB erased%s%s</title>",
		    counts[PIECE_CONTENT] * INSPECT_PIECE / 1024,
		    counts[PIECE_ERASED] * INSPECT_PIECE / 1024,
		    counts[PIECE_DAMAGED] ? ", damaged" : "",
		    counts[PIECE_UNREAD] ? ", not read" : "");
	rc_text_add(out,
		    "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"4\" class=\"%s%d "
		    "c\"/>",
		    x, y, side, side, partition < 0 ? "none p" : "p",
		    partition < 0 ? 10 : partition % PALETTE);
	if (counts[PIECE_DAMAGED])
		rc_text_add(out,
			    "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"4\" "
			    "class=\"bad\"/><path d=\"M%u %ul9 9m0-9l-9 9\" class=\"x\"/>",
			    x, y, side, side, x + 7, y + 7);
	else if (high)
		rc_text_add(out,
			    "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"%u\" "
			    "class=\"p%d\"/>",
			    x, y + side - high, side, high, high > 8 ? 4 : 1,
			    partition < 0 ? 10 : partition % PALETTE);
	rc_text_add(out, "</g>");
}

static void add_cells(struct rc_text *out, const struct inspection *inspection)
{
	uint64_t row_bytes = (uint64_t)CELL_BYTES * CELLS_A_ROW;
	uint64_t start = inspection->base / row_bytes * row_bytes;
	uint64_t pieces = inspection->piece_count;
	uint64_t end = inspection->base + pieces * INSPECT_PIECE;
	unsigned rows = (unsigned)((end - start + row_bytes - 1) / row_bytes);

	rc_text_add(out, "<svg viewBox=\"0 0 %u %u\" role=\"img\" aria-label=\"Map of the flash\">",
		    LABEL_SPACE + CELLS_A_ROW * CELL, rows * CELL);
	for (unsigned row = 0; row < rows; row++) {
		unsigned long long at = start + row * row_bytes;

		rc_text_add(out, "<text x=\"0\" y=\"%u\">0x%06llx</text>", row * CELL + 16, at);
		for (unsigned column = 0; column < CELLS_A_ROW; column++) {
			uint64_t offset = at + column * (uint64_t)CELL_BYTES;

			if (offset >= inspection->base && offset < end)
				add_cell(out, inspection, offset, LABEL_SPACE + column * CELL,
					 row * CELL);
		}
	}
	rc_text_add(out, "</svg>");
}

static void add_map(struct rc_text *out, const struct inspection *inspection)
{
	rc_text_add(out, "<section class=\"card map\"><h2>The flash <span class=\"dim small\">each "
			 "cell 64 KiB, each row 1 MiB</span></h2>");
	add_cells(out, inspection);
	rc_text_add(out, "<div class=\"key small\">");
	for (size_t i = 0; i < inspection->partition_count; i++) {
		rc_text_add(out, "<span>");
		add_swatch(out, (int)i);
		add_escaped(out, "", inspection->partitions[i].place.name, "</span>");
	}
	rc_text_add(out, "</div><div class=\"key small dim\"><span>full: content</span>"
			 "<span>pale: erased</span><span class=\"fatal\">&#10005; damaged</span>"
			 "</div></section>");
}

/* --- Partitions and findings --- */

static void add_row(struct rc_text *out, const struct inspected_partition *part, int index)
{
	static const char *const classes[] = { [REGION_GOOD] = "ok",
					       [REGION_ERASED] = "dim",
					       [REGION_DAMAGED] = "fatal",
					       [REGION_UNKNOWN] = "dim",
					       [REGION_FOREIGN] = "warning" };
	char size[RC_SIZE_TEXT], used[RC_SIZE_TEXT];

	rc_text_add(out, "<tr><td>");
	add_swatch(out, index);
	add_escaped(out, "", part->place.name, "</td>");
	rc_text_add(out, "<td class=\"mono\">0x%06x</td><td class=\"n\">%s</td><td>%s</td>",
		    part->place.offset, rc_size_text(size, part->place.size),
		    report_format_name(&part->report));
	rc_text_add(out, "<td class=\"%s\">%s</td><td class=\"n\">%s</td><td class=\"n\">",
		    classes[part->report.state], region_state_name(part->report.state),
		    part->report.used ? rc_size_text(used, part->report.used) : "");
	if (part->report.files)
		rc_text_add(out, "%u", part->report.files);
	rc_text_add(out, "</td></tr>");
}

static void add_table(struct rc_text *out, const struct inspection *inspection)
{
	rc_text_add(out, "<section class=\"card\"><h2>Partitions</h2><div class=\"scroll\"><table>"
			 "<tr><th>name</th><th>offset</th><th class=\"n\">size</th><th>format</th>"
			 "<th>state</th><th class=\"n\">used</th><th class=\"n\">files</th></tr>");
	for (size_t i = 0; i < inspection->partition_count; i++)
		add_row(out, &inspection->partitions[i], (int)i);
	rc_text_add(out, "</table></div>");
	if (inspection->layout_from[0])
		add_escaped(out, "<p class=\"dim small\">Laid out as ", inspection->layout_from,
			    "</p>");
	rc_text_add(out, "</section>");
}

/* True for a word that belongs to the command before it: an option, its value, or a name for
 * something in capitals, as in "recam rescue uboot:PORT --from FIRMWARE --only kernel". */
static bool is_argument(const char *word, size_t size, bool after_option)
{
	if (word[0] == '(')
		return false;
	if (word[0] == '-' || after_option)
		return true;
	for (size_t i = 0; i < size; i++) {
		if (word[i] >= 'a' && word[i] <= 'z' && !memchr(word, ':', size))
			return false;
	}
	return size > 1;
}

/* Length of the command at text, which begins with "recam "; without closing punctuation. */
static size_t command_length(const char *text)
{
	size_t length = strlen("recam ") + strcspn(text + strlen("recam "), " .,;:)");
	bool after_option = false;

	while (text[length] == ' ') {
		const char *word = text + length + 1;
		size_t size = strcspn(word, " ");
		size_t bare = size;

		while (bare && strchr(".,;:)", word[bare - 1]))
			bare--;
		if (bare == 0 || !is_argument(word, bare, after_option))
			break;
		after_option = word[0] == '-';
		length += 1 + bare;
	}
	return length;
}

/* Advice, with the commands in it set as such. */
static void add_advice(struct rc_text *out, const char *advice)
{
	char piece[1024];

	rc_text_add(out, "<p>");
	while (*advice) {
		const char *command = strstr(advice, "recam ");
		bool here = command == advice;
		size_t size = here      ? command_length(advice)
			      : command ? (size_t)(command - advice)
					: strlen(advice);

		if (size >= sizeof(piece))
			size = sizeof(piece) - 1;
		memcpy(piece, advice, size);
		piece[size] = '\0';
		add_escaped(out, here ? "<code class=\"cmd\">" : "", piece, here ? "</code>" : "");
		advice += size;
	}
	rc_text_add(out, "</p>");
}

static void add_title(struct rc_text *out, const struct finding *finding)
{
	const char *severity = severity_name(finding->kind->severity);

	rc_text_add(out, "<article class=\"finding %s\">", severity);
	add_escaped(out, "<h3>", finding->kind->title, "");
	rc_text_add(out, " <span class=\"badge %s\">%s</span></h3>", severity, severity);
}

static void add_evidence(struct rc_text *out, const struct finding *finding)
{
	add_escaped(out, "<p class=\"dim small\"><code>", finding->kind->id, "</code>");
	if (finding->partition[0])
		add_escaped(out, " in <b>", finding->partition, "</b>");
	if (finding->offset != FINDING_NO_OFFSET)
		rc_text_add(out, " at <code>0x%llx</code>", (unsigned long long)finding->offset);
	add_escaped(out, "</p><p class=\"evidence mono\">", finding->evidence, "</p>");
}

static void add_finding_advice(struct rc_text *out, const struct inspection *inspection,
			       const struct finding *finding)
{
	struct rc_text advice = { 0 };

	report_advice(inspection, finding, &advice);
	add_advice(out, rc_text_get(&advice));
	rc_text_add(out, "</article>");
	out->failed |= advice.failed;
	rc_text_free(&advice);
}

static void add_findings(struct rc_text *out, const struct inspection *inspection)
{
	const struct finding **sorted = report_sorted(inspection);

	rc_text_add(out, "<section class=\"card\"><h2>Findings</h2>");
	if (inspection->finding_count == 0)
		rc_text_add(out, "<p class=\"ok\">Nothing is wrong with what recam can check.</p>");
	else if (!sorted)
		out->failed = true;
	for (size_t i = 0; sorted && i < inspection->finding_count; i++) {
		if (i == 0 || !report_is_same(sorted[i - 1], sorted[i]))
			add_title(out, sorted[i]);
		add_evidence(out, sorted[i]);
		if (i + 1 == inspection->finding_count || !report_is_same(sorted[i], sorted[i + 1]))
			add_finding_advice(out, inspection, sorted[i]);
	}
	free(sorted);
	rc_text_add(out, "</section>");
}

int report_html(struct rc_text *out, const struct inspection *inspection,
		const struct report_options *options)
{
	bool map = inspection->pieces && inspection->piece_count;

	rc_text_add(out,
		    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
		    "name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>");
	add_escaped(out, "", options->source ? options->source : "recam",
		    " - recam inspect</title>");
	rc_text_add(out, "<style>%s</style></head><body><main>", style);
	add_head(out, inspection, options);
	rc_text_add(out, "<div%s>", map ? " class=\"cols\"" : "");
	if (map)
		add_map(out, inspection);
	rc_text_add(out, "<div>");
	add_findings(out, inspection);
	rc_text_add(out, "</div></div>");
	if (inspection->partition_count)
		add_table(out, inspection);
	rc_text_add(out,
		    "<p class=\"dim small\">recam %s. Secrets are %s.</p></main></body></html>\n",
		    RECAM_VERSION, options->show_secrets ? "shown" : "masked");
	return out->failed ? RC_ENOMEM : RC_OK;
}
