#!/usr/bin/env python3
# test-boot-managers.py: what valise says of images whose boot managers others have signed.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-boot-managers.py VALISE MAKE-SAMPLE [Class.test …]
#
# VALISE_EFI_PROGRAM is a program for the firmware with a version, VALISE_SIGN what signs it.
import json
import os
import shutil
import subprocess
import unittest

import harness

CA_2011 = 'Microsoft Windows Production PCA 2011'
CA_2023 = 'Windows UEFI CA 2023'
PROGRAM = os.environ.get('VALISE_EFI_PROGRAM', '')


@unittest.skipUnless(PROGRAM and shutil.which('openssl') and shutil.which('osslsigncode'),
                     'no program to sign, or nothing to sign it with')
class BootManagers(harness.Case):
    def sign(self, name, ca):
        path = os.path.join(self.folder, name)
        subprocess.run(['/usr/bin/python3', os.environ['VALISE_SIGN'], '--ca', ca, '--with-ca',
                        PROGRAM, path], check=True)
        return path

    def image(self, usual, other):
        folder = os.path.join(self.folder, 'sample')
        subprocess.run([harness.MAKE_SAMPLE, '--small', '--editions', '1', '--format', 'wim-none',
                        '--boot-manager', usual, '--boot-manager-ex', other, '--output', folder],
                       check=True, stdout=subprocess.DEVNULL)
        return os.path.join(folder, 'sample-none.wim')

    def inspect(self, path):
        edition = json.loads(self.run_valise('inspect', '--json', path).out)['editions'][0]
        files = {os.path.basename(file['path']): file for file in edition['bootManagers']}
        return files, [warning['id'] for warning in edition['warnings']]

    def test_both(self):
        path = self.image(self.sign('2011.efi', CA_2011), self.sign('2023.efi', CA_2023))
        files, warnings = self.inspect(path)
        for name, ca in ('bootmgfw.efi', CA_2011), ('bootmgfw_EX.efi', CA_2023):
            file = files[name]
            self.assertEqual((file['state'], file['efi'], file['architecture'], file['version'],
                              file['age'], file['signature']['issuer'],
                              file['signature']['signer']),
                             ('signed', True, 'amd64', '10.0.26100.4202', 'current', ca,
                              'Microsoft Windows'))
            self.assertRegex(file['signature']['validUntil'], r'^20\d\d-\d\d-\d\dT.*Z$')
        self.assertEqual(files['bootmgr']['size'], 413738)
        self.assertNotIn('state', files['bootmgr'])
        self.assertEqual(warnings, ['boot-manager-2011', 'edition-licence'])
        text = self.run_valise('inspect', path).out
        self.assertIn(CA_2011, text)
        self.assertIn(CA_2023, text)
        self.assertIn('KB5025885', text)

        # What is written is what was asked for, and the report says so.
        for wanted, year, ca, words in ((None, 2011, CA_2011, 'certificate of 2011'),
                                        ('2023', 2023, CA_2023, 'Windows UEFI CA 2023')):
            report = os.path.join(self.folder, f'{year}.json')
            drive = os.path.join(self.folder, f'{year}.img')
            result = self.run_valise('write', path, '--to', drive, '--size', '4G', '--yes',
                                     '--no-verify', '--report', report,
                                     *(['--boot-manager', wanted] if wanted else []))
            self.assertEqual(result.status, harness.OK, result.err)
            with open(report, encoding='utf-8') as file:
                found = json.load(file)
            self.assertEqual((found['drive']['bootManager'], found['drive']['bootManagerSigner'],
                              found['drive']['bootManagerVersion']),
                             (year, ca, '10.0.26100.4202'))
            self.assertIn(words, ' '.join(found['notices']))
            self.assertIn(words, result.err)
            os.unlink(drive)

    def test_only_2023(self):
        """An image whose usual boot manager is already signed with 2023."""
        signed = self.sign('2023.efi', CA_2023)
        path = self.image(signed, signed)
        tree = os.path.join(self.folder, 'commands')
        with open(tree, 'w', encoding='ascii') as file:
            file.write('delete --recursive /Windows/Boot/EFI_EX\n')
        with open(tree, encoding='ascii') as file:
            subprocess.run(['wimlib-imagex', 'update', path, '1'], stdin=file, check=True,
                           stdout=subprocess.DEVNULL)
        files, warnings = self.inspect(path)
        self.assertEqual(files['bootmgfw.efi']['signature']['issuer'], CA_2023)
        self.assertNotIn('bootmgfw_EX.efi', files)
        self.assertEqual(warnings, ['boot-manager-2023', 'edition-licence'])
        report = os.path.join(self.folder, 'report.json')
        for wanted in [], ['--boot-manager', '2023']:
            result = self.run_valise('write', path, '--to', 'drive.img', '--size', '4G', '--yes',
                                     '--no-verify', '--report', report, *wanted)
            self.assertEqual(result.status, harness.OK, result.err)
            with open(report, encoding='utf-8') as file:
                self.assertEqual(json.load(file)['drive']['bootManager'], 2023)
            os.unlink(os.path.join(self.folder, 'drive.img'))
            os.unlink(report)

    def test_no_2023(self):
        """What the image does not have is refused before the drive is made."""
        signed = self.sign('2011.efi', CA_2011)
        path = self.image(signed, signed)
        subprocess.run(['wimlib-imagex', 'update', path, '1', '--command',
                        'delete --recursive /Windows/Boot/EFI_EX'], check=True,
                       stdout=subprocess.DEVNULL)
        result = self.check_run(['write', path, '--to', 'drive.img', '--size', '4G', '--yes',
                                 '--boot-manager', '2023'], harness.USAGE, 'certificate of 2023')
        self.assertFalse(os.path.exists(os.path.join(self.folder, 'drive.img')), result.err)

    def test_damaged(self):
        signed = self.sign('2011.efi', CA_2011)
        with open(signed, 'r+b') as file:
            data = file.read()
            file.seek(data.index(b'Nothing is done'))
            file.write(b'S')
        files, warnings = self.inspect(self.image(signed, PROGRAM))
        self.assertEqual(files['bootmgfw.efi']['state'], 'damaged')
        self.assertNotIn('signature', files['bootmgfw.efi'])
        self.assertEqual(files['bootmgfw_EX.efi']['state'], 'unsigned')
        self.assertEqual(warnings, ['boot-manager-damaged', 'edition-licence'])


if __name__ == '__main__':
    harness.main()
