#!/usr/bin/env python3
# density.py: the files of an image lie behind one another on a drive that valise wrote.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: density.py VALISE VALISE-MAKE-SAMPLE

libntfs-3g's own allocator leaves 16 MiB free behind each file. An image of 20,000 files is written,
and the volume's $Bitmap, read with ntfscat, must show the files in one stretch with gaps under 5 %.
"""

import json
import os
import subprocess
import sys
import tempfile

CLUSTER = 4096
SMALL_GAP = 1024  # clusters; a quarter of what the allocator would leave behind each file
FILES = 20000

os.environ['PATH'] += ':/usr/sbin:/sbin'


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def find_runs(bitmap, clusters):
    """The runs of clusters in use: [first, end] each."""
    runs = []
    for cluster in range(clusters):
        if bitmap[cluster >> 3] >> (cluster & 7) & 1:
            if runs and runs[-1][1] == cluster:
                runs[-1][1] = cluster + 1
            else:
                runs.append([cluster, cluster + 1])
    return runs


def find_stretch(runs):
    """The stretch with the most clusters in use: (first, end, used), over small gaps only."""
    stretches = []
    for first, end in runs:
        if stretches and first - stretches[-1][1] <= SMALL_GAP:
            stretches[-1][1] = end
            stretches[-1][2] += end - first
        else:
            stretches.append([first, end, end - first])
    return max(stretches, key=lambda stretch: stretch[2])


def main():
    valise, make_sample = (os.path.abspath(path) for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix='valise-density-') as folder:
        os.chdir(folder)
        os.environ['VALISE_SCRATCH'] = os.path.join(folder, 'scratch')
        run(make_sample, '--files', str(FILES), '--editions', '1', '--format', 'wim-xpress',
            '--output', '.', '--manifest', 'manifest')
        run(valise, 'write', 'sample-xpress.wim', '--image', '1', '--to', 'drive', '--size', '2G',
            '--yes', '--report', 'report')
        with open('report', encoding='utf-8') as file:
            partition = json.load(file)['drive']['partitions'][2]
        with open('manifest', encoding='utf-8') as file:
            data = json.load(file)['bytes']
        run('dd', 'if=drive', 'of=volume', 'bs=1M', 'conv=sparse', 'status=none',
            f'skip={partition["offset"] >> 20}', f'count={partition["size"] >> 20}')
        bitmap = subprocess.run(['ntfscat', '-f', '-i', '6', 'volume'], check=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
        runs = find_runs(bitmap, partition['size'] // CLUSTER)
        first, end, used = find_stretch(runs)
        gaps = 100 * (end - first - used) / (end - first)
        print(f'{used} clusters in use in the stretch from {first} to {end}: gaps of {gaps:.1f} %; '
              f'the files hold {data // CLUSTER} clusters of data')
        # Small files have no cluster of their own; the rest is rounded up.
        if used * CLUSTER < data * 0.9:
            sys.exit('the files are not in one stretch')
        if gaps >= 5:
            sys.exit('the gaps are too large')


if __name__ == '__main__':
    main()
