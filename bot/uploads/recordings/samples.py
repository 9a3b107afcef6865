"""The length of recordings whose container says how samples are stored: WAV, AIFF, AU and CAF.

The actual bytes are counted. What else headers say (byte rates, frame counts) is wrong in files of some recorders, and
is only used if bytes can't be counted.
"""

import math
import struct
from collections.abc import Iterator

from bot.uploads.recordings.frames import find_sound, mpeg, mpeg_length
from bot.uploads.recordings.window import Unknown, Window

_CHUNKS = 1_000
"""The most chunks that are read; real files have a few dozen."""
_OPEN = (0, 0xFFFFFFFF)
"""Sizes of data in files of recorders that stream, or were interrupted."""


def chunks(file: Window, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name, start and size of each known chunk of RIFF (`order` is "<") or IFF (">")."""
    data_size = 0
    at = 12
    for _ in range(_CHUNKS):
        try:
            name, size = struct.unpack(f"{order}4sI", file.at(at, 8))
            at += 8
            if name == b"ds64" and size >= 16:  # in the variants for more than 4 GiB (EBU Tech 3306, 3)
                (data_size,) = struct.unpack("<Q", file.at(at + 8, 8))
        except Unknown:
            return
        rest = file.size - at
        if name in (b"data", b"SSND"):
            if size == 0xFFFFFFFF and 0 < data_size <= rest:
                size = data_size
            elif size in _OPEN or size > rest:
                size = rest
        yield name, at, size
        at += size + size % 2


# Bytes and samples of a block of one channel, by WAVE's format tag (RFC 2361).
_WAV_BLOCKS = {0x22: (32, 240), 0x31: (65, 320), 0x69: (36, 64), 0x83: (10, 80)}
_WAV_BITS = {0x14: 4, 0x20: 4, 0x40: 4, 0x45: 4, 0x64: 4, 0x65: 4, 0x28F: 4}
"""Bits per sample, if the header doesn't say."""
_PCM, _MS_ADPCM, _FLOAT, _A_LAW, _MU_LAW, _IMA_ADPCM, _MP2, _MP3, _EXTENSIBLE = 1, 2, 3, 6, 7, 17, 0x50, 0x55, 0xFFFE


def wav_length(file: Window, header: bytes, fact: int, data_at: int, size: int) -> float | None:
    """Return the seconds of a WAVE by its format, its sample count (0: unknown) and its data. Raises struct.error."""
    tag: int
    rate: int
    tag, channels, rate, byte_rate, align, bits = struct.unpack_from("<HHIIHH", header)
    if tag == _EXTENSIBLE and len(header) >= 26:
        (tag,) = struct.unpack_from("<H", header, 24)
    if not rate or not channels:
        return None
    if tag in (_PCM, _FLOAT, _A_LAW, _MU_LAW):
        width = _wav_width(8 if tag in (_A_LAW, _MU_LAW) else bits, channels, rate, byte_rate, align)
        return size // width / rate if width else None
    if tag in (_MP2, _MP3):
        sound = find_sound(file.known_from(data_at)[:65_536])
        length = mpeg_length(file, data_at + sound.at, data_at + size) if sound and sound.parse is mpeg else None
        if length:
            return length
    most, block = _wav_samples(tag, channels, align, bits, size)
    if most:  # the count shows how much of the last block is padding
        return (fact if most - block < fact <= most else most) / rate
    is_credible = fact not in _OPEN and 0.01 <= size * 8 / fact <= 64 * channels
    return fact / rate if is_credible else None


def _wav_width(bits: int, channels: int, rate: int, byte_rate: int, align: int) -> int:
    """Return the bytes per sample of all channels; 0 if the header contradicts itself."""
    width = channels * -(-bits // 8)
    if width and (align in (0, width) or byte_rate == width * rate):
        return width
    is_wider = width < align <= 8 * channels and not align % channels
    return align if is_wider and byte_rate == align * rate else 0


def _wav_samples(tag: int, channels: int, align: int, bits: int, size: int) -> tuple[int, int]:
    """Return the most samples that compressed data can have, and those of a block; 0 if only a decoder knows."""
    if tag in (_MS_ADPCM, _IMA_ADPCM):
        front, first = (7 * channels, 2) if tag == _MS_ADPCM else (4 * channels, 1)
        if align <= front:
            return 0, 0
        block = (align - front) * 2 // channels + first
        rest = size % align
        return size // align * block + ((rest - front) * 2 // channels + first if rest > front else 0), block
    if tag in _WAV_BLOCKS:
        length, block = _WAV_BLOCKS[tag]
        return size // (length * channels) * block, block
    if tag in _WAV_BITS:
        samples = size * 8 // ((bits or _WAV_BITS[tag]) * channels)
        return samples, samples // 100 + 1
    return 0, 0


_AIFC_WIDTHS = {b"alaw": 1, b"ALAW": 1, b"ulaw": 1, b"ULAW": 1, b"fl32": 4, b"FL32": 4, b"fl64": 8, b"FL64": 8} | {
    b"in24": 3,
    b"ni24": 3,
    b"in32": 4,
    b"ni32": 4,
    b"23ni": 4,
}
_AIFC_PLAIN = (b"NONE", b"twos", b"sowt", b"raw ")
_AIFC_BLOCKS = {b"ima4": (34, 64), b"MAC3": (2, 6), b"MAC6": (1, 6), b"GSM ": (33, 160)}
"""Bytes and samples of a packet of one channel."""


def aiff_length(file: Window) -> float | None:
    """https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/AIFF/AIFF.html; packets of AIFC by Apple's QuickTime."""
    is_packed = file.at(8, 4) == b"AIFC"
    common, size = b"", 0
    for name, start, length in chunks(file, ">"):
        if name == b"COMM":
            common = file.at(start, min(length, 22))
        elif name == b"SSND" and length > 8:
            size = length - 8 - int.from_bytes(file.at(start, 4), "big")
    channels, _, bits, exponent, mantissa = struct.unpack_from(">HIHHQ", common)
    rate = math.ldexp(mantissa, (exponent & 0x7FFF) - 16_383 - 63)
    kind = common[18:22] if is_packed else b"NONE"
    width = -(-bits // 8) if kind in _AIFC_PLAIN else _AIFC_WIDTHS.get(kind, 0)
    length, samples = _AIFC_BLOCKS.get(kind, (width, 1))
    return size // (length * channels) * samples / rate if size > 0 and length * channels and rate else None


_AU_BITS = {1: 8, 2: 8, 3: 16, 4: 24, 5: 32, 6: 32, 7: 64, 23: 4, 24: 4, 25: 3, 26: 5, 27: 8}


def au_length(file: Window) -> float | None:
    """https://pubs.opengroup.org/external/auformat.html"""
    start, size, encoding, rate, channels = map(int, struct.unpack(">5I", file.at(4, 20)))
    rest = file.size - start
    bits = _AU_BITS.get(encoding, 0) * channels
    if not bits or not rate or start < 24 or (size not in _OPEN and rest - size > 8):
        return None
    return max(rest if size in _OPEN else min(size, rest), 0) * 8 // bits / rate


_CAF_PLAIN = (b"lpcm", b"alaw", b"ulaw")
_LONGEST_PACKET = 65_536
"""Samples."""


def caf_chunks(file: Window) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name, start and size of each known chunk; at the end one without a name if the next is unknown."""
    at = 8
    for _ in range(_CHUNKS):
        if at >= file.size:
            return
        try:
            name, size = struct.unpack(">4sq", file.at(at, 12))
        except Unknown:
            yield b"", at, file.size - at
            return
        at += 12
        if size < 0:
            size = file.size - at
        yield name, at, size
        at += size


def caf_length(file: Window) -> float | None:
    """Apple's Core Audio Format Specification 1.0: `desc`, `data` and `pakt`."""
    rate, kind, length, samples = 0.0, b"", 0, 0
    size = total = packets = primed = left = 0
    for name, start, chunk in caf_chunks(file):
        if name == b"desc" and chunk >= 32:
            rate, kind, length, samples = struct.unpack(">d4s4xII", file.at(start, 24))
        elif name == b"data":
            if start + chunk > file.size and not (length and samples):
                return None
            size = min(chunk, file.size - start) - 4
        elif name == b"pakt" and chunk >= 24:
            packets, valid, primed, left = struct.unpack(">qqii", file.at(start, 24))
            total = valid
    if not math.isfinite(rate) or rate <= 0 or size <= 0 or samples > _LONGEST_PACKET:
        return None
    most = size // length * samples if length else packets * (samples or _LONGEST_PACKET)
    if length and samples and kind in _CAF_PLAIN:
        return most / rate
    least = most - samples if samples else 0
    is_credible = min(total - 1, primed, left) >= 0 and least < total + primed + left <= most
    return total / rate if is_credible else most / rate if length and samples else None
