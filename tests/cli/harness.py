# harness.py: what the tests of the command line share: running valise, samples, TAP.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A test file defines unittest cases and ends with harness.main(). Its arguments are the program
# and the generator of samples.
import json
import os
import subprocess
import sys
import tempfile
import unittest

VALISE, MAKE_SAMPLE = '', ''

OK, FAILED, USAGE, REFUSED, SOME_FAILED, CANCELLED = 0, 1, 2, 3, 4, 130


class Result:
    """What one run of valise said."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def events(self):
        return [json.loads(line) for line in self.out.splitlines()]


class Case(unittest.TestCase):
    """A test with a folder of its own, and samples that are made once."""

    samples = None

    @classmethod
    def tearDownClass(cls):
        if Case.samples:
            Case.samples.cleanup()
            Case.samples = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='valise-cli-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        # The udisks2 of this computer has no part in tests.
        self.env = dict(os.environ, LC_ALL='C.UTF-8', XDG_CACHE_HOME=self.path('cache'),
                        PATH=os.environ['PATH'] + ':/usr/sbin:/sbin',
                        DBUS_SYSTEM_BUS_ADDRESS='unix:path=/nonexistent/valise')

    def path(self, name):
        return os.path.join(self.folder, name)

    def sample(self, name):
        """Path of a file of the small sample: sample.wim, sample.esd, boot.wim …"""
        if Case.samples is None:
            made = tempfile.TemporaryDirectory(prefix='valise-sample-')
            formats = [word for kind in ('wim-lzx', 'esd', 'swm', 'boot')
                       for word in ('--format', kind)]
            subprocess.run([MAKE_SAMPLE, '--small', '--output', made.name, *formats],
                           check=True, stdout=subprocess.DEVNULL)
            Case.samples = made
        return os.path.join(Case.samples.name, name)

    def run_valise(self, *arguments, **options):
        """Runs valise without a terminal, and not in a session that has one."""
        options = {'stdin': subprocess.DEVNULL, 'start_new_session': True, 'timeout': 120,
                   'env': self.env, 'cwd': self.folder, **options}
        done = subprocess.run([VALISE, *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, **options)
        return Result(done.returncode, done.stdout.decode(errors='replace'),
                      done.stderr.decode(errors='replace'))

    def check_run(self, arguments, status, words, **options):
        """Runs valise and checks its exit status and that standard error has all the words."""
        result = self.run_valise(*arguments, **options)
        self.assertEqual(result.status, status, result.err)
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word, result.err)
        return result

    def tool(self, *command):
        """What another program says; it must succeed."""
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False, env=self.env)
        text = done.stdout.decode(errors='replace')
        self.assertEqual(done.returncode, 0, f'{command}: {text}')
        return text


class Tap(unittest.TestResult):
    """Says how each test ended as TAP does."""

    def __init__(self, stream=None, descriptions=None, verbosity=None):
        super().__init__(stream, descriptions, verbosity)
        self.count = 0
        self.bad = set()

    def say(self, line, mark=''):
        self.count += 1
        print(f'{line} {self.count} {mark}', flush=True)

    def say_bad(self, test):
        """Once a test, however many of its cases fail."""
        if test.id() not in self.bad:
            self.bad.add(test.id())
            self.say('not ok', test.id())

    def explain(self, test, error):
        for line in self._exc_info_to_string(error, test).splitlines():
            print('# ' + line)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.say('ok', test.id())

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say('ok', f'{test.id()} # SKIP {reason}')

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.explain(test, err)
        self.say_bad(test)

    def addError(self, test, err):
        super().addError(test, err)
        self.explain(test, err)
        self.say_bad(test)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            print(f'# in {subtest}')
            self.explain(test, err)
            self.say_bad(test)


def main():
    global VALISE, MAKE_SAMPLE
    VALISE, MAKE_SAMPLE = map(os.path.abspath, sys.argv[1:3])
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    if len(sys.argv) > 3:
        suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[3:],
                                                              sys.modules['__main__'])
    result = Tap()
    suite.run(result)
    print(f'1..{result.count}')
    sys.exit(0 if result.wasSuccessful() and result.count else 1)
