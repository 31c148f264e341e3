#!/usr/bin/env python3
# check-large.py: an image of at least 1 GB is compressed with each algorithm, and read back right.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: check-large.py VALISE VALISE-MAKE-SAMPLE [ALGORITHM…] [giant]

Takes minutes, and 12 GB below TMPDIR; `./dev compact` runs it. An image of 36,000 files is written
with each algorithm (xpress4k, xpress8k, xpress16k, lzx, auto). ntfs_records.py looks at all records
and indexes; each stream is taken from the volume, and wimlib's decompressor gives the file back,
whose digest must be that of the image. Last, ntfsfix and ntfsresize look at the volume.

With “giant”, a small image with files of about 4 GiB is written instead: the largest that is
compressed, one a byte larger, and one over 4 GiB. That takes 30 GB.
"""
import concurrent.futures
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time

import edges
import ntfs_records
from ntfs_records import DATA, REPARSE_POINT, WOF_STREAM

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + '/../fidelity')
import fidelity  # noqa: E402

MODES = ['xpress4k', 'xpress8k', 'xpress16k', 'lzx', 'auto']
N_FILES, MEAN_SIZE = 36000, 21000
EMPTY = hashlib.sha1(b'').hexdigest()
# Valise edits these.
MADE = ['/Windows/System32/config/SYSTEM', '/Windows/System32/config/SOFTWARE']


def load_unpackers():
    """Those of test-fidelity.py, by the algorithm's number."""
    spec = importlib.util.spec_from_file_location('test_fidelity', HERE + '/test-fidelity.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {module.ALGORITHMS[name][0]: module.Unpacker(name) for name in module.ALGORITHMS}


class Reader:
    """Reads files of a volume; each process has one."""

    one = None

    def __init__(self, path):
        self.volume = ntfs_records.Volume(path)
        self.unpackers = load_unpackers()

    def digest(self, number):
        """The SHA-1 of a file's unnamed data; with it, its size in a compressed stream."""
        data = self.volume.find(number, DATA)
        digest = hashlib.sha1()
        if not ntfs_records.is_compressed(self.volume, number):
            for piece in self.volume.pieces(data) if data else ():
                digest.update(piece)
            return digest.hexdigest(), None, data.size if data else 0
        algorithm = self.volume.read(self.volume.find(number, REPARSE_POINT))[20]
        stream = self.volume.read(self.volume.find(number, DATA, WOF_STREAM))
        for piece in self.unpackers[algorithm].chunks(stream, data.size):
            digest.update(piece)
        return digest.hexdigest(), algorithm, len(stream)


def start_reader(path):
    Reader.one = Reader(path)


def read_digest(number):
    return Reader.one.digest(number)


def check_files(path, expected):
    """Compares all files that the image has; returns what was seen."""
    volume = ntfs_records.Volume(path)
    records = {volume.path(entry): entry.record for entry in volume.entries
               if entry.record not in volume.folders}
    volume.close()
    missing = expected.keys() - records.keys()
    if missing:
        sys.exit(f'{len(missing)} files are missing: {sorted(missing)[:3]}')
    numbers = sorted({records[name] for name in expected})
    with concurrent.futures.ProcessPoolExecutor(initializer=start_reader,
                                                initargs=(path,)) as pool:
        digests = dict(zip(numbers, pool.map(read_digest, numbers, chunksize=50)))
    wrong = [name for name, (digest, _) in expected.items()
             if digests[records[name]][0] != digest]
    if wrong:
        sys.exit(f'{len(wrong)} files are read wrong: {sorted(wrong)[:5]}')
    groups = {}
    for name, (_, group) in expected.items():
        groups.setdefault(group, set()).add(records[name])
    apart = [group for group, numbers in groups.items() if group and len(numbers) > 1]
    if apart:
        sys.exit(f'names of one file are several: {apart[:2]}')
    return (sum(algorithm is not None for _, algorithm, _ in digests.values()), len(digests),
            sum(size for _, _, size in digests.values()))


def read_image(wim):
    """{path: (digest, its group of links)} of what is a file, no reparse point, and not compressed
    by NTFS itself: that ntfs_records.py does not read."""
    files = {}
    for path, fields in fidelity.read_files(wim, 1).items():
        if int(fields['Attributes'], 16) & 0xc10 or path in MADE:
            continue
        digest = fields.get('Unnamed data stream: Hash', '0x0')[2:]
        files[path] = digest if digest.strip('0') else EMPTY, fields.get('links', '')
    return files


def check_mode(valise, wim, mode, expected, drive_size):
    start = time.monotonic()
    fidelity.run(valise, 'write', wim, '--image', '1', '--to', 'drive', '--size', drive_size,
                 '--yes', '--compact', mode, '--report', 'report')
    seconds = time.monotonic() - start
    with open('report', encoding='utf-8') as file:
        part = json.load(file)['drive']['partitions'][2]
    fidelity.cut_out('drive', part, 'volume')
    allocated = os.stat('drive').st_blocks * 512
    os.unlink('drive')
    try:
        names = ntfs_records.check_volume('volume')
        for path in expected:
            if path.startswith('/Edges/giant/') \
                    and (path in names) != (int(path[13:]) <= edges.MAX_COMPRESSED):
                sys.exit(f'{path} is {"" if path in names else "not "}compressed')
        packed, number, size = check_files('volume', expected)
    except ntfs_records.Wrong as error:
        sys.exit(f'{mode}: {error}')
    if 'processed successfully' not in fidelity.run('ntfsfix', '-n', 'volume'):
        sys.exit('ntfsfix found something')
    if 'ERROR' in fidelity.run('ntfsresize', '-f', '-i', '-n', 'volume'):
        sys.exit('ntfsresize found something')
    os.unlink('volume')
    print(f'ok: {mode}: {len(expected)} names, {number} files, {packed} of them compressed, '
          f'{len(names)} names of these; their bytes on the volume: {size / 1e6:.0f} MB; the drive '
          f'has {allocated / 1e6:.0f} MB; written and verified in {seconds:.0f} s', flush=True)


def make_image(make_sample, giant):
    if giant:
        fidelity.run(make_sample, '--small', '--editions', '1', '--format', 'wim-xpress',
                     '--output', '.')
        edges.add_to('sample-xpress.wim', edges.make_giant)
        return 'sample-xpress.wim'
    fidelity.run(make_sample, '--files', str(N_FILES), '--mean-size', str(MEAN_SIZE),
                 '--editions', '1', '--format', 'wim-none', '--output', '.')
    edges.add_to('sample-none.wim', edges.make, edges.make_huge)
    if os.path.getsize('sample-none.wim') < 1e9:
        sys.exit('the image is too small')
    return 'sample-none.wim'


def main():
    valise, make_sample = (os.path.abspath(path) for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix='valise-large-') as folder:
        os.chdir(folder)
        os.environ['VALISE_SCRATCH'] = folder + '/scratch'
        giant = 'giant' in sys.argv[3:]
        modes = [mode for mode in sys.argv[3:] if mode != 'giant'] or MODES
        wim = make_image(make_sample, giant)
        expected = read_image(wim)
        print(f'ok: an image of {os.path.getsize(wim) / 1e6:.0f} MB with {len(expected)} names',
              flush=True)
        for mode in modes:
            check_mode(valise, wim, mode, expected, '24G' if giant else '8G')


if __name__ == '__main__':
    main()
