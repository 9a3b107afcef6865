"""Pages into one list: which ones to ask for, and how they are merged."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from bot.domains import matches_any
from bot.errors import RangeTooWide
from bot.kickscale.protocol import MAX_PAGES, PAGE_SIZE
from bot.model.conversation import Conversation, Page

T = TypeVar("T")
ReadPage = Callable[[int], Coroutine[Any, Any, Page]]


async def all_pages(read_page: ReadPage) -> list[Page]:
    """Return every page of a list. They are read at the same time if the first one says how many there are."""
    first = await read_page(0)
    if not first.received:
        return [first]
    # The service may limit the page size, so the first page shows how large pages are.
    limit = MAX_PAGES * first.received
    # If the first page is full, a total equal to its own length says nothing: it may be the count of that page.
    if first.total is None or first.total < first.received or first.total == first.received >= PAGE_SIZE:
        return await _one_after_another(first, read_page, limit)
    pages = [first]
    # New records may push the last ones onto another page in the meantime: the newest total counts.
    while (total := max(page.total or 0 for page in pages)) > len(pages) * first.received:
        if total > limit:
            raise RangeTooWide(total, limit)
        needed = -(-total // first.received)
        pages += await side_by_side(read_page(page) for page in range(len(pages), needed))
    return pages


async def _one_after_another(first: Page, read_page: ReadPage, limit: int) -> list[Page]:
    """Return the first page and those after it, up to a shorter one, or one without anything new.

    A service that doesn't page repeats the same records.
    """
    pages = [first]
    seen = {conversation.id for conversation in first.conversations}
    while len(pages) < MAX_PAGES:
        page = await read_page(len(pages))
        new = {conversation.id for conversation in page.conversations} - seen
        seen |= new
        pages.append(page)
        # Two pages in a row without anything readable are the same page, sent forever.
        nothing_new = not new and bool(page.conversations or not pages[-2].conversations)
        if page.received < first.received or nothing_new:
            return pages
    raise RangeTooWide(None, limit)


async def side_by_side(readings: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return the results in order. The first failure cancels the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(reading) for reading in readings]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


def merge(pages: Iterable[Page], domains: tuple[str, ...]) -> list[Conversation]:
    """Return each conversation once, newest first; with `domains`, only those of one of them.

    The API's own filter isn't relied on.
    """
    by_id: dict[str, Conversation] = {}
    for page in pages:
        for conversation in page.conversations:
            if not domains or matches_any(domains, conversation.customer_domains):
                by_id.setdefault(conversation.id, conversation)
    return sorted(
        by_id.values(),
        key=lambda conversation: (conversation.starts_at is not None, conversation.starts_at),
        reverse=True,
    )
