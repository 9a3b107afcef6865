"""How long a recording is and when it was made, from the first and the last bytes of its file.

What containers tell of the moment is read here, and so are the lengths beside it; the lengths in the rest come from
tinytag. Nothing here is a reason to refuse a recording: what cannot be read is unknown.
"""

import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from io import SEEK_CUR, SEEK_END, SEEK_SET, BytesIO
from typing import BinaryIO, cast

from tinytag import TinyTag, TinyTagException

from bot.uploads.recordings.sniff import after_id3, recognised

EDGE = 262_144
"""Bytes of a file's beginning that are enough, and of its end where `tail_length` doesn't ask for more."""

_LONGEST = timedelta(days=7)
_EARLIEST = datetime(2001, 1, 2, tzinfo=UTC)
"""Just past the last of the days (1904, 1970, 1980, 2000, 2001) that clocks and containers count from."""
_AHEAD = timedelta(days=1)
"""How far a clock without a zone may be ahead of ours."""
_ISO = {"mp4", "m4a", "mov", "3gp"}
_LARGEST_INDEX = 8 << 20
"""Bytes: the index of a film of some three hours."""
_OGG_END = 131_072
_OGG_START = 4_096
_OGG_PAGES = 16
_PARTS = 1_000
"""Chunks, boxes or elements that are looked at; real files have a few dozen before their media."""
_READS = 4_096
"""Three times the frames after which tinytag has seen enough of an MP3."""

_MOMENT = rb"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)"
_ALONE = re.compile(_MOMENT)
_ICRD = re.compile(rb"ICRD.{4}" + _MOMENT, re.DOTALL)
_TDRC = re.compile(rb"TDRC.{6}[\x00\x03]" + _MOMENT, re.DOTALL)
_VORBIS_DATE = re.compile(rb"\x00(?i:date)=" + _MOMENT)
_MVHD = re.compile(rb"moov.{4}mvhd", re.DOTALL)
_MEHD = re.compile(rb"mvex.{4}mehd", re.DOTALL)
_MP4_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_MATROSKA_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
_SEGMENT, _INFO, _CLUSTER = 0x18538067, 0x1549A966, 0x1F43B675
_TIMESTAMP_SCALE, _DURATION, _DATE_UTC = 0x2AD7B1, 0x4489, 0x4461


@dataclass(frozen=True, slots=True)
class Tags:
    duration: float | None = None
    """Seconds."""
    recorded_at: datetime | None = None
    """In UTC where the format says so; without a zone where it is what the recorder's clock showed."""


class _Unknown(OSError):
    """Bytes between the first and the last ones, or after the end. An OSError, which tinytag takes for a short file."""


