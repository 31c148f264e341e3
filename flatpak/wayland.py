# wayland.py: opens the installed wizard in a Wayland session, and sees that its window is drawn.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: wayland.py APPLICATION
#
# For check.py, which runs it as an ordinary user. The session is weston's without a screen; there
# is no X server. What the program and the compositor say to each other shows what came of it.
import os
import re
import subprocess
import sys
import tempfile
import time

PATIENCE = 120
SOCKET = 'valise-wayland'
# In this order: the window is that of the desktop file, the compositor has told it its size, it has
# a picture. Versions of libwayland write the numbers of objects differently.
WANTED = re.compile(r'set_app_id\("io\.github\.valise\.Valise"\).*ack_configure\('
                    r'.*\.attach\(wl_buffer[@#]\d+.*\.commit\(', re.DOTALL)


def read(file):
    file.seek(0)
    return file.read()


def wait(condition, what, process, log):
    end = time.monotonic() + PATIENCE
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            sys.exit(f'{what} did not come ({process.poll()}):\n{read(log)[-4000:]}')
        time.sleep(0.1)


def main():
    application = sys.argv[1]
    os.environ.pop('DISPLAY', None)
    os.environ['WAYLAND_DISPLAY'] = SOCKET
    with tempfile.TemporaryFile('w+', errors='replace') as log, \
         tempfile.TemporaryFile('w+', errors='replace') as said:
        with subprocess.Popen(['weston', '--backend=headless-backend.so', '--no-config',
                               '--idle-time=0', f'--socket={SOCKET}'],
                              stdout=log, stderr=log) as weston:
            try:
                socket = os.path.join(os.environ['XDG_RUNTIME_DIR'], SOCKET)
                wait(lambda: os.path.exists(socket), 'weston', weston, log)
                with subprocess.Popen(['flatpak', 'run', '--env=WAYLAND_DEBUG=client',
                                       '--env=GDK_BACKEND=wayland', '--env=GSK_RENDERER=cairo',
                                       application], stdout=said, stderr=said) as window:
                    try:
                        wait(lambda: WANTED.search(read(said)), 'the window', window, said)
                    finally:
                        subprocess.run(['flatpak', 'kill', application], check=False)
                        window.terminate()
            finally:
                weston.terminate()


if __name__ == '__main__':
    main()
