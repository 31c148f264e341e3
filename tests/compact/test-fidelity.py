#!/usr/bin/env python3
# test-fidelity.py: a compressed Windows is the same Windows, file by file.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: test-fidelity.py VALISE VALISE-MAKE-SAMPLE ALGORITHM [FORMAT]

Writes a sample with the files of edges.py to a virtual drive with --compact ALGORITHM, and applies
it with wimlib-imagex to an NTFS volume without. What is compressed is unpacked here: the stream is
read with ntfscat, its table is taken apart, and its chunks are given to wimlib's decompressor. Then
everything is compared as tests/fidelity does it: every byte, attribute, security descriptor, name
and time. ntfs_records.py looks at what Windows' filter knows such files by. With a FORMAT, Windows
is in such a virtual disk (vhd or vhdx), which qemu-img checks and takes apart.
"""

import ctypes
import fnmatch
import hashlib
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'fidelity'))
import edges  # noqa: E402
import fidelity  # noqa: E402
import ntfs_records  # noqa: E402
container = importlib.import_module('test-container')

# Name: number of the algorithm, bytes of a chunk, wimlib's number.
ALGORITHMS = {'xpress4k': (0, 4096, 1), 'lzx': (1, 32768, 2), 'xpress8k': (2, 8192, 1),
              'xpress16k': (3, 16384, 1)}
SPARSE_AND_REPARSE = 0x600
STREAM = 'Named data stream "WofCompressedData": '
UNNAMED = 'Unnamed data stream: '
# What starts before Windows can read compressed files; with \ as in the image's own list.
PLAIN = ['*/bootstat.dat', '*winload.*', '*winresume.*', '*/wof.sys', '*/ntoskrnl.exe',
         '/Windows/Boot/*', '/Windows/System32/config/*', '*/bootmgfw.efi', '*/NTUSER.DAT']
# What of the edges is compressed, and what is not; the others may be either.
EDGES_COMPRESSED = ['large/text', 'large/second copy', 'large/second name', 'other/third name',
                    'large/third copy', 'huge/over 64 MiB', 'mixed/chunks', 'mixed/late noise',
                    'links/free', 'links/free too', 'other/free three', 'many/copy*',
                    'many/link to a copy', 'other/link to a copy', 'sizes/8193', 'sizes/[1-9]????*',
                    'zeros/8193', 'zeros/[1-9]????*']
EDGES_PLAIN = ['large/noise', 'large/winload.edge', 'mixed/late text', 'links/innocent',
               'links/winresume.edge', 'many/winload.copy', 'noise/*', 'sizes/?', 'sizes/???',
               'sizes/409[56]', 'zeros/?', 'zeros/???', 'zeros/409[56]']
CLUSTER = 4096
FORMAT = 'wim-none'


class Unpacker:
    def __init__(self, algorithm):
        self.number, self.chunk, kind = ALGORITHMS[algorithm]
        self.wim = ctypes.CDLL('libwim.so.15')
        self.known = {}
        self.handle = ctypes.c_void_p()
        if self.wim.wimlib_create_decompressor(kind, ctypes.c_size_t(self.chunk),
                                               ctypes.byref(self.handle)) != 0:
            sys.exit('wimlib has no such decompressor')

    def unpack(self, data, size):
        """The file of that size behind a WofCompressedData stream."""
        return b''.join(self.chunks(data, size))

    def chunks(self, data, size):
        n = -(-size // self.chunk)
        width = 8 if size > 0xffffffff else 4
        ends = [int.from_bytes(data[i * width:(i + 1) * width], 'little') for i in range(n - 1)]
        body = data[(n - 1) * width:]
        ends.append(len(body))
        start = 0
        for i, end in enumerate(ends):
            want = min(self.chunk, size - i * self.chunk)
            piece = body[start:end]
            if not 0 < len(piece) <= want:
                raise ValueError(f'chunk {i} of {n} has {len(piece)} bytes for {want}')
            if len(piece) < want:
                buffer = ctypes.create_string_buffer(want)
                if self.wim.wimlib_decompress(piece, ctypes.c_size_t(len(piece)), buffer,
                                              ctypes.c_size_t(want), self.handle) != 0:
                    raise ValueError(f'chunk {i} of {n} cannot be decompressed')
                piece = buffer.raw
            yield piece
            start = end


def read_stream(volume, path):
    return subprocess.run(['ntfscat', '-f', '-n', 'WofCompressedData', volume, path], check=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def read_record(volume, path):
    """The number of a file's record in the MFT, and how many names it has there that are no DOS
    names."""
    text = subprocess.run(['ntfsinfo', '-f', '-F', path, volume], check=True, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout
    return (re.search(r'from mft record (\d+)', text).group(1),
            sum(space != 'DOS' for space in re.findall(r'Namespace:\s+(\S+)', text)))


def check_links(ours, theirs, path):
    """A WIM has no linked files that are reparse points: ntfsinfo knows who is who."""
    links = theirs[path].get('links', '')
    if links and links != read_links(path, theirs):
        raise ValueError('its names are not those of one file')
    ours[path].update({field: theirs[path][field] for field in ('Link Count', 'links')
                       if field in theirs[path]})


def read_links(path, theirs):
    names = [p for p, f in theirs.items() if f.get('links') == theirs[path]['links']]
    record, n_names = read_record('ours', path)
    same = [name for name in names if read_record('ours', name)[0] == record]
    return ' '.join(sorted(same)) if n_names == len(same) else ''


def unpack_file(unpackers, fields, path, plain):
    """Checks a compressed file, and returns its fields as they would be without compression."""
    result = dict(fields)
    reparse = {u: b''.join(v.to_bytes(4, 'little') for v in (1, 2, 1, u.number))
               for u in unpackers}
    found = [u for u, data in reparse.items()
             if hashlib.sha1(data).hexdigest() in fields['Reparse point stream: Hash']]
    if len(found) != 1:
        raise ValueError('its reparse point is not that of the algorithm')
    size = int(plain[UNNAMED + 'Uncompressed size'].split()[0])
    # One of many copies need not be unpacked again.
    known = (fields[STREAM + 'Hash'], size)
    if known not in found[0].known:
        data = read_stream('ours', path)
        if '0x' + hashlib.sha1(data).hexdigest() != known[0]:
            raise ValueError('ntfscat reads another stream than wimlib-imagex')
        if -(-len(data) // CLUSTER) >= -(-size // CLUSTER):
            raise ValueError(f'{size} bytes became {len(data)}')
        content = found[0].unpack(data, size)
        found[0].known[known] = '0x' + hashlib.sha1(content).hexdigest(), len(content)
    digest, length = found[0].known[known]
    for field in list(result):
        if field.startswith((STREAM, 'Reparse')):
            del result[field]
    bits = int(fields['Attributes'], 16)
    if bits & SPARSE_AND_REPARSE != SPARSE_AND_REPARSE:
        raise ValueError('it is not marked as sparse and as a reparse point')
    # Attributes of 0 are told as 0x80, “normal”.
    result['Attributes'] = f'0x{bits & ~SPARSE_AND_REPARSE or 0x80:08x}'
    result[UNNAMED + 'Hash'] = digest
    result[UNNAMED + 'Uncompressed size'] = f'{length} bytes'
    return result, found[0].number


def count_free(volume):
    text = subprocess.run(['ntfsinfo', '-f', '-m', volume], check=True, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout
    return int(re.search(r'Free Clusters: (\d+)', text).group(1)) * CLUSTER


def check_estimate(valise, mode):
    """What `valise inspect` says is saved is what the volume without compression takes more."""
    text = subprocess.run([valise, 'inspect', '--compact', '--json', 'sample.wim'], check=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
    sizes = json.loads(text)['editions'][0]['compact']
    expected = sizes['off'] - sizes[mode]
    saved = count_free('ours') - count_free('theirs')
    if abs(saved - expected) > max(0.04 * saved, 128 << 10):
        sys.exit(f'{saved} bytes were saved, and not {expected} as was estimated')
    print(f'ok: {saved} bytes were saved, and {expected} expected')


def check_edges(ours, compressed):
    """That what must be compressed is, and what must not is not."""
    names = [path.removeprefix(edges.FOLDER + '/') for path in ours
             if path.startswith(edges.FOLDER + '/')]
    found = {path.removeprefix(edges.FOLDER + '/') for path in compressed}
    for patterns, wanted in ((EDGES_COMPRESSED, True), (EDGES_PLAIN, False)):
        for pattern in patterns:
            hits = fnmatch.filter(names, pattern)
            if not hits:
                sys.exit(f'no file is called {pattern}')
            for name in hits:
                if (name in found) != wanted:
                    sys.exit(f'{name} is {"not " * wanted}compressed')
    savings = [name in found for name in sorted(names) if name.startswith('savings/')]
    if savings != sorted(savings, reverse=True) or len(set(savings)) != 2:
        sys.exit('files are not compressed by what they save')


def check_records(compressed, plain, unpackers):
    """By what Windows knows the compressed files."""
    try:
        found = ntfs_records.check_volume('ours')
    except ntfs_records.Wrong as error:
        sys.exit(str(error))
    for path in compressed:
        algorithm, size, _ = found[path]
        if f'{size} bytes' != plain[path][UNNAMED + 'Uncompressed size'] \
                or algorithm not in [one.number for one in unpackers]:
            sys.exit(f'{path} has {size} bytes, of algorithm {algorithm}')
    names = [path for path in found if path in plain]
    if sorted(names) != sorted(compressed):
        sys.exit('wimlib-imagex and the records name other compressed files')
    print(f'ok: records, indexes and reparse points of {len(found)} names are right')


def add_edges(wim):
    edges.add_to(wim, edges.make, edges.make_huge)


def main():
    valise, make_sample = (os.path.abspath(path) for path in sys.argv[1:3])
    mode = sys.argv[3]
    kind = sys.argv[4] if len(sys.argv) > 4 else None
    sys.stdout.reconfigure(errors='backslashreplace')
    with tempfile.TemporaryDirectory(prefix='valise-compact-') as folder:
        if kind is None:
            os.mkdir(folder + '/usual')
            os.chdir(folder + '/usual')
            # The borders are no usual Windows.
            fidelity.make_volumes(valise, make_sample, 'wim-lzx', '--compact', mode)
            check_estimate(valise, mode)
        os.chdir(folder)
        more = [] if kind is None else ['--container', kind]
        image = fidelity.make_volumes(valise, make_sample, FORMAT, '--compact', mode, *more,
                                      change=add_edges)
        if kind is None:
            fidelity.look_at_drive('drive', 'ours', 'esp', folder)
        else:
            with open('report', encoding='utf-8') as file:
                report = json.load(file)
            file = container.take_file('drive', kind, report)
            os.replace(container.take_disk(file, kind, 'gpt', report), 'ours')
        ours, theirs = fidelity.capture('ours'), fidelity.capture('theirs')
        names = list(ALGORITHMS) if mode == 'auto' else [mode]
        unpackers = [Unpacker(name) for name in names]
        compressed = [path for path, fields in ours.items()
                      if fields.get('Reparse Tag') == '0x80000017']
        if len(compressed) < 60:
            sys.exit(f'only {len(compressed)} files are compressed')
        if mode != 'auto':
            check_edges(ours, compressed)
        check_records(compressed, theirs, unpackers)
        for path in compressed:
            for pattern in PLAIN:
                if fnmatch.fnmatch(path.lower(), pattern.lower()):
                    sys.exit(f'{path} must not be compressed')
            try:
                ours[path], _ = unpack_file(unpackers, ours[path], path, theirs[path])
                check_links(ours, theirs, path)
            except (ValueError, subprocess.CalledProcessError) as error:
                sys.exit(f'{path}: {error}')
        print(f'ok: {len(compressed)} compressed files can be unpacked; boot files are plain')
        wrong, _ = fidelity.compare(ours, theirs, image)
        for line in wrong[:20]:
            print(f'NOT OK: {line}')
        if wrong:
            sys.exit(f'{len(wrong)} differences')
        fidelity.prove_comparison(ours, theirs, image)
        print(f'ok: {len(ours)} files and folders are the same')
        links = [path for path in compressed if 'links' in ours[path]]
        streams = [path for path in compressed if 'Named data stream "larger": Hash' in ours[path]]
        if not links or not streams:
            sys.exit('no compressed file has several names, or a stream of its own')
        check = subprocess.run(['ntfsresize', '-f', '-i', 'ours'], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if check.returncode != 0 or b'ERROR' in check.stdout:
            sys.exit(f'ntfsresize: {check.stdout.decode(errors="replace")[-500:]}')
        print(f'ok: ntfsresize finds nothing wrong; {len(links)} names of linked files')


if __name__ == '__main__':
    main()
