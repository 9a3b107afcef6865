"""Texts, numbers, moments and lists out of JSON whose shape nobody promised. Nothing here raises, whatever the value.

The inner shapes of most fields are not documented, so a text may be a string or an object that holds one. A text never
is the look of a Python or JSON object: what holds no text is empty.
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


def text(value: object, keys: Sequence[str] = TEXT_KEYS, depth: int = _DEPTH) -> str:
    """A string or a number, or the first of `keys` in an object that holds one."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().strip()  # half of a surrogate pair is valid JSON
    if isinstance(value, Mapping) and depth:
        return next(filter(None, (text(value.get(key), keys, depth - 1) for key in keys)), "")
    return figure(value)


def prose(value: object) -> str:
    """A text of several lines: as `text`, and a list is one line for each item."""
    return "\n".join(filter(None, (text(each) for each in value))) if isinstance(value, list) else text(value)


def figure(value: object) -> str:
    """A number for reading, at most two decimals; empty for what is none."""
    found = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if found is None or not abs(found) <= 1e15:
        return ""
    return f"{found:.2f}".rstrip("0").rstrip(".") if isinstance(found, float) else str(found)


def number(value: object) -> float | None:
    """A finite number, or a string that is one, also with `%` behind."""
    if isinstance(value, str) and len(value) < 40:
        try:
            found = float(value.strip().removesuffix("%"))
        except ValueError:
            return None
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:
        found = float(value)
    else:
        return None
    return found if math.isfinite(found) else None


def seconds(value: object) -> float | None:
    """A length or a place in time: a number of seconds, or `1:02:03`; None for a negative or absurd one."""
    clock = (
        re.fullmatch(r"\s*(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)\s*", value) if isinstance(value, str) else None
    )
    if clock:
        return int(clock[1] or 0) * 3600.0 + int(clock[2]) * 60 + float(clock[3].replace(",", "."))
    found = number(value)
    return found if found is not None and 0 <= found < 1e9 else None


def moment(value: object) -> datetime | None:
    """ISO 8601 (UTC where it names no zone), or seconds or milliseconds since 1970, as an aware UTC datetime."""
    if isinstance(value, str) and not re.fullmatch(r"\s*\d{9,}(\.\d*)?\s*", value):
        try:
            found = datetime.fromisoformat(value.strip())
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    since = number(value)
    # Below are years before 1973, or small numbers that are no moment at all; from 1e11 on, seconds would be past 5138.
    if since is None or not 1e8 <= since < 1e14:
        return None
    return datetime.fromtimestamp(since / 1000 if since >= 1e11 else since, UTC)


def first(node: Mapping[str, Any], *keys: str) -> Any:
    """The first of these keys that holds anything."""
    return next((node[key] for key in keys if node.get(key) not in (None, "", [], {})), None)


def items(value: object, keys: Sequence[str] = TEXT_KEYS) -> list[Any]:
    """The items of a list, of an object that holds or is one, or of the lines of a text.

    An object with one of `keys` is a single item; of any other the values are the items.
    """
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return [
            line
            for each in value.splitlines()
            if (line := re.sub(r"^\s*(?:[-*•\u2013]|\d{1,2}[.)])\s+", "", each).strip())
        ]
    if not isinstance(value, Mapping):
        return []
    inner = first(value, *LIST_KEYS)
    if isinstance(inner, list):
        return inner
    if any(key in value for key in keys):
        return [value]
    within = (one for each in value.values() for one in (each if isinstance(each, list) else [each]))
    return [each for each in within if isinstance(each, str | Mapping)]


def leaves(value: object, name: str = "", depth: int = _DEPTH) -> Iterator[tuple[str, Any]]:
    """Every plain value within, with the keys that lead to it joined by `: `."""
    if isinstance(value, Mapping) and depth:
        for key, each in value.items():
            yield from leaves(each, f"{name}: {spaced(key)}" if name else spaced(key), depth - 1)
    elif isinstance(value, list) and depth:
        for each in value:
            yield from leaves(each, name, depth - 1)
    else:
        yield name, value


def spaced(key: str) -> str:
    """`wordsPerMinute` and `words_per_minute` as `words per minute`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text(key))
    return " ".join(re.sub(r"[_\s-]+", " ", apart).lower().split())


def address(value: object) -> str:
    """An http or https address, from a string or an object that holds one; empty for anything else."""
    found = text(value, ("url", "href", "link", "downloadUrl", "signedUrl", "value"))
    return found if re.fullmatch(r"https?://[^\s<>|\"]+", found, re.IGNORECASE) else ""
