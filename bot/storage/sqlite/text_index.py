"""The index of the mirror's words on SQLite: FTS5 (https://sqlite.org/fts5.html).

Parts of words are looked for in a list of all words, which has an index of trigrams.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from bot.model.access import Sight
from bot.model.mirror import Wanted
from bot.storage.columns import moment_text, read_json
from bot.storage.sql.mirror_conditions import EVERYTHING, NOTHING, Condition, all_of, is_visible, is_wanted, reaches
from bot.storage.text_index import (
    MAX_PARTS,
    RANKED,
    SHORTEST_BEGINNING,
    SHORTEST_PART,
    SHORTEST_WITH_PARTS,
)
from bot.storage.transaction import Row, Transaction
from bot.tools.words import words_of

SAMPLE = 2_000
"""By so many of those with the words it is estimated whether there are more than are ranked."""
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
FIRST_MERGE, NEXT_MERGE = -500, 500
"""Pages of the index that are merged in one go: it takes some hundredths of a second. A negative number begins to merge
all of it, and positive ones go on with that (https://sqlite.org/fts5.html#the_merge_command).
"""


class SqliteTextIndex:
    def __init__(self, tx: Transaction, connection: sqlite3.Connection) -> None:
        self._tx = tx
        self._connection = connection

    # ---- writing -----------------------------------------------------------------------------------------------------

    def put(self, id: int, columns: Mapping[str, Sequence[str]], *, is_new: bool = False) -> None:  # noqa: A002
        values = [" ".join(words) for words in columns.values()]
        if not is_new and self._tx.first("select 1 from mirror_text where rowid = ?", [id]):
            names = ", ".join(f"{name} = ?" for name in columns)
            self._tx.execute(f"update mirror_text set {names} where rowid = ?", [*values, id])  # noqa: S608 ours
        else:
            places = ", ".join("?" for _ in columns)
            sql = f"insert into mirror_text (rowid, {', '.join(columns)}) values (?, {places})"  # noqa: S608 likewise
            self._tx.execute(sql, [id, *values])
        long = {word for words in columns.values() for word in words if len(word) >= SHORTEST_WITH_PARTS}
        (last,) = self._tx.fetch("select coalesce(max(id), 0) as id from mirror_words")
        new = "insert into mirror_words (word) values (?) on conflict do nothing"
        self._tx.execute_many(new, [(word,) for word in sorted(long)])
        self._tx.execute(
            "insert into mirror_parts (rowid, word) select id, word from mirror_words where id > :id", last
        )

    def remove(self, ids: Sequence[int]) -> None:
        self._tx.execute_many("delete from mirror_text where rowid = ?", [(id_,) for id_ in ids])

    def clear(self) -> None:
        self._tx.execute("delete from mirror_text")
        self._tx.execute("insert into mirror_text (mirror_text) values ('optimize')")
        self._tx.execute("delete from mirror_words")
        self._tx.execute("insert into mirror_parts (mirror_parts) values ('delete-all')")

    def clear_transcripts(self) -> None:
        self._tx.execute("update mirror_text set transcript = '' where transcript != ''")

    def merge(self, *, is_first: bool) -> bool:
        # The index keeps a removed row's words until it is merged.
        before = self._connection.total_changes
        pages = FIRST_MERGE if is_first else NEXT_MERGE
        self._tx.execute("insert into mirror_text (mirror_text, rank) values ('merge', ?)", [pages])
        return self._connection.total_changes - before >= 2

    def unused(self, words: Sequence[Row]) -> list[Row]:
        found = "select 1 from mirror_text where mirror_text match ? limit 1"
        return [row for row in words if not self._tx.first(found, [f'"{row["word"]}"'])]

    def remove_words(self, words: Sequence[Row]) -> None:
        gone = "insert into mirror_parts (mirror_parts, rowid, word) values ('delete', :id, :word)"
        self._tx.execute_many(gone, words)
        self._tx.execute_many("delete from mirror_words where id = ?", [(row["id"],) for row in words])

    def merge_words(self) -> None:
        self._tx.execute("insert into mirror_parts (mirror_parts) values ('optimize')")

    # ---- finding -----------------------------------------------------------------------------------------------------

    def find(
        self, words: Sequence[str], wanted: Wanted, sight: Sight, *, skip: int, count: int
    ) -> tuple[list[int], int]:
        expression = _expression(self._tx, words)
        if not expression:
            return [], 0
        expression, of_transcripts = _looked_for(expression, sight)
        where, values = all_of(of_transcripts, is_visible(sight, ROW), is_wanted(wanted, ROW))
        # The words first, whatever the planner knows of the tables: looking for a word in one row takes as long as in
        # many.
        source = "from mirror_text cross join mirror m on m.id = mirror_text.rowid"
        found = f"{source} where mirror_text match ? and {where}", [expression, *values]
        rows = None if self._are_probably_too_many(expression, (where, values), wanted) else self._ranked(found)
        ids: list[int] = []
        if rows is None:
            ids, total = self._newest(found, wanted, skip=skip, count=count)
            if total <= RANKED:
                rows = self._ranked(found)
        if rows is not None:
            rows.sort(key=lambda row: row["starts_at"] or "", reverse=True)
            rows.sort(key=lambda row: row["rank"])  # the best have the smallest numbers
            ids, total = [row["id"] for row in rows[skip : skip + count]], len(rows)
        return ids, total

    def _are_probably_too_many(self, expression: str, of_rows: Condition, wanted: Wanted) -> bool:
        """Return whether more are likely to be found than are ranked, by a few of those with the words."""
        where, values = of_rows
        # Those of about the same time often have ids that follow one another.
        first = self._tx.first(FIRST, [moment_text(wanted.end)]) if wanted.end else None
        start = first["id"] if first else 0
        (sample,) = self._tx.fetch(
            "with sample as materialized "  # noqa: S608 no text from outside
            "(select rowid from mirror_text where mirror_text match ? and rowid >= ? limit ?) "
            "select (select count(*) from sample) as size, (select max(rowid) from sample) as furthest, "
            "(select max(id) from mirror) as last, count(*) as found "
            f"from sample as mirror_text cross join mirror m on m.id = mirror_text.rowid where {where}",
            [expression, start, SAMPLE, *values],
        )
        if sample["size"] < SAMPLE:
            return False
        # They come by their ids, so the last one says how far that is.
        return bool(sample["found"] * (sample["last"] - start) > 1.5 * RANKED * (sample["furthest"] - start))

    def _ranked(self, found: Condition) -> list[Row] | None:
        """Return how well each of these matches, when it began, and its id; None if there are too many."""
        source, values = found
        sql = f"select bm25(mirror_text, {WEIGHTS}) as rank, m.starts_at, m.id {source} limit ?"
        rows = self._tx.fetch(sql, [*values, RANKED + 1])
        return rows if len(rows) <= RANKED else None

    def _newest(self, found: Condition, wanted: Wanted, *, skip: int, count: int) -> tuple[list[int], int]:
        """Return a page of what was found, the newest first, and how much that is; `found` begins with `from`.

        Both at once, if it is one of the first pages: to go through them all a second time would take as long again.
        """
        source, values = found
        until = moment_text(wanted.end) if wanted.end else LAST
        since = self._tx.first(SINCE, [until, RECENT]) or {"starts_at": ""}
        recent = "json_group_array(json_array(m.starts_at, m.id)) filter (where m.starts_at >= ?)"
        (counted,) = self._tx.fetch(
            f"select count(*) as total, {recent} as recent {source}", [since["starts_at"], *values]
        )
        rows = sorted(read_json(counted["recent"]), key=lambda row: row[1])
        rows.sort(key=lambda row: row[0], reverse=True)
        if len(rows) >= skip + count:
            return [id_ for _, id_ in rows[skip : skip + count]], counted["total"]
        newest = f"select m.id {source} order by m.starts_at desc, m.id limit ? offset ?"
        return [row["id"] for row in self._tx.fetch(newest, [*values, count, skip])], counted["total"]


def _looked_for(expression: str, sight: Sight) -> tuple[str, Condition]:
    """Return what is looked for in the index, and what else must be true: transcripts count where they may be read."""
    content = f"{CONTENT}({expression})"
    reach = reaches(sight.transcripts, sight.address, ROW)
    if reach == NOTHING:
        return content, EVERYTHING
    if reach == EVERYTHING:
        return expression, EVERYTHING
    in_content = "select rowid from mirror_text where mirror_text match ?"
    return expression, (f"({reach[0]} or {ROW} in ({in_content}))", [*reach[1], content])


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
