"""A database, SQLite or PostgreSQL: one attribute for each store."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Collection
from functools import cached_property
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.storage.queue import CONCURRENCY, Jobs
from bot.storage.sql.audit import AuditRows
from bot.storage.sql.cards import Cards
from bot.storage.sql.digests import Digests
from bot.storage.sql.erasable import Erasures
from bot.storage.sql.facts import Facts
from bot.storage.sql.jobs import Announce, JobRows
from bot.storage.sql.leases import Leases
from bot.storage.sql.ledger import Ledger
from bot.storage.sql.notices import Notices
from bot.storage.sql.questions import Questions
from bot.storage.sql.slack_turns import SlackTurns
from bot.storage.sql.subscriptions import Subscriptions
from bot.storage.sql.uploads import Uploads
from bot.storage.stores import Stores
from bot.storage.transaction import Connection, Transaction

if TYPE_CHECKING:
    from bot.storage.sql.customers import Customers
    from bot.storage.sql.mirror import Mirror


class Database(ABC):
    def __init__(
        self,
        connection: Connection,
        *,
        is_new: bool,
        announce: Announce | None = None,
        wake: Callable[[Transaction], None] | None = None,
    ) -> None:
        self._connection = connection
        self.is_new = is_new
        """Whether opening it created it."""
        self.audit = AuditRows(connection)
        self.cards = Cards(connection)
        self.digests = Digests(connection)
        self.erasures = Erasures(connection)
        self.facts = Facts(connection)
        self.jobs = JobRows(connection, announce)
        self.leases = Leases(connection)
        self.ledger = Ledger(connection)
        self.notices = Notices(connection, wake)
        self.questions = Questions(connection)
        self.slack_turns = SlackTurns(connection)
        self.subscriptions = Subscriptions(connection)
        self.uploads = Uploads(connection)

    @cached_property
    def customers(self) -> "Customers":
        from bot.storage.sql.customers import Customers  # noqa: PLC0415 not needed at the start, like the mirror

        return Customers(self._connection)

    @cached_property
    def mirror(self) -> "Mirror":
        from bot.storage.sql.mirror import Mirror  # noqa: PLC0415 likewise

        return Mirror(self._connection)

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
            notices=self.notices,
            offers=self.uploads,
            questions=self.questions,
            slack_turns=self.slack_turns,
            subscriptions=self.subscriptions,
            upload_channels=self.uploads,
            uploads=self.uploads,
        )

    def make_queue(
        self, clock: Clock, holder: str, *, concurrency: int = CONCURRENCY, only: Collection[int] | None = None
    ) -> Jobs:
        """Return a queue of this process. `holder` is its name, unlike that of any other on the database.

        With `only`, just the jobs of these ids are done; more may be added to it until the queue is started.
        """
        return Jobs(self.jobs, clock, holder, concurrency=concurrency, only=only)

    @abstractmethod
    def changes(self) -> AsyncGenerator[None, None]:
        """Yield, endlessly, whenever another process may have told this one something: within a second or two."""

    async def check(self) -> None:
        """Return when the database can be read and written, and will be there after a restart. Raises StorageFailed."""
        await self._connection.check()

    async def compact(self) -> bool:
        """Leave no byte of what was removed, as far as that is in our hands; False if others are in the way."""
        return await self._connection.compact()

    async def close(self) -> None:
        """Finish what was begun, and close the connection. Closing it twice does no harm."""
        await self._connection.close()
