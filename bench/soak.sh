#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: bench/soak.sh [MINUTES]
#
# Clients of the RTSP server come and go at random for so long (60 minutes; tests/serve/churn.c): once
# under the sanitizers, which report, and at the same time without, where memory shows as it is (what
# the sanitizers note down grows by itself). Prints both each minute.
set -eu
cd "$(dirname "$0")/.."
minutes=${1:-60}

build() { # FOLDER OPTIONS...
	folder=$1
	shift
	[ -d "$folder/meson-private" ] || meson setup "$folder" "$@" >/dev/null
	ninja -C "$folder" tests/test-serve-churn >"$folder/soak.log" 2>&1 || {
		tail -n 20 "$folder/soak.log"
		exit 1
	}
}

memory() { # PROCESS
	sed -n 's/^VmRSS:[^0-9]*//p' "/proc/$1/status" 2>/dev/null || echo ended
}

build build-soak -Db_sanitize=address,undefined
build build-soak-plain -Dbuildtype=release
export CHURN_MINUTES="$minutes"
build-soak/tests/test-serve-churn >build-soak/soak.log 2>&1 &
checked=$!
build-soak-plain/tests/test-serve-churn >build-soak-plain/soak.log 2>&1 &
plain=$!
minute=0
while [ "$minute" -lt "$minutes" ] && kill -0 "$checked" 2>/dev/null; do
	sleep 60
	minute=$((minute + 1))
	printf '%3d min: %s; with sanitizers %s\n' "$minute" "$(memory "$plain")" "$(memory "$checked")"
done
status=0
wait "$plain" || status=$?
wait "$checked" || status=$?
tail -n 3 build-soak/soak.log
exit "$status"
