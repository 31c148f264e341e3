#!/usr/bin/env python3
# test-builds.py: what is compressed goes by the Windows' build, and by its own list.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: test-builds.py VALISE VALISE-MAKE-SAMPLE

The same image is written with --compact lzx as the first Windows that could not read compressed
files, as builds whose loader knows XPRESS4K only, and as one that reads all. ntfs_records.py says
how each name of each file is compressed.
"""
import fnmatch
import json
import os
import subprocess
import sys
import tempfile

import ntfs_records

XPRESS4K, LZX = 0, 1
INI = ('[PrepopulateList]\r\n\\Program Files\\Early\\*\r\n*guarded.dll\r\n'
       '[CompressionExclusionList]\r\nexcluded.exe\r\n[ExclusionList]\r\n*listed.exe\r\n')
# Plain in every build: what starts; what the list has; all names of what has one such name.
PLAIN = ['/Windows/System32/winload.*', '/Windows/System32/winresume.*', '/Windows/Boot/*',
         '/Windows/System32/Boot/*', '/Windows/System32/ntoskrnl.exe', '/Windows/bootstat.dat',
         '/Windows/WinSxS/ntoskrnl.exe', '/Windows/WinSxS/winload.efi',
         '/Windows/WinSxS/bootmgfw.efi', '/Windows/System32/config/*',
         '/Windows/System32/drivers/wof.sys', '/Users/Default/NTUSER.DAT',
         '/Program Files/Early/program.exe', '/Program Files/Early/deep/file.dat',
         '/Windows/excluded.exe', '/Windows/WinSxS/guarded link', '/Windows/guarded.dll']
# What an older loader reads: each name of each file.
LOADED = ['/Windows/System32/drivers/ntfs.sys', '/Windows/System32/drivers/linked.sys',
          '/Windows/WinSxS/linked.sys', '/Windows/System32/hal.dll']
OTHERS = ['/Windows/explorer.exe', '/Windows/listed.exe', '/Windows/Fonts/arial.ttf',
          '/Program Files/Earlier/program.exe']
FILES = ['/Windows/System32/drivers/wof.sys', '/Windows/bootstat.dat',
         '/Program Files/Early/program.exe', '/Program Files/Early/deep/file.dat',
         '/Program Files/Earlier/program.exe', '/Windows/excluded.exe', '/Windows/listed.exe',
         '/Windows/guarded.dll', '/Windows/WinSxS/linked.sys']
LINKS = [('/Windows/guarded.dll', '/Windows/WinSxS/guarded link'),
         ('/Windows/WinSxS/linked.sys', '/Windows/System32/drivers/linked.sys')]


def run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True,
                          **options).stdout


def add_files(wim):
    for path in FILES:
        os.makedirs('more' + os.path.dirname(path), exist_ok=True)
        with open('more' + path, 'w', encoding='ascii') as file:
            file.write(f'{path}\n' * 3000)
    for path, link in LINKS:
        os.makedirs('more' + os.path.dirname(link), exist_ok=True)
        os.link('more' + path, 'more' + link)
    with open('more/Windows/System32/WimBootCompress.ini', 'w', encoding='ascii') as file:
        file.write(INI)
    run('wimlib-imagex', 'update', wim, '1', '--command', "add more /")


def write(valise, wim, build):
    """How each file is compressed, by all its names; and all files."""
    run('wimlib-imagex', 'info', wim, '1', '--image-property', f'WINDOWS/VERSION/BUILD={build}')
    run(valise, 'write', wim, '--image', '1', '--to', 'drive', '--size', '1G', '--yes',
        '--compact', 'lzx', '--report', 'report', stderr=subprocess.DEVNULL)
    with open('report', encoding='utf-8') as file:
        report = json.load(file)
    part = report['drive']['partitions'][2]
    run('dd', 'if=drive', 'of=volume', 'bs=1M', 'conv=sparse', 'status=none',
        f'skip={part["offset"] >> 20}', f'count={part["size"] >> 20}')
    compressed = ntfs_records.check_volume('volume')
    volume = ntfs_records.Volume('volume')
    names = [volume.path(entry) for entry in volume.entries if entry.record not in volume.folders]
    volume.close()
    os.unlink('drive')
    os.unlink('volume')
    return {path: compressed.get(path, (None,))[0] for path in names}


def check(found, patterns, algorithm):
    for pattern in patterns:
        names = fnmatch.filter(found, pattern)
        if not names:
            sys.exit(f'there is no {pattern}')
        for name in names:
            if found[name] != algorithm:
                sys.exit(f'{name} has {found[name]}, not {algorithm}')


def main():
    valise, make_sample = (os.path.abspath(path) for path in sys.argv[1:3])
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    with tempfile.TemporaryDirectory(prefix='valise-builds-') as folder:
        os.chdir(folder)
        os.environ['VALISE_SCRATCH'] = folder
        run(make_sample, '--small', '--editions', '1', '--format', 'wim-none', '--output', '.')
        wim = 'sample-none.wim'
        add_files(wim)
        for build in (9600, 10239):
            found = write(valise, wim, build)
            check(found, PLAIN + LOADED + OTHERS, None)
            if set(found.values()) != {None}:
                sys.exit(f'build {build} has compressed files')
            print(f'ok: nothing is compressed for build {build}')
        for build, loaded in ((10240, XPRESS4K), (18361, XPRESS4K), (18362, LZX), (26100, LZX)):
            found = write(valise, wim, build)
            check(found, PLAIN, None)
            check(found, LOADED, loaded)
            check(found, OTHERS, LZX)
            n = sum(algorithm is not None for algorithm in found.values())
            print(f'ok: build {build}: {n} names of compressed files, {len(found) - n} plain ones')


if __name__ == '__main__':
    main()
