#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: bench/soak.sh [MINUTES]
#
# Clients of the RTSP server come and go at random for so long (60 minutes), under the sanitizers
# (tests/serve/churn.c). Prints the server's memory each minute: it is to stay where it was after the
# first.
set -eu
cd "$(dirname "$0")/.."
minutes=${1:-60}
[ -d build-soak/meson-private ] ||
	meson setup build-soak -Db_sanitize=address,undefined >/dev/null
ninja -C build-soak tests/test-serve-churn >build-soak/soak.log 2>&1 || {
	tail -n 20 build-soak/soak.log
	exit 1
}
# Freed memory that the sanitizer holds back is bounded, so that what is not freed shows.
ASAN_OPTIONS=quarantine_size_mb=8 CHURN_MINUTES=$minutes \
	build-soak/tests/test-serve-churn >build-soak/soak.log 2>&1 &
test=$!
minute=0
while [ "$minute" -lt "$minutes" ] && kill -0 "$test" 2>/dev/null; do
	sleep 60
	minute=$((minute + 1))
	printf '%3d min: %s\n' "$minute" \
		"$(sed -n 's/^VmRSS:[^0-9]*//p' "/proc/$test/status" 2>/dev/null || echo ended)"
done
wait "$test" && status=0 || status=$?
tail -n 3 build-soak/soak.log
exit "$status"
