"""The mirror: copies of conversations, and the index of their words."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.model.access import Sight
from bot.model.commands import Days
from bot.model.conversation import Kind, Scope, Utterance
from bot.model.mirror import Figures, Found, Hit, Mirrored, MirrorSize, Total, Untranscribed, Wanted
from bot.storage.columns import json_text, moment_text, read_moment
from bot.storage.sql.mirror_removal import OF_CONVERSATIONS, remove
from bot.storage.sql.mirror_rows import WITHHELD, put, put_transcript
from bot.storage.sql.mirror_search import find, find_figures, find_total, read_figures, read_hits
from bot.storage.sql.mirror_words import forget_words
from bot.storage.transaction import Connection, Transaction

UNTRANSCRIBED = f"(transcript_of is null or transcript_of not in (version, '{WITHHELD}'))"
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

        def write(tx: Transaction) -> None:
            for copy in read:
                put(tx, copy, day, read_at)

        await self._connection.write(write)

    async def mark_read(self, kind: Kind, scope: Scope, days: Days, read_at: datetime) -> None:
        """Record that these days (UTC) are complete, as they were in Kickscale at `read_at`."""
        at = moment_text(read_at)
        numbers = range(days.first.toordinal(), days.last.toordinal() + 1)
        rows = [(kind, scope, date.fromordinal(number).isoformat(), at) for number in numbers]
        sql = (
            "insert into mirror_days (kind, scope, day, read_at) values (?, ?, ?, ?) "
            "on conflict (kind, scope, day) do update set read_at = excluded.read_at "
            "where mirror_days.read_at < excluded.read_at"
        )
        await self._connection.write(lambda tx: tx.execute_many(sql, rows))

    async def mark_stale(self, kind: Kind, day: date) -> None:
        """Record that something has changed on this day (UTC), so that it isn't complete any more."""
        sql = "delete from mirror_days where kind = ? and day = ?"
        await self._connection.write(lambda tx: tx.execute(sql, [kind, day.isoformat()]))

    async def remove(self, kind: Kind, ids: Iterable[str]) -> None:
        """Remove what is gone from Kickscale."""
        where = "kind = ? and conversation in (select value from json_each(?))"
        values = [kind, json_text(list(ids))]
        await self._connection.write(lambda tx: remove(tx, where, values))

    async def trim(self, first: date) -> int:
        """Remove everything before that day (UTC); return how many conversations that were."""

        def trim(tx: Transaction) -> int:
            tx.execute("delete from mirror_days where day < ?", [first.isoformat()])
            return remove(tx, "day < ?", [first.isoformat()])

        count = await self._connection.write(trim)
        await forget_words(self._connection)
        return count

    async def clear(self) -> int:
        """Remove everything; return how many conversations that were."""

        def clear(tx: Transaction) -> int:
            (size,) = tx.fetch("select count(*) as count from mirror")
            for table in (*OF_CONVERSATIONS, "mirror_days"):
                tx.execute(f"delete from {table}")  # noqa: S608 no text from outside
            tx.text_index.clear()
            return int(size["count"])

        return await self._connection.write(clear)

    async def transcribe(self, of: Untranscribed, transcript: Sequence[Utterance]) -> None:
        """Copy a transcript; an empty one says that there is none, or none that may be copied."""
        sql = f"select id from mirror where conversation = ? and kind = ? and version = ? and {UNTRANSCRIBED}"  # noqa: S608

        def write(tx: Transaction) -> None:
            row = tx.first(sql, [of.id, of.kind, of.version])
            if row is not None:
                put_transcript(tx, row["id"], transcript, of=of.version)

        await self._connection.write(write)

    async def drop_transcripts(self) -> int:
        """Remove all transcripts; return how many there were."""

        def drop(tx: Transaction) -> int:
            count = tx.execute("delete from mirror_transcripts")
            tx.execute("update mirror set transcript_of = null where transcript_of is not null")
            if count:
                tx.text_index.clear_transcripts()
            return count

        count = await self._connection.write(drop)
        await forget_words(self._connection)
        return count

    # ---- reading -----------------------------------------------------------------------------------------------------

    async def unseen(self, kind: Kind, scope: Scope, days: Days, read_at: datetime) -> list[str]:
        """Return the ids in these days (UTC) and this scope (not `all`) that were last merged before `read_at`."""
        of_days = _of_days(kind, scope, days)
        sql = f"select conversation from mirror where {OF_DAYS} and read_at < ?"  # noqa: S608 no text from outside
        return await self._connection.read(
            lambda tx: [row["conversation"] for row in tx.fetch(sql, [*of_days, moment_text(read_at)])]
        )

    async def days_read(self, kind: Kind, scope: Scope) -> Mapping[date, datetime]:
        """Return the days that are complete, and as of when."""
        sql = "select day, read_at from mirror_days where kind = ? and scope = ?"
        rows = await self._connection.read(lambda tx: tx.fetch(sql, [kind, scope]))
        return {date.fromisoformat(row["day"]): read_moment(row["read_at"]) for row in rows}

    async def get(self, kind: Kind, id: str) -> Hit | None:  # noqa: A002
        sql = "select id from mirror where conversation = ? and kind = ?"

        def get(tx: Transaction) -> Hit | None:
            ids = [row["id"] for row in tx.fetch(sql, [id, kind])]
            return next(iter(read_hits(tx, ids, Sight())), None)

        return await self._connection.read_at_once(get)

    async def size(self) -> MirrorSize:
        sql = "select (select count(*) from mirror) as copied, (select count(*) from mirror_transcripts) as transcribed"
        (row,) = await self._connection.read(lambda tx: tx.fetch(sql))
        return MirrorSize(row["copied"], row["transcribed"])

    async def untranscribed(self, count: int) -> list[Untranscribed]:
        """Return the newest conversations whose transcripts haven't been copied as they are now."""
        sql = f"select kind, conversation, version from mirror where {UNTRANSCRIBED} order by starts_at desc limit ?"  # noqa: S608
        rows = await self._connection.read(lambda tx: tx.fetch(sql, [count]))
        return [Untranscribed(Kind(row["kind"]), row["conversation"], row["version"]) for row in rows]

    async def search(self, words: Sequence[str], wanted: Wanted, sight: Sight, *, skip: int, count: int) -> Found:
        """Return a page of the conversations in which all these words and phrases are, the best first.

        Without a word that has a letter or a digit, nothing is found.
        """
        return await self._connection.read_at_once(lambda tx: find(tx, words, wanted, sight, (count, skip)))

    async def figures(self, wanted: Wanted, sight: Sight, *, count: int | None = None) -> list[Figures]:
        """Return the figures of all these conversations, or of so many; the newest first."""
        found = await self._connection.read_at_once(lambda tx: find_figures(tx, wanted, sight, count))
        # There may be very many: neither the database nor the event loop should wait for this.
        return await asyncio.to_thread(read_figures, *found)

    async def total(self, wanted: Wanted, sight: Sight, *, longest: int) -> Total:
        """Return how many of these conversations there are; durations of `longest` seconds or more don't count."""
        return await self._connection.read(lambda tx: find_total(tx, wanted, sight, longest))


def _of_days(kind: Kind, scope: Scope, days: Days) -> list[Any]:
    """The values of OF_DAYS."""
    return [kind, int(scope is Scope.INTERNAL), days.first.isoformat(), days.last.isoformat()]
