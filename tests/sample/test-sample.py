#!/usr/bin/env python3
"""test-sample.py GENERATOR: the sample is what it should be, seen through other tools.

Makes the small sample twice and checks: the same bytes both times; wimlib-imagex verifies every
kind of file; the XML names the editions; hivexget reads the hives; ntfsfix finds the volume
sound; the ISO carries UDF; and the tree holds what issue and design ask for.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

FORMATS = ["wim-lzx", "wim-xpress", "wim-none", "esd", "swm", "boot", "iso"]


def run(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if result.returncode != 0:
        sys.exit(f"{command}: {result.returncode}\n{result.stderr.decode(errors='replace')}")
    return result.stdout.decode(errors="surrogateescape")


def digests(folder):
    found = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".json"):
            with open(os.path.join(folder, name), "rb") as file:
                found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


def make(generator, folder, *more):
    options = [word for name in FORMATS for word in ("--format", name)]
    run(generator, "--output", folder, "--manifest", f"{folder}/manifest.json", *options,
        "--integrity", *more)


def check(condition, what):
    if not condition:
        sys.exit(f"not as it should be: {what}")
    print(f"ok: {what}")


def check_tree(details):
    """Each kind of thing is there, as wimlib sees it."""
    kinds = {
        "short names": r'Short Name          = "PROGRA~1"',
        "a system list of audits": r"Security Descriptor = 01001480",
        "a reparse point": r"Reparse Tag         = 0xa0000003",
        "a symbolic link": r"Reparse Tag         = 0xa000000c",
        "sparse": r"FILE_ATTRIBUTE_SPARSE_FILE is set",
        "compressed": r"FILE_ATTRIBUTE_COMPRESSED is set",
        "not indexed": r"FILE_ATTRIBUTE_NOT_CONTENT_INDEXED is set",
        "read-only": r"FILE_ATTRIBUTE_READONLY is set",
        "three links": r"Link Count          = 3\n",
        "forty-one links": r"Link Count          = 41\n",
        "an object id": r"Object ID           = 0x",
        "a birth id": r"Birth Object ID     = 0x",
        "a named stream": r'Named data stream "Zone.Identifier"',
        "an empty named stream": r'Named data stream "empty":\nHash              = 0x0{40}',
        "names that differ in case": r'(?s)names/CASE".*names/Case".*names/case"',
        "a name outside the BMP": r"emoji 😀🧳",
        "an unpaired surrogate": "unpaired\udced\udca0\udcbdx",
        "255 units": "/" + "名" * 255 + '"',
        "before 1970": r"(16|17|18|19[0-6])\d\d UTC",
        "in 9999": r"9999 UTC",
    }
    for name, pattern in kinds.items():
        check(re.search(pattern, details), name)


def main():
    generator = sys.argv[1]
    with tempfile.TemporaryDirectory() as work:
        first, second = f"{work}/1", f"{work}/2"
        volume = f"{work}/volume.ntfs"
        make(generator, first, "--keep-volume", volume)
        make(generator, second)
        check(digests(first) == digests(second), "the same bytes twice")

        with open(f"{first}/manifest.json", encoding="utf-8") as file:
            manifest = json.load(file)
        check(manifest["editions"] == ["Professional", "Enterprise"], "editions in the manifest")
        for output in manifest["outputs"]:
            check(os.path.getsize(output["path"]) == output["size"], output["path"])

        for name in ["sample.wim", "sample-xpress.wim", "sample-none.wim", "sample.esd",
                     "boot.wim"]:
            run("wimlib-imagex", "verify", f"{first}/{name}")
        run("wimlib-imagex", "verify", f"{first}/sample.swm", f"--ref={first}/sample*.swm")
        check(os.path.exists(f"{first}/sample2.swm"), "the set has parts")

        xml = run("wimlib-imagex", "info", f"{first}/sample.wim", "2")
        for line in ["Edition ID:             Enterprise", "Architecture:           x86_64",
                     "Build:                  22631", "Languages:              en-US"]:
            check(line in xml, line)
        check_tree(run("wimlib-imagex", "dir", f"{first}/sample.wim", "1", "--detailed"))

        run("wimlib-imagex", "extract", f"{first}/sample.esd", "2", "--no-acls",
            f"--dest-dir={work}/hives", "/Windows/System32/config/SYSTEM",
            "/Windows/System32/config/SOFTWARE")
        current = run("hivexget", f"{work}/hives/SYSTEM", "\\Select", "Current")
        check(current == "1\n", "Select\\Current")
        edition = run("hivexget", f"{work}/hives/SOFTWARE",
                      "\\Microsoft\\Windows NT\\CurrentVersion", "EditionID")
        check(edition == "Enterprise\n", "EditionID in the hive")

        check("processed successfully" in run("ntfsfix", "-n", volume), "ntfsfix")
        with open(f"{first}/sample.iso", "rb") as file:
            head = file.read(64 * 1024)
        check(b"NSR02" in head and b"CD001" in head, "UDF and ISO 9660")


if __name__ == "__main__":
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    main()
