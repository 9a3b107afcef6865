"""The audit: appended, chained, and whole whoever writes it."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.audit import COMMAND_LINE, Audit
from bot.models import AuditHead, AuditKind
from bot.storage import Database
from tests.clock import ManualClock
from tests.storage.workers import Worker, notes


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
    """The hash as the README tells how it is made."""
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
        "kind": "asked", "number": 1, "at": at, "by": "U1", "channel": "C1", "what": "calls",
        "conversations": '["m1","m2"]', "count": 2, "hash": hash_of(first, ""),
    }
    assert second == {
        "kind": "changed", "number": 1, "at": at, "by": "command line", "channel": "", "what": "digest",
        "conversations": "[]", "count": 3, "hash": hash_of(second, ""),
    }
    assert third == {
        "kind": "asked", "number": 2, "at": at, "by": "U1", "channel": "D1", "what": "meetings",
        "conversations": '["m1"]', "count": 7, "hash": hash_of(third, first["hash"]),
    }
    heads = {each.kind: each for each in await database.audit.heads()}
    assert list(heads) == list(AuditKind)
    assert heads[AuditKind.ASKED] == AuditHead(AuditKind.ASKED, 2, third["hash"])
    assert heads[AuditKind.CHANGED] == AuditHead(AuditKind.CHANGED, 1, second["hash"])
    assert heads[AuditKind.HELD] == AuditHead(AuditKind.HELD)


@pytest.mark.parametrize("what", ["", "Acme", "acme.com", "a" * 41, "calls\n", "é"])
async def test_it_takes_no_texts_of_others(audit: Audit, path: Path, what: str) -> None:
    """A name, a domain or a sentence that slipped in where a word of ours belongs is not kept."""
    with pytest.raises(ValueError, match="short words"):
        await audit.note(AuditKind.ASKED, what)
    assert rows(path) == []


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    kind=st.sampled_from(AuditKind),
    what=st.from_regex(r"[a-z][a-z_ -]{0,39}", fullmatch=True),
    by=TEXT,
    channel=TEXT,
    conversations=st.lists(st.text(st.characters(), max_size=12), max_size=4),
    count=st.none() | st.integers(0, 2**63 - 1),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_noted_is_kept_as_it_was(  # noqa: PLR0917 what a row has
    database: Database,
    path: Path,
    kind: AuditKind,
    what: str,
    by: str,
    channel: str,
    conversations: list[str],
    count: int,
) -> None:
    """Any id comes back, half a surrogate pair included, and its hash is the one that anybody can work out."""
    (head,) = (each for each in await database.audit.heads() if each.kind is kind)
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
    (head,) = (each for each in await database.audit.heads() if each.number)
    assert head == AuditHead(AuditKind.ASKED, 40, before)


async def test_what_is_written_can_be_neither_changed_nor_removed(audit: Audit, path: Path) -> None:
    """No statement of ours, were it written by mistake, rewrites what is remembered."""
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
    ],
)
async def test_it_goes_on_after_somebody_harmed_it(audit: Audit, path: Path, harm: str) -> None:
    """What happens afterwards is remembered too, and does not write over what is there."""
    for _ in range(3):
        await audit.note(AuditKind.ASKED, "calls", by="U1")
    before = rows(path)
    sql(path, harm)
    for _ in range(2):
        await audit.note(AuditKind.ASKED, "calls", by="U2")
    after = rows(path)
    assert after[:3] == before
    assert [row["by"] for row in after[3:]] == ["U2", "U2"]
