"""The SQLite database: one attribute for each store."""

from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Self

from bot.storage.sqlite.audit import AuditRows
from bot.storage.sqlite.cards import Cards
from bot.storage.sqlite.connection import Connection
from bot.storage.sqlite.digests import Digests
from bot.storage.sqlite.erasable import Erasures
from bot.storage.sqlite.facts import Facts
from bot.storage.sqlite.jobs import JobRows
from bot.storage.sqlite.leases import Leases
from bot.storage.sqlite.ledger import Ledger
from bot.storage.sqlite.questions import Questions
from bot.storage.sqlite.subscriptions import Subscriptions
from bot.storage.sqlite.uploads import Uploads
from bot.storage.stores import Stores

if TYPE_CHECKING:
    from bot.storage.sqlite.customers import Customers
    from bot.storage.sqlite.erased_subjects import ErasedSubjects
    from bot.storage.sqlite.mirror import Mirror


class Database:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_new = connection.is_new
        """Whether opening it created it."""
        self.audit = AuditRows(connection)
        self.cards = Cards(connection)
        self.digests = Digests(connection)
        self.erasures = Erasures(connection)
        self.facts = Facts(connection)
        self.jobs = JobRows(connection)
        self.leases = Leases(connection)
        self.ledger = Ledger(connection)
        self.questions = Questions(connection)
        self.subscriptions = Subscriptions(connection)
        self.uploads = Uploads(connection)

    @classmethod
    async def open(cls, path: str | PathLike[str], *, create: bool = True) -> Self:
        """Open the database in the file at `path`, and bring it up to date; only the bot's user can read it.

        With `create`, a missing file is created. Raises ConfigError, with a remedy, for what can't be the bot's
        database.
        """
        return cls(await Connection.open(path, create=create))

    @cached_property
    def customers(self) -> "Customers":
        from bot.storage.sqlite.customers import Customers  # noqa: PLC0415 not needed at the start, like the mirror

        return Customers(self._connection)

    @cached_property
    def mirror(self) -> "Mirror":
        from bot.storage.sqlite.mirror import Mirror  # noqa: PLC0415 likewise

        return Mirror(self._connection)

    @cached_property
    def erased_subjects(self) -> "ErasedSubjects":
        from bot.storage.sqlite.erased_subjects import ErasedSubjects  # noqa: PLC0415 only for `restore`

        return ErasedSubjects(self._connection)

    @property
    def stores(self) -> Stores:
        """Return all stores, as services know them."""
        return Stores(
            audit=self.audit,
            cards=self.cards,
            customers=lambda: self.customers,
            digests=self.digests,
            erasures=self.erasures,
            facts=self.facts,
            health=self,
            leases=self.leases,
            ledger=self.ledger,
            mirror=lambda: self.mirror,
            offers=self.uploads,
            questions=self.questions,
            subscriptions=self.subscriptions,
            upload_channels=self.uploads,
            uploads=self.uploads,
        )

    async def check(self) -> None:
        """Return when the database can be read and written, and will be there after a restart. Raises StorageFailed."""
        await self._connection.check()

    async def compact(self) -> bool:
        """Leave no byte of what was removed in the file or beside it; False if others are in the way."""
        return await self._connection.compact()

    async def close(self) -> None:
        """Finish what was begun, and close the file. Closing it twice does no harm."""
        await self._connection.close()
