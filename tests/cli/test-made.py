#!/usr/bin/env python3
# test-made.py: what `valise write` makes of the Windows on a drive, beyond the image: its registry,
# and nothing of the computer on which the drive is written.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-made.py VALISE MAKE-SAMPLE [Class.test …]
#
# Hives come out of the drive by ntfscat, and are read by tests/boot/read-hive.py, which is neither
# Valise nor hivex.
import json
import os
import re
import socket
import subprocess
import sys
import uuid

import harness
from harness import OK, USAGE

SIZE = 512 << 20
READ_HIVE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'boot', 'read-hive.py')
HIVES = {'SYSTEM': '/Windows/System32/config/SYSTEM',
         'SOFTWARE': '/Windows/System32/config/SOFTWARE',
         'DEFAULT': '/Windows/System32/config/DEFAULT',
         'NTUSER.DAT': '/Users/Default/NTUSER.DAT'}
SET = 'ControlSet001\\'


class Case(harness.Case):
    def write_file(self, name, text, encoding='utf-8'):
        with open(self.path(name), 'wb') as file:
            file.write(text.encode(encoding))
        return self.path(name)

    def write(self, *options, **more):
        return self.run_valise('write', self.sample('sample.wim'), '--image', '1', '--to', 'drive',
                               '--size', str(SIZE), '--yes', '--report', 'report.json', *options,
                               **more)

    def partition(self, number):
        with open(self.path('report.json'), encoding='utf-8') as file:
            partition = json.load(file)['drive']['partitions'][number]
        name = self.path(f'partition-{number}')
        self.tool('dd', f'if={self.path("drive")}', f'of={name}', 'bs=1M', 'conv=sparse',
                  'status=none', f'skip={partition["offset"] >> 20}',
                  f'count={partition["size"] >> 20}')
        os.truncate(name, partition['size'])
        return name

    def read_hive(self, file):
        done = subprocess.run([sys.executable, READ_HIVE, '--lost', file], check=True,
                              stdout=subprocess.PIPE, env=self.env)
        lines = done.stdout.decode().splitlines()
        self.assertEqual([line for line in lines if line.startswith('WRONG')], [])
        return set(lines)

    def changes(self):
        """What has changed in each hive, without the times and access rights of new keys."""
        volume = self.partition(-1)
        found = {}
        for name, path in HIVES.items():
            self.tool('wimlib-imagex', 'extract', self.sample('sample.wim'), '1', path,
                      '--no-acls', '--dest-dir=' + self.path('image'))
            with open(self.path('hive'), 'wb') as file:
                subprocess.run(['ntfscat', volume, path], stdout=file, check=True, env=self.env)
            # ntfscat ends where the file does, so that the length is right, too.
            before = self.read_hive(self.path('image/' + name))
            after = self.read_hive(self.path('hive'))
            lines = ['+' + line for line in after - before]
            lines += ['-' + line for line in before - after]
            found[name] = sorted(line.split('|')[0] if line.count('|') == 2 else line
                                 for line in lines)
        return found

    def descriptors(self, wim):
        found = {}
        for name, path in HIVES.items():
            text = self.tool('wimlib-imagex', 'dir', wim, '1', '--detailed', '--path=' + path)
            found[name] = re.search(r'(?m)^Security Descriptor += *(\S+)', text).group(1)
        return found


