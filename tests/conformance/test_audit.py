"""The audit: each kind is its own chain, to which rows are appended."""

from dataclasses import replace
from datetime import timedelta

from bot.model.audit import AuditHead, AuditKind, AuditRow
from bot.storage.stores import Stores
from tests.clock import MONDAY_MORNING as NOW

ASKED = AuditRow(AuditKind.ASKED, 0, NOW, "U1", "C1", "calls", ("m1", "m2"), 2)
ERASED = replace(ASKED, kind=AuditKind.ERASED, what="cut", conversations=(), count=0)
DAY = timedelta(days=1)


async def test_rows_are_numbered_within_their_kind(stores: Stores) -> None:
    """Whatever number they came with; the chain's end is its last row."""
    first = await stores.audit.add(replace(ASKED, number=9, hash="made up"))
    other = await stores.audit.add(replace(ASKED, kind=AuditKind.USED))
    second = await stores.audit.add(ASKED)
    assert [first.number, other.number, second.number] == [1, 1, 2]
    assert len({first.hash, other.hash, second.hash, "", "made up"}) == 5
    assert replace(second, number=0, hash="") == ASKED
    ends = {head.kind: (head, row) for head, row in await stores.audit.ends() if head.number}
    assert ends == {
        AuditKind.ASKED: (AuditHead(AuditKind.ASKED, 2, second.hash), second),
        AuditKind.USED: (AuditHead(AuditKind.USED, 1, other.hash), other),
    }


async def test_rows_are_found_by_conversation_and_kind(stores: Stores) -> None:
    """Oldest first, and by whole ids."""
    later = await stores.audit.add(replace(ASKED, at=NOW + DAY, conversations=("m1",)))
    first = await stores.audit.add(ASKED)
    await stores.audit.add(replace(ASKED, kind=AuditKind.USED))
    await stores.audit.add(replace(ASKED, conversations=("m11",)))
    assert await stores.audit.of_conversation("m1", [AuditKind.ASKED, AuditKind.HELD]) == [first, later]


async def test_old_rows_are_cut_at_the_beginning(stores: Stores) -> None:
    """Up to the first that isn't older; how many were removed is recorded, and numbering continues."""
    for at in (NOW, NOW + DAY, NOW, NOW + 2 * DAY):
        await stores.audit.add(replace(ASKED, at=at, conversations=("m1",)))
    assert await stores.audit.cut(AuditKind.ASKED, NOW + DAY, ERASED) == 1
    assert await stores.audit.cut(AuditKind.ASKED, NOW + DAY, ERASED) == 0
    assert [row.number for row in await stores.audit.of_conversation("m1", [AuditKind.ASKED])] == [3, 2, 4]
    (record,) = [row for _, row in await stores.audit.ends() if row is not None and row.kind is AuditKind.ERASED]
    assert (record.number, record.count) == (1, 1)
    assert (await stores.audit.add(ASKED)).number == 5
