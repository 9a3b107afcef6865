"""Somebody's own latest call or meeting, found in the mirror."""

from datetime import timedelta

from bot import email_addresses
from bot.access.gate import Access
from bot.clock import Clock
from bot.conversations.lookup import Conversations
from bot.errors import AccessDenied, GoneError, KickscaleError, RangeTooWide
from bot.model.conversation import Conversation, Scope
from bot.model.mirror import Wanted
from bot.model.people import Viewer
from bot.storage.mirror import MirrorStore

LATELY = timedelta(days=60)


class OwnLatest:
    def __init__(self, mirror: MirrorStore, conversations: Conversations, access: Access, clock: Clock) -> None:
        self._mirror = mirror
        self._conversations = conversations
        self._access = access
        self._clock = clock

    async def find(self, viewer: Viewer) -> Conversation | None:
        """Return it; None if there is none, or if Kickscale can't be asked about it now: it is only a suggestion."""
        if not viewer.person.email:
            return None
        wanted = Wanted(
            start=self._clock.now() - LATELY, scope=Scope.EXTERNAL, owner=email_addresses.fold(viewer.person.email)
        )
        latest = next(iter(await self._mirror.figures(wanted, self._access.sight(viewer), count=1)), None)
        if latest is None:
            return None
        try:
            return await self._conversations.open(viewer, latest.kind, latest.id)
        except (AccessDenied, GoneError, KickscaleError, RangeTooWide):
            return None
