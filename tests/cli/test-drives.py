#!/usr/bin/env python3
"""test-drives.py: `valise drives`, on a system bus with a fake of udisks2.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import sys
import unittest

import harness
from fake_udisks import FakeUdisks

STICK = '/dev/sdvalisea'
DISK = '/dev/sdvaliseb'
CARD = '/dev/sdvalisec'
GB = 10 ** 9

# What is left after the arguments that every test of the command line has.
FAKE = sys.argv.pop(3)


@unittest.skipUnless(FakeUdisks.is_available(), 'there is no dbus-daemon')
class Drives(harness.Case):
    def start(self, serve=True):
        fake = FakeUdisks(FAKE, serve)
        self.addCleanup(fake.close)
        self.env['DBUS_SYSTEM_BUS_ADDRESS'] = fake.address
        return fake

    def fill(self, fake):
        fake.tell('add', STICK, vendor='Acme', model='Flash \x1b[31mDrive', serial='AA11',
                  size=32 * GB)
        fake.tell('part', STICK, 1, type='vfat', label='KEYS', size=4 * GB, mounts='/media/keys')
        fake.tell('add', DISK, model='Rock 500', serial='D1', size=500 * GB, bus='', internal=1)
        fake.tell('add', CARD, vendor='Generic', model='Reader', serial='C1', size=0,
                  media='flash_sd')

    def list_json(self, *options):
        result = self.run_valise('drives', '--json', *options)
        self.assertEqual(result.status, harness.OK, result.err)
        return json.loads(result.out)['drives']

    def test_table(self):
        self.fill(self.start())
        result = self.run_valise('drives')
        self.assertEqual(result.status, harness.OK, result.err)
        for word in (STICK, 'Acme Flash', '32.0\u00a0GB', 'USB', 'AA11', '“KEYS” vfat',
                     'mounted on /media/keys'):
            self.assertIn(word, result.out)
        for word in (DISK, CARD, '\x1b'):
            self.assertNotIn(word, result.out)

    def test_all(self):
        self.fill(self.start())
        result = self.run_valise('drives', '--all')
        self.assertEqual(result.status, harness.OK, result.err)
        for word in (STICK, DISK, CARD, 'built into this computer', 'no medium', '500.0\u00a0GB'):
            self.assertIn(word, result.out)

    def test_json(self):
        self.fill(self.start())
        drive, = self.list_json()
        self.assertEqual(drive['device'], STICK)
        self.assertEqual(drive['serial'], 'AA11')
        self.assertEqual(drive['size'], 32 * GB)
        self.assertTrue(drive['offered'] and drive['removable'])
        part, = drive['partitions']
        self.assertEqual((part['number'], part['label'], part['use']), (1, 'KEYS', 'mounted'))
        self.assertEqual(part['mounts'], ['/media/keys'])

        drives = {drive['device']: drive for drive in self.list_json('--all')}
        self.assertEqual(set(drives), {STICK, DISK, CARD})
        self.assertFalse(drives[DISK]['offered'])
        self.assertNotIn('error', drives[DISK])
        self.assertEqual(drives[CARD]['error']['code'], 'no-medium')

    def test_changes(self):
        fake = self.start()
        self.assertEqual(self.list_json(), [])
        self.fill(fake)
        self.assertEqual(len(self.list_json()), 1)
        fake.tell('medium', CARD, 64 * GB)
        self.assertEqual([drive['device'] for drive in self.list_json()], [STICK, CARD])
        fake.tell('remove', STICK)
        self.assertEqual([drive['device'] for drive in self.list_json()], [CARD])

    def test_nothing(self):
        fake = self.start()
        self.check_run(['drives'], harness.OK, 'There are no drives.')
        fake.tell('add', DISK, model='Rock 500', serial='D1', size=500 * GB, internal=1)
        self.check_run(['drives'], harness.OK, 'valise drives --all')

    def test_without_udisks(self):
        self.start(serve=False)
        result = self.check_run(['drives', '--json', '--all'], harness.OK,
                                'udisks2 does not answer')
        self.assertIsInstance(json.loads(result.out)['drives'], list)
        self.env['DBUS_SYSTEM_BUS_ADDRESS'] = 'unix:path=' + self.path('nothing')
        self.check_run(['drives'], harness.OK, 'udisks2 does not answer')

    def test_names(self):
        fake = self.start()
        self.fill(fake)
        write = ['write', self.sample('sample.wim'), '--image', '1', '--yes', '--to']
        for name in ('AA11', 'usb:Generic:Reader:C1:'):
            # The fake's drives are not there, but it is known which one was meant.
            self.check_run([*write, name], harness.USAGE,
                           STICK if name == 'AA11' else CARD)
        fake.tell('add', '/dev/sdvalised', vendor='Acme', model='Twin', serial='AA11', size=GB)
        self.check_run([*write, 'AA11'], harness.REFUSED, [STICK, '/dev/sdvalised'])
        self.check_run([*write, 'Twin'], harness.USAGE, '/dev/sdvalised')
        self.check_run([*write, 'nobody'], harness.USAGE, '“nobody”')
        # A name is not a path because it has a “/”, as those of many card readers have.
        fake.tell('add', '/dev/sdvalisee', vendor='Generic-', model='SD/MMC', serial='C9', size=GB)
        self.check_run([*write, 'Generic- SD/MMC'], harness.USAGE, '/dev/sdvalisee')
        self.check_run([*write, './AA11'], harness.USAGE, '“./AA11”')

    def test_verify_by_name(self):
        fake = self.start()
        self.fill(fake)
        report = self.path('report.json')
        drive = self.path('drive.img')
        self.check_run(['write', self.sample('sample.wim'), '--image', '1', '--yes', '--to', drive,
                        '--size', '2G', '--report', report], harness.OK, '')
        self.check_run(['verify', 'D1', '--report', report], harness.FAILED, DISK)
        fake.tell('add', '/dev/sdvalised', model='Twin', serial='D1', size=GB)
        self.check_run(['verify', 'D1', '--report', report], harness.REFUSED,
                       [DISK, '/dev/sdvalised'])

    def test_names_without_udisks(self):
        """The kernel's names serve, too; what has them is refused where it is the system's."""
        self.start(serve=False)
        result = self.check_run(['drives', '--json', '--all'], harness.OK, 'udisks2 does not')
        named = [drive for drive in json.loads(result.out)['drives'] if drive['serial']]
        if not named:
            self.skipTest('no drive of this computer tells its serial number')
        result = self.run_valise('write', self.sample('sample.wim'), '--image', '1', '--to',
                                 named[0]['serial'])
        self.assertNotEqual(result.status, harness.OK)
        self.assertIn(named[0]['device'], result.err)

    def test_usage(self):
        self.check_run(['drives', STICK], harness.USAGE, 'takes only options')
        self.check_run(['drives', '--colour'], harness.USAGE, 'valise drives --help')


if __name__ == '__main__':
    harness.main()
