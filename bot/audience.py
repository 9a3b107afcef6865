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
LOOKS = 3
"""How often it is looked again when somebody came while Slack was asked; after that what was found counts, once."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a channel may be shown of some conversations."""

    conversations: tuple[Conversation, ...]
    """As they may be shown to everybody there, in their order; some may be bare."""
    withheld: tuple[str, ...] = ()
    """The ids of those whose content is kept from it."""
    why: str = ""
    """Because of whom: `guest`, `outside`, `shared`, or `visibility` where not everybody there may see them."""
    is_held: bool = False
    """Nothing may be posted at all."""


class Audience:
    def __init__(self, slack: Slack, policy: Policy, audit: Audit, clock: Clock) -> None:
        self._slack = slack
        self._policy = policy
        self._audit = audit
        self._clock = clock
        self._known: dict[str, tuple[datetime, Listeners]] = {}
        self._changes = 0
        """How often somebody came somewhere."""

    def forget(self, channel: str) -> None:
        """Somebody came, or the channel was shared: whoever is there is asked for anew."""
        self._known.pop(channel, None)
        self._changes += 1

    async def held(self, channel: str) -> str:
        """Because of whom nothing may be posted in a channel; empty where it may. Raises SlackError."""
        judgement = await self.look(channel, ())
        return judgement.why if judgement.is_held else ""

    async def judge(self, channel: str, conversations: Sequence[Conversation]) -> Judgement:
        """What of these may be posted in a channel. What is kept from it is remembered. Raises SlackError."""
        judgement = await self.look(channel, conversations)
        if judgement.withheld:
            await self.remember(channel, judgement.why, judgement.withheld)
        return judgement

    async def look(self, channel: str, conversations: Sequence[Conversation]) -> Judgement:
        """The same, for somebody who posts nothing. Raises SlackError."""
        listeners = await self._listeners(channel)
        show, why = self._policy.audience(listeners)
        if show == "hold":
            return Judgement((), tuple(each.id for each in conversations), why, is_held=True)
        withheld = {
            each.id for each in conversations if show == "bare" or not self._policy.may_all_see(listeners, each)
        }
        shown = tuple(policy.bare(each) if each.id in withheld else policy.public(each) for each in conversations)
        return Judgement(shown, tuple(withheld), why or "visibility")

    def covers(self, channel: str, conversation: Conversation) -> bool:
        """Whether it is about a customer that the channel is for."""
        return self._policy.is_bound_to(channel, conversation)

    async def remember(self, channel: str, why: str, conversations: Sequence[str]) -> None:
        """Write down that these ids were kept from a channel, or their content was."""
        await self._audit.note(AuditKind.HELD, why, channel=channel, conversations=conversations)

    async def _listeners(self, channel: str) -> Listeners:
        now = self._clock.now()
        self._known = {each: kept for each, kept in self._known.items() if now - kept[0] < KEPT}
        if channel in self._known:
            return self._known[channel][1]
        for _ in range(LOOKS):
            changes = self._changes
            listeners = await self._slack.listeners(channel)
            if changes == self._changes:
                self._known[channel] = (now, listeners)
                break
        return listeners
