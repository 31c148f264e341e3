# pictures.py: pictures of the wizard's pages in every state, for a pair of eyes.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: pictures.py PROGRAMS… [VARIANT…]        ./dev pictures does it
#
# Writes pictures/VARIANT/STATE.png into the current folder. The programs are those of the tests
# (see wizard.py), and show-job-pages. A variant is a look, a size, and maybe a language:
# “light-wide”, “dark-narrow-ja”. VALISE_PICTURES_ONLY is a pattern
# for the names of the cases below.
import gettext
import os
import re
import shutil
import subprocess
import sys
import unittest

LOOKS = {'light': {}, 'dark': {'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'},
         'contrast': {'ADW_DEBUG_HIGH_CONTRAST': '1'}}
SIZES = {'wide': '760x680', 'narrow': '360x600', '4k': '3840x2160'}
VARIANTS = ['light-wide', 'dark-wide', 'contrast-wide', 'light-narrow', 'dark-narrow', 'light-4k',
            'light-wide-zh_CN', 'light-narrow-zh_CN']
N_PROGRAMS = 6

if 'VALISE_PICTURES' not in os.environ:
    status = 0
    for variant in sys.argv[1 + N_PROGRAMS:] or VARIANTS:
        look, size, *language = variant.split('-')
        env = dict(os.environ, VALISE_PICTURES=variant, VALISE_TEST_SIZE=SIZES[size], **LOOKS[look])
        if language:
            env['VALISE_TEST_LANGUAGE'] = language[0]
            env['VALISE_LOCALE_DIR'] = os.path.abspath('po')
        status |= subprocess.run([sys.executable, *sys.argv[:1 + N_PROGRAMS]], env=env,
                                 check=False).returncode
    sys.exit(status)

import time  # pylint: disable=wrong-import-position

import company_files  # pylint: disable=wrong-import-position
import desktop  # pylint: disable=wrong-import-position
import wizard as harness  # pylint: disable=wrong-import-position
import drag  # pylint: disable=wrong-import-position
import loops  # pylint: disable=wrong-import-position

# Transitions and spinners end, or have come far enough to be seen.
CALM = 0.8

# As long as a job may take on a machine that has other things to do, in seconds.
LONG = 300


def words(text, domain='valise', folder='po'):
    """A pattern for what the wizard says in its language for @text."""
    language = os.environ.get('VALISE_TEST_LANGUAGE', '')
    translation = gettext.translation(domain, folder, [language], fallback=True)
    pattern = re.escape(translation.gettext(text).replace('_', ''))
    return '^' + re.sub('%[su]', '.*', pattern) + '$'


PULLED_OUT = 'It was pulled out. Plug it in again, or take it off the list.'
PULLED_OUT_LATE = 'It was pulled out. Plug it in again, or go back and choose.'


JOB_PAGES = os.path.abspath(sys.argv.pop(N_PROGRAMS))
ONLY = os.environ.get('VALISE_PICTURES_ONLY')


