"""bench_report.py: from measurements to figures, and the table that is printed.

A figure is computed for every round and held against its limit by its median.
`bench_report.py --self-test` shows that each figure is right, and that its limit can be missed.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import statistics
import sys

MIB = 1 << 20
GIB = 1 << 30
# The limit for merges was set for 4.4 GB of files, 4,686 MiB on the drive. What Windows itself does
# not need (blanking, the EFI partition, the table) is the same for every image.
MERGES, MERGES_BYTES, MERGES_FIXED = 60, 4686 * MIB, 13
MEMORY, MEMORY_MORE = 300, 16


def note(text):
    """Something for who waits."""
    print(text, flush=True)


def note_result(name, result):
    words = f'    {result["seconds"]:.1f} s, processor {result["cpu"]:.1f} s, ' \
            f'peak {result["peak"] / MIB:.0f} MiB'
    if 'drive' in result:
        d = result['drive']
        words += (f'; {d["writes"]:,} writes of {d["write_bytes"] / max(d["writes"], 1) / MIB:.2f}'
                  f' MiB, {d["merges"]} merges, {d["write_bytes"] / MIB:,.0f} MiB on '
                  f'{d["distinct_bytes"] / MIB:,.0f} MiB, {d["reads"]:,} reads; '
                  f'busy {d["busy_us"] / 1e6:.1f} s, the model itself {result["model_cpu"]:.1f} s')
    note(words)


def measured(result):
    """Whether there is a result: it may be missing, or a reason why it was skipped."""
    return isinstance(result, dict)


def stage_seconds(result, stage):
    """How long a stage took by the JSON lines, or None when they do not say."""
    later = [at for name, at in result['stages'].items()
             if name != stage and at > result['stages'].get(stage, float('inf'))]
    return min(later + [result['seconds']]) - result['stages'][stage] \
        if stage in result['stages'] else None


def limit_of_machine(r):
    """The larger of what the drive and what the processor need."""
    return max(r['dd']['seconds'], r['wimlib verify']['seconds'])


def verification(r):
    """Verification against reading as many bytes as were written, once."""
    took = stage_seconds(r['valise, verified'], 'verify')
    if took is None:
        took = r['valise, verified']['seconds'] - r['valise']['seconds']
    back = r['dd']['read_back']['seconds'] / r['dd']['drive']['distinct_bytes']
    return took / (back * r['valise, verified']['drive']['distinct_bytes'])


def drive_figure(function):
    return lambda r: function(r['valise']['drive'])


def ratio(name, other):
    return lambda r: r[name]['seconds'] / r[other]['seconds']


# Figure, what must be measured for it, how it is computed, sign and number of the limit, format.
FIGURES = [
    ('time, one drive, against the larger of dd and wimlib verify',
     ('valise', 'dd', 'wimlib verify'),
     lambda r: r['valise']['seconds'] / limit_of_machine(r), '≤', 1.10, '{:.3f} ×'),
    ('time, one drive, against wimlib-imagex apply',
     ('valise', 'wimlib apply'), ratio('valise', 'wimlib apply'), '≤', 0.40, '{:.3f} ×'),
    ('bytes on the drive / distinct bytes', ('valise',),
     drive_figure(lambda d: d['write_bytes'] / d['distinct_bytes']), '≤', 1.03, '{:.4f}'),
    ('mean write', ('valise',),
     drive_figure(lambda d: d['write_bytes'] / d['writes'] / MIB), '≥', 2.0, '{:.2f} MiB'),
    ('merges', ('valise',), drive_figure(lambda d: d['merges']), '≤', None, '{:.0f}'),
    ('time with --cache 64M, against the default', ('valise', 'valise, --cache 64M'),
     ratio('valise, --cache 64M', 'valise'), '≤', 1.05, '{:.3f} ×'),
    ('2 drives at once, against one', ('valise', 'valise, 2 drives'),
     ratio('valise, 2 drives', 'valise'), '≤', 1.25, '{:.3f} ×'),
    ('4 drives at once, against one', ('valise', 'valise, 4 drives'),
     ratio('valise, 4 drives', 'valise'), '≤', 1.25, '{:.3f} ×'),
    ('verification, against reading the bytes once', ('valise', 'valise, verified', 'dd'),
     verification, '≤', 1.10, '{:.3f} ×'),
    ('peak memory, one drive', ('valise',),
     lambda r: r['valise']['peak'] / MIB, '≤', MEMORY, '{:.0f} MiB'),
    ('peak memory, each further drive of 4', ('valise', 'valise, 4 drives'),
     lambda r: (r['valise, 4 drives']['peak'] - r['valise']['peak']) / 3 / MIB,
     '≤', MEMORY_MORE, '{:.1f} MiB'),
    ('time, a drive of 1,000 MB/s, against wimlib verify', ('valise, fast drive', 'wimlib verify'),
     ratio('valise, fast drive', 'wimlib verify'), '≤', 1.15, '{:.3f} ×'),
]


def row(name, values, sign, limit, form, why=None):
    """One line of the table, as a dictionary."""
    median = statistics.median(values) if values else None
    good = None
    if values and limit is not None:
        good = median <= limit if sign == '≤' else median >= limit
    return {'figure': name, 'values': values, 'median': median, 'sign': sign, 'limit': limit,
            'good': good, 'format': form, 'why': why}


def figures(rounds, memory):
    """All figures, as rows."""
    rows = []
    for name, needed, function, sign, limit, form in FIGURES if rounds else ():
        values, why = [], None
        for r in rounds:
            missing = [r.get(n, 'not measured') for n in needed if not measured(r.get(n))]
            if missing:
                why = str(missing[0])
            else:
                values.append(function(r))
        if name == 'merges' and values:
            share = rounds[0]['valise']['drive']['distinct_bytes'] / MERGES_BYTES
            limit = round(MERGES_FIXED + (MERGES - MERGES_FIXED) * share)
            name = f'merges ({MERGES} for a Windows of 4.4 GB, here {share:.2f} of it)'
        rows.append(row(name, values, sign, limit, form, why))
    for name, result in memory.items():
        good = measured(result)
        rows.append(row(f'peak {name}', [result['peak'] / MIB] if good else [], '≤', MEMORY,
                        '{:.0f} MiB', None if good else str(result)))
    return rows


def spread(values, form):
    low, middle, high = min(values), statistics.median(values), max(values)
    return [form.format(v) for v in (low, middle, high)]


def print_table(head, lines):
    widths = [max(len(line[i]) for line in [head] + lines) for i in range(len(head))]
    for n, line in enumerate([head] + lines):
        cells = [cell.ljust(w) if i == 0 else cell.rjust(w)
                 for i, (cell, w) in enumerate(zip(line, widths))]
        print('  '.join(cells).rstrip())
        if n == 0:
            print('  '.join('-' * w for w in widths))
    print()


def print_counters(rounds):
    """Times and the first drive's counts, the medians of the rounds."""
    lines = []
    names = [n for n in rounds[0] if all(measured(r[n]) for r in rounds)]

    def middle(name, function):
        return statistics.median(function(r[name]) for r in rounds)
    for name in names:
        seconds = [r[name]['seconds'] for r in rounds]
        line = [name, *spread(seconds, '{:.1f}'), f'{middle(name, lambda x: x["cpu"]):.1f}',
                f'{middle(name, lambda x: x["peak"]) / MIB:.0f}']
        if all('drive' in r[name] for r in rounds):
            counts = {key: middle(name, lambda x, k=key: x['drive'][k])
                      for key in ('writes', 'write_bytes', 'distinct_bytes', 'merges',
                                  'reads', 'busy_us')}
            line += [f'{counts["writes"]:,.0f}',
                     f'{counts["write_bytes"] / max(counts["writes"], 1) / MIB:.2f}',
                     f'{counts["merges"]:,.0f}', f'{counts["write_bytes"] / MIB:,.1f}',
                     f'{counts["distinct_bytes"] / MIB:,.1f}', f'{counts["reads"]:,.0f}',
                     f'{counts["busy_us"] / 1e6:.1f}',
                     f'{middle(name, lambda x: x["model_cpu"]):.1f}']
        else:
            line += [''] * 8
        lines.append(line)
    print_table(['measured', 's min', 'median', 'max', 'cpu s', 'MiB', 'writes', 'mean MiB',
                 'merges', 'MiB written', 'distinct', 'reads', 'busy s', 'model s'], lines)
    print('s: wall time; cpu s: processor time of the program; MiB: its peak memory; busy s: what '
          'the drive\nwas occupied; model s: processor time that the modelled drives cost '
          'themselves.\n')


