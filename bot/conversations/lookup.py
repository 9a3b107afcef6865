"""Looks single conversations up in Kickscale, and marks the internal ones."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.access.gate import Access
from bot.clock import Clock
from bot.errors import GoneError, KickscaleError
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding
from bot.kickscale.protocol import PAGE_SIZE
from bot.model.access import Capability
from bot.model.conversation import Conversation, Kind
from bot.model.people import Viewer
from bot.model.questions import Excerpt, ListQuery, Part
from bot.tools.cache import TtlCache

EXTERNAL_TTL = timedelta(minutes=5)
"""How long a conversation is known to be external, so that a click on a list doesn't ask the API again."""


class Conversations:
    def __init__(self, client: KickscaleClient, bindings: CurrentBinding, access: Access, clock: Clock) -> None:
        self._client = client
        self._bindings = bindings
        self._access = access
        self._external: TtlCache[bool] = TtlCache(clock, EXTERNAL_TTL)
        """The ids of conversations that the API lists as external."""

    async def read(self, kind: Kind, id: str, *, transcript: bool = False) -> Conversation:  # noqa: A002
        """Read a meeting or call for the bot itself, not for a person. Raises GoneError, KickscaleError."""
        await self._bindings.ready()
        return await self._client.conversation(kind, id, transcript=transcript)

    async def open(
        self,
        viewer: Viewer,
        kind: Kind,
        id: str,  # noqa: A002
        capability: Capability = Capability.CONVERSATIONS,
    ) -> Conversation:
        """Read a meeting or call and return what the viewer may see of it.

        Raises GoneError, KickscaleError, AccessDenied.
        """
        conversation = await self.read(kind, id, transcript=capability is Capability.TRANSCRIPT)
        return await self._access.open(viewer, await self.mark_internal(conversation), capability)

    async def open_as(
        self,
        user: str,
        channel: str,
        kind: Kind,
        id: str,  # noqa: A002
        capability: Capability = Capability.CONVERSATIONS,
    ) -> tuple[Viewer, Conversation]:
        """Do the same as `open` for a Slack user, if they may ask in this channel. Also raises AccessUndecided."""
        viewer = await self._access.admit(user, channel, capability)
        return viewer, await self.open(viewer, kind, id, capability)

    async def with_moments(self, conversation: Conversation) -> Conversation:
        """Return the conversation, which somebody may see like this, with the moments of its quotes if they are known.

        These are in the transcript, which is not part of what comes back.
        """
        if not any(insight.quote and insight.utterance_id for insight in conversation.insights):
            return conversation
        try:
            whole = await self.read(conversation.kind, conversation.id, transcript=True)
        except (GoneError, KickscaleError):
            return conversation  # the quotes are worth showing without them
        by_id = {insight.utterance_id: insight for insight in whole.insights if insight.utterance_id}
        return conversation.replace(
            insights=tuple(by_id.get(insight.utterance_id, insight) for insight in conversation.insights)
        )

    async def mark_internal(self, conversation: Conversation) -> Conversation:
        """Return the conversation, marked as internal if it is and if that makes a difference to anybody.

        Raises KickscaleError, RangeTooWide.
        """
        is_internal = self._access.restricts_internal and not await self.is_external(conversation)
        return conversation.replace(is_internal=is_internal)

    async def is_external(self, conversation: Conversation, *, refresh: bool = False) -> bool:
        """Return whether the API lists the conversation as external, whatever its domains.

        With `refresh` it is asked even if it has said so lately: something may have changed. Raises KickscaleError,
        RangeTooWide.
        """
        starts_at = conversation.starts_at
        if refresh:
            self._external.pop(conversation.id)
        if self._external.get(conversation.id):
            return True
        if starts_at is None:
            return False
        if conversation.id not in {other.id for other in await self._external_at(conversation.kind, starts_at)}:
            return False
        self.remember_external([conversation])
        return True

    async def _external_at(self, kind: Kind, starts_at: datetime) -> tuple[Conversation, ...]:
        """Return what the API lists as external that began at this moment."""
        query = ListQuery(kind, starts_at, starts_at + timedelta(seconds=1))
        # A whole list would wait for those of others.
        excerpt = await self._client.excerpt(query, Part(0, PAGE_SIZE))
        if isinstance(excerpt, Excerpt) and excerpt.total <= PAGE_SIZE:
            return excerpt.conversations
        return (await self._client.conversations(kind, query.start, query.end)).conversations

    def remember_external(self, conversations: Iterable[Conversation]) -> None:
        """Remember that the API has just listed these as external."""
        for conversation in conversations:
            self._external.put(conversation.id, value=True)
