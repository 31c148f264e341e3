#!/usr/bin/env python3
"""bench.py: how fast Valise writes, beside wimlib-imagex and dd, on a modelled flash drive.

Everything is measured in one run, one after the other, round by round, and compared within its
round: machines are noisy, ratios less so. A limit is held against the median of the rounds.

  bench.py --build _build            about 1.2 GB in 20,000 files, 3 rounds
  bench.py --build _build --memory   peak memory too, with an image of 150,000 files
  bench.py --build _build --quick    that the benchmark itself works; a tiny image, no limits

`./dev bench` runs it. wimlib-imagex applies to a loop device, which only root can make; without
root that part is left out. The images are kept in the folder --work and made again when they are
missing. Exit status: 0; 1: a limit was missed or something failed; 77: there is no FUSE, or valise
is not built.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import contextlib
import datetime
import json
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
import bench_report  # noqa: E402
from bench_drive import ModelDrive, RunError, available_memory, loop_device, run  # noqa: E402
from bench_work import Work, WorkError  # noqa: E402

MIB = 1 << 20
FAST = ('--write-rate', '1000MB', '--read-rate', '1000MB', '--merge-ms', '0')


class Bench:
    """The programs, the image, and one function for each thing that is measured.

    Each measurement returns what run() does, and with it drive (the counts of the first drive) and
    model_cpu (seconds that the modelled drives cost themselves).
    """

    def __init__(self, options, image, folder):
        self.build = options.build
        self.image = image
        self.folder = folder
        self.valise = options.valise or os.path.join(options.build, 'src/cli/valise')
        self.model = os.path.join(options.build, 'tests/bench/valise-model-drive')
        self.options = options

    @contextlib.contextmanager
    def drives(self, count, result, *options):
        """New drives; when they are gone, result knows what they did and cost."""
        # Windows, what a file system needs, and room for the cache's mistakes.
        size = (self.image['bytes'] * 3 // 2 // (1 << 30) + 3) << 30
        with contextlib.ExitStack() as stack:
            drives = [stack.enter_context(ModelDrive(self.model, size, self.folder, *options))
                      for _ in range(count)]
            yield drives
            result.setdefault('drive', drives[0].stats())
            result['drives'] = [drive.stats() for drive in drives]
        result['model_cpu'] = sum(drive.cpu for drive in drives)

    def warm_up(self):
        """Nobody shall be the first to read the image from the disk."""
        with open(self.image['path'], 'rb') as file:
            while file.read(4 * MIB):
                pass
        os.sync()

    def wimlib_apply(self):
        """(1) What a user's script does."""
        if os.geteuid() != 0:
            raise Skipped('only root can set up a loop device')
        result = {}
        with self.drives(1, result) as (drive,), loop_device(drive.path) as device:
            run('mkntfs', '--quick', '--quiet', '--force', device)

            def drain():
                os.sync()
                run('blockdev', '--flushbufs', device)
            drain()
            # Making the file system is a gift.
            drive.reset()
            result.update(run('wimlib-imagex', 'apply', self.image['path'],
                              str(self.image['index']), device, drain=drain))
        return result

    def dd_write(self, n_bytes):
        """(2) The drive's limit."""
        result = {}
        with self.drives(1, result) as (drive,):
            result.update(run('dd', 'if=/dev/zero', f'of={drive.path}', 'bs=4M', 'oflag=direct',
                              'iflag=count_bytes', f'count={n_bytes}', 'conv=notrunc,fsync'))
            result['drive'] = drive.stats()
            result['read_back'] = run('dd', f'if={drive.path}', 'of=/dev/null', 'bs=4M',
                                      'iflag=direct,count_bytes', f'count={n_bytes}')
        self.check_counters(result['drives'][0], n_bytes)
        return result

    @staticmethod
    def check_counters(counts, n_bytes):
        """dd's work is known beforehand, so the drive must have counted just that."""
        blocks = -(-n_bytes // (4 * MIB))
        expected = {'writes': blocks, 'write_bytes': n_bytes, 'distinct_bytes': n_bytes,
                    'merges': 0, 'reads': blocks, 'read_bytes': n_bytes}
        if counts['max_request'] < 4 * MIB:
            # A kernel that splits commands; when their parts came late, they count as several.
            del expected['writes'], expected['reads']
        wrong = {name: counts[name] for name in expected if counts[name] != expected[name]}
        if wrong:
            raise WorkError(f'the modelled drive counted {wrong} for dd, not {expected}')

    def wimlib_verify(self):
        """(3) The processor's limit: decompression."""
        return run('wimlib-imagex', 'verify', self.image['path'])

    def valise_write(self, *arguments, n_drives=1, drive_options=()):
        """(4) Valise."""
        if not os.access(self.valise, os.X_OK):
            raise Skipped('valise is not built')
        # In memory they need about what is written; on a disk they would not be drives any more.
        if available_memory() < n_drives * self.image['bytes'] * 1.2:
            raise Skipped(f'there is not enough memory for {n_drives} modelled drives')
        result = {}
        with self.drives(n_drives, result, *drive_options) as drives:
            targets = [word for drive in drives for word in ('--to', drive.path)]
            try:
                result.update(run(self.valise, 'write', self.image['path'], '--image',
                                  str(self.image['index']), *targets, '--yes', '--json',
                                  *arguments))
            except RunError as error:
                if n_drives > 1 and error.status == 2:
                    raise Skipped('valise refuses more than one drive') from error
                raise
        return result


class Skipped(Exception):
    """Something is not measured; the message says why."""


def measure_round(bench, quick):
    """Returns {name: result or Skipped}."""
    found = {}

    def take(name, function, *arguments, **named):
        bench_report.note(f'  {name} …')
        os.sync()
        try:
            found[name] = function(*arguments, **named)
        except Skipped as reason:
            found[name] = reason
            return
        except RunError as error:
            bench_report.note(f'  {name}: {error}')
            raise
        bench_report.note_result(name, found[name])

    bench.warm_up()
    take('valise', bench.valise_write, '--no-verify')
    take('wimlib apply', bench.wimlib_apply)
    written = [found[name]['drive']['distinct_bytes'] for name in ('valise', 'wimlib apply')
               if not isinstance(found[name], Skipped)]
    take('dd', bench.dd_write, written[0] if written else bench.image['bytes'] // 4096 * 4096)
    take('wimlib verify', bench.wimlib_verify)
    take('valise, verified', bench.valise_write)
    take('valise, --cache 64M', bench.valise_write, '--no-verify', '--cache', '64M')
    for n in (2, 4):
        take(f'valise, {n} drives', bench.valise_write, '--no-verify', n_drives=n)
    if not quick:
        take('valise, fast drive', bench.valise_write, '--no-verify', drive_options=FAST)
    return found


# Drives that people own, in MB/s, and how Windows is compressed on them.
COMPACT_RATES = (20, 60, 120, 400)
COMPACT_MODES = ('off', 'xpress16k', 'lzx', 'auto')


def measure_compact(bench, quick):
    """With --compact beside without, on slow and fast drives. Returns {rate: {mode: result}}."""
    found = {}
    for rate in COMPACT_RATES[-1:] if quick else COMPACT_RATES:
        found[rate] = {}
        for mode in COMPACT_MODES:
            bench_report.note(f'  {rate} MB/s, --compact {mode} …')
            try:
                result = bench.valise_write(
                    '--no-verify', '--compact', mode,
                    drive_options=('--write-rate', f'{rate}MB', '--read-rate', f'{2 * rate}MB'))
            except Skipped as reason:
                bench_report.note(f'    skipped: {reason}')
                continue
            found[rate][mode] = result
            bench_report.note_result(f'{rate}, {mode}', result)
    return found


def print_compact(found):
    """The limit is for drives so slow that the drive decides."""
    print(f'\n{"drive":>9}  {"--compact":<10} {"time":>8} {"of off":>7} {"written":>10} '
          f'{"peak":>8}')
    for rate, results in found.items():
        off = results.get('off')
        for mode, result in results.items():
            share = f'{result["seconds"] / off["seconds"]:.2f} ×' if off else '–'
            print(f'{rate:>4} MB/s  {mode:<10} {result["seconds"]:>6.1f} s {share:>7} '
                  f'{result["drive"]["write_bytes"] / MIB:>6,.0f} MiB '
                  f'{result["peak"] / MIB:>4.0f} MiB')


def measure_memory(options, work, folder):
    """Peak memory for the smallest and for a large image. Returns {name: result or Skipped}."""
    found = {}
    for n_files in (300, 300 if options.quick else 150000):
        image = work.sample_image(n_files, 4096)
        bench = Bench(options, image, folder)
        name = f'memory, {image["files"]:,} files'
        bench_report.note(f'  {name} …')
        try:
            found[name] = bench.valise_write('--no-verify', drive_options=FAST)
            bench_report.note_result(name, found[name])
        except Skipped as reason:
            found[name] = reason
    return found


def describe_machine():
    with open('/proc/cpuinfo', encoding='utf-8', errors='replace') as file:
        models = [line.split(':', 1)[1].strip() for line in file if line.startswith('model name')]
    return {
        'date': datetime.date.today().isoformat(),
        'processor': models[0] if models else os.uname().machine,
        'processors': os.cpu_count(),
        'memory': os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES'),
        'kernel': os.uname().release,
        'load': os.getloadavg()[0],
    }


def parse_options():
    parser = argparse.ArgumentParser(
        description='Measures how fast Valise writes, beside wimlib-imagex and dd.')
    parser.add_argument('--build', default='_build', help='build folder (_build)')
    parser.add_argument('--valise', help='measure this program instead of the one built there')
    parser.add_argument('--work', help='where images are kept (below the build folder)')
    parser.add_argument('--rounds', type=int, default=3, help='how often all is measured (3)')
    parser.add_argument('--image', help='measure this image file instead of one made here')
    parser.add_argument('--index', type=int, default=1, help='number of the edition in it (1)')
    parser.add_argument('--tree', action='append', help='folders with real files (/usr)')
    parser.add_argument('--bytes', type=float, default=1.2, help='how much of them, GB (1.2)')
    parser.add_argument('--files', type=int, default=20000, help='how many of them (20000)')
    parser.add_argument('--memory', action='store_true', help='measure peak memory too')
    parser.add_argument('--only-memory', action='store_true', help='measure nothing else')
    parser.add_argument('--compact', action='store_true', help='measure only compression')
    parser.add_argument('--json', help='write all results to this file')
    parser.add_argument('--quick', action='store_true', help='only see that this works')
    return parser.parse_args()


def choose_image(options, work):
    if options.image is not None:
        from bench_work import describe  # pylint: disable=import-outside-toplevel
        return describe(options.image, options.index)
    if options.quick:
        return work.sample_image()
    return work.real_image(options.tree or ['/usr'], int(options.bytes * 1e9), options.files)


def measure(options, folder):
    """Returns the rounds, the memory, and the image."""
    bench_report.note('Making the images, unless they are there …')
    work = Work(options.work or os.path.join(options.build, 'bench-work'),
                os.path.join(options.build, 'tests/sample/valise-make-sample'))
    image = choose_image(options, work)
    rounds, memory = [], {}
    if options.compact:
        print_compact(measure_compact(Bench(options, image, folder), options.quick))
        return None, memory, image
    if not options.only_memory:
        bench = Bench(options, image, folder)
        for n in range(1 if options.quick else options.rounds):
            bench_report.note(f'Round {n + 1}: {image["bytes"] / 1e6:,.0f} MB in '
                              f'{image["files"]:,} files')
            rounds.append(measure_round(bench, options.quick))
    if options.memory or options.only_memory:
        bench_report.note('Memory:')
        memory = measure_memory(options, work, folder)
    return rounds, memory, image


def main():
    options = parse_options()
    # mkntfs, losetup and blockdev live where a user's PATH often does not lead.
    os.environ['PATH'] += ':/usr/local/sbin:/usr/sbin:/sbin'
    machine = describe_machine()
    if not os.access('/dev/fuse', os.R_OK | os.W_OK):
        print('skipped: the modelled drives need FUSE, and /dev/fuse cannot be opened')
        sys.exit(77)
    with contextlib.suppress(PermissionError):
        # What else runs on the machine shall have little part in it.
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    folder = tempfile.mkdtemp(prefix='valise-bench-')
    os.environ['XDG_CACHE_HOME'] = folder
    try:
        rounds, memory, image = measure(options, folder)
    except (WorkError, RunError) as error:
        sys.exit(f'bench.py: {error}')
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if rounds is None:
        return

    figures = bench_report.figures(rounds, memory)
    missed = bench_report.print_all(machine, image, rounds, figures, limits=not options.quick)
    if options.json is not None:
        with open(options.json, 'w', encoding='utf-8') as file:
            json.dump({'machine': machine, 'image': image, 'rounds': rounds, 'memory': memory,
                       'figures': figures}, file, indent=1, default=str)
    if missed:
        sys.exit(1)
    if any(isinstance(r['valise'], Skipped) for r in rounds):
        sys.exit(77)


if __name__ == '__main__':
    main()
