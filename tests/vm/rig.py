#!/usr/bin/env python3
# rig.py: the emulated machine of tests/vm: how it starts, takes commands and USB drives.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The guest is started once for a build and stopped when its services run; each test goes on from
# that snapshot, which takes a second. All of it is software emulation and needs no rights.
#
# usage: rig.py VALISE MAKE-SAMPLE     a prompt in a guest with two USB drives
import base64
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import desktop_files
import guest as guest_files
import qmp

HERE = os.path.dirname(os.path.abspath(__file__))
MIB = 1 << 20
QEMU = 'qemu-system-x86_64'
PORTS = ['agent', 'job1', 'job2']
SAMPLE = '/opt/valise/sample-xpress.wim'
VALISE = '/opt/valise/valise'


class Machine:
    """What a guest is started from: a kernel, two file systems, and the snapshot."""

    def __init__(self, valise, make_sample, work, wizard=None, settings=None):
        """With the wizard, and the folder of its compiled settings, where it is to be shown."""
        guest_files.check_tools([QEMU])
        self.wizard, self.settings = wizard, settings
        self.root = guest_files.get(valise)
        os.makedirs(work, exist_ok=True)
        with open(os.path.join(work, 'lock'), 'w', encoding='ascii') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = hashlib.sha256(self.root.encode())
            for path in (valise, make_sample, __file__, *([wizard] if wizard else [])):
                state.update(guest_files.read(path))
            prefix = 'desktop-' if wizard else 'machine-'
            self.folder = os.path.join(work, prefix + state.hexdigest()[:16])
            if not os.path.isdir(self.folder):
                for old in os.listdir(work):
                    if old.startswith(prefix):
                        shutil.rmtree(os.path.join(work, old))
                self.make(valise, make_sample)

    def make(self, valise, make_sample):
        folder, self.folder = self.folder, self.folder + '.new'
        with tempfile.TemporaryDirectory(prefix='valise-vm-') as files:
            shutil.copy(valise, files)
            subprocess.run([make_sample, '--small', '--format', 'wim-xpress', '--output', files],
                           check=True, stdout=subprocess.DEVNULL)
            if self.wizard:
                self.add_desktop(files)
            os.makedirs(self.folder)
            guest_files.file_system(files, self.path('valise.ext4'), 8)
        with Guest(self, fresh=True) as guest:
            if self.wizard:
                guest.output('mount -t overlay -o lowerdir=/opt/valise/usr:/usr overlay /usr && '
                             'cp -a /opt/valise/fonts /etc/ && '
                             '/opt/valise/valise-wizard --help && '
                             '/usr/bin/python3 -c "import pyatspi"')
            # Its pages are in memory then, whenever it is run.
            status, text = guest.run(f'{VALISE} --version && udevadm settle')
            if status != 0:
                raise RuntimeError(f'the guest does not start rightly: {text}')
            guest.save(self.path('state'))
        os.rename(self.folder, folder)
        self.folder = folder

    def add_desktop(self, files):
        """What shows the wizard, and what drives it."""
        desktop_files.copy(files, self.wizard)
        shutil.copy(self.wizard, files)
        shutil.copy(HERE + '/guest/wizard.py', files)
        os.mkdir(files + '/settings')
        shutil.copy(self.settings + '/gschemas.compiled', files + '/settings')
        os.mkdir(files + '/ui')
        for name in ('wizard.py', 'tree.py', 'desktop.py'):
            shutil.copy(f'{HERE}/../ui/{name}', files + '/ui')

    def path(self, name):
        return os.path.join(self.folder, name)

    def command(self, sockets):
        command = [
            QEMU, '-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2',
            '-m', '2G' if self.wizard else '1G', '-nodefaults', '-no-user-config',
            '-display', 'none', '-no-reboot',
            '-kernel', self.root + '/kernel', '-initrd', self.root + '/initrd',
            '-append', 'console=ttyS0 quiet loglevel=4 tsc=reliable no_timer_check nokaslr '
                       'mitigations=off random.trust_cpu=on',
            '-serial', f'file:{sockets}/console', '-qmp', f'unix:{sockets}/qmp,server=on,wait=off',
            '-device', 'virtio-rng-pci', '-device', 'qemu-xhci,id=usb,p2=8,p3=8',
            '-device', 'virtio-serial-pci']
        for name, path in [('root', self.root + '/root.ext4'),
                           ('valise', self.path('valise.ext4'))]:
            command += ['-blockdev', json.dumps({
                'driver': 'raw', 'node-name': name, 'read-only': True,
                'file': {'driver': 'file', 'filename': path}}),
                        '-device', f'virtio-blk-pci,drive={name}']
        for port in PORTS:
            command += ['-chardev', f'socket,id={port},path={sockets}/{port},server=on,wait=off',
                        '-device', f'virtserialport,chardev={port},name=valise.{port}']
        return command


