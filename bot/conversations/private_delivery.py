"""What a channel may not see, because of who is listening there: it goes to whoever asked for it, with the reason."""

import logging

from bot.access.gate import Access
from bot.access.policy import Wish, public
from bot.clock import Clock
from bot.conversations.lookup import Conversations
from bot.errors import AccessDenied, AccessUndecided, GoneError, KickscaleError, SlackUnavailable
from bot.model.conversation import Conversation, Kind
from bot.model.job import Job, Note, Retry
from bot.model.messages import Posted
from bot.render.digests.live_card import EVENT_TYPE, held_message, metadata
from bot.slack.client import Slack
from bot.storage.sqlite import Database
from bot.storage.sqlite.queue import Jobs
from bot.texts import Texts

log = logging.getLogger(__name__)

HELD = "held"
ATTEMPTS = 12
"""Over an hour, each pause twice the one before."""


class Held:
    def __init__(
        self,
        *,
        jobs: Jobs,
        database: Database,
        slack: Slack,
        access: Access,
        conversations: Conversations,
        clock: Clock,
        texts: Texts,
        link_template: str,
    ) -> None:
        self._jobs = jobs
        self._ledger = database.ledger
        self._slack = slack
        self._access = access
        self._conversations = conversations
        self._clock = clock
        self._texts = texts
        self._link_template = link_template
        jobs.register(HELD, self._send)

    async def promise(self, user: str, channel: str, conversation: Conversation, why: str) -> None:
        """Promise that `user` gets this conversation's card by a direct message; twice is the same as once."""
        payload = {"user": user, "channel": channel, "kind": conversation.kind, "id": conversation.id, "why": why}
        await self._jobs.add(HELD, f"{HELD}:{channel}:{conversation.id}:{user}", payload)

    async def _send(self, job: Job, note: Note) -> None:
        user, channel, to = job.payload["user"], job.payload["channel"], job.progress.get("to", "")
        try:
            # Whatever became of the conversation or of whom it is for: what is there is there, and is to be known of.
            ts = await self._slack.find_posted(to, EVENT_TYPE, job.key, job.created_at) if to else None
            about = job.progress.get("domains", ())
            if ts is None:
                viewer = await self._access.admit(user, channel, Wish.CONVERSATIONS)
                conversation = await self._conversations.open(viewer, Kind(job.payload["kind"]), job.payload["id"])
                to, about = await self._slack.open_dm(user), conversation.customer_domains
                await note({"to": to, "domains": list(about)})
                payload = held_message(
                    self._texts, public(conversation), job.payload["why"], channel, link_template=self._link_template
                )
                ts = await self._slack.post(to, {**payload, "metadata": metadata(job.key)})
        except (KickscaleError, SlackUnavailable, AccessUndecided) as exc:
            raise self._again(job, exc) from exc
        except (AccessDenied, GoneError) as exc:
            log.info("%s goes to nobody (%s)", job.reference, type(exc).__name__)
            return
        inside, now = (job.payload["id"],), self._clock.now()
        await self._ledger.add(Posted(to, ts, HELD, job.key, inside, now, by=user, domains=tuple(about)))

    def _again(self, job: Job, exc: Exception) -> Exception:
        return Retry(after=2.0**job.attempts) if job.attempts < ATTEMPTS else exc
