/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "camera/media/source.h"
#include "camera/recamd/daemon.h"
#include "camera/recamd/words.h"
#include "config.h"

enum { EXIT_DONE, EXIT_COULD_NOT = 2 };

static void print_help(void)
{
	printf("usage: recamd [--config FILE] [--state DIR] [--check]\n"
	       "       recamd passwd [--state DIR] [USER]\n"
	       "       recamd import DIR [--config FILE]\n\n"
	       "Serves a camera's picture: RTSP, HTTPS, snapshots, MJPEG. Without a configuration\n"
	       "it shows a made-up picture.\n\n"
	       "  --config FILE  settings; SIGHUP reads them again\n"
	       "  --state DIR    folder for passwords and the certificate (/var/lib/recamd for\n"
	       "                 root, else ~/.local/state/recamd)\n"
	       "  --check        looks whether the settings are right, and ends\n"
	       "  --verbose      says more\n"
	       "  --version\n\n"
	       "Where the picture comes from (source =):\n\n");
	for (unsigned i = 0; source_kinds[i]; i++)
		printf("  %-28s %s\n", source_kinds[i]->form, source_kinds[i]->summary);
	printf("\nNot in this version: the sources v4l2: and rtsp:.\n");
}

static int act(const struct daemon_words *words, bool check)
{
	struct rc_error err;
	int result = check ? daemon_check(words, &err) : daemon_run(words, &err);

	if (result < 0) {
		rc_log_error("%s", err.text);
		return EXIT_COULD_NOT;
	}
	if (check)
		printf("%s: the settings are right\n", words->config ? words->config : "recamd");
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	enum { CONFIG = 256, STATE, CHECK, VERBOSE, VERSION, HELP };
	static const struct option options[] = {
		{ "config", required_argument, NULL, CONFIG },
		{ "state", required_argument, NULL, STATE },
		{ "check", no_argument, NULL, CHECK },
		{ "verbose", no_argument, NULL, VERBOSE },
		{ "version", no_argument, NULL, VERSION },
		{ "help", no_argument, NULL, HELP },
		{ 0 },
	};
	struct daemon_words words = { 0 };
	bool check = false;
	int option;

	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	if (sodium_init() < 0) {
		rc_log_error("libsodium does not start: no random numbers on this system");
		return EXIT_COULD_NOT;
	}
	if (argc > 1 && strcmp(argv[1], "passwd") == 0)
		return passwd_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "import") == 0)
		return import_main(argc - 1, argv + 1);
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case CONFIG:
			words.config = optarg;
			break;
		case STATE:
			words.state = optarg;
			break;
		case CHECK:
			check = true;
			break;
		case VERBOSE:
			rc_log_set_level(RC_LOG_VERBOSE);
			break;
		case VERSION:
			printf("recamd %s\n", RECAM_VERSION);
			return EXIT_DONE;
		case HELP:
			print_help();
			return EXIT_DONE;
		default:
			return EXIT_COULD_NOT;
		}
	}
	if (optind < argc) {
		rc_log_error("\"%s\" is no word of recamd's; \"recamd --help\" lists them",
			     argv[optind]);
		return EXIT_COULD_NOT;
	}
	return act(&words, check);
}
