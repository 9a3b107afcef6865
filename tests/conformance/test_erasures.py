"""What is found of a subject, and what stays once it is erased."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.erasure.matcher import SubjectMatcher
from bot.erasure.traces import find_traces, forget_traces
from bot.model.digests import Card, Subscription
from bot.model.erasure import About, Subject, Traces
from bot.model.job import Job, JobKind, NoProgress, Note, Retry
from bot.model.messages import Posted
from bot.model.uploads import Attestation, Failure, Offer, OfferedFile, Upload, UploadState
from bot.storage.stores import JobQueue, Stores
from tests.clock import MONDAY_MORNING as NOW
from tests.clock import ManualClock
from tests.conformance.implementations import Storage
from tests.world import audit_row

ACME = Subject(About.DOMAIN, ("acme.com",))


@dataclass(frozen=True, slots=True)
class SharedFiles:
    text: str = ""
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SharedFile:
    file: str


@dataclass(frozen=True, slots=True)
class AboutUpload:
    upload: int
    user: str


@dataclass(frozen=True, slots=True)
class AboutSubscription:
    subscription: str


@dataclass(frozen=True, slots=True)
class Domains:
    domains: tuple[str, ...] = ()


FILES = JobKind("offer", SharedFiles, NoProgress)
FILE = JobKind("file_shared", SharedFile, NoProgress)
NOTICE = JobKind("notice", AboutUpload, NoProgress)
DIGEST = JobKind("digest", AboutSubscription, Domains)


@pytest.fixture
def queue(storage: Storage, clock: ManualClock) -> JobQueue:
    """A queue that doesn't run."""
    return storage.queue(clock, "a")


def subscription(*domains: str, **changes: Any) -> Subscription:
    return replace(Subscription("", "C1", domains, "UTC", "U1", NOW, NOW, NOW), **changes)


def upload(source: str, **changes: Any) -> Upload:
    return replace(
        Upload(0, source, "call.wav", 10, {}, source, Attestation("U1", NOW), NOW, UploadState.FAILED), **changes
    )


async def find(stores: Stores, subject: Subject) -> Traces:
    return await stores.erasures.read(lambda erasables: find_traces(erasables, SubjectMatcher(subject)))


async def forget(stores: Stores, traces: Traces) -> None:
    records = [audit_row("domain copies")]
    await stores.erasures.write(lambda erasables: forget_traces(erasables, traces, (), records, audit_row("erase")))


async def mark_gone(stores: Stores, message: int, posted: Posted) -> bool:
    return await stores.erasures.write(lambda erasables: erasables.messages.mark_gone(message, posted))


async def link(stores: Stores, message: int, posted: Posted, subject: Subject) -> None:
    await stores.erasures.write(lambda erasables: erasables.messages.link(message, posted, subject))


async def erase_domains(stores: Stores, *values: str) -> list[tuple[str, ...]]:
    """Erase these customers, and return the domains of each subscription that stays."""
    await forget(stores, await find(stores, Subject(About.DOMAIN, values)))
    return [kept.domains for kept in await stores.subscriptions.of_channel("C1")]


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
async def test_what_names_a_customer_is_found(
    stores: Stores, queue: JobQueue, erased: str, domain: str, is_erased: bool
) -> None:
    """In subscriptions, messages and jobs. A pattern is about its own domain, not those below; `*` names none."""
    await stores.subscriptions.add(subscription(domain), audit_row("digest add"))
    await stores.ledger.add(Posted("C1", "1.5", "digest", "digest:d1:x:0", ("c1",), NOW, domains=(domain,)))
    await queue.promise(FILES, "offer:1", SharedFiles(f"a call with <http://{domain}|{domain}>, see"))
    traces = await find(stores, Subject(About.DOMAIN, (erased,)))
    assert len(traces.messages) == int(is_erased)
    assert traces.copies == ({"jobs": 1, "subscriptions": 1} if is_erased else {})


