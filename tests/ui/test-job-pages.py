# test-job-pages.py: the wizard's pages of writing and of the result, by their accessibility tree.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The drives are files that fail as they are told to: show-job-pages.c makes them.
import json
import os
import subprocess
import time

import wizard as harness

# Takes the place of a desktop: writes down what is notified and inhibited.
DESKTOP = '''
import sys
from gi.repository import Gio, GLib
XML = """<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="as" direction="in"/><arg type="a{sv}" direction="in"/><arg type="i" direction="in"/>
<arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
</interface><interface name="org.gnome.SessionManager">
<method name="Inhibit"><arg type="s" direction="in"/><arg type="u" direction="in"/>
<arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="u" direction="out"/></method>
<method name="Uninhibit"><arg type="u" direction="in"/></method>
</interface></node>"""
def note(text):
    with open(sys.argv[1], 'a') as file:
        file.write(text + '\\n')
def call(connection, sender, path, interface, method, arguments, invocation):
    if method == 'Notify':
        note('notify: ' + arguments[3] + ' | ' + arguments[4])
        invocation.return_value(GLib.Variant('(u)', (1,)))
    elif method == 'Inhibit':
        note('inhibit: ' + arguments[2] + ' | ' + str(arguments[3]))
        invocation.return_value(GLib.Variant('(u)', (7,)))
    elif method == 'Uninhibit':
        note('uninhibit: ' + str(arguments[0]))
        invocation.return_value(None)
    else:
        invocation.return_value(None)
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
info = Gio.DBusNodeInfo.new_for_xml(XML)
bus.register_object('/org/freedesktop/Notifications', info.interfaces[0], call, None, None)
bus.register_object('/org/gnome/SessionManager', info.interfaces[1], call, None, None)
Gio.bus_own_name_on_connection(bus, 'org.gnome.SessionManager', 0, None, None)
Gio.bus_own_name_on_connection(bus, 'org.freedesktop.Notifications', 0,
                               lambda *a: print('ready', flush=True), None)
GLib.MainLoop().run()
'''


