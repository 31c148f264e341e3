#!/usr/bin/env python3
# run-firmware.py: starts a drive as a USB stick in an emulated computer with UEFI.
#
#   run-firmware.py DRIVE       prints what the sample's boot manager says; status 0 if it is “ok”
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drive is not changed: what the firmware writes goes to a temporary file."""

import os
import shutil
import subprocess
import sys

FIRMWARE = (
    '/usr/share/ovmf/OVMF.fd',
    '/usr/share/OVMF/OVMF.fd',
    '/usr/share/edk2/ovmf/OVMF_CODE.fd',
)
TIMEOUT = 240


class Missing(Exception):
    """What is needed is not on this machine."""


def find_firmware():
    for path in FIRMWARE:
        if os.path.exists(path):
            return path
    raise Missing('no OVMF (package ovmf)')


def start(drive):
    """Starts DRIVE; returns the boot manager's last line, or None if it did not speak."""
    qemu = shutil.which('qemu-system-x86_64')
    if qemu is None:
        raise Missing('no qemu-system-x86_64 (package qemu-system-x86)')
    command = [
        qemu, '-machine', 'q35', '-accel', 'tcg', '-m', '512', '-nodefaults',
        '-display', 'none', '-net', 'none', '-no-reboot', '-serial', 'stdio',
        '-bios', find_firmware(), '-device', 'qemu-xhci',
        '-drive', f'if=none,id=stick,format=raw,snapshot=on,file={drive.replace(",", ",,")}',
        '-device', 'usb-storage,drive=stick,removable=on,bootindex=1',
    ]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=TIMEOUT, check=False)
        output, errors = done.stdout, done.stderr
    except subprocess.TimeoutExpired as expired:
        output, errors = expired.stdout or b'', expired.stderr or b''
    lines = [line.strip() for line in output.decode('latin-1').splitlines()]
    said = [line for line in lines if line.startswith('VALISE-BOOT')]
    if not said:
        sys.stderr.write(errors.decode('utf-8', 'replace'))
        sys.stderr.write('\n'.join(lines[-20:]) + '\n')
    return said[-1] if said else None


def main():
    if len(sys.argv) != 2:
        sys.exit('usage: run-firmware.py DRIVE')
    try:
        line = start(os.path.abspath(sys.argv[1]))
    except Missing as missing:
        sys.exit(f'run-firmware.py: {missing}')
    print(line or 'the boot manager did not speak')
    sys.exit(0 if line and line.startswith('VALISE-BOOT ok') else 1)


if __name__ == '__main__':
    main()