async def test_every_message_about_an_upload_is_found(stores: Stores, queue: JobQueue) -> None:
    """Even a direct message that quotes Kickscale's refusal, if nothing else there names the customer."""
    for source, words in (("F1", "acme.com is blocked"), ("F2", "blocked")):
        kept, _ = await stores.uploads.add(upload(source, failure=Failure.of("rejected", words)), audit_row("upload"))
        posted = Posted("D1", f"{kept.id}.5", "upload", f"message of {source}", (), NOW, by="U1", upload=kept.id)
        await stores.ledger.add(posted)
        await queue.promise(NOTICE, f"job of {source}", AboutUpload(kept.id, "U1"))
    traces = await find(stores, ACME)
    assert [posted.key for posted in traces.messages.values()] == ["message of F1"]
    assert traces.copies == {"jobs": 1, "uploads": 1}
    await forget(stores, traces)
    assert [job.key for job in await queue.unfinished(NOTICE)] == ["job of F2"]


@pytest.mark.parametrize("is_offered", [True, False])
async def test_every_job_about_a_file_is_found(stores: Stores, queue: JobQueue, is_offered: bool) -> None:
    """Slack announces a file twice, the second time without its name and without the person who shared it."""
    file = OfferedFile("F1", "acme.com.wav", 10)
    if is_offered:
        await stores.offers.add_offer(Offer("o1", "C1", "1.5", "1.5", "U1", "", (file,), NOW))
    else:
        await queue.promise(FILES, "offer:C1:1.5:", SharedFiles(files=((file.id, file.name),)))
    for id_ in ("F1", "F2"):
        await queue.promise(FILE, f"file_shared:C1:{id_}", SharedFile(id_))
    await forget(stores, await find(stores, ACME))
    assert [job.payload.file for job in await queue.unfinished(FILE)] == ["F2"]
    assert await queue.unfinished(FILES) == []


async def test_a_subscription_keeps_its_other_customers(stores: Stores) -> None:
    """It goes if another one posts just these already."""
    await stores.subscriptions.add(subscription("acme.com", "example.org"), audit_row("digest add"))
    await stores.subscriptions.add(subscription("example.net"), audit_row("digest add"))
    await stores.subscriptions.add(subscription("example.net", "acme.com"), audit_row("digest add"))
    await stores.subscriptions.add(subscription("acme.com", "example.org", live=True), audit_row("digest add"))
    assert await erase_domains(stores, "acme.com") == [("example.org",), ("example.net",), ("example.org",)]
    assert await erase_domains(stores, "example.org", "*.example.net") == []


async def test_a_digest_withheld_from_its_channel_belongs_to_its_maker(stores: Stores) -> None:
    """Even if Slack doesn't say whose direct message it is; the digests in the channel are nobody's."""
    await stores.subscriptions.add(subscription("acme.com"), audit_row("digest add"))
    for channel in ("C1", "D1"):
        await stores.ledger.add(Posted(channel, "1.5", "digest", f"digest:d1:{channel}:0", ("c1",), NOW, by="d1"))
    traces = await find(stores, Subject(About.USER, ("U1",)))
    assert [posted.channel for posted in traces.messages.values()] == ["D1"]
    await forget(stores, traces)
    (kept,) = await stores.subscriptions.of_channel("C1")
    assert kept.created_by == ""


async def test_a_message_that_stays_is_found_again(stores: Stores) -> None:
    """Even once all else is forgotten that led to it; its row goes once it is gone from Slack."""
    posted = Posted("C1", "1.5", "card", "card:C1:c1", ("c1",), NOW, domains=("eu.acme.com",))
    await stores.ledger.add(posted)
    await stores.cards.put(Card("C1", "c1", "d1", NOW, "1.5", "shown", "seen", 1))
    assert (await find(stores, ACME)).messages == {}
    await link(stores, 1, posted, ACME)
    traces = await find(stores, ACME)
    assert (list(traces.messages), traces.copies, traces.conversations) == ([1], {"cards": 1}, ("c1",))
    await forget(stores, traces)
    assert list((await find(stores, ACME)).messages) == [1]
    assert await mark_gone(stores, 1, posted)
    await forget(stores, await find(stores, ACME))
    assert await stores.ledger.of_conversation("c1") == []
    card = await stores.cards.get("C1", "c1")
    assert card is not None, "already shared in this channel"
    assert (card.ts, card.shown, card.seen) == ("", "", "")


