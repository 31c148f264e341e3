#!/usr/bin/env python3
# test-counterfeit.py: USB drives that have less memory than they say.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-counterfeit.py VALISE MAKE-SAMPLE [Class.test …]
import os
import re
import shutil
import subprocess
import time

import case
import harness

PLUGIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lying_drive.py')
GIB = 1024 * case.MIB


class Counterfeit(case.Case):
    def setUp(self):
        super().setUp()
        if not shutil.which('nbdkit') or \
                subprocess.run(['nbdkit', '--dump-plugin', 'python'], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, check=False).returncode != 0:
            self.skipTest('“nbdkit” with its plugin for Python is not installed')

    def write(self, real, claimed, *settings):
        """Writes a good drive and one that lies; returns the job, and the drive that lies."""
        good, bad = self.stick('GOOD'), self.stick('BAD', used=False, size=real)
        bad.server = self.path('nbd')
        with open(self.path('nbdkit.log'), 'wb') as log:
            server = subprocess.Popen(
                ['nbdkit', '--foreground', '--unix', bad.server, 'python', PLUGIN,
                 f'file={bad.path}', f'size={claimed}', *settings],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        while not os.path.exists(bad.server) and server.poll() is None:
            time.sleep(0.02)
        names = self.guest.plug(good, bad)
        job = self.guest.start(f'{case.WRITE} --to {names[0]} --to {names[1]} --json')
        self.check_exit(job, harness.SOME_FAILED)
        self.check_target(job, 0, 'ok')
        self.guest.unplug(good)
        self.guest.unplug(bad)
        self.check_good(good)
        self.check_blank(bad)
        return job, names[1]

    def test_size(self):
        """64 GiB are claimed, 256 MiB are there: it is known before a file is written."""
        job, name = self.write(256 * case.MIB, 64 * GIB)
        message = self.check_target(job, 1, 'failed', domain='drive', code='false-size')
        self.check_words([name, 'counterfeit', '68.7\xa0GB', '268.4\xa0MB'], message)
        # Its ends were wiped, no more.
        self.assertLess(job.result()['targets'][1]['written'], 16 * case.MIB)

    def test_hidden(self):
        """It fails where only reading back everything can show it."""
        lost = 381 * case.MIB
        job, name = self.write(case.SIZE, case.SIZE, f'lost={lost}')
        message = self.check_target(job, 1, 'failed', domain='drive', code='mismatch')
        self.check_words([name, 'gives back other bytes'], message)
        place = int(re.search(r'at byte (\d+)', message).group(1))
        self.assertTrue(lost - case.MIB <= place < lost + case.MIB, message)


if __name__ == '__main__':
    case.main()
