"""A recording's length and when it was made, from the first and the last bytes of its file.

The length is sent to Kickscale without asking anybody, so it is only returned if it is certain. Nothing here is a
reason to refuse a recording: what can't be read is unknown.
"""

import math
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from bot.uploads.recordings.boxes import fragments_length, index_length, read_movie
from bot.uploads.recordings.ebml import children, element
from bot.uploads.recordings.flac import flac_length
from bot.uploads.recordings.frames import (
    adts,
    adts_length,
    after_id3,
    amr_length,
    find_sound,
    mpeg_length,
    tells_length,
)
from bot.uploads.recordings.ogg import ogg_length
from bot.uploads.recordings.samples import aiff_length, au_length, caf_chunks, caf_length, chunks, wav_length
from bot.uploads.recordings.sniff import recognised
from bot.uploads.recordings.window import Unknown, Window

EDGE = 262_144
"""How many of a file's first bytes are enough, and of its last ones unless `tail_length` returns more."""

_LONGEST = timedelta(days=7)
_EARLIEST = datetime(2001, 1, 2, tzinfo=UTC)
"""Just after the last of the epochs of clocks and containers (1904, 1970, 1980, 2000, 2001)."""
_AHEAD = timedelta(days=1)
"""How far a time without a zone may be ahead of ours."""
_OGG_END = 131_072
_LARGEST_COUNTED = 8 << 20
"""Files up to this many bytes are read completely: 20 minutes of AAC or MP3, and more than an hour of AMR."""
_PARTS = 1_000
"""The most elements that are read; real files have a few dozen before their media."""

_MOMENT = rb"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)"
_ALONE = re.compile(_MOMENT)
_ICRD = re.compile(rb"ICRD.{4}" + _MOMENT, re.DOTALL)
_TDRC = re.compile(rb"TDRC.{6}[\x00\x03]" + _MOMENT, re.DOTALL)
_VORBIS_DATE = re.compile(rb"\x00(?i:date)=" + _MOMENT)
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_MATROSKA_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
_SEGMENT, _INFO, _CLUSTER = 0x18538067, 0x1549A966, 0x1F43B675
_TIMESTAMP_SCALE, _DURATION, _DATE_UTC = 0x2AD7B1, 0x4489, 0x4461


@dataclass(frozen=True, slots=True)
class Tags:
    duration: float | None = None
    """Seconds."""
    recorded_at: datetime | None = None
    """In UTC if the format says so; otherwise without a zone, as the recorder's clock showed it."""


def tail_length(head: bytes, size: int) -> int:
    """Return how many of the last bytes of a file of `size` bytes are useful; 0 if its head is enough."""
    container = recognised(head)
    left = max(size - len(head), 0)
    if not container or not left:
        return 0
    match container.name:
        case "mp4" | "m4a" | "mov" | "3gp":
            return index_length(head, size) or fragments_length(head, size)
        case "ogg":
            return min(_OGG_END, size)
        case "wav" | "flac":
            return min(EDGE, left)
        case "mp3" | "mp2":
            sound = find_sound(head)
            is_told = not sound or tells_length(head, sound)
            return 0 if is_told else left if size <= _LARGEST_COUNTED else min(EDGE, left)
        case "aac" | "amr":  # only the whole file is enough
            return left if size <= _LARGEST_COUNTED else 0
        case "caf":
            index = next((at for name, at, _ in caf_chunks(Window(head, b"", size)) if not name), size)
            return size - index if size - index <= EDGE else 0
    return 0


def read_tags(head: bytes, tail: bytes, size: int, *, now: datetime) -> Tags:
    """Return what the first bytes (`EDGE`) and the last ones (if any) of a file of `size` bytes say.

    Accepts any bytes, raises nothing, and takes milliseconds. The length is unknown if it would be zero or more than a
    week, or if the file was cut off, unless the rest can be counted. Moments before 2001, or more than a day after
    `now`, are unknown.
    """
    file = Window(head, tail, size)
    container = recognised(head)
    try:
        tags = _tags(container.name, file) if container else Tags()
    except (Unknown, struct.error, OverflowError):
        return Tags()
    return Tags(_credible_length(tags.duration), _credible_moment(tags.recorded_at, now))


def _tags(name: str, file: Window) -> Tags:
    if name in _LENGTHS:
        return Tags(_LENGTHS[name](file))
    match name:
        case "wav":
            return _wav(file)
        case "mp4" | "m4a" | "mov" | "3gp":
            return Tags(*read_movie(file))
        case "webm" | "mkv":
            return _matroska(file)
        case "ogg":
            return Tags(ogg_length(file), _written(_VORBIS_DATE, file.head))
        case "mp3" | "mp2" | "aac":
            # Time stamps are in UTC by the standard (https://id3.org/id3v2.4.0-structure, 4).
            return Tags(_frames(file), _written(_TDRC, file.head[: after_id3(file.head)], zone=UTC))
        case "flac":
            return Tags(flac_length(file, after_id3(file.head)), _written(_VORBIS_DATE, file.head))
        case "asf":
            return Tags(_asf_length(file))
    return Tags()


