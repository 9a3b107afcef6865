"""The answers to `stats` and `customers`."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.model.commands import Days, StatsCommand
from bot.model.conversation import Kind
from bot.model.mirror import Figures, Freshness
from bot.model.questions import Question
from bot.model.stats import CustomerLine, CustomersAnswer, Share, Stats, Team, Usual
from bot.render.stats.customers import customers_message
from bot.render.stats.stats import stats_message
from bot.stats import counting
from bot.texts import texts_in
from bot.texts.languages import LANGUAGES
from bot.tools import timezones
from tests.unit.render.samples import TEXTS
from tests.unit.render.slack_rules import check_message, shown

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
QUARTER = Days(date(2026, 10, 1), date(2026, 11, 24))
ASKED = Question("q1", StatsCommand(QUARTER), "UTC", "U1", "D1", NOW)
FRESH = Freshness(NOW, NOW, days=55, missing=0)


def stats(count: int, days: Days = QUARTER, **changes: Any) -> Stats:
    """The statistics of so many conversations, all of them as different as can be."""
    spread = (days.last - days.first).days + 1
    figures = [
        Figures(
            (Kind.CALL, Kind.MEETING)[number % 2],
            f"c{number}",
            datetime.combine(days.first, NOW.timetz()) + timedelta(days=number % spread),
            duration=1800,
            owner=f"rep{number % 7}@example.com",
            domains=(f"{'long-' * 9}customer-{number}.example",),
            type=f"Type {number} " + "of many words " * 9,
            direction=("inbound", "outbound", "<!channel>")[number % 3],
            outcome=f"Outcome {number} &<>" * 9,
            open_items=1,
            questions=2,
        )
        for number in range(count)
    ]
    shown_buckets, is_cut = counting.cut(counting.buckets(figures, days, timezones.zone("UTC")))
    values: dict[str, Any] = {
        "days": days,
        "domains": (),
        "timezone": "Europe/Berlin",
        "calls": -(-count // 2),
        "meetings": count // 2,
        "seconds": counting.seconds_of(figures),
        "open_items": count,
        "questions": 2 * count,
        "unit": counting.unit_for(days),
        "buckets": shown_buckets,
        "is_cut": is_cut,
        "freshness": FRESH,
        "breakdowns": counting.breakdowns(figures, ()),
        "team": counting.team(figures),
    }
    return Stats(**values | changes)


@pytest.mark.parametrize("count", [0, 1, 10_000])
@pytest.mark.parametrize("first", [QUARTER.last, date(2026, 11, 18), QUARTER.first, date(2020, 1, 1)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_keep_slacks_limits(count: int, first: date, language: str) -> None:
    """For no, one and many conversations, of a day and of years; the table too, and nothing is left out."""
    payload = stats_message(texts_in(language), ASKED, stats(count, Days(first, QUARTER.last)))
    check_message(payload)
    kinds = [block["type"] for block in payload["blocks"]]
    is_charted = count > (first.year < QUARTER.last.year) and first != QUARTER.last
    assert kinds.count("data_visualization") == (2 if is_charted else 0)
    assert kinds.count("table") == (count > 1)
    assert ("as of" if language == "en" else "Stand:") in shown(payload).splitlines()[-1]
    for place, kind in enumerate(kinds):
        assert kind != "data_visualization" or kinds[place + 1] == "context", "the same as text"


def test_figures_are_told_in_sentences() -> None:
    """What there was, what is usual, when the last contact was; one's own figures, and an average of the team."""
    payload = stats_message(
        TEXTS,
        ASKED,
        stats(
            3,
            domains=("acme.com",),
            usual=Usual(2.4, 4000),
            last_contact=NOW - timedelta(days=1),
            days_since=1,
            own=Share("", 2, 3600),
            team=Team(5, 0.6, 1080),
            breakdowns={},
            first_copied=date(2026, 10, 20),
            freshness=Freshness(None, NOW, days=55, missing=5),
        ),
    )
    text = shown(payload)
    assert text.startswith(
        "acme.com, Thu, 1 Oct – Tue, 24 Nov 2026\n"
        "*3 conversations (2 calls, 1 meeting)* · 1 h 30 min in total\n"
        "Usual in a period of this length: about 2, 1 h 7 min in total\n"
    )
    assert "(yesterday)\nOpen action items: 3 · Questions asked: 6\nYou: 2 conversations, 1 h\n" in text
    assert "Average of 5 reps: 0.6 conversations, 18 min each" in text
    assert "I only have conversations since Tue, 20 Oct 2026" in text
    assert "(50 of 55 days so far)" in text


def test_the_usual_may_be_next_to_nothing() -> None:
    """Nobody has 0.2 conversations."""
    assert "fewer than one" in shown(stats_message(TEXTS, ASKED, stats(0, usual=Usual(0.2, 100))))
    assert "about 3\n" in shown(stats_message(TEXTS, ASKED, stats(1, usual=Usual(3, 0))))


def line(number: int, *, is_quiet: bool = False) -> CustomerLine:
    return CustomerLine(f"c{number}.example", f"Company <{number}>", date(2026, 11, 20), 4, is_quiet)


def test_customers_are_a_table() -> None:
    """With those that went quiet above it, and the pages around this one."""
    quiet = tuple(line(number, is_quiet=True) for number in range(10))
    answer = CustomersAnswer(
        tuple(map(line, range(20))), 10_000, 0, 500, quiet, quiet_total=77, quiet_after=30, timezone="UTC"
    )
    payload = customers_message(TEXTS, answer)
    check_message(payload)
    text = shown(payload)
    assert text.startswith("10,000 customers\n*77 customers went quiet*: no contact for 30 days or more\n")
    assert "\n• Company &lt;0&gt; (c0.example) · Fri, 20 Nov 2026 (4 days ago)\n" in text
    assert "67 more" in text
    assert "Company <19> (c19.example) | Fri, 20 Nov 2026 (4 days ago)" in text
    assert text.endswith("page 1 of 500\n[More]")


def test_nobody_is_known_yet() -> None:
    """It says where they come from."""
    payload = customers_message(TEXTS, CustomersAnswer((), 0, 0, 1, (), quiet_total=0, quiet_after=30, timezone="UTC"))
    check_message(payload)
    assert "I don't know any customers you can see here yet" in shown(payload)
