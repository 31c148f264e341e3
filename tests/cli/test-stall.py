#!/usr/bin/env python3
# test-stall.py: a batch goes on without a drive that the kernel waits for in vain.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: test-stall.py VALISE MAKE-SAMPLE [Class.test …]
#
# The drive is a file of a file system in user space (VALISE_MODEL_DRIVE names its program), which
# is stopped: what is written to it then stays in the kernel until it goes on. Takes as long as
# drives wait for another one: a minute, and a bit more at the end.
import json
import os
import shutil
import signal
import subprocess
import time

import harness
from drives import MIB, Drives

SIZE = 600 * MIB


class Stall(Drives):
    def setUp(self):
        super().setUp()
        program = os.environ.get('VALISE_MODEL_DRIVE', '')
        if not os.path.exists(program):
            self.skipTest('VALISE_MODEL_DRIVE does not name the modelled drive')
        if not os.path.exists('/dev/fuse') or not shutil.which('fusermount3'):
            self.skipTest('there are no file systems in user space here')
        os.mkdir(self.path('mounted'))
        self.model = subprocess.Popen(
            [program, f'--size={SIZE}', '--write-rate=40MB', self.path('mounted')],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(self.end_model)
        while not os.path.exists(self.path('mounted/drive')):
            if self.model.poll() is not None:
                self.skipTest('the modelled drive cannot be mounted here: '
                              + self.model.stderr.read().decode(errors='replace').strip())
            time.sleep(0.02)

    def end_model(self):
        self.model.send_signal(signal.SIGCONT)
        self.model.terminate()
        self.model.communicate()

    def test_stopped(self):
        """The others are finished, and told, while the kernel still waits."""
        valise = subprocess.Popen(
            [harness.VALISE, 'write', self.sample('sample.wim'), '--image', '1', '--yes', '--json',
             '--to', 'a.img', '--to', 'mounted/drive', '--to', 'b.img', '--size', str(SIZE),
             '--report', 'report.json'],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=self.folder, env=self.env, start_new_session=True)
        stopped, last = False, None
        for line in valise.stdout:
            last = json.loads(line)
            if not stopped and last.get('stage') == 'apply':
                self.model.send_signal(signal.SIGSTOP)
                stopped = True
            if last['event'] == 'result':
                break
        self.assertEqual([target['status'] for target in last['targets']], ['ok', 'failed', 'ok'])
        error = last['targets'][1]['error']
        self.assertEqual((error['domain'], error['code']), ('drive', 'stalled'))
        self.assertIn('“mounted/drive” has stopped answering', error['message'])
        for number, name in ((1, 'a.img'), (3, 'b.img')):
            self.check_good(self.path(name), name + '-parts')
            self.check_run(['verify', name, '--report', f'report-{number}.json'], harness.OK, '')
        with open(self.path('report.json'), encoding='utf-8') as file:
            drives = json.load(file)['drives']
        self.assertEqual([drive['state'] for drive in drives], ['finished', 'failed', 'finished'])
        self.assertEqual(drives[1]['error']['stage'], 'apply')

        # The process can end only when the kernel lets go of its thread.
        self.model.send_signal(signal.SIGCONT)
        valise.communicate(timeout=120)
        self.assertEqual(valise.returncode, harness.SOME_FAILED)
        self.check_blank(self.path('mounted/drive'))


if __name__ == '__main__':
    harness.main()
