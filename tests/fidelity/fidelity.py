#!/usr/bin/env python3
# fidelity.py: what valise wrote is what wimlib-imagex would have written, file by file.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: fidelity.py VALISE VALISE-MAKE-SAMPLE FORMAT [SECTOR-SIZE]

Writes a sample in FORMAT to a virtual drive with sectors of SECTOR-SIZE bytes (512),
and applies the same edition with wimlib-imagex to an NTFS volume. Both volumes are captured
again, and everything that `wimlib-imagex dir --detailed`
says of every file is compared: attributes, security descriptors, short names, links, streams,
reparse data, times and hashes; the times once more in units of 100 ns. Other people's programs look
at the drive: sgdisk, fsck.fat, ntfsfix, ntfsinfo, ntfs-3g.

What may differ, and has to in exactly this way:
- compression: in ours as in the image itself; libntfs-3g lets new files inherit the folder's;
- the registry hives SYSTEM and SOFTWARE: Valise edits them; their contents and last write times,
  not their access rights. tests/boot/read-hive.py, which knows nothing of hivex, compares what is
  in them, and sees whether Windows would find anything wrong;
- the answer file, which is new, and the last write time of its folder.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

from wim_times import read_times

CONFIG = '/Windows/System32/config/'
READ_HIVE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'boot', 'read-hive.py')
SET = 'ControlSet001\\'
# What is changed in the hives: lines of read-hive.py without times and security descriptors.
CHANGES = {
    'SYSTEM': [
        '+' + SET + 'Control\\BitLocker',
        '+' + SET + 'Control\\BitLocker|PreventDeviceEncryption|4|01000000',
        '+' + SET + 'Control\\Session Manager\\Power|HiberbootEnabled|4|00000000',
        '+' + SET + 'Services\\partmgr\\Parameters|SanPolicy|4|04000000',
        '-' + SET + 'Control\\Session Manager\\Power|HiberbootEnabled|4|01000000',
        '-' + SET + 'Services\\partmgr\\Parameters|SanPolicy|4|01000000',
    ],
    'SOFTWARE': ['+Microsoft\\Windows\\CurrentVersion\\OOBE|BypassNRO|4|01000000'],
}
HIVES = {CONFIG + name for name in CHANGES}
ANSWERS = '/Windows/Panther/unattend.xml'
COMPRESSED = 0x800
DRIVE_SIZE = '1G'
FILES = {
    'wim-lzx': 'sample.wim', 'wim-xpress': 'sample-xpress.wim', 'wim-none': 'sample-none.wim',
    'esd': 'sample.esd', 'swm': 'sample.swm', 'iso': 'sample.iso',
}
# What a capture makes up, or what depends on how the capture lies in its file.
IGNORED = {'Link Group ID', 'Offset in WIM', 'Compressed size', 'Part Number', 'Reference Count',
           'Flags'}

os.environ['PATH'] += ':/usr/sbin:/sbin'
os.environ['LC_ALL'] = 'C.UTF-8'


def run(*command, may_fail=False):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    # Not “replace”: two names that are no valid Unicode would become one.
    text = done.stdout.decode('utf-8', 'surrogatepass')
    if done.returncode != 0 and not may_fail:
        sys.exit(f'{" ".join(command)} failed:\n{text[-2000:]}')
    return text if not may_fail else (done.returncode, text)


def read_files(wim, index, *options):
    """What wimlib-imagex says of each file: {path: {field: value}}."""
    files, groups = {}, {}
    text = run('wimlib-imagex', 'dir', '--detailed', wim, str(index), *options)
    for block in re.split(r'^-{70,}$', text, flags=re.M)[1:]:
        fields, stream = {}, ''
        for line in block.splitlines():
            if line.startswith('\t') and line.rstrip().endswith(':'):
                stream = line.strip() + ' '
                continue
            name, found, value = line.partition('=')
            name, value = name.strip(), value.strip()
            if not found:
                continue
            if name == 'Link Group ID':
                group = value
            if name not in IGNORED:
                fields[stream + name] = value
        path = fields.pop('Full Path').strip('"')
        files[path] = fields
        if int(group, 16) != 0:
            groups.setdefault(group, []).append(path)
    for paths in groups.values():
        for path in paths:
            files[path]['links'] = ' '.join(sorted(paths))
    return files


