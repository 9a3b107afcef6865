"""Private delivery: what a channel may not see, because of who is in it, goes to one person by direct message."""

import logging
from dataclasses import dataclass

from bot.access.policy import public
from bot.clock import Clock
from bot.conversations.lookup import Conversations
from bot.errors import AccessDenied, AccessUndecided, GoneError, KickscaleError, SlackUnavailable
from bot.jobs.outbox import Entry, Outbox, PostProgress, Subjects
from bot.jobs.retries import Retries
from bot.model.conversation import Conversation, Kind
from bot.model.job import Job, JobKind, Note
from bot.render.conversations.card_message import private_card_message
from bot.slack.client import Slack
from bot.storage.stores import JobQueue
from bot.texts import texts_for
from bot.tools.backoff import Backoff

log = logging.getLogger(__name__)

HELD = "held"
EVENT_TYPE = "kickscale_card"
RETRIES = Retries(Backoff(first=2.0), attempts=12)
"""Over an hour."""


@dataclass(frozen=True, slots=True)
class Delivery:
    user: str
    """Who gets it."""
    channel: str
    """Which channel doesn't."""
    kind: Kind
    id: str
    why: str
    """Why it doesn't: see `Judgement.why`."""


DELIVERY = JobKind(HELD, Delivery, PostProgress)


class PrivateDeliveries:
    def __init__(
        self,
        queue: JobQueue,
        outbox: Outbox,
        slack: Slack,
        conversations: Conversations,
        clock: Clock,
        *,
        link_template: str,
    ) -> None:
        self._queue = queue
        self._outbox = outbox
        self._slack = slack
        self._conversations = conversations
        self._clock = clock
        self._link_template = link_template

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(DELIVERY, self._send)

    async def promise(self, user: str, channel: str, conversation: Conversation, why: str) -> None:
        """Promise that `user` gets the conversation's card, once for each channel that doesn't get it."""
        delivery = Delivery(user, channel, conversation.kind, conversation.id, why)
        await self._queue.promise(DELIVERY, f"{HELD}:{channel}:{conversation.id}:{user}", delivery)

    async def _send(self, job: Job[Delivery, PostProgress], note: Note[PostProgress]) -> None:
        try:
            await self._post(job, note)
        except (KickscaleError, SlackUnavailable, AccessUndecided) as exc:
            raise RETRIES.after(job, self._clock.now(), exc) from exc
        except (AccessDenied, GoneError) as exc:
            log.info("%s has no recipient any more (%s)", job.reference, type(exc).__name__)

    async def _post(self, job: Job[Delivery, PostProgress], note: Note[PostProgress]) -> None:
        delivery, to = job.payload, job.progress.to
        # A message that is there already is recorded, even if the person may not have it any more.
        if to and (ts := await self._outbox.find(_entry(job, to))) is not None:
            await self._outbox.record(_entry(job, to), ts, Subjects((delivery.id,), job.progress.domains))
            return
        viewer, conversation = await self._conversations.open_as(
            delivery.user, delivery.channel, delivery.kind, delivery.id
        )
        to = await self._slack.channels.open_dm(delivery.user)
        about = Subjects((delivery.id,), conversation.customer_domains)
        await note(PostProgress(posting=True, to=to, conversations=about.conversations, domains=about.domains))
        message = private_card_message(
            texts_for(viewer.person),
            public(conversation),
            delivery.why,
            delivery.channel,
            link_template=self._link_template,
        )
        ts = await self._outbox.send(_entry(job, to), message)
        await self._outbox.record(_entry(job, to), ts, about)


def _entry(job: Job[Delivery, PostProgress], to: str) -> Entry:
    return Entry(job.key, HELD, EVENT_TYPE, to, job.created_at, by=job.payload.user)
