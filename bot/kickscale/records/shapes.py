"""Texts, numbers, moments and lists from JSON of unknown structure. Nothing here ever raises.

The structure of most fields is not documented, so a text may be a string or an object that contains one. What contains
no text is empty; people never see Python or JSON syntax.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

TEXT_KEYS = (
    "text",
    "title",
    "name",
    "description",
    "content",
    "value",
    "label",
    "summary",
    "question",
    "message",
    "body",
)
LIST_KEYS = ("items", "data", "entries", "list", "results", "values")
_DEPTH = 4
_LONGEST_KEY = 200
_NUMBER_TYPES = (int, float)
_ITEM_TYPES = (str, dict)
"""Named, since `int | float` within a function makes an object each time."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[_\s-]+")
_CLOCK = re.compile(r"\s*(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)\s*")
_NUMBER = re.compile(r"\s*\d{9,}(\.\d*)?\s*")


def text(value: object, keys: Sequence[str] = TEXT_KEYS, depth: int = _DEPTH) -> str:
    """Return a string or a number, or that of the first of `keys` in an object that has one."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _well_formed(value).strip()
    if isinstance(value, dict) and depth:
        return next(filter(None, (text(value.get(key), keys, depth - 1) for key in keys)), "")
    return figure(value)


def _well_formed(value: str) -> str:
    """Return a text without lone surrogates, which JSON can contain; mostly the same object, which takes no memory."""
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode()
    return value


def identifier(value: object) -> str:
    """Return an id that is a text or a whole number; empty for anything else, and for a text with NUL.

    PostgreSQL keeps no NUL, and SQLite's JSON functions end a text there: nothing could be found by such an id.
    """
    if isinstance(value, str):
        return value if value.strip() and "\0" not in value and _well_formed(value) is value else ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e30 else ""


def prose(value: object) -> str:
    """Return a text of several lines: like `text`, but with a line for each item of a list."""
    return "\n".join(filter(None, (text(item) for item in value))) if isinstance(value, list) else text(value)


def figure(value: object) -> str:
    """Return a number as people read it, with at most two decimals; empty if it is none."""
    if not isinstance(value, _NUMBER_TYPES) or isinstance(value, bool) or not abs(value) <= 1e15:
        return ""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def number(value: object) -> float | None:
    """Return a finite number, or a string that is one, with or without `%`; None for anything else."""
    if isinstance(value, str) and len(value) < 40:
        try:
            parsed = float(value.strip().removesuffix("%"))
        except ValueError:
            return None
    elif isinstance(value, _NUMBER_TYPES) and not isinstance(value, bool) and abs(value) < 1e300:
        parsed = float(value)
    else:
        return None
    return parsed if math.isfinite(parsed) else None


def seconds(value: object) -> float | None:
    """Return a duration or an offset: a number of seconds, or `1:02:03`. None if it is negative or absurd."""
    clock = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if clock:
        return int(clock[1] or 0) * 3600.0 + int(clock[2]) * 60 + float(clock[3].replace(",", "."))
    parsed = number(value)
    return parsed if parsed is not None and 0 <= parsed < 1e9 else None


def moment(value: object) -> datetime | None:
    """Return ISO 8601 (by default in UTC), or seconds or milliseconds since 1970, as an aware UTC datetime."""
    if isinstance(value, str) and ("-" in value or not _NUMBER.fullmatch(value)):
        try:
            parsed = datetime.fromisoformat(value.strip())
            if parsed.tzinfo is UTC:
                return parsed
            return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    since = number(value)
    # Smaller numbers are before 1973, or not times at all; from 1e11 on, seconds would be after the year 5138.
    if since is None or not 1e8 <= since < 1e14:
        return None
    return datetime.fromtimestamp(since / 1000 if since >= 1e11 else since, UTC)


def first(node: Mapping[str, Any], *keys: str) -> Any:
    """Return the value of the first of these keys that isn't empty."""
    for key in keys:
        value = node.get(key)
        if value or (value is not None and isinstance(value, _NUMBER_TYPES)):  # 0 and False say something
            return value
    return None


def first_named(node: Mapping[str, Any], *names: str) -> Any:
    """Return the same for keys in any case, with underscores or without; `names` are in lower case."""
    return first({key.replace("_", "").lower(): value for key, value in node.items()}, *names)


def items(value: object, keys: Sequence[str] = TEXT_KEYS) -> list[Any]:
    """Return the items of a list, of an object that contains one, or the lines of a text.

    An object with one of `keys` is a single item; the values of any other object are its items.
    """
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return [
            line
            for raw_line in value.splitlines()
            if (line := re.sub(r"^\s*(?:[-*•\u2013]|\d{1,2}[.)])\s+", "", raw_line).strip())
        ]
    if not isinstance(value, dict):
        return []
    inner = first(value, *LIST_KEYS)
    if isinstance(inner, list):
        return inner
    if any(key in value for key in keys):
        return [value]
    inner_items = (item for nested in value.values() for item in (nested if isinstance(nested, list) else [nested]))
    return [item for item in inner_items if isinstance(item, _ITEM_TYPES)]


def leaves(value: object, name: str = "", depth: int = _DEPTH) -> Iterator[tuple[str, Any]]:
    """Yield every plain value in a structure, with the keys that lead to it joined by `: `.

    A long key is cut, and ends with `…`: it would be copied for each of the values below it.
    """
    if isinstance(value, dict) and depth:
        for key, inner in value.items():
            words = spaced(key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}…")
            yield from leaves(inner, f"{name}: {words}" if name else words, depth - 1)
    elif isinstance(value, list) and depth:
        for inner in value:
            yield from leaves(inner, name, depth - 1)
    else:
        yield name, value


def spaced(key: str) -> str:
    """Return a key as words: `wordsPerMinute` and `words_per_minute` as `words per minute`."""
    apart = _HUMP.sub(" ", text(key))
    return " ".join(_SEPARATORS.sub(" ", apart).lower().split())


def address(value: object) -> str:
    """Return an http or https address, from a string or an object that has one; empty for anything else."""
    url = text(value, ("url", "href", "link", "downloadUrl", "signedUrl", "value"))
    return url if re.fullmatch(r"https?://[^\s<>|\"]+", url, re.IGNORECASE) else ""
