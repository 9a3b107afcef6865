"""A channel's audience: who reads the channel, and so what may be posted there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from bot.access import policy
from bot.access.audit import Audit
from bot.access.policy import Policy
from bot.clock import Clock
from bot.errors import SlackError
from bot.model.access import Withheld
from bot.model.audit import AuditKind
from bot.model.conversation import Conversation
from bot.model.people import Listeners
from bot.slack.client import Slack
from bot.tools.cache import TtlCache

LISTENERS = "listeners"
"""What bots tell one another about a channel whose members must be read again."""
LISTENERS_TTL = timedelta(minutes=5)
"""How long a channel's members are cached. Slack's events about people who join end that earlier."""
CACHED_CHANNELS = 1_000
"""Of how many channels the members are cached."""
MAX_READS = 3
"""How often a channel's members are read again because somebody joined meanwhile. The last result is not cached."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a channel may be shown of some conversations."""

    conversations: tuple[Conversation, ...]
    """In their order, as everybody there may see them; some may have no content."""
    withheld: Mapping[str, Withheld] = field(default_factory=dict)
    """By id: why the content of a conversation is withheld."""
    why: Withheld | Literal[""] = ""
    """Why nothing may be posted at all: who is in the channel. Empty if something may be posted."""

    @property
    def is_held(self) -> bool:
        return bool(self.why)


class Audience:
    def __init__(self, slack: Slack, policy: Policy, audit: Audit, clock: Clock) -> None:
        self._slack = slack
        self._policy = policy
        self._audit = audit
        self._clock = clock
        self._cached: TtlCache[Listeners] = TtlCache(clock, LISTENERS_TTL, CACHED_CHANNELS)
        self._changes = 0
        """How often somebody joined a channel, or one was shared."""

    def forget(self, channel: str) -> None:
        """Forget who is in the channel, since somebody joined it or it was shared."""
        self._cached.pop(channel)
        self._changes += 1

    async def why_held(self, channel: str) -> Withheld | Literal[""]:
        """Return why nothing may be posted in a channel; empty if something may be posted. Raises SlackError."""
        return (await self.inspect(channel, ())).why

    async def judge(self, channel: str, conversations: Sequence[Conversation]) -> Judgement:
        """Return what may be posted in a channel, and note in the audit log what is withheld. Raises SlackError."""
        judgement = await self.inspect(channel, conversations)
        for why in dict.fromkeys(judgement.withheld.values()):
            await self.note_withheld(channel, why, [id_ for id_, reason in judgement.withheld.items() if reason == why])
        return judgement

    async def inspect(self, channel: str, conversations: Sequence[Conversation]) -> Judgement:
        """Return the same without a note in the audit log, if nothing is going to be posted. Raises SlackError."""
        listeners = await self._listeners(channel)
        rule, because = self._policy.channel_rule(listeners)
        if rule == "hold" and because is not None:
            return Judgement((), {conversation.id: because for conversation in conversations}, because)
        withheld: dict[str, Withheld] = {}
        for conversation in conversations:
            if (why := self._withheld(channel, listeners, conversation) or because) is not None:
                withheld[conversation.id] = why
        shown = tuple(
            policy.bare(conversation) if conversation.id in withheld else policy.public(conversation)
            for conversation in conversations
        )
        return Judgement(shown, withheld)

    def _withheld(self, channel: str, listeners: Listeners, conversation: Conversation) -> Withheld | None:
        if not self.covers(channel, conversation):
            return "bound"
        return None if self._policy.may_all_see(listeners, conversation) else "visibility"

    async def why_uncounted(self, channel: str) -> Withheld | None:
        """Return why figures about all conversations may not be posted in a channel. Raises SlackError.

        In a channel that is bound to some customers, all are those with them.
        """
        return self._policy.why_uncounted(await self._listeners(channel))

    async def hears_everything(self, channel: str) -> bool:
        """Return whether a channel may see text that could be about any conversation. False if Slack doesn't answer."""
        try:
            return self._policy.may_all_see_everything(channel, await self._listeners(channel))
        except SlackError:
            return False

    def covers(self, channel: str, conversation: Conversation) -> bool:
        """Return whether a conversation is about a customer of the channel, if that is bound to some."""
        return self._policy.covers(channel, conversation)

    async def note_withheld(self, channel: str, why: str, conversations: Sequence[str]) -> None:
        """Note in the audit log that these conversations (ids) were withheld from a channel."""
        await self._audit.note(AuditKind.HELD, why, channel=channel, conversations=conversations)

    async def _listeners(self, channel: str) -> Listeners:
        if (cached := self._cached.get(channel)) is not None:
            return cached
        now = self._clock.elapsed()
        for _ in range(MAX_READS):
            changes = self._changes
            listeners = await self._slack.channels.get_listeners(channel)
            if changes == self._changes:
                self._cached.put(channel, listeners, since=now)
                break
        return listeners
