# test-drives-page.py: the wizard's page of drives: they come, go, are chosen and are refused.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import os

import wizard as harness


class DrivesPage(harness.Case):
    def next(self, wizard):
        return wizard.get('push button', 'Next')

    def test_come_and_go(self):
        udisks = self.start_udisks()
        wizard = self.start_with_edition()
        wizard.get_text('Plug In a Drive')
        self.check_names(wizard)
        self.assertFalse(self.next(wizard).has('sensitive'))

        udisks.add('a', bus='usb')
        udisks.part('a', 1, size=2 * 10**9, type='vfat', label='KEYS', mounts='/media/keys')
        wizard.get('check box', 'Acme Stick a')
        wizard.wait(lambda: 'KEYS' in wizard.get('check box', 'Stick a').description, 'the label')
        words = wizard.get('check box', 'Stick a').description
        for part in ['64.0.GB', 'USB', 'SN-a', '/dev/sdvalisea', 'FAT', 'mounted at /media/keys']:
            self.assertRegex(words, part)
        self.check_names(wizard)
        self.assertFalse(self.next(wizard).has('sensitive'))

        wizard.press('Stick a', 'check box')
        wizard.get_text('^1 drive is chosen')
        wizard.get('push button', 'Next', 'sensitive')

        udisks.remove('a')
        wizard.get_text('It was pulled out')
        self.assertFalse(self.next(wizard).has('sensitive'))
        self.check_names(wizard)
        udisks.add('a')
        wizard.wait(lambda: not wizard.find('label', 'It was pulled out'), 'the drive to be back')
        wizard.get('check box', 'Stick a', 'checked')
        wizard.get('push button', 'Next', 'sensitive')

        udisks.remove('a')
        wizard.get_text('It was pulled out')
        wizard.press('Stick a', 'check box')
        wizard.get_text('Plug In a Drive')

    def test_refused(self):
        udisks = self.start_udisks()
        folder = os.path.dirname(self.sample('sample.wim'))
        udisks.add('a')
        udisks.add('b', size=1000)
        udisks.add('c', read_only=1)
        udisks.add('d')
        udisks.part('d', 1, size=10**9, type='ext4', mounts=folder)
        udisks.add('e', internal=1, bus='nvme')
        udisks.add('f', size=0, media='flash_sd')
        wizard = self.start_with_edition()
        wizard.get('check box', 'Stick a')
        self.assertEqual([node.name for node in wizard.nodes()
                          if node.role == 'check box' and 'Stick' in node.name], ['Acme Stick a'])
        wizard.get_text('^5 drives cannot be chosen')
        wizard.press('Show Refused', 'check box')
        for name, reason in [('b', 'too small: it has 1.0.kB'), ('c', 'cannot be written'),
                             ('d', 'holds the image itself'), ('f', 'no medium')]:
            row = wizard.get('list item', f'Stick {name}')
            self.assertRegex(row.description, reason)
            self.assertFalse(wizard.find('check box', f'Stick {name}'))
        self.assertIn('built into the computer',
                      wizard.get('check box', 'Stick e').description)
        self.check_names(wizard)
        wizard.press('Show Refused', 'check box')
        wizard.wait(lambda: not wizard.find('list item', 'Stick b'), 'the refused to go')

    def test_chosen_becomes_refused(self):
        udisks = self.start_udisks()
        udisks.add('a')
        udisks.add('b')
        wizard = self.start_with_edition()
        wizard.press('Stick a', 'check box')
        wizard.press('Stick b', 'check box')
        wizard.get_text('^2 drives are chosen')
        udisks.part('a', 1, size=10**9, type='swap', swap=1)
        wizard.get_text('^1 drive is chosen')

    def test_without_udisks(self):
        wizard = self.start_with_edition()
        wizard.get_text('Drives Cannot Be Listed')
        wizard.get_text('udisks2')
        self.check_names(wizard)
        udisks = self.start_udisks()
        udisks.add('a')
        wizard.get('check box', 'Stick a')

    def test_many(self):
        udisks = self.start_udisks()
        for i in range(17):
            udisks.add(chr(ord('a') + i), model='A Drive With a Rather Long Name and a Number '
                       f'Behind It, of Which There Are Many on This Table {i}')
        wizard = self.start_with_edition()
        wizard.wait(lambda: len([node for node in wizard.nodes() if node.role == 'check box'
                                 and 'Long Name' in node.name]) == 17, '17 drives')
        self.check_names(wizard)


if __name__ == '__main__':
    harness.main()
