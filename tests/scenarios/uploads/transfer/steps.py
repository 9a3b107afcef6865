"""What the tests of transfers do and see."""

import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

from bot import ids
from bot.sandbox.kickscale import UploadForm
from bot.sandbox.slack import Message
from tests.databases import run_sql
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import ROBIN, SALES, World, free_port, missing_dates, world

UPLOAD = "/calls/upload"
STORAGE = "/storage/*"
SOUND = wav(10)  # 160 kB: more than is read before anything is sent
OTHER = SOUND[:-1] + b"\x01"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@asynccontextmanager
async def addressed(folder: Path) -> AsyncIterator[World]:
    """The bot has a public address, uploads are on, and nothing is analysed."""
    port = free_port()
    async with world(folder, port=port, public_url=f"http://127.0.0.1:{port}") as here:
        here.kickscale.analysis_after = 10 * 86_400
        await here.type("/kickscale uploads on")
        yield here


async def take_as(here: World, form: UploadForm) -> None:
    """Have Kickscale accept recordings in another way from now on, and the bot read its document."""
    here.kickscale.variant.upload = form
    await here.restart()
    await here.settle()


async def offered(here: World, name: str, content: bytes | int, channel: str = SALES) -> Message:
    """Share a recording, and open the form; return the message with the recording."""
    shared = await here.share(name, content, channel=channel)
    await here.click(here.thread(shared)[0], "Upload to Kickscale")
    return shared


async def promised(here: World, name: str, content: bytes | int, channel: str = SALES) -> Message:
    """Share a recording, and have it uploaded; return as soon as nothing is due."""
    shared = await offered(here, name, content, channel)
    await here.submit_upload_form()
    return shared


async def submit(here: World, user: str = ROBIN) -> None:
    """Submit the form, and wait for nothing: if something hangs, its end would not come."""
    view = here.slack.open_view(user)
    assert view is not None
    delivery = await here.slack.submit(user, view, {"attestation": ["yes"], **missing_dates(view, here.clock.now())})
    assert not delivery.error, delivery


def status(here: World, shared: Message) -> str:
    """Return the bot's last message below this one."""
    thread = here.thread(shared)
    return re.sub("[*`]", "", here.text(thread[-1])) if thread else ""


async def reply_with(here: World, shared: Message, words: str) -> str:
    """Return the bot's message below this one as soon as it contains these words."""
    is_said = lambda: len(here.thread(shared)) > 1 and words in status(here, shared)  # noqa: E731
    await here.run_to_end(here.slack.wait_for(is_said))
    return status(here, shared)


async def form_is_open(here: World) -> None:
    await here.slack.wait_for(lambda: getattr(here.slack.open_view(ROBIN), "callback_id", "") == ids.UPLOAD_FORM)


async def hanging(here: World) -> None:
    """Return once Kickscale keeps the bot waiting for an answer."""
    await here.run_to_end(here.kickscale.requests.until(lambda _: here.kickscale.hanging > 0))


async def asked(here: World, name: str, content: bytes) -> Message:
    """Like `offered`, while another one may hang."""
    shared = await here.slack.share(ROBIN, SALES, name, content)
    (offer,) = await here.run_to_end(here.slack.wait_for(lambda: here.thread(shared)))
    await here.slack.click(ROBIN, offer, "Upload to Kickscale")
    await here.run_to_end(form_is_open(here))
    return shared


async def beside(here: World, name: str, content: bytes) -> Message:
    """Share a recording and have it uploaded, without waiting: another one may hang."""
    shared = await asked(here, name, content)
    await submit(here)
    return shared


async def stuck(here: World, name: str, content: bytes, after: int = 100_000) -> Message:
    """Share a recording of which Slack sends the first bytes, and then hangs."""
    shared = await asked(here, name, content)
    here.slack.faults.add("download", after=after, hang=True, times=2)  # the first request reads only the beginning
    await submit(here)
    downloads = here.slack.downloads.served
    is_so = (shared.files[0], after)
    await here.run_to_end(
        here.slack.wait_for(lambda: is_so in [(download.file, download.sent) for download in downloads])
    )
    await reply_with(here, shared, name)
    return shared


async def press(here: World, shared: Message, button: str) -> None:
    """Press a button of the bot's last message, while something may be under way."""
    delivery = await here.slack.click(ROBIN, here.thread(shared)[-1], button)
    assert not delivery.error, delivery


async def second_by_second(here: World, shared: Message, words: str = "analys") -> None:
    """Let seconds pass until these words are there. Whatever looks each second has shown it before the next one."""
    end = here.clock.now() + timedelta(hours=1)
    while words not in status(here, shared):
        assert here.clock.now() < end, status(here, shared)
        await here.clock.advance(1)
        await here.bot.database.check()
        await here.clock.advance(0)
        await here.bot.services.background.idle()


async def cancel(here: World, shared: Message) -> None:
    """Press *Cancel* while the recording is under way: the attempt checks for that every three seconds."""
    await press(here, shared, "Cancel")
    end = here.clock.now() + timedelta(hours=1)
    while here.clock.now() < end and "cancelled the upload" not in status(here, shared):
        await here.clock.advance(3)
        with suppress(TimeoutError):
            await here.slack.wait_for(lambda: "cancelled the upload" in status(here, shared), timeout=0.05)
    assert "@Robin Rep cancelled the upload" in status(here, shared)


async def until(here: World, shared: Message, words: str, hours: float = 1) -> str:
    """Let time pass, job after job, until these words are below a message."""
    end = here.clock.now() + timedelta(hours=hours)
    step = 15.0
    while words not in status(here, shared):
        assert here.clock.now() < end, status(here, shared)
        await here.pass_time(step)
        step = min(1.2 * step, 900)
    return status(here, shared)


def posts(here: World, path: str = UPLOAD) -> int:
    """Return how often something was posted to this path."""
    return len(here.kickscale.requests.on(path, "P*"))


def kept_addresses(here: World) -> list[str]:
    """Return the addresses of recordings that are still in the database."""
    noted = [json.loads(progress).get("address") for (progress,) in run_sql(here.settings, "select progress from jobs")]
    found = run_sql(here.settings, "select address from uploads where address != ''")
    return [*(address for (address,) in found), *(address["url"] for address in noted if address)]
