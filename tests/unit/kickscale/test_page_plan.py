"""Which pages of the API show a part of a list, and when the whole list is needed, without any I/O."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.kickscale.binding.operations import DomainFilter, Form
from bot.kickscale.page_plan import NEWEST, PROBE, ApiPage, count_late, narrow, narrow_to_nobody, plan
from bot.model.conversation import Conversation, Kind, Page
from bot.model.questions import Excerpt, ListQuery, Part, WholeReason
from tests.unit.kickscale.service import END, START

QUERY = ListQuery(Kind.CALL, START, END, ("acme.com",))
MINUTE = timedelta(minutes=1)
FIRST = Part(0, size=3)
SECOND = replace(FIRST, number=1)


def conversation(number: int, **fields: object) -> Conversation:
    """The `number`th conversation, so many minutes before the end."""
    known = Conversation(str(number), Kind.CALL, starts_at=END - number * MINUTE, customer_domains=("acme.com",))
    return known.replace(**fields)


def page(*numbers: int, total: int | None = 9) -> Page:
    return Page(tuple(map(conversation, numbers)), len(numbers), total=total)


def excerpt(*numbers: int, total: int = 9) -> Excerpt:
    return Excerpt(tuple(map(conversation, numbers)), total)


@pytest.mark.parametrize(
    ("domain_filter", "domains", "expected"),
    [
        (DomainFilter("d"), (), ()),
        (DomainFilter("d"), ("*",), ()),
        (DomainFilter(""), ("*",), ()),
        (DomainFilter("d"), ("acme.com",), (("d", "acme.com"),)),
        (DomainFilter("d"), ("*.acme.com",), WholeReason.PATTERN),
        (DomainFilter("d", Form.COMMA), ("*.acme.com", "x.org"), WholeReason.PATTERN),
        (DomainFilter(""), ("acme.com",), WholeReason.NO_FILTER),
        (DomainFilter("d"), ("acme.com", "x.org"), WholeReason.SEVERAL_REQUESTS),
        (DomainFilter("d"), ("xn--bcher-kva.de",), WholeReason.SEVERAL_REQUESTS),
        (DomainFilter("d", Form.COMMA), ("acme.com", "x.org"), (("d", "acme.com,x.org"),)),
        (DomainFilter("d", Form.REPEATED), ("acme.com", "x.org"), (("d", "acme.com"), ("d", "x.org"))),
    ],
)
def test_a_list_is_narrowed_by_one_request_or_not_at_all(
    domain_filter: DomainFilter, domains: tuple[str, ...], expected: object
) -> None:
    """`*` needs no filter; what one request can't ask for is a reason to read the whole list."""
    assert narrow(domain_filter, domains) == expected


@pytest.mark.parametrize(
    ("form", "domains", "expected"),
    [
        (Form.SINGLE, ("acme.com",), (("d", "nobody.invalid"),)),
        (Form.REPEATED, ("acme.com",), (("d", "nobody.invalid"),)),
        (Form.REPEATED, ("a.com", "b.com", "c.com"), (("d", "nobody.invalid"), ("d", "nobody-else.invalid"))),
        (Form.COMMA, ("a.com", "b.com"), (("d", "nobody.invalid,nobody-else.invalid"),)),
    ],
)
def test_domains_that_cannot_exist_are_asked_for_in_the_same_way(
    form: Form, domains: tuple[str, ...], expected: object
) -> None:
    """An API may filter by one domain and ignore a list of them, or the other way round."""
    domain_filter = DomainFilter("d", form)
    narrowing = narrow(domain_filter, domains)
    assert not isinstance(narrowing, WholeReason)
    assert narrow_to_nobody(domain_filter, narrowing) == expected


def test_everything_is_asked_for_side_by_side() -> None:
    """What begins at the end is known from the newest page, and a filter from a domain that can't exist."""
    assert plan(QUERY, FIRST, {}, late=None, is_trusted=False) == (NEWEST, PROBE)
    assert plan(QUERY, SECOND, {}, late=None, is_trusted=False) == (ApiPage(1), NEWEST, PROBE)
    assert plan(QUERY, SECOND, {}, late=0, is_trusted=True) == (ApiPage(1),)
    oldest = replace(SECOND, oldest_first=True)
    assert plan(QUERY, oldest, {}, late=None, is_trusted=True) == (ApiPage(1, oldest_first=True), NEWEST)
    assert plan(QUERY, oldest, {}, late=2, is_trusted=True) == (ApiPage(1, oldest_first=True),)


