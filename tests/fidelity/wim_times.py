# wim_times.py: the times of the files in a WIM, as exactly as they are kept.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""`wimlib-imagex dir --detailed` says times in seconds; NTFS and WIM count units of 100 ns.

Reads the metadata of the first image of a WIM that was captured without compression, as the
specification of the format describes it (wimlib's header.h, metadata_resource.h and dentry.h).
"""

import struct

BLOB_TABLE = 0x30
ENTRY = 50
IS_METADATA, IS_COMPRESSED = 0x02, 0x04


def get_resource(data, at):
    """Offset, size and flags of the resource that the header at AT describes."""
    size = int.from_bytes(data[at:at + 7], 'little')
    offset, = struct.unpack_from('<Q', data, at + 8)
    return offset, size, data[at + 7]


def find_metadata(data):
    offset, size, _ = get_resource(data, BLOB_TABLE)
    for at in range(offset, offset + size, ENTRY):
        offset, size, flags = get_resource(data, at)
        if flags & IS_METADATA:
            assert not flags & IS_COMPRESSED
            return data[offset:offset + size]
    raise ValueError('no metadata')


def align(number):
    return (number + 7) // 8 * 8


def read_folder(data, at, folder, found):
    """The entries from AT on; a length of zero ends them."""
    while True:
        length, = struct.unpack_from('<Q', data, at)
        if length == 0:
            return
        below, = struct.unpack_from('<Q', data, at + 16)
        times = struct.unpack_from('<3Q', data, at + 40)
        streams, _, size = struct.unpack_from('<3H', data, at + 96)
        name = data[at + 102:at + 102 + size].decode('utf-16-le', 'surrogatepass')
        path = f'{folder}/{name}' if name else folder
        found[path or '/'] = times
        if below:
            read_folder(data, below, path, found)
        if not name:
            return
        at += align(length)
        for _ in range(streams):
            at += align(struct.unpack_from('<Q', data, at)[0])


def read_times(path):
    """{path in the image: (creation, access, write)} of the first image in the WIM at PATH."""
    with open(path, 'rb') as file:
        data = find_metadata(file.read())
    found = {}
    read_folder(data, align(struct.unpack_from('<I', data)[0]), '', found)
    return found
