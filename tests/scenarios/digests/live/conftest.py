from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.digests.live.steps import SECRET, subscribe
from tests.world import World, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A bot in Socket Mode that also takes webhooks, and a live subscription since two hours ago."""
    async with world(tmp_path, port=0, kickscale_webhook_secret=SECRET) as running:
        await subscribe(running)
        yield running
