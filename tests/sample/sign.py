#!/usr/bin/env python3
# sign.py: signs a program for the firmware with a made-up authority of a given name.
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: sign.py [OPTION…] IN OUT

Makes an authority and a certificate of its own with openssl, and signs with osslsigncode or sbsign:
programs that are not ours. Nothing of what is signed so is trusted by any firmware.
"""
import argparse
import os
import shutil
import subprocess
import tempfile


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {done.stdout.decode(errors='replace')}")


def certificates(work, options):
    """The authority's certificate and the signer's, with the signer's key."""
    paths = {name: os.path.join(work, name)
             for name in ("ca.key", "ca.pem", "key", "csr", "pem", "extensions", "empty.conf")}
    with open(paths["empty.conf"], "w", encoding="utf-8") as file:
        file.write("[req]\ndistinguished_name = dn\n[dn]\n[ca]\n"
                   "basicConstraints = critical, CA:TRUE\nsubjectKeyIdentifier = hash\n")
    with open(paths["extensions"], "w", encoding="utf-8") as file:
        file.write("extendedKeyUsage = codeSigning\nsubjectKeyIdentifier = hash\n"
                   "authorityKeyIdentifier = keyid\n")
    ca = f"/C=US/O=Nobody's tests/CN={options.ca}"
    signer = f"/C=US/O=Nobody's tests/CN={options.signer}"
    run("openssl", "req", "-utf8", "-x509", "-newkey", "rsa:2048", "-nodes",
        "-config", paths["empty.conf"], "-extensions", "ca", "-subj", ca, "-days", "9000",
        "-keyout", paths["ca.key"], "-out", paths["ca.pem"])
    run("openssl", "req", "-utf8", "-newkey", "rsa:2048", "-nodes", "-config", paths["empty.conf"],
        "-subj", signer, "-keyout", paths["key"], "-out", paths["csr"])
    run("openssl", "x509", "-req", "-in", paths["csr"], "-CA", paths["ca.pem"],
        "-CAkey", paths["ca.key"], "-set_serial", "0x33000001", "-days", str(options.days),
        "-extfile", paths["extensions"], "-out", paths["pem"])
    return paths["ca.pem"], paths["pem"], paths["key"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", choices=["osslsigncode", "sbsign"], default="osslsigncode")
    parser.add_argument("--ca", required=True, help="the authority's name")
    parser.add_argument("--signer", default="Microsoft Windows", help="the signer's name")
    parser.add_argument("--days", type=int, default=4000, help="how long the signer's is valid")
    parser.add_argument("--digest", default="sha256", help="for osslsigncode")
    parser.add_argument("--with-ca", action="store_true", help="put the authority's into the file")
    parser.add_argument("--save-ca", metavar="FILE", help="keep the authority's certificate")
    parser.add_argument("--save-signer", metavar="FILE", help="keep the signer's certificate")
    parser.add_argument("input")
    parser.add_argument("output")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="valise-sign-") as work:
        ca, pem, key = certificates(work, options)
        if os.path.exists(options.output):
            os.unlink(options.output)
        if options.tool == "sbsign":
            more = ["--addcert", ca] if options.with_ca else []
            run("sbsign", "--key", key, "--cert", pem, *more, "--output", options.output,
                options.input)
        else:
            more = ["-ac", ca] if options.with_ca else []
            run("osslsigncode", "sign", "-certs", pem, "-key", key, *more, "-h", options.digest,
                "-in", options.input, "-out", options.output)
        if options.save_ca:
            shutil.copyfile(ca, options.save_ca)
        if options.save_signer:
            shutil.copyfile(pem, options.save_signer)


main()
