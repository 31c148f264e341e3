#!/usr/bin/env python3
# test-profile.py: profiles, and drives that are made their owners': `valise profile`, and what
# `valise write` does with answers.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-profile.py VALISE MAKE-SAMPLE [Class.test …]
#
# What is on a drive is what ntfscat reads there.
import base64
import json
import os
import stat
import subprocess
import xml.etree.ElementTree as ET

import harness
from harness import OK, USAGE

NS = '{urn:schemas-microsoft-com:unattend}'
ANSWERS = '/Windows/Panther/unattend.xml'
SIZE = 512 << 20


def profile(**sections):
    return {'format': 'valise-profile', 'formatVersion': 1, **sections}


class Case(harness.Case):
    def write_file(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text if isinstance(text, str) else json.dumps(text))
        return self.path(name)

    def read_json(self, name):
        with open(self.path(name), encoding='utf-8') as file:
            return json.load(file)

    def cut_out(self, drive, report):
        """The volume of Windows on a drive, as a file of its own."""
        partition = self.read_json(report)['drive']['partitions'][-1]
        volume = self.path(drive + '.ntfs')
        self.tool('dd', f'if={self.path(drive)}', f'of={volume}', 'bs=1M', 'conv=sparse',
                  'status=none', f'skip={partition["offset"] >> 20}',
                  f'count={partition["size"] >> 20}')
        os.truncate(volume, partition['size'])
        return volume

    def read_answers(self, volume):
        return ET.fromstring(self.tool('ntfscat', volume, ANSWERS).rstrip().encode())


    def compare(self, name_a, name_b):
        """The clusters that differ: their numbers, and what is in the second file."""
        different = {}
        self.assertEqual(os.path.getsize(name_a), os.path.getsize(name_b))
        with open(name_a, 'rb') as a, open(name_b, 'rb') as b:
            for start in range(0, os.path.getsize(name_a), 1 << 20):
                piece_a, piece_b = a.read(1 << 20), b.read(1 << 20)
                for at in range(0, len(piece_a), 4096) if piece_a != piece_b else []:
                    if piece_a[at:at + 4096] != piece_b[at:at + 4096]:
                        different[(start + at) // 4096] = piece_b[at:at + 4096]
        return different


class Check(Case):
    def test_good(self):
        self.write_file('a.json', profile(name='Help desk', **{
            '// why': 'for the help desk', 'image': {'edition': 'Professional'},
            'drive': {'layout': 'gpt', 'bootManager': '2011', 'verify': True, 'cache': '128M'},
            'account': {'// note': 'one account', 'kind': 'standard', 'name': 'anna'},
            'administrator': {'name': 'help desk'}, 'computer': {'name': 'HELP-{serial:4}'},
            'region': {'timeZone': 'Europe/Berlin', 'keyboard': '0407:00000407'},
            'firstStart': {'commands': ['notepad.exe']}}))
        result = self.check_run(['profile', 'check', 'a.json'], OK, '')
        self.assertIn('is right', result.out)
        result = self.check_run(['profile', 'check', 'a.json', '--json'], OK, '')
        self.assertEqual(json.loads(result.out)['status'], 'ok')

    def test_faults_have_their_places(self):
        """Each fault is named with its place, all of them at once."""
        self.write_file('a.json', profile(acount={}, region=3, name=7, **{
            'account': {'nmae': 'a', 'kind': 'boss', 'password': 3},
            'drive': {'verify': 'yes', 'cache': 'lots', 'layout': None},
            'image': {'edition': '4'}, 'firstStart': {'commands': 'a', 'systemCommands': ['a', 1]},
            'computer': {'name': ['a']}}))
        result = self.check_run(['profile', 'check', 'a.json'], USAGE, [
            'There is no “acount”', 'There is no “account.nmae”. Is “account.name” meant?',
            'account.kind: “boss” is not possible; these are: ask, administrator, standard',
            'account.password: It must be a text', 'drive.verify: It must be true or false',
            'drive.cache: “lots” is not a size', 'drive.layout: It must be a text',
            'region: It must be an object', 'name: It must be a text',
            'image.edition: The number of an edition', 'firstStart.commands: It must be a list',
            'firstStart.systemCommands: It must be a list', 'computer.name: It must be a text'])
        self.assertEqual(len(result.err.splitlines()), 14)
        result = self.run_valise('profile', 'check', 'a.json', '--json')
        self.assertEqual(json.loads(result.out)['error']['code'], 'invalid')

    def test_lines(self):
        """A fault's line and column are those of its member, whatever stands around it."""
        text = ('{"format": "valise-profile", /* "region": 3,\n */'
                '"formatVersion": 1,\n "computer": {"//": "\\"}, {\\\\", "owner": "ä\\"",\n'
                '\t"näme": 1}, "company": { "wifi": [\n"name", {"owner": 3}], "copy": 1 },\n'
                '  "name": "x", "//name": {"name": 1}, "account": {"name": "ok"},\n'
                '  "account": {\n    "name":\n 1\n}, "owner": {"owner": 2}}')
        self.write_file('a.json', text)
        result = self.run_valise('profile', 'check', 'a.json')
        self.assertEqual(result.status, USAGE)
        for start, words in [('"account": {\n', 'There is no'), ('"näme"', 'computer.näme'),
                             ('"wifi"', 'company.wifi'), ('"copy"', 'company.copy'),
                             ('"name":\n', 'account.name'), ('"owner": {', 'There is no “owner”')]:
            with self.subTest(words=words):
                before = text[:text.index(start)]
                line = before.count('\n') + 1
                column = len(before) - (before.rfind('\n') + 1) + 1
                place = f'a.json:{line}:{column}: '
                if start == '"account": {\n':  # it is one, and right
                    self.assertNotIn(place, result.err)
                else:
                    self.assertRegex(result.err, f'(?m)^{place}.*{words}')

    def test_blame(self):
        """What does not fit together is told with the place of the key that is to blame."""
        account = '"kind": "administrator", "name": "anna"'
        cases = [
            # The fault, the sections, and what stands where it is to be.
            ('is not a time zone', '"region": {"keyboard": "de-DE",\n "timeZone": "Mars"}',
             '"timeZone"'),
            ('Nobody could administer', '"account": {"name": "anna",\n  "kind": "standard"}',
             '"kind"'),
            ('has no name', '"account": {\n"kind": "administrator"}', '"kind"'),
            ('both called', f'"computer": {{"name": "ANNA"}},\n"account": {{{account}}}',
             '"name": "anna"'),
            ('Both accounts', '"account": {"kind": "standard", "name": "anna"},\n'
             '"administrator": {"name": "Anna"}', '"name": "anna"'),
            ('cache of', '"drive": {"verify": false, "cache": 1}', '"cache"'),
            ('too long', f'"firstStart": {{"skipLicense": true,\n "commands": ["{"a" * 2000}"]}}',
             '"commands"'),
        ]
        for words, sections, start in cases:
            with self.subTest(words=words):
                text = '{"format": "valise-profile", "formatVersion": 1,\n' + sections + '}'
                self.write_file('a.json', text)
                before = text[:text.index(start)]
                line = before.count('\n') + 1
                column = len(before) - (before.rfind('\n') + 1) + 1
                result = self.check_run(['profile', 'check', 'a.json'], USAGE, words)
                self.assertRegex(result.err, f'(?m)^a.json:{line}:{column}: .*{words}')

    def test_refused(self):
        cases = [
            ('', 'not a JSON object'), ('{', 'line:column: 1'),
            # What json-glib takes, some of it in some versions only.
            ('{"a": 1} {"a": 1}', 'not a JSON object'), ("{'a': 1}", 'not a JSON object'),
            ('{"a": 1, / {"b/": 2} {"c": 3}', 'not a JSON object'),
            ('{"a": 1} // b', 'not a JSON object'), ('{"a": 1 /*', 'not a JSON object'),
            ('{"format": "valise-profile",\n"formatVersion": 1,\n"a": }', 'line:column: 3'),
            ('[]', 'not a JSON object'), ('{}', '“format” is not “valise-profile”'),
            ('[' * 100000, 'not a JSON object'), ('{"a": "\xff"}', '“format” is not'),
            ({'format': 'valise-profile'}, '“formatVersion” is missing'),
            ({'format': 'valise-profile', 'formatVersion': 2}, 'newer version'),
            ({'format': 'valise-report', 'formatVersion': 1}, 'not a profile'),
            (profile(account={'kind': 'standard', 'name': 'anna'}), 'Nobody could administer'),
            (profile(account={'kind': 'administrator', 'name': 'Guest'}), 'uses itself'),
            (profile(computer={'name': 'HELP DESK'}), 'has a “ ”'),
            (profile(computer={'name': '{m}'}), 'not a pattern'),
            (profile(computer={'productKey': 'SECRET-KEY'}), 'not a product key'),
            (profile(region={'timeZone': 'Mars'}), 'not a time zone'),
            (profile(region={'keyboard': 'qwertz'}), 'not a keyboard'),
            (profile(drive={'cache': 1}), 'not possible'),
        ]
        for text, words in cases:
            with self.subTest(words=words):
                self.write_file('a.json', text)
                result = self.check_run(['profile', 'check', 'a.json'], USAGE, words)
                self.assertNotIn('SECRET', result.err)
        self.check_run(['profile', 'check', 'none.json'], USAGE, 'cannot be read')
        self.check_run(['profile', 'check'], USAGE, 'Say what to do')
        self.check_run(['profile', 'burn', 'a'], USAGE, 'Say what to do')


class Save(Case):
    OPTIONS = ['--account', 'anna', '--computer-name', 'PC-{n}', '--time-zone', 'Asia/Calcutta',
               '--skip-questions', '--set', 'drive.bootManager=2023', '--set',
               'firstStart.commands=a', '--set', 'firstStart.commands=b']

    def test_what_is_saved_is_what_is_loaded(self):
        self.check_run(['profile', 'save', 'a.json', *self.OPTIONS], OK, '')
        saved = self.read_json('a.json')
        self.assertEqual(saved['account'], {'kind': 'administrator', 'name': 'anna'})
        self.assertEqual(saved['region']['timeZone'], 'India Standard Time')
        self.assertEqual(saved['firstStart']['commands'], ['a', 'b'])
        self.assertEqual(saved['drive']['bootManager'], '2023')
        self.check_run(['profile', 'save', 'b.json', '--profile', 'a.json'], OK, '')
        self.assertEqual(self.read_json('b.json'), saved)
        # What stands on the command line counts more.
        self.check_run(['profile', 'save', 'b.json', '--profile', 'a.json', '--computer-name',
                        'OTHER', '--set', 'drive.bootManager=2011'], OK, '')
        self.assertEqual(self.read_json('b.json')['computer'], {'name': 'OTHER'})
        self.assertEqual(self.read_json('b.json')['drive']['bootManager'], '2011')

    def test_secrets(self):
        """Secrets are saved only on request; then the file says so and is private."""
        self.write_file('password', 'Geheim 1\nrest')
        options = ['--account', 'anna', '--password-file', 'password', '--set',
                   'computer.productKey=W269N-WFGWX-YVC9B-4J6C9-T83GX']
        self.check_run(['profile', 'save', 'a.json', *options], OK, 'are not in the saved profile')
        with open(self.path('a.json'), encoding='utf-8') as file:
            text = file.read()
        for secret in ('Geheim', 'W269N', 'hasSecrets'):
            self.assertNotIn(secret, text)
        self.check_run(['profile', 'save', 'a.json', *options, '--save-secrets'], OK,
                       'There are passwords')
        saved = self.read_json('a.json')
        self.assertTrue(saved['hasSecrets'])
        self.assertEqual(saved['account']['password'], 'Geheim 1')
        self.assertEqual(stat.S_IMODE(os.stat(self.path('a.json')).st_mode), 0o600)
        self.check_run(['profile', 'check', 'a.json'], OK, '')

    def test_paths_count_from_the_profile(self):
        os.mkdir(self.path('folder'))
        self.write_file('folder/a.json', profile(firstStart={'answerFile': 'own.xml'}))
        self.check_run(['profile', 'save', 'b.json', '--profile', 'folder/a.json'], OK, '')
        self.assertEqual(self.read_json('b.json')['firstStart']['answerFile'],
                         self.path('folder/own.xml'))

    def test_wrong_options(self):
        for options, words in [
                (['--set', 'account.nmae=a'], 'Is “account.name” meant?'),
                (['--set', 'account'], 'sets nothing'),
                (['--set', 'drive.verify=maybe'], 'drive.verify: It must be'),
                (['--password-file', 'none'], 'cannot be read'),
                (['--profile', 'none'], 'cannot be read'),
                (['--computer-name', 'A' * 16], '16 characters')]:
            with self.subTest(words=words):
                self.check_run(['profile', 'save', 'a.json', *options], USAGE, words)
                self.assertFalse(os.path.exists(self.path('a.json')))


class Write(Case):
    def write(self, names, *options):
        targets = [word for name in names for word in ('--to', name)]
        return self.run_valise('write', self.sample('sample.wim'), '--image', '1', *targets,
                               '--size', str(SIZE), '--yes', '--report', 'report.json', *options)

    def test_three_names_one_set_of_data(self):
        self.write_file('password', 'Pässwort <&>')
        names = ['a.img', 'b.img', 'c.img']
        result = self.write(names, '--computer-name', 'HELP-{n:03}', '--account', 'anna',
                            '--password-file', 'password', '--save-profile', 'p.json')
        self.assertEqual(result.status, OK, result.err)
        self.assertEqual(self.read_json('p.json')['computer']['name'], 'HELP-{n:03}')

        volumes = []
        for i, name in enumerate(names):
            report = f'report-{i + 1}.json'
            self.check_run(['verify', name, '--report', report], OK, '')
            volume = self.cut_out(name, report)
            self.assertIn('processed successfully', self.tool('ntfsfix', '-n', volume))
            root = self.read_answers(volume)
            self.assertEqual([e.text for e in root.iter(NS + 'ComputerName')], [f'HELP-00{i + 1}'])
            record = self.read_json(report)
            self.assertEqual(record['drive']['computerName'], f'HELP-00{i + 1}')
            self.assertTrue(record['windows']['hasSecrets'])
            self.assertNotIn('sswort', json.dumps(record))
            account = next(root.iter(NS + 'LocalAccount'))
            value = account.find(NS + 'Password').findtext(NS + 'Value')
            self.assertEqual(base64.b64decode(value).decode('utf-16-le'), 'Pässwort <&>Password')
            volumes.append(volume)
        # The boot sector and its copy, and one cluster of the answers: the name is at one place.
        for other in volumes[1:]:
            different = self.compare(volumes[0], other)
            self.assertEqual(len(different), 3, list(different))
            first, middle, last = sorted(different)
            self.assertEqual((first, last), (0, os.path.getsize(other) // 4096 - 1))
            self.assertIn(b'ComputerName', different[middle])

    def test_what_every_drive_has(self):
        """Without any choice: nothing of this computer, and what a portable Windows needs."""
        result = self.write(['a.img'])
        self.assertEqual(result.status, OK, result.err)
        root = self.read_answers(self.cut_out('a.img', 'report.json'))
        found = {element.tag[len(NS):] for element in root.iter()}
        self.assertEqual(found, {'unattend', 'settings', 'component', 'ExtendOSPartition', 'Extend',
                                 'PreventDeviceEncryption', 'UninstallWindowsRE'})

    def test_own_file(self):
        own = ('<unattend xmlns="urn:schemas-microsoft-com:unattend"><settings pass="specialize">'
               '<component name="Microsoft-Windows-Shell-Setup" processorArchitecture="{}" '
               'publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS">'
               '<ComputerName>MINE</ComputerName></component></settings></unattend>')
        self.write_file('own.xml', own.format('amd64'))
        result = self.write(['a.img'], '--unattend', 'own.xml', '--time-zone', 'UTC')
        self.assertEqual(result.status, OK, result.err)
        root = self.read_answers(self.cut_out('a.img', 'report.json'))
        self.assertEqual(root.find(f'.//{NS}ComputerName').text, 'MINE')
        self.assertEqual(root.find(f'.//{NS}TimeZone').text, 'UTC')

        os.remove(self.path('a.img'))
        self.write_file('arm.xml', own.format('arm64'))
        for options, words in [
                (['--unattend', 'own.xml', '--computer-name', 'OTHER'],
                 'ComputerName: “MINE” in the file, “OTHER” chosen'),
                (['--unattend', 'arm.xml'], 'for other processors only'),
                (['--unattend', 'none.xml'], 'cannot be read'),
                (['--unattend', '/dev/zero'], 'not a file'),
                (['--language', 'tlh-QO'], 'cannot show the language “tlh-QO”'),
                (['--computer-name', 'PC-{serial:4}'], 'has no serial number')]:
            with self.subTest(words=words):
                result = self.write(['a.img'], *options)
                self.assertEqual(result.status, USAGE, result.err)
                self.assertIn(words, result.err)
                self.assertFalse(os.path.exists(self.path('a.img')))

    def hive_value(self, volume, hive, key, name):
        path = self.path(hive)
        with open(path, 'wb') as file:
            subprocess.run(['ntfscat', volume, f'/Windows/System32/config/{hive}'], stdout=file,
                           check=True, env=self.env)
        return self.tool('hivexget', path, key, name).strip()

    def test_company(self):
        """Policies become values, files and commands; what is copied arrives."""
        wifi = ('<WLANProfile xmlns="http://www.microsoft.com/networking/WLAN/profile/v1">'
                '<name>Office</name><SSIDConfig><SSID><name>Office</name></SSID></SSIDConfig>'
                '</WLANProfile>')
        self.write_file('home.xml', wifi)
        os.makedirs(self.path('docs/sub'))
        self.write_file('docs/sub/päper.txt', 'hello')
        self.write_file('docs/one', '1' * 100000)
        self.write_file('p.json', profile(company={
            'lockAfterMinutes': 10, 'encryptAtFirstSignIn': True, 'wifi': ['home.xml'],
            'recoveryKeyFolder': '\\\\server\\keys',
            'copy': ['docs|\\Users\\Public\\Documents\\From Us']}))
        result = self.write(['a.img'], '--profile', 'p.json')
        self.assertEqual(result.status, OK, result.err)
        volume = self.cut_out('a.img', 'report.json')
        self.assertIn('processed successfully', self.tool('ntfsfix', '-n', volume))
        folder = '/Users/Public/Documents/From Us'
        self.assertEqual(self.tool('ntfscat', volume, f'{folder}/sub/päper.txt'), 'hello')
        self.assertEqual(self.tool('ntfscat', volume, f'{folder}/one'), '1' * 100000)
        self.assertEqual(self.tool('ntfscat', volume, '/Windows/Setup/Valise/wifi-1.xml'), wifi)
        self.assertIn('manage-bde', self.tool('ntfscat', volume,
                                              '/Windows/Setup/Valise/encrypt.cmd'))
        windows = self.read_json('report.json')['windows']
        self.assertEqual(windows['settings']['company']['lockAfterMinutes'], 10)
        self.assertEqual(windows['settings']['company']['wifi'], [self.path('home.xml')])
        self.assertEqual(windows['hasSecrets'], False)
        root = self.read_answers(volume)
        self.assertIn('setup.cmd', root.find(f'.//{NS}RunSynchronousCommand/{NS}Path').text)
        self.assertIn('encrypt.cmd', root.find(f'.//{NS}SynchronousCommand/{NS}CommandLine').text)
        self.assertEqual(self.hive_value(
            volume, 'SOFTWARE', '\\Microsoft\\Windows\\CurrentVersion\\Policies\\System',
            'InactivityTimeoutSecs'), '600')
        self.assertEqual(self.hive_value(volume, 'SOFTWARE', '\\Policies\\Microsoft\\FVE',
                                         'OSPassphrase'), '1')

        os.remove(self.path('a.img'))
        os.symlink('/etc/passwd', self.path('docs/link'))
        for copy, words in [('docs|\\x', 'neither a file nor a folder'),
                            ('none|\\x', 'cannot be copied'), ('docs', 'does not say what'),
                            ('docs|x', 'does not say what'), ('docs|\\a\\..\\b', 'does not say'),
                            ('docs|\\a?', 'does not say what'),
                            ('docs|\\windows\\system32\\config\\x', 'Windows itself uses')]:
            with self.subTest(copy=copy):
                result = self.write(['a.img'], '--set', f'company.copy={copy}')
                self.assertEqual(result.status, USAGE, result.err)
                self.assertIn(words, result.err)
                self.assertFalse(os.path.exists(self.path('a.img')))

    def test_clash(self):
        result = self.write(['a.img', 'b.img'], '--computer-name', 'ONE')
        self.assertEqual(result.status, USAGE, result.err)
        self.assertIn('would both get the computer name “ONE”', result.err)
        self.assertFalse(os.path.exists(self.path('a.img')))

    def test_resume(self):
        """A resumed drive has the number that it had, and needs the same choices."""
        result = self.write(['a.img', 'b.img'], '--computer-name', 'HELP-{n}')
        self.assertEqual(result.status, OK, result.err)
        batch = self.read_json('report.json')
        batch['drives'][1] = {**batch['drives'][1], 'state': 'not-started', 'report': None}
        self.write_file('report.json', batch)
        resume = ['write', '--resume', 'report.json', '--yes']
        self.check_run(resume, USAGE, 'made with other choices')
        self.check_run([*resume, '--computer-name', 'OTHER-{n}'], USAGE, 'made with other choices')
        self.check_run([*resume, '--computer-name', 'HELP-{n}'], OK, '')
        root = self.read_answers(self.cut_out('b.img', 'report-2.json'))
        self.assertEqual(root.find(f'.//{NS}ComputerName').text, 'HELP-2')


if __name__ == '__main__':
    harness.main()
