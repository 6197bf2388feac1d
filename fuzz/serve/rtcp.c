/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTCP packets from anybody. */
#include "camera/serve/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtcp_answer answer;

	rtcp_read((struct rc_span){ data, size }, 0x01020304, &answer);
	return 0;
}
