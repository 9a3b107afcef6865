"""Uploads while Slack is busy, exchanges a token or withholds what was shared."""

import itertools
import re
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox.kickscale import Stage, UploadForm
from tests.scenarios.uploads.transfer.steps import (
    SOUND,
    UPLOAD,
    offered,
    posts,
    promised,
    second_by_second,
    status,
    submit,
    take_as,
    until,
)
from tests.world import LEA, ROBIN, World, call

pytestmark = pytest.mark.usefixtures("no_backoff")


async def test_no_late_edit_overwrites_the_end(here: World) -> None:
    """While Slack allows no edits, the upload continues; afterwards the thread shows how it ended."""
    shared = await offered(here, "long.wav", 25_000_000)
    here.slack.faults.add("download", pause=1, times=2)
    await submit(here)
    await second_by_second(here, shared, "\u2593")
    here.slack.faults.add("chat.update", status=429, retry_after=40)
    await here.run_to_end(here.kickscale.requests.until(lambda _: bool(here.kickscale.uploads)))
    await here.pass_time(50)
    assert "is analysing it now" in status(here, shared)
    await here.pass_time(50)
    assert "is analysing it now" in status(here, shared)


EXCHANGED = ("files.info", "chat.update", "chat.postMessage", "conversations.open")


async def test_a_token_that_is_exchanged_costs_no_upload(here: World) -> None:
    """Slack refuses the old one for a while: after a restart with the new one, the upload continues."""
    here.kickscale.faults.add(UPLOAD, status=429)
    shared = await promised(here, "acme.wav", SOUND)
    for method in EXCHANGED:
        here.slack.faults.add(method, error="token_revoked", times=50)
    await here.pass_time(120)
    here.slack.faults.clear()
    await here.restart()
    await until(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1


async def test_an_end_that_a_revoked_token_withheld_is_shown_with_the_new_one(here: World) -> None:
    """The upload has failed in the meantime: its message says so as soon as possible, even after a restart."""
    here.kickscale.faults.add(UPLOAD, status=429)
    shared = await promised(here, "acme.wav", SOUND)
    here.kickscale.faults.add(UPLOAD, status=422, message="User has no paid seat")
    here.slack.faults.add("chat.update", error="token_revoked", times=50)
    await here.pass_time(120)
    assert "I'll try again" in status(here, shared)
    here.slack.faults.clear()
    await here.restart()
    await until(here, shared, "rejected it: User has no paid seat")


@pytest.mark.parametrize("method", EXCHANGED[1:3])
async def test_a_message_that_a_revoked_token_withheld_comes_with_the_new_one(here: World, method: str) -> None:
    """After longer than other messages are tried."""
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add(method, error="token_revoked", times=1_000)
    here.slack.faults.add("conversations.open", error="token_revoked", times=1_000)
    await here.submit_upload_form()
    for _ in range(12):
        await here.pass_time(600)
    here.slack.faults.clear()
    await here.restart()
    await until(here, shared, "is analysing it now")


async def test_a_token_that_stays_revoked_ends_it_with_that_reason(here: World) -> None:
    """After six hours."""
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add("files.info", error="token_revoked", times=1_000)
    await here.submit_upload_form()
    assert "Slack isn't providing the file right now" in status(here, shared)
    said = await until(here, shared, "couldn't upload", hours=8)
    assert "Slack won't let me read the recording (token_revoked)" in said


async def test_if_the_thread_is_closed_the_uploader_gets_a_direct_message(here: World) -> None:
    """The channel was archived while the upload waited, so its message can't be edited any more."""
    here.kickscale.faults.add(UPLOAD, status=429)
    await promised(here, "acme.wav", SOUND)
    here.slack.faults.add("chat.update", error="is_archived", times=50)
    here.kickscale.faults.add(UPLOAD, status=422, message="User has no paid seat")
    await here.pass_time(120)
    await here.pass_time(60)
    (message,) = here.slack.direct_messages(ROBIN)
    said = re.sub("[*`]", "", here.text(message))
    assert "I couldn't upload acme.wav to Kickscale." in said
    assert "rejected it: User has no paid seat" in said
    assert "I can't post in the thread in #sales-acme" in said
    assert here.slack.direct_messages(LEA) == []


async def test_if_nothing_could_be_posted_the_uploader_hears_how_it_ended(here: World) -> None:
    """The channel accepted no message: the uploader hears by direct message that it continues, and how it ended."""
    shared = await offered(here, "acme.wav", SOUND)
    here.kickscale.faults.add(UPLOAD, status=429)
    here.kickscale.faults.add(UPLOAD, status=422, message="User has no paid seat")
    here.slack.faults.add("chat.postMessage", error="is_archived", times=1)
    await here.submit_upload_form()
    (first,) = here.slack.direct_messages(ROBIN)
    assert "This channel is archived" in here.text(first)
    here.slack.faults.add("chat.postMessage", error="is_archived", times=1)
    await here.pass_time(120)
    _, last = here.slack.direct_messages(ROBIN)
    assert "User has no paid seat" in here.text(last)
    assert len(here.thread(shared)) == 1


async def test_people_answer_in_the_direct_message(here: World) -> None:
    """Whether it arrived: the buttons are in the direct message, and so is the result."""
    here.kickscale.variant.hides_external_id = True
    here.kickscale.add_call(call(1, here.clock.now(), createdAt=here.clock.now().isoformat()))
    here.kickscale.faults.add(UPLOAD, stage=Stage.STORED, status=500)
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add("chat.update", error="is_archived", times=50)
    await here.submit_upload_form()
    await here.pass_time(600)
    (asked_alone,) = here.slack.direct_messages(ROBIN)
    assert "I don't know whether" in here.text(asked_alone)
    await here.click(asked_alone, "It's there")
    await here.pass_time(5)
    assert "is analysing it now" in here.text(here.slack.direct_messages(ROBIN)[-1])
    assert posts(here) == 1
    assert "[It's there]" not in status(here, shared)


async def test_the_bot_waits_for_slack_if_it_is_too_busy_to_describe_the_file(here: World) -> None:
    """Several 429s, each for longer than a call waits: nothing is requested before that, or sent."""
    shared = await offered(here, "acme.wav", SOUND)
    await here.pass_time(60)  # the backstop checks by then whether it was offered
    here.slack.faults.add("files.info", status=429, retry_after=100, times=4)
    await submit(here)
    await second_by_second(here, shared, "is analysing it now")
    asked_at = [call.at for call in here.slack.calls if call.method == "files.info" and call.status == 429]
    pauses = [later - earlier for earlier, later in itertools.pairwise(asked_at)]
    assert len(asked_at) > 2
    assert min(pauses) >= timedelta(seconds=100)
    assert (posts(here), len(here.kickscale.uploads)) == (1, 1)


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"html": True}, "Slack won't let me read"),
        ({"status": 401}, "Slack won't let me read"),
        ({"status": 404}, "is no longer in Slack"),
        ({"location": "https://evilslack.com/f"}, "to evilslack.com, which isn't one of Slack's own hosts"),
    ],
)
async def test_a_recording_that_slack_withholds_in_between_is_no_call(
    here: World, form: UploadForm, fault: dict[str, Any], reason: str
) -> None:
    """Its beginning was read, but the download is refused: the message says so at once, and Kickscale has nothing."""
    await take_as(here, form)
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add("download", after=10_000_000)  # the first request reads only the beginning
    here.slack.faults.add("download", **fault)
    await here.submit_upload_form()
    said = status(here, shared)
    assert "I couldn't upload acme.wav to Kickscale." in said
    assert reason in said
    await here.pass_time(600)
    assert here.kickscale.uploads == []


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_a_recording_that_is_deleted_while_it_is_sent_ends_kindly(here: World, form: UploadForm) -> None:
    """Its download stops in the middle: the next try finds it gone, and Kickscale has nothing."""
    await take_as(here, form)
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add("download", after=100_000, times=2)
    await here.submit_upload_form()
    assert "Slack isn't providing the file right now" in status(here, shared)
    here.slack.delete_file(ROBIN, shared.files[0])
    assert "is no longer in Slack" in await until(here, shared, "couldn't upload")
    assert here.kickscale.uploads == []
