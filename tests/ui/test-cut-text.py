# test-cut-text.py: no text is cut in the narrowest window, whichever language it is in.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The program is show-cut-text, which unfolds everything and says what it sees. German has long
# words, Ukrainian long titles, Chinese wide letters, the language of pseudo_locale.py long texts.
import gettext
import os
import re

os.environ.setdefault('VALISE_TEST_SIZE', '360x600')

import company_files  # pylint: disable=wrong-import-position
import desktop  # pylint: disable=wrong-import-position
import pseudo_locale  # pylint: disable=wrong-import-position
import wizard as harness  # pylint: disable=wrong-import-position

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
CATALOGUES = os.path.abspath('po')

PULLED_OUT = '“%s” was pulled out. Plug it in again, or go back and choose another.'

# What may be cut: the title between the header bar's buttons, in words that no language has.
KNOWN = {'xx': {pseudo_locale.translate('Options')}}


class CutText(harness.Case):
    def look(self, wizard, language, patience=20):
        """Nothing is cut, once the page has come to rest."""
        def looks():
            return wizard.get_log().split('looked\n')[:-1]

        def is_whole():
            new = looks()[before:]
            return len(new) > 3 and not get_cut(new[-1])

        def get_cut(log):
            return {text for text in re.findall('^cut: (.*)', log, re.MULTILINE)
                    if text not in KNOWN.get(language, ())}
        before = len(looks())
        try:
            wizard.wait(is_whole, 'whole texts', patience)
        except AssertionError:
            self.assertEqual(get_cut(looks()[-1]), set())
            raise

    def walk(self, language, catalogues):
        harness.need_translation(language, catalogues)
        translation = gettext.translation('valise', catalogues, [language])

        def words(text):
            return '^' + re.escape(translation.gettext(text).replace('_', '')) + '$'

        udisks = self.start_udisks()
        udisks.add('a', vendor='SanDisk', model='Ultra Fit', serial='4C530001120711108')
        udisks.part('a', 1, size=2 * 10**9, type='vfat', label='KEYS', mounts='/media/keys')
        udisks.add('b', model='A Drive With a Rather Long Name That Hardly Anybody Will Ever Buy',
                   size=10**6)
        profile = company_files.make_profile(self.folder)
        # Its key is another computer's: the page of options would not let anybody pass.
        company_files.write(self.folder, 'bound.xml', company_files.WIFI.format(''))
        wizard = harness.Wizard(self.sample('sample.wim'), profile,
                                env={'LANGUAGE': language, 'VALISE_LOCALE_DIR': catalogues})
        self.addCleanup(wizard.end)
        desktop.arrange()
        wizard.press('Enterprise', 'radio button')
        wizard.get('push button', words('Copy the checksum'))
        self.look(wizard, language)
        for title in 'Drives', 'Options', 'Review':
            wizard.press(words('_Next'))
            wizard.get('label', words(title))
            if title == 'Options':
                udisks.remove('a')
                wizard.get('label', words(PULLED_OUT).replace('%s', '.*'))
                # Before it goes by itself.
                self.look(wizard, language, 6)
                udisks.add('a', vendor='SanDisk', model='Ultra Fit', serial='4C530001120711108')
            if title == 'Drives':
                wizard.press(words('Show Refused Drives'), 'check box')
                wizard.press('Ultra', 'check box')
            self.look(wizard, language)

    def test_german(self):
        self.walk('de', CATALOGUES)

    def test_ukrainian(self):
        self.walk('uk', CATALOGUES)

    def test_chinese(self):
        self.walk('zh_CN', CATALOGUES)

    def test_long(self):
        folder = self.path('locale')
        pseudo_locale.write(ROOT, folder)
        self.walk('xx', folder)


if __name__ == '__main__':
    harness.main()
