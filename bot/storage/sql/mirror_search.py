"""Finds conversations in the mirror. What somebody may not see is left out before anything is ranked or counted."""

from collections import defaultdict
from collections.abc import Sequence

from bot.model.access import Sight
from bot.model.conversation import Kind, Utterance
from bot.model.mirror import Figures, Found, Hit, Wanted
from bot.storage.columns import json_text, read_json, read_moment
from bot.storage.sql.mirror_conditions import all_of, is_visible, is_wanted, reaches
from bot.storage.transaction import Transaction


def find(tx: Transaction, words: Sequence[str], wanted: Wanted, sight: Sight, page: tuple[int, int]) -> Found:
    """Return some of the conversations in which all the words and phrases are: `page` says how many, after how many."""
    count, skip = page
    ids, total = tx.text_index.find(words, wanted, sight, skip=skip, count=count)
    return Found(tuple(read_hits(tx, ids, sight)), total)


def find_figures(tx: Transaction, wanted: Wanted, sight: Sight) -> list[Figures]:
    """Return the figures of all conversations that are wanted and visible, the newest first."""
    where, values = all_of(is_visible(sight), is_wanted(wanted))
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
