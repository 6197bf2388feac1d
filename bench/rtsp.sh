#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: bench/rtsp.sh [CLIENTS] [SECONDS]
#
# Processor time that each RTSP server takes for each client and minute, and its peak memory: recamd,
# gst-rtsp-server and VLC, one after the other in one run, with the same H.264 file (1080p, 25 pictures
# and 4 Mbit a second) and the same clients (lab/rtsp-load: first all by UDP, then all by TCP). Needs, beside the
# packages of the tests: libgstrtspserver-1.0-dev gstreamer1.0-plugins-bad vlc-bin vlc-plugin-base.
set -eu
cd "$(dirname "$0")/.."
clients=${1:-50}
seconds=${2:-20}
work=$(mktemp -d)
chmod 755 "$work"
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT

[ -d build-bench/meson-private ] || meson setup build-bench -Dbuildtype=release -Dtests=false >/dev/null
ninja -C build-bench recamd lab/rtsp-load >"$work/build.log" 2>&1 || {
	tail -n 20 "$work/build.log"
	exit 1
}
# shellcheck disable=SC2046
cc -O2 -o "$work/gst-rtsp" bench/gst-rtsp.c $(pkg-config --cflags --libs gstreamer-rtsp-server-1.0)
ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=1920x1080:rate=25 -t 10 -c:v libx264 -preset veryfast \
	-tune zerolatency -g 25 -b:v 4M -maxrate 4M -bufsize 4M -pix_fmt yuv420p -f h264 "$work/10.h264"
i=0
while [ $((i * 10)) -lt $((2 * seconds + 40)) ]; do
	cat "$work/10.h264"
	i=$((i + 1))
done >"$work/file.h264"
chmod 644 "$work/file.h264"

ticks() { # user and system time of a process, in clock ticks
	cut -d' ' -f14,15 "/proc/$1/stat" | tr ' ' '+' | sed 's/$/\n/' | bc
}

# NAME URL TRANSPORT: the server is $server. What starting a session costs is in it.
measure() {
	udp=0
	tcp=0
	[ "$3" = udp ] && udp=$clients || tcp=$clients
	before=$(ticks "$server")
	if ! build-bench/lab/rtsp-load --udp "$udp" --tcp "$tcp" --seconds "$seconds" "$2" \
		>"$work/load.txt" 2>&1; then
		printf '%-16s %s  not served as it should be: %s\n' "$1" "$3" "$(tr -d '\r' <"$work/load.txt" | sed -n '1,2p' | tr '\n' ' ')"
		return 0
	fi
	after=$(ticks "$server")
	peak=$(sed -n 's/VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$server/status")
	printf '%-16s %s  %7.1f ms of processor for a client and minute, peak memory %6d KiB, %s\n' "$1" "$3" \
		"$(echo "($after - $before) * 1000 / $(getconf CLK_TCK) * 60 / $seconds / $clients" | bc -l)" \
		"$peak" "$(sed -n 's/.*\(pictures [0-9]*\) .*\(lost packets [0-9]*\).*/\1, \2/p' "$work/load.txt")"
}

both() { # NAME URL
	sleep 3
	measure "$1" "$2" udp
	measure "$1" "$2" tcp
	kill "$server"
	wait "$server" 2>/dev/null || true
	server=
}

uname -srm
grep -m1 'model name' /proc/cpuinfo | sed 's/.*: //'
echo "$clients clients, $seconds s"

cat >"$work/recamd.conf" <<END
[video]
source = file:$work/file.h264
[rtsp]
port = 18701
tls_port = 0
[http]
tls_port = 18743
port = 0
END
build-bench/recamd --config "$work/recamd.conf" --state "$work/state" 2>"$work/recamd.log" >&2 &
server=$!
sleep 2
password=$(sed -n 's/.*shown again: //p' "$work/recamd.log")
both recamd "rtsp://admin:$password@127.0.0.1:18701/main"

"$work/gst-rtsp" 18702 "$work/file.h264" >"$work/gst.log" 2>&1 &
server=$!
both gst-rtsp-server rtsp://127.0.0.1:18702/main

# VLC does not run as root.
as=
[ "$(id -u)" -ne 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
# shellcheck disable=SC2086
HOME=/nonexistent $as vlc -I dummy -q --loop "$work/file.h264" --demux h264 \
	--sout '#rtp{sdp=rtsp://127.0.0.1:18703/main}' >"$work/vlc.log" 2>&1 &
server=$!
both vlc rtsp://127.0.0.1:18703/main
