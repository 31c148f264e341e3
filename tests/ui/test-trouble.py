# test-trouble.py: the real wizard when somebody says no, or something breaks, while it writes.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import shutil
import unittest

import loops
import wizard as harness


@unittest.skipIf(loops.missing(), loops.missing())
class BeforeAnything(loops.Case):
    def test_polkit(self):
        """Who is asked for a password says no, or nobody can be asked; and then yes."""
        udisks = self.start_udisks()
        path, device = self.make_loop('drive')
        self.add(udisks, device, 1)
        wizard = self.start(self.sample('sample.wim'))
        udisks.tell('open', 'dismissed')
        self.walk(wizard, ['Loop 1'])
        for answer, then, words in [
                ('dismissed', 'refused', 'question for the password was closed without an answer, '
                                         f'so “{device}” is left alone'),
                ('refused', 'nobody', f'You are not allowed to use “{device}”: the rules of this '
                                      'computer forbid it'),
                ('nobody', 'yes', f'password is needed to use “{device}”, and no program is there '
                                  'to ask for it')]:
            with self.subTest(answer=answer):
                wizard.get_text(words)
                wizard.get_text('^The Drive Was Not Finished$')
                self.check_names(wizard)
                udisks.tell('open', then)
                wizard.press('^Try Again$')
                self.agree(wizard)
        wizard.get_text('^1 Drive Is Finished$')
        self.check_drive(path)

    def test_image_deleted(self):
        """The image is gone when it is to be written; and then it is back."""
        wizard, image, path = self.start_copy()
        os.rename(image, self.path('there.wim'))
        self.agree(wizard)
        wizard.get_text('^The Drive Was Not Finished$')
        wizard.get_text('here.wim” cannot be opened: .* See that it is there')
        self.check_names(wizard)
        os.rename(self.path('there.wim'), image)
        wizard.press('^Try Again$')
        self.agree(wizard)
        wizard.get_text('^1 Drive Is Finished$')
        self.check_drive(path)

    def test_image_changed(self):
        """Another image has its place: what was chosen is not in it, or elsewhere."""
        wizard, image, path = self.start_copy()
        shutil.copy(self.sample('sample.esd'), image)
        self.agree(wizard)
        wizard.get_text('^The Drive Was Not Finished$')
        wizard.get_text('here.wim” was changed after its edition was chosen. Choose it again')
        with open(path, 'rb') as drive:
            self.assertEqual(drive.read(2**20), bytes(2**20), 'something was written')

    def test_disk_full(self):
        """No room for temporary files; and then there is."""
        wizard, folder = self.start_small()
        self.fill(folder)
        self.agree(wizard)
        wizard.get_text('^The Drive Was Not Finished$')
        wizard.get_text('temporary file “.*No space left on device. See that there is space')
        os.unlink(os.path.join(folder, 'other'))
        wizard.press('^Try Again$')
        self.agree(wizard)
        wizard.get_text('^1 Drive Is Finished$')


@unittest.skipIf(loops.missing_models(), loops.missing_models())
class WhileWriting(loops.Case):
    def start_slow(self):
        udisks = self.start_udisks()
        model = loops.ModelDrive(self, 'model', write_rate='1MB')
        self.add(udisks, model.device, 1)
        wizard = self.start(self.sample('sample.wim'))
        self.walk(wizard, ['Loop 1'])
        wizard.get_text('on the drive, .*/s now')
        return model, wizard

    def test_one_of_four_fails(self):
        udisks = self.start_udisks()
        model = loops.ModelDrive(self, 'model')
        self.add(udisks, model.device, 1)
        made = [self.make_loop(f'drive-{i}') for i in range(3)]
        for i, (_, device) in enumerate(made):
            self.add(udisks, device, 2 + i)
        image = self.path('here.wim')
        shutil.copy(self.sample('sample.wim'), image)
        wizard = self.start(image)
        self.walk(wizard, [f'Loop {i}' for i in range(1, 5)])
        wizard.get_text('on the drive, .*/s now')
        # An image that is open can be deleted: it stays until nobody reads it.
        os.unlink(image)
        model.fail()
        wizard.get_text(f'“{model.device}” could not be written at byte .*: Input/output error. '
                        'Try another port; if it fails again, the drive is defective')
        wizard.get_text('^3 of 4 Drives Are Finished$')
        wizard.get_text('^Below it says what went wrong and what to do')
        wizard.get_text(f'^{model.device}, L1$')
        self.check_names(wizard)
        for path, _ in made:
            self.check_drive(path)
        wizard.press('Write More Drives')
        wizard.get_text('^Drives$')
        self.assertFalse(wizard.get('check box', 'Loop 1').has('checked'))

    def test_stop(self):
        model, wizard = self.start_slow()
        wizard.press('^Stop$')
        wizard.get_text('will be blank: what was on them is lost')
        wizard.answer('Continue Writing')
        wizard.wait(lambda: not wizard.find('label', '^Stop Writing'), 'the question to go')
        wizard.press('^Stop$')
        wizard.answer('Stop Writing')
        wizard.get_text('^Writing Was Stopped$')
        wizard.get_text('A drive that was written to already is blank now')
        self.assert_blank(model.path)
        wizard.get('push button', '^Try Again$', 'sensitive')
        self.check_names(wizard)

    def test_close(self):
        model, wizard = self.start_slow()
        wizard.press('^Close$')
        wizard.get_text('^Stop and Close\\?$')
        wizard.answer('Continue Writing')
        wizard.wait(lambda: not wizard.find('label', '^Stop and Close'), 'the question to go')
        wizard.get('push button', '^Stop$', 'sensitive')
        wizard.press('^Close$')
        wizard.answer('Stop and Close')
        wizard.wait_end()
        self.assert_blank(model.path)


if __name__ == '__main__':
    harness.main()
