"""Finds conversations in the mirror. Nothing is asked of Kickscale; whatever somebody may not see is never counted."""

import asyncio
from dataclasses import replace
from datetime import date

from bot.access.gate import Access
from bot.commands.dates import instants
from bot.customers.customers import Customers
from bot.email_addresses import fold
from bot.errors import GoneError
from bot.mirror.copies import conversation_of
from bot.mirror.mirror import Mirror
from bot.model.access import Capability, Sight
from bot.model.commands import SearchCommand
from bot.model.conversation import Conversation, Scope
from bot.model.mirror import Found, Wanted
from bot.model.people import Viewer
from bot.model.questions import Question
from bot.model.search import SearchAnswer, SearchHit
from bot.search.passages import find_passages
from bot.slack.client import Slack
from bot.storage.mirror import MirrorStore
from bot.tools import timezones
from bot.tools.pages import count_pages

PAGE_SIZE = 10


class Search:
    def __init__(
        self,
        store: MirrorStore,
        customers: Customers,
        mirror: Mirror,
        *,
        slack: Slack,
        access: Access,
        with_transcripts: bool,
    ) -> None:
        self._store = store
        self._customers = customers
        self._mirror = mirror
        self._slack = slack
        self._access = access
        self.has_transcripts = with_transcripts

    async def settle(self, viewer: Viewer, command: SearchCommand) -> SearchCommand:
        """Return the command with only customers as its domains: any other domain becomes a word to look for.

        While conversations are still being copied, the command stays as it is: a customer may not be known yet. Raises
        GoneError if the mirror is switched off.
        """
        self._require_mirror()
        if not command.domains or (await self._mirror.freshness(scope=Scope.EXTERNAL)).missing:
            return command
        known = await self._customers.names(viewer)
        customers = tuple(domain for domain in command.domains if domain.startswith("*") or domain in known)
        words = tuple(domain for domain in command.domains if domain not in customers)
        return replace(command, words=(*command.words, *words), domains=customers)

    async def answer(
        self, question: Question, page: int, viewer: Viewer, *, with_transcripts: bool = True
    ) -> SearchAnswer:
        """Return a page (the first is 0) of what was found that the viewer may see; past the end, the last page.

        `with_transcripts` also looks into the transcripts that the viewer may read.

        Raises AccessDenied, SlackError, and GoneError if the mirror is switched off, if the question isn't a search, or
        if `owner:@…` names somebody without an e-mail address.
        """
        command = question.command
        if not isinstance(command, SearchCommand):
            raise GoneError("question", question.id)
        first_day = self._require_mirror()
        await self._access.require_scope(viewer, command.filters.scope)
        wanted = await self._wanted(question, command)
        sight = self._access.sight(viewer)
        if not with_transcripts:
            sight = replace(sight, transcripts="none")
        page = max(0, page)
        found = await self._find(command, wanted, sight, page)
        if not found.hits and found.total:
            page = count_pages(found.total, PAGE_SIZE) - 1
            found = await self._find(command, wanted, sight, page)
        return SearchAnswer(
            command=command,
            hits=await self._hits(viewer, command, found),
            total=found.total,
            page=page if found.total else 0,
            pages=count_pages(found.total, PAGE_SIZE),
            freshness=await self._mirror.freshness(wanted.start, wanted.end, wanted.scope),
            first_copied=first_day if command.days and command.days.first < first_day else None,
            transcripts=self.has_transcripts and sight.transcripts != "none",
        )

    def _require_mirror(self) -> date:
        """Return the first day that is copied."""
        if self._mirror.first_day is None:
            raise GoneError("search_off")
        return self._mirror.first_day

    async def _find(self, command: SearchCommand, wanted: Wanted, sight: Sight, page: int) -> Found:
        return await self._store.search(command.words, wanted, sight, skip=page * PAGE_SIZE, count=PAGE_SIZE)

    async def _wanted(self, question: Question, command: SearchCommand) -> Wanted:
        filters = command.filters
        start = end = None
        if command.days is not None:
            start, end = instants(command.days, timezones.zone(question.timezone))
        owner = filters.owner_email
        if filters.owner_user:
            owner = (await self._slack.people.get(filters.owner_user)).email
            if not owner:
                raise GoneError("owner", filters.owner_user)
        return Wanted(
            start=start,
            end=end,
            domains=command.domains,
            scope=filters.scope,
            owner=fold(owner),
            type=filters.type,
            language=filters.language,
            direction=filters.direction,
            outcome=filters.outcome,
        )

    async def _hits(self, viewer: Viewer, command: SearchCommand, found: Found) -> tuple[SearchHit, ...]:
        # The database has applied the same rules already; if they ever differ, the stricter one holds.
        copies = [copy for hit in found.hits if self._access.sees(viewer, copy := conversation_of(hit))]
        hits = []
        for conversation in await self._access.show(viewer, copies, "search"):
            # Transcripts are long: the event loop shouldn't wait for this.
            passages = await asyncio.to_thread(find_passages, _consented(conversation), command.words)
            hits.append(SearchHit(conversation, passages))
        for hit in hits:
            if any(passage.source == "transcript" for passage in hit.passages):
                await self._access.note_use(viewer, Capability.TRANSCRIPT, hit.conversation)
        return tuple(hits)


def _consented(conversation: Conversation) -> Conversation:
    """Return the conversation without its transcript if somebody hasn't consented to the recording."""
    return conversation.replace(transcript=()) if conversation.is_consent_missing else conversation
