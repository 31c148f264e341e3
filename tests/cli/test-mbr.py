#!/usr/bin/env python3
# test-mbr.py: drives that start by BIOS and UEFI, as other people's programs see them.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-mbr.py VALISE MAKE-SAMPLE [Class.test …]
import json
import struct

import harness
from drives import MIB, Drives, digest

try:
    import hivex
except ImportError:
    hivex = None

STORES = {'uefi': '::/EFI/Microsoft/Boot/BCD', 'bios': '::/Boot/BCD'}
BOOT_MANAGER = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}'
MEMORY_TEST = '{b2721d73-1db4-4c62-bf78-c548a880142d}'
NO_GRUB = 'GRUB for BIOS was not there'


class Mbr(Drives):
    def setUp(self):
        super().setUp()
        done = self.run_valise('write', self.sample('sample.wim'), '--layout', 'mbr', '--yes',
                                '--image', '1', '--to', 'none/none.img', '--size', '700M')
        if NO_GRUB in done.err:
            self.skipTest(NO_GRUB)

    def write(self, *arguments, status=harness.OK, words='', image='sample.wim'):
        return self.check_run(['write', self.sample(image), '--layout', 'mbr', '--image', '1',
                               '--yes', *arguments], status, words)

    def elements(self, name, store):
        """A store of a drive by hivex: object → element → bytes."""
        path = self.path(f'{name}-{store}')
        self.tool('mcopy', '-n', '-i', f'{self.path(name)}@@{MIB}', STORES[store], path)
        hive = hivex.Hivex(path)
        objects = hive.node_get_child(hive.root(), 'Objects')
        found = {}
        for node in hive.node_children(objects):
            elements = hive.node_get_child(node, 'Elements')
            found[hive.node_name(node)] = {
                hive.node_name(key): hive.value_value(hive.node_values(key)[0])[1]
                for key in hive.node_children(elements)}
        return found

    def check_drive(self, name, report):
        """The table, both file systems, and that both know where they lie."""
        path = self.path(name)
        with open(self.path(report), encoding='utf-8') as file:
            drive = json.load(file)['drive']
        self.assertEqual(drive['layout'], 'mbr')
        self.assertIn('No errors detected', self.tool('sfdisk', '-V', path))
        table = json.loads(self.tool('sfdisk', '-J', path))['partitiontable']
        self.assertEqual(table['label'], 'dos')
        self.assertEqual(table['id'], '0x' + drive['diskSignature'])
        self.assertNotEqual(int(table['id'], 16), 0)
        self.assertEqual([part['type'] for part in table['partitions']], ['c', '7'])
        self.assertEqual([part.get('bootable', False) for part in table['partitions']],
                         [True, False])
        self.assertEqual(table['partitions'][0]['size'] * 512, 350 * MIB)
        for number, (part, wanted, checker) in enumerate(
                zip(table['partitions'], drive['partitions'],
                    (['fsck.fat', '-n'], ['ntfsfix', '-n'])), 1):
            self.assertEqual(part['start'] * 512, wanted['offset'])
            self.assertEqual(part['size'] * 512, wanted['size'])
            self.assertEqual(part['start'] % 2048, 0)
            copy = self.path(f'{name}-{number}')
            self.tool('dd', f'if={path}', f'of={copy}', 'bs=1M', 'conv=sparse',
                      f'skip={wanted["offset"] // MIB}', f'count={wanted["size"] // MIB}')
            self.tool(*checker, copy)
            with open(copy, 'rb') as file:
                self.assertEqual(struct.unpack_from('<I', file.read(512), 0x1c)[0], part['start'])
        self.assertEqual(self.blkid(self.path(f'{name}-1'))['VERSION'], 'FAT32')
        self.assertEqual(self.blkid(self.path(f'{name}-2'))['TYPE'], 'ntfs')
        return drive

    def device(self, drive, number):
        """The element of a partition of an MBR, by its description."""
        return (bytes(16) + struct.pack('<IIII', 6, 0, 0x48, 0)
                + struct.pack('<QQII', drive['partitions'][number]['offset'], 0, 0, 1)
                + struct.pack('<I', int(drive['diskSignature'], 16))
                + bytes(28))

    def check_stores(self, name, drive):
        for store, loader_path in (('uefi', '\\windows\\system32\\winload.efi'),
                                   ('bios', '\\windows\\system32\\winload.exe')):
            objects = self.elements(name, store)
            loader = objects[BOOT_MANAGER]['23000003'].decode('utf-16-le').rstrip('\0')
            self.assertEqual(objects[BOOT_MANAGER]['11000001'], self.device(drive, 0))
            self.assertEqual(objects[MEMORY_TEST]['11000001'], self.device(drive, 0))
            self.assertEqual(objects[loader]['11000001'], self.device(drive, 1))
            self.assertEqual(objects[loader]['21000001'], self.device(drive, 1))
            self.assertEqual(objects[loader]['12000002'].decode('utf-16-le').rstrip('\0'),
                             loader_path)
            self.assertEqual(objects[loader]['16000009'], b'\0', 'recovery is on')

    def named(self, name, store):
        """The store's elements in words, with the loader's and the resume loader's object called
        that: their names are random."""
        objects = self.elements(name, store)
        names = {objects[BOOT_MANAGER][key].decode('utf-16-le').rstrip('\0'): word
                 for key, word in (('23000003', 'LOADER'), ('23000006', 'RESUME'))}
        found = {}
        for guid, elements in objects.items():
            for key, value in elements.items():
                text = value.decode('utf-16-le').rstrip('\0') if key[1] in '234' else value.hex()
                for random, word in names.items():
                    text = text.replace(random, word)
                found[names.get(guid, guid), key] = text
        return found

    def test_two_stores(self):
        """The stores for UEFI and BIOS differ where bcdboot's do, and nowhere else."""
        if not hivex:
            self.skipTest('no python3-hivex')
        self.write('--to', 'one.img', '--size', '600M')
        uefi, bios = (self.named('one.img', store) for store in ('uefi', 'bios'))
        self.assertEqual(len(uefi), 46)
        self.assertEqual({key: (uefi.get(key), bios.get(key)) for key in uefi.keys() | bios.keys()
                          if uefi.get(key) != bios.get(key)},
                         {(BOOT_MANAGER, '12000002'): ('\\EFI\\Microsoft\\Boot\\bootmgfw.efi',
                                                       None),
                          ('LOADER', '12000002'): ('\\windows\\system32\\winload.efi',
                                                   '\\windows\\system32\\winload.exe'),
                          ('LOADER', '16000060'): ('01', None),
                          ('RESUME', '12000002'): ('\\windows\\system32\\winresume.efi',
                                                   '\\windows\\system32\\winresume.exe'),
                          ('RESUME', '16000060'): ('01', None),
                          (MEMORY_TEST, '12000002'): ('\\EFI\\Microsoft\\Boot\\memtest.efi',
                                                      '\\boot\\memtest.exe')})

    def test_gpt(self):
        """A drive for new PCs only has nothing for a BIOS, and recovery is off in its store."""
        self.check_run(['write', self.sample('sample.wim'), '--image', '1', '--yes', '--to',
                        'gpt.img', '--size', '600M'], harness.OK, '')
        listing = self.tool('mdir', '-b', '-i', f'{self.path("gpt.img")}@@{MIB}', '::/')
        self.assertEqual(listing.split(), ['::/EFI/'])
        if hivex:
            self.assertEqual(self.named('gpt.img', 'uefi')['LOADER', '16000009'], '00')

    def test_batch(self):
        """Two drives of different sizes: each has a signature of its own, in both stores."""
        self.file('one.img', 700 * MIB)
        self.file('two.img', 600 * MIB + 512)
        self.write('--to', 'one.img', '--to', 'two.img', '--report', 'report.json')
        drives = [self.check_drive(name, f'report-{number}.json')
                  for number, name in enumerate(['one.img', 'two.img'], 1)]
        self.assertNotEqual(drives[0]['diskSignature'], drives[1]['diskSignature'])
        self.assertNotEqual(drives[0]['ntfsSerial'], drives[1]['ntfsSerial'])
        self.assertEqual(drives[0]['partitions'][1]['size'], drives[1]['partitions'][1]['size'])
        if hivex:
            for name, drive in zip(['one.img', 'two.img'], drives):
                self.check_stores(name, drive)
        for file in ('bootmgr', 'BOOTNXT', 'Boot/memtest.exe', 'Boot/Fonts/wgl4_boot.ttf',
                     'EFI/Boot/bootx64.efi'):
            self.tool('mdir', '-i', f'{self.path("one.img")}@@{MIB}', '::/' + file)

        # Verifying finds a changed byte of the boot loader behind the MBR.
        self.check_run(['verify', 'two.img', '--report', 'report-2.json'], harness.OK, '')
        with open(self.path('two.img'), 'r+b') as drive:
            drive.seek(20000)
            byte = drive.read(1)[0]
            drive.seek(20000)
            drive.write(bytes([byte ^ 1]))
        self.check_run(['verify', 'two.img', '--report', 'report-2.json'], harness.FAILED, '')

    def test_resume(self):
        """What a batch's report says of the layout holds for the drives that are left."""
        self.file('small.img', 384 * MIB)
        self.file('one.img', 600 * MIB)
        self.write('--to', 'one.img', '--to', 'small.img', '--report', 'report.json',
                   status=harness.SOME_FAILED, words='too small')
        before = digest(self.path('one.img'))
        with open(self.path('small.img'), 'r+b') as file:
            file.truncate(600 * MIB)
        with open(self.path('report.json'), encoding='utf-8') as file:
            batch = json.load(file)
        self.assertEqual(batch['settings']['layout'], 'mbr')
        for drive in batch['drives']:
            if drive['name'].endswith('small.img'):
                drive['size'] = 600 * MIB
        with open(self.path('report.json'), 'w', encoding='utf-8') as file:
            json.dump(batch, file)
        self.check_run(['write', '--resume', 'report.json', '--yes'], harness.OK, '')
        self.check_drive('small.img', 'report-2.json')
        self.assertEqual(digest(self.path('one.img')), before)

    def test_too_large(self):
        """An MBR cannot describe 2 TiB; what the drive holds stays."""
        path = self.used_file('large.img', 2 << 40)
        before = digest(path)
        self.write('--to', 'large.img', status=harness.REFUSED,
                   words=['has 2.0', 'less than 2 TiB', 'GPT'])
        self.assertEqual(digest(path), before)

    def test_too_small(self):
        path = self.used_file('small.img', 384 * MIB)
        before = digest(path)
        self.write('--to', 'small.img', status=harness.FAILED, words='too small')
        self.assertEqual(digest(path), before)


if __name__ == '__main__':
    harness.main()
