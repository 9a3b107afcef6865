import string
import time as stopwatch
from datetime import date, time, timedelta
from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.dates import range_words
from bot.commands.lexicon.every import WORDS
from bot.commands.naming import SLASH_COMMAND
from bot.commands.registry import COMMANDS, MAX_LENGTH, TOPICS, lookup, parse, topics
from bot.domains import normalise
from bot.errors import CommandError
from bot.model.commands import (
    Command,
    CustomersCommand,
    Days,
    DigestAddCommand,
    DigestCommand,
    Filters,
    HelpCommand,
    ListCommand,
    SearchCommand,
    ShowCommand,
    StartCommand,
    StatsCommand,
    StatusCommand,
    UploadsCommand,
    WhyCommand,
)
from bot.model.conversation import Kind, Scope
from bot.texts import texts_in
from bot.texts.languages import DEFAULT

TODAY = date(2026, 11, 24)  # a Tuesday
WEEK = Days(date(2026, 11, 18), TODAY)
QUARTER = Days(date(2026, 10, 1), TODAY)
LAST_WEEK = Days(date(2026, 11, 16), date(2026, 11, 22))
TEXTS = texts_in(DEFAULT)


def read(text: str) -> Command:
    return parse(text, today=TODAY)


def refuse(text: str) -> CommandError:
    with pytest.raises(CommandError) as error:
        read(text)
    return error.value


def calls(*domains: str, days: Days = WEEK, **filters: Any) -> ListCommand:
    return ListCommand(Kind.CALL, days, domains, Filters(**filters))


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("calls", calls()),
        ("calls acme.com", calls("acme.com")),
        ("calls acme.com last-week", calls("acme.com", days=LAST_WEEK)),
        ("calls last week acme.com", calls("acme.com", days=LAST_WEEK)),
        ("CALLS Acme.COM Last-Week", calls("acme.com", days=LAST_WEEK)),
        ("meetings acme.com", ListCommand(Kind.MEETING, WEEK, ("acme.com",))),
        ("call c-1042", ShowCommand(Kind.CALL, "c-1042")),
        ("meeting 65F0aBc", ShowCommand(Kind.MEETING, "65F0aBc")),
        ("search price acme.com last-week", SearchCommand(("price",), LAST_WEEK, ("acme.com",))),
        ('search "renewal price" increase', SearchCommand(("renewal price", "increase"))),
        ('search "may" "acme.com"', SearchCommand(("may", "acme.com"))),
        ("search acme.com last-week", SearchCommand(("acme.com",), LAST_WEEK)),
        ("search ratio 3:1 @rep", SearchCommand(("ratio", "3:1", "@rep"))),
        ("search foo:bar", SearchCommand(("foo:bar",))),
        ("search price language:de", SearchCommand(("price",), filters=Filters(language="de"))),
        ("stats", StatsCommand(QUARTER)),
        ("stats acme.com last-week", StatsCommand(LAST_WEEK, ("acme.com",))),
        ("customers", CustomersCommand()),
        ("why c-1042", WhyCommand("c-1042")),
        ("status", StatusCommand()),
        ("", StartCommand()),
        ("  ", StartCommand()),
        ("help", HelpCommand()),
        ("--help", HelpCommand()),
        ("\u2014help", HelpCommand()),
        ("?", HelpCommand()),
        ("help calls", HelpCommand("calls")),
        ("help Range", HelpCommand("dates")),
        ("help digest add", HelpCommand("digest")),
        ("uploads on", UploadsCommand("on")),
        ("uploads on auto", UploadsCommand("auto")),
        ("uploads off", UploadsCommand("off")),
        ("uploads status", UploadsCommand("status")),
        ("digest list", DigestCommand("list")),
        ("digest remove acme.com", DigestCommand("remove", ("acme.com",))),
        ("digest pause *.acme.com", DigestCommand("pause", ("*.acme.com",))),
        ("digest resume *", DigestCommand("resume", ("*",))),
        ("digest preview https://www.ACME.com/", DigestCommand("preview", ("acme.com",))),
        ("digest remove S7x", DigestCommand("remove", ("S7x",))),
    ],
)
def test_every_command_of_the_table_is_read(text: str, command: Command) -> None:
    """Each form of each command."""
    assert read(text) == command


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("acme.com", "acme.com"),
        ("https://www.ACME.com/", "acme.com"),
        ("sophie@acme.com", "acme.com"),
        ("mailto:sophie@acme.com", "acme.com"),
        ("<http://acme.com|acme.com>", "acme.com"),
        ("<https://www.acme.com/a?b=c&amp;d|https://www.acme.com/a?b=c&amp;d>", "acme.com"),
        ("<mailto:sophie@acme.com|sophie@acme.com>", "acme.com"),
        ("*.acme.com", "*.acme.com"),
        ("*.<http://acme.com|acme.com>", "*.acme.com"),
        ("b\u00fccher.de", "xn--bcher-kva.de"),
        ("acme.com,", "acme.com"),
        ("\u200bacme.com\u00a0", "acme.com"),
    ],
)
def test_whatever_slack_or_a_person_makes_of_a_domain_is_understood(typed: str, domain: str) -> None:
    """Links, addresses, international names; in every command that takes a domain."""
    assert read(f"calls {typed}") == calls(domain)
    assert read(f"stats {typed}") == StatsCommand(QUARTER, (domain,))
    assert read(f"digest add {typed}") == DigestAddCommand((domain,))
    assert read(f"digest pause {typed}") == DigestCommand("pause", (domain,))


