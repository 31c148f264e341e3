# portals.py: uses the installed program as somebody does whose files its sandbox has not.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: portals.py APPLICATION FILES PICTURE choose | forward | tell FAKE-UDISKS
#
# For check.py, which runs it as an ordinary user beside the modules of tests/ui. FILES is a folder
# with an image, sample.wim, and a folder “parts” with those of sample.swm. The portals are real,
# and the bus starts them: xdg-desktop-portal, xdg-document-portal, and the backend for GTK, whose
# chooser is operated here. What a desktop has beyond that, a server of notifications and a manager
# of the session, is played here.
import json
import os
import subprocess
import sys
import threading

import desktop
import window
import wizard as harness
from gi.repository import Gio, GLib
from tree import Atspi, Node, ROOT


class Portal(window.Sandboxed):
    """The tree of the backend, which is a program of its own, outside of the sandbox."""
    program = 'xdg-desktop-portal-gtk'


class Chooser:
    """The portal's dialog for files, once the wizard has asked for it, to its end."""

    def __init__(self, wizard):
        self.wizard = wizard
        self.application = Node(Portal(0), ROOT)
        self.dialog = wizard.wait(self.find, 'the portal’s chooser')
        # Nobody manages windows here: the one below the pointer has the keyboard.
        Atspi.generate_mouse_event(400, 300, 'abs')

    def find(self):
        tree = self.application.tree
        if not tree.name and not tree.find_program():
            return None
        return next((child for child in self.application.children()
                     if child.role == 'file chooser' and child.has('visible')), None)

    def get(self, role, name):
        return self.wizard.wait(lambda: self.dialog.find(role, name),
                                f'a {role} “{name}” of the portal’s chooser')

    def enter(self, path):
        """Enters a path, for which the chooser asks when a slash is typed."""
        self.wizard.type('/')
        entry = self.get('text', '')
        entry.tree.ask_one(entry.path, 'org.a11y.atspi.EditableText', 'SetTextContents',
                           GLib.Variant('(s)', (path,)))
        self.wizard.wait(lambda: entry.get_text() == path, f'“{path}” to be entered')

    def choose(self, button='Choose'):
        self.get('push button', f'^{button}$').do_action()
        self.wizard.wait(lambda: not self.find(), 'the portal’s chooser to go')

    def choose_all(self, folder):
        """Chooses all files of a folder."""
        self.enter(folder + '/')
        self.wizard.key('Return')
        names = sorted(os.listdir(folder))
        table = self.get('table', '^Files$')
        self.wizard.wait(lambda: all(table.find('table cell', f'^{name}$') for name in names),
                         f'{names} in the portal’s chooser')
        table.tree.ask_one(table.path, 'org.a11y.atspi.Component', 'GrabFocus')
        self.wizard.key('a', 'Control')
        self.choose()


class Session:
    """What backends ask a desktop for; what they asked is kept."""
    # Each service has the path that its name says; methods, what they take and what they return.
    SERVICES = {
        'org.freedesktop.Notifications': [('Notify', 's u s s s as a{sv} i', 'u')],
        'org.gnome.SessionManager': [('Inhibit', 's u s u', 'u'), ('Uninhibit', 'u', '')],
        # By it, the backend knows that the manager is GNOME's.
        'org.gnome.ScreenSaver': [('GetActive', '', 'b')],
    }

    def __init__(self):
        self.asked = []
        self.context = GLib.MainContext.new()
        ready = threading.Event()
        # Of its own: whom the test waits for may itself wait for an answer.
        threading.Thread(target=self.serve, args=[ready], daemon=True).start()
        ready.wait()

    def serve(self, ready):
        self.context.push_thread_default()
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        for name, methods in self.SERVICES.items():
            xml = ''.join(
                f'<method name="{method}">'
                + ''.join(f'<arg type="{kind}" direction="in"/>' for kind in taken.split())
                + ''.join(f'<arg type="{kind}" direction="out"/>' for kind in returned.split())
                + '</method>' for method, taken, returned in methods)
            node = Gio.DBusNodeInfo.new_for_xml(
                f'<node><interface name="{name}">{xml}</interface></node>')
            self.bus.register_object('/' + name.replace('.', '/'), node.interfaces[0], self.answer,
                                     None, None)
            self.bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus',
                               'org.freedesktop.DBus', 'RequestName',
                               GLib.Variant('(su)', (name, 0)), None, 0, -1)
        ready.set()
        GLib.MainLoop.new(self.context, False).run()

    def answer(self, _bus, _sender, _path, _interface, method, parameters, invocation):
        self.asked.append((method, *parameters.unpack()))
        answers = {'Uninhibit': None, 'GetActive': GLib.Variant('(b)', (False,))}
        invocation.return_value(answers.get(method, GLib.Variant('(u)', (23,))))

    def find(self, method):
        return next((call for call in self.asked if call[0] == method), None)