_LENGTHS = {"aiff": aiff_length, "au": au_length, "caf": caf_length, "amr": amr_length}
"""Containers that don't say when they were made."""


def _asf_length(file: Window) -> float | None:
    """Read the file properties (Microsoft's Advanced Systems Format Specification, 3.2).

    None if they are those of a broadcast or of a larger file.
    """
    at = file.head.find(_ASF_PROPERTIES)
    if at < 0:
        return None
    size, played, preroll, flags = struct.unpack("<Q16xQ8xQI", file.at(at + 40, 52))
    return None if flags & 1 or size > file.size else played / 1e7 - preroll / 1e3


def _frames(file: Window) -> float | None:
    sound = find_sound(file.head)
    if not sound:
        return None
    return adts_length(file, sound) if sound.parse is adts else mpeg_length(file, sound.at, file.size)


def _wav(file: Window) -> Tags:
    """https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html; `bext`: EBU Tech 3285."""
    count = 0
    shape, data, at = b"", None, None
    for name, start, size in chunks(file, "<"):
        if name == b"fmt " and size >= 16:
            shape = file.at(start, min(size, 40))
        elif name == b"fact" and size >= 4:
            (count,) = struct.unpack("<I", file.at(start, 4))
        elif name == b"data":
            data = data or (start, size)
        elif name == b"bext" and size >= 338:
            at = at or _bext(file.at(start + 320, 18))
        elif name == b"LIST":
            at = at or _written(_ICRD, file.at(start, min(size, 4096)))
    if not shape or not data:
        return Tags(None, at)
    is_closed = file.at(data[0] - 4, 4) == struct.pack("<I", data[1] & 0xFFFFFFFF)
    return Tags(wav_length(file, shape, count if is_closed else 0, *data), at)


def _bext(text: bytes) -> datetime | None:
    """OriginationDate and OriginationTime; the standard leaves the separators open."""
    standard = re.sub(rb"(\d{4}).(\d\d).(\d\d)(\d\d).(\d\d).(\d\d)", rb"\1-\2-\3T\4:\5:\6", text, flags=re.DOTALL)
    return _written(_ALONE, standard)


def _written(pattern: re.Pattern[bytes], data: bytes, zone: timezone | None = None) -> datetime | None:
    """Return the first moment that is written as text after a tag."""
    match = pattern.search(data)
    try:
        moment = datetime.fromisoformat(match[1].decode("ascii")) if match else None
    except ValueError:
        return None
    return moment.replace(tzinfo=zone) if moment and zone and not moment.tzinfo else moment


def _matroska(file: Window) -> Tags:
    """Read the segment's information (RFC 9559, 5.1.2)."""
    at = 0
    is_cut = False
    for _ in range(_PARTS):
        identity, start, size = element(file.head, at)
        if identity == _INFO:
            tags = _information(file.head[start : start + size])
            return Tags(None, tags.recorded_at) if is_cut else tags
        if identity == _CLUSTER:
            break
        if identity == _SEGMENT:
            is_open = size.bit_count() % 7 == 0 and not size & (size + 1)  # all bits are set: the size is unknown
            is_cut = start + size > file.size and not is_open
        at = start if identity == _SEGMENT else start + size
    return Tags()


def _information(data: bytes) -> Tags:
    scale, ticks, created = 1_000_000, 0.0, None
    for identity, value in children(data):
        if identity == _TIMESTAMP_SCALE:
            scale = int.from_bytes(value, "big")
        elif identity == _DURATION:
            (ticks,) = struct.unpack(">f" if len(value) == 4 else ">d", value)
        elif identity == _DATE_UTC:
            created = _MATROSKA_EPOCH + timedelta(microseconds=struct.unpack(">q", value)[0] // 1000)
    return Tags(ticks * scale / 1e9 or None, created)


def _credible_length(seconds: float | None) -> float | None:
    return seconds if seconds and math.isfinite(seconds) and 0 < seconds <= _LONGEST.total_seconds() else None


def _credible_moment(at: datetime | None, now: datetime) -> datetime | None:
    if not at:
        return None
    comparable = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not _EARLIEST <= comparable <= now + _AHEAD:
        return None
    return at.astimezone(UTC) if at.tzinfo else at
