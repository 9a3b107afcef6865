"""What the name of a recording's file says."""

import time
import unicodedata
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.uploads.recordings.names import Named, from_name

DAY = date(2026, 11, 20)


def local(hour: int, minute: int = 30, second: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour, minute, second)  # noqa: DTZ001 - what a recorder's clock shows


def utc(hour: int, minute: int = 30, second: int = 0) -> datetime:
    return local(hour, minute, second).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "title", "at"),
    [
        ("2026-11-20 14.30 Call with Acme.m4a", "Call with Acme", local(14)),
        ("2026-11-20 1430 acme.mp3", "acme", local(14)),
        ("2026_11_20_14_30_00_acme_kick-off.mp3", "acme kick-off", local(14)),
        ("2026-11-20 14-30-12.mkv", "2026-11-20 14-30-12", local(14, 30, 12)),
        ("20.11.2026 14:30 Acme.wav", "Acme", local(14)),
        ("Acme 20.11.26 14.30.wav", "Acme", local(14)),
        ("Gespräch 20. November 2026 um 14:30.m4a", "Gespräch", local(14)),
        ("Nov 20, 2026 at 2:30 PM Acme.m4a", "Acme", local(14)),
        ("11-20-2026 12:30 a.m. Acme.m4a", "Acme", local(0)),
        ("Call_+4915112345678_20261120143000.wav", "Call +4915112345678", local(14)),
        ("Call recording Robin Rep_261120_143000.m4a", "Call recording Robin Rep", local(14)),
        ("WhatsApp Audio 2026-11-20 at 14.30.12.opus", "WhatsApp Audio", local(14, 30, 12)),
        ("Screen Recording 2026-11-20 at 2.30.12\u202fPM.mov", "Screen Recording", local(14, 30, 12)),
        ("signal-2026-11-20-143012.m4a", "signal", local(14, 30, 12)),
        ("Acme weekly-20261120_143000-Meeting Recording.mp4", "Acme weekly – Meeting Recording", local(14)),
        ("GMT20261120-143000_Recording.mp4", "Recording", utc(14)),
        ("acme_call_20261120T1430Z.mp3", "acme call", utc(14)),
        ("acme 2026-11-20T14:30:12.345Z.mp3", "acme", utc(14, 30, 12)),
        ("acme 20261120T143000+0130.mp3", "acme", utc(13, 0)),
        ("acme 20261120T143000-05:00.mp3", "acme", utc(19)),
        ("Acme weekly (2026-11-20 14:30 GMT+1).mp4", "Acme weekly", utc(13)),
        ("Acme weekly – 2026/11/20 14:30 CET – Recording.mp4", "Acme weekly – Recording", utc(13)),
        ("Acme 2026-11-20 14:30 UTC.mp4", "Acme", utc(14)),
        ("Acme 2026-11-20 0:30 MESZ.mp4", "Acme", utc(22) - timedelta(days=1)),
        ("in-0301234567-101-20261120-143000-0100.wav", "in-0301234567-101 – 0100", local(14)),
        ("20261120_143000.881926-0400_Acme.flac", "Acme", utc(18)),
        ("20261120_143000.459+0200_Acme.oga", "Acme", utc(12)),
        ("20261120_143000.459+02_Acme.oga", "Acme", utc(12)),
        ("20261120_143000.459UTC+2_Acme.oga", "Acme", utc(12)),
        ("20261120_143000_459+0200_Acme.oga", "Acme", utc(12)),
        ("20261120_143000.459+0200_in_+436601234567_Anna.oga", "+436601234567 Anna", utc(12)),
        ("20261120_143000.459Z_Acme.oga", "Acme", utc(14)),
        ("20261120_143000.459_Acme.oga", "Acme", local(14)),
        ("20261120_143000-0330_Acme.oga", "Acme", utc(18, 0)),
        ("2026-11-20_14.30.12.123456+0530_Acme.mp3", "Acme", utc(9, 0, 12)),
        ("2026-11-20 14-30-12 +0200 Acme.m4a", "Acme", utc(12, 30, 12)),
        ("2026-11-20T14_30_12.5+02_00 Acme.m4a", "Acme", utc(12, 30, 12)),
        ("20261120_143000.123-9900_Acme.oga", "9900 Acme", local(14)),
        ("2026-11-20 14.30,5 GB.wav", "5 GB", local(14)),
    ],
)
def test_moments_are_read_as_recorders_and_people_write_them(name: str, title: str, at: datetime) -> None:
    """With a zone if the name has one, and nothing of it remains in the title."""
    named = from_name(name)
    assert (named.title, named.at, named.day) == (title, at, at.date())
    assert named.at
    assert (named.at.tzinfo is None) == (at.tzinfo is None)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("20.11.2026", "20.11.2026"),
        ("20.11.2026 Acme.m4a", "Acme"),
        ("PTT-20261120-WA0012.opus", "PTT – WA0012"),
        ("11-20-2026 Acme.wav", "Acme"),
        ("20-11-2026 Acme.wav", "Acme"),
        ("Acme 20th Nov 2026.wav", "Acme"),
        ("Acme 2026-11-20 5 people.wav", "Acme 5 people"),
        ("Acme 2026-11-20 2.5 GB.wav", "Acme 2.5 GB"),
        ("Acme 2026-11-20 14:75.wav", "Acme 14:75"),
        ("Acme 2026-11-20 25:00.wav", "Acme 25:00"),
        ("Acme 2026-11-20 14:30 PM.wav", "Acme 14:30 PM"),
        ("2025-13-45 and 2026-11-20 Acme.wav", "2025-13-45 and Acme"),
    ],
)
def test_a_day_without_a_time_is_a_day(name: str, title: str) -> None:
    """No time is made up for it."""
    assert from_name(name) == Named(title, None, DAY, ())


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Voice memo.m4a", "Voice memo"),
        ("Meeting with acme.com", "Meeting with acme.com"),
        ("recording 14.30", "recording 14.30"),
        ("v1.2.20 demo.mp4", "v1.2.20 demo"),
        ("03-04-2026 Acme.wav", "03-04-2026 Acme"),
        ("31.02.2026 Acme.wav", "31.02.2026 Acme"),
        ("audio1234567890.m4a", "audio1234567890"),
        ("order 120261120.wav", "order 120261120"),
        ("_Acme__kick-off_ ().wav", "Acme kick-off"),
        ("---.wav", "---"),
        (".mp3", "mp3"),
        ("", ""),
    ],
)
def test_without_a_day_in_the_name_there_is_no_moment(name: str, title: str) -> None:
    """Nor is one of two that a date could mean."""
    assert from_name(name) == Named(title, None, None, ())


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Call_+4915112345678_20261120143000.wav", ("+4915112345678",)),
        ("004930123456 to +1 (555) 010-9999.wav", ("+4930123456", "+15550109999")),
        ("Call with +49 (0)151 1234 5678 and 0151/12345678.wav", ("+4915112345678", "015112345678")),
        ("0151-12345678.wav", ("015112345678",)),
        ("external-101-+4930123456-20261120-143000-1763649000.12.wav", ("+4930123456",)),
        ("+4930123456-1763649000.wav", ("+4930123456",)),
        ("in-030123456-101-20261120-143000.wav", ("030123456",)),
        ("+4930123456_+4930123456.wav", ("+4930123456",)),
        ("audio1234567890.m4a", ()),
        ("1763649000_004.wav", ()),
        ("track 007.wav", ()),
    ],
)
def test_telephone_numbers_are_those_with_a_prefix(name: str, numbers: tuple[str, ...]) -> None:
    """Other long numbers are often ids."""
    assert from_name(name).numbers == numbers


