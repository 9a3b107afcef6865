"""The index of the mirror's words on SQLite: FTS5 (https://sqlite.org/fts5.html).

Parts of words are looked for in a list of all words, which has an index of trigrams.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.model.access import Sight
from bot.model.mirror import Wanted
from bot.storage.columns import moment_text, read_json
from bot.storage.sql.mirror_conditions import EVERYTHING, NOTHING, Condition, all_of, is_visible, is_wanted, reaches
from bot.storage.text_index import FIRST_STEP, Step
from bot.tools.words import words_of

if TYPE_CHECKING:
    from bot.storage.sqlite.session import SqliteTransaction

SHORTEST_BEGINNING = 3
SHORTEST_PART = 4
"""Letters. Shorter words are parts of too many others."""
SHORTEST_WITH_PARTS = 6
"""Letters. A word that is looked for as a part has at least four, and the word around it has more."""
MAX_PARTS = 50
"""How many words that have a word in them are looked for: those that were read first, which are the frequent ones."""
RANKED = 2_000
"""If more conversations are found, the newest come first: to rank 100,000 takes 0.1 s, and would say little."""
SAMPLE = 500
"""After so many it is estimated whether there are more than that."""
RECENT = 5_000
"""Among so many of the newest conversations is likely to be a page of what is found that often."""
CONTENT = "{name summary points people} : "
WEIGHTS = "8, 3, 2, 4, 1"
"""Of the index's columns: a word in the name says more than one in the transcript."""
SINCE = "select starts_at from mirror where starts_at < ? order by starts_at desc limit 1 offset ?"
LAST = "9999"
"""Later than any moment as text."""
FIRST_MERGE, NEXT_MERGE = -500, 500
"""Pages of the index that are merged in one go: it takes some hundredths of a second. A negative number begins to merge
all of it, and positive ones go on with that (https://sqlite.org/fts5.html#the_merge_command).
"""
WORDS = 2_000
"""How many words are looked at in one go."""


class SqliteTextIndex:
    def __init__(self, tx: "SqliteTransaction") -> None:
        self._tx = tx

    # ---- writing -----------------------------------------------------------------------------------------------------

    def put(self, id: int, columns: Mapping[str, Sequence[str]]) -> None:  # noqa: A002
        values = [" ".join(words) for words in columns.values()]
        if self._tx.first("select 1 from mirror_text where rowid = ?", [id]):
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
        self.forget_words()

    def clear_transcripts(self) -> None:
        self._tx.execute("update mirror_text set transcript = '' where transcript != ''")
        self.forget_words()

    def forget_words(self) -> None:
        """Leave no word of what was removed: the index keeps a removed row's words until it is merged."""
        self._tx.execute("insert into mirror_text (mirror_text) values ('optimize')")
        after = 0
        while (last := self._forget_words_after(after)) is not None:
            after = last

    def forget_some_words(self, step: Step) -> Step | None:
        if step == FIRST_STEP or step.is_merging:
            if self._merge(NEXT_MERGE if step.is_merging else FIRST_MERGE):
                return Step(is_merging=True)
            return Step(is_merging=False, after=-1)
        last = self._forget_words_after(step.after)
        return None if last is None else Step(is_merging=False, after=last)

    def _merge(self, pages: int) -> bool:
        """Merge so many pages of the index; return whether there is more."""
        before = self._tx.connection.total_changes
        self._tx.execute("insert into mirror_text (mirror_text, rank) values ('merge', ?)", [pages])
        return self._tx.connection.total_changes - before >= 2

    def _forget_words_after(self, after: int) -> int | None:
        """Forget some words, after this id, that the index has no more; return the last one's id, None after all."""
        words = self._tx.fetch("select id, word from mirror_words where id > ? order by id limit ?", [after, WORDS])
        if not words:
            self._tx.execute("insert into mirror_parts (mirror_parts) values ('optimize')")
            return None
        kept = "select 1 from mirror_text where mirror_text match ? limit 1"
        stale = [row for row in words if not self._tx.first(kept, [f'"{row["word"]}"'])]
        gone = "insert into mirror_parts (mirror_parts, rowid, word) values ('delete', :id, :word)"
        self._tx.execute_many(gone, stale)
        self._tx.execute_many("delete from mirror_words where id = ?", [(row["id"],) for row in stale])
        return int(words[-1]["id"])

    # ---- finding -----------------------------------------------------------------------------------------------------

    def find(
        self, words: Sequence[str], wanted: Wanted, sight: Sight, *, skip: int, count: int
    ) -> tuple[list[int], int]:
        expression = _expression(self._tx, words)
        if not expression:
            return [], 0
        where, values = all_of(_found(expression, sight), is_visible(sight), is_wanted(wanted))
        # The words first, whatever the planner knows of the tables: looking for a word in one row takes as long as in
        # many.
        source = f"from mirror_text cross join mirror m on m.id = mirror_text.rowid where {where}"
        rows = self._ranked((source, values))
        if rows is None:
            return self._newest((source, values), wanted, skip=skip, count=count)
        rows.sort(key=lambda row: row[1] or "", reverse=True)
        rows.sort(key=lambda row: row[0])  # the best have the smallest numbers
        return [id_ for _, _, id_ in rows[skip : skip + count]], len(rows)

    def _ranked(self, found: Condition) -> list[tuple[float, str | None, int]] | None:
        """Return how well each of these matches, when it began, and its id; None if there are too many."""
        source, values = found
        sql = f"select bm25(mirror_text, {WEIGHTS}), m.starts_at, m.id {source} limit ?"
        cursor = self._tx.connection.execute(sql, [*values, RANKED + 1])
        rows: list[tuple[float, str | None, int]] = cursor.fetchmany(SAMPLE)
        if len(rows) == SAMPLE:
            # They come by their ids, so the last one says how far that is.
            (last,) = self._tx.fetch("select max(id) as id from mirror")
            if SAMPLE * last["id"] > RANKED * rows[-1][2]:
                cursor.close()
                return None
        rows += cursor.fetchall()
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


def _found(expression: str, sight: Sight) -> Condition:
    """Return what is true where the words are, in the index. Transcripts count only where they may be read."""
    content = f"{CONTENT}({expression})"
    reach, values = reaches(sight.transcripts, sight.address)
    if (reach, values) == NOTHING:
        return "mirror_text match ?", [content]
    if (reach, values) == EVERYTHING:
        return "mirror_text match ?", [expression]
    in_content = "select rowid from mirror_text where mirror_text match ?"
    return f"mirror_text match ? and ({reach} or m.id in ({in_content}))", [expression, *values, content]


def _expression(tx: "SqliteTransaction", words: Sequence[str]) -> str:
    """Return FTS5's query for all of these (https://sqlite.org/fts5.html#full_text_query_syntax)."""
    return " AND ".join(filter(None, (_term(tx, words_of(word)) for word in words)))


def _term(tx: "SqliteTransaction", words: Sequence[str]) -> str:
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