def choose(wizard, files):
    """Files come by the portal's chooser: an image; one part of a split one, which is of no use
    without the others; all of its parts."""
    wizard.press('Choose Image')
    chooser = Chooser(wizard)
    chooser.enter(os.path.join(files, 'sample.wim'))
    chooser.choose()
    wizard.get('radio button', 'Enterprise')
    wizard.get_text('WIM image')
    wizard.press('Change')
    chooser = Chooser(wizard)
    chooser.enter(os.path.join(files, 'parts', 'sample.swm'))
    chooser.choose()
    wizard.get_text('is part 1 of 4.* these were not: “sample2.swm”, “sample3.swm”, “sample4.swm”. '
                    'Choose all parts together')
    wizard.press('Choose Another')
    chooser = Chooser(wizard)
    chooser.choose_all(os.path.join(files, 'parts'))
    wizard.get('radio button', 'Enterprise')
    wizard.get_text('SWM image')


def forward(wizard):
    """The parts of a split image come by the command line."""
    wizard.get('radio button', 'Enterprise')
    wizard.get_text('SWM image')


def save(wizard, path):
    """A file goes where the portal's chooser says, which the sandbox cannot reach itself."""
    wizard.get('push button', '^Profile$').click()
    wizard.get('menu', '^Profile$')
    # By the keyboard: this GTK does not name the items of its menus.
    wizard.key('Down')
    wizard.key('Return')
    chooser = Chooser(wizard)
    chooser.enter(path)
    chooser.choose('Save')
    wizard.get_text('The profile was saved')
    with open(path, encoding='utf-8') as file:
        if json.load(file)['format'] != 'valise-profile':
            raise AssertionError(f'something else is in “{path}”')


def look_elsewhere():
    """Takes the keyboard from all windows."""
    with desktop.Screen() as screen:
        screen.x11.XSetInputFocus(screen.display, 0, 0, 0)


def tell(wizard, session, folder):
    """A profile is saved, and a drive cannot be opened: the job keeps the computer awake while it
    tries, and its user, who looks elsewhere, is told."""
    wizard.press('Enterprise', 'radio button')
    wizard.press('Next')
    wizard.press('Stick a', 'check box')
    wizard.press('Next')
    wizard.get_text('^Options$')
    save(wizard, os.path.join(folder, 'saved.json'))
    wizard.press('Next')
    wizard.get_text('^Review$')
    wizard.press('Everything on th', 'check box')
    look_elsewhere()
    wizard.press('Erase and Write')
    wizard.get_text('^Result$')
    inhibit, _, notify = [wizard.wait(lambda method=method: session.find(method), method)
                          for method in ('Inhibit', 'Uninhibit', 'Notify')]
    # Neither logging out nor suspending; the words of the notification.
    if inhibit[3:] != ('Drives are being written.', 1 | 4) or 'Not Finished' not in notify[4]:
        raise AssertionError(session.asked)


def main():
    desktop.enter()
    application, files, picture, case, *rest = sys.argv[1:]
    harness.PROGRAMS.update(wizard='flatpak', settings='/nonexistent')
    harness.Tree = window.Sandboxed
    parts = os.path.join(files, 'parts')
    given = {'choose': [], 'tell': [os.path.join(files, 'sample.wim')],
             'forward': sorted(os.path.join(parts, name) for name in os.listdir(parts))}[case]
    if case == 'tell':
        harness.PROGRAMS['fake-udisks'] = rest[0]
        udisks, session = harness.Udisks(), Session()
        udisks.add('a')
    wizard = harness.Wizard('run', '--file-forwarding', application, '@@', *given, '@@')
    try:
        if case == 'choose':
            choose(wizard, files)
        elif case == 'forward':
            forward(wizard)
        else:
            tell(wizard, session, os.environ['HOME'])
    finally:
        desktop.screenshot(picture)
        subprocess.run(['flatpak', 'kill', application], check=False)
        wizard.process.wait()


if __name__ == '__main__':
    main()
