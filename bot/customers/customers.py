"""The customers that the bot knows, learned from whatever it reads; at first, from the last 90 days."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from bot.access.gate import Access
from bot.clock import Clock
from bot.commands.customers import CustomerNames
from bot.customers.contacts import contacts
from bot.errors import KickscaleError, RangeTooWide
from bot.jobs.lease import Lease
from bot.kickscale.patient_reader import PatientReader
from bot.model.access import Sight
from bot.model.conversation import Conversation, Kind, ListRead, Scope
from bot.model.customers import Customer
from bot.model.people import Viewer
from bot.storage.mirror import CustomerStore
from bot.storage.stores import FactStore
from bot.tools.cache import TtlCache
from bot.tools.single_flight import SingleFlight
from bot.tools.slices import in_slices

log = logging.getLogger(__name__)

FIRST_FILL = timedelta(days=90)
SPAN = timedelta(days=5)
LEASE = timedelta(minutes=2)
FACT = "customers.filled"
NAMES_TTL = timedelta(minutes=1)
MOST_KEPT = 20_000
"""How many customers are kept in memory to be found by their names, of all people together; those who see the same
share them."""
AT_ONCE = 50
"""How many conversations are looked through and written down in one transaction: an acknowledgement may wait for it."""
SLICE = 20
"""How many are looked through before others have their turn: a millisecond."""
NAMES_SLICE = 100
"""How many customers get their names before others have their turn: a millisecond too."""
REMEMBERED = 20_000
Revision = tuple[int, ...]
"""What `CustomerStore.revision` returns."""


class Customers:
    def __init__(  # noqa: PLR0917 what it reads and writes
        self,
        store: CustomerStore,
        facts: FactStore,
        reader: PatientReader,
        access: Access,
        lease: Lease,
        clock: Clock,
    ) -> None:
        self._store = store
        self._facts = facts
        self._reader = reader
        self._access = access
        self._lease = lease
        self._clock = clock
        self._names: TtlCache[tuple[Revision, CustomerNames]] = TtlCache(clock, NAMES_TTL, MOST_KEPT)
        self._flights = SingleFlight()
        self._learned: OrderedDict[tuple[Kind, str, object], None] = OrderedDict()
        """The conversations that were looked through, each as it was then. The oldest are forgotten."""

    async def known_customers(self, viewer: Viewer) -> list[Customer]:
        """Return the customers that this person may know of, where they ask; the latest contact first.

        In a channel that is bound to some customers, only those; with `VISIBILITY=kickscale`, only those of their own
        conversations.
        """
        return await self._store.known(self._access.sight(viewer))

    async def last_contact(self, viewer: Viewer, domains: Sequence[str]) -> datetime | None:
        """Return when the latest contact was with any of these customers, of those that this person may know of."""
        return await self._store.last_contact(domains, self._access.sight(viewer))

    async def names(self, viewer: Viewer) -> CustomerNames:
        """Return the customers that this person may know of, to be found by what people type.

        They are kept until others are known, since every command needs them; their order may be a minute old.
        """
        whole = self._access.sight(viewer)
        # Only what decides about customers, so that those who see the same share them.
        sight = Sight(
            address="" if whole.conversations == "all" else whole.address,
            customers=whole.customers,
            conversations=whole.conversations,
        )
        revision = await self._store.revision(sight)
        if (kept := self._names.get(sight)) is not None and kept[0] == revision:
            return kept[1]
        return await self._flights.join((sight, revision), lambda: self._read_names(sight, revision))

    async def _read_names(self, sight: Sight, revision: Revision) -> CustomerNames:
        names = CustomerNames()
        async for customer in in_slices(await self._store.known(sight), NAMES_SLICE):
            names.add(customer)
        self._names.put(sight, (revision, names), 1 + len(names))
        return names

    def forget_expired(self) -> None:
        """Free the memory of names that nobody has looked for within a minute."""
        self._names.remove_expired()

    # ---- learning ----------------------------------------------------------------------------------------------------

    def wants(self, read: ListRead) -> bool:
        """Return whether customers can be learned from this: only from what certainly isn't internal."""
        return read.scope is Scope.EXTERNAL and bool(read.conversations)

    async def hear(self, read: ListRead) -> None:
        """Learn from what Kickscale has just told somebody. Asks it nothing. Raises StorageFailed."""
        await self._learn(read.conversations)

    async def _learn(self, conversations: Sequence[Conversation]) -> None:
        now = self._clock.now()
        for start in range(0, len(conversations), AT_ONCE):
            some = conversations[start : start + AT_ONCE]
            new = [conversation for conversation in some if _version(conversation) not in self._learned]
            if not new:
                await asyncio.sleep(0)
                continue
            found = [
                contact async for conversation in in_slices(new, SLICE) for contact in contacts(conversation.copy())
            ]
            await self._store.learn(found, now)
            self._learned.update((_version(conversation), None) for conversation in new)
            while len(self._learned) > REMEMBERED:
                self._learned.popitem(last=False)

    # ---- the first fill ----------------------------------------------------------------------------------------------

    async def catch_up(self) -> None:
        """Read the last 90 days, once for each database; after a kill it continues from there. Raises StorageFailed."""
        try:
            while (left := await self._left()) and await self._lease.take(LEASE):
                await self._read_back(*left)
        except (KickscaleError, RangeTooWide) as exc:
            log.warning("reading customers was interrupted (%s); will continue in a few minutes", type(exc).__name__)

    async def is_filled(self) -> bool:
        """Return whether the last 90 days have been read."""
        return await self._left() is None

    async def _left(self) -> tuple[date, date] | None:
        """Return the first day to be read, and the first day that has been read; None if everything has been."""
        fact = await self._facts.get(FACT)
        if fact is None:
            today = self._clock.now().astimezone(UTC).date()
            return today - FIRST_FILL, today + timedelta(days=1)
        goal, reached = (date.fromisoformat(day) for day in fact[0])
        return (goal, reached) if reached > goal else None

    async def _read_back(self, goal: date, reached: date) -> None:
        first = max(goal, reached - SPAN)
        start, end = (datetime.combine(day, time(), UTC) for day in (first, reached))
        for kind in Kind:
            await self._learn(await self._reader.between(kind, Scope.EXTERNAL, start, end))
        await self._facts.set(FACT, [goal.isoformat(), first.isoformat()], self._clock.now())
        if first == goal:
            log.info("read the customers of the last %d days", FIRST_FILL.days)


def _version(conversation: Conversation) -> tuple[Kind, str, object]:
    return conversation.kind, conversation.id, str(conversation.raw.get("updatedAt"))