def test_several_domains_are_read_once_each() -> None:
    """In the order in which they were typed, with or without commas."""
    assert read("calls b.com a.com B.com") == calls("b.com", "a.com")
    assert read("calls b.com,a.com, c.com ; d.com") == calls("b.com", "a.com", "c.com", "d.com")
    assert read("calls * a.com") == calls()
    assert read("digest add * a.com") == DigestAddCommand(("*",))


@pytest.mark.parametrize(
    ("typed", "filters"),
    [
        ("owner:<@U123|rep>", {"owner_user": "U123"}),
        ("owner:<@U123>", {"owner_user": "U123"}),
        ("owner: <@U123>", {"owner_user": "U123"}),
        ("owner:Rep@Example.com", {"owner_email": "rep@example.com"}),
        ("owner:<mailto:rep@example.com|rep@example.com>", {"owner_email": "rep@example.com"}),
        ("scope:external", {}),
        ("scope:internal", {"scope": Scope.INTERNAL}),
        ("Scope:ALL", {"scope": Scope.ALL}),
        ('type:"Discovery"', {"type": "Discovery"}),
        ("type:Discovery", {"type": "Discovery"}),
        ("type:\u201cDiscovery call\u201d", {"type": "Discovery call"}),
        ("type:\u201eErstgespr\u00e4ch mit R&amp;D\u201c", {"type": "Erstgespr\u00e4ch mit R&D"}),
        ("type\uff1aDemo", {"type": "Demo"}),
        ("language:de", {"language": "de"}),
        ("lang:de", {"language": "de"}),
        ("direction:inbound", {"direction": "inbound"}),
        ("direction:out", {"direction": "outbound"}),
        ("outcome:won", {"outcome": "won"}),
        ('outcome:"Next step: offer"', {"outcome": "Next step: offer"}),
        ("sort:oldest", {"oldest_first": True}),
        ("sort:newest", {}),
        ('"renewal price"', {"words": ("renewal price",)}),
        ("\u00bba\u00ab 'b'", {"words": ("a", "b")}),
        ('"owner:me" "last-week"', {"words": ("owner:me", "last-week")}),
    ],
)
def test_filters_narrow_a_list(typed: str, filters: dict[str, Any]) -> None:
    """Each of them, before, between and after domains and days."""
    assert read(f"calls {typed}") == calls(**filters)
    assert read(f"calls {typed} acme.com last week") == calls("acme.com", days=LAST_WEEK, **filters)
    assert read(f"calls last week {typed} acme.com") == calls("acme.com", days=LAST_WEEK, **filters)


