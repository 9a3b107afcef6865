"""Pausing a subscription whose channel can't be posted in, and telling its creator once."""

import logging
from datetime import timedelta

from bot.access.audit import Audit
from bot.clock import Clock
from bot.digests.job_kinds import DIGEST_EVENT, PAUSED, PausedPayload
from bot.errors import SlackDenied, SlackUnavailable
from bot.jobs.outbox import Draft, Entry, MessageSeries, Outbox, SeriesProgress, Subjects
from bot.jobs.retries import Retries
from bot.model.audit import AuditKind
from bot.model.digests import Subscription
from bot.model.job import Job, Note, Retry
from bot.render.digests.notices import named_domains, paused_message
from bot.slack.client import Slack
from bot.storage.stores import JobQueue, SubscriptionStore
from bot.texts import texts_for
from bot.tools.backoff import Backoff

log = logging.getLogger(__name__)

PROMISED_AHEAD = timedelta(minutes=2)
"""The job that tells the creator is promised shortly before the subscription is paused: at most so long before."""
LOOK_AGAIN = 30.0
RETRIES = Retries(Backoff(30.0, longest=900.0), patience=timedelta(days=30))
"""If Slack refuses the bot's token, nobody can be told until there is a new one."""


class Pausing:
    def __init__(
        self,
        *,
        queue: JobQueue,
        subscriptions: SubscriptionStore,
        audit: Audit,
        slack: Slack,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._subscriptions = subscriptions
        self._audit = audit
        self._slack = slack
        self._outbox = outbox
        self._clock = clock

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(PAUSED, self._tell_creator)

    async def pause(self, subscription: Subscription, refusal: str) -> None:
        """Post nothing more for a subscription until somebody resumes it. `refusal` is Slack's own word for why.

        Doing this twice is the same as doing it once.
        """
        log.warning(
            "paused subscription %s, because Slack doesn't let the bot post in its channel (%s)",
            subscription.id,
            refusal,
        )
        key = f"{PAUSED.name}:{subscription.id}:{subscription.since.isoformat()}"
        payload = PausedPayload(subscription.id)
        # Promised before the pause, since a bot that is killed in between may never come back here. Promised again
        # after it: that job may have given up waiting for the pause if the bot was down in between.
        await self._queue.promise(PAUSED, key, payload)
        audit_row = self._audit.row(AuditKind.CHANGED, "digest pause", channel=subscription.channel)
        await self._subscriptions.change(subscription.id, audit_row, paused=refusal)
        await self._queue.promise(PAUSED, key, payload, again=True)

    async def _tell_creator(self, job: Job[PausedPayload, SeriesProgress], note: Note[SeriesProgress]) -> None:
        subscription = await self._subscriptions.get(job.payload.subscription)
        if subscription is None or not subscription.created_by:
            return
        if not subscription.paused:
            if self._clock.now() - job.created_at < PROMISED_AHEAD:
                raise Retry(after=LOOK_AGAIN)
            return
        try:
            channel = await self._slack.channels.open_dm(subscription.created_by)
            entry = Entry(job.key, job.kind, DIGEST_EVENT, channel, job.created_at, by=subscription.created_by)
            messages = MessageSeries(self._outbox, entry, job.progress)
            await messages.recover()
            if not messages.first_ts:
                texts = texts_for(await self._slack.people.find(subscription.created_by))
                payload = paused_message(texts, subscription, subscription.paused)
                await messages.post(note, Draft(payload, Subjects(domains=named_domains(subscription))))
        except (SlackDenied, SlackUnavailable) as exc:
            raise RETRIES.after(job, self._clock.now(), exc) from exc
