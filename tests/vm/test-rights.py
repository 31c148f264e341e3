#!/usr/bin/env python3
# test-rights.py: an ordinary user writes a drive, or is told why not.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-rights.py VALISE MAKE-SAMPLE [Class.test …]
import shlex

import case
import harness

# There is no session, so that polkit asks for an administrator's password, or follows its rules.
AS_USER = 'env HOME=/home/user setpriv --reuid user --regid user --init-groups'
RULES = '/etc/polkit-1/rules.d/10-test.rules'


class Rights(case.Case):
    def setUp(self):
        super().setUp()
        self.drive = self.stick('DRIVE')
        self.name, = self.guest.plug(self.drive)
        self.write = f'{AS_USER} {case.WRITE} --to {self.name}'

    def set_rule(self, result):
        """What polkit says of opening a drive."""
        self.guest.output(f'cat >{RULES} <<"END"\n'
                          'polkit.addRule (function (action, subject) {\n'
                          '  if (action.id.indexOf ("org.freedesktop.udisks2.open-device") == 0\n'
                          '      && subject.user == "user")\n'
                          f'    return polkit.Result.{result};\n'
                          '});\nEND\nsleep 3')

    def root_programs(self):
        """Names of what runs as root, without the kernel's threads, udev's and our own shells."""
        lines = self.guest.output('ps --no-headers --ppid 2 -p 2 -N -o uid,comm').splitlines()
        names = {line.split(None, 1)[1] for line in lines if line.split()[0] == '0'}
        return names - {'(udev-worker)', 'sh', 'ps'}

    def check_refused(self, job, code, words):
        self.check_exit(job, harness.FAILED)
        error = job.result()['error']
        self.assertEqual((error['domain'], error['code']), ('system', code))
        self.check_words(words, error['message'])
        self.assertEqual(job.err.count(error['message']), 1)
        self.guest.unplug(self.drive)
        self.check_untouched(self.drive)

    def test_no_agent(self):
        job = self.guest.start(self.write + ' --json')
        self.check_refused(job, 'no-agent', [self.name, 'password is needed', 'polkit agent',
                                             'pkttyagent'])

    def test_forbidden(self):
        self.set_rule('NO')
        job = self.guest.start(self.write + ' --json')
        self.check_refused(job, 'not-authorized', [self.name, 'not allowed', 'administrator'])

    def test_allowed(self):
        """A rule allows it: all is done with the rights of the user."""
        self.set_rule('YES')
        before = self.root_programs()
        # Slow enough to be looked at.
        self.guest.limit(self.drive, read=8 * case.MIB, write=8 * case.MIB)
        job = self.guest.start(self.write + ' --json --cache 16M')
        for stage in ('prepare', 'apply', 'verify'):
            job.until_stage(stage)
            self.assertEqual(self.root_programs() - before, set())
            users = self.guest.output('ps --no-headers -C valise -o user')
            self.assertEqual(users.split(), ['user'])
        self.check_exit(job, harness.OK)
        self.guest.unplug(self.drive)
        self.check_good(self.drive)

    def test_no_udisks(self):
        """With no bus there is no udisks2, and only root can open drives."""
        self.guest.output('rm /run/dbus/system_bus_socket')
        job = self.guest.start(self.write + ' --json')
        self.check_refused(job, 'no-udisks', ['udisks2', 'as root'])
        self.name, = self.guest.plug(self.drive)
        job = self.guest.start(f'{case.WRITE} --to {self.name} --json')
        self.check_exit(job, harness.OK)
        self.guest.unplug(self.drive)
        self.check_good(self.drive)

    def ask(self, answer):
        """Runs valise on a terminal, where polkit's agent asks, and answers; returns the job."""
        command = f'script -q -e -f -c {shlex.quote(self.write)} /run/screen'
        self.guest.output('mkfifo /run/keys')
        job = self.guest.start(f'sleep 1000 >/run/keys & {command} </run/keys >/dev/null; '
                               'status=$?; cat /run/screen; (exit $status)')
        self.guest.wait_for('grep -q Password: /run/screen', '/run/screen')
        self.guest.output(f'echo {shlex.quote(answer)} >/run/keys')
        return job

    def test_wrong_password(self):
        job = self.ask('abracadabra')
        self.check_exit(job, harness.FAILED)
        self.check_words(['not allowed', 'password was wrong', self.name], job.text)
        self.guest.unplug(self.drive)
        self.check_untouched(self.drive)

    def test_password(self):
        """An administrator gives the password on the user's terminal."""
        before = self.root_programs()
        job = self.ask('open sesame')
        self.guest.wait_for('grep -q Writing /run/screen', '/run/screen')
        # The shells that hold the terminal are the test's.
        self.assertEqual(self.root_programs() - before - {'script', 'sleep', 'cat'}, set())
        self.check_exit(job, harness.OK)
        self.assertIn('was written and read back', job.text)
        self.guest.unplug(self.drive)
        self.check_good(self.drive)


if __name__ == '__main__':
    case.main()