@pytest.mark.parametrize(
    ("text", "at", "days", "zone"),
    [
        ("", None, (), ""),
        ("at 8:30", time(8, 30), (), ""),
        ("at 08:30", time(8, 30), (), ""),
        ("at 8.30", time(8, 30), (), ""),
        ("at 8", time(8), (), ""),
        ("at 8am", time(8), (), ""),
        ("at 8:30 PM", time(20, 30), (), ""),
        ("at 12am", time(0), (), ""),
        ("at 12pm", time(12), (), ""),
        ("at 0:00", time(0), (), ""),
        ("at 8\uff1a30", time(8, 30), (), ""),
        ("on monday", None, (0,), ""),
        ("on wed mon", None, (0, 2), ""),
        ("on mon,wed", None, (0, 2), ""),
        ("on mon, wed, fri", None, (0, 2, 4), ""),
        ("on mon\u2013wed", None, (0, 1, 2), ""),
        ("on sat-mon", None, (0, 5, 6), ""),
        ("on weekdays", None, (0, 1, 2, 3, 4), ""),
        ("on weekends", None, (5, 6), ""),
        ("on daily", None, (), ""),
        ("tz Europe/Berlin", None, (), "Europe/Berlin"),
        ("tz europe/berlin", None, (), "Europe/Berlin"),
        ("tz utc", None, (), "UTC"),
        ("tz America/New York", None, (), "America/New_York"),
        ("tz Europe/Kiev", None, (), "Europe/Kyiv"),
        ("TZ america/port of spain At 9 on Fri", time(9), (4,), "America/Port_of_Spain"),
        ("on weekdays tz Europe/Berlin at 8:30", time(8, 30), (0, 1, 2, 3, 4), "Europe/Berlin"),
    ],
)
def test_a_digest_says_when(text: str, at: time | None, days: tuple[int, ...], zone: str) -> None:
    """Time, days and zone in any order; what is missing stays empty."""
    assert read(f"digest add acme.com {text}") == DigestAddCommand(("acme.com",), at, days, zone)
    assert read(f"digest add {text} empty acme.com") == DigestAddCommand(("acme.com",), at, days, zone, empty=True)


def test_a_live_digest_has_no_time() -> None:
    """It posts each conversation as it comes in."""
    assert read("digest add acme.com example.com live") == DigestAddCommand(("acme.com", "example.com"), live=True)
    assert read("digest add acme.com live lang:de") == DigestAddCommand(("acme.com",), live=True, language="de")
    for other in ("at 8", "on monday", "tz UTC", "empty"):
        assert refuse(f"digest add acme.com live {other}").reason == "digest_live"
        assert refuse(f"digest add acme.com {other} live").reason == "digest_live"


@pytest.mark.parametrize("typed", ["65f0Ab", "Ab:cD", "a/b?c=d", "last-week", "\u2014x", "c1,", "mine", "monday"])
def test_an_id_is_any_token_and_keeps_its_case(typed: str) -> None:
    """Whatever Kickscale uses as ids, unless it is a domain."""
    assert read(f"call {typed}") == ShowCommand(Kind.CALL, typed)
    assert read(f'meeting "{typed}"') == ShowCommand(Kind.MEETING, typed)
    assert read(f"why {typed}") == WhyCommand(typed)
    assert read("why <http://a.bc|a.bc>") == WhyCommand("a.bc")
    assert read("call <http://a.bc|a.bc>") == calls("a.bc")


