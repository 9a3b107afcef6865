"""Meetings and calls: keep a question, answer a page of it, find one by id."""

import asyncio
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from bot import zones
from bot.bindings import Bindings
from bot.clock import Clock
from bot.dates import instants
from bot.errors import GoneError
from bot.kickscale.client import KickscaleClient
from bot.models import Answer, Conversation, Filters, Found, Kind, ListCommand, Question
from bot.slack import Slack

PAGE_SIZE = 10
FOUND_TTL = timedelta(seconds=60)
"""How long a list stays at hand for its next page, so that paging asks the API nothing."""
FOUND_KEPT = 50


class Conversations:
    def __init__(self, client: KickscaleClient, bindings: Bindings, slack: Slack, clock: Clock) -> None:
        self._client = client
        self._bindings = bindings
        self._slack = slack
        self._clock = clock
        self._found: dict[str, tuple[datetime, Found]] = {}

    async def answer(self, question: Question, page: int) -> Answer:
        """Page `page` (from 0) of the list; one past the end is the last.

        Raises KickscaleError, RangeTooWide, and GoneError where `owner:@…` names somebody without an address.
        """
        command = question.command
        if not isinstance(command, ListCommand):
            raise TypeError(f"{type(command).__name__} is not a list")
        filters, found = await asyncio.gather(self._filters(command.filters), self._all(question, command))
        matching = [each for each in found.conversations if keep(each, filters)]
        if filters.oldest_first:
            matching.reverse()
        pages = max(1, -(-len(matching) // PAGE_SIZE))
        page = min(max(0, page), pages - 1)
        return Answer(
            shown=tuple(matching[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]),
            total=len(matching),
            page=page,
            pages=pages,
            unreadable=found.unreadable,
            latest=None if matching else await self._latest(command, filters),
        )

    async def one(self, kind: Kind, id: str, *, transcript: bool = False) -> Conversation:  # noqa: A002
        """The meeting or call with this id, read anew. Raises GoneError, KickscaleError."""
        await self._bindings.ready()
        return await self._client.conversation(kind, id, transcript=transcript)

    async def _filters(self, filters: Filters) -> Filters:
        """The filters with the address of the rep whom `owner:@…` names."""
        if not filters.owner_user:
            return filters
        owner = await self._slack.person(filters.owner_user)
        if not owner.email:
            raise GoneError("owner", filters.owner_user)
        return replace(filters, owner_email=owner.email)

    async def _all(self, question: Question, command: ListCommand) -> Found:
        now = self._clock.now()
        known = self._found.get(question.id)
        if known is not None and now - known[0] < FOUND_TTL:
            return known[1]
        await self._bindings.ready()
        start, end = instants(command.days, zones.zone(question.timezone))
        found = await self._client.conversations(
            command.kind, start, end, scope=command.filters.scope, domains=command.domains
        )
        self._found = {id_: kept for id_, kept in self._found.items() if now - kept[0] < FOUND_TTL}
        while len(self._found) >= FOUND_KEPT:
            del self._found[next(iter(self._found))]
        self._found[question.id] = (now, found)
        return found

    async def _latest(self, command: ListCommand, filters: Filters) -> Conversation | None:
        newest = await self._client.latest(command.kind, scope=filters.scope, domains=command.domains)
        return next((each for each in newest if keep(each, filters)), None)


def keep(conversation: Conversation, filters: Filters) -> bool:
    """Whether a conversation passes the filters that the API does not offer."""
    if filters.owner_email and conversation.owner.email.casefold() != filters.owner_email.casefold():
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