def print_all(machine, image, rounds, rows, limits=True):
    """Prints everything. Returns how many limits were missed."""
    print()
    print(f'{machine["date"]}, {machine["processors"]} × {machine["processor"]}, '
          f'{machine["memory"] / GIB:.0f} GiB, Linux {machine["kernel"]}, '
          f'load {machine["load"]:.1f} before')
    print(f'{image["path"]}: {image["bytes"] / 1e6:,.0f} MB in {image["files"]:,} files, '
          f'{image["size"] / 1e6:,.0f} MB compressed; rounds: {len(rounds)}\n')
    if rounds:
        print_counters(rounds)

    lines = []
    for r in rows:
        verdict = {None: '', True: 'ok', False: 'MISSED'}[r['good'] if limits else None]
        if r['values']:
            cells = spread(r['values'], r['format'])
        else:
            cells = ['', 'skipped', '']
        limit = f'{r["sign"]} {r["format"].format(r["limit"])}' if r['limit'] is not None else ''
        lines.append([r['figure'], *cells, limit if limits else '', verdict])
    print_table(['figure', 'min', 'median', 'max', 'limit', ''], lines)
    for why in sorted({r['why'] for r in rows if r['why'] is not None}):
        n = sum(r['why'] == why for r in rows)
        print(f'skipped: {n} {"figures" if n > 1 else "figure"}: {why}')
    sys.stdout.flush()
    return sum(r['good'] is False for r in rows) if limits else 0


