#!/usr/bin/env python3
# test-two.py: two USB drives are written at once.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-two.py VALISE MAKE-SAMPLE [Class.test …]
import json

import case
import harness


class Two(case.Case):
    def test_write(self):
        one, two = self.stick('ONE'), self.stick('TWO', size=case.SIZE + 100 * case.MIB)
        names = self.guest.plug(one, two)
        job = self.guest.start(f'{case.WRITE} --to {names[0]} --to {names[1]} --json '
                               '--report /run/report.json')
        self.check_exit(job, harness.OK)
        self.assertEqual(job.err, '')
        for index in range(2):
            self.check_target(job, index, 'ok')
        reports = [json.loads(self.guest.output(f'cat /run/report-{number}.json'))
                   for number in (1, 2)]
        self.assertEqual([report['drive']['serial'] for report in reports], ['ONE', 'TWO'])
        self.assertNotEqual(reports[0]['drive']['diskGuid'], reports[1]['drive']['diskGuid'])
        # Pulled out and put in again, they are as they were written.
        for stick, number in ((one, 1), (two, 2)):
            self.guest.unplug(stick)
            name, = self.guest.plug(stick)
            self.guest.output(f'{case.rig.VALISE} verify {name} --report /run/report-{number}.json')
            self.guest.unplug(stick)
        self.check_good(one)
        self.check_good(two)


if __name__ == '__main__':
    case.main()
