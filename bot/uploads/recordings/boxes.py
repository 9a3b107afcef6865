"""ISO base media files (ISO/IEC 14496-12): MP4, M4A, MOV and 3GP."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bot.uploads.recordings.window import Unknown, Window

_BOXES = 1_000
"""The most boxes that are read; real files have a few dozen before their media."""
_LARGEST_INDEX = 8 << 20
"""In bytes: the index of a film of about three hours."""
_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_FRAGMENT = re.compile(rb"moof.{4}mfhd", re.DOTALL)


class _Box(NamedTuple):
    name: bytes
    start: int
    """Where its content begins."""
    end: int
    """May be beyond the end of what contains it."""


class _Layout(NamedTuple):
    boxes: list[_Box]
    next: int
    """Where the first box with unknown bytes begins."""
    is_all: bool
    """Whether there are no more boxes: the file ends, or continues with something else."""

    @property
    def movie(self) -> _Box | None:
        """The index."""
        return next((box for box in self.boxes if box.name == b"moov"), None)


def _layout(file: Window) -> _Layout:
    """Return the boxes of a file, as far as they are known."""
    boxes: list[_Box] = []
    at = 0
    while at < file.size and len(boxes) < _BOXES:
        try:
            length, name = struct.unpack(">I4s", file.at(at, 8))
            start = at + 8
            if length == 1:
                (length,) = struct.unpack(">Q", file.at(start, 8))
                start += 8
        except Unknown:
            return _Layout(boxes, at, is_all=file.size - at < 8)
        end = at + length if length else file.size
        if end < start:
            return _Layout(boxes, at, is_all=True)
        boxes.append(_Box(name, start, end))
        at = end
    return _Layout(boxes, at, is_all=at >= file.size)


def index_length(head: bytes, size: int) -> int:
    """Return how many of a file's last bytes are needed to read its index (`moov`), or to see that it has none.

    0 if the head shows it, or if they are too many.
    """
    layout = _layout(Window(head, b"", size))
    left = size - layout.next
    return 0 if layout.is_all or layout.movie or left > _LARGEST_INDEX else left


def fragments_length(head: bytes, size: int) -> int:
    """Return how many of a file's last bytes should contain its last fragment; 0 if it has no fragments."""
    movie = _layout(Window(head, b"", size)).movie
    is_fragmented = movie and movie.end <= len(head) and b"mvex" in head[movie.start : movie.end]
    return min(size - len(head), _LARGEST_INDEX) if is_fragmented else 0


def is_cut_off(head: bytes, tail: bytes, size: int) -> bool:
    """Return whether a file certainly lacks its index (`moov`), or a track in it, so that nothing can play it."""
    file = Window(head, tail, size)
    layout = _layout(file)
    return _lacks_track(file, layout.movie) if layout.movie else layout.is_all


def _lacks_track(file: Window, movie: _Box) -> bool:
    """Return whether the index has no complete track. What follows the tracks, e.g. titles, may be missing."""
    at = movie.start
    tracks = 0
    while at < min(movie.end, file.size) and movie.end > file.size:
        try:
            length, name = struct.unpack(">I4s", file.at(at, 8))
        except Unknown:
            return file.size - at < 8 and not tracks
        at += max(length, 8)
        if name == b"trak":
            tracks += 1
            if at > file.size:
                return True
    return movie.end > file.size and not tracks


