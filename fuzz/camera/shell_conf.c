/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/settings/shell_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shell_conf conf;

	if (shell_conf_read((struct rc_span){ data, size }, "hof", &conf, NULL) == 0)
		shell_conf_free(&conf);
	return 0;
}