class Registry(Case):
    USUAL = {
        'SYSTEM': [
            '+' + SET + 'Control\\BitLocker',
            '+' + SET + 'Control\\BitLocker|PreventDeviceEncryption|4|01000000',
            '+' + SET + 'Control\\Session Manager\\Power|HiberbootEnabled|4|00000000',
            '+' + SET + 'Services\\partmgr\\Parameters|SanPolicy|4|04000000',
            '-' + SET + 'Control\\Session Manager\\Power|HiberbootEnabled|4|01000000',
            '-' + SET + 'Services\\partmgr\\Parameters|SanPolicy|4|01000000'],
        'SOFTWARE': ['+Microsoft\\Windows\\CurrentVersion\\OOBE|BypassNRO|4|01000000'],
        'DEFAULT': [], 'NTUSER.DAT': []}
    NONE = {'SYSTEM': [], 'SOFTWARE': [], 'DEFAULT': [], 'NTUSER.DAT': []}

    def test_usual(self):
        self.assertEqual(self.write().status, OK)
        self.assertEqual(self.changes(), self.USUAL)

    def test_nothing(self):
        """What is not wanted is not touched; an account makes the network superfluous."""
        result = self.write('--internal-disks', 'online', '--device-encryption', 'allow',
                            '--fast-startup', '--account', 'anna')
        self.assertEqual(result.status, OK, result.err)
        self.assertEqual(self.changes(), self.NONE)

    def test_portable_os(self):
        result = self.write('--internal-disks', 'online', '--device-encryption', 'allow',
                            '--fast-startup', '--require-network', '--portable-os')
        self.assertEqual(result.status, OK, result.err)
        self.assertEqual(self.changes(), {
            **self.NONE, 'SYSTEM': ['+' + SET + 'Control|PortableOperatingSystem|4|01000000']})

    def test_own_files(self):
        """Several files, in their order and after everything else; the files keep their rights."""
        first = ('Windows Registry Editor Version 5.00\r\n\r\n'
                 '[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Größe]\r\n'
                 '"Start"=dword:00000004\r\n"ImagePath"=hex(2):25,00,61,00,25,00,\\\r\n  00,00\r\n'
                 '[-HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\service0007]\r\n'
                 '[HKLM\\SYSTEM\\CurrentControlSet\\Services\\partmgr\\Parameters]\r\n'
                 '"SanPolicy"=dword:00000003\r\n'
                 '[HKEY_USERS\\.DEFAULT\\Control Panel\\Keyboard]\r\n'
                 '"InitialKeyboardIndicators"="2"\r\n')
        second = ('REGEDIT4\n[HKEY_CURRENT_USER\\Software\\Größe]\n@="ß"\n'
                  '"m"=hex(7):61,00,62,00,00\n'
                  '[HKCU\\Control Panel\\International]\n"Locale"=-\n'
                  '[HKCR\\.x]\n"q"=hex(b):01,02,03,04,05,06,07,08\n')
        self.write_file('first.reg', '\ufeff' + first, 'utf-16-le')
        self.write_file('second.reg', second, 'cp1252')
        result = self.write('--reg', 'first.reg', '--reg', 'second.reg')
        self.assertEqual(result.status, OK, result.err)

        changes = self.changes()
        services = SET + 'Services\\'
        gone = [line for line in changes['SYSTEM']
                if line.startswith('-' + services + 'service0007')]
        self.assertEqual(len(gone), 4)
        usual = [line.replace('SanPolicy|4|04', 'SanPolicy|4|03') for line in self.USUAL['SYSTEM']]
        self.assertEqual([line for line in changes['SYSTEM'] if line not in gone], sorted(usual + [
            '+' + services + 'Größe', '+' + services + 'Größe|ImagePath|2|2500610025000000',
            '+' + services + 'Größe|Start|4|04000000']))
        self.assertEqual(changes['SOFTWARE'], sorted(self.USUAL['SOFTWARE'] + [
            '+Classes', '+Classes\\.x', '+Classes\\.x|q|11|0102030405060708']))
        self.assertEqual(changes['DEFAULT'], [
            '+Control Panel\\Keyboard',
            '+Control Panel\\Keyboard|InitialKeyboardIndicators|1|32000000'])
        self.assertEqual(changes['NTUSER.DAT'], [
            '+Software', '+Software\\Größe', '+Software\\Größe|m|7|61000000620000000000',
            '+Software\\Größe||1|df000000',
            '-Control Panel\\International|Locale|1|300030003000300030003400300039000000'])
        self.tool('wimlib-imagex', 'capture', self.path('partition--1'), self.path('made.wim'),
                  '--compress=none')
        self.assertEqual(self.descriptors(self.path('made.wim')),
                         self.descriptors(self.sample('sample.wim')))
        self.assertIn('processed successfully',
                      self.tool('ntfsfix', '-n', self.path('partition--1')))

    def test_wrong_files(self):
        header = 'Windows Registry Editor Version 5.00\n'
        for text, words in [
                (header + '[HKLM\\SAM\\x]\n', '“a.reg”, line 2: “HKLM\\SAM\\x” cannot be changed'),
                (header + '\n[HKCR\\x]\n"a"=dword:x\n', '“a.reg”, line 4: Hexadecimal digits'),
                ('hello', 'line 1: This is no file of Windows')]:
            with self.subTest(words=words):
                self.write_file('a.reg', text)
                result = self.write('--reg', 'a.reg')
                self.assertEqual(result.status, USAGE, result.err)
                self.assertIn(words, result.err)
                self.assertFalse(os.path.exists(self.path('drive')))
        self.check_run(['profile', 'save', 'p.json', '--device-encryption', 'no'], USAGE,
                       'Use “prevent” or “allow”')
        self.check_run(['profile', 'save', 'p.json', '--internal-disks', 'no'], USAGE,
                       'these are: offline, online')

    def test_in_a_profile(self):
        self.check_run(['profile', 'save', 'p.json', '--internal-disks', 'online', '--portable-os',
                        '--reg', 'a.reg', '--reg', 'b.reg'], OK, '')
        with open(self.path('p.json'), encoding='utf-8') as file:
            saved = json.load(file)
        self.assertEqual(saved['portable']['internalDisks'], 'online')
        self.assertTrue(saved['portable']['portableOs'])
        self.assertEqual(saved['registry'], {'files': [self.path('a.reg'), self.path('b.reg')]})


