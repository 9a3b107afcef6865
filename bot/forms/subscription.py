"""What was entered in the form of a subscription: pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from bot import domains, ids
from bot.commands.digest import zone_named, zone_near

SHOWN = 3_000
"""Characters that a text input takes (https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element)."""
_BETWEEN = re.compile(r"[,;\s]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """`reason` is a key of the text catalogue (`digest.form.error.<reason>`)."""

    reason: str
    word: str = ""
    suggestion: str = ""


def domains_text(patterns: tuple[str, ...]) -> str:
    """As people write them, and as `read` takes them back; nothing where they are too many for an input."""
    text = ", ".join(_shown(each) for each in patterns)
    return text if len(text.encode("utf-16-le")) // 2 <= SHOWN else ""


def read(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Problem]]:
    """The fields of the Subscription that were asked for, and what is wrong by block_id, of a view's `state.values`.

    The fields are good only where nothing is wrong.
    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_submission
    """
    fields: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for block_id, states in values.items():
        state: Mapping[str, Any] = next(iter(states.values()), {})
        match block_id:
            case ids.DIGEST_DOMAINS:
                fields["domains"] = _domains(state, problems)
            case ids.DIGEST_AT:
                fields["at"] = _at(state, problems)
            case ids.DIGEST_DAYS:
                fields["days"] = _days(state, problems)
            case ids.DIGEST_ZONE:
                fields["timezone"] = _zone(state, problems)
            case ids.DIGEST_EMPTY:
                fields["empty"] = bool(state.get("selected_options"))
    return fields, problems


def _domains(state: Mapping[str, Any], problems: dict[str, Problem]) -> tuple[str, ...]:
    found = []
    for word in filter(None, _BETWEEN.split(str(state.get("value") or ""))):
        try:
            found.append(domains.normalise(word))
        except ValueError:
            problems[ids.DIGEST_DOMAINS] = Problem("domain", word)
            break
    if not found:
        problems.setdefault(ids.DIGEST_DOMAINS, Problem("no_domain"))
    return domains.distinct(found)


def _at(state: Mapping[str, Any], problems: dict[str, Problem]) -> time | None:
    try:
        return time.fromisoformat(str(state.get("selected_time") or ""))
    except ValueError:
        problems[ids.DIGEST_AT] = Problem("at")
        return None


def _days(state: Mapping[str, Any], problems: dict[str, Problem]) -> tuple[int, ...]:
    days = {int(each["value"]) for each in state.get("selected_options") or []}
    if not days:
        problems[ids.DIGEST_DAYS] = Problem("days")
    return () if len(days) == 7 else tuple(sorted(days))


def _zone(state: Mapping[str, Any], problems: dict[str, Problem]) -> str:
    text = str(state.get("value") or "")
    zone = zone_named(text)
    if zone is None:
        problems[ids.DIGEST_ZONE] = Problem("zone", text, zone_near(text) or "")
    return zone or ""


def _shown(pattern: str) -> str:
    """A name that can't be read back from how people write it stays as it is stored."""
    text = domains.display(pattern)
    try:
        return text if domains.normalise(text) == pattern else pattern
    except ValueError:
        return pattern