# What a drive of 120 and 250 MB/s would do with 1,000 MiB; every figure of it is known.
def invented(**changes):
    counts = {'writes': 400, 'write_bytes': 1000 * MIB, 'distinct_bytes': 1000 * MIB, 'merges': 5,
              'reads': 250, 'read_bytes': 1000 * MIB, 'busy_us': 8700000}
    result = {'cpu': 1.0, 'peak': 200 * MIB, 'model_cpu': 1.0, 'stages': {}, 'drive': counts}
    seconds = {'valise': 10.0, 'wimlib apply': 40.0, 'dd': 10.0, 'wimlib verify': 8.0,
               'valise, verified': 14.0, 'valise, --cache 64M': 10.2, 'valise, 2 drives': 11.0,
               'valise, 4 drives': 12.0, 'valise, fast drive': 9.0}
    seconds.update((name, value) for name, value in changes.items() if name in seconds)
    found = {name: dict(result, seconds=value) for name, value in seconds.items()}
    found['dd']['read_back'] = {'seconds': 4.0}
    found['valise, verified']['stages'] = changes.get('stages', {})
    found['valise']['drive'] = dict(counts, **changes.get('drive', {}))
    found['valise']['peak'] = changes.get('peak', 200) * MIB
    return found


# A change of what was measured, the figure (its beginning), what it must be, whether it is good.
CASES = [
    ({}, 'time, one drive, against the larger', 1.0, True),
    ({'valise': 11.2}, 'time, one drive, against the larger', 1.12, False),
    ({'wimlib verify': 20.0}, 'time, one drive, against the larger', 0.5, True),
    ({}, 'time, one drive, against wimlib', 0.25, True),
    ({'wimlib apply': 20.0}, 'time, one drive, against wimlib', 0.5, False),
    ({}, 'bytes on the drive', 1.0, True),
    ({'drive': {'write_bytes': 1050 * MIB}}, 'bytes on the drive', 1.05, False),
    ({}, 'mean write', 2.5, True),
    ({'drive': {'writes': 1000}}, 'mean write', 1.0, False),
    ({}, 'merges', 5, True),
    ({'drive': {'merges': 24}}, 'merges', 24, False),
    ({'drive': {'merges': 60, 'distinct_bytes': 4686 * MIB}}, 'merges', 60, True),
    ({'drive': {'merges': 61, 'distinct_bytes': 4686 * MIB}}, 'merges', 61, False),
    ({}, 'time with --cache', 1.02, True),
    ({'valise, --cache 64M': 11.0}, 'time with --cache', 1.1, False),
    ({}, '2 drives', 1.1, True),
    ({'valise, 2 drives': 13.0}, '2 drives', 1.3, False),
    ({}, '4 drives', 1.2, True),
    ({'valise, 4 drives': 20.0}, '4 drives', 2.0, False),
    ({}, 'verification', 1.0, True),
    ({'valise, verified': 15.0}, 'verification', 1.25, False),
    ({'stages': {'apply': 0.1, 'verify': 9.6, 'commit': 13.6}}, 'verification', 1.0, True),
    ({'stages': {'apply': 0.1, 'verify': 9.0}}, 'verification', 1.25, False),
    ({}, 'peak memory, one', 200, True),
    ({'peak': 301}, 'peak memory, one', 301, False),
    ({}, 'peak memory, each', 0, True),
    ({'peak': 140}, 'peak memory, each', 20, False),
    ({}, 'time, a drive of 1,000', 1.125, True),
    ({'valise, fast drive': 10.0}, 'time, a drive of 1,000', 1.25, False),
]


def self_test():
    wrong = 0
    for change, beginning, value, good in CASES:
        found, = (r for r in figures([invented(**change)], {})
                  if r['figure'].startswith(beginning))
        if abs(found['median'] - value) > 1e-6 or found['good'] is not good:
            wrong += 1
            print(f'{change}: {beginning} is {found["median"]} ({found["good"]}), not {value}')
    three = figures([invented(**{'valise': v}) for v in (9.0, 30.0, 10.5)], {})[0]
    if three['median'] != 1.05 or three['good'] is not True:
        wrong += 1
        print(f'of three rounds the median decides, not {three["median"]}')
    for peak, good in ((300, True), (301, False)):
        rows = figures([], {'memory, 7 files': {'peak': peak * MIB}})
        if [r['good'] for r in rows] != [good]:
            wrong += 1
            print(f'{peak} MiB of memory: {rows}')
    missing = figures([dict(invented(), dd='no dd today')], {})[0]
    if missing['good'] is not None or missing['why'] != 'no dd today':
        wrong += 1
        print(f'what is not measured must be skipped: {missing}')
    print(f'{len(CASES) + 4 - wrong} of {len(CASES) + 4} figures right')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(self_test() if sys.argv[1:] == ['--self-test'] else 2)
