"""bench_drive.py: modelled drives, and programs run against them with everything counted.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time


# Seconds after which a program is taken to hang.
PATIENCE = 1800


class RunError(Exception):
    """A program failed; the message is what it said."""

    def __init__(self, command, status, words):
        super().__init__(f'{os.path.basename(command[0])} ended with {status}: {words[-400:]}')
        self.status = status
        self.words = words


def read_status(pid, name):
    """A size in KiB out of /proc/PID/status, in bytes; 0 when the process is gone."""
    try:
        with open(f'/proc/{pid}/status', encoding='ascii', errors='replace') as file:
            for line in file:
                if line.startswith(name + ':'):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def follow(process, words, result):
    """Takes a program's JSON lines; notes when each stage was first seen."""
    for line in process.stdout:
        words.append(line)
        if line.startswith('{'):
            with contextlib.suppress(ValueError):
                stage = json.loads(line).get('stage')
                if stage is not None:
                    result['stages'].setdefault(stage, time.monotonic() - result['start'])


def run(*command, drain=None, check=True):
    """Runs a program until it ends, then calls drain().

    Returns seconds (of both), cpu (seconds of user and system time), peak (bytes resident), and
    stages (seconds from the start until each was first named in a JSON line).
    """
    words = []
    environment = dict(os.environ, LC_ALL='C.UTF-8')
    result = {'start': time.monotonic(), 'stages': {}}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               encoding='utf-8', errors='replace', env=environment)
    reader = threading.Thread(target=follow, args=(process, words, result))
    reader.start()
    seen = 0
    while True:
        # The highest mark so far; what it was at the very end, wait4() says.
        seen = max(seen, read_status(process.pid, 'VmHWM'))
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid != 0:
            break
        if time.monotonic() - result['start'] > PATIENCE:
            process.kill()
        time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    reader.join()
    process.stdout.close()
    if drain is not None:
        drain()
    result['seconds'] = time.monotonic() - result.pop('start')
    result['cpu'] = usage.ru_utime + usage.ru_stime
    # wait4() counts this interpreter before it became the program, and the program's children.
    result['peak'] = max(seen, usage.ru_maxrss * 1024)
    if check and process.returncode != 0:
        raise RunError(command, process.returncode, ''.join(words).strip())
    result['status'] = process.returncode
    result['words'] = ''.join(words)
    return result


class ModelDrive:
    """A modelled flash drive: a context manager; path is the drive, a file."""

    def __init__(self, program, size, folder, *options):
        self.program = program
        self.size = size
        self.folder = folder
        self.options = options
        self.cpu = None

    def __enter__(self):
        self.mount = tempfile.mkdtemp(dir=self.folder, prefix='drive-')
        self.backing = None
        options = list(self.options)
        if available_memory() < self.size // 4:
            self.backing = self.mount + '.data'
            options += ['--backing', self.backing]
        self.process = subprocess.Popen(
            [self.program, '--size', str(self.size), *options, self.mount],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8')
        if self.process.stdout.readline() != 'ready\n':
            words = self.process.stderr.read().strip()
            self.close()
            raise RunError([self.program], self.process.returncode, words)
        self.path = os.path.join(self.mount, 'drive')
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the drive. cpu is then what it cost itself, in seconds."""
        if self.process.returncode is None:
            self.process.terminate()
            # The last counts fit into the pipe, so that nobody need read them.
            _, status, usage = os.wait4(self.process.pid, 0)
            self.process.returncode = os.waitstatus_to_exitcode(status)
            self.cpu = usage.ru_utime + usage.ru_stime
        self.process.stdout.close()
        self.process.stderr.close()
        with contextlib.suppress(OSError):
            os.rmdir(self.mount)
        if self.backing is not None:
            os.unlink(self.backing)

    def stats(self):
        with open(os.path.join(self.mount, 'stats'), encoding='ascii') as file:
            return json.loads(file.read())

    def reset(self):
        with open(os.path.join(self.mount, 'stats'), 'w', encoding='ascii') as file:
            file.write('reset')


def available_memory():
    with open('/proc/meminfo', encoding='ascii') as file:
        for line in file:
            if line.startswith('MemAvailable:'):
                return int(line.split()[1]) * 1024
    return 0


@contextlib.contextmanager
def loop_device(path):
    """A loop device over a file, as root."""
    device = run('losetup', '--find', '--show', path)['words'].strip()
    try:
        yield device
    finally:
        # Detaching is asynchronous, and the drive must not go before it.
        run('losetup', '--detach', device, check=False)
        for _ in range(100):
            if not run('losetup', '--list', '--noheadings', device, check=False)['words'].strip():
                break
            time.sleep(0.05)
