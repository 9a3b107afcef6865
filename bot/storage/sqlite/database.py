"""The database as the services see it: one attribute for each thing that is kept."""

from os import PathLike
from typing import Self

from bot.storage.sqlite.audit import AuditRows
from bot.storage.sqlite.cards import Cards
from bot.storage.sqlite.connection import Connection
from bot.storage.sqlite.digests import Digests
from bot.storage.sqlite.facts import Facts
from bot.storage.sqlite.jobs import JobRows
from bot.storage.sqlite.leases import Leases
from bot.storage.sqlite.ledger import Ledger
from bot.storage.sqlite.questions import Questions
from bot.storage.sqlite.subscriptions import Subscriptions
from bot.storage.sqlite.traces import TraceRows
from bot.storage.sqlite.uploads import Uploads


class Database:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_new = connection.is_new
        """Whether opening it created it."""
        self.audit = AuditRows(connection)
        self.cards = Cards(connection)
        self.digests = Digests(connection)
        self.facts = Facts(connection)
        self.jobs = JobRows(connection)
        self.leases = Leases(connection)
        self.ledger = Ledger(connection)
        self.questions = Questions(connection)
        self.subscriptions = Subscriptions(connection)
        self.traces = TraceRows(connection)
        self.uploads = Uploads(connection)

    @classmethod
    async def open(cls, path: str | PathLike[str], *, create: bool = True) -> Self:
        """The database in the file at `path`, brought up to date if need be; only the bot's user can read it.

        A missing one is created if `create` says so. Raises ConfigError, with a remedy, for what cannot be the bot's
        database.
        """
        return cls(await Connection.open(path, create=create))

    async def check(self) -> None:
        """Return when the database can be read and written, and will be there after a restart. Raises StorageFailed."""
        await self._connection.check()

    async def compact(self) -> bool:
        """Leave no byte of what was removed in the file or beside it; False where others are in the way."""
        return await self._connection.compact()

    async def close(self) -> None:
        """Finish what was begun and let go of the file. A second time does nothing."""
        await self._connection.close()
