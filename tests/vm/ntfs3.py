# ntfs3.py: makes the module by which the guest's kernel reads compressed files of Windows.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Linux has a driver for NTFS that shares no code with libntfs-3g, and can read what Windows'
# overlay filter compresses (CONFIG_NTFS3_LZX_XPRESS). Debian 12 builds no such driver, and Debian
# 13 builds it without that. So it is built here, from Debian's own source of the guest's kernel,
# against Debian's headers of that kernel. The module is kept beside the guest.
import fcntl
import glob
import hashlib
import os
import re
import shutil
import subprocess
import tempfile

import guest as guest_files
from guest import Missing, run

TOOLS = ['apt-get', 'apt-cache', 'dpkg-deb', 'make', 'tar', 'xz']
OPTION = 'CONFIG_NTFS3_LZX_XPRESS'


def packages(version):
    """The packages of a kernel's source and headers."""
    number = re.match(r'\d+\.\d+', version).group(0)
    headers = f'linux-headers-{version}'
    try:
        text = run('apt-cache', 'depends', '--no-recommends', headers, stderr=subprocess.DEVNULL)
    except subprocess.CalledProcessError:
        text = ''
    found = re.findall(r'Depends: (linux-\S+)', text)
    if not found:
        raise Missing(f'the package sources have no headers for the guest’s kernel {version}')
    return [f'linux-source-{number}', headers, *found]


def unpack(folder, names):
    """Gets packages and unpacks them; returns the folders of headers and of the driver."""
    fetched = folder + '/packages'
    os.mkdir(fetched)
    options = ['-q', '-o', 'APT::Sandbox::User=root']
    try:
        run('apt-get', *options, 'download', *names, cwd=fetched)
    except subprocess.CalledProcessError as error:
        raise Missing(f'the packages {" ".join(names)} cannot be had') from error
    root = folder + '/root'
    for package in glob.glob(fetched + '/*.deb'):
        subprocess.run(['dpkg-deb', '-x', package, root], check=True)
    source, = glob.glob(root + '/usr/src/linux-source-*.tar.xz')
    name = os.path.basename(source).removesuffix('.tar.xz') + '/fs/ntfs3'
    subprocess.run(['tar', '-x', '-J', '-f', source, '-C', folder, name], check=True)
    headers, = [path for path in glob.glob(root + '/usr/src/linux-headers-*')
                if os.path.exists(path + '/Module.symvers')]
    # They are where they do not belong.
    path = headers + '/Makefile'
    text = guest_files.read(path).decode()
    with open(path, 'w', encoding='utf-8') as file:
        file.write(re.sub(r'(?<!\w)/usr/', root + '/usr/', text))
    return headers, f'{folder}/{name}'


def build(version, out):
    with tempfile.TemporaryDirectory(prefix='valise-ntfs3-') as folder:
        headers, driver = unpack(folder, packages(version))
        compiler = re.search(r'gcc-\d+', guest_files.read(headers + '/.kernelvariables').decode())
        guest_files.check_tools([compiler.group(0) if compiler else 'gcc'])
        subprocess.run(['make', '-s', '-C', headers, 'M=' + driver, 'CONFIG_NTFS3_FS=m',
                        OPTION + '=y', f'KCFLAGS=-D{OPTION}=1', '-j2', 'modules'],
                       check=True, stdin=subprocess.DEVNULL)
        subprocess.run(['strip', '--strip-debug', driver + '/ntfs3.ko', '-o', out], check=True)


def get(version):
    """The path of the module for a version of the kernel, made if it is not there."""
    guest_files.check_tools(TOOLS)
    key = hashlib.sha256(guest_files.read(__file__)).hexdigest()[:8]
    cache = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'),
                         'valise-vm')
    # guest.py removes it when it was not used for a week.
    folder = os.path.join(cache, f'ntfs3-{version}-{key}')
    os.makedirs(cache, exist_ok=True)
    with open(cache + '/lock', 'w', encoding='ascii') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(folder):
            shutil.rmtree(folder + '.new', ignore_errors=True)
            os.mkdir(folder + '.new')
            build(version, folder + '.new/ntfs3.ko')
            os.rename(folder + '.new', folder)
        os.utime(folder)
    return folder + '/ntfs3.ko'
