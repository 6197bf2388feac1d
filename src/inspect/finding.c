/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/finding.h"

#include <string.h>

#include "base/bytes.h"

/* Sentences that several findings share. Only what this version can do is advised. */
#define RESCUE                                                                                    \
	"Rewrite it from firmware of this model: recam rescue uboot:PORT --from FIRMWARE --only " \
	"PARTITION (PORT is the serial adapter, as in uboot:/dev/ttyUSB0). See first what that "  \
	"would do: recam plan uboot:PORT --from FIRMWARE --only PARTITION."
#define PROGRAMMER                                                                              \
	"The console cannot mend this: it takes a programmer on the flash chip. Read the chip " \
	"twice, compare the two files, keep them, repair a copy with recam rescue file:COPY "   \
	"--from FIRMWARE --only boot, and write that copy to the chip."
#define READ_AGAIN                                                                               \
	"Check the contact of the clip, shorten the wires, choose the chip's exact name in the " \
	"programmer's software, read twice, and compare the two files; then recam inspect the "  \
	"new one. Write nothing to the chip before two reads agree."
#define CARD                                                                                     \
	"Use a card of at most 32 GB (small old ones work best) with one MBR partition, format " \
	"it as FAT32, put only the update file on it, and try again with the console's log kept."
#define NEXT_LOG "Keep the whole log of the next start and give it to recam inspect."

/* Sorted by what they are about: flash images, identity, chip, firmware files, cards and
 * updates, starts, consoles. Ids never change: scripts rely on them. */
