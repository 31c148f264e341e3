# ntfs_records.py: reads the records and indexes of an NTFS volume, and judges compressed files.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# It shares no code with libntfs-3g, which has written the volume. What is asked of a file that is
# compressed by Windows' overlay filter stands in check_compressed().
import collections
import copy
import os
import struct

WOF_TAG = 0x80000017
WOF_STREAM = 'WofCompressedData'
SPARSE, REPARSE = 0x200, 0x400
MFT, ROOT, EXTEND = 0, 5, 11
STANDARD, ATTRIBUTE_LIST, FILE_NAME, DATA, INDEX_ROOT, INDEX_ALLOCATION, BITMAP, REPARSE_POINT = (
    0x10, 0x20, 0x30, 0x80, 0x90, 0xa0, 0xb0, 0xc0)

Entry = collections.namedtuple('Entry', 'record parent attributes tag size name')


class Wrong(Exception):
    """What is not as Windows would have it."""


class Attribute:
    """One attribute; value where it is resident, else runs of (first cluster or None, length)."""

    def __init__(self, record, at):
        self.type, length = struct.unpack_from('<II', record, at)
        self.resident = not record[at + 8]
        name_length, name_at, self.flags = struct.unpack_from('<BHH', record, at + 9)
        self.name = record[at + name_at:at + name_at + 2 * name_length].decode('utf-16-le')
        if self.resident:
            size, value_at = struct.unpack_from('<IH', record, at + 16)
            self.value = record[at + value_at:at + value_at + size]
            self.size = size
            return
        (self.first, self.last, runs_at, self.unit, self.allocated, self.size,
         self.initialized) = struct.unpack_from('<QQHB5xQQQ', record, at + 16)
        self.compressed_size = (struct.unpack_from('<Q', record, at + 64)[0] if self.flags
                                else None)
        self.runs = list(self.parse_runs(record, at + runs_at, at + length))

    @staticmethod
    def parse_runs(record, at, end):
        cluster = 0
        while at < end and record[at]:
            n_length, n_offset = record[at] & 15, record[at] >> 4
            length = int.from_bytes(record[at + 1:at + 1 + n_length], 'little')
            at += 1 + n_length
            cluster += int.from_bytes(record[at:at + n_offset], 'little', signed=True)
            at += n_offset
            yield (cluster if n_offset else None), length


