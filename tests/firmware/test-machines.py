#!/usr/bin/env python3
# test-machines.py: written drives start in all kinds of PCs, by firmware that is not ours.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: test-machines.py VALISE VALISE-MAKE-SAMPLE CASE

bios    a batch of two drives with the layout mbr: both start by BIOS, and both by UEFI; with the
        largest bootmgr; and not where something else than what was written is on the drive
x86     an image for x86 starts by 32-bit UEFI with a GPT, and by BIOS
arm64   an image for ARM starts by its UEFI with a GPT
vhd     UEFI is pointed to the virtual disk, with both layouts
"""

import json
import os
import re
import subprocess
import sys
import tempfile

import machines

SKIPPED = 77
LARGEST = 523200
MIB = 1 << 20


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def check(what, holds, seen):
    print(f'{"ok" if holds else "NOT OK"}: {what}: {seen}', flush=True)
    if not holds:
        sys.exit(1)


class Test:
    def __init__(self, valise, make_sample, folder, arch='amd64'):
        self.valise, self.folder = valise, folder
        self.image = os.path.join(folder, 'sample-xpress.wim')
        run(make_sample, '--small', '--format', 'wim-xpress', '--output', folder, '--arch', arch,
            '--bootmgr-size', str(LARGEST), '--manifest', self.path('manifest.json'))
        with open(self.path('manifest.json'), encoding='utf-8') as file:
            if not json.load(file)['bootManager']:
                raise machines.Missing('the boot manager for it (clang, lld, gnu-efi)')

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, layout, *names, options=()):
        """Writes drives with these names; returns what their reports say of them."""
        reports = self.path('report.json')
        targets = [word for name in names for word in ('--to', self.path(name))]
        done = subprocess.run(
            [self.valise, 'write', self.image, '--image', '2', *targets, '--size', '700M',
             '--layout', layout, '--yes', '--report', reports, *options],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        sys.stderr.write(done.stderr)
        if 'GRUB for BIOS was not there' in done.stderr:
            raise machines.Missing('GRUB for BIOS, where this was built (package grub-pc-bin)')
        check('drives are written', done.returncode == 0, done.returncode)
        found = []
        for number in range(1, len(names) + 1):
            path = reports if len(names) == 1 else self.path(f'report-{number}.json')
            with open(path, encoding='utf-8') as file:
                found.append(json.load(file)['drive'])
        return found

    def starts(self, machine, name, drive):
        """The boot manager finds the partition of Windows that the report tells of."""
        os_partition = drive['partitions'][-1]
        identity = f'signature={drive["diskSignature"]}' if drive['layout'] == 'mbr' \
            else f'partition={os_partition["guid"]} disk={drive["diskGuid"]}'
        loader = 'winload.exe drive=80' if machine == 'bios' else 'winload.efi'
        vhd = f'vhd={drive["container"]["path"]} ' if 'container' in drive else ''
        wanted = (f'VALISE-BOOT ok {identity} start={os_partition["offset"] // 512} {vhd}ntfs=yes '
                  f'loader=\\windows\\system32\\{loader}')
        line = machines.start(machine, self.path(name))
        check(f'{name} starts by {machine}', line == wanted, line)

    def fails(self, name, machine, wanted):
        line = machines.start(machine, self.path(name))
        check(f'{name} does not start by {machine}', line == wanted, line)


def bios(test):
    drives = test.write('mbr', 'one.img', 'two.img')
    for name, drive in zip(('one.img', 'two.img'), drives):
        test.starts('bios', name, drive)
    test.starts('amd64', 'two.img', drives[1])

    one, system = test.path('one.img'), f'{test.path("one.img")}@@{MIB}'
    run('sfdisk', '-q', '--disk-id', one, '0x12345678')
    test.fails('one.img', 'bios',
               "VALISE-BOOT error: the boot manager's device is another partition")
    run('sfdisk', '-q', '--disk-id', one, '0x' + drives[0]['diskSignature'])
    test.starts('bios', 'one.img', drives[0])
    run('mdel', '-i', system, '::/Boot/BCD')
    test.fails('one.img', 'bios', 'VALISE-BOOT error: no BCD store')
    run('mdel', '-i', system, '::/bootmgr')
    text = machines.read_screen(one, 'Enter restarts')
    check('a drive without bootmgr says so', re.search('its file bootmgr is missing', text), text)


def x86(test):
    test.starts('bios', 'bios.img', test.write('mbr', 'bios.img')[0])
    test.starts('x86', 'uefi.img', test.write('gpt', 'uefi.img')[0])


def arm64(test):
    test.starts('arm64', 'uefi.img', test.write('gpt', 'uefi.img')[0])


def vhd(test):
    test.starts('amd64', 'vhdx.img', test.write('gpt', 'vhdx.img',
                                                options=('--container', 'vhdx'))[0])
    test.starts('amd64', 'vhd.img', test.write('mbr', 'vhd.img',
                                               options=('--container', 'vhd'))[0])


def main():
    valise, make_sample, case = sys.argv[1:4]
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    os.environ['MTOOLS_SKIP_CHECK'] = '1'
    with tempfile.TemporaryDirectory(prefix='valise-start-') as folder:
        os.environ['XDG_CACHE_HOME'] = os.path.join(folder, 'cache')
        try:
            arch = case if case in ('x86', 'arm64') else 'amd64'
            test = Test(valise, make_sample, folder, arch)
            {'bios': bios, 'x86': x86, 'arm64': arm64, 'vhd': vhd}[case](test)
        except machines.Missing as missing:
            print(f'skipped: {missing}')
            sys.exit(SKIPPED)


if __name__ == '__main__':
    main()
