"""What can be learned from a recording's file name: the moment, telephone numbers, and the rest as a title.

It understands the names that recorders give (Zoom, Teams, Meet, WhatsApp, Signal, OBS, macOS, Samsung, Asterisk, 3CX,
Basic Call Recorder) and those that people in Europe and America type. An ambiguous date is ignored.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

_LONGEST = 1_000
"""How many characters are read; file systems allow 255."""

_EXTENSION = re.compile(
    "3g[2p]|3gpp|aac|adts|aif[cf]?|aiff|amr|asf|au|avi|awb|caf|fla[cv]|flv|gsm|m2?ts|m4[abv]|mk[av]|mov|mp[234]|mpe?g|"
    "mpga|og[agv]|opus|spx|ts|wave?|webm|wm[av]",
    re.IGNORECASE,
)
_MONTHS = {"jan": 1, "feb": 2, "mar": 3, "mär": 3, "mrz": 3, "apr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7} | {
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "okt": 10,
    "nov": 11,
    "dec": 12,
    "dez": 12,
}
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-zä]{{0,7}}\.?"
_YEAR = "(?P<year>20[0-9]{2})"
_DAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2026-11-20, 2026_11_20, 20261120; Zoom's GMT20261120-143000 (https://support.zoom.com, article KB0079123)
        (
            rf"(?<![0-9+])(?P<utc>(?<![a-z])(?:gmt|utc))?{_YEAR}(?P<gap>[-_./ ]?)(?P<month>[0-9]{{2}})(?P=gap)"
            r"(?P<day>[0-9]{2})(?=(?:[0-9]{4}|[0-9]{6})?(?![0-9]))"
        ),
        # 20.11.2026, 1. 2. 2026, 20.11.26
        rf"(?<![0-9.+a-z])(?P<day>[0-9]{{1,2}})\. ?(?P<month>[0-9]{{1,2}})\. ?{_YEAR}(?![0-9])",
        r"(?<![0-9.+a-z])(?P<day>[0-9]{2})\.(?P<month>[0-9]{2})\.(?P<short>[0-9]{2})(?![0-9.])",
        # 20-11-2026 or 11-20-2026
        rf"(?<![0-9+])(?P<one>[0-9]{{1,2}})(?P<gap>[-_/])(?P<two>[0-9]{{1,2}})(?P=gap){_YEAR}(?![0-9])",
        # 20 November 2026, 20. Nov. 2026; Nov 20, 2026
        rf"(?<![0-9+])(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|\.)?[ _-]?{_MONTH}[ _-]?{_YEAR}(?![0-9])",
        rf"(?<![a-zä]){_MONTH}[ _-]?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?[ _-]{_YEAR}(?![0-9])",
        # Samsung's 261120_143000
        r"(?<![0-9+])(?P<short>[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?=_[0-9]{6}(?![0-9]))",
    )
)
_TIME = re.compile(
    r"""
    (?P<between>T | [ _.,-]{0,3} (?:(?:at|um|@)[ _])?)
    (?: (?P<hour>[0-9]{1,2}) (?P<gap>[:.h_-]) (?P<minute>[0-9]{2})
        (?: [:._-] (?P<second>[0-9]{2}) (?![0-9]) (?P<fraction>[.,][0-9]{1,9} (?=Z|UTC|GMT|CES?T|MES?Z|[ _+-]|$))? )?
      | (?P<hour2>[0-9]{2}) (?P<minute2>[0-9]{2})
        (?: (?P<second2>[0-9]{2})
            (?P<fraction2>[.,][0-9]{1,9} (?=Z|UTC|GMT|CES?T|MES?Z|[ _+-]|$) | _[0-9]{3} (?=[+-][0-9]{4}(?![0-9])))? )?
    )
    (?![0-9])
    (?: [ _]? (?P<half>[ap])\.?m\b\.? )?
    (?P<zone> Z (?![a-z0-9])
            | [ _]? (?:UTC|GMT) (?: [+-][0-9]{1,2} (?: :?[0-9]{2} )? )? (?![a-z0-9])
            | [ _]? (?:CET|CEST|MEZ|MESZ) (?![a-z0-9])
            | (?<=[0-9]) [ ]? [+-][0-9]{2} [:_.]? [0-9]{2} (?![0-9])
            | (?<=[0-9]) [+-][0-9]{2} (?=_|$)
    )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ZONES = {"CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2}
# With the country code or a trunk prefix: other long numbers are often ids.
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z.+])(?:(?:\+|00)[1-9][0-9]{0,14}(?:[ /()-]{1,2}[0-9]{2,14}){0,6}"
    r"|0[1-9][0-9]{1,13}(?:[ /()]{1,2}[0-9]{2,14}|-[0-9]{4,14}){0,4})(?![0-9A-Za-z])"
)
_DASHES = "-\N{EN DASH}\N{EM DASH}"
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]|\{\s*\}")
_SEPARATORS = re.compile(rf"\s*(?:[{_DASHES}|,;]\s*){{2,}}")
_EDGES = f" {_DASHES}_.,;:|+@#~"
_LEADING = re.compile(rf"^(?:[{_DASHES} _.,;:|@#~]|\+(?![0-9]))+")
_INVISIBLE = {"Cs", "Cf", "Co", "Cn"}
"""Surrogates, marks for the direction of writing, and characters without a glyph."""


