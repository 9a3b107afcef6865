"""The mirror: copies of conversations, and the index of their words."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.model.access import Sight
from bot.model.commands import Days
from bot.model.conversation import Kind, Scope, Utterance
from bot.model.mirror import Figures, Found, Hit, Mirrored, MirrorSize, Total, Untranscribed, Wanted
from bot.storage.sqlite.columns import json_text, moment_text, read_moment
from bot.storage.sqlite.connection import Connection
from bot.storage.sqlite.mirror_removal import (
    FIRST_MERGE,
    NEXT_MERGE,
    OF_CONVERSATIONS,
    forget_some_words,
    forget_words,
    merge_index,
    remove,
)
from bot.storage.sqlite.mirror_rows import WITHHELD, put, put_transcript
from bot.storage.sqlite.mirror_search import find, find_figures, find_total, read_figures, read_hits

if TYPE_CHECKING:
    from sqlite_utils import Database

UNTRANSCRIBED = "transcript_of is not version and transcript_of is not ?"
OF_DAYS = "kind = ? and is_internal = ? and day between ? and ?"


class Mirror:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ---- writing -----------------------------------------------------------------------------------------------------

    async def merge(self, copies: Iterable[Mirrored], day: date | None, read_at: datetime) -> None:
        """Write these down in place of what was known of them, except those that were erased.

        `day` is for those whose start isn't known: the day in whose list they were.
        """
        read = tuple(copies)

        def write(db: "Database") -> None:
            for copy in read:
                put(db, copy, day, read_at)

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
            return remove(db, "day < ?", [first.isoformat()])

        count = await self._connection.write(trim)
        await self._forget_words()
        return count

    async def _forget_words(self) -> None:
        """Leave no word of what was removed. A little at a time: others have their turns in between."""
        merge, after = FIRST_MERGE, 0
        while await self._connection.write(partial(merge_index, pages=merge)):
            merge = NEXT_MERGE
        while (last := await self._connection.write(partial(forget_some_words, after=after))) is not None:
            after = last

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
        where = f"conversation = ? and kind = ? and version = ? and {UNTRANSCRIBED}"

        def write(db: "Database") -> None:
            values = [of.id, of.kind, of.version, WITHHELD]
            row = next(db.table("mirror").rows_where(where, values, select="id"), None)
            if row is not None:
                put_transcript(db, row["id"], transcript, of=of.version)

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
            ids = [row["id"] for row in db.table("mirror").rows_where(where, [id, kind], select="id")]
            return next(iter(read_hits(db, ids, Sight())), None)

        return await self._connection.read_at_once(get)

    async def size(self) -> MirrorSize:
        return await self._connection.read_at_once(
            lambda db: MirrorSize(db.table("mirror").count, db.table("mirror_transcripts").count)
        )

    async def untranscribed(self, count: int) -> list[Untranscribed]:
        """Return the newest conversations whose transcripts haven't been copied as they are now."""
        sql = f"select kind, conversation, version from mirror where {UNTRANSCRIBED} order by starts_at desc limit ?"  # noqa: S608
        rows = await self._connection.read(lambda db: db.execute(sql, [WITHHELD, count]).fetchall())
        return [Untranscribed(Kind(kind), id_, version) for kind, id_, version in rows]

    async def search(self, words: Sequence[str], wanted: Wanted, sight: Sight, *, skip: int, count: int) -> Found:
        """Return a page of the conversations in which all these words and phrases are, the best first.

        Without a word that has a letter or a digit, nothing is found.
        """
        return await self._connection.read_at_once(lambda db: find(db, words, wanted, sight, (count, skip)))

    async def figures(self, wanted: Wanted, sight: Sight, *, count: int | None = None) -> list[Figures]:
        """Return the figures of all these conversations, or of so many; the newest first."""
        rows = await self._connection.read(lambda db: find_figures(db, wanted, sight, count))
        # There may be very many: neither the database nor the event loop should wait for this.
        return await asyncio.to_thread(read_figures, rows)

    async def total(self, wanted: Wanted, sight: Sight, *, longest: int) -> Total:
        """Return how many of these conversations there are; durations of `longest` seconds or more don't count."""
        return await self._connection.read(lambda db: find_total(db, wanted, sight, longest))


def _of_days(kind: Kind, scope: Scope, days: Days) -> list[Any]:
    """The values of OF_DAYS."""
    return [kind, int(scope is Scope.INTERNAL), days.first.isoformat(), days.last.isoformat()]
