#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: lab/t20-machine.sh [PROOF]
#
# Builds qemu-system-mipsel with the machine "t20", on which a camera's own kernel runs, and
# prints its path, for RECAM_T20_QEMU. PROOF is the folder with ingenic_t20.c and build.sh
# (../shared/t20-machine-proof). Built once into $RECAM_LAB_CACHE (else
# $XDG_CACHE_HOME/recam, else ~/.cache/recam), from Debian's source package of QEMU 7.2; the
# system's own list of package sources is neither used nor changed.
#
# Exit status: 0; 77 with "skipped: ..." on standard error where something is not to be had.
set -eu
LC_ALL=C
export LC_ALL
cache=${RECAM_LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/recam}/t20-machine
proof=${1:-$(dirname "$0")/../../shared/t20-machine-proof}
mirror=${RECAM_DEBIAN_MIRROR:-http://deb.debian.org/debian}
needs="build-essential ninja-build meson pkg-config libglib2.0-dev libpixman-1-dev libfdt-dev
zlib1g-dev xz-utils"

skip() {
	echo "skipped: $1" >&2
	exit 77
}

missing() {
	for package in $needs; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
			echo "$package"
	done
}

# apt_here COMMAND...: apt-get with lists of its own, for which nobody has to be root.
apt_here() {
	apt-get -q -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/apt" \
		-o APT::Sandbox::User="$(id -un)" "$@"
}

fetch() {
	mkdir -p "$work/lists/partial" "$work/apt/archives/partial"
	echo "deb-src $mirror bookworm main" >"$work/sources.list"
	for try in 1 2 3; do
		if apt_here update && apt_here source --download-only qemu; then
			return 0
		fi
		sleep $((try * 5))
	done
	skip "no source package of qemu from $mirror"
}

for tool in apt-get dpkg-query; do
	command -v "$tool" >/dev/null 2>&1 || skip "no $tool: this is no Debian"
done
[ -f "$proof/ingenic_t20.c" ] || skip "no ingenic_t20.c in $proof"
case $cache in
/*) ;;
*) cache=$(pwd)/$cache ;;
esac
proof=$(cd "$proof" && pwd)
# Another proof is another machine.
key=$(cat "$proof/ingenic_t20.c" "$proof/build.sh" | sha256sum | cut -c1-16)
program=$cache/$key/qemu-system-mipsel
if [ ! -x "$program" ]; then
	[ -z "$(missing)" ] || skip "not installed: $(missing | tr '\n' ' ')"
	work=$cache/work-$key
	mkdir -p "$work" "$cache/$key"
	# Not "( ... ) || ...": in a condition "set -e" means nothing.
	set +e
	(
		set -e
		flock -w 1800 9
		[ ! -x "$program" ] || exit 0
		cd "$work"
		[ -d qemu-7.2.0 ] || {
			fetch
			tar xf qemu_7.2+dfsg.orig.tar.xz
			mv qemu-7.2* qemu-7.2.0 2>/dev/null || true
		}
		sh "$proof/build.sh" "$work"
		strip -o "$program.new" qemu-7.2.0/build/qemu-system-mipsel
		mv "$program.new" "$program"
		rm -rf "$work"
	) 9>"$cache/lock" >"$cache/build.log" 2>&1
	set -e
	[ -x "$program" ] || {
		tail -n 5 "$cache/build.log" >&2
		skip "the machine could not be built: $cache/build.log"
	}
fi
echo "$program"
