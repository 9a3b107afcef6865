"""Tells what kind of file it is by its first bytes alone: its name and its declared type aren't trusted.

Libraries only check one signature per type: they mistake a HEIC picture for a film and half of all text for MP3, and
can't tell a call from a video in containers that can hold both.
"""

import re
from dataclasses import dataclass

from bot.uploads.recordings.ebml import children, element
from bot.uploads.recordings.frames import adts, after_id3, find_sound, layer_of
from bot.uploads.recordings.window import Unknown

HEAD = 65_536
"""How many bytes are enough."""

ISO = ("mp4", "m4a", "mov", "3gp")
"""The containers that are ISO base media files."""

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
"""Brands that are no recordings (https://mp4ra.org/registered-types/brands)."""
_AUDIO_BRANDS = {b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "}
_HANDLER = re.compile(rb"hdlr.{8}(soun|vide)", re.DOTALL)
_DOCTYPE = 0x4282
_CODEC = re.compile(rb"\x86[\x81-\xbf]([AV])_")
_OGG_VIDEO = (b"\x80theora", b"\x01video", b"BBCD", b"OVP80")


@dataclass(frozen=True, slots=True)
class Container:
    name: str
    """Its usual file extension: `wav`, `mp3`, `mp4`, `m4a`, `mov`, `3gp`, `ogg`, `flac`, `webm`, …"""
    mimetype: str
    is_video: bool


def recognised(head: bytes) -> Container | None:
    """Return the container by a file's first bytes (`HEAD`, or all of a shorter file); None for anything else."""
    for known in (_riff, _simple, _iso, _matroska, _ogg, _asf, _mpeg_video):
        container = known(head)
        if container:
            return container
    return _tagged(head)


def _riff(head: bytes) -> Container | None:
    """RIFF, and its variants for more than 4 GiB (EBU Tech 3306, ITU-R BS.2088)."""
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        if head[8:12] == b"WAVE":
            return Container("wav", "audio/wav", is_video=False)
        if head[8:12] == b"AVI ":
            return Container("avi", "video/x-msvideo", is_video=True)
    return None


def _simple(head: bytes) -> Container | None:
    """Return the container for a simple signature."""
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
    if kind == b"mdat" and head[:1] < b"\x20":  # below 512 MiB, or with a 64-bit size: texts begin with larger bytes
        return Container("mov", "video/quicktime", is_video=_is_film(head))
    length = int.from_bytes(head[:4], "big")
    if kind in (b"wide", b"free", b"skip") and head[length + 4 : length + 8] in (b"mdat", b"moov"):
        return Container("mov", "video/quicktime", is_video=_is_film(head))
    return None


def _branded(major: bytes, is_film: bool) -> Container:
    """Only the major brand counts: films for iTunes list the brand of its music among their compatible ones."""
    if major in _AUDIO_BRANDS:
        return Container("m4a", "audio/mp4", is_video=False)
    if major == b"qt  ":
        return Container("mov", "video/quicktime", is_film)
    if major.startswith((b"3gp", b"3gs", b"3gr", b"3ge", b"3gg", b"3g2")):
        kind = "3gpp2" if major.startswith(b"3g2") else "3gpp"
        return Container("3gp", f"{'video' if is_film else 'audio'}/{kind}", is_film)
    return Container("mp4", "video/mp4" if is_film else "audio/mp4", is_film)


def _is_film(head: bytes) -> bool:
    """Return whether a track has pictures; True if the tracks aren't described that early."""
    handlers = set(_HANDLER.findall(head))
    return b"vide" in handlers or not handlers


def _matroska(head: bytes) -> Container | None:
    """Matroska and WebM (RFC 9559): the document type, and the codecs of the tracks."""
    doctype = _doctype(head[:4096]) if head.startswith(_EBML) else b""
    if doctype not in (b"webm", b"matroska"):
        return None
    codecs = set(_CODEC.findall(head))
    is_film = b"V" in codecs or not codecs
    side = "video" if is_film else "audio"
    if doctype == b"webm":
        return Container("webm", f"{side}/webm", is_film)
    return Container("mkv", f"{side}/x-matroska", is_film)


def _doctype(head: bytes) -> bytes:
    """Return the document type without trailing zeros, which EBML allows (RFC 8794, 7.4)."""
    try:
        _, start, size = element(head, 0)
        return next((value for name, value in children(head[start : start + size]) if name == _DOCTYPE), b"").rstrip(
            b"\0"
        )
    except Unknown:
        return b""


def _ogg(head: bytes) -> Container | None:
    """Ogg (RFC 3533): the first packet of each stream names its codec, and is in the first pages."""
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
    for first, step in ((0, 188), (4, 192)):  # 192: cameras write a time stamp before each packet
        syncs = head[first : first + 4 * step + 1 : step]
        if len(syncs) == 5 and set(syncs) == {0x47}:
            return Container("ts", "video/mp2t", is_video=True)
    return None


def _tagged(head: bytes) -> Container | None:
    """MPEG audio and AAC, which have no signature except their frames, with or without a tag before them."""
    at = after_id3(head)
    if head.startswith(b"fLaC", at):
        return Container("flac", "audio/flac", is_video=False)
    sound = find_sound(head)
    if sound and sound.parse is adts:
        return Container("aac", "audio/aac", is_video=False)
    if sound:
        is_mp3 = layer_of(head[sound.at : sound.at + 4]) == 3
        return Container("mp3" if is_mp3 else "mp2", "audio/mpeg", is_video=False)
    # The tag may have a picture, which leaves no room for sound here. Files with such a tag are nearly always MP3.
    return Container("mp3", "audio/mpeg", is_video=False) if at else None
