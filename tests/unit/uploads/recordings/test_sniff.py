"""What a file is, only by its first bytes."""

import random
import struct
import time
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.uploads.recordings.frames import after_id3
from bot.uploads.recordings.sniff import HEAD, recognised
from tests.unit.uploads.recordings import synthesis as made

ADIF = b"ADIF" + bytes(60)
LARGE_TAG = b"ID3\x03\0\0\0\x7f\x7f\x7f" + bytes(HEAD)
LAYER_2 = (b"\xff\xfd\x84\xc4" + bytes(380)) * 4
OGG_THEORA = made.page(1, 0, b"\x80theora" + bytes(35), kind=2)
TIMED_TS = (bytes(4) + b"\x47" + bytes(187)) * 6
WMV = made.asf(3) + bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")


@pytest.mark.parametrize(
    ("head", "name", "mimetype", "is_video"),
    [
        (made.wav(0.1), "wav", "audio/wav", False),
        (made.wav(0.1, form=b"RF64"), "wav", "audio/wav", False),
        (b"RIFF\0\0\0\0AVI LIST", "avi", "video/x-msvideo", True),
        (made.mp3(1), "mp3", "audio/mpeg", False),
        (made.mp3(0.08), "mp3", "audio/mpeg", False),
        (made.id3() + made.mp3(1), "mp3", "audio/mpeg", False),
        (made.id3() + made.id3() + bytes(50) + made.mp3(1), "mp3", "audio/mpeg", False),
        (LARGE_TAG, "mp3", "audio/mpeg", False),
        (LAYER_2, "mp2", "audio/mpeg", False),
        (made.aac(1), "aac", "audio/aac", False),
        (made.id3() + made.aac(1), "aac", "audio/aac", False),
        (ADIF, "aac", "audio/aac", False),
        (made.flac(1), "flac", "audio/flac", False),
        (made.id3() + made.flac(1), "flac", "audio/flac", False),
        (made.mp4(1, is_indexed_first=True), "mp4", "audio/mp4", False),
        (made.mp4(1, is_indexed_first=True, handlers=(b"vide", b"soun")), "mp4", "video/mp4", True),
        (made.mp4(1, media=HEAD), "mp4", "video/mp4", True),
        (made.mp4(1, brand=b"M4A ", media=HEAD), "m4a", "audio/mp4", False),
        (made.mp4(1, brand=b"M4V ", media=HEAD), "mp4", "video/mp4", True),
        (made.mp4(1, brand=b"qt  ", handlers=(b"vide",)), "mov", "video/quicktime", True),
        (made.mp4(1, brand=b"3gp5", is_indexed_first=True), "3gp", "audio/3gpp", False),
        (made.mp4(1, brand=b"3g2a", handlers=(b"vide",)), "3gp", "video/3gpp2", True),
        (made.box(b"moov", made.box(b"mvhd", bytes(100))), "mov", "video/quicktime", True),
        (made.box(b"mdat", bytes(100)), "mov", "video/quicktime", True),
        (made.box(b"wide") + made.box(b"mdat", bytes(100)), "mov", "video/quicktime", True),
        (made.webm(1), "webm", "audio/webm", False),
        (made.webm(1, codec="V_VP9"), "webm", "video/webm", True),
        (made.webm(None, is_live=True), "webm", "audio/webm", False),
        (made.webm(1, doctype="matroska", codec="V_AV1"), "mkv", "video/x-matroska", True),
        (made.webm(1, doctype="matroska\0"), "mkv", "audio/x-matroska", False),
        (made.webm(1, doctype="webm\0\0\0"), "webm", "audio/webm", False),
        (bytes(200) + made.mp3(1), "mp3", "audio/mpeg", False),
        (bytes(200) + made.aac(1), "aac", "audio/aac", False),
        (made.mp3(1)[100:], "mp3", "audio/mpeg", False),
        (made.aac(1)[50:], "aac", "audio/aac", False),
        (made.id3() + bytes(50) + made.mp3(1)[100:], "mp3", "audio/mpeg", False),
        (b"\xff\xfb\x90\x00\xff" * 30 + LAYER_2 * 4, "mp2", "audio/mpeg", False),
        (made.ogg(1), "ogg", "audio/ogg", False),
        (made.ogg(1, codec="vorbis"), "ogg", "audio/ogg", False),
        (OGG_THEORA, "ogg", "video/ogg", True),
        (made.asf(1), "asf", "audio/x-ms-wma", False),
        (WMV, "asf", "video/x-ms-wmv", True),
        (made.aiff(0.1), "aiff", "audio/aiff", False),
        (b"#!AMR\n" + bytes(40), "amr", "audio/amr", False),
        (b"#!AMR-WB\n" + bytes(40), "amr", "audio/amr-wb", False),
        (b"caff\x00\x01\x00\x00desc", "caf", "audio/x-caf", False),
        (b".snd\0\0\0\x18" + bytes(40), "au", "audio/basic", False),
        (b"FLV\x01\x05" + bytes(8), "flv", "video/x-flv", True),
        (b"\x00\x00\x01\xba\x44" + bytes(40), "mpeg", "video/mpeg", True),
        (made.ts(), "ts", "video/mp2t", True),
        (TIMED_TS, "ts", "video/mp2t", True),
    ],
)
def test_recordings_are_recognised_by_their_first_bytes(head: bytes, name: str, mimetype: str, is_video: bool) -> None:
    """Each container by its signature or its frames, and a call from a film in containers that may hold either."""
    found = recognised(head[:HEAD])
    assert found
    assert (found.name, found.mimetype, found.is_video) == (name, mimetype, is_video)


