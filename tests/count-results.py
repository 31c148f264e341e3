#!/usr/bin/env python3
# count-results.py: how many tests passed, failed and were skipped, from meson's log.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: count-results.py TESTLOG.json [PASSED FAILED SKIPPED]
#        count-results.py --self-test
#
# Meson counts programs. A GLib test program holds many cases and prints them as TAP, so those
# are counted here one by one; a program that prints no TAP counts as one. The three numbers, if
# given, are added. Skipped and failed cases are named; the last line is the sum.
import json
import re
import sys

CASE = re.compile(r'^(not )?ok\b *(\d*)[ -]*([^#]*?)\s*(?:#\s*(SKIP|TO' r'DO)\b\s*(.*))?$', re.I)
PLAN = re.compile(r'^1\.\.(\d+)')


def count(test):
    """Returns (passed, failed names, skipped names) of one entry of the log."""
    passed, failed, skipped, planned = 0, [], [], None
    name, result = test['name'], test['result']
    for line in (test.get('stdout') or '').splitlines():
        plan, case = PLAN.match(line), CASE.match(line)
        if plan:
            planned = int(plan.group(1))
        elif case:
            bad, _, path, mark, why = case.groups()
            if mark:
                skipped.append(f'{name} {path}: {why or mark}')
            elif bad:
                failed.append(f'{name} {path}')
            else:
                passed += 1
    seen = passed + len(failed) + len(skipped)
    if planned is None:
        passed, failed, skipped, seen = 0, [], [], 0
    good = result in ('OK', 'EXPECTEDFAIL')
    if not good and result != 'SKIP':
        # The program died, ran out of time, or failed outside of any case.
        if not failed:
            failed.append(f'{name}: {result}')
    elif planned is None:
        if good:
            passed = 1
        else:
            skipped.append(name)
    elif seen < planned:
        failed.append(f'{name}: {planned - seen} of {planned} cases never ran')
    return passed, failed, skipped


def count_log(lines):
    passed, failed, skipped = 0, [], []
    for line in lines:
        if line.strip():
            more_passed, more_failed, more_skipped = count(json.loads(line))
            passed += more_passed
            failed += more_failed
            skipped += more_skipped
    return passed, failed, skipped


# result, output, and how many must be counted.
SAMPLES = [
    ('OK', '', (1, 0, 0)),
    ('FAIL', '', (0, 1, 0)),
    ('TIMEOUT', '', (0, 1, 0)),
    ('SKIP', 'no such thing here\n', (0, 0, 1)),
    ('OK', 'ok then, no TAP\n', (1, 0, 0)),
    ('OK', '1..2\nok 1 /a/b\n# a word\nok 2 /a/c\n', (2, 0, 0)),
    ('OK', '1..2\nok 1 /a # SKIP no root\nok 2 /b\n', (1, 0, 1)),
    ('SKIP', '1..1\nok 1 /a # SKIP no root\n', (0, 0, 1)),
    ('FAIL', '1..2\nnot ok 1 /a - assertion\nok 2 /b\n', (1, 1, 0)),
    ('ERROR', '1..3\nok 1 /a\n', (1, 1, 0)),
    ('OK', '1..3\nok 1 /a\nok 2 /b\n', (2, 1, 0)),
    ('OK', 'ok 1 /a\nok 2 /b\n1..2\n', (2, 0, 0)),
]


def self_test():
    wrong = 0
    for result, output, expected in SAMPLES:
        passed, failed, skipped = count({'name': 'x', 'result': result, 'stdout': output})
        if (passed, len(failed), len(skipped)) != expected:
            wrong += 1
            print(f'self-test: {result} {output!r}: {passed}, {failed}, {skipped}',
                  file=sys.stderr)
    print(f'{len(SAMPLES) - wrong} of {len(SAMPLES)} samples counted rightly')
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ['--self-test']:
        return self_test()
    more = [int(number) for number in sys.argv[2:5]] or [0, 0, 0]
    try:
        with open(sys.argv[1], encoding='utf-8') as file:
            passed, failed, skipped = count_log(file)
    except FileNotFoundError:
        # The build failed before any test ran; the caller counts that.
        passed, failed, skipped = 0, [], []
    for name in skipped:
        print(f'skipped: {name}')
    for name in failed:
        print(f'failed: {name}')
    print(f'{passed + more[0]} passed, {len(failed) + more[1]} failed, '
          f'{len(skipped) + more[2]} skipped')
    return 1 if failed or more[1] else 0


if __name__ == '__main__':
    sys.exit(main())
