"""What is found of a subject, and what is left of it: in the database alone."""

import ast
import asyncio
import importlib
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model.digests import Card, Subscription
from bot.model.erasure import About, Subject, Traces
from bot.model.messages import Posted
from bot.model.uploads import Attestation, Offer, OfferedFile, Upload, UploadState
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING as NOW
from tests.world import audit_row

JOB_KINDS = frozenset(
    {
        "card",
        "digest",
        "digest_paused",
        "file_shared",
        "follow",
        "held",
        "offer",
        "offer_accepted",
        "offer_post",
        "share",
        "transcript",
        "transfer",
        "transfer_from_disk",
        "upload_known",
        "upload_message",
        "upload_told",
        "upload_where",
        "upload_words",
    }
)
"""Every kind of job. Before adding one, make sure that erasure finds its jobs and messages: `_Finder` knows `upload`,
`offer`, `file` and `files` in a payload, `id` and `conversations` in a payload or the progress, and every text in
either."""
TABLES = frozenset(
    {
        "cards",
        "digest_conversations",
        "jobs",
        "message_conversations",
        "message_domains",
        "messages",
        "offers",
        "questions",
        "subscriptions",
        "upload_channels",
        "uploads",
    }
)
"""Every table from which something is erased."""
KEPT_TABLES = frozenset({"audit", "audit_heads", "digests", "facts", "leases"})
"""Every table that stays as it is: nothing in it is about a customer, a conversation or a person, but for the audit,
whose rows are kept by design."""


def subscription(*domains: str, **changes: Any) -> Subscription:
    return replace(Subscription("", "C1", domains, "UTC", "U1", NOW, NOW, NOW), **changes)


async def remove(database: Database, traces: Traces) -> None:
    await database.traces.remove(traces, (), [audit_row("domain copies")], audit_row("erase"))


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
    await database.subscriptions.add(subscription(domain), audit_row("digest add"))
    await database.ledger.add(Posted("C1", "1.5", "digest", "digest:d1:x:0", ("c1",), NOW, domains=(domain,)))
    await database.jobs.add("offer", "offer:1", {"text": f"a call with <http://{domain}|{domain}>, see"}, NOW)
    traces = await database.traces.of(Subject(About.DOMAIN, (erased,)))
    assert [len(traces.messages), len(traces.jobs), len(traces.subscriptions)] == [int(is_erased)] * 3


def registered_kinds() -> set[str]:
    """The kinds of jobs that any module of the bot registers a handler for."""
    found = set()
    for path in (Path(__file__).parents[2] / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(value=owner, attr="register"), args=[ast.Name(id=name), *_]) if (
                    ast.unparse(owner).endswith(("jobs", "lanes"))
                ):
                    module = ".".join(path.relative_to(Path(__file__).parents[2]).with_suffix("").parts)
                    found.add(getattr(importlib.import_module(module), name))
    return found


def test_every_kind_of_job_is_known_to_erasure() -> None:
    """A new kind fails here until somebody has looked how erasure finds its jobs and its messages."""
    assert registered_kinds() == JOB_KINDS


async def test_every_table_is_known_to_erasure(database: Database, path: Path) -> None:
    """A new one fails here until somebody has decided what is erased from it."""
    del database
    with sqlite3.connect(path) as connection:
        found = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    assert {name for name in found if not name.startswith(("_", "sqlite_"))} == TABLES | KEPT_TABLES
    assert not TABLES & KEPT_TABLES


def upload(source: str, **changes: Any) -> Upload:
    return replace(
        Upload(0, source, "call.wav", 10, {}, source, Attestation("U1", NOW), NOW, UploadState.FAILED), **changes
    )


@pytest.mark.parametrize("kind", sorted(kind for kind in JOB_KINDS if kind.startswith("upload_")))
async def test_every_message_about_an_upload_is_found(database: Database, kind: str) -> None:
    """Also the one to a person that quotes Kickscale's refusal, where nothing else names the customer."""
    for source in ("F1", "F2"):
        words = "acme.com is blocked" if source == "F1" else "blocked"
        kept, _ = await database.uploads.add(upload(source, words=words), audit_row("upload"))
        key = f"{kind}:{kept.id}:0"
        await database.ledger.add(Posted("D1", f"{kept.id}.5", "upload", key, (), NOW, by="U1"))
        await database.jobs.add(kind, key, {"upload": kept.id, "user": "U1"}, NOW)
    traces = await database.traces.of(Subject(About.DOMAIN, ("acme.com",)))
    assert ([each.ts for each in traces.messages.values()], traces.jobs) == (["1.5"], (1,))


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
    await remove(database, await database.traces.of(Subject(About.DOMAIN, ("acme.com",))))
    assert [job.payload["file"] for job in await database.jobs.open("file_shared")] == ["F2"]
    assert await database.jobs.open("offer") == []


async def test_a_subscription_keeps_its_other_customers(database: Database) -> None:
    """And goes where another one posts just these already."""
    await database.subscriptions.add(subscription("acme.com", "example.org"), audit_row("digest add"))
    await database.subscriptions.add(subscription("example.net"), audit_row("digest add"))
    await database.subscriptions.add(subscription("example.net", "acme.com"), audit_row("digest add"))
    await database.subscriptions.add(subscription("acme.com", "example.org", live=True), audit_row("digest add"))
    assert await left(database, "acme.com") == [("example.org",), ("example.net",), ("example.org",)]
    assert await left(database, "example.org", "*.example.net") == []


async def test_what_was_held_from_a_channel_is_its_makers(database: Database) -> None:
    """Also where Slack does not tell whose direct message it is; the channel's own digests are nobody's."""
    await database.subscriptions.add(subscription("acme.com"), audit_row("digest add"))
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
    await database.subscriptions.add(subscription("acme.com"), audit_row("digest add"))
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