_DIRECTIONS = (
    ("inbound", re.compile(r"(?<![a-z])(?:inbound|incoming|eingehende?r?)(?![a-z])", re.IGNORECASE)),
    ("outbound", re.compile(r"(?<![a-z])(?:outbound|outgoing|ausgehende?r?)(?![a-z])", re.IGNORECASE)),
)
# `in` is also a common word in titles, so it only counts between hyphens or underscores: at the beginning or after a
# number if a telephone number follows, or next to a moment with its zone.
_TOKENS = {"in": "inbound", "out": "outbound"}
_TOKEN = re.compile(r"(?:^|(?<=[0-9Z])[_-])(in|out)[_-](?=\+?[0-9]{3})", re.IGNORECASE)
_TOKEN_BEHIND_MOMENT = re.compile(r"[_-](in|out)(?=[_-]|$)", re.IGNORECASE)
_TOKEN_BEFORE_MOMENT = re.compile(r"(?:^|_)(in|out)_$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    title: str
    """The rest, without surrogates and control characters; the whole name if nothing is left."""
    at: datetime | None
    """If the name has a zone, in UTC; otherwise without a zone, as the recorder's clock showed it."""
    day: date | None
    """Also if there is no time."""
    numbers: tuple[str, ...]
    """Telephone numbers, as digits with `+` and the country code, or with the prefix 0."""
    direction: str = ""
    """`inbound` or `outbound`, if the name says so."""

    @property
    def caller(self) -> str:
        """Who called, if the name says so: the only number of an inbound call."""
        return self.numbers[0] if self.direction == "inbound" and len(self.numbers) == 1 else ""

    @property
    def callee(self) -> str:
        """Who was called: the only number of an outbound call."""
        return self.numbers[0] if self.direction == "outbound" and len(self.numbers) == 1 else ""


@dataclass(frozen=True, slots=True)
class _DayMatch:
    day: date
    is_utc: bool
    start: int
    end: int


def from_name(file_name: str) -> Named:
    """Read any file name. The caller checks whether the moment is in the future."""
    stem = _stem(_clean(file_name))
    day_match = next(_days(stem), None)
    if not day_match:
        return Named(_title(stem) or stem, None, None, _numbers(stem), _direction(stem))
    at, end = _moment(stem, day_match)
    before, after = stem[: day_match.start], stem[end:]
    day = at.date() if at else day_match.day
    direction = _direction(stem)
    if at and at.tzinfo:  # only recorders write it like this
        if token := _TOKEN_BEHIND_MOMENT.match(after):
            direction = direction or _TOKENS[token[1].lower()]
            after = after[token.end() :]
        elif token := _TOKEN_BEFORE_MOMENT.search(before):
            direction = direction or _TOKENS[token[1].lower()]
            before = before[: token.start()]
    numbers = (*_numbers(before), *_numbers(after))
    return Named(_title(f"{before} {after}") or stem, at, day, numbers, direction)


def _clean(name: str) -> str:
    """Return one line of composed characters (macOS decomposes them), with plain spaces."""
    cleaned = (
        " " if (kind := unicodedata.category(char)) == "Cc" or kind.startswith("Z") else char
        for char in name[:_LONGEST]
        if unicodedata.category(char) not in _INVISIBLE
    )
    return " ".join(unicodedata.normalize("NFC", "".join(cleaned)).split())


def _stem(name: str) -> str:
    """Return a name without its extension; other dots belong to the name."""
    stem, _, extension = name.rpartition(".")
    return stem.strip() if stem.strip() and _EXTENSION.fullmatch(extension) else name


def _days(stem: str) -> Iterator[_DayMatch]:
    """Yield every date in the name, the least ambiguous notations first."""
    for pattern in _DAYS:
        for match in pattern.finditer(stem):
            parts = match.groupdict()
            day = _day(parts)
            if day:
                yield _DayMatch(day, bool(parts.get("utc")), match.start(), match.end())


def _day(parts: dict[str, str | None]) -> date | None:
    year = int(parts.get("year") or f"20{parts.get('short')}")
    if parts.get("one"):
        one, two = int(parts["one"] or 0), int(parts["two"] or 0)
        if one <= 12 and two <= 12 and one != two:
            return None
        day, month = (one, two) if two <= 12 else (two, one)
    else:
        day = int(parts["day"] or 0)
        month = _MONTHS[(parts["name"] or "").lower()] if parts.get("name") else int(parts["month"] or 0)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _moment(stem: str, day_match: _DayMatch) -> tuple[datetime | None, int]:
    """Return the moment if a time follows the date, and where it ends."""
    match = _TIME.match(stem, day_match.end)
    if not match:
        return None, day_match.end
    hour, minute = int(match["hour"] or match["hour2"]), int(match["minute"] or match["minute2"])
    if match["half"]:
        if not 1 <= hour <= 12:
            return None, day_match.end
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    try:
        clock = time(hour, minute, int(match["second"] or match["second2"] or 0))
    except ValueError:
        return None, day_match.end
    zone, end = _zone(match)
    at = datetime.combine(day_match.day, clock, zone or (UTC if day_match.is_utc else None))
    return (at.astimezone(UTC) if at.tzinfo else at), end


def _zone(match: re.Match[str]) -> tuple[tzinfo | None, int]:
    """Return the zone of a time, and where both end."""
    text = (match["zone"] or "").strip(" _").upper()
    if not text:
        return None, match.end()
    if text in _ZONES:
        return timezone(timedelta(hours=_ZONES[text])), match.end()
    offset = re.sub(r"[^0-9+-]", "", text)
    if not offset:
        return UTC, match.end()
    digits = offset[1:]
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    is_zone = hours <= (14 if offset[0] == "+" else 12) and minutes in (0, 30, 45)
    if not is_zone or not (text[0] not in "+-" or _is_offset(match)):
        return None, match.start("zone")
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if offset[0] == "-" else ahead), match.end()


