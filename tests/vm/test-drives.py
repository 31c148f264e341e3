#!/usr/bin/env python3
# test-drives.py: `valise drives` with real udisks2.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-drives.py VALISE MAKE-SAMPLE [Class.test …]
import json

import case
import harness
import rig


class Drives(case.Case):
    def list(self, *options):
        """What is listed, by serial number."""
        text = self.guest.output(' '.join([rig.VALISE, 'drives', '--json', *options]))
        return {drive.get('serial', drive['device']): drive for drive in json.loads(text)['drives']}

    def test_list(self):
        """Drives appear, carry what was put on them, are mounted, and vanish."""
        self.assertEqual(self.list(), {})
        used, empty = self.stick('USED'), self.stick('EMPTY', used=False, size=1000 * case.MIB)
        names = self.guest.plug(used, empty)
        self.guest.output(f'udisksctl mount -b {names[0]}1')
        folder = self.guest.output(f'findmnt -n -o TARGET {names[0]}1').strip()
        drives = self.list()
        self.assertEqual(drives.keys(), {'USED', 'EMPTY'})
        for serial, name, stick in (('USED', names[0], used), ('EMPTY', names[1], empty)):
            drive = drives[serial]
            self.assertEqual(
                {key: drive[key] for key in ('device', 'vendor', 'model', 'size', 'bus',
                                             'removable', 'canPowerOff', 'optical', 'medium',
                                             'readOnly', 'offered')},
                {'device': name, 'vendor': 'QEMU', 'model': 'QEMU HARDDISK', 'size': stick.size,
                 'bus': 'usb', 'removable': True, 'canPowerOff': True, 'optical': False,
                 'medium': True, 'readOnly': False, 'offered': True})
            self.assertNotIn('error', drive)
        part, = drives['USED']['partitions']
        self.assertEqual(drives['USED']['table'], 'gpt')
        self.assertEqual(
            {key: part[key] for key in ('number', 'device', 'size', 'type', 'label', 'mounts',
                                        'use')},
            {'number': 1, 'device': names[0] + '1', 'size': 64 * case.MIB, 'type': 'vfat',
             'label': 'OLDSTICK', 'mounts': [folder], 'use': 'mounted'})
        self.assertEqual(drives['EMPTY']['partitions'], [])

        # A drive that is put in again is the same one, whatever it is called now.
        self.guest.output(f'umount {folder}')
        self.guest.unplug(used)
        self.guest.unplug(empty)
        self.assertEqual(self.list(), {})
        self.guest.plug(empty, used)
        again = self.list()
        self.assertEqual({serial: drive['id'] for serial, drive in again.items()},
                         {serial: drive['id'] for serial, drive in drives.items()})

    def test_all(self):
        """What is not offered is listed where that is asked for, with the reason."""
        stick, system = self.stick('STICK'), self.stick('SYSTEM')
        names = self.guest.plug(stick, system)
        self.guest.output(f'mount {names[1]}1 /usr/local')
        self.assertEqual(self.list().keys(), {'STICK'})
        drives = self.list('--all')
        self.assertEqual({drive['device'] for drive in drives.values()},
                         {'/dev/vda', '/dev/vdb', *names})
        self.assertEqual([serial for serial, drive in drives.items() if drive['offered']],
                         ['STICK'])
        self.assertIn('“/usr/local” of the running system', drives['SYSTEM']['error']['message'])
        # And it is not written either.
        job = self.guest.start(f'{case.WRITE} --to {names[0]} --to {names[1]} --json')
        self.check_exit(job, harness.REFUSED)
        self.assertEqual(job.result()['error'], drives['SYSTEM']['error'])
        self.guest.output('umount /usr/local')
        for one in (stick, system):
            self.guest.unplug(one)
            self.check_untouched(one)


if __name__ == '__main__':
    case.main()
