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
    async def open(cls, path: str | PathLike[str]) -> Self:
        """The database in the file at `path`, made and brought up to date where need be; for the bot's user alone.

        Raises ConfigError, with a remedy, for what cannot be the bot's database.
        """
        return cls(await Connection.open(path))

    async def ping(self) -> None:
        """Return when the database answers, and raise what is wrong where it does not."""
        await self._connection.read(lambda db: db.execute("select count(*) from jobs").fetchone())

    async def compact(self) -> bool:
        """Leave no byte of what was removed in the file or beside it; False where others are in the way."""
        return await self._connection.compact()

    async def close(self) -> None:
        """Finish what was begun and let go of the file. A second time does nothing."""
        await self._connection.close()
