"""What the API's error responses mean: pure.

The service is a NestJS one, so its errors are `{"statusCode", "message", "error"}`
(https://docs.nestjs.com/exception-filters).
"""

import html
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import chain

from bot.errors import (
    CredentialsRefused,
    KickscaleError,
    KickscaleRateLimited,
    KickscaleRedirected,
    KickscaleRejected,
    KickscaleUnavailable,
)

_BARE = ("", "forbidden", "forbidden resource", "unauthorized")
"""NestJS's message of a 401 or a 403 if the service has no other words."""
_BODY = 16_384
"""How many characters of an error's body are read."""
_WORDS = 500
"""How many characters of the API's own words are kept."""


def read_failure(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime, secrets: Iterable[str] = ()
) -> KickscaleError | None:
    """Return what an unsuccessful response means, without any of `secrets` in it; None for a success.

    `headers` are looked up in lower case. A 404 is a KickscaleRejected: only the caller knows what wasn't found.
    """
    if 200 <= status < 300:
        return None
    if status in (401, 403):
        message = words(body, secrets)
        return CredentialsRefused("" if message.casefold().rstrip(".") in _BARE else message)
    if status == 429:
        return KickscaleRateLimited(retry_after(headers, now))
    if 300 <= status < 400:
        return KickscaleRedirected(re.split(r"[?#]", headers.get("location", ""))[0][:200])
    if 400 <= status < 500:
        return KickscaleRejected(status, words(body, secrets))
    return KickscaleUnavailable(status)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds to wait by `Retry-After`, a number or a date (RFC 9110, section 10.2.3); None without it.

    A date is compared with the server's own `Date`, since its clock and ours may differ.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", value):
        return float(value)
    until = _http_date(value)
    if until is None:
        return None
    return max(0.0, (until - (_http_date(headers.get("date", "")) or now)).total_seconds())


def words(body: bytes, secrets: Iterable[str] = ()) -> str:
    """Return the API's own words in an error's body: NestJS's `message`s, plain text, or HTML without its tags.

    Never raw JSON: the result is empty if the body has no words. None of `secrets` is in it, even if it was escaped in
    the body.
    """
    hidden = re.compile("|".join(map(re.escape, secrets)) or "(?!)", re.IGNORECASE)
    plain = hidden.sub("***", body.decode("utf-8", "replace"))[:_BODY].strip()
    try:
        message = _message_of(json.loads(plain))
    except (ValueError, RecursionError):
        message = plain if not plain.startswith(("{", "[")) else ""
        if re.search(r"<[a-z!/]", message, re.IGNORECASE):
            message = html.unescape(re.sub(r"<[^<>]*>", " ", _drop_invisible(message)))
    printable = "".join(char if char.isprintable() else " " for char in message)
    message = hidden.sub("***", " ".join(printable.split()))
    return message if len(message) <= _WORDS else f"{message[: _WORDS - 1]}…"


def _drop_invisible(page: str) -> str:
    """Return an HTML page without its scripts, styles and titles, including those that don't end."""
    for name in ("script", "style", "title"):
        before, *elements = re.split(rf"<{name}\b", page, flags=re.IGNORECASE)
        after = (re.split(rf"</{name}\s*>", element, maxsplit=1, flags=re.IGNORECASE)[1:] for element in elements)
        page = " ".join([before, *chain.from_iterable(after)])
    return page


def refuses(rejected: KickscaleRejected, parameter: str) -> bool:
    """Return whether a rejection is about this query parameter, as in NestJS's `property x should not exist`."""
    return rejected.status in (400, 422) and bool(
        re.search(rf"(?<![\w]){re.escape(parameter)}(?![\w])", rejected.message, re.IGNORECASE)
    )


def is_unknown_parameter(rejected: KickscaleRejected) -> bool:
    """Return whether the parameter itself is refused, rather than its value."""
    return (
        re.search(r"should not exist|not allowed|unknown|unexpected|unrecogni", rejected.message, re.IGNORECASE)
        is not None
    )


def is_missing_route(rejected: KickscaleRejected) -> bool:
    """Return whether a 404 is about the path rather than the id: Express and NestJS say `Cannot GET /calls/…`."""
    return rejected.status == 404 and "Cannot GET" in rejected.message


def _message_of(value: object, depth: int = 4) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and depth:
        return "; ".join(filter(None, (_message_of(item, depth - 1) for item in value)))
    if isinstance(value, Mapping) and depth:
        candidates = (value.get(key) for key in ("message", "detail", "error", "title", "description"))
        return next(filter(None, (_message_of(candidate, depth - 1) for candidate in candidates)), "")
    return ""


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
