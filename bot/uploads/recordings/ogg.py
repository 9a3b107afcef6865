"""How long a recording in Ogg is (RFC 3533)."""

import struct
from typing import NamedTuple

from bot.uploads.recordings.window import Window

_START = 65_536
"""How many bytes contain the headers."""
_PAGES = 1_000
"""The most pages that are read at each end."""
_HEADER = 27


class _Page(NamedTuple):
    serial: int
    kind: int
    granule: int
    packets: int
    content: bytes
    end: int


class _Codec(NamedTuple):
    rate: int
    """Granules per second."""
    skipped: int
    """Granules before the sound."""
    longest: int
    """The most granules of a packet."""


def ogg_length(file: Window) -> float | None:
    """Return the length in seconds: by the number of samples up to the last page, and the rate in the first ones.

    None if the file begins or continues in the middle of a stream, or has several streams one after another.
    """
    streams, codec, first = _beginning(file.head[:_START])
    if not codec or not first:
        return None
    begun, packets = first
    if begun > packets * codec.longest + codec.skipped:
        return None  # recorded from the middle of a stream
    last = file.last
    at = len(last)
    for _ in range(_PAGES):
        at = last.rfind(b"OggS\0", 0, at)
        if at < 0:
            return None
        page = _page(last, at)
        if not page or page.end > len(last) or not _is_boundary(last, page.end):
            continue
        if page.serial not in streams:
            return None  # another stream after the first
        if streams[page.serial] is codec and page.granule >= 0:
            return (page.granule - codec.skipped) / codec.rate
    return None


def _beginning(head: bytes) -> tuple[dict[int, _Codec | None], _Codec | None, tuple[int, int] | None]:
    """Return the streams by serial number, the codec of the first with sound, and where its first page of sound ends.

    The latter as the granule, and the number of packets up to it.
    """
    streams: dict[int, _Codec | None] = {}
    sound: int | None = None
    packets = at = 0
    for _ in range(_PAGES):
        page = _page(head, at)
        if not page:
            break
        at = page.end
        if page.kind & 2:
            streams[page.serial] = _codec(page.content)
            sound = page.serial if sound is None and streams[page.serial] else sound
        elif page.serial == sound:
            packets += page.packets
            if page.granule > 0:
                return streams, streams[sound], (page.granule, packets)
    return streams, None, None


def _page(data: bytes, at: int) -> _Page | None:
    if data[at : at + 5] != b"OggS\0" or at + _HEADER > len(data):
        return None
    kind, granule, serial, _, _, count = struct.unpack_from("<BqIIIB", data, at + 5)
    sizes = data[at + _HEADER : at + _HEADER + count]
    start = at + _HEADER + count
    end = start + sum(sizes)
    return _Page(serial, kind, granule, sum(size < 255 for size in sizes), data[start : min(end, start + 80)], end)


def _is_boundary(data: bytes, at: int) -> bool:
    return at == len(data) or data.startswith(b"OggS", at)


def _codec(packet: bytes) -> _Codec | None:
    """Return the codec by a stream's first packet (RFC 7845, 5.1; the specifications of Vorbis, FLAC and Speex)."""
    try:
        if packet.startswith(b"OpusHead"):
            (skipped,) = struct.unpack_from("<H", packet, 10)
            return _Codec(48_000, skipped, 5_760)
        if packet.startswith(b"\x01vorbis"):
            (rate,) = struct.unpack_from("<I", packet, 12)
            return _Codec(rate, 0, 8_192) if rate else None
        if packet.startswith(b"\x7fFLAC"):
            (longest,) = struct.unpack_from(">H", packet, 19)
            rate = int.from_bytes(packet[27:30], "big") >> 4
            return _Codec(rate, 0, longest) if rate else None
        if packet.startswith(b"Speex   "):
            (rate,) = struct.unpack_from("<I", packet, 36)
            size, _, frames = struct.unpack_from("<III", packet, 56)
            return _Codec(rate, 0, max(size, 640) * max(frames, 1)) if rate else None
    except struct.error:
        pass
    return None
