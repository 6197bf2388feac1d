#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: install-packages.sh build|test|ci
#
# Installs with apt-get what is missing of one list (each holds the one before it);
# with sudo where not root. On another system it prints the list and stops with 1.
# A mirror in the middle of an update is tried again.
set -eu

build="build-essential meson ninja-build pkg-config libunicorn-dev libsquashfs-dev liblzma-dev
zlib1g-dev liblzo2-dev libsodium-dev nettle-dev libjansson-dev libinih-dev libflashrom-dev libarchive-dev
xz-utils u-boot-tools squashfs-tools mtd-utils mawk gcc-mipsel-linux-gnu
libev-dev libx264-dev libturbojpeg0-dev libwebsockets-dev libssl-dev curl"
test="libcmocka-dev busybox-static xxd bsdextrautils cpio qemu-system-x86 shellcheck
dosfstools mtools exfatprogs fdisk wpasupplicant flashrom lrzsz socat libubootenv-tool jq clang libclang-rt-dev llvm
ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
gstreamer1.0-libav curl openssl nodejs npm chromium"
ci="clang-format clang-tidy cppcheck binwalk libglib2.0-dev libpixman-1-dev libfdt-dev"

case ${1:-} in
build) wanted=$build ;;
test) wanted="$build $test" ;;
ci) wanted="$build $test $ci" ;;
*)
	echo "usage: $0 build|test|ci" >&2
	exit 2
	;;
esac

if ! command -v apt-get >/dev/null 2>&1; then
	echo "This system has no apt-get. Install the equivalents of these Debian packages, then" >&2
	echo "run \"meson setup build && ninja -C build\":" >&2
	echo $wanted >&2
	exit 1
fi

# An empty answer of dpkg-query is "not installed"; awk may be any, and so may npm, which other
# packages of Node than Debian's bring along.
missing=
for package in $wanted; do
	[ "$package" = mawk ] && command -v awk >/dev/null 2>&1 && continue
	[ "$package" = npm ] && command -v npm >/dev/null 2>&1 && continue
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
		missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	as_root=sudo
	command -v sudo >/dev/null 2>&1 || {
		echo "Installing needs root and there is no sudo. As root: apt-get install$missing" >&2
		exit 1
	}
fi

echo "Installing:$missing"
for try in 1 2 3 4 5; do
	# A list that cannot be had now is no reason to stop: the packages decide.
	$as_root apt-get update -qq || true
	if $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends $missing >/tmp/recam-apt.log 2>&1; then
		exit 0
	fi
	echo "apt-get did not succeed (try $try of 5):" >&2
	tail -n 3 /tmp/recam-apt.log >&2
	sleep $((try * 10))
done
echo "These packages could not be installed:$missing" >&2
exit 1