def _children(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the content of each box within another one, as far as they are known."""
    at = 0
    for _ in range(_BOXES):
        if at + 8 > len(data):
            break
        length, name = struct.unpack_from(">I4s", data, at)
        if length < 8:
            break
        yield name, data[at + 8 : at + length]
        at += length


def _timed(data: bytes, short: str, long: str) -> tuple[int, ...]:
    """Read a box whose times have 32 bits, or 64 in version 1."""
    return struct.unpack_from(long if data[:1] == b"\x01" else short, data)


@dataclass
class _Track:
    scale: int = 0
    """Ticks per second."""
    length: int = 0
    """Ticks outside of fragments."""
    sample: int = 0
    """Ticks per sample in fragments, by default."""
    start: int | None = None
    """The tick at which the first fragment begins."""
    end: int = 0
    """The tick at which the last one ends."""


@dataclass
class _Movie:
    created: int = 0
    """Seconds since 1904."""
    length: float | None = None
    """Seconds."""
    extended: float | None = None
    """Seconds with all fragments."""
    is_fragmented: bool = False
    tracks: dict[int, _Track] = field(default_factory=dict)


def read_movie(file: Window) -> tuple[float | None, datetime | None]:
    """Return a file's length in seconds, and when it was made. Raises Unknown, struct.error, OverflowError."""
    layout = _layout(file)
    box = layout.movie
    if not box:
        return None, None
    movie = _movie(file.known_from(box.start)[: box.end - box.start])
    created = _EPOCH + timedelta(seconds=movie.created)
    if movie.is_fragmented:
        try:
            return _fragmented_length(file, box.end, movie), created
        except struct.error:
            return None, created
    is_cut = any(box.end > file.size for box in layout.boxes)
    return None if is_cut else movie.length, created


def _movie(data: bytes) -> _Movie:
    movie = _Movie()
    scale = extended = 0
    for name, content in _children(data):
        if name == b"mvhd":
            movie.created, scale, length = _timed(content, ">4xI4xII", ">4xQ8xIQ")
            movie.length = _seconds(length, scale)
        elif name == b"trak":
            _add_track(movie, content)
        elif name == b"mvex":
            movie.is_fragmented = True
            extended = _add_fragment_defaults(movie, content)
    movie.extended = _seconds(extended, scale)
    lengths = [track.length / track.scale for track in movie.tracks.values() if track.scale]
    movie.length = movie.length or max(lengths, default=None)
    return movie


def _add_fragment_defaults(movie: _Movie, data: bytes) -> int:
    """Note what holds for the fragments of each track, and return the length of all of them; 0 if it isn't given."""
    length = 0
    for name, content in _children(data):
        if name == b"mehd":
            (length,) = _timed(content, ">4xI", ">4xQ")
        elif name == b"trex":
            track, sample = struct.unpack_from(">4xI4xI", content)
            movie.tracks.setdefault(track, _Track()).sample = sample
    return length


def _add_track(movie: _Movie, data: bytes) -> None:
    identity, track = 0, _Track()
    for name, content in _children(data):
        if name == b"tkhd":
            (identity,) = _timed(content, ">12xI", ">20xI")
        elif name == b"mdia":
            header = next((values for inner, values in _children(content) if inner == b"mdhd"), b"")
            if header:
                track.scale, length = _timed(header, ">12xII", ">20xIQ")
                track.length = length if _seconds(length, track.scale) else 0
    movie.tracks[identity] = track


def _seconds(length: int, scale: int) -> float | None:
    return None if length in (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF) or not scale else length / scale


def _fragmented_length(file: Window, at: int, movie: _Movie) -> float | None:
    """Return the length up to the end of the last fragment, or else what the movie's header says about fragments."""
    data = file.whole
    is_whole = data is not None
    if data is None:
        if _add_fragments(file.head, at, movie, is_first=True) == at:
            return movie.extended
        data, at = file.tail, 0
    end = _add_fragments(data, at, movie, is_first=is_whole)
    if end == at:
        return movie.extended if is_whole else None
    if not _is_complete(data, end):
        return None
    ends = [
        (track.end - track.start + track.length) / track.scale
        for track in movie.tracks.values()
        if track.scale and track.start is not None
    ]
    return max(ends, default=None)


def _add_fragments(data: bytes, at: int, movie: _Movie, *, is_first: bool) -> int:
    """Note when the fragments in `data` from `at` on begin and end. Returns where the last one's header ends."""
    for _ in range(_BOXES):
        match = _FRAGMENT.search(data, at + 4)
        if not match:
            break
        start = match.start() - 4
        end = start + int.from_bytes(data[start : start + 4], "big")
        if not match.end() <= end <= len(data):
            break
        for name, content in _children(data[start + 8 : end]):
            if name == b"traf":
                _add_run(content, movie, is_first=is_first)
        at = end
    return at


def _is_complete(data: bytes, at: int) -> bool:
    """Return whether the boxes from `at` on end exactly where `data` ends."""
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if length < 8:
            return False
        at += length
    return at == len(data)


def _add_run(data: bytes, movie: _Movie, *, is_first: bool) -> None:
    """Read the samples of one track in a fragment (8.8.7, 8.8.8 and 8.8.12)."""
    track, sample, begins, ticks = _Track(), 0, None, 0
    for name, content in _children(data):
        if name == b"tfhd":
            flags, identity = struct.unpack_from(">II", content)
            track = movie.tracks.get(identity, track)
            sample = track.sample
            if flags & 8:
                (sample,) = struct.unpack_from(">I", content, 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0))
        elif name == b"tfdt":
            (begins,) = _timed(content, ">4xI", ">4xQ")
        elif name == b"trun":
            ticks += _ticks(content, sample)
    if is_first and track.start is None:
        track.start = begins or 0
    if begins is None and not is_first:
        track.start = None  # after a gap, only a fragment with an explicit start is certain
    begins = track.end if begins is None else begins
    track.end = max(track.end, begins + ticks)


def _ticks(run: bytes, sample: int) -> int:
    count: int
    flags, count = struct.unpack_from(">II", run)
    flags &= 0xFFFFFF
    start = 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
    width = sum(4 for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit)
    if not flags & 0x100:
        return count * sample
    values = struct.unpack_from(f">{(len(run) - start) // 4}I", run, start)
    return sum(map(int, values[: count * width // 4 : width // 4]))
