"""Subscriptions, their digests and their cards."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from bot.errors import GoneError
from bot.model.audit import AuditKind
from bot.model.digests import Card, DigestRow, DigestState, Due, Subscription
from bot.storage.stores import Stores
from tests.clock import MONDAY_MORNING as NOW
from tests.world import audit_row

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)
NEW = Subscription(
    "",
    "C1",
    ("acme.com", "*.example.com"),
    "Europe/Berlin",
    "U1",
    created_at=NOW,
    since=NOW,
    due_after=NOW,
    at=time(7, 15),
    days=(0, 4),
    empty=True,
    since_of={"*.example.com": NOW + DAY},
)
CARD = Card("C1", "m1", "d1", NOW, "1.5", "shown", "seen", 2)


async def changes(stores: Stores) -> int:
    """Return how many changes the audit has recorded."""
    return next(head.number for head, _ in await stores.audit.ends() if head.kind is AuditKind.CHANGED)


# ---- subscriptions -------------------------------------------------------------------------------------------------


async def test_a_subscription_comes_back_as_it_was_added(stores: Stores) -> None:
    """With a new id, and an audit row that names it."""
    added = await stores.subscriptions.add(NEW, audit_row("digest add"))
    assert added == replace(NEW, id="d1")
    assert await stores.subscriptions.get("d1") == added
    assert await stores.subscriptions.get("d2") is None
    (last,) = [row for _, row in await stores.audit.ends() if row is not None]
    assert last.what == "digest add d1"


async def test_ids_from_a_file_may_be_large(stores: Stores) -> None:
    """Of the same moment, they come in the order of their numbers."""
    for id_ in ("d999999999999999999", "d2", "d3000000000", "d10"):
        await stores.subscriptions.add(replace(NEW, id=id_), audit_row("digest apply"))
    listed = [subscription.id for subscription in await stores.subscriptions.of_channel(NEW.channel)]
    assert listed == ["d2", "d10", "d3000000000", "d999999999999999999"]


async def test_no_id_is_given_twice(stores: Stores) -> None:
    """A removed subscription's posts would become another's."""
    await stores.subscriptions.add(NEW, audit_row("digest add"))
    assert await stores.subscriptions.remove("d1", audit_row("digest remove"))
    assert not await stores.subscriptions.remove("d1", audit_row("digest remove"))
    assert (await stores.subscriptions.add(NEW, audit_row("digest add"))).id == "d2"
    assert await changes(stores) == 3


async def test_those_of_a_channel_and_those_that_are_active(stores: Stores) -> None:
    """Oldest first, d2 before d10."""
    for number in range(10):
        await stores.subscriptions.add(replace(NEW, channel="C1" if number % 8 == 1 else "C2"), audit_row("digest add"))
    for id_ in ("d1", "d3", "d4", "d5", "d6", "d7", "d8", "d9"):
        assert await stores.subscriptions.change(id_, audit_row("digest pause"), paused="asked")
    assert [subscription.id for subscription in await stores.subscriptions.of_channel("C1")] == ["d2", "d10"]
    assert [subscription.id for subscription in await stores.subscriptions.active()] == ["d2", "d10"]
    assert await stores.subscriptions.change("d2", audit_row("digest edit"), live=True)
    assert [subscription.id async for subscription in stores.subscriptions.scheduled()] == ["d10"]


async def test_fields_are_changed_as_the_model_has_them(stores: Stores) -> None:
    """Of one that is there; of another, nothing is written."""
    await stores.subscriptions.add(NEW, audit_row("digest add"))
    fields: dict[str, Any] = {
        "domains": ("*",),
        "at": time(9),
        "days": (),
        "since_of": {},
        "since": NOW + DAY,
        "live": True,
    }
    assert await stores.subscriptions.change("d1", audit_row("digest edit"), **fields)
    assert await stores.subscriptions.get("d1") == replace(NEW, id="d1", **fields)
    assert not await stores.subscriptions.change("d2", audit_row("digest edit"), **fields)
    assert await changes(stores) == 2


async def test_changes_are_carried_out_together_or_not_at_all(stores: Stores) -> None:
    """If an id was taken or removed in the meantime, nothing is written."""
    await stores.subscriptions.add(NEW, audit_row("digest add"))
    added = (replace(NEW, id="d7"), audit_row("digest add"))
    with pytest.raises(GoneError):
        await stores.subscriptions.carry_out([added], [("d5", audit_row("digest edit"), {"paused": "asked"})])
    assert await stores.subscriptions.get("d7") is None
    assert await changes(stores) == 1
    await stores.subscriptions.carry_out([added], [("d1", audit_row("digest edit"), {"paused": "asked"})])
    assert [subscription.id for subscription in await stores.subscriptions.active()] == ["d7"]
    with pytest.raises(GoneError):
        await stores.subscriptions.carry_out([added], [])
    assert (await stores.subscriptions.add(NEW, audit_row("digest add"))).id == "d8"


async def test_due_moments_are_passed_once(stores: Stores) -> None:
    """The latest moment counts, in whichever order they are recorded."""
    await stores.subscriptions.add(NEW, audit_row("digest add"))
    for moment in (NOW + 2 * DAY, NOW + DAY):
        await stores.subscriptions.mark_promised(["d1", "d2"], moment)
    assert await stores.subscriptions.get("d1") == replace(NEW, id="d1", due_after=NOW + 2 * DAY)


# ---- digests -------------------------------------------------------------------------------------------------------


async def test_each_conversation_is_in_one_digest_of_a_subscription(stores: Stores) -> None:
    """Also if two days' digests see the same candidates; another subscription has its own."""
    digests = stores.digests
    begun = await digests.begin("d1", MONDAY, NOW, ["m2", "m1", "m2"])
    assert begun == DigestRow("d1", MONDAY, NOW, DigestState.BEGUN, ("m2", "m1"))
    assert await digests.begin("d1", MONDAY, NOW + DAY, ["m3"]) == begun
    assert (await digests.begin("d1", MONDAY + DAY, NOW + DAY, ["m1", "m3"])).conversations == ("m3",)
    assert (await digests.begin("d2", MONDAY, NOW, ["m1"])).conversations == ("m1",)
    assert await digests.unlisted("d1", ["m4", "m1"]) == ["m4", "m1"], "a digest that has only begun may still fail"
    for _ in range(2):  # the places are those in the digest as it began
        await digests.end("d1", Due(MONDAY, NOW), DigestState.POSTED, ts="1.5", posted_at=NOW, listed=[1])
    assert await digests.unlisted("d1", ["m4", "m1", "m2"]) == ["m4", "m2"]
    assert await digests.get("d1", MONDAY) == replace(
        begun, state=DigestState.POSTED, conversations=("m1",), ts="1.5", posted_at=NOW
    )
    assert [row.subscription for row in await digests.listing("m1")] == ["d1", "d2"]


