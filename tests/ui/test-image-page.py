# test-image-page.py: the wizard's first page: choosing an image, and one of its editions.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import hashlib
import json
import os
import subprocess

import wizard as harness


class ImagePage(harness.Case):
    def inspect(self, path):
        """What the command line says of an image."""
        done = subprocess.run([harness.PROGRAMS['valise'], 'inspect', '--json', path],
                              stdout=subprocess.PIPE, check=False)
        return json.loads(done.stdout)

    def test_empty(self):
        wizard = self.start()
        wizard.get_text('Choose a Windows Image')
        self.assertFalse(wizard.get('push button', 'Next').has('sensitive'))
        self.check_names(wizard)
        wizard.press('Choose Image')
        wizard.get('push button', 'Cancel', 'sensitive')
        wizard.key('Escape')
        wizard.wait(lambda: not wizard.find('push button', 'Cancel'), 'the dialog to go')

    def test_editions(self):
        path = self.sample('sample.wim')
        wizard = self.start(path)
        told = self.inspect(path)
        for edition in told['editions']:
            row = wizard.get('radio button', edition['name'])
            for part in [edition['version'], 'x64', *edition['languages']]:
                self.assertIn(part, row.description)
        with open(path, 'rb') as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        wizard.get_text(digest)
        wizard.get('push button', 'Copy', 'sensitive')
        wizard.get_text(f'{os.path.getsize(path) / 1e6:.1f}.MB.*WIM image')
        self.check_names(wizard)

        self.assertFalse(wizard.get('push button', 'Next').has('sensitive'))
        wizard.press('Enterprise', 'radio button')
        wizard.get('radio button', 'Enterprise', 'checked')
        self.assertFalse(wizard.get('radio button', 'Pro').has('checked'))
        self.assertIsNone(wizard.find('label', 'were licensed by Microsoft'))
        wizard.press('Pro', 'radio button')
        wizard.get_text('“Windows 11 Pro” starts .* were licensed by Microsoft')
        self.assertIsNone(wizard.find('label', 'boot manager is not'))
        wizard.press('Enterprise', 'radio button')
        wizard.get('push button', 'Next', 'sensitive')

    def test_wrong_files(self):
        with open(self.path('text.iso'), 'w', encoding='utf-8') as file:
            file.write('This is no image.\n' * 10000)
        with open(self.sample('sample.wim'), 'rb') as file:
            whole = file.read()
        with open(self.path('cut.wim'), 'wb') as file:
            file.write(whole[:len(whole) // 2])
        for path in [self.path('text.iso'), self.path('cut.wim'), self.sample('boot.wim'),
                     self.path('missing.wim'), self.folder]:
            with self.subTest(path=path):
                message = self.inspect(path)['error']['message']
                wizard = self.start(path)
                wizard.get_text('This Image Cannot Be Used')
                self.assertIn(message, wizard.texts())
                self.assertIn(message, wizard.get('push button', 'Choose Another').description)
                self.assertFalse(wizard.get('push button', 'Next').has('sensitive'))
                self.check_names(wizard)
                self.doCleanups_of(wizard)

    def doCleanups_of(self, wizard):
        """One instance at a time: the next start would arrive at this one."""
        wizard.process.terminate()
        wizard.process.wait()

    def test_parts(self):
        """The parts of a split image are one image, in whatever order they come."""
        folder = self.path('parts')
        subprocess.run([harness.PROGRAMS['make-sample'], '--small', '--format', 'swm', '--output',
                        folder], check=True, stdout=subprocess.DEVNULL)
        parts = sorted(os.path.join(folder, name) for name in os.listdir(folder))
        self.assertGreater(len(parts), 2)
        wizard = self.start(*parts[1:], parts[0])
        wizard.get_text('^sample.swm$')
        wizard.get_text('SWM image')
        self.assertFalse(wizard.find('label', 'One image can be written at a time'))

    def test_again(self):
        path = self.path('late.esd')
        wizard = self.start(path)
        wizard.get_text('This Image Cannot Be Used')
        os.symlink(self.sample('sample.esd'), path)
        wizard.press('Try Again')
        wizard.get_text('late.esd')
        wizard.get_text('ESD image')

    def test_second_start(self):
        wizard = self.start(self.sample('sample.wim'))
        wizard.get_text('sample.wim')
        subprocess.run([harness.PROGRAMS['wizard'], self.sample('sample.esd')], check=True,
                       env=wizard.env, timeout=harness.PATIENCE)
        wizard.get_text('sample.esd')
        self.assertFalse(wizard.find('label', 'sample.wim'))

    def test_recent(self):
        first = self.start(self.sample('sample.wim'), env={'GSETTINGS_BACKEND': 'keyfile'})
        first.get('radio button', 'Pro')
        self.doCleanups_of(first)
        wizard = self.start(env={'GSETTINGS_BACKEND': 'keyfile'})
        wizard.get_text('Recent Images')
        self.check_names(wizard)
        wizard.press('sample.wim', 'list item')
        wizard.get('radio button', 'Pro')


if __name__ == '__main__':
    harness.main()
