"""An upload is tried again for hours if Kickscale fails, also after a restart."""

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import ids
from bot.sandbox.kickscale import Stage, UploadForm
from tests.scenarios.uploads.transfer.steps import (
    SOUND,
    STORAGE,
    UPLOAD,
    addressed,
    beside,
    cancel,
    hanging,
    offered,
    posts,
    promised,
    reply_with,
    sha256,
    status,
    stuck,
    submit,
    take_as,
    until,
)
from tests.world import ROBIN, SALES, World

pytestmark = pytest.mark.usefixtures("no_backoff")


# ---- patience ------------------------------------------------------------------------------------------------------


async def test_too_many_requests_are_waited_out(here: World) -> None:
    """For as long as Kickscale asks; nothing is sent in the meantime."""
    here.kickscale.faults.add(UPLOAD, status=429, retry_after=300)
    shared = await promised(here, "acme.wav", SOUND)
    assert "I'll try again today at 09:35" in status(here, shared)
    await here.pass_time(290)
    assert posts(here) == 1
    await here.pass_time(12)
    assert "is analysing it now" in status(here, shared)
    assert (posts(here), len(here.kickscale.uploads)) == (2, 1)


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_a_server_error_before_storing_is_tried_again(here: World, form: UploadForm) -> None:
    """After 500 twice, with nothing stored, the third try succeeds under the same key, and there is one call."""
    await take_as(here, form)
    path = STORAGE if form is UploadForm.PRESIGNED else UPLOAD
    here.kickscale.faults.add(path, stage=Stage.READ, status=500, times=2)
    shared = await promised(here, "acme.wav", SOUND)
    await until(here, shared, "is analysing it now")
    assert posts(here, path) == 3
    (received,) = here.kickscale.uploads
    assert received.sha256 == sha256(SOUND)


@pytest.mark.parametrize("fault", [{"status": 503}, {"broken": True}])
async def test_what_ended_before_all_bytes_were_sent_is_sent_again_after_a_pause(
    here: World, fault: dict[str, Any]
) -> None:
    """Nothing can have been stored, so the list of calls isn't searched."""
    here.kickscale.faults.add(UPLOAD, stage=Stage.MIDDLE, after=100_000, times=2, **fault)
    shared = await promised(here, "long.wav", 30_000_000)
    assert "Kickscale is unavailable right now" in status(here, shared)
    await here.pass_time(6)
    assert "I'll try again" in status(here, shared)
    await here.pass_time(11)
    assert "is analysing it now" in status(here, shared)
    assert not here.kickscale.requests.on("/calls", "GET")
    assert (posts(here), len(here.kickscale.uploads)) == (3, 1)


async def test_it_is_not_sent_again_before_it_might_have_turned_up(here: World) -> None:
    """The list may lag behind: it is searched for two minutes, and the thread says so."""
    here.kickscale.faults.add(UPLOAD, stage=Stage.READ, status=500)
    shared = await promised(here, "acme.wav", SOUND)
    assert "I'm checking whether it arrived, so it isn't uploaded twice" in status(here, shared)
    for _ in range(7):
        await here.pass_time(15)
    assert posts(here) == 1
    assert len(here.kickscale.requests.on("/calls", "GET")) > 4
    await until(here, shared, "is analysing it now")
    assert posts(here) == 2


STORED: dict[str, dict[str, Any]] = {
    "an error": {"status": 500},
    "another page": {"status": 303, "redirect": "https://example.com/calls/1"},
    "no answer": {"broken": True},
    "half an answer": {"truncated": True},
}


@pytest.mark.parametrize("form", list(UploadForm)[:3])
async def test_what_was_stored_is_not_sent_again(tmp_path: Path, form: UploadForm) -> None:
    """Kickscale has it without saying so: it is found by its key, or put at its address again, and is one call."""
    async with addressed(tmp_path) as here:
        await take_as(here, form)
        path = STORAGE if form is UploadForm.PRESIGNED else UPLOAD
        for number, (name, fault) in enumerate(STORED.items()):
            content = SOUND + bytes(2 * number)
            here.kickscale.faults.add(path, stage=Stage.STORED, **fault)
            shared = await promised(here, f"{name}.wav", content)
            await until(here, shared, "is analysing it now")
            received = here.kickscale.uploads[number:]
            assert [upload.sha256 for upload in received] == [sha256(content)], name
        again = await promised(here, "again.wav", SOUND)
        await until(here, again, "is already in Kickscale")
        assert len(here.kickscale.uploads) == len(STORED)


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_a_connection_that_is_cut_is_no_call_and_no_loss(here: World, form: UploadForm) -> None:
    """In the middle of the recording, three times."""
    await take_as(here, form)
    path = STORAGE if form is UploadForm.PRESIGNED else UPLOAD
    here.kickscale.faults.add(path, stage=Stage.MIDDLE, after=500_000, broken=True, times=3)
    shared = await promised(here, "long.wav", 8_000_000)
    await until(here, shared, "is analysing it now")
    (received,) = here.kickscale.uploads
    assert received.size == 8_000_000


