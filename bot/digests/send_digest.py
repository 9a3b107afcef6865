"""Sends the messages of a digest, each once, or the one that says that there is no digest."""

from collections.abc import Iterator

from bot.clock import Clock
from bot.digests.job_kinds import DIGEST, DIGEST_EVENT, DigestJob, DigestNote, DigestProgress
from bot.digests.readers import Readers
from bot.errors import BotError
from bot.jobs.channel_turns import ChannelTurns
from bot.jobs.outbox import Draft, Entry, MessageSeries, Outbox, Subjects
from bot.model.digests import Digest, DigestRow, Subscription
from bot.model.job import Retry
from bot.observe.metrics import Metrics
from bot.render.digests.digest import Part, digest_parts, quiet_message, thread_parts
from bot.render.digests.notices import failed_message, named_domains
from bot.render.kit.charts import with_charts_as_text
from bot.storage.stores import SubscriptionStore
from bot.texts import texts_in

FAILED = "failed"
"""The name of the message that says that there is no digest; the others have numbers."""

Messages = MessageSeries[DigestProgress]


class DigestSender:
    def __init__(
        self,
        *,
        subscriptions: SubscriptionStore,
        readers: Readers,
        outbox: Outbox,
        clock: Clock,
        metrics: Metrics,
        link_template: str,
    ) -> None:
        self._subscriptions = subscriptions
        self._readers = readers
        self._outbox = outbox
        self._metrics = metrics
        self._link_template = link_template
        self._turns = ChannelTurns(clock)

    def messages(self, job: DigestJob, channel: str, progress: DigestProgress | None = None) -> Messages:
        """Return the messages of a digest in a channel, as they were noted in the job's progress, or in this one."""
        entry = Entry(job.key, job.kind, DIGEST_EVENT, channel, job.created_at, by=job.payload.subscription)
        return MessageSeries(self._outbox, entry, progress or job.progress)

    async def post(
        self, job: DigestJob, note: DigestNote, messages: Messages, row: DigestRow, *, whole: Digest, digest: Digest
    ) -> None:
        """Post what isn't there yet. `digest` is the `whole` one as its readers may see it.

        Raises SlackError; and Retry if it isn't the job's turn in the channel, or if the subscription or the readers
        have changed, since a long thread takes minutes.
        """
        with self._turns.take(messages.channel, job):
            await self._post(note, messages, row, whole, digest)
        self._metrics.posted(DIGEST.name)

    async def _post(self, note: DigestNote, messages: Messages, row: DigestRow, whole: Digest, digest: Digest) -> None:
        places = {id_: place for place, id_ in enumerate(row.conversations)}
        originals = {conversation.id: conversation for conversation in whole.conversations}
        shown = {conversation.id: conversation for conversation in digest.conversations}
        for part in self._parts(digest, row, messages):
            listed = [originals[id_] for id_ in part.shown]
            named = named_domains(whole.subscription)
            if messages.first_ts:
                named = ()
                if await self._subscriptions.get(whole.subscription.id) != whole.subscription:
                    raise Retry(after=0)
                if not digest.held and await self._readers.have_changed(messages.channel, listed, shown):
                    raise Retry(after=0)
            draft = Draft(part.payload, Subjects.of(listed, named), with_charts_as_text(part.payload))
            await messages.post(note, draft, [places[id_] for id_ in part.shown])

    def _parts(self, digest: Digest, row: DigestRow, messages: Messages) -> Iterator[Part]:
        """Return the messages that are still to be posted, each made when it is needed."""
        subscription, link_template = digest.subscription, self._link_template
        texts = texts_in(subscription.language, subscription.timezone)
        if messages.first_ts:
            posted = {row.conversations[place] for place in messages.progress.shown}
            return thread_parts(texts, digest, link_template=link_template, without=posted)
        if digest.conversations:
            return digest_parts(texts, digest, link_template=link_template)
        return iter([Part(quiet_message(texts, digest))])

    # ---- no digest ---------------------------------------------------------------------------------------------------

    async def find_failure(self, messages: Messages) -> str | None:
        """Return the ts of the message that says that there is no digest, if an earlier attempt posted it."""
        return await self._outbox.find(messages.entry(FAILED))

    async def say_failed(
        self, job: DigestJob, messages: Messages, subscription: Subscription, why: BotError | None, held: str
    ) -> str:
        """Say once that there is no digest, or no more of it, and return the message's ts. Raises SlackError."""
        ts = await self.find_failure(messages) if job.attempts > 1 else None
        if ts is None:
            # If it failed in the middle, the next digest lists the rest: this one can't be posted again.
            payload = failed_message(
                texts_in(subscription.language),
                subscription,
                job.payload.day,
                why,
                held,
                with_button=not messages.first_ts,
            )
            ts = await self._outbox.send(messages.entry(FAILED), payload)
        await self.record_failure(messages, subscription, ts)
        return ts

    async def record_failure(self, messages: Messages, subscription: Subscription, ts: str) -> None:
        """Record the message that says that there is no digest."""
        await self._outbox.record(messages.entry(FAILED), ts, Subjects(domains=named_domains(subscription)))
