"""Writes the rows of a copied conversation, within the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from bot.storage.sqlite.columns import fetch, json_text, moment_text
from bot.tools.words import words_of

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.model.conversation import Utterance
    from bot.model.mirror import Mirrored

SHORTEST_WITH_PARTS = 6
"""Letters. A word that is looked for as a part has at least four, and the word around it has more."""
COLUMNS = (
    *("kind", "conversation", "day", "starts_at", "is_internal", "owner", "duration", "type", "language", "direction"),
    *("outcome", "open_items", "questions", "version", "read_at"),
)
KNOWN = """
    select m.*, r.record from mirror m join mirror_records r on r.conversation = m.id
    where m.conversation = ? and m.kind = ?
"""
PUT = (
    f"insert into mirror ({', '.join(COLUMNS)}) values ({', '.join(f':{name}' for name in COLUMNS)}) "  # noqa: S608
    "on conflict (conversation, kind) do update set "
    f"{', '.join(f'{name} = excluded.{name}' for name in COLUMNS[2:])} returning id"
)
WITHHELD = "-"
"""Instead of the version that a transcript is of, while nobody may read it."""


def put(db: "Database", copy: "Mirrored", day: date | None, read_at: datetime) -> None:
    """Write a conversation down, unless it was erased, or is known as it was read later."""
    if fetch(db, "select 1 from mirror_erased where conversation = ?", [copy.id]):
        return
    row, record = _row(copy, day, read_at), json_text(dict(copy.record))
    known = next(iter(fetch(db, KNOWN, [copy.id, copy.kind])), None)
    if known is not None:
        if known["read_at"] > row["read_at"]:
            return
        if known == {**known, **row, "read_at": known["read_at"], "record": record}:
            db.execute("update mirror set read_at = ? where id = ?", [row["read_at"], known["id"]])
            return
    ((id_,),) = db.execute(PUT, row).fetchall()
    db.execute("insert or replace into mirror_records (conversation, record) values (?, ?)", [id_, record])
    for table in ("mirror_domains", "mirror_people"):
        db.execute(f"delete from {table} where conversation = ?", [id_])  # noqa: S608 no text from outside
    domains = [(id_, domain, domain[::-1]) for domain in dict.fromkeys(copy.domains)]
    db.conn.executemany("insert into mirror_domains (conversation, domain, backwards) values (?, ?, ?)", domains)
    people = [(id_, address) for address in sorted(copy.people)]
    db.conn.executemany("insert into mirror_people (conversation, address) values (?, ?)", people)
    _index(db, id_, {name: words_of(text) for name, text in asdict(copy.content).items()})
    if copy.is_consent_missing:
        put_transcript(db, id_, (), of=WITHHELD)
    elif known is not None and known["transcript_of"] == WITHHELD:
        db.execute("update mirror set transcript_of = null where id = ?", [id_])


def put_transcript(db: "Database", id_: int, transcript: "Sequence[Utterance]", *, of: str) -> None:
    """Write a transcript down in place of the one before; `of` is the version of the conversation."""
    db.execute("update mirror set transcript_of = ? where id = ?", [of, id_])
    had_one = db.execute("delete from mirror_transcripts where conversation = ?", [id_]).rowcount
    if transcript:
        utterances = json_text([[part.text, part.speaker, part.at] for part in transcript])
        db.table("mirror_transcripts").insert({"conversation": id_, "utterances": utterances})
    if transcript or had_one:
        _index(db, id_, {"transcript": words_of(" ".join(part.text for part in transcript))})


def _index(db: "Database", id_: int, columns: Mapping[str, Sequence[str]]) -> None:
    """Index these columns of a conversation, and leave the others as they are."""
    values = [" ".join(words) for words in columns.values()]
    if db.execute("select 1 from mirror_text where rowid = ?", [id_]).fetchone():
        names = ", ".join(f"{name} = ?" for name in columns)
        db.execute(f"update mirror_text set {names} where rowid = ?", [*values, id_])  # noqa: S608 no text from outside
    else:
        places = ", ".join("?" for _ in columns)
        sql = f"insert into mirror_text (rowid, {', '.join(columns)}) values (?, {places})"  # noqa: S608 likewise
        db.execute(sql, [id_, *values])
    long = {word for words in columns.values() for word in words if len(word) >= SHORTEST_WITH_PARTS}
    (before,) = db.execute("select coalesce(max(id), 0) from mirror_words").fetchone()
    db.conn.executemany("insert or ignore into mirror_words (word) values (?)", [(word,) for word in sorted(long)])
    db.execute("insert into mirror_parts (rowid, word) select id, word from mirror_words where id > ?", [before])


def _row(copy: "Mirrored", day: date | None, read_at: datetime) -> dict[str, Any]:
    starts_at = copy.starts_at.astimezone(UTC) if copy.starts_at else None
    of_day = starts_at.date() if starts_at else day or read_at.astimezone(UTC).date()
    return {
        "kind": copy.kind,
        "conversation": copy.id,
        "day": of_day.isoformat(),
        "starts_at": moment_text(starts_at) if starts_at else None,
        "is_internal": int(copy.is_internal),
        "owner": copy.owner,
        "duration": copy.duration,
        "type": copy.type,
        "language": copy.language,
        "direction": copy.direction,
        "outcome": copy.outcome,
        "open_items": copy.open_items,
        "questions": copy.questions,
        "version": copy.version,
        "read_at": moment_text(read_at),
    }
