from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.kickscale.protocol import ApiAccess
from bot.kickscale.uploading.sender import Sender
from tests.unit.kickscale.uploading.raw import Raw


@pytest.fixture
async def raw() -> AsyncIterator[Raw]:
    raw = Raw()
    await raw.start()
    yield raw
    await raw.stop()


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Sender]]:
    """Makes senders, and closes them."""
    senders: list[Sender] = []

    def make(base_url: str, **options: Any) -> Sender:
        senders.append(Sender(ApiAccess(base_url, "key-of-1-year", "client-1"), **options))
        return senders[-1]

    yield make
    for sender in senders:
        await sender.aclose()


@pytest.fixture
def sender(raw: Raw, connect: Callable[..., Sender]) -> Sender:
    return connect(raw.base_url)
