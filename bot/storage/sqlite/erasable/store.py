"""The database as erasure uses it: every store that keeps something about a subject, at one moment."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from bot.model.audit import AuditRow
from bot.model.erasure import Subject
from bot.storage.erasable import Erasables
from bot.storage.sqlite import erased_subjects
from bot.storage.sqlite.audit_chain import append
from bot.storage.sqlite.connection import Connection
from bot.storage.sqlite.erasable.copies import Cards, Questions
from bot.storage.sqlite.erasable.jobs import Jobs
from bot.storage.sqlite.erasable.messages import Messages
from bot.storage.sqlite.erasable.mirror import Customers, Mirror
from bot.storage.sqlite.erasable.subscriptions import Subscriptions
from bot.storage.sqlite.erasable.uploads import Channels, Offers, Uploads

if TYPE_CHECKING:
    from sqlite_utils import Database

T = TypeVar("T")

COPIES = (Questions, Jobs, Uploads, Offers, Cards, Subscriptions, Channels, Mirror, Customers)
KEPT_TABLES = {
    "audit": "it says who did what, with ids only, and rows go by their age",
    "audit_heads": "where the audit ends",
    "erased_subjects": "salted hashes of what was erased, so that it is erased again from a restored backup",
    "digests": "days and states; a digest's conversations are erased with its subscription",
    "facts": "what the bot knows about Kickscale and itself",
    "leases": "which bot does what",
    "mirror_days": "which days are copied",
    "mirror_erased": "ids of conversations that were erased, so that they aren't copied again",
}
"""The tables from which nothing is erased, and why."""


class _Stores:
    """The stores within one snapshot or transaction."""

    def __init__(self, db: "Database") -> None:
        self._db = db
        self.messages = Messages(db)
        self.copies = tuple(store(db) for store in COPIES)

    def record(self, row: AuditRow) -> None:
        append(self._db, row)

    def remember(self, subject: Subject, at: datetime) -> None:
        erased_subjects.remember(self._db, subject, at)

    def forget_subjects(self, before: datetime) -> None:
        erased_subjects.forget_before(self._db, before)


class Erasures:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(self, work: Callable[[Erasables], T]) -> T:
        return await self._connection.read_at_once(lambda db: work(_Stores(db)))

    async def write(self, work: Callable[[Erasables], T]) -> T:
        return await self._connection.write(lambda db: work(_Stores(db)))

    async def compact(self) -> bool:
        return await self._connection.compact()
