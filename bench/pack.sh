#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: bench/pack.sh [ROOT.bin] [PAIRS]
#
# A squashfs partition unpacked and packed again by recam's own functions (build/bench/
# bench-pack), beside unsquashfs and mksquashfs with the same settings, in turn in one run (7
# pairs). All of them use all processors. Prints the wall seconds of each pair, the ratio of
# the best of each, and the median ratio. Without ROOT.bin: a root made of /usr/bin's
# smaller programs. On a machine that has other things to do: "TMPDIR=/dev/shm chrt -f 10
# bench/pack.sh ..." gives both the processors to themselves, and no disk to wait for. Needs squashfs-tools and time (Debian packages).
set -eu
cd "$(dirname "$0")/.."
root=${1:-}
pairs=${2:-7}
build=${BUILD:-build}
bench=$PWD/$build/bench/bench-pack
[ -x "$bench" ] || {
	echo "bench/pack.sh: build first: meson setup build && ninja -C build" >&2
	exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
settings="-comp xz -b 131072 -noappend -no-progress -quiet -processors $(nproc)"
if [ -z "$root" ]; then
	root=$work/root.bin
	mkdir "$work/made"
	find /usr/bin -type f -size -200k | sort | head -n 100 | xargs cp -t "$work/made"
	# shellcheck disable=SC2086 # many words
	mksquashfs "$work/made" "$root" $settings
fi
root=$(realpath "$root")

echo "machine:  $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
echo "load:     $(cut -d' ' -f1-3 /proc/loadavg)"
echo "programs: recam $("$bench" --version), squashfs-tools $(dpkg-query -W -f '${Version}' squashfs-tools)," \
	"libsquashfs $(dpkg-query -W -f '${Version}' libsquashfs1)"
echo "image:    $root, $(wc -c <"$root") bytes; mksquashfs $settings"

# measure NAME COMMAND...: seconds of wall and of processor to $work/NAME
measure() {
	name=$1
	shift
	begin=$(date +%s%N)
	/usr/bin/time -f '%U %S' -o "$work/$name.time" "$@" >/dev/null
	end=$(date +%s%N)
	echo "$(((end - begin) / 1000)) $(tail -n 1 "$work/$name.time")" |
		awk '{ print $1 / 1e6, $2, $3 }' >>"$work/$name"
}

mkdir "$work/ours" "$work/theirs"
"$bench" unpack "$root" "$work/ours" root
unsquashfs -quiet -no-progress -d "$work/theirs/root" "$root" >/dev/null
diff -r --no-dereference "$work/ours/root" "$work/theirs/root"
i=0
while [ "$i" -lt "$pairs" ]; do
	mkdir "$work/out"
	measure unpack "$bench" unpack "$root" "$work/out" root
	measure unsquashfs unsquashfs -quiet -no-progress -d "$work/out/theirs" "$root"
	rm -rf "$work/out"
	measure pack "$bench" pack "$work/ours" root "$work/ours.img"
	# shellcheck disable=SC2086 # many words
	measure mksquashfs mksquashfs "$work/theirs/root" "$work/theirs.img" $settings
	i=$((i + 1))
done
unsquashfs -quiet -no-progress -d "$work/check" "$work/ours.img" >/dev/null
diff -r --no-dereference "$work/check" "$work/theirs/root"

# compare OURS THEIRS
compare() {
	paste -d ' ' "$work/$1" "$work/$2" | awk -v ours="$1" -v theirs="$2" '
		function best(have, new) { return have == 0 || new < have ? new : have }
		BEGIN { printf "%12s s  (user+system)  %12s s  (user+system)  ratio\n", ours, theirs }
		{
			printf "%14.3f  %13.2f  %14.3f  %13.2f  %.3f\n", $1, $2 + $3, $4, $5 + $6, $1 / $4
			a = best(a, $1); b = best(b, $4)
			r[NR] = $1 / $4
		}
		END {
			for (i = 1; i <= NR; i++) for (j = i + 1; j <= NR; j++)
				if (r[j] < r[i]) { t = r[i]; r[i] = r[j]; r[j] = t }
			printf "best: %.3f s beside %.3f s, ratio %.3f; median ratio %.3f\n", a, b, a / b, r[int((NR + 1) / 2)]
		}'
}
compare unpack unsquashfs
compare pack mksquashfs
echo "packed: $(wc -c <"$work/ours.img") bytes with the padding of its partition; mksquashfs $(wc -c <"$work/theirs.img")"
