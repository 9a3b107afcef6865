"""How many conversations there were, how long they took, and what is usual: counted in the mirror.

Whatever somebody may not see is left out by the database, before anything is counted.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.access.gate import Access
from bot.clock import Clock
from bot.commands.dates import instants
from bot.customers.customers import Customers
from bot.errors import GoneError
from bot.mirror.mirror import Mirror
from bot.model.access import Capability
from bot.model.commands import Days, StatsCommand
from bot.model.conversation import Kind, Scope
from bot.model.mirror import Total, Wanted
from bot.model.people import Viewer
from bot.model.stats import Stats, Usual
from bot.stats import counting
from bot.storage.mirror import MirrorStore
from bot.tools import timezones

TIMES = 4
"""Over how many earlier times of the same length the usual is the average, if so much is copied."""


class Statistics:
    def __init__(self, store: MirrorStore, customers: Customers, mirror: Mirror, access: Access, clock: Clock) -> None:
        self._store = store
        self._customers = customers
        self._mirror = mirror
        self._access = access
        self._clock = clock

    async def read(self, viewer: Viewer, command: StatsCommand, timezone: str) -> Stats:
        """Return the statistics of days in `timezone`, an IANA name.

        Raises AccessDenied if a domain isn't a customer of the channel, and GoneError if the mirror is switched off.
        """
        first_copied = self._mirror.first_day
        if first_copied is None:
            raise GoneError("stats_off")
        zone = timezones.zone(timezone)
        domains = await self._access.narrow(viewer, command.domains)
        sight = self._access.sight(viewer)
        begin = datetime.combine(first_copied, time(), zone)
        start, end = instants(command.days, zone)
        start, end = max(start, begin), min(end, self._clock.now())
        earliest = max(begin, start - TIMES * max(end - start, timedelta(0)))
        wanted = Wanted(start=earliest, end=start, domains=domains)
        earlier = await self._store.total(wanted, sight, longest=counting.LONGEST)
        figures = await self._store.figures(replace(wanted, start=start, end=end), sight)
        await self._access.show(viewer, (), "stats")
        days = Days(max(command.days.first, first_copied), max(command.days.last, first_copied))
        last_contact = await self._customers.last_contact(viewer, domains) if command.domains else None
        freshness = await self._mirror.freshness(start, end, Scope.EXTERNAL)
        usual = await self._usual(earlier, earliest, start, end)
        has_own = self._access.may_ever(viewer, Capability.METRICS)

        def count() -> Stats:
            buckets, is_cut = counting.cut(counting.buckets(figures, days, zone))
            return Stats(
                days=command.days,
                domains=domains,
                timezone=timezone,
                calls=sum(figure.kind is Kind.CALL for figure in figures),
                meetings=sum(figure.kind is Kind.MEETING for figure in figures),
                seconds=counting.seconds_of(figures),
                open_items=sum(figure.open_items for figure in figures),
                questions=sum(figure.questions for figure in figures),
                unit=counting.unit_for(days),
                buckets=buckets,
                is_cut=is_cut,
                freshness=freshness,
                breakdowns=counting.breakdowns(figures, domains),
                usual=usual,
                last_contact=last_contact,
                days_since=None if last_contact is None else self._days_since(last_contact, timezone),
                own=counting.own(figures, sight.address) if has_own else None,
                team=counting.team(figures),
                first_copied=first_copied if first_copied > command.days.first else None,
            )

        # There may be very many: the event loop shouldn't wait for this.
        return await asyncio.to_thread(count)

    async def _usual(self, earlier: Total, earliest: datetime, start: datetime, end: datetime) -> Usual | None:
        """Return the usual, unless some of the earlier days haven't been copied yet."""
        if (await self._mirror.freshness(earliest, start, Scope.EXTERNAL)).missing:
            return None
        return counting.usual(earlier, start - earliest, end - start)

    def _days_since(self, moment: datetime, timezone: str) -> int:
        zone = timezones.zone(timezone)
        return max(0, (self._clock.now().astimezone(zone).date() - moment.astimezone(zone).date()).days)