def capture(volume):
    """What is on a volume, without the exceptions that wimlib-imagex makes of itself."""
    with open('everything.ini', 'w', encoding='utf-8') as file:
        file.write('[ExclusionList]\n')
    wim = volume + '.wim'
    run('wimlib-imagex', 'capture', volume, wim, 'captured', '--compress=none',
        '--config=everything.ini')
    files, times = read_files(wim, 1), read_times(wim)
    if set(files) != set(times):
        sys.exit('wimlib-imagex and the metadata name other files')
    for path, (creation, access, write) in times.items():
        files[path].update({'Creation Time': creation, 'Last Access Time': access,
                            'Last Write Time': write})
    return files


def read_hive(wim, name):
    """What is in a hive; keys with all that is said of them."""
    folder = wim + '-hives'
    run('wimlib-imagex', 'extract', wim, '1', CONFIG + name, '--no-acls', f'--dest-dir={folder}')
    lines = run(READ_HIVE, '--lost', os.path.join(folder, name)).splitlines()
    wrong = [line for line in lines if line.startswith('WRONG')]
    if wrong:
        sys.exit(f'{name} of {wim}: {wrong[0]}')
    return lines


def check_hives(ours, theirs):
    for name, changes in CHANGES.items():
        before, after = set(read_hive(theirs, name)), set(read_hive(ours, name))
        found = ['+' + line for line in after - before] + ['-' + line for line in before - after]
        # A new key has the time and the security descriptor of the one that it is in.
        found = sorted(line.split('|')[0] if line.count('|') == 2 else line for line in found)
        if found != changes:
            sys.exit(f'{name}: what has changed is {found}')
        print(f'ok: {name} has what a portable Windows needs, and nothing else has changed in it')


def compare(ours, theirs, image):
    """The differences that are not allowed, as lines; and how many allowed ones were seen."""
    wrong, compression, hive = [], 0, 0
    for path in sorted(set(ours) | set(theirs)):
        if path == ANSWERS and path not in theirs:
            continue
        if path not in ours or path not in theirs:
            wrong.append(f'{path}: only in {"theirs" if path in theirs else "ours"}')
            continue
        for field in sorted(set(ours[path]) | set(theirs[path])):
            a, b = ours[path].get(field), theirs[path].get(field)
            if field == 'Attributes':
                bits, others = int(a, 16), int(b, 16)
                own = int(image[path]['Attributes'], 16) & COMPRESSED
                if bits & COMPRESSED != own:
                    wrong.append(f'{path}: its compression is not that of the image')
                compression += (bits ^ others) & COMPRESSED != 0
                a, b = bits & ~COMPRESSED, others & ~COMPRESSED
            if a == b:
                continue
            if path == os.path.dirname(ANSWERS) and field == 'Last Write Time':
                continue
            if path in HIVES and (field.endswith(('Hash', 'Uncompressed size'))
                                 or field == 'Last Write Time'):
                hive += field.endswith('Hash')
                continue
            wrong.append(f'{path}: {field}: ours {a}, theirs {b}')
    if ANSWERS not in ours:
        wrong.append(f'{ANSWERS}: not there')
    if hive != len(HIVES):
        wrong.append(f'{hive} hives were edited')
    return wrong, compression


def prove_comparison(ours, theirs, image):
    """A comparison that finds nothing must be able to find something: each kind of change."""
    path = '/Windows/System32/kernel32.dll'
    path = path if path in ours else next(p for p in ours if p.endswith('.dll'))
    for field in list(ours[path]):
        changed = {p: dict(f) for p, f in ours.items()}
        changed[path][field] = '0x00000001' if field == 'Attributes' else 'something else'
        if not compare(changed, theirs, image)[0]:
            sys.exit(f'the comparison does not see another {field}')
    changed = dict(ours)
    del changed[path]
    if not compare(changed, theirs, image)[0]:
        sys.exit('the comparison does not see a missing file')
    changed = {p: dict(f) for p, f in ours.items()}
    changed[path]['Attributes'] = hex(int(changed[path]['Attributes'], 16) ^ COMPRESSED)
    if not compare(changed, theirs, image)[0]:
        sys.exit('the comparison does not see compression')


