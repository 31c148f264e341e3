#!/usr/bin/env python3
# check-style.py: the part of the conventions that a program can see, line by line.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: check-style.py [ROOT]        check the checkout at ROOT (or the one this file is in)
#        check-style.py --self-test   show that every rule catches a file that breaks it
#
# CONTRIBUTING.md says what the rules are for. Formatting proper is left to .clang-format and
# the reviewer: its output differs between versions, so that no check could rest on it.
import os
import re
import sys
import tempfile

COLUMNS = 100
LINES_NOTED = 600
LINES_MOST = 900
SPDX = 'SPDX-License-Identifier: GPL-3.0-or-later'

# Written in two pieces, so that this file passes its own check.
UNFINISHED = re.compile(r'\b(' + '|'.join(['TO' 'DO', 'FIX' 'ME', 'X' 'XX']) + r')\b')
PRINTS = re.compile(r'\b(v?f?printf|puts|putchar|g_print|g_printerr)\s*\(')

SOURCES = ('.c', '.h')
SCRIPTS = ('.py', '.sh')
TEXTS = ('.md', '.build', '.in', '.txt', '.1', '.bash', '.fish', '.css', '.ui', '.xml', '.json',
         '.supp', '.yml')
SKIPPED_FOLDERS = re.compile(r'^(\.git|_?build.*|obj-.*|__pycache__|subprojects)$')


def kind_of(path):
    """'c', 'script', 'text', or None for what is not checked (binary files, the licence)."""
    name = os.path.basename(path)
    ending = os.path.splitext(name)[1]
    if ending in SOURCES:
        return 'c'
    if ending in SCRIPTS or path in ('dev', '.ci/run'):
        return 'script'
    if ending in TEXTS or name in ('POTFILES.in', 'meson_options.txt', '_valise', 'valise'):
        return 'text'
    return None


def files_of(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if not SKIPPED_FOLDERS.match(f))
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), root)
            kind = kind_of(path)
            if kind and not os.path.islink(os.path.join(root, path)):
                yield path, kind


def check_file(root, path, kind):
    """Returns (faults, notes), each a list of printable lines."""
    faults, notes = [], []

    def fault(line, words):
        faults.append(f'{path}:{line}: {words}')

    with open(os.path.join(root, path), 'rb') as file:
        data = file.read()
    try:
        text = data.decode('utf-8')
    except UnicodeDecodeError:
        return [f'{path}:1: is not UTF-8'], notes
    if not text:
        return faults, notes
    if not text.endswith('\n'):
        fault(text.count('\n') + 1, 'the last line has no line end')
    lines = text.split('\n')
    if lines[-1] == '':
        lines.pop()
        if lines and lines[-1] == '':
            fault(len(lines), 'blank lines at the end of the file')

    for number, line in enumerate(lines, 1):
        if line.rstrip() != line:
            fault(number, 'blanks (or a carriage return) at the end of the line')
        if '\t' in line:
            fault(number, 'a tab')
        if kind != 'text' and len(line) > COLUMNS:
            fault(number, f'{len(line)} columns; the limit is {COLUMNS}')
        if UNFINISHED.search(line):
            fault(number, 'a mark of unfinished work')
        if kind == 'c' and path.startswith('src/') and not path.startswith('src/cli/'):
            code = re.sub(r'"(\\.|[^"\\])*"', '""', line)
            if PRINTS.search(code) and not code.lstrip().startswith(('*', '/*')):
                fault(number, 'only src/cli prints; elsewhere return a GError or use g_debug')

    if kind in ('c', 'script'):
        if not any(SPDX in line for line in lines[:30]):
            fault(1, f'no “{SPDX}” at the top')
        name = os.path.basename(path)
        if kind == 'c':
            if not lines[0].startswith(f'/* {name}: '):
                fault(1, f'does not open with “/* {name}: what it is responsible for”')
        elif not any(line.startswith((f'# {name}: ', f'"""{name}')) for line in lines[:3]):
            fault(1, f'does not open with “# {name}: what it is responsible for”')
        if len(lines) > LINES_MOST:
            fault(len(lines), f'{len(lines)} lines: split it (the limit is {LINES_MOST})')
        elif len(lines) > LINES_NOTED:
            notes.append(f'{path}: {len(lines)} lines: look whether it is still one thing')
    return faults, notes


