#!/usr/bin/env python3
# make-picture.py: draws what a program printed in a terminal, as an SVG for the README.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: CLICOLOR_FORCE=1 ./dev run --demo 2>&1 | tests/make-picture.py [--title T] [--from WORDS]
#                                              [--lines N] >data/valise-demo.svg
#
# --from leaves out what comes before the first line with these words; --lines what comes after
# so many lines. Bold is kept, other escapes are dropped; of a line that was drawn over with
# carriage returns, the last state is shown. Nothing is added to what was printed.
import argparse
import re
import sys
from html import escape

WIDTH, HEIGHT, MARGIN, BAR = 8.4, 19, 16, 34
BOLD = re.compile('\x1b\\[1m(.*?)(?:\x1b\\[0?m|$)')
ESCAPES = re.compile('\x1b\\[[0-9;?]*[A-Za-z]')


def drawn(line):
    """The line as it stands in the end: (text, whether any of it is bold)."""
    line = line.rstrip('\r\n').split('\r')[-1].expandtabs()
    return ESCAPES.sub('', line).rstrip(), bool(BOLD.search(line))


def picture(lines, title):
    columns = max([len(text) for text, _ in lines] + [72])
    width = int(columns * WIDTH + 2 * MARGIN)
    height = int(len(lines) * HEIGHT + BAR + 2 * MARGIN)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title, quote=True)}">',
        f'<rect width="{width}" height="{height}" rx="10" fill="#241f31"/>',
        f'<path d="M0 {BAR}V10a10 10 0 0 1 10-10H{width - 10}a10 10 0 0 1 10 10V{BAR}z" '
        'fill="#3d3846"/>',
        f'<text x="{width / 2:.0f}" y="22" text-anchor="middle" fill="#deddda" '
        f'font-family="sans-serif" font-size="13">{escape(title)}</text>',
        '<g font-family="monospace" font-size="14">',
    ]
    for number, (text, bold) in enumerate(lines):
        if not text:
            continue
        y = BAR + MARGIN + (number + 0.75) * HEIGHT
        colour = '#99c1f1' if text.startswith('$ ') else '#f6f5f4'
        weight = ' font-weight="bold"' if bold else ''
        # The length is set, so that every font keeps the columns; SVG would merge plain blanks.
        words = text.lstrip()
        x = MARGIN + (len(text) - len(words)) * WIDTH
        out.append(f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}"{weight} '
                   f'textLength="{len(words) * WIDTH:.0f}" lengthAdjust="spacingAndGlyphs">'
                   f'{escape(words).replace(" ", chr(0xa0))}</text>')
    out.append('</g>\n</svg>')
    return '\n'.join(out) + '\n'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--title', default='./dev run --demo')
    parser.add_argument('--from', dest='start', default='')
    parser.add_argument('--lines', type=int, default=60)
    options = parser.parse_args()
    lines = [drawn(line) for line in sys.stdin.read().split('\n')]
    while lines and options.start not in lines[0][0]:
        lines.pop(0)
    lines = lines[:options.lines]
    while lines and not lines[-1][0]:
        lines.pop()
    if not lines:
        sys.exit('make-picture.py: nothing was printed that could be drawn')
    sys.stdout.write(picture(lines, options.title))
    return 0


if __name__ == '__main__':
    sys.exit(main())
