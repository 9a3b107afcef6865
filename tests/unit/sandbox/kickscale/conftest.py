from collections.abc import AsyncIterator

import httpx
import pytest

from bot.sandbox.kickscale import EmbeddedKickscale
from tests.clock import ManualClock
from tests.unit.sandbox.asking import client_of


@pytest.fixture
async def kickscale(clock: ManualClock) -> AsyncIterator[EmbeddedKickscale]:
    """An embedded Kickscale without conversations."""
    async with EmbeddedKickscale(clock, populated=False) as kickscale:
        yield kickscale


@pytest.fixture
async def client(kickscale: EmbeddedKickscale) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it with the right credentials."""
    async with client_of(kickscale) as client:
        yield client