def check(root):
    faults, notes, count = [], [], 0
    for path, kind in files_of(root):
        count += 1
        more_faults, more_notes = check_file(root, path, kind)
        faults += more_faults
        notes += more_notes
    return faults, notes, count


GOOD_C = f'/* good.c: a file without a fault.\n *\n * {SPDX}\n */\nint good;\n'

# What is written, and words of the complaint it must cause (None: it must pass).
SAMPLES = [
    ('src/core/good.c', GOOD_C, None),
    ('src/cli/good.c', GOOD_C + 'void f (void) { printf ("prints here"); }\n', None),
    ('src/core/good.c', GOOD_C + 'const char *s = "printf (no call)";\n', None),
    ('src/core/good.c', GOOD_C + 'char *s = g_strdup_printf ("%d", 1);\n', None),
    ('src/core/good.c', GOOD_C + f'/* {"x" * 94} */\n', None),
    ('src/core/good.c', GOOD_C + 'char name[] = "valise-XXXXXX";\n', None),
    ('src/core/good.c', GOOD_C + 'int a; \n', 'blanks'),
    ('src/core/good.c', GOOD_C.replace('\n', '\r\n'), 'carriage return'),
    ('src/core/good.c', GOOD_C + '\tint a;\n', 'a tab'),
    ('src/core/good.c', GOOD_C + f'/* {"x" * 95} */\n', '101 columns'),
    ('src/core/good.c', GOOD_C + 'int a;', 'no line end'),
    ('src/core/good.c', GOOD_C + '\n\n', 'blank lines at the end'),
    ('src/core/good.c', GOOD_C + '/* TO' 'DO: later */\n', 'unfinished'),
    ('tests/core/good.c', GOOD_C + '/* FIX' 'ME */\n', 'unfinished'),
    ('README.md', 'X' 'XX\n', 'unfinished'),
    ('src/core/good.c', GOOD_C.replace('SPDX', 'SPD'), 'SPDX'),
    ('src/core/bad.c', GOOD_C, 'does not open with'),
    ('src/core/good.c', GOOD_C + 'void f (void) { printf ("x"); }\n', 'only src/cli prints'),
    ('src/core/good.c', GOOD_C + 'void f (void) { fprintf (stderr, "x"); }\n', 'only src/cli'),
    ('src/engine/good.c', GOOD_C + '  g_printerr ("x");\n', 'only src/cli prints'),
    ('src/core/good.c', GOOD_C + 'int a;\n' * 900, 'split it'),
    ('tests/good.py', f'"""good.py FILE: x.\n\n{SPDX}\n"""\n', None),
    ('tests/good.py', '# good.py: x\n', 'SPDX'),
    ('tests/good.py', f'"""Good.\n\n{SPDX}\n"""\n', 'does not open with'),
    ('dev', f'#!/bin/bash\n# {SPDX}\n', 'does not open with'),
    ('tests/latin.md', b'\xe9\n', 'not UTF-8'),
]


def self_test():
    wrong = 0
    for path, content, complaint in SAMPLES:
        with tempfile.TemporaryDirectory() as root:
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, 'wb') as file:
                file.write(content if isinstance(content, bytes) else content.encode())
            faults, _, count = check(root)
        right = count == 1 and (not faults if complaint is None
                                else any(complaint in fault for fault in faults))
        if not right:
            wrong += 1
            print(f'self-test: {path}, expected {complaint!r}, got {faults}', file=sys.stderr)
    with tempfile.TemporaryDirectory() as root:
        os.makedirs(os.path.join(root, 'src'))
        with open(os.path.join(root, 'src', 'good.c'), 'w', encoding='utf-8') as file:
            file.write(GOOD_C + 'int a;\n' * 700)
        faults, notes, _ = check(root)
        if faults or len(notes) != 1:
            wrong += 1
            print('self-test: 700 lines must be noted, and only noted', file=sys.stderr)
    print(f'{len(SAMPLES) + 1 - wrong} of {len(SAMPLES) + 1} samples judged rightly')
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ['--self-test']:
        return self_test()
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), '..')
    faults, notes, count = check(os.path.abspath(root))
    for note in notes:
        print('note: ' + note)
    for fault in faults:
        print(fault)
    print(f'{count} files, {len(faults)} faults')
    return 1 if faults or not count else 0


if __name__ == '__main__':
    sys.exit(main())
