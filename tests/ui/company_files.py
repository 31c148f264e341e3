# company_files.py: a profile with all that the page of options can show, and the files for it.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import subprocess

INF = ('[Version]\r\nSignature="$WINDOWS NT$"\r\nClass={kind}\r\nProvider=%P%\r\n'
       'CatalogFile=a.cat\r\n'
       '[Manufacturer]\r\n%P%=M,{target}\r\n[M.{target}]\r\n%D%=I,PCI\\VEN_1\r\n'
       '[Strings]\r\nP="Acme Devices"\r\nD="Card"\r\n')
WIFI = ('<WLANProfile xmlns="http://www.microsoft.com/networking/WLAN/profile/v1">'
        '<name>Office</name><SSIDConfig><SSID><name>Office</name></SSID></SSIDConfig>{}'
        '</WLANProfile>')
KEY = '<MSM><security><sharedKey><protected>true</protected></sharedKey></security></MSM>'


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def make_drivers(folder):
    """A folder with three drivers, of which two fit."""
    for name, kind, target in [('net', 'Net', 'NTamd64'), ('disk', 'SCSIAdapter', 'NTamd64'),
                               ('phone', 'Bluetooth', 'NTarm64')]:
        write(folder, f'drivers/{name}/{name}.inf', INF.format(kind=kind, target=target))
        write(folder, f'drivers/{name}/a.cat', 'signed')
    return os.path.join(folder, 'drivers')


def make_certificates(folder):
    """One to trust, and the same with its key; the password is “word”."""
    paths = [os.path.join(folder, name) for name in ('key.pem', 'acme-root.pem', 'me.pfx')]
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                    'ec_paramgen_curve:P-256', '-nodes', '-days', '3650', '-subj', '/CN=Acme Root',
                    '-keyout', paths[0], '-out', paths[1]], check=True, capture_output=True)
    subprocess.run(['openssl', 'pkcs12', '-export', '-inkey', paths[0], '-in', paths[1], '-passout',
                    'pass:word', '-out', paths[2]], check=True, capture_output=True)


def make_profile(folder):
    """Writes the profile, returns its path."""
    make_drivers(folder)
    make_certificates(folder)
    write(folder, 'home.xml', WIFI.format(''))
    write(folder, 'bound.xml', WIFI.format(KEY))
    write(folder, 'tweaks.reg', 'REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Acme]\n'
                                '"A"=dword:00000001\n"B"="b"\n')
    write(folder, 'handbook/start.txt', 'hello')
    write(folder, 'apps.xml', '<AppLockerPolicy Version="1"/>')
    return write(folder, 'company.json', json.dumps({
        'format': 'valise-profile', 'formatVersion': 1, 'name': 'Help desk',
        'image': {'edition': 'Education'},
        'drive': {'cache': '64M', 'bootManager': '2023'},
        'firstStart': {'skipLicense': True, 'commands': ['cmd.exe /c echo hello'],
                       'systemCommands': ['cmd.exe /c echo early']},
        'portable': {'extend': False},
        'registry': {'files': ['tweaks.reg']},
        'drivers': {'folders': ['drivers']},
        'company': {'wifi': ['home.xml', 'bound.xml'], 'rootCertificates': ['acme-root.pem'],
                    'clientCertificates': ['me.pfx'], 'certificatePassword': 'word',
                    'appLocker': 'apps.xml', 'lockAfterMinutes': 10,
                    'copy': ['handbook|\\Users\\Public\\Desktop\\Handbook']}}))
