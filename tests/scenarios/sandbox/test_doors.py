"""Who may use the sandbox's page: the browser on this machine, from the page itself."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.sandbox.session import Session
from bot.sandbox.web.server import Page
from tests.world import ROBIN, SALES, free_port

HERE = f"/{ROBIN}/{SALES}"


@pytest.fixture
async def page(sandbox: Session) -> AsyncIterator[Page]:
    page = Page(sandbox)
    await page.start(0)
    yield page
    await page.stop()


@pytest.fixture
async def client(page: Page) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(page.url) as client:
        yield client


async def test_other_names_for_this_machine_are_refused(client: aiohttp.ClientSession, page: Page) -> None:
    """DNS can point any name at the loopback, and a page under that name could read everything."""
    port = page.url.rpartition(":")[2]
    for host, status in ((f"localhost:{port}", 200), (f"evil.example:{port}", 421), ("127.0.0.1", 421)):
        async with client.get(HERE, headers={"Host": host}) as response:
            assert response.status == status, host


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://127.0.0.1"])
async def test_other_pages_change_nothing(client: aiohttp.ClientSession, sandbox: Session, origin: str | None) -> None:
    """Whatever they send."""
    headers = {} if origin is None else {"Origin": origin}
    for doing in ("say", "clock?to=tomorrow", "language?to=de"):
        async with client.post(f"{HERE}/{doing}", headers=headers, data={"text": "/kickscale status"}) as response:
            assert response.status == 403
    assert (sandbox.journal.deeds, sandbox.slack.deliveries) == ([], [])
    assert sandbox.slack.user(ROBIN).locale == "en-US"


async def test_every_answer_forbids_other_scripts(client: aiohttp.ClientSession) -> None:
    """The page has none inside, and no style."""
    for path in (HERE, "/-/page.js", "/-/slack.css", "/nobody/nowhere", f"{HERE}/suggestions"):
        async with client.get(path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
            text = await response.text()
            assert "<script>" not in text
            assert " style=" not in text
            assert "Traceback" not in text


async def test_what_is_not_there_is_said(client: aiohttp.ClientSession, page: Page) -> None:
    """People, channels they aren't in, files, what was never a button, and broken requests."""
    for path in ("/nobody/general", f"/gus.guest/{SALES}", "/-/nosuch.css", f"{HERE}/file/1.2/F1", "/../etc/passwd"):
        async with client.get(path) as response:
            assert response.status == 404, path
    headers = {"Origin": page.url}
    for doing in (
        "click?ts=1",
        "click?view=V1",
        "submit?view=V1",
        "close",
        "shortcut",
        "clock?to=past",
        "language?to=fr",
    ):
        async with client.post(f"{HERE}/{doing}", headers=headers) as response:
            assert (response.status, bool((await response.json())["problem"])) == (200, True), doing
    async with client.post(f"{HERE}/nosuch", headers=headers) as response:
        assert response.status == 404


async def test_a_file_is_only_for_those_who_see_it(client: aiohttp.ClientSession, sandbox: Session) -> None:
    """As it is, and never opened by the browser."""
    message = await sandbox.slack.share(ROBIN, "deals", "notes.html", b"<script>alert(1)</script>")
    path = f"/file/{message.ts}/{message.files[0]}"
    async with client.get(f"/{ROBIN}/deals{path}") as response:
        assert (response.status, response.headers["Content-Disposition"]) == (200, "attachment")
        assert response.content_type == "application/octet-stream"
    async with client.get(f"{HERE}{path}") as response:
        assert response.status == 404


async def test_a_port_in_use_is_passed_over(sandbox: Session) -> None:
    """The next free one is taken."""
    port = free_port()
    first, second = Page(sandbox), Page(sandbox)
    await first.start(port)
    await second.start(port)
    numbers = [int(page.url.rpartition(":")[2]) for page in (first, second)]
    assert numbers[0] == port < numbers[1]
    await asyncio.gather(first.stop(), second.stop())
