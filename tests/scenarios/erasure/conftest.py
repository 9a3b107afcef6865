from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clock import MONDAY_MORNING
from tests.scenarios.erasure.traces import DAY, GUESTS, HOUR, add_calls, look
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import LEA, ROBIN, SALES, World, call, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """The bot after some days with acme.com and example.org, with everything that it posts about either."""
    async with world(tmp_path) as made:
        await live_through(made)
        yield made


async def live_through(here: World) -> None:
    for channel in (SALES, "general"):
        await here.type("/kickscale uploads on", channel=channel)
    for domain, channel in (("acme.com", SALES), ("example.org", "general")):
        await here.type(f"/kickscale digest add {domain} at 8:30 tz UTC empty", channel=channel)
        await here.type(f"/kickscale digest add {domain} at 8:30 tz UTC", channel=GUESTS)
        await here.type(f"/kickscale digest add {domain} live", LEA, channel="deals")
    await here.run_digests_at(MONDAY_MORNING + DAY)  # nothing happened
    add_calls(here, MONDAY_MORNING + 2 * DAY)
    await here.run_digests_at(MONDAY_MORNING + 2 * DAY)
    await look(here)
    for domain in ("acme.com", "example.org"):
        answer = await here.ask(f"/kickscale calls {domain}")
        await here.click(answer, "Share in channel")
        await here.click(answer, "Details")
        view = here.slack.open_view(ROBIN)
        assert view is not None
        await here.click(view, "Transcript")
        while view := here.slack.open_view(ROBIN):
            await here.slack.close(ROBIN, view)
    await upload(here, "Quagga.wav", wav(62), "with acme.com", SALES)
    await upload(here, "Badger.wav", wav(63), "with example.org", "general")
    await here.share("Okapi acme.com.wav", wav(64))  # offered, and nobody says yes or no
    await here.type("/kickscale digest add acme.com at 9:00 tz UTC", LEA, channel="deals")
    here.kickscale.faults.add("/calls", status=403, times=100_000)
    for hours in (0, 1, 5):
        await here.run_digests_at(MONDAY_MORNING + 3 * DAY + hours * HOUR)
    here.kickscale.faults.clear()
    deals = here.slack.state.channel("deals")
    here.slack.state.channels[deals.id] = replace(deals, is_archived=True)
    here.kickscale.add_call(call(80, MONDAY_MORNING + 4 * DAY - HOUR, name="Zebra 80", summary="Giraffe 80"))
    await here.run_digests_at(MONDAY_MORNING + 4 * DAY + HOUR)
    here.slack.state.channels[deals.id] = deals


async def upload(here: World, name: str, content: bytes, text: str, channel: str) -> None:
    shared = await here.share(name, content, text=text, channel=channel)
    await here.click(here.thread(shared)[0], "Upload to Kickscale")
    await here.submit_upload_form()
    await here.pass_time(120)
    assert "has been analysed" in here.text(here.thread(shared)[1])
