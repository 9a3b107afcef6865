"""The mirror: what is copied, found, counted and forgotten, and by whom it can be seen."""

import itertools
import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.erasure.traces import forget_old_copies
from bot.model.access import Reach, Sight
from bot.model.commands import Days
from bot.model.conversation import Kind, Scope, Utterance
from bot.model.erasure import About
from bot.model.mirror import Content, MirrorSize, Total, Untranscribed, Wanted
from bot.storage.mirror import MirrorStore
from bot.storage.stores import Stores
from tests.clock import MONDAY_MORNING as NOW
from tests.conformance.copies import ALL, ANY, REP, copy, find, forget

TODAY = Days(NOW.date(), NOW.date())


@pytest.fixture
def mirror(stores: Stores) -> MirrorStore:
    return stores.mirror()


async def ids(mirror: MirrorStore, wanted: Wanted = ANY, sight: Sight = ALL) -> list[str]:
    return sorted(figures.id for figures in await mirror.figures(wanted, sight))


# ---- copying ---------------------------------------------------------------------------------------------------------


async def test_a_conversation_is_copied_once(mirror: MirrorStore) -> None:
    """A later reading replaces what was known of it, in the index too."""
    await mirror.merge([copy("c1", "the price")], None, NOW)
    await mirror.merge([copy("c1", "a discount", version="2")], None, NOW + timedelta(hours=1))
    assert await find(mirror, "price") == []
    assert await find(mirror, "discount") == ["c1"]
    assert await mirror.size() == MirrorSize(1, 0)
    hit = await mirror.get(Kind.CALL, "c1")
    assert hit is not None
    assert (hit.record, hit.is_internal) == ({"id": "c1", "summary": "a discount"}, False)
    assert await mirror.get(Kind.MEETING, "c1") is None


async def test_what_was_not_in_a_list_is_unseen(mirror: MirrorStore) -> None:
    """Only within the days and the scope of the list; one without a start belongs to the day in whose list it was."""
    earlier = NOW - timedelta(days=1)
    await mirror.merge([copy("gone"), copy("internal", is_internal=True)], None, earlier)
    await mirror.merge([copy("old", starts_at=earlier)], None, earlier)
    await mirror.merge([copy("undated", starts_at=None)], TODAY.first, earlier)
    await mirror.merge([copy("there")], None, NOW)
    assert sorted(await mirror.unseen(Kind.CALL, Scope.EXTERNAL, TODAY, NOW)) == ["gone", "undated"]
    assert await mirror.unseen(Kind.CALL, Scope.INTERNAL, TODAY, NOW) == ["internal"]
    assert await mirror.unseen(Kind.MEETING, Scope.EXTERNAL, TODAY, NOW) == []
    await mirror.remove(Kind.CALL, ["gone"])
    assert await ids(mirror) == ["internal", "old", "there", "undated"]


async def test_days_are_complete_as_of_a_moment(mirror: MirrorStore) -> None:
    """Each list counts on its own: of calls or meetings, external or internal."""
    days = Days(date(2026, 11, 21), date(2026, 11, 23))
    await mirror.mark_read(Kind.CALL, Scope.EXTERNAL, days, NOW)
    await mirror.mark_read(Kind.CALL, Scope.EXTERNAL, TODAY, NOW + timedelta(hours=1))
    assert await mirror.days_read(Kind.CALL, Scope.EXTERNAL) == {
        date(2026, 11, 21): NOW,
        date(2026, 11, 22): NOW,
        date(2026, 11, 23): NOW + timedelta(hours=1),
    }
    assert await mirror.days_read(Kind.CALL, Scope.INTERNAL) == {}


