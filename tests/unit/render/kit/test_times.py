"""Days, moments and lengths, in each language."""

from datetime import UTC, date, datetime

import pytest

from bot.model.commands import Days
from bot.render.kit import times
from bot.texts import Texts
from bot.texts.languages import ENGLISH, GERMAN

AT = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
MESSAGES = {
    "days": {
        "moment_absolute": "{{date_long}}, {{time}}",
        "moment_utc": "{moment} UTC",
        "under_a_minute": "-",
        "minutes": "{minutes} min",
        "hours": "{hours} h",
        "hours_and_minutes": "{hours} h {minutes} min",
    }
}


@pytest.mark.parametrize(
    ("language", "shown"), [(ENGLISH, "Sat, 28 Nov 2026, 00:30"), (GERMAN, "Sa., 28. Nov. 2026, 00:30")]
)
def test_one_reader_reads_moments_in_their_zone_and_language(language: str, shown: str) -> None:
    """With the weekday of that zone."""
    assert times.moment(Texts(language, MESSAGES, "Europe/Berlin"), AT) == shown
    assert times.moment_text(Texts(language, MESSAGES, "Europe/Berlin"), AT) == shown


def test_one_moment_is_written_for_each_zone() -> None:
    """What was written for readers in one zone isn't shown in another."""
    shown = [times.moment(Texts(ENGLISH, MESSAGES, zone), AT) for zone in ("Asia/Tokyo", "America/New_York", "UTC")]
    assert shown == ["Sat, 28 Nov 2026, 08:30", "Fri, 27 Nov 2026, 18:30", "Fri, 27 Nov 2026, 23:30"]


@pytest.mark.parametrize("timezone", ["", "Mars/Olympus", "Europe"])
def test_slack_shows_moments_to_others(timezone: str) -> None:
    """Several readers have several zones, and a zone that this machine doesn't know has none."""
    shown = f"<!date^{int(AT.timestamp())}^{{date_long}}, {{time}}|Fri, 27 Nov 2026, 23:30 UTC>"
    assert times.moment(Texts(ENGLISH, MESSAGES, timezone), AT) == shown


@pytest.mark.parametrize(
    ("first", "last", "english", "german"),
    [
        (date(2026, 11, 27), date(2026, 11, 27), "Fri, 27 Nov 2026", "Fr., 27. Nov. 2026"),
        (date(2026, 11, 16), date(2026, 11, 22), "Mon, 16 – Sun, 22 Nov 2026", "Mo., 16. – So., 22. Nov. 2026"),
        (date(2026, 10, 26), date(2026, 11, 1), "Mon, 26 Oct – Sun, 1 Nov 2026", "Mo., 26. Okt. – So., 1. Nov. 2026"),
        (
            date(2025, 12, 29),
            date(2026, 1, 4),
            "Mon, 29 Dec 2025 – Sun, 4 Jan 2026",
            "Mo., 29. Dez. 2025 – So., 4. Jan. 2026",
        ),
    ],
)
def test_ranges_mention_what_both_ends_share_once(first: date, last: date, english: str, german: str) -> None:
    """The month or the year."""
    assert times.days(Texts(ENGLISH, MESSAGES), Days(first, last)) == english
    assert times.days(Texts(GERMAN, MESSAGES), Days(first, last)) == german


@pytest.mark.parametrize(
    ("seconds", "shown"), [(29, "-"), (30, "1 min"), (3_569, "59 min"), (3_600, "1 h"), (3_900, "1 h 5 min")]
)
def test_lengths_are_rounded_to_minutes(seconds: int, shown: str) -> None:
    """A full hour has no minutes."""
    assert times.length(Texts(ENGLISH, MESSAGES), seconds) == shown
