# fake_udisks.py: a system bus of a test's own, with a udisks2 that has the drives it wants.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import shlex
import shutil
import subprocess


class FakeUdisks:
    """A bus and, unless @serve is false, a fake of udisks2 on it; both end with close()."""

    def __init__(self, program, serve=True):
        self.bus = subprocess.Popen(
            ['dbus-daemon', '--session', '--nofork', '--nopidfile', '--print-address=1'],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.address = self.bus.stdout.readline().decode().strip()
        self.fake = None
        if serve:
            self.fake = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         env={'DBUS_SYSTEM_BUS_ADDRESS': self.address})
            self.expect_ok('start')

    @staticmethod
    def is_available():
        return shutil.which('dbus-daemon') is not None

    def expect_ok(self, what):
        answer = self.fake.stdout.readline().decode().strip()
        if answer != 'ok':
            raise AssertionError(f'{what}: {answer}')

    def tell(self, *words, **values):
        """A command, as the program's first lines list them."""
        words = [str(word) for word in words]
        words += [f'{key.replace("_", "-")}={value}' for key, value in values.items()]
        self.fake.stdin.write((shlex.join(words) + '\n').encode())
        self.fake.stdin.flush()
        self.expect_ok(words)

    def close(self):
        if self.fake:
            self.fake.stdin.close()
            self.fake.stdout.close()
            self.fake.wait(20)
        self.bus.terminate()
        self.bus.stdout.close()
        self.bus.wait(20)