def test_a_title_is_whole_readable_text() -> None:
    """No half characters, no line breaks, no marks for the direction of writing, and composed accents."""
    assert from_name("Cafe\u0301\ud800 \u202egnp\u202c\r\n\tA\u200bB\x00.m4a").title == "Café gnp AB"


@given(st.text(alphabet=st.characters(), max_size=80))
def test_no_name_is_an_error(name: str) -> None:
    """Any text gives a title that can be sent as UTF-8 and shown on one line."""
    title = from_name(name).title
    title.encode()
    assert not {unicodedata.category(letter) for letter in title} & {"Cc", "Cs", "Zl", "Zp"}


@given(st.text(alphabet="0123456789-_. :/TZ+()ampGMTNovCE\n", max_size=60))
def test_no_digits_are_an_error(name: str) -> None:
    """Names that consist of dates and numbers, or of what looks like them."""
    named = from_name(name)
    assert all(number.lstrip("+").isdecimal() and 8 <= len(number) <= 16 for number in named.numbers)
    assert not named.at or named.day


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)),  # noqa: DTZ001 - as recorders write them
    st.sampled_from(["%Y-%m-%d %H.%M.%S", "%Y%m%d%H%M%S", "%Y%m%d-%H%M%S", "%Y_%m_%d_%H_%M_%S", "%d.%m.%Y %H:%M:%S"]),
    st.sampled_from(["", "Acme ", "Call_"]),
)
def test_every_moment_is_read_as_it_was_written(at: datetime, form: str, before: str) -> None:
    """Whatever the day and the time."""
    at = at.replace(microsecond=0)
    assert from_name(f"{before}{at.strftime(form)} kick-off.m4a").at == at


@pytest.mark.parametrize(
    "name", ["+49 " * 400, "1-" * 500, "(" * 1_000, "- " * 500, "nov " * 250, "+1" + "-22" * 400, "a" * 1_000_000]
)
def test_crafted_names_are_read_quickly(name: str) -> None:
    """They take milliseconds."""
    began = time.thread_time()
    from_name(name)
    assert time.thread_time() - began < 0.5


@pytest.mark.parametrize(
    ("name", "parties"),
    [
        ("Inbound call +4930123456 2026-11-20.wav", ("inbound", "+4930123456", "")),
        ("2026-11-20_OUTGOING_+4930123456.mp3", ("outbound", "", "+4930123456")),
        ("Eingehender Anruf von Acme.m4a", ("inbound", "", "")),
        ("outbound +4930123456 +4940123456.wav", ("outbound", "", "")),
        ("inbound or outbound +4930123456.wav", ("", "", "")),
        ("unbounded +4930123456.wav", ("", "", "")),
        ("20261120_143000.459+0100_in_+4930123456_Anna.oga", ("inbound", "+4930123456", "")),
        ("20261120_143000.459+0100_out_sim1_+4930123456.oga", ("outbound", "", "+4930123456")),
        ("20261120_143000.459+0100_in.oga", ("inbound", "", "")),
        ("Anna_out_20261120_143000.459+0100.oga", ("outbound", "", "")),
        ("Anna_in_20261120_143000.oga", ("", "", "")),
        ("20261120_143000.459+0100_in_Anna.oga", ("inbound", "", "")),
        ("2026-11-20_14-30_out_0301234567.m4a", ("outbound", "", "0301234567")),
        ("in-0301234567-101-20261120-143000.wav", ("inbound", "0301234567", "")),
        ("2026-11-20_in_Berlin.m4a", ("", "", "")),
        ("check-in-2026-11-20.m4a", ("", "", "")),
    ],
)
def test_a_word_for_the_direction_says_who_called(name: str, parties: tuple[str, str, str]) -> None:
    """The one number is the customer's; of two, it is unknown which is whose."""
    named = from_name(name)
    assert (named.direction, named.caller, named.callee) == parties
