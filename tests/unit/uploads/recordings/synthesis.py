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
    """16 bits mono silence; `claimed` is the size of the data by its header, `trailing` are chunks after it."""
    data = bytes(round(seconds * rate) * 2)
    front = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16))
    if recorded_at:
        front += chunk(b"bext", bytes(320) + recorded_at.strftime("%Y-%m-%d%H:%M:%S").encode() + bytes(264))
    size = len(data) if claimed is None else claimed
    body = b"WAVE" + front + b"data" + struct.pack("<I", size) + data + trailing
    return form + struct.pack("<I", len(body)) + body


def coded_wav(tag: int, data: bytes, *, align: int = 1, bits: int = 4, byte_rate: int = 0, fact: int = 0) -> bytes:
    """WAVE at 8 kHz in one channel, with what its header says."""
    front = chunk(b"fmt ", struct.pack("<HHIIHH", tag, 1, 8000, byte_rate, align, bits))
    front += chunk(b"fact", struct.pack("<I", fact)) if fact else b""
    body = b"WAVE" + front + chunk(b"data", data)
    return b"RIFF" + struct.pack("<I", len(body)) + body


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
    """`media` bytes of nothing with their index, whose times have 64 bits if `is_long`."""
    created = int((recorded_at - MP4_EPOCH).total_seconds()) if recorded_at else 0
    length = round(seconds * 1000)
    header = struct.pack(
        ">B3xQQIQ" if is_long else ">B3xIIII", is_long, created, created, 1000, 0 if is_fragmented else length
    )
    tracks = [box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(13)))) for handler in handlers]
    if is_fragmented:
        tracks.append(box(b"mvex", box(b"mehd", bytes(4), struct.pack(">I", length))))
    movie = box(b"moov", box(b"mvhd", header + bytes(80)), *tracks)
    kind = box(b"ftyp", brand, bytes(4), brand, b"mp42")
    data = box(b"mdat", bytes(media))
    return kind + (movie + data if is_indexed_first else data + movie)


def fragmented_mp4(seconds: float, *, begun: int = 0, is_timed_each: bool = False, media: int = 1_000) -> bytes:
    """One second per fragment at 8 kHz, from the tick `begun` on, in frames of 1024 ticks.

    With `is_timed_each`, every sample has its own number of ticks.
    """
    track = box(b"tkhd", struct.pack(">IIII", 0, 0, 0, 1) + bytes(68))
    header = box(b"mdhd", struct.pack(">IIIII", 0, 0, 0, 8000, 0) + bytes(4))
    movie = box(
        b"moov",
        box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 1000, 0) + bytes(80)),
        box(b"trak", track, box(b"mdia", header, box(b"hdlr", bytes(8), b"soun", bytes(13)))),
        box(b"mvex", box(b"trex", struct.pack(">6I", 0, 1, 1, 800, 0, 0))),
    )
    parts = [box(b"ftyp", b"iso5", bytes(4), b"iso5"), movie]
    left = round(seconds * 10)
    while left:
        count = min(left, 10)
        if is_timed_each:
            run = struct.pack(">III", 0x301, count, 0) + struct.pack(">II", 800, 100) * count
        else:
            run = struct.pack(">III", 1, count, 0)
        begins = begun + (round(seconds * 10) - left) * 800
        traf = box(
            b"traf",
            box(b"tfhd", struct.pack(">II", 0x20000, 1)),
            box(b"tfdt", struct.pack(">IQ", 1 << 24, begins)),
            box(b"trun", run),
        )
        parts += [box(b"moof", box(b"mfhd", bytes(8)), traf), box(b"mdat", bytes(media))]
        left -= count
    return b"".join(parts)


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
    """With `is_live` as a browser records it: without sizes."""
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
    """A tag, with room for a picture after its frames."""
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


def changing_mp3(seconds: float) -> bytes:
    """As `mp3`, but its middle half has 48 kbit/s."""
    quarter = mp3(seconds / 4)
    return quarter + (b"\xff\xf3\x68\xc4" + bytes(212)) * (2 * len(quarter) // 288) + quarter


def counted_mp3(seconds: float, *, size: int | None = None) -> bytes:
    """As `mp3`, with a first frame that says how many follow, and how many bytes they have."""
    frames = mp3(seconds)
    size = len(frames) + 288 if size is None else size
    return (
        b"\xff\xf3\x88\xc4"
        + bytes(9)
        + struct.pack(">4sIII", b"Xing", 3, len(frames) // 288, size)
        + bytes(259)
        + frames
    )


def aac(seconds: float) -> bytes:
    """ADTS at 16 kHz: frames of 64 ms, 100 bytes each."""
    length = 100
    header = bytes((0xFF, 0xF1, 0x60, 0x40 | length >> 11, length >> 3 & 255, (length & 7) << 5 | 0x1F, 0xFC))
    return (header + bytes(length - 7)) * round(seconds / 0.064)


def page(serial: int, granule: int, *packets: bytes, kind: int = 0) -> bytes:
    """A page of Ogg."""
    sizes = b"".join(b"\xff" * (len(packet) // 255) + bytes((len(packet) % 255,)) for packet in packets)
    front = b"OggS\0" + struct.pack("<BqIII", kind, granule, serial, 0, 0) + bytes((len(sizes),)) + sizes
    return front + b"".join(packets)


def amr(seconds: float) -> bytes:
    """Frames of 20 ms at 12.2 kbit/s."""
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * round(seconds * 50)


def ogg(seconds: float, *, tags: str = "", codec: str = "opus") -> bytes:
    """One page per second."""
    comment = struct.pack("<II", 0, 1) + struct.pack("<I", len(tags)) + tags.encode()
    if codec == "opus":
        first, second, rate = b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0", b"OpusTags" + comment, 48_000
    elif codec == "flac":
        stream = struct.pack(">HH", 4_096, 4_096) + bytes(6) + (16_000 << 44 | 15 << 36).to_bytes(8, "big") + bytes(16)
        first = b"\x7fFLAC\x01\0\0\x01fLaC\0\0\0\x22" + stream
        second, rate = b"\x84" + len(comment).to_bytes(3, "big") + comment, 16_000
    elif codec == "speex":
        first = b"Speex   " + bytes(20) + struct.pack("<7I", 1, 80, 16_000, 1, 4, 1, 0) + struct.pack("<3I", 320, 0, 1)
        second, rate = comment, 16_000
    else:
        first = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 1, 16_000, 0, 32_000, 0, 0xB8, 1)
        second, rate = b"\x03vorbis" + comment + b"\x01", 16_000
    whole = [page(7, 0, first, kind=2), page(7, 0, second)]
    whole += [page(7, (number + 1) * rate, *[bytes(80)] * 50) for number in range(int(seconds) - 1)]
    return b"".join([*whole, page(7, round(seconds * rate), bytes(500), kind=4)])


def flac(seconds: float, *, tags: str = "", declared: float | None = None) -> bytes:
    """Frames of 4096 samples at 16 kHz, whose header declares `declared` seconds."""
    rate, longest = 16_000, 4_096
    count = round(seconds * rate)
    stream = (rate << 44 | 15 << 36 | round((seconds if declared is None else declared) * rate)).to_bytes(8, "big")
    comment = struct.pack("<III", 0, 1, len(tags)) + tags.encode()
    information = b"\0\0\0\x22" + struct.pack(">HH", longest, longest) + bytes(6) + stream + bytes(16)
    front = b"fLaC" + information + b"\x84" + len(comment).to_bytes(3, "big") + comment
    frames = []
    for number, start in enumerate(range(0, count, longest)):
        coded = chr(number).encode()
        header = b"\xff\xf8\x78\x08" + coded + struct.pack(">H", min(longest, count - start) - 1)
        frames.append(header + bytes((crc8(header),)) + bytes(500))
    return front + b"".join(frames)


def crc8(data: bytes) -> int:
    """The checksum of a header of FLAC."""
    remainder = int.from_bytes(data, "big") << 8
    for bit in range(remainder.bit_length() - 9, -1, -1):
        if remainder >> bit + 8 & 1:
            remainder ^= 0x107 << bit
    return remainder


def aiff(seconds: float) -> bytes:
    """16 bits mono silence at 8 kHz, a rate that is written as an 80-bit number."""
    count = round(seconds * 8000)
    common = b"COMM" + struct.pack(">IhIhHQ", 18, 1, count, 16, 0x400B, 0xFA00 << 48)
    body = b"AIFF" + common + b"SSND" + struct.pack(">III", 8 + count * 2, 0, 0) + bytes(count * 2)
    return b"FORM" + struct.pack(">I", len(body)) + body


def aifc(kind: bytes, seconds: float, *, size: int, samples: int, count: int = 1) -> bytes:
    """Stereo at 44.1 kHz in packets of `size` bytes and `samples` samples a channel; its header counts `count`."""
    packets = round(seconds * 44_100 / samples)
    common = struct.pack(">HIHHQ", 2, count, 16, 0x400E, 0xAC44 << 48) + kind + b"\0\0"
    sound = bytes(8) + bytes(size * 2 * packets)
    body = b"AIFC" + b"COMM" + struct.pack(">I", len(common)) + common
    body += b"SSND" + struct.pack(">I", len(sound)) + sound
    return b"FORM" + struct.pack(">I", len(body)) + body


def au(seconds: float, *, claimed: int | None = None) -> bytes:
    """A-law at 8 kHz."""
    data = bytes(round(seconds * 8000))
    return struct.pack(">4s5I", b".snd", 24, len(data) if claimed is None else claimed, 27, 8000, 1) + data


def caf(
    seconds: float,
    kind: bytes = b"lpcm",
    *,
    size: int = 2,
    samples: int = 1,
    valid: int | None = None,
    packets: int = 0,
) -> bytes:
    """One channel at 8 kHz; with `packets`, which have any size, a table of them follows the data."""
    data = bytes(4) + bytes((size or 20) * (packets or round(seconds * 8000 / samples)))
    description = struct.pack(">d4sIIIII", 8000.0, kind, 0, size, samples, 1, 16)
    parts = [(b"desc", description), (b"data", data)]
    if valid is not None:
        parts.append((b"pakt", struct.pack(">qqii", packets, valid, 0, packets * samples - valid) + bytes(packets)))
    return b"caff\0\x01\0\0" + b"".join(name + struct.pack(">q", len(part)) + part for name, part in parts)


def asf(seconds: float) -> bytes:
    """The header of a WMA."""
    properties = bytes(40) + struct.pack("<QQQ", round(seconds * 1e7), 0, 0) + bytes(16)
    objects = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365") + struct.pack("<Q", 24 + len(properties)) + properties
    front = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + struct.pack("<QIBB", 30 + len(objects), 1, 1, 2)
    return front + objects + bytes(500)


def ts() -> bytes:
    """Packets of a transport stream."""
    return (b"\x47\x40\x00\x10" + b"\xff" * 184) * 8
