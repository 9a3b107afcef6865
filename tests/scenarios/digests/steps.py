"""What the tests of digests type, wait for and read."""

from datetime import datetime, timedelta
from typing import Any

from bot.model.digests import Subscription
from tests.clock import MONDAY_MORNING
from tests.world import ROBIN, SALES, World

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TUESDAY = MONDAY_MORNING + DAY
FOREVER = 100_000
"""More faults than a test uses up."""

# For Robin, in Berlin, the tests' Monday morning is 9:30, so today's 8:30 has passed.
NEXT = MONDAY_MORNING + timedelta(hours=23)


async def all_subscriptions(here: World) -> list[Subscription]:
    return await here.bot.database.subscriptions.every()


async def only_subscription(here: World) -> Subscription:
    (subscription,) = await all_subscriptions(here)
    return subscription


async def ask_digest(here: World, line: str, user: str = ROBIN, channel: str = SALES) -> str:
    return here.text(await here.ask(f"/kickscale digest {line}", user, channel), user).replace("`", "")


async def submit_form(here: World, values: dict[str, Any]) -> str:
    """Fill in the open form, submit it, and return the text of the modal that is open then."""
    view = here.slack.open_view(ROBIN)
    assert view is not None, "no form is open"
    delivery = await here.slack.submit(ROBIN, view, values)
    assert not delivery.error, delivery
    await here.settle()
    return here.text(here.slack.open_view(ROBIN)).replace("`", "")


async def open_form(here: World, index: int = 0) -> str:
    """Open the form of a subscription in the list, and return its text."""
    await here.click(await here.ask("/kickscale digest list"), "Change", index=index)
    return here.text(here.slack.open_view(ROBIN))


def digests(here: World) -> list[str]:
    return [here.text(message) for message in here.posts(SALES) if not message.thread_ts]


async def retry_until(here: World, at: datetime) -> None:
    """Let time pass in steps that are short enough for the retries."""
    await here.run_digests_at(max(here.clock.now(), TUESDAY))
    while here.clock.now() < at:
        await here.run_digests_at(min(at, here.clock.now() + 15 * MINUTE))
