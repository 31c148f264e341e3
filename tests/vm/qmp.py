# qmp.py: speaks QMP, the language that qemu is controlled by.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import socket
import time


class Failed(Exception):
    """What qemu said against a command."""


class Qmp:
    def __init__(self, path, alive):
        """Connects to the socket at path; alive says whether qemu is still there."""
        self.socket = connect(path, alive)
        self.socket.settimeout(120)
        self.lines = self.socket.makefile('rb')
        self.events = []
        self.read()
        self('qmp_capabilities')

    def read(self):
        line = self.lines.readline()
        if not line:
            raise Failed('qemu has ended')
        return json.loads(line)

    def __call__(self, command, **arguments):
        arguments = {name.replace('_', '-'): value for name, value in arguments.items()}
        self.socket.sendall(json.dumps({'execute': command, 'arguments': arguments}).encode()
                            + b'\n')
        while True:
            message = self.read()
            if 'error' in message:
                raise Failed(f'{command}: {message["error"]["desc"]}')
            if 'return' in message:
                return message['return']
            self.events.append(message)

    def wait(self, name, **data):
        """Waits for an event that has this data."""
        while True:
            for event in self.events:
                if event['event'] == name and data.items() <= event.get('data', {}).items():
                    self.events.remove(event)
                    return event
            self.events.append(self.read())


def connect(path, alive):
    """A connection to a socket that qemu makes soon."""
    end = time.monotonic() + 60
    while True:
        one = socket.socket(socket.AF_UNIX)
        try:
            one.connect(path)
            return one
        except OSError:
            one.close()
            if not alive() or time.monotonic() > end:
                raise
            time.sleep(0.02)
