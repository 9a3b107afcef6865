from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina

from tests.world import World, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """The bot in Socket Mode, and a Kickscale without conversations."""
    async with world(tmp_path) as here:
        yield here


@pytest.fixture
def no_backoff() -> Iterator[None]:
    """Between two tries of one question Kickscale's client waits by the real clock: here it does not."""
    with stamina.set_testing(True, attempts=10, cap=True):
        yield
