"""What is found of a subject, and what is left of it: in the database alone."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model.digests import Card, Subscription
from bot.model.erasure import About, Subject, Traces
from bot.model.messages import Posted
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING as NOW
from tests.world import noted


def subscription(*domains: str, **changes: Any) -> Subscription:
    return replace(Subscription("", "C1", domains, "UTC", "U1", NOW, NOW, NOW), **changes)


async def remove(database: Database, traces: Traces) -> None:
    await database.traces.remove(traces, (), [noted("domain copies")], noted("erase"))


async def left(database: Database, *values: str) -> list[tuple[str, ...]]:
    """The domains of each subscription that is left once these are erased."""
    traces = await database.traces.of(Subject(About.DOMAIN, values))
    await remove(database, traces)
    return [each.domains for each in await database.subscriptions.every()]


@pytest.mark.parametrize(
    ("erased", "domain", "is_erased"),
    [
        ("acme.com", "acme.com", True),
        ("acme.com", "*.acme.com", True),
        ("acme.com", "eu.acme.com", False),
        ("acme.com", "notacme.com", False),
        ("acme.com", "acme.com.au", False),
        ("acme.com", "*", False),
        ("*.acme.com", "eu.acme.com", True),
        ("*.acme.com", "*.eu.acme.com", True),
        ("*.acme.com", "notacme.com", False),
        ("eu.acme.com", "*.acme.com", False),
        ("xn--bcher-kva.de", "xn--bcher-kva.de", True),
    ],
)
async def test_what_names_a_customer_is_found(database: Database, erased: str, domain: str, is_erased: bool) -> None:
    """A pattern is about whom it names, and nobody below it; `*` names nobody. In messages and in jobs."""
    await database.subscriptions.add(subscription(domain), noted("digest add"))
    await database.ledger.add(Posted("C1", "1.5", "digest", "digest:d1:x:0", ("c1",), NOW, domains=(domain,)))
    await database.jobs.add("offer", "offer:1", {"text": f"a call with <http://{domain}|{domain}>, see"}, NOW)
    traces = await database.traces.of(Subject(About.DOMAIN, (erased,)))
    assert [len(traces.messages), len(traces.jobs), len(traces.subscriptions)] == [int(is_erased)] * 3


async def test_a_subscription_keeps_its_other_customers(database: Database) -> None:
    """And goes where another one posts just these already."""
    await database.subscriptions.add(subscription("acme.com", "example.org"), noted("digest add"))
    await database.subscriptions.add(subscription("example.net"), noted("digest add"))
    await database.subscriptions.add(subscription("example.net", "acme.com"), noted("digest add"))
    await database.subscriptions.add(subscription("acme.com", "example.org", live=True), noted("digest add"))
    assert await left(database, "acme.com") == [("example.org",), ("example.net",), ("example.org",)]
    assert await left(database, "example.org", "*.example.net") == []


async def test_what_was_held_from_a_channel_is_its_makers(database: Database) -> None:
    """Also where Slack does not tell whose direct message it is; the channel's own digests are nobody's."""
    await database.subscriptions.add(subscription("acme.com"), noted("digest add"))
    for channel in ("C1", "D1"):
        await database.ledger.add(Posted(channel, "1.5", "digest", f"digest:d1:{channel}:0", ("c1",), NOW, by="d1"))
    traces = await database.traces.of(Subject(About.USER, ("U1",)))
    assert ([each.channel for each in traces.messages.values()], traces.orphaned) == (["D1"], ("d1",))


async def test_a_message_that_stays_is_found_again(database: Database) -> None:
    """Also where all else is forgotten that led to it; its row goes once it is gone from Slack."""
    subject = Subject(About.DOMAIN, ("acme.com",))
    posted = Posted("C1", "1.5", "card", "card:C1:c1", ("c1",), NOW, domains=("eu.acme.com",))
    await database.ledger.add(posted)
    await database.cards.put(Card("C1", "c1", "d1", NOW, "1.5", "shown", "seen", 1))
    assert (await database.traces.of(subject)).messages == {}
    await database.traces.mark(1, posted, subject)
    traces = await database.traces.of(subject)
    assert (list(traces.messages), traces.cards, traces.conversations) == ([1], (("C1", "c1"),), ("c1",))
    await remove(database, traces)
    assert list((await database.traces.of(subject)).messages) == [1]
    assert await database.traces.gone(1, posted)
    await remove(database, await database.traces.of(subject))
    assert await database.ledger.of_conversation("c1") == []
    card = await database.cards.get("C1", "c1")
    assert card is not None, "it is not posted again"
    assert (card.ts, card.shown, card.seen) == ("", "", "")


async def test_what_another_run_has_forgotten_is_left_alone(database: Database) -> None:
    """Also where its id is another message's by now."""
    subject = Subject(About.DOMAIN, ("acme.com",))
    posted = Posted("C1", "1.5", "card", "card:C1:c1", ("c1",), NOW)
    for key in (None, "card:C1:c2"):
        if key:
            await database.ledger.add(replace(posted, key=key, conversations=()))
        assert not await database.traces.gone(1, posted)
        await database.traces.mark(1, posted, subject)
        assert (await database.traces.of(subject)).messages == {}


async def test_what_a_job_is_in_the_middle_of_is_left_to_it(database: Database) -> None:
    """It alone knows whether it has posted something. What has not begun goes, and so does what is over."""
    subject = Subject(About.DOMAIN, ("acme.com",))
    await database.subscriptions.add(subscription("acme.com"), noted("digest add"))
    await database.ledger.add(Posted("C1", "1.5", "digest", "digest:d1:x:0", ("c1",), NOW, domains=("acme.com",)))
    job, _ = await database.jobs.add("digest", "digest:d1:x", {"subscription": "d1"}, NOW)
    await database.jobs.add("share", "share:2", {"text": "acme.com"}, NOW)
    claimed = await database.jobs.claim(["digest"], [], "bot", NOW, NOW + timedelta(seconds=30))
    assert claimed is not None
    await database.jobs.note(claimed, "bot", {"domains": ["acme.com"]}, NOW + timedelta(seconds=30))
    traces = await database.traces.of(subject)
    assert traces.under_way == (f"digest (job-{job.id})", "subscription d1")
    assert (traces.messages, traces.subscriptions, len(traces.jobs)) == ({}, (), 1)
    await database.jobs.finish(claimed, "bot", NOW)
    traces = await database.traces.of(subject)
    assert (traces.under_way, len(traces.messages), traces.subscriptions, len(traces.jobs)) == ((), 1, ("d1",), 2)


async def test_no_byte_is_left_beside_a_bot_that_writes(database: Database, path: Path) -> None:
    """Neither in the file nor in the log beside it, while another process reads and writes all the time."""
    other = await Database.open(path)
    for number in range(50):
        await database.facts.set(f"name {number}", f"zebra {number}" * 100, NOW)
        await other.facts.set(f"name {number}", None, NOW)
    assert b"zebra" in await bytes_of(path)
    written = asyncio.Event()

    async def write() -> None:
        while not written.is_set():
            await other.facts.set("other", "otter", NOW)

    writing = asyncio.create_task(write())
    assert await database.compact()
    written.set()
    await writing
    found = await bytes_of(path)
    assert (b"zebra" in found, b"otter" in found) == (False, True)
    await other.close()


async def bytes_of(path: Path) -> bytes:
    """The file and those beside it, read by another process: closing them in this one would drop its locks."""
    files = map(str, path.parent.glob(f"{path.name}*"))
    reading = await asyncio.create_subprocess_exec("cat", *files, stdout=asyncio.subprocess.PIPE)
    return (await reading.communicate())[0]
