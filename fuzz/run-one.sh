#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: fuzz/run-one.sh FOLDER RUNS TARGET
#
# Lets the fuzz target FOLDER/fuzz/fuzz-TARGET run RUNS inputs from its seeds, and says how it
# went. Exit status 255 where it failed, so that xargs stops.
set -eu
cd "$(dirname "$0")/.."
folder=$1 runs=$2 name=$3
case $name in
# Those that start a whole camera, or take a whole firmware apart, for each input.
twin-console | uboot-session | agent-camera | firmware-open | card-verdict | redact-image | recovery)
	runs=$((runs / 25)) ;;
esac
mkdir -p "$folder/corpus/$name"
dictionary=
[ -f "fuzz/$name.dict" ] && dictionary=-dict=fuzz/$name.dict
# A bounded number of inputs, not of seconds; -timeout only ends a true hang.
if RECAM_BOARDS=boards "$folder/fuzz/fuzz-$name" -runs="$runs" -seed=1 -timeout=60 \
	-rss_limit_mb=4096 -max_len=65536 -print_final_stats=0 -verbosity=0 $dictionary \
	-artifact_prefix="$folder/$name-" "$folder/corpus/$name" "fuzz/corpus/$name" \
	>"$folder/$name.log" 2>&1; then
	echo "  ok      $name"
else
	echo "  FAILED  $name: $folder/$name.log"
	tail -n 40 "$folder/$name.log"
	exit 255
fi
