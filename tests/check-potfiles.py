#!/usr/bin/env python3
# check-potfiles.py: po/POTFILES.in names exactly the files with translatable words, and gettext
# sees each of them whole.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: check-potfiles.py           say what is missing or too much
#        check-potfiles.py --write   write the list anew
import os
import re
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..'))
LIST = os.path.join(ROOT, 'po', 'POTFILES.in')
# A macro of GLib in the middle of a sentence ends it for xgettext, which knows <inttypes.h> only.
CUT = re.compile(r'(?<!\w)(?:C_|N_|NC_|_|ngettext) ?\('
                 r'(?:\s*"(?:[^"\\]|\\.)*"|\s*PRI\w+)+\s*G_G\w+_FORMAT')
WORDS = re.compile(r'(?<!\w)(?:C_|N_|NC_|_|ngettext|g_dngettext|dgettext) ?\(')


def marked():
    """The files below src/ and data/ that call gettext or are .ui, desktop or metainfo files."""
    found = []
    for top in ('src', 'data'):
        for folder, folders, names in os.walk(os.path.join(ROOT, top)):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                if name.endswith(('.ui', '.desktop.in', '.metainfo.xml.in', '.policy.in')):
                    found.append(os.path.relpath(path, ROOT))
                elif name.endswith(('.c', '.h')):
                    with open(path, encoding='utf-8') as file:
                        if WORDS.search(file.read()):
                            found.append(os.path.relpath(path, ROOT))
    return sorted(found)


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read()


def main():
    found = marked()
    if sys.argv[1:] == ['--write']:
        with open(LIST, 'w', encoding='utf-8') as file:
            file.write('# Written by tests/check-potfiles.py --write\n')
            file.writelines(path + '\n' for path in found)
        return 0
    with open(LIST, encoding='utf-8') as file:
        listed = [line.strip() for line in file if line.strip() and line[0] != '#']
    for path in found:
        if path not in listed:
            print(f'po/POTFILES.in lacks {path} (tests/check-potfiles.py --write)')
    for path in listed:
        if path not in found:
            print(f'po/POTFILES.in names {path}, which has no words to translate')
    cut = [path for path in found if path.endswith('.c') and CUT.search(read(path))]
    for path in cut:
        print(f'{path} has a G_…_FORMAT in words to translate: use PRIu64 and its like')
    print(f'{len(found)} files with words to translate')
    return 0 if found == sorted(listed) and not cut else 1


if __name__ == '__main__':
    sys.exit(main())
