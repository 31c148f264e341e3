# test-drop.py: images that come from outside: dropped onto the window, or opened by the desktop.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import time
import unittest

import drag
import loops
import wizard as harness

@unittest.skipIf('VALISE_DRAG_SOURCE' not in os.environ, 'GTK was built without X11')
class Drop(loops.Case):
    def drag(self, wizard, *paths):
        """Drags files into the window."""
        files = drag.Files(wizard, *paths)
        self.addCleanup(files.end)
        files.drag()
        return files

    def drop(self, wizard, *paths):
        files = self.drag(wizard, *paths)
        files.wait('wanted')
        self.assertEqual(files.drop(), 'taken')

    def test_one(self):
        wizard = self.start()
        wizard.get_text('Choose a Windows Image')
        self.drop(wizard, self.sample('sample.wim'))
        wizard.get_text('^sample.wim$')
        wizard.get('radio button', 'Enterprise')
        self.check_names(wizard)

    def test_several(self):
        """The first one is opened, which is said; a profile is no image."""
        profile = self.path('a.json')
        with open(profile, 'w', encoding='utf-8') as file:
            file.write('{"format": "valise-profile", "formatVersion": 1}')
        wizard = self.start()
        wizard.get_text('Choose a Windows Image')
        self.drop(wizard, self.sample('sample.esd'), profile, self.sample('sample.wim'))
        wizard.get_text('^sample.esd$')
        wizard.get_text('One image can be written at a time. The first one was opened.')
        wizard.get_text('The profile was loaded')
        self.assertFalse(wizard.find('label', '^sample.wim$'))

    def test_no_image(self):
        with open(self.path('letter.odt'), 'w', encoding='utf-8') as file:
            file.write('Dear reader,\n' * 1000)
        wizard = self.start()
        wizard.get_text('Choose a Windows Image')
        self.drop(wizard, self.path('letter.odt'))
        wizard.get_text('This Image Cannot Be Used')
        self.assertTrue(any('letter.odt' in text for text in wizard.texts()))

    def test_another_page(self):
        """What was chosen in the other image is not taken over."""
        udisks = self.start_udisks()
        udisks.add('a')
        wizard = self.start_with_edition()
        wizard.get_text('^Drives$')
        self.drop(wizard, self.sample('sample.esd'))
        wizard.get_text('^sample.esd$')
        self.assertFalse(wizard.get('push button', 'Next').has('sensitive'))

    @unittest.skipIf(loops.missing_models(), loops.missing_models())
    def test_while_writing(self):
        """Neither a drop nor a second start disturbs a job."""
        udisks = self.start_udisks()
        model = loops.ModelDrive(self, 'model', write_rate='1MB')
        self.add(udisks, model.device, 1)
        wizard = self.start(self.sample('sample.wim'))
        self.walk(wizard, ['Loop 1'])
        wizard.get_text('on the drive, .*/s now')
        files = self.drag(wizard, self.sample('sample.esd'))
        time.sleep(1)  # for what must not happen
        self.assertNotIn('wanted', files.said)
        self.assertEqual(files.drop(), 'refused')
        subprocess.run([harness.PROGRAMS['wizard'], self.sample('sample.esd')], check=True,
                       env=wizard.env, timeout=harness.PATIENCE)
        wizard.get_text('Drives are being written. Open the image again when they are finished.')
        wizard.get('push button', '^Stop$', 'sensitive')
        wizard.get_text('on the drive, .*/s now')
        wizard.press('^Stop$')
        wizard.answer('Stop Writing')
        wizard.get_text('^Writing Was Stopped$')


class Desktop(harness.Case):
    def test_open(self):
        """A desktop finds the program for an image, and a second image arrives at the first."""
        applications = os.path.join(os.environ['XDG_DATA_HOME'], 'applications')
        os.makedirs(applications, exist_ok=True)
        name = 'io.github.valise.Valise.desktop'
        with open(os.path.join(harness.PROGRAMS['settings'], name), encoding='utf-8') as file:
            text = file.read()
        self.assertIn('\nExec=valise-wizard ', text)
        with open(os.path.join(applications, name), 'w', encoding='utf-8') as file:
            file.write(text.replace('\nExec=valise-wizard ',
                                    f'\nExec={harness.PROGRAMS["wizard"]} '))
        subprocess.run(['update-desktop-database', applications], check=True)
        wizard = self.start(self.sample('sample.wim'))
        wizard.get_text('^sample.wim$')
        subprocess.run(['gio', 'open', self.sample('sample.iso')], check=True, env=wizard.env)
        wizard.get_text('^sample.iso$')
        wizard.get_text('ISO with a WIM image')
        subprocess.run(['gio', 'open', self.sample('sample.esd')], check=True, env=wizard.env)
        wizard.get_text('^sample.esd$')


if __name__ == '__main__':
    harness.main()
