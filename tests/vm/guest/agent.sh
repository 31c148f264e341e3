#!/bin/sh
# agent.sh: runs in the guest what the tests ask for.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One command a line, in base64, for sh; answered with its exit status and its output, in base64.
port=/dev/virtio-ports/valise.agent
until [ -e $port ]; do
  sleep 0.05
done
exec 3<>$port
mount -t ext4 -o ro,noatime /dev/vdb /opt/valise
echo ready >&3
cd /root || exit 1
while :; do
  while IFS= read -r line <&3; do
    output=$(sh -c "$(printf '%s' "$line" | base64 -d)" 2>&1 </dev/null 3<&-)
    status=$?
    printf '%d %s\n' $status "$(printf '%s' "$output" | base64 -w 0)" >&3
  done
  # After a snapshot the host may be a moment late.
  sleep 0.1
done
