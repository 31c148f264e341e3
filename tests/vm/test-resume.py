#!/usr/bin/env python3
# test-resume.py: a drive that was pulled out of a batch, and is put in again under another name.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-resume.py VALISE MAKE-SAMPLE [Class.test …]
import json

import case
import harness

REPORT = '/run/batch.json'


class Resume(case.Case):
    def states(self):
        report = json.loads(self.guest.output(f'cat {REPORT}'))
        return [(drive['serial'], drive['state']) for drive in report['drives']]

    def resume(self, *options):
        return self.guest.start(' '.join([f'{case.rig.VALISE} write --resume {REPORT} --yes --json',
                                          *options]))

    def test_other_name(self):
        """It is found by its serial number; what has its old name is left alone."""
        good, pulled, other = self.stick('GOOD'), self.stick('PULLED'), self.stick('OTHER')
        names = self.guest.plug(good, pulled)
        job = self.guest.start(f'{case.WRITE} --cache 16M --to {names[0]} --to {names[1]} --json '
                               f'--report {REPORT}')
        job.until_stage('blank')
        self.guest.limit(pulled, write=2 * case.MIB)
        job.until_stage('apply', 8 * case.MIB)
        self.guest.unplug(pulled)
        self.check_exit(job, harness.SOME_FAILED)
        self.assertEqual(self.states(), [('GOOD', 'finished'), ('PULLED', 'failed')])

        # Its name is given to another drive.
        other_name, = self.guest.plug(other)
        self.assertEqual(other_name, names[1])
        job = self.resume()
        self.check_exit(job, harness.FAILED)
        self.check_words(['PULLED', 'is not there', 'None of the drives'], job.err)

        self.guest.limit(pulled)
        name, = self.guest.plug(pulled)
        self.assertNotIn(name, names)
        job = self.resume()
        self.check_exit(job, harness.OK)
        self.assertEqual([target['target'] for target in job.result()['targets']], [name])
        self.check_target(job, 0, 'ok')
        self.assertEqual(self.states(), [('GOOD', 'finished'), ('PULLED', 'finished')])
        for target, number in ((names[0], 1), (name, 2)):
            self.guest.output(f'{case.rig.VALISE} verify {target} '
                              f'--report /run/batch-{number}.json')
        # Nothing is left to do, and a finished drive is not written by a slip.
        self.check_exit(self.resume(), harness.OK)
        self.check_exit(self.resume(f'--to {names[0]}'), harness.USAGE)
        for stick in (good, pulled, other):
            self.guest.unplug(stick)
        self.check_good(good)
        self.check_good(pulled)
        self.check_untouched(other)


if __name__ == '__main__':
    case.main()
