/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which camera is it? By the clues that dumps and logs of facts 1, 5.2 and 6 give. */
#include <stdio.h>
#include <string.h>

#include "support.h"

#include "board/board.h"

#define MTDPARTS                                                                                \
	"jz_sfc:256k(boot),2048k(kernel),3392k(root),640k(driver),4736k(appfs),2048k(backupk)," \
	"640k(backupd),2048k(backupa),256k(config),256k(para),-(flag)"

#define FAMILY                                                                \
	{ "mtdparts", MTDPARTS, "boot" }, { "prompt", "isvp_t20# ", "boot" }, \
		{ "boardline", "ISVP (Ingenic XBurst T20 SoC)", "boot" },     \
	{                                                                     \
		"magic", "060504030255aa55aa", "the start"                    \
	}
#define PARA                                     \
	{ "product", "xiaomi", "para" },         \
	{                                        \
		"flash", "16777216", "the flash" \
	}

#define MAX_CLUES 16

static const struct {
	const char *what;
	const char *board; /* NULL: none */
	enum board_confidence least;
	enum board_confidence most;
	const char *because; /* in one of the reasons */
	struct board_clue clues[MAX_CLUES];
} cases[] = {
	{ "a whole stock Dafang",
	  "dafang",
	  BOARD_CERTAIN,
	  BOARD_CERTAIN,
	  "the driver partition holds 8189es.ko, the Wi-Fi module of the Dafang",
	  { { "version", "2013.07 (Jul 28 2017 - 17:10:01)", "boot" },
	    { "bootloader", "1ee923617ec38e734af358a51e71dbb26e773e13210e2908e9c3046db59c776b",
	      "boot" },
	    FAMILY,
	    { "ram", "128", "boot" },
	    { "module", "8189es.ko", "driver:/8189es.ko" },
	    { "module", "sample_motor.ko", "driver:/sample_motor.ko" },
	    { "appver", "5.5.1.177", "backupa:/app.ver" },
	    PARA } },
	{ "a Dafang whose boot is erased",
	  "dafang",
	  BOARD_LIKELY,
	  BOARD_CERTAIN,
	  "the backupa partition says that the firmware is 5.5.1.327",
	  { { "module", "8189es.ko", "driver:/8189es.ko" },
	    { "appver", "5.5.1.327", "backupa:/app.ver" },
	    PARA } },
	{ "a Dafang whose driver is erased",
	  "dafang",
	  BOARD_CERTAIN,
	  BOARD_CERTAIN,
	  "the boot partition holds, by its digest, a stock bootloader of this camera: 2013.07 "
	  "(Jul 28 2017 - 17:10:01)",
	  { { "version", "2013.07 (Jul 28 2017 - 17:10:01)", "boot" },
	    { "bootloader", "3823a2b7c76b86517288c5ae47a570ac3320659a25718f927a0fd963fa5f26a9",
	      "boot" },
	    FAMILY,
	    { "appver", "5.5.1.177", "backupa:/app.ver" },
	    PARA } },
	{ "a Dafang whose boot, driver and appfs are erased",
	  "dafang",
	  BOARD_LIKELY,
	  BOARD_CERTAIN,
	  "the Dafang's line of versions",
	  { { "appver", "5.5.1.200", "backupa:/app.ver" }, PARA } },
	{ "a Dafang whose boot, appfs and backups are erased",
	  "dafang",
	  BOARD_LIKELY,
	  BOARD_CERTAIN,
	  "8189es.ko",
	  { { "module", "8189es.ko", "driver:/8189es.ko" }, PARA } },
	{ "a Dafang with a bootloader that nobody knows, as in the demonstration",
	  "dafang",
	  BOARD_LIKELY,
	  BOARD_CERTAIN,
	  "5.5.1.0-demo",
	  { { "version", "2013.07 (recam demonstration)", "boot" },
	    { "bootloader", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	      "boot" },
	    FAMILY,
	    { "module", "8189es.ko", "driver:/8189es.ko" },
	    { "appver", "5.5.1.0-demo", "backupa:/app.ver" } } },
	{ "a Dafang with the open bootloader in the place of its own",
	  "dafang",
	  BOARD_CERTAIN,
	  BOARD_CERTAIN,
	  "an open bootloader",
	  { { "version", "2013.07-gdce8f63-dirty (Nov 18 2018 - 21:09:33)", "boot" },
	    { "prompt", "U-Boot> ", "boot" },
	    { "boardline", "Dafang 128MB (Ingenic XBurst T20 SoC)", "boot" },
	    { "module", "8189es.ko", "driver:/8189es.ko" },
	    { "appver", "5.5.1.391", "backupa:/app.ver" } } },
	{ "the log of a Dafang, up to its prompt",
	  "dafang",
	  BOARD_LIKELY,
	  BOARD_LIKELY,
	  "the bootloader says that it is \"2013.07 (Jul 28 2017 - 17:10:01)\"",
	  { { "version", "2013.07 (Jul 28 2017 - 17:10:01)", "log" },
	    { "boardline", "ISVP (Ingenic XBurst T20 SoC)", "log" },
	    { "prompt", "isvp_t20#", "log" },
	    { "mtdparts", MTDPARTS, "log" },
	    { "ram", "128", "log" } } },
	{ "the dump filed as dafang 5.6.2.106, which is a Xiaofang",
	  "xiaofang-1s",
	  BOARD_CERTAIN,
	  BOARD_CERTAIN,
	  "the Xiaofang's line of versions",
	  { { "version", "2013.07 (Mar 13 2018 - 15:07:07)", "boot" },
	    { "bootloader", "9835be6b9de2abea0000000000000000000000000000000000000000000000ff",
	      "boot" },
	    FAMILY,
	    { "ram", "64", "boot" },
	    { "module", "8189fs.ko", "driver:/8189fs.ko" },
	    { "appver", "5.6.2.106", "backupa:/app.ver" },
	    PARA } },
	{ "a Wyze Cam v2",
	  "wyze-v2",
	  BOARD_CERTAIN,
	  BOARD_CERTAIN,
	  "the Wyze Cam v2's line of versions",
	  { { "version", "2013.07 (Dec 21 2017 - 18:44:33)", "boot" },
	    FAMILY,
	    { "ram", "128", "boot" },
	    { "module", "rtl8189ftv.ko", "driver:/rtl8189ftv.ko" },
	    { "module", "sample_motor.ko", "driver:/sample_motor.ko" },
	    { "appver", "4.9.1.60", "backupa:/app.ver" } } },
	{ "a Neos SmartCam",
	  "neos-smartcam",
	  BOARD_CERTAIN,
	  BOARD_CERTAIN,
	  "Jul 05 2018",
	  { { "version", "2013.07 (Jul 05 2018 - 13:33:27)", "boot" },
	    FAMILY,
	    { "ram", "128", "boot" },
	    { "module", "rtl8189ftv.ko", "driver:/rtl8189ftv.ko" },
	    { "appver", "4.15.2.43", "backupa:/app.ver" } } },
	{ "a driver partition of a Wyze or Neos alone",
	  "neos-smartcam",
	  BOARD_GUESS,
	  BOARD_GUESS,
	  "but it could be Wyze Cam v2 as well: name it with --board ID",
	  { { "module", "rtl8189ftv.ko", "driver:/rtl8189ftv.ko" } } },
	{ "a Wyze Cam Pan",
	  "wyze-pan",
	  BOARD_LIKELY,
	  BOARD_CERTAIN,
	  "the Wyze Cam Pan's line of versions",
	  { FAMILY,
	    { "ram", "128", "boot" },
	    { "module", "8189es.ko", "driver:/8189es.ko" },
	    { "module", "sample_motor.ko", "driver:/sample_motor.ko" },
	    { "appver", "4.10.3.50", "backupa:/app.ver" } } },
	{ "nothing but the family's partition table",
	  "dafang",
	  BOARD_GUESS,
	  BOARD_GUESS,
	  "as well",
	  { { "mtdparts", MTDPARTS, "boot" } } },
	{ "a Sannce",
	  "sannce-i21ag",
	  BOARD_CERTAIN,
	  BOARD_CERTAIN,
	  "the factory partition holds a section [2017_APLINK]",
	  { { "version", "2013.07 (Jun 02 2017 - 08:44:48)", "boot" },
	    { "mtdparts",
	      "jz_sfc:256k(boot),2176k(kernel),3328k(root),2304k(system),64k(factory),64k(param)",
	      "boot" },
	    { "boardline", "ISVP (Ingenic XBurst T10 SoC)", "boot" },
	    { "product", "2017_APLINK", "factory" } } },
	{ "a spy camera",
	  "spycam-z6",
	  BOARD_LIKELY,
	  BOARD_CERTAIN,
	  "which only this camera has",
	  { { "version", "2013.07 (Jul 31 2017 - 17:53:34)", "boot" },
	    { "mtdparts", "jz_sfc:256k(boot),2560k(kernel),2048k(root),-(appfs)", "boot" },
	    { "flash", "8388608", "the flash" } } },
	{ "a Digoo",
	  "digoo-bb-m2",
	  BOARD_LIKELY,
	  BOARD_CERTAIN,
	  "which only the Digoo has",
	  { { "version", "2013.07 (Sep 22 2016 - 21:41:56)", "boot" },
	    { "mtdparts", "256k(boot),2176k(kernel),3584k(rootfs),2176k(system)", "boot" } } },
	{ "a Mi 360 with the I6 chip",
	  "mjsxj05cm",
	  BOARD_CERTAIN,
	  BOARD_CERTAIN,
	  "the FACTORY partition says that the model is chuangmi.camera.ipc019",
	  { { "model", "chuangmi.camera.ipc019", "FACTORY" },
	    { "uimage", "MVX2##I6g6cdcdf5KL_LX409####[BR:", "KERNEL" },
	    { "uimage", "MVX1##I6g46ec744CM_UBT1501###XVM", "boot" } } },
	{ "the same with a blank FACTORY",
	  "mjsxj05cm",
	  BOARD_LIKELY,
	  BOARD_CERTAIN,
	  "made for the SigmaStar I6 chips",
	  { { "version", "2015.01 (Sep 15 2020 - 15:53:02), Build: jenkins-ipc019_4_0_9_0425-4",
	      "boot" },
	    { "uimage", "MVX1##I6g46ec744CM_UBT1501###XVM", "boot" },
	    { "prompt", "SigmaStar # ", "boot" } } },
	{ "a Mi 360 with the I3 chip",
	  "mjsxj02cm",
	  BOARD_CERTAIN,
	  BOARD_CERTAIN,
	  "chuangmi.camera.ipc009",
	  { { "model", "chuangmi.camera.ipc009", "FACTORY" },
	    { "uimage", "MVX2##I3g60b5603KL_LX318####[BR:", "KERNEL" },
	    { "appver", "3.4.2_0062", "DATA:/etc/os-release" } } },
	{ "an I3 kernel alone",
	  "mjsxj02cm",
	  BOARD_LIKELY,
	  BOARD_LIKELY,
	  "made for the MStar I3 chip",
	  { { "uimage", "MVX2##I3g60b5603KL_LX318####[BR:", "KERNEL" } } },
	{ "an MJSXJ05CM with the MJSXJ02CM's kernel in it: never certain",
	  "mjsxj05cm",
	  BOARD_GUESS,
	  BOARD_LIKELY,
	  "made for the I3 chip of the MJSXJ02CM",
	  { { "model", "chuangmi.camera.ipc019", "FACTORY" },
	    { "uimage", "MVX2##I3g60b5603KL_LX318####[BR:", "KERNEL" } } },
	{ "an MJSXJ06CM, which no file describes, and which has the I6 chip as well",
	  NULL,
	  BOARD_UNKNOWN,
	  BOARD_UNKNOWN,
	  NULL,
	  { { "model", "chuangmi.camera.ipc021", "FACTORY" },
	    { "uimage", "MVX2##I6gd0db123KL_LX409####[BR:", "KERNEL" } } },
	{ "an ESCAM",
	  "escamg02",
	  BOARD_CERTAIN,
	  BOARD_CERTAIN,
	  "the start begins with the bytes 31374b47",
	  { { "magic", "31374b470200000000", "the start" } } },
	{ "a blank chip, of which only the size is known",
	  NULL,
	  BOARD_UNKNOWN,
	  BOARD_UNKNOWN,
	  NULL,
	  { { "flash", "16777216", "the flash" },
	    { "magic", "ffffffffffffffffff", "the start" } } },
	{ "nothing at all", NULL, BOARD_UNKNOWN, BOARD_UNKNOWN, NULL, { { 0 } } },
	{ "clues of no camera",
	  NULL,
	  BOARD_UNKNOWN,
	  BOARD_UNKNOWN,
	  NULL,
	  { { "module", "other.ko", "driver:/other.ko" }, { "prompt", "=> ", "log" } } },
};

