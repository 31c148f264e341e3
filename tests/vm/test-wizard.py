#!/usr/bin/env python3
# test-wizard.py: the wizard writes a drive with real udisks2, udev and polkit.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-wizard.py VALISE MAKE-SAMPLE [Class.test …]
#
# VALISE_WIZARD and VALISE_SETTINGS name the wizard, and the folder of its compiled settings.
import os
import shlex

import case
import harness
import rig

AS_USER = 'env HOME=/home/user setpriv --reuid user --regid user --init-groups'


class Wizard(case.Case):
    @classmethod
    def make_machine(cls, work):
        return rig.Machine(harness.VALISE, harness.MAKE_SAMPLE, work,
                           wizard=os.environ['VALISE_WIZARD'],
                           settings=os.environ['VALISE_SETTINGS'])

    def setUp(self):
        super().setUp()
        self.drive = self.stick('DRIVE')
        # Polkit is asked, and has a rule for this user.
        self.guest.output(
            'cat >/etc/polkit-1/rules.d/10-test.rules <<"END"\n'
            'polkit.addRule (function (action, subject) {\n'
            '  if (action.id.indexOf ("org.freedesktop.udisks2.") == 0 && subject.user == "user")\n'
            '    return polkit.Result.YES;\n'
            '});\nEND\nsleep 3')

    def walk(self, *wanted):
        words = ' '.join(map(shlex.quote, ['/opt/valise/wizard.py', rig.SAMPLE, 'QEMU', *wanted]))
        return self.guest.start(f'{AS_USER} /usr/bin/python3 {words}')

    def next(self, job, event):
        found = job.next()
        self.assertEqual(found['event'], event, str(job))
        return found

    def test_write(self):
        self.guest.plug(self.drive)
        job = self.walk('^1 Drive Is Finished$', 'Safe to remove')
        self.next(job, 'window')
        self.assertIn('OLDSTICK', self.next(job, 'drive')['description'])
        self.next(job, 'review')
        self.next(job, 'agreed')
        self.next(job, 'text')
        self.assertRegex(self.next(job, 'text')['text'], 'read back .* all right')
        self.assertEqual(self.next(job, 'end')['unnamed'], [])
        self.check_exit(job, harness.OK)
        self.guest.unplug(self.drive)
        self.check_good(self.drive)


if __name__ == '__main__':
    case.main()
