#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: demo-flash.sh DEMO-BOOT OUT.bin WORKDIR
#
# Makes the flash of a Dafang that never was: the layout and the formats are the
# camera's, every byte in it is ours, so the demonstration and the tests need
# nobody's firmware. The file systems come from the tools that everybody else
# uses (mkimage, mksquashfs, mkfs.jffs2). The same input gives the same bytes.
#
# DEMO-BOOT is the program built from demo-boot.c. What it writes has the form of
# an Ingenic boot image and cannot run: only the model twin starts this flash.
set -eu
LC_ALL=C
export LC_ALL
umask 022
make_boot=$1
out=$2
work=$3
export SOURCE_DATE_EPOCH=1500000000

rm -rf "$work/parts" "$work/trees"
mkdir -p "$work/parts" "$work/trees"
parts=$work/parts
trees=$work/trees

# numbers FROM TO: text that packs well; noise SEED COUNT: text that does not (the minimal
# standard generator, exact in the doubles of every awk). Both are the same everywhere.
numbers() { seq "$1" "$2"; }
noise() {
	awk -v s="$1" -v n="$2" 'BEGIN { for (; n > 0; n--) { s = (s * 16807) % 2147483647; print s } }'
}

# put FILE: standard input as FILE below the tree, with folders.
put() {
	mkdir -p "$(dirname "$trees/$1")"
	cat >"$trees/$1"
}

# fill PART SIZE: pads a partition with FF, as erased flash; too large is an error.
fill() {
	size=$(wc -c <"$parts/$1")
	[ "$size" -le "$2" ] || {
		echo "demo-flash.sh: $1 has $size bytes, its partition $2" >&2
		exit 1
	}
	head -c $(($2 - size)) /dev/zero | tr '\0' '\377' >>"$parts/$1"
}

jffs2() {
	find "$trees/$1" -exec touch -h -d @1500000000 {} +
	/usr/sbin/mkfs.jffs2 -l -n -e 0x8000 -U -r "$trees/$1" -o "$parts/$2"
}

squashfs() {
	mksquashfs "$trees/$1" "$parts/$2" -comp xz -b 131072 -all-root -noappend -no-xattrs \
		-no-progress -quiet -processors 1
}

"$make_boot" >"$parts/boot"

noise 1 250000 | xz --format=lzma -6 >"$work/kernel.lzma"
mkimage -A mips -O linux -T kernel -C lzma -a 0x80010000 -e 0x80010400 -n Linux-3.10.14-demo \
	-d "$work/kernel.lzma" "$parts/kernel" >/dev/null

put root/etc/init.d/rcS <<'EOF'
#!/bin/sh
# The start script of the demonstration: nothing runs it.
mount -t squashfs /dev/mtdblock3 /driver
mount -t jffs2 /dev/mtdblock4 /system
/system/init/app_init.sh &
EOF
put root/etc/passwd <<'EOF'
root:*:0:0:root:/root:/bin/sh
EOF
noise 2 100000 | put root/bin/busybox
noise 3 60000 | put root/lib/libdemo.so
numbers 1 2000 | put root/usr/share/numbers.txt
ln -s busybox "$trees/root/bin/sh"
mkdir -p "$trees/root/driver" "$trees/root/system" "$trees/root/configs" "$trees/root/params"
squashfs root root

noise 4 30000 | put driver/8189es.ko
noise 5 20000 | put driver/tx-isp.ko
noise 6 5000 | put driver/sensor_jxf22.ko
squashfs driver driver

echo demonstration | put appfs/.system
noise 7 80000 | put appfs/bin/iCamera
numbers 1 3000 | put appfs/etc/numbers.conf
jffs2 appfs appfs

: >"$parts/backupk"
: >"$parts/backupd"
printf '[VER]\nAppVer=5.5.1.0-demo\n' | put backupa/app.ver
jffs2 backupa backupa

printf '[IP]\nDHCP=1\n[LED_CONTROL]\nLED=1\n' | put config/.user_config
printf 'DemoNetwork' | put config/.wifissid
printf 'not-a-secret\0\0\0\0' | put config/.wifipasswd
jffs2 config config

# Locally administered address of nobody's; the form is facts 1.5's.
put para/config/.product_config <<'EOF'
[xiaomi]
UserRelated_UID=0200005EC0DE|00000000|notasecretkey000|0000
UserRelated_SSID=demo
NETRELATED_MAC=0200005EC0DE00000000000000000000
EOF
jffs2 para para
: >"$parts/flag"

: >"$out.new"
while read -r name size; do
	fill "$name" $((size * 1024))
	cat "$parts/$name" >>"$out.new"
done <<'EOF'
boot 256
kernel 2048
root 3392
driver 640
appfs 4736
backupk 2048
backupd 640
backupa 2048
config 256
para 256
flag 64
EOF
mv "$out.new" "$out"