def check_table(drive, sector_size):
    """By sgdisk, which takes a file for a drive with sectors of 512 bytes."""
    device = drive
    if sector_size != '512':
        status, text = run('losetup', '--find', '--show', '--read-only', '--sector-size',
                           sector_size, drive, may_fail=True)
        if status != 0:
            print('skipped: sgdisk: only root can make loop devices')
            return
        device = text.strip()
    try:
        text = run('sgdisk', '-v', device)
    finally:
        if device != drive:
            run('losetup', '--detach', device)
    if 'No problems found' not in text:
        sys.exit(f'sgdisk: {text}')


def look_at_drive(drive, volume, esp, folder, sector_size='512'):
    check_table(drive, sector_size)
    run('fsck.fat', '-n', esp)
    if 'processed successfully' not in run('ntfsfix', '-n', volume):
        sys.exit('ntfsfix found something')
    info = run('ntfsinfo', '-m', volume)
    if 'Cluster Size: 4096' not in info or f'Sector Size: {sector_size}' not in info \
            or 'dirty' in info.lower():
        sys.exit(f'ntfsinfo: {info}')
    print('ok: sgdisk, fsck.fat, ntfsfix and ntfsinfo find nothing wrong')

    mount = os.path.join(folder, 'mount')
    os.mkdir(mount)
    status, text = run('ntfs-3g', '-o', 'ro', volume, mount, may_fail=True)
    if status != 0:
        print(f'skipped: mounting with ntfs-3g: {text.strip().splitlines()[-1]}')
        return
    try:
        names = os.listdir(os.path.join(mount, 'Windows', 'System32'))
    finally:
        run('umount', mount)
    if 'config' not in names:
        sys.exit('the mounted volume has no \\Windows\\System32\\config')
    print(f'ok: ntfs-3g mounts it; {len(names)} entries in System32')


def cut_out(drive, partition, name):
    run('dd', f'if={drive}', f'of={name}', 'bs=1M', 'conv=sparse', 'status=none',
        f'skip={partition["offset"] >> 20}', f'count={partition["size"] >> 20}')
    os.truncate(name, partition['size'])


def make_volumes(valise, make_sample, kind, *options, sector_size='512', change=None):
    """Makes “drive”, its parts “esp” and “ours”, and “theirs” in the current folder.

    Options are for valise; change is called with the image's path before it is written. Returns
    what the image says of its files."""
    os.environ['VALISE_SCRATCH'] = os.path.abspath('scratch')
    run(make_sample, '--small', '--format', kind, '--format', 'wim-lzx', '--output', '.')
    if change:
        change(FILES[kind])
    run(valise, 'write', FILES[kind], '--image', '1', '--to', 'drive', '--size', DRIVE_SIZE,
        '--sector-size', sector_size, '--yes', '--report', 'report', *options)
    with open('report', encoding='utf-8') as file:
        partitions = json.load(file)['drive']['partitions']
    cut_out('drive', partitions[0], 'esp')
    cut_out('drive', partitions[2], 'ours')

    # An ISO holds the file that the generator also makes by itself.
    source = FILES['wim-lzx' if kind == 'iso' else kind]
    reference = ['--ref=sample*.swm'] if kind == 'swm' else []
    with open('theirs', 'wb') as file:
        file.truncate(partitions[2]['size'])
    run('mkntfs', '-F', '-Q', '-q', '-s', sector_size, '-c', '4096', 'theirs')
    run('wimlib-imagex', 'apply', source, '1', 'theirs', *reference)
    return read_files(source, 1, *reference)


def main():
    valise, make_sample = (os.path.abspath(path) for path in sys.argv[1:3])
    sys.stdout.reconfigure(errors='backslashreplace')
    with tempfile.TemporaryDirectory(prefix='valise-fidelity-') as folder:
        os.chdir(folder)
        sector_size = sys.argv[4] if len(sys.argv) > 4 else '512'
        image = make_volumes(valise, make_sample, sys.argv[3], sector_size=sector_size)
        look_at_drive('drive', 'ours', 'esp', folder, sector_size)
        ours, theirs = capture('ours'), capture('theirs')
        wrong, compression = compare(ours, theirs, image)
        for line in wrong[:20]:
            print(f'NOT OK: {line}')
        if wrong:
            sys.exit(f'{len(wrong)} differences')
        prove_comparison(ours, theirs, image)
        print(f'ok: {len(ours)} files and folders are the same; {compression} have the compression '
              'of the image instead of their folder’s; hives were edited')
        check_hives('ours.wim', 'theirs.wim')


if __name__ == '__main__':
    main()
