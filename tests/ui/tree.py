# tree.py: the accessibility tree of one program, read as a whole.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The library of AT-SPI asks for one thing after the other, and waits for each answer: a page of
# options with its thousand answers takes it a second. Here the questions of one level of the tree
# are on their way at the same time, and what cannot change (the role) is asked for once. Nothing
# else is kept: the tree is always that of now.
import os
import re
import time

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, Gio, GLib  # pylint: disable=wrong-import-position

ROOT = '/org/a11y/atspi/accessible/root'
REGISTRY = 'org.a11y.atspi.Registry'
ACCESSIBLE = 'org.a11y.atspi.Accessible'

# Questions on their way at the same time. The program answers them in one turn of its main loop,
# which must not become long by that.
AT_ONCE = 8

# What has nothing in it that is looked for by its name.
LEAVES = {'label', 'image', 'icon', 'separator', 'scroll bar', 'progress bar', 'slider'}

# On a machine that does ten other things; nobody waits as long where all is well.
PATIENCE = int(os.environ.get('VALISE_TEST_PATIENCE', 60))

# Around a window of a screen that cannot show shadows, in pixels.
BORDER = 5


def get_role_name(number):
    if number is None:
        return ''
    role = Atspi.Role(number)
    # AT-SPI calls it “button” from 2.54 on.
    return 'push button' if role == Atspi.Role.PUSH_BUTTON else Atspi.role_get_name(role) or ''


