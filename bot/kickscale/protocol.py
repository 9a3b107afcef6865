"""What is sent to the API, and how the shape of its answers is read: pure. `failures` reads its errors.

The facts come from Kickscale's help article 13571612 ("Using the Kickscale API & Managing API Keys") and from PostHog's
Kickscale connector (PostHog/posthog, pull request 84291), whose author checked them against the live OpenAPI document:
two headers, zero-based pages, `sortingOrder`, dates as UTC instants, `scopes` whose default is `external` only,
`expand`, and `{"data": […], "meta": {"total": N}}` or a bare array.
"""

import contextlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from pydantic_core import from_json

from bot.domains import display
from bot.errors import (
    ConfigError,
    KickscaleUnreadable,
)
from bot.kickscale.binding.operations import ById, DomainFilter, Form
from bot.model.conversation import Scope

PAGE_SIZE = 100
"""The largest that Kickscale recommends."""
MAX_PAGES = 100
DOCUMENT_PATH = "/swagger-json"

Params = tuple[tuple[str, str], ...]

_SCOPES = {Scope.EXTERNAL: "external", Scope.INTERNAL: "internal", Scope.ALL: "internal,external"}


# ---- asking --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ApiAccess:
    """Where the API is, and the credentials for it."""

    base_url: str
    api_key: str = field(repr=False)
    client_id: str = field(repr=False)
    storage_hosts: Collection[str] = ()
    """If there are any, links to recordings may lead only to these, besides the API's own host, and recordings are put
    nowhere else."""

    def headers(self) -> dict[str, str]:
        """Return the headers that every request needs. Raises ConfigError for a credential that no header can carry."""
        credentials = {}
        for name, variable, value in (
            ("api-key", "KICKSCALE_API_KEY", self.api_key),
            ("client-id", "KICKSCALE_CLIENT_ID", self.client_id),
        ):
            if not re.fullmatch(r"[!-~]+", value.strip()):
                raise ConfigError(
                    variable, "is empty or contains characters that no key has. Copy it from Kickscale again."
                )
            credentials[name] = value.strip()
        return {**credentials, "accept": "application/json"}

    def secrets(self) -> list[str]:
        """Return what must not be in anything that people or the log read."""
        return [secret for secret in (self.api_key.strip(), self.client_id.strip()) if len(secret) > 3]


def list_params(
    page: int,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    scope: Scope = Scope.EXTERNAL,
    narrowing: Params = (),
    page_size: int = PAGE_SIZE,
    oldest_first: bool = False,
) -> Params:
    """Return the query for one page of a list, newest first unless `oldest_first`. Pages are counted from 0.

    Instants are sent in whole seconds, with `start` rounded down and `end` rounded up, so that nothing is lost.
    """
    dates = []
    if start is not None:
        dates.append(("startDate", _instant(start)))
    if end is not None:
        dates.append(("endDate", _instant(sent_end(end))))
    return (
        ("page", str(page)),
        ("pageSize", str(page_size)),
        ("sortingOrder", "ascending" if oldest_first else "descending"),
        *dates,
        ("scopes", _SCOPES[scope]),
        expand(transcript=False),
        *narrowing,
    )


def sent_end(end: datetime) -> datetime:
    """Return the `endDate` that is sent for this end: whole seconds, rounded up."""
    return (end + timedelta(microseconds=999_999)).replace(microsecond=0)


def expand(*, transcript: bool) -> tuple[str, str]:
    """Return the parameter without which the owner's profile and the transcript are missing."""
    return "expand", "user_client_augmentation,meeting_transcript" if transcript else "user_client_augmentation"


def by_id(operation: ById, id: str, *, transcript: bool, expanded: bool = True) -> tuple[str, Params]:  # noqa: A002
    """Return the path and the query that ask for one record, of any scope.

    Whatever is in the id, it stays a single segment or value. Raises ValueError for what can't be an id.
    """
    if not id or id in (".", "..") or len(id) > 255:
        raise ValueError("not an id")
    id.encode()
    expansion = (expand(transcript=transcript),) if expanded else ()
    if operation.parameter:
        return operation.path, (
            ("page", "0"),
            ("pageSize", str(PAGE_SIZE)),
            ("scopes", _SCOPES[Scope.ALL]),
            *expansion,
            (operation.parameter, id),
        )
    before, _, after = re.sub(r"\{[^{}]*\}", "{}", operation.path).partition("{}")
    return f"{before}{quote(id, safe='')}{after}", expansion


def narrowings(domain_filter: DomainFilter, domains: Iterable[str]) -> tuple[Params, ...]:
    """Return the parameters that narrow a list to these domains, once for each request that is needed.

    A filter knows plain domains only, so with a pattern among them the whole list is read, with no parameters. An
    international domain is asked for in both its forms, since it isn't known which one the API stores.
    """
    wanted = list(dict.fromkeys(domains))
    if not domain_filter.name or not wanted or any(domain.startswith("*") for domain in wanted):
        return ((),)
    values = list(dict.fromkeys(form for domain in wanted for form in (domain, display(domain))))
    match domain_filter.form:
        case Form.REPEATED:
            return (tuple((domain_filter.name, value) for value in values),)
        case Form.COMMA:
            return (((domain_filter.name, ",".join(values)),),)
        case Form.SINGLE:
            return tuple(((domain_filter.name, value),) for value in values)


def url(base: str, path: str, params: Params = ()) -> str:
    """Return the address of a path below the API's base address, which may have a path of its own."""
    query = urlencode(params, quote_via=quote, safe=",:")
    return f"{base.rstrip('/')}{path}{'?' if query else ''}{query}"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- answers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one response as they came, and its `meta.total` if it has one."""

    items: Sequence[Any]
    total: int | None = None


def decode(body: bytes) -> Any:
    """Return the JSON of a body; None for an empty one, as NestJS sends for null. Raises KickscaleUnreadable.

    pydantic's parser is faster than Python's, which accepts more: e.g. lone surrogates, UTF-16, deeper nesting.
    """
    if not body.strip():
        return None
    with contextlib.suppress(ValueError):
        return from_json(body, cache_strings="keys")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise KickscaleUnreadable("not JSON") from exc


def read_page(document: object) -> Records:
    """Return the page in a list operation's answer. Raises KickscaleUnreadable for any other shape."""
    if isinstance(document, list):
        return Records(document)
    if isinstance(document, Mapping) and isinstance(document.get("data"), list):
        return Records(document["data"], total(document.get("meta")))
    raise KickscaleUnreadable("not a list or an object with data")


def read_one(document: object) -> Records:
    """Return what the answer to a request for one has: a record, a record in `data`, a page, or nothing."""
    if document is None:
        return Records(())
    if isinstance(document, Mapping):
        data = document.get("data")
        if isinstance(data, Mapping) or ("data" in document and data is None):
            return Records(() if data is None else (data,))
        if not isinstance(data, list):
            return Records((document,))
    return read_page(document)


def total(meta: object) -> int | None:
    """Return `meta.total`; None if there is none, or if it isn't a count."""
    value = meta.get("total") if isinstance(meta, Mapping) else None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value):
        return int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15 and value == int(value):
        return int(value)
    return None
