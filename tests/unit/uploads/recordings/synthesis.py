"""Recordings that are made as needed: the smallest files of each container that players take."""

import struct
from collections.abc import Iterable
from datetime import UTC, datetime

MP4_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
MATROSKA_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
SEGMENT, INFO, TRACKS, CLUSTER, VOID = "18538067", "1549a966", "1654ae6b", "1f43b675", "ec"


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of RIFF."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def wav(
    seconds: float,
    *,
    rate: int = 8000,
    recorded_at: datetime | None = None,
    form: bytes = b"RIFF",
    claimed: int | None = None,
    trailing: bytes = b"",
) -> bytes:
    """16 bits mono silence; `claimed` is what its header says of the data's bytes, `trailing` are chunks behind it."""
    data = bytes(round(seconds * rate) * 2)
    front = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16))
    if recorded_at:
        front += chunk(b"bext", bytes(320) + recorded_at.strftime("%Y-%m-%d%H:%M:%S").encode() + bytes(264))
    size = len(data) if claimed is None else claimed
    body = b"WAVE" + front + b"data" + struct.pack("<I", size) + data + trailing
    return form + struct.pack("<I", len(body)) + body


def dated_list(text: str) -> bytes:
    """The chunk in which RIFF writes a moment as text."""
    return chunk(b"LIST", b"INFO" + chunk(b"ICRD", text.encode() + b"\0"))


def box(name: bytes, *content: bytes) -> bytes:
    """A box of an MP4."""
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + name + body


def mp4(
    seconds: float,
    *,
    recorded_at: datetime | None = None,
    brand: bytes = b"isom",
    handlers: Iterable[bytes] = (b"soun",),
    media: int = 1_000,
    is_indexed_first: bool = False,
    is_long: bool = False,
    is_fragmented: bool = False,
) -> bytes:
    """`media` bytes of nothing with their index, which tells times of 64 bits where `is_long`."""
    created = int((recorded_at - MP4_EPOCH).total_seconds()) if recorded_at else 0
    length = round(seconds * 1000)
    header = struct.pack(
        ">B3xQQIQ" if is_long else ">B3xIIII", is_long, created, created, 1000, 0 if is_fragmented else length
    )
    tracks = [box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), each, bytes(13)))) for each in handlers]
    if is_fragmented:
        tracks.append(box(b"mvex", box(b"mehd", bytes(4), struct.pack(">I", length))))
    movie = box(b"moov", box(b"mvhd", header + bytes(80)), *tracks)
    kind = box(b"ftyp", brand, bytes(4), brand, b"mp42")
    data = box(b"mdat", bytes(media))
    return kind + (movie + data if is_indexed_first else data + movie)


def element(identity: str, content: bytes, *, is_endless: bool = False) -> bytes:
    """An element of EBML."""
    size = b"\x01" + b"\xff" * 7 if is_endless else (1 << 56 | len(content)).to_bytes(8, "big")
    return bytes.fromhex(identity) + size + content


def webm(
    seconds: float | None,
    *,
    recorded_at: datetime | None = None,
    doctype: str = "webm",
    codec: str = "A_OPUS",
    is_live: bool = False,
) -> bytes:
    """As a browser records it where `is_live`: sizes are left open."""
    header = element("1a45dfa3", b"\x42\x82" + bytes((0x80 | len(doctype),)) + doctype.encode())
    information = element("2ad7b1", (1_000_000).to_bytes(3, "big"))
    if seconds is not None:
        information += element("4489", struct.pack(">d", seconds * 1000))
    if recorded_at:
        since = recorded_at - MATROSKA_EPOCH
        information += element("4461", struct.pack(">q", round(since.total_seconds()) * 1_000_000_000))
    track = element("ae", b"\x86" + bytes((0x80 | len(codec),)) + codec.encode())
    content = element(VOID, bytes(30)) + element(INFO, information) + element(TRACKS, track)
    content += element(CLUSTER, bytes(100), is_endless=is_live)
    return header + element(SEGMENT, content, is_endless=is_live)


