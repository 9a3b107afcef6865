"""The audit in SQLite: rows are chained, and whatever somebody does to them is found."""

import hashlib
import itertools
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.access.audit import COMMAND_LINE, Audit
from bot.model.audit import AuditHead, AuditKind, LoggedHead
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING as NOW
from tests.clock import ManualClock
from tests.unit.storage.sqlite.workers import Worker, notes

Rows = list[dict[str, Any]]


@pytest.fixture
def audit(database: Database) -> Audit:
    return Audit(database.audit, ManualClock())


def sql(path: Path, statement: str, values: Iterable[Any] = ()) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(statement, tuple(values))]


def rows(path: Path) -> list[dict[str, Any]]:
    return sql(path, "select * from audit order by kind, number")


def hash_of(row: dict[str, Any], before: str) -> str:
    """Return the hash, computed as docs/works-council.md describes it."""
    content = {**row, "conversations": json.loads(row["conversations"])}
    del content["hash"]
    return hashlib.sha256((before + json.dumps(content, separators=(",", ":"))).encode()).hexdigest()


async def test_what_is_noted_is_chained_within_its_kind(database: Database, audit: Audit, path: Path) -> None:
    """Each kind counts from 1; each hash covers the row and the hash before it; the heads say where the chains end."""
    await audit.note(AuditKind.ASKED, "calls", by="U1", channel="C1", conversations=["m1", "m2"])
    await audit.note(AuditKind.CHANGED, "digest", by=COMMAND_LINE, count=3)
    await audit.note(AuditKind.ASKED, "meetings", by="U1", channel="D1", conversations=iter(["m1"]), count=7)
    first, third, second = rows(path)
    at = "2026-11-23T08:30:00.000000+00:00"
    assert first == {
        "kind": "asked",
        "number": 1,
        "at": at,
        "by": "U1",
        "channel": "C1",
        "what": "calls",
        "conversations": '["m1","m2"]',
        "count": 2,
        "hash": hash_of(first, ""),
    }
    assert second == {
        "kind": "changed",
        "number": 1,
        "at": at,
        "by": "command line",
        "channel": "",
        "what": "digest",
        "conversations": "[]",
        "count": 3,
        "hash": hash_of(second, ""),
    }
    assert third == {
        "kind": "asked",
        "number": 2,
        "at": at,
        "by": "U1",
        "channel": "D1",
        "what": "meetings",
        "conversations": '["m1"]',
        "count": 7,
        "hash": hash_of(third, first["hash"]),
    }
    heads = {head.kind: head for head in await database.audit.heads()}
    assert list(heads) == list(AuditKind)
    assert heads[AuditKind.ASKED] == AuditHead(AuditKind.ASKED, 2, third["hash"])
    assert heads[AuditKind.CHANGED] == AuditHead(AuditKind.CHANGED, 1, second["hash"])
    assert heads[AuditKind.HELD] == AuditHead(AuditKind.HELD)


@pytest.mark.parametrize("what", ["", "Acme", "acme.com", "a" * 41, "calls\n", "calls ", "é"])
async def test_texts_of_others_are_refused(audit: Audit, path: Path, what: str) -> None:
    """A name, a domain or a sentence in place of one of the bot's own words is refused."""
    with pytest.raises(ValueError, match="short words"):
        await audit.note(AuditKind.ASKED, what)
    assert rows(path) == []


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    kind=st.sampled_from(AuditKind),
    what=st.from_regex(r"[a-z](?:[a-z0-9_ -]{0,38}[a-z0-9])?", fullmatch=True),
    by=TEXT,
    channel=TEXT,
    conversations=st.lists(st.text(st.characters(), max_size=12), max_size=4),
    count=st.none() | st.integers(0, 2**63 - 1),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_rows_are_read_back_unchanged(  # noqa: PLR0917 what a row has
    database: Database,
    path: Path,
    kind: AuditKind,
    what: str,
    by: str,
    channel: str,
    conversations: list[str],
    count: int | None,
) -> None:
    """Any id comes back, half a surrogate pair included, and anybody can compute its hash."""
    (head,) = (head for head in await database.audit.heads() if head.kind is kind)
    audit = Audit(database.audit, ManualClock())
    await audit.note(kind, what, by=by, channel=channel, conversations=conversations, count=count)
    (row,) = sql(path, "select * from audit where kind = ? and number = ?", [kind, head.number + 1])
    assert (row["what"], row["by"], row["channel"]) == (what, by, channel)
    assert json.loads(row["conversations"]) == conversations
    assert row["count"] == (len(conversations) if count is None else count)
    assert row["hash"] == hash_of(row, head.hash)


