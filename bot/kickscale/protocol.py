"""What is sent to the API and what its answers mean: pure.

The facts come from Kickscale's help article 13571612 ("Using the Kickscale API & Managing API Keys") and from PostHog's
Kickscale connector (PostHog/posthog, pull request 84291), whose author checked them against the live OpenAPI document:
two headers, zero-based pages, `sortingOrder`, dates as UTC instants, `scopes` whose default is `external` alone,
`expand`, and `{"data": […], "meta": {"total": N}}` or a bare array. The service is a NestJS one, so its errors are
`{"statusCode", "message", "error"}` (https://docs.nestjs.com/exception-filters).
"""

import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

from bot.domains import display
from bot.errors import (
    ConfigError,
    CredentialsRefused,
    KickscaleError,
    KickscaleRateLimited,
    KickscaleRedirected,
    KickscaleRejected,
    KickscaleUnavailable,
    KickscaleUnreadable,
)
from bot.kickscale.binding.operations import ById, DomainFilter, Form
from bot.model.conversation import Scope

PAGE_SIZE = 100
"""The most that is recommended."""
MAX_PAGES = 100
DOCUMENT_PATH = "/swagger-json"

Params = tuple[tuple[str, str], ...]

_SCOPES = {Scope.EXTERNAL: "external", Scope.INTERNAL: "internal", Scope.ALL: "internal,external"}
_BARE = ("", "forbidden", "forbidden resource", "unauthorized")
"""What NestJS says with a 401 or a 403 where nobody gave it other words."""
_BODY = 16_384
_WORDS = 500
"""Characters of an error's body that are looked at, and characters of the API's own words that are kept."""


# ---- asking --------------------------------------------------------------------------------------------------------


def headers(api_key: str, client_id: str) -> dict[str, str]:
    """Both are needed on every request. Raises ConfigError for a credential that no header can carry."""
    found = {}
    for name, variable, value in (
        ("api-key", "KICKSCALE_API_KEY", api_key),
        ("client-id", "KICKSCALE_CLIENT_ID", client_id),
    ):
        if not re.fullmatch(r"[!-~]+", value.strip()):
            raise ConfigError(variable, "copy it anew from Kickscale: it is empty, or has characters that no key has")
        found[name] = value.strip()
    return {**found, "accept": "application/json"}


def list_params(
    page: int,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    scope: Scope = Scope.EXTERNAL,
    narrowing: Params = (),
    page_size: int = PAGE_SIZE,
) -> Params:
    """The query of page `page` (from 0) of a list, newest first, narrowed by `narrowing`.

    Instants are sent to the second: `start` rounded down and `end` up, so that nothing between them is lost.
    """
    dates = []
    if start is not None:
        dates.append(("startDate", _instant(start)))
    if end is not None:
        dates.append(("endDate", _instant(end + timedelta(microseconds=999_999))))
    return (
        ("page", str(page)),
        ("pageSize", str(page_size)),
        ("sortingOrder", "descending"),
        *dates,
        ("scopes", _SCOPES[scope]),
        expand(transcript=False),
        *narrowing,
    )


def expand(*, transcript: bool) -> tuple[str, str]:
    """Without it the owner's profile and the transcript are absent."""
    return "expand", "user_client_augmentation,meeting_transcript" if transcript else "user_client_augmentation"


def by_id(how: ById, id: str, *, transcript: bool, expanded: bool = True) -> tuple[str, Params]:  # noqa: A002
    """The path and the query that ask for one, whatever its scope.

    The id is one segment or one value, whatever is in it. Raises ValueError for an id that cannot be one.
    """
    if not id or id in (".", "..") or len(id) > 255:
        raise ValueError("not an id")
    id.encode()
    more = (expand(transcript=transcript),) if expanded else ()
    if how.parameter:
        return how.path, (
            ("page", "0"),
            ("pageSize", str(PAGE_SIZE)),
            ("scopes", _SCOPES[Scope.ALL]),
            *more,
            (how.parameter, id),
        )
    before, _, after = re.sub(r"\{[^{}]*\}", "{}", how.path).partition("{}")
    return f"{before}{quote(id, safe='')}{after}", more


