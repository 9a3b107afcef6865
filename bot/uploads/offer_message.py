"""The message that asks about an offer's recordings, and what becomes of it."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot import domains
from bot.clock import Clock
from bot.errors import SlackError, SlackUnavailable
from bot.jobs.outbox import Entry, Outbox, PostProgress, Subjects
from bot.model.job import Job, JobKind, NoProgress, Note
from bot.model.uploads import Offer
from bot.render.errors import error_message
from bot.render.kit.limits import Payload
from bot.render.uploads.offers import accepted_message, declined_message, moved_message, offer_message
from bot.slack.client import Slack
from bot.storage.stores import JobQueue, Ledger, UploadStore
from bot.texts import texts_in
from bot.uploads.channels import UploadChannels
from bot.uploads.inspection import Inspection
from bot.uploads.offer_book import OfferBook, without
from bot.uploads.retrying import FOR_MINUTES
from bot.uploads.subjects import domains_of

log = logging.getLogger(__name__)

EVENT_TYPE = "kickscale_offer"
OFFER = "offer"
"""The kind of these messages in the ledger."""


@dataclass(frozen=True, slots=True)
class Posting:
    offer: str
    asked_by: str = ""
    """Who mentioned the bot to have it asked about; empty if the channel's setting is the reason."""


@dataclass(frozen=True, slots=True)
class PostingProgress(PostProgress):
    asked: tuple[str, ...] | None = None
    """The files that the message asks about."""


@dataclass(frozen=True, slots=True)
class Accepted:
    offer: str
    by: str
    files: tuple[str, ...] | None = None
    """Those that `by` had uploaded. Jobs of an earlier version have none, and mean all."""


POST = JobKind("offer_post", Posting, PostingProgress)
ACCEPTED = JobKind("offer_accepted", Accepted, NoProgress)


class OfferMessages:
    def __init__(  # noqa: PLR0917 what a message is about, and where it goes
        self,
        queue: JobQueue,
        book: OfferBook,
        uploads: UploadStore,
        channels: UploadChannels,
        inspection: Inspection,
        slack: Slack,
        outbox: Outbox,
        ledger: Ledger,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._book = book
        self._uploads = uploads
        self._channels = channels
        self._inspection = inspection
        self._slack = slack
        self._outbox = outbox
        self._ledger = ledger
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(POST, self._post, on_failure=self._tell_failure)
        queue.register(ACCEPTED, self._show_accepted)

    async def promise(self, offer: Offer, ts: str, asked_by: str) -> None:
        """Promise to ask about an offer, once for each message (`ts`) that led to it."""
        await self._queue.promise(POST, f"{POST.name}:{offer.channel}:{ts}", Posting(offer.id, asked_by))

    async def promise_accepted(self, offer: Offer, user: str, files: Iterable[str]) -> None:
        """Promise that the message loses its buttons, and says which files `user` had uploaded."""
        key = f"{ACCEPTED.name}:{offer.id}:{self._clock.now().timestamp()}"
        await self._queue.promise(ACCEPTED, key, Accepted(offer.id, user, tuple(files)))

    async def show_accepted(self, offer: Offer, user: str, files: Sequence[str]) -> None:
        """Show which files `user` had uploaded, and why others weren't. Raises SlackUnavailable."""
        uploads = [await self._uploads.of_source(file) for file in files]
        about = [domain for upload in uploads if upload for domain in domains_of(upload)]
        accepted = [file for file in offer.files if file.id in files]
        remaining = await self._book.remaining(offer)
        left_out = [file for file in remaining.files if file.id not in files]
        refused = await self._inspection.why_left_out(offer, left_out)
        await self._edit(offer, accepted_message(texts_in(), accepted, refused, by=user), user, about)

    async def show_declined(self, offer: Offer, remaining: Offer, user: str) -> None:
        """Show that `user` doesn't want the `remaining` ones uploaded. Raises SlackUnavailable."""
        await self._edit(offer, declined_message(texts_in(), remaining, by=user), user)

    async def _edit(self, offer: Offer, payload: Payload, by: str = "", about: Iterable[str] = ()) -> None:
        if offer.posted_ts:
            await self._ledger.learn(offer.channel, offer.posted_ts, domains=about, by=by)
            try:
                await self._slack.edit(offer.channel, offer.posted_ts, payload)
            except SlackUnavailable:
                raise
            except SlackError as exc:
                log.warning("the offer %s can't be edited (%s)", offer.id, exc.code)

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
        # The shortcut may have been quicker, when there was no message yet that could lose its buttons.
        if promised := [upload for upload in await self._book.promised(offer) if upload.source in asked]:
            by = promised[0].attestation.by
            await self.promise_accepted(offer, by, [upload.source for upload in promised])

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
            await self._edit(offer, moved_message(texts_in(), remaining))
        return await self._outbox.send(entry, offer_message(texts_in(), remaining)), files

    async def _show_accepted(self, job: Job[Accepted, NoProgress], _note: Note[NoProgress]) -> None:
        offer = await self._book.find(job.payload.offer)
        if offer is not None:
            files = job.payload.files if job.payload.files is not None else [file.id for file in offer.files]
            try:
                await self.show_accepted(offer, job.payload.by, files)
            except SlackUnavailable as exc:
                raise FOR_MINUTES.after(job, self._clock.now(), exc) from exc

    async def _tell_failure(self, job: Job[Posting, PostingProgress], exc: BaseException) -> None:
        if job.payload.asked_by:
            await self._outbox.notify(job.payload.asked_by, error_message(texts_in(), exc, job.reference))


def _entry(job: Job[Posting, PostingProgress], offer: Offer) -> Entry:
    return Entry(
        job.key, OFFER, EVENT_TYPE, offer.channel, job.created_at, thread_ts=offer.thread_ts, by=offer.shared_by
    )
