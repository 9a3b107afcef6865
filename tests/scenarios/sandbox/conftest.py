"""The sandbox's page, in the Chromium that is installed."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request

from bot.sandbox.clock import SandboxClock
from bot.sandbox.session import Session, session
from bot.sandbox.web.run import show_first_answer
from bot.sandbox.web.server import Page as ServedPage
from bot.texts.languages import ENGLISH
from tests.browser import MISSING, chromium, find_chromium

THURSDAY = datetime(2026, 11, 26, 13, 10, tzinfo=UTC)
PATIENCE = 45_000
"""Milliseconds, on a busy machine."""


@pytest.fixture
async def sandbox() -> AsyncIterator[Session]:
    async with session(SandboxClock(THURSDAY)) as sandbox:
        yield sandbox


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests."""
    command = find_chromium()
    if command is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    async with chromium(command) as browser:
        yield browser


@dataclass
class Visit:
    """Somebody with the page in front of them."""

    page: Page
    sandbox: Session

    @property
    def text(self) -> Locator:
        return self.page.locator("#text")

    @property
    def options(self) -> Locator:
        """What the box to type into suggests."""
        return self.page.get_by_role("listbox").get_by_role("option")

    @property
    def newest(self) -> Locator:
        """The newest message."""
        return self.page.locator("#messages article").last

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def panel(self) -> Locator:
        return self.page.locator("#panel")

    async def type(self, line: str) -> None:
        await self.text.fill(line)
        await self.text.press("Enter")

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def drop(self, name: str, content: bytes) -> None:
        """Drop a file on the page."""
        await self.page.evaluate(
            """([name, content]) => {
                const files = new DataTransfer();
                files.items.add(new File([new Uint8Array(content)], name));
                for (const kind of ["dragenter", "dragover", "drop"]) {
                    const event = new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true });
                    document.querySelector("#messages").dispatchEvent(event);
                }
            }""",
            [name, list(content)],
        )


@asynccontextmanager
async def visiting(browser: Browser, *, company: str = ENGLISH, **how: Any) -> AsyncIterator[Visit]:
    """Start the sandbox and open its page. Nothing may go wrong in the browser, and nothing may go anywhere else."""
    problems: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        problems.append(f"{message.type}: {message.text}")

    def follow(request: Request) -> None:
        if not request.url.startswith(served.url):
            problems.append(request.url)

    async with session(SandboxClock(THURSDAY), company) as sandbox:
        served = ServedPage(sandbox)
        await served.start(0)
        if company != ENGLISH:
            await sandbox.speak(company)
        sandbox.spawn(show_first_answer(sandbox, company))
        context = await browser.new_context(**how)
        try:
            context.set_default_timeout(PATIENCE)
            page = await context.new_page()
            page.on("console", listen)
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("dialog", lambda dialog: problems.append(dialog.message))
            page.on("request", follow)
            await page.goto(served.url)
            yield Visit(page, sandbox)
        finally:
            await context.close()
            await served.stop()
    assert problems == []


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    async with visiting(browser) as visit:
        yield visit
