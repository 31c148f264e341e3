# runtime.py: a GNOME runtime for the check, made of Debian 13's packages.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# It bears the names of Flathub's, so that the manifest need not be changed. It has what Flathub's
# has as far as Valise is concerned, and lacks what Flathub's lacks. Platform and SDK share their
# files as hard links, and so does what is installed of them: that is why this is quick.
import os
import shutil
import stat
import subprocess

import sources

ARCH = {'x86_64': 'x86_64', 'aarch64': 'aarch64'}.get(os.uname().machine, os.uname().machine)
SUITE = 'trixie'

# What a program finds at run time.
PLATFORM = '''bash coreutils grep sed findutils libc-bin libgtk-4-1 libadwaita-1-0
libjson-glib-1.0-0 libxml2 libgnutls30t64 adwaita-icon-theme hicolor-icon-theme
gsettings-desktop-schemas dconf-gsettings-backend fonts-dejavu-core fontconfig shared-mime-info
libglib2.0-bin gtk-update-icon-cache desktop-file-utils librsvg2-common ca-certificates
libicu76 libxkbregistry0'''.split()

# What builds one. Not among them: what Flathub's SDK lacks, and the manifest brings.
SDK = '''gcc libc6-dev make meson ninja-build pkgconf gettext libgtk-4-dev libadwaita-1-dev
libjson-glib-dev libxml2-dev libxml2-utils libgnutls28-dev libgcrypt20-dev libudev-dev libmount-dev
libblkid-dev uuid-dev autoconf autoconf-archive automake libtool bison flex gperf patch gawk file
elfutils appstream appstream-util libglib2.0-dev-bin xz-utils bzip2 python3 perl
libicu-dev libxkbregistry-dev'''.split()

# What replaces modules whose archives cannot be had here.
REPLACEMENTS = {
    'kmod': ['libkmod-dev'], 'e2fsprogs': ['libext2fs-dev'], 'util-linux': ['libfdisk-dev'],
    'libblockdev': ['libblockdev-dev', 'libblockdev-fs-dev', 'libblockdev-utils-dev',
                    'libblockdev-fs3'],
    'udisks2': ['libudisks2-dev'], 'ntfs-3g': ['ntfs-3g-dev', 'ntfs-3g'],
    'wimlib': ['libwim-dev'], 'hivex': ['libhivex-dev'], 'libudfread': ['libudfread-dev'],
    'xxhash': ['libxxhash-dev'], 'dosfstools': ['dosfstools'], 'mtools': ['mtools'],
    'grub': ['grub-common', 'grub-pc-bin'],
}

# Flatpak has its own for these, or nobody needs them in there. By debian_version, meson would know
# that libraries belong where only Debian looks for them.
NOT_IN_ETC = '''debian_version passwd passwd- group group- shadow shadow- gshadow gshadow-
resolv.conf hosts hostname machine-id mtab localtime timezone fstab apt dpkg systemd init.d default
pam.d security ld.so.cache ld.so.conf.d .pwd.lock subuid subgid skel ssl/private'''.split()
NOT_IN_USR = '''local games src share/doc share/man share/info share/lintian share/bug'''.split()
ONLY_IN_SDK = '''include lib/gcc libexec/gcc share/pkgconfig share/perl share/perl5 share/aclocal
share/autoconf share/gir-1.0 bin/meson bin/ninja bin/ld bin/as bin/make bin/perl
bin/python3'''.split()


def bootstrap(root, more):
    """A tree of Debian packages; takes most of the time that a runtime takes."""
    packages = ','.join(PLATFORM + SDK + more)
    command = ['mmdebstrap', '--mode=root', '--variant=minbase', '--format=directory',
               '--keyring=/usr/share/keyrings/debian-archive-keyring.gpg',
               f'--include={packages}', '--aptopt=APT::Install-Recommends "false"',
               '--dpkgopt=force-unsafe-io', '--skip=check/qemu', *sources.proxy_options()]
    command += [f'--dpkgopt=path-exclude=/usr/share/{name}/*' for name in ('doc', 'man', 'locale')]
    subprocess.run([*command, SUITE, root, sources.mirror()], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)