def narrowings(domain_filter: DomainFilter, domains: Iterable[str]) -> tuple[Params, ...]:
    """What narrows a list to these domains: one narrowing for each request that it takes, an empty one for all.

    A filter covers plain domains alone, so with a pattern among them everything is read. An international domain is
    asked for in both its forms, since it is not known which of them the API keeps.
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
    """The address below the API's base address, whose own path is kept."""
    query = urlencode(params, quote_via=quote, safe=",:")
    return f"{base.rstrip('/')}{path}{'?' if query else ''}{query}"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- answers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one response, untouched, and `meta.total` where it has one."""

    items: Sequence[Any]
    total: int | None = None


def decode(body: bytes) -> Any:
    """The JSON of a body; None for an empty one, which is what NestJS makes of null. Raises KickscaleUnreadable."""
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise KickscaleUnreadable("not JSON") from exc


def read_page(document: object) -> Records:
    """The page that a list operation answered with. Raises KickscaleUnreadable for any other shape."""
    if isinstance(document, list):
        return Records(document)
    if isinstance(document, Mapping) and isinstance(document.get("data"), list):
        meta = document.get("meta")
        return Records(document["data"], _count(meta.get("total")) if isinstance(meta, Mapping) else None)
    raise KickscaleUnreadable("neither a list nor an object with data")


def read_one(document: object) -> Records:
    """What a request for one answered with: a record, a record in `data`, a page, or nothing."""
    if document is None:
        return Records(())
    if isinstance(document, Mapping):
        data = document.get("data")
        if isinstance(data, Mapping) or ("data" in document and data is None):
            return Records(() if data is None else (data,))
        if not isinstance(data, list):
            return Records((document,))
    return read_page(document)


def _count(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value):
        return int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15 and value == int(value):
        return int(value)
    return None


# ---- errors --------------------------------------------------------------------------------------------------------


def error(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime, secrets: Iterable[str] = ()
) -> KickscaleError | None:
    """What an answer that is not a success means, without any of `secrets`; None for a success.

    `headers` are looked up in lower case. A 404 is a KickscaleRejected: what was not found, the asker knows.
    """
    if 200 <= status < 300:
        return None
    if status in (401, 403):
        said = words(body, secrets)
        return CredentialsRefused("" if said.casefold().rstrip(".") in _BARE else said)
    if status == 429:
        return KickscaleRateLimited(retry_after(headers, now))
    if 300 <= status < 400:
        return KickscaleRedirected(re.split(r"[?#]", headers.get("location", ""))[0][:200])
    if 400 <= status < 500:
        return KickscaleRejected(status, words(body, secrets))
    return KickscaleUnavailable(status)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait: `Retry-After` as a number or as a date (RFC 9110, section 10.2.3); None where there is none.

    A date is measured from the server's own `Date`, since its clock and ours may differ.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", value):
        return float(value)
    until = _http_date(value)
    if until is None:
        return None
    return max(0.0, (until - (_http_date(headers.get("date", "")) or now)).total_seconds())


def words(body: bytes, secrets: Iterable[str] = ()) -> str:
    """The API's own words in an error's body: NestJS's `message`, one or several; plain text; HTML without its tags.

    Never JSON as such: a body that says nothing in words is empty here. None of `secrets` is in it, also where the
    body had it escaped.
    """
    hidden = re.compile("|".join(map(re.escape, secrets)) or "(?!)", re.IGNORECASE)
    plain = hidden.sub("***", body.decode("utf-8", "replace"))[:_BODY].strip()
    try:
        said = _said(json.loads(plain))
    except (ValueError, RecursionError):
        said = plain if not plain.startswith(("{", "[")) else ""
        if re.search(r"<[a-z!/]", said, re.IGNORECASE):
            said = re.sub(r"<(script|style|title)\b.*?</\1\s*>", " ", said, flags=re.IGNORECASE | re.DOTALL)
            said = html.unescape(re.sub(r"<[^>]*>", " ", said))
    said = hidden.sub("***", " ".join("".join(each if each.isprintable() else " " for each in said).split()))
    return said if len(said) <= _WORDS else f"{said[: _WORDS - 1]}…"


def refuses(rejected: KickscaleRejected, parameter: str) -> bool:
    """Whether a rejection is about this query parameter, as in NestJS's `property x should not exist`."""
    return rejected.status in (400, 422) and bool(
        re.search(rf"(?<![\w]){re.escape(parameter)}(?![\w])", rejected.message, re.IGNORECASE)
    )


def is_unknown_parameter(rejected: KickscaleRejected) -> bool:
    """Whether the parameter itself is refused, rather than its value."""
    return (
        re.search(r"should not exist|not allowed|unknown|unexpected|unrecogni", rejected.message, re.IGNORECASE)
        is not None
    )


def is_missing_route(rejected: KickscaleRejected) -> bool:
    """Whether a 404 is about the address rather than the id: Express and NestJS say `Cannot GET /calls/…`."""
    return rejected.status == 404 and "Cannot GET" in rejected.message


def _said(value: object, depth: int = 4) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and depth:
        return "; ".join(filter(None, (_said(each, depth - 1) for each in value)))
    if isinstance(value, Mapping) and depth:
        candidates = (value.get(key) for key in ("message", "detail", "error", "title", "description"))
        return next(filter(None, (_said(each, depth - 1) for each in candidates)), "")
    return ""


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
