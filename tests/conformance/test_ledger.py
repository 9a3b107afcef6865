"""The ledger of messages: each once, with what it is about."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.model.messages import Posted
from bot.storage.stores import Stores
from tests.clock import MONDAY_MORNING as NOW
from tests.world import audit_row

POSTED = Posted(
    channel="C1", ts="1.5", kind="share", key="share:q:0:C1", conversations=("m2", "m1"), posted_at=NOW, by="U1"
)


async def test_a_message_is_found_by_its_key_and_by_each_conversation_in_it(stores: Stores) -> None:
    """The ledger knows what was posted, and where a conversation can be seen; the oldest message comes first."""
    later = replace(
        POSTED, ts="", key="transcript:1", conversations=("m1",), file="F1", posted_at=NOW + timedelta(seconds=1)
    )
    assert await stores.ledger.add(later)
    assert await stores.ledger.add(POSTED)
    assert await stores.ledger.by_key(POSTED.key) == POSTED
    assert await stores.ledger.of_conversation("m1") == [POSTED, later]
    assert await stores.ledger.of_conversation("m2") == [POSTED]
    assert await stores.ledger.of_conversation("m3") == []
    assert await stores.ledger.by_key("m1") is None


async def test_a_message_is_recorded_once(stores: Stores) -> None:
    """A second message with a known key changes nothing, and adds no audit row."""
    row = audit_row("share")
    added = await asyncio.gather(*(stores.ledger.add(replace(POSTED, ts=str(n)), row) for n in range(5)))
    assert added == [True, False, False, False, False]
    assert await stores.ledger.by_key(POSTED.key) == replace(POSTED, ts="0")
    assert [head.number for head, _ in await stores.audit.ends() if head.kind is row.kind] == [1]


async def test_a_message_may_be_of_no_conversation_or_of_one_twice(stores: Stores) -> None:
    """What is in a message is kept as it is, in its order."""
    for key, conversations in (("none", ()), ("many", tuple("abcab"))):
        await stores.ledger.add(replace(POSTED, key=key, conversations=conversations))
        found = await stores.ledger.by_key(key)
        assert found is not None
        assert found.conversations == conversations
    assert len(await stores.ledger.of_conversation("a")) == 1


async def test_an_edit_adds_what_a_message_is_about(stores: Stores) -> None:
    """Nothing twice, and nothing to other messages."""
    posted = replace(POSTED, domains=("acme.com", "*.example.com"), upload=7, is_upload_message=True)
    await stores.ledger.add(posted)
    await stores.ledger.learn("C1", "1.5", ("m1", "m3"), ("acme.com", "example.org"), by="U2")
    await stores.ledger.learn("C1", "1.6", ("m4",), ("example.net",))
    found = await stores.ledger.by_key(POSTED.key)
    domains = ("acme.com", "*.example.com", "example.org")
    assert found == replace(posted, conversations=("m2", "m1", "m3"), domains=domains, by="U2")
