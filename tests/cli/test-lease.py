#!/usr/bin/env python3
# test-lease.py: `valise write` to drives that are leased.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-lease.py VALISE MAKE-SAMPLE LEASE-UDISKSD [Class.test …]
#
# The drive is a loop device, so root is needed to make it; udisks2 is one of the test's own, on a
# bus of the test's own. What was asked of it is what it has noted.
import os
import shutil
import signal
import subprocess
import sys

import harness

LEASE_UDISKSD = os.path.abspath(sys.argv.pop(3))
MIB = 1 << 20
SIZE = 700 * MIB
NOBODY = 65534


class Lease(harness.Case):
    """A loop device, and a bus without udisks2."""

    def setUp(self):
        super().setUp()
        if os.getuid() != 0:
            self.skipTest('only root can make loop devices')
        if not shutil.which('dbus-daemon'):
            self.skipTest('dbus-daemon is not installed')
        self.image = self.path('loop.img')
        with open(self.image, 'wb') as file:
            file.truncate(SIZE)
        self.tool('mkfs.fat', '-F', '32', '-n', 'OLDSTICK', self.image)
        done = subprocess.run(['losetup', '-f', '--show', self.image], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, env=self.env)
        if done.returncode != 0:
            self.skipTest('no loop devices here: ' + done.stderr.decode(errors='replace').strip())
        self.device = done.stdout.decode().strip()
        self.addCleanup(subprocess.run, ['losetup', '-d', self.device], check=False, env=self.env)
        self.start_bus()

    def start_bus(self):
        """A bus that every user may use."""
        config = self.path('bus.conf')
        with open(config, 'w', encoding='utf-8') as file:
            file.write(f"""<busconfig>
                <listen>unix:path={self.path('bus')}</listen>
                <policy context="default"><allow user="*"/><allow own="*"/>
                <allow send_type="method_call"/><allow send_destination="*"/>
                <allow eavesdrop="false"/></policy></busconfig>""")
        bus = subprocess.Popen(['dbus-daemon', '--nofork', '--nopidfile', '--print-address',
                                f'--config-file={config}'],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop, bus)
        address = bus.stdout.readline().decode().strip()
        self.assertTrue(address, 'dbus-daemon does not start')
        os.chmod(self.folder, 0o755)
        self.env['DBUS_SYSTEM_BUS_ADDRESS'] = address

    def stop(self, process):
        process.terminate()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()

    def start_udisks(self, *words):
        udisks = subprocess.Popen([LEASE_UDISKSD, self.env['DBUS_SYSTEM_BUS_ADDRESS'],
                                   self.device, str(SIZE), *words],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self.stop, udisks)
        self.assertEqual(udisks.stdout.readline(), b'ready\n')
        return udisks

    def calls(self, udisks):
        """Ends it. What was called, without the object's names."""
        udisks.stdin.close()
        lines = udisks.stdout.read().decode().splitlines()
        udisks.wait()
        return [call.split(':')[0] for call in (lines or [''])[-1].split()]

    def arguments(self, *more):
        return ['write', self.sample('sample.wim'), '--image', '1', '--to', self.device, *more]

    def label(self):
        done = subprocess.run(['blkid', '-p', '-s', 'LABEL', '-o', 'value', self.image],
                              stdout=subprocess.PIPE, check=False, env=self.env)
        return done.stdout.decode().strip()

    def as_nobody(self):
        """Options for running as somebody who has no right to the device."""
        os.chmod(self.device, 0o600)
        os.mkdir(self.path('home'))
        os.chown(self.path('home'), NOBODY, NOBODY)
        self.env['XDG_CACHE_HOME'] = self.path('home')
        os.chmod(os.path.dirname(self.sample('sample.wim')), 0o755)
        options = {'user': NOBODY, 'group': NOBODY, 'extra_groups': []}
        try:
            self.assertEqual(self.run_valise('--version', **options).status, harness.OK)
        except PermissionError:
            self.skipTest('another user may not run what was built here')
        return options

    def test_write(self):
        udisks = self.start_udisks('mount=/media/a', 'off=yes')
        result = self.check_run(self.arguments('--yes', '--report', 'report.json'), harness.OK, '')
        self.assertIn(self.device, result.out)
        self.assertEqual(self.calls(udisks), ['Unmount', 'OpenDevice', 'Rescan'])
        self.assertIn('No problems found', self.tool('sgdisk', '-v', self.image))
        self.check_run(['verify', self.device, '--report', 'report.json'], harness.OK, '')

    def test_user(self):
        """Not root, and without any right to the device: udisks2 hands it over."""
        options = self.as_nobody()
        self.check_run(self.arguments('--yes'), harness.FAILED,
                       ['udisks2', 'does not answer', 'systemctl start udisks2'], **options)
        self.assertEqual(self.label(), 'OLDSTICK')
        udisks = self.start_udisks()
        report = self.path('home/report.json')
        self.check_run(self.arguments('--yes', '--report', report), harness.OK, '', **options)
        self.check_run(['verify', self.device, '--report', report], harness.OK, '', **options)
        self.assertEqual(self.calls(udisks), ['OpenDevice', 'Rescan', 'OpenDevice'])
        self.assertIn('No problems found', self.tool('sgdisk', '-v', self.image))

    def test_no_udisks(self):
        """Root opens the drive itself, and has no way to eject it."""
        result = self.check_run(self.arguments('--yes', '--eject'), harness.OK, 'was not ejected')
        self.assertIn('was written', result.out)

    def test_eject(self):
        for words, calls, said in [
                (['off=yes'], ['OpenDevice', 'PowerOff'], ''),
                (['off=yes', 'fail=PowerOff', 'error=Failed'],
                 ['OpenDevice', 'PowerOff', 'Rescan'], 'was not ejected'),
                ([], ['OpenDevice', 'Rescan'], 'cannot be switched off'),
        ]:
            with self.subTest(words):
                udisks = self.start_udisks(*words)
                result = self.check_run(self.arguments('--yes', '--eject', '--json', '--no-verify'),
                                        harness.OK, said)
                self.assertEqual(self.calls(udisks), calls)
                last = result.events()[-1]
                self.assertEqual(last['status'], 'ok')
                warnings = ' '.join(last['targets'][0]['warnings'])
                self.assertIn(said, warnings)
                self.assertEqual('eject' in warnings or 'switched' in warnings, bool(said))

    def test_refused(self):
        """The drive is left as it was, with a message and an exit status for each reason."""
        for words, calls, status, said in [
                (['fail=OpenDevice', 'error=NotAuthorized'], ['OpenDevice'], harness.FAILED,
                 'You are not allowed'),
                (['fail=OpenDevice', 'error=NotAuthorizedDismissed'], ['OpenDevice'],
                 harness.FAILED, 'closed without an answer'),
                (['fail=OpenDevice', 'error=NotAuthorizedCanObtain'], ['OpenDevice'],
                 harness.FAILED, 'pkttyagent'),
                (['mount=/media/a', 'fail=Unmount', 'error=DeviceBusy'], ['Unmount'] * 4,
                 harness.REFUSED, 'open in “/media/a”'),
                (['mount=/boot'], [], harness.REFUSED, '“/boot” of the running system'),
        ]:
            with self.subTest(words):
                udisks = self.start_udisks(*words)
                self.check_run(self.arguments('--yes', '--eject'), status, [self.device, said])
                self.assertEqual(self.calls(udisks), calls)
                self.assertEqual(self.label(), 'OLDSTICK')

    def test_on_the_drive(self):
        """Neither the image nor the report may lie on what is unmounted and erased."""
        folder = self.path('mounted')
        os.mkdir(folder)
        done = subprocess.run(['mount', self.device, folder], stderr=subprocess.PIPE, check=False,
                              env=self.env)
        if done.returncode != 0:
            self.tool('mkfs.ext4', '-q', '-L', 'OLDSTICK', self.device)
            done = subprocess.run(['mount', self.device, folder], check=False, env=self.env)
        if done.returncode != 0:
            self.skipTest('nothing can be mounted here')
        self.addCleanup(subprocess.run, ['umount', folder], check=False, env=self.env)
        udisks = self.start_udisks(f'mount={folder}')
        self.check_run(self.arguments('--yes', '--report', folder + '/report.json'),
                       harness.USAGE, ['report', self.device])
        shutil.copy(self.sample('sample.wim'), folder)
        self.check_run(['write', folder + '/sample.wim', '--image', '1', '--yes', '--to',
                        self.device], harness.REFUSED, f'image is on “{self.device}”')
        self.assertEqual(self.calls(udisks), [])
        self.assertEqual(self.label(), 'OLDSTICK')

    def test_not_asked(self):
        """Nobody is there to say yes: nothing is unmounted either."""
        udisks = self.start_udisks('mount=/media/a')
        self.check_run(self.arguments(), harness.REFUSED, 'no terminal')
        self.assertEqual(self.calls(udisks), [])
        self.assertEqual(self.label(), 'OLDSTICK')

    def test_question(self):
        """It tells what will be unmounted; nothing is before the answer. What will be lost is
        told to users who cannot look themselves, too."""
        if not shutil.which('script'):
            self.skipTest('script is not installed')
        udisks = self.start_udisks('mount=/media/My photos')
        options = self.as_nobody()
        command = ' '.join([harness.VALISE, *self.arguments()])
        done = subprocess.run(['script', '-qec', command, '/dev/null'], input=b'no\n',
                              stdout=subprocess.PIPE, check=False, timeout=120,
                              env=dict(self.env, TERM='xterm'), **options)
        seen = done.stdout.decode()
        self.assertEqual(done.returncode, harness.CANCELLED, seen)
        self.assertIn('is mounted on “/media/My photos”, will be unmounted', seen)
        self.assertIn('partition 1: vfat “OLDSTICK”', seen)
        self.assertEqual(self.calls(udisks), [])

    def test_cancel(self):
        """While somebody looks for the password."""
        udisks = self.start_udisks('fail=OpenDevice', 'error=Silence')
        process = subprocess.Popen([harness.VALISE, *self.arguments('--yes')], env=self.env,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        self.assertIn(b'OpenDevice', udisks.stdout.readline())
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=60)[1].decode()
        self.assertEqual(process.returncode, harness.CANCELLED, err)
        self.assertIn('Nothing was changed', err)
        self.assertEqual(self.label(), 'OLDSTICK')

    def test_two(self):
        """While one Valise, or any program, holds the drive."""
        udisks = self.start_udisks()
        holder = subprocess.Popen(['flock', '--exclusive', self.device, 'cat'],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self.stop, holder)
        holder.stdin.write(b'.')
        holder.stdin.flush()
        self.assertEqual(holder.stdout.read(1), b'.')
        self.check_run(self.arguments('--yes'), harness.REFUSED, [self.device, '“flock” (process'])
        self.assertEqual(self.calls(udisks), ['OpenDevice'])
        self.assertEqual(self.label(), 'OLDSTICK')


if __name__ == '__main__':
    harness.main()
