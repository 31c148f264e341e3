#!/usr/bin/env python3
# check.py: builds the Flatpak of this checkout without Flathub, installs it, and tries it.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: flatpak/check.py [--build FOLDER] [--folder FOLDER]
#
#   --build FOLDER    where Valise was built, for the sample Windows (_build)
#   --folder FOLDER   where everything is made, and kept for the next time (a new one below
#                     /var/tmp, which is removed)
#
# The runtime is made of Debian's packages, see runtime.py; the manifest's modules are built from
# the archives that it names, see sources.py; the program runs as an ordinary user on a bus of its
# own with real udisksd and polkitd, see world.py. Wants root. The last line is the sum; exit
# status: 0 if nothing failed, 77 if it could not begin.
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import runtime
import sources
import world

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
NAME = 'io.github.valise.Valise'
MANIFEST = os.path.join(HERE, NAME + '.yml')
TOOLS = ['flatpak', 'flatpak-builder', 'ostree', 'bwrap', 'xdg-dbus-proxy', 'mmdebstrap',
         'eu-strip', 'dbus-daemon', 'busctl', 'losetup', 'setpriv', 'sgdisk', 'fsck.fat', 'ntfsfix',
         'Xvfb']
SIZE = 2 << 30
# Of the build: what makes samples, and what stands for udisks2 where a drive is to be chosen.
MAKE_SAMPLE = 'tests/sample/valise-make-sample'
FAKE_UDISKS = 'tests/devices/valise-fake-udisks'
PORTALS = ['xdg-desktop-portal', 'xdg-document-portal', 'xdg-desktop-portal-gtk']


class Skip(Exception):
    """Why a case cannot be tried here."""


