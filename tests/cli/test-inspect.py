#!/usr/bin/env python3
# test-inspect.py: valise's commands in general, and `valise inspect`.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-inspect.py VALISE MAKE-SAMPLE [Class.test …]
#
# What is in the sample is what wimlib-imagex says.
import json
import os
import re
import shutil
import subprocess

import harness


def number(text):
    return int(re.sub(r'\D', '', text))


class General(harness.Case):
    def test_help(self):
        result = self.run_valise('--help')
        self.assertEqual(result.status, harness.OK)
        self.assertIn('valise inspect', result.out)
        self.assertEqual(result.err, '')

    def test_version(self):
        result = self.run_valise('--version')
        self.assertEqual(result.status, harness.OK)
        self.assertRegex(result.out, r'^valise \d+\.\d+\.\d+\n$')

    def test_command_help(self):
        result = self.run_valise('inspect', '--help')
        self.assertEqual(result.status, harness.OK)
        self.assertIn('valise inspect [OPTION…] SOURCE', result.out)
        self.assertIn('--json', result.out)

    def test_usage(self):
        for arguments, words in [
                ([], 'Usage:'),
                (['nonsense'], 'no command “nonsense”'),
                (['--nonsense'], 'no option “--nonsense”'),
                (['inspect'], 'Name one ISO, WIM, ESD or SWM file'),
                (['inspect', 'a', 'b'], 'Name one ISO, WIM, ESD or SWM file'),
                (['verify'], 'Name one drive or file'),
                (['verify', 'a', 'b'], 'Name one drive or file'),
                (['verify', 'a'], 'Name the report'),
                (['inspect', '--nonsense', 'a'],
                 ['--nonsense', '“valise inspect --help” shows the options'])]:
            with self.subTest(arguments):
                result = self.check_run(arguments, harness.USAGE, words)
                self.assertEqual(result.out, '')

    def test_plain_locale(self):
        """Where there are no typographic quotes, there are plain ones."""
        self.env['LC_ALL'] = 'C'
        result = self.check_run(['nonsense'], harness.USAGE, 'no command "nonsense"')
        self.assertTrue(result.err.isascii())


