"""Read and validate the query of a list, with the messages of NestJS's ValidationPipe.

https://docs.nestjs.com/techniques/validation and the messages of typestack/class-validator. The pipe runs after
the guard, so wrong credentials are reported before a wrong query.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.sandbox.kickscale.nest import Refusal
from bot.sandbox.kickscale.variant import ById, DomainForm, Oversize, Variant

PAGE_SIZE = 20
"""The default, by the connector; 100 is its "maximum recommended"."""
LARGEST_PAGE = 100
SCOPES = ("internal", "external")
EXPANSIONS = ("user_client_augmentation", "meeting_transcript")
ORDERS = ("ascending", "descending")

_INTEGER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Listing:
    """Which part of a list is requested."""

    page: int = 0
    page_size: int = PAGE_SIZE
    is_ascending: bool = False
    start: datetime | None = None
    end: datetime | None = None
    scopes: frozenset[str] = frozenset({"external"})
    expand: frozenset[str] = frozenset()
    domains: frozenset[str] | None = None
    ids: frozenset[str] | None = None


def read_listing(kind: str, pairs: Iterable[tuple[str, str]], variant: Variant) -> Listing:
    """Read the query of `GET /calls` or `GET /meetings`. Raises Refusal (400) with everything that is wrong."""
    read = _Reader(pairs)
    has_id = variant.by_id is ById.QUERY
    listing = Listing(
        page=read.integer("page", 0, 0),
        page_size=min(
            read.integer("pageSize", PAGE_SIZE, 1, LARGEST_PAGE if variant.oversize is Oversize.REJECT else None),
            10**9 if variant.oversize is Oversize.HONOUR else LARGEST_PAGE,
        ),
        # The connector sets `ascending` explicitly, so it can't be the default.
        is_ascending=read.choice("sortingOrder", ORDERS, "descending") == "ascending" and not variant.order_ignored,
        start=read.moment("startDate"),
        end=read.moment("endDate"),
        scopes=read.choices("scopes", SCOPES) or frozenset({"external"}),
        expand=read.choices("expand", EXPANSIONS),
        domains=read.texts(variant.domain_filter, variant.domain_form) if variant.domain_filter else None,
        ids=read.texts(variant.id_of(kind), DomainForm.SINGLE) if has_id else None,
    )
    read.finish(variant)
    return listing


def read_expand(pairs: Iterable[tuple[str, str]], variant: Variant) -> frozenset[str]:
    """Read the query of `GET /calls/{id}`."""
    read = _Reader(pairs)
    expand = read.choices("expand", EXPANSIONS)
    read.finish(variant)
    return expand


def read_moment(text: str) -> datetime | None:
    """Return an ISO 8601 moment, by default in UTC like on a server that runs in UTC. None for anything else."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class _Reader:
    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)
        self._known: set[str] = set()
        self._wrong: list[str] = []

    def integer(self, name: str, default: int, least: int, most: int | None = None) -> int:
        values = self._take(name)
        if not values:
            return default
        # A parameter that occurs twice becomes an array (Express's query parser), which is no number.
        value = int(values[0]) if len(values) == 1 and _INTEGER.fullmatch(values[0]) else None
        wrong = []
        if most is not None and (value is None or value > most):
            wrong.append(f"{name} must not be greater than {most}")
        if value is None or value < least:
            wrong.append(f"{name} must not be less than {least}")
        if value is None:
            wrong.append(f"{name} must be an integer number")
        self._wrong += wrong
        return default if value is None or wrong else value

    def choice(self, name: str, among: tuple[str, ...], default: str) -> str:
        values = self._take(name)
        if values and (len(values) > 1 or values[0] not in among):
            self._wrong.append(f"{name} must be one of the following values: {', '.join(among)}")
        return values[0] if values else default

    def choices(self, name: str, among: tuple[str, ...]) -> frozenset[str]:
        """Read a list that is joined by commas, as the connector sends it."""
        values = self._take(name)
        chosen = values[0].split(",") if len(values) == 1 else []
        if len(values) > 1 or not set(chosen) <= set(among):
            self._wrong.append(f"each value in {name} must be one of the following values: {', '.join(among)}")
        return frozenset(chosen)

    def moment(self, name: str) -> datetime | None:
        values = self._take(name)
        if not values:
            return None
        moment = read_moment(values[0]) if len(values) == 1 else None
        if moment is None:
            self._wrong.append(f"{name} must be a valid ISO 8601 date string")
        return moment

    def texts(self, name: str, form: DomainForm) -> frozenset[str] | None:
        values = self._take(name)
        if not values:
            return None
        if len(values) > 1 and form is not DomainForm.REPEATED:
            self._wrong.append(f"{name} must be a string")
        if form is DomainForm.COMMA:
            values = values[0].split(",")
        return frozenset(values)

    def finish(self, variant: Variant) -> None:
        if variant.rejects_unknown:
            self._wrong += [f"property {name} should not exist" for name in self._values if name not in self._known]
        if self._wrong:
            raise Refusal(400, self._wrong)

    def _take(self, name: str) -> list[str]:
        self._known.add(name)
        return self._values.get(name, [])
