"""The Chromium that is installed, driven by Playwright."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = f"Please install Chromium: none of {', '.join(_NAMES)} is in the PATH."


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


@asynccontextmanager
async def chromium(command: str) -> AsyncIterator[Browser]:
    """Start it, and stop it at the end."""
    # Its own sandbox doesn't work for root, whom CI usually is.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=command, args=arguments)
        yield browser
        await browser.close()
