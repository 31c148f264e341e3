#!/usr/bin/env python3
# test-container.py: Windows in a virtual disk is the same Windows, and the disk is sound.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: test-container.py VALISE VALISE-MAKE-SAMPLE FORMAT LAYOUT

Writes the sample into a virtual disk of FORMAT (vhd or vhdx) on two virtual drives of one batch, of
different sizes. The file is taken off each drive with ntfscat, and the disk out of the file with
qemu-img; sfdisk, sgdisk, ntfsfix and ntfsresize look at all of that, and every file of Windows is
compared with what wimlib-imagex makes of the image, as fidelity.py does.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

import fidelity
from fidelity import run

SIZES = {'one': 800 * (1 << 20), 'two': 1000 * (1 << 20)}
QEMU = {'vhd': 'vpc', 'vhdx': 'vhdx'}
MIB = 1 << 20
ANSWERS = '/Windows/Panther/unattend.xml'


def check(what, holds, seen=''):
    print(f'{"ok" if holds else "NOT OK"}: {what}{": " if seen != "" else ""}{seen}')
    if not holds:
        sys.exit(1)


def look_at_volume(volume):
    check(f'ntfsfix on {volume}', 'processed successfully' in run('ntfsfix', '-n', volume))
    text = run('ntfsresize', '--info', '--force', '--no-progress-bar', volume)
    check(f'ntfsresize on {volume}', 'ERROR' not in text)


def take_file(drive, kind, report):
    """The virtual disk's file, off the drive."""
    partition = report['drive']['partitions'][-1]
    outer, name = drive + '-outer', drive + '.' + kind
    fidelity.cut_out(drive, partition, outer)
    look_at_volume(outer)
    info = run('ntfsinfo', '-F', '/windows.' + kind, outer)
    found = re.search(r'Data size:\s*(\d+) .*\s*Allocated size:\s*(\d+) .*\s*'
                      r'Initialized size:\s*(\d+) ', info)
    check('all of the file counts as written', found.group(1) == found.group(3), found.groups())
    with open(name, 'wb') as file:
        with subprocess.Popen(['ntfscat', outer, '/windows.' + kind],
                              stdout=subprocess.PIPE) as cat:
            for chunk in iter(lambda: cat.stdout.read(MIB), b''):
                if any(chunk):
                    file.write(chunk)
                else:
                    file.seek(len(chunk), os.SEEK_CUR)
        file.truncate(int(found.group(1)))
    os.unlink(outer)
    return name


def take_disk(name, kind, layout, report):
    """The disk out of the file, and the volume of Windows out of that."""
    container = report['drive']['container']
    info = json.loads(run('qemu-img', 'info', '--output=json', '-f', QEMU[kind], name))
    check('qemu-img sees the size', info['virtual-size'] == container['size'],
          info['virtual-size'])
    if kind == 'vhdx':
        check('qemu-img check', 'No errors were found' in
              run('qemu-img', 'check', '-f', 'vhdx', name))
    disk = name + '.disk'
    run('qemu-img', 'convert', '-f', QEMU[kind], '-O', 'raw', name, disk)
    os.unlink(name)
    table = json.loads(run('sfdisk', '--json', disk))['partitiontable']
    check('sfdisk knows the table', table['label'] == {'gpt': 'gpt', 'mbr': 'dos'}[layout],
          table['label'])
    run('sfdisk', '--verify', disk)
    if layout == 'gpt':
        check('sgdisk finds nothing', 'No problems found' in run('sgdisk', '-v', disk))
    else:
        check('nothing in it is active', not any(p.get('bootable') for p in table['partitions']))
    os_partition = table['partitions'][-1]
    start, size = os_partition['start'] * 512, os_partition['size'] * 512
    check('the partition is aligned', start % MIB == 0, start)
    fidelity.cut_out(disk, {'offset': start, 'size': size}, name + '.volume')
    os.unlink(disk)
    with open(name + '.volume', 'rb') as file:
        hidden = int.from_bytes(file.read(32)[28:32], 'little')
    check('the volume knows where it lies', hidden == os_partition['start'], hidden)
    look_at_volume(name + '.volume')
    return name + '.volume'