@pytest.mark.parametrize(
    ("text", "reason", "word", "suggestions"),
    [
        ("cals acme.com", "command", "cals", ["calls acme.com"]),
        ("acme.com last-week", "command", "acme.com", ["calls acme.com last-week", "meetings acme.com last-week"]),
        ("last-week", "command", "last-week", ["calls last-week", "meetings last-week"]),
        (
            'owner:<@U123|rep> "price"',
            "command",
            "owner:@rep",
            ['calls owner:@rep "price"', 'meetings owner:@rep "price"'],
        ),
        ("xyzzy", "command", "xyzzy", ["search xyzzy"]),
        ('calls "renewal', "quote", '"renewal', []),
        ('calls ""', "quote_empty", None, []),
        ("calls acme", "word", "acme", ["search acme"]),
        ("calls lst-week", "word", "lst-week", ["calls last-week"]),
        ("calls acme.com last wek", "word", "last wek", ["calls acme.com last-week"]),
        ("calls novmber", "word", "novmber", ["calls november"]),
        ("calls 31.11.2026", "date_impossible", "31.11.2026", []),
        ("calls 11/01/2026", "date_ambiguous", "11/01/2026", ["calls 2026-11-01", "calls 2026-01-11"]),
        ("calls 192.0.2.1", "word", "192.0.2.1", []),
        ("calls since", "word", "since", []),
        ("calls outcome:Next step agreed", "filter_words", "step", []),
        ("meetings type:Discovery call this-year", "filter_words", "call", []),
        ('calls type:"Discovery" call', "word", "call", []),
        ("calls owner", "word", "owner", []),
        ("calls c-1042", "word", "c-1042", ["call c-1042"]),
        ("meetings 65f0", "word", "65f0", ["meeting 65f0"]),
        ("calls help", "word", "help", ["help calls"]),
        ("calls R&amp;D", "word", "R&D", ['search "R&D"']),
        ("stats <@U123|rep>", "mention", "@rep", []),
        ("calls <#C1|general>", "mention", "#general", []),
        ("digest add <!subteam^S1|@team>", "digest_mention", "@team", []),
        (
            "calls today yesterday",
            "two_ranges",
            None,
            ["calls 2026-11-23..2026-11-24", "calls today", "calls yesterday"],
        ),
        ("calls ownr:rep@example.com", "filter", None, ["calls owner:rep@example.com"]),
        ("meetings direction:inbound", "filter_not_here", None, []),
        ("stats scope:all", "filter_not_here", None, []),
        ("search price sort:oldest", "filter_not_here", None, []),
        ("digest add acme.com scope:all", "filter_not_here", None, []),
        ("digest add acme.com owner:rep@example.com", "filter_not_here", None, []),
        ("digest add <@U123|robin.rep>", "digest_mention", "@robin.rep", []),
        ("calls scope:all scope:all", "filter_twice", None, []),
        ("calls type:", "filter_empty", None, []),
        ('calls type:""', "filter_empty", None, []),
        ("calls sort:xyz", "filter_value", "xyz", ["calls sort:oldest", "calls sort:newest"]),
        ("calls owner:@rep", "owner", "@rep", []),
        ("calls owner:rep", "owner", "rep", []),
        ("calls owner:<@>", "owner", "@", []),
        ("calls owner:<#C1|general>", "owner", "#general", []),
        ("calls 2026-02-30", "date_impossible", "2026-02-30", ["calls 2026-02-28"]),
        (
            "calls acme.com 2026-11-15 .. 2026-11-01",
            "date_reversed",
            "2026-11-15 .. 2026-11-01",
            ["calls acme.com 2026-11-01..2026-11-15"],
        ),
        ("calls december 2026", "date_future", "december 2026", []),
        ("call", "id_missing", None, ["calls"]),
        ("why a b", "id", "a b", []),
        ("search", "search_empty", None, []),
        ("search last-week", "search_empty", None, []),
        ("search" + "".join(f" word{number}" for number in range(31)), "search_long", None, []),
        ('search "' + 31 * " word" + '"', "search_long", None, []),
        ("search" + "".join(f" word{number}.example" for number in range(16)), "search_long", None, []),
        ("customers acme.com", "extra", "acme.com", ["customers"]),
        ('stats "price"', "extra", "price", []),
        ("status now", "extra", "now", ["status"]),
        ("help dtes", "topic", "dtes", ["help dates"]),
        ("uploads", "action_missing", None, ["uploads on", "uploads auto", "uploads off", "uploads status"]),
        ("uploads of", "action", "of", ["uploads off"]),
        ("uploads off auto", "extra", "auto", ["uploads off"]),
        ("digest ad acme.com", "action", "ad", ["digest add acme.com"]),
        ("digest add", "digest_domain", None, []),
        ("digest add at 8", "digest_domain", None, []),
        ("digest add acme.com at", "digest_value", "at", []),
        ("digest add acme.com at 24:00", "digest_at", "24:00", []),
        ("digest add acme.com at 8:60", "digest_at", "8:60", []),
        ("digest add acme.com at 13pm", "digest_at", "13pm", []),
        ("digest add acme.com at 8 at 9", "digest_twice", "at", []),
        ("digest add acme.com on mnday", "digest_on", "mnday", ["digest add acme.com on monday"]),
        ("digest add acme.com on mon,xyz", "digest_on", "mon,xyz", []),
        ("digest add acme.com tz Europe/Berln", "digest_tz", "Europe/Berln", ["digest add acme.com tz Europe/Berlin"]),
        ("digest add acme.com tz GMT+2", "digest_tz", "GMT+2", []),
        ("digest add acme.com tz EST", "digest_tz_fixed", "EST", ["digest add acme.com tz America/New_York"]),
        ("digest add acme.com tz mst", "digest_tz_fixed", "mst", ["digest add acme.com tz America/Denver"]),
        ("digest add acme.com HST", "digest_word", "HST", ["digest add acme.com tz Pacific/Honolulu"]),
        ("digest add acme.com tz PST", "digest_tz", "PST", ["digest add acme.com tz America/Los_Angeles"]),
        ("digest add acme.com tz UTC+2", "digest_tz", "UTC+2", []),
        ("digest add acme.com tz Etc/GMT+", "digest_tz", "Etc/GMT+", []),
        ("digest add acme.com emty", "digest_word", "emty", ["digest add acme.com empty"]),
        ("digest list acme.com", "extra", "acme.com", ["digest list"]),
        ("digest remove", "digest_target", None, []),
        ("calls mail", "word", "mail", ["search mail"]),
        ("calls scope", "word", "scope", ["calls scope:external", "calls scope:internal", "calls scope:all"]),
        ("calls week", "word", "week", ["calls this-week", "calls last-week"]),
        ("digest acme.com", "action", "acme.com", ["digest add acme.com", "digest preview acme.com"]),
        ("uploads please", "action_missing", None, [f"uploads {name}" for name in ("on", "auto", "off", "status")]),
        ("calls lst-week sope:all", "word", "lst-week", ["calls last-week scope:all"]),
        ("acme.com", "command", "acme.com", ["calls acme.com", "meetings acme.com"]),
        ("calls tomorrow", "date_future", "tomorrow", []),
        ("calls next week", "date_future", "next week", []),
        ("kickoff", "command", "kickoff", ["search kickoff"]),
        ("follow acme.com at 8", "digest_live", "at 8", []),
        ("calls 29.2.2026", "date_impossible", "29.2.2026", ["calls 2026-02-28"]),
        ("calls " + "x" * MAX_LENGTH, "long", None, []),
    ],
)
def test_a_mistake_is_named_with_the_nearest_word(
    text: str, reason: str, word: str | None, suggestions: list[str]
) -> None:
    """What was typed, what of it was not understood, and what it may have been meant to be."""
    error = refuse(text)
    assert (error.reason, [other.shown for other in error.suggestions]) == (reason, suggestions)
    assert error.typed
    if word is not None:
        assert error.values["word"] == word


