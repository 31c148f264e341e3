#!/usr/bin/env python3
# test-unplug.py: one of two USB drives is pulled out while both are written, and put in again.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-unplug.py VALISE MAKE-SAMPLE [Class.test …]
import case
import harness


class Unplug(case.Case):
    def setUp(self):
        super().setUp()
        self.good, self.pulled = self.stick('GOOD'), self.stick('PULLED')
        self.names = self.guest.plug(self.good, self.pulled)

    def start(self, *options, **limits):
        """Starts to write both; one drive is so slow that it can be pulled out in time."""
        job = self.guest.start(' '.join([
            case.WRITE, '--json', *options, *[f'--to {name}' for name in self.names]]))
        job.until_stage('prepare')
        self.guest.limit(self.pulled, **limits)
        return job

    def check(self, job, words):
        """One drive is finished, the other one blank, and it is said why."""
        self.check_exit(job, harness.SOME_FAILED)
        self.check_target(job, 0, 'ok')
        message = self.check_target(job, 1, 'failed', domain='drive', code='vanished')
        self.check_words([self.names[1], *words], message)
        self.assertEqual(job.err.count(message), 1)
        self.guest.unplug(self.good)
        self.check_good(self.good)
        self.check_blank(self.pulled)

    def test_apply(self):
        """While files are written; the drive is seen again, and is good for another try."""
        job = self.start('--cache 16M', write=2 * case.MIB)
        job.until_stage('apply', 8 * case.MIB)
        self.guest.unplug(self.pulled)
        self.check(job, ['disconnected while it was being written'])

        self.guest.limit(self.pulled)
        name, = self.guest.plug(self.pulled)
        job = self.guest.start(f'{case.WRITE} --to {name} --json')
        self.check_exit(job, harness.OK)
        self.guest.unplug(self.pulled)
        self.check_good(self.pulled)

    def test_flush(self):
        """While the last bytes are on their way."""
        job = self.start(write=2 * case.MIB)
        job.until_stage('flush')
        self.guest.unplug(self.pulled)
        self.check(job, ['disconnected'])

    def test_verify(self):
        """While it is read back."""
        job = self.start(read=case.MIB)
        job.until_stage('verify', 1)
        self.guest.unplug(self.pulled)
        self.check(job, ['disconnected while it was being read'])


if __name__ == '__main__':
    case.main()