def computer_name(volume):
    text = run('ntfscat', volume, ANSWERS)
    return re.findall(r'<ComputerName>(.*?)</ComputerName>', text)


def fails(valise, status, words, *arguments):
    done = subprocess.run([valise, 'write', 'sample-xpress.wim', '--image', '1', '--to', 'none',
                           '--size', '1G', '--yes', *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode().strip().splitlines()[-1]
    check(' '.join(arguments), done.returncode == status and words in text, text)
    check('no drive was made ready', not os.path.exists('none')
          or not any(open('none', 'rb').read(512)))


def look_at_errors(valise):
    fails(valise, 2, 'there is none', '--container-size', '1G')
    fails(valise, 2, 'not a format', '--container', 'vmdk')
    fails(valise, 2, 'more than its format', '--container', 'vhd', '--container-size', '3T')
    fails(valise, 2, 'choose at least', '--container', 'vhdx', '--container-size', '32M')
    fails(valise, 1, 'too small', '--container', 'vhdx', '--container-size', '5G')


def find_report(name):
    """The drive's own report of a batch, and where it is."""
    for path in os.listdir('.'):
        if path.startswith('report') and path != 'report':
            with open(path, encoding='utf-8') as file:
                report = json.load(file)
            if os.path.basename(report['drive']['name']) == name:
                return report, path
    sys.exit(f'no report of {name} among {os.listdir(".")}')


def main():
    valise, make_sample = (os.path.abspath(path) for path in sys.argv[1:3])
    kind, layout = sys.argv[3:5]
    sys.stdout.reconfigure(errors='backslashreplace')
    with tempfile.TemporaryDirectory(prefix='valise-container-') as folder:
        os.chdir(folder)
        os.environ['VALISE_SCRATCH'] = os.path.abspath('scratch')
        run(make_sample, '--small', '--format', 'wim-xpress', '--format', 'wim-lzx', '--output',
            '.')
        look_at_errors(valise)
        for name, size in SIZES.items():
            with open(name, 'wb') as file:
                file.truncate(size)
        run(valise, 'write', 'sample-xpress.wim', '--image', '1', '--to', 'one', '--to', 'two',
            '--yes', '--layout', layout, '--container', kind, '--computer-name', 'PC-{n}',
            '--report', 'report')
        reports = {name: find_report(name)[0] for name in SIZES}
        run(valise, 'verify', 'two', '--report', find_report('two')[1])
        check('both have the same disk', reports['one']['drive']['container']
              == reports['two']['drive']['container'], reports['one']['drive']['container'])
        check('the serial numbers differ', reports['one']['drive']['ntfsSerial']
              != reports['two']['drive']['ntfsSerial'])
        # The image has about 40 MB, the outer log and the structures some more.
        written = reports['one']['write']['bytes']
        check('only what there is was written',
              written < reports['one']['drive']['container']['size'] / 4, written)
        volumes = {}
        for name in SIZES:
            file = take_file(name, kind, reports[name])
            volumes[name] = take_disk(file, kind, layout, reports[name])
        names = [computer_name(volume) for volume in volumes.values()]
        check('each has its own name', names == [['PC-1'], ['PC-2']], names)

        with open('theirs', 'wb') as file:
            file.truncate(256 * MIB)
        run('mkntfs', '-F', '-Q', '-q', '-c', '4096', 'theirs')
        run('wimlib-imagex', 'apply', 'sample-xpress.wim', '1', 'theirs')
        image = fidelity.read_files('sample-xpress.wim', 1)
        ours, theirs = fidelity.capture(volumes['two']), fidelity.capture('theirs')
        wrong, _ = fidelity.compare(ours, theirs, image)
        for line in wrong[:20]:
            print(f'NOT OK: {line}')
        check('every file is the same', not wrong, len(ours))
        fidelity.check_hives(volumes['two'] + '.wim', 'theirs.wim')


if __name__ == '__main__':
    main()
