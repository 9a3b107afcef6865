"""Finds conversations in the mirror. What somebody may not see is left out before anything is ranked or counted."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from bot.domains import EVERY
from bot.model.access import Reach, Sight
from bot.model.conversation import Kind, Scope, Utterance
from bot.model.mirror import Figures, Found, Hit, Total, Wanted
from bot.storage.sqlite.columns import json_text, moment_text, read_json, read_moment
from bot.tools.words import words_of

if TYPE_CHECKING:
    from sqlite_utils import Database

SHORTEST_BEGINNING = 3
SHORTEST_PART = 4
"""Letters. Shorter words are parts of too many others."""
MAX_PARTS = 50
"""How many words that have a word in them are looked for: those that were read first, which are the frequent ones."""
RANKED = 2_000
"""If more conversations are found, the newest come first: to rank 100,000 takes 0.1 s, and would say little."""
SAMPLE = 2_000
"""By so many it is estimated whether there are more than that."""
RECENT = 1_000
"""Among so many of the newest conversations is likely to be a page of what is found that often."""
CONTENT = "{name summary points people} : "
WEIGHTS = "8, 3, 2, 4, 1"
"""Of the index's columns: a word in the name says more than one in the transcript."""

SINCE = "select starts_at from mirror where starts_at < ? order by starts_at desc limit 1 offset ?"
FIRST = "select id from mirror where starts_at < ? order by starts_at desc limit 1"
ROW = "+mirror_text.rowid"
"""A row's id in the index, so that what isn't in a list isn't looked up in the mirror. Without the plus sign, SQLite
would look for the words in each row of the list.
"""
LAST = "9999"
"""Later than any moment as text."""

Condition = tuple[str, list[Any]]
"""SQL about `m`, a row of the mirror, and its values."""


def find(db: "Database", words: Sequence[str], wanted: Wanted, sight: Sight, page: tuple[int, int]) -> Found:
    """Return some of the conversations in which all the words and phrases are: `page` says how many, after how many."""
    expression = _expression(db, words)
    if not expression:
        return Found((), 0)
    expression, of_transcripts = _looked_for(expression, sight)
    where, values = _all_of(of_transcripts, visible(sight, ROW), _wanted(wanted, ROW))
    # The words first, whatever the planner knows of the tables: looking for a word in one row takes as long as in many.
    source = "from mirror_text cross join mirror m on m.id = mirror_text.rowid "
    found = f"{source} where mirror_text match ? and {where}", [expression, *values]
    rows = None if _are_probably_too_many(db, expression, (where, values), wanted) else _ranked(db, found)
    ids: list[int] = []
    if rows is None:
        ids, total = _newest(db, found, wanted, page)
        if total <= RANKED:
            rows = _ranked(db, found)
    if rows is not None:
        count, skip = page
        rows.sort(key=lambda row: row[1] or "", reverse=True)
        rows.sort(key=lambda row: row[0])  # the best have the smallest numbers
        ids, total = [id_ for _, _, id_ in rows[skip : skip + count]], len(rows)
    return Found(tuple(read_hits(db, ids, sight)), total)


def _are_probably_too_many(db: "Database", expression: str, of_rows: Condition, wanted: Wanted) -> bool:
    """Return whether more are likely to be found than are ranked, by a few of those with the words."""
    where, values = of_rows
    # Those of about the same time often have ids that follow one another.
    (first,) = db.execute(FIRST, [moment_text(wanted.end)]).fetchone() or (0,) if wanted.end else (0,)
    sampled, furthest, last, found = db.execute(
        "with sample as materialized "  # noqa: S608 no text from outside
        "(select rowid from mirror_text where mirror_text match ? and rowid >= ? limit ?) "
        "select (select count(*) from sample), (select max(rowid) from sample), (select max(id) from mirror), count(*) "
        f"from sample as mirror_text cross join mirror m on m.id = mirror_text.rowid where {where}",
        [expression, first, SAMPLE, *values],
    ).fetchone()
    # They come by their ids, so the last one says how far that is.
    return bool(sampled == SAMPLE and found * (last - first) > 1.5 * RANKED * (furthest - first))


