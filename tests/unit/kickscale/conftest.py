"""A scripted Kickscale, and clients of it that need no waiting."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.kickscale.client import KickscaleClient
from tests.unit.kickscale.service import Service

Connect = Callable[..., KickscaleClient]


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
async def connect(service: Service) -> AsyncIterator[Connect]:
    """Makes clients of the service, and closes them."""
    clients: list[KickscaleClient] = []

    def make(**options: Any) -> KickscaleClient:
        options = {"base_url": service.base_url, "deadline": 30.0, "retry_wait": 0.0, **options}
        client = KickscaleClient(options.pop("base_url"), "key-of-1-year", "client-1", **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def client(connect: Connect) -> KickscaleClient:
    return connect()