@pytest.mark.parametrize("odd", ["\ud800", "a\0b", "\udc00\ud800", "\\u0000"])
async def test_an_odd_id_hides_no_other(stores: Stores, odd: str) -> None:
    """Half of a surrogate pair or a NUL, which not every database has: what was listed beside it isn't listed again."""
    await stores.digests.begin("d1", MONDAY, NOW, ["m1", "m2"])
    await stores.digests.end("d1", Due(MONDAY, NOW), DigestState.POSTED, ts="1.5", posted_at=NOW, listed=[0, 1])
    assert await stores.digests.unlisted("d1", ["m1", odd, "m2", "m3"]) == [odd, "m3"]


async def test_the_latest_digests_come_first(stores: Stores) -> None:
    """Up to a count; the last one that was made is the last one that was posted, or quiet."""
    ends = (DigestState.POSTED, DigestState.QUIET, DigestState.FAILED)
    for number, state in enumerate(ends):
        await stores.digests.end("d1", Due(MONDAY + number * DAY, NOW + number * DAY), state)
    latest = await stores.digests.of_subscription("d1", 2)
    assert [row.state for row in latest] == [DigestState.FAILED, DigestState.QUIET]
    assert await stores.digests.last_made("d1", NOW + 9 * DAY) == NOW + DAY
    assert await stores.digests.last_made("d1", NOW + DAY) == NOW
    assert await stores.digests.last_made("d1", NOW) is None


async def test_a_digest_without_content_can_be_made_again(stores: Stores) -> None:
    """One that lists something, was posted or hasn't ended can't."""
    states = (DigestState.BEGUN, DigestState.POSTED, DigestState.QUIET, DigestState.FAILED)
    for number, state in enumerate(states):
        day = MONDAY + number * DAY
        await stores.digests.begin("d1", day, NOW, ["m1"] if state is DigestState.FAILED else [])
        if state is not DigestState.BEGUN:
            await stores.digests.end("d1", Due(day, NOW), state, listed=[0])
    forgotten = [await stores.digests.forget("d1", MONDAY + number * DAY) for number in range(5)]
    assert forgotten == [False, False, True, False, False]
    assert await stores.digests.get("d1", MONDAY + 2 * DAY) is None


# ---- cards ---------------------------------------------------------------------------------------------------------


async def test_a_conversation_has_one_card_in_a_channel(stores: Stores) -> None:
    """The last that was written counts."""
    later = replace(CARD, channel="C2", posted_at=NOW + DAY)
    for card in (later, CARD, replace(CARD, version=3)):
        await stores.cards.put(card)
    assert await stores.cards.get("C1", "m1") == replace(CARD, version=3)
    assert await stores.cards.get("C1", "m2") is None
    assert await stores.cards.of(["m1", "m2"]) == [replace(CARD, version=3), later]
