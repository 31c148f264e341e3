# guest.py: makes the machine that tests/vm emulates: a small Debian, its kernel, and a first stage.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The guest is the Debian of this machine, from its package sources, because the valise that was
# built here runs in it. Making it takes half a minute or more, so it is kept outside of the
# checkout for a week; nothing depends on that.
#
# usage: guest.py VALISE     make it now, and print where it is
import fcntl
import glob
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = os.path.join(HERE, 'guest')
TOOLS = ['mmdebstrap', 'mke2fs', 'dpkg-deb', 'dpkg-query', 'apt-get', 'ldd', 'chroot']
KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

# Real udisks2, udev and polkit; the programs that valise starts; what the scripts use.
PACKAGES = ['udev', 'dbus', 'polkitd', 'udisks2', 'ntfs-3g', 'dosfstools', 'e2fsprogs', 'mtools',
            'kmod', 'busybox-static', 'procps', 'mount', 'util-linux', 'passwd']

# What the guest can load, with all that these need; the first are for reaching its root.
FIRST_MODULES = ['virtio_pci', 'virtio_blk', 'crc32c_generic', 'ext4', 'overlay']
MODULES = FIRST_MODULES + ['virtio_console', 'xhci_pci', 'usb_storage', 'uas', 'sd_mod', 'sr_mod',
                           'loop', 'fuse', 'vfat', 'exfat', 'udf', 'isofs', 'nls_ascii',
                           'nls_cp437', 'nls_utf8']


WEEK = 7 * 24 * 3600


class Missing(Exception):
    """Why there can be no guest on this machine."""


def run(*command, **options):
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True, **options).stdout


def release():
    """The Debian that this is, such as bookworm."""
    values = {}
    with open('/etc/os-release', encoding='utf-8') as file:
        for line in file:
            name, _, value = line.strip().partition('=')
            values[name] = value.strip('"')
    if values.get('ID') != 'debian' or 'VERSION_CODENAME' not in values:
        raise Missing('the emulated machine is a Debian, and this is none')
    return values['VERSION_CODENAME']


def sources(suite):
    """Lines for apt: the Debian package sources that this machine uses itself."""
    form = '$(CREATED_BY)|$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)'
    lines = []
    for entry in run('apt-get', 'indextargets', '--format', form).splitlines():
        made_by, origin, address, name, component = entry.split('|')
        if made_by == 'Packages' and origin == 'Debian' and name.startswith(suite):
            lines.append(f'deb [signed-by={KEYRING}] {address} {name} {component}')
    if not any(f' {suite} main' in line for line in lines):
        # Its lists were never fetched.
        lines.append(f'deb [signed-by={KEYRING}] http://deb.debian.org/debian {suite} main')
    return sorted(set(lines))


