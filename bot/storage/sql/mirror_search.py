"""Finds conversations in the mirror. What somebody may not see is left out before anything is ranked or counted."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from bot.domains import EVERY
from bot.model.access import Reach, Sight
from bot.model.conversation import Kind, Scope, Utterance
from bot.model.mirror import Figures, Found, Hit, Wanted
from bot.storage.columns import json_text, moment_text, read_json, read_moment
from bot.storage.transaction import Transaction
from bot.tools.words import words_of

SHORTEST_BEGINNING = 3
SHORTEST_PART = 4
"""Letters. Shorter words are parts of too many others."""
MAX_PARTS = 50
"""How many words that have a word in them are looked for: those that were read first, which are the frequent ones."""
RANKED = 5_000
"""If more conversations are found, the newest come first: to rank 100,000 takes 0.1 s, and would say little."""
CONTENT = "{name summary points people} : "
WEIGHTS = "8, 3, 2, 4, 1"
"""Of the index's columns: a word in the name says more than one in the transcript."""

Condition = tuple[str, list[Any]]
"""SQL about `m`, a row of the mirror, and its values."""


def find(tx: Transaction, words: Sequence[str], wanted: Wanted, sight: Sight, page: tuple[int, int]) -> Found:
    """Return some of the conversations in which all the words and phrases are: `page` says how many, after how many."""
    expression = _expression(tx, words)
    if not expression:
        return Found((), 0)
    where, values = _all_of(_found(expression, sight), visible(sight), _wanted(wanted))
    # The words first, whatever the planner knows of the tables: looking for a word in one row takes as long as in many.
    source = f"from mirror_text cross join mirror m on m.id = mirror_text.rowid where {where}"
    ranked = f"select bm25(mirror_text, {WEIGHTS}) as rank, m.starts_at, m.id {source} limit ?"
    rows = tx.fetch(ranked, [*values, RANKED + 1])
    count, skip = page
    if len(rows) <= RANKED:
        total = len(rows)
        rows.sort(key=lambda row: row["starts_at"] or "", reverse=True)
        rows.sort(key=lambda row: row["rank"])  # the best have the smallest numbers
        found = rows[skip : skip + count]
    else:
        (counted,) = tx.fetch(f"select count(*) as count {source}", values)
        total = counted["count"]
        newest = f"select m.id {source} order by m.starts_at desc, m.id limit ? offset ?"
        found = tx.fetch(newest, [*values, *page])
    return Found(tuple(read_hit(tx, row["id"], sight) for row in found), total)


def find_figures(tx: Transaction, wanted: Wanted, sight: Sight) -> list[Figures]:
    """Return the figures of all conversations that are wanted and visible, the newest first."""
    where, values = _all_of(visible(sight), _wanted(wanted))
    rows = tx.fetch(
        "select id, kind, conversation, starts_at, duration, owner, type, direction, outcome, open_items, questions "  # noqa: S608
        f"from mirror m where {where} order by starts_at desc, id",
        values,
    )
    domains: defaultdict[int, list[str]] = defaultdict(list)
    of_these = f"conversation in (select m.id from mirror m where {where})"  # noqa: S608 no text from outside
    for row in tx.fetch(f"select conversation, domain from mirror_domains where {of_these}", values):  # noqa: S608
        domains[row["conversation"]].append(row["domain"])
    return [
        Figures(
            kind=Kind(row["kind"]),
            id=row["conversation"],
            starts_at=read_moment(row["starts_at"]) if row["starts_at"] else None,
            duration=row["duration"] or 0,
            owner=row["owner"],
            domains=tuple(domains[row["id"]]),
            type=row["type"],
            direction=row["direction"],
            outcome=row["outcome"],
            open_items=row["open_items"],
            questions=row["questions"],
        )
        for row in rows
    ]


def read_hit(tx: Transaction, id_: int, sight: Sight) -> Hit:
    """Return one conversation, with its transcript if that is within sight."""
    (row,) = tx.fetch(
        "select m.*, r.record from mirror m join mirror_records r on r.conversation = m.id where m.id = ?", [id_]
    )
    reach, values = _reaches(sight.transcripts, sight.address)
    source = f"mirror_transcripts t join mirror m on m.id = t.conversation where m.id = ? and {reach}"
    spoken = tx.first(f"select utterances from {source}", [id_, *values])  # noqa: S608 no text from outside
    return Hit(
        kind=Kind(row["kind"]),
        id=row["conversation"],
        is_internal=bool(row["is_internal"]),
        record=read_json(row["record"]),
        transcript=tuple(Utterance(*part) for part in read_json(spoken["utterances"])) if spoken else (),
    )


