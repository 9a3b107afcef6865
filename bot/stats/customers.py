"""The customers that the bot knows, by when the last contact was, and those that went quiet. Needs no mirror."""

from bot.access.gate import Access
from bot.clock import Clock
from bot.customers.customers import Customers
from bot.model.customers import Customer
from bot.model.people import Viewer
from bot.model.stats import CustomerLine, CustomersAnswer
from bot.tools import timezones
from bot.tools.pages import count_pages

PAGE_SIZE = 20
QUIET_AFTER = 30
"""Days without contact."""
MOST_QUIET = 10


class CustomerList:
    def __init__(self, customers: Customers, access: Access, clock: Clock) -> None:
        self._customers = customers
        self._access = access
        self._clock = clock

    async def page(self, viewer: Viewer, page: int, timezone: str) -> CustomersAnswer:
        """Return a page of the customers of conversations that the viewer may see; past the end, the last page."""
        known = await self._customers.known_customers(viewer)
        await self._access.show(viewer, (), "customers")
        lines = [self._line(customer, timezone) for customer in known]
        quiet = [line for line in lines if line.is_quiet]
        pages = count_pages(len(lines), PAGE_SIZE)
        page = min(max(0, page), pages - 1)
        return CustomersAnswer(
            shown=tuple(lines[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]),
            total=len(lines),
            page=page,
            pages=pages,
            quiet=tuple(quiet[:MOST_QUIET]) if page == 0 else (),
            quiet_total=len(quiet),
            quiet_after=QUIET_AFTER,
            timezone=timezone,
            is_complete=await self._customers.is_filled(),
        )

    def _line(self, customer: Customer, timezone: str) -> CustomerLine:
        last_day = customer.last_at and customer.last_at.astimezone(timezones.zone(timezone)).date()
        today = self._clock.now().astimezone(timezones.zone(timezone)).date()
        days = max(0, (today - last_day).days) if last_day else None
        return CustomerLine(
            domain=customer.domain,
            name=customer.names[0] if customer.names else "",
            last_day=last_day,
            days_since=days,
            is_quiet=days is not None and days >= QUIET_AFTER,
        )
