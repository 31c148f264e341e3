#!/usr/bin/env python3
# test-in-use.py: USB drives that others use: mounted, mounted again and again, written by another.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-in-use.py VALISE MAKE-SAMPLE [Class.test …]
import case
import harness


class Mounted(case.Case):
    def setUp(self):
        super().setUp()
        self.drive = self.stick('DRIVE')
        self.name, = self.guest.plug(self.drive)

    def mount(self):
        """Mounts what is on the drive, as a desktop does; returns where."""
        self.guest.output(f'udisksctl mount -b {self.name}1')
        return self.guest.output(f'findmnt -n -o TARGET {self.name}1').strip()

    def test_mounted(self):
        """A drive that is only mounted is unmounted, and written."""
        folder = self.mount()
        self.guest.output(f'echo hello >{folder}/hello.txt')
        job = self.guest.start(f'{case.WRITE} --to {self.name} --json')
        self.check_exit(job, harness.OK)
        self.guest.unplug(self.drive)
        self.check_good(self.drive)

    def test_used(self):
        """One with open files is not: the program is named, and nothing is changed."""
        folder = self.mount()
        self.guest.output(f'echo hello >{folder}/hello.txt; '
                          f'setsid sleep 1000 <{folder}/hello.txt >/dev/null 2>&1 &')
        job = self.guest.start(f'{case.WRITE} --to {self.name} --json')
        self.check_exit(job, harness.REFUSED)
        error = job.result()['error']
        self.assertEqual((error['domain'], error['code']), ('drive', 'in-use'))
        self.check_words([self.name, folder, '“sleep” (process'], error['message'])
        self.assertEqual(self.guest.output(f'cat {folder}/hello.txt'), 'hello')
        self.guest.output(f'pkill sleep; umount {folder}')
        self.guest.unplug(self.drive)
        self.check_untouched(self.drive)

    def test_automounted(self):
        """Somebody mounts whatever there is: before, meanwhile and after."""
        self.guest.output('setsid guest-automount >/run/automount.log 2>&1 </dev/null &')
        self.guest.wait_for('grep -q ^/dev/sd /proc/mounts', '/run/automount.log')
        self.guest.limit(self.drive, write=4 * case.MIB)
        job = self.guest.start(f'{case.WRITE} --to {self.name} --eject --json')
        job.until_stage('apply')
        self.assertEqual(self.guest.run('grep ^/dev/sd /proc/mounts'), (1, ''))
        self.check_exit(job, harness.OK)
        self.assertEqual(job.err, '')
        self.assertEqual(self.guest.run('grep ^/dev/sd /proc/mounts'), (1, ''))
        self.guest.unplug(self.drive)
        self.check_good(self.drive)


class Twice(case.Case):
    def test_two_processes(self):
        """Who comes second is refused, and does no harm to the first."""
        drive, other = self.stick('DRIVE'), self.stick('OTHER')
        name, other_name = self.guest.plug(drive, other)
        self.guest.limit(drive, write=8 * case.MIB)
        first = self.guest.start(f'{case.WRITE} --to {name} --json')
        first.until_stage('prepare')
        second = self.guest.start(f'{case.WRITE} --to {other_name} --to {name} --json', 'job2')
        self.check_exit(second, harness.REFUSED)
        error = second.result()['error']
        self.assertEqual((error['domain'], error['code']), ('drive', 'in-use'))
        self.check_words([name, '“valise” (process', 'End that first'], error['message'])
        self.check_exit(first, harness.OK)
        self.guest.unplug(drive)
        self.guest.unplug(other)
        self.check_good(drive)
        self.check_untouched(other)


if __name__ == '__main__':
    case.main()
