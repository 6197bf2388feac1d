/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linked with one whole floor and those under it: see tests/meson.build. */
int main(void)
{
	return 0;
}
