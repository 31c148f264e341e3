# loops.py: loop devices that the wizard takes for drives, and that are slow, fail and vanish.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# All but them is as with a real drive: udisks2 (its fake) opens them, the lease and the guard look
# at them, and the kernel writes them.
import os
import re
import shutil
import subprocess
import time

import wizard as harness
from wizard import words

# Where mtools, sgdisk and the rest live.
os.environ['PATH'] += ':/usr/sbin:/sbin'

SIZE = 4 * 2**30


def missing():
    """Why loop devices cannot be had, or None."""
    if os.geteuid() != 0:
        return 'only root can make loop devices'
    done = subprocess.run(['losetup', '--find'], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False)
    return None if done.returncode == 0 else 'there are no loop devices here'


def missing_models():
    """Why loop devices on a modelled drive cannot be had, or None."""
    if not os.path.exists(os.environ.get('VALISE_MODEL_DRIVE', '')):
        return 'VALISE_MODEL_DRIVE does not name the modelled drive'
    if not os.path.exists('/dev/fuse') or not shutil.which('fusermount3'):
        return 'there are no file systems in user space here'
    return missing()


class ModelDrive:
    """A loop device on a modelled flash drive."""

    def __init__(self, case, name, write_rate='12MB', read_rate='200MB'):
        self.folder = case.path(name)
        os.mkdir(self.folder)
        # pylint: disable=consider-using-with
        self.model = subprocess.Popen(
            [os.environ['VALISE_MODEL_DRIVE'], f'--size={SIZE}', f'--write-rate={write_rate}',
             f'--read-rate={read_rate}', f'--backing={case.path(name + ".data")}', self.folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        case.addCleanup(self.end)
        self.path = os.path.join(self.folder, 'drive')
        while not os.path.exists(self.path):
            if self.model.poll() is not None:
                case.skipTest('the modelled drive cannot be mounted here: '
                              + self.model.stderr.read().decode(errors='replace').strip())
            time.sleep(0.02)
        self.device = subprocess.run(
            ['losetup', '--direct-io=on', '--find', '--show', self.path], stdout=subprocess.PIPE,
            text=True, check=True).stdout.strip()
        case.addCleanup(subprocess.run, ['losetup', '--detach', self.device], check=False)

    def end(self):
        # Detaching is asynchronous, and the drive must not go before it.
        for _ in range(100):
            if not os.path.exists(f'/sys/block/{os.path.basename(self.device)}/loop'):
                break
            time.sleep(0.05)
        self.model.terminate()
        self.model.communicate()

    def tell(self, word):
        with open(os.path.join(self.folder, 'stats'), 'w', encoding='ascii') as file:
            file.write(word)

    def fail(self):
        """All that is read or written fails from now on."""
        self.tell('fail')

    def unplug(self):
        """As when a stick is pulled out: no size any more, and no byte moves."""
        self.tell('unplug')
        subprocess.run(['losetup', '--set-capacity', self.device], check=True)


class Case(harness.Case):
    def make_small_folder(self, name, room):
        """A folder on a file system of its own, of that many bytes."""
        folder = self.path(name)
        os.mkdir(folder)
        done = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={room}', 'tmpfs', folder],
                              stderr=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            self.skipTest('nothing can be mounted here')
        self.addCleanup(subprocess.run, ['umount', '--lazy', folder], check=True)
        return folder

    def start_small(self):
        """The wizard with the review of one drive, and its folder for temporary files."""
        udisks = self.start_udisks()
        self.add(udisks, self.make_loop('drive')[1], 1)
        folder = self.make_small_folder('temporary', '32M')
        wizard = self.start(self.sample('sample.wim'), env={'VALISE_SCRATCH': folder})
        self.walk_to_review(wizard, ['Loop 1'])
        return wizard, folder

    @staticmethod
    def fill(folder):
        with open(os.path.join(folder, 'other'), 'wb') as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(folder).free)

    def start_copy(self):
        """The wizard with the review of one drive and an image that can change; its path and the
        drive's."""
        udisks = self.start_udisks()
        path, device = self.make_loop('drive')
        self.add(udisks, device, 1)
        image = self.path('here.wim')
        shutil.copy(self.sample('sample.wim'), image)
        wizard = self.start(image)
        self.walk_to_review(wizard, ['Loop 1'])
        return wizard, image, path

    def make_loop(self, name):
        path = self.path(name)
        with open(path, 'wb') as file:
            file.truncate(SIZE)
        device = subprocess.run(['losetup', '--find', '--show', path], stdout=subprocess.PIPE,
                                text=True, check=True).stdout.strip()
        self.addCleanup(subprocess.run, ['losetup', '--detach', device], check=False)
        return path, device

    def add(self, udisks, device, number):
        """Lets udisks2 know a loop device as “Acme Loop NUMBER”."""
        udisks.add_device(device, model=f'Loop {number}', serial=f'L{number}', size=SIZE)

    def agree(self, wizard):
        """On the page of review."""
        wizard.get_text(words('Review'))
        wizard.press(words('Everything on this %u drive may be erased.',
                           'Everything on these %u drives may be erased.'), 'check box')
        wizard.press(words('_Erase and Write %u Drive', '_Erase and Write %u Drives'))

    def walk_to_review(self, wizard, drives):
        wizard.press('Enterprise', 'radio button')
        wizard.press(words('_Next'))
        for name in drives:
            wizard.press(name, 'check box')
        wizard.press(words('_Next'))
        wizard.get_text(words('Options'))
        wizard.press(words('_Next'))
        wizard.get_text(words('Review'))

    def walk(self, wizard, drives):
        self.walk_to_review(wizard, drives)
        self.agree(wizard)

    def check_drive(self, path):
        """Looks at a drive with other people's programs."""
        table = subprocess.run(['sgdisk', '--print', path], stdout=subprocess.PIPE, text=True,
                               check=True).stdout
        parts = re.findall(r'^ +\d+ +(\d+) +(\d+) .* (EF00|0C01|0700) ', table, re.M)
        self.assertEqual([part[2] for part in parts], ['EF00', '0C01', '0700'], table)
        listed = subprocess.run(['mdir', '-b', '-/', '-i', f'{path}@@{int(parts[0][0]) * 512}',
                                 '::EFI/Boot'], stdout=subprocess.PIPE, text=True, check=True)
        self.assertRegex(listed.stdout.lower(), 'bootx64.efi')
        first, last = int(parts[2][0]), int(parts[2][1])
        # Windows' volume as a device of its own: to copy it would take ten times as long.
        volume = subprocess.run(
            ['losetup', '--find', '--show', '--read-only', f'--offset={first * 512}',
             f'--sizelimit={(last - first + 1) * 512}', path], stdout=subprocess.PIPE, text=True,
            check=True).stdout.strip()
        try:
            system = subprocess.run(['ntfsls', '--path', '/Windows/System32/config', volume],
                                    stdout=subprocess.PIPE, text=True, check=True).stdout
        finally:
            subprocess.run(['losetup', '--detach', volume], check=True)
        self.assertIn('SYSTEM', system)

    def assert_blank(self, path):
        """Neither a partition table nor a file system, to other people's programs."""
        found = subprocess.run(['blkid', '-p', path], stdout=subprocess.PIPE, text=True,
                               check=False)
        self.assertEqual((found.returncode, found.stdout), (2, ''))
        dump = subprocess.run(['sfdisk', '--dump', path], capture_output=True, text=True,
                              check=False)
        self.assertEqual(dump.stdout, '')
