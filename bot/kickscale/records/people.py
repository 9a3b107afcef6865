"""People in records: the owner, the ends of a call, the participants and their shares of talking."""

import re
from typing import Any

from bot.kickscale.records.shapes import TEXT_KEYS, first, identifier, items, number, text
from bot.model.conversation import Owner, Participant

_NAME_KEYS = ("name", "fullName", "full_name", "displayName", "display_name")
_FIRST_NAMES = ("firstName", "first_name", "givenName")
_LAST_NAMES = ("lastName", "last_name", "familyName", "surname")
_EMAIL_KEYS = ("email", "emailAddress", "email_address", "mail")
_SHARE_KEYS = (
    *("talkShare", "talk_share", "talkRatio", "talk_ratio", "speakRatio", "speak_ratio", "speakShare", "speakingShare"),
    *("speakingRatio", "talkPercentage", "speakPercentage", "speakingPercentage", "percentage", "share"),
)


def person(value: object, depth: int = 3) -> Owner:
    """Return a person who is given as an object, a name, or `Name <address>`."""
    if isinstance(value, dict):
        id_ = identifier(first(value, "id", "userId", "_id"))
        name = text(first(value, *_NAME_KEYS)) or _full_name(value)
        email = _email(first(value, *_EMAIL_KEYS))
        inner = first(value, "profile", "user", "person") if depth else None
        if not isinstance(inner, dict):
            return Owner(id_, name, email)
        within = person(inner, depth - 1)
        return Owner(id_ or within.id, name or within.name, email or within.email)
    written = text(value)
    email = _email(written)
    return Owner(name=written.replace(email, " ").strip(" <>()\"',") if email else written, email=email)


def _full_name(value: dict[str, Any]) -> str:
    first_name, last_name = text(first(value, *_FIRST_NAMES)), text(first(value, *_LAST_NAMES))
    return f"{first_name} {last_name}" if first_name and last_name else first_name or last_name


def _email(value: object) -> str:
    beginning = text(value)[:_LONGEST_PERSON]
    match = _EMAIL.search(beginning) if "@" in beginning else None
    return match[0] if match else ""


_EMAIL = re.compile(r"[^\s<>(),;:|\"]{1,64}@[^\s<>(),;:|\"]{1,253}")
_LONGEST_PERSON = 1_000
"""Characters in which an address is looked for: every one of them may be read 64 times."""


def owner(value: object) -> Owner:
    """Return the owner, who may be just an id without `expand`."""
    if isinstance(value, dict):
        return person(value)
    return person(value) if _email(value) else Owner(id=identifier(value))


def party(value: object) -> str:
    """Return one end of a call: a name, a number, or an object with either."""
    who = person(value)
    return who.name or who.email or text(value, ("number", "phone", "phoneNumber", "phone_number", *TEXT_KEYS))


def participants(value: object, emails: object) -> tuple[Participant, ...]:
    """Return who took part, by the addresses only if nothing else is known."""
    people = _people(value) or _people(emails)
    shares = list(map(_share, people))
    # If one share is above 1, all are in percent: 0.4 beside 60 is 0.4 %.
    whole = 100 if any(share is not None and share > 1 for share in shares) else 1
    named = []
    for who, share in zip(map(person, people), shares, strict=True):
        if who.name or who.email:
            fraction = None if share is None or not 0 <= share <= whole else share / whole
            named.append(Participant(who.name, who.email, fraction))
    return tuple(named)


def _people(value: object) -> list[Any]:
    if isinstance(value, str):
        return re.split(r"[,;\n]", value)
    return items(value, (*_NAME_KEYS, *_EMAIL_KEYS, *_FIRST_NAMES, *_LAST_NAMES))


def _share(value: object) -> float | None:
    """Return the share of talking as it is given: from 0 to 1, or from 0 to 100."""
    if not isinstance(value, dict):
        return None
    metrics = value.get("metrics")
    share = first(value, *_SHARE_KEYS)
    if share is None and isinstance(metrics, dict):
        share = first(metrics, *_SHARE_KEYS)
    return number(share)
