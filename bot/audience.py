"""Who is listening in a channel, and what may be posted there for that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import policy
from bot.audit import Audit
from bot.clock import Clock
from bot.models import AuditKind, Conversation, Listeners
from bot.policy import Policy
from bot.slack import Slack

KEPT = timedelta(minutes=5)
"""How long it is known who is in a channel, unless Slack tells of a change."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a channel may be shown of some conversations."""

    conversations: tuple[Conversation, ...]
    """As they may be shown to everybody there, in their order; some may be bare."""
    held: str = ""
    """Why nothing may be posted: a key of the text catalogue (`audience.<held>`)."""


class Audience:
    def __init__(self, slack: Slack, policy: Policy, audit: Audit, clock: Clock) -> None:
        self._slack = slack
        self._policy = policy
        self._audit = audit
        self._clock = clock
        self._known: dict[str, tuple[datetime, Listeners]] = {}

    def forget(self, channel: str) -> None:
        """Somebody came, or the channel was shared: whoever is there is asked for anew."""
        self._known.pop(channel, None)

    async def held(self, channel: str) -> str:
        """Why nothing may be posted in a channel; empty where it may. Raises SlackError."""
        show, why = self._policy.audience(await self._listeners(channel))
        return why if show == "hold" else ""

    async def judge(self, channel: str, conversations: Sequence[Conversation]) -> Judgement:
        """What of these may be posted in a channel. What is kept from it is remembered. Raises SlackError."""
        listeners = await self._listeners(channel)
        show, why = self._policy.audience(listeners)
        if show == "hold":
            await self.remember(channel, why, conversations)
            return Judgement((), held=why)
        shown = []
        withheld = []
        for each in conversations:
            if show == "bare" or not self._policy.may_all_see(listeners, each):
                withheld.append(each)
                shown.append(policy.bare(each))
            else:
                shown.append(policy.public(each))
        if withheld:
            await self.remember(channel, why or "visibility", withheld)
        return Judgement(tuple(shown))

    def covers(self, channel: str, conversation: Conversation) -> bool:
        """Whether it is about a customer that the channel is for."""
        return self._policy.is_bound_to(channel, conversation)

    async def remember(self, channel: str, why: str, conversations: Sequence[Conversation]) -> None:
        """Write down that these were kept from a channel, or their content was."""
        ids = [each.id for each in conversations]
        await self._audit.note(AuditKind.HELD, why, channel=channel, conversations=ids)

    async def _listeners(self, channel: str) -> Listeners:
        now = self._clock.now()
        self._known = {each: kept for each, kept in self._known.items() if now - kept[0] < KEPT}
        if channel not in self._known:
            self._known[channel] = (now, await self._slack.listeners(channel))
        return self._known[channel][1]