def _is_offset(match: re.Match[str]) -> bool:
    """Return whether signed digits are an offset: if hyphens separate the parts of a name, `-0100` may be a part.

    Two digits are only one if the time is as precise as only recorders write it.
    """
    is_precise = bool(match["fraction"] or match["fraction2"] or match["between"].upper() == "T")
    if is_precise or len(match["zone"]) == len("+02"):
        return is_precise
    return match["zone"].strip(" _")[0] == "+" or "-" not in match.string[: match.start("zone")]


def _title(text: str) -> str:
    words = _EMPTY.sub(" ", text.replace("_", " "))
    title = " ".join(_SEPARATORS.sub(" \N{EN DASH} ", words).split())
    return _LEADING.sub("", title).rstrip(_EDGES)


def _direction(stem: str) -> str:
    directions = {direction for direction, words in _DIRECTIONS if words.search(stem)}
    directions |= {_TOKENS[token.lower()] for token in _TOKEN.findall(stem)}
    return directions.pop() if len(directions) == 1 else ""


def _numbers(text: str) -> tuple[str, ...]:
    numbers = []
    for match in _NUMBER.finditer(text.replace("(0)", "")):
        groups = re.split(r"[ /()-]+", re.sub(r"^00", "+", match[0]))
        while len("".join(groups)) > 16:  # E.164 allows 15 digits: what follows is another number
            groups.pop()
        if len("".join(groups)) >= 8:
            numbers.append("".join(groups))
    return tuple(dict.fromkeys(numbers))
