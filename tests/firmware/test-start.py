#!/usr/bin/env python3
# test-start.py: a written drive starts, by a firmware that is not ours.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: test-start.py VALISE VALISE-MAKE-SAMPLE

Writes the sample to a virtual drive with valise, starts it in OVMF, and compares what the sample's
boot manager found with the report; with sectors of 4096 bytes, and, with compressed files, of 512.
Then the partition gets another GUID, by sgdisk: the boot manager must not find it any more.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile

SKIPPED = 77


def load_runner():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'run-firmware.py')
    spec = importlib.util.spec_from_file_location('run_firmware', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def check(what, holds, seen):
    print(f'{"ok" if holds else "NOT OK"}: {what}: {seen}')
    if not holds:
        sys.exit(1)


def main():
    valise, make_sample = sys.argv[1:3]
    runner = load_runner()
    with tempfile.TemporaryDirectory(prefix='valise-start-') as folder:
        os.environ['VALISE_SCRATCH'] = os.path.join(folder, 'scratch')
        manifest = os.path.join(folder, 'manifest.json')
        drive = os.path.join(folder, 'drive.img')
        report_path = os.path.join(folder, 'report.json')
        run(make_sample, '--small', '--format', 'wim-xpress', '--output', folder,
            '--manifest', manifest)
        with open(manifest, encoding='utf-8') as file:
            if not json.load(file)['bootManager']:
                print("skipped: the sample's boot manager was not built (clang, lld, gnu-efi)")
                sys.exit(SKIPPED)
        for sector_size, compact in (4096, 'off'), (512, 'lzx'):
            run(valise, 'write', os.path.join(folder, 'sample-xpress.wim'), '--image', '2',
                '--to', drive, *([] if os.path.exists(drive) else ['--size', '1G']), '--yes',
                '--sector-size', str(sector_size), '--compact', compact, '--report', report_path)
            with open(report_path, encoding='utf-8') as file:
                report = json.load(file)
            partition = report['drive']['partitions'][2]

            try:
                line = runner.start(drive, sector_size)
            except runner.Missing as missing:
                print(f'skipped: {missing}')
                sys.exit(SKIPPED)
            disk = report['drive']['diskGuid']
            wanted = (f'VALISE-BOOT ok partition={partition["guid"]} disk={disk} '
                      f'start={partition["offset"] // sector_size} ntfs=yes '
                      'loader=\\windows\\system32\\winload.efi')
            check(f'the drive starts with sectors of {sector_size} bytes, compact {compact}',
                  line == wanted, line)

        run('sgdisk', '-u', '3:R', drive)
        line = runner.start(drive)
        check('another partition is not taken for it',
              line == 'VALISE-BOOT error: no partition with that GUID', line)


if __name__ == '__main__':
    main()
