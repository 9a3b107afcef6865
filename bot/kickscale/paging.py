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
    """Every page of a list: side by side where the first one says how many there are."""
    first = await read_page(0)
    if not first.received:
        return [first]
    # A service may cap the page size: what the first page holds is the size of all.
    limit = MAX_PAGES * first.received
    # A total that the first page reaches by itself tells nothing where the page is full: it may be the page's own.
    if first.total is None or first.total < first.received or first.total == first.received >= PAGE_SIZE:
        return await _one_after_another(first, read_page, limit)
    pages = [first]
    # New records may push the last ones onto a further page meanwhile: the newest total counts.
    while (total := max(page.total or 0 for page in pages)) > len(pages) * first.received:
        if total > limit:
            raise RangeTooWide(total, limit)
        needed = -(-total // first.received)
        pages += await side_by_side(read_page(page) for page in range(len(pages), needed))
    return pages


async def _one_after_another(first: Page, read_page: ReadPage, limit: int) -> list[Page]:
    """The first page and all after it, until a shorter one, or one that brings nothing new: then there is no paging."""
    pages = [first]
    seen = {each.id for each in first.conversations}
    while len(pages) < MAX_PAGES:
        page = await read_page(len(pages))
        new = {each.id for each in page.conversations} - seen
        seen |= new
        pages.append(page)
        # Two pages without anything readable are one that is answered for ever.
        nothing_new = not new and bool(page.conversations or not pages[-2].conversations)
        if page.received < first.received or nothing_new:
            return pages
    raise RangeTooWide(None, limit)


async def side_by_side(readings: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """What each gives, in order; the first that fails ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in readings]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


def merged(pages: Iterable[Page], domains: tuple[str, ...]) -> list[Conversation]:
    """Each conversation once, newest first; with `domains`, only those of one: whatever a filter did, this decides."""
    found: dict[str, Conversation] = {}
    for each in (each for page in pages for each in page.conversations):
        if not domains or matches_any(domains, each.customer_domains):
            found.setdefault(each.id, each)
    return sorted(found.values(), key=lambda each: (each.starts_at is not None, each.starts_at), reverse=True)
