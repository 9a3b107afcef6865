"""The readers of a digest: where it is posted, and what its readers may see."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.access.audience import Audience
from bot.access.gate import Access
from bot.access.policy import public
from bot.digests.job_kinds import DIGEST
from bot.errors import AccessDenied, AccessUndecided, SlackError, SlackUnavailable
from bot.model.access import Capability
from bot.model.conversation import Conversation
from bot.model.digests import Digest, Subscription
from bot.model.job import Retry
from bot.slack.client import Slack

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a digest is posted."""

    channel: str
    """Empty if nobody may have it."""
    held: str = ""
    """Why it isn't the subscription's channel but its creator's direct message; empty if it is the channel."""


class Readers:
    def __init__(self, slack: Slack, access: Access, audience: Audience) -> None:
        self._slack = slack
        self._access = access
        self._audience = audience

    async def find_destination(self, subscription: Subscription) -> Destination:
        """Decide where the subscription's next digest goes. Raises SlackError, AccessUndecided."""
        held = await self._audience.why_held(subscription.channel)
        if not held:
            return Destination(subscription.channel)
        try:
            await self._access.admit(subscription.created_by, subscription.channel, Capability.CONVERSATIONS)
            return Destination(await self._slack.channels.open_dm(subscription.created_by), held)
        except (SlackUnavailable, AccessUndecided):
            raise
        except (AccessDenied, SlackError):
            log.warning("digest %s is held back (%s), and its creator may not get it either", subscription.id, held)
            return Destination("", held)

    async def may_read(self, subscription: Subscription) -> bool:
        """Return whether anything may be posted in the subscription's channel. Raises SlackError."""
        return not await self._audience.why_held(subscription.channel)

    async def show(self, digest: Digest, destination: Destination, *, is_begun: bool) -> Digest:
        """Return the digest as its readers may see it.

        Raises SlackError, AccessDenied, AccessUndecided; and Retry if it may not go to its channel after all, unless
        part of it is there (`is_begun`).
        """
        subscription = digest.subscription
        if not destination.held:
            judgement = await self._audience.judge(subscription.channel, digest.conversations)
            if judgement.is_held and not is_begun:
                raise Retry(after=0)
            return replace(digest, conversations=judgement.conversations)
        ids = [conversation.id for conversation in digest.conversations]
        await self._audience.note_withheld(subscription.channel, destination.held, ids)
        viewer = await self._access.admit(subscription.created_by, subscription.channel, Capability.CONVERSATIONS)
        visible = [conversation for conversation in digest.conversations if self._access.sees(viewer, conversation)]
        shown = await self._access.show(viewer, visible, DIGEST.name)
        return replace(digest.cut([public(conversation) for conversation in shown]), held=destination.held)

    async def have_changed(
        self, channel: str, conversations: Iterable[Conversation], shown: Mapping[str, Conversation]
    ) -> bool:
        """Return whether the channel may now see these otherwise than as they are in `shown`. Raises SlackError."""
        listed = list(conversations)
        judgement = await self._audience.inspect(channel, listed)
        return judgement.conversations != tuple(shown[conversation.id] for conversation in listed)
