"""Erases from a restored database what was erased since it was copied."""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot import domains
from bot.model.erasure import About, Subject
from bot.storage.columns import json_text
from bot.storage.sql.erased_subjects import salted_hash
from bot.storage.sql.mirror_removal import remove
from bot.storage.sql.mirror_words import forget_words
from bot.storage.transaction import Connection, Transaction

_USER = re.compile(r"\b[UW][A-Z0-9]{1,30}\b")
_WORD = re.compile(r'[^\s"]+')
_CONTENT = ("mirror_records", "mirror_transcripts", "mirror_words")
"""The tables that have only content: other tables have the customers and ids that it belongs to."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a database knows of erasures that a restored one has to know too."""

    subjects: Sequence[tuple[str, str, str, str]]
    """The rows of `erased_subjects`: about, salt, hash, at."""
    conversations: Sequence[str]
    """The ids of conversations that must not be copied again."""


def read_carried(path: Path) -> Carried | None:
    """Return what a database knows of erasures, without changing it; None if it can't be read. Blocks."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            tables = {name for (name,) in connection.execute("select name from sqlite_schema")}
            subjects = "select about, salt, hash, at from erased_subjects"
            conversations = "select conversation from mirror_erased"
            return Carried(
                connection.execute(subjects).fetchall() if "erased_subjects" in tables else (),
                [id_ for (id_,) in connection.execute(conversations)] if "mirror_erased" in tables else (),
            )
    except sqlite3.DatabaseError:
        return None


class ErasedSubjects:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def carry_over(self, carried: Carried) -> None:
        """Know of these erasures too, and remove the copies of the conversations."""

        def write(tx: Transaction) -> None:
            sql = "insert into erased_subjects (about, salt, hash, at) values (?, ?, ?, ?) on conflict do nothing"
            tx.execute_many(sql, carried.subjects)
            ids = [[id_] for id_ in carried.conversations]
            tx.execute_many("insert into mirror_erased (conversation) values (?) on conflict do nothing", ids)
            remove(tx, "conversation in (select value from json_each(?))", [json_text(list(carried.conversations))])

        await self._connection.write(write)
        await forget_words(self._connection)

    async def find(self) -> list[Subject]:
        """Return the erased subjects that occur in the database. Reads all of it, except for content."""
        return await self._connection.read(_find)


def _find(tx: Transaction) -> list[Subject]:
    erased = tx.fetch("select about, salt, hash from erased_subjects")
    found: dict[About, set[str]] = {about: set() for about in About}
    if erased:
        for about, candidates in _candidates(_texts(tx)).items():
            hashed = [(row["salt"], row["hash"]) for row in erased if row["about"] == about]
            found[about] = {
                value for value in candidates if any(salted_hash(value, salt) == hash_ for salt, hash_ in hashed)
            }
    return [Subject(about, tuple(sorted(values))) for about, values in found.items() if values]


def _texts(tx: Transaction) -> Iterator[str]:
    tables = tx.fetch("select name from pragma_table_list where schema = 'main' and type = 'table'")
    for table in (row["name"] for row in tables):
        if table not in _CONTENT and table != "erased_subjects":
            for row in tx.iterate(f"select * from {table}"):  # noqa: S608 names of ours
                yield from (value for value in row.values() if isinstance(value, str))


def _candidates(texts: Iterable[str]) -> dict[About, set[str]]:
    """Return everything that may be a subject, in its stored form."""
    candidates: dict[About, set[str]] = {about: set() for about in About}
    for text in texts:
        candidates[About.USER].update(_USER.findall(text))
        candidates[About.CONVERSATION].update(_WORD.findall(text))
        if "." in text:
            for domain in domains.named(text):
                labels = domain.split(".")
                above = (".".join(labels[place:]) for place in range(len(labels) - 1))
                candidates[About.DOMAIN].update((domain, *(f"*.{parent}" for parent in above)))
    return candidates
