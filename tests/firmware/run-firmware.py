#!/usr/bin/env python3
# run-firmware.py: starts a drive as a USB stick in an emulated computer with UEFI.
#
#   run-firmware.py DRIVE [SECTOR-SIZE]
#                               prints what the sample's boot manager says; status 0 if it is “ok”
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drive is not changed: what the firmware writes goes to a temporary file."""

import os
import shutil
import subprocess
import sys
import tempfile

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


def start(drive, sector_size=512):
    """Starts DRIVE, as one with sectors of SECTOR_SIZE bytes; returns the boot manager's last
    line, or None if it did not speak."""
    qemu = shutil.which('qemu-system-x86_64')
    if qemu is None:
        raise Missing('no qemu-system-x86_64 (package qemu-system-x86)')
    with tempfile.TemporaryDirectory(prefix='valise-firmware-') as folder:
        serial = os.path.join(folder, 'serial')
        # A stick whose disk has sectors of its own is plugged in when all of it is there.
        command = [
            qemu, '-S', '-machine', 'q35', '-accel', 'tcg', '-m', '512', '-nodefaults',
            '-display', 'none', '-net', 'none', '-no-reboot', '-serial', f'file:{serial}',
            '-monitor', 'stdio', '-bios', find_firmware(), '-device', 'qemu-xhci',
            '-drive', f'if=none,id=disk,format=raw,snapshot=on,file={drive.replace(",", ",,")}',
            '-device', 'usb-bot,id=stick',
            '-device', 'scsi-hd,drive=disk,bus=stick.0,removable=on,bootindex=1,'
            f'logical_block_size={sector_size},physical_block_size={sector_size}',
        ]
        try:
            errors = subprocess.run(
                command, input=b'qom-set /machine/peripheral/stick attached true\ncont\n',
                capture_output=True, timeout=TIMEOUT, check=False).stderr
        except subprocess.TimeoutExpired as expired:
            errors = expired.stderr or b''
        try:
            with open(serial, encoding='latin-1') as file:
                lines = [line.strip() for line in file]
        except FileNotFoundError:
            lines = []
    said = [line for line in lines if line.startswith('VALISE-BOOT')]
    if not said:
        sys.stderr.write(errors.decode('utf-8', 'replace'))
        sys.stderr.write('\n'.join(lines[-20:]) + '\n')
    return said[-1] if said else None


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit('usage: run-firmware.py DRIVE [SECTOR-SIZE]')
    try:
        line = start(os.path.abspath(sys.argv[1]), *(int(size) for size in sys.argv[2:]))
    except Missing as missing:
        sys.exit(f'run-firmware.py: {missing}')
    print(line or 'the boot manager did not speak')
    sys.exit(0 if line and line.startswith('VALISE-BOOT ok') else 1)


if __name__ == '__main__':
    main()