class Stick:
    """A USB drive: a sparse file, and what is wrong with it."""

    def __init__(self, path, serial, size=700 * MIB, faults=None, server=None):
        """faults are what qemu's blkdebug calls inject-error; server is the socket of an NBD server
        that is used instead of the file."""
        self.path, self.serial, self.name = path, serial, serial.lower()
        self.link = f'/dev/disk/by-id/usb-QEMU_QEMU_HARDDISK_{serial}-0:0'
        self.faults, self.server = faults, server
        if not os.path.exists(path):
            with open(path, 'wb') as file:
                file.truncate(size)
        self.size = os.path.getsize(path)

    def node(self):
        if self.server:
            node = {'driver': 'nbd', 'server': {'type': 'unix', 'path': self.server}, 'export': ''}
        else:
            node = {'driver': 'file', 'filename': self.path, 'cache': {'no-flush': True}}
        node = {'driver': 'raw', 'file': node}
        if self.faults:
            node = {'driver': 'blkdebug', 'image': node,
                    'inject-error': [{'event': 'none', **fault} for fault in self.faults]}
        return {'driver': 'throttle', 'node-name': self.name,
                'throttle-group': self.name + '-limits', 'file': node}


class Job:
    """A program that runs in the guest while the test goes on."""

    def __init__(self, port, lines):
        self.port, self.lines = port, lines
        self.events, self.text, self.status, self.err = [], '', None, None

    def next(self):
        """The next JSON line of its output; the last one says that it has ended."""
        while True:
            line = self.lines.readline().decode(errors='replace')
            if not line:
                raise RuntimeError('the guest has ended')
            try:
                event = json.loads(line)
            except ValueError:
                self.text += line
                continue
            if event['event'] == 'exit':
                self.status = event['status']
                self.err = base64.b64decode(event['stderr']).decode(errors='replace')
            self.events.append(event)
            return event

    def until(self, wanted):
        """Reads until there is an event that is wanted."""
        while self.status is None:
            event = self.next()
            if wanted(event):
                return event
        raise AssertionError(f'it has ended with {self.status} before: {self}')

    def until_stage(self, stage, done=0):
        """Reads until a drive is in a stage and so many bytes of that are done."""
        return self.until(lambda event: event.get('stage') == stage and event['done'] >= done)

    def wait(self):
        """Reads until it has ended; returns its exit status."""
        while self.status is None:
            self.next()
        return self.status

    def result(self):
        """The last thing that `valise --json` says."""
        self.wait()
        found = [event for event in self.events if event['event'] == 'result']
        if len(found) != 1:
            raise AssertionError(f'{len(found)} results: {self}')
        return found[0]

    def __str__(self):
        stages = list(dict.fromkeys(event.get('stage', event['event']) for event in self.events))
        results = [event for event in self.events if event['event'] == 'result']
        return f'status {self.status}; {stages}; {results}; {self.text}; standard error: {self.err}'


