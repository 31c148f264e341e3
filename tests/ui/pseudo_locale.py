# pseudo_locale.py: a translation into no language: every letter with an accent, a good deal longer,
# in brackets. What is shown without them is not marked for translation.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: pseudo_locale.py SOURCES FOLDER
#
# Writes FOLDER/xx/LC_MESSAGES/valise.mo from the words in the SOURCES. With _build/po as FOLDER,
# “./dev pictures light-narrow-xx” shows what long words do to the pages.
import ast
import os
import re
import subprocess
import sys

PLAIN = 'abcdefghijklmnopqrstuvwxyz'
ACCENTS = 'áƀćđéƒĝĥíĵķľḿńóṕɋŕśţúṽŵẋýž'
LETTERS = {}
for old, new in zip(PLAIN, ACCENTS):
    LETTERS[old], LETTERS[old.upper()] = new, new.upper()
assert len(LETTERS) == 2 * 26

# What means something: places for values, mnemonics, markup, entities.
KEPT = re.compile(r'%[-+#0\d$*.]*(?:<\w+>|(?:hh|ll|[hlqjzt])?[A-Za-z%])|_[A-Za-z]'
                  r'|</?\w+[^<>]*>|&\w+;')
# As meson's preset for GLib, which is what the real catalogues are made with.
KEYWORDS = ['_', 'N_', 'C_:1c,2', 'NC_:1c,2', 'g_dcgettext:2', 'g_dngettext:2,3',
            'g_dpgettext2:2c,3']
HEADER = ('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
          '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n')


def lengthen(text):
    """Accents, and every vowel twice: about two fifths longer."""
    return ''.join(LETTERS.get(letter, letter) * (2 if letter in 'aeiouAEIOU' else 1)
                   for letter in text)


def translate_line(line):
    inner = line.strip()
    if not inner:
        return line
    before = line[:len(line) - len(line.lstrip())]
    after = line[len(line.rstrip()):]
    out, end = '', 0
    for kept in KEPT.finditer(inner):
        out += lengthen(inner[end:kept.start()]) + kept.group()
        end = kept.end()
    return f'{before}[{out}{lengthen(inner[end:])}]{after}'


def translate(text):
    """The words for @text; each line of it has brackets."""
    return '\n'.join(map(translate_line, text.split('\n')))


def template(sources):
    """The .pot file for all words of the program."""
    with open(os.path.join(sources, 'po', 'POTFILES.in'), encoding='utf-8') as file:
        names = [line for line in file.read().split('\n') if line.endswith(('.c', '.h', '.ui'))]
    return subprocess.run(
        ['xgettext', '--from-code=UTF-8', '--no-wrap', '--no-location', '--output=-',
         *(f'--keyword={word}' for word in KEYWORDS), *names],
        cwd=sources, check=True, stdout=subprocess.PIPE, encoding='utf-8').stdout


def catalogue(pot):
    """The .po file for the @pot."""
    out = [HEADER]
    for entry in pot.split('\n\n')[1:]:
        found = {}
        for kind, text in re.findall(r'^(msg\w+)(?:\[\d\])? ((?:".*"\s?)+)', entry, re.MULTILINE):
            parts = [part for part in text.split('\n') if part]
            found.setdefault(kind, ''.join(map(ast.literal_eval, parts)))
        if not found.get('msgid'):
            continue
        lines = [line for line in entry.split('\n')
                 if line.startswith('#,')] + [f'{kind} {quote(found[kind])}' for kind in
                                              ('msgctxt', 'msgid', 'msgid_plural') if kind in found]
        if 'msgid_plural' in found:
            lines += [f'msgstr[0] {quote(translate(found["msgid"]))}',
                      f'msgstr[1] {quote(translate(found["msgid_plural"]))}']
        else:
            lines.append(f'msgstr {quote(translate(found["msgid"]))}')
        out.append('\n'.join(lines) + '\n')
    return '\n'.join(out)


def quote(text):
    text = text.replace('\\', '\\\\').replace('"', '\\"')
    return '"' + text.replace('\n', '\\n').replace('\t', '\\t') + '"'


def write(sources, folder):
    """Makes the catalogue; msgfmt fails on a place for a value that went lost."""
    where = os.path.join(folder, 'xx', 'LC_MESSAGES')
    os.makedirs(where, exist_ok=True)
    subprocess.run(['msgfmt', '--check-format', '--output-file=' + os.path.join(where, 'valise.mo'),
                    '-'], input=catalogue(template(sources)), encoding='utf-8', check=True)


if __name__ == '__main__':
    write(sys.argv[1], sys.argv[2])
