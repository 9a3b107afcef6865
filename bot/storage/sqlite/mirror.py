"""The mirror: copies of conversations, and the index of their words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from bot.model.access import Sight
from bot.model.commands import Days
from bot.model.conversation import Kind, Scope, Utterance
from bot.model.mirror import Figures, Found, Hit, Mirrored, MirrorSize, Untranscribed, Wanted
from bot.storage.sqlite.columns import json_text, moment_text, read_moment
from bot.storage.sqlite.connection import Connection
from bot.storage.sqlite.mirror_search import find, find_figures, read_hit
from bot.tools.words import words_of

if TYPE_CHECKING:
    from sqlite_utils import Database

TEXT_COLUMNS = ("name", "summary", "points", "people")
OF_CONVERSATIONS = {
    "mirror_domains": "conversation",
    "mirror_people": "conversation",
    "mirror_records": "conversation",
    "mirror_transcripts": "conversation",
    "mirror": "id",
}
"""The tables with rows of a conversation, and which column has its row in the mirror."""
SHORTEST_WITH_PARTS = 6
"""Letters. A word that is looked for as a part has at least four, and the word around it has more."""
OF_DAYS = "kind = ? and is_internal = ? and day between ? and ?"


class Mirror:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ---- writing -----------------------------------------------------------------------------------------------------

    async def merge(self, copies: Iterable[Mirrored], day: date | None, read_at: datetime) -> None:
        """Write these down in place of what was known of them, except those that were erased.

        `day` is for those whose start isn't known: the day in whose list they were.
        """
        rows = [(copy, _row(copy, day, read_at)) for copy in copies]

        def write(db: "Database") -> None:
            for copy, row in rows:
                if not db.table("mirror_erased").count_where("conversation = ?", [copy.id]):
                    _put(db, copy, row)

        await self._connection.write(write)

    async def mark_read(self, kind: Kind, scope: Scope, days: Days, read_at: datetime) -> None:
        """Record that these days (UTC) are complete, as they were in Kickscale at `read_at`."""
        at = moment_text(read_at)
        numbers = range(days.first.toordinal(), days.last.toordinal() + 1)
        rows = [(kind, scope, date.fromordinal(number).isoformat(), at) for number in numbers]
        sql = (
            "insert into mirror_days (kind, scope, day, read_at) values (?, ?, ?, ?) "
            "on conflict (kind, scope, day) do update set read_at = max(read_at, excluded.read_at)"
        )
        await self._connection.write(lambda db: db.conn.executemany(sql, rows))

    async def mark_stale(self, kind: Kind, day: date) -> None:
        """Record that something has changed on this day (UTC), so that it isn't complete any more."""
        where = "kind = ? and day = ?"
        await self._connection.write(lambda db: db.table("mirror_days").delete_where(where, [kind, day.isoformat()]))

    async def remove(self, kind: Kind, ids: Iterable[str]) -> None:
        """Remove what is gone from Kickscale."""
        where = "kind = ? and conversation in (select value from json_each(?))"
        values = [kind, json_text(list(ids))]
        await self._connection.write(lambda db: remove(db, where, values))

    async def trim(self, first: date) -> int:
        """Remove everything before that day (UTC); return how many conversations that were."""

        def trim(db: "Database") -> int:
            db.table("mirror_days").delete_where("day < ?", [first.isoformat()])
            count = remove(db, "day < ?", [first.isoformat()])
            forget_words(db)
            return count

        return await self._connection.write(trim)

    async def clear(self) -> int:
        """Remove everything; return how many conversations that were."""

        def clear(db: "Database") -> int:
            count = db.table("mirror").count
            for table in (*OF_CONVERSATIONS, "mirror_text", "mirror_days"):
                db.table(table).delete_where()
            forget_words(db)
            return int(count)

        return await self._connection.write(clear)

    async def transcribe(self, of: Untranscribed, transcript: Sequence[Utterance]) -> None:
        """Copy a transcript; an empty one says that there is none, or none that may be copied."""

        def write(db: "Database") -> None:
            where = [of.id, of.kind]
            row = next(db.table("mirror").rows_where("conversation = ? and kind = ?", where, select="id"), None)
            if row is not None:
                _put_transcript(db, row["id"], transcript)
                db.table("mirror").update(row["id"], {"transcript_of": of.version})

        await self._connection.write(write)

    async def drop_transcripts(self) -> int:
        """Remove all transcripts; return how many there were."""

        def drop(db: "Database") -> int:
            count = int(db.execute("delete from mirror_transcripts").rowcount)
            db.execute("update mirror set transcript_of = null where transcript_of is not null")
            if count:
                db.execute("update mirror_text set transcript = '' where transcript != ''")
                forget_words(db)
            return count

        return await self._connection.write(drop)

    # ---- reading -----------------------------------------------------------------------------------------------------

    async def unseen(self, kind: Kind, scope: Scope, days: Days, read_at: datetime) -> list[str]:
        """Return the ids in these days (UTC) and this scope (not `all`) that were last merged before `read_at`."""
        of_days = _of_days(kind, scope, days)
        sql = f"select conversation from mirror where {OF_DAYS} and read_at < ?"  # noqa: S608 no text from outside
        return await self._connection.read(
            lambda db: [id_ for (id_,) in db.execute(sql, [*of_days, moment_text(read_at)]).fetchall()]
        )

    async def days_read(self, kind: Kind, scope: Scope) -> Mapping[date, datetime]:
        """Return the days that are complete, and as of when."""
        where = "kind = ? and scope = ?"
        return await self._connection.read(
            lambda db: {
                date.fromisoformat(row["day"]): read_moment(row["read_at"])
                for row in db.table("mirror_days").rows_where(where, [kind, scope])
            }
        )

    async def get(self, kind: Kind, id: str) -> Hit | None:  # noqa: A002
        where = "conversation = ? and kind = ?"

        def get(db: "Database") -> Hit | None:
            row = next(db.table("mirror").rows_where(where, [id, kind], select="id"), None)
            return read_hit(db, row["id"], Sight()) if row else None

        return await self._connection.read_at_once(get)

    async def size(self) -> MirrorSize:
        return await self._connection.read_at_once(
            lambda db: MirrorSize(db.table("mirror").count, db.table("mirror_transcripts").count)
        )

    async def untranscribed(self, count: int) -> list[Untranscribed]:
        """Return the newest conversations whose transcripts haven't been copied as they are now."""
        sql = (
            "select kind, conversation, version from mirror "
            "where transcript_of is not version order by starts_at desc limit ?"
        )
        return await self._connection.read(
            lambda db: [
                Untranscribed(Kind(kind), id_, version) for kind, id_, version in db.execute(sql, [count]).fetchall()
            ]
        )

    async def search(self, words: Sequence[str], wanted: Wanted, sight: Sight, *, skip: int, count: int) -> Found:
        """Return a page of the conversations in which all these words and phrases are, the best first.

        Without a word that has a letter or a digit, nothing is found.
        """
        return await self._connection.read_at_once(lambda db: find(db, words, wanted, sight, (count, skip)))

    async def figures(self, wanted: Wanted, sight: Sight) -> list[Figures]:
        """Return the figures of all these conversations, the newest first."""
        return await self._connection.read_at_once(lambda db: find_figures(db, wanted, sight))