class Drivers(Case):
    INF = ('[Version]\r\nSignature="$WINDOWS NT$"\r\nClass={0}\r\nProvider=%P%\r\n'
           'DriverVer=06/21/2024,1.2.3.4\r\nCatalogFile=a.cat\r\n'
           '[Manufacturer]\r\n%P%=M,{1}\r\n[M.{1}]\r\n%P%=I,PCI\\VEN_1\r\n'
           '[SourceDisksNames]\r\n1=x\r\n[SourceDisksFiles]\r\na.sys=1,Bin\r\n'
           '[Strings]\r\nP="Maker \x1b[31m"\r\n')

    def make(self, name, kind='Net', target='NTamd64'):
        folder = self.path(name)
        os.makedirs(folder + '/bin')
        self.write_file(name + '/Driver.inf', '\ufeff' + self.INF.format(kind, target),
                        'utf-16-le')
        self.write_file(name + '/A.cat', 'catalogue of ' + name)
        self.write_file(name + '/bin/a.sys', 'driver of ' + name)
        self.write_file(name + '/setup.exe', 'not wanted')

    def test_written(self):
        self.make('good/one')
        self.make('good/two', 'SCSIAdapter')
        self.make('good/three', target='NTarm64')
        self.make('more/four')
        result = self.write('--drivers', 'good', '--drivers', 'more', '--set',
                            'firstStart.systemCommands=other')
        self.assertEqual(result.status, OK, result.err)
        # A table, before anything is written.
        table = result.err[:result.err.index('“')]
        for name, fit in [('one', 'It fits.'), ('two', 'It fits, but not for'),
                          ('three', 'It is for other processors: arm64'), ('four', 'It fits.')]:
            self.assertRegex(table, rf'(?m)^({name}/)?Driver.inf +Maker .* {fit}')
        with open(self.path('report.json'), encoding='utf-8') as file:
            report = json.load(file)
        warnings = report['warnings']
        self.assertEqual(
            sorted((driver['driver'], driver['class'], driver['copied'])
                   for driver in report['windows']['drivers']),
            [('four/Driver.inf', 'Net', True), ('one/Driver.inf', 'Net', True),
             ('three/Driver.inf', 'Net', False), ('two/Driver.inf', 'SCSIAdapter', True)])
        self.assertTrue([w for w in warnings if '“three/Driver.inf” was left out' in w], warnings)
        self.assertTrue([w for w in warnings if '“two/Driver.inf” is installed at' in w], warnings)

        volume = self.partition(-1)
        self.assertIn('processed successfully', self.tool('ntfsfix', '-n', volume))
        self.tool('wimlib-imagex', 'capture', volume, self.path('made.wim'), '--compress=none')
        listing = self.tool('wimlib-imagex', 'dir', self.path('made.wim'), '1')
        found = sorted(line[1:] for line in listing.splitlines() if line.startswith('/Valise/'))
        self.assertEqual(found, sorted(
            ['Valise/Drivers'] + [f'Valise/Drivers/00{i}{name}' for i in (1, 2, 3)
                                  for name in ('', '/Driver.inf', '/A.cat', '/bin', '/bin/a.sys')]))
        for number, name in (1, 'one'), (2, 'two'), (3, 'four'):
            text = self.tool('ntfscat', volume, f'/Valise/Drivers/00{number}/bin/a.sys')
            self.assertEqual(text, 'driver of good/' + name if name != 'four'
                             else 'driver of more/four')
        answers = self.tool('ntfscat', volume, '/Windows/Panther/unattend.xml')
        paths = re.findall(r'<Path>(.*?)</Path>', answers)
        self.assertEqual(len(paths), 2, answers)
        self.assertIn('pnputil.exe /add-driver %SystemDrive%\\Valise\\Drivers\\*.inf', paths[0])
        self.assertEqual(paths[1], 'other')

    def test_refused(self):
        self.make('arm', target='NTarm64')
        os.mkdir(self.path('empty'))
        for name, words in [('arm', 'It is for other processors: arm64.'),
                            ('empty', 'There is no driver in “'), ('none', 'cannot be read')]:
            with self.subTest(words=words):
                result = self.write('--drivers', name)
                self.assertEqual(result.status, USAGE, result.err)
                self.assertIn(words, result.err)
                self.assertFalse(os.path.exists(self.path('drive')))

    def test_check(self):
        self.make('all/one')
        self.make('all/two', 'HDC', 'NTamd64.10.0...22000')
        result = self.run_valise('drivers', 'check', 'all')
        self.assertEqual(result.status, OK, result.err)
        self.assertRegex(result.out,
                         r'one/Driver.inf +Maker .* Net +1.2.3.4, 06/21/2024 +It fits\.')
        self.assertIn('It fits, but not for what Windows needs to start.', result.out)
        self.assertNotIn('\x1b', result.out)
        result = self.run_valise('drivers', 'check', 'all', '--build', '19045', '--json')
        lines = [json.loads(line) for line in result.out.splitlines()]
        self.assertEqual([line['fits'] for line in lines], [True, False])
        self.assertEqual([line['bootCritical'] for line in lines], [False, True])
        self.assertIn('build 22000', lines[1]['message'])
        self.check_run(['drivers', 'check', 'all', '--architecture', 'x86'], USAGE, 'None of the')
        self.check_run(['drivers', 'check'], USAGE, 'Name the folders')
        self.check_run(['drivers', 'check', 'all', '--architecture', 'vax'], USAGE, 'vax')


