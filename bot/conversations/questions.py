"""Questions: what people asked for, kept so that the answers' buttons still work later, and answered page by page."""

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta

from bot.access.gate import Access
from bot.clock import Clock
from bot.commands.dates import instants
from bot.conversations.filters import matches
from bot.conversations.lookup import Conversations
from bot.errors import GoneError
from bot.model.commands import Filters, ListCommand, ShowCommand
from bot.model.conversation import Conversation, Listing, Scope
from bot.model.people import Viewer
from bot.model.questions import Answer, Question
from bot.slack.client import Slack
from bot.storage.stores import QuestionStore
from bot.tools import timezones
from bot.tools.cache import TtlCache

PAGE_SIZE = 10
LIST_TTL = timedelta(seconds=60)
"""How long a list stays in memory, so that turning its pages asks the API nothing."""
CACHED_CONVERSATIONS = 10_000
"""The most conversations in all lists in memory together. Each takes about 10 KB, and one list may have as many."""


class Questions:
    def __init__(
        self, store: QuestionStore, conversations: Conversations, slack: Slack, access: Access, clock: Clock
    ) -> None:
        self._store = store
        self._conversations = conversations
        self._slack = slack
        self._access = access
        self._clock = clock
        self._lists: TtlCache[Listing] = TtlCache(clock, LIST_TTL, CACHED_CONVERSATIONS)
        """By the ids of the questions."""

    async def keep(self, viewer: Viewer, command: ListCommand | ShowCommand, timezone: str) -> Question:
        """Write down what the viewer asks for. Its days are days in `timezone`, an IANA name."""
        question = Question(
            id=secrets.token_urlsafe(12),  # a button carries nothing else, so nobody may guess it
            command=command,
            timezone=timezone,
            user=viewer.person.id,
            channel=viewer.channel,
            asked_at=self._clock.now(),
        )
        await self._store.add(question)
        return question

    async def get(self, id: str) -> Question:  # noqa: A002
        """Return a question that was kept. Raises GoneError."""
        question = await self._store.get(id)
        if question is None:
            raise GoneError("question", id)
        return question

    async def answer(self, question: Question, page: int, viewer: Viewer) -> Answer:
        """Return a page of the list, from 0, with what the viewer may see; for a number past the end, the last page.

        Raises AccessDenied, KickscaleError, RangeTooWide, and GoneError if `owner:@…` names somebody without an e-mail
        address.
        """
        command = question.command
        if not isinstance(command, ListCommand):
            raise TypeError(f"{type(command).__name__} is not a list")
        await self._access.require_scope(viewer, command)
        filters, listing = await asyncio.gather(self._resolve_owner(command.filters), self._list(question, command))
        matching = [
            conversation for conversation in listing.conversations if self._is_for(viewer, conversation, filters)
        ]
        if filters.oldest_first:
            matching.reverse()
        pages = max(1, -(-len(matching) // PAGE_SIZE))
        page = min(max(0, page), pages - 1)
        latest = None if matching else await self._latest(command, filters, viewer)
        listed = [latest] if latest else matching[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
        if filters.scope is Scope.EXTERNAL:
            self._conversations.remember_external(listed)
        shown = await self._access.show(viewer, listed, f"{command.kind}s")
        return Answer(
            shown=() if latest else shown,
            total=len(matching),
            page=page,
            pages=pages,
            unreadable=listing.unreadable if self._access.sees_all(viewer) else 0,
            latest=shown[0] if latest else None,
        )

    def _is_for(self, viewer: Viewer, conversation: Conversation, filters: Filters) -> bool:
        return matches(conversation, filters) and self._access.sees(viewer, conversation)

    async def _resolve_owner(self, filters: Filters) -> Filters:
        """Return the filters with the e-mail address of the rep whom `owner:@…` names."""
        if not filters.owner_user:
            return filters
        owner = await self._slack.people.get(filters.owner_user)
        if not owner.email:
            raise GoneError("owner", filters.owner_user)
        return replace(filters, owner_email=owner.email)

    async def _list(self, question: Question, command: ListCommand) -> Listing:
        if (cached := self._lists.get(question.id)) is not None:
            return cached
        start, end = instants(command.days, timezones.zone(question.timezone))
        listing = await self._conversations.between(
            command.kind, start, end, domains=command.domains, scope=command.filters.scope
        )
        self._lists.put(question.id, listing, max(1, len(listing.conversations)))
        return listing

    async def _latest(self, command: ListCommand, filters: Filters, viewer: Viewer) -> Conversation | None:
        """Return the newest conversation on any day that the list would have."""
        newest = await self._conversations.latest(command.kind, domains=command.domains, scope=filters.scope)
        return next((conversation for conversation in newest if self._is_for(viewer, conversation, filters)), None)
