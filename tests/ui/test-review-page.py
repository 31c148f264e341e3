# test-review-page.py: the wizard's last page before anything is erased.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import time

import wizard as harness


class ReviewPage(harness.Case):
    def walk(self, letters):
        udisks = self.start_udisks()
        for letter in letters:
            udisks.add(letter)
        udisks.part('a', 1, size=2 * 10**9, type='vfat', label='KEYS', mounts='/media/keys')
        wizard = self.start_with_edition()
        for letter in letters:
            wizard.press(f'Stick {letter}', 'check box')
        wizard.press('Next')
        wizard.get_text('^Options$')
        wizard.press('Next')
        wizard.get_text('^Review$')
        return udisks, wizard

    def test_one(self):
        udisks, wizard = self.walk('a')
        wizard.get_text('This Drive Will Be Erased')
        row = wizard.get('list item', 'Stick a')
        for part in ['64.0.GB', 'SN-a', 'KEYS', '2.0.GB']:
            self.assertRegex(row.description, part)
        wizard.get_text('^Windows 11 Enterprise$')
        wizard.get_text('sample.wim')
        wizard.get_text('read back and compared')
        wizard.get_text('boot manager is not')
        wizard.get_text('Boot manager without a valid signature')
        wizard.get_text('^About 1 minute$')
        self.check_names(wizard)

        button = wizard.get('push button', 'Erase and Write 1 Drive$')
        self.assertFalse(button.has('sensitive'))
        wizard.press('Everything on this 1 drive', 'check box')
        wizard.get('push button', 'Erase and Write', 'sensitive')

        # Something that is not shown, and so nobody has agreed to, has changed.
        udisks.tell('links', '/dev/sdvalisea', '/dev/disk/by-id/other')
        time.sleep(1)
        self.assertTrue(wizard.get('check box', 'Everything').has('checked'))
        self.assertTrue(button.has('sensitive'))

        # What was ticked was ticked for a drive that was there.
        udisks.remove('a')
        wizard.get_text('It was pulled out')
        wizard.wait(lambda: not button.has('sensitive'), 'the button not to be pressed')
        self.assertFalse(wizard.get('check box', 'Everything').has('sensitive'))
        udisks.add('a')
        wizard.get('check box', 'Everything', 'sensitive')
        self.assertFalse(wizard.get('check box', 'Everything').has('checked'))
        self.assertFalse(button.has('sensitive'))

    def test_two(self):
        _, wizard = self.walk('ab')
        wizard.get_text('These Drives Will Be Erased')
        wizard.get('list item', 'Stick a')
        wizard.get('list item', 'Stick b')
        wizard.press('Everything on these 2 drives', 'check box')
        wizard.get('push button', 'Erase and Write 2 Drives$', 'sensitive')
        # It must be ticked again after something else was chosen.
        wizard.press('^Back$')
        wizard.press('Read Back', 'check box')
        wizard.press('Next')
        wizard.get_text('faults of a drive will not be found')
        self.assertFalse(wizard.get('push button', 'Erase and Write').has('sensitive'))

    def test_write(self):
        """The kernel knows nothing of the fake drive: the first thing that is done fails."""
        _, wizard = self.walk('a')
        wizard.press('Everything on this 1 drive', 'check box')
        wizard.press('Erase and Write 1 Drive$')
        wizard.get_text('^The Drive Was Not Finished$')
        wizard.get_text('“/dev/sdvalisea” is not there any more. Plug the drive in again')
        wizard.get_text('^/dev/sdvalisea, SN-a$')
        self.check_names(wizard)
        # On with another one: the image and the options stay.
        wizard.press('Write More Drives')
        wizard.get_text('^Drives$')
        self.assertFalse(wizard.get('check box', 'Stick a').has('checked'))
        wizard.press('^Back$')
        wizard.get('radio button', 'Enterprise', 'checked')


if __name__ == '__main__':
    harness.main()