static const struct finding_kind kinds[] = {
	/* The bootloader. */
	{ "boot-erased", SEVERITY_FATAL, "The bootloader is gone",
	  "Nothing runs without it: no light, no console, no card update. " PROGRAMMER },
	{ "boot-damaged", SEVERITY_FATAL, "The bootloader is damaged",
	  "Do not switch the camera off if it still runs: it may not start again. While its "
	  "console still reaches a prompt, recam rescue uboot:PORT --from FIRMWARE --only boot "
	  "rewrites it. Where it does not: " PROGRAMMER },
	{ "boot-misplaced", SEVERITY_FATAL, "The bootloader lies at the wrong place",
	  "The chip starts at offset 0 and finds nothing there: the file was written at another "
	  "offset. " PROGRAMMER },
	{ "boot-wrapped", SEVERITY_FATAL, "The bootloader has an update file's header in front",
	  "A file meant for the card update was written as it is; its first 64 bytes (0x40, not "
	  "40) do not belong on the chip. " PROGRAMMER },
	{ "boot-unknown", SEVERITY_NOTE, "The bootloader is one that recam does not know",
	  "Its form is right, but its main part has no checksum, so recam cannot tell whether it "
	  "is whole. If the camera starts, all is well. Compare with another dump of the same "
	  "version if you can." },
	{ "boot-modified", SEVERITY_NOTE, "The bootloader was changed by somebody",
	  "It is a known build that is not as the factory made it. It works where its settings "
	  "fit the camera; recam boards shows what is known of it." },
	{ "boot-other-board", SEVERITY_WARNING, "The bootloader is another camera's",
	  "It is known from another model than the rest of this flash. Some do start with it, "
	  "with wrong memory sizes or buttons. Rewrite boot only if the camera misbehaves, and "
	  "keep a backup first: recam backup uboot:PORT -o FILE." },
	{ "environment-damaged", SEVERITY_FATAL, "The bootloader's saved settings do not hold",
	  "This camera keeps its start command in them: without it the bootloader stops at its "
	  "prompt. Type there for one start: sf probe 0; sf read 0x22000000 0x50000 0x200000; "
	  "bootm 0x22000000. The settings lie in boot: " PROGRAMMER },
	{ "environment-default", SEVERITY_WARNING, "The bootloader uses its built-in settings",
	  "Cameras of this kind save their own, which are gone. The built-in start arguments may "
	  "not match the flash (on the Digoo they do not): compare mtdparts= in the log with "
	  "recam boards ID." },

	/* What the camera needs. */
	{ "kernel-erased", SEVERITY_FATAL, "The kernel is gone",
	  "The bootloader works, but has nothing to start. " RESCUE },
	{ "kernel-damaged", SEVERITY_FATAL, "The kernel is damaged",
	  "The bootloader works, but will not start this. " RESCUE },
	{ "root-erased", SEVERITY_FATAL, "The root file system is gone",
	  "The kernel starts and stops for want of it. " RESCUE },
	{ "root-damaged", SEVERITY_FATAL, "The root file system is damaged",
	  "The kernel starts, and stops or restarts when it meets the damage. " RESCUE },
	{ "driver-erased", SEVERITY_FATAL, "The drivers are gone",
	  "The camera starts without picture and Wi-Fi. " RESCUE },
	{ "driver-damaged", SEVERITY_FATAL, "The drivers are damaged",
	  "The camera starts, but picture or Wi-Fi may fail. " RESCUE },
	{ "appfs-erased", SEVERITY_FATAL, "The camera's application is gone",
	  "The camera starts, and then does nothing. " RESCUE },
	{ "appfs-damaged", SEVERITY_FATAL, "The camera's application is damaged",
	  "The camera starts, but parts of its application cannot be read. " RESCUE },
	{ "partition-foreign", SEVERITY_WARNING, "A partition holds something unexpected",
	  "It is whole, but not what this camera's own firmware has there. If you put it there, "
	  "all is well; if not, compare the layout: recam boards ID." },
	{ "partition-damaged", SEVERITY_WARNING, "A partition is damaged",
	  "Parts of it cannot be read, and recam does not know how much this camera needs them. "
	  "Keep a backup (recam backup uboot:PORT -o FILE) before anything is written." },
	{ "backup-damaged", SEVERITY_NOTE, "A spare copy does not hold",
	  "The camera does not need it to start; it is used only while an update is pending. "
	  "The next online update writes it anew." },
	{ "layout-unknown", SEVERITY_WARNING, "Where the partitions lie is not known",
	  "Neither a board nor a partition table was found, so recam went by what it recognised. "
	  "Say which camera it is: recam inspect FILE --board ID (recam boards lists "
	  "them)." },
	{ "board-refused", SEVERITY_WARNING, "This camera is recognised, and out of reach",
	  "recam knows it well enough to leave it alone: write nothing to it with recam." },

	/* Identity, settings, the flag. */
	{ "identity-missing", SEVERITY_FATAL, "The camera's identity is gone",
	  "No MAC address or keys are where this camera keeps them: it gets another address at "
	  "each start and cannot be paired. Only a backup of this very camera has them; never "
	  "use another camera's. With such a backup: recam rescue uboot:PORT --from BACKUP "
	  "--only PARTITION." },
	{ "identity-damaged", SEVERITY_FATAL, "The camera's identity is damaged",
	  "Read and keep what is left before anything is written: recam backup uboot:PORT -o "
	  "FILE. Only an older backup of this very camera mends it: recam rescue uboot:PORT "
	  "--from BACKUP --only PARTITION." },
	{ "identity-at-risk", SEVERITY_WARNING,
	  "The identity can be read, but its partition is damaged",
	  "Keep it while it can be read: recam backup uboot:PORT -o FILE. Nothing else needs to "
	  "be done as long as the camera keeps its address." },
	{ "settings-erased", SEVERITY_NOTE, "The settings are blank, as from the factory",
	  "The camera will ask to be set up. Nothing needs to be done." },
	{ "settings-damaged", SEVERITY_WARNING, "The settings are damaged",
	  "The camera may have forgotten your Wi-Fi. Set it up again with its button; the "
	  "camera then writes them anew." },
	{ "flag-unknown", SEVERITY_NOTE, "The update flag holds something that means nothing",
	  "The bootloader does not know it and goes on. Nothing needs to be done." },
	{ "update-pending", SEVERITY_NOTE, "An update will be copied at the next start",
	  "The bootloader copies the spare partitions over kernel or driver when the camera is "
	  "next switched on without its button held. They hold what they should. Do not cut "
	  "the power during that start." },
	{ "update-pending-unsafe", SEVERITY_FATAL,
	  "The next start will destroy the kernel or driver",
	  "The flag tells the bootloader to copy the spare partitions, which do not hold what "
	  "they should, and it does not check. Do not let the camera start: stop the bootloader "
	  "at its prompt and clear the flag there: sf probe, then sf erase 0xff0000 0x10000." },

	/* The chip and the reading of it. */
	{ "chip-size-misdetected", SEVERITY_WARNING,
	  "The bootloader takes the chip for a smaller one",
	  "Everything behind that size is out of its reach, the identity included: the card "
	  "update is refused each time, and making the update file smaller does not help. Over "
	  "the console recam corrects the size in the camera's RAM for as long as it works, and "
	  "asks before: recam rescue uboot:PORT --from FIRMWARE, or recam backup. With "
	  "--no-cure-size it keeps to what lies below: kernel, root and driver. Otherwise it "
	  "takes a programmer, or the camera's own Linux." },
	{ "chip-unsupported", SEVERITY_FATAL, "The bootloader does not know the chip's maker",
	  "It cannot read or write this flash at all, and stops at its prompt. Put back the "
	  "camera's own bootloader. " PROGRAMMER },
	{ "chip-silent", SEVERITY_FATAL, "The bootloader gets no answer from the flash chip",
	  "A bad solder joint, a clip still on the chip, or a dead chip. Take everything off the "
	  "chip and start again; then read it with a programmer, twice." },
	{ "flash-all-same", SEVERITY_FATAL, "Every byte is the same: nothing was read",
	  "The chip did not answer, or it is empty. " READ_AGAIN },
	{ "flash-short", SEVERITY_FATAL, "This is not the whole flash",
	  "Partitions are missing from it. Read the whole chip again: recam backup uboot:PORT "
	  "-o FILE, or a programmer with the chip's right name. Never write a short file to a "
	  "chip as a whole image." },
	{ "flash-mirrored", SEVERITY_FATAL, "The upper half repeats the lower",
	  "The upper address line did not reach the chip, or the programmer took it for a "
	  "larger one: half of this is missing. " READ_AGAIN },
	{ "reads-differ", SEVERITY_FATAL, "Two reads of the same chip disagree", READ_AGAIN },
	{ "write-protected", SEVERITY_WARNING, "The chip's write protection is on",
	  "What it covers is neither erased nor written, even where the software says OK. Clear "
	  "the protection bits in the programmer's software first, note their old value, and put "
	  "them back afterwards." },

	/* Firmware files. */
	{ "image-too-large", SEVERITY_FATAL, "The file is too large",
	  "It does not fit where it belongs. Get the file made for this model; do not cut "
	  "it." },
	{ "image-too-small", SEVERITY_FATAL, "The file is cut short",
	  "The bootloader may erase the whole area and write only what is there. Download or "
	  "copy the file again and compare its size with the source." },
	{ "image-wrong-model", SEVERITY_FATAL, "The file belongs to another camera",
	  "Do not write it to this one; where it is on it already, put this model's own firmware "
	  "there. recam boards lists the models with their update files." },
	{ "image-not-firmware", SEVERITY_FATAL, "The file is no firmware",
	  "Often it is the web page around the download, or an archive that wants unpacking. "
	  "Download the raw file, unpack archives, and recam inspect it again." },
	{ "not-recognised", SEVERITY_WARNING, "The file is nothing that recam knows",
	  "If it should be a partition or firmware, its beginning is damaged or missing. Get it "
	  "again, or inspect the whole flash that it belongs to." },
	{ "image-bad-checksum", SEVERITY_FATAL, "The file is corrupt",
	  "Its own checksums do not hold. Download or copy it again; do not write it." },

	/* Cards and updates, as a log shows them. */
	{ "card-not-read", SEVERITY_WARNING, "The bootloader could not read the card",
	  "The update did not run, whatever became of the file's name. Try another "
	  "card. " CARD },
	{ "card-no-file", SEVERITY_WARNING, "The bootloader did not find its file on the card",
	  "The name must be exactly the one in the evidence, in the card's first partition, in "
	  "no folder. Watch for hidden endings such as .bin.bin. " CARD },
	{ "card-not-fat", SEVERITY_WARNING, "The card has no file system that the bootloader reads",
	  "exFAT, NTFS and GPT cards are not read. " CARD },
	{ "card-junk-files", SEVERITY_WARNING, "The card holds files that get in the way",
	  "Computers leave hidden files behind. " CARD },
	{ "card-line-endings", SEVERITY_WARNING, "A text file on the card has the wrong line ends",
	  "The bootloader takes the extra character as part of each value. Save the file with "
	  "Unix line ends and without a byte order mark." },
	{ "card-too-large-partition", SEVERITY_WARNING, "The card's partition is too large", CARD },
	{ "card-no-table", SEVERITY_WARNING, "The card has no partition table",
	  "The bootloader needs an MBR, and sees nothing on a card that is formatted without one. "
	  "Make the card anew: recam card make." },
	{ "card-several-partitions", SEVERITY_NOTE, "The card has several partitions",
	  "The bootloader looks at the first one only: the update file must be there. " CARD },
	{ "card-damaged", SEVERITY_WARNING, "The card's file system is damaged",
	  "The card was pulled out too early, or is worn out. Make it anew (recam card make), and "
	  "wait for \"done\" or eject it before you pull it out." },
	{ "card-other-name", SEVERITY_WARNING, "A file on the card has nearly the right name",
	  "The bootloader compares every letter. Where the computer hides endings such as .bin, "
	  "let it show them first. " CARD },
	{ "card-last-try", SEVERITY_NOTE, "The card tells of an earlier try",
	  "The camera has started with this card in it. That does not mean that the update was "
	  "taken: the console's log, or the lights, do (docs/sd-update.md)." },
	{ "button-not-held", SEVERITY_WARNING, "The setup button was not seen as pressed",
	  "Hold the setup button before you switch the camera on, and keep holding it for ten "
	  "seconds, until the blue light comes on: it is looked at twice, two seconds "
	  "apart." },
	{ "update-other-name", SEVERITY_NOTE, "This bootloader looks for other file names",
	  "The open bootloader ignores demo.bin. It takes the names in the evidence, and writes "
	  "such a file again at every start until it is removed from the card." },
	{ "update-written", SEVERITY_NOTE, "The update was written",
	  "The bootloader reported no error. It does not read back what it wrote: if the camera "
	  "does not start now, inspect the log of the next start." },
	{ "update-refused", SEVERITY_WARNING, "The bootloader refused the update",
	  "Nothing was erased: the camera is as it was. The evidence says what it did not like; "
	  "give the update file to recam inspect." },
	{ "signature-wrong", SEVERITY_FATAL, "The file is not signed for this camera's bootloader",
	  "The bootloader will refuse it, and nothing happens. Take an unchanged file from the "
	  "vendor for this model, of the same side of version 4.0.9 as the camera's; or write by "
	  "the console or a programmer, which ask for no signature." },
	{ "signature-not-checked", SEVERITY_NOTE,
	  "Whether the file's signature is right is not known",
	  "Give recam a dump of this very camera (--rehearse DUMP): the key is in its "
	  "bootloader." },
	{ "update-failed", SEVERITY_FATAL, "The update failed half-way",
	  "Parts of the flash may be blank now; the bootloader itself is not touched by it. Do "
	  "the update again with a steady power supply, or write it over the console: recam "
	  "rescue uboot:PORT --from FIRMWARE." },
	{ "memory-unstable", SEVERITY_WARNING, "The camera's memory gives changing answers",
	  "The same bytes in memory had another checksum a moment later: power, heat or a "
	  "defect. Use a good 5 V, 2 A supply and a short cable, unplug the motors, let it cool, "
	  "and try again before you write anything." },
	{ "command-failed", SEVERITY_WARNING, "A flash command was refused or failed",
	  "Give offset and length as multiples of 0x10000 inside of the chip, and look at the "
	  "flash "
	  "again: recam backup uboot:PORT -o FILE, then recam inspect FILE." },
	{ "dangerous-erase", SEVERITY_FATAL, "An erase command with a dangerous length was typed",
	  "With lengths that are no multiple of 0x10000 this bootloader can run on and erase the "
	  "whole chip, itself included. Do not switch the camera off. Look at what is left: "
	  "recam backup uboot:PORT -o FILE, then recam inspect FILE." },

	/* Starts, as a log shows them. */
	{ "kernel-not-found", SEVERITY_FATAL, "The bootloader finds no kernel",
	  "The kernel partition is blank, overwritten or shifted. " RESCUE },
	{ "kernel-bad-crc", SEVERITY_FATAL, "The kernel's checksum does not hold",
	  "An interrupted or failed write. " RESCUE },
	{ "kernel-silent", SEVERITY_WARNING, "Nothing comes after the kernel's start",
	  "The camera was switched off or started again then. The kernel may not suit it (another "
	  "model's, or start arguments for more memory than it has). " NEXT_LOG },
	{ "no-root-filesystem", SEVERITY_FATAL, "The kernel finds no root file system",
	  "The root partition is blank, cut or damaged, or this kernel does not know the flash "
	  "chip. " RESCUE },
	{ "kernel-panic", SEVERITY_FATAL, "The kernel stops with a panic",
	  "The evidence is its last word. Take a backup (recam backup uboot:PORT -o FILE) and "
	  "recam inspect it: a damaged partition is named there." },
	{ "boot-loop", SEVERITY_FATAL, "The camera starts over and over",
	  "It never gets to work. See the other findings for the cause; stop the bootloader at "
	  "its prompt and take a backup: recam backup uboot:PORT -o FILE." },
	{ "no-bootloader-output", SEVERITY_WARNING, "Not a word from the bootloader",
	  "Check that the adapter is a 3.3 V one, that its RX goes to the camera's TX, that "
	  "grounds are joined, 115200 baud is set, and that recording began before power-on. If "
	  "all is right and other cameras are heard: the bootloader is gone. " PROGRAMMER },
	{ "wrong-processor", SEVERITY_FATAL, "A bootloader for another processor is on the chip",
	  "The processor's own start code rejects it. Put the camera's own bootloader "
	  "back. " PROGRAMMER },
	{ "memory-split-wrong", SEVERITY_WARNING, "The start arguments do not fit the memory",
	  "They are for a camera with more memory than this one: it will not start with them. "
	  "Use this model's own bootloader, or its own uEnv file on the card (recam boards ID "
	  "tells the memory size)." },
	{ "firmware-mixed", SEVERITY_FATAL, "Drivers and camera do not belong together",
	  "Kernel, drivers and sensor are of different versions or models. Put one matching set "
	  "on it: recam rescue uboot:PORT --from FIRMWARE --only "
	  "kernel,root,driver,appfs." },
	{ "programmer-not-found", SEVERITY_WARNING, "The programmer or the chip did not answer",
	  "Check the driver and your rights to the USB device, take the card out of the camera, "
	  "look at the clip's contact and direction (pin 1 is the dotted corner)." },
	{ "log-without-bootloader", SEVERITY_NOTE, "The log begins after the bootloader",
	  "What the bootloader said is missing, and it matters most. Start recording before the "
	  "camera is switched on." },

	/* Consoles. */
	{ "console-garbage", SEVERITY_WARNING, "The console shows bytes that are no text",
	  "In this order: join the grounds, use a 3.3 V TTL adapter (never a true RS-232 one), "
	  "set 115200 baud 8N1, shorten the wires. A burst at the first moment alone is normal "
	  "on cameras whose start code talks at 38400 baud." },
	{ "capture-of-ram", SEVERITY_WARNING, "The capture is of memory, not of the flash",
	  "md shows memory: copy the flash there first with sf probe and sf read, or let recam do "
	  "it: recam backup uboot:PORT -o FILE." },
	{ "capture-incomplete", SEVERITY_WARNING, "The capture has missing or contradicting lines",
	  "recam convert names what is missing and the commands that get it again; recam backup "
	  "uboot:PORT -o FILE reads over the console and checks each block." },
	{ "normal-noise", SEVERITY_NOTE, "Looks like an error, and is none",
	  "Every camera of this kind says so at each start. Nothing needs to be done." },
};

const char *severity_name(enum severity severity)
{
	static const char *const names[] = { "note", "warning", "fatal" };

	return names[severity];
}

const struct finding_kind *finding_table(size_t *count)
{
	*count = RC_COUNT(kinds);
	return kinds;
}

const struct finding_kind *finding_find(const char *id)
{
	for (size_t i = 0; i < RC_COUNT(kinds); i++) {
		if (strcmp(kinds[i].id, id) == 0)
			return &kinds[i];
	}
	return NULL;
}

void finding_advice(const struct finding *finding, struct rc_text *out)
{
	static const char word[] = "PARTITION";
	const char *rest = finding->kind->advice;
	const char *found;

	while (finding->partition[0] && (found = strstr(rest, word))) {
		rc_text_add_bytes(out, rest, (size_t)(found - rest));
		rc_text_add(out, "%s", finding->partition);
		rest = found + strlen(word);
	}
	rc_text_add(out, "%s", rest);
}
