# case.py: what the cases of tests/vm share: a guest with drives, and how drives are judged.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A drive is judged on this machine, by its file, after the guest has let go of it: with sgdisk,
# blkid, fsck.fat, ntfsfix and wimlib-imagex, and by reading single sectors.
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))

# pylint: disable=wrong-import-position
import guest as guest_files
import harness
import rig

MIB = 1 << 20
SIZE = 700 * MIB
# Valise edits the hives, and makes the answer file.
MADE = [b'/Windows/System32/config/SYSTEM', b'/Windows/System32/config/SOFTWARE',
        b'/Windows/Panther/unattend.xml']
WRITE = f'{rig.VALISE} write {rig.SAMPLE} --image 1 --yes'


def captured(wim, index):
    """What wimlib-imagex says of the files of an image: path, and digests of its streams."""
    text = subprocess.run(['wimlib-imagex', 'dir', '--detailed', wim, str(index)],
                          stdout=subprocess.PIPE, check=True).stdout
    files = {}
    for block in re.split(rb'(?m)^-{70,}$', text)[1:]:
        path = re.search(rb'(?m)^Full Path +=.*"(.*)"$', block).group(1)
        files[path] = sorted(re.findall(rb'(?m)^Hash += (\w+)$', block))
    for path in MADE:
        files.pop(path, None)
    return files


class Case(harness.Case):
    """A test with a guest of its own."""

    machine, missing, expected = None, None, {}

    @classmethod
    def make_machine(cls, work):
        return rig.Machine(harness.VALISE, harness.MAKE_SAMPLE, work)

    def setUp(self):
        super().setUp()
        os.environ['PATH'] = self.env['PATH']
        if Case.machine is None and Case.missing is None:
            work = os.environ.get('VALISE_VM') or tempfile.gettempdir() + '/valise-vm'
            try:
                guest_files.check_tools(['sfdisk', 'sgdisk', 'blkid', 'fsck.fat', 'mkfs.fat',
                                         'ntfsfix', 'wimlib-imagex'])
                Case.machine = self.make_machine(work)
            except guest_files.Missing as missing:
                Case.missing = str(missing)
        if Case.missing:
            self.skipTest(Case.missing)
        self.guest = rig.Guest(Case.machine)
        self.addCleanup(self.guest.end)

    def stick(self, serial, used=True, **options):
        """A drive with a partition table and a file system of somebody's, or an empty one."""
        path = self.path(serial + '.img')
        size = options.pop('size', SIZE)
        with open(path, 'wb') as file:
            file.truncate(size)
        if used:
            subprocess.run(['sfdisk', '-q', path], input=b'label: gpt\nstart=2048, size=64M\n',
                           check=True)
            self.tool('mkfs.fat', '-F', '16', '-n', 'OLDSTICK', '--offset=2048', path, '65536')
        return rig.Stick(path, serial, **options)

    def check_exit(self, job, status):
        self.assertEqual(job.wait(), status, str(job))

    def check_target(self, job, index, status, **error):
        """What the result says of one drive; returns the error's message."""
        target = job.result()['targets'][index]
        self.assertEqual(target['status'], status, str(job))
        if status == 'ok':
            self.assertIs(target['verified'], True)
            return ''
        self.assertEqual({name: target['error'][name] for name in error}, error, str(job))
        return target['error']['message']

    def check_words(self, words, text):
        for word in words:
            self.assertIn(word, text)

    # ---- what is on a drive ----

    def partition(self, stick, number, first, last):
        path = f'{stick.path}-{number}'
        self.tool('dd', f'if={stick.path}', f'of={path}', 'bs=1M', 'conv=sparse',
                  'iflag=skip_bytes,count_bytes', f'skip={first * 512}',
                  f'count={(last - first + 1) * 512}')
        return path

    def check_good(self, stick):
        """A sound table, sound file systems, and all files of the edition."""
        self.assertIn('No problems found', self.tool('sgdisk', '-v', stick.path))
        table = [tuple(map(int, line)) for line in
                 re.findall(r'(?m)^ +(\d+) +(\d+) +(\d+) ', self.tool('sgdisk', '-p', stick.path))]
        self.assertEqual([number for number, _, _ in table], [1, 2, 3])
        self.tool('fsck.fat', '-n', self.partition(stick, *table[0]))
        volume = self.partition(stick, *table[2])
        self.tool('ntfsfix', '-n', volume)
        with open(self.path('everything.ini'), 'w', encoding='ascii') as file:
            file.write('[ExclusionList]\n')
        self.tool('wimlib-imagex', 'capture', volume, volume + '.wim', '--compress=none',
                  '--config=' + self.path('everything.ini'))
        if not Case.expected:
            Case.expected = captured(self.sample_image(), 1)
        found = captured(volume + '.wim', 1)
        self.assertEqual(found.keys() ^ Case.expected.keys(), set())
        self.assertEqual({path for path, digests in found.items()
                          if digests != Case.expected[path]}, set())
        self.assertGreater(len(found), 400)

    def sample_image(self):
        """The image that is in the guest, made once more: the sample is always the same."""
        folder = self.path('image')
        subprocess.run([harness.MAKE_SAMPLE, '--small', '--format', 'wim-xpress', '--output',
                        folder], check=True, stdout=subprocess.DEVNULL)
        return folder + '/' + os.path.basename(rig.SAMPLE)

    def check_blank(self, stick):
        """No table, and nothing that starts."""
        with open(stick.path, 'rb') as file:
            self.assertNotEqual(file.read(512)[510:], b'\x55\xaa', 'there is a master boot record')
            self.assertNotEqual(file.read(8), b'EFI PART', 'there is a partition table')
            file.seek(-512, os.SEEK_END)
            self.assertNotEqual(file.read(8), b'EFI PART', 'there is a backup table')
        done = subprocess.run(['blkid', '-p', '-o', 'export', stick.path], stdout=subprocess.PIPE,
                              check=False, env=self.env, text=True)
        self.assertEqual((done.returncode, done.stdout), (2, ''))
        done = subprocess.run(['sgdisk', '-p', stick.path], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False, env=self.env)
        self.assertNotRegex(done.stdout, r'(?m)^ +\d+ +\d+ ')

    def check_untouched(self, stick):
        """It has what was on it before."""
        self.assertIn('No problems found', self.tool('sgdisk', '-v', stick.path))
        found = self.tool('blkid', '-p', '-O', str(MIB), '-o', 'export', stick.path)
        self.assertIn('LABEL=OLDSTICK\n', found)


main = harness.main
