#!/usr/bin/env python3
# check-answer-file.py: an answer file, as somebody else reads it.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: check-answer-file.py SETTINGS ARCHITECTURE FILE

Checks each setting of FILE against the table SETTINGS (answer-settings.txt), the attributes of each
component, the order of passes and commands, and prints what the file says, one setting a line. A
password is printed as what it stands for.
"""

import base64
import sys
import xml.etree.ElementTree as ET

NS = '{urn:schemas-microsoft-com:unattend}'
ACTION = '{http://schemas.microsoft.com/WMIConfig/2002/State}action'
PASSES = ['windowsPE', 'offlineServicing', 'generalize', 'specialize', 'auditSystem', 'auditUser',
          'oobeSystem']
LISTS = {'LocalAccount', 'RunSynchronousCommand', 'SynchronousCommand'}


def read_table(path):
    table, component = {}, None
    with open(path, encoding='utf-8') as file:
        for line in file.read().splitlines():
            if line.startswith('['):
                component = line.strip('[]')
            elif line and not line.startswith('#'):
                passes, setting = line.split()
                table[component, setting] = passes.split('|')
    return table


def check(condition, words):
    if not condition:
        sys.exit(words)


def password(node):
    value = node.findtext(NS + 'Value')
    check(node.findtext(NS + 'PlainText') == 'false', 'a password in plain text')
    text = base64.b64decode(value, validate=True).decode('utf-16-le')
    check(text.endswith('Password'), 'a password without its end')
    return text[:-len('Password')]


def show(table, where, node, path):
    name = node.tag[len(NS):]
    path = f'{path}/{name}' if path else name
    setting_pass, component = where
    check((component, path) in table, f'{component} has no setting {path}')
    check(setting_pass in table[component, path], f'{path} does not belong to {setting_pass}')
    check((name in LISTS) == (node.get(ACTION) == 'add'), f'{path}: action is {node.get(ACTION)}')
    if name == 'Password':
        print(f'{setting_pass} {component} {path}={password(node)}')
        return
    if len(node) == 0:
        print(f'{setting_pass} {component} {path}={node.text}')
    for child in node:
        show(table, where, child, path)
    orders = [int(child.findtext(NS + 'Order')) for child in node
              if child.find(NS + 'Order') is not None]
    check(orders == list(range(1, len(orders) + 1)), f'{path}: order {orders}')


def main(table, architecture, path):
    table = read_table(table)
    root = ET.parse(path).getroot()
    check(root.tag == NS + 'unattend', root.tag)
    passes = [PASSES.index(settings.get('pass')) for settings in root]
    check(passes == sorted(set(passes)), f'passes in the order {passes}')
    for settings in root:
        check(settings.tag == NS + 'settings', settings.tag)
        names = [component.get('name') for component in settings]
        check(len(set(names)) == len(names), f'components twice: {names}')
        for component in settings:
            attributes = dict(component.attrib)
            name = attributes.pop('name')
            check(component.tag == NS + 'component' and attributes == {
                'processorArchitecture': architecture, 'publicKeyToken': '31bf3856ad364e35',
                'language': 'neutral', 'versionScope': 'nonSxS'}, f'{name}: {attributes}')
            check(len(component) > 0, f'{name} is empty')
            for node in component:
                show(table, (settings.get('pass'), name), node, '')


main(*sys.argv[1:])
