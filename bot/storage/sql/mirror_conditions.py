"""Which conversations of the mirror somebody sees, and which are asked for, as conditions in SQL."""

from collections.abc import Sequence
from typing import Any

from bot.domains import EVERY
from bot.model.access import Reach, Sight
from bot.model.conversation import Scope
from bot.model.mirror import Wanted
from bot.storage.columns import json_text, moment_text

Condition = tuple[str, list[Any]]
"""SQL about `m`, a row of the mirror, and its values."""

ID = "m.id"
EVERYTHING: Condition = ("1 = 1", [])
NOTHING: Condition = ("1 = 0", [])


def is_visible(sight: Sight, row: str = ID) -> Condition:
    """Return what is true of the conversations that are within sight; `row` is the SQL for their ids."""
    internal, values = reaches(sight.internal, sight.address, row)
    return all_of(
        _with_domain(sight.customers, row) if sight.customers is not None else EVERYTHING,
        reaches(sight.conversations, sight.address, row),
        (f"(m.is_internal = 0 or {internal})", values),
    )


def reaches(reach: Reach, address: str, row: str = ID) -> Condition:
    """Return what is true of the conversations that somebody with this address sees if they reach so far."""
    match reach:
        case "all":
            return EVERYTHING
        case "owns" if address:
            return "m.owner = ?", [address]
        case "took_part" if address:
            return f"{row} in (select conversation from mirror_people where address = ?)", [address]  # noqa: S608 ours
    return NOTHING


def _with_domain(patterns: Sequence[str], row: str) -> Condition:
    if EVERY in patterns:
        return EVERYTHING
    exact = json_text([pattern.removeprefix("*.") for pattern in patterns])
    conditions: list[Condition] = [("domain in (select value from json_each(?))", [exact])]
    for pattern in patterns:
        if pattern.startswith("*."):
            # Backwards, `eu.acme.com` begins with `moc.emca.`; `/` is the character after the dot.
            beginning = pattern[:0:-1]
            conditions.append(("(backwards >= ? and backwards < ?)", [beginning, f"{beginning[:-1]}/"]))
    listed = " or ".join(sql for sql, _ in conditions)
    found = f"{row} in (select conversation from mirror_domains where {listed})"  # noqa: S608 no text from outside
    return found, [value for _, values in conditions for value in values]


def is_wanted(wanted: Wanted, row: str = ID) -> Condition:
    """Return what is true of the conversations that are asked for."""
    conditions: list[Condition] = []
    if wanted.scope is not Scope.ALL:
        conditions.append(("m.is_internal = ?", [int(wanted.scope is Scope.INTERNAL)]))
    if wanted.kind is not None:
        conditions.append(("m.kind = ?", [wanted.kind]))
    if wanted.start is not None:
        conditions.append(("m.starts_at >= ?", [moment_text(wanted.start)]))
    if wanted.end is not None:
        conditions.append(("m.starts_at < ?", [moment_text(wanted.end)]))
    if wanted.domains:
        conditions.append(_with_domain(wanted.domains, row))
    if wanted.owner:
        conditions += [reaches("took_part", wanted.owner, row), ("m.owner = ?", [wanted.owner])]
    conditions += [
        (f"{_folded(column, value)} = ?", [value.casefold()])
        for column, value in (
            ("m.type", wanted.type),
            ("m.direction", wanted.direction),
            ("m.outcome", wanted.outcome),
        )
        if value
    ]
    if wanted.language:
        language = wanted.language.casefold()
        written = f"replace({_folded('m.language', language)}, '_', '-')"
        begins = f"substr({written}, 1, ?) = ?"
        conditions.append((f"({written} = ? or {begins})", [language, len(language) + 1, f"{language}-"]))
    return all_of(*conditions)


def _folded(column: str, value: str) -> str:
    """Return the SQL for `str.casefold` of a column that is compared with this value.

    `lower` folds only ASCII here, but is far faster.
    """
    return f"{'lower' if value.isascii() else 'fold_case'}({column})"


def all_of(*conditions: Condition) -> Condition:
    """Return what is true where all of these are."""
    where = " and ".join(sql for sql, _ in conditions) or "1 = 1"
    return where, [value for _, values in conditions for value in values]
