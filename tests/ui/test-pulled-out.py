# test-pulled-out.py: a drive that is pulled out while each of the wizard's pages is shown.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The page where drives are chosen has a test of its own, test-drives-page.py.
import unittest

import loops
import wizard as harness


class BeforeWriting(loops.Case):
    def test_options(self):
        udisks = self.start_udisks()
        udisks.add('a')
        udisks.add('b')
        wizard = self.start_with_edition()
        wizard.press('Stick a', 'check box')
        wizard.press('Stick b', 'check box')
        wizard.press('Next')
        wizard.get_text('^Options$')
        udisks.remove('a')
        wizard.get_text('“Acme Stick a” was pulled out. Plug it in again, or go back')
        self.check_names(wizard)
        # Nothing is lost, and nothing is written without it.
        wizard.press('Next')
        wizard.get_text('^Review$')
        wizard.get_text('It was pulled out')
        self.assertFalse(wizard.get('check box', 'Everything').has('sensitive'))
        wizard.press('^Back$')
        wizard.get_text('^Options$')
        udisks.add('a')
        # It lies over what is to be ticked, and under the pointer it would stay.
        wizard.wait(lambda: not wizard.find('label', 'Stick a” was pulled out'), 'the toast to go')
        wizard.press('Next')
        wizard.press('Everything on these 2 drives', 'check box')
        wizard.get('push button', 'Erase and Write 2 Drives$', 'sensitive')


@unittest.skipIf(loops.missing_models(), loops.missing_models())
class Writing(loops.Case):
    def start_two(self, **rates):
        """Writes a drive that will be pulled out, and one that will not."""
        udisks = self.start_udisks()
        model = loops.ModelDrive(self, 'model', **rates)
        path, device = self.make_loop('other')
        self.add(udisks, model.device, 1)
        self.add(udisks, device, 2)
        wizard = self.start(self.sample('sample.wim'))
        self.walk(wizard, ['Loop 1', 'Loop 2'])
        return udisks, model, path, wizard

    def check_result(self, model, path, wizard):
        wizard.get_text('^1 of 2 Drives Are Finished$')
        wizard.get_text('^Below it says what went wrong')
        wizard.get_text(f'^{model.device}, L1$')
        self.check_names(wizard)
        self.check_drive(path)
        # Once more with that one, when it is back.
        wizard.press('^Try Again$')
        wizard.get_text('^Review$')
        wizard.get_text('It was pulled out')
        self.assertFalse(wizard.find('list item', 'Loop 2'))
        self.assertFalse(wizard.get('check box', 'Everything on this 1 drive').has('sensitive'))

    def test_writing(self):
        udisks, model, path, wizard = self.start_two(write_rate='4MB')
        wizard.get_text('on the drive, .*/s now')
        model.unplug()
        udisks.tell('remove', model.device)
        wizard.get_text(f'“{model.device}” was disconnected while it was being written .*Plug it '
                        'in firmly, in another port if it happens again')
        self.check_result(model, path, wizard)

    def test_verifying(self):
        udisks, model, path, wizard = self.start_two(write_rate='100MB', read_rate='4MB')
        wizard.get_text('read back, .*/s now')
        model.unplug()
        udisks.tell('remove', model.device)
        wizard.get_text(f'“{model.device}” was disconnected while it was being read .*try again')
        self.check_result(model, path, wizard)


@unittest.skipIf(loops.missing(), loops.missing())
class AfterWriting(loops.Case):
    def test_result(self):
        """A drive that is finished is finished."""
        udisks = self.start_udisks()
        path, device = self.make_loop('drive')
        self.add(udisks, device, 1)
        wizard = self.start_with_edition()
        wizard.press('Loop 1', 'check box')
        wizard.press('Next')
        wizard.press('Power Off', 'toggle button|check box|switch')
        wizard.press('Next')
        self.agree(wizard)
        wizard.get_text('^1 Drive Is Finished$')
        wizard.get_text('Eject it before you remove it')
        udisks.tell('remove', device)
        self.check_drive(path)
        wizard.get_text('^1 Drive Is Finished$')
        self.assertFalse(wizard.find('push button', '^Try Again$'))
        wizard.press('Write More Drives')
        wizard.get_text('Plug In a Drive')
        self.add(udisks, device, 1)
        self.assertFalse(wizard.get('check box', 'Loop 1').has('checked'))


if __name__ == '__main__':
    harness.main()
