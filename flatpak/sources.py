# sources.py: the manifest's archives, from where Debian keeps the same ones.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Debian's mirror is what a machine that builds packages can reach. The indexes of its source
# packages are signed and have the checksums that the manifest has; an archive with another
# checksum is never taken.
import gzip
import hashlib
import lzma
import os
import re
import subprocess

SUITES = ['trixie', 'bookworm']
# Where a module is not called as Debian's source package is.
PACKAGES = {'grub': 'grub2'}
HELPER = '/usr/lib/apt/apt-helper'


def mirror():
    """The mirror that this machine's apt uses; its address is not to be guessed."""
    lines = subprocess.run(
        ['apt-get', 'indextargets', '--format', '$(REPO_URI) $(LABEL)', 'Created-By: Packages'],
        stdout=subprocess.PIPE, check=True, universal_newlines=True).stdout.splitlines()
    found = [line.rsplit(' ', 1)[0] for line in lines if line.endswith(' Debian')]
    return found[0].rstrip('/') if found else 'http://deb.debian.org/debian'


def proxy_options():
    """What mmdebstrap must be told of this machine's apt."""
    proxy = subprocess.run(['apt-config', 'dump', '--format', '%v', 'Acquire::http::Proxy'],
                           stdout=subprocess.PIPE, check=False,
                           universal_newlines=True).stdout.strip()
    return [f'--aptopt=Acquire::http::Proxy "{proxy}"'] if proxy else []


def digest(path):
    found = hashlib.sha256()
    with open(path, 'rb') as file:
        for block in iter(lambda: file.read(1 << 20), b''):
            found.update(block)
    return found.hexdigest()


def commit_of(path):
    """The commit that an archive was made of by git archive; None where it says nothing."""
    opener = {'.gz': gzip.open, '.xz': lzma.open}.get(os.path.splitext(path)[1], open)
    with opener(path, 'rb') as file:
        head = file.read(2048)
    found = re.search(rb'52 comment=([0-9a-f]{40})\n', head)
    return found.group(1).decode() if found else None


class Sources:
    """Debian's source packages, in a folder with lists of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.mirror = mirror()
        self.options = []

    def update(self):
        lists = os.path.join(self.folder, 'lists')
        os.makedirs(os.path.join(lists, 'partial'), exist_ok=True)
        path = os.path.join(self.folder, 'sources.list')
        key = '/usr/share/keyrings/debian-archive-keyring.gpg'
        with open(path, 'w', encoding='utf-8') as file:
            for suite in SUITES:
                file.write(f'deb-src [signed-by={key}] {self.mirror} {suite} main\n')
        for setting in (f'Dir::Etc::SourceList={path}', 'Dir::Etc::SourceParts=/dev/null',
                        f'Dir::State::Lists={lists}', 'APT::Sandbox::User=root',
                        'Dir::Cache::srcpkgcache=', 'Dir::Cache::pkgcache='):
            self.options += ['-o', setting]
        subprocess.run(['apt-get', '-q', *self.options, 'update'], check=True,
                       stdout=subprocess.DEVNULL)

    def archives(self, package):
        """[(checksum, address)] of what upstream has made, in all suites."""
        text = subprocess.run(['apt-cache', *self.options, 'showsrc', '--only-source', package],
                              stdout=subprocess.PIPE, check=True, universal_newlines=True).stdout
        found = []
        for record in text.split('\n\n'):
            folder = re.search(r'(?m)^Directory: (.*)$', record)
            sums = re.search(r'(?m)^Checksums-Sha256:\n((?: .*\n)+)', record + '\n')
            for line in sums.group(1).splitlines() if folder and sums else []:
                checksum, _, name = line.split()
                pair = (checksum, f'{self.mirror}/{folder.group(1)}/{name}')
                if '.orig.tar.' in name and not name.endswith('.asc') and pair not in found:
                    found.append(pair)
        return found

    def fetch(self, checksum, address):
        """The path of an archive with that checksum, or None where it cannot be had."""
        path = os.path.join(self.folder, os.path.basename(address))
        if not os.path.exists(path):
            subprocess.run([HELPER, 'download-file', address, path, f'SHA256:{checksum}'],
                           check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return path if os.path.exists(path) and digest(path) == checksum else None

    def find(self, module):
        """What takes the place of a module's first source, or None."""
        source = module['sources'][0]
        name = PACKAGES.get(module['name'], module['name'])
        for checksum, address in self.archives(name):
            if source['type'] == 'archive' and checksum != source['sha256']:
                continue
            path = self.fetch(checksum, address)
            if path and (source['type'] == 'archive' or commit_of(path) == source['commit']):
                return {'type': 'archive', 'path': path, 'sha256': checksum}
        return None