async def test_kickscale_that_can_not_be_reached_is_waited_for(here: World) -> None:
    """No connection was made, so nothing can have arrived; the thread says when it continues."""
    shared = await offered(here, "acme.wav", SOUND)
    await here.kickscale.stop()
    await here.submit_upload_form()
    assert "Kickscale is unavailable right now" in status(here, shared)
    assert "No action needed" in status(here, shared)
    await here.pass_time(3_600)
    await here.kickscale.start()
    await until(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1


async def test_the_bot_keeps_trying_for_hours(here: World) -> None:
    """Kickscale answers with 500 for five hours, and then accepts it; the pauses grow to half an hour."""
    here.kickscale.faults.add(UPLOAD, stage=Stage.READ, status=500, times=1_000)
    shared = await promised(here, "acme.wav", SOUND)
    for _ in range(5 * 36):
        await here.pass_time(100)  # longer steps would add to each pause, the more the busier the machine is
    tries = [request.at for request in here.kickscale.requests.on(UPLOAD, "POST")]
    pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert 10 < len(tries) < 20
    assert max(pauses) <= timedelta(minutes=40)
    here.kickscale.faults.clear()
    await until(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_the_bot_stops_trying_in_the_end(here: World, form: UploadForm) -> None:
    """After six hours the message says that it failed, and the bot stops trying."""
    await take_as(here, form)
    path = STORAGE if form is UploadForm.PRESIGNED else UPLOAD
    here.kickscale.faults.add(path, stage=Stage.READ, status=503, times=1_000)
    shared = await promised(here, "acme.wav", SOUND)
    said = await until(here, shared, "couldn't upload", hours=8)
    assert "Kickscale was unavailable for too long." in said
    tries = posts(here, path)
    await here.pass_time(7_200)
    assert posts(here, path) == tries < 30
    here.kickscale.faults.clear()
    await here.slack.message_shortcut(ROBIN, SALES, shared, ids.UPLOAD_SHORTCUT)
    await here.settle()
    await here.submit_upload_form()
    assert len(here.kickscale.uploads) == 1


async def test_time_in_the_queue_does_not_count_as_trying(here: World) -> None:
    """An upload that waited for a day is tried as long as one that began at once."""
    under_way = [await stuck(here, f"long {number}.wav", SOUND + bytes(2 * number)) for number in range(2)]
    shared = await beside(here, "acme.wav", SOUND + bytes(10))
    await reply_with(here, shared, "Number 1 in the queue")
    await here.clock.jump(here.clock.now() + timedelta(days=1))
    here.kickscale.faults.add(UPLOAD, status=429, retry_after=60)
    await cancel(here, under_way[0])
    await reply_with(here, shared, "I'll try again")
    await cancel(here, under_way[1])
    await until(here, shared, "is analysing it now")


# ---- a restart -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_a_restart_in_the_middle_sends_it_again(here: World, form: UploadForm) -> None:
    """A recording that was cut off in the middle can't be a call, so nobody has to find out."""
    await take_as(here, form)
    here.kickscale.requests.clear()
    shared = await stuck(here, "acme.wav", SOUND)
    await here.run_to_end(here.kickscale.requests.until(lambda log: len(log.on("*", "P*")) > 0))
    await here.restart()
    await here.settle()
    assert "is analysing it now" in status(here, shared)
    assert len(here.kickscale.uploads) == 1
    if form is UploadForm.MULTIPART:
        first, second = here.kickscale.requests.on(UPLOAD, "POST")
        assert (first.status, second.status) == (None, 201)


async def test_a_restart_after_the_last_byte_finds_it(here: World) -> None:
    """Kickscale has it, but the bot stopped before the answer."""
    here.kickscale.faults.add(UPLOAD, stage=Stage.STORED, hang=True)
    shared = await offered(here, "acme.wav", SOUND)
    await submit(here)
    await hanging(here)
    await reply_with(here, shared, "acme.wav")
    await here.restart()
    await until(here, shared, "is analysing it now")
    assert (posts(here), len(here.kickscale.uploads)) == (1, 1)


async def test_a_restart_between_two_tries_keeps_the_pause(here: World) -> None:
    """A pause that Kickscale asked for is kept."""
    here.kickscale.faults.add(UPLOAD, status=429, retry_after=300)
    shared = await promised(here, "acme.wav", SOUND)
    await here.restart()
    await here.pass_time(200)
    assert posts(here) == 1
    await until(here, shared, "is analysing it now")
    assert posts(here) == 2