async def test_what_is_too_old_goes(mirror: MirrorStore) -> None:
    """With the record of which days are complete; clearing the mirror leaves nothing."""
    await mirror.merge([copy("old", starts_at=NOW - timedelta(days=1)), copy("new")], None, NOW)
    days = Days(TODAY.first - timedelta(days=1), TODAY.last)
    await mirror.mark_read(Kind.CALL, Scope.EXTERNAL, days, NOW)
    assert await mirror.trim(TODAY.first) == 1
    assert await ids(mirror) == ["new"]
    assert list(await mirror.days_read(Kind.CALL, Scope.EXTERNAL)) == [TODAY.first]
    assert await mirror.clear() == 1
    assert (await mirror.size(), await mirror.days_read(Kind.CALL, Scope.EXTERNAL)) == (MirrorSize(), {})


# ---- transcripts -----------------------------------------------------------------------------------------------------


async def test_a_transcript_is_read_again_when_its_conversation_changed(mirror: MirrorStore) -> None:
    """The newest first; what has none isn't asked for again either."""
    await mirror.merge([copy("c1"), copy("c2", starts_at=NOW - timedelta(hours=1))], None, NOW)
    first, second = await mirror.untranscribed(5)
    assert (first, second) == (Untranscribed(Kind.CALL, "c1", "1"), Untranscribed(Kind.CALL, "c2", "1"))
    spoken = (Utterance("Our budget is fixed.", "Jane", 61.5), Utterance("I see."))
    await mirror.transcribe(first, spoken)
    await mirror.transcribe(second, ())
    assert await mirror.untranscribed(5) == []
    hit = await mirror.get(Kind.CALL, "c1")
    assert hit is not None
    assert hit.transcript == spoken
    assert await mirror.size() == MirrorSize(2, 1)
    await mirror.merge([copy("c1", version="2")], None, NOW)
    assert await mirror.untranscribed(5) == [Untranscribed(Kind.CALL, "c1", "2")]
    assert await find(mirror, "budget") == ["c1"], "until then the old one is better than none"
    assert await mirror.drop_transcripts() == 1
    assert await find(mirror, "budget") == []
    assert len(await mirror.untranscribed(5)) == 2


async def test_a_transcript_of_very_many_words_is_copied(mirror: MirrorStore) -> None:
    """More than an index may have room for: the conversation is there, and found by what comes first."""
    words = ["".join(word) for word in itertools.islice(itertools.product("bcdfghjklmnp", repeat=5), 150_000)]
    await mirror.merge([copy("c1", "the price")], None, NOW)
    (of,) = await mirror.untranscribed(1)
    await mirror.transcribe(of, [Utterance(" ".join(words), "A", 0)])
    assert await find(mirror, "price", words[0]) == ["c1"]
    assert await mirror.size() == MirrorSize(1, 1)


async def test_a_transcript_goes_with_the_consent(mirror: MirrorStore) -> None:
    """At once, and one that is still being read isn't copied any more. If consent comes back, it is read again."""
    withdrawn = copy("c1", record={"id": "c1", "recordingConsent": "no"}, is_consent_missing=True)
    await mirror.merge([copy("c1")], None, NOW)
    (of,) = await mirror.untranscribed(5)
    await mirror.transcribe(of, [Utterance("budget")])
    assert await find(mirror, "budget") == ["c1"]
    await mirror.merge([withdrawn], None, NOW)
    assert (await find(mirror, "budget"), await mirror.size()) == ([], MirrorSize(1, 0))
    assert await mirror.untranscribed(5) == []
    await mirror.transcribe(of, [Utterance("budget")])
    assert (await find(mirror, "budget"), await mirror.size()) == ([], MirrorSize(1, 0))
    await mirror.merge([copy("c1")], None, NOW)
    assert await mirror.untranscribed(5) == [of]
    await mirror.transcribe(of, [Utterance("budget")])
    assert await find(mirror, "budget") == ["c1"]
    await mirror.merge([copy("c1", version="2")], None, NOW)
    await mirror.transcribe(of, [Utterance("discount")])
    assert await find(mirror, "discount") == [], "it is another version by now"
    await mirror.merge([replace(withdrawn, version="3")], None, NOW)
    assert await mirror.untranscribed(5) == [], "it couldn't be copied"
    await mirror.merge([copy("c2")], None, NOW)
    (second,) = await mirror.untranscribed(5)
    await mirror.transcribe(second, ())
    await mirror.merge([copy("c2", "changed")], None, NOW)
    assert await mirror.untranscribed(5) == [], "it has none, and is the same version"