def test_what_was_typed_is_given_as_people_read_it() -> None:
    """Neither Slack's markup nor its escapes are echoed."""
    assert refuse("calls <http://acme.com|acme.com> R&amp;D <@U1|rep>").typed == "calls acme.com R&D @rep"


@pytest.mark.parametrize("text", ["last\u2013week", "last\u2014week", "LAST_WEEK", "last\u00a0week", "last  -  week"])
def test_what_phones_make_of_hyphens_and_spaces_is_understood(text: str) -> None:
    """En and em dashes, no-break spaces."""
    assert read(f"calls {text}") == calls(days=LAST_WEEK)


def test_the_table_makes_the_help() -> None:
    """Each command has a name that parses, a usage that begins with it, an example, a summary and a help text."""
    assert set(WORDS.commands.values()) == {syntax.name for syntax in COMMANDS}
    assert set(WORDS.topics.values()) == set(TOPICS)
    for syntax in COMMANDS:
        assert read(syntax.example)
        assert syntax.usage.split()[0] == syntax.name
        assert lookup(syntax.name) is syntax
        assert TEXTS(syntax.summary)
    for topic in topics():
        assert read(f"help {topic}") == HelpCommand(topic)
        assert TEXTS(f"help.summary.{topic}")
        assert TEXTS(f"help.topic.{topic}")
    assert {type(read(text)) for text in VALID} == set(Command.__args__)


