"""What somebody entered in the form of a subscription: pure."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Any

from bot import domains, ids
from bot.model.digests import FormProblem, SubscriptionFields
from bot.texts.languages import DEFAULT, LANGUAGES
from bot.tools.zone_names import is_fixed, zone_named, zone_near

_SEPARATORS = re.compile(r"[,;\s]+")


def read_form(values: Mapping[str, Any]) -> tuple[SubscriptionFields, dict[str, FormProblem]]:
    """Return the fields that were asked for, and the problems by block_id, of a view's `state.values`.

    The fields are good only if there are no problems.
    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_submission
    """
    fields: SubscriptionFields = {}
    problems: dict[str, FormProblem] = {}
    for block_id, states in values.items():
        state: Mapping[str, Any] = next(iter(states.values()), {})
        match block_id:
            case ids.DIGEST_DOMAINS:
                fields["domains"] = _domains(state, problems)
            case ids.DIGEST_AT:
                if (at := _at(state, problems)) is not None:
                    fields["at"] = at
            case ids.DIGEST_DAYS:
                fields["days"] = _days(state, problems)
            case ids.DIGEST_ZONE:
                fields["timezone"] = _zone(state, problems)
            case ids.DIGEST_EMPTY:
                fields["empty"] = bool(state.get("selected_options"))
            case ids.DIGEST_LANGUAGE:
                language = str((state.get("selected_option") or {}).get("value"))
                fields["language"] = language if language in LANGUAGES else DEFAULT
    return fields, problems


def _domains(state: Mapping[str, Any], problems: dict[str, FormProblem]) -> tuple[str, ...]:
    patterns = []
    for word in filter(None, _SEPARATORS.split(str(state.get("value") or ""))):
        try:
            patterns.append(domains.normalise(word))
        except ValueError:
            problems[ids.DIGEST_DOMAINS] = FormProblem("domain", word)
            break
    if not patterns:
        problems.setdefault(ids.DIGEST_DOMAINS, FormProblem("no_domain"))
    return domains.distinct(patterns)


def _at(state: Mapping[str, Any], problems: dict[str, FormProblem]) -> time | None:
    try:
        return time.fromisoformat(str(state.get("selected_time") or ""))
    except ValueError:
        problems[ids.DIGEST_AT] = FormProblem("at")
        return None


def _days(state: Mapping[str, Any], problems: dict[str, FormProblem]) -> tuple[int, ...]:
    days = {int(option["value"]) for option in state.get("selected_options") or []}
    if not days:
        problems[ids.DIGEST_DAYS] = FormProblem("days")
    return () if len(days) == 7 else tuple(sorted(days))


def _zone(state: Mapping[str, Any], problems: dict[str, FormProblem]) -> str:
    text = str(state.get("value") or "")
    zone = zone_named(text)
    if zone is None:
        problems[ids.DIGEST_ZONE] = FormProblem("zone_fixed" if is_fixed(text) else "zone", text, zone_near(text) or "")
    return zone or ""
