"""What people type, in English and German, and the plain command that means the same."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.customers import CustomerNames
from bot.commands.lexicon.every import WORDS
from bot.commands.registry import Asker, Parsed, read_command
from bot.errors import CommandError

TODAY = date(2026, 11, 24)  # a Tuesday
WEDNESDAY = date(2026, 11, 25)
TWO_DAYS = "2026-11-23..2026-11-24"
WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@dataclass(frozen=True)
class Customer:
    domain: str
    names: tuple[str, ...] = ()


CUSTOMERS = CustomerNames(
    (
        Customer("acme.com", ("Acme GmbH", "Acme")),
        Customer("globex.com", ("Globex Corporation",)),
        Customer("initech.de", ("Initech AG",)),
        Customer("northwind.com", ("Northwind Traders",)),
        Customer("beta.com", ("Beta Industries",)),
        Customer("beta-labs.com", ("Beta Labs",)),
        Customer("3m.com"),
        Customer("open.com", ("Open",)),
        Customer("smith.co.uk", ("Smith and Sons Ltd",)),
        Customer("xn--mller-kva.de", ("Müller & Söhne KG",)),
    )
)


def read(text: str, today: date = TODAY) -> Parsed:
    return read_command(text, Asker(today, "UME", CUSTOMERS))


def sentences() -> Iterator[tuple[str, str]]:
    """Yield what reps would type, and the plain command that means the same."""
    for line in Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            typed, _, plain = line.replace("@robin", "<@U123|robin>").partition(" => ")
            yield typed, plain


def suggested(text: str) -> tuple[str, list[str]]:
    with pytest.raises(CommandError) as error:
        read(text)
    return error.value.reason, [suggestion.shown for suggestion in error.value.suggestions]


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        # names
        ("calls acme", "calls acme.com"),
        ("calls ACME", "calls acme.com"),
        ("calls Acme GmbH", "calls acme.com"),
        ('calls "Acme GmbH"', "calls acme.com"),
        ("calls „Acme GmbH“", "calls acme.com"),
        ('calls "acme.com"', "calls acme.com"),
        ("calls Acme AG last-week", "calls acme.com last-week"),
        ("calls globex corporation, initech", "calls globex.com initech.de"),
        ("calls northwind", "calls northwind.com"),
        ("calls with Smith and Sons", "calls smith.co.uk"),
        ("calls müller & söhne", "calls müller.de"),
        ("stats acme this-month", "stats acme.com this-month"),
        ("search pricing acme", "search pricing acme.com"),
        ("search acme", 'search "acme"'),
        ("digest add acme", "digest add acme.com"),
        ("digest add Acme GmbH at 9", "digest add acme.com at 9"),
        ("digest pause acme", "digest pause acme.com"),
        ("digest preview globex", "digest preview globex.com"),
        # words that mean nothing
        ("show me calls with acme", "calls acme.com"),
        ("please show me all calls with acme from last week", "calls acme.com last-week"),
        ("what calls did we have with acme last week?", "calls acme.com last-week"),
        ("list the meetings of acme and globex", "meetings acme.com globex.com"),
        ("calls for acme or globex", "calls acme.com globex.com"),
        ("acme calls last week", "calls acme.com last-week"),
        ("acme.com meetings", "meetings acme.com"),
        ("last week calls with acme", "calls acme.com last-week"),
        ("latest calls", "calls"),
        ("last call with acme", "calls acme.com"),
        ("my last call with acme", "calls owner:<@UME> acme.com"),
        ("the call with acme please", "calls acme.com"),
        ("show me call c-1042", "call c-1042"),
        ("kickscale calls acme", "calls acme.com"),
        ("/kickscale calls acme", "calls acme.com"),
        ("calls acme.com!", "calls acme.com"),
        ("search for pricing with acme last week", "search pricing acme.com last-week"),
        ("stats for acme", "stats acme.com"),
        ("acme stats", "stats acme.com"),
        ("help me with digests", "help digest"),
        ("status please", "status"),
        ("hello", ""),
        ("hi there", ""),
        ("thanks!", ""),
        ("calls from 2026-11-01 to 2026-11-15", "calls 2026-11-01..2026-11-15"),
        ("calls between 1 nov and 15 nov with acme", "calls 2026-11-01..2026-11-15 acme.com"),
        ("calls in november with acme", "calls november acme.com"),
        # German, and both mixed
        ("anrufe", "calls"),
        ("termine", "meetings"),
        ("suche preis", "search preis"),
        ("statistik", "stats"),
        ("kunden", "customers"),
        ("hilfe", "help"),
        ("hilfe digest", "help digest"),
        ("warum c-1042", "why c-1042"),
        ("zeig mir bitte die anrufe mit acme von letzter woche", "calls acme.com last-week"),
        ("zeig mir meine anrufe", "calls owner:<@UME>"),
        ("anrufe mit acme und globex", "calls acme.com globex.com"),
        ("anrufe acme von 1.11. bis 15.11.2026", "calls acme.com 2026-11-01..2026-11-15"),
        ("anrufe acme zwischen 1.11. und 15.11.", "calls acme.com 2026-11-01..2026-11-15"),
        ("alle termine mit acme diese woche", "meetings acme.com this-week"),
        ("welche anrufe gab es gestern mit acme?", "calls yesterday acme.com"),
        ("Termine bei Acme im November", "meetings acme.com november"),
        ("letzter Anruf mit acme", "calls acme.com"),
        ("calls acme letzte woche", "calls acme.com last-week"),
        ("anrufe acme last week", "calls acme.com last-week"),
        ("statistik für acme dieses quartal", "stats acme.com this-quarter"),
        ("statistik fuer acme", "stats acme.com"),
        ("suche nach preis bei acme", "search preis acme.com"),
        ("suche preis initech", 'search preis "initech"'),
        ("suche nach preis bei initech", "search preis initech.de"),
        ("besprechungen mit initech ag heute", "meetings initech.de today"),
        # filters
        ("calls mine", "calls owner:<@UME>"),
        ("my calls", "calls owner:<@UME>"),
        ("my calls last week", "calls owner:<@UME> last-week"),
        ("calls owner:me", "calls owner:<@UME>"),
        ("calls by me", "calls owner:<@UME>"),
        ("meine anrufe", "calls owner:<@UME>"),
        ("meine termine letzte woche", "meetings owner:<@UME> last-week"),
        ("anrufe von mir", "calls owner:<@UME>"),
        ("calls show me acme", "calls acme.com"),
        ("calls inbound", "calls direction:inbound"),
        ("incoming calls", "calls direction:inbound"),
        ("eingehende anrufe von gestern", "calls direction:inbound yesterday"),
        ("internal meetings", "meetings scope:internal"),
        ("interne termine", "meetings scope:internal"),
        ("calls internal last week", "calls scope:internal last-week"),
        ("calls <@U123|robin> acme", "calls owner:<@U123|robin> acme.com"),
        ("calls oldest", "calls sort:oldest"),
        ("calls umfang:alle", "calls scope:all"),
        ("calls in german", "calls language:de"),
        ('calls words:"Acme GmbH"', 'calls words:"Acme GmbH"'),
        ("call acme.com", "calls acme.com"),
        ("call acme.com last-week", "calls acme.com last-week"),
        ("call with acme", "calls acme.com"),
        ("meeting acme.com", "meetings acme.com"),
        # uploads
        ("uploads auto", "uploads on auto"),
        ("uploads an", "uploads on"),
        ("uploads aus", "uploads off"),
        ("uploads an automatisch", "uploads on auto"),
        # digests
        ("digest", "digest list"),
        ("digests", "digest list"),
        ("digest show", "digest list"),
        ("show me the digests", "digest list"),
        ("digest liste", "digest list"),
        ("digest rm d1", "digest remove d1"),
        ("digest stop d1,d2", "digest remove d1 d2"),
        ("digest remove d1, d2 and d3", "digest remove d1 d2 d3"),
        ("digest entfernen acme", "digest remove acme.com"),
        ("digest add acme every weekday at 9am", "digest add acme.com on weekdays at 9:00"),
        ("digest add acme daily at 9", "digest add acme.com on daily at 9:00"),
        ("digest add acme weekly on friday", "digest add acme.com on friday"),
        ("digest add acme on mondays", "digest add acme.com on monday"),
        ("digest add acme every monday and friday at 9:30", "digest add acme.com on mon,fri at 9:30"),
        ("digest add acme monday to friday", "digest add acme.com on weekdays"),
        ("digest add acme mon-fri", "digest add acme.com on weekdays"),
        ("digest add acme mo,mi", "digest add acme.com on mon,wed"),
        ("digest add acme am montag und mittwoch um 8", "digest add acme.com on mon,wed at 8:00"),
        ("digest add acme werktags um 9", "digest add acme.com on weekdays at 9:00"),
        ("digest add acme täglich um 8 uhr", "digest add acme.com on daily at 8:00"),
        ("digest add acme taeglich um 8 Uhr", "digest add acme.com on daily at 8:00"),
        ("digest add acme um 8 uhr abends", "digest add acme.com at 20:00"),
        ("digest add acme um 8.30 uhr", "digest add acme.com at 8:30"),
        ("digest add acme jeden freitag um 17 uhr", "digest add acme.com on friday at 17:00"),
        ("digest add acme at noon", "digest add acme.com at 12:00"),
        ("digest add acme at 17h", "digest add acme.com at 17:00"),
        ("digest add acme 9am", "digest add acme.com at 9:00"),
        ("digest add acme at 9 o'clock", "digest add acme.com at 9:00"),
        ("digest add acme tz New York", "digest add acme.com tz America/New_York"),
        ("digest add acme at 9 tz berlin", "digest add acme.com at 9:00 tz Europe/Berlin"),
        ("digest add for acme please", "digest add acme.com"),
        ("follow acme", "digest add acme.com live"),
        ("follow acme and globex", "digest add acme.com globex.com live"),
        ("folge acme", "digest add acme.com live"),
        ("unfollow Acme GmbH", "unfollow acme.com"),
    ],
)
def test_a_phrase_means_a_plain_command(typed: str, plain: str) -> None:
    """In either language."""
    assert read(typed).command == read(plain).command


@pytest.mark.parametrize(("typed", "plain"), [*sentences()])
def test_a_sentence_means_a_plain_command(typed: str, plain: str) -> None:
    """However it is written, in English, German or both."""
    assert read(typed, WEDNESDAY).command == read(plain, WEDNESDAY).command


@pytest.mark.parametrize(
    ("typed", "reason", "shown"),
    [
        ("calls beta", "customers", ["calls beta.com", "calls beta-labs.com"]),
        ("digest add beta at 9", "customers", ["digest add beta.com at 9", "digest add beta-labs.com at 9"]),
        ("calls acme,com last-week", "word", ["calls acme.com last-week", 'search "acme,com"']),
        ("calls amce", "word", ["calls acme.com", "search amce"]),
        ("calls foobar", "word", ["search foobar"]),
        ("digest add amce", "digest_word", ["digest add acme.com"]),
        ("digest acme at 9", "action", ["digest add acme at 9"]),
        ("digest acme", "action", ["digest add acme", "digest preview acme"]),
        ("acme", "command", ["calls acme", "meetings acme"]),
        ("Q3", "command", ["calls Q3", "meetings Q3"]),
        ("meetings 11/01/2026", "date_ambiguous", ["meetings 2026-11-01", "meetings 2026-01-11"]),
        ("calls 12/01/2026", "date_ambiguous", ["calls 2026-01-12"]),
        ("calls nächste woche", "date_future", []),
        ("calls lst-week sope:all", "word", ["calls last-week scope:all"]),
        ("calls direction:inbund acme", "filter_value", ["calls direction:inbound acme"]),
        ("mine", "command", ["calls mine", "meetings mine"]),
        ("gespräche mit acme", "command", ["calls acme", "meetings acme"]),
        ("who mentioned pricing", "command", ["search mentioned pricing"]),
        ("details c-1042", "command", ["call c-1042", "meeting c-1042"]),
        ("my stats acme", "filter_not_here", ["stats acme"]),
        (
            "calls acme heute und gestern",
            "two_ranges",
            [f"calls acme {days}" for days in (TWO_DAYS, "heute", "gestern")],
        ),
        ("cals acme", "command", ["calls acme"]),
        ("anrfue", "command", ["anrufe"]),
        ("serach preis", "command", ["search preis"]),
        ("digset add acme", "command", ["digest add acme"]),
        ("calls acme yesteday", "word", ["calls acme yesterday"]),
        ("calls renewal price", "word", ["search renewal price"]),
        ("digest add acme weekly", "digest_weekly", [f"digest add acme on {day}" for day in WORKDAYS]),
        ("digest add acme every 2 weeks", "digest_word", []),
        ("calls this and that", "word", []),
        ("test", "command", ["search test"]),
        ("meetings inbound", "filter_not_here", ["meetings"]),
        ("calls inbound outbound", "filter_twice", ["calls inbound"]),
        ("calls in 2 wochen", "date_future", []),
        ("kunden ohne kontakt", "extra", ["customers"]),
        (
            "stats this year vs last year",
            "two_ranges",
            ["stats 2025-01-01..2026-11-24", "stats this year", "stats last year"],
        ),
    ],
)
def test_what_may_be_meant_is_suggested_as_a_whole_command(typed: str, reason: str, shown: list[str]) -> None:
    """Each suggestion can be run as it is."""
    assert suggested(typed) == (reason, shown)
    for suggestion in shown:
        read(suggestion)


@pytest.mark.parametrize(
    ("typed", "others"),
    [
        ('calls "Acme GmbH"', ['calls words:"Acme GmbH"']),
        ('calls "northwind" last-week', ["calls northwind.com last-week"]),
        ("calls acme.con", ["calls acme.com"]),
        ("calls acme", []),
        ('calls "renewal price"', []),
        ("calls newcustomer.com", []),
        ("call acme", ["calls acme.com"]),
        ("calls 3m", ["calls 3m.com"]),
        ("calls with open last week", ["calls with open.com last week"]),
        ("unfollow amce", ["unfollow acme.com"]),
    ],
)
def test_another_reading_is_offered_with_the_answer(typed: str, others: list[str]) -> None:
    """Quoted text may be a customer or words, a domain may be misspelled, and an ID a name."""
    assert [other.shown for other in read(typed).others] == others


def test_without_known_customers_only_domains_are_customers() -> None:
    """A word isn't guessed to be one."""
    with pytest.raises(CommandError) as error:
        read_command("calls acme", Asker(TODAY))
    assert [other.shown for other in error.value.suggestions] == ["search acme"]
    assert read_command("calls acme.con", Asker(TODAY)).others == ()


