#!/bin/sh
# automount.sh: mounts every file system that appears, again and again, as desktops do.
#
# SPDX-License-Identifier: GPL-3.0-or-later
while sleep 0.2; do
  for device in /dev/sd*; do
    if [ -b "$device" ] && ! grep -q "^$device " /proc/mounts; then
      udisksctl mount --no-user-interaction -b "$device" 2>/dev/null
    fi
  done
done
