# desktop_files.py: what the guest needs to show a window to a test: a layer over its /usr.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The guest is the Debian of this machine, so the files are this machine's own: an X server that
# nobody sees, Python with AT-SPI, the libraries of all of these, fonts and icons. No package is
# fetched or installed for it, and it takes seconds.
import glob
import os
import re
import shutil
import subprocess
import sysconfig

import guest as guest_files

LIBRARIES = '/usr/lib/' + (sysconfig.get_config_var('MULTIARCH') or 'x86_64-linux-gnu')
PYTHON = '/usr/bin/python3'
PROGRAMS = ['Xvfb', 'xkbcomp', 'dbus-run-session', 'dbus-daemon', PYTHON,
            '/usr/libexec/at-spi-bus-launcher', '/usr/libexec/at-spi2-registryd']

# Loaded by those that look for them while they run.
LOADED = ['libatspi.so.0', 'libgobject-2.0.so.0', 'libgio-2.0.so.0', 'libgirepository-1.0.so.1',
          'libdbus-1.so.3']
TYPELIBS = ['Atspi-2.0', 'DBus-1.0', 'GLib-2.0', 'GObject-2.0', 'Gio-2.0']
FOLDERS = ['/usr/lib/python3/dist-packages/gi', '/usr/lib/python3/dist-packages/pyatspi',
           '/usr/share/X11/xkb', '/usr/share/glib-2.0/schemas',
           '/usr/share/dbus-1/accessibility-services', '/usr/share/defaults/at-spi2',
           '/usr/share/fontconfig', '/usr/share/fonts/truetype/dejavu', '/usr/share/icons/hicolor',
           '/usr/share/icons/Adwaita/symbolic', '/usr/share/mime',
           LIBRARIES + '/gdk-pixbuf-2.0']
FILES = ['/usr/share/dbus-1/services/org.a11y.Bus.service', '/usr/share/dbus-1/session.conf',
         '/usr/share/icons/Adwaita/index.theme']


def needed_by(path):
    """The libraries that a program or library is linked with."""
    done = subprocess.run(['ldd', path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, check=False)
    return re.findall(r'=> (/\S+)', done.stdout)


def missing():
    """What of it this machine does not have, or None."""
    for name in PROGRAMS:
        if not shutil.which(name):
            return f'“{name}” is not installed'
    for path in FOLDERS[:2]:
        if not os.path.isdir(path):
            return f'“{path}” is not there'
    return None


def copy(folder, wizard):
    """Puts the layer into a folder: usr, which goes over /usr, and fonts, for /etc/fonts."""
    lack = missing()
    if lack:
        raise guest_files.Missing(lack)

    def add(path, real=None):
        # /lib is a link to /usr/lib.
        to = folder + (path if path.startswith('/usr/') else '/usr' + path)
        if not os.path.exists(to):
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copy(real or path, to)

    version = subprocess.run([PYTHON, '-c', 'import sys; print("%d.%d" % sys.version_info[:2])'],
                             stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    programs = [shutil.which(name) for name in PROGRAMS]
    for path in programs:
        add(path)
    for path in FILES + [f'{LIBRARIES}/girepository-1.0/{name}.typelib' for name in TYPELIBS]:
        if os.path.exists(path):
            add(path)
    for path in FOLDERS + [f'/usr/lib/python{version}']:
        if os.path.isdir(path):
            shutil.copytree(path, folder + path, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns('test', 'idlelib', 'tkinter', 'config-*'))
    shutil.copytree('/etc/fonts', folder + '/fonts')
    linked = [wizard, *programs, *(f'{LIBRARIES}/{name}' for name in LOADED),
              *glob.glob(folder + '/usr/lib/python3/dist-packages/gi/*.so'),
              *glob.glob(f'{folder}/usr/lib/python{version}/lib-dynload/*.so'),
              *glob.glob(folder + LIBRARIES + '/gdk-pixbuf-2.0/*/loaders/*.so')]
    for name in LOADED:
        add(f'{LIBRARIES}/{name}')
    for path in linked:
        for library in needed_by(path):
            add(library)