def test_what_the_help_shows_can_be_typed() -> None:
    """Every example between backticks that begins with a command parses."""
    shown = [part for topic in topics() for part in TEXTS(f"help.topic.{topic}").split("`")[1::2]]
    examples = [part for part in shown if part.split()[0] in WORDS.commands and not part.startswith("resume")]
    assert len(examples) > 20
    for example in examples:
        read(example.replace("@rep", "<@U123|rep>"))


def test_every_reason_has_its_text() -> None:
    """Each mistake above renders, and no text in the catalogue is for a mistake that nobody can make."""
    # What somebody knows, what a channel has, a message that can't open a form, and a kill.
    seen = {"customers", "digest_several", "press", "interrupted"}
    for mark in _marks(test_a_mistake_is_named_with_the_nearest_word) | _REST:
        error = refuse(mark)
        template = str(_catalogue()[error.reason])
        names = {name for _, name, _, _ in Formatter().parse(template) if name}
        assert names <= set(error.values), error.reason
        assert TEXTS(f"command.error.{error.reason}", **error.values)
        seen.add(error.reason)
    assert seen == set(_catalogue())


_REST = {
    "calls november-126",
    "calls last-0-days",
    "calls 99999999d",
    "digest add acme.com live empty",
    "digest add acme.com lang:fr",
    "digest add acme.com weekly",
}


def _marks(test: Any) -> set[str]:
    return {arguments[0] for mark in test.pytestmark for arguments in mark.args[1]}


def _catalogue() -> dict[str, Any]:
    errors: dict[str, Any] = TEXTS._messages["command"]["error"]  # noqa: SLF001 which keys there are is asked nowhere else
    return errors


# ---- any text ------------------------------------------------------------------------------------------------------

