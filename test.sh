#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: ./test.sh [FUZZ-RUNS]
#
# Installs what the tests need, builds with AddressSanitizer and UndefinedBehavior-
# Sanitizer, runs every test, and lets each fuzz target run FUZZ-RUNS inputs (2000)
# from its seeds; those that start a whole camera for each input run a 25th of it.
set -eu
cd "$(dirname "$0")"
runs=${1:-2000}

sh packaging/install-packages.sh test

# What drives the browser in the test of recamd's page. Where it cannot be had, that test says so
# and is skipped.
npm=build/npm
mkdir -p "$npm"
cp tests/page/package.json tests/page/package-lock.json "$npm/"
for try in 1 2 3; do
	cmp -s "$npm/package-lock.json" "$npm/installed" && break
	(cd "$npm" && timeout 180 npm ci --ignore-scripts --no-audit --no-fund) >build/npm.log 2>&1 &&
		cp "$npm/package-lock.json" "$npm/installed" && break
	echo "npm did not succeed (try $try of 3): build/npm.log"
	sleep $((try * 5))
done

setup() { # FOLDER OPTIONS...
	folder=$1
	shift
	if [ -d "$folder/meson-private" ]; then
		meson setup --reconfigure "$folder" "$@" >/dev/null
	else
		meson setup "$folder" "$@" >/dev/null
	fi
}

setup build-test -Db_sanitize=address,undefined -Dtests=true
ninja -C build-test
meson test -C build-test --print-errorlogs --num-processes "$(nproc)"

echo "Fuzzing: $runs inputs for each target"
CC=clang setup build-fuzz -Dfuzzers=true -Dtests=false -Db_sanitize=address,undefined \
	-Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link
ninja -C build-fuzz
failed=0
for target in build-fuzz/fuzz/fuzz-*; do
	[ -x "$target" ] && [ -f "$target" ] && echo "${target##*/fuzz-}"
done | xargs -n 1 -P "$(nproc)" fuzz/run-one.sh build-fuzz "$runs" || failed=1

# The runner's count, last.
meson test -C build-test --list 2>/dev/null | wc -l | sed 's/$/ tests in all/'
sed -n '/^Ok:/,$p' build-test/meson-logs/testlog.txt
# The runner takes a program in which a test was skipped for one that passed: say which.
grep -hiE '^\[  SKIPPED \] [a-z0-9_]+$|^left out |^skipped: |: skipped$|not installed$' \
	build-test/meson-logs/testlog.txt | sort -u | sed 's/^/  not run here: /' || true
[ "$failed" -eq 0 ] || {
	echo "a fuzz target failed: see above"
	exit 1
}
