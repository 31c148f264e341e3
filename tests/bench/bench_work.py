"""bench_work.py: the images that the benchmark writes, made once and kept.

The base is a sample Windows (valise-make-sample), so that Valise takes it for one; below
“Program Files” it gets a real tree of this machine: files as they come, in the mixture of sizes and
of what can be compressed that programs have.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import hashlib
import json
import os
import shutil
import stat
import subprocess
import tempfile

# What wimlib would refuse or change on the way to NTFS.
FORBIDDEN = set('<>:"\\|?*')
LARGEST_FILE = 100 * 1000 * 1000


class WorkError(Exception):
    """The image cannot be made; the message says why."""


def run(*command):
    """Runs a program and returns its standard output; what went wrong becomes a WorkError."""
    environment = dict(os.environ, LC_ALL='C.UTF-8')
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              env=environment, encoding='utf-8', errors='replace')
    except FileNotFoundError as error:
        raise WorkError(f'{command[0]} is not there: ./dev setup test installs it') from error
    if done.returncode != 0:
        raise WorkError(f'{" ".join(command[:3])}: {done.stderr.strip()[-400:]}')
    return done.stdout


def is_good_name(name):
    return (name.isprintable() and not FORBIDDEN & set(name) and not name.endswith(('.', ' '))
            and name.encode('utf-8', 'surrogateescape').decode('utf-8', 'replace') == name)


def candidates(root):
    """Regular files below root as (key, path, size); the key is their place in a fixed shuffle."""
    device = os.lstat(root).st_dev
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if is_good_name(f)
                      and os.lstat(os.path.join(folder, f)).st_dev == device]
        for name in filter(is_good_name, names):
            path = os.path.join(folder, name)
            info = os.lstat(path)
            if stat.S_ISREG(info.st_mode) and info.st_size <= LARGEST_FILE \
                    and os.access(path, os.R_OK):
                key = hashlib.md5(path.encode(), usedforsecurity=False).digest()
                yield key, path, info.st_size


def copy_tree(roots, n_bytes, n_files, to):
    """Copies files below roots, picked evenly, until both numbers are reached."""
    # NTFS would keep names apart that differ in case only, but no Windows has them.
    spellings = {}
    total = count = 0
    for _, path, size in sorted(c for root in roots for c in candidates(root)):
        if total >= n_bytes and count >= n_files:
            return total, count
        parts = path.strip('/').split('/')
        prefixes = ['/'.join(parts[:i + 1]) for i in range(len(parts))]
        if any(spellings.setdefault(p.lower(), p) != p for p in prefixes):
            continue
        target = os.path.join(to, path.strip('/'))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(path, target)
        total += size
        count += 1
    if total >= n_bytes and count >= n_files:
        return total, count
    raise WorkError(f'there are only {count} files with {total / 1e9:.1f} GB below '
                    f'{", ".join(roots)}; --tree names other folders')


def describe(path, index):
    """What wimlib-imagex says of image number index: bytes, files, name."""
    found = {'path': path, 'index': index, 'size': os.path.getsize(path)}
    names = {'Total Bytes': 'bytes', 'File Count': 'files', 'Directory Count': 'folders',
             'Hard Link Bytes': 'hard_link_bytes', 'Name': 'name', 'Display Name': 'name'}
    for line in run('wimlib-imagex', 'info', path, str(index)).splitlines():
        name, _, value = line.partition(':')
        if name.strip() in names:
            value = value.strip()
            found[names[name.strip()]] = int(value) if value.isdigit() else value
    return found


class Work:
    """The folder with the images."""

    def __init__(self, folder, generator):
        self.folder = folder
        self.generator = generator
        os.makedirs(folder, exist_ok=True)

    def need_space(self, n_bytes):
        free = shutil.disk_usage(self.folder).free
        if free < n_bytes:
            raise WorkError(f'{self.folder} has {free / 1e9:.1f} GB free, and the image needs '
                            f'{n_bytes / 1e9:.1f} GB while it is made; --work names another folder')

    def make_base(self, folder, form, *options):
        """A sample Windows with one edition. Returns its path."""
        if not os.access(self.generator, os.X_OK):
            raise WorkError(f'{self.generator} is not built')
        run(self.generator, '--output', folder, '--format', form, '--editions', '1', *options)
        return os.path.join(folder, {'wim-none': 'sample-none.wim'}.get(form, 'sample.wim'))

    def cached(self, name, make):
        """The image of that name, made by make(folder) unless it is there."""
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            with tempfile.TemporaryDirectory(dir=self.folder, prefix='making-') as folder:
                os.replace(make(folder), path)
        return describe(path, 1)

    def sample_image(self, n_files=300, mean_size=8192):
        """A sample Windows with that many small files, in LZX."""
        def make(folder):
            self.need_space(6 * n_files * mean_size)
            return self.make_base(folder, 'wim-lzx', '--files', str(n_files),
                                  '--mean-size', str(mean_size))
        return self.cached(f'sample-{n_files}-{mean_size}.wim', make)

    def real_image(self, roots, n_bytes, n_files):
        """A sample Windows with a real tree in it, in LZX."""
        def make(folder):
            # The tree, the image without compression and the one with it.
            self.need_space(3.2 * n_bytes)
            base = self.make_base(folder, 'wim-none', '--small')
            tree = os.path.join(folder, 'tree')
            copy_tree(roots, n_bytes, n_files, tree)
            run('wimlib-imagex', 'update', base, '1', '--threads=2',
                '--command', f"add '{tree}' '/Program Files/Benchmark'")
            shutil.rmtree(tree)
            made = os.path.join(folder, 'made.wim')
            run('wimlib-imagex', 'export', base, '1', made, '--compress=LZX:20', '--threads=2')
            return made
        key = json.dumps([sorted(roots), n_bytes, n_files])
        name = f'real-{n_bytes // 1000000}M-{hashlib.md5(key.encode()).hexdigest()[:8]}.wim'
        return self.cached(name, make)
