# test-scripts.py: the scripts that Windows runs for a company's policies, by Wine's cmd.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: test-scripts.py WRITE-SCRIPTS STAND-IN

Windows' own programs are not here: STAND-IN takes their place, and writes down how it was called.
What Wine's cmd cannot do as Windows does is not looked at: to redirect a block of commands, to read
a script in another code page, and to remove the script that runs.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

WINE = next((path for path in ('/usr/lib/wine/wine64', '/usr/bin/wine64', '/usr/bin/wine')
             if os.path.exists(path)), None)
SKIPPED = 77
PROGRAMS = ['certutil', 'netsh', 'powershell', 'manage-bde']
# All that a quoted text may have.
PASSWORD = "a (b) c;=,'`~@#$*+[]{}"
WIFI = ('<WLANProfile xmlns="http://www.microsoft.com/networking/WLAN/profile/v1"><name>O</name>'
        '<SSIDConfig><SSID><name>O</name></SSID></SSIDConfig></WLANProfile>')


class Scripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix='valise-wine-')
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.top = cls.temporary.name
        cls.folder = os.path.join(cls.top, 'prefix/drive_c/windows/Setup/Valise')
        cls.keys = os.path.join(cls.top, 'Keys (1) of, a;b=c')
        cls.record = os.path.join(cls.top, 'record')
        cls.programs = os.path.join(cls.top, 'programs')
        os.mkdir(cls.programs)
        for name in PROGRAMS:
            shutil.copy(sys.argv[2], os.path.join(cls.programs, name + '.exe'))
        cls.env = {'PATH': os.environ['PATH'], 'HOME': cls.top, 'LC_ALL': 'C.UTF-8',
                   'WINEPREFIX': os.path.join(cls.top, 'prefix'), 'WINEDEBUG': '-all',
                   'WINEDLLOVERRIDES': 'mscoree,mshtml=',
                   'VALISE_RECORD': cls.to_windows(cls.record)}
        cls.addClassCleanup(cls.wine_end)
        cls.wine('cmd', '/c', 'exit')
        os.makedirs(cls.folder)
        cls.make_files()
        made = subprocess.run(
            [sys.argv[1], cls.folder, cls.to_windows(cls.keys), PASSWORD,
             *(os.path.join(cls.top, name) for name in ('a.pem', 'a.pfx', 'a.xml', 'b.xml'))],
            check=True, stdout=subprocess.PIPE, text=True)
        cls.commands = made.stdout.splitlines()

    @staticmethod
    def to_windows(path):
        return 'Z:' + path.replace('/', '\\')

    @classmethod
    def make_files(cls):
        def openssl(*arguments):
            subprocess.run(['openssl', *arguments], cwd=cls.top, check=True, capture_output=True)
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                '-days', '3650', '-subj', '/CN=Acme', '-keyout', 'a.key', '-out', 'a.pem')
        openssl('pkcs12', '-export', '-inkey', 'a.key', '-in', 'a.pem', '-out', 'a.pfx',
                '-passout', 'pass:' + PASSWORD)
        for name, text in [('a.xml', WIFI), ('b.xml', '<AppLockerPolicy Version="1"/>')]:
            with open(os.path.join(cls.top, name), 'w', encoding='utf-8') as file:
                file.write(text)

    @classmethod
    def wine(cls, *arguments, typed=''):
        return subprocess.run([WINE, *arguments], cwd=cls.programs, env=cls.env, input=typed,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              errors='replace', timeout=500, check=False)

    @classmethod
    def wine_end(cls):
        server = next((path for path in ('/usr/lib/wine/wineserver64', '/usr/lib/wine/wineserver',
                                         '/usr/bin/wineserver') if os.path.exists(path)), None)
        if server:
            subprocess.run([server, '-k', '-w'], env=cls.env, check=False, timeout=100)

    def run_script(self, command, fail=False, typed=''):
        """Runs it as the answer file says; returns how Windows' programs were called."""
        if os.path.exists(self.record):
            os.unlink(self.record)
        if fail:
            with open(os.path.join(self.programs, 'fail'), 'w', encoding='utf-8'):
                pass
        self.output = self.wine('cmd', '/c', command, typed=typed).stdout
        with open(self.record, encoding='utf-16-le') as file:
            return [line.strip() for line in file.read().splitlines()]

    def test_system(self):
        """Certificates, networks and policies, in this order, whatever fails; no secrets stay."""
        here = 'C:\\windows\\Setup\\Valise\\'
        kept = os.path.join(self.top, 'kept')
        shutil.copytree(self.folder, kept)
        for fail in (False, True):
            shutil.copytree(kept, self.folder, dirs_exist_ok=True)
            calls = self.run_script(self.commands[0], fail)
            self.assertEqual(calls, [
                f'certutil.exe -f -addstore Root "{here}root-1.cer"',
                f'certutil.exe -f -p "{PASSWORD}" -importpfx My "{here}client-1.pfx" NoRoot',
                f'netsh.exe wlan add profile filename="{here}wifi-1.xml" user=all',
                'powershell.exe -NoProfile -ExecutionPolicy Bypass -Command '
                f'"Set-AppLockerPolicy -XmlPolicy \'{here}applocker.xml\'"'])
            left = os.listdir(self.folder)
            self.assertIn('setup.log', left)
            self.assertNotIn('client-1.pfx', left)
            self.assertNotIn('wifi-1.xml', left)

    def test_encrypt(self):
        """A password first, then the recovery key, which is saved, and only then the drive."""
        add = 'manage-bde.exe -protectors -add C: -password'
        rest = ['manage-bde.exe -protectors -add C: -recoverypassword',
                'manage-bde.exe -protectors -get C: -type recoverypassword',
                'manage-bde.exe -on C: -usedspaceonly -skiphardwaretest']
        self.assertEqual(self.run_script(self.commands[1]), [add, *rest])
        self.assertIn('Choose the password', self.output)
        names = os.listdir(self.keys)
        self.assertRegex(' '.join(names), '^[^ ]+-recovery-key.txt$')
        with open(os.path.join(self.keys, names[0]), encoding='utf-8') as file:
            self.assertEqual(file.read().strip(), 'said by the stand-in')
        # A password that Windows refuses is asked for again.
        self.assertEqual(self.run_script(self.commands[1], fail=True, typed='\r\n' * 4),
                         [add, add, *rest])
        self.assertIn('did not work', self.output)


if __name__ == '__main__':
    if WINE is None:
        print('skipped: there is no Wine here (Debian: wine64)')
        sys.exit(SKIPPED)
    if shutil.disk_usage(tempfile.gettempdir()).free < 2 << 30:
        print('skipped: Wine wants 1 GB for temporary files')
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1], verbosity=2)