def libraries(program):
    """The packages of the libraries that a program was linked with."""
    paths = re.findall(r'=> (/\S+)', run('ldd', program))
    # A package may know a library by its path from before /lib was a link to /usr/lib.
    names = {path: {path, os.path.realpath(path), path.replace('/usr/', '/', 1), '/usr' + path}
             for path in paths}
    done = subprocess.run(['dpkg-query', '-S', *sorted(set().union(*names.values()))],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    owners = {line.split(': ')[1]: line.split(':')[0] for line in done.stdout.splitlines()}
    for path in paths:
        if not names[path] & owners.keys():
            raise Missing(f'“{path}”, which valise uses here, is from no package')
    return sorted(set(owners.values()))


# ---- the parts ----------------------------------------------------------------------------------

def bootstrap(folder, suite, lines, packages):
    """A root with the packages in it, and the kernel's package, which is not installed."""
    options = []
    proxy = run('apt-config', 'dump', '--format', '%v', 'Acquire::http::Proxy').strip()
    if proxy:
        options.append(f'--aptopt=Acquire::http::Proxy "{proxy}"')
    kernel = ('cd "$1/boot" && export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" && apt-get -q download '
              '$(apt-cache depends linux-image-amd64'
              ' | sed -n "s/.*Depends: \\(linux-image-[0-9].*\\)/\\1/p")')
    subprocess.run(
        ['mmdebstrap', '--mode=root', '--variant=essential', '--format=directory',
         '--include=' + ','.join(packages), '--dpkgopt=force-unsafe-io',
         *[f'--dpkgopt=path-exclude=/usr/share/{name}/*' for name in ('doc', 'man', 'locale')],
         *options, '--customize-hook=' + kernel, suite, folder, '-'],
        input='\n'.join(lines) + '\n', text=True, check=True, stdout=sys.stderr)


def unpacked_kernel(image):
    """The kernel as it is behind its own unpacker: it starts in half the time. None if that is
    compressed in a way that is not known here."""
    place = image.find(b'\xfd7zXZ\0')
    while place >= 0:
        try:
            data = lzma.LZMADecompressor().decompress(image[place:])
            if data.startswith(b'\x7fELF'):
                return data
        except lzma.LZMAError:
            pass
        place = image.find(b'\xfd7zXZ\0', place + 1)
    return None


def modules_of(folder, wanted):
    """Paths below folder of the modules and of all that they need, in an order to load them."""
    needs, order = {}, []
    with open(os.path.join(folder, 'modules.dep'), encoding='utf-8') as file:
        for line in file:
            path, _, others = line.strip().partition(':')
            needs[path] = others.split()
    with open(os.path.join(folder, 'modules.builtin'), encoding='utf-8') as file:
        built_in = {name_of(line.strip()) for line in file}
    paths = {name_of(path): path for path in needs}

    def add(path):
        for other in reversed(needs[path]):
            add(other)
        if path not in order:
            order.append(path)

    for name in wanted:
        # What neither is a module nor built in was given up by this kernel.
        if name not in built_in and name in paths:
            add(paths[name])
    return order


def name_of(path):
    return os.path.basename(path).split('.')[0].replace('-', '_')


def install_kernel(root, out):
    """Puts the kernel into out and the modules that are used into the root. Returns the first
    modules, in order."""
    with tempfile.TemporaryDirectory(prefix='valise-kernel-') as folder:
        for package in glob.glob(root + '/boot/*.deb'):
            subprocess.run(['dpkg-deb', '-x', package, folder], check=True)
            os.unlink(package)
        # Debian 13 has them in /usr.
        modules, = glob.glob(folder + '/lib/modules/*') + glob.glob(folder + '/usr/lib/modules/*')
        version = os.path.basename(modules)
        image = read(f'{folder}/boot/vmlinuz-{version}')
        with open(out + '/kernel', 'wb') as file:
            file.write(unpacked_kernel(image) or image)
        shutil.move(modules, f'{root}/usr/lib/modules/{version}')
        modules = f'{root}/usr/lib/modules/{version}'
    depmod = ['chroot', root, '/sbin/depmod', version]
    subprocess.run(depmod, check=True)
    first = [f'{modules}/{path}' for path in modules_of(modules, FIRST_MODULES)]
    wanted = {f'{modules}/{path}' for path in modules_of(modules, MODULES)}
    for path in glob.glob(modules + '/kernel/**/*.ko*', recursive=True):
        if path not in wanted:
            os.unlink(path)
        elif path.endswith('.xz'):
            # The first stage cannot unpack them.
            with open(path.removesuffix('.xz'), 'wb') as file:
                file.write(lzma.decompress(read(path)))
            os.unlink(path)
    subprocess.run(depmod, check=True)
    return [path.removesuffix('.xz') for path in first]


def archive(entries):
    """A first stage for the kernel (cpio, newc). Entries: name, mode, data."""
    out = b''
    for number, (name, mode, data) in enumerate([*entries, ('TRAILER!!!', 0, b'')], 1):
        encoded = name.encode() + b'\0'
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
        out += b'070701' + b''.join(b'%08x' % field for field in fields) + encoded
        out += b'\0' * (-len(out) % 4) + data
        out += b'\0' * (-len(out) % 4)
    return out


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def first_stage(root, modules):
    entries = [(name, 0o40755, b'') for name in ('bin', 'dev', 'proc', 'sys', 'modules', 'lower',
                                                 'upper', 'root')]
    entries.append(('bin/busybox', 0o100755, read(root + '/bin/busybox')))
    entries.append(('init', 0o100755, read(SCRIPTS + '/first.sh')))
    for number, path in enumerate(modules):
        entries.append((f'modules/{number:02}.ko', 0o100644, read(path)))
    return archive(entries)


def configure(root):
    """Names, users, and the scripts that start and serve the guest."""
    for name, text in [('etc/hostname', 'guest\n'), ('etc/fstab', ''),
                       ('etc/machine-id', '5ba13de0c0ffee000000000000000001\n')]:
        with open(f'{root}/{name}', 'w', encoding='ascii') as file:
            file.write(text)
    for name in ('init', 'agent', 'automount'):
        shutil.copy(f'{SCRIPTS}/{name}.sh', f'{root}/usr/sbin/guest-{name}')
        os.chmod(f'{root}/usr/sbin/guest-{name}', 0o755)
    # A user who may do nothing, and one who is an administrator by his password.
    subprocess.run(['chroot', root, 'useradd', '-m', '-s', '/bin/sh', 'user'], check=True)
    subprocess.run(['chroot', root, 'useradd', '-m', '-s', '/bin/sh', '-G', 'sudo', 'admin'],
                   check=True)
    subprocess.run(['chroot', root, 'chpasswd', '-c', 'SHA256', '-s', '1000'],
                   input='admin:open sesame\n', text=True, check=True)
    for name in ('opt/valise', 'etc/polkit-1/rules.d'):
        os.makedirs(f'{root}/{name}', exist_ok=True)


def file_system(folder, path, spare=64):
    """An ext4 of what is in a folder."""
    used = int(run('du', '-sm', folder).split()[0])
    with open(path, 'wb') as file:
        file.truncate((used * 5 // 4 + spare) << 20)
    subprocess.run(['mke2fs', '-q', '-F', '-t', 'ext4', '-m', '0',
                    '-O', '^has_journal,^metadata_csum,^64bit,^resize_inode', '-d', folder, path],
                   check=True)


def make(out, suite, lines, packages):
    work = tempfile.mkdtemp(prefix='valise-guest-')
    try:
        root = work + '/root'
        bootstrap(root, suite, lines, packages)
        configure(root)
        first = install_kernel(root, out)
        with open(out + '/initrd', 'wb') as file:
            file.write(first_stage(root, first))
        file_system(root, out + '/root.ext4')
    finally:
        subprocess.run(['rm', '-rf', '--one-file-system', work], check=False)


# ---- the cache ----------------------------------------------------------------------------------

def check_tools(names):
    for name in names:
        if not shutil.which(name):
            raise Missing(f'“{name}” is not installed')


def get(valise):
    """The folder that holds kernel, initrd and root.ext4, which are made if they are not there."""
    if os.uname().machine != 'x86_64':
        raise Missing('the emulated machine is an x86-64, and this machine is not')
    check_tools(TOOLS)
    suite = release()
    lines, packages = sources(suite), sorted({*PACKAGES, *libraries(valise)})
    state = [suite, *lines, *packages, time.strftime('%G-%V')]
    state += [read(path).hex() for path in sorted(glob.glob(SCRIPTS + '/*.sh')) + [__file__]]
    key = hashlib.sha256('\n'.join(state).encode()).hexdigest()[:16]
    cache = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'),
                         'valise-vm')
    folder = os.path.join(cache, key)
    os.makedirs(cache, exist_ok=True)
    with open(cache + '/lock', 'w', encoding='ascii') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(folder):
            if os.getuid() != 0:
                raise Missing('the emulated machine can be made only by root')
            shutil.rmtree(folder + '.new', ignore_errors=True)
            os.mkdir(folder + '.new')
            make(folder + '.new', suite, lines, packages)
            os.rename(folder + '.new', folder)
        # Other checkouts may run with others just now.
        os.utime(folder)
        for old in os.listdir(cache):
            old = os.path.join(cache, old)
            if os.path.isdir(old) and os.stat(old).st_mtime < time.time() - WEEK:
                shutil.rmtree(old)
    return folder


if __name__ == '__main__':
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    print(get(os.path.abspath(sys.argv[1])))