class Volume:
    """The files of a volume: attributes by the record's number, and all entries of folders."""

    def __init__(self, path):
        self.file = os.open(path, os.O_RDONLY)
        boot = os.pread(self.file, 512, 0)
        sector, = struct.unpack_from('<H', boot, 11)
        self.cluster = sector * boot[13]
        mft, = struct.unpack_from('<Q', boot, 48)
        size, = struct.unpack_from('<b', boot, 64)
        self.record_size = size * self.cluster if size > 0 else 1 << -size
        first = self.parse(os.pread(self.file, self.record_size, mft * self.cluster))[1]
        if any(a.type == ATTRIBUTE_LIST for a in first):
            raise Wrong('the MFT has an attribute list, which is not known here')
        table = self.read(next(a for a in first if a.type == DATA))
        self.attributes, self.sequences, self.folders = {}, {}, set()
        extents = []
        for at in range(0, len(table), self.record_size):
            header, attributes = self.parse(table[at:at + self.record_size])
            number = at // self.record_size
            if header is None:
                continue
            sequence, flags, base = header
            if base:
                extents.append((base & (1 << 48) - 1, attributes))
                continue
            self.attributes[number], self.sequences[number] = attributes, sequence
            if flags & 2:
                self.folders.add(number)
        for base, attributes in extents:
            self.attributes[base] += attributes
        self.entries = [entry for number in sorted(self.folders)
                        for entry in self.read_folder(number)]
        self.names = collections.defaultdict(list)
        for entry in self.entries:
            self.names[entry.record].append(entry)

    def close(self):
        os.close(self.file)

    def parse(self, record):
        """(sequence number, flags, base), and the attributes of a record that is in use."""
        if record[:4] != b'FILE' or not record[22] & 1:
            return None, []
        record = fix(record)
        sequence, at, flags = struct.unpack_from('<H2xHH', record, 16)
        base, = struct.unpack_from('<Q', record, 32)
        attributes = []
        while struct.unpack_from('<I', record, at)[0] != 0xffffffff:
            attributes.append(Attribute(record, at))
            at += struct.unpack_from('<I', record, at + 4)[0]
        return (sequence, flags, base), attributes

    def find(self, number, kind, name=''):
        """An attribute of a file; its parts are put together. None if there is none."""
        parts = sorted((a for a in self.attributes[number] if a.type == kind and a.name == name),
                       key=lambda a: 0 if a.resident else a.first)
        if len(parts) < 2:
            return parts[0] if parts else None
        if any(b.first != a.last + 1 for a, b in zip(parts, parts[1:])):
            raise Wrong(f'record {number}: parts of an attribute are missing')
        whole = copy.copy(parts[0])
        whole.runs = [run for part in parts for run in part.runs]
        return whole

    def read(self, attribute):
        return b''.join(self.pieces(attribute))

    def pieces(self, attribute):
        """What an attribute holds, in pieces of up to 16 MiB."""
        if attribute.resident:
            yield attribute.value
            return
        left = attribute.size
        for start, length in attribute.runs:
            at, end = 0, length * self.cluster
            while at < end and left > 0:
                size = min(end - at, left, 1 << 24)
                yield (bytes(size) if start is None else
                       os.pread(self.file, size, start * self.cluster + at))
                at += size
                left -= size

    def read_index(self, number, name):
        """(reference, key) of all entries of an index."""
        root = self.find(number, INDEX_ROOT, name)
        if root is None:
            return
        yield from index_entries(root.value, 16)
        blocks = self.find(number, INDEX_ALLOCATION, name)
        if blocks is None:
            return
        used, data = self.read(self.find(number, BITMAP, name)), self.read(blocks)
        size, = struct.unpack_from('<I', root.value, 8)
        for i in range(len(data) // size):
            if used[i // 8] >> i % 8 & 1:
                block = data[i * size:(i + 1) * size]
                if block[:4] != b'INDX':
                    raise Wrong(f'record {number}: a block of the index is damaged')
                yield from index_entries(fix(block), 24)

    def read_folder(self, number):
        for reference, key in self.read_index(number, '$I30'):
            parent, = struct.unpack_from('<Q', key)
            size, attributes, tag = struct.unpack_from('<QII', key, 48)
            yield Entry(reference & (1 << 48) - 1, parent & (1 << 48) - 1, attributes,
                        tag, size, key[66:66 + 2 * key[64]].decode('utf-16-le', 'surrogatepass'))

    def path(self, entry):
        """With / between names."""
        path = '/' + entry.name
        while entry.parent != ROOT:
            entry = self.names[entry.parent][0]
            path = f'/{entry.name}{path}'
        return path


def fix(block):
    """Undoes the update sequence, which guards each 512 bytes."""
    block = bytearray(block)
    at, count = struct.unpack_from('<HH', block, 4)
    for i in range(1, count):
        end = i * 512
        if block[end - 2:end] != block[at:at + 2]:
            raise Wrong('a record was written in part only')
        block[end - 2:end] = block[at + 2 * i:at + 2 * i + 2]
    return bytes(block)


def index_entries(block, header):
    first, = struct.unpack_from('<I', block, header)
    at = header + first
    while True:
        reference, length, key_length, flags = struct.unpack_from('<QHHH', block, at)
        if flags & 2:
            return
        yield reference, block[at + 16:at + 16 + key_length]
        at += length


# ---- what is asked of a volume with compressed files --------------------------------------------

def require(condition, words):
    if not condition:
        raise Wrong(words)


def is_compressed(volume, number):
    point = volume.find(number, REPARSE_POINT)
    return point is not None and volume.read(point)[:4] == WOF_TAG.to_bytes(4, 'little')


def check_compressed(volume, number):
    """Checks one file; returns its algorithm, its size, and that of its compressed stream."""
    point = volume.read(volume.find(number, REPARSE_POINT))
    require(len(point) == 24 and point[4:20] == struct.pack('<HHIII', 16, 0, 1, 2, 1)
            and point[20] < 4 and point[21:] == bytes(3), f'the reparse point is {point.hex()}')
    bits, = struct.unpack_from('<I', volume.read(volume.find(number, STANDARD)), 32)
    require(bits & (SPARSE | REPARSE) == SPARSE | REPARSE, f'the attributes are {bits:#x}')
    data = volume.find(number, DATA)
    n_clusters = -(-data.size // volume.cluster)
    require(not data.resident and data.flags == 0x8000 and data.unit == 4
            and data.compressed_size == 0 and data.initialized == data.size
            and data.allocated == n_clusters * volume.cluster
            and data.runs == [(None, n_clusters)], f'the unnamed data is {vars(data)}')
    stream = volume.find(number, DATA, WOF_STREAM)
    require(stream is not None and stream.flags == 0, 'the compressed stream is not there')
    require(stream.resident or (stream.initialized == stream.size
                                and all(start is not None for start, _ in stream.runs)),
            'the compressed stream has holes')
    require(-(-stream.size // volume.cluster) < n_clusters, 'no cluster is saved')
    require(volume.names[number], 'no folder has it')
    for entry in volume.names[number]:
        require(entry.attributes & (SPARSE | REPARSE) == SPARSE | REPARSE
                and entry.tag == WOF_TAG and entry.size == data.size,
                f'a folder has it as {entry}')
    return point[20], data.size, stream.size


def check_volume(path):
    """Checks all files of a volume; returns {path: (algorithm, size, size of the stream)} of the
    compressed ones, with all their names."""
    volume = Volume(path)
    try:
        found = check_all(volume)
        prove(volume)
        return found
    finally:
        volume.close()


def check_all(volume):
    found, points = {}, set()
    for number, attributes in volume.attributes.items():
        point = volume.find(number, REPARSE_POINT)
        if point is not None:
            points.add((volume.read(point)[:4], volume.sequences[number] << 48 | number))
        if is_compressed(volume, number):
            try:
                facts = check_compressed(volume, number)
            except Wrong as error:
                raise Wrong(f'{volume.path(volume.names[number][0])}: {error}') from error
            for entry in volume.names[number]:
                found[volume.path(entry)] = facts
            continue
        require(not any(a.type == DATA and a.name == WOF_STREAM for a in attributes),
                f'record {number} has a compressed stream, and no reparse point')
        require(not any(e.tag == WOF_TAG and e.attributes & REPARSE
                        for e in volume.names[number]),
                f'a folder has record {number} as compressed')
    index = next(e.record for e in volume.entries if e.parent == EXTEND and e.name == '$Reparse')
    listed = [(key[:4], int.from_bytes(key[4:12], 'little'))
              for _, key in volume.read_index(index, '$R')]
    require(len(listed) == len(set(listed)) and set(listed) == points,
            f'$Reparse has {len(listed)} entries for {len(points)} reparse points')
    blocks = volume.find(index, INDEX_ALLOCATION, '$R')
    # The first block comes as libntfs-3g makes it; the others lie together, and none is left over.
    require(blocks is None or (len(blocks.runs) <= 2 and blocks.size == blocks.allocated),
            f'$Reparse lies in {blocks and blocks.runs}, {blocks and blocks.size} bytes of it used')
    return found


def prove(volume):
    """A check that finds nothing must be able to find something."""
    number = next((n for n in volume.attributes if is_compressed(volume, n)), None)
    if number is None:
        return
    data, entries = volume.find(number, DATA), volume.names[number]
    changes = [(data, field, value) for field, value in [
        ('flags', 1), ('unit', 0), ('compressed_size', 4096), ('initialized', 0), ('allocated', 0),
        ('runs', [(5, data.runs[0][1])])]]
    changes += [(volume.find(number, DATA, WOF_STREAM), 'size', data.size),
                (volume.find(number, REPARSE_POINT), 'value', bytes(24)),
                (volume.find(number, STANDARD), 'value', bytes(72))]
    for thing, field, value in changes:
        before = getattr(thing, field)
        setattr(thing, field, value)
        expect_wrong(volume, number, field)
        setattr(thing, field, before)
    for field in ('attributes', 'tag', 'size'):
        volume.names[number] = [entries[0]._replace(**{field: 0}), *entries[1:]]
        expect_wrong(volume, number, 'entry: ' + field)
    volume.names[number] = entries


def expect_wrong(volume, number, what):
    try:
        check_compressed(volume, number)
    except Wrong:
        return
    raise Wrong(f'the check does not see a wrong {what}')
