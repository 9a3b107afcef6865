"""The window that the digests of one moment share."""

import asyncio
import weakref
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.digests.window import WINDOW_TTL, Window, Windows
from bot.errors import KickscaleError
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding
from bot.kickscale.protocol import ApiAccess
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING, ManualClock
from tests.world import call

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def kickscale(clock: ManualClock) -> AsyncIterator[EmbeddedKickscale]:
    async with EmbeddedKickscale(clock, populated=False) as kickscale:
        for number in range(250):
            kickscale.add_call(call(number, MONDAY_MORNING - timedelta(hours=1)))
        yield kickscale


@pytest.fixture
async def windows(kickscale: EmbeddedKickscale, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Windows]:
    access = ApiAccess(kickscale.base_url, kickscale.api_key, kickscale.client_id)
    client = KickscaleClient(access, retry_wait=0.0)
    database = await Database.open(tmp_path / "bot.sqlite3")
    yield Windows(client, CurrentBinding(client, database.facts, clock, lambda binding: binding), clock)
    await client.aclose()
    await database.close()


async def ask_repeatedly(windows: Windows, end: datetime, every: int) -> list[Window | BaseException]:
    """Ask for a window again and again, from before it is read until long after, and return all results.

    Ask at every second turn of the event loop or less often. If one request finds the window just read, it makes sure
    that it is cached for the request in the next turn, which would hide a gap.
    """
    requests: list[asyncio.Task[Window]] = []
    late_requests = 0
    while late_requests < 10:
        requests.append(asyncio.create_task(windows.get(end - DAY, end)))
        for _ in range(every):
            await asyncio.sleep(0)
        late_requests += requests[0].done()
    return await asyncio.gather(*requests, return_exceptions=True)


async def test_a_window_is_read_once_whenever_it_is_requested(windows: Windows, kickscale: EmbeddedKickscale) -> None:
    """Even if it is requested just after the read has finished, before those who waited for it continue."""
    for number in range(14):
        kickscale.requests.clear()
        first, *others = await ask_repeatedly(windows, MONDAY_MORNING + number * MINUTE, 2 + number % 3)
        assert isinstance(first, Window)
        assert len(first.conversations) == 250
        assert all(other is first for other in others)
        assert len(kickscale.requests.on("/calls")) == 3


async def test_a_failure_is_shared_by_all_requests(windows: Windows, kickscale: EmbeddedKickscale) -> None:
    kickscale.faults.add("/calls", status=403, times=100_000)
    for number in range(14):
        kickscale.requests.clear()
        outcomes = await ask_repeatedly(windows, MONDAY_MORNING + number * MINUTE, 2 + number % 3)
        assert all(isinstance(outcome, KickscaleError) for outcome in outcomes)
        assert len(kickscale.requests.on("/calls")) == 1


async def test_a_window_is_read_again_if_more_is_requested(windows: Windows, kickscale: EmbeddedKickscale) -> None:
    """The wider one then serves the narrower requests, too."""
    await windows.get(MONDAY_MORNING - DAY, MONDAY_MORNING)
    wide = await windows.get(MONDAY_MORNING - 40 * DAY, MONDAY_MORNING)
    assert await windows.get(MONDAY_MORNING - DAY, MONDAY_MORNING) is wide
    assert len(kickscale.requests.on("/calls")) == 6


async def test_a_narrower_window_does_not_replace_a_wider_one(windows: Windows, kickscale: EmbeddedKickscale) -> None:
    """It was requested earlier, but is read later."""
    kickscale.faults.add("/calls", hang=True)
    narrow = asyncio.create_task(windows.get(MONDAY_MORNING - DAY, MONDAY_MORNING))
    await kickscale.requests.until(lambda _: kickscale.hanging > 0)
    wide = await windows.get(MONDAY_MORNING - 40 * DAY, MONDAY_MORNING)
    kickscale.release()
    await narrow
    assert await windows.get(MONDAY_MORNING - 40 * DAY, MONDAY_MORNING) is wide


async def test_an_unused_window_expires(windows: Windows, kickscale: EmbeddedKickscale, clock: ManualClock) -> None:
    """Ten minutes after its last use. Then it takes no memory, and is read again for the next digest."""
    window = await windows.get(MONDAY_MORNING - DAY, MONDAY_MORNING)
    kept = [weakref.ref(conversation) for conversation in window.conversations]
    del window
    await clock.advance(WINDOW_TTL.total_seconds() - 1)
    await windows.get(MONDAY_MORNING - DAY, MONDAY_MORNING)
    await clock.advance(WINDOW_TTL.total_seconds() - 1)
    windows.forget_expired()
    assert all(conversation() is not None for conversation in kept)
    await clock.advance(1)
    windows.forget_expired()
    await asyncio.sleep(0)  # a long window is freed in several turns
    assert all(conversation() is None for conversation in kept)
    await windows.get(MONDAY_MORNING - DAY, MONDAY_MORNING)
    assert len(kickscale.requests.on("/calls")) == 6
