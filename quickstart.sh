#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: ./quickstart.sh [DUMP.bin]
#
# Installs what is missing, builds recam, and shows the main job on a virtual
# camera: a flash is broken, inspected, planned for, and rescued. Without DUMP.bin
# the flash is one of our own making; with it, a copy of your camera's (a whole
# dump), whose own bootloader then runs where it can. Nothing but the folder
# recam-demo here is written; no camera is touched. At the end recamd, the camera
# service, shows a made-up picture until Ctrl-C (at once where there is no terminal).
set -eu
cd "$(dirname "$0")"
dump=${1:-}
[ $# -le 1 ] || {
	echo "usage: ./quickstart.sh [DUMP.bin]" >&2
	exit 2
}
if [ -n "$dump" ] && [ ! -f "$dump" ]; then
	echo "quickstart.sh: there is no file $dump" >&2
	exit 2
fi

sh packaging/install-packages.sh build
if [ ! -d build/meson-private ]; then
	meson setup build -Dtests=false >/dev/null
fi
ninja -C build >build/quickstart.log 2>&1 || {
	tail -n 40 build/quickstart.log
	exit 1
}

recam=build/recam
demo=recam-demo
rm -rf "$demo"
mkdir -p "$demo"
chmod 700 "$demo"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] && [ -z "${NO_COLOR:-}" ] || say() { printf '\n%s\n' "$*"; }
show() { # the command as one would type it, then its doing
	say "\$ $*"
	"$@"
}
# Exit status 1 is an answer here: something was found that stops the camera.
found() {
	status=0
	show "$@" || status=$?
	[ "$status" -le 1 ] || exit "$status"
}

if [ -n "$dump" ]; then
	cp "$dump" "$demo/healthy.bin"
	say "A copy of $dump is the healthy camera."
else
	ninja -C build lab/demo-flash.bin >>build/quickstart.log 2>&1
	cp build/lab/demo-flash.bin "$demo/healthy.bin"
	say "A flash as a Dafang has it, every byte of our own making, is the healthy camera."
fi

say "Now it breaks: the kernel is erased, and a piece in the middle of root is overwritten."
build/lab/wound "$demo/healthy.bin" "$demo/broken.bin" erase:kernel smash:root

found $recam inspect "$demo/broken.bin" --html "$demo/broken.html"

say "The broken flash is put into the virtual camera; this is what its owner would type."
show $recam plan "twin:$demo/broken.bin" --from "$demo/healthy.bin"

yes=--yes
[ -t 0 ] && yes=
show $recam rescue "twin:$demo/broken.bin?save=$demo/rescued.bin" --from "$demo/healthy.bin" \
	--backup "$demo/backup.bin" $yes
show $recam inspect "$demo/rescued.bin" --html "$demo/rescued.html" -q >"$demo/rescued.txt"

cmp "$demo/healthy.bin" "$demo/rescued.bin"
say "The rescued flash equals the healthy one, byte for byte."
say "The other half: recamd, the camera service, on a made-up picture."
mkdir "$demo/recamd"
build/recamd --state "$demo/recamd" 2>"$demo/recamd.log" &
recamd=$!
trap 'kill $recamd 2>/dev/null || true' EXIT
trap 'exit 0' INT
password() { sed -n 's/.*is not shown again: //p' "$demo/recamd.log"; }
# The certificate is its own, and names localhost.
snapshot() {
	curl -sf --noproxy '*' --cacert "$demo/recamd/certificate.pem" -u "admin:$(password)" \
		-o "$demo/snapshot.jpg" https://localhost:8443/snapshot.jpg
}
tries=0
until [ -n "$(password)" ] && snapshot; do
	tries=$((tries + 1))
	if [ "$tries" -eq 100 ] || ! kill -0 "$recamd" 2>/dev/null; then
		cat "$demo/recamd.log"
		exit 1
	fi
	sleep 0.2
done
cat "$demo/recamd.log"
say "It answers: a snapshot is in $demo/snapshot.jpg."

cat <<EOF

Left in $demo: broken.html and rescued.html (open them in a browser), and the backup
with its proof (backup.bin.json).

For your own camera:
  recam inspect DUMP.bin                       a dump that you have
  recam inspect boot.log                       what your terminal program kept of a start
  recam console /dev/ttyUSB0 --log boot.log    3.3 V adapter: GND, RX and TX crossed
  recam backup uboot:/dev/ttyUSB0 -o mine.bin  proven, before anything else
  recam rescue uboot:/dev/ttyUSB0 --from FIRMWARE
(recam is $(pwd)/$recam; "recam --help" and docs/ tell the rest.)
EOF
if [ -t 0 ]; then
	say "recamd runs on: open its page, log in as admin with the password above. Ctrl-C ends it."
	wait "$recamd"
fi
