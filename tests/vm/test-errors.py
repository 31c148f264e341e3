#!/usr/bin/env python3
# test-errors.py: USB drives with errors at a known place.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-errors.py VALISE MAKE-SAMPLE [Class.test …]
import re

import case
import harness

# Among the sample's files: the NTFS volume begins at 317 MiB, and what mkntfs keeps free for the
# table of files is the first eighth of it.
BAD = 380 * case.MIB


class Errors(case.Case):
    def run_with(self, code, fault):
        """Writes a good drive and one that has a fault; returns what is said of the other."""
        good = self.stick('GOOD')
        bad = self.stick('BAD', faults=[{'errno': 5, **fault}])
        names = self.guest.plug(good, bad)
        job = self.guest.start(f'{case.WRITE} --to {names[0]} --to {names[1]} --json')
        self.check_exit(job, harness.SOME_FAILED)
        self.check_target(job, 0, 'ok')
        message = self.check_target(job, 1, 'failed', domain='drive', code=code)
        self.assertIn(names[1], message)
        self.assertEqual(job.err.count(message), 1)
        self.guest.unplug(good)
        self.guest.unplug(bad)
        self.check_good(good)
        self.check_blank(bad)
        return message

    def check_place(self, message):
        """The place that is named is that of the error, or where what could not be done began."""
        place = int(re.search(r'at byte (\d+)', message).group(1))
        self.assertTrue(BAD - 16 * case.MIB < place <= BAD, message)

    def test_write(self):
        message = self.run_with('write', {'iotype': 'write', 'sector': BAD // 512})
        self.check_words(['could not be written', 'Input/output error', 'another port'], message)
        self.check_place(message)

    def test_read(self):
        """What was written cannot be read back."""
        message = self.run_with('read', {'iotype': 'read', 'sector': BAD // 512})
        self.check_words(['could not be read', 'Input/output error', 'another port'], message)
        self.check_place(message)

    def test_flush(self):
        """The drive takes everything, and cannot store it."""
        message = self.run_with('flush', {'iotype': 'flush'})
        self.check_words(['did not store everything'], message)


if __name__ == '__main__':
    case.main()