# ---- rows, within the caller's transaction ---------------------------------------------------------------------------


def remove(db: "Database", where: str, values: Sequence[Any]) -> int:
    """Remove the conversations of which this is true; return how many they were."""
    rows = list(db.table("mirror").rows_where(where, list(values), select="id"))
    ids = json_text([row["id"] for row in rows])
    for table, column in (*OF_CONVERSATIONS.items(), ("mirror_text", "rowid")):
        db.execute(f"delete from {table} where {column} in (select value from json_each(?))", [ids])  # noqa: S608
    return len(rows)


def forget_words(db: "Database") -> None:
    """Leave no word of conversations that were removed: the index keeps a removed row's words until it is merged."""
    db.execute("insert into mirror_text (mirror_text) values ('optimize')")
    stale = db.execute("select id, word from mirror_words where word not in (select term from mirror_terms)").fetchall()
    db.conn.executemany("insert into mirror_parts (mirror_parts, rowid, word) values ('delete', ?, ?)", stale)
    db.conn.executemany("delete from mirror_words where id = ?", [(id_,) for id_, _ in stale])
    db.execute("insert into mirror_parts (mirror_parts) values ('optimize')")


def _put(db: "Database", copy: Mirrored, row: dict[str, Any]) -> None:
    mirror = db.table("mirror")
    known = next(mirror.rows_where("conversation = ? and kind = ?", [copy.id, copy.kind]), None)
    if known is not None and known["read_at"] > row["read_at"]:
        return
    record = json_text(dict(copy.record))
    if known is not None and all(known[name] == value for name, value in row.items() if name != "read_at"):
        mirror.update(known["id"], {"read_at": row["read_at"]})
        if db.table("mirror_records").count_where("conversation = ? and record = ?", [known["id"], record]):
            return
    if known is None:
        mirror.insert(row)
        known = next(mirror.rows_where("conversation = ? and kind = ?", [copy.id, copy.kind]))
    else:
        mirror.update(known["id"], row)
    id_ = int(known["id"])
    db.table("mirror_records").insert({"conversation": id_, "record": record}, replace=True)
    for table, column, values in (
        ("mirror_domains", "domain", copy.domains),
        ("mirror_people", "address", sorted(copy.people)),
    ):
        db.table(table).delete_where("conversation = ?", [id_])
        db.table(table).insert_all({"conversation": id_, column: value} for value in values)
    texts = {name: words_of(text) for name, text in asdict(copy.content).items()}
    _index(db, id_, texts)


def _put_transcript(db: "Database", id_: int, transcript: Sequence[Utterance]) -> None:
    db.table("mirror_transcripts").delete_where("conversation = ?", [id_])
    if transcript:
        utterances = json_text([[part.text, part.speaker, part.at] for part in transcript])
        db.table("mirror_transcripts").insert({"conversation": id_, "utterances": utterances})
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


def _row(copy: Mirrored, day: date | None, read_at: datetime) -> dict[str, Any]:
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


def _of_days(kind: Kind, scope: Scope, days: Days) -> list[Any]:
    """The values of OF_DAYS."""
    return [kind, int(scope is Scope.INTERNAL), days.first.isoformat(), days.last.isoformat()]