def tail_length(head: bytes, size: int) -> int:
    """How many of the last bytes of a file of `size` bytes are worth asking for; 0 where its head tells all.

    The index of an MP4 lies behind the media unless somebody moved it, and begins with what is looked for.
    """
    container = recognised(head)
    left = max(size - len(head), 0)
    if not container or not left:
        return 0
    if container.name == "ogg":
        return min(_OGG_END, size)
    if container.name == "wav":
        return min(EDGE, left)
    if container.name not in _ISO or _MVHD.search(head):
        return 0
    at = 0
    for _ in range(_PARTS):
        if at + 16 > len(head):
            break
        length = int.from_bytes(head[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(head[at + 8 : at + 16], "big")
        if length < 8:
            return 0
        at += length
    return max(size - at, 0) if size - at <= _LARGEST_INDEX else 0


def read_tags(head: bytes, tail: bytes, size: int, *, now: datetime) -> Tags:
    """What the first bytes (`EDGE`) and the last ones (may be none) of a file of `size` bytes tell.

    Reads any bytes whatever, raises nothing, and takes milliseconds. Lengths of nothing or of more than a week are
    unknown, and so are moments before 2001, or after `now` by more than a day.
    """
    file = _File(head, tail, max(size, len(head)))
    container = recognised(head)
    name = container.name if container else ""
    try:
        if name == "wav":
            tags = _wav(file)
        elif name in _ISO:
            tags = _iso(file)
        elif name in ("webm", "mkv"):
            tags = _matroska(head)
        elif name == "ogg":
            tags = Tags(_ogg(file), _written(_VORBIS_DATE, head))
        elif name in ("mp3", "mp2"):
            # The standard has its time stamps in UTC (https://id3.org/id3v2.4.0-structure, 4).
            tags = Tags(_mp3(file), _written(_TDRC, head[: after_id3(head)], zone=UTC))
        elif name in ("flac", "aiff", "asf"):
            tags = Tags(_told(BytesIO(head[after_id3(head) :])), _written(_VORBIS_DATE, head))
        else:
            return Tags()
    except (_Unknown, struct.error, OverflowError):
        return Tags()
    return Tags(_credible_length(tags.duration), _credible_moment(tags.recorded_at, now))


class _File:
    """A file of which the first and the last bytes are known."""

    def __init__(self, head: bytes, tail: bytes, size: int) -> None:
        self.head, self.tail, self.size = head, tail[-size:] if size else b"", size
        self._end = size - len(self.tail)

    def at(self, position: int, length: int) -> bytes:
        """All of `length` bytes from `position` on. Raises _Unknown."""
        if position + length <= len(self.head):
            return self.head[position : position + length]
        if position >= self._end and position + length <= self.size:
            return self.tail[position - self._end : position - self._end + length]
        raise _Unknown

    @property
    def last(self) -> bytes:
        """The last bytes, also where the head is the whole file."""
        return self.head if len(self.head) == self.size else self.tail


class _Stream:
    """A file as tinytag reads one. What is unknown is an error rather than the end, which would make it shorter."""

    def __init__(self, file: _File, start: int) -> None:
        self._file, self._start, self._position, self._reads = file, start, start, 0

    def read(self, length: int) -> bytes:
        self._reads += 1
        if self._reads > _READS:
            raise _Unknown
        length = max(min(length, self._file.size - self._position), 0)
        data = self._file.at(self._position, length) if length else b""
        self._position += length
        return data

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        base = {SEEK_SET: self._start, SEEK_CUR: self._position, SEEK_END: self._file.size}[whence]
        if base + offset < self._start:
            raise _Unknown
        self._position = base + offset
        return self.tell()

    def tell(self) -> int:
        return self._position - self._start


def _told(file: BinaryIO) -> float | None:
    """Seconds, by tinytag. Without tags: it keeps each in a list that it searches for every further one."""
    try:
        return TinyTag.get(file_obj=file, tags=False).duration
    except (TinyTagException, OSError):
        return None


def _mp3(file: _File) -> float | None:
    return _told(cast("BinaryIO", _Stream(file, after_id3(file.head))))


def _ogg(file: _File) -> float | None:
    """The last page tells how many samples there were up to it (RFC 3533, 6), the first ones how many make a second."""
    last = file.last
    at = len(last)
    for _ in range(_OGG_PAGES):
        before = last.rfind(b"OggS", 0, at)
        if before < 0:
            break
        at = before
    first = file.head[: max(file.head.rfind(b"OggS", 0, _OGG_START), 0)]
    return _told(BytesIO(first + last[at:])) if at < len(last) else None


def _wav(file: _File) -> Tags:
    """https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html; `bext`: EBU Tech 3285."""
    samples = rate = count = length = 0
    at = None
    for name, start, size in _chunks(file):
        if name == b"fmt " and size >= 16:
            samples, rate = struct.unpack("<II", file.at(start + 4, 8))
        elif name == b"fact" and size >= 4:
            (count,) = struct.unpack("<I", file.at(start, 4))
        elif name == b"data":
            length = size
        elif name == b"bext" and size >= 338:
            at = at or _bext(file.at(start + 320, 18))
        elif name == b"LIST":
            at = at or _written(_ICRD, file.at(start, min(size, 4096)))
    if rate:
        return Tags(length / rate, at)
    return Tags(count / samples if samples else None, at)  # compressed at a rate that varies


def _chunks(file: _File) -> Iterator[tuple[bytes, int, int]]:
    """The name, the start and the size of each chunk that is known."""
    at = 12
    for _ in range(_PARTS):
        try:
            name, size = struct.unpack("<4sI", file.at(at, 8))
        except _Unknown:
            return
        at += 8
        rest = file.size - at
        # Recorders that stream, or broke off, leave 0 or the largest number, and the forms for more than 4 GiB too.
        if name == b"data" and (size in (0, 0xFFFFFFFF) or size > rest):
            size = rest
        yield name, at, size
        at += size + size % 2


def _bext(text: bytes) -> datetime | None:
    """OriginationDate and OriginationTime; the standard leaves the separators open."""
    standard = re.sub(rb"(\d{4}).(\d\d).(\d\d)(\d\d).(\d\d).(\d\d)", rb"\1-\2-\3T\4:\5:\6", text, flags=re.DOTALL)
    return _written(_ALONE, standard)


def _written(pattern: re.Pattern[bytes], data: bytes, zone: timezone | None = None) -> datetime | None:
    """The first moment that is written as text behind a tag."""
    found = pattern.search(data)
    try:
        moment = datetime.fromisoformat(found[1].decode("ascii")) if found else None
    except ValueError:
        return None
    return moment.replace(tzinfo=zone) if moment and zone and not moment.tzinfo else moment


def _iso(file: _File) -> Tags:
    """The movie header (ISO/IEC 14496-12, 8.2.2), and for fragments the one that tells their length (8.8.2)."""
    header = _MVHD.search(file.head) or _MVHD.search(file.tail)
    if not header:
        return Tags()
    data = header.string
    created, scale, length = _timed(data, header.end(), ">4xI4xII", ">4xQ8xIQ")
    if not length:
        extends = _MEHD.search(data, header.end())
        (length,) = _timed(data, extends.end(), ">4xI", ">4xQ") if extends else (0,)
    is_unknown = length in (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF) or not scale
    return Tags(None if is_unknown else length / scale, _MP4_EPOCH + timedelta(seconds=created))


def _timed(data: bytes, at: int, short: str, long: str) -> tuple[int, ...]:
    """A box whose times have 32 bits, or in version 1 64."""
    return struct.unpack_from(long if data[at : at + 1] == b"\x01" else short, data, at)


def _matroska(head: bytes) -> Tags:
    """The segment's information (RFC 9559, 5.1.2)."""
    at = 0
    for _ in range(_PARTS):
        identity, start, size = _element(head, at)
        if identity == _INFO:
            return _information(head[start : start + size])
        if identity == _CLUSTER:
            break
        at = start if identity == _SEGMENT else start + size
    return Tags()


def _information(data: bytes) -> Tags:
    scale, ticks, created = 1_000_000, 0.0, None
    at = 0
    for _ in range(_PARTS):
        if at >= len(data):
            break
        identity, start, size = _element(data, at)
        at = start + size
        value = data[start:at]
        if identity == _TIMESTAMP_SCALE:
            scale = int.from_bytes(value, "big")
        elif identity == _DURATION:
            (ticks,) = struct.unpack(">f" if size == 4 else ">d", value)
        elif identity == _DATE_UTC:
            created = _MATROSKA_EPOCH + timedelta(microseconds=struct.unpack(">q", value)[0] // 1000)
    return Tags(ticks * scale / 1e9 or None, created)


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    """An element's id, where its content starts, and its size (RFC 8794, 4 and 5). Raises _Unknown."""
    wide = 9 - data[at].bit_length() if at < len(data) else 9
    sized = at + wide
    width = 9 - data[sized].bit_length() if sized < len(data) else 9
    start = sized + width
    if wide > 4 or width > 8 or start > len(data):
        raise _Unknown
    size = int.from_bytes(data[sized:start], "big") & ~(1 << 7 * width)
    return int.from_bytes(data[at:sized], "big"), start, size


def _credible_length(seconds: float | None) -> float | None:
    return seconds if seconds and math.isfinite(seconds) and 0 < seconds <= _LONGEST.total_seconds() else None


def _credible_moment(at: datetime | None, now: datetime) -> datetime | None:
    if not at:
        return None
    comparable = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not _EARLIEST <= comparable <= now + _AHEAD:
        return None
    return at.astimezone(UTC) if at.tzinfo else at