def test_a_part_is_a_page_of_the_api() -> None:
    """From the newest, or from the oldest; the last one is shorter, and after it there are none."""
    trusted = {PROBE: Page((), 0, total=0)}
    assert plan(QUERY, FIRST, {NEWEST: page(1, 2, 3), **trusted}, late=None, is_trusted=False) == excerpt(1, 2, 3)
    pages = {ApiPage(2, oldest_first=True): page(1, total=7), NEWEST: page(1, 2, 3, total=7)}
    last = Part(2, 3, oldest_first=True)
    assert plan(QUERY, last, pages, late=None, is_trusted=True) == excerpt(1, total=7)
    assert plan(QUERY, Part(9, 3), {ApiPage(9): page()}, late=0, is_trusted=True) == excerpt()


def test_what_begins_at_the_end_is_dropped_and_all_that_follows_moves_up() -> None:
    """It comes first if `endDate` is inclusive, and it isn't counted. From the oldest it comes last."""
    pages = {NEWEST: page(-0, 1, 2, total=5)}
    assert count_late(QUERY, pages[NEWEST]) == 1
    assert plan(QUERY, FIRST, pages, late=None, is_trusted=True) == (ApiPage(1),)
    pages[ApiPage(1)] = page(3, 4, total=5)
    assert plan(QUERY, FIRST, pages, late=None, is_trusted=True) == excerpt(1, 2, 3, total=4)
    assert plan(QUERY, SECOND, {}, late=1, is_trusted=True) == (ApiPage(1), ApiPage(2))
    pages = {ApiPage(1): page(3, 4, total=5), ApiPage(2): page(total=5)}
    assert plan(QUERY, SECOND, pages, late=1, is_trusted=True) == excerpt(4, total=4)
    oldest = Part(1, 3, oldest_first=True)
    pages = {ApiPage(1, oldest_first=True): page(1, 0, total=5)}
    assert plan(QUERY, oldest, pages, late=1, is_trusted=True) == excerpt(1, total=4)


A, B, C = (conversation(number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (Page((A, B, C), 3, total=None), WholeReason.NO_TOTAL),
        (Page((A, B, C), 3, total=3), WholeReason.FULL_PAGE),
        (Page((A, B), 2, total=9), WholeReason.WRONG_LENGTH),
        (Page((A, B, C), 3, total=2), WholeReason.WRONG_LENGTH),
        (Page((A, B), 3, unreadable=1, total=9), WholeReason.UNREADABLE),
        (Page((A, B, C.replace(starts_at=None)), 3, total=9), WholeReason.UNDATED),
        (Page((A, B, B), 3, total=9), WholeReason.TWICE),
        (Page((A, B, C.replace(customer_domains=("x.org",))), 3, total=9), WholeReason.OTHER_DOMAIN),
        (Page((A, B, C.replace(customer_domains=())), 3, total=9), WholeReason.OTHER_DOMAIN),
        (Page((A, B, C.replace(starts_at=START - MINUTE)), 3, total=9), WholeReason.OUT_OF_RANGE),
        (Page((A.replace(starts_at=END + MINUTE), B, C), 3, total=9), WholeReason.OUT_OF_RANGE),
        (Page((B, A, C), 3, total=9), WholeReason.OUT_OF_ORDER),
        (Page(tuple(late.replace(starts_at=END) for late in (A, B, C)), 3, total=9), WholeReason.ALL_LATE),
    ],
)
def test_a_faulty_page_is_a_reason_to_read_the_whole_list(shown: Page, reason: WholeReason) -> None:
    """Whichever of the pages that were asked for it is."""
    assert plan(QUERY, FIRST, {NEWEST: shown}, late=None, is_trusted=True) is reason
    good = {ApiPage(1): page(4, 5, 6)}
    assert plan(QUERY, SECOND, {**good, NEWEST: shown}, late=None, is_trusted=True) is reason


@pytest.mark.parametrize(
    ("probe", "reason"),
    [
        (Page((), 0, total=None), WholeReason.UNCHECKED_FILTER),
        (Page((), 0, total=9), WholeReason.IGNORED_FILTER),
        (Page((A,), 1, total=0), WholeReason.IGNORED_FILTER),
    ],
)
def test_a_filter_is_trusted_only_if_nobody_has_nothing(probe: Page, reason: WholeReason) -> None:
    """A total of 0, and no record."""
    assert plan(QUERY, FIRST, {NEWEST: page(1, 2, 3), PROBE: probe}, late=None, is_trusted=False) is reason


@pytest.mark.parametrize(
    ("pages", "late"),
    [
        ({ApiPage(1): page(4, 5, 6), NEWEST: page(1, 2, 3, total=8)}, None),
        ({ApiPage(1): page(4, 5, 6), ApiPage(2): page(6, 7, 8)}, 1),
        ({ApiPage(1): page(0, 5, 6)}, 0),
    ],
)
def test_pages_that_do_not_fit_together_are_not_shown(pages: dict[ApiPage, Page], late: int | None) -> None:
    """The list has changed while they were read: the totals differ, a record is on both, or one begins at the end."""
    assert plan(QUERY, SECOND, pages, late=late, is_trusted=True) is WholeReason.CHANGED
