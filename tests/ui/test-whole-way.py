# test-whole-way.py: the real wizard from an ISO to drives that are written and read back.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The drives are loop devices, which only root can make; all but them is as with a real drive:
# udisks2 (its fake) opens them, the lease and the guard look at them, and the kernel writes them.
import os
import re
import shutil
import subprocess
import unittest

import wizard as harness

# Where mtools, sgdisk and the rest live.
os.environ['PATH'] += ':/usr/sbin:/sbin'

SIZE = 4 * 2**30


def loops():
    """Whether loop devices can be had, or why not."""
    if os.geteuid() != 0:
        return 'only root can make loop devices'
    done = subprocess.run(['losetup', '--find'], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False)
    return None if done.returncode == 0 else 'there are no loop devices here'


class WholeWay(harness.Case):
    def make_loop(self, name):
        path = self.path(name)
        with open(path, 'wb') as file:
            file.truncate(SIZE)
        device = subprocess.run(['losetup', '--find', '--show', path], stdout=subprocess.PIPE,
                                text=True, check=True).stdout.strip()
        self.addCleanup(subprocess.run, ['losetup', '--detach', device], check=False)
        return path, device

    def walk(self, wizard, drives):
        wizard.press('Enterprise', 'radio button')
        wizard.press('Next')
        for name in drives:
            wizard.press(name, 'check box')
        wizard.press('Next')
        wizard.get_text('^Options$')
        wizard.press('Next')
        wizard.get_text('^Review$')
        wizard.press('Everything on th', 'check box')
        wizard.press('Erase and Write')

    def check_drive(self, path):
        """Looks at a drive with other people's programs."""
        table = subprocess.run(['sgdisk', '--print', path], stdout=subprocess.PIPE, text=True,
                               check=True).stdout
        parts = re.findall(r'^ +\d+ +(\d+) +(\d+) .* (EF00|0C01|0700) ', table, re.M)
        self.assertEqual([part[2] for part in parts], ['EF00', '0C01', '0700'], table)
        listed = subprocess.run(['mdir', '-b', '-/', '-i', f'{path}@@{int(parts[0][0]) * 512}',
                                 '::EFI/Boot'], stdout=subprocess.PIPE, text=True, check=True)
        self.assertRegex(listed.stdout.lower(), 'bootx64.efi')
        volume = self.path('volume')
        first, last = int(parts[2][0]), int(parts[2][1])
        subprocess.run(['dd', f'if={path}', f'of={volume}', 'bs=512', f'skip={first}',
                        f'count={last - first + 1}', 'conv=sparse', 'status=none'], check=True)
        system = subprocess.run(['ntfsls', '--path', '/Windows/System32/config', volume],
                                stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertIn('SYSTEM', system)
        os.unlink(volume)

    @unittest.skipIf(loops(), loops())
    def test_iso_to_two_drives(self):
        samples = self.path('samples')
        subprocess.run([harness.PROGRAMS['make-sample'], '--small', '--output', samples,
                        '--format', 'iso'], check=True, stdout=subprocess.DEVNULL)
        iso = next(name for name in os.listdir(samples) if name.endswith('.iso'))
        udisks = self.start_udisks()
        made = [self.make_loop(name) for name in ('first', 'second')]
        for i, (path, device) in enumerate(made):
            udisks.tell('add', device, 'vendor=Acme', f'model=Loop {i + 1}', f'serial=L{i}',
                        f'size={SIZE}')
        wizard = self.start(os.path.join(samples, iso))
        self.walk(wizard, ['Loop 1', 'Loop 2'])
        wizard.get_text('2 Drives Are Finished')
        self.check_names(wizard)
        texts = '\n'.join(wizard.texts())
        self.assertEqual(len(re.findall('read back .* all right', texts)), 2, texts)
        for path, _ in made:
            self.check_drive(path)
        # The image and the options are kept.
        shutil.rmtree(samples)
        wizard.press('Write More Drives')
        wizard.get_text('^Drives$')

    @unittest.skipIf(loops(), loops())
    def test_vanished_drive(self):
        """One of two drives is nothing any more when it is to be opened."""
        udisks = self.start_udisks()
        path, device = self.make_loop('first')
        udisks.tell('add', device, 'vendor=Acme', 'model=Loop 1', 'serial=L1', f'size={SIZE}')
        udisks.add('a')
        wizard = self.start(self.sample('sample.wim'))
        self.walk(wizard, ['Loop 1', 'Stick a'])
        wizard.get_text('^Result$')
        self.check_names(wizard)
        texts = '\n'.join(wizard.texts())
        self.assertRegex(texts, 'read back .* all right')
        self.assertIn('/dev/sdvalisea', texts)
        self.check_drive(path)


class Keyboard(harness.Case):
    """Without a mouse."""

    def tab_to(self, wizard, role, name):
        for _ in range(30):
            node = wizard.focused()
            if node and re.fullmatch(role, node.role) and re.search(name, node.name):
                return node
            wizard.key('Tab')
            wizard.wait(lambda old=node: str(wizard.focused()) != str(old) or None,
                        'the keyboard to move')
        raise AssertionError(f'Tab does not lead to a {role} “{name}”; there is\n{wizard.dump()}')

    def test_all_pages(self):
        udisks = self.start_udisks()
        udisks.add('a')
        wizard = self.start(self.sample('sample.wim'))
        wizard.get('radio button', 'Pro', 'focused')
        wizard.key('space')
        wizard.get('radio button', 'Pro', 'checked')
        wizard.key('Return', 'Control')
        wizard.get('check box', 'Stick a')
        self.tab_to(wizard, 'check box', 'Stick a')
        wizard.key('space')
        wizard.get('check box', 'Stick a', 'checked')
        wizard.key('Right', 'Alt')
        wizard.get_text('^Options$')
        self.tab_to(wizard, 'check box', 'Power Off')
        wizard.key('Right', 'Alt')
        wizard.get_text('^Review$')
        self.tab_to(wizard, 'check box', 'Everything on this')
        wizard.key('space')
        wizard.get('push button', 'Erase and Write', 'sensitive')
        self.tab_to(wizard, 'push button', 'Erase and Write')
        wizard.key('Left', 'Alt')
        wizard.get_text('^Options$')

    def test_escape(self):
        wizard = self.start()
        wizard.get_text('Choose a Windows Image')
        wizard.key('F10')
        wizard.get('menu item', 'About Valise', 'focusable')
        for _ in range(3):
            wizard.key('Down')
        wizard.key('Return')
        wizard.get_text('The Valise developers')
        wizard.key('Escape')
        wizard.wait(lambda: not wizard.find('label', 'The Valise developers'), 'About to go')

    def test_help(self):
        wizard = self.start()
        wizard.get_text('Choose a Windows Image')
        wizard.key('F1')
        wizard.get_text('^Starting a PC from the drive$')
        wizard.get_text('its own disks can be left alone')
        wizard.wait(lambda: wizard.find('frame', '^Valise Help$').has('active'), 'the keyboard')
        self.check_names(wizard)
        wizard.key('Escape')
        wizard.wait(lambda: not wizard.find('frame', '^Valise Help$'), 'the help to go')


if __name__ == '__main__':
    harness.main()
