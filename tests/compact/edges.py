# edges.py: files whose sizes and contents lie at the borders of what compression does.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# They are added to the first edition of a sample: below FOLDER, all of them for anybody to
# compress but those whose name says otherwise.
import os
import random
import shutil
import subprocess
import tempfile

FOLDER = '/Edges'
MIB = 1 << 20
CHUNKS = (4096, 8192, 16384, 32768)
BLOCK = 256 * 1024  # what the threads compress at a time
SMALL = 8 * MIB     # up to this a file is kept whole
MAX_COMPRESSED = 4200000000
N_COPIES = 600      # wimlib writes a blob to up to 512 files at a time
# Bytes of what is copied; the copies, whose names have this in them; and how many of them.
COPIES = (20000, 'copy', N_COPIES)


class Maker:
    def __init__(self, folder):
        self.folder = folder
        self.random = random.Random('valise')
        self.words = [self.random.randbytes(self.random.randint(2, 9)) for _ in range(300)]

    def text(self, size):
        """Compresses to a half or less, and is never the same twice."""
        part = b' '.join(self.random.choices(self.words, k=min(size, 60000) // 6 + 2))
        return (part * (size // len(part) + 1))[:size]

    def noise(self, size):
        return self.random.randbytes(size)

    def add(self, name, *pieces):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            for piece in pieces:
                file.write(piece)

    def link(self, name, *others):
        for other in others:
            os.makedirs(os.path.join(self.folder, os.path.dirname(other)), exist_ok=True)
            os.link(os.path.join(self.folder, name), os.path.join(self.folder, other))

    def copy(self, name, *others):
        for other in others:
            shutil.copyfile(os.path.join(self.folder, name), os.path.join(self.folder, other))


def make(folder):
    one = Maker(folder)
    sizes = {0, 1, 2, 100, 700, 4095, 4096, 4097}
    for chunk in CHUNKS:
        sizes |= {k * chunk + more for k in (1, 2, 3, 5) for more in (-1, 0, 1)}
    for border in (BLOCK, 4 * BLOCK, SMALL):
        sizes |= {border + more for more in (-4096, -1, 0, 1, 4096)}
    for size in sorted(sizes):
        one.add(f'sizes/{size}', one.text(size))
        if size <= BLOCK:
            one.add(f'zeros/{size}', bytes(size))
            one.add(f'noise/{size}', one.noise(size))

    # Whether a cluster is saved, to the byte.
    for n_noise in range(11500, 12400, 20):
        one.add(f'savings/{n_noise}', one.noise(n_noise), bytes(16384 - n_noise))
    # Chunks that become no smaller between others that do.
    one.add('mixed/chunks', *(one.noise(32768) if i % 3 == 1 else one.text(32768)
                              for i in range(12)), one.noise(77))
    one.add('mixed/late noise', one.text(MIB), one.noise(9 * MIB))
    one.add('mixed/late text', one.noise(MIB), one.text(9 * MIB + 5))

    # Large files: one that is not worth it; one with several targets, whose links are one file.
    one.add('large/noise', one.noise(SMALL + 4097))
    one.add('large/text', one.text(SMALL + 12345))
    one.copy('large/text', 'large/second copy', 'large/winload.edge', 'large/third copy')
    one.link('large/second copy', 'large/second name', 'other/third name')

    # A content with very many files, one of which must stay plain.
    size, word, number = COPIES
    one.add(f'many/{word}', one.text(size))
    one.copy(f'many/{word}', *(f'many/{word} {i}' for i in range(number - 2)),
             f'many/winload.{word}')
    one.link(f'many/{word} 7', f'many/link to a {word}', f'other/link to a {word}')

    # A file one of whose names is that of a boot file.
    one.add('links/innocent', one.text(50000))
    one.link('links/innocent', 'links/winresume.edge')
    one.add('links/free', one.text(50001))
    one.link('links/free', 'links/free too', 'other/free three')


def make_huge(folder):
    one = Maker(folder)
    one.add('huge/over 64 MiB', one.text(64 * MIB + 32769))


def make_giant(folder):
    """On both sides of the largest file that is compressed, and over 4 GiB; mostly zeros."""
    one = Maker(folder)
    for size in (MAX_COMPRESSED, MAX_COMPRESSED + 1, (4 << 30) + 5):
        one.add(f'giant/{size}')
        with open(f'{folder}/giant/{size}', 'r+b') as file:
            for at in range(0, size - MIB, 97 * MIB):
                file.seek(at)
                file.write(one.text(MIB))
            # No holes: wimlib would call it sparse, and such files stay plain.
            os.posix_fallocate(file.fileno(), 0, size)


def add_to(wim, *makers):
    """Adds what the makers make to the first image of a WIM."""
    for maker in makers:
        with tempfile.TemporaryDirectory(prefix='valise-edges-') as folder:
            maker(folder + '/edges')
            subprocess.run(['wimlib-imagex', 'update', wim, '1', '--command',
                            f"add '{folder}/edges' '{FOLDER}'"], check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
