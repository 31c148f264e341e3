#!/usr/bin/env python3
# test-write.py: `valise write` and `valise verify` on virtual drives.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-write.py VALISE MAKE-SAMPLE [Class.test …]
#
# Whether a drive is sound, or blank, is what sgdisk, blkid, fsck.fat and ntfsfix say.
import errno
import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import uuid

import harness
from drives import MIB, Drives, digest

STAGES = ['open', 'prepare', 'blank', 'apply', 'flush', 'verify', 'commit']


class Usage(Drives):
    """What is refused before anything is touched."""

    def check_all(self, arguments, status, words):
        """As people see it, and as programs do."""
        self.check_run(arguments, status, words)
        result = self.check_run([arguments[0], '--json', *arguments[1:]], status, words)
        event = result.events()[-1]
        self.assertEqual(event['event'], 'result')
        self.assertEqual(event['status'], {1: 'failed', 2: 'usage', 3: 'refused'}[status])
        self.assertIn(event['error']['message'].split('“')[0], result.err)
        self.assertEqual(event['targets'], [])
        return event['error']

    def test_usage(self):
        image = self.sample('sample.wim')
        self.file('old.img', 64 * MIB)
        os.symlink('old.img', self.path('link.img'))
        good = ['write', image, '--yes', '--size', '700M', '--to', 'new.img']
        many = [word for i in range(17) for word in ('--to', f'{i}.img')]
        for arguments, words in [
                (['write'], 'Name one ISO'),
                (['write', image, image, '--to', 'new.img'], 'Name one ISO'),
                (['write', image], 'Name the drive'),
                (['write', image, '--to'], '“valise write --help” shows the options'),
                ([*good, '--nonsense'], '--nonsense'),
                ([*good, '--layout', 'apm'], '“apm” is not a layout'),
                ([*good, '--boot-manager', '2020'], 'no boot manager of “2020”'),
                ([*good, '--cache', 'much'], '“much” is not a size'),
                ([*good, '--cache', '1M'], 'cache'),
                ([*good, '--size', '64 G'], '“64 G” is not a size'),
                ([*good, '--size', '1000000001'], 'whole sectors'),
                ([*good, '--to', './new.img'], '“./new.img” was named twice'),
                ([*good, *many], 'too many drives'),
                (['write', image, '--yes', '--to', 'none.img'], '--size 64G'),
                (['write', image, '--yes', '--size', '700M', '--to', '/dev/none'],
                 'Plug the drive'),
                (['write', image, '--yes', '--size', '700M', '--to', 'old.img'],
                 ['“old.img” exists', '--size']),
                (['write', image, '--yes', '--to', 'old.img', '--to', 'link.img'],
                 '“link.img” was named twice'),
                ([*good, '--report', 'new.img'], 'Name another file'),
                ([*good, '--report', image], 'Name another file'),
                ([*good, '--report', '.'], 'Name another file'),
                (['verify'], 'Name one drive'),
                (['verify', 'old.img'], 'Name the report'),
                (['verify', 'old.img', 'old.img', '--report', 'r'], 'Name one drive')]:
            with self.subTest(arguments):
                error = self.check_all(arguments, harness.USAGE, words)
                self.assertEqual((error['domain'], error['code']), ('plan', 'invalid'))
                self.assertFalse(os.path.exists(self.path('new.img')))

    def test_failures(self):
        image = self.sample('sample.wim')
        old = self.used_file('old.img')
        before = digest(old)
        with open(self.path('report.json'), 'w', encoding='ascii') as file:
            file.write('{}\n')
        for arguments, words, domain in [
                (['write', 'none.wim', '--yes', '--to', 'old.img'], 'cannot be read', 'source'),
                (['write', image, '--yes', '--to', 'old.img', '--report', 'no/r.json'],
                 'The report cannot be written', 'system'),
                (['verify', 'old.img', '--report', 'none.json'], 'none.json', 'plan'),
                (['verify', 'old.img', '--report', 'report.json'], 'report', 'plan')]:
            with self.subTest(arguments):
                error = self.check_all(arguments, harness.FAILED, words)
                self.assertEqual(error['domain'], domain)
                self.assertEqual(digest(old), before)

    def test_refused(self):
        image = self.path('image.wim')
        with open(self.sample('sample.wim'), 'rb') as source, open(image, 'wb') as copy:
            copy.write(source.read())
        os.link(image, self.path('other-name.img'))
        old = self.used_file('old.img')
        before = digest(image), digest(old)
        for arguments, words in [
                (['write', image, '--yes', '--to', '/dev/null'], 'neither a drive nor a file'),
                (['write', image, '--yes', '--to', '.'], 'neither a drive nor a file'),
                (['write', image, '--yes', '--to', image], 'The image is on'),
                (['write', image, '--yes', '--to', 'other-name.img'], 'The image is on'),
                (['write', image, '--to', 'old.img'], ['no terminal', '--yes']),
                (['write', image, '--to', 'old.img', '--to', 'new.img', '--size', '700M'],
                 'no terminal')]:
            with self.subTest(arguments):
                error = self.check_all(arguments, harness.REFUSED, words)
                self.assertEqual((error['domain'], error['code']), ('drive', 'refused'))
                self.assertEqual((digest(image), digest(old)), before)
                self.assertFalse(os.path.exists(self.path('new.img')))

    def test_system_drive(self):
        """The drive that / is on, and its partitions, are never erased."""
        found = subprocess.run(['findmnt', '-n', '-o', 'SOURCE', '/'], stdout=subprocess.PIPE,
                               text=True, check=False)
        source = found.stdout.strip()
        if not source.startswith('/dev/') or not os.path.exists(source):
            self.skipTest(f'/ is on “{source}” here, which is no drive')
        error = self.check_all(['write', self.sample('sample.wim'), '--yes', '--to', source],
                               harness.REFUSED, source)
        self.assertEqual(error['code'], 'refused')

    def test_interposed(self):
        """wimlib finds an ntfs_mount in the executable before the library's."""
        symbols = self.tool('readelf', '--wide', '--dyn-syms', harness.VALISE)
        found = re.search(r'FUNC +GLOBAL +DEFAULT +(\w+) ntfs_mount\b', symbols)
        self.assertTrue(found and found.group(1) != 'UND', found)


