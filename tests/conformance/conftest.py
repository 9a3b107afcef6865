from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.storage.stores import Stores
from tests.clock import ManualClock
from tests.conformance.implementations import IMPLEMENTATIONS, Place, Storage
from tests.conformance.jobs import Recorder
from tests.postgres import EXPANDED, SHARED

Open = Callable[[], Awaitable[Storage]]


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.soak if name == "expanded" else ()) for name in IMPLEMENTATIONS]
)
async def open_storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens the same data once more, as another bot does. All are closed at the end."""
    shared = EXPANDED if request.param == "expanded" else SHARED
    place = Place(tmp_path, lambda: shared.of(tmp_path))
    async with AsyncExitStack() as stack:

        async def open_once_more() -> Storage:
            storage = await IMPLEMENTATIONS[request.param](place)
            stack.push_async_callback(storage.close)
            return storage

        yield open_once_more


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def storage(open_storage: Open) -> Storage:
    return await open_storage()


@pytest.fixture
def stores(storage: Storage) -> Stores:
    return storage.stores
