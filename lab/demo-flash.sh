#!/bin/sh
head -c 16777216 /dev/zero | tr '\0' '\377' > "$1"