class JobPages(harness.Case):
    def setUp(self):
        super().setUp()
        # pylint: disable=consider-using-with
        self.told = self.path('told')
        desktop = subprocess.Popen(['/usr/bin/python3', '-c', DESKTOP, self.told],
                                    stdout=subprocess.PIPE, text=True)
        self.addCleanup(desktop.stdout.close)
        self.addCleanup(desktop.wait)
        self.addCleanup(desktop.terminate)
        self.assertEqual(desktop.stdout.readline(), 'ready\n')

    def run_drives(self, *words, **env):
        os.mkdir(self.path('drives'))
        return self.start(self.sample('sample.wim'), self.path('drives'), *words,
                          env={'VALISE_SCRATCH': self.path('scratch'), **env})

    @staticmethod
    def get_saves(wizard):
        return [node.description for node in wizard.nodes()
                if node.role == 'push button' and node.name == 'Save Report…']

    def get_told(self):
        if not os.path.exists(self.told):
            return ''
        with open(self.told, encoding='utf-8') as file:
            return file.read()

    def assert_blank(self, number):
        drive = os.path.join(self.path('drives'), f'drive-{number}.img')
        dump = subprocess.run(['/usr/sbin/sfdisk', '-d', drive], capture_output=True, text=True,
                              check=False)
        self.assertEqual(dump.stdout, '', f'drive {number} has a partition table')

    def assert_partitioned(self, number):
        drive = os.path.join(self.path('drives'), f'drive-{number}.img')
        dump = subprocess.run(['/usr/sbin/sfdisk', '-J', drive], capture_output=True, text=True,
                              check=True)
        self.assertGreaterEqual(len(json.loads(dump.stdout)['partitiontable']['partitions']), 2)

    def test_finished(self):
        wizard = self.run_drives('good', 'slow')
        wizard.get('push button', '^Stop$')
        self.check_names(wizard)
        wizard.get('progress bar', 'Progress of “SanDisk Ultra Fit”')
        graph = wizard.get('image', 'Speed of the drives')
        wizard.wait(lambda: '1, SanDisk Ultra Fit: ' in graph.description
                    and '2, Kingston DataTraveler Max Type-A: ' in graph.description
                    and 'MB/s' in graph.description, 'the graph in words')
        wizard.get_text('on the drive, .*/s now, .*/s on average')
        wizard.get_text('The slowest part is the drive “Kingston DataTraveler Max Type-A”')
        wizard.get_text('Less than a minute left')
        # The fast one has everything, and says so: in its card, and in the graph.
        wizard.get_text('^Waiting for the other drives$')
        wizard.wait(lambda: '1, SanDisk Ultra Fit: Waiting for the other drives\n2, Kingston '
                    in graph.description, 'the graph to say so')
        wizard.get_text('^2 Drives Are Finished$')
        wizard.get_text('were written in .*, read back in .*, and are all right')
        self.check_names(wizard)
        self.assertEqual([t for t in wizard.texts() if 'Failed' in t], [])
        self.assertEqual(sorted(self.get_saves(wizard)),
                         ['Save the report of “Kingston DataTraveler Max Type-A”',
                          'Save the report of “SanDisk Ultra Fit”'])
        # Who looks at the window needs no notification. 1 is logging out, 4 is suspending.
        self.assertEqual(self.get_told(), 'inhibit: Drives are being written. | 5\n'
                         'uninhibit: 7\n')
        for number in range(2):
            self.assert_partitioned(number)
        wizard.press('Write More Drives')
        wizard.wait_end()

    def test_one_fails(self):
        wizard = self.run_drives('good', 'bad', 'slow')
        # It is said at once, while the others are written.
        wizard.get_text('could not be written at byte .*: Input/output error')
        wizard.get('push button', '^Stop$', 'sensitive')
        wizard.get_text('^2 of 3 Drives Are Finished$')
        wizard.get_text('^Below it says what went wrong')
        wizard.get_text('Try another port; if it fails again, the drive is defective')
        self.assertEqual(len(self.get_saves(wizard)), 2)
        self.assertNotIn('Save the report of “Kingston DataTraveler Max Type-A”',
                         self.get_saves(wizard))
        self.assert_partitioned(0)
        self.assert_blank(1)
        self.assert_partitioned(2)
        self.check_names(wizard)

    def test_all_fail(self):
        wizard = self.run_drives('gone', SHOW_BEHIND='1')
        wizard.get_text('^The Drive Was Not Finished$')
        wizard.get_text('was disconnected while it was being written')
        wizard.get('push button', 'Write More Drives', 'sensitive')
        wizard.wait(lambda: 'notify' in self.get_told(), 'the notification')
        self.assertIn('notify: The Drive Was Not Finished | Look what went wrong, and what can be '
                      'done.\n', self.get_told())
        self.assert_blank(0)

    def test_stop(self):
        wizard = self.run_drives('tired', 'tired')
        wizard.get_text('on the drive, .*/s now')
        wizard.press('^Stop$')
        wizard.get_text('^Stop Writing\\?$')
        wizard.get_text('will be blank: what was on them is lost')
        wizard.press('Continue Writing')
        wizard.wait(lambda: not wizard.find('label', '^Stop Writing'), 'the question to go')
        wizard.press('^Stop$')
        wizard.get_text('^Stop Writing\\?$')
        wizard.press('Stop Writing')
        start = time.monotonic()
        wizard.get_text('^Writing Was Stopped$')
        print(f'stopped after {time.monotonic() - start:.2f} s', flush=True)
        wizard.get_text('A drive that was written to already is blank now')
        self.assert_blank(0)
        self.assert_blank(1)

    def test_close(self):
        wizard = self.run_drives('tired')
        wizard.get_text('on the drive, .*/s now')
        wizard.press('^Close$')
        wizard.get_text('^Stop and Close\\?$')
        wizard.key('Escape')
        wizard.wait(lambda: not wizard.find('label', '^Stop and Close'), 'the question to go')
        wizard.press('^Close$')
        wizard.press('Stop and Close')
        wizard.wait_end()
        self.assert_blank(0)

    def test_save(self):
        # The dialog begins there.
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        wizard = self.run_drives('good')
        wizard.get_text('^1 Drive Is Finished$')
        wizard.press('Save Report')
        wizard.press('^_?Save( Save)?$')
        report = self.path('SanDisk-Ultra-Fit-report.json')
        wizard.wait(lambda: os.path.exists(report), 'the report')
        verified = subprocess.run([harness.PROGRAMS['valise'], 'verify', '--report', report,
                                   os.path.join(self.path('drives'), 'drive-0.img')],
                                  capture_output=True, text=True, check=False)
        self.assertEqual(verified.returncode, 0, verified.stderr)

    def test_question_ends_with_the_job(self):
        wizard = self.run_drives('good')
        wizard.press('^Stop$')
        wizard.get_text('^Stop Writing\\?$')
        wizard.get_text('^1 Drive Is Finished$')
        wizard.wait(lambda: not wizard.find('label', '^Stop Writing'), 'the question to go')
        self.assert_partitioned(0)


if __name__ == '__main__':
    harness.main()
