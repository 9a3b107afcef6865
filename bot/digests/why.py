"""`/kickscale why ID`: where a conversation was posted, when and for whom, or why it wasn't."""

import asyncio
from collections.abc import Sequence

from bot.access.gate import Access
from bot.conversations.lookup import Conversations
from bot.digests.verdicts import Verdicts
from bot.errors import GoneError, SlackError
from bot.model.audit import AuditKind
from bot.model.conversation import Conversation, Kind
from bot.model.explanation import Explanation
from bot.model.people import Viewer
from bot.slack.client import Slack
from bot.slack.people import AT_ONCE
from bot.storage.stores import AuditStore, Ledger

MOST_ASKED = 20
"""How many other channels Slack is asked about: the most recent ones. The others are left out."""


class Why:
    def __init__(
        self,
        *,
        ledger: Ledger,
        audit: AuditStore,
        conversations: Conversations,
        access: Access,
        slack: Slack,
        verdicts: Verdicts,
    ) -> None:
        self._ledger = ledger
        self._audit = audit
        self._conversations = conversations
        self._access = access
        self._slack = slack
        self._verdicts = verdicts

    async def explain(self, id: str, viewer: Viewer) -> Explanation:  # noqa: A002
        """Explain it to the viewer. Raises GoneError for an unknown id, AccessDenied, KickscaleError."""
        posted = await self._ledger.of_conversation(id)
        conversation = await self._conversation(id, viewer)
        remembered = await self._audit.of_conversation(id, (AuditKind.HELD, AuditKind.ERASED))
        if conversation is None and not self._access.sees_all(viewer):
            readable = {viewer.channel}  # nobody knows any more whose conversation it was
        else:
            last_at = {message.channel: message.posted_at for message in posted}
            for row in remembered:
                last_at[row.channel] = max(row.at, last_at.get(row.channel, row.at))
            readable = await self._readable(viewer, sorted(last_at, key=lambda channel: last_at[channel], reverse=True))
        shown = tuple(message for message in posted if message.channel in readable)
        remembered = [row for row in remembered if row.channel in readable]
        if conversation is None:
            if not (shown or remembered):
                raise GoneError("conversation", id)
            return Explanation(id, None, shown, (), tuple(remembered))
        verdicts = await self._verdicts.of_channel(viewer.channel, conversation, posted, remembered)
        return Explanation(id, conversation, shown, tuple(verdicts), tuple(remembered))

    async def _readable(self, viewer: Viewer, channels: Sequence[str]) -> set[str]:
        """Return those of the first `MOST_ASKED` channels that the viewer can read."""
        others = [channel for channel in channels if channel not in ("", viewer.channel)][:MOST_ASKED]
        slots = asyncio.Semaphore(AT_ONCE)

        async def can_read(channel: str) -> bool:
            async with slots:
                try:
                    return await self._slack.channels.can_read(channel, viewer.person.id)
                except SlackError:
                    return False

        answers = await asyncio.gather(*map(can_read, others))
        readable = (channel for channel, is_readable in zip(others, answers, strict=True) if is_readable)
        return {"", viewer.channel, *readable}

    async def _conversation(self, id: str, viewer: Viewer) -> Conversation | None:  # noqa: A002
        for kind in Kind:
            try:
                return await self._conversations.open(viewer, kind, id)
            except GoneError:
                continue
        return None