class Results:
    """Tries cases one after the other, and counts them."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.started = time.monotonic()

    def case(self, name, function, *words):
        """Returns what @function does; None where it failed or could not be tried."""
        before = time.monotonic()
        value = None
        try:
            value = function(*words)
            word, why = 'passed', ''
            self.passed += 1
        except Skip as reason:
            word, why = 'skipped', f': {reason}'
            self.skipped += 1
        except (AssertionError, OSError, RuntimeError, subprocess.SubprocessError) as error:
            word, why = 'FAILED', f':\n{error}'
            self.failed += 1
        print(f'{word} {time.monotonic() - before:5.0f} s  {name}{why}', flush=True)
        return value

    def end(self):
        print(f'all, in {time.monotonic() - self.started:.0f} s')
        print(f'{self.passed} passed, {self.failed} failed, {self.skipped} skipped')
        return 1 if self.failed else 0


def expect(condition, words):
    if not condition:
        raise AssertionError(words)


def cannot():
    """What is missing, or None."""
    if os.getuid() != 0:
        return 'this wants root, to make a runtime, a drive and a bus of its own'
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    missing = [name for name in TOOLS if not shutil.which(name)]
    missing += [name for name, paths in (('polkitd', world.POLKITD), ('udisksd', world.UDISKSD))
                if not world.find(paths)]
    if missing:
        return f'not installed: {", ".join(missing)}'
    done = subprocess.run(
        ['setpriv', f'--reuid={world.USER}', '--clear-groups', 'bwrap', '--unshare-all',
         '--ro-bind', '/', '/', 'true'], check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, cwd='/', universal_newlines=True)
    if done.returncode:
        return f'an ordinary user cannot make a sandbox here: {done.stdout.strip()}'
    return None


class Flatpak:
    """What is made, in the order in which it is."""

    def __init__(self, folder, build):
        self.folder = folder
        self.build = build
        self.installation = self.path('installation')
        self.manifest = json.loads(subprocess.run(
            ['flatpak-builder', '--show-manifest', MANIFEST], check=True,
            stdout=subprocess.PIPE, cwd=folder).stdout)
        self.replaced = []
        self.world = None
        # The caller's environment would come into the sandbox.
        self.env = {'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'HOME': self.path('home'),
                    'XDG_RUNTIME_DIR': self.path('run'), 'FLATPAK_USER_DIR': self.installation}

    def path(self, name):
        return os.path.join(self.folder, name)

    def call(self, *command, env=None):
        done = subprocess.run(command, env=env or self.env, check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, universal_newlines=True)
        if done.returncode:
            lines = '\n'.join(done.stdout.splitlines()[-40:])
            raise RuntimeError(f'{" ".join(command[:2])} … ended with {done.returncode}:\n{lines}')
        return done.stdout

    # ---- building ----

    def get_sources(self):
        """Turns the manifest's addresses into files; notes which cannot be had."""
        debian = sources.Sources(self.path('sources'))
        os.makedirs(debian.folder, exist_ok=True)
        debian.update()
        *modules, own = self.manifest['modules']
        kept = []
        for module in modules:
            found = debian.find(module)
            if found:
                module['sources'] = [found]
                kept.append(module)
            else:
                self.replaced.append(module['name'])
        shutil.rmtree(self.path('checkout'), ignore_errors=True)
        shutil.copytree(TOP, self.path('checkout'), symlinks=True,
                        ignore=shutil.ignore_patterns('_build*', 'build*', '.git', '__pycache__'))
        own['sources'] = [{'type': 'dir', 'path': self.path('checkout')}]
        self.manifest['modules'] = kept + [own]

    def check_sources(self):
        if self.replaced:
            raise Skip(f'{", ".join(self.replaced)}: the mirror has not the archive, so that '
                       'Debian’s package stands for the module')

    def make_runtime(self):
        more = [word for name in self.replaced for word in runtime.REPLACEMENTS[name]]
        version = self.manifest['runtime-version']
        repo = self.path('runtime-repo')
        mark = self.path('runtime-made-of')
        words = ' '.join([version, *runtime.PLATFORM, *runtime.SDK, *more])
        if not os.path.exists(mark) or open(mark, encoding='utf-8').read() != words:
            for name in ('root', 'sdk', 'platform', 'runtime-repo', 'installation', 'state'):
                shutil.rmtree(self.path(name), ignore_errors=True)
            runtime.make(self.folder, version, more)
            self.call('flatpak', '--user', 'remote-add', '--no-gpg-verify', 'runtime',
                      'file://' + repo)
            self.call('flatpak', '--user', 'install', '-y', '--noninteractive', 'runtime',
                      f'org.gnome.Platform//{version}', f'org.gnome.Sdk//{version}')
            with open(mark, 'w', encoding='utf-8') as file:
                file.write(words)

    def build_modules(self):
        path = self.path(NAME + '.json')
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(self.manifest, file, indent=2)
        self.call('flatpak-builder', '--user', '--install', '--force-clean', '--disable-download',
                  '--disable-updates', '--disable-rofiles-fuse', '--delete-build-dirs',
                  '--repo', self.path('repo'), '--state-dir', self.path('state'),
                  self.path('application'), path)
        # What is installed must be readable for the user who runs it.
        for folder in (self.folder, self.installation):
            os.chmod(folder, 0o755)

    # ---- trying ----

    def run(self, *words, program='valise', env=None, limit=600):
        """Runs something in the sandbox; returns (status, what it said)."""
        env = {**self.world.environment(self.installation), **(env or {})}
        return self.world.run(['flatpak', 'run', f'--command={program}', NAME, *words], env, limit)

    def must_run(self, *words, **options):
        status, said = self.run(*words, **options)
        expect(status == 0, f'{" ".join(words)} ended with {status}:\n{said}')
        return said

    def check_permissions(self):
        """What the sandbox was given is what the manifest says, and not more."""
        said = self.call('flatpak', '--user', 'info', '--show-permissions', NAME)
        lines = sorted(line for line in said.splitlines() if '=' in line)
        # Older ones write x11, too, for those that do not know what only falls back on it.
        expect(lines in [['devices=dri;', 'org.freedesktop.UDisks2=talk', 'shared=ipc;', sockets]
                         for sockets in ('sockets=wayland;fallback-x11;',
                                         'sockets=x11;wayland;fallback-x11;')], said)

    def check_start(self):
        version = re.search(r"version: '([^']+)'", open(os.path.join(TOP, 'meson.build'),
                                                       encoding='utf-8').read()).group(1)
        expect(version in self.must_run('--version'), 'another version')

    def check_reach(self):
        """Files, device nodes and other services are out of reach."""
        with open(self.world.path('secret'), 'w', encoding='utf-8') as file:
            file.write('secret\n')
        for path in (self.world.path('secret'), self.world.path('bus'), '/etc/shadow', '/dev/vda',
                     '/dev/sda', self.world.drive or '/dev/loop0', '/home', '/root', '/mnt',
                     '/run/media', '/media', '/run/udisks2'):
            status, said = self.run('-c', 'ls -A "$1" && test -s "$1"', 'sh', path, program='sh')
            expect(status != 0, f'{path} is there: {said}')
        calls = [('org.freedesktop.UDisks2', '/org/freedesktop/UDisks2/Manager', 0),
                 ('org.freedesktop.PolicyKit1', '/org/freedesktop/PolicyKit1/Authority', 1)]
        for service, path, wrong in calls:
            status, said = self.run('call', '--system', '--dest', service, '--object-path', path,
                                    '--method', 'org.freedesktop.DBus.Peer.Ping', program='gdbus')
            expect(status == wrong, f'{service}: {status}: {said}')
        said = self.must_run('call', '--system', '--dest', 'org.freedesktop.DBus',
                             '--object-path', '/org/freedesktop/DBus', '--method',
                             'org.freedesktop.DBus.ListNames', program='gdbus')
        names = re.findall(r"'([a-zA-Z][^']*)'", said)
        expect(sorted(names) == ['org.freedesktop.DBus', 'org.freedesktop.UDisks2'], said)

    def check_drives(self):
        """The drives that udisks2 has are listed, and that of the system is refused."""
        text = self.world.on_bus('tree', '--list', 'org.freedesktop.UDisks2')
        blocks = re.findall(r'(?m)^/org/freedesktop/UDisks2/block_devices/(\w+)$', text)
        drives = json.loads(self.must_run('drives', '--all', '--json'))
        listed = [os.path.basename(drive['device']) for drive in drives['drives']]
        expected = []
        for block in blocks:
            path = '/org/freedesktop/UDisks2/block_devices/' + block
            drive = self.world.on_bus('get-property', 'org.freedesktop.UDisks2', path,
                                      'org.freedesktop.UDisks2.Block', 'Drive')
            part = self.world.on_bus('get-property', 'org.freedesktop.UDisks2', path,
                                     'org.freedesktop.UDisks2.Partition', 'Number')
            if drive and drive.strip() != 'o "/"' and not part:
                expected.append(block)
        if not expected:
            raise Skip('udisks2 knows no drive on this machine')
        expect(sorted(listed) == sorted(expected), f'{listed} instead of {expected}')
        root = os.path.basename(self.call('findmnt', '-n', '-o', 'SOURCE', '/').strip())
        for drive in drives['drives']:
            # The sandbox itself does not see what is mounted there.
            if root.startswith(os.path.basename(drive['device'])):
                expect('running system' in json.dumps(drive), f'not refused: {drive}')

    def write(self, *words):
        image = self.world.give(self.sample(), NAME + '/data/sample.wim')
        report = os.path.join(os.path.dirname(image), 'report.json')
        said = self.must_run('write', image, '--image', '1', '--yes', '--report', report, *words)
        self.must_run('verify', words[1], '--report', report)
        return said

    def sample(self):
        folder = self.path('sample')
        if not os.path.exists(folder):
            self.call(os.path.join(self.build, MAKE_SAMPLE), '--small', '--format', 'wim-lzx',
                      '--output', folder)
        return os.path.join(folder, 'sample.wim')

    def check_tools(self):
        """A file that serves as a drive, in the program's own folder: all helpers are found."""
        folder = os.path.join(self.world.path('user/home'), '.var/app', NAME, 'data')
        for name, layout in (('gpt.img', 'gpt'), ('mbr.img', 'mbr')):
            self.write('--to', os.path.join(folder, name), '--size', '1G', '--layout', layout)
            os.remove(os.path.join(folder, name))

    def check_drive(self):
        """A drive is opened by udisks2, written and verified by the descriptor that came."""
        if not self.world.drive:
            raise Skip('no loop device can be made here')
        self.write('--to', self.world.drive)
        image = self.world.path('drive.img')
        expect('No problems found' in self.call('sgdisk', '-v', image), 'the table is not right')
        table = re.findall(r'(?m)^ +\d+ +(\d+) +(\d+) ', self.call('sgdisk', '-p', image))
        expect(len(table) == 3, f'{len(table)} partitions')
        for (first, last), checker in zip(table, (['fsck.fat', '-n'], None, ['ntfsfix', '-n'])):
            if checker:
                part = self.world.path('part')
                self.call('dd', f'if={image}', f'of={part}', 'bs=512', 'conv=sparse',
                          f'skip={first}', f'count={int(last) - int(first) + 1}',
                          'status=none')
                self.call(*checker, part)

    def operate(self, script, *words, bus='real', **options):
        """Runs one of the scripts here that operate the wizard's window; keeps a picture of it."""
        try:
            self.call('/usr/bin/python3', '-c', 'import pyatspi')
        except RuntimeError as error:
            raise Skip('python3-pyatspi is not installed') from error
        scripts = self.path('scripts')
        shutil.rmtree(scripts, ignore_errors=True)
        os.makedirs(scripts)
        for name in ('tests/ui/desktop.py', 'tests/ui/tree.py', 'tests/ui/wizard.py',
                     'flatpak/window.py', 'flatpak/portals.py'):
            shutil.copy(os.path.join(TOP, name), scripts)
        shutil.copy(os.path.join(self.build, FAKE_UDISKS), scripts)
        env = dict(self.world.environment(self.installation), VALISE_TEST_SYSTEM_BUS=bus,
                   PYTHONDONTWRITEBYTECODE='1', **options)
        picture = os.path.join(self.world.path('user/home'), 'window.png')
        status, said = self.world.run(['/usr/bin/python3', os.path.join(scripts, script), NAME,
                                       words[0], picture, *words[1:]], env, login=True)
        if os.path.exists(picture):
            shutil.move(picture, self.path('-'.join([script[:-3], *words[1:2]]) + '.png'))
        expect(status == 0, said)

    def check_window(self):
        self.operate('window.py', self.world.give(self.sample(), NAME + '/data/sample.wim'))

    def use_portals(self, case, *words, **options):
        missing = [name for name in PORTALS if not os.path.exists(f'/usr/libexec/{name}')]
        if missing:
            raise Skip(f'not installed: {", ".join(missing)}')
        if not os.path.exists('/dev/fuse') or not shutil.which('fusermount3'):
            raise Skip('there are no file systems in user space here')
        files = self.world.path('files')
        if not os.path.exists(files):
            os.mkdir(files)
            shutil.copy(self.sample(), files)
            self.call(os.path.join(self.build, MAKE_SAMPLE), '--small', '--format', 'swm',
                      '--output', os.path.join(files, 'parts'))
        self.operate('portals.py', files, case, *words, VALISE_TEST_PORTALS='real', **options)

    def check_forwarded(self):
        """A desktop hands over what it opens, several files in one go."""
        path = os.path.join(self.installation, 'exports/share/applications', NAME + '.desktop')
        with open(path, encoding='utf-8') as file:
            line = re.search('(?m)^Exec=(.*)$', file.read()).group(1)
        expect(re.search(f' --file-forwarding {re.escape(NAME)} @@ %F @@$', line), line)
        self.use_portals('forward')

    def check_told(self):
        """With a bus of its own, where the fake of udisks2 has a drive."""
        self.use_portals('tell', self.path('scripts/' + os.path.basename(FAKE_UDISKS)), bus='own')

    def check_wayland(self):
        missing = [name for name in ('weston', 'dbus-run-session') if not shutil.which(name)]
        if missing:
            raise Skip(f'not installed: {", ".join(missing)}')
        script = self.world.path('wayland.py')
        shutil.copy(os.path.join(HERE, 'wayland.py'), script)
        # As a desktop has it, the window's name for the compositor comes by the session's bus.
        status, said = self.world.run(
            ['dbus-run-session', '--', '/usr/bin/python3', script, NAME],
            self.world.environment(self.installation))
        expect(status == 0, said)


