# pictures.py: pictures of the wizard's pages in every state, for a pair of eyes.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: pictures.py PROGRAMS… [VARIANT…]        ./dev pictures does it
#
# Writes pictures/VARIANT/STATE.png into the current folder. The programs are those of the tests
# (see wizard.py). A variant is a look, a size, and maybe a language: “light-wide”,
# “dark-narrow-ja”.
import gettext
import os
import re
import subprocess
import sys

LOOKS = {'light': {}, 'dark': {'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'},
         'contrast': {'ADW_DEBUG_HIGH_CONTRAST': '1'}}
SIZES = {'wide': '760x680', 'narrow': '360x640'}
VARIANTS = ['light-wide', 'dark-wide', 'contrast-wide', 'light-narrow']
N_PROGRAMS = 5

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

import desktop  # pylint: disable=wrong-import-position
import wizard as harness  # pylint: disable=wrong-import-position

# Transitions and spinners end, or have come far enough to be seen.
CALM = 0.8


def words(text):
    """A pattern for what the wizard says in its language for @text."""
    language = os.environ.get('VALISE_TEST_LANGUAGE', '')
    translation = gettext.translation('valise', 'po', [language], fallback=True)
    return '^' + re.escape(translation.gettext(text).replace('_', '')) + '$'


PULLED_OUT = 'It was pulled out. Plug it in again, or take it off the list.'
PULLED_OUT_LATE = 'It was pulled out. Plug it in again, or go back and choose.'


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

    def show(self, name):
        folder = os.path.join('pictures', os.environ['VALISE_PICTURES'])
        os.makedirs(folder, exist_ok=True)
        # Away from what would look different under the mouse.
        harness.atspi().generate_mouse_event(1, 1, 'abs')
        time.sleep(CALM)
        desktop.screenshot(os.path.join(folder, name + '.png'))

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
        first.key('Escape')
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
        wizard.press(words('_Next'))
        self.wait_for(wizard, 'What Will Be Written')
        self.show('review')
        wizard.key('End')
        udisks.remove('a')
        self.wait_for(wizard, PULLED_OUT_LATE)
        self.show('review-pulled-out')


if __name__ == '__main__':
    harness.main()
