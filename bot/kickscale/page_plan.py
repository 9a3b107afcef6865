"""Which pages of the API show one part of a list, and when the whole list has to be read instead: pure.

If the API filters, sorts and counts as it is asked to, a part of a list is a page of the API, and the list is as long
as `meta.total` says. None of that is documented, so each page is checked. `bot.kickscale.paging` reads whole lists.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise

from bot.domains import EVERY, matches_any
from bot.kickscale.binding.operations import DomainFilter
from bot.kickscale.protocol import Params, narrowings, sent_end
from bot.model.conversation import Conversation, Page
from bot.model.questions import Excerpt, ListQuery, Part, WholeReason

NOBODY = ("nobody.invalid", "nobody-else.invalid")
"""Domains that can't exist: RFC 2606 reserves `.invalid` for that."""


@dataclass(frozen=True, slots=True)
class ApiPage:
    """A page of the API's list. It is as long as the part of the list that is asked for."""

    number: int
    oldest_first: bool = False
    is_probe: bool = False
    """Whether it is a page of another list: that of a domain that can't exist."""


NEWEST = ApiPage(0)
PROBE = ApiPage(0, is_probe=True)


def narrow(domain_filter: DomainFilter, domains: Collection[str]) -> Params | WholeReason:
    """Return the parameters that narrow a list to these domains; a reason if one request can't do that.

    `domain_filter` has no name if the API doesn't filter by domain.
    """
    if not domains or EVERY in domains:
        return ()
    if any(domain.startswith("*.") for domain in domains):
        return WholeReason.PATTERN
    if not domain_filter.name:
        return WholeReason.NO_FILTER
    ways = narrowings(domain_filter, domains)
    return ways[0] if len(ways) == 1 else WholeReason.SEVERAL_REQUESTS


def narrow_to_nobody(domain_filter: DomainFilter, narrowing: Params) -> Params:
    """Return parameters for domains that can't exist, of the same shape: one value, or several."""
    has_several = len(narrowing) > 1 or any("," in value for _, value in narrowing)
    return narrowings(domain_filter, NOBODY if has_several else NOBODY[:1])[0]


def plan(
    query: ListQuery, part: Part, pages: Mapping[ApiPage, Page], *, late: int | None, is_trusted: bool
) -> Excerpt | WholeReason | tuple[ApiPage, ...]:
    """Return a part of a list, why the whole list is needed for it, or which further pages are.

    `pages` are those that were read so far. `late` is what `count_late` has returned for this list before, None if it
    hasn't. `is_trusted` is whether the API is known to filter by these domains.
    """
    for api_page, page in pages.items():
        if (reason := _fault(query, part.size, api_page, page)) is not None:
            return reason
    own = ApiPage(part.number, part.oldest_first)
    needed = [own] if late is not None else [own, NEWEST]
    if NEWEST in pages:
        late = count_late(query, pages[NEWEST])
    if late == part.size:
        return WholeReason.ALL_LATE  # there may be more of them
    if late and not part.oldest_first:
        needed.append(ApiPage(part.number + 1))
    if not is_trusted:
        needed.append(PROBE)
    if missing := tuple(dict.fromkeys(api_page for api_page in needed if api_page not in pages)):
        return missing
    return _compose(query, part, late or 0, [pages[api_page] for api_page in needed if not api_page.is_probe])


def count_late(query: ListQuery, newest: Page) -> int:
    """Return how many records of the API's first page begin at the very end of the days, which the list excludes.

    It isn't documented whether `endDate` is inclusive. If it is, they come first.
    """
    return sum(_is_late(query, conversation) for conversation in newest.conversations)


def _compose(query: ListQuery, part: Part, late: int, pages: Iterable[Page]) -> Excerpt | WholeReason:
    """Return the part: `pages` are its own, and those that are needed for late records."""
    own, *others = pages
    total = (own.total or 0) - late
    if part.oldest_first:
        shown = tuple(conversation for conversation in own.conversations if not _is_late(query, conversation))
    else:
        following = others[-1:] if late else []
        listed = chain(own.conversations, *(page.conversations for page in following))
        shown = tuple(listed)[late : late + part.size]
    is_whole = (
        len(shown) == _length(total, part.number, part.size) and len({page.total for page in (own, *others)}) == 1
    )
    if not is_whole or _repeats(shown) or any(_is_late(query, conversation) for conversation in shown):
        return WholeReason.CHANGED
    return Excerpt(shown, total)


def _fault(query: ListQuery, size: int, api_page: ApiPage, page: Page) -> WholeReason | None:
    """Return why nothing can be said about the list from such a page."""
    if api_page.is_probe:
        if page.total is None:
            return WholeReason.UNCHECKED_FILTER
        return WholeReason.IGNORED_FILTER if page.total or page.received else None
    if query.domains and not all(matches_any(query.domains, shown.customer_domains) for shown in page.conversations):
        return WholeReason.OTHER_DOMAIN
    if page.total is None:
        return WholeReason.NO_TOTAL
    if page.received != _length(page.total, api_page.number, size):
        return WholeReason.WRONG_LENGTH
    if page.total == size:
        return WholeReason.FULL_PAGE
    if page.unreadable:
        return WholeReason.UNREADABLE
    if _repeats(page.conversations):
        return WholeReason.TWICE
    return _fault_of_dates(query, [shown.starts_at for shown in page.conversations], oldest_first=api_page.oldest_first)


def _fault_of_dates(query: ListQuery, starts: list[datetime | None], *, oldest_first: bool) -> WholeReason | None:
    dates = [moment for moment in starts if moment is not None]
    if len(dates) < len(starts):
        return WholeReason.UNDATED
    if not all(query.start <= moment <= sent_end(query.end) for moment in dates):
        return WholeReason.OUT_OF_RANGE
    in_order = dates if oldest_first else dates[::-1]
    return None if all(earlier <= later for earlier, later in pairwise(in_order)) else WholeReason.OUT_OF_ORDER


def _length(total: int, number: int, size: int) -> int:
    """Return how long a page of a list is."""
    return min(size, max(0, total - number * size))


def _is_late(query: ListQuery, conversation: Conversation) -> bool:
    return conversation.starts_at is not None and conversation.starts_at >= query.end


def _repeats(conversations: Collection[Conversation]) -> bool:
    return len({conversation.id for conversation in conversations}) < len(conversations)
