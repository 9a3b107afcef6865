"""How far an upload is, in its one message, and *Cancel*."""

import re
from pathlib import Path

import pytest

from bot import ids
from bot.model.uploads import Attestation, Upload
from bot.sandbox.kickscale import Stage, UploadForm
from tests.clock import MONDAY_MORNING as NOW
from tests.scenarios.uploads.transfer.steps import (
    OTHER,
    SOUND,
    STORAGE,
    UPLOAD,
    beside,
    cancel,
    hanging,
    offered,
    posts,
    press,
    promised,
    reply_with,
    second_by_second,
    status,
    stuck,
    submit,
    take_as,
)
from tests.world import ROBIN, SALES, World, audit_row, world

pytestmark = pytest.mark.usefixtures("no_backoff")


async def test_progress_is_shown_by_editing_one_message(here: World) -> None:
    """A bar, bytes, rate and remaining time, with *Cancel*, at most every three seconds."""
    shared = await offered(here, "long.wav", 10_000_000)
    here.slack.faults.add("download", pause=1, times=2)
    began = here.clock.now()
    await submit(here)
    await second_by_second(here, shared)
    _, message = here.thread(shared)
    edits = [call for call in here.slack.calls if call.method == "chat.update" and call.args["ts"] == message.ts]
    bars = [(call.at, str(call.args)) for call in edits if "\u2593" in str(call.args)]
    assert len(bars) >= 3
    for at, text in bars:
        assert re.search(r"[\u2593\u2591]{10} \d+% · [\d.]+ of 10 MB", text), (at, text)
        assert "Cancel" in text
    assert re.search(r" · [\d.]+ [kM]B/s · [^·]+ left", bars[1][1]), bars[1]
    assert len(bars) <= (bars[-1][0] - began).total_seconds() / 3
    assert len(here.thread(shared)) == 2
    assert "is analysing it now" in status(here, shared)


async def test_the_more_uploads_at_a_time_the_fewer_edits_each(tmp_path: Path) -> None:
    """Slack allows fifty edits a minute for all of them together."""
    async with world(tmp_path, upload_concurrency=4) as here:
        await here.type("/kickscale uploads on")
        shared = await offered(here, "long.wav", 25_000_000)
        here.slack.faults.add("download", pause=1, times=2)
        began = here.clock.now()
        await submit(here)
        await second_by_second(here, shared)
        message = here.thread(shared)[-1]
        edits = [call for call in here.slack.calls if call.method == "chat.update" and call.args["ts"] == message.ts]
        bars = [call.at for call in edits if "\u2593" in str(call.args)]
        assert len(bars) > 1
        assert len(bars) <= (bars[-1] - began).total_seconds() / 6


async def test_what_kickscale_fetches_shows_its_progress_too(public: World) -> None:
    """The bytes are counted as they leave the bot; the recording is read once before that, for its hash."""
    shared = await offered(public, "long.wav", 10_000_000)
    public.slack.faults.add("download", pause=1, times=3)
    await submit(public)
    await second_by_second(public, shared)
    edits = [str(call.args) for call in public.slack.calls if call.method == "chat.update"]
    assert any("Checking" in text and "of 10 MB" in text for text in edits)
    assert any("Uploading" in text and re.search(r"[1-9]% · [\d.]+ of 10 MB", text) for text in edits)
    assert "is analysing it now" in status(public, shared)


async def test_waiting_uploads_show_their_place(here: World) -> None:
    """Two are under way at a time; those behind one that is cancelled in the queue move up."""
    under_way = [await stuck(here, f"long {number}.wav", SOUND + bytes(2 * number)) for number in range(2)]
    waiting = [await beside(here, f"short {number}.wav", SOUND + bytes(10 + 2 * number)) for number in range(2)]
    await reply_with(here, waiting[0], "Number 1 in the queue")
    await reply_with(here, waiting[1], "Number 2 in the queue")
    assert posts(here) == 2
    await press(here, waiting[0], "Cancel")
    assert "@Robin Rep cancelled the upload" in await reply_with(here, waiting[0], "cancelled the upload")
    await reply_with(here, waiting[1], "Number 1 in the queue")
    await cancel(here, under_way[0])
    await reply_with(here, waiting[1], "is analysing it now")
    assert [upload.file_name for upload in here.kickscale.uploads] == ["short 1.wav"]


async def test_uploads_from_the_disk_take_no_place_in_the_queue(here: World) -> None:
    """`kickscale-bot upload` has its own queue, and may have been killed long ago: its recordings don't count."""
    for number in range(12):
        left = Upload(0, f"sha256:{number}", "old.wav", 10, {}, f"k{number}", Attestation("Lea", NOW), NOW)
        await here.bot.database.uploads.add(left, audit_row("upload"))
    under_way = [await stuck(here, f"long {number}.wav", SOUND + bytes(2 * number)) for number in range(2)]
    waiting = [await beside(here, f"short {number}.wav", SOUND + bytes(10 + 2 * number)) for number in range(2)]
    await reply_with(here, waiting[0], "Number 1 in the queue")
    await reply_with(here, waiting[1], "Number 2 in the queue")
    await press(here, waiting[0], "Cancel")
    await reply_with(here, waiting[1], "Number 1 in the queue")
    await cancel(here, under_way[0])


async def test_cancelled_while_it_is_compared(here: World) -> None:
    """It is being hashed, because a recording of the same size was uploaded before: nothing is sent."""
    await promised(here, "first.wav", SOUND)
    shared = await stuck(here, "second.wav", OTHER)
    await cancel(here, shared)
    assert posts(here) == 1


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_cancelled_while_it_is_sent(here: World, form: UploadForm) -> None:
    """As long as not all of it was sent, Kickscale has no call; it can be uploaded after all."""
    await take_as(here, form)
    shared = await stuck(here, "acme.wav", SOUND)
    await here.run_to_end(here.kickscale.requests.until(lambda log: len(log.on("*", "P*")) > 0))
    await cancel(here, shared)
    await here.pass_time(600)
    assert here.kickscale.uploads == []
    await here.slack.message_shortcut(ROBIN, SALES, shared, ids.UPLOAD_SHORTCUT)
    await here.settle()
    await here.submit_upload_form()
    assert "is analysing it now" in status(here, shared)
    assert len(here.kickscale.uploads) == 1


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_cancelled_after_the_last_byte_is_too_late(here: World, form: UploadForm) -> None:
    """All of it was sent, so Kickscale may have it: the message shows its answer."""
    await take_as(here, form)
    path = STORAGE if form is UploadForm.PRESIGNED else UPLOAD
    here.kickscale.faults.add(path, stage=Stage.STORED, hang=True)
    shared = await offered(here, "acme.wav", SOUND)
    await submit(here)
    await reply_with(here, shared, "acme.wav")
    await hanging(here)
    await press(here, shared, "Cancel")
    await here.clock.advance(10)
    here.kickscale.release()
    assert "was uploaded" in await reply_with(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1
    await press(here, shared, "Details")
