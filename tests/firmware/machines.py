# machines.py: computers to start a drive in, as a USB stick, in software.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drive is not changed: what firmware writes goes to a temporary file."""

import os
import re
import shutil
import subprocess
import sys
import threading

TIMEOUT = 240
PC = ['-machine', 'q35', '-m', '512', '-serial', 'stdio']

# name: the emulator, its options, where its firmware may be (none: qemu's own), the package of it.
MACHINES = {
    'bios': ('qemu-system-x86_64', [*PC, '-device', 'isa-debug-exit'], None, 'seabios'),
    'amd64': ('qemu-system-x86_64', PC,
              ('/usr/share/ovmf/OVMF.fd', '/usr/share/OVMF/OVMF.fd',
               '/usr/share/edk2/ovmf/OVMF_CODE.fd'), 'ovmf'),
    # The firmware is made for a machine with system management.
    'x86': ('qemu-system-x86_64',
            ['-machine', 'q35,smm=on', '-m', '512', '-serial', 'stdio',
             '-global', 'ICH9-LPC.disable_s3=1', '-global', 'cfi.pflash01.secure=on',
             '-drive', 'if=pflash,format=raw,unit=1,snapshot=on,'
             'file=/usr/share/OVMF/OVMF32_VARS_4M.fd'],
            ('/usr/share/OVMF/OVMF32_CODE_4M.secboot.fd',), 'ovmf-ia32'),
    'arm64': ('qemu-system-aarch64',
              ['-machine', 'virt', '-cpu', 'cortex-a57', '-m', '512', '-serial', 'stdio'],
              ('/usr/share/AAVMF/AAVMF_CODE.fd', '/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw'),
              'qemu-efi-aarch64'),
}


class Missing(Exception):
    """What is needed is not on this machine."""


def find_firmware(paths, package):
    for path in paths:
        if os.path.exists(path):
            return path
    raise Missing(f'no firmware (package {package})')


def make_command(machine, drive, sector_size):
    program, options, paths, package = MACHINES[machine]
    qemu = shutil.which(program)
    if qemu is None:
        raise Missing(f'no {program}')
    command = [
        qemu, *options, '-accel', 'tcg', '-nodefaults', '-display', 'none', '-net', 'none',
        '-no-reboot', '-device', 'qemu-xhci',
        '-drive', f'if=none,id=stick,format=raw,snapshot=on,file={drive.replace(",", ",,")}',
        '-device', 'usb-storage,drive=stick,removable=on,bootindex=1,'
        f'logical_block_size={sector_size},physical_block_size={sector_size}',
    ]
    if paths:
        firmware = find_firmware(paths, package)
        command += ['-drive', f'if=pflash,format=raw,unit=0,readonly=on,file={firmware}'] \
            if machine in ('x86', 'arm64') else ['-bios', firmware]
    return command


def start(machine, drive, sector_size=512):
    """Starts DRIVE in a MACHINE of those above; returns the boot manager's last line, or None if it
    did not speak."""
    command = make_command(machine, drive, sector_size)
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


def read_screen(drive, until):
    """What a PC with BIOS shows on its screen when it starts DRIVE, up to the words UNTIL; SeaBIOS
    copies it to the serial port of a PC without graphics."""
    command = make_command('bios', drive, 512)
    command[command.index('q35')] = 'q35,graphics=off'
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as machine:
        timer = threading.Timer(TIMEOUT, machine.kill)
        timer.start()
        seen = text = ''
        while until not in text and (byte := machine.stdout.read(1)):
            seen += byte.decode('latin-1')
            # Without what moves the cursor.
            text = re.sub(r'\x1b\[[0-9;]*[A-Za-z]', '', seen)
        timer.cancel()
        machine.kill()
    return text