async def test_two_bots_write_one_chain(database: Database, path: Path) -> None:
    """During a deployment two bots append at the same time: no number is given twice, and no link is lost."""
    with ExitStack() as stack:
        bots = [stack.enter_context(Worker(notes, str(path), 20)) for _ in range(2)]
        assert [bot.hear() for bot in bots] == ["here", "here"]
        for bot in bots:
            bot.go()
        assert [bot.hear() for bot in bots] == ["done", "done"]
    before = ""
    for number, row in enumerate(rows(path), start=1):
        assert (row["number"], row["hash"]) == (number, hash_of(row, before))
        before = row["hash"]
    (head,) = (head for head in await database.audit.heads() if head.number)
    assert head == AuditHead(AuditKind.ASKED, 40, before)


async def test_what_is_written_can_be_neither_changed_nor_removed(audit: Audit, path: Path) -> None:
    """No statement of the bot's, even one written by mistake, rewrites what was recorded."""
    await audit.note(AuditKind.ASKED, "calls")
    for statement in ("update audit set count = 0", "delete from audit", "delete from audit where kind = 'asked'"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            sql(path, statement)
    assert len(rows(path)) == 1


@pytest.mark.parametrize(
    "harm",
    [
        "delete from audit_heads where kind = 'asked'",
        "update audit_heads set number = 1, hash = '' where kind = 'asked'",
        "update audit_heads set number = 99 where kind = 'asked'",
        "update audit_heads set hash = cast(x'ff00fe' as text) where kind = 'asked'",
    ],
)
async def test_recording_continues_after_tampering(audit: Audit, path: Path, harm: str) -> None:
    """What happens afterwards is recorded too, and overwrites nothing."""
    for _ in range(3):
        await audit.note(AuditKind.ASKED, "calls", by="U1")
    before = rows(path)
    sql(path, harm)
    for _ in range(2):
        await audit.note(AuditKind.ASKED, "calls", by="U2")
    after = rows(path)
    assert after[:3] == before
    assert [row["by"] for row in after[3:]] == ["U2", "U2"]


# ---- tampering -----------------------------------------------------------------------------------------------------


@pytest.fixture
async def chains(database: Database, path: Path) -> Rows:
    """Three kinds, of which one was cut, without the triggers: an attacker would drop them."""
    clock = ManualClock()
    audit = Audit(database.audit, clock)
    for number in range(7):
        await audit.note(AuditKind.ASKED, "calls", by=f"U{number}", channel="C1", conversations=["m1", "m2"])
        await clock.advance(3600)
    await audit.note(AuditKind.USED, "transcript", by="U1", channel="D1", conversations=["m1"])
    await audit.note(AuditKind.USED, "recording", by="U2", channel="D2", conversations=["m2"])
    await audit.note(AuditKind.ATTESTED, "upload 1", by="U1", channel="C1", count=1)
    await audit.cut({AuditKind.ASKED: timedelta(hours=5)})
    for (trigger,) in (row.values() for row in sql(path, "select name from sqlite_master where type = 'trigger'")):
        sql(path, f"drop trigger {trigger}")
    assert (await database.audit.check()).flaws == ()
    return rows(path)


def put(connection: sqlite3.Connection, audit_rows: Rows, heads: Rows) -> None:
    """Replace the tables by these."""
    with connection:
        connection.execute("delete from audit")
        values = [(*row.values(),) for row in audit_rows]
        connection.executemany("insert into audit values (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        connection.execute("delete from audit_heads")
        connection.executemany("insert into audit_heads values (?, ?, ?, ?, ?)", [(*row.values(),) for row in heads])


@pytest.fixture
def hand(path: Path, chains: Rows) -> Iterator[sqlite3.Connection]:
    """An attacker's connection, which may write anything; it is fast, as no power cut matters here."""
    assert chains
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma synchronous = off")
        yield connection


def altered(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the row with each of its columns altered, even if it then reads the same."""
    special: dict[str, tuple[Any, ...]] = {
        "kind": ("held", "nosuch", ""),
        "number": (0, -1, 2, 99),
        "at": (
            "2026-11-23T10:30:00.000000Z",
            "2026-11-23T10:30:00+00:00",
            "2025-11-23T10:30:00.000000+00:00",
            "",
            "now",
        ),
        "conversations": (
            *('["m1", "m2"]', '["m2","m1"]', '["m1","m2","m2"]', "[]", "[1]", '"m1"', "{", "[" * 9999, "null"),
        ),
        "hash": ("", "0" * 64, row["hash"].upper()),
        "cut_hash": ("", "0" * 64),
    }
    for column, value in row.items():
        general = (value + 1, value - 1) if isinstance(value, int) else (f"{value} ", f"{value}x")
        yield from ({**row, column: other} for other in (*special.get(column, ()), *general) if other != value)


def without(one: dict[str, Any], among: Rows) -> Rows:
    return [row for row in among if (row["kind"], row["number"]) != (one["kind"], one["number"])]


def harmed(chains: Rows, heads: Rows) -> Iterator[tuple[str, int, Rows, Rows]]:
    """Yield a kind, a number, and both tables after something was done to that row, or to that kind's head."""
    for row in chains:
        yield row["kind"], row["number"], without(row, chains), heads
        for changed in altered(row):
            yield row["kind"], row["number"], [*without(changed, without(row, chains)), changed], heads
        for number in (-1, 0, 1, 2, 3, 8, 9, 99):  # the one after the last of its kind included
            again = {**row, "number": number}
            if len(without(again, chains)) == len(chains):
                for hash_ in (row["hash"], *(hash_of(again, other["hash"]) for other in chains)):
                    yield row["kind"], number, [*chains, {**again, "hash": hash_}], heads
    for head in heads:
        others = [other for other in heads if other != head]
        yield head["kind"], -1, chains, others
        for changed in altered(head):
            yield head["kind"], -1, chains, [*(other for other in others if other["kind"] != changed["kind"]), changed]
    yield "nosuch", -1, chains, [*heads, {**heads[0], "kind": "nosuch"}]


async def test_every_change_of_a_single_row_is_found(
    database: Database, path: Path, chains: Rows, hand: sqlite3.Connection
) -> None:
    """Any column of any row altered, any row removed or doubled, including the last ones and the heads."""
    heads = sql(path, "select * from audit_heads")
    tried = 0
    for kind, number, *tables in harmed(chains, heads):
        put(hand, *tables)
        flaws = (await database.audit.check()).flaws
        named = [flaw for flaw in flaws if flaw.kind == kind and (number < 0 or flaw.number <= number <= flaw.until)]
        assert named, (kind, number, tables, flaws)
        tried += 1
    assert tried > 900
    put(hand, chains, heads)
    assert (await database.audit.check()).flaws == ()


async def test_rows_that_changed_places_are_found(
    database: Database, path: Path, chains: Rows, hand: sqlite3.Connection
) -> None:
    """Any two, within a kind and between kinds, with their hashes or without: both are named."""
    heads = sql(path, "select * from audit_heads")
    for one, two in itertools.combinations(chains, 2):
        for kept in (("kind", "number"), ("kind", "number", "hash")):
            swapped = [
                {**two, **{name: one[name] for name in kept}},
                {**one, **{name: two[name] for name in kept}},
            ]
            others = [row for row in chains if row not in (one, two)]
            put(hand, [*others, *swapped], heads)
            flaws = {(flaw.kind, flaw.number) for flaw in (await database.audit.check()).flaws}
            assert {(one["kind"], one["number"]), (two["kind"], two["number"])} <= flaws


async def test_a_rewritten_database_differs_from_the_log(
    database: Database, path: Path, chains: Rows, hand: sqlite3.Connection
) -> None:
    """Recomputed hashes and heads are consistent, but differ from what the log mentions."""
    asked = [row for row in chains if row["kind"] == "asked"]
    logged = [LoggedHead(AuditKind(row["kind"]), row["number"], row["hash"]) for row in chains]
    (head,) = sql(path, "select * from audit_heads where kind = 'asked'")
    cut = LoggedHead(AuditKind.ASKED, head["cut_number"], head["cut_hash"])
    long_ago = LoggedHead(AuditKind.ASKED, 1, "0" * 64)
    report = await database.audit.check([*logged, cut, long_ago])
    assert (report.flaws, report.rows, report.beyond) == ((), len(chains), (long_ago,))

    asked[1]["by"] = "U9"
    before = asked[0]["hash"]
    for row in asked[1:]:
        row["hash"] = before = hash_of(row, before)
    put(hand, chains, [{**head, "hash": before}])
    sql(path, "insert or ignore into audit_heads select kind, max(number), hash, 0, '' from audit group by kind")
    flaws = (await database.audit.check([*logged, cut])).flaws
    rewritten = [("asked", number, "unlogged") for number in range(asked[1]["number"], 8)]
    unknown = [(kind, 0, "head") for kind in ("refused", "changed", "held")]
    assert [(flaw.kind, flaw.number, flaw.what) for flaw in flaws] == [*rewritten, *unknown]

    forged = LoggedHead(AuditKind.ASKED, head["cut_number"], "0" * 64)
    missing = LoggedHead(AuditKind.USED, 3, "0" * 64)
    put(hand, chains[:0], [])
    flaws = (await database.audit.check([*logged, forged, missing])).flaws
    assert ("used", 3, "unlogged") in {(flaw.kind, flaw.number, flaw.what) for flaw in flaws}


async def test_a_cut_that_the_bot_did_not_make_is_found(
    database: Database, path: Path, chains: Rows, hand: sqlite3.Connection
) -> None:
    """Any kind's beginning, or all of it, removed the way the bot does it, with and without an earlier cut."""
    heads = sql(path, "select * from audit_heads")
    for row in chains:
        gone = [other for other in chains if other["kind"] == row["kind"] and other["number"] <= row["number"]]
        cut = {"cut_number": row["number"], "cut_hash": row["hash"]}
        others = [other for other in chains if other not in gone]
        put(hand, others, [{**head, **cut} if head["kind"] == row["kind"] else head for head in heads])
        found = {(flaw.kind, flaw.number, flaw.what) for flaw in (await database.audit.check()).flaws}
        assert (row["kind"], row["number"], "cut") in found


async def test_the_log_shows_that_a_cut_removed_rows_too_young(database: Database, path: Path, chains: Rows) -> None:
    """Even with a row that records the cut; cutting what was old enough is fine."""
    logged = [LoggedHead(AuditKind(row["kind"]), row["number"], row["hash"], row["at"][:10]) for row in chains]
    later = ManualClock(NOW + timedelta(days=1))
    await Audit(database.audit, later).cut({AuditKind.ASKED: timedelta(hours=1)})
    asked = [head for head in logged if head.kind is AuditKind.ASKED]
    for day, flaws in (("2026-11-22", [("asked", asked[0].number, asked[-1].number, "young")]), ("2026-11-23", [])):
        report = await database.audit.check(logged, {AuditKind.ASKED: day})
        assert [(flaw.kind, flaw.number, flaw.until, flaw.what) for flaw in report.flaws] == flaws
    assert (await database.audit.check(logged)).flaws == ()
    assert not [row for row in rows(path) if row["kind"] == "asked"]


# ---- how long it is kept -------------------------------------------------------------------------------------------


async def test_each_kind_has_its_own_retention(database: Database, path: Path) -> None:
    """Older rows are cut, and the rest is whole; the chain continues from there, even if no row remains."""
    clock = ManualClock()
    audit = Audit(database.audit, clock)
    kept = {AuditKind.ASKED: timedelta(days=2), AuditKind.ATTESTED: timedelta(days=30)}
    for _ in range(5):
        for kind in kept:
            await audit.note(kind, "calls")
        await clock.advance(86_400)
    whole = rows(path)
    await audit.cut(kept)
    left = rows(path)
    assert [(row["kind"], row["number"]) for row in left] == [
        *(("asked", number) for number in (4, 5)),
        *(("attested", number) for number in (1, 2, 3, 4, 5)),
        ("erased", 1),
    ]
    heads = {head.kind: head for head in await database.audit.heads()}
    assert heads[AuditKind.ASKED].cut_hash == whole[2]["hash"]
    assert (await database.audit.check()).flaws == ()
    await clock.advance(86_400 * 10)
    await audit.cut(kept)
    await audit.cut(kept)
    assert (await database.audit.check()).flaws == ()
    await audit.note(AuditKind.ASKED, "calls")
    (row,) = sql(path, "select * from audit where kind = 'asked'")
    assert (row["number"], row["hash"]) == (6, hash_of(row, whole[4]["hash"]))
    assert (await database.audit.check()).flaws == ()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        sql(path, "delete from audit where kind = 'asked'")


async def test_a_row_with_bytes_that_are_no_text_is_cut_too(database: Database, path: Path) -> None:
    """A hash that was tampered with doesn't keep a row from being removed for its age."""
    await Audit(database.audit, ManualClock(NOW - timedelta(days=2))).note(AuditKind.ASKED, "calls")
    sql(path, "drop trigger audit_is_written_once")
    sql(path, "update audit set hash = cast(x'ff00fe' as text)")
    await Audit(database.audit, ManualClock()).cut({AuditKind.ASKED: timedelta(days=1)})
    assert [row["what"] for row in rows(path)] == ["cut asked 1"]
    assert [(flaw.kind, flaw.what) for flaw in (await database.audit.check()).flaws] == [("asked", "head")]


async def test_each_cut_is_remembered(database: Database, path: Path) -> None:
    """Up to where, and how many rows; even if that record is cut itself, however often."""
    clock = ManualClock()
    audit = Audit(database.audit, clock)
    for _ in range(3):
        await audit.note(AuditKind.ASKED, "calls")
    await audit.note(AuditKind.HELD, "guest")
    await clock.advance(86_400 * 2)
    kept = {AuditKind.ASKED: timedelta(days=1), AuditKind.HELD: timedelta(days=1), AuditKind.ERASED: timedelta(days=1)}
    await audit.cut(kept)
    recorded = [("cut asked 3", 3), ("cut held 1", 1)]
    assert [(row["what"], row["count"]) for row in rows(path)] == recorded
    for own in (("cut erased 2", 2), ("cut erased 5", 3), ("cut erased 8", 3)):
        await clock.advance(86_400 * 2)
        await audit.cut(kept)
        assert [(row["what"], row["count"]) for row in rows(path)] == [*recorded, own]
        assert (await database.audit.check()).flaws == ()


async def test_the_cuts_of_the_version_before_are_remembered(path: Path) -> None:
    """From the first start of the version that asks for them."""
    database = await Database.open(path)
    audit = Audit(database.audit, ManualClock(NOW - timedelta(days=2)))
    for _ in range(2):
        await audit.note(AuditKind.ASKED, "calls")
    await Audit(database.audit, ManualClock()).cut({AuditKind.ASKED: timedelta(days=1)})
    await database.close()
    sql(path, "drop trigger audit_is_cut_at_its_beginning")
    sql(path, "delete from audit")
    sql(path, "update audit_heads set number = 0, hash = '' where kind = 'erased'")
    sql(path, "delete from _sqlite_migrations where name = 'audit_cuts'")
    database = await Database.open(path)
    assert [row["what"] for row in rows(path)] == ["cut asked 2"]
    assert (await database.audit.check()).flaws == ()
    await database.close()


async def test_a_clock_that_was_wrong_removes_nothing_young(database: Database, path: Path) -> None:
    """An old row after one that isn't old stays: only the beginning is cut."""
    for days in (9, 0, 9):
        await Audit(database.audit, ManualClock(NOW - timedelta(days=days))).note(AuditKind.ASKED, "calls")
    await Audit(database.audit, ManualClock()).cut({AuditKind.ASKED: timedelta(days=1)})
    assert [row["number"] for row in rows(path) if row["kind"] == "asked"] == [2, 3]
    assert (await database.audit.check()).flaws == ()


# ---- queries -------------------------------------------------------------------------------------------------------


async def test_the_rows_of_a_conversation_are_found(database: Database, audit: Audit, path: Path) -> None:
    """By its whole id, in the kinds that are asked for; a row that was tampered with is left out."""
    await audit.note(AuditKind.HELD, "guest", channel="C1", conversations=["m1", 'x"m1', "m3"])
    await audit.note(AuditKind.HELD, "guest", channel="C1", conversations=['x"m1', "m11"])
    await audit.note(AuditKind.ERASED, "conversation", conversations=["m1"])
    await audit.note(AuditKind.ASKED, "calls", conversations=["m1"])
    found = await database.audit.of_conversation("m1", [AuditKind.HELD, AuditKind.ERASED])
    assert {(row.kind, row.number) for row in found} == {(AuditKind.HELD, 1), (AuditKind.ERASED, 1)}
    sql(path, "drop trigger audit_is_written_once")
    for harm in ("update audit set at = 'yesterday'", "update audit set at = cast(x'ff00fe' as text)"):
        sql(path, harm)
        assert await database.audit.of_conversation("m1", [AuditKind.HELD]) == []