class Privacy(Case):
    USER, HOST, HOME = 'maker-fe21', 'maker-host-fe21', 'maker-home-fe21'

    def test_nothing_of_the_maker(self):
        home = self.path(self.HOME)
        os.mkdir(home)
        env = dict(self.env, USER=self.USER, LOGNAME=self.USER, HOSTNAME=self.HOST, HOME=home,
                   TZ='Asia/Tokyo', XDG_CACHE_HOME=os.path.join(home, 'cache'))
        self.assertEqual(self.write(env=env).status, OK)

        words = [self.USER, self.HOST, self.HOME, os.path.basename(self.folder)]
        # A short name of the computer can be in any data.
        words += [name for name in [socket.gethostname()] if len(name) >= 8]
        words += [os.path.basename(os.path.dirname(self.sample('sample.wim')))]
        self.assertEqual(self.find(words), [])
        # A search that finds nothing must be able to find something.
        with open(self.path('drive'), 'r+b') as file:
            file.seek(SIZE // 2 - 5)
            file.write(self.HOST.upper().encode('utf-16-le'))
        self.assertEqual(self.find(words), [self.HOST])

    def find(self, words):
        """The words that are anywhere on the drive, in any case, in UTF-8 or UTF-16."""
        patterns = [form for word in words for form in (word.encode(), word.encode('utf-16-le'))]
        pattern = re.compile(b'|'.join(map(re.escape, patterns)), re.IGNORECASE)
        found, kept = set(), b''
        with open(self.path('drive'), 'rb') as file:
            while piece := file.read(1 << 22):
                if any(piece):
                    for match in pattern.finditer(kept + piece):
                        found.add(match.group().replace(b'\0', b'').decode().lower())
                kept = piece[-256:]
        return sorted(found)

    def test_times_and_identifiers(self):
        env = dict(self.env, TZ='Asia/Tokyo')
        self.assertEqual(self.write(env=env).status, OK)
        with open(self.path('report.json'), encoding='utf-8') as file:
            drive = json.load(file)['drive']
        text = self.tool('sgdisk', '-p', *[f'-i{i}' for i in (1, 2, 3)], self.path('drive'))
        guids = re.findall(r'(?:Disk identifier \(GUID\)|Partition unique GUID): (\S+)', text)
        self.assertEqual(len(guids), 4, text)
        # Of the BCD store: objects that are not Windows' own, which are the same on all computers.
        esp = self.partition(0)
        self.tool('mcopy', '-i', esp, '::/EFI/Microsoft/Boot/BCD', self.path('bcd'))
        lines = self.read_hive(self.path('bcd'))
        objects = {line.split('\\')[1].split('|')[0] for line in lines
                   if line.startswith('Objects\\')}
        self.assertGreater(len(objects), 4, text)
        made = [uuid.UUID(guid) for guid in guids]
        self.assertEqual({guid.version for guid in made}, {4}, guids)
        mac = f'{uuid.getnode():012x}'
        for name in list(objects) + guids:
            self.assertFalse(name.strip('{}').lower().endswith(mac), name)

        # FAT has local times; ours are UTC, so that none is nine hours in the future.
        now = self.tool('date', '-u', '+%Y-%m-%d %H:%M').strip()
        listing = self.tool('mdir', '-i', esp, '-/', '::/')
        times = re.findall(r'(\d{4}-\d\d-\d\d) +(\d+):(\d\d)', listing)
        self.assertGreater(len(times), 5, listing)
        for date, hour, minute in times:
            self.assertLessEqual(f'{date} {int(hour):02}:{minute}', now)
        self.assertTrue(drive)


if __name__ == '__main__':
    harness.main()
