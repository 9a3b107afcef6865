"""Writes the rows of a copied conversation, within the caller's transaction."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from bot.storage.columns import json_text, moment_text
from bot.storage.transaction import Transaction
from bot.tools.words import words_of

if TYPE_CHECKING:
    from bot.model.conversation import Utterance
    from bot.model.mirror import Mirrored

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


def put(tx: Transaction, copy: "Mirrored", day: date | None, read_at: datetime) -> None:
    """Write a conversation down, unless it was erased, or is known as it was read later."""
    if tx.first("select 1 from mirror_erased where conversation = ?", [copy.id]):
        return
    row, record = _row(copy, day, read_at), json_text(dict(copy.record))
    known = tx.first(KNOWN, [copy.id, copy.kind])
    if known is not None:
        if known["read_at"] > row["read_at"]:
            return
        if known == {**known, **row, "read_at": known["read_at"], "record": record}:
            tx.update("mirror", {"read_at": row["read_at"]}, id=known["id"])
            return
    (written,) = tx.fetch(PUT, row)
    id_ = written["id"]
    tx.put("mirror_records", {"conversation": id_, "record": record}, key=["conversation"])
    for table in ("mirror_domains", "mirror_people") if known else ():
        tx.execute(f"delete from {table} where conversation = ?", [id_])  # noqa: S608 no text from outside
    domains = [(id_, domain, domain[::-1]) for domain in dict.fromkeys(copy.domains)]
    tx.execute_many("insert into mirror_domains (conversation, domain, backwards) values (?, ?, ?)", domains)
    people = [(id_, address) for address in sorted(copy.people)]
    tx.execute_many("insert into mirror_people (conversation, address) values (?, ?)", people)
    content = {name: words_of(text) for name, text in asdict(copy.content).items()}
    tx.text_index.put(id_, content, is_new=known is None)
    if copy.is_consent_missing:
        put_transcript(tx, id_, (), of=WITHHELD)
    elif known is not None and known["transcript_of"] == WITHHELD:
        tx.update("mirror", {"transcript_of": None}, id=id_)


def put_transcript(tx: Transaction, id_: int, transcript: "Sequence[Utterance]", *, of: str) -> None:
    """Write a transcript down in place of the one before; `of` is the version of the conversation that has it."""
    tx.update("mirror", {"transcript_of": of}, id=id_)
    had_one = tx.execute("delete from mirror_transcripts where conversation = ?", [id_])
    if transcript:
        utterances = json_text([[part.text, part.speaker, part.at] for part in transcript])
        tx.insert("mirror_transcripts", {"conversation": id_, "utterances": utterances})
    if transcript or had_one:
        tx.text_index.put(id_, {"transcript": words_of(" ".join(part.text for part in transcript))})


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
