"""A scripted Kickscale, and clients of it that need no waiting."""

from collections.abc import AsyncIterator, Callable, Collection
from typing import Any

import pytest

from bot.kickscale.client import KickscaleClient
from bot.kickscale.protocol import ApiAccess
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

    def make(base_url: str = "", storage_hosts: Collection[str] = (), **options: Any) -> KickscaleClient:
        access = ApiAccess(base_url or service.base_url, "key-of-1-year", "client-1", storage_hosts)
        client = KickscaleClient(access, **{"deadline": 30.0, "retry_wait": 0.0, **options})
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def client(connect: Connect) -> KickscaleClient:
    return connect()
