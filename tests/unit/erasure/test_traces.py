"""What is found of a subject, and what is left of it: in the database alone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.erasure.matcher import SubjectMatcher
from bot.erasure.traces import find_traces, forget_traces
from bot.model.digests import Card, Subscription
from bot.model.erasure import About, Subject, Traces
from bot.model.messages import Posted
from bot.model.uploads import Attestation, Failure, Offer, OfferedFile, Upload, UploadState
from bot.storage.sqlite import Database
from bot.storage.sqlite.erasable.subscriptions import Change
from tests.clock import MONDAY_MORNING as NOW
from tests.world import noted


def subscription(*domains: str, **changes: Any) -> Subscription:
    return replace(Subscription("", "C1", domains, "UTC", "U1", NOW, NOW, NOW), **changes)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "bot.db")
    yield database
    await database.close()


async def find(database: Database, subject: Subject) -> Traces:
    return await database.erasures.read(lambda stores: find_traces(stores, SubjectMatcher(subject)))


async def forget(database: Database, traces: Traces) -> None:
    records = [noted("domain copies")]
    await database.erasures.write(lambda stores: forget_traces(stores, traces, (), records, noted("erase")))


async def mark_gone(database: Database, message: int, posted: Posted) -> bool:
    return await database.erasures.write(lambda stores: stores.messages.mark_gone(message, posted))


async def link(database: Database, message: int, posted: Posted, subject: Subject) -> None:
    await database.erasures.write(lambda stores: stores.messages.link(message, posted, subject))


async def left(database: Database, *values: str) -> list[tuple[str, ...]]:
    """The domains of each subscription that is left once these are erased."""
    traces = await find(database, Subject(About.DOMAIN, values))
    await forget(database, traces)
    return [kept.domains for kept in await database.subscriptions.every()]


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
    traces = await find(database, Subject(About.DOMAIN, (erased,)))
    assert [len(traces.messages), *(traces.copies.get(name, 0) for name in ("jobs", "subscriptions"))] == [
        int(is_erased)
    ] * 3


def upload(source: str, **changes: Any) -> Upload:
    return replace(
        Upload(0, source, "call.wav", 10, {}, source, Attestation("U1", NOW), NOW, UploadState.FAILED), **changes
    )


@pytest.mark.parametrize("kind", ["upload_known", "upload_message", "upload_told", "upload_words", "another"])
async def test_every_message_about_an_upload_is_found(database: Database, kind: str) -> None:
    """Also the one to a person that quotes Kickscale's refusal, where nothing else names the customer."""
    for source in ("F1", "F2"):
        words = "acme.com is blocked" if source == "F1" else "blocked"
        kept, _ = await database.uploads.add(upload(source, failure=Failure.of("rejected", words)), noted("upload"))
        key = f"{kind}:{kept.id}:0"
        await database.ledger.add(Posted("D1", f"{kept.id}.5", "upload", key, (), NOW, by="U1", upload=kept.id))
        await database.jobs.add(kind, key, {"upload": kept.id, "user": "U1"}, NOW)
    traces = await find(database, Subject(About.DOMAIN, ("acme.com",)))
    assert ([posted.ts for posted in traces.messages.values()], traces.rows["jobs"]) == (["1.5"], (1,))


@pytest.mark.parametrize("is_offered", [True, False])
async def test_every_job_about_a_file_is_found(database: Database, is_offered: bool) -> None:
    """Slack announces a file twice: the second time it tells neither its name nor who shared it."""
    file = OfferedFile("F1", "acme.com.wav", 10)
    if is_offered:
        await database.uploads.add_offer(Offer("o1", "C1", "1.5", "1.5", "U1", "", (file,), NOW))
    else:
        payload = {"channel": "C1", "ts": "1.5", "text": "", "files": [[file.id, file.name]]}
        await database.jobs.add("offer", "offer:C1:1.5:", payload, NOW)
    for id_ in ("F1", "F2"):
        await database.jobs.add("file_shared", f"file_shared:C1:{id_}", {"file": id_, "channel": "C1"}, NOW)
    await forget(database, await find(database, Subject(About.DOMAIN, ("acme.com",))))
    assert [job.payload["file"] for job in await database.jobs.open("file_shared")] == ["F2"]
    assert await database.jobs.open("offer") == []


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
    traces = await find(database, Subject(About.USER, ("U1",)))
    assert [posted.channel for posted in traces.messages.values()] == ["D1"]
    assert traces.rows["subscriptions"] == (Change("d1", is_orphaned=True),)


async def test_a_message_that_stays_is_found_again(database: Database) -> None:
    """Also where all else is forgotten that led to it; its row goes once it is gone from Slack."""
    subject = Subject(About.DOMAIN, ("acme.com",))
    posted = Posted("C1", "1.5", "card", "card:C1:c1", ("c1",), NOW, domains=("eu.acme.com",))
    await database.ledger.add(posted)
    await database.cards.put(Card("C1", "c1", "d1", NOW, "1.5", "shown", "seen", 1))
    assert (await find(database, subject)).messages == {}
    await link(database, 1, posted, subject)
    traces = await find(database, subject)
    assert (list(traces.messages), traces.rows["cards"], traces.conversations) == ([1], (("C1", "c1"),), ("c1",))
    await forget(database, traces)
    assert list((await find(database, subject)).messages) == [1]
    assert await mark_gone(database, 1, posted)
    await forget(database, await find(database, subject))
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
        assert not await mark_gone(database, 1, posted)
        await link(database, 1, posted, subject)
        assert (await find(database, subject)).messages == {}


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
    traces = await find(database, subject)
    assert traces.under_way == (f"digest (job-{job.id})", "subscription d1")
    assert (traces.messages, traces.copies) == ({}, {"jobs": 1})
    await database.jobs.finish(claimed, "bot", NOW)
    traces = await find(database, subject)
    assert (traces.under_way, len(traces.messages), traces.copies) == ((), 1, {"jobs": 2, "subscriptions": 1})
    assert traces.rows["subscriptions"] == (Change("d1"),)


@pytest.mark.parametrize("is_own", [True, False])
async def test_an_upload_is_found_by_its_own_message(database: Database, is_own: bool) -> None:
    """A message to somebody else who shared the same recording doesn't make the upload theirs."""
    kept, _ = await database.uploads.add(upload("F1"), noted("upload"))
    posted = Posted("C1", "1.5", "upload", "key", (), NOW, by="U2", upload=kept.id, is_upload_message=is_own)
    await database.ledger.add(posted)
    traces = await find(database, Subject(About.USER, ("U2",)))
    assert (list(traces.messages), traces.rows) == ([1], {"uploads": (kept.id,)} if is_own else {})