def tidy(usr):
    """Makes the /usr of a Debian the /usr of a runtime."""
    for name in NOT_IN_ETC:
        remove(os.path.join(usr, 'etc', name))
    for name in NOT_IN_USR:
        remove(os.path.join(usr, name))
    # With an empty one, flatpak makes its own, with /app/lib; and it looks for ldconfig in bin.
    remove(os.path.join(usr, 'etc/ld.so.conf'))
    with open(os.path.join(usr, 'etc/ld.so.conf'), 'w', encoding='utf-8'):
        pass
    if not os.path.lexists(os.path.join(usr, 'bin/ldconfig')):
        os.symlink('../sbin/ldconfig', os.path.join(usr, 'bin/ldconfig'))
    # A folder lib64 of its own would have libraries installed in another.
    wide = os.path.join(usr, 'lib64')
    if os.path.isdir(wide) and not os.path.islink(wide):
        for name in os.listdir(wide):
            os.rename(os.path.join(wide, name), os.path.join(usr, 'lib', name))
        os.rmdir(wide)
        os.symlink('lib', wide)
    for folder, folders, files in os.walk(usr):
        for name in folders + files:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                if os.readlink(path).startswith('/var/'):
                    os.remove(path)
            elif stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                # No rights beyond a user's, and readable for everyone.
                os.chmod(path, (mode | 0o644 | (0o111 if mode & 0o111 else 0)) & 0o1777)
            else:
                os.remove(path)
    os.makedirs(os.path.join(usr, 'lib', f'{ARCH}-linux-gnu', 'GL'), exist_ok=True)
    os.makedirs(os.path.join(usr, 'lib/extensions'), exist_ok=True)


def prune(usr):
    """Takes out of an SDK what a platform has not."""
    libraries = os.path.join(usr, 'lib', f'{ARCH}-linux-gnu')
    for name in ONLY_IN_SDK:
        remove(os.path.join(usr, name))
    remove(os.path.join(libraries, 'pkgconfig'))
    for name in os.listdir(libraries):
        path = os.path.join(libraries, name)
        if name.endswith('.a') or (name.endswith('.so') and os.path.islink(path)):
            os.remove(path)
    for name in os.listdir(os.path.join(usr, 'bin')):
        if 'gcc' in name or '-linux-gnu-' in name or name.startswith(('perl', 'python')):
            os.remove(os.path.join(usr, 'bin', name))


def export(repo, folder, name, version):
    os.makedirs(os.path.join(folder, 'files'), exist_ok=True)
    with open(os.path.join(folder, 'metadata'), 'w', encoding='utf-8') as file:
        file.write(f'[Runtime]\nname={name}\nruntime=org.gnome.Platform/{ARCH}/{version}\n'
                   f'sdk=org.gnome.Sdk/{ARCH}/{version}\n\n[Environment]\n'
                   'XDG_DATA_DIRS=/app/share:/usr/share:/run/host/user-share:/run/host/share\n')
    subprocess.run(['flatpak', 'build-export', '--runtime', f'--arch={ARCH}', '--disable-sandbox',
                    '--no-update-summary', repo, folder, version], check=True,
                   stdout=subprocess.DEVNULL)


def make(folder, version, more):
    """Makes a repository with both, from Debian's packages and @more of them; returns its path."""
    root = os.path.join(folder, 'root')
    repo = os.path.join(folder, 'runtime-repo')
    sdk, platform = (os.path.join(folder, name) for name in ('sdk', 'platform'))
    bootstrap(root, more)
    for path in (sdk, platform):
        os.makedirs(path)
    os.rename(os.path.join(root, 'usr'), os.path.join(sdk, 'usr'))
    os.rename(os.path.join(root, 'etc'), os.path.join(sdk, 'usr/etc'))
    shutil.rmtree(root)
    tidy(os.path.join(sdk, 'usr'))
    subprocess.run(['cp', '-al', os.path.join(sdk, 'usr'), os.path.join(platform, 'usr')],
                   check=True)
    prune(os.path.join(platform, 'usr'))
    subprocess.run(['ostree', 'init', '--mode=bare-user-only', f'--repo={repo}'], check=True)
    export(repo, platform, 'org.gnome.Platform', version)
    export(repo, sdk, 'org.gnome.Sdk', version)
    subprocess.run(['flatpak', 'build-update-repo', repo], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(sdk)
    shutil.rmtree(platform)
    return repo
