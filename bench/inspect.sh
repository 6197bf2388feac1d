#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: bench/inspect.sh [DUMP.bin] [RUNS]
#
# recam inspect, every file of every file system read and hashed (those of a backup
# partition that equals another byte for byte: once), beside "binwalk -e" on the same
# dump, in turn in one run (3 pairs). Prints wall seconds, processor seconds and peak
# memory of each pair, and the median ratio of wall seconds. Without DUMP.bin: the
# demonstration's flash. RECAM names another recam than build/recam. Needs binwalk and
# time (Debian packages).
set -eu
cd "$(dirname "$0")/.."
dump=${1:-build/lab/demo-flash.bin}
runs=${2:-3}
recam=${RECAM:-$PWD/build/recam}
[ -x "$recam" ] || {
	echo "bench/inspect.sh: build first: meson setup build && ninja -C build" >&2
	exit 2
}
[ -f "$dump" ] || ninja -C build lab/demo-flash.bin >/dev/null
dump=$(realpath "$dump")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "machine:  $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
echo "programs: $($recam --version), binwalk $(dpkg-query -W -f '${Version}' binwalk)"
echo "dump:     $dump, $(wc -c <"$dump") bytes"

# measure NAME COMMAND...: seconds (wall, user, system) and KiB to $work/NAME
measure() {
	name=$1
	shift
	/usr/bin/time -f '%e %U %S %M' -o "$work/$name.time" "$@" >"$work/$name.out" 2>&1 || true
	tail -n 1 "$work/$name.time" >>"$work/$name"
}

i=0
while [ "$i" -lt "$runs" ]; do
	measure recam "$recam" inspect "$dump" --json --files
	mkdir "$work/extract"
	(cd "$work/extract" && measure binwalk binwalk --run-as=root -e -q "$dump")
	rm -rf "$work/extract"
	i=$((i + 1))
done

paste -d ' ' "$work/recam" "$work/binwalk" | awk '
	BEGIN { print "recam s     cpu  KiB     binwalk -e s     cpu  KiB     ratio" }
	{
		printf "%7.2f  %6.2f  %6d  %12.2f  %6.2f  %6d  %6.4f\n", $1, $2 + $3, $4, $5, $6 + $7, $8, $1 / $5
		print $1 / $5 | "sort -n > '"$work"'/ratios"
	}'
awk '{ r[NR] = $1 } END { printf "median ratio of times: %.4f\n", r[int((NR + 1) / 2)] }' "$work/ratios"
grep -c '"sha256"' "$work/recam.out" | sed 's/^/digests in the report: /'
