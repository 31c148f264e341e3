#!/usr/bin/env python3
# test-compact.py: Linux' own NTFS driver reads the files that were compressed for Windows.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: test-compact.py VALISE VALISE-MAKE-SAMPLE

A sample with the files of tests/compact/edges.py is written with each algorithm. A guest whose
kernel has the ntfs3 driver (see ntfs3.py) mounts all of them, and hands back what it reads as tar
archives. Every file must have the digest that wimlib-imagex tells of the image, and names that are
one file in the image must be one file.
"""
import hashlib
import json
import os
import subprocess
import sys
import tarfile

import case
import ntfs3
import rig

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE + '/../compact', HERE + '/../fidelity']

# pylint: disable=wrong-import-position
import edges
import fidelity
import ntfs_records

# The largest files that are read, in MiB.
LIMITS = {'xpress4k': 3, 'xpress8k': 3, 'xpress16k': 20, 'lzx': 100}
# An empty file has no digest in an image.
NONE = '0x' + '0' * 40
EMPTY = '0x' + hashlib.sha1(b'').hexdigest()
# ntfs3 lists it, and cannot find it again.
UNREADABLE = '/Users/Public/Documents/names/unpaired'
MIB = 1 << 20


def digest_of(fields):
    digest = fields.get('Unnamed data stream: Hash', NONE)
    return digest if digest != NONE else EMPTY


def size_of(fields):
    return int(fields.get('Unnamed data stream: Uncompressed size', '0').split()[0])


def names_of(path, fields):
    """All names of a file."""
    return ['/' + name for name in fields.get('links', path)[1:].split(' /')]


class Ntfs3(case.Case):
    def setUp(self):
        super().setUp()
        try:
            module = ntfs3.get(self.guest.output('uname -r').strip())
        except case.guest_files.Missing as missing:
            self.skipTest(str(missing))
        with tarfile.open(self.path('module'), 'w') as archive:
            archive.add(module, 'ntfs3.ko')
        os.truncate(self.path('module'), MIB)
        name, = self.guest.plug(rig.Stick(self.path('module'), 'MODULE'))
        self.guest.output(f'tar -x -f {name} -C /run && insmod /run/ntfs3.ko')
        self.assertIn('ntfs3: Read-only LZX/Xpress compression included',
                      self.guest.output('dmesg'))

    def write(self, image, algorithm):
        """Writes a drive; returns it, and the paths of what is compressed on it."""
        path = self.path('drive-' + algorithm)
        report = self.path('report')
        result = self.run_valise('write', image, '--image', '1', '--to', path, '--size', '1G',
                                 '--compact', algorithm, '--yes', '--report', report,
                                 timeout=600)
        self.assertEqual(result.status, 0, result.err)
        with open(report, encoding='utf-8') as file:
            partition = json.load(file)['drive']['partitions'][2]
        volume = self.path('volume')
        self.tool('dd', f'if={path}', f'of={volume}', 'bs=1M', 'conv=sparse', 'iflag=skip_bytes',
                  f'skip={partition["offset"]}', f'count={partition["size"] // MIB}')
        return path, set(ntfs_records.check_volume(volume))

    def read(self, name, archive, link, limit):
        """Mounts a drive, and reads the files on it that have so many MiB at most: {path: digest},
        and {path: first name}."""
        self.guest.output(
            f'mkdir -p /run/volume && mount -t ntfs3 -o ro {name}3 /run/volume && '
            f'cd /run/volume && find . -type f -size -{limit + 1}M ! -path ".{UNREADABLE}*" '
            '-print0 | tar -c -b 2048 --null -T - '
            f'| dd of={link} bs=1M iflag=fullblock oflag=direct status=none && '
            'cd / && umount /run/volume')
        digests, firsts = {}, {}
        with tarfile.open(archive) as file:
            for entry in file:
                path = entry.name.removeprefix('.')
                if entry.islnk():
                    firsts[path] = entry.linkname.removeprefix('.')
                    digests[path] = digests[firsts[path]]
                elif entry.isreg():
                    content = file.extractfile(entry)
                    digests[path] = '0x' + hashlib.file_digest(content, 'sha1').hexdigest()
        return digests, firsts

    def test_every_algorithm(self):
        folder = self.path('image')
        subprocess.run([case.harness.MAKE_SAMPLE, '--small', '--format', 'wim-none', '--output',
                        folder], check=True, stdout=subprocess.DEVNULL)
        image = folder + '/sample-none.wim'
        edges.add_to(image, edges.make)
        archive = rig.Stick(self.path('archive'), 'ARCHIVE', size=512 * MIB)
        link, = self.guest.plug(archive)
        for algorithm in LIMITS:
            # ntfs3 reads chunk by chunk: with small ones, large files take it half a minute.
            limit = LIMITS[algorithm]
            if algorithm == 'lzx':
                edges.add_to(image, edges.make_huge)
            expected = {path: fields for path, fields in fidelity.read_files(image, 1).items()
                        if not int(fields['Attributes'], 16) & 0x410
                        and size_of(fields) <= limit * MIB
                        and not path.startswith(UNREADABLE) and path.encode() not in case.MADE}
            path, compressed = self.write(image, algorithm)
            stick = rig.Stick(path, algorithm.upper())
            name, = self.guest.plug(stick)
            digests, firsts = self.read(name, archive.path, link, limit)
            self.assertEqual(expected.keys() - digests.keys(), set())
            wrong = [path for path, fields in expected.items()
                     if digests[path] != digest_of(fields)]
            self.assertEqual(wrong, [], algorithm)
            self.assertGreater(len(compressed & expected.keys()), 700)
            for path, fields in expected.items():
                self.assertEqual(len({firsts.get(name, name) for name in names_of(path, fields)}),
                                 1, path)
            print(f'# {algorithm}: ntfs3 reads {len(expected)} files rightly; '
                  f'{len(compressed & expected.keys())} are compressed')


if __name__ == '__main__':
    case.main()
