"""Which subjects were erased, so that a restored backup can be erased again.

Only a salted hash of each is kept: it says nothing by itself, but recognises the subject where it is found.
"""

import hashlib
import re
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot import domains
from bot.model.erasure import About, Subject
from bot.storage.sqlite.columns import json_text, moment_text
from bot.storage.sqlite.connection import Connection
from bot.storage.sqlite.mirror_removal import forget_words, remove

if TYPE_CHECKING:
    from sqlite_utils import Database

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


def remember(db: "Database", subject: Subject, at: datetime) -> None:
    """Record that a subject was erased, once however often that is done."""
    known = db.execute("select salt, hash from erased_subjects where about = ?", [subject.about]).fetchall()
    for value in subject.values:
        for salt, hash_ in known:
            if _hash(value, salt) == hash_:
                db.execute("delete from erased_subjects where hash = ?", [hash_])
        salt = secrets.token_hex(16)
        row = {"about": str(subject.about), "salt": salt, "hash": _hash(value, salt), "at": moment_text(at)}
        db.table("erased_subjects").insert(row)


def forget_before(db: "Database", moment: datetime) -> None:
    db.execute("delete from erased_subjects where at < ?", [moment_text(moment)])


def _hash(value: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()


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

        def write(db: "Database") -> None:
            sql = "insert or ignore into erased_subjects (about, salt, hash, at) values (?, ?, ?, ?)"
            db.conn.executemany(sql, carried.subjects)
            ids = [[id_] for id_ in carried.conversations]
            db.conn.executemany("insert or ignore into mirror_erased (conversation) values (?)", ids)
            if remove(db, "conversation in (select value from json_each(?))", [json_text(list(carried.conversations))]):
                forget_words(db)

        await self._connection.write(write)

    async def find(self) -> list[Subject]:
        """Return the erased subjects that occur in the database. Reads all of it, except for content."""
        return await self._connection.read(_find)


def _find(db: "Database") -> list[Subject]:
    erased = db.execute("select about, salt, hash from erased_subjects").fetchall()
    found: dict[About, set[str]] = {about: set() for about in About}
    if erased:
        for about, candidates in _candidates(_texts(db)).items():
            hashed = [(salt, hash_) for of, salt, hash_ in erased if of == about]
            found[about] = {value for value in candidates if any(_hash(value, salt) == hash_ for salt, hash_ in hashed)}
    return [Subject(about, tuple(sorted(values))) for about, values in found.items() if values]


def _texts(db: "Database") -> Iterator[str]:
    tables = db.execute("select name from pragma_table_list where schema = 'main' and type = 'table'").fetchall()
    for (table,) in tables:
        if table not in _CONTENT and table != "erased_subjects":
            for row in db.execute(f"select * from {table}"):  # noqa: S608 names of ours
                yield from (value for value in row if isinstance(value, str))


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
