from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from functools import cache
from pathlib import Path

import pytest

from bot.storage.stores import Stores
from tests.conformance.implementations import IMPLEMENTATIONS, Place, Storage
from tests.postgres import Cluster, run_cluster

Open = Callable[[], Awaitable[Storage]]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Callable[[], Cluster]]:
    """Returns a PostgreSQL server, which is started when it is first asked for."""
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(run_cluster()))


@pytest.fixture(params=IMPLEMENTATIONS)
async def open_storage(
    request: pytest.FixtureRequest, tmp_path: Path, cluster: Callable[[], Cluster]
) -> AsyncIterator[Open]:
    """Opens the same data once more, as another bot does. All are closed at the end."""
    place = Place(tmp_path, cache(lambda: cluster().create_database()))
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
