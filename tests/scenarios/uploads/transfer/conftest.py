from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.kickscale import UploadForm
from tests.scenarios.uploads.transfer.steps import addressed, take_as
from tests.world import SALES, World


@pytest.fixture
async def here(here: World) -> World:
    """Uploads are on in two channels, and nothing is analysed."""
    here.kickscale.analysis_after = 10 * 86_400
    for channel in (SALES, "general"):
        await here.type("/kickscale uploads on", channel=channel)
    return here


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[World]:
    """Kickscale fetches recordings from the bot."""
    async with addressed(tmp_path) as here:
        await take_as(here, UploadForm.URL)
        yield here