def zipped() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("call.mp3", made.mp3(3))
    return file.getvalue()


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff",
        b"\xff\xfb\x90",
        bytes(HEAD),
        b"\xff" * HEAD,
        b"<!DOCTYPE html><html><head><title>Sign in | Slack</title></head></html>" * 20,
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(200),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200),
        b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(200),
        b"GIF89a" + bytes(200),
        b"RIFF\0\0\0\0WEBPVP8 " + bytes(200),
        zipped(),
        b'{"ok": false, "error": "file_not_found"}',
        b"ID3 is a way to tag an MP3, and moov is a box.",
        "\ufeffZwei Zeilen\nText".encode("utf-16-le") * 200,
        ("\ufeff" + "ab" * 500).encode("utf-16"),
        made.box(b"ftyp", b"heic", bytes(4), b"mif1heic"),
        made.box(b"ftyp", b"avif", bytes(4), b"mif1mp42"),
        b"    mdat is no box here",
        b"    ftypisom",
        made.element("1a45dfa3", b"\x42\x82\x84ebml"),
        b"MThd\0\0\0\x06" + bytes(200),
        b"G" * 100,
        made.mp3(0.036),
        bytes(200) + made.mp3(0.036),
        b"junk" + made.mp3(0.1),
        bytes(20_000) + b"junk" * 5_000 + made.mp3(1),
        b"call.mp3" + bytes(249) + b"ustar\x0000" + bytes(247) + made.mp3(1),
        struct.pack("<4sI4s", b"FORM", 4, b"ILBM"),
    ],
)
def test_anything_else_is_no_recording(head: bytes) -> None:
    """Pages, documents, pictures, archives, text, and a single frame, which may be a coincidence."""
    assert recognised(head) is None


def test_the_sound_begins_after_every_tag_and_its_padding() -> None:
    """The size of a tag has seven bits a byte, and a footer of ten bytes if a flag says so."""
    with_footer = b"ID3\x04\0\x10\0\0\x01\x02" + bytes(130) + b"3DI\x04\0\x10\0\0\x01\x02"
    assert after_id3(made.mp3(1)) == 0
    assert after_id3(with_footer + made.mp3(1)) == len(with_footer)
    assert after_id3(made.id3() + with_footer + bytes(7) + made.mp3(1)) == 110 + len(with_footer) + 7
    assert after_id3(LARGE_TAG[:100]) == 10 + 0x1FFFFF


SAMPLES = (
    made.wav(0.1),
    made.mp3(1),
    made.id3() + made.mp3(1),
    made.aac(1),
    made.flac(1),
    made.mp4(1),
    made.webm(1),
    made.ogg(2),
    made.asf(1),
    made.aiff(0.1),
    made.ts(),
)


@given(st.sampled_from(SAMPLES), st.integers(0, 64), st.binary(max_size=600))
def test_no_bytes_are_an_error(sample: bytes, kept: int, rest: bytes) -> None:
    """Whatever follows the beginning of a recording."""
    recognised(sample[:kept] + rest)


def test_noise_is_no_recording_and_takes_no_time() -> None:
    """Two thousand heads of random bytes, within a second."""
    source = random.Random(4)
    began = time.thread_time()
    assert not any(recognised(source.randbytes(source.randrange(4096))) for _ in range(2_000))
    assert time.thread_time() - began < 1


@pytest.mark.parametrize("frame", [b"\xff\xf1\x60\x40\x01\x1f\xfc\x00", b"\xff\xe3\x18\x00" + bytes(68)])
def test_crafted_heads_are_read_quickly(frame: bytes) -> None:
    """Chains of frames that break off before they are long enough: each frame is looked at once."""
    head = b"junk" + (frame * 7 + b"x") * (HEAD // (7 * len(frame)))
    began = time.thread_time()
    recognised(head)
    assert time.thread_time() - began < 0.5
