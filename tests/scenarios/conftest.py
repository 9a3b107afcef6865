from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """The bot in Socket Mode, and a Kickscale without conversations."""
    async with world(tmp_path) as here:
        yield here
