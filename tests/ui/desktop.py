# desktop.py: a screen, two buses and an accessibility tree for one test of the wizard.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# enter() runs the test script once more inside of all that. Nothing here touches the desktop or the
# system bus of whoever runs the tests.
import ctypes
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import zlib

NEEDED = ['Xvfb', 'dbus-daemon', 'dbus-run-session']
MARK = 'VALISE_TEST_DESKTOP'


def skip(reason):
    print(f'1..0 # SKIP {reason}')
    sys.exit(77)


def missing():
    """What the tests need and this machine lacks, or None."""
    for program in NEEDED:
        if not shutil.which(program):
            return f'{program} is not installed'
    try:
        import pyatspi  # pylint: disable=unused-import
    except ImportError:
        return 'python3-pyatspi is not installed'
    return None


def start_display(folder, size):
    """Starts an X server that nobody sees; returns (process, its display)."""
    reader, writer = os.pipe()
    # A number of our own: servers that look for a free one take each other's, when many begin and
    # end at the same time. And no reset: whenever its last client had gone, the server would begin
    # anew, and nobody could reach it meanwhile.
    display = f':{10000 + os.getpid() % 40000}'
    server = subprocess.Popen(
        ['Xvfb', display, '-displayfd', str(writer), '-screen', '0', f'{size}x24', '-fbdir', folder,
         '-nolisten', 'tcp', '-dpi', '96', '-nocursor', '-noreset'],
        pass_fds=[writer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as file:
        number = file.readline().strip()
    if not number:
        raise RuntimeError('Xvfb does not start')
    return server, ':' + number


def start_bus(folder):
    """Starts a bus that stands for the system's; returns (process, its address)."""
    address = 'unix:path=' + os.path.join(folder, 'system-bus')
    config = os.path.join(folder, 'system-bus.conf')
    with open(config, 'w', encoding='utf-8') as file:
        file.write('<!DOCTYPE busconfig PUBLIC '
                   '"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"'
                   ' "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">\n'
                   f'<busconfig><type>custom</type><listen>{address}</listen>'
                   '<auth>EXTERNAL</auth><policy context="default">'
                   '<allow send_destination="*" eavesdrop="true"/>'
                   '<allow eavesdrop="true"/><allow own="*"/>'
                   '</policy></busconfig>\n')
    bus = subprocess.Popen(['dbus-daemon', '--nofork', '--print-address=1',
                            f'--config-file={config}'], stdout=subprocess.PIPE)
    bus.stdout.readline()
    return bus, address


def hide_portals(data):
    """Has a bus not start the portals that this machine may have: what the toolkit asks of them
    would be another on each machine. @data comes before the machine's own services."""
    folder = os.path.join(data, 'dbus-1/services')
    os.makedirs(folder)
    for name in ('Desktop', 'Documents'):
        service = f'org.freedesktop.portal.{name}'
        with open(os.path.join(folder, service + '.service'), 'w', encoding='utf-8') as file:
            file.write(f'[D-BUS Service]\nName={service}\nExec=/bin/false\n')


def enter():
    """Returns inside of the desktop; outside of it, runs the script there and exits as it does."""
    size = os.environ.get('VALISE_TEST_SIZE', '800x900')
    if MARK in os.environ:
        return
    reason = missing()
    if reason:
        skip(reason)
    folder = tempfile.mkdtemp(prefix='valise-desktop-')
    started = []
    status = 1
    try:
        server, display = start_display(folder, size)
        started.append(server)
        env = dict(os.environ, DISPLAY=display,
                   GDK_BACKEND='x11', GSK_RENDERER='cairo', GTK_A11Y='atspi', GTK_THEME='',
                   LC_ALL=os.environ.get('VALISE_TEST_LOCALE', 'C.UTF-8'),
                   LANGUAGE=os.environ.get('VALISE_TEST_LANGUAGE', ''),
                   HOME=os.path.join(folder, 'home'), GSETTINGS_BACKEND='memory',
                   XDG_RUNTIME_DIR=os.path.join(folder, 'run'),
                   XDG_CACHE_HOME=os.path.join(folder, 'cache'),
                   XDG_CONFIG_HOME=os.path.join(folder, 'config'),
                   XDG_DATA_HOME=os.path.join(folder, 'data'), GIO_USE_VFS='local')
        env[MARK] = folder
        # In a machine of its own, the system's bus is the test's anyway.
        if os.environ.get('VALISE_TEST_SYSTEM_BUS') != 'real':
            bus, env['DBUS_SYSTEM_BUS_ADDRESS'] = start_bus(folder)
            started.append(bus)
        del env['GTK_THEME']
        for name in ('WAYLAND_DISPLAY', 'DBUS_SESSION_BUS_ADDRESS', 'AT_SPI_BUS_ADDRESS'):
            env.pop(name, None)
        for name in ('home', 'run', 'cache', 'config', 'data'):
            os.mkdir(os.path.join(folder, name), 0o700)
        # The portals name files below this folder, and there the program has them in its sandbox.
        if os.environ.get('VALISE_TEST_PORTALS') == 'real':
            env['XDG_RUNTIME_DIR'] = os.environ['XDG_RUNTIME_DIR']
        else:
            hide_portals(os.path.join(folder, 'data'))
        # GNOME's own font: what is clipped there is clipped for most.
        os.mkdir(os.path.join(folder, 'config', 'gtk-4.0'))
        with open(os.path.join(folder, 'config', 'gtk-4.0', 'settings.ini'), 'w',
                  encoding='utf-8') as file:
            file.write('[Settings]\ngtk-font-name=Cantarell 11\n')
        status = subprocess.run(['dbus-run-session', '--', sys.executable, *sys.argv], env=env,
                                check=False).returncode
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(status)


def folder():
    return os.environ[MARK]


class XAttributes(ctypes.Structure):
    """XWindowAttributes."""
    _fields_ = [('x', ctypes.c_int), ('y', ctypes.c_int), ('width', ctypes.c_int),
                ('height', ctypes.c_int), ('border_width', ctypes.c_int), ('depth', ctypes.c_int),
                ('visual', ctypes.c_void_p), ('root', ctypes.c_ulong), ('kind', ctypes.c_int),
                ('bit_gravity', ctypes.c_int), ('win_gravity', ctypes.c_int),
                ('backing_store', ctypes.c_int), ('backing_planes', ctypes.c_ulong),
                ('backing_pixel', ctypes.c_ulong), ('save_under', ctypes.c_int),
                ('colormap', ctypes.c_ulong), ('map_installed', ctypes.c_int),
                ('map_state', ctypes.c_int), ('all_event_masks', ctypes.c_long),
                ('your_event_mask', ctypes.c_long), ('do_not_propagate_mask', ctypes.c_long),
                ('override_redirect', ctypes.c_int), ('screen', ctypes.c_void_p)]


class Screen:
    """The windows that are shown, from the lowest to the uppermost; menus are none."""

    def __init__(self):
        self.x11 = ctypes.CDLL('libX11.so.6')
        self.x11.XOpenDisplay.restype = ctypes.c_void_p
        self.x11.XDefaultRootWindow.restype = ctypes.c_ulong
        self.display = ctypes.c_void_p(self.x11.XOpenDisplay(None))
        self.root = ctypes.c_ulong(self.x11.XDefaultRootWindow(self.display))

    def __enter__(self):
        # No window goes while it is looked at.
        self.x11.XGrabServer(self.display)
        return self

    def __exit__(self, *exception):
        self.x11.XCloseDisplay(self.display)

    def look(self, window):
        now = XAttributes()
        self.x11.XGetWindowAttributes(self.display, window, ctypes.byref(now))
        return now

    def windows(self):
        parent, found = ctypes.c_ulong(), ctypes.POINTER(ctypes.c_ulong)()
        number = ctypes.c_uint()
        self.x11.XQueryTree(self.display, self.root, ctypes.byref(parent), ctypes.byref(parent),
                            ctypes.byref(found), ctypes.byref(number))
        for i in range(number.value):
            window = ctypes.c_ulong(found[i])
            now = self.look(window)
            if now.map_state == 2 and not now.override_redirect and now.width >= 50:
                yield window, now
        self.x11.XFree(found)


def count_windows():
    with Screen() as screen:
        return len(list(screen.windows()))


def arrange():
    """Does what a window manager would: the first window fills the screen, dialogs are in its
    middle, and not larger than it."""
    with Screen() as screen:
        size = screen.look(screen.root)
        is_first = True
        for window, now in screen.windows():
            width, height = min(now.width, size.width), min(now.height, size.height)
            if is_first:
                width, height = size.width, size.height
            is_first = False
            screen.x11.XMoveResizeWindow(screen.display, window, (size.width - width) // 2,
                                         (size.height - height) // 2, width, height)


def screenshot(path, width=None, height=None):
    """Writes what is on the screen, from its upper left corner, as a PNG file."""
    with open(os.path.join(folder(), 'Xvfb_screen0'), 'rb') as file:
        data = file.read()
    head = struct.unpack('>25I', data[:100])
    screen_width, screen_height, stride = head[4], head[5], head[12]
    width = min(width or screen_width, screen_width)
    height = min(height or screen_height, screen_height)
    start = head[0] + head[19] * 12  # the header, the colour table
    rows = bytearray()
    for y in range(height):
        row = data[start + y * stride:start + y * stride + width * 4]
        rows.append(0)
        pixels = bytearray(width * 3)
        pixels[0::3], pixels[1::3], pixels[2::3] = row[2::4], row[1::4], row[0::4]
        rows += pixels

    def chunk(kind, content):
        return (struct.pack('>I', len(content)) + kind + content
                + struct.pack('>I', zlib.crc32(kind + content)))

    with open(path, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n'
                   + chunk(b'IHDR', struct.pack('>2I5B', width, height, 8, 2, 0, 0, 0))
                   + chunk(b'IDAT', zlib.compress(bytes(rows), 6)) + chunk(b'IEND', b''))
