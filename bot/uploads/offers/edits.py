"""How an offer's message changes once somebody has answered it."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.errors import SlackError, SlackUnavailable
from bot.model.job import Job, JobKind, NoProgress, Note
from bot.model.uploads import Offer
from bot.render.kit.limits import Payload
from bot.render.uploads.offers import accepted_message, declined_message, moved_message
from bot.slack.client import Slack
from bot.storage.stores import JobQueue, Ledger
from bot.texts import texts_in
from bot.uploads.offers.book import OfferBook
from bot.uploads.offers.inspection import Inspection
from bot.uploads.retrying import FOR_MINUTES
from bot.uploads.thread.subjects import domains_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    offer: str
    by: str
    files: tuple[str, ...] | None = None
    """Those that `by` had uploaded. Jobs of an earlier version have none, and mean all."""


ACCEPTED = JobKind("offer_accepted", Accepted, NoProgress)


class OfferEdits:
    def __init__(  # noqa: PLR0917 what a message shows, and where it is
        self,
        queue: JobQueue,
        book: OfferBook,
        inspection: Inspection,
        slack: Slack,
        ledger: Ledger,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._book = book
        self._inspection = inspection
        self._slack = slack
        self._ledger = ledger
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(ACCEPTED, self._show_accepted)

    async def promise_accepted(self, offer: Offer, user: str, files: Iterable[str]) -> None:
        """Promise that the message loses its buttons, and says which files `user` had uploaded."""
        key = f"{ACCEPTED.name}:{offer.id}:{self._clock.now().timestamp()}"
        await self._queue.promise(ACCEPTED, key, Accepted(offer.id, user, tuple(files)))

    async def show_accepted(self, offer: Offer, user: str, files: Sequence[str]) -> None:
        """Show which files `user` had uploaded, and why others weren't. Raises SlackUnavailable."""
        accepted = [file for file in offer.files if file.id in files]
        uploads = await self._book.uploads(replace(offer, files=tuple(accepted)))
        about = [domain for upload in uploads for domain in domains_of(upload)]
        remaining = await self._book.remaining(offer)
        left_out = [file for file in remaining.files if file.id not in files]
        refused = await self._inspection.why_left_out(offer, left_out)
        await self._edit(offer, accepted_message(texts_in(offer.language), accepted, refused, by=user), user, about)

    async def show_declined(self, offer: Offer, remaining: Offer, user: str) -> None:
        """Show that `user` doesn't want the `remaining` ones uploaded. Raises SlackUnavailable."""
        await self._edit(offer, declined_message(texts_in(offer.language), remaining, by=user), user)

    async def show_moved(self, offer: Offer, remaining: Offer) -> None:
        """Show that the `remaining` ones are asked about again further down. Raises SlackUnavailable."""
        await self._edit(offer, moved_message(texts_in(offer.language), remaining))

    async def _edit(self, offer: Offer, payload: Payload, by: str = "", about: Iterable[str] = ()) -> None:
        if offer.posted_ts:
            await self._ledger.learn(offer.channel, offer.posted_ts, domains=about, by=by)
            try:
                await self._slack.messages.edit(offer.channel, offer.posted_ts, payload)
            except SlackUnavailable:
                raise
            except SlackError as exc:
                log.warning("the offer %s can't be edited (%s)", offer.id, exc.code)

    async def _show_accepted(self, job: Job[Accepted, NoProgress], _note: Note[NoProgress]) -> None:
        offer = await self._book.find(job.payload.offer)
        if offer is not None:
            files = job.payload.files if job.payload.files is not None else [file.id for file in offer.files]
            try:
                await self.show_accepted(offer, job.payload.by, files)
            except SlackUnavailable as exc:
                raise FOR_MINUTES.after(job, self._clock.now(), exc) from exc
