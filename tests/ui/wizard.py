# wizard.py: the wizard as somebody uses it who does not see it: by its accessibility tree.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A test file defines cases and ends with wizard.main(). Its arguments are the wizard, the command
# line's program, the generator of samples, the compiled settings, and the fake of udisks2.
import gettext
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import desktop

# Inside of the desktop it goes on; outside of it, this is the end.
desktop.enter()

# pylint: disable=wrong-import-position
from gi.repository import GLib

from tree import Atspi, Node, PATIENCE, ROOT, Tree

# How long a turn of the program's main loop may take, in ms. What the program itself does, and lets
# do, has the first limit, which is the one from which the program complains. The second is that of
# the whole turn, for what GTK does by itself: it lays out pages, shapes their text, and paints
# without a graphics card, and waits for locks that other threads have, on two processors that
# other tests use, too. Measured were no turn of more than 50 ms where four other programs
# computed, and one of 113 ms, GTK's, where ten did.
LIMIT = 50
TOOLKIT_LIMIT = 150

# GTK's own dialog for files, which stands in for the desktop's here, makes all it has in one turn.
FILE_DIALOG = 'gtk_native_dialog_show|gtk_file_chooser_native_new'

ARGUMENTS = ['wizard', 'valise', 'make-sample', 'settings', 'fake-udisks']
PROGRAMS = {}

# What somebody can press, type into or choose.
INTERACTIVE = {'push button', 'toggle button', 'check box', 'radio button', 'switch', 'combo box',
               'text', 'entry', 'list item', 'menu item', 'slider', 'spin button', 'progress bar',
               'link', 'page tab'}


def words(text, plural=None, domain='valise', folder=os.environ.get('VALISE_LOCALE_DIR')):
    """A pattern for what the wizard says, in its language, for @text; of a number of things, where
    there is a @plural."""
    language = os.environ.get('VALISE_TEST_LANGUAGE', '')
    translation = gettext.translation(domain, folder, [language], fallback=True)
    said = ([translation.gettext(text)] if plural is None
            else {translation.ngettext(text, plural, n) for n in range(1, 30)})
    return '|'.join('^' + re.sub('%[su]', '.*', re.escape(one.replace('_', ''))) + '$'
                    for one in said)


