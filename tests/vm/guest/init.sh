#!/bin/sh
# init.sh: the guest's first process: starts dbus, udev, polkit and udisks2, then serves the tests.
#
# SPDX-License-Identifier: GPL-3.0-or-later
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8

mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir -p /run/dbus /run/lock /run/udev /run/udisks2 /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
hostname guest
modprobe -a xhci_pci usb_storage uas sd_mod sr_mod virtio_console loop fuse vfat exfat \
  nls_ascii nls_cp437 nls_utf8

# With no systemd, the kernel asks drives for their medium only if it is told to.
echo 2000 >/sys/module/block/parameters/events_dfl_poll_msecs

/lib/systemd/systemd-udevd --daemon
dbus-daemon --system --fork --nopidfile
/usr/lib/polkit-1/polkitd --no-debug >/run/polkitd.log 2>&1 &
/usr/libexec/udisks2/udisksd >/run/udisksd.log 2>&1 &
# All of /sys would take seconds.
udevadm trigger --action=add --subsystem-match=block --subsystem-match=usb \
  --subsystem-match=virtio-ports
udevadm settle --timeout=60
until udisksctl status >/run/udisksctl.log 2>&1; do
  sleep 0.1
  cat /run/udisks*.log >/dev/console
done

exec /usr/sbin/guest-agent
