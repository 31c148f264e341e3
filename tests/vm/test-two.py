#!/usr/bin/env python3
# test-two.py: several USB drives are written at once, from a profile.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-two.py VALISE MAKE-SAMPLE [Class.test …]
import json
import os
import shlex
from xml.etree import ElementTree

import case
import harness


# Owner and names as a company has them: the second drive and the third are named by themselves.
PROFILE = {
    'format': 'valise-profile', 'formatVersion': 1,
    'account': {'kind': 'administrator', 'name': 'anna'},
    'computer': {'name': 'HELP-{n:02}-{serial:3}'},
    'company': {'lockAfterMinutes': 7},
}
NS = '{urn:schemas-microsoft-com:unattend}'
CLUSTER = 4096


class Two(case.Case):
    def get_computer(self, volume):
        """The computer's name, and the account, in the answer file on a volume."""
        text = self.tool('ntfscat', volume, '/Windows/Panther/unattend.xml').rstrip()
        root = ElementTree.fromstring(text.encode())
        names = [node.text for node in root.iter(NS + 'ComputerName')]
        accounts = [node.text for node in root.iter(NS + 'Name')]
        self.assertIn('anna', accounts)
        name, = set(names)
        return name

    def count_differences(self, one, two):
        """In how many clusters two volumes differ."""
        self.assertEqual(os.path.getsize(one), os.path.getsize(two))
        different = 0
        with open(one, 'rb') as first, open(two, 'rb') as second:
            while part := first.read(256 * CLUSTER):
                other = second.read(256 * CLUSTER)
                if part != other:
                    different += sum(part[i:i + CLUSTER] != other[i:i + CLUSTER]
                                     for i in range(0, len(part), CLUSTER))
        return different

    def test_write(self):
        sticks = [self.stick('KEY1ONE'), self.stick('KEY2TWO', size=case.SIZE + 100 * case.MIB),
                  self.stick('KEY3SIX', used=False)]
        names = self.guest.plug(*sticks)
        self.guest.output(f'echo {shlex.quote(json.dumps(PROFILE))} > /run/profile.json')
        job = self.guest.start(f'{case.WRITE} --profile /run/profile.json --json '
                               '--report /run/report.json ' +
                               ' '.join(f'--to {name}' for name in names))
        self.check_exit(job, harness.OK)
        self.assertEqual(job.err, '')
        for index in range(3):
            self.check_target(job, index, 'ok')
        reports = [json.loads(self.guest.output(f'cat /run/report-{number}.json'))
                   for number in (1, 2, 3)]
        self.assertEqual([report['drive']['serial'] for report in reports],
                         ['KEY1ONE', 'KEY2TWO', 'KEY3SIX'])
        self.assertEqual(len({report['drive']['diskGuid'] for report in reports}), 3)
        self.assertEqual([report['drive']['computerName'] for report in reports],
                         ['HELP-01-ONE', 'HELP-02-TWO', 'HELP-03-SIX'])
        # Pulled out and put in again, they are as they were written.
        for stick, number in zip(sticks, (1, 2, 3)):
            self.guest.unplug(stick)
            name, = self.guest.plug(stick)
            self.guest.output(f'{case.rig.VALISE} verify {name} --report /run/report-{number}.json')
            self.guest.unplug(stick)
            self.check_good(stick)
        # Three names, and one set of data: nothing but the serial number (in both boot sectors) and
        # the answer file (two clusters) is a drive's own.
        volumes = [f'{stick.path}-3' for stick in sticks]
        self.assertEqual([self.get_computer(volume) for volume in volumes],
                         ['HELP-01-ONE', 'HELP-02-TWO', 'HELP-03-SIX'])
        for volume in volumes[1:]:
            self.assertIn(self.count_differences(volumes[0], volume), (2, 3, 4))


if __name__ == '__main__':
    case.main()