class Wizard:
    """One run of the program."""

    def __init__(self, *arguments, env=None):
        # pylint: disable=consider-using-with
        self.log = tempfile.TemporaryFile('w+', encoding='utf-8', errors='replace')
        self.env = dict(os.environ, GSETTINGS_SCHEMA_DIR=PROGRAMS['settings'], **(env or {}))
        self.started = time.monotonic()
        self.process = subprocess.Popen([PROGRAMS['wizard'], *arguments], env=self.env,
                                        stderr=self.log, stdout=self.log)
        self.tree = Tree(self.process.pid)
        self.application = Node(self.tree, ROOT)
        self.frame = self.wait(self.find_frame, 'the window')

    def find_frame(self):
        if not self.tree.name and not self.tree.find_program():
            return None
        return next((child for child in self.application.children() if child.role == 'frame'), None)

    def wait(self, function, what, patience=PATIENCE):
        """Calls @function until it returns something."""
        end = time.monotonic() + patience
        while True:
            while GLib.MainContext.default().iteration(False):
                pass
            try:
                found = function()
            except GLib.Error:  # a node that went away while it was looked at
                found = None
            if found:
                return found
            if self.process.poll() is not None:
                raise AssertionError(f'the wizard ended ({self.process.returncode}) while waiting '
                                     f'for {what}:\n{self.get_log()}')
            if time.monotonic() > end:
                raise AssertionError(f'waited {patience} s for {what}; there is:\n{self.dump()}\n'
                                     f'{self.get_log()}')
            time.sleep(0.05)

    def windows(self):
        return [window for window in self.application.children() if window.has('visible')]

    def nodes(self):
        """Everything that is on the screen; dialogs, too."""
        for window in self.windows():
            yield from window.walk()

    def find(self, role, name):
        """The node of that role whose name has the words, or None."""
        for window in self.windows():
            node = window.find(role, name)
            if node:
                return node
        return None

    def key(self, name, modifier=None):
        """Presses a key, such as Escape or Tab, with Control or Alt where asked for."""
        number = {'Tab': 0xff09, 'Return': 0xff0d, 'Escape': 0xff1b, 'space': 0x20,
                  'Left': 0xff51, 'Up': 0xff52, 'Right': 0xff53, 'Down': 0xff54, 'End': 0xff57,
                  'F1': 0xffbe, 'F10': 0xffc7, 'a': ord('a')}[name]
        kinds = Atspi.KeySynthType
        # The X server's numbers of the keys on the left.
        held = {'Control': 37, 'Alt': 64}.get(modifier)
        if held:
            Atspi.generate_keyboard_event(held, None, kinds.PRESS)
        Atspi.generate_keyboard_event(number, None, kinds.SYM)
        if held:
            Atspi.generate_keyboard_event(held, None, kinds.RELEASE)

    def type(self, text):
        """Types into what has the keyboard."""
        Atspi.generate_keyboard_event(0, text, Atspi.KeySynthType.STRING)

    def focused(self):
        """The node that has the keyboard, or None."""
        for node in self.nodes():
            if node.has('focused'):
                return node
        return None

    def get(self, role, name, state=None):
        """Waits for a node, which must also have the state where one is given."""
        def look():
            node = self.find(role, name)
            return node if node and (state is None or node.has(state)) else None
        return self.wait(look, f'a {role} “{name}”' + (f', {state}' if state else ''))

    def get_text(self, text):
        return self.get('label', text)

    def press(self, name, role='push button'):
        """Presses a button by its action; what GTK 4.8 gives none, with the mouse."""
        node = self.get(role, name, 'sensitive')
        if node.role == 'push button':
            node.do_action()
        elif node.role in ('check box', 'radio button'):
            before = node.has('checked')
            for _ in range(5):
                node.click()
                try:
                    self.wait(lambda: node.has('checked') != before, f'{name} to change', 3)
                    return
                except AssertionError:
                    node = self.get(role, name, 'sensitive')
            raise AssertionError(f'{node} cannot be ticked')
        else:
            node.click()

    def answer(self, name):
        """Presses a button of a question, and asks nothing until it has gone: GTK 4.8 ends with a
        fault when it is asked for its windows in the moment in which one of them goes."""
        self.get('push button', name, 'sensitive')
        before = desktop.count_windows()
        self.press(name)
        end = time.monotonic() + PATIENCE
        while desktop.count_windows() >= before and self.process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f'the question does not go when “{name}” is pressed')
            time.sleep(0.05)
        time.sleep(0.3)

    def texts(self):
        return [node.name for node in self.nodes() if node.role == 'label']

    def dump(self):
        try:
            return '\n'.join(f'  {node}' for node in self.nodes() if node.name)
        except Exception as error:  # pylint: disable=broad-except
            return f'  nothing: {error}'

    def unnamed(self):
        """The nodes that can be used but not be told apart by somebody who does not see them."""
        return [str(node) for node in self.nodes()
                if node.role in INTERACTIVE and not node.is_named()]

    def get_log(self):
        self.log.seek(0)
        return self.log.read()

    def wait_end(self):
        """Waits until the program ends by itself, without a failure."""
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'the wizard does not end; there is:\n{self.dump()}') from None
        if status != 0:
            raise AssertionError(f'the wizard ended with {status}:\n{self.get_log()}')

    def end(self):
        """Closes the window, or ends a program that asks back; returns what it complained about."""
        try:
            if self.process.poll() is None:
                for window in self.windows():
                    window.find('push button', '^Close$').do_action()
                self.process.wait(10)
        except Exception:  # pylint: disable=broad-except
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.process.wait()
        lines = self.get_log()
        self.log.close()
        return lines


