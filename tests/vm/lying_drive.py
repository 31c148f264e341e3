# lying_drive.py: the memory of a drive that is not what it says, as a plugin for nbdkit.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# file=PATH           what memory there is
# size=BYTES          what the drive claims to have; addresses beyond the memory begin anew in it
# lost=BYTES          where a MiB begins that keeps nothing; none if it is not given
import os

import nbdkit

API_VERSION = 2
MIB = 1 << 20
settings = {}


def config(name, value):
    settings[name] = value


def get_ready():
    settings['fd'] = os.open(settings['file'], os.O_RDWR)
    settings['real'] = os.fstat(settings['fd']).st_size


def thread_model():
    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


def open(readonly):
    return 1


def get_size(handle):
    return int(settings['size'])


def can_multi_conn(handle):
    return True


def pieces(offset, size):
    """Where each part of an extent is in the memory; None where it is nowhere."""
    lost, begin = int(settings.get('lost', -MIB)), 0
    while begin < size:
        at = offset + begin
        if lost <= at < lost + MIB:
            place, end = None, lost + MIB
        else:
            place = at % settings['real']
            end = at + settings['real'] - place
            if at < lost:
                end = min(end, lost)
        length = min(size - begin, end - at)
        yield begin, length, place
        begin += length


def pread(handle, buffer, offset, flags):
    buffer = memoryview(buffer)
    for begin, length, place in pieces(offset, len(buffer)):
        if place is None:
            buffer[begin:begin + length] = bytes(length)
        else:
            os.preadv(settings['fd'], [buffer[begin:begin + length]], place)


def pwrite(handle, buffer, offset, flags):
    buffer = memoryview(buffer)
    for begin, length, place in pieces(offset, len(buffer)):
        if place is not None:
            os.pwrite(settings['fd'], buffer[begin:begin + length], place)


def flush(handle, flags):
    pass
