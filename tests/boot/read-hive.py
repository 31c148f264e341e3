#!/usr/bin/python3
# read-hive.py: a reader of registry hives of its own, without hivex, that is strict.
#
# By the "Windows registry file format specification" (github.com/msuhanov/regf). Prints each key as
# "path|time|security", each value as "path|name|type|hex", sorted; and says what Windows would find
# wrong: cells that do not fill their bins, lists of subkeys that are not sorted by capital letters,
# wrong hashes and counts, security descriptors with the wrong number of owners, cells that belong
# to nobody or to two. What is lost space only is allowed with --lost.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import struct
import sys

NONE = 0xFFFFFFFF


class Hive:
    def __init__(self, data):
        self.data = data
        self.problems = []
        self.used = {}
        self.owner = {}
        self.security = {}
        base = struct.unpack_from('<128I', data)
        checksum = 0
        for word in base[:127]:
            checksum ^= word
        self.expect(data[:4] == b'regf', 'no hive')
        self.expect(base[1] == base[2], 'not closed')
        self.expect(base[127] == checksum, 'checksum')
        self.root = base[9]
        self.bins_size = base[10]
        self.read_bins()

    def expect(self, good, words):
        if not good:
            self.problems.append(words)

    def read_bins(self):
        at = 0
        while at < self.bins_size:
            magic, offset, size = struct.unpack_from('<4sII', self.data, 4096 + at)
            self.expect(magic == b'hbin' and offset == at and size % 4096 == 0 and size,
                        f'bin at {at}')
            cell = at + 32
            while cell < at + size:
                length, = struct.unpack_from('<i', self.data, 4096 + cell)
                if length == 0 or abs(length) % 8 or cell + abs(length) > at + size:
                    raise SystemExit(f'the cell at {cell} does not fit: {length}')
                if length < 0:
                    self.used[cell] = -length - 4
                cell += abs(length)
            at += size

    def cell(self, offset, owner):
        if offset not in self.used:
            raise SystemExit(f'{owner}: {offset:#x} is no cell in use')
        if offset in self.owner:
            self.expect(False, f'{owner} and {self.owner[offset]} share {offset:#x}')
        self.owner[offset] = owner
        return self.data[4096 + offset + 4:4096 + offset + 4 + self.used[offset]]

    def subkeys(self, offset, owner, nested=False):
        cell = self.cell(offset, owner)
        kind, count = struct.unpack_from('<2sH', cell)
        if kind == b'ri' and not nested:
            for i in range(count):
                yield from self.subkeys(struct.unpack_from('<I', cell, 4 + 4 * i)[0], owner, True)
            return
        self.expect(count > 0, f'{owner}: an empty list')
        for i in range(count):
            if kind == b'li':
                yield struct.unpack_from('<I', cell, 4 + 4 * i)[0], None
            elif kind in (b'lh', b'lf'):
                key, hint = struct.unpack_from('<II', cell, 4 + 8 * i)
                yield key, hint if kind == b'lh' else None
            else:
                raise SystemExit(f'{owner}: a list of kind {kind}')

    def sort_key(self, name):
        return [ord(c.upper()) if len(c.upper()) == 1 else ord(c) for c in name]

    def name(self, data, compressed):
        return data.decode('latin-1' if compressed else 'utf-16-le')

    def walk(self, offset, path, parent):
        cell = self.cell(offset, path)
        kind, flags, time, _, up, n_keys, _, keys, _, n_values, values, security, name_class = \
            struct.unpack_from('<2sHQIIIIIIIIII', cell)
        max_name, = struct.unpack_from('<H', cell, 52)
        max_value_name, max_data = struct.unpack_from('<II', cell, 60)
        length, class_length = struct.unpack_from('<HH', cell, 72)
        name = self.name(cell[76:76 + length], flags & 0x20)
        self.expect(kind == b'nk', f'{path}: no key')
        self.expect(parent is None or up == parent, f'{path}: wrong parent')
        if parent is not None:
            path = path + '\\' + name if path else name
        if name_class != NONE and class_length:
            self.cell(name_class, path)
        yield f'{path}|{time}|{self.descriptor(security, path)}'
        yield from self.read_values(path, n_values, values, max_value_name, max_data)
        children = list(self.subkeys(keys, path)) if n_keys else []
        self.expect(n_keys == len(children), f'{path}: {n_keys} subkeys, {len(children)} listed')
        self.expect(n_keys or keys == NONE, f'{path}: a list without subkeys')
        names = []
        for key, hint in children:
            child_flags, = struct.unpack_from('<H', self.data, 4096 + key + 6)
            child_length, = struct.unpack_from('<H', self.data, 4096 + key + 76)
            child = self.name(self.data[4096 + key + 80:4096 + key + 80 + child_length],
                              child_flags & 0x20)
            wanted = 0
            for unit in self.sort_key(child):
                wanted = (wanted * 37 + unit) & 0xFFFFFFFF
            self.expect(hint in (None, wanted), f'{path}: wrong hash of {child}')
            self.expect(len(child) * 2 <= max_name, f'{path}: {child} is longer than the longest')
            names.append(self.sort_key(child))
            yield from self.walk(key, path, offset)
        self.expect(all(a < b for a, b in zip(names, names[1:])), f'{path}: subkeys not sorted')

    def descriptor(self, offset, path):
        if offset not in self.security:
            cell = self.cell(offset, f'security of {path}')
            _, _, _, _, count, size = struct.unpack_from('<2sHIIII', cell)
            self.security[offset] = [count, cell[20:20 + size].hex()]
        self.security[offset][0] -= 1
        return self.security[offset][1]

    def read_values(self, path, count, offset, max_name, max_data):
        if not count:
            return
        for key in struct.unpack_from(f'<{count}I', self.cell(offset, path)):
            cell = self.cell(key, path)
            kind, length, size, data, type, flags = struct.unpack_from('<2sHIIIH', cell)
            name = self.name(cell[20:20 + length], flags & 1)
            self.expect(kind == b'vk', f'{path}: no value')
            if size & 0x80000000:
                size &= 0x7FFFFFFF
                data = struct.pack('<I', data)[:size]
            elif size > 16344:
                data = self.big(data, size, path)
            else:
                data = self.cell(data, path)[:size]
            self.expect(len(data) == size, f'{path}: {name} has {len(data)} of {size} bytes')
            self.expect(size <= max_data and len(name) * 2 <= max_name,
                        f'{path}: {name} is larger than the largest')
            yield f'{path}|{name}|{type}|{data.hex()}'

    def big(self, offset, size, path):
        kind, count, pieces = struct.unpack_from('<2sHI', self.cell(offset, path))
        self.expect(kind == b'db', f'{path}: a large value in one piece')
        out = b''
        for piece in struct.unpack_from(f'<{count}I', self.cell(pieces, path)):
            out += self.cell(piece, path)[:16344]
        return out[:size]

    def report(self, lost):
        lines = sorted(self.walk(self.root, '', None))
        for offset, (count, _) in self.security.items():
            self.expect(count == 0, f'the descriptor at {offset:#x} has {count} owners too many')
        if not lost:
            for offset in self.used.keys() - self.owner.keys():
                self.expect(False, f'the cell at {offset:#x} belongs to nobody')
        return lines


def main():
    lost = '--lost' in sys.argv
    path = [a for a in sys.argv[1:] if a != '--lost'][0]
    with open(path, 'rb') as file:
        hive = Hive(file.read())
    sys.setrecursionlimit(5000)
    lines = hive.report(lost)
    print('\n'.join(lines))
    for problem in hive.problems:
        print('WRONG ' + problem)


if __name__ == '__main__':
    main()
