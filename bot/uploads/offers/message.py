"""The message that asks about an offer's recordings: posted once, and again if more are shared or asked for."""

from dataclasses import dataclass, replace

from bot import domains
from bot.clock import Clock
from bot.errors import SlackUnavailable
from bot.jobs.outbox import Entry, Outbox, PostProgress, Subjects
from bot.model.job import Job, JobKind, Note
from bot.model.uploads import Offer
from bot.render.errors import error_message
from bot.render.uploads.offers import offer_message
from bot.slack.client import Slack
from bot.storage.stores import JobQueue
from bot.texts import texts_for, texts_in
from bot.uploads.offers.book import OfferBook, without
from bot.uploads.offers.channels import UploadChannels
from bot.uploads.offers.edits import OfferEdits
from bot.uploads.retrying import FOR_MINUTES

EVENT_TYPE = "kickscale_offer"
OFFER = "offer"
"""The kind of these messages in the ledger."""


@dataclass(frozen=True, slots=True)
class Posting:
    offer: str
    asked_by: str = ""
    """Who mentioned the bot to be asked; empty if the bot asks because of the channel's setting."""


@dataclass(frozen=True, slots=True)
class PostingProgress(PostProgress):
    asked: tuple[str, ...] | None = None
    """The files that the message asks about."""


POST = JobKind("offer_post", Posting, PostingProgress)


class OfferMessages:
    def __init__(  # noqa: PLR0917 what a message is about, and where it goes
        self,
        queue: JobQueue,
        book: OfferBook,
        channels: UploadChannels,
        edits: OfferEdits,
        slack: Slack,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._book = book
        self._channels = channels
        self._edits = edits
        self._slack = slack
        self._outbox = outbox
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(POST, self._post, on_failure=self._tell_failure)

    async def promise(self, offer: Offer, ts: str, asked_by: str) -> None:
        """Promise to ask about an offer, once for each message (`ts`) that led to it."""
        await self._queue.promise(POST, f"{POST.name}:{offer.channel}:{ts}", Posting(offer.id, asked_by))

    async def _post(self, job: Job[Posting, PostingProgress], note: Note[PostingProgress]) -> None:
        offer = await self._book.find(job.payload.offer)
        if offer is None:
            return
        try:
            posted = await self._post_once(job, note, offer)
        except SlackUnavailable as exc:
            raise FOR_MINUTES.after(job, self._clock.now(), exc) from exc
        if posted is None:
            return
        ts, asked = posted
        await self._book.record_message(offer, ts)
        named = domains.named(" ".join(file.name for file in offer.files))
        await self._outbox.record(_entry(job, offer), ts, Subjects(domains=tuple(named)))
        # Somebody may have used the shortcut before there was a message: then it loses its buttons now.
        if promised := [upload for upload in await self._book.promised(offer) if upload.source in asked]:
            by = promised[0].attestation.by
            await self._edits.promise_accepted(offer, by, [upload.source for upload in promised])

    async def _post_once(
        self, job: Job[Posting, PostingProgress], note: Note[PostingProgress], offer: Offer
    ) -> tuple[str, set[str]] | None:
        """Return the message's ts, and which files it asks about; None if there is nothing to ask any more."""
        entry, progress = _entry(job, offer), job.progress
        if progress.posting and (ts := await self._outbox.find(entry)) is not None:
            asked = progress.asked if progress.asked is not None else [file.id for file in offer.files]
            return ts, set(asked)
        remaining = without(offer, await self._book.promised(offer))
        if not remaining.files or (not job.payload.asked_by and await self._channels.is_off(offer.channel)):
            return None
        files = {file.id for file in remaining.files}
        await note(replace(progress, posting=True, to=offer.channel, asked=tuple(sorted(files))))
        if not offer.is_declined:
            await self._edits.show_moved(offer, remaining)
        return await self._outbox.send(entry, offer_message(texts_in(offer.language), remaining)), files

    async def _tell_failure(self, job: Job[Posting, PostingProgress], exc: BaseException) -> None:
        if job.payload.asked_by:
            texts = texts_for(await self._slack.people.find(job.payload.asked_by))
            await self._outbox.notify(job.payload.asked_by, error_message(texts, exc, job.reference))


def _entry(job: Job[Posting, PostingProgress], offer: Offer) -> Entry:
    return Entry(
        job.key, OFFER, EVENT_TYPE, offer.channel, job.created_at, thread_ts=offer.thread_ts, by=offer.shared_by
    )
