# test-whole-way.py: the real wizard from an ISO to drives that are written and read back.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re
import shutil
import subprocess
import unittest

import loops
import wizard as harness


class WholeWay(loops.Case):
    @unittest.skipIf(loops.missing(), loops.missing())
    def test_iso_to_two_drives(self):
        samples = self.path('samples')
        subprocess.run([harness.PROGRAMS['make-sample'], '--small', '--output', samples,
                        '--format', 'iso'], check=True, stdout=subprocess.DEVNULL)
        iso = next(name for name in os.listdir(samples) if name.endswith('.iso'))
        udisks = self.start_udisks()
        made = [self.make_loop(name) for name in ('first', 'second')]
        for i, (_, device) in enumerate(made):
            self.add(udisks, device, i + 1)
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

    @unittest.skipIf(loops.missing(), loops.missing())
    def test_vanished_drive(self):
        """One of two drives is nothing any more when it is to be opened."""
        udisks = self.start_udisks()
        path, device = self.make_loop('first')
        self.add(udisks, device, 1)
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