class Pictures(harness.Case):
    def start_with_edition(self, env=None):
        wizard = self.start(self.sample('sample.wim'), env=env)
        wizard.press('Enterprise', 'radio button')
        wizard.press(words('_Next'))
        return wizard

    @staticmethod
    def wait_for(wizard, text):
        pattern = words(text).strip('^$')
        wizard.wait(lambda: any(re.search(pattern, shown) for shown in wizard.texts()), text)

    @staticmethod
    def file(name):
        folder = os.path.join('pictures', os.environ['VALISE_PICTURES'])
        os.makedirs(folder, exist_ok=True)
        return os.path.join(folder, name + '.png')

    def show(self, name):
        # Away from what would look different under the mouse.
        harness.Atspi.generate_mouse_event(1, 1, 'abs')
        desktop.arrange()
        time.sleep(CALM)
        desktop.screenshot(self.file(name))

    @staticmethod
    def scroll(steps=6):
        # At the edge, where no row is that the wheel would change.
        for _ in range(steps):
            harness.Atspi.generate_mouse_event(9, 300, 'b5c')

    def show_all(self, wizard, name):
        """A page that may be longer than the window: as many pictures as it takes."""
        def places():
            return [node.get_extents() for node in wizard.nodes() if node.role == 'list item']

        self.show(name)
        before = places()
        for number in range(2, 20):
            self.scroll()
            time.sleep(CALM)
            if places() == before:
                break
            before = places()
            self.show(f'{name}-{number}')

    def drives(self, udisks):
        udisks.add('a', vendor='SanDisk', model='Ultra Fit', serial='4C530001120711108', size=64 *
                   10**9)
        udisks.part('a', 1, size=2 * 10**9, type='vfat', label='KEYS', mounts='/media/keys')
        udisks.part('a', 2, size=62 * 10**9, type='ntfs', label='Windows')
        udisks.add('b', vendor='Samsung', model='Portable SSD T7', serial='S5TCNS0R', size=500 *
                   10**9)

    def test_image(self):
        first = self.start(env={'GSETTINGS_BACKEND': 'keyfile'})
        self.wait_for(first, 'Choose a Windows Image')
        self.show('image-empty')
        first.key('F10')
        self.show('menu')
        first.key('Down')
        first.key('Return')
        self.wait_for(first, 'Keyboard shortcuts')
        self.show('dialog-shortcuts')
        first.key('Escape')
        first.wait(lambda: not first.find('label', words('Keyboard shortcuts')), 'it to go')
        first.key('F10')
        first.key('Up')
        first.key('Return')
        self.wait_for(first, 'The Valise developers')
        self.show('dialog-about')
        first.key('Escape')
        first.wait(lambda: not first.find('label', words('The Valise developers')), 'it to go')
        first.key('F1')
        first.wait(lambda: sum(n.role == 'frame' for n in first.nodes()) > 1, 'the help')
        self.show('help')
        first.key('Tab')
        first.key('space')
        self.show('help-topic')
        first.process.terminate()
        first.process.wait()

        wizard = self.start(self.sample('sample.wim'), env={'GSETTINGS_BACKEND': 'keyfile'})
        wizard.get('radio button', 'Pro')
        wizard.get('push button', words('Copy the checksum'))
        self.show('image-editions')
        wizard.press('Enterprise', 'radio button')
        self.show('image-chosen')
        wizard.process.terminate()
        wizard.process.wait()

        recent = self.start(env={'GSETTINGS_BACKEND': 'keyfile'})
        self.wait_for(recent, 'Recent Images')
        self.show('image-recent')

    def test_image_drag(self):
        wizard = self.start()
        self.wait_for(wizard, 'Choose a Windows Image')
        desktop.arrange()
        image = self.path('Win11_24H2_English_x64.wim')
        os.symlink(self.sample('sample.wim'), image)
        files = drag.Files(wizard, image, place=(20, 420))
        self.addCleanup(files.end)
        files.drag()
        files.wait('wanted')
        time.sleep(CALM)
        desktop.screenshot(self.file('image-drag'))
        files.drop()
        wizard.get('radio button', 'Pro')

    @unittest.skipIf(loops.missing_models(), loops.missing_models())
    def test_image_reading(self):
        """On a drive that is so slow that it takes a while."""
        model = loops.ModelDrive(self, 'model', read_rate='100kB')
        with (open(self.sample('sample.wim'), 'rb') as source,
              open(self.path('model.data'), 'r+b') as drive):
            shutil.copyfileobj(source, drive)
        image = self.path('Win11_24H2_English_x64.wim')
        os.symlink(model.path, image)
        wizard = self.start(image)
        wizard.get('push button', words('_Cancel'))
        self.show('image-reading')
        wizard.press(words('_Cancel'))
        self.wait_for(wizard, 'Choose a Windows Image')

    def test_image_error(self):
        wizard = self.start(self.sample('boot.wim'))
        self.wait_for(wizard, 'This Image Cannot Be Used')
        self.show('image-error')

    def test_without_udisks(self):
        wizard = self.start_with_edition()
        self.wait_for(wizard, 'Drives Cannot Be Listed')
        self.show('drives-unavailable')

    def test_drives(self):
        udisks = self.start_udisks()
        wizard = self.start_with_edition()
        self.wait_for(wizard, 'Plug In a Drive')
        self.show('drives-none')
        self.drives(udisks)
        wizard.press('SSD', 'check box')
        self.show('drives')
        udisks.add('c', model='A Drive With a Rather Long Name That Hardly Anybody Will Ever Buy',
                   size=10**6)
        udisks.add('d', read_only=1)
        udisks.add('e', bus='nvme', internal=1, size=10**12)
        udisks.add('f', bus='sdio', size=0, media='flash_sd')
        wizard.press(words('Show Refused Drives'), 'check box')
        self.show('drives-refused')
        udisks.remove('b')
        self.wait_for(wizard, PULLED_OUT)
        self.show('drives-pulled-out')

    def test_twelve(self):
        udisks = self.start_udisks()
        for i in range(12):
            udisks.add(chr(ord('a') + i), vendor='Kingston', model=f'DataTraveler {i + 1}')
        wizard = self.start_with_edition()
        wizard.get('check box', 'DataTraveler 12')
        self.show('drives-twelve')

    def test_options_and_review(self):
        udisks = self.start_udisks()
        self.drives(udisks)
        wizard = self.start_with_edition()
        wizard.press('Ultra', 'check box')
        wizard.press('SSD', 'check box')
        wizard.press(words('_Next'))
        self.wait_for(wizard, 'Options')
        self.show('options')
        wizard.get('push button', words('Profile')).click()
        self.show('options-profile-menu')
        wizard.key('Escape')
        for title in ['Names and Keys', 'Another Region', 'Windows on Other PCs',
                      'Windows in a Virtual Disk File', 'Policies']:
            wizard.get('list item', words(title)).click()
            time.sleep(CALM)
        for _ in range(60):
            harness.Atspi.generate_mouse_event(9, 300, 'b4c')
        self.show_all(wizard, 'options-open')
        wizard.press(words('_Next'))
        self.wait_for(wizard, 'What Will Be Written')
        self.show_all(wizard, 'review')
        wizard.press('', 'check box')
        self.show('review-agreed')
        udisks.remove('a')
        self.wait_for(wizard, PULLED_OUT_LATE)
        self.show('review-pulled-out')

    def test_options_company(self):
        """A loaded profile with everything, each list unfolded."""
        udisks = self.start_udisks()
        self.drives(udisks)
        wizard = self.start(self.sample('sample.wim'), company_files.make_profile(self.folder))
        wizard.press('Enterprise', 'radio button')
        wizard.press(words('_Next'))
        wizard.press('Ultra', 'check box')
        wizard.press(words('_Next'))
        self.wait_for(wizard, 'Options')
        wizard.wait(lambda: not wizard.find('label', words('The profile was loaded.')), 'it to go')
        self.show('options-profile')
        for i, title in enumerate(['Drivers', 'Files to Copy', 'Settings From Files', 'Commands',
                                   'Networks and Certificates', 'Allowed Programs']):
            row = wizard.get('list item', words(title))
            row.click()
            time.sleep(CALM)
            for _ in range(4):
                harness.Atspi.generate_mouse_event(180, 300, 'b5c')
            self.show(f'options-list-{i + 1}')
            row.click()

    def run_drives(self, *drives, **env):
        """A job of the page of writing: one drive for each word."""
        folder = self.path('drives')
        os.mkdir(folder)
        programs = dict(harness.PROGRAMS)
        harness.PROGRAMS['wizard'] = JOB_PAGES
        try:
            wizard = self.start(self.sample('sample.wim'), folder, *drives,
                                env={'VALISE_SCRATCH': self.path('scratch'), **env})
        finally:
            harness.PROGRAMS.update(programs)
        wizard.get('push button', words('_Stop'))
        desktop.arrange()
        return wizard

    def wait_for_result(self, wizard):
        wizard.wait(lambda: wizard.find('push button', words('_Write More Drives')), 'the result',
                    LONG)

    def test_write_one(self):
        wizard = self.run_drives('good')
        self.wait_for(wizard, '%s on the drive, %s now, %s on average')
        time.sleep(3)
        self.show('writing-one')
        self.wait_for_result(wizard)
        self.show_all(wizard, 'result-one')

    def test_write_four(self):
        wizard = self.run_drives('good', 'bad', 'slow', 'fast')
        self.wait_for(wizard, 'Failed')
        time.sleep(9)
        self.show('writing-one-failed')
        self.scroll()
        self.show('writing-one-failed-2')
        self.wait_for_result(wizard)
        self.show_all(wizard, 'result-one-failed')

    def test_read_back(self):
        wizard = self.run_drives('late', 'late', 'late', 'late')
        self.wait_for(wizard, '%s read back, %s now, %s on average')
        time.sleep(2)
        self.show('writing-verifying')
        self.wait_for_result(wizard)
        self.show('result')

    def test_write_twelve(self):
        wizard = self.run_drives(*['slow', 'good', 'good'] * 4)
        self.wait_for(wizard, '%s on the drive, %s now, %s on average')
        time.sleep(4)
        self.show('writing-twelve')
        wizard.process.kill()

    def test_all_fail(self):
        wizard = self.run_drives('gone', 'lie')
        self.wait_for_result(wizard)
        self.show_all(wizard, 'result-all-failed')

    def test_stop(self):
        wizard = self.run_drives('tired', 'tired', 'tired', 'tired')
        self.wait_for(wizard, '%s on the drive, %s now, %s on average')
        time.sleep(3)
        self.show('writing-four')
        wizard.press(words('Close', 'gtk40', '/usr/share/locale'))
        self.wait_for(wizard, 'Stop and Close?')
        self.show('dialog-stop-and-close')
        wizard.key('Escape')
        wizard.wait(lambda: not wizard.find('label', words('Stop and Close?')), 'it to go')
        wizard.press(words('_Stop'))
        self.wait_for(wizard, 'Stop Writing?')
        self.show('dialog-stop')
        wizard.answer(words('_Stop Writing').strip('^'))
        desktop.arrange()
        desktop.screenshot(self.file('writing-stopping'))
        self.wait_for_result(wizard)
        self.show('result-stopped')


if __name__ == '__main__':
    if ONLY:
        sys.argv += ['-k', ONLY]
    harness.main()