def has_state(states, name):
    number = int(getattr(Atspi.StateType, name.upper()))
    return bool(states[number // 32] >> number % 32 & 1)


class Tree:
    """The tree of the program with that process id."""

    def __init__(self, pid):
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = session.call_sync('org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus', 'GetAddress',
                                    None, None, 0, -1, None).unpack()[0]
        flags = Gio.DBusConnectionFlags
        self.connection = Gio.DBusConnection.new_for_address_sync(
            address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)
        self.pid = pid
        self.name = None
        self.roles = {}

    def find_program(self):
        """Finds the program on the bus; whether it is there."""
        for name, _ in self.ask_one(ROOT, ACCESSIBLE, 'GetChildren', name=REGISTRY):
            found = self.connection.call_sync(
                'org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus',
                'GetConnectionUnixProcessID', GLib.Variant('(s)', (name,)), None, 0, -1, None)
            if found.unpack()[0] == self.pid:
                self.name = name
                return True
        return False

    def ask_one(self, path, interface, method, parameters=None, name=None):
        """The answer to one question; an exception where there is none."""
        answer = self.connection.call_sync(name or self.name, path, interface, method, parameters,
                                           None, 0, -1, None).unpack()
        return answer[0] if answer else None

    def ask(self, questions):
        """The answers to questions, in their order; None for what is gone by now."""
        answers = [None] * len(questions)
        state = {'begun': 0, 'ended': 0}

        def answered(connection, result, i):
            state['ended'] += 1
            try:
                answers[i] = connection.call_finish(result).unpack()[0]
            except GLib.Error:
                pass

        context = GLib.MainContext.default()
        while state['ended'] < len(questions):
            while (state['begun'] < len(questions)
                   and state['begun'] - state['ended'] < AT_ONCE):
                path, interface, method, parameters = questions[state['begun']]
                self.connection.call(self.name, path, interface, method, parameters, None, 0, -1,
                                     None, answered, state['begun'])
                state['begun'] += 1
            context.iteration(True)
        return answers

    def get(self, paths, method):
        return self.ask([(path, ACCESSIBLE, method, None) for path in paths])

    def get_properties(self, paths, name):
        parameters = GLib.Variant('(ss)', (ACCESSIBLE, name))
        return self.ask([(path, 'org.freedesktop.DBus.Properties', 'Get', parameters)
                         for path in paths])

    def get_roles(self, paths):
        """The numbers of the roles; None for what is gone."""
        new = [path for path in paths if path not in self.roles]
        for path, role in zip(new, self.get(new, 'GetRole')):
            if role is not None:
                self.roles[path] = role
        return [self.roles.get(path) for path in paths]

    def walk(self, path, leaves=()):
        """The paths of the node and of all below it that is not hidden, in the order of the tree.
        @leaves are the roles below which nobody looks."""
        children, shown = {}, {path}
        level = [path]
        while level:
            level = [path for path in level
                     if get_role_name(self.roles.get(path)) not in leaves]
            below = []
            for path_of, found in zip(level, self.get(level, 'GetChildren')):
                # A node that has gone meanwhile has no children. One of another program is none.
                children[path_of] = [child for name, child in found or () if name == self.name]
                below += children[path_of]
            self.get_roles(below)
            states = dict(zip(below, self.get(below, 'GetState')))
            level = [child for child in below if states[child] and child in self.roles
                     and has_state(states[child], 'visible')]
            shown.update(level)

        def in_order(at):
            yield at
            for child in children.get(at, ()):
                if child in shown:
                    yield from in_order(child)
        return list(in_order(path))


class Node:
    """A node of the accessibility tree, asked anew each time, but for what is @known of it."""

    def __init__(self, tree, path, known=None):
        self.tree = tree
        self.path = path
        self.known = known or {}

    @property
    def role(self):
        return get_role_name(self.tree.get_roles([self.path])[0])

    def get_property(self, name):
        if name in self.known:
            return self.known[name] or ''
        return self.tree.ask_one(self.path, 'org.freedesktop.DBus.Properties', 'Get',
                                 GLib.Variant('(ss)', (ACCESSIBLE, name))) or ''

    @property
    def name(self):
        return self.get_property('Name')

    @property
    def description(self):
        return self.get_property('Description')

    def has(self, state):
        """Whether it is in that state; what is gone is in none."""
        try:
            return has_state(self.tree.ask_one(self.path, ACCESSIBLE, 'GetState'), state)
        except GLib.Error:
            return False

    def do_action(self):
        """What activating it does."""
        self.tree.ask_one(self.path, 'org.a11y.atspi.Action', 'DoAction', GLib.Variant('(i)', (0,)))

    def get_extents(self):
        """Its place in its window."""
        return self.tree.ask_one(self.path, 'org.a11y.atspi.Component', 'GetExtents',
                                 GLib.Variant('(u)', (1,)))

    def get_text(self):
        """What was typed into it."""
        kind = 'org.a11y.atspi.Text'
        length = self.tree.ask_one(self.path, 'org.freedesktop.DBus.Properties', 'Get',
                                   GLib.Variant('(ss)', (kind, 'CharacterCount')))
        return self.tree.ask_one(self.path, kind, 'GetText', GLib.Variant('(ii)', (0, length)))

    @property
    def parent(self):
        name, path = self.tree.ask_one(self.path, 'org.freedesktop.DBus.Properties', 'Get',
                                       GLib.Variant('(ss)', (ACCESSIBLE, 'Parent')))
        return Node(self.tree, path) if name == self.tree.name else None

    def is_named(self):
        """Whether it has words. A list item of GTK's own list views is read by what is in it."""
        if self.name.strip() and not re.fullmatch('(Gtk|Adw|Valise)[A-Z][A-Za-z]+', self.name):
            return True
        return self.role == 'list item' and any(
            node.role == 'label' and node.name.strip() for node in self.walk())

    def children(self):
        for name, path in self.tree.ask_one(self.path, ACCESSIBLE, 'GetChildren'):
            if name == self.tree.name:
                yield Node(self.tree, path)

    def walk(self):
        """The node and all below it that are not hidden; their names and descriptions, too, are
        those of this moment."""
        paths = self.tree.walk(self.path)
        names = self.tree.get_properties(paths, 'Name')
        descriptions = self.tree.get_properties(paths, 'Description')
        for path, name, description in zip(paths, names, descriptions):
            if name is not None and description is not None:
                yield Node(self.tree, path, {'Name': name, 'Description': description})

    def find(self, role, name):
        """The first node below it of that role whose name has the words, or None."""
        paths = self.tree.walk(self.path, LEAVES)
        paths = [path for path, number in zip(paths, self.tree.get_roles(paths))
                 if re.fullmatch(role, get_role_name(number))]
        for path, found in zip(paths, self.tree.get_properties(paths, 'Name')):
            if found is not None and re.search(name, found):
                return Node(self.tree, path)
        return None

    def get_place(self):
        """Where it is in the window, once it does not move any more."""
        place = None
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            now = self.get_extents()
            if now == place and now[2] > 0 and now[3] > 0:
                return now
            place = now
            time.sleep(0.1)
        raise AssertionError(f'{self} has no place in the window')

    def get_wheel(self, place):
        """Where and how the mouse's wheel has to be turned for it to be seen; None if it is."""
        window = self
        while window and window.role not in ('frame', 'dialog', 'window'):
            window = window.parent
        if not window:
            return None
        width, height = window.get_extents()[2:]
        middle = place[1] + place[3] // 2
        if 60 <= middle <= height - 20:
            return None
        return (width // 2, height // 2, 'b5c' if middle > height // 2 else 'b4c')

    def click(self):
        """Clicks on it with the mouse, once it does not move any more."""
        for _ in range(40):
            place = self.get_place()
            wheel = self.get_wheel(place)
            if wheel is None:
                break
            # A window of the tests is in the screen's corner.
            Atspi.generate_mouse_event(*wheel)
        Atspi.generate_mouse_event(place[0] + BORDER + place[2] // 2,
                                   place[1] + BORDER + place[3] // 2, 'b1c')

    def __str__(self):
        return f'{self.role} “{self.name}” ({self.description})'