def try_it(results, flatpak):
    with tempfile.TemporaryDirectory(prefix='world-', dir=flatpak.folder) as folder:
        os.chmod(folder, 0o755)
        with world.World(folder, SIZE) as flatpak.world:
            results.case('has only the permissions of the manifest', flatpak.check_permissions)
            results.case('starts', flatpak.check_start)
            results.case('files, nodes and other services are out of reach', flatpak.check_reach)
            results.case('finds its helpers: files are written as drives, GPT and MBR',
                         flatpak.check_tools)
            results.case('lists the drives through the proxy', flatpak.check_drives)
            results.case('a drive is opened through the proxy, written and verified',
                         flatpak.check_drive)
            results.case('the window opens and shows an image', flatpak.check_window)
            results.case('the portal of files: an image, and all parts of a split one, are chosen',
                         flatpak.use_portals, 'choose')
            results.case('the portal of documents: a desktop opens a split image',
                         flatpak.check_forwarded)
            results.case('the portals of saving, inhibition and notification, until a drive fails',
                         flatpak.check_told)
            results.case('the window opens in a Wayland session', flatpak.check_wayland)


def main():
    parser = argparse.ArgumentParser(usage='check.py [--build FOLDER] [--folder FOLDER]')
    parser.add_argument('--build', default=os.path.join(TOP, '_build'))
    parser.add_argument('--folder')
    options = parser.parse_args()
    reason = cannot()
    if reason:
        print(f'The Flatpak was not checked: {reason}.')
        return 77
    folder = options.folder or tempfile.mkdtemp(prefix='valise-flatpak-', dir='/var/tmp')
    folder = os.path.abspath(folder)
    for name in ('home', 'run'):
        os.makedirs(os.path.join(folder, name), mode=0o700, exist_ok=True)
    os.chmod(folder, 0o755)
    results = Results()
    flatpak = Flatpak(folder, os.path.abspath(options.build))
    try:
        for name, step in (('archives of the modules', flatpak.get_sources),
                           ('runtime of Debian’s packages', flatpak.make_runtime),
                           ('modules and Valise, built and installed', flatpak.build_modules)):
            results.case(name, step)
            if results.failed:
                return results.end()
        results.case('every module is built from its archive', flatpak.check_sources)
        try_it(results, flatpak)
        return results.end()
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