class CountingNames(CustomerNames):
    """Counts how often a customer is looked for."""

    matched = 0
    compared = 0
    """With all names, which takes far longer."""

    def matching(self, text: str) -> list[str]:
        self.matched += 1
        return super().matching(text)

    def near(self, text: str) -> list[str]:
        self.compared += 1
        return super().near(text)


@pytest.mark.parametrize(
    "text",
    [
        "calls" + 6 * " deutsche",
        "digest remove" + 200 * " deutsche",
        "calls " + " ".join(f"deutsche{number}.example" for number in range(200)),
        "search " + " ".join(f"deutsche{number}.example" for number in range(200)),
        "digest remove " + " ".join(f"deutschx{number}" for number in range(200)),
        200 * "sort:oldest, deutsche1.example",
    ],
)
def test_no_text_is_compared_with_all_customers_again_and_again(text: str) -> None:
    """However many of them its words may mean: other people wait while it is read."""
    named = (Customer(f"deutsche-{number}.de", (f"Deutsche Nummer {number}",)) for number in range(50))
    names = CountingNames(named)
    with contextlib.suppress(CommandError):
        read_command(text, Asker(TODAY, "UME", names))
    assert names.compared < 50
    assert names.matched < 10_000


VOCABULARY = sorted(
    {
        *(*WORDS.commands, *WORDS.fillers, *WORDS.mine, *WORDS.me, *WORDS.digest, *WORDS.digest_options, *WORDS.every),
        *(*WORDS.this, *WORDS.last, *WORDS.before_last, *WORDS.since, *WORDS.to, *WORDS.between, *WORDS.both),
        *(*WORDS.weekly, *WORDS.mornings, *WORDS.after, *WORDS.beginning, *WORDS.ordinals, *WORDS.day_parts),
        *(*WORDS.setting_up, *WORDS.finding, *WORDS.first, *WORDS.filters, *WORDS.uploads, *WORDS.languages),
        *(*WORDS.periods, *WORDS.units, *WORDS.months, *WORDS.weekdays, *WORDS.numbered, *WORDS.bare_values),
        *("acme", "GmbH", "beta", "acme,com", "20.11.", "1.", "47", "2026", "11/01", "-", "..", "9", "uhr", "8:30"),
        *('"Acme GmbH"', "<@U1|robin>", "owner:", "d1", "*", "Mo.,", "16.", "–", "?", "acme.con", "c-1042"),
    }
)


@given(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=9), st.dates(date(1971, 1, 1), date(2900, 1, 1)))
def test_no_sentence_raises_anything_but_a_command_error(words: list[str], today: date) -> None:
    """Words of both languages in any order are a command, or an error whose suggestions can be run."""
    asker = Asker(today, "UME", CUSTOMERS)
    try:
        suggestions = read_command(" ".join(words), asker).others
    except CommandError as error:
        suggestions = error.suggestions
    for suggestion in suggestions:
        read_command(suggestion.text, asker)
