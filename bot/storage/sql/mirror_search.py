"""Finds conversations in the mirror. What somebody may not see is left out before anything is ranked or counted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bot.model.access import Sight
from bot.model.conversation import Kind, Utterance
from bot.model.mirror import Figures, Found, Hit, Total, Wanted
from bot.storage.columns import json_text, read_json, read_moment
from bot.storage.sql.mirror_conditions import all_of, is_visible, is_wanted, reaches
from bot.storage.transaction import Row, Transaction


def find(tx: Transaction, words: Sequence[str], wanted: Wanted, sight: Sight, page: tuple[int, int]) -> Found:
    """Return some of the conversations in which all the words and phrases are: `page` says how many, after how many."""
    count, skip = page
    ids, total = tx.text_index.find(words, wanted, sight, skip=skip, count=count)
    return Found(tuple(read_hits(tx, ids, sight)), total)


def find_figures(
    tx: Transaction, wanted: Wanted, sight: Sight, count: int | None
) -> tuple[list[Row], Mapping[int, Sequence[str]]]:
    """Return a row for each conversation that is wanted and visible, or for so many of them, and each one's domains.

    The newest come first.
    """
    where, values = all_of(is_visible(sight), is_wanted(wanted))
    limit = "" if count is None else f"limit {count:d}"
    rows = tx.fetch(
        "select id, kind, conversation, starts_at, duration, owner, type, direction, outcome, open_items, questions "  # noqa: S608
        f"from mirror m where {where} order by starts_at desc, id {limit}",
        values,
    )
    domains: defaultdict[int, list[str]] = defaultdict(list)
    of_these = f"conversation in (select m.id from mirror m where {where})"  # noqa: S608 no text from outside
    for row in tx.fetch(f"select conversation, domain from mirror_domains where {of_these}", values):  # noqa: S608
        domains[row["conversation"]].append(row["domain"])
    return rows, domains


def read_figures(rows: Iterable[Row], domains: Mapping[int, Sequence[str]]) -> list[Figures]:
    """Return the figures in what `find_figures` returned."""
    return [
        Figures(
            kind=Kind(row["kind"]),
            id=row["conversation"],
            starts_at=read_moment(row["starts_at"]) if row["starts_at"] else None,
            duration=row["duration"] or 0,
            owner=row["owner"],
            domains=tuple(domains.get(row["id"], ())),
            type=row["type"],
            direction=row["direction"],
            outcome=row["outcome"],
            open_items=row["open_items"],
            questions=row["questions"],
        )
        for row in rows
    ]


def find_total(tx: Transaction, wanted: Wanted, sight: Sight, longest: int) -> Total:
    """Return how many conversations are wanted and visible, and how long they took."""
    where, values = all_of(is_visible(sight), is_wanted(wanted))
    seconds = "coalesce(sum(duration) filter (where duration > 0 and duration < ?), 0)"
    sql = f"select count(*) as count, {seconds} as seconds from mirror m where {where}"  # noqa: S608 no text from outside
    (row,) = tx.fetch(sql, [longest, *values])
    return Total(row["count"], int(row["seconds"]))


def read_hits(tx: Transaction, ids: Sequence[int], sight: Sight) -> list[Hit]:
    """Return conversations in this order, each with its transcript if that is within sight."""
    reach, values = reaches(sight.transcripts, sight.address)
    rows = tx.fetch(
        "select m.id, m.kind, m.conversation, m.is_internal, r.record, "  # noqa: S608 no text from outside
        f"(select utterances from mirror_transcripts t where t.conversation = m.id and {reach}) as spoken "
        "from mirror m join mirror_records r on r.conversation = m.id "
        "where m.id in (select cast(value as bigint) from json_each(?))",
        [*values, json_text(list(ids))],
    )
    hits = {
        row["id"]: Hit(
            kind=Kind(row["kind"]),
            id=row["conversation"],
            is_internal=bool(row["is_internal"]),
            record=read_json(row["record"]),
            transcript=tuple(Utterance(*part) for part in read_json(row["spoken"])) if row["spoken"] else (),
        )
        for row in rows
    }
    return [hits[id_] for id_ in ids if id_ in hits]
