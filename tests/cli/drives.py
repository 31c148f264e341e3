# drives.py: virtual drives for the tests of the command line, and what others say of them.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import errno
import hashlib
import os
import re
import subprocess

import harness

MIB = 1 << 20


def digest(path):
    """A digest of a sparse file: of its data, and where they are."""
    found = hashlib.sha256()
    with open(path, 'rb') as file:
        size = os.fstat(file.fileno()).st_size
        found.update(str(size).encode())
        start = 0
        while start < size:
            try:
                start = os.lseek(file.fileno(), start, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:
                    break
                raise
            end = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            found.update(f' {start}-{end} '.encode())
            found.update(os.pread(file.fileno(), end - start, start))
            start = end
    return found.hexdigest()


class Drives(harness.Case):
    """What the tests need of drives."""

    def file(self, name, size=700 * MIB):
        path = self.path(name)
        with open(path, 'wb') as file:
            file.truncate(size)
        return path

    def used_file(self, name, size=700 * MIB):
        """A drive with a partition table and a labelled file system."""
        path = self.file(name, size)
        self.tool('sgdisk', '-n', '1:2048:+64M', path)
        self.tool('mkfs.fat', '-F', '16', '-n', 'OLDSTICK', '--offset=2048', path, '65536')
        return path

    def blkid(self, path, *options):
        """What blkid finds, as tags; empty where it finds nothing."""
        done = subprocess.run(['blkid', '-p', '-o', 'export', *options, path],
                              stdout=subprocess.PIPE, check=False, env=self.env)
        return dict(line.split('=', 1) for line in done.stdout.decode().splitlines())

    def check_blank(self, path):
        """No table and no file system: neither blkid nor sgdisk sees one."""
        self.assertEqual(self.blkid(path), {})
        done = subprocess.run(['sgdisk', '-p', path], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, env=self.env)
        self.assertNotRegex(done.stdout.decode(), r'(?m)^ +\d+ +\d+ ')

    def check_good(self, path, folder='parts'):
        self.assertIn('No problems found', self.tool('sgdisk', '-v', path))
        table = re.findall(r'(?m)^ +(\d+) +(\d+) +(\d+) ', self.tool('sgdisk', '-p', path))
        self.assertEqual([number for number, _, _ in table], ['1', '2', '3'])
        os.makedirs(self.path(folder), exist_ok=True)
        for (number, first, last), checker in zip(table, (['fsck.fat', '-n'], None,
                                                          ['ntfsfix', '-n'])):
            if not checker:
                continue
            part = self.path(f'{folder}/{number}')
            self.tool('dd', f'if={path}', f'of={part}', 'bs=1M', 'iflag=skip_bytes,count_bytes',
                      'conv=sparse', f'skip={int(first) * 512}',
                      f'count={(int(last) - int(first) + 1) * 512}')
            self.tool(*checker, part)
        return table