class Write(Drives):
    def write(self, *arguments, status=harness.OK, image='1'):
        return self.check_run(['write', self.sample('sample.wim'), '--image', image, '--yes',
                               *arguments], status, '')

    def test_write_and_verify(self):
        result = self.write('--to', 'new.img', '--size', '700M', '--report', 'report.json')
        self.assertRegex(result.out, r'^new\.img: “Windows 11 Pro” was written and read back: \d')
        self.assertIn('Writing', result.err)
        self.check_good(self.path('new.img'))
        self.assertEqual(os.path.getsize(self.path('new.img')), 700 * MIB)
        with open(self.path('report.json'), encoding='utf-8') as file:
            report = json.load(file)
        self.assertIs(report['verified'], True)

        result = self.check_run(['verify', 'new.img', '--report', 'report.json'], harness.OK, '')
        self.assertRegex(result.out, r'^new\.img is as it was written: \d')
        result = self.check_run(['verify', 'new.img', '--report', 'report.json', '--json'],
                                harness.OK, '')
        event = result.events()[-1]
        self.assertEqual((event['event'], event['status']), ('result', 'ok'))
        self.assertEqual(event['targets'][0]['read'],
                         sum(extent['size'] for extent in report['digests']))

        # One bit of what was written is another one now.
        place = report['digests'][len(report['digests']) // 2]['offset'] + 4242
        with open(self.path('new.img'), 'r+b') as drive:
            drive.seek(place)
            byte = drive.read(1)[0]
            drive.seek(place)
            drive.write(bytes([byte ^ 8]))
        result = self.check_run(['verify', 'new.img', '--report', 'report.json', '--json'],
                                harness.FAILED, 'valise: ')
        error = result.events()[-1]['targets'][0]['error']
        self.assertEqual((error['domain'], error['code']), ('drive', 'mismatch'))

        # The report is of a drive of another size.
        self.file('other.img', 512 * MIB)
        self.check_run(['verify', 'other.img', '--report', 'report.json'], harness.FAILED,
                       'report')

    def test_events(self):
        result = self.write('--to', 'new.img', '--size', '700M', '--json', image='2')
        events = result.events()
        self.assertEqual(result.err, '')
        self.assertEqual([event['event'] for event in events[:-1]],
                         ['progress'] * (len(events) - 1))
        stages = [event['stage'] for event in events[:-1]]
        self.assertEqual(stages, sorted(stages, key=STAGES.index))
        self.assertIn('apply', stages)
        self.assertIn('verify', stages)
        for event in events[:-1]:
            self.assertEqual(event['target'], 'new.img')
            self.assertIsInstance(event['rate'], int)
            if event['total']:
                self.assertLessEqual(event['done'], event['total'])
        last = events[-1]
        self.assertEqual((last['event'], last['status']), ('result', 'ok'))
        self.assertEqual(len(last['targets']), 1)
        target = last['targets'][0]
        self.assertEqual(target['target'], 'new.img')
        self.assertEqual(target['status'], 'ok')
        self.assertEqual(target['edition'], 'Windows 11 Enterprise')
        self.assertIs(target['verified'], True)
        self.assertGreater(target['written'], 30 * MIB)

    def test_no_verify(self):
        result = self.write('--to', 'new.img', '--size', '700M', '--no-verify',
                            '--report', 'report.json')
        self.assertIn('not read back', result.out)
        with open(self.path('report.json'), encoding='utf-8') as file:
            self.assertIs(json.load(file)['verified'], False)
        self.check_good(self.path('new.img'))

    def test_existing(self):
        """What was on an existing file is gone; its size stays."""
        old = self.used_file('old.img', 650 * MIB)
        self.write('--to', 'old.img', '--size', '650M')
        self.assertEqual(os.path.getsize(old), 650 * MIB)
        self.check_good(old)

    def test_two_drives(self):
        self.used_file('two.img', 800 * MIB)
        self.write('--to', 'one.img', '--to', 'two.img', '--size', '800M',
                   '--report', 'report.json')
        reports = []
        for number, name in enumerate(['one.img', 'two.img'], 1):
            self.check_good(self.path(name), name + '-parts')
            with open(self.path(f'report-{number}.json'), encoding='utf-8') as file:
                reports.append(json.load(file))
            self.check_run(['verify', name, '--report', f'report-{number}.json'], harness.OK, '')
        self.assertNotEqual(reports[0]['drive']['diskGuid'], reports[1]['drive']['diskGuid'])

    def identities(self, name):
        """What tells a drive from its sisters, by sgdisk, blkid, mtools and hivex: the GUIDs of the
        disk and its partitions, the serial number of NTFS, and the BCD store; and how large its
        Windows partition is."""
        path, folder = self.path(name), name + '-parts'
        table = self.check_good(path, folder)
        guids = re.findall(r'Disk identifier \(GUID\): (\S+)', self.tool('sgdisk', '-p', path))
        for number, _, _ in table:
            guids += re.findall(r'Partition unique GUID: (\S+)',
                                self.tool('sgdisk', '-i', number, path))
        self.assertEqual(len(guids), 4)
        serial = self.blkid(self.path(f'{folder}/3'))['UUID']
        bcd = self.path(name + '-BCD')
        self.tool('mcopy', '-n', '-i', f'{path}@@{int(table[0][1]) * 512}',
                  '::/EFI/Microsoft/Boot/BCD', bcd)
        self.assertIn('Objects', self.tool('hivexregedit', '--export', bcd, '\\'))
        with open(bcd, 'rb') as file:
            store = file.read()
        sizes = int(table[2][1]), int(table[2][2])
        return guids, serial, store, sizes

    def test_identities(self):
        """Drives of one batch are of different sizes, and differ where they must."""
        self.file('one.img', 700 * MIB)
        self.file('two.img', 512 * MIB)
        self.file('three.img', 600 * MIB + 512)
        self.write('--to', 'one.img', '--to', 'two.img', '--to', 'three.img')
        found = [self.identities(name) for name in ('one.img', 'two.img', 'three.img')]
        guids = [guid for drive, _, _, _ in found for guid in drive]
        self.assertEqual(len(set(guids)), 12, guids)
        serials = [serial for _, serial, _, _ in found]
        self.assertEqual(len(set(serials)), 3, serials)

        # Each store names its own disk and partitions, and no other drive's.
        for drive, _, store, _ in found:
            disk, esp, reserved, windows = [uuid.UUID(guid).bytes_le for guid in drive]
            for own in (disk, esp, windows):
                self.assertIn(own, store)
            for other in guids:
                if uuid.UUID(other).bytes_le not in (disk, esp, reserved, windows):
                    self.assertNotIn(uuid.UUID(other).bytes_le, store)

        # The volume is as large as the smallest drive has room for: but for the backup table.
        places = {place for _, _, _, place in found}
        self.assertEqual(len(places), 1, places)
        end = (places.pop()[1] + 1) * 512
        self.assertLessEqual(end, 512 * MIB - 33 * 512)
        self.assertGreater(end, 510 * MIB)
        for name in ('one.img', 'two.img', 'three.img'):
            self.tool('ntfsinfo', '-m', self.path(name + '-parts/3'))

    def test_some_failed(self):
        """A drive that is too small does not keep the other one from being finished."""
        small = self.used_file('small.img', 200 * MIB)
        before = digest(small)
        result = self.write('--to', 'small.img', '--to', 'good.img', '--size', '200M', '--json',
                            status=harness.FAILED)
        self.assertEqual(result.err.count('too small'), 1)
        self.assertFalse(os.path.exists(self.path('good.img')))
        self.file('good.img')
        result = self.write('--to', 'small.img', '--to', 'good.img', '--json',
                            status=harness.SOME_FAILED)
        last = result.events()[-1]
        self.assertEqual(last['status'], 'some-failed')
        self.assertEqual([target['status'] for target in last['targets']], ['failed', 'ok'])
        self.assertIn('valise: small.img: The drive is too small', result.err)
        self.assertEqual(last['targets'][0]['error']['code'], 'too-small')
        self.assertEqual(digest(small), before)
        self.check_good(self.path('good.img'))

    def test_failed(self):
        """A job that fails before it writes leaves the drive as it was, and no new file."""
        old = self.used_file('old.img')
        before = digest(old)
        for arguments, words in [
                (['--image', '9'], '9'),
                (['--image', 'Windows 11 Nonsense'], 'Windows 11 Nonsense'),
                ([], 'Windows 11 Enterprise')]:
            with self.subTest(arguments):
                command = ['write', self.sample('sample.wim'), '--yes', *arguments]
                self.check_run([*command, '--to', 'old.img'], harness.FAILED, words)
                self.assertEqual(digest(old), before)
                result = self.check_run([*command, '--to', 'new.img', '--size', '700M', '--json'],
                                        harness.FAILED, words)
                self.assertEqual(result.err.count('valise: '), 1)
                self.assertFalse(os.path.exists(self.path('new.img')))
                last = result.events()[-1]
                self.assertEqual(last['status'], 'failed')
                self.assertEqual(last['error'], last['targets'][0]['error'])
        result = self.write('--to', 'tiny.img', '--size', '100M', status=harness.FAILED)
        self.assertFalse(os.path.exists(self.path('tiny.img')))

    def test_reader_goes_away(self):
        """A drive is finished although nobody reads the events any more."""
        valise = subprocess.Popen(
            [harness.VALISE, 'write', self.sample('sample.wim'), '--image', '1', '--yes', '--json',
             '--to', 'new.img', '--size', '700M'],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=self.folder, env=self.env, start_new_session=True)
        valise.stdout.readline()
        valise.stdout.close()
        self.assertEqual(valise.wait(120), harness.OK)
        self.check_good(self.path('new.img'))

    def interrupt(self, stage, number, *arguments):
        """Sends a signal when the job is at a stage; says the result."""
        valise = subprocess.Popen(
            [harness.VALISE, 'write', self.sample('sample.wim'), '--image', '1', '--yes', '--json',
             *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=self.folder, env=self.env, start_new_session=True)
        lines = []
        for line in valise.stdout:
            lines.append(line.decode())
            if json.loads(line).get('stage') == stage:
                valise.send_signal(number)
                break
        out, err = valise.communicate(timeout=120)
        return harness.Result(valise.returncode, ''.join(lines) + out.decode(), err.decode())

    def test_cancel(self):
        for stage, number in [('prepare', signal.SIGINT), ('apply', signal.SIGINT),
                              ('apply', signal.SIGTERM), ('verify', signal.SIGHUP)]:
            with self.subTest(stage=stage, signal=number):
                old = self.used_file('old.img')
                before = self.blkid(old)
                self.assertEqual(before['PTTYPE'], 'gpt')
                result = self.interrupt(stage, number, '--to', 'old.img', '--to', 'new.img',
                                        '--size', '700M')
                self.assertEqual(result.status, harness.CANCELLED, result.err)
                self.assertIn('Stopping.', result.err)
                last = result.events()[-1]
                self.assertEqual(last['status'], 'cancelled')
                self.assertEqual([target['status'] for target in last['targets']],
                                 ['cancelled', 'cancelled'])
                if stage == 'prepare' and self.blkid(old):
                    self.assertEqual(self.blkid(old), before)
                else:
                    self.check_blank(old)
                self.assertEqual(os.path.getsize(old), 700 * MIB)
                self.assertFalse(os.path.exists(self.path('new.img')))
                os.unlink(old)

    def test_leaves_nothing(self):
        self.write('--to', 'new.img', '--size', '700M', '--no-verify')
        self.assertEqual(set(os.listdir(self.path('cache/valise'))) - {'gate'}, set())


class BlockDevices(Drives):
    """Loop devices, which only root can make."""

    def setUp(self):
        super().setUp()
        if os.getuid() != 0:
            self.skipTest('only root can make loop devices')
        self.image = self.used_file('loop.img')
        done = subprocess.run(['losetup', '-f', '--show', self.image], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, env=self.env)
        if done.returncode != 0:
            self.skipTest('no loop devices here: ' + done.stderr.decode(errors='replace').strip())
        self.device = done.stdout.decode().strip()
        self.addCleanup(subprocess.run, ['losetup', '-d', self.device], check=False, env=self.env)

    def test_write(self):
        result = self.check_run(['write', self.sample('sample.wim'), '--image', '1', '--yes',
                                 '--to', self.device, '--report', 'report.json'], harness.OK, '')
        self.assertIn(self.device, result.out)
        self.check_run(['verify', self.device, '--report', 'report.json'], harness.OK, '')
        self.check_good(self.image)

    def test_size(self):
        self.check_run(['write', self.sample('sample.wim'), '--yes', '--to', self.device,
                        '--size', '700M'], harness.USAGE, 'Leave --size out')

    def test_in_use(self):
        """Mounted, by whatever name it is called; and the image is on it."""
        self.tool('mkfs.ext4', '-q', self.device)
        folder = self.path('mounted')
        os.mkdir(folder)
        done = subprocess.run(['mount', self.device, folder], stderr=subprocess.PIPE, check=False,
                              env=self.env)
        if done.returncode != 0:
            self.skipTest('nothing can be mounted here')
        self.addCleanup(subprocess.run, ['umount', folder], check=False, env=self.env)
        for target in (self.device, self.image):
            with self.subTest(target):
                self.check_run(['write', self.sample('sample.wim'), '--yes', '--to', target],
                               harness.REFUSED, [target, f'mounted on “{folder}”'])
        self.assertEqual(self.blkid(self.device)['TYPE'], 'ext4')


class Terminal(Drives):
    """The question before a drive is erased, on a terminal of its own."""

    def fork_terminal(self):
        """As pty.fork(); some containers have no terminals to give."""
        try:
            return pty.fork()
        except OSError as error:
            return self.skipTest(f'no terminal: {error}')

    def ask(self, answer, *arguments, stdin=None):
        """Runs valise on a terminal, types the answer, and returns status and all that was seen."""
        child, terminal = self.fork_terminal()
        if child == 0:
            try:
                os.chdir(self.folder)
                if stdin is not None:
                    os.dup2(os.open(stdin, os.O_RDWR), 0)
                os.execve(harness.VALISE, [harness.VALISE, *arguments],
                          dict(self.env, TERM='xterm'))
            finally:
                os._exit(99)
        seen, answered, end = b'', False, time.monotonic() + 120
        while time.monotonic() < end:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                data = os.read(terminal, 65536)
            except OSError as error:
                self.assertEqual(error.errno, errno.EIO)
                break
            if not data:
                break
            seen += data
            if not answered and b'alone: ' in seen:
                answered = True
                os.write(terminal, answer)
        os.close(terminal)
        _, status = os.waitpid(child, 0)
        self.assertTrue(os.WIFEXITED(status), seen)
        return os.WEXITSTATUS(status), seen.decode(errors='replace'), answered

    def test_question(self):
        old = self.used_file('old.img')
        before = digest(old)
        command = ['write', self.sample('sample.wim'), '--image', '1', '--to', 'old.img']
        for answer, stdin in [(b'no\n', None), (b'y\n', None), (b'\n', None), (b'\x04', None),
                              (b'\x03', None), (b'no\n', '/dev/null')]:
            with self.subTest(answer=answer, stdin=stdin):
                status, seen, answered = self.ask(answer, *command, stdin=stdin)
                self.assertTrue(answered, seen)
                self.assertEqual(status, harness.CANCELLED, seen)
                for word in ['Everything on this drive will be lost', 'old.img',
                             'a file of 734.0 MB', 'partition 1: vfat “OLDSTICK”, 67.1 MB']:
                    self.assertIn(word, seen.replace('\xa0', ' '))
                self.assertLess(seen.index('boot manager is not'),
                                seen.index('Everything on this drive'))
                self.assertEqual(digest(old), before)

    def test_yes(self):
        old = self.used_file('old.img')
        status, seen, answered = self.ask(b'yes\n', 'write', self.sample('sample.wim'),
                                          '--image', '1', '--to', 'old.img')
        self.assertTrue(answered, seen)
        self.assertEqual(status, harness.OK, seen)
        # The line is drawn anew, and is gone at the end.
        self.assertRegex(seen, r'\r\x1b\[K(Writing|Reading back) .*%')
        self.assertRegex(seen, r'\r\x1b\[Kold\.img: “Windows 11 Pro” was written and read back')
        self.check_good(old)

    def test_new_file(self):
        """Nothing is lost by a file that does not exist: nobody is asked."""
        status, seen, answered = self.ask(b'', 'write', self.sample('sample.wim'),
                                          '--image', '1', '--to', 'new.img', '--size', '700M',
                                          '--no-verify')
        self.assertFalse(answered)
        self.assertEqual(status, harness.OK, seen)

    def test_cancel_on_terminal(self):
        """Control-C while it writes."""
        image = self.sample('sample.wim')
        child, terminal = self.fork_terminal()
        if child == 0:
            try:
                os.chdir(self.folder)
                os.execve(harness.VALISE,
                          [harness.VALISE, 'write', image, '--image', '1', '--to', 'new.img',
                           '--size', '700M'], dict(self.env, TERM='xterm'))
            finally:
                os._exit(99)
        seen, typed = b'', False
        while True:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            seen += data
            if not typed and b'Writing' in seen:
                typed = True
                os.write(terminal, b'\x03')
        os.close(terminal)
        _, status = os.waitpid(child, 0)
        self.assertEqual(os.WEXITSTATUS(status), harness.CANCELLED, seen)
        self.assertIn(b'Stopping.', seen)
        self.assertFalse(os.path.exists(self.path('new.img')))


if __name__ == '__main__':
    harness.main()