async def test_a_transcript_is_looked_into_only_where_it_may_be_read(mirror: MirrorStore) -> None:
    """What only the transcript says is neither found nor counted for others; the rest is."""
    await mirror.merge([copy("c1", "offer"), copy("c2", "offer", owner="lea@example.com")], None, NOW)
    for of in await mirror.untranscribed(5):
        await mirror.transcribe(of, [Utterance("budget")])
    reaches: list[tuple[Reach, str, list[str]]] = [
        ("all", "", ["c1", "c2"]),
        ("owns", REP, ["c1"]),
        ("took_part", REP, ["c1", "c2"]),
        ("took_part", "", []),
        ("none", REP, []),
    ]
    for reach, address, found in reaches:
        sight = Sight(address=address, transcripts=reach)
        assert await find(mirror, "budget", sight=sight) == found, sight
        found_by_summary = (await mirror.search(["offer"], ANY, sight, skip=0, count=5)).hits
        assert sorted(hit.id for hit in found_by_summary if hit.transcript) == found, sight
        assert len(found_by_summary) == 2


# ---- words -----------------------------------------------------------------------------------------------------------


async def test_words_are_found(mirror: MirrorStore) -> None:
    """Without case, accents and umlauts; also a word's beginning, and the parts of a compound; phrases as they are."""
    text = (
        "They ask for single sign-on, for Gastzugänge (Gastzugang), the GRÖSSE, a Café, and by e-mail for items. "
        "\ufdfa \u00bd \u2474"
    )
    await mirror.merge([copy("c1", text)], None, NOW)
    for words, is_found in (
        (["single sign on"], True),
        (["SINGLE"], True),
        (["sign single"], False),
        (["single", "zugänge"], True),
        (["single", "price"], False),
        (["gastzugang"], True),
        (["zugang"], True),
        (["Zugänge"], True),
        (["gast"], True),
        (["gastzu"], True),
        (["tzug"], True),
        (["zug"], False),
        (["grosse"], True),
        (["Größe"], True),
        (["groesse"], True),
        (["cafe"], True),
        (["e-mail"], True),
        (["it"], False),
        (['"'], False),
        (["\uff9e"], False),  # only a mark, which isn't compared
        (["single", "\uff9e"], True),
        (["\ufc5e"], False),
        (["\ufdfa"], True),  # four words in one letter
        (["\u00bd"], True),
        (["\u2474"], True),
        (["OR", "NOT"], False),
        ([], False),
    ):
        assert await find(mirror, *words) == (["c1"] if is_found else []), words


async def test_the_best_come_first(mirror: MirrorStore) -> None:
    """A word in the name says more than one in the summary; the pages together have everything."""
    copies = [copy(f"c{number}", "about the price") for number in range(3)]
    await mirror.merge([*copies, copy("named", "", content=Content(name="Price"))], None, NOW)
    first = await mirror.search(["price"], ANY, ALL, skip=0, count=2)
    second = await mirror.search(["price"], ANY, ALL, skip=2, count=2)
    assert (first.total, second.total, first.hits[0].id) == (4, 4, "named")
    assert len({hit.id for hit in (*first.hits, *second.hits)}) == 4