def _ranked(db: "Database", found: Condition) -> list[tuple[float, str | None, int]] | None:
    """Return how well each of these matches, when it began, and its id; None if there are too many."""
    source, values = found
    sql = f"select bm25(mirror_text, {WEIGHTS}), m.starts_at, m.id {source} limit ?"
    rows = db.execute(sql, [*values, RANKED + 1]).fetchall()
    return rows if len(rows) <= RANKED else None


def _newest(db: "Database", found: Condition, wanted: Wanted, page: tuple[int, int]) -> tuple[list[int], int]:
    """Return a page of what was found, the newest first, and how much that is; `found` begins with `from`.

    Both at once, if it is one of the first pages: to go through them all a second time would take as long again.
    """
    source, values = found
    count, skip = page
    until = moment_text(wanted.end) if wanted.end else LAST
    since = db.execute(SINCE, [until, RECENT]).fetchone() or ("",)
    recent = "json_group_array(json_array(m.starts_at, m.id)) filter (where m.starts_at >= ?)"
    total, noted = db.execute(f"select count(*), {recent} {source}", [*since, *values]).fetchone()
    rows = sorted(read_json(noted), key=lambda row: row[1])
    rows.sort(key=lambda row: row[0], reverse=True)
    if len(rows) < skip + count:
        newest = f"select m.starts_at, m.id {source} order by m.starts_at desc, m.id limit ? offset ?"
        return [id_ for _, id_ in db.execute(newest, [*values, *page]).fetchall()], total
    return [id_ for _, id_ in rows[skip : skip + count]], total


def find_figures(db: "Database", wanted: Wanted, sight: Sight, count: int | None) -> list[tuple[Any, ...]]:
    """Return a row for each conversation that is wanted and visible, or for so many of them; the newest first."""
    where, values = _all_of(visible(sight), _wanted(wanted))
    return db.execute(
        "select kind, conversation, starts_at, duration, owner, type, direction, outcome, open_items, questions, "  # noqa: S608
        "(select json_group_array(domain) from mirror_domains d where d.conversation = m.id) "
        f"from mirror m where {where} order by starts_at desc, id limit ?",
        [*values, -1 if count is None else count],
    ).fetchall()


def read_figures(rows: Iterable[tuple[Any, ...]]) -> list[Figures]:
    """Return the figures in the rows that `find_figures` returned."""
    return [
        Figures(
            kind=Kind(kind),
            id=id_,
            starts_at=read_moment(starts_at) if starts_at else None,
            duration=duration or 0,
            owner=owner,
            domains=tuple(read_json(domains)),
            type=type_,
            direction=direction,
            outcome=outcome,
            open_items=open_items,
            questions=questions,
        )
        for kind, id_, starts_at, duration, owner, type_, direction, outcome, open_items, questions, domains in rows
    ]


def find_total(db: "Database", wanted: Wanted, sight: Sight, longest: int) -> Total:
    """Return how many conversations are wanted and visible, and how long they took."""
    where, values = _all_of(visible(sight), _wanted(wanted))
    seconds = "total(duration) filter (where duration > 0 and duration < ?)"
    sql = f"select count(*), {seconds} from mirror m where {where}"  # noqa: S608 no text from outside
    ((count, taken),) = db.execute(sql, [longest, *values]).fetchall()
    return Total(count, int(taken))