class Inspect(harness.Case):
    def wimlib(self, path):
        """The editions as wimlib-imagex tells them."""
        text = self.tool('wimlib-imagex', 'info', path)
        return [dict(re.findall(r'^([A-Z][\w ]*): +(.*?) *$', part, re.M))
                for part in re.split(r'\n(?=Index:)', text)[1:]]

    def test_json(self):
        for name, kind in [('sample.wim', 'wim'), ('sample.esd', 'esd'), ('sample.swm', 'swm')]:
            with self.subTest(name):
                path = self.sample(name)
                result = self.run_valise('inspect', '--json', path)
                self.assertEqual(result.status, harness.OK, result.err)
                self.assertEqual(result.err, '')
                found = json.loads(result.out)
                self.assertEqual(found['format'], kind)
                self.assertIs(found['iso'], False)
                self.assertEqual(found['source'], path)
                wanted = self.wimlib(path)
                self.assertGreater(len(wanted), 1)
                self.assertEqual(len(found['editions']), len(wanted))
                for edition, told in zip(found['editions'], wanted):
                    version = '.'.join([told['Major Version'], told['Minor Version'],
                                        told['Build'], told['Service Pack Build']])
                    self.assertEqual(edition['index'], int(told['Index']))
                    self.assertEqual(edition['name'], told['Name'])
                    self.assertEqual(edition['description'], told['Description'])
                    self.assertEqual(edition['editionId'], told['Edition ID'])
                    self.assertEqual(edition['version'], version)
                    self.assertEqual(edition['build'], int(told['Build']))
                    self.assertEqual(edition['architecture'],
                                     told['Architecture'].replace('x86_64', 'amd64'))
                    self.assertEqual(edition['languages'], told['Languages'].split())
                    self.assertEqual(edition['defaultLanguage'], told['Default Language'])
                    self.assertEqual(edition['bytes'], int(told['Total Bytes']))
                    self.assertEqual(edition['hardLinkBytes'], int(told['Hard Link Bytes']))
                    self.assertEqual(edition['files'], int(told['File Count']))
                    self.assertEqual(edition['folders'], int(told['Directory Count']))
                    self.assertIs(edition['system'], True)

    def test_boot_files(self):
        path = self.sample('sample.wim')
        tree = self.tool('wimlib-imagex', 'dir', path, '1').lower()
        found = json.loads(self.run_valise('inspect', '--json', path).out)['editions'][0]['boot']
        self.assertEqual(found, {'uefi': '/windows/boot/efi/bootmgfw.efi' in tree,
                                 'bios': '/windows/boot/pcat/bootmgr' in tree,
                                 'ca2023': '/windows/boot/efi_ex/bootmgfw_ex.efi' in tree})

    def test_table(self):
        path = self.sample('sample.wim')
        result = self.run_valise('inspect', path)
        self.assertEqual(result.status, harness.OK, result.err)
        lines = result.out.splitlines()
        self.assertRegex(lines[0], r'^sample\.wim: WIM image, \d')
        heads = [match.start() for match in re.finditer(r'\S+( \S+)*', lines[2])]
        wanted = self.wimlib(path)
        # Below is what is told of their boot managers.
        self.assertEqual(lines.index('', 3), 3 + len(wanted))
        for line, told in zip(lines[3:], wanted):
            self.assertEqual(number(line[:heads[1]]), int(told['Index']))
            self.assertTrue(line[heads[1]:].startswith(told['Name'] + '  '))
            for word in [told['Edition ID'], told['Build'], 'amd64', told['Languages'],
                         told['File Count'], 'UEFI BIOS CA-2023']:
                self.assertIn(word, line)

    def test_compact(self):
        """What an edition takes, by algorithm; the better one takes less, all less than none."""
        names = ['off', 'xpress4k', 'xpress8k', 'xpress16k', 'lzx']
        for name in ['sample.wim', 'sample.esd', 'sample.swm']:
            with self.subTest(name):
                path = self.sample(name)
                result = self.run_valise('inspect', '--compact', '--json', path)
                self.assertEqual(result.status, harness.OK, result.err)
                again = self.run_valise('inspect', '--compact', '--json', path)
                self.assertEqual(result.out, again.out)
                for edition in json.loads(result.out)['editions']:
                    sizes = [edition['compact'][kind] for kind in names]
                    self.assertEqual(sizes, sorted(set(sizes), reverse=True))
                    self.assertGreater(sizes[0], edition['bytes'] - edition['hardLinkBytes'])
                    self.assertLess(edition['compact']['sampleBytes'], 64 << 20)
        result = self.run_valise('inspect', '--compact', self.sample('sample.wim'))
        self.assertEqual(result.status, harness.OK, result.err)
        self.assertRegex(result.out, r'No\. +off +xpress4k +xpress8k +xpress16k +lzx\n +1 ')
        plain = self.run_valise('inspect', '--json', self.sample('sample.wim'))
        self.assertNotIn('sampleBytes', plain.out)

    def test_compact_unusual(self):
        """An image for pipes has no tables to take a sample by."""
        path = self.path('pipe.wim')
        self.tool('wimlib-imagex', 'export', self.sample('sample.wim'), 'all', path, '--pipable')
        self.assertEqual(self.run_valise('inspect', path).status, harness.OK)
        self.check_run(['inspect', '--compact', path], harness.FAILED, 'no sample can be taken')

    def test_wide_names(self):
        """Names in East Asian scripts, and what a terminal would obey."""
        path = self.path('wide.wim')
        shutil.copy(self.sample('sample.wim'), path)
        self.tool('wimlib-imagex', 'info', path, '1',
                  '--image-property', 'DISPLAYNAME=Windows 11 专业版',
                  '--image-property', 'DISPLAYDESCRIPTION=描述 \u202egnol\u009b red')
        result = self.run_valise('inspect', path)
        self.assertEqual(result.status, harness.OK, result.err)
        self.assertNotRegex(result.out, '[\u202e\u009b]')
        lines = result.out.splitlines()[3:]
        self.assertIn('Description', result.out)

        def column(line, word):
            before = line[:line.index(word)]
            return len(before) + sum(ord(c) > 0x2e80 for c in before)
        self.assertEqual(column(lines[0], '10.0.'), column(lines[1], '10.0.'))

    def test_wrong_files(self):
        text = self.path('text.txt')
        with open(text, 'w', encoding='ascii') as file:
            file.write('no image\n')
        for path, code, words in [
                (self.path('nothing.wim'), 'unreadable', 'cannot be opened'),
                (text, 'not-an-image', 'not a Windows image'),
                (self.sample('boot.wim'), 'not-a-system', 'Windows PE'),
                (self.folder, None, 'valise: ')]:
            with self.subTest(path):
                self.check_run(['inspect', path], harness.FAILED, words)
                result = self.check_run(['inspect', '--json', path], harness.FAILED, words)
                error = json.loads(result.out)['error']
                self.assertEqual(error['domain'], 'source')
                if code:
                    self.assertEqual(error['code'], code)
                self.assertIn(error['message'].split('.')[0], result.err)

    def test_no_space_for_output(self):
        with open('/dev/full', 'w', encoding='ascii') as full:
            done = subprocess.run([harness.VALISE, 'inspect', self.sample('sample.wim')],
                                  stdout=full, stderr=subprocess.PIPE, check=False, env=self.env)
        self.assertEqual(done.returncode, harness.FAILED)
        self.assertIn(b'could not be printed', done.stderr)

    def test_leaves_nothing(self):
        self.run_valise('inspect', self.sample('sample.wim'))
        self.assertEqual(set(os.listdir(self.path('cache/valise'))) - {'gate'}, set())


if __name__ == '__main__':
    harness.main()