class Guest:
    def __init__(self, machine, fresh=False):
        """Goes on from the snapshot, or starts from the beginning where that is asked for."""
        self.folder = tempfile.mkdtemp(prefix='valise-guest-')
        command = machine.command(self.folder)
        if not fresh:
            command += ['-incoming', 'exec:cat ' + shlex.quote(machine.path('state'))]
        self.log = open(self.folder + '/qemu', 'w+', encoding='utf-8')
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log)
        self.plugged = []
        try:
            self.connect(fresh)
        except BaseException:
            self.end()
            raise

    def connect(self, fresh):
        try:
            self.qmp = qmp.Qmp(self.folder + '/qmp', self.is_alive)
            self.ports = {}
            for port in PORTS:
                one = qmp.connect(f'{self.folder}/{port}', self.is_alive)
                one.settimeout(300)
                self.ports[port] = one, one.makefile('rb')
            if fresh:
                if self.ports['agent'][1].readline() != b'ready\n':
                    raise RuntimeError('the guest does not answer')
            else:
                self.wait_migrated()
                self.qmp('cont')
        except (OSError, RuntimeError, qmp.Failed) as error:
            raise RuntimeError(f'{error}; {self.tell()}') from error

    def tell(self):
        """What qemu and the guest's kernel have said last."""
        text = ''
        for name in ('qemu', 'console'):
            path = f'{self.folder}/{name}'
            if os.path.exists(path):
                text += f'{name}: {guest_files.read(path)[-2000:].decode(errors="replace")}\n'
        return text

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def is_alive(self):
        return self.process.poll() is None

    def end(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder)

    def wait_migrated(self):
        while True:
            status = self.qmp('query-migrate').get('status')
            if status == 'completed':
                return
            if status == 'failed' or not self.is_alive():
                raise RuntimeError('qemu cannot save or load the machine')
            time.sleep(0.02)

    def save(self, path):
        self.qmp('stop')
        self.qmp('migrate-set-parameters', max_bandwidth=1 << 40)
        self.qmp('migrate', uri='exec:cat > ' + shlex.quote(path))
        self.wait_migrated()

    # ---- programs ----

    def run(self, command):
        """Runs a shell command in the guest; returns its exit status and output."""
        connection, lines = self.ports['agent']
        connection.sendall(base64.b64encode(command.encode()) + b'\n')
        answer = lines.readline().decode()
        if not answer:
            raise RuntimeError(f'the guest has ended; {self.tell()}')
        status, _, text = answer.strip().partition(' ')
        return int(status), base64.b64decode(text).decode(errors='replace')

    def output(self, command):
        """The output of a command that must succeed."""
        status, text = self.run(command)
        if status != 0:
            raise AssertionError(f'in the guest: {command}: {status}: {text}')
        return text

    def wait_for(self, condition, log='/dev/null'):
        """Waits until a shell command succeeds; shows a file if it does not."""
        self.output(f'for i in $(seq 600); do {condition} && exit 0; sleep 0.1; done; '
                    f'cat {log}; exit 1')

    def start(self, command, port='job1'):
        """Starts a shell command whose output is followed."""
        script = (f'{command} 2>/run/{port}.err; printf \'{{"event":"exit","status":%d,'
                  f'"stderr":"%s"}}\\n\' $? "$(base64 -w 0 /run/{port}.err)"')
        self.output(f'setsid sh -c {shlex.quote(script)} >/dev/virtio-ports/valise.{port} '
                    '2>/dev/null </dev/null &')
        return Job(port, self.ports[port][1])

    # ---- drives ----

    def plug(self, *sticks):
        """Plugs drives in; returns when the guest's udev knows them. Returns their names there."""
        for stick in sticks:
            if stick not in self.plugged:
                self.qmp('object-add', qom_type='throttle-group', id=stick.name + '-limits')
                self.qmp('blockdev-add', **stick.node())
                self.plugged.append(stick)
            self.qmp('device_add', driver='usb-storage', id=stick.name + '-usb', bus='usb.0',
                     drive=stick.name, removable=True, serial=stick.serial)
        return [self.find(stick) for stick in sticks]

    def find(self, stick):
        """The name of a drive in the guest, when udev has seen it."""
        # A medium's size comes a moment after the drive.
        return self.output(
            f'for i in $(seq 600); do name=$(readlink -e {stick.link}) && '
            'size=$(cat /sys/class/block/${name#/dev/}/size) && [ "$size" -gt 0 ] && break; '
            'sleep 0.1; done 2>/dev/null; udevadm settle; [ -b "$name" ] && echo "$name"').strip()

    def unplug(self, stick):
        """Pulls a drive out, whatever it does just now; returns when udev has seen that."""
        self.qmp('device_del', id=stick.name + '-usb')
        self.qmp.wait('DEVICE_DELETED', device=stick.name + '-usb')
        self.wait_for(f'[ ! -e {stick.link} ]')

    def forget(self, stick):
        """Lets go of the file behind a drive that was pulled out."""
        self.qmp('blockdev-del', node_name=stick.name)
        self.qmp('object-del', id=stick.name + '-limits')
        self.plugged.remove(stick)

    def limit(self, stick, read=0, write=0):
        """How fast a drive is, in bytes a second; 0 is as fast as it can be."""
        self.qmp('qom-set', path=f'/objects/{stick.name}-limits', property='limits',
                 value={'bps-read': read, 'bps-write': write})


def main():
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    valise, make_sample = map(os.path.abspath, sys.argv[1:3])
    work = os.path.join(os.path.dirname(make_sample), '..', 'vm')
    with tempfile.TemporaryDirectory(prefix='valise-sticks-') as folder, \
            Guest(Machine(valise, make_sample, os.path.abspath(work))) as guest:
        sticks = {name: Stick(f'{folder}/{name}', name) for name in ('A', 'B')}
        print('plugged in:', *guest.plug(*sticks.values()))
        print(f'{VALISE} and {SAMPLE} are there. A line goes to sh; “plug A”, “unplug A” and B do '
              'that; end with Control-D.')
        while True:
            try:
                line = input('guest# ')
            except EOFError:
                return
            word, _, name = line.partition(' ')
            if word in ('plug', 'unplug') and name in sticks:
                getattr(guest, word)(sticks[name])
            else:
                status, text = guest.run(line)
                print(text + (f'\nexit status {status}' if status else ''))


if __name__ == '__main__':
    main()
