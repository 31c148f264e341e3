# wizard.py: the wizard as somebody uses it who does not see it: by its accessibility tree.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A test file calls desktop.enter() first, defines cases, and ends with wizard.main(). Its arguments
# are the wizard, the command line's program, the generator of samples, and the compiled settings.
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import desktop

# On a machine that does ten other things; nobody waits as long where all is well.
PATIENCE = 60

PROGRAMS = {}

# What somebody can press, type into or choose.
INTERACTIVE = {'push button', 'toggle button', 'check box', 'radio button', 'switch', 'combo box',
               'text', 'entry', 'list item', 'menu item', 'slider', 'spin button', 'progress bar',
               'link', 'page tab'}

# Around a window of a screen that cannot show shadows, in pixels.
BORDER = 5


def atspi():
    import gi  # pylint: disable=import-outside-toplevel
    gi.require_version('Atspi', '2.0')
    from gi.repository import Atspi  # pylint: disable=import-outside-toplevel
    return Atspi


class Node:
    """A node of the accessibility tree, asked anew each time."""

    def __init__(self, accessible):
        self.accessible = accessible

    @property
    def role(self):
        return self.accessible.get_role_name() or ''

    @property
    def name(self):
        return self.accessible.get_name() or ''

    @property
    def description(self):
        return self.accessible.get_description() or ''

    def has(self, state):
        kind = getattr(atspi().StateType, state.upper())
        return self.accessible.get_state_set().contains(kind)

    def is_named(self):
        """Whether it has words. A list item of GTK's own list views is read by what is in it."""
        if self.name.strip() and not re.fullmatch('(Gtk|Adw|Valise)[A-Z][A-Za-z]+', self.name):
            return True
        return self.role == 'list item' and any(
            node.role == 'label' and node.name.strip() for node in self.walk())

    def children(self):
        for i in range(self.accessible.get_child_count()):
            child = self.accessible.get_child_at_index(i)
            if child:
                yield Node(child)

    def walk(self):
        """The node and all below it that are not hidden."""
        yield self
        for child in self.children():
            if child.has('visible'):
                yield from child.walk()

    def press(self):
        """Presses a button by its action, what GTK 4.8 gives none with the mouse."""
        if self.role in ('push button', 'toggle button'):
            self.accessible.do_action(0)
            return
        place = self.accessible.get_extents(atspi().CoordType.WINDOW)
        if place.width == 0 or place.height == 0:
            raise AssertionError(f'“{self.name}” ({self.role}) has no place on the screen')
        atspi().generate_mouse_event(place.x + BORDER + place.width // 2,
                                     place.y + BORDER + place.height // 2, 'b1c')

    def __str__(self):
        return f'{self.role} “{self.name}” ({self.description})'


class Wizard:
    """One run of the program."""

    def __init__(self, *arguments, env=None):
        # pylint: disable=consider-using-with
        self.log = tempfile.TemporaryFile('w+', encoding='utf-8', errors='replace')
        self.env = dict(os.environ, GSETTINGS_SCHEMA_DIR=PROGRAMS['settings'], **(env or {}))
        self.started = time.monotonic()
        self.process = subprocess.Popen([PROGRAMS['wizard'], *arguments], env=self.env,
                                        stderr=self.log, stdout=self.log)
        self.frame = self.wait(self.find_frame, 'the window')

    def find_frame(self):
        root = atspi().get_desktop(0)
        root.set_cache_mask(atspi().Cache.NONE)
        for i in range(root.get_child_count()):
            application = root.get_child_at_index(i)
            if application and application.get_process_id() == self.process.pid:
                application.set_cache_mask(atspi().Cache.NONE)
                for child in Node(application).children():
                    if child.role == 'frame':
                        return child
        return None

    def wait(self, function, what, patience=PATIENCE):
        """Calls @function until it returns something."""
        # pylint: disable=import-outside-toplevel
        from gi.repository import GLib
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

    def nodes(self):
        """Everything that is on the screen; dialogs, too."""
        application = Node(self.frame.accessible.get_application())
        for window in application.children():
            if window.has('visible'):
                yield from window.walk()

    def find(self, role, name):
        """The node of that role whose name has the words, or None."""
        for node in self.nodes():
            if re.fullmatch(role, node.role) and re.search(name, node.name):
                return node
        return None

    def key(self, name):
        """Presses a key, such as Escape or Tab."""
        number = {'Tab': 0xff09, 'Return': 0xff0d, 'Escape': 0xff1b, 'space': 0x20,
                  'Down': 0xff54, 'Up': 0xff52}[name]
        atspi().generate_keyboard_event(number, None, atspi().KeySynthType.SYM)

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

    def get_text(self, words):
        return self.get('label', words)

    def press(self, name, role='push button'):
        self.get(role, name, 'sensitive').press()

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

    def end(self):
        """Ends the program; returns what it complained about."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        lines = self.get_log()
        self.log.close()
        return lines


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
        """Path of a file of the small sample: sample.wim, sample.esd, boot.wim."""
        if Case.samples is None:
            # pylint: disable=consider-using-with
            made = tempfile.TemporaryDirectory(prefix='valise-sample-')
            subprocess.run([PROGRAMS['make-sample'], '--small', '--output', made.name,
                            '--format', 'wim-lzx', '--format', 'esd', '--format', 'boot'],
                           check=True, stdout=subprocess.DEVNULL)
            Case.samples = made
        return os.path.join(Case.samples.name, name)

    def start(self, *arguments, env=None):
        """Starts the wizard; at the test's end it must not have complained about anything."""
        wizard = Wizard(*arguments, env=env)

        def end():
            log = wizard.end()
            self.assertNotRegex(log, r'(?i)warning|critical|error|Sanitizer|blocked')
        self.addCleanup(end)
        return wizard

    def check_names(self, wizard):
        self.assertEqual(wizard.unnamed(), [], 'interactive but without a name')


def main():
    PROGRAMS.update(zip(['wizard', 'valise', 'make-sample', 'settings'], sys.argv[1:5]))
    if 'VALISE_WIZARD' in os.environ:
        PROGRAMS['wizard'] = os.environ['VALISE_WIZARD']
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]], verbosity=2)


desktop.enter()