static bool has_reason(const struct board_match *match, const char *text)
{
	for (size_t i = 0; i < match->because_count; i++) {
		if (strstr(match->because[i], text))
			return true;
	}
	return false;
}

static void check_case(const struct boards *boards, size_t number)
{
	struct board_match match;
	struct rc_error err;
	size_t count = 0;
	const char *found;

	while (count < MAX_CLUES && cases[number].clues[count].kind)
		count++;
	support_ok(board_identify(boards, cases[number].clues, count, NULL, &match, &err), &err);
	found = match.board ? match.board->id : "none";
	if (strcmp(found, cases[number].board ? cases[number].board : "none") != 0 ||
	    match.confidence < cases[number].least || match.confidence > cases[number].most)
		fail_msg("%s: %s, %s", cases[number].what, found,
			 board_confidence_name(match.confidence));
	if (cases[number].because && !has_reason(&match, cases[number].because)) {
		for (size_t i = 0; i < match.because_count; i++)
			print_message("  %s\n", match.because[i]);
		fail_msg("%s: \"%s\" is not among the reasons", cases[number].what,
			 cases[number].because);
	}
}

static void cameras_are_told_by_their_clues(void **state)
{
	struct boards boards;
	struct rc_error err;

	(void)state;
	support_ok(boards_load(NULL, &boards, &err), &err);
	for (size_t i = 0; i < RC_COUNT(cases); i++)
		check_case(&boards, i);
	boards_free(&boards);
}

