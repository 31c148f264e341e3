#!/usr/bin/env python3
# make-windows-zones.py: writes src/boot/valise-windows-zones-table.h anew.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: make-windows-zones.py WINDOWS-ZONES.JSON TERRITORIES.JSON TIMEZONE.JSON TZDATA.ZI > TABLE

The first three are CLDR's: supplemental/windowsZones.json and territoryInfo.json of the npm package
cldr-core, and bcp47/timezone.json of cldr-bcp47. The last is /usr/share/zoneinfo/tzdata.zi.

CLDR says which of IANA's zones is which of Windows'; its list of aliases and the links of tzdata
("backward" among them) say it for the other names of the same zones. A name for which nobody says
it is left out. A zone is shown by its typical place, and by the first of each of the most populous
other countries that have it.
"""

import json
import sys
import textwrap

HEAD = '''/* valise-windows-zones-table.h: what IANA's time zones are called in Windows.
 *
 * Written by tests/boot/make-windows-zones.py from CLDR {version} and tzdata {tzdata}.
 * CLDR: Copyright © 1991-2026 Unicode, Inc., under the Unicode License V3
 * (https://www.unicode.org/license.txt): Permission is hereby granted, free of charge, to any
 * person obtaining a copy of data files and any associated documentation (the "Data Files") or
 * software and any associated documentation (the "Software") to deal in the Data Files or Software
 * without restriction, including without limitation the rights to use, copy, modify, merge,
 * publish, distribute, and/or sell copies of the Data Files or Software, and to permit persons to
 * whom the Data Files or Software are furnished to do so, provided that either (a) this copyright
 * and permission notice appear with all copies of the Data Files or Software, or (b) this copyright
 * and permission notice appear in associated Documentation. THE DATA FILES AND SOFTWARE ARE
 * PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND. tzdata is in the public domain.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later AND Unicode-3.0
 */
/* Windows' name, the zone that stands for it, those of other large countries, and all of IANA's
 * names for it. */
static const struct
{{
  const char *windows;
  const char *typical;
  const char *others;
  const char *iana;
}} zones[] = {{'''


# How many places a zone is shown by, beside the typical one.
N_OTHERS = 3


def find_others(entries, windows, typical, populations):
    """The first zone of each of the most populous countries that have not the typical one."""
    rows = [entry['mapZone'] for entry in entries if entry['mapZone']['_other'] == windows]
    rows = [(row['_territory'], row['_type'].split()) for row in rows
            if row['_territory'] in populations]
    rows = [(territory, names) for territory, names in rows if typical not in names]
    rows.sort(key=lambda row: -populations[row[0]])
    return [names[0] for _, names in rows[:N_OTHERS]]


def main(windows_zones, territories, aliases, tzdata):
    with open(territories, encoding='utf-8') as file:
        populations = {name: int(info['_population']) for name, info
                       in json.load(file)['supplemental']['territoryInfo'].items()}
    with open(windows_zones, encoding='utf-8') as file:
        supplemental = json.load(file)['supplemental']
    with open(aliases, encoding='utf-8') as file:
        classes = [entry['_alias'].split()
                   for entry in json.load(file)['keyword']['u']['tz'].values()
                   if isinstance(entry, dict) and '_alias' in entry]
    lines = open(tzdata, encoding='ascii').read().splitlines()
    tz_version = lines[0].split()[-1]
    links = {line.split()[2]: line.split()[1] for line in lines if line.startswith('L ')}
    names = set(links) | {line.split()[1] for line in lines if line.startswith('Z ')}

    typical, windows_of, order = {}, {}, []
    entries = supplemental['windowsZones']['mapTimezones']
    for entry in entries:
        zone = entry['mapZone']
        if zone['_territory'] == '001':
            order.append(zone['_other'])
            typical[zone['_other']] = zone['_type']
        for name in zone['_type'].split():
            windows_of.setdefault(name, zone['_other'])
    for group in classes:
        known = [windows_of[name] for name in group if name in windows_of]
        for name in group if known else []:
            windows_of.setdefault(name, known[0])
    # A name that CLDR does not have: what tzdata says it is another name for, or one of the others
    # that are.
    for name in sorted(names - set(windows_of)):
        target = links.get(name, name)
        same = [target] + sorted(other for other, of in links.items() if of == target)
        known = [windows_of[other] for other in same if other in windows_of]
        if known:
            windows_of[name] = known[0]

    print(HEAD.format(version=supplemental['version']['_cldrVersion'], tzdata=tz_version))
    for windows in order:
        found = sorted(name for name, of in windows_of.items() if of == windows)
        rows = textwrap.wrap(' '.join(found), 90, break_long_words=False, break_on_hyphens=False)
        text = '\n'.join(f'    "{row}{" " if row != rows[-1] else ""}"' for row in rows)
        others = ' '.join(find_others(entries, windows, typical[windows], populations))
        print(f'  {{ "{windows}", "{typical[windows]}",\n    "{others}",\n{text} }},')
    print('};')


main(*sys.argv[1:])
