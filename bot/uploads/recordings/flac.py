"""How long a recording in FLAC is (RFC 9639)."""

import re
from collections.abc import Iterator
from itertools import islice

from bot.uploads.recordings.window import Window

_SYNC = re.compile(rb"\xff(?=[\xf8\xf9])")
_HEADERS = 64
"""How many possible headers at the end of a file are checked: other bytes rarely look like one."""


def flac_length(file: Window, at: int) -> float | None:
    """Return the length in seconds of the stream at `at`, by where its last frame ends. Raises Unknown.

    What the beginning says was written before the length was known, or before the file was cut off.
    """
    information = file.at(at + 8, 34)
    longest = int.from_bytes(information[2:4], "big")
    rate = int.from_bytes(information[10:13], "big") >> 4
    total = int.from_bytes(information[13:18], "big") & 0xFFFFFFFFF
    if not rate:
        return None
    ends: dict[int, int] = {}
    for start, end in _frames(file.last, longest):
        if end == total:
            return total / rate
        if end in ends:  # two consecutive frames are no coincidence
            return ends[end] / rate if not total or ends[end] < total else None
        ends[start] = end
    return None


def _frames(data: bytes, longest: int) -> Iterator[tuple[int, int]]:
    """Yield the samples at which frames begin and end, from the last one backwards. `longest` is the usual length."""
    for match in islice(reversed(list(_SYNC.finditer(data))), _HEADERS):
        header = data[match.start() : match.start() + 16]
        if frame := _frame(header, longest):
            yield frame


def _frame(header: bytes, longest: int) -> tuple[int, int] | None:
    """Return a frame's first sample and the one after its last (RFC 9639, 9.1); None if it is no frame."""
    if len(header) < 16 or header[2] >> 4 == 0 or header[2] & 15 == 15 or header[3] >> 4 > 10 or header[3] & 1:
        return None
    width = 8 - (header[4] ^ 0xFF).bit_length()  # as in UTF-8, but up to seven bytes
    if width in (1, 8):
        return None
    at = 4 + max(width, 1)
    number = header[4] & (0x7F >> width)
    for byte in header[5:at]:
        number = number << 6 | byte & 0x3F
    size, rate = header[2] >> 4, header[2] & 15
    count = 192 if size == 1 else 576 << size - 2 if size < 6 else 256 << size - 8 if size > 7 else 0
    if size in (6, 7):
        count = int.from_bytes(header[at : at + size - 5], "big") + 1
        at += size - 5
    at += {12: 1, 13: 2, 14: 2}.get(rate, 0)
    if at >= len(header) or _crc(header[:at]) != header[at]:
        return None
    start = number if header[1] & 1 else number * longest
    return start, start + count


def _crc(data: bytes) -> int:
    """CRC-8 with the polynomial 0x07."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc
