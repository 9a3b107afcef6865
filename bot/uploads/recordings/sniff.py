"""What a file is, by its first bytes alone: neither its name nor the type somebody gave it is believed.

A table of our own, since what libraries have to offer goes by one signature each: they take a HEIC picture for a film,
half of all text for MP3, and cannot tell a call from a video in the containers that hold either.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

HEAD = 65_536
"""Bytes that are enough to tell."""

_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_EBML = b"\x1aE\xdf\xa3"
_PICTURES = {b"avif", b"avis", b"crx ", b"heic", b"heif", b"heim", b"heis", b"heix", b"hevc", b"hevx"} | {
    b"jp2 ",
    b"jpm ",
    b"jpx ",
    b"mif1",
    b"miaf",
    b"msf1",
}
"""Brands of what is no recording (https://mp4ra.org/registered-types/brands)."""
_AUDIO_BRANDS = {b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "}
_HANDLER = re.compile(rb"hdlr.{8}(soun|vide)", re.DOTALL)
_DOCTYPE = re.compile(rb"\x42\x82[\x84-\x88](webm|matroska)")
_CODEC = re.compile(rb"\x86[\x81-\xbf]([AV])_")
_OGG_VIDEO = (b"\x80theora", b"\x01video", b"BBCD", b"OVP80")
_FRAMES = 3
"""MPEG audio frames in a row that are no coincidence."""


@dataclass(frozen=True, slots=True)
class Container:
    name: str
    """As files of it end most often: `wav`, `mp3`, `mp4`, `m4a`, `mov`, `3gp`, `ogg`, `flac`, `webm`, …"""
    mimetype: str
    is_video: bool


def recognised(head: bytes) -> Container | None:
    """The container whose first bytes (`HEAD`, or the whole of a shorter file) these are; None for anything else."""
    for known in (_riff, _simple, _iso, _matroska, _ogg, _asf, _mpeg_video):
        found = known(head)
        if found:
            return found
    return _tagged(head)


def after_id3(data: bytes) -> int:
    """Where the sound begins: behind an ID3v2 tag (https://id3.org/id3v2.4.0-structure, 3.1) and its padding.

    0 without a tag. May lie beyond `data`.
    """
    at = 0
    while _has_id3(data[at : at + 10]):
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    return len(data) - len(data[at:].lstrip(b"\0")) if 0 < at < len(data) else at


def _has_id3(data: bytes) -> bool:
    return len(data) == 10 and data.startswith(b"ID3") and data[3] in (2, 3, 4) and max(data[6:10]) < 0x80


def _riff(head: bytes) -> Container | None:
    """RIFF, and the forms for more than 4 GiB (EBU Tech 3306, ITU-R BS.2088)."""
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        if head[8:12] == b"WAVE":
            return Container("wav", "audio/wav", is_video=False)
        if head[8:12] == b"AVI ":
            return Container("avi", "video/x-msvideo", is_video=True)
    return None


def _simple(head: bytes) -> Container | None:
    """What one signature tells."""
    if head.startswith(b"fLaC"):
        return Container("flac", "audio/flac", is_video=False)
    if head.startswith(b"FORM") and head[8:12] in (b"AIFF", b"AIFC"):
        return Container("aiff", "audio/aiff", is_video=False)
    if head.startswith((b"#!AMR\n", b"#!AMR_MC1.0\n")):
        return Container("amr", "audio/amr", is_video=False)
    if head.startswith((b"#!AMR-WB\n", b"#!AMR-WB_MC1.0\n")):
        return Container("amr", "audio/amr-wb", is_video=False)
    if head.startswith(b"caff\x00\x01\x00\x00"):
        return Container("caf", "audio/x-caf", is_video=False)
    if head.startswith(b".snd\x00\x00"):
        return Container("au", "audio/basic", is_video=False)
    if head.startswith(b"ADIF"):
        return Container("aac", "audio/aac", is_video=False)
    if head.startswith(b"FLV\x01") and len(head) > 4:
        return Container("flv", "video/x-flv", is_video=bool(head[4] & 1))
    return None


def _iso(head: bytes) -> Container | None:
    """ISO base media files (ISO/IEC 14496-12), and QuickTime's without a brand."""
    kind = head[4:8]
    if kind == b"ftyp":
        end = int.from_bytes(head[:4], "big")
        if not 16 <= end <= 4096:
            return None
        return None if head[8:12] in _PICTURES else _branded(head[8:12], _is_film(head))
    if kind == b"moov" and head[12:16] in (b"mvhd", b"cmov", b"prfl"):
        return Container("mov", "video/quicktime", is_video=_is_film(head))
    if kind == b"mdat" and head[:1] < b"\x20":  # below 512 MiB, or in its 64-bit form: a text begins higher
        return Container("mov", "video/quicktime", is_video=_is_film(head))
    length = int.from_bytes(head[:4], "big")
    if kind in (b"wide", b"free", b"skip") and head[length + 4 : length + 8] in (b"mdat", b"moov"):
        return Container("mov", "video/quicktime", is_video=_is_film(head))
    return None


def _branded(major: bytes, is_film: bool) -> Container:
    """By the major brand alone: films for iTunes name that of its music among the compatible ones."""
    if major in _AUDIO_BRANDS:
        return Container("m4a", "audio/mp4", is_video=False)
    if major == b"qt  ":
        return Container("mov", "video/quicktime", is_film)
    if major.startswith((b"3gp", b"3gs", b"3gr", b"3ge", b"3gg", b"3g2")):
        kind = "3gpp2" if major.startswith(b"3g2") else "3gpp"
        return Container("3gp", f"{'video' if is_film else 'audio'}/{kind}", is_film)
    return Container("mp4", "video/mp4" if is_film else "audio/mp4", is_film)


def _is_film(head: bytes) -> bool:
    """Whether a track shows pictures, as far as tracks are told of so early; a film where they aren't."""
    handlers = set(_HANDLER.findall(head))
    return b"vide" in handlers or not handlers


def _matroska(head: bytes) -> Container | None:
    """Matroska and WebM (RFC 9559): the document type, and the codecs of the tracks."""
    doctype = _DOCTYPE.search(head, 0, 4096) if head.startswith(_EBML) else None
    if not doctype:
        return None
    codecs = set(_CODEC.findall(head))
    is_film = b"V" in codecs or not codecs
    side = "video" if is_film else "audio"
    if doctype[1] == b"webm":
        return Container("webm", f"{side}/webm", is_film)
    return Container("mkv", f"{side}/x-matroska", is_film)


def _ogg(head: bytes) -> Container | None:
    """Ogg (RFC 3533): the first packets name their codecs, so that each lies within the first pages."""
    if not head.startswith(b"OggS\x00"):
        return None
    is_film = any(codec in head[:1024] for codec in _OGG_VIDEO)
    return Container("ogg", "video/ogg" if is_film else "audio/ogg", is_film)


def _asf(head: bytes) -> Container | None:
    if not head.startswith(_ASF):
        return None
    is_film = _ASF_VIDEO in head
    return Container("asf", "video/x-ms-wmv" if is_film else "audio/x-ms-wma", is_film)


def _mpeg_video(head: bytes) -> Container | None:
    """MPEG-1 and -2: program and elementary streams by their start code, transport streams by their packets."""
    if head[:4] in (b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"):
        return Container("mpeg", "video/mpeg", is_video=True)
    for first, step in ((0, 188), (4, 192)):  # 192: with a time stamp before each packet, as cameras write it
        syncs = head[first : first + 4 * step + 1 : step]
        if len(syncs) == 5 and set(syncs) == {0x47}:
            return Container("ts", "video/mp2t", is_video=True)
    return None


def _tagged(head: bytes) -> Container | None:
    """MPEG audio and AAC, which have no signature but the frames themselves, behind a tag or not."""
    at = after_id3(head)
    if head.startswith(b"fLaC", at):
        return Container("flac", "audio/flac", is_video=False)
    if _chained(head, at, _adts):
        return Container("aac", "audio/aac", is_video=False)
    layer = 4 - (head[at + 1] >> 1 & 3) if at + 1 < len(head) else 0
    if _chained(head, at, _mpeg):
        return Container("mp3" if layer == 3 else "mp2", "audio/mpeg", is_video=False)
    # A picture in the tag may push the sound out of sight, and what is tagged so is MP3 nearly always.
    return Container("mp3", "audio/mpeg", is_video=False) if at else None


def _chained(head: bytes, at: int, frame: Callable[[bytes], tuple[int, bytes]]) -> bool:
    """Whether frames of one stream follow one another from `at` on; fewer are enough where the head ends earlier."""
    stream = b""
    for count in range(_FRAMES):
        header = head[at : at + 7]
        if len(header) < 7:
            return count > 1
        length, same = frame(header)
        if not length or (stream and same != stream):
            return False
        stream = same
        at += length
    return True


def _adts(header: bytes) -> tuple[int, bytes]:
    """The bytes of an AAC frame (ISO/IEC 13818-7, 6.2) and what stays the same in its stream; 0 where it is none."""
    if header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or header[2] >> 2 & 15 > 12:
        return 0, b""
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return (length, bytes((header[1], header[2]))) if length > 7 else (0, b"")


# Kilobits a second by layer, for MPEG 1 and for the lower sampling rates of 2 and 2.5 (ISO/IEC 11172-3, 13818-3).
_BITRATES = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def _mpeg(header: bytes) -> tuple[int, bytes]:
    """The bytes of an MPEG audio frame and what stays the same in its stream; 0 where it is none."""
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bitrate, rate = header[2] >> 4, header[2] >> 2 & 3
    if header[0] != 0xFF or header[1] < 0xE0 or version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3:
        return 0, b""
    bits = _BITRATES[1 if version == 3 else 2, layer][bitrate] * 1000
    padding = header[2] >> 1 & 1
    if layer == 1:
        length = (12 * bits // _RATES[version][rate] + padding) * 4
    else:
        length = (72 if layer == 3 and version != 3 else 144) * bits // _RATES[version][rate] + padding
    return length, bytes((header[1] & 0xFE, rate))
