"""The index of the mirror's words on PostgreSQL: https://www.postgresql.org/docs/current/textsearch.html.

The words are folded already, so they are lexemes as they are, whatever their language. Parts of words are looked for in
a list of all words.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.model.access import Sight
from bot.model.mirror import Wanted
from bot.storage.columns import json_text
from bot.storage.sql.mirror_conditions import EVERYTHING, NOTHING, Condition, all_of, is_visible, is_wanted, reaches
from bot.storage.text_index import (
    MAX_PARTS,
    RANKED,
    SHORTEST_BEGINNING,
    SHORTEST_PART,
    SHORTEST_WITH_PARTS,
)
from bot.tools.words import words_of

if TYPE_CHECKING:
    from bot.storage.transaction import Row, Transaction

LONGEST = 255
"""Letters of a word that are indexed: PostgreSQL refuses 2 KB."""
LARGEST = 1_000_000
"""Bytes of a vector: PostgreSQL refuses 1 MB. 60,000 different words of ten letters fit, and the rest isn't found."""
OF_A_WORD = 6
"""Bytes that a word's place and weight take, at most."""
LAST_POSITION = 16_383
"""PostgreSQL counts no further."""
WEIGHTS = {"name": "A", "people": "B", "summary": "C", "points": "D", "transcript": "D"}
"""Of the columns: a word in the name says more than one in the transcript."""
CONTENT = ("name", "summary", "points", "people")
OF_THESE = "id in (select cast(value as bigint) from json_each(?))"
UNUSED = f"""
    select id, word from mirror_words w where {OF_THESE} and not exists (
        select 1 from mirror_text t where t.everything @@ cast('''' || w.word || '''' as tsquery)
    )
"""  # noqa: S608 no text from outside
RANK = "ts_rank('{0.125, 0.25, 0.5, 1}', {vector}, cast(? as tsquery))"


class PostgresTextIndex:
    def __init__(self, tx: "Transaction") -> None:
        self._tx = tx

    # ---- writing -----------------------------------------------------------------------------------------------------

    def put(self, id: int, columns: Mapping[str, Sequence[str]], *, is_new: bool = False) -> None:  # noqa: A002
        known = (None if is_new else self._tx.first("select * from mirror_text where id = ?", [id])) or {}
        text = {name: known.get(name, "") for name in WEIGHTS}
        text |= {name: " ".join(word[:LONGEST] for word in words) for name, words in columns.items()}
        content = {name: text[name] for name in CONTENT}
        row = {"id": id, **text, "content": _vector(content), "everything": _vector(text)}
        self._tx.put("mirror_text", row, key=["id"])
        long = {word[:LONGEST] for words in columns.values() for word in words if len(word) >= SHORTEST_WITH_PARTS}
        new = "insert into mirror_words (word) values (?) on conflict do nothing"
        self._tx.execute_many(new, [(word,) for word in sorted(long)])

    def remove(self, ids: Sequence[int]) -> None:
        self._tx.execute_many("delete from mirror_text where id = ?", [(id_,) for id_ in ids])

    def clear(self) -> None:
        self._tx.execute("delete from mirror_text")
        self._tx.execute("delete from mirror_words")

    def clear_transcripts(self) -> None:
        self._tx.execute("update mirror_text set transcript = '', everything = content where transcript != ''")

    def merge(self, *, is_first: bool) -> bool:  # noqa: ARG002 as on SQLite
        return False  # PostgreSQL does that by itself

    def unused(self, words: Sequence["Row"]) -> list["Row"]:
        return self._tx.fetch(UNUSED, [json_text([row["id"] for row in words])])

    def remove_words(self, words: Sequence["Row"]) -> None:
        self._tx.execute(f"delete from mirror_words where {OF_THESE}", [json_text([row["id"] for row in words])])  # noqa: S608 ours

    def merge_words(self) -> None:
        """Nothing: PostgreSQL does that by itself."""

    # ---- finding -----------------------------------------------------------------------------------------------------

    def find(
        self, words: Sequence[str], wanted: Wanted, sight: Sight, *, skip: int, count: int
    ) -> tuple[list[int], int]:
        terms = [term for term in map(words_of, words) if term]
        if not terms:
            return [], 0
        query = " & ".join(f"({term})" for term in self._queries(terms))
        phrases = [" ".join(term) for term in terms if len(term) > 1]
        where, values = all_of(_found(query, phrases, sight), is_visible(sight), is_wanted(wanted))
        source = f"from mirror_text t join mirror m on m.id = t.id where {where}"
        (counted,) = self._tx.fetch(f"select count(*) as total {source}", values)
        newest = "m.starts_at desc nulls last, m.id"
        if counted["total"] <= RANKED:
            # By what the transcript says only if it may be read: else the order would give it away.
            vector = "t.everything" if sight.transcripts == "all" else "t.content"
            order, ranked = f"{RANK.replace('{vector}', vector)} desc, {newest}", [query]
        else:
            order, ranked = newest, []
        sql = f"select m.id {source} order by {order} limit ? offset ?"
        return [row["id"] for row in self._tx.fetch(sql, [*values, *ranked, count, skip])], counted["total"]

    def _queries(self, terms: Sequence[Sequence[str]]) -> Iterator[str]:
        """Yield the query for each word, as the beginning or a part of another too, and for the words of a phrase."""
        for term in terms:
            if len(term) > 1:
                yield " & ".join(f"'{word[:LONGEST]}'" for word in term)
                continue
            word = term[0][:LONGEST]
            if len(word) < SHORTEST_BEGINNING:
                yield f"'{word}'"
            elif len(word) < SHORTEST_PART:
                yield f"'{word}':*"
            else:
                longer = "select word from mirror_words where word like ? and word not like ? order by id limit ?"
                parts = self._tx.fetch(longer, [f"%{word}%", f"{word}%", MAX_PARTS])
                yield " | ".join([f"'{word}':*", *(f"'{row['word']}'" for row in parts)])


def _vector(text: Mapping[str, str]) -> str:
    """Return a vector, as PostgreSQL writes it: each word once, with the weight of the first column it is in."""
    first: dict[str, str] = {}
    size = 0
    for name, weight in WEIGHTS.items():
        for word in text.get(name, "").split():
            if word not in first and (size := size + len(word.encode()) + OF_A_WORD) <= LARGEST:
                first[word] = weight
    return " ".join(
        f"'{word}':{min(place, LAST_POSITION)}{weight}" for place, (word, weight) in enumerate(first.items(), start=1)
    )


def _found(query: str, phrases: Sequence[str], sight: Sight) -> Condition:
    """Return what is true where the words are. Transcripts count only where they may be read."""
    content = _matches("content", CONTENT, query, phrases)
    everything = _matches("everything", tuple(WEIGHTS), query, phrases)
    reach = reaches(sight.transcripts, sight.address)
    if reach == NOTHING:
        return content
    if reach == EVERYTHING:
        return everything
    spoken, values = all_of(everything, reach)
    return f"(({spoken}) or ({content[0]}))", [*values, *content[1]]


def _matches(vector: str, columns: Sequence[str], query: str, phrases: Sequence[str]) -> Condition:
    # The vector doesn't say which words follow each other: it has each word once.
    in_any = " or ".join(f"' ' || t.{name} || ' ' like ?" for name in columns)
    return all_of(
        (f"t.{vector} @@ cast(? as tsquery)", [query]),
        *((f"({in_any})", [f"% {phrase} %"] * len(columns)) for phrase in phrases),
    )