static void the_strongest_reason_comes_first(void **state)
{
	const struct board_clue clues[] = {
		{ "prompt", "isvp_t20# ", "boot" },
		{ "ram", "128", "boot" },
		{ "module", "8189es.ko", "driver:/8189es.ko" },
	};
	struct board_match match;
	struct boards boards;
	struct rc_error err;

	(void)state;
	support_ok(boards_load(NULL, &boards, &err), &err);
	support_ok(board_identify(&boards, clues, RC_COUNT(clues), NULL, &match, &err), &err);
	assert_non_null(strstr(match.because[0], "8189es.ko"));
	boards_free(&boards);
}

static void the_users_word_stands(void **state)
{
	const struct board_clue clues[] = {
		{ "module", "8189es.ko", "driver:/8189es.ko" },
		{ "appver", "5.5.1.177", "backupa:/app.ver" },
	};
	struct board_match match;
	struct boards boards;
	struct rc_error err;

	(void)state;
	support_ok(boards_load(NULL, &boards, &err), &err);
	support_ok(board_identify(&boards, clues, 2, "wyze-v2", &match, &err), &err);
	assert_string_equal(match.board->id, "wyze-v2");
	assert_int_equal(match.confidence, BOARD_CERTAIN);
	assert_string_equal(match.because[0], "you named it");
	assert_true(has_reason(&match, "speaks for dafang"));
	support_ok(board_identify(&boards, clues, 2, "dafang", &match, &err), &err);
	assert_false(has_reason(&match, "speaks for"));
	support_fails(board_identify(&boards, clues, 2, "dafung", &match, &err), RC_EUSAGE, &err,
		      "\"dafung\"", "recam boards");
	boards_free(&boards);
}

