"""The database as erasure uses it: every store that keeps something about a subject, at one moment."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from bot.model.audit import AuditRow
from bot.model.erasure import Subject
from bot.storage.erasable import Erasables
from bot.storage.sql import erased_subjects
from bot.storage.sql.audit_chain import append
from bot.storage.sql.erasable.copies import Cards, Questions
from bot.storage.sql.erasable.jobs import Jobs
from bot.storage.sql.erasable.messages import Messages
from bot.storage.sql.erasable.mirror import Customers, Mirror
from bot.storage.sql.erasable.subscriptions import Subscriptions
from bot.storage.sql.erasable.uploads import Channels, Offers, Uploads
from bot.storage.sql.mirror_words import forget_words
from bot.storage.transaction import Connection, Transaction

T = TypeVar("T")

COPIES = (Questions, Jobs, Uploads, Offers, Cards, Subscriptions, Channels, Mirror, Customers)
KEPT_TABLES = {
    "audit": "it says who did what, with ids only, and rows go by their age",
    "audit_heads": "where the audit ends",
    "erased_subjects": "salted hashes of what was erased, so that it is erased again from a restored backup",
    "digests": "days and states; a digest's conversations are erased with its subscription",
    "facts": "what the bot knows about Kickscale and itself",
    "leases": "which bot does what",
    "notices": "what bots tell one another, for ten minutes",
    "slack_turns": "in which channel a message was posted in the last second",
    "mirror_days": "which days are copied",
    "mirror_erased": "ids of conversations that were erased, so that they aren't copied again",
}
"""The tables from which nothing is erased, and why."""


class _Stores:
    """The stores within one snapshot or transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.messages = Messages(tx)
        self.copies = tuple(store(tx) for store in COPIES)

    def record(self, row: AuditRow) -> None:
        append(self._tx, row)

    def remember(self, subject: Subject, at: datetime) -> None:
        erased_subjects.remember(self._tx, subject, at)

    def forget_subjects(self, before: datetime) -> None:
        erased_subjects.forget_before(self._tx, before)


class Erasures:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(self, work: Callable[[Erasables], T]) -> T:
        return await self._connection.read_at_once(lambda tx: work(_Stores(tx)))

    async def write(self, work: Callable[[Erasables], T]) -> T:
        return await self._connection.write(lambda tx: work(_Stores(tx)))

    async def forget_words(self) -> None:
        await forget_words(self._connection)

    async def compacts_fast(self) -> bool:
        return await self._connection.compacts_fast()

    async def compact(self) -> bool:
        return await self._connection.compact()
