#!/usr/bin/env python3
# check-folders.py: each folder of src/ may use only those before it.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: check-folders.py [ROOT]        check the checkout at ROOT (or the one this file is in)
#        check-folders.py --self-test   show that every rule catches a file that breaks it
#
# Looked at are the #include lines of C files and the NAME_dep words of each meson.build: the
# first say what the code uses, the second what it could use.
import os
import re
import sys
import tempfile

# Left to right. Folders of one group know nothing of each other.
GROUPS = [['core'], ['volume', 'image', 'devices'], ['boot', 'compact', 'engine'], ['jobs'],
          ['cli', 'ui']]
RANK = {folder: rank for rank, group in enumerate(GROUPS) for folder in group}

INCLUDE = re.compile(r'^\s*#\s*(?:include|import)\s*([<"])([^>"]+)[>"]')
TOOLKIT = re.compile(r'^(gtk|gdk|gsk|adwaita|libadwaita|graphene)([/.-]|\d)')
DEPENDENCY = re.compile(r'\b([a-z0-9]+)_(dep|lib)\b')


def may_use(user, used):
    return user == used or RANK[used] < RANK[user]


def check_c(root, folder, path, faults):
    with open(os.path.join(root, path), encoding='utf-8', errors='replace') as file:
        for number, line in enumerate(file, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, name = match.groups()
            place = f'{path}:{number}: '
            if TOOLKIT.match(name) and folder != 'ui':
                faults.append(place + f'<{name}>: only src/ui may know the toolkit')
            if quote == '<':
                continue
            if '..' in name.split('/'):
                faults.append(place + f'"{name}": write "folder/valise-thing.h" instead of ".."')
            elif '/' in name:
                used = name.split('/')[0]
                if used not in RANK:
                    faults.append(place + f'"{name}": there is no folder “{used}” in the order')
                elif used == folder:
                    faults.append(place + f'"{name}": own headers are included without a folder')
                elif not may_use(folder, used):
                    faults.append(place + f'"{name}": src/{folder} may not use src/{used}')
            elif (name.startswith('valise-') and name != 'valise-config.h'
                  and not os.path.exists(os.path.join(root, os.path.dirname(path), name))
                  and any(os.path.exists(os.path.join(root, 'src', other, name))
                          for other in RANK)):
                faults.append(place + f'"{name}": it lies in another folder: name that, too')


def check_build(root, folder, path, faults):
    with open(os.path.join(root, path), encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            for match in DEPENDENCY.finditer(line.split('#')[0]):
                used = match.group(1)
                if used in RANK and not may_use(folder, used):
                    faults.append(f'{path}:{number}: {match.group(0)}: '
                                  f'src/{folder} may not use src/{used}')


def check(root):
    """Returns (faults, number of files looked at)."""
    faults, count = [], 0
    source = os.path.join(root, 'src')
    for top, folders, names in os.walk(source):
        folders.sort()
        parts = os.path.relpath(top, source).split(os.sep)
        if parts[0] == '.':
            continue
        folder = parts[0]
        if folder not in RANK:
            faults.append(f'src/{folder}: has no place in the order of folders')
            folders.clear()
            continue
        for name in sorted(names):
            path = os.path.relpath(os.path.join(top, name), root)
            if name.endswith(('.c', '.h')):
                count += 1
                check_c(root, folder, path, faults)
            elif name == 'meson.build':
                count += 1
                check_build(root, folder, path, faults)
    return faults, count


# Files of one small tree, and words of the complaint they must cause (None: they must pass).
SAMPLES = [
    ({'core/a.c': '#include <glib.h>\n#include "a.h"\n'}, None),
    ({'volume/a.c': '#include "core/valise-error.h"\n'}, None),
    ({'engine/a.c': '#include "volume/a.h"\n#include "image/b.h"\n'}, None),
    ({'cli/a.c': '#include "jobs/a.h"\n#include "core/b.h"\n#include "valise-config.h"\n'}, None),
    ({'ui/a.c': '#include <gtk/gtk.h>\n#include <adwaita.h>\n'}, None),
    ({'engine/meson.build': "dependencies: [core_dep, volume_dep, glib_dep]\n"}, None),
    ({'core/a.c': '#include "volume/a.h"\n'}, 'src/core may not use src/volume'),
    ({'volume/a.c': '#include "image/a.h"\n'}, 'src/volume may not use src/image'),
    ({'image/a.h': '  #  include "engine/a.h"\n'}, 'src/image may not use src/engine'),
    ({'boot/a.c': '#include "engine/a.h"\n'}, 'src/boot may not use src/engine'),
    ({'engine/deep/a.c': '#include "jobs/a.h"\n'}, 'src/engine may not use src/jobs'),
    ({'jobs/a.c': '#include "cli/a.h"\n'}, 'src/jobs may not use src/cli'),
    ({'ui/a.c': '#include "cli/a.h"\n'}, 'src/ui may not use src/cli'),
    ({'core/a.c': '#include "../volume/a.h"\n'}, 'instead of'),
    ({'core/a.c': '#include "core/a.h"\n'}, 'own headers'),
    ({'core/a.c': '#include "nowhere/a.h"\n'}, 'no folder'),
    ({'volume/valise-v.h': '', 'core/a.c': '#include "valise-v.h"\n'}, 'in another folder'),
    ({'jobs/a.c': '#include <gtk/gtk.h>\n'}, 'only src/ui'),
    ({'cli/a.c': '#include <adwaita.h>\n'}, 'only src/ui'),
    ({'core/a.c': '#include <gdk/gdk.h>\n'}, 'only src/ui'),
    ({'core/meson.build': 'dependencies: [glib_dep, jobs_dep]\n'}, 'src/core may not use src/jobs'),
    ({'volume/meson.build': 'link_with: engine_lib\n'}, 'src/volume may not use src/engine'),
    ({'misc/a.c': ''}, 'no place in the order'),
]


def self_test():
    wrong = 0
    for files, complaint in SAMPLES:
        with tempfile.TemporaryDirectory() as root:
            for path, content in files.items():
                full = os.path.join(root, 'src', path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, 'w', encoding='utf-8') as file:
                    file.write(content)
            faults, _ = check(root)
        right = (not faults if complaint is None
                 else any(complaint in fault for fault in faults))
        if not right:
            wrong += 1
            print(f'self-test: {files}, expected {complaint!r}, got {faults}', file=sys.stderr)
    print(f'{len(SAMPLES) - wrong} of {len(SAMPLES)} samples judged rightly')
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ['--self-test']:
        return self_test()
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), '..')
    faults, count = check(os.path.abspath(root))
    for fault in faults:
        print(fault)
    print(f'{count} files, {len(faults)} faults')
    return 1 if faults or not count else 0


if __name__ == '__main__':
    sys.exit(main())
