#!/usr/bin/env python3
# test-sectors.py: virtual drives with sectors of 4096 bytes, from writing to resuming.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-sectors.py VALISE MAKE-SAMPLE [Class.test …]
#
# Whether they are sound is what fsck.fat, ntfsfix and ntfsinfo say; sgdisk says it of the table,
# on a loop device, where tests are run by root (tests/engine/test-block-device.c, tests/fidelity).
import json
import os

import harness
from drives import MIB, Drives, digest

SIZE = 700 * MIB


class Sectors(Drives):
    def write(self, *arguments, status=harness.OK, words=''):
        return self.check_run(['write', self.sample('sample.wim'), '--image', '1', '--yes',
                               *arguments], status, words)

    def report(self, name):
        with open(self.path(name), encoding='utf-8') as file:
            return json.load(file)

    def at(self, name, offset, size=8):
        with open(self.path(name), 'rb') as file:
            file.seek(offset, os.SEEK_END if offset < 0 else os.SEEK_SET)
            return file.read(size)

    def check_drive(self, name, report):
        """The table is counted in 4096 bytes, and so are both file systems."""
        drive = self.report(report)['drive']
        self.assertEqual(drive['sectorSize'], 4096)
        self.assertEqual(self.at(name, 4096), b'EFI PART')
        self.assertEqual(self.at(name, -4096), b'EFI PART')
        self.assertNotEqual(self.at(name, 512), b'EFI PART')
        esp, os_ = self.path(name + '-esp'), self.path(name + '-os')
        for path, partition in (esp, drive['partitions'][0]), (os_, drive['partitions'][2]):
            self.tool('dd', f'if={self.path(name)}', f'of={path}', 'bs=1M', 'conv=sparse',
                      f'skip={partition["offset"] // MIB}', f'count={partition["size"] // MIB}')
            os.truncate(path, partition['size'])
        self.assertIn('4096 bytes per logical sector', self.tool('fsck.fat', '-nv', esp))
        self.assertIn('processed successfully', self.tool('ntfsfix', '-n', os_))
        self.assertIn('Sector Size: 4096', self.tool('ntfsinfo', '-m', os_))

    def test_write(self):
        self.write('--to', 'new.img', '--size', '700M', '--sector-size', '4096', '--report', 'r')
        self.check_drive('new.img', 'r')
        self.check_run(['verify', 'new.img', '--report', 'r'], harness.OK, '')
        # A file that exists is taken for a usual drive again, and no old table is left on it.
        self.write('--to', 'new.img', '--report', 'r')
        self.assertEqual(self.report('r')['drive']['sectorSize'], 512)
        self.assertEqual(self.at('new.img', 512), b'EFI PART')
        self.assertNotEqual(self.at('new.img', 4096), b'EFI PART')
        self.assertNotEqual(self.at('new.img', -4096), b'EFI PART')
        self.check_good(self.path('new.img'))

    def test_usage(self):
        for arguments, words in [
                (['--size', '700M', '--sector-size', '1024'], '512 or 4096'),
                (['--size', '700M', '--sector-size', '-4096'], '512 or 4096'),
                (['--size', str(SIZE + 512), '--sector-size', '4096'],
                 'whole sectors of 4096 bytes')]:
            with self.subTest(arguments):
                self.write('--to', 'new.img', *arguments, status=harness.USAGE, words=words)
        self.write('--to', 'new.img', '--size', '700M', '--sector-size', '4096', '--layout', 'mbr',
                   status=harness.FAILED, words='sectors of 4096 bytes')
        self.assertFalse(os.path.exists(self.path('new.img')))

    def test_resume(self):
        """A batch goes on in the sectors that it was begun in."""
        self.file('one.img', SIZE)
        self.file('small.img', 350 * MIB)
        self.write('--to', 'one.img', '--to', 'small.img', '--sector-size', '4096', '--report',
                   'report', status=harness.SOME_FAILED, words='too small')
        self.assertEqual(self.report('report')['settings']['sectorSize'], 4096)
        before = digest(self.path('one.img'))
        self.check_run(['write', '--resume', 'report', '--sector-size', '512', '--yes'],
                       harness.USAGE, '--sector-size contradicts the report')
        os.truncate(self.path('small.img'), SIZE)
        batch = self.report('report')
        for drive in batch['drives']:
            if drive['name'].endswith('small.img'):
                drive['size'] = SIZE
        with open(self.path('report'), 'w', encoding='utf-8') as file:
            json.dump(batch, file)
        self.check_run(['write', '--resume', 'report', '--yes'], harness.OK, '')
        self.check_drive('small.img', self.report('report')['drives'][1]['report'])
        self.assertEqual(digest(self.path('one.img')), before)


if __name__ == '__main__':
    harness.main()
