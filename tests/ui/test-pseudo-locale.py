# test-pseudo-locale.py: whatever the programs say is marked for translation.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# They speak the language of pseudo_locale.py: a word that is whole without an accent is not
# translated, and what lost a bracket was cut.
import os
import re
import subprocess
import xml.etree.ElementTree

import pseudo_locale

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
FOLDER = os.path.abspath('pseudo-locale')
if 'VALISE_LOCALE_DIR' not in os.environ:
    pseudo_locale.write(ROOT, FOLDER)
    os.environ.update(VALISE_LOCALE_DIR=FOLDER, VALISE_TEST_LANGUAGE='xx')

import wizard as harness  # pylint: disable=wrong-import-position

# What is data, or somebody's name.
DATA = re.compile('|'.join([
    r'\S*/\S*', r'\S+\.(?:wim|iso|esd|json)\b', r'-[-\w]+', r'\b[0-9a-f]{16,}\b',
    r'\b[\d.,]+.(?:[kMGT]i?)?B(?:/s)?\b', r'\b\d+ bytes\b', r'\b[a-z]{2}-[A-Z]{2}\b',
    r'\bWindows 1[01]\b', r'\b(?:Enterprise|Pro|Professional|Home)\b', r'\bCA-2023\b',
    r'\bStick [a-z]\b', r'\bAcme\b', r'\bSN-\w\b', r'\bKEYS\b', r'\bsdvalise\w\b',
    r'\b(?:x64|amd64|arm64|USB|UEFI|BIOS|FAT|WIM|UTC)\b', r'\b(?:Ctrl|Alt)\+', r'\bF10?\b',
    # What is typed, in the list of commands and at the head of an error; and GLib's own.
    r'^ *valise(?: \w+)?', r'^  (?:inspect|drives|write|drivers|profile|verify)\b',
    r'\[OPTION…\]',
]))
# Words of GTK, libadwaita and GLib; their catalogues are not ours.
TOOLKIT = {'Close', 'Minimize', 'Maximize', 'Close the window', 'Minimize the window',
           'Maximize the window', 'Details', 'Legal', 'Credits', 'Website',
           'About', 'Acknowledgements', 'Back', 'Translated by', 'What’s New', 'Troubleshooting',
           'Debugging Information', 'Copy Text', '_Copy Text Copy Text', 'Save as…',
           '_Save as… Save as…', 'Usage:', 'Help Options:', 'Application Options:',
           '-h, --help Show help options'}
TOOLKIT_STARTS = ('This application comes with absolutely no warranty.',
                  'To assist in troubleshooting, you can view')


def unmarked(text):
    """What in @text was not translated, or was cut; an empty list is well."""
    rest = DATA.sub(' ', text)
    found = [word for word in re.findall(r"[\w']+", rest) if re.fullmatch('[A-Za-z]{2,}', word)]
    if text.count('[') != text.count(']'):
        found.append('a bracket')
    return found


class PseudoLocale(harness.Case):
    maxDiff = None

    def setUp(self):
        harness.need_translation('xx', FOLDER)
        super().setUp()

    def check(self, texts):
        found = {text: unmarked(text) for text in texts
                 if ' '.join(text.split()) not in TOOLKIT and not text.startswith(TOOLKIT_STARTS)}
        self.assertEqual({text: words for text, words in found.items() if words}, {})

    def look(self, wizard, known=()):
        """Checks everything that is to be seen or heard, but for the texts that are @known."""
        texts = set()
        for node in wizard.nodes():
            if not re.fullmatch('(Gtk|Adw|Valise)[A-Z][A-Za-z]+', node.name):
                texts.add(node.name)
            texts.add(node.description)
        texts = {text for text in texts if text and ' '.join(text.split()) not in known}
        self.assertTrue([text for text in texts if text.startswith('[')])
        self.check(texts)

    @staticmethod
    def words(text):
        return '^' + re.escape(pseudo_locale.translate(text).replace('_', '')) + '$'

    def test_pages(self):
        udisks = self.start_udisks()
        udisks.add('a')
        udisks.part('a', 1, size=2 * 10**9, type='vfat', label='KEYS', mounts='/media/keys')
        udisks.add('b', read_only=1)
        udisks.add('c', size=10**6)
        wizard = self.start(self.sample('sample.wim'))
        wizard.press('Enterprise', 'radio button')
        wizard.get('push button', self.words('Copy the checksum'))
        self.look(wizard)
        for page, action in (('Drives', lambda: self.choose_drives(wizard)), ('Options', None),
                             ('Review', None)):
            wizard.press(self.words('_Next'))
            wizard.get('label', self.words(page))
            if action:
                action()
            self.look(wizard)

    def choose_drives(self, wizard):
        wizard.press(self.words('Show Refused Drives'), 'check box')
        wizard.press('Stick a', 'check box')
        wizard.get('list item', 'Stick c')

    def test_dialogs(self):
        wizard = self.start(self.sample('boot.wim'))
        wizard.get('label', self.words('This Image Cannot Be Used'))
        self.look(wizard)
        wizard.key('F10')
        wizard.get('.*', self.words('_Keyboard Shortcuts'))
        self.look(wizard)
        wizard.key('Up')
        wizard.key('Return')
        wizard.get('label', self.words('The Valise developers'))
        self.look(wizard)
        wizard.key('Escape')
        wizard.wait(lambda: not wizard.find('label', self.words('The Valise developers')),
                    'it to go')
        wizard.key('F1')
        wizard.wait(lambda: sum(node.role == 'frame' for node in wizard.nodes()) > 1, 'the help')
        self.look(wizard, known=self.help())

    @staticmethod
    def help():
        """What the help says in English: it is a text of its own, and not in the catalogues."""
        known = {'•'}
        folder = os.path.join(ROOT, 'data', 'help', 'C')
        for name in os.listdir(folder):
            for element in xml.etree.ElementTree.parse(os.path.join(folder, name)).iter():
                if element.tag.endswith(('}p', '}title')):
                    known.add(' '.join(''.join(element.itertext()).split()))
        return known

    def run_valise(self, *arguments):
        env = dict(os.environ, LC_ALL='C.UTF-8', LANGUAGE='xx')
        done = subprocess.run([harness.PROGRAMS['valise'], *arguments], env=env, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8')
        self.assertIn('[', done.stdout)
        self.check(line for line in done.stdout.split('\n') if line)

    def test_command_line(self):
        for arguments in ([], ['--help'], ['inspect', '--help'], ['drives', '--help'],
                          ['write', '--help'], ['verify', '--help'], ['drivers', '--help'],
                          ['profile', '--help']):
            self.run_valise(*arguments)

    def test_errors(self):
        self.run_valise('--frobnicate')
        self.run_valise('write')
        self.run_valise('write', self.sample('boot.wim'), '--to', self.path('a.img'))
        self.run_valise('inspect', __file__)
        self.run_valise('inspect', self.sample('sample.wim'))


if __name__ == '__main__':
    harness.main()
