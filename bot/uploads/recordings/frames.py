"""Audio that consists only of consecutive frames: MPEG audio, AAC in ADTS, and AMR."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from bot.uploads.recordings.window import Window

_CHAIN = (3, 2)
"""How many consecutive frames are no coincidence at the beginning of a file, and if the file ends with them."""
_CHAIN_AFTER_JUNK = (8, 4)
"""The same for frames anywhere in a file."""
_JUNK = 16_384
"""How many bytes are searched for the first frame: twice the longest frame."""
_MOST = 100_000
"""The most frames that are counted: 40 minutes of AAC at 44.1 kHz."""
_TAGS = 100
"""The most tags that are read; real files have one or two."""
_MOST_AMR = 5 * _MOST
_SYNC = re.compile(rb"\xff(?=[\xe0-\xff])")
_FOREIGN = re.compile(
    rb"PK[\x03\x05\x07]|%PDF|\x89PNG|\xff\xd8\xff|GIF8|Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ|\xd0\xcf\x11\xe0|MZ"
    rb"|\x7fELF|[FC]WS|MThd|RIFF|FORM|OggS|.{4}ftyp|.{257}ustar",
    re.DOTALL,
)
"""How files begin that may contain a recording among other things."""
_TRAILERS = (b"TAG", b"APETAGEX", b"ID3", b"3DI", b"LYRICSBEGIN")


class Frame(NamedTuple):
    length: int
    """Bytes."""
    samples: int
    rate: int
    """Samples per second."""
    stream: bytes
    """What all frames of a stream have in common."""
    bitrate: int = 0
    """Bits per second, if the header says."""


Parse = Callable[[bytes], Frame | None]
"""Reads the first seven bytes of a frame; None if it is no frame."""


class Sound(NamedTuple):
    """Where frames begin, and their kind."""

    at: int
    parse: Parse
    first: Frame


def find_sound(head: bytes) -> Sound | None:
    """Return the first frame: at the beginning, after a tag, or after zeros, junk or half a frame.

    Recorders that start in the middle of a stream leave those.
    """
    at = after_id3(head)
    return _chained_at(head, at) or _chained_at(head, _after_zeros(head, at)) or _behind_junk(head, at)


def after_id3(data: bytes) -> int:
    """Return where the sound begins: after an ID3v2 tag (https://id3.org/id3v2.4.0-structure, 3.1) and its padding.

    0 without a tag. May be beyond `data`.
    """
    at = 0
    for _ in range(_TAGS):
        if not _has_id3(data[at : at + 10]):
            break
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    return _after_zeros(data, at) if 0 < at < len(data) else at


def _has_id3(data: bytes) -> bool:
    return len(data) == 10 and data.startswith(b"ID3") and data[3] in (2, 3, 4) and max(data[6:10]) < 0x80


def _after_zeros(data: bytes, at: int) -> int:
    return len(data) - len(data[at:].lstrip(b"\0"))


def _chained_at(head: bytes, at: int) -> Sound | None:
    for parse in (adts, mpeg):
        first = parse(head[at : at + 7])
        if first and _chained(head, at, parse, _CHAIN, set()):
            return Sound(at, parse, first)
    return None


def _behind_junk(head: bytes, at: int) -> Sound | None:
    return None if _FOREIGN.match(head, at) else _search(head, _after_zeros(head, at))


def _search(head: bytes, start: int) -> Sound | None:
    failed: dict[Parse, set[int]] = {adts: set(), mpeg: set()}
    for match in _SYNC.finditer(head, start, start + _JUNK):
        for parse, seen in failed.items():
            first = parse(head[match.start() : match.start() + 7])
            if first and _chained(head, match.start(), parse, _CHAIN_AFTER_JUNK, seen):
                return Sound(match.start(), parse, first)
    return None


def _chained(head: bytes, at: int, parse: Parse, enough: tuple[int, int], failed: set[int]) -> bool:
    """Return whether enough frames of a stream follow each other from `at` on; fewer are enough if `head` ends there.

    No frame is checked twice: those that lead nowhere are added to `failed`.
    """
    seen: list[int] = []
    stream = b""
    most, least = enough
    while len(seen) < most:
        header = head[at : at + 7]
        if len(header) < 7 and len(seen) >= least:
            return True
        frame = parse(header)
        if not frame or at in failed or (stream and frame.stream != stream):
            failed.update(seen)
            return False
        stream = frame.stream
        seen.append(at)
        at += frame.length
    return True


_ADTS_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)


def adts(header: bytes) -> Frame | None:
    """Read a frame of AAC (ISO/IEC 13818-7, 6.2)."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or header[2] >> 2 & 15 > 12:
        return None
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    if length <= 7:
        return None
    blocks = (header[6] & 3) + 1
    return Frame(length, 1024 * blocks, _ADTS_RATES[header[2] >> 2 & 15], header[1:3])


# Kilobits per second by layer, for MPEG 1 and for the lower sampling rates of 2 and 2.5 (ISO/IEC 11172-3, 13818-3).
_BITRATES = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def mpeg(header: bytes) -> Frame | None:
    """Read a frame of MPEG audio."""
    if len(header) < 4 or header[0] != 0xFF or header[1] < 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, layer_of(header)
    bitrate, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3:
        return None
    bits = _BITRATES[1 if version == 3 else 2, layer][bitrate] * 1000
    samples = 384 if layer == 1 else 576 if layer == 3 and version != 3 else 1152
    slot = 4 if layer == 1 else 1
    length = (samples // 8 // slot * bits // _RATES[version][rate] + (header[2] >> 1 & 1)) * slot
    return Frame(length, samples, _RATES[version][rate], bytes((header[1] & 0xFE, rate)), bits)


def layer_of(header: bytes) -> int:
    """Return the layer of a frame of MPEG audio: 1, 2 or 3."""
    return 4 - (header[1] >> 1 & 3)


def mpeg_length(file: Window, at: int, end: int) -> float | None:
    """Return the length in seconds of MPEG audio between two positions of a file.

    It is counted if all of it is known. Otherwise it comes from its first frame
    (https://www.codeproject.com/Articles/8295/MPEG-Audio-Frame-Header), or from its rate if that is constant.
    """
    head = file.known_from(at)[: end - at]
    first = mpeg(head[:7])
    if not first:
        return None
    declared = _read_frame_count(head[: first.length])
    if at + len(head) == end:
        run = _run(head, mpeg)
        return (run.samples - (first.samples if declared else 0)) / first.rate if run.is_whole else None
    if declared:
        count, size = declared
        is_cut = size and not size - _SLACK <= end - at <= size + size // 50 + _SLACK
        return None if is_cut else count * first.samples / first.rate
    return _constant_length(file, at, end, head, first)


_SLACK = 1 << 18
"""How many bytes tags at the end of an MP3 may have."""


def tells_length(head: bytes, sound: Sound) -> bool:
    """Return whether the first frame of MPEG audio says how many there are."""
    return bool(_read_frame_count(head[sound.at : sound.at + sound.first.length]))


def _read_frame_count(frame: bytes) -> tuple[int, int] | None:
    """Return how many frames follow, and how many bytes they have together (0 if unknown)."""
    for name in (b"Xing", b"Info"):
        at = frame.find(name, 4, 48)
        if at >= 0 and len(frame) >= at + 16 and frame[at + 7] & 1:
            size = int.from_bytes(frame[at + 12 : at + 16], "big") if frame[at + 7] & 2 else 0
            return int.from_bytes(frame[at + 8 : at + 12], "big"), size
    if frame[36:40] == b"VBRI" and len(frame) >= 54:
        return int.from_bytes(frame[50:54], "big"), int.from_bytes(frame[46:50], "big")
    return None


class _Run(NamedTuple):
    samples: int
    size: int
    """The bytes of all frames together."""
    bitrate: int
    """Bits per second of every frame; 0 if they differ."""
    is_padded: bool
    """Whether frames differ in length at the same rate."""
    is_whole: bool
    """Whether only a tag or a part of a frame follows."""


def _run(data: bytes, parse: Parse) -> _Run:
    """Read the frames of one stream at the beginning of `data`."""
    at = samples = 0
    stream: bytes | None = None
    bitrates: set[int] = set()
    lengths: set[int] = set()
    for _ in range(_MOST):
        frame = parse(data[at : at + 7])
        if not frame or at + frame.length > len(data) or frame.stream != (stream or frame.stream):
            break
        stream = frame.stream
        samples += frame.samples
        bitrates.add(frame.bitrate)
        lengths.add(frame.length)
        at += frame.length
    rest = data[at : at + 16]
    cut = parse(rest[:7])
    is_cut = cut is not None and cut.stream == stream and at + cut.length > len(data)
    is_whole = len(rest) < 7 or is_cut or rest.startswith(_TRAILERS) or not data[at:].strip(b"\0")
    bitrate = bitrates.pop() if len(bitrates) == 1 else 0
    return _Run(samples, at, bitrate, len(lengths) > 1, is_whole)


def _constant_length(file: Window, at: int, end: int, head: bytes, first: Frame) -> float | None:
    """Return the length if all frames at both ends have the same rate, and the last ones are where it puts them."""
    begin = _run(head, mpeg)
    tail = file.tail[: len(file.tail) - (file.size - end)]
    sound = _search(tail, 0)
    if not begin.bitrate or not sound or sound.first.stream != first.stream:
        return None
    last = _run(tail[sound.at :], mpeg)
    if last.bitrate != begin.bitrate or not last.is_whole or not begin.is_whole:
        return None
    exact = Fraction(first.samples * begin.bitrate, 8 * first.rate)
    length = exact if begin.is_padded or last.is_padded else Fraction(first.length)
    before = file.tail_start + sound.at - at
    frames = round(before / length)
    if abs(before - frames * length) > 4:
        return None
    return float((frames * first.samples + last.samples) / Fraction(first.rate))


def adts_length(file: Window, sound: Sound) -> float | None:
    """Return the length in seconds of AAC, if all its bytes are known: frames only say their own length."""
    if file.whole is None:
        return None
    run = _run(file.whole[sound.at :], adts)
    return run.samples / sound.first.rate if run.is_whole else None


# Bytes of a frame of 20 ms by its type, without the byte for the type (RFC 4867, 5.3; 3GPP TS 26.101 and 26.201).
_AMR = {0: 12, 1: 13, 2: 15, 3: 17, 4: 19, 5: 20, 6: 26, 7: 31, 8: 5, 15: 0}
_AMR_WB = {0: 17, 1: 23, 2: 32, 3: 36, 4: 40, 5: 46, 6: 50, 7: 58, 8: 60, 9: 5, 14: 0, 15: 0}


def amr_length(file: Window) -> float | None:
    """Return the length in seconds of AMR with one channel, if all its bytes are known."""
    data = file.whole
    if data is None or not data.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return None
    sizes = _AMR if data.startswith(b"#!AMR\n") else _AMR_WB
    at = data.index(b"\n") + 1
    for count in range(_MOST_AMR):
        if at >= len(data):
            return count * 0.02
        size = sizes.get(data[at] >> 3 & 15)
        if size is None or data[at] & 0x83:
            return None
        at += 1 + size
    return None