VALID = sorted(
    {text for test in (test_every_command_of_the_table_is_read,) for text in _marks(test)}
    | {syntax.example for syntax in COMMANDS}
    | {f"calls {text}" for text in _marks(test_filters_narrow_a_list)}
    | {f"digest add acme.com {text}" for text in _marks(test_a_digest_says_when)}
)
PIECES = st.sampled_from(
    [
        *(*" .-:,;'\"<>|@#!*&", "..", "\u2026", "\u2014", "\u201c", "\u201e", "\u00a0", "\u200b", "\u0667", "\x00"),
        *("&amp;", "<@", "<!", "<mailto:", "0", "99999999", "last-", "since-", "owner:", "at", "on", "tz", "live"),
        *("\ud800", "\u00df"),
    ]
) | st.text(st.characters(), max_size=3)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid command with a few pieces cut out, put in, or doubled."""
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 3))
        text = text[:at] + draw(PIECES) + text[at + cut :]
    return text


@given(st.text(st.characters()) | mutated(), st.dates(date(1971, 1, 1), date(2900, 1, 1)))
def test_no_text_whatever_raises_anything_but_a_command_error(text: str, today: date) -> None:
    """A command, or an error that renders and whose example is valid."""
    error = mistake(text, today)
    if error is not None:
        assert TEXTS(f"command.error.{error.reason}", **error.values)
        assert error.example is not None
        prefix, _, example = error.example.partition(" ")
        assert prefix == SLASH_COMMAND
        assert mistake(example.replace("@rep", "<@U123|rep>"), today) is None


def mistake(text: str, today: date = TODAY) -> CommandError | None:
    try:
        parse(text, today=today)
    except CommandError as error:
        return error
    return None


DOMAINS = st.lists(st.from_regex(r"\A(?!www)[a-z]{1,8}\.(com|de|co\.uk)\Z"), unique=True, max_size=3)
VALUES = st.text(string.ascii_letters + string.digits + " .:-&\u00e4", min_size=1).map(str.strip).filter(bool)


@given(
    DOMAINS,
    st.sampled_from([word for word in range_words() if word != "today"]) | st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "owner": st.from_regex(r"\A[a-z]{1,8}@[a-z]{1,8}\.com\Z"),
            "scope": st.sampled_from(sorted(Scope)),
            "type": VALUES,
            "language": st.sampled_from(["de", "en"]),
            "direction": st.sampled_from(["inbound", "outbound"]),
            "outcome": VALUES,
            "sort": st.sampled_from(["oldest", "newest"]),
        },
    ),
    st.lists(VALUES, max_size=2),
    st.randoms(use_true_random=False),
)
def test_a_list_means_the_same_in_any_order(
    domains: list[str], days: str | None, filters: dict[str, str], words: list[str], random: Any
) -> None:
    """What was typed is read back the same, escaped by Slack and shuffled."""
    parts = [*domains, *([days] if days else [])]
    parts += [f'{key}:"{value}"' for key, value in filters.items()]
    parts += [f"\u201c{word}\u201d" for word in words]
    random.shuffle(parts)
    command = read("calls " + " ".join(parts).replace("&", "&amp;"))
    assert isinstance(command, ListCommand)
    assert set(command.domains) == set(domains)
    assert sorted(command.filters.words) == sorted(" ".join(word.split()) for word in words)
    assert command.filters.owner_email == filters.get("owner", "")
    assert command.filters.scope == filters.get("scope", "external")
    for key in ("type", "language", "direction", "outcome"):
        assert getattr(command.filters, key) == " ".join(filters.get(key, "").split())
    assert command.filters.oldest_first == (filters.get("sort") == "oldest")
    if days is None:
        assert command.days == WEEK


@given(st.text(string.ascii_letters + string.digits + "-_.:/=+", min_size=1))
def test_an_id_comes_out_as_it_was_typed(text: str) -> None:
    """Every character and its case; a domain is none for `call`."""
    assert read(f"why {text}") == WhyCommand(text)
    try:
        normalise(text)
    except ValueError:
        assert read(f"call {text}") == ShowCommand(Kind.CALL, text)


@pytest.mark.parametrize(
    "piece",
    ["a ", "a:", "a:'b ", "a.bc ", "'", "<", "<a", '"" ', "2", "last ", "\u00fc.", "a,", "-", ". ", "\ufdfa", "&amp;"],
)
@pytest.mark.parametrize("command", ["calls", "search", "digest add", "call", "help", ""])
def test_a_text_of_any_length_is_read_at_once(command: str, piece: str) -> None:
    """No parsing takes quadratic time, which would need seconds here."""
    text = f"{command} {piece * (MAX_LENGTH // len(piece))}"[:MAX_LENGTH]
    started = stopwatch.thread_time()
    mistake(text)
    assert stopwatch.thread_time() - started < 5


def test_the_default_is_the_last_seven_days() -> None:
    """Today and the six days before it."""
    assert read("calls") == read("calls last-7-days") == read("calls 7d")
    assert TODAY - WEEK.first == timedelta(days=6)
