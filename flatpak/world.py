# world.py: a system bus with real udisksd and polkitd, a drive, and an ordinary user.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Nothing here touches the machine's own bus, udisks2 or udev: the daemons have folders of their own
# in a mount namespace, and the drive is a loop device made of a file. Where no udevd runs, udisksd
# is told that udev has looked at what there is, and nothing else.
import os
import pwd
import shutil
import signal
import subprocess
import time

USER = 'nobody'
PATIENCE = 60

BUS = '''<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>custom</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
'''

# What a desktop's user is allowed once the password was right: a loop device, being none that can
# be removed, counts as the system's. The rest stays as udisks2 has it.
RULES = '''polkit.addRule (function (action, subject) {{
  if (/^org.freedesktop.udisks2.open-device(-system)?$/.test (action.id) && subject.user == "{}")
    return polkit.Result.YES;
}});
'''

DAEMONS = '''set -e
mount -t tmpfs tmpfs /etc/polkit-1/rules.d
cp "$1/rules" /etc/polkit-1/rules.d/50-valise.rules
if ! pidof systemd-udevd >/dev/null; then
  mount -t tmpfs tmpfs /run
  mkdir -p /run/udev/data
  for node in /sys/class/block/*/dev; do
    echo I:1 > "/run/udev/data/b$(cat "$node")"
  done
fi
mkdir -p /run/udisks2
mount -t tmpfs tmpfs /run/udisks2
mkdir -p /var/lib/udisks2
mount -t tmpfs tmpfs /var/lib/udisks2
exec "$2" "${@:3}"
'''

# As a login makes it: there, the portals show files, and a program in its sandbox has them.
LOGIN = '''set -e
mkdir -p /run/user
mount -t tmpfs tmpfs /run/user
mkdir -m 700 "$XDG_RUNTIME_DIR"
chown "$0" "$XDG_RUNTIME_DIR"
exec "$@"
'''

POLKITD = ['/usr/lib/polkit-1/polkitd', '/usr/libexec/polkitd', '/usr/libexec/polkit-1/polkitd']
UDISKSD = ['/usr/libexec/udisks2/udisksd', '/usr/lib/udisks2/udisksd']


def find(paths):
    return next((path for path in paths if os.path.exists(path)), None)


def wait(condition, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.1)
    raise RuntimeError(f'{what} did not come')


class World:
    """All of that, in a folder that the user can read; to be used as a context."""

    def __init__(self, folder, size):
        self.folder = folder
        self.size = size
        self.address = 'unix:path=' + self.path('bus')
        self.started = []
        self.drive = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text)

    def start(self, name, *command):
        with open(self.path(name + '.log'), 'wb') as log:
            self.started.append(subprocess.Popen(
                command, stdout=log, stderr=log,
                env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.address, LC_ALL='C.UTF-8')))

    def on_bus(self, *words):
        """Calls a method of udisks2 from outside, as root; returns what busctl says."""
        done = subprocess.run(['busctl', f'--address={self.address}', *words], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True)
        return done.stdout if done.returncode == 0 else None

    def has_name(self, name):
        return self.on_bus('status', name) is not None

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.end()
            raise
        return self

    def begin(self):
        user = pwd.getpwnam(USER)
        for name in ('user', 'user/home', 'user/run'):
            os.makedirs(self.path(name), mode=0o700)
            os.chown(self.path(name), user.pw_uid, user.pw_gid)
        self.write('bus.conf', BUS.format(self.path('bus')))
        self.write('rules', RULES.format(USER))
        self.write('daemons.sh', DAEMONS)
        with open(self.path('drive.img'), 'wb') as file:
            file.truncate(self.size)
        done = subprocess.run(['losetup', '--find', '--show', self.path('drive.img')], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              universal_newlines=True)
        self.drive = done.stdout.strip() if done.returncode == 0 else None
        self.start('bus', 'dbus-daemon', '--nofork', f'--config-file={self.path("bus.conf")}')
        wait(lambda: os.path.exists(self.path('bus')), 'the bus')
        for name, service, command in (
                ('polkitd', 'org.freedesktop.PolicyKit1', [find(POLKITD), '--no-debug']),
                ('udisksd', 'org.freedesktop.UDisks2', [find(UDISKSD)])):
            self.start(name, 'unshare', '--mount', '--propagation', 'private', 'bash',
                       self.path('daemons.sh'), self.folder, *command)
            wait(lambda service=service: self.has_name(service), name)

    def end(self):
        for process in reversed(self.started):
            process.send_signal(signal.SIGTERM)
            process.wait()
        self.started = []
        if self.drive:
            subprocess.run(['losetup', '--detach', self.drive], check=False)
            self.drive = None

    def __exit__(self, *what):
        self.end()

    def environment(self, installation):
        return {'PATH': '/usr/bin:/bin', 'HOME': self.path('user/home'), 'LC_ALL': 'C.UTF-8',
                'XDG_RUNTIME_DIR': self.path('user/run'), 'FLATPAK_USER_DIR': installation,
                'DBUS_SYSTEM_BUS_ADDRESS': self.address}

    def run(self, command, env, limit=600, login=False):
        """Runs a command as the user; returns (status, what it said). With @login, the user's
        folder in /run is where it is on a desktop; for this command only."""
        user = pwd.getpwnam(USER)
        before = []
        if login:
            env = {**env, 'XDG_RUNTIME_DIR': f'/run/user/{user.pw_uid}'}
            before = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', LOGIN, USER]
        done = subprocess.run(
            [*before, 'setpriv', f'--reuid={USER}', f'--regid={user.pw_gid}', '--clear-groups',
             *command], env=env, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd='/', universal_newlines=True, timeout=limit)
        return done.returncode, done.stdout

    def give(self, source, name):
        """Copies a file to where only the program's own sandbox has it; returns its path there."""
        path = os.path.join(self.path('user/home'), '.var/app', name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copyfile(source, path)
        user = pwd.getpwnam(USER)
        for folder, folders, files in os.walk(os.path.join(self.path('user/home'), '.var')):
            for each in [folder] + [os.path.join(folder, word) for word in folders + files]:
                os.chown(each, user.pw_uid, user.pw_gid)
        return path