class Udisks:
    """The fake of udisks2, with drives that come and go."""

    def __init__(self):
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([PROGRAMS['fake-udisks']], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def tell(self, *parts):
        line = ' '.join(shlex.quote(str(part)) for part in parts)
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer != 'ok':
            raise AssertionError(f'{line}: {answer}')

    def add_device(self, device, **facts):
        drive = {'vendor': 'Acme', **facts}
        self.tell('add', device,
                  *(f'{name.replace("_", "-")}={value}' for name, value in drive.items()))

    def add(self, letter, **facts):
        """A drive that no machine has, so that the kernel says nothing of it."""
        self.add_device(f'/dev/sdvalise{letter}', **{
            'model': f'Stick {letter}', 'serial': f'SN-{letter}', 'size': 64 * 10**9, **facts})

    def part(self, letter, number, **facts):
        self.tell('part', f'/dev/sdvalise{letter}', number,
                  *(f'{name}={value}' for name, value in facts.items()))

    def remove(self, letter):
        self.tell('remove', f'/dev/sdvalise{letter}')

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Case(unittest.TestCase):
    """A test with a folder of its own, samples that are made once, and one run of the wizard."""

    samples = None

    @classmethod
    def tearDownClass(cls):
        if Case.samples:
            Case.samples.cleanup()
            Case.samples = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='valise-ui-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def sample(self, name):
        """Path of a file of the small sample: sample.wim, sample.esd, sample.iso, boot.wim."""
        made = os.environ.get('VALISE_TEST_SAMPLES')
        if made:
            return os.path.join(made, name)
        if Case.samples is None:
            # pylint: disable=consider-using-with
            made = tempfile.TemporaryDirectory(prefix='valise-sample-')
            subprocess.run([PROGRAMS['make-sample'], '--small', '--output', made.name,
                            '--format', 'wim-lzx', '--format', 'esd', '--format', 'iso',
                            '--format', 'boot'],
                           check=True, stdout=subprocess.DEVNULL)
            Case.samples = made
        return os.path.join(Case.samples.name, name)

    def start(self, *arguments, env=None):
        """Starts the wizard; at the test's end it must not have complained about anything."""
        wizard = Wizard(*arguments, env=env)

        def end():
            log = wizard.end()
            turns = [(int(all_of_it), int(ours)) for all_of_it, ours, stack in re.findall(
                r'blocked for (\d+) ms \(Valise: (\d+) ms\)(.*(?:\n  .*)*)', log)
                     if not re.search(FILE_DIALOG, stack)]
            if turns:
                print('turns of the main loop that were too long (and what of it was ours), in ms:',
                      turns, flush=True)
            self.assertFalse([turn for turn in turns if turn[0] > TOOLKIT_LIMIT or turn[1] > LIMIT],
                             log)
            log = re.sub(r'.*blocked for \d+ ms.*(\n  .*)*', '', log)
            # No window manager gives the keyboard back when a question has gone, so that the user
            # is notified; and there is nobody here who does that.
            log = re.sub(r'.*unable to send notifications .*', '', log)
            # What GTK 4.18 says of libadwaita's own questions and status pages.
            log = re.sub(r'.*(Trying to measure GtkLabel|AdwClamp .* reported min height) .*', '',
                         log)
            self.assertNotRegex(log, r'(?i)warning|critical|error|Sanitizer')
        self.addCleanup(end)
        return wizard

    def start_udisks(self):
        udisks = Udisks()
        self.addCleanup(udisks.end)
        return udisks

    def start_with_edition(self, env=None):
        """The wizard on its second page."""
        wizard = self.start(self.sample('sample.wim'), env=env)
        wizard.press('Enterprise', 'radio button')
        wizard.press(words('_Next'))
        return wizard

    def check_names(self, wizard):
        self.assertEqual(wizard.unnamed(), [], 'interactive but without a name')


def need_translation(language, folder):
    """New C libraries translate nothing in C.UTF-8, and there may be no other locale."""
    env = dict(os.environ, LANGUAGE=language, VALISE_LOCALE_DIR=folder)
    said = subprocess.run([PROGRAMS['valise'], '--frobnicate'], env=env, check=False,
                          stderr=subprocess.PIPE, encoding='utf-8').stderr
    version = os.confstr('CS_GNU_LIBC_VERSION').split()[-1].split('.')
    if 'There is no option' in said and [int(part) for part in version] > [2, 36]:
        raise unittest.SkipTest(f'the C library translates nothing in {os.environ["LC_ALL"]}')


def main():
    # A test may go elsewhere.
    PROGRAMS.update(zip(ARGUMENTS, map(os.path.abspath, sys.argv[1:])))
    unittest.main(argv=[sys.argv[0], *sys.argv[1 + len(ARGUMENTS):]], verbosity=2)