# ---- what is visible -------------------------------------------------------------------------------------------------


def visible(sight: Sight) -> Condition:
    """Return what is true of the conversations that are within sight."""
    internal, values = _reaches(sight.internal, sight.address)
    return _all_of(
        _with_domain(sight.customers) if sight.customers is not None else ("1 = 1", []),
        _reaches(sight.conversations, sight.address),
        (f"(m.is_internal = 0 or {internal})", values),
    )


def _reaches(reach: Reach, address: str) -> Condition:
    match reach:
        case "all":
            return "1 = 1", []
        case "owns" if address:
            return "m.owner = ?", [address]
        case "took_part" if address:
            return "m.id in (select conversation from mirror_people where address = ?)", [address]
    return "1 = 0", []


def _with_domain(patterns: Sequence[str]) -> Condition:
    if EVERY in patterns:
        return "1 = 1", []
    exact = json_text([pattern.removeprefix("*.") for pattern in patterns])
    conditions: list[Condition] = [("domain in (select value from json_each(?))", [exact])]
    for pattern in patterns:
        if pattern.startswith("*."):
            # Backwards, `eu.acme.com` begins with `moc.emca.`; `/` is the character after the dot.
            beginning = pattern[:0:-1]
            conditions.append(("(backwards >= ? and backwards < ?)", [beginning, f"{beginning[:-1]}/"]))
    listed = " or ".join(sql for sql, _ in conditions)
    found = f"m.id in (select conversation from mirror_domains where {listed})"  # noqa: S608 no text from outside
    return found, [value for _, values in conditions for value in values]


# ---- what is wanted --------------------------------------------------------------------------------------------------


def _wanted(wanted: Wanted) -> Condition:
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
        conditions.append(_with_domain(wanted.domains))
    if wanted.owner:
        conditions.append(("m.owner = ?", [wanted.owner]))
    conditions += [
        (f"casefold({column}) = ?", [value.casefold()])
        for column, value in (
            ("m.type", wanted.type),
            ("m.direction", wanted.direction),
            ("m.outcome", wanted.outcome),
        )
        if value
    ]
    if wanted.language:
        language = wanted.language.casefold()
        written = "replace(casefold(m.language), '_', '-')"
        begins = f"substr({written}, 1, ?) = ?"
        conditions.append((f"({written} = ? or {begins})", [language, len(language) + 1, f"{language}-"]))
    return _all_of(*conditions)


def _all_of(*conditions: Condition) -> Condition:
    where = " and ".join(sql for sql, _ in conditions) or "1 = 1"
    return where, [value for _, values in conditions for value in values]


# ---- words -----------------------------------------------------------------------------------------------------------


def _found(expression: str, sight: Sight) -> Condition:
    """Return what is true where the words are, in the index. Transcripts count only where they may be read."""
    content = f"{CONTENT}({expression})"
    reach, values = _reaches(sight.transcripts, sight.address)
    if reach == "1 = 0":
        return "mirror_text match ?", [content]
    if reach == "1 = 1":
        return "mirror_text match ?", [expression]
    in_content = "select rowid from mirror_text where mirror_text match ?"
    return f"mirror_text match ? and ({reach} or m.id in ({in_content}))", [expression, *values, content]


def _expression(tx: Transaction, words: Sequence[str]) -> str:
    """Return FTS5's query for all of these (https://sqlite.org/fts5.html#full_text_query_syntax)."""
    return " AND ".join(filter(None, (_term(tx, words_of(word)) for word in words)))


def _term(tx: Transaction, words: Sequence[str]) -> str:
    """Return the query for a word, as the beginning or a part of another too, or for a phrase."""
    if len(words) != 1:
        return f'"{" ".join(words)}"' if words else ""
    (word,) = words
    if len(word) < SHORTEST_BEGINNING:
        return f'"{word}"'
    if len(word) < SHORTEST_PART:
        return f'"{word}"*'
    longer = "select word from mirror_parts where word match ? and instr(word, ?) > 1 order by rowid limit ?"
    values = [f'"{word}"', word, MAX_PARTS]
    parts = " OR ".join(f'"{row["word"]}"' for row in tx.fetch(longer, values))
    return f'("{word}"* OR {parts})' if parts else f'"{word}"*'