def read_hits(db: "Database", ids: Sequence[int], sight: Sight) -> list[Hit]:
    """Return conversations in this order, each with its transcript if that is within sight."""
    reach, values = _reaches(sight.transcripts, sight.address)
    rows = db.execute(
        "select m.kind, m.conversation, m.is_internal, r.record, "  # noqa: S608 no text from outside
        f"(select utterances from mirror_transcripts t where t.conversation = m.id and {reach}) "
        "from json_each(?) wanted cross join mirror m on m.id = wanted.value "
        "join mirror_records r on r.conversation = m.id order by wanted.key",
        [*values, json_text(list(ids))],
    ).fetchall()
    return [
        Hit(
            kind=Kind(kind),
            id=id_,
            is_internal=bool(is_internal),
            record=read_json(record),
            transcript=tuple(Utterance(*part) for part in read_json(spoken)) if spoken else (),
        )
        for kind, id_, is_internal, record, spoken in rows
    ]


# ---- what is visible -------------------------------------------------------------------------------------------------


def visible(sight: Sight, row: str = "m.id") -> Condition:
    """Return what is true of the conversations that are within sight; `row` is the SQL for their ids."""
    internal, values = _reaches(sight.internal, sight.address, row)
    return _all_of(
        _with_domain(sight.customers, row) if sight.customers is not None else ("1", []),
        _reaches(sight.conversations, sight.address, row),
        (f"(not m.is_internal or {internal})", values),
    )


def _reaches(reach: Reach, address: str, row: str = "m.id") -> Condition:
    match reach:
        case "all":
            return "1", []
        case "owns" if address:
            return "m.owner = ?", [address]
        case "took_part" if address:
            return f"{row} in (select conversation from mirror_people where address = ?)", [address]  # noqa: S608
    return "0", []


def _with_domain(patterns: Sequence[str], row: str) -> Condition:
    if EVERY in patterns:
        return "1", []
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


# ---- what is wanted --------------------------------------------------------------------------------------------------


def _wanted(wanted: Wanted, row: str = "m.id") -> Condition:
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
        conditions += [_reaches("took_part", wanted.owner, row), ("m.owner = ?", [wanted.owner])]
    conditions += [
        (f"({column} = ? collate nocase or ({_is_foreign(column)} and casefold({column}) = ?))", [value.casefold()] * 2)
        for column, value in (
            ("m.type", wanted.type),
            ("m.direction", wanted.direction),
            ("m.outcome", wanted.outcome),
        )
        if value
    ]
    if wanted.language:
        language = wanted.language.casefold()
        written = f"iif({_is_foreign('m.language')}, casefold(m.language), lower(m.language))"
        written = f"replace({written}, '_', '-')"
        begins = f"substr({written}, 1, ?) = ?"
        conditions.append((f"({written} = ? or {begins})", [language, len(language) + 1, f"{language}-"]))
    return _all_of(*conditions)


def _is_foreign(column: str) -> str:
    """Return the SQL for whether a text has more than ASCII. Only for such texts does folding the case need Python."""
    return f"length({column}) <> length(cast({column} as blob))"


def _all_of(*conditions: Condition) -> Condition:
    where = " and ".join(sql for sql, _ in conditions) or "1"
    return where, [value for _, values in conditions for value in values]


# ---- words -----------------------------------------------------------------------------------------------------------


def _looked_for(expression: str, sight: Sight) -> tuple[str, Condition]:
    """Return what is looked for in the index, and what else must be true: transcripts count where they may be read."""
    content = f"{CONTENT}({expression})"
    reach, values = _reaches(sight.transcripts, sight.address, ROW)
    if reach == "0":
        return content, ("1", [])
    if reach == "1":
        return expression, ("1", [])
    in_content = "select rowid from mirror_text where mirror_text match ?"
    return expression, (f"({reach} or {ROW} in ({in_content}))", [*values, content])


def _expression(db: "Database", words: Sequence[str]) -> str:
    """Return FTS5's query for all of these (https://sqlite.org/fts5.html#full_text_query_syntax)."""
    return " AND ".join(filter(None, (_term(db, words_of(word)) for word in words)))


def _term(db: "Database", words: Sequence[str]) -> str:
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
    parts = " OR ".join(f'"{found}"' for (found,) in db.execute(longer, values).fetchall())
    return f'("{word}"* OR {parts})' if parts else f'"{word}"*'
