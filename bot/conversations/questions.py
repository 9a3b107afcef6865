"""Questions: what people asked for, kept so that the answers' buttons still work later, and answered page by page."""

import asyncio
import logging
import secrets
from dataclasses import dataclass, replace

from bot.access.gate import Access
from bot.clock import Clock
from bot.commands.dates import instants
from bot.conversations.filters import are_left_to_the_api, can_be_missing, matches, occurring_values
from bot.conversations.lists import Lists
from bot.conversations.lookup import Conversations
from bot.errors import GoneError
from bot.model.commands import Filters, ListCommand
from bot.model.conversation import Conversation, Listing, Scope
from bot.model.people import Viewer
from bot.model.questions import Answer, ListQuery, Part, Question, Shareable, WholeReason
from bot.slack.client import Slack
from bot.storage.stores import QuestionStore
from bot.tools import timezones
from bot.tools.pages import count_pages
from bot.tools.slices import in_slices

log = logging.getLogger(__name__)

PAGE_SIZE = 10


class Questions:
    def __init__(
        self,
        store: QuestionStore,
        conversations: Conversations,
        lists: Lists,
        *,
        slack: Slack,
        access: Access,
        clock: Clock,
    ) -> None:
        self._store = store
        self._conversations = conversations
        self._lists = lists
        self._slack = slack
        self._access = access
        self._clock = clock

    async def keep(self, viewer: Viewer, command: Shareable, timezone: str) -> Question:
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
        await self._access.require_scope(viewer, command.filters.scope)
        query = _query(question, command)
        found = await self._find_in_excerpt(viewer, command.filters, query, page)
        filters, occurring = command.filters, dict[str, tuple[str, ...]]()
        if isinstance(found, WholeReason):
            log.info("reading a whole list (%s)", found)
            filters, listing = await asyncio.gather(self._resolve_owner(filters), self._lists.whole(query))
            found = await self._find_in_whole(viewer, filters, listing, page)
            if not found.total and can_be_missing(filters):
                records = in_slices(listing.conversations)
                seen = [record async for record in records if self._access.sees(viewer, record)]
                occurring = occurring_values(filters, seen)
        latest = None if found.total else await self._latest(query, filters, viewer)
        listed = [conversation.copy() for conversation in ([latest] if latest else found.listed)]
        if filters.scope is Scope.EXTERNAL:
            self._conversations.remember_external(listed)
        shown = await self._access.show(viewer, listed, f"{command.kind}s")
        return Answer(
            shown=() if latest else shown,
            total=found.total,
            page=found.page,
            pages=count_pages(found.total, PAGE_SIZE),
            unreadable=found.unreadable if self._access.sees_all(viewer) else 0,
            latest=shown[0] if latest else None,
            occurring=occurring,
        )

    async def _find_in_excerpt(
        self, viewer: Viewer, filters: Filters, query: ListQuery, page: int
    ) -> "_Found | WholeReason":
        """Return a page of a list, read without the rest of it, or why the whole list has to be read."""
        if not are_left_to_the_api(filters):
            return WholeReason.BOT_FILTER
        if not self._access.hides_none(viewer, query.domains, query.scope):
            return WholeReason.VISIBILITY
        page = max(0, page)
        excerpt = await self._lists.excerpt(query, Part(page, PAGE_SIZE, filters.oldest_first))
        if isinstance(excerpt, WholeReason):
            return excerpt
        last = count_pages(excerpt.total, PAGE_SIZE) - 1
        if page > last:
            return await self._find_in_excerpt(viewer, filters, query, last)
        if not all(self._access.sees(viewer, conversation) for conversation in excerpt.conversations):
            return WholeReason.HIDDEN
        return _Found(excerpt.conversations, excerpt.total, page)

    async def _find_in_whole(self, viewer: Viewer, filters: Filters, listing: Listing, page: int) -> "_Found":
        matching = [
            conversation
            async for conversation in in_slices(listing.conversations)
            if self._is_for(viewer, conversation, filters)
        ]
        if filters.oldest_first:
            matching.reverse()
        page = min(max(0, page), count_pages(len(matching), PAGE_SIZE) - 1)
        return _Found(
            tuple(matching[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]), len(matching), page, listing.unreadable
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

    async def _latest(self, query: ListQuery, filters: Filters, viewer: Viewer) -> Conversation | None:
        """Return the newest conversation on any day that the list would have."""
        newest = await self._lists.latest(query)
        return next((conversation for conversation in newest if self._is_for(viewer, conversation, filters)), None)


@dataclass(frozen=True, slots=True)
class _Found:
    """A page of a list, with everything that may be in this person's lists."""

    listed: tuple[Conversation, ...]
    total: int
    page: int
    unreadable: int = 0


def _query(question: Question, command: ListCommand) -> ListQuery:
    start, end = instants(command.days, timezones.zone(question.timezone))
    return ListQuery(command.kind, start, end, tuple(sorted(set(command.domains))), command.filters.scope)