def id3(frames: bytes = b"") -> bytes:
    """A tag, with room for a picture behind its frames."""
    size = len(frames) + 100
    return (
        b"ID3\x04\0\0" + bytes((size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127)) + frames + bytes(100)
    )


def id3_text(name: bytes, text: str) -> bytes:
    content = b"\x03" + text.encode()
    return name + struct.pack(">I", len(content)) + b"\0\0" + content


def mp3(seconds: float) -> bytes:
    """64 kbit/s at 16 kHz: frames of 36 ms and 288 bytes."""
    return (b"\xff\xf3\x88\xc4" + bytes(284)) * round(seconds / 0.036)


def aac(seconds: float) -> bytes:
    """ADTS at 16 kHz: frames of 64 ms, 100 bytes each."""
    length = 100
    header = bytes((0xFF, 0xF1, 0x60, 0x40 | length >> 11, length >> 3 & 255, (length & 7) << 5 | 0x1F, 0xFC))
    return (header + bytes(length - 7)) * round(seconds / 0.064)


def page(serial: int, granule: int, packet: bytes, *, kind: int = 0) -> bytes:
    """A page of Ogg with one packet."""
    sizes = bytes((255,)) * (len(packet) // 255) + bytes((len(packet) % 255,))
    return b"OggS\0" + struct.pack("<BqIII", kind, granule, serial, 0, 0) + bytes((len(sizes),)) + sizes + packet


def ogg(seconds: float, *, tags: str = "", codec: str = "opus") -> bytes:
    """A page a second."""
    comment = struct.pack("<II", 0, 1) + struct.pack("<I", len(tags)) + tags.encode()
    if codec == "opus":
        first, second, rate = b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0", b"OpusTags" + comment, 48_000
    else:
        first = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 1, 16_000, 0, 32_000, 0, 0xB8, 1)
        second, rate = b"\x03vorbis" + comment + b"\x01", 16_000
    whole = [page(7, 0, first, kind=2), page(7, 0, second)]
    whole += [page(7, (each + 1) * rate, bytes(4_000)) for each in range(int(seconds) - 1)]
    return b"".join([*whole, page(7, round(seconds * rate), bytes(500), kind=4)])


def flac(seconds: float, *, tags: str = "") -> bytes:
    rate = 16_000
    stream = (rate << 44 | 15 << 36 | round(seconds * rate)).to_bytes(8, "big")
    comment = struct.pack("<III", 0, 1, len(tags)) + tags.encode()
    information = b"\0\0\0\x22" + bytes((16, 0, 16, 0, 0, 0, 0, 0, 0, 0)) + stream + bytes(16)
    return b"fLaC" + information + b"\x84" + len(comment).to_bytes(3, "big") + comment + b"\xff\xf8" + bytes(2_000)


def aiff(seconds: float) -> bytes:
    """16 bits mono silence at 8 kHz, a rate that is written as an 80-bit number."""
    count = round(seconds * 8000)
    common = b"COMM" + struct.pack(">IhIhHQ", 18, 1, count, 16, 0x400B, 0xFA00 << 48)
    body = b"AIFF" + common + b"SSND" + struct.pack(">III", 8 + count * 2, 0, 0) + bytes(count * 2)
    return b"FORM" + struct.pack(">I", len(body)) + body


def asf(seconds: float) -> bytes:
    """The header of a WMA."""
    properties = bytes(40) + struct.pack("<QQQ", round(seconds * 1e7), 0, 0) + bytes(16)
    objects = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365") + struct.pack("<Q", 24 + len(properties)) + properties
    front = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + struct.pack("<QIBB", 30 + len(objects), 1, 1, 2)
    return front + objects + bytes(500)


def ts() -> bytes:
    """Packets of a transport stream."""
    return (b"\x47\x40\x00\x10" + b"\xff" * 184) * 8
