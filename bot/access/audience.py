"""Who is listening in a channel, and what may be posted there for that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.access import policy
from bot.access.audit import Audit
from bot.access.policy import Policy
from bot.clock import Clock
from bot.errors import SlackError
from bot.model.audit import AuditKind
from bot.model.conversation import Conversation
from bot.model.people import Listeners
from bot.slack.client import Slack

KEPT = timedelta(minutes=5)
"""How long it is known who is in a channel, unless Slack tells of a change."""
LOOKS = 3
"""How often it is looked again when somebody came while Slack was asked; after that what was found counts, once."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a channel may be shown of some conversations."""

    conversations: tuple[Conversation, ...]
    """As they may be shown to everybody there, in their order; some may be bare."""
    withheld: Mapping[str, str] = field(default_factory=dict)
    """The ids of those whose content is kept from it, and why: `guest`, `outside`, `shared`, `bound` where the channel
    is for other customers, or `visibility` where not everybody there may see it."""
    why: str = ""
    """Because of whom nothing may be posted at all; empty where it may."""

    @property
    def is_held(self) -> bool:
        return bool(self.why)


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
        return (await self.look(channel, ())).why

    async def judge(self, channel: str, conversations: Sequence[Conversation]) -> Judgement:
        """What of these may be posted in a channel. What is kept from it is remembered. Raises SlackError."""
        judgement = await self.look(channel, conversations)
        reasons = judgement.withheld
        for why in dict.fromkeys(reasons.values()):
            await self.remember(channel, why, [id_ for id_, each in reasons.items() if each == why])
        return judgement

    async def look(self, channel: str, conversations: Sequence[Conversation]) -> Judgement:
        """The same, for somebody who posts nothing. Raises SlackError."""
        listeners = await self._listeners(channel)
        show, because = self._policy.audience(listeners)
        if show == "hold":
            return Judgement((), {each.id: because for each in conversations}, because)
        reasons = {each.id: self._kept_back(channel, listeners, each) or because for each in conversations}
        withheld = {id_: why for id_, why in reasons.items() if why}
        shown = tuple(policy.bare(each) if each.id in withheld else policy.public(each) for each in conversations)
        return Judgement(shown, withheld)

    def _kept_back(self, channel: str, listeners: Listeners, conversation: Conversation) -> str:
        if not self.covers(channel, conversation):
            return "bound"
        return "" if self._policy.may_all_see(listeners, conversation) else "visibility"

    async def hears_everything(self, channel: str) -> bool:
        """Whether it may be told what may be about any conversation. False where Slack does not tell who is there."""
        try:
            return self._policy.may_all_see_everything(channel, await self._listeners(channel))
        except SlackError:
            return False

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