async def test_of_very_many_the_newest_come_first(mirror: MirrorStore) -> None:
    """Each page has those that follow the page before, to the last; those without a start come at the end."""
    hours = random.Random(1).sample(range(2_400), 2_400)
    starts = {f"c{number}": NOW - timedelta(hours=hour) for number, hour in enumerate(hours)}
    undated = [copy(f"u{number}", "price", starts_at=None) for number in range(3)]
    dated = [copy(id_, "price", starts_at=at, is_internal=id_[-1] == "7") for id_, at in starts.items()]
    await mirror.merge([*undated, *dated], TODAY.first, NOW)
    external = [id_ for id_ in sorted(starts, key=lambda id_: starts[id_], reverse=True) if id_[-1] != "7"]
    end = NOW - timedelta(hours=100)
    for wanted, ids_ in (
        (Wanted(), [*external, "u0", "u1", "u2"]),
        (Wanted(end=end), [id_ for id_ in external if starts[id_] < end]),
    ):
        for skip in (0, 10, len(ids_) - 5):
            found = await mirror.search(["price"], wanted, ALL, skip=skip, count=10)
            assert (found.total, [hit.id for hit in found.hits]) == (len(ids_), ids_[skip : skip + 10]), (wanted, skip)


# ---- what is wanted, and what is visible -----------------------------------------------------------------------------

CONVERSATIONS = (
    copy("plain", "a word"),
    copy("internal", "a word", is_internal=True, domains=()),
    copy("below", "a word", domains=("eu.acme.com", "other.example")),
    copy("similar", "a word", domains=("notacme.com",)),
    copy("meeting", "a word", kind=Kind.MEETING, starts_at=NOW - timedelta(days=1)),
    copy(
        "leas", "a word", owner="lea@example.com", people=frozenset({"lea@example.com"}), type="Größe", language="de_AT"
    ),
    copy("both", "a word", owner="lea@example.com", people=frozenset({"lea@example.com", REP}), direction="inbound"),
    copy("undated", "a word", starts_at=None, outcome="Won"),
)
EVERYTHING = sorted(conversation.id for conversation in CONVERSATIONS)


def without(*left_out: str) -> list[str]:
    return [id_ for id_ in EVERYTHING if id_ not in left_out]


async def test_what_is_wanted_is_found(mirror: MirrorStore) -> None:
    """Statistics and search agree on it."""
    await mirror.merge(CONVERSATIONS, TODAY.first, NOW)
    for wanted, found in (
        (ANY, EVERYTHING),
        (Wanted(), without("internal")),
        (Wanted(scope=Scope.INTERNAL), ["internal"]),
        (Wanted(kind=Kind.MEETING), ["meeting"]),
        (Wanted(start=NOW), without("internal", "meeting", "undated")),
        (Wanted(end=NOW), ["meeting"]),
        (Wanted(domains=("acme.com",)), without("internal", "below", "similar")),
        (Wanted(domains=("*.acme.com",)), without("internal", "similar")),
        (Wanted(domains=("eu.acme.com", "notacme.com")), ["below", "similar"]),
        (Wanted(scope=Scope.ALL, domains=("*",)), EVERYTHING),
        (Wanted(owner="lea@example.com"), ["both", "leas"]),
        (Wanted(type="GRÖSSE"), ["leas"]),
        (Wanted(language="DE"), ["leas"]),
        (Wanted(language="de-at"), ["leas"]),
        (Wanted(language="d"), []),
        (Wanted(direction="inbound"), ["both"]),
        (Wanted(outcome="won", kind=Kind.CALL), ["undated"]),
    ):
        assert await ids(mirror, wanted) == found, wanted
        assert await find(mirror, "word", wanted=wanted) == found, wanted


async def test_nothing_out_of_sight_is_found_or_counted(mirror: MirrorStore) -> None:
    """Whoever asks, statistics and search count only what they may see."""
    await mirror.merge(CONVERSATIONS, TODAY.first, NOW)
    for sight, seen in (
        (Sight(internal="none"), without("internal")),
        (Sight(address=REP, internal="owns"), EVERYTHING),
        (Sight(address="lea@example.com", internal="owns"), without("internal")),
        (Sight(address=REP, conversations="took_part"), without("leas")),
        (Sight(address="lea@example.com", conversations="took_part"), ["both", "leas"]),
        (Sight(conversations="took_part"), []),
        (Sight(conversations="none"), []),
        (Sight(customers=("*.acme.com",)), without("internal", "similar")),
        (Sight(customers=("*",)), EVERYTHING),
        (Sight(customers=()), []),
    ):
        assert await ids(mirror, sight=sight) == seen, sight
        assert await find(mirror, "word", sight=sight) == seen, sight


