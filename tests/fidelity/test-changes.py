#!/usr/bin/env python3
# test-changes.py: the comparison of volumes sees every kind of change, each by its name.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: test-changes.py VALISE VALISE-MAKE-SAMPLE

A volume that valise wrote and that compares equal is mounted with ntfs-3g and changed, one thing on
each of many files. The comparison must name each of these files with what was changed, and no file
besides them and the folders that they are in. Needs /dev/fuse.
"""

import os
import shutil
import subprocess
import sys
import tempfile

import fidelity

SKIPPED = 77
FOLDER = 'Users/Public/Documents/'
TIMES = {'Creation Time': 0, 'Last Write Time': 1, 'Last Access Time': 2}
# What ntfs-3g calls by these names: its manual, “extended attributes”.
ATTRIBUTES, ACL, DOS_NAME = 'system.ntfs_attrib_be', 'system.ntfs_acl', 'system.ntfs_dos_name'
REPARSE, OBJECT_ID, NTFS_TIMES = ('system.ntfs_reparse_data', 'system.ntfs_object_id',
                                  'system.ntfs_times_be')


def get(path, name):
    # Not os.getxattr: it tries 128 bytes first, and gets no ERANGE from ntfs-3g for more.
    return subprocess.run(['getfattr', '-h', '--only-values', '--absolute-names', '-n', name, path],
                          check=True, stdout=subprocess.PIPE).stdout


def put(path, name, value):
    os.setxattr(path, name, value, follow_symlinks=False)


def flip(name, at, bit=1):
    """A change of one bit in one of the attributes that ntfs-3g shows."""
    def change(path):
        value = bytearray(get(path, name))
        value[at] ^= bit
        put(path, name, bytes(value))
    return change


def add_to_time(which):
    """100 ns more."""
    def change(path):
        value = bytearray(get(path, NTFS_TIMES))
        at = slice(8 * which, 8 * which + 8)
        value[at] = (int.from_bytes(value[at], 'big') + 1).to_bytes(8, 'big')
        put(path, NTFS_TIMES, bytes(value))
    return change


def keeping_times(change):
    def both(path):
        times = get(path, NTFS_TIMES)
        change(path)
        put(path, NTFS_TIMES, times)
    return both


def write_byte(path):
    with open(path, 'r+b') as file:
        byte = file.read(1)
        file.seek(0)
        file.write(bytes([byte[0] ^ 1]))


def add_byte(path):
    with open(path, 'ab') as file:
        file.write(b'x')


def rename(to):
    def change(path):
        os.rename(path, os.path.join(os.path.dirname(path), to))
    return change


def change_stream(name, value):
    def change(path):
        if value is None:
            os.removexattr(path, 'user.' + name)
        else:
            put(path, 'user.' + name, value)
    return change


def replace_reparse(path):
    """The tag of another kind of reparse point, with the same data."""
    value = get(path, REPARSE)
    os.removexattr(path, REPARSE, follow_symlinks=False)
    put(path, REPARSE, bytes([value[0] ^ 1]) + value[1:])


def write_file(path):
    with open(path, 'wb'):
        pass


STREAM = 'Named data stream "{}":'
# The file, what is done to it, and what must be said of which file (of the same one, if None).
CHANGES = [
    (FOLDER + 'sizes/4096 bytes.bin', keeping_times(write_byte), 'Unnamed data stream: Hash'),
    (FOLDER + 'sizes/700 bytes.bin', keeping_times(write_byte), 'Unnamed data stream: Hash'),
    (FOLDER + 'sizes/65536 bytes.bin', keeping_times(add_byte),
     'Unnamed data stream: Uncompressed size'),
    (FOLDER + 'attributes/hidden.txt', flip(ATTRIBUTES, 3, 2), 'Attributes'),
    (FOLDER + 'attributes/read-only.txt', flip(ATTRIBUTES, 2, 0x20), 'Attributes'),
    (FOLDER + 'security/descriptor-02.txt', flip(ACL, 3, 0x04), 'Security Descriptor'),
    (FOLDER + 'security/descriptor-04', flip(ACL, 3, 0x04), 'Security Descriptor'),
    ('Program Files', lambda path: put(path, DOS_NAME, b'PROGRA~9'), 'Short Name'),
    ('Program Files (x86)', lambda path: os.removexattr(path, DOS_NAME), 'Short Name'),
    ('Windows/Logs', add_to_time(0), 'Creation Time'),
    ('Windows/Boot/EFI/boot.stl', add_to_time(1), 'Last Write Time'),
    ('Windows/System32/hal.dll', add_to_time(2), 'Last Access Time'),
    (FOLDER + 'links/many-07.txt', os.unlink, 'only in theirs'),
    (FOLDER + 'links/many-08.txt', lambda path: None, 'Link Count'),
    (FOLDER + 'links/many-09.txt', lambda path: None, 'links'),
    (FOLDER + 'streams/downloaded.exe',
     change_stream('Zone.Identifier', b'[ZoneTransfer]\r\nZoneId=4\r\n'),
     STREAM.format('Zone.Identifier') + ' Hash'),
    (FOLDER + 'streams/several.bin', change_stream('resident', None),
     STREAM.format('resident') + ' Hash'),
    (FOLDER + 'sizes/resident-600.bin', change_stream('new', b'new'),
     STREAM.format('new') + ' Hash'),
    ('Documents and Settings', replace_reparse, 'Reparse Tag'),
    ('Users/All Users', flip(REPARSE, 30), 'Reparse point stream: Hash'),
    (FOLDER + 'with an id.lnk', flip(OBJECT_ID, 0), 'Object ID'),
    (FOLDER + 'with all ids.lnk', flip(OBJECT_ID, 20), 'Birth Volume ID'),
    ('Windows/win.ini', os.unlink, 'only in theirs'),
    ('Windows/new.ini', write_file, 'only in ours'),
    (FOLDER + 'new folder', os.mkdir, 'only in ours'),
    ('Windows/explorer.exe', rename('Explorer.exe'), 'only in theirs'),
    ('Windows/Explorer.exe', lambda path: None, 'only in ours'),
]


def mounted(volume, mount):
    os.mkdir(mount)
    return subprocess.run(['ntfs-3g', '-o', 'streams_interface=xattr,efs_raw', volume, mount],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def may_change(path):
    """The changed files, their folders, and all names of the file with one name less."""
    changed = {'/' + changed for changed, _, _ in CHANGES}
    return (path in changed or path in {os.path.dirname(name) for name in changed}
            or path.startswith('/' + FOLDER + 'links/many'))


def main():
    valise, make_sample = (os.path.abspath(path) for path in sys.argv[1:3])
    sys.stdout.reconfigure(errors='backslashreplace')
    with tempfile.TemporaryDirectory(prefix='valise-changes-') as folder:
        os.chdir(folder)
        image = fidelity.make_volumes(valise, make_sample, 'wim-xpress')
        theirs = fidelity.capture('theirs')
        wrong, _ = fidelity.compare(fidelity.capture('ours'), theirs, image)
        if wrong:
            sys.exit(f'NOT OK: the volumes differ before they are changed: {wrong[0]}')
        done = mounted('ours', 'mount')
        if done.returncode != 0:
            text = done.stdout.decode(errors='replace').strip()
            print(f'skipped: mounting with ntfs-3g: {text.splitlines()[-1:]}')
            sys.exit(SKIPPED)
        try:
            for path, change, _ in CHANGES:
                change(os.path.join('mount', path))
        finally:
            fidelity.run('umount', 'mount')
        wrong, _ = fidelity.compare(fidelity.capture('ours'), theirs, image)

    bad = 0
    for path, _, said in CHANGES:
        seen = any(line.startswith(f'/{path}: {said}') for line in wrong)
        print(f'{"ok" if seen else "NOT OK"}: /{path}: {said}')
        bad += not seen
    for line in wrong:
        if not may_change(line.split(': ')[0]):
            print(f'NOT OK: not changed, but said to be: {line}')
            bad += 1
    sys.exit(1 if bad else 0)


if __name__ == '__main__':
    for program in 'ntfs-3g', 'getfattr':
        if shutil.which(program) is None:
            print(f'skipped: no {program}')
            sys.exit(SKIPPED)
    main()
