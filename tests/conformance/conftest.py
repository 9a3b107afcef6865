from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from functools import cache
from pathlib import Path

import pytest

from bot.storage.stores import Stores
from tests.conformance.implementations import IMPLEMENTATIONS, Place, Storage
from tests.postgres import empty_database, run_cluster

Open = Callable[[], Awaitable[Storage]]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Empties a PostgreSQL database, and returns its address. The server is started when it is first asked for."""
    with ExitStack() as stack:
        url = cache(lambda: stack.enter_context(run_cluster()).create_database())

        def empty() -> str:
            empty_database(url())
            return url()

        yield empty


@pytest.fixture(params=IMPLEMENTATIONS)
async def open_storage(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: Callable[[], str]
) -> AsyncIterator[Open]:
    """Opens the same data once more, as another bot does. All are closed at the end."""
    place = Place(tmp_path, cache(postgres))
    async with AsyncExitStack() as stack:

        async def open_once_more() -> Storage:
            storage = await IMPLEMENTATIONS[request.param](place)
            stack.push_async_callback(storage.close)
            return storage

        yield open_once_more


@pytest.fixture
async def storage(open_storage: Open) -> Storage:
    return await open_storage()


@pytest.fixture
def stores(storage: Storage) -> Stores:
    return storage.stores
