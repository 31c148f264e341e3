#!/usr/bin/env python3
# make-seeds.py: what the fuzzers start from, where other programs have to write it.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: make-seeds.py FOLDER STAMP [PROGRAM…]

Makes seeds for the targets "disc" and "drive-contents" (sectors that are not empty, each with its
number before it), and for "pe". What needs a program that is not installed is left out.
"""
import os
import shutil
import struct
import subprocess
import sys
import tempfile

MIB = 1024 * 1024


def save(folder, target, name, data):
    os.makedirs(os.path.join(folder, target), exist_ok=True)
    with open(os.path.join(folder, target, name), "wb") as file:
        file.write(data)


def record(number, data):
    return struct.pack("<iH", number, len(data)) + data


def sparse(data, sector):
    """The sectors of data that hold something; the last 64 count from the end."""
    count = (len(data) + sector - 1) // sector
    out = bytearray()
    for number in range(count):
        part = data[number * sector:(number + 1) * sector].ljust(sector, b"\0")
        if any(part):
            shown = number - count if number >= count - 64 else number
            out += record(shown, part.rstrip(b"\0"))
    return bytes(out)


def run(*command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   **options)


def disc(folder, work):
    descriptor = bytearray(2048)
    descriptor[0:7] = b"\1CD001\1"
    descriptor[40:50] = b"UBUNTU    "
    struct.pack_into("<I", descriptor, 80, 512)
    save(folder, "disc", "iso9660", record(16, descriptor))
    if not shutil.which("genisoimage"):
        return
    for name, files in (("wim", ["sources/install.wim"]),
                        ("set", ["x64/sources/install.swm", "x64/sources/install2.swm"])):
        tree = os.path.join(work, name)
        for file in files:
            os.makedirs(os.path.dirname(os.path.join(tree, file)), exist_ok=True)
            with open(os.path.join(tree, file), "wb") as out:
                out.write(b"MSWIM\0\0\0" * 400)
        image = os.path.join(work, name + ".iso")
        run("genisoimage", "-udf", "-quiet", "-o", image, tree)
        with open(image, "rb") as file:
            data = file.read()
        # What follows the second anchor (ECMA-167 3/10.2) is one anchor a sector.
        data = data[:272 * 2048]
        # In a disc of 1 MiB nothing counts from its end but the second anchor, which none needs.
        if len(data) <= MIB:
            save(folder, "disc", name, sparse(data.ljust(MIB, b"\0"), 2048))


def drives(folder, work):
    table = bytearray(512)
    struct.pack_into("<B3xB3xII", table, 446, 0x80, 0x0c, 2048, 4096)
    struct.pack_into("<B3xB3xII", table, 462, 0, 0x05, 8192, 4096)
    table[510:] = b"\x55\xaa"
    save(folder, "drive-contents", "mbr", record(0, table))
    path = os.path.join(work, "drive")

    def fresh():
        with open(path, "wb") as file:
            file.truncate(16 * MIB)

    def keep(name):
        with open(path, "rb") as file:
            save(folder, "drive-contents", name, sparse(file.read(), 512))

    if shutil.which("sgdisk"):
        fresh()
        run("sgdisk", "-n", "1:2048:8191", "-t", "1:ef00", "-n", "2:0:0", path)
        keep("gpt")
    if shutil.which("sfdisk"):
        fresh()
        run("sfdisk", path, input=b"label: dos\n1M,4M,c\n5M,,5\n6M,2M,7\n9M,2M,83\n")
        keep("logical")
    if shutil.which("mkfs.fat"):
        fresh()
        run("mkfs.fat", "-n", "STICK", path)
        keep("fat")
    if shutil.which("mkntfs"):
        fresh()
        run("mkntfs", "-q", "-F", "-f", "-L", "Stick", path)
        with open(path, "rb") as file:
            start = file.read(64 * 1024).ljust(MIB, b"\0")
        save(folder, "drive-contents", "ntfs", sparse(start, 512))


def programs(folder, work, paths):
    head = bytearray(64 + 24 + 240)
    head[0:2] = b"MZ"
    struct.pack_into("<I", head, 60, 64)
    struct.pack_into("<4sHH12xHH", head, 64, b"PE\0\0", 0x8664, 0, 240, 0x22)
    struct.pack_into("<H", head, 88, 0x20b)
    struct.pack_into("<I", head, 88 + 108, 16)
    save(folder, "pe", "head", head)
    sign = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "sample", "sign.py")
    can_sign = shutil.which("openssl") and shutil.which("osslsigncode")
    for path in paths:
        name = os.path.basename(path)
        with open(path, "rb") as file:
            save(folder, "pe", name, file.read())
        if can_sign:
            signed = os.path.join(work, name)
            run(sys.executable, sign, "--ca", "Windows UEFI CA 2023", "--with-ca", path, signed)
            with open(signed, "rb") as file:
                save(folder, "pe", name + "-signed", file.read())


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    os.environ["PATH"] += ":/usr/local/sbin:/usr/sbin:/sbin"
    with tempfile.TemporaryDirectory(prefix="valise-seeds-") as work:
        disc(sys.argv[1], work)
        drives(sys.argv[1], work)
        programs(sys.argv[1], work, sys.argv[3:])
    # For meson, which knows only files by name.
    with open(sys.argv[2], "wb"):
        pass


main()
