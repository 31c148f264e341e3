#!/usr/bin/env python3
# test-resume.py: a batch of virtual drives, its report, and `valise write --resume`.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-resume.py VALISE MAKE-SAMPLE [Class.test …]
#
# One drive of a batch fails because its bytes are changed while the program is stopped. Whether a
# drive is sound, or blank, is what sgdisk, blkid, fsck.fat and ntfsfix say.
import hashlib
import json
import os
import signal
import subprocess

import harness
from drives import MIB, Drives, digest

SIZE = 512 * MIB


class Resume(Drives):
    def setUp(self):
        super().setUp()
        # A copy: some tests change it.
        self.image = self.path('image.wim')
        with open(self.sample('sample.wim'), 'rb') as source, open(self.image, 'wb') as copy:
            copy.write(source.read())

    def start_batch(self, names, *options):
        """Starts to write drives, and returns when their EFI partitions are written."""
        targets = [word for name in names for word in ('--to', name)]
        valise = subprocess.Popen(
            [harness.VALISE, 'write', self.image, '--image', '1', '--yes', '--json', *targets,
             '--report', 'report.json', *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=self.folder, env=self.env, start_new_session=True)
        for line in valise.stdout:
            if json.loads(line).get('stage') == 'apply':
                break
        return valise

    def run_batch(self, *options, names=('a.img', 'b.img', 'c.img')):
        """The last drive loses what is written to it; the others are finished."""
        for name in names:
            self.file(name, SIZE)
        valise = self.start_batch(names, *options)
        valise.send_signal(signal.SIGSTOP)
        os.waitpid(valise.pid, os.WUNTRACED)
        with open(self.path(names[-1]), 'r+b') as file:
            file.seek(2 * MIB)
            file.write(os.urandom(MIB))
        valise.send_signal(signal.SIGCONT)
        out, err = valise.communicate(timeout=120)
        self.assertEqual(valise.returncode, harness.SOME_FAILED, err)
        self.assertEqual(json.loads(out.splitlines()[-1])['batchReport'], 'report.json')

    def kill_batch(self, *names, options=()):
        valise = self.start_batch(names, *options)
        valise.kill()
        valise.communicate(timeout=120)
        self.assertEqual(self.states(), ['not-started'] * len(names))

    def report(self, name='report.json'):
        with open(self.path(name), encoding='utf-8') as file:
            return json.load(file)

    def change_report(self, change):
        report = self.report()
        change(report)
        with open(self.path('report.json'), 'w', encoding='utf-8') as file:
            json.dump(report, file)

    def resume(self, *arguments, status=harness.OK, words='', **options):
        """As programs see it."""
        result = self.check_run(['write', '--json', *arguments, '--resume', 'report.json',
                                 '--yes'], status, words, **options)
        return result.events()[-1]

    def digests(self, *names):
        return [digest(self.path(name)) for name in names]

    def states(self):
        return [drive['state'] for drive in self.report()['drives']]

    def test_one_of_three(self):
        self.run_batch()
        report = self.report()
        with open(self.image, 'rb') as file:
            self.assertEqual(report['source']['sha256'],
                             hashlib.sha256(file.read()).hexdigest())
        self.assertEqual(report['source']['path'], self.image)
        self.assertEqual(report['source']['size'], os.path.getsize(self.image))
        self.assertEqual(report['settings']['image'], '1')
        self.assertEqual(report['settings']['edition'], 'Windows 11 Pro')
        self.assertEqual(report['settings']['layout'], 'gpt')
        self.assertEqual(report['settings']['bootManager'], 2011)
        self.assertIs(report['settings']['verify'], True)
        first, second, third = report['drives']
        self.assertEqual(self.states(), ['finished', 'finished', 'failed'])
        self.assertEqual(first['name'], self.path('a.img'))
        self.assertEqual((first['report'], second['report'], third['report']),
                         ('report-1.json', 'report-2.json', None))
        self.assertEqual((first['size'], third['size']), (SIZE, SIZE))
        self.assertNotIn('error', first)
        error = third['error']
        self.assertEqual((error['domain'], error['code'], error['stage']),
                         ('drive', 'mismatch', 'verify'))
        self.assertIn('In partition 1', error['message'])
        self.check_blank(self.path('c.img'))
        self.assertFalse(os.path.exists(self.path('report-3.json')))

        # Only the third one is written, and as the others were.
        before = self.digests('a.img', 'b.img', 'report-1.json', 'report-2.json')
        event = self.resume()
        self.assertEqual(event['status'], 'ok')
        self.assertEqual([target['target'] for target in event['targets']],
                         [self.path('c.img')])
        self.assertEqual(self.digests('a.img', 'b.img', 'report-1.json', 'report-2.json'), before)
        self.assertEqual(self.states(), ['finished'] * 3)
        self.assertNotIn('error', self.report()['drives'][2])
        for number, name in enumerate(['a.img', 'b.img', 'c.img'], 1):
            self.check_good(self.path(name), name + '-parts')
            self.check_run(['verify', name, '--report', f'report-{number}.json'], harness.OK, '')
        self.assertIs(self.report('report-3.json')['verified'], True)

        # Nothing is left to do, and the image is not needed for that.
        before = self.digests('a.img', 'b.img', 'c.img', 'report.json')
        os.unlink(self.image)
        self.assertEqual(self.resume()['targets'], [])
        result = self.check_run(['write', '--resume', 'report.json'], harness.OK, '')
        self.assertEqual(result.out, 'All drives of this batch are finished.\n')
        self.assertEqual(self.digests('a.img', 'b.img', 'c.img', 'report.json'), before)

        # The two kinds of reports are told from each other.
        self.check_run(['verify', 'a.img', '--report', 'report.json'], harness.FAILED,
                       'report of a batch')
        self.check_run(['write', '--resume', 'report-1.json'], harness.FAILED,
                       'report of one drive')

    def test_settings(self):
        """The settings come from the report; what contradicts it is refused by name."""
        self.file('a.img', SIZE)
        self.file('b.img', SIZE)
        self.kill_batch('a.img', 'b.img', options=['--no-verify', '--cache', '32M'])
        before = self.digests('a.img', 'b.img', 'report.json')
        for options in [['--image', '2'], ['--layout', 'mbr'], ['--size', '700M'],
                        ['--boot-manager', '2023'], ['--cache', '64M'], ['--cache', 'much'],
                        ['--allow-encrypted'], ['--report', 'other.json']]:
            with self.subTest(options):
                event = self.resume(*options, status=harness.USAGE,
                                    words=[options[0], 'contradicts the report'])
                self.assertEqual(event['error']['code'], 'invalid')
        self.resume('--to', 'b.img', '--to', './b.img', status=harness.USAGE,
                    words='was named twice')
        self.resume(self.image, self.image, status=harness.USAGE, words='at most one source')
        self.assertEqual(self.digests('a.img', 'b.img', 'report.json'), before)

        # What says the same is fine. Of two drives, one may be named.
        event = self.resume('--image', '1', '--layout', 'gpt', '--cache', '32M', '--no-verify',
                            '--boot-manager', '2011', '--report', './report.json',
                            '--to', 'b.img')
        self.assertEqual(len(event['targets']), 1)
        self.assertIs(event['targets'][0]['verified'], False)
        self.assertEqual(self.report('report-2.json')['source']['edition'], 'Windows 11 Pro')
        self.assertEqual(self.states(), ['not-started', 'finished'])
        self.check_good(self.path('b.img'))
        before = self.digests('a.img', 'b.img', 'report.json')
        self.resume('--to', './b.img', status=harness.USAGE,
                    words='“./b.img” is finished in this batch')
        self.assertEqual(self.digests('a.img', 'b.img', 'report.json'), before)
        settings = self.report()['settings']
        self.assertIs(settings['verify'], False)
        self.assertEqual(settings['cache'], 32 * MIB)

    def test_other_drives(self):
        """A drive that is not there is left out; another one takes its place."""
        self.run_batch(names=('a.img', 'b.img'))
        os.unlink(self.path('b.img'))
        self.resume(status=harness.FAILED, words=['b.img” is not there', 'None of the drives'])
        self.file('new.img', SIZE)
        event = self.resume('--to', 'new.img')
        self.assertEqual([target['target'] for target in event['targets']], ['new.img'])
        self.assertEqual(event['targets'][0]['report'], 'report-3.json')
        self.assertEqual(self.states(), ['finished', 'failed', 'finished'])
        self.assertEqual(self.report()['drives'][2]['name'], self.path('new.img'))
        self.check_good(self.path('new.img'))
        self.check_run(['verify', 'new.img', '--report', 'report-3.json'], harness.OK, '')
        # It is another drive if it has another size.
        self.file('b.img', SIZE + MIB)
        before = self.digests('b.img', 'a.img', 'new.img')
        self.resume(status=harness.FAILED, words='not the same drive')
        self.assertEqual(self.digests('b.img', 'a.img', 'new.img'), before)

    def test_source(self):
        """Another image is not taken for the batch's, wherever it is."""
        self.run_batch(names=('a.img', 'b.img'))
        report = self.report()
        before = self.digests('a.img', 'b.img', 'report.json')
        os.rename(self.image, self.path('moved.wim'))
        event = self.resume(status=harness.FAILED, words=['If it was moved', 'image.wim'])
        self.assertEqual(event['error']['domain'], 'source')

        with open(self.path('moved.wim'), 'rb') as file:
            data = bytearray(file.read())
        with open(self.path('longer.wim'), 'wb') as file:
            file.write(data + b'\0')
        data[len(data) // 2] ^= 1
        with open(self.path('other.wim'), 'wb') as file:
            file.write(data)
        self.resume('longer.wim', status=harness.FAILED, words='another size')
        event = self.resume('other.wim', status=harness.FAILED, words='contents differ')
        self.assertEqual((event['error']['domain'], event['error']['code']), ('plan', 'report'))
        self.assertEqual(self.digests('a.img', 'b.img'), before[:2])
        self.assertEqual(self.states(), ['finished', 'not-started'])
        self.assertEqual(self.report()['source'], report['source'])

        # Without a digest, the time must be the same.
        self.change_report(lambda report: report['source'].update(sha256=None))
        self.resume('other.wim', status=harness.FAILED, words='was changed since')
        self.assertEqual(self.digests('a.img', 'b.img'), before[:2])
        event = self.resume('moved.wim')
        self.assertEqual(self.states(), ['finished', 'finished'])
        self.assertEqual(self.report()['source']['sha256'], report['source']['sha256'])
        self.check_good(self.path('b.img'))

    def test_strangers(self):
        """Reports that somebody else wrote, or changed."""
        self.run_batch(names=('a.img', 'b.img'))
        with open(self.path('report.json'), 'rb') as file:
            good = file.read()
        drives = self.digests('a.img', 'b.img')
        for name, change in [
                ('path', lambda report: report['source'].update(path='image.wim')),
                ('digest', lambda report: report['source'].update(sha256='ab')),
                ('size', lambda report: report['source'].update(size='1')),
                ('boot manager', lambda report: report['settings'].update(bootManager=2020)),
                ('verify', lambda report: report['settings'].pop('verify')),
                ('layout', lambda report: report['settings'].update(layout='apm')),
                ('state', lambda report: report['drives'][1].update(state='almost')),
                ('no error', lambda report: report['drives'][1].pop('error')),
                ('report', lambda report: report['drives'][0].update(report='../../etc/passwd')),
                ('name', lambda report: report['drives'][1].update(name=7)),
                ('no drives', lambda report: report.update(drives=[])),
                ('drives', lambda report: report.update(drives={}))]:
            with self.subTest(name):
                with open(self.path('report.json'), 'wb') as file:
                    file.write(good)
                self.change_report(change)
                event = self.resume(status=harness.FAILED, words='The report is damaged')
                self.assertEqual((event['error']['domain'], event['error']['code']),
                                 ('plan', 'report'))
        for name, text, words in [('empty', b'', 'not the report of a batch'),
                                  ('binary', bytes(range(256)), 'not the report of a batch'),
                                  ('version', good.replace(b'"formatVersion" : 1',
                                                           b'"formatVersion" : 2'),
                                   'another version')]:
            with self.subTest(name):
                with open(self.path('report.json'), 'wb') as file:
                    file.write(text)
                self.resume(status=harness.FAILED, words=words)
        os.unlink(self.path('report.json'))
        self.resume(status=harness.FAILED, words='report.json')
        self.assertEqual(self.digests('a.img', 'b.img'), drives)

        # A report that would have the image, or a drive that is finished, written over.
        with open(self.path('report.json'), 'wb') as file:
            file.write(good)
        image = digest(self.image)
        self.change_report(
            lambda report: report['drives'][1].update(name=self.image, size=0))
        self.resume(status=harness.REFUSED, words='The image is on')
        self.change_report(
            lambda report: report['drives'][1].update(name=self.path('a.img'), size=SIZE))
        self.resume(status=harness.FAILED, words='None of the drives')
        self.assertEqual(self.digests('a.img', 'b.img'), drives)
        self.assertEqual(digest(self.image), image)

    def test_killed(self):
        """A batch whose program is killed can be resumed."""
        self.file('a.img', SIZE)
        self.kill_batch('a.img', 'b.img', options=['--size', '512M'])
        self.assertIsNone(self.report()['source']['sha256'])
        os.unlink(self.path('b.img'))
        event = self.resume()
        self.assertEqual(event['status'], 'ok')
        self.assertEqual(self.states(), ['finished', 'finished'])
        for name in ('a.img', 'b.img'):
            self.assertEqual(os.path.getsize(self.path(name)), SIZE)
            self.check_good(self.path(name), name + '-parts')

    def test_places(self):
        """Where the batch's report cannot be, nothing is written."""
        self.file('a.img', SIZE)
        before = digest(self.path('a.img'))
        for report, status in [('a.img', harness.USAGE), ('image.wim', harness.USAGE),
                               ('no/report.json', harness.FAILED), ('.', harness.USAGE)]:
            with self.subTest(report):
                self.check_run(['write', self.image, '--image', '1', '--yes', '--to', 'a.img',
                                '--to', 'b.img', '--size', '512M', '--report', report],
                               status, 'The report cannot be written')
                self.assertEqual(digest(self.path('a.img')), before)
                self.assertFalse(os.path.exists(self.path('b.img')))


if __name__ == '__main__':
    harness.main()
