"""Meetings and calls: keep a question, answer a page of it, find one by id."""

import asyncio
import functools
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.access.gate import Access
from bot.access.policy import Wish
from bot.clock import Clock
from bot.commands.dates import instants
from bot.email_addresses import is_same
from bot.errors import GoneError
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding
from bot.model.commands import Filters, ListCommand
from bot.model.conversation import Conversation, Found, Kind, Scope
from bot.model.people import Viewer
from bot.model.questions import Answer, Question
from bot.slack.client import Slack
from bot.tools import timezones
from bot.tools.cache import Kept

PAGE_SIZE = 10
FOUND_TTL = timedelta(seconds=60)
"""How long a list stays at hand for its next page, so that paging asks the API nothing."""
FOUND_KEPT = 10_000
"""So many conversations of all lists together: each takes some 15 KB, and one list alone may have as many."""
EXTERNAL_TTL = timedelta(minutes=5)
"""How long the API is not asked again whether one is external: what follows a list or a click needs no more."""


class Conversations:
    def __init__(
        self, client: KickscaleClient, bindings: CurrentBinding, slack: Slack, access: Access, clock: Clock
    ) -> None:
        self._client = client
        self._bindings = bindings
        self._slack = slack
        self._access = access
        self._found: Kept[Found] = Kept(clock, FOUND_TTL, FOUND_KEPT)
        self._external: Kept[bool] = Kept(clock, EXTERNAL_TTL)
        """The ids that the API was found to have among its external ones."""

    async def answer(self, question: Question, page: int, viewer: Viewer) -> Answer:
        """Page `page` (from 0) of the list, of what the viewer may see; one past the end is the last.

        Raises AccessDenied, KickscaleError, RangeTooWide, and GoneError where `owner:@…` names somebody without an
        address.
        """
        command = question.command
        if not isinstance(command, ListCommand):
            raise TypeError(f"{type(command).__name__} is not a list")
        await self._access.require_scope(viewer, command)
        filters, found = await asyncio.gather(self._filters(command.filters), self._all(question, command))
        matching = [each for each in found.conversations if keep(each, filters) and self._access.sees(viewer, each)]
        if filters.oldest_first:
            matching.reverse()
        pages = max(1, -(-len(matching) // PAGE_SIZE))
        page = min(max(0, page), pages - 1)
        latest = None if matching else await self._latest(command, filters, viewer)
        there = [latest] if latest else matching[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
        if filters.scope is Scope.EXTERNAL:
            for each in there:
                self._external.put(each.id, value=True)
        shown = await self._access.shown(viewer, there, f"{command.kind}s")
        return Answer(
            shown=() if latest else shown,
            total=len(matching),
            page=page,
            pages=pages,
            unreadable=found.unreadable if self._access.sees_all(viewer) else 0,
            latest=shown[0] if latest else None,
        )

    async def one(self, kind: Kind, id: str, *, transcript: bool = False) -> Conversation:  # noqa: A002
        """The meeting or call with this id, read anew: for the bot itself. Raises GoneError, KickscaleError."""
        await self._bindings.ready()
        return await self._client.conversation(kind, id, transcript=transcript)

    async def open(
        self,
        viewer: Viewer,
        kind: Kind,
        id: str,  # noqa: A002
        wish: Wish = Wish.CONVERSATIONS,
    ) -> Conversation:
        """The same, as the viewer may see it. Raises AccessDenied, too."""
        found = await self.one(kind, id, transcript=wish is Wish.TRANSCRIPT)
        return await self._access.open(viewer, await self.marked(found), wish)

    async def marked(self, conversation: Conversation) -> Conversation:
        """The same, marked as internal where the API leaves it out of its external ones. Raises as `is_external`.

        Not asked where it makes no difference.
        """
        is_internal = self._access.knows_internal and not await self.is_external(conversation)
        return replace(conversation, is_internal=is_internal)

    async def is_external(self, conversation: Conversation, *, anew: bool = False) -> bool:
        """Whether the API has it among its external ones, whatever its domains. Raises KickscaleError, RangeTooWide.

        `anew` where something is known to have changed: what was found before does not count then.
        """
        starts_at = conversation.starts_at
        if anew:
            self._external.pop(conversation.id)
        if self._external.get(conversation.id):
            return True
        if starts_at is None:
            return False
        external = await self._client.conversations(conversation.kind, starts_at, starts_at + timedelta(seconds=1))
        is_external = conversation.id in {each.id for each in external.conversations}
        if is_external:
            self._external.put(conversation.id, value=True)
        return is_external

    async def _filters(self, filters: Filters) -> Filters:
        """The filters with the address of the rep whom `owner:@…` names."""
        if not filters.owner_user:
            return filters
        owner = await self._slack.person(filters.owner_user)
        if not owner.email:
            raise GoneError("owner", filters.owner_user)
        return replace(filters, owner_email=owner.email)

    async def _all(self, question: Question, command: ListCommand) -> Found:
        if (known := self._found.get(question.id)) is not None:
            return known
        await self._bindings.ready()
        found = await self._read(command, *instants(command.days, timezones.zone(question.timezone)))
        self._found.put(question.id, found, max(1, len(found.conversations)))
        return found

    async def _read(self, command: ListCommand, start: datetime, end: datetime) -> Found:
        """All of a list, the internal ones marked."""
        read = functools.partial(self._client.conversations, command.kind, start, end, domains=command.domains)
        match command.filters.scope:
            case Scope.EXTERNAL:
                return await read()
            case Scope.INTERNAL:
                found = await read(scope=Scope.INTERNAL)
                return replace(found, conversations=_marked(found.conversations, ()))
            case Scope.ALL:
                found, external = await asyncio.gather(read(scope=Scope.ALL), read())
                return replace(found, conversations=_marked(found.conversations, external.conversations))

    async def _latest(self, command: ListCommand, filters: Filters, viewer: Viewer) -> Conversation | None:
        scope = filters.scope
        newest = await self._client.latest(command.kind, scope=scope, domains=command.domains)
        if scope is not Scope.EXTERNAL:
            external = await self._client.latest(command.kind, domains=command.domains) if scope is Scope.ALL else ()
            newest = _marked(newest, external)
        return next((each for each in newest if keep(each, filters) and self._access.sees(viewer, each)), None)


def _marked(found: Iterable[Conversation], external: Iterable[Conversation]) -> tuple[Conversation, ...]:
    """`found`, with those marked as internal that are not among the external ones."""
    ids = {each.id for each in external}
    return tuple(each if each.id in ids else replace(each, is_internal=True) for each in found)


def keep(conversation: Conversation, filters: Filters) -> bool:
    """Whether a conversation passes the filters that the API does not offer."""
    if filters.owner_email and not is_same(conversation.owner.email, filters.owner_email):
        return False
    for asked, has in (
        (filters.type, conversation.type),
        (filters.direction, conversation.direction),
        (filters.outcome, conversation.outcome),
    ):
        if asked and asked.casefold() != has.strip().casefold():
            return False
    # `language:de` is also `de-DE` and `de_AT`.
    spoken = conversation.language.casefold().replace("_", "-")
    if filters.language and filters.language.casefold() not in (spoken, spoken.split("-")[0]):
        return False
    text = f"{conversation.name}\n{conversation.summary}".casefold()
    return all(word.casefold() in text for word in filters.words)


def new_question_id() -> str:
    """An id that nobody guesses: it is all that a button carries."""
    return secrets.token_urlsafe(12)
