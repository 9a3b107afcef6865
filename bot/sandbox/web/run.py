"""Runs the sandbox in a browser until it is stopped."""

import asyncio
import os
import signal
import sys
import threading
import webbrowser
from contextlib import suppress

from bot.observe import logs
from bot.sandbox.cast import HERE
from bot.sandbox.clock import SandboxClock
from bot.sandbox.session import Session, session
from bot.sandbox.web.server import Page
from bot.sandbox.web.wording import words
from bot.texts.languages import ENGLISH
from bot.tools.terminal import echo


def run_page(port: int, language: str, *, opens: bool) -> None:
    """Serve the page on the port or the next free one, open it in a browser, and return on Ctrl-C or SIGTERM."""
    logs.configure("ERROR", "text", ())
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(port, language, opens=opens))


async def _run(port: int, language: str, *, opens: bool) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with session(SandboxClock(), language) as running:
        if language != ENGLISH:
            await running.speak(language)
        page = Page(running)
        await page.start(port)
        try:
            echo(f"ready {page.url} (Ctrl-C stops it)")
            sys.stdout.flush()
            running.spawn(show_first_answer(running, language))
            if opens:
                threading.Thread(target=_open, args=[page.url], daemon=True).start()
            await stopping.wait()
        finally:
            await page.stop()


def _open(url: str) -> None:
    """Open a browser, if there is one. One in the terminal would hide the page's address and can't show it."""
    with suppress(webbrowser.Error):
        browser = webbrowser.get()
        if os.environ.get("BROWSER") or type(browser) is not webbrowser.GenericBrowser:
            browser.open(url)


async def show_first_answer(running: Session, language: str) -> None:
    """Type a first command, so that the page begins with an answer, and then read everything for search."""
    rep, line = running.people["rep"], words(language)("line.calls")
    channel = running.slack.state.channel(HERE)
    await running.perform(rep, channel, running.slack.command(rep.id, channel.id, line), line)
    await running.bot.idle()
    running.begin_reading()