async def test_a_message_that_another_run_has_forgotten_stays_untouched(stores: Stores) -> None:
    """Even if its id is another message's by now."""
    posted = Posted("C1", "1.5", "card", "card:C1:c1", ("c1",), NOW)
    for key in (None, "card:C1:c2"):
        if key:
            await stores.ledger.add(replace(posted, key=key, conversations=()))
        assert not await mark_gone(stores, 1, posted)
        await link(stores, 1, posted, ACME)
        assert (await find(stores, ACME)).messages == {}


async def test_a_running_job_keeps_what_it_works_on(stores: Stores, queue: JobQueue, clock: ManualClock) -> None:
    """Only the job knows whether it has posted something. What hasn't begun goes, and so does what is over."""

    async def begin_then_end(job: Job[AboutSubscription, Domains], note: Note[Domains]) -> None:
        if job.attempts == 1:
            await note(Domains(("acme.com",)))
            raise Retry(after=60)

    await stores.subscriptions.add(subscription("acme.com"), audit_row("digest add"))
    await stores.ledger.add(Posted("C1", "1.5", "digest", "digest:d1:x:0", ("c1",), NOW, domains=("acme.com",)))
    await queue.promise(FILES, "offer:2", SharedFiles("acme.com"))
    queue.register(DIGEST, begin_then_end)
    await queue.start()
    await queue.promise(DIGEST, "digest:d1:x", AboutSubscription("d1"))
    await queue.idle()
    (job,) = await queue.unfinished(DIGEST)
    traces = await find(stores, ACME)
    assert traces.under_way == (f"digest ({job.reference})", "subscription d1")
    assert (traces.messages, traces.copies) == ({}, {"jobs": 1})
    await clock.advance(60)
    await queue.idle()
    await queue.stop()
    traces = await find(stores, ACME)
    assert (traces.under_way, len(traces.messages), traces.copies) == ((), 1, {"jobs": 2, "subscriptions": 1})
    await forget(stores, traces)
    assert await stores.subscriptions.get("d1") is None
    assert await queue.get(DIGEST, "digest:d1:x") is None


@pytest.mark.parametrize("is_own", [True, False])
async def test_an_upload_is_found_by_its_own_message(stores: Stores, is_own: bool) -> None:
    """A message to somebody else who shared the same recording doesn't make the upload theirs."""
    kept, _ = await stores.uploads.add(upload("F1"), audit_row("upload"))
    posted = Posted("C1", "1.5", "upload", "key", (), NOW, by="U2", upload=kept.id, is_upload_message=is_own)
    await stores.ledger.add(posted)
    traces = await find(stores, Subject(About.USER, ("U2",)))
    assert (list(traces.messages), traces.copies) == ([1], {"uploads": 1} if is_own else {})


async def test_a_job_that_takes_its_note_back_is_in_the_middle_of_nothing(stores: Stores, queue: JobQueue) -> None:
    """Once it has found that its attempt had no effect, erasing it loses nothing."""

    async def take_back(_job: Job[AboutSubscription, Domains], note: Note[Domains]) -> None:
        await note(Domains(("acme.com",)))
        await note(Domains())
        raise Retry(after=60)

    queue.register(DIGEST, take_back)
    await queue.start()
    await queue.promise(DIGEST, "digest:acme.com", AboutSubscription("acme.com"))
    await queue.idle()
    await queue.stop()
    traces = await find(stores, ACME)
    assert (traces.under_way, traces.copies) == ((), {"jobs": 1})


async def test_a_small_database_is_compacted_at_once(stores: Stores) -> None:
    """Nobody has to wait for the night."""
    assert await stores.erasures.compacts_fast()
    assert await stores.erasures.compact()