static void parse_own(struct board *board, const char *name, const char *evidence)
{
	char text[512];
	struct rc_error err;

	snprintf(text, sizeof(text), "[camera]\nname = %s\nsoc = x\nrefused = x\n[evidence]\n%s",
		 name, evidence);
	support_ok(board_parse(name, (struct rc_span){ (const uint8_t *)text, strlen(text) }, board,
			       &err),
		   &err);
}

/* docs/boards.md, [evidence]: the borders between certain, likely, guess and nothing. */
static void sure_is_what_the_document_says(void **state)
{
	static const struct {
		const char *one, *two;
		enum board_confidence confidence;
	} borders[] = {
		{ "ram = 64 | 100 | x\n", "ram = 1 | 1 | x\n", BOARD_CERTAIN },
		{ "ram = 64 | 99 | x\n", "ram = 1 | 1 | x\n", BOARD_LIKELY },
		{ "ram = 64 | 100 | x\n", "ram = 64 | 70 | x\n", BOARD_CERTAIN },
		{ "ram = 64 | 100 | x\n", "ram = 64 | 71 | x\n", BOARD_LIKELY },
		{ "ram = 64 | 100 | x\n", "ram = 64 | 85 | x\n", BOARD_LIKELY },
		{ "ram = 64 | 100 | x\n", "ram = 64 | 86 | x\n", BOARD_GUESS },
		{ "ram = 64 | 100 | x\nram = 6* | 60 | x\nprompt = # | -1 | x\n",
		  "ram = 1 | 1 | x\n", BOARD_LIKELY },
		{ "ram = 64 | 40 | x\n", "ram = 1 | 1 | x\n", BOARD_LIKELY },
		{ "ram = 64 | 39 | x\n", "ram = 1 | 1 | x\n", BOARD_GUESS },
		{ "ram = 64 | 10 | x\n", "ram = 1 | 1 | x\n", BOARD_GUESS },
		{ "ram = 64 | 9 | x\n", "ram = 1 | 1 | x\n", BOARD_UNKNOWN },
		{ "ram = 64 | -9 | x\n", "ram = 1 | 1 | x\n", BOARD_UNKNOWN },
	};
	const struct board_clue clues[] = { { "ram", "64", "boot" }, { "prompt", "#", "boot" } };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(borders); i++) {
		struct board both[2];
		struct boards boards = { both, 2 };
		struct board_match match;
		struct rc_error err;

		parse_own(&both[0], "one", borders[i].one);
		parse_own(&both[1], "two", borders[i].two);
		support_ok(board_identify(&boards, clues, 2, NULL, &match, &err), &err);
		if (match.confidence != borders[i].confidence)
			fail_msg("%zu: %s", i, board_confidence_name(match.confidence));
		assert_ptr_equal(match.board, match.confidence ? &both[0] : NULL);
		board_clear(&both[0]);
		board_clear(&both[1]);
	}
}

/* Values come out of dumps: nothing in them reaches a terminal as it is. */
static void hostile_values_are_shown_harmlessly(void **state)
{
	const struct board_clue clues[] = {
		{ "appver", "5.5.1.\033[2J%s%n\n", "backupa:/app.ver" },
		{ "uimage", NULL, NULL },
		{ "no such kind", "x", "y" },
	};
	struct board_match match;
	struct boards boards;
	struct rc_error err;

	(void)state;
	support_ok(boards_load(NULL, &boards, &err), &err);
	support_ok(board_identify(&boards, clues, RC_COUNT(clues), NULL, &match, &err), &err);
	assert_string_equal(match.board->id, "dafang");
	assert_true(has_reason(&match, "5.5.1.\\x1b[2J%s%n\\x0a"));
	boards_free(&boards);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cameras_are_told_by_their_clues),
		cmocka_unit_test(the_strongest_reason_comes_first),
		cmocka_unit_test(the_users_word_stands),
		cmocka_unit_test(sure_is_what_the_document_says),
		cmocka_unit_test(hostile_values_are_shown_harmlessly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
