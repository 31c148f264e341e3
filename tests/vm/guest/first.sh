#!/bin/busybox sh
# shellcheck shell=dash
# first.sh: the guest's first stage: finds the root, puts a layer of memory on it, and goes there.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Nothing is ever written to the root's own file system, so that all that changes is in memory,
# and thus in the snapshot.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for module in /modules/*; do
  $b insmod "$module"
done
$b mount -t ext4 -o ro,noatime /dev/vda /lower
$b mount -t tmpfs tmpfs /upper
$b mkdir /upper/files /upper/work
$b mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work root /root
for folder in dev proc sys; do
  $b mount --move /$folder /root/$folder
done
exec $b switch_root /root /usr/sbin/guest-init