async def test_figures_say_what_statistics_need(mirror: MirrorStore) -> None:
    """An unknown duration counts as none."""
    known = copy("c1", duration=90, type="Demo", outcome="Won", open_items=2, questions=3, domains=("a.com", "b.com"))
    await mirror.merge([known, copy("c2", starts_at=NOW - timedelta(days=1))], None, NOW)
    first, second = await mirror.figures(ANY, ALL)
    assert (first.starts_at, first.duration, first.open_items, first.questions) == (NOW, 90, 2, 3)
    assert (first.type, first.outcome, first.owner, first.domains) == ("Demo", "Won", REP, ("a.com", "b.com"))
    assert (second.id, second.duration) == ("c2", 0)
    assert await mirror.figures(ANY, ALL, count=1) == [first]


async def test_a_total_counts_what_figures_say_of_each(mirror: MirrorStore) -> None:
    """Only what is wanted and visible; a duration that is too long to be true takes no time."""
    copies = [copy(f"c{number}", duration=seconds) for number, seconds in enumerate((60, 90, None, 1_000))]
    await mirror.merge([*copies, copy("c9", duration=5, is_internal=True, owner="lea@example.com")], None, NOW)
    assert await mirror.total(ANY, ALL, longest=1_000) == Total(5, 155)
    assert await mirror.total(Wanted(), ALL, longest=1_001) == Total(4, 1_150)
    assert await mirror.total(ANY, Sight(address=REP, internal="owns"), longest=1_000) == Total(4, 150)
    assert await mirror.total(Wanted(end=NOW), ALL, longest=1_000) == Total(0, 0)


# ---- forgetting ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("about", "value", "stays"),
    [
        (About.DOMAIN, "acme.com", ["naming", "other"]),
        (About.DOMAIN, "*.acme.com", ["naming", "other"]),
        (About.DOMAIN, "b.com", ["c1", "naming", "other"]),
        (About.CONVERSATION, "c1", ["naming", "other", "shared"]),
        (About.USER, "U1", ["other"]),
    ],
)
async def test_what_is_erased_is_not_copied_again(stores: Stores, about: About, value: str, stays: list[str]) -> None:
    """Neither with its words, nor when Kickscale still has it: by its customer, its id, or who took part."""
    other = copy("other", domains=("b.example",), owner="lea@example.com", people=frozenset())
    naming = replace(other, id="naming", people=frozenset({REP}), record={"summary": "like at https://acme.com/"})
    copies = [copy("c1", "Gastzugang"), copy("shared", domains=("acme.com", "b.com")), other, naming]
    await stores.mirror().merge(copies, None, NOW)
    await forget(stores, about, value)
    assert await ids(stores.mirror()) == stays
    await stores.mirror().merge(copies, None, NOW)
    assert await ids(stores.mirror()) == stays
    assert await find(stores.mirror(), "zugang") == (["c1"] if "c1" in stays else [])


async def test_what_is_not_read_any_more_is_forgotten(stores: Stores) -> None:
    """A conversation ages from when it was last read, not from when it began."""
    day_before = NOW - timedelta(days=1)
    long_ago = datetime(2025, 1, 1, tzinfo=NOW.tzinfo)
    await stores.mirror().merge([copy("unread")], None, day_before)
    await stores.mirror().merge([copy("read", starts_at=long_ago)], None, NOW)
    await stores.mirror().mark_read(Kind.CALL, Scope.EXTERNAL, TODAY, day_before)
    forgotten = await stores.erasures.write(lambda erasables: forget_old_copies(erasables, NOW))
    assert forgotten == {"mirror": 1}
    assert await ids(stores.mirror()) == ["read"]
    assert await stores.mirror().days_read(Kind.CALL, Scope.EXTERNAL) == {}
