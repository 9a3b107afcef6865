"""How long a recording is and when it was made."""

import random
import struct
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.uploads.recordings.tags import EDGE, Tags, read_tags, tail_length
from tests.clock import MONDAY_MORNING
from tests.unit.uploads.recordings import synthesis as made

COMPRESSED = (
    b"RIFF\0\0\0\0WAVE"
    + made.chunk(b"fmt ", struct.pack("<HHIIHH", 0x55, 1, 8000, 0, 1, 0))
    + made.chunk(b"fact", struct.pack("<I", 20_000))
    + made.chunk(b"data", bytes(500))
)
LOCAL = datetime(2026, 11, 20, 14, 30)  # noqa: DTZ001 - what a recorder's clock shows
AT = LOCAL.replace(tzinfo=UTC)
TEXT = "2026-11-20T14:30:00"


def read(file: bytes) -> Tags:
    """As a download does it: the head, then as much of the end as is asked for."""
    wanted = tail_length(file[:EDGE], len(file))
    return read_tags(file[:EDGE], file[-wanted:] if wanted else b"", len(file), now=MONDAY_MORNING)


@pytest.mark.parametrize(
    ("file", "seconds", "at"),
    [
        (made.wav(3, recorded_at=LOCAL), 3, LOCAL),
        (made.wav(3, rate=16_000, trailing=made.dated_list(TEXT)), 3, LOCAL),
        (made.wav(60, trailing=made.dated_list("2026-11-20 14:30")), 60, LOCAL),
        (made.wav(3, trailing=made.dated_list("2026-11-20")), 3, None),
        (made.wav(3, claimed=0), 3, None),
        (made.wav(3, claimed=0xFFFFFFFF, form=b"RF64"), 3, None),
        (made.wav(3, claimed=10_000_000), 3, None),
        (COMPRESSED, 2.5, None),
        (made.mp4(61.5, recorded_at=AT), 61.5, AT),
        (made.mp4(61.5, recorded_at=AT, is_long=True, brand=b"M4A "), 61.5, AT),
        (made.mp4(61.5, recorded_at=AT, media=3 * EDGE), 61.5, AT),
        (made.mp4(61.5, recorded_at=AT, media=3 * EDGE, is_indexed_first=True, brand=b"qt  "), 61.5, AT),
        (made.mp4(61.5, recorded_at=AT, is_fragmented=True, is_indexed_first=True), 61.5, AT),
        (made.mp4(61.5), 61.5, None),
        (made.webm(9.5, recorded_at=AT), 9.5, AT),
        (made.webm(9.5, recorded_at=AT, doctype="matroska", codec="V_AV1"), 9.5, AT),
        (made.webm(None, recorded_at=AT, is_live=True), None, AT),
        (made.mp3(36), 36, None),
        (made.mp3(3_600), 3_600, None),
        (made.id3(made.id3_text(b"TDRC", TEXT)) + made.mp3(360), 360, AT),
        (made.id3(made.id3_text(b"TDRC", "2026")) + made.mp3(36), 36, None),
        (made.ogg(7.5, tags=f"DATE={TEXT}+01:00"), 7.5, AT - timedelta(hours=1)),
        (made.ogg(700), 700, None),
        (made.ogg(9, codec="vorbis", tags="date=2026-11-20 14:30"), 9, LOCAL),
        (made.flac(100, tags=f"DATE={TEXT}"), 100, LOCAL),
        (made.flac(700), 700, None),
        (made.flac(700, declared=0), 700, None),
        (made.id3() + made.flac(3), 3, None),
        (made.aiff(3), 3, None),
        (made.asf(12), 12, None),
        (made.aac(3), 3, None),
        (made.aac(600), 600, None),
        (b"half of a frame" + made.aac(3), 3, None),
        (bytes(500) + made.mp3(36), 36, None),
        (made.mp3(3)[100:] + b"TAG" + bytes(125), 2.97, None),
        (made.counted_mp3(3_600), 3_600, None),
        (made.changing_mp3(36), 36, None),
        (made.amr(3), 3, None),
        (made.ogg(700, codec="flac"), 700, None),
        (made.ogg(700, codec="speex"), 700, None),
        (made.au(3), 3, None),
        (made.au(3, claimed=0xFFFFFFFF), 3, None),
        (made.caf(3), 3, None),
        (made.caf(6.4, b"ima4", size=34, samples=64), 6.4, None),
        (made.caf(3, b"aac ", size=0, samples=1024, packets=24, valid=24_000), 3, None),
        (made.caf(300, b"aac ", size=0, samples=1024, packets=24_000, valid=24_000_000), 3_000, None),
        (made.aifc(b"ima4", 30, size=34, samples=64), 30, None),
        (made.aifc(b"alaw", 30, size=1, samples=1), 30, None),
        (made.coded_wav(1, bytes(32_000), align=2, bits=16, byte_rate=8_000), 2, None),
        (made.coded_wav(1, bytes(32_000), align=4, bits=24, byte_rate=32_000), 1, None),
        (made.coded_wav(6, bytes(16_000), bits=0, byte_rate=16_000), 2, None),
        (made.coded_wav(17, bytes(256 * 100), align=256, byte_rate=1, fact=50_450), 50_450 / 8_000, None),
        (made.coded_wav(17, bytes(256 * 100), align=256, byte_rate=1, fact=7), 505 * 100 / 8_000, None),
        (made.coded_wav(2, bytes(256 * 100), align=256, byte_rate=8_000), 500 * 100 / 8_000, None),
        (made.coded_wav(0x31, bytes(65 * 100), align=65, bits=0), 4, None),
        (made.coded_wav(0x55, made.mp3(3), bits=0, byte_rate=1, fact=7), 3, None),
        (made.fragmented_mp4(7.5), 7.5, None),
        (made.fragmented_mp4(7.5, begun=1 << 40), 7.5, None),
        (made.fragmented_mp4(70.5, is_timed_each=True, media=EDGE // 30), 70.5, None),
        (b"<html>", None, None),
        (b"", None, None),
    ],
)
def test_length_and_moment_are_read(file: bytes, seconds: float | None, at: datetime | None) -> None:
    """From the head, or from the end if a container has its index there; with a zone if the format has one."""
    tags = read(file)
    assert tags.duration == (pytest.approx(seconds, abs=0.04) if seconds else None)
    assert tags.recorded_at == at


@pytest.mark.parametrize(
    "file",
    [
        made.changing_mp3(1_443),
        made.counted_mp3(600, size=10_000),
        made.counted_mp3(600)[: 2 * EDGE],
        made.coded_wav(1, bytes(32_000), align=3, bits=16, byte_rate=8_000),
        made.coded_wav(1, bytes(32_000), align=2, bits=0, byte_rate=8_000),
        made.coded_wav(0x2000, bytes(32_000), byte_rate=8_000),
        made.coded_wav(0x2000, bytes(32_000), byte_rate=8_000, fact=16_000)[:-8_000],
        made.au(3, claimed=8_000),
        made.aifc(b"QDM2", 3, size=34, samples=64),
        made.caf(3, b"aac ", size=0, samples=1024, packets=24, valid=10**9),
        made.caf(3, b"aac ", size=0, samples=1024, packets=24, valid=24_000)[:-100],
        made.fragmented_mp4(7.5)[:-500],
        made.flac(7.5, declared=3),
        made.flac(0.1, declared=3),
        made.asf(12)[:70] + struct.pack("<Q", 1_000_000) + made.asf(12)[78:],
        made.mp4(61.5, is_indexed_first=True)[:-500],
        made.webm(9.5)[:-50],
        made.ogg(70)[58:],
        made.ogg(70) + made.ogg(9).replace(struct.pack("<I", 7), struct.pack("<I", 8)),
        made.aac(600)[: 2 * EDGE] + b"junk in the middle" + made.aac(600)[: 2 * EDGE],
    ],
)
def test_a_length_that_is_not_certain_is_unknown(file: bytes) -> None:
    """A header that contradicts itself or the bytes, a rate that varies, an end that is missing."""
    assert read(file).duration is None


def test_the_rest_of_a_cut_recording_is_counted() -> None:
    """If the samples can be counted, whatever the header says."""
    for file in (made.wav(4), made.au(4), made.caf(4), made.aiff(4)):
        assert read(file[: len(file) // 2]).duration == pytest.approx(2, abs=0.01)
    assert read(made.flac(1_024)[: len(made.flac(1_024)) // 2]).duration == pytest.approx(512, abs=1)
    for file in (made.mp3(3.6), made.amr(4), made.aac(6.4)):
        whole = read(file).duration or 0
        assert read(file[: len(file) // 2 - 5]).duration == pytest.approx(whole / 2, abs=0.07)


def test_a_moment_in_utc_differs_from_one_without_a_zone() -> None:
    """Only the recorder knows what the latter means."""
    utc, local = read(made.mp4(5, recorded_at=AT)).recorded_at, read(made.wav(5, recorded_at=LOCAL)).recorded_at
    assert utc
    assert utc.tzinfo is UTC
    assert local
    assert local.tzinfo is None


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        (made.mp4(5, media=1_000), 0),
        (made.mp4(5, media=EDGE, is_indexed_first=True), 0),
        (made.mp4(5, media=EDGE), len(made.mp4(5, media=0)) - 32),
        (
            made.mp4(5, media=EDGE, handlers=(b"soun",) * 4_000),
            len(made.mp4(5, media=0, handlers=(b"soun",) * 4_000)) - 32,
        ),
        (made.wav(200), EDGE),
        (made.ogg(700), 131_072),
        (made.mp3(600), len(made.mp3(600)) - EDGE),
        (made.mp3(1_300), EDGE),
        (made.counted_mp3(600), 0),
        (made.aac(600), len(made.aac(600)) - EDGE),
        (made.aac(60_000), 0),
        (made.fragmented_mp4(70, media=EDGE // 30), len(made.fragmented_mp4(70, media=EDGE // 30)) - EDGE),
        (made.webm(5) + bytes(EDGE), 0),
        (made.box(b"ftyp", b"isom", bytes(8)) + struct.pack(">I4sQ", 1, b"mdat", 1 << 40) + bytes(EDGE), 0),
        (made.box(b"ftyp", b"isom", bytes(8)) + bytes(EDGE + 8), 0),
        (bytes(2 * EDGE), 0),
    ],
)
def test_only_as_much_of_the_end_is_requested_as_helps(file: bytes, wanted: int) -> None:
    """An index is requested from its beginning, which has the moment, however long it is."""
    assert tail_length(file[:EDGE], len(file)) == wanted


@pytest.mark.parametrize("file", [made.ogg(700), made.mp4(5, media=EDGE)])
def test_the_length_is_unknown_if_it_is_in_an_unknown_end(file: bytes) -> None:
    """Rather than as long as the head plays."""
    assert read_tags(file[:EDGE], b"", len(file), now=MONDAY_MORNING) == Tags()


def test_an_mp3_whose_sound_begins_after_the_head_has_unknown_length() -> None:
    """For example after a large picture."""
    head = b"ID3\x04\0\0\0\x7f\x7f\x7f" + bytes(EDGE)
    assert read_tags(head, made.mp3(36), 10_000_000, now=MONDAY_MORNING) == Tags()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1904, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1980, 1, 1, 3, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime(2001, 1, 1, tzinfo=UTC),
        MONDAY_MORNING + timedelta(days=2),
        datetime(2040, 2, 6, tzinfo=UTC),
    ],
)
def test_the_moment_of_a_clock_that_was_never_set_is_unknown(moment: datetime) -> None:
    """The epochs from which clocks count, and the future."""
    assert read(made.mp4(5, recorded_at=moment)) == Tags(5.0, None)
    assert read(made.wav(5, recorded_at=moment.replace(tzinfo=None))) == Tags(5.0, None)


def test_a_moment_of_today_in_a_zone_ahead_is_believed() -> None:
    """A recorder without a zone in Auckland is thirteen hours ahead of UTC."""
    ahead = (MONDAY_MORNING + timedelta(hours=13)).replace(tzinfo=None)
    assert read(made.wav(5, recorded_at=ahead)).recorded_at == ahead


@pytest.mark.parametrize("text", ["2026-13-20T14:30:00", "2026-11-20T25:30:00", "0000-00-00T00:00:00"])
def test_a_moment_that_is_none_is_unknown(text: str) -> None:
    """The length is known all the same."""
    assert read(made.wav(5, trailing=made.dated_list(text))) == Tags(5.0, None)
    assert read(made.flac(5, tags=f"DATE={text}")) == Tags(5.0, None)


@pytest.mark.parametrize("seconds", [0, 8 * 86_400, float("inf"), float("nan"), -5])
def test_an_absurd_length_is_unknown(seconds: float) -> None:
    """Nothing, more than a week, and what is no number."""
    assert read(made.webm(seconds, recorded_at=AT)) == Tags(None, AT)


SAMPLES = (
    made.wav(0.1, recorded_at=LOCAL, trailing=made.dated_list(TEXT)),
    made.mp4(5, recorded_at=AT),
    made.mp4(5, recorded_at=AT, is_fragmented=True, is_indexed_first=True),
    made.webm(5, recorded_at=AT),
    made.mp3(2),
    made.id3(made.id3_text(b"TDRC", TEXT)) + made.mp3(2),
    made.ogg(3),
    made.ogg(3, codec="vorbis"),
    made.flac(3),
    made.aiff(0.1),
    made.asf(3),
    made.aac(3),
    made.amr(3),
    made.counted_mp3(3),
    made.ogg(3, codec="flac"),
    made.ogg(3, codec="speex"),
    made.au(0.1),
    made.caf(0.1),
    made.caf(3, b"aac ", size=0, samples=1024, packets=24, valid=24_000),
    made.aifc(b"ima4", 0.1, size=34, samples=64),
    made.coded_wav(17, bytes(512), align=256, fact=900),
    made.coded_wav(0x55, made.mp3(1), fact=900),
    made.fragmented_mp4(2.5),
    made.fragmented_mp4(2.5, is_timed_each=True),
)
SIZES = st.one_of(st.integers(0, 10_000), st.sampled_from([2**31, 2**32, 2**40, 2**63]))


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
    st.integers(0, 4_000),
    st.binary(max_size=200),
    SIZES,
)
def test_no_bytes_are_an_error(
    sample: bytes, changes: list[tuple[int, int]], kept: int, tail: bytes, size: int
) -> None:
    """Recordings that were damaged, cut, and end in something else."""
    damaged = bytearray(sample[:kept])
    for at, byte in changes:
        if at < len(damaged):
            damaged[at] = byte
    assert tail_length(bytes(damaged), size) >= 0
    tags = read_tags(bytes(damaged), tail, size, now=MONDAY_MORNING)
    assert tags.duration is None or tags.duration > 0


def empty_page() -> bytes:
    return b"OggS\0" + bytes(21) + b"\xff" + bytes(255)


@pytest.mark.parametrize(
    "file",
    [
        made.id3() + b"\xff\xfb" * (EDGE // 2),
        b"ID3\x04\0\0\0\0\0\0" * (EDGE // 10),
        made.mp3(1) + b"\xff" * EDGE,
        made.ogg(2, codec="vorbis")[:200] + empty_page() * 900,
        b"OggS\0" * (EDGE // 5),
        b"fLaC" + b"\x01\0\0\0" * (EDGE // 4),
        b"fLaC\x04\0\0\0" + bytes(4) + b"\xff\xff\xff\xff" + bytes(EDGE),
        b"FORM\0\0\0\0AIFF" + b"abcd\0\0\0\0" * (EDGE // 8),
        made.asf(1)[:30] + (bytes(16) + b"\x18" + bytes(7)) * (EDGE // 24),
        b"RIFF\0\0\0\0WAVE" + b"LIST\xff\x0f\0\0" * (EDGE // 8),
        made.mp4(1)[:24] + b"\0\0\0\x08free" * (EDGE // 8),
        made.webm(1)[:60] + b"\xec\x80" * (EDGE // 2),
        b"\xff\xf1\x60\x40\x01\x1f\xfc\x00" * EDGE,
        b"\xff\xe3\x18\x00" + b"\xff\xe3" * EDGE,
        b"#!AMR\n" + b"\x7c" * 8 * EDGE,
        made.flac(1) + b"\xff\xf8\x78\x08\x00" * EDGE,
        b"OggS\0" + (b"OggS\0" + bytes(22)) * EDGE,
        b"caff\0\x01\0\0" + (b"abcd" + bytes(8)) * (EDGE // 12),
        made.fragmented_mp4(0) + made.box(b"moof", made.box(b"mfhd", bytes(8))) * EDGE,
        made.fragmented_mp4(0) + made.box(b"moof", made.box(b"mfhd", bytes(8)), made.box(b"traf") * EDGE),
    ],
)
def test_crafted_files_are_read_quickly(file: bytes) -> None:
    """Each is full of the smallest parts of its container."""
    began = time.thread_time()
    for size in (len(file), 10**10):
        tail_length(file[:EDGE], size)
        read_tags(file[:EDGE], file[-EDGE:], size, now=MONDAY_MORNING)
    read(file)
    assert time.thread_time() - began < 2


def test_two_thousand_damaged_heads_take_no_time() -> None:
    """Beginnings of recordings followed by noise, within three seconds."""
    source = random.Random(4)
    began = time.thread_time()
    for _ in range(2_000):
        sample = source.choice(SAMPLES)
        head = sample[: source.randrange(300)] + source.randbytes(source.randrange(3_000))
        read_tags(head, source.randbytes(100), source.choice((len(head), 10**9)), now=MONDAY_MORNING)
    assert time.thread_time() - began < 3
