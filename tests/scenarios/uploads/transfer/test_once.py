"""However often it is shared, a recording is sent once."""

import json
import re

import pytest

from bot import ids
from bot.sandbox.slack import Message
from tests.scenarios.uploads.transfer.steps import (
    OTHER,
    SOUND,
    UPLOAD,
    beside,
    cancel,
    form_is_open,
    hanging,
    offered,
    posts,
    press,
    promised,
    reply_with,
    sha256,
    status,
    stuck,
    submit,
    until,
)
from tests.world import GUESTS, LEA, ROBIN, SALES, World

pytestmark = pytest.mark.usefixtures("no_backoff")


def links(here: World, shared: Message) -> list[str]:
    """Return where the bot's last message below this one leads."""
    return re.findall(r"<(https?://[^|>]+)\|", json.dumps(here.thread(shared)[-1].blocks))


def permalink(here: World, message: Message) -> str:
    place = f"{here.slack.base_url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return f"{place}?thread_ts={message.thread_ts}&amp;cid={message.channel}"


async def over(here: World, *, left: int) -> None:
    """Return as soon as no more than this many attempts are under way."""
    while (await here.bot.database.jobs.unfinished()).get("transfer", 0) > left:
        await here.clock.advance(0)


async def test_the_same_bytes_in_another_file_are_sent_once(here: World) -> None:
    """They are hashed before anything is sent, and the second thread leads to the first."""
    first = await promised(here, "first.wav", SOUND)
    second = await promised(here, "second.wav", SOUND)
    assert len(here.kickscale.uploads) == 1
    assert posts(here) == 1
    said = status(here, second)
    assert "second.wav is already in Kickscale. @Robin Rep uploaded the same recording as first.wav" in said
    assert links(here, second) == [permalink(here, here.thread(first)[-1])]
    assert "[Details]" in said


@pytest.mark.parametrize("private", [False, True])
async def test_a_thread_says_nothing_of_what_another_channel_uploaded(here: World, private: bool) -> None:
    """Only the person who asked learns where, if they are a member there: the thread may have guests."""
    channel = "leads-only" if private else SALES
    if private:
        await here.slack.join("kickscale", channel)
    user = LEA if private else ROBIN
    first = await here.share("Merger with Globex.wav", SOUND, user, channel)
    await here.choose_upload(first, user)
    await here.submit_upload_form(user)
    second = await here.share("call.wav", SOUND, channel=GUESTS)
    await here.choose_upload(second, LEA)
    await here.submit_upload_form(LEA)
    await here.pass_time(5)
    third = await here.share("again.wav", SOUND, channel=GUESTS)
    await here.choose_upload(third)
    await here.submit_upload_form()
    await here.pass_time(5)
    for shared in (second, third):
        said = status(here, shared)
        assert "is already in Kickscale" in said
        assert "Merger" not in said
        assert links(here, shared) == []
    (told_lea,) = here.slack.ephemerals(GUESTS, LEA)
    assert "uploaded it as Merger with Globex.wav" in here.text(told_lea, LEA)
    assert bool(here.slack.ephemerals(GUESTS, ROBIN)) is not private


async def test_the_same_bytes_at_the_same_time_are_sent_once(here: World) -> None:
    """The second one waits until the first has ended."""
    first = await stuck(here, "first.wav", SOUND)
    second = await beside(here, "second.wav", SOUND)
    assert "is waiting for another upload of the same size" in await reply_with(
        here, second, "is waiting for another upload"
    )
    await here.restart()  # the hanging download starts again
    await until(here, second, "is already in Kickscale")
    assert "is analysing it now" in status(here, first)
    assert len(here.kickscale.uploads) == 1


async def test_when_the_first_fails_the_second_is_sent(here: World) -> None:
    """An upload that waited for the same recording isn't lost with it."""
    first = await stuck(here, "first.wav", SOUND)
    second = await beside(here, "second.wav", SOUND)
    await reply_with(here, second, "is waiting for another upload")
    await cancel(here, first)
    await until(here, second, "is analysing it now")
    assert [upload.file_name for upload in here.kickscale.uploads] == ["second.wav"]


async def test_one_that_is_started_again_waits_for_those_before_it(here: World) -> None:
    """It has its old id and a new place: the same bytes are on their way as another file by now."""
    first = await offered(here, "first.wav", SOUND)
    here.kickscale.faults.add(UPLOAD, status=422, message="No such customer")
    await here.submit_upload_form()
    await here.pass_time(60)
    second = await stuck(here, "second.wav", SOUND)
    await here.slack.message_shortcut(ROBIN, SALES, first, ids.UPLOAD_SHORTCUT)
    await here.run_to_end(form_is_open(here))
    await submit(here)
    await reply_with(here, first, "is waiting for another upload")
    await here.restart()
    await until(here, first, "is already in Kickscale")
    assert "is analysing it now" in status(here, second)
    assert len(here.kickscale.uploads) == 1


async def test_the_same_file_in_three_channels_is_sent_once(here: World) -> None:
    """There is one call; the other two offers lead to the first thread, for people who are members there."""
    await here.type("/kickscale uploads on", channel="deals")
    first = await here.share("acme.wav", SOUND)
    others = []
    for channel in ("general", "deals"):
        others.append(await here.slack.share_again(ROBIN, first.files[0], channel))
        await here.settle()
    await here.click(here.thread(first)[0], "Upload to Kickscale")
    await here.submit_upload_form()
    for shared in others:
        await here.click(here.thread(shared)[0], "Upload to Kickscale")
        view = here.slack.open_view(ROBIN)
        assert "This recording is already in Kickscale. @Robin Rep uploaded it as acme.wav" in here.text(view)
        assert view is not None
        assert permalink(here, here.thread(first)[-1]) in json.dumps(view.payload["blocks"])
    assert len(here.kickscale.uploads) == 1


async def test_forms_of_the_same_file_are_all_answered(here: World) -> None:
    """After it was uploaded elsewhere, the first form is answered in its thread, and later ones right away."""
    await here.type("/kickscale uploads on auto", channel="deals")
    await here.submit_upload_form()
    shared = await here.share("2026-11-20 14.30 acme.wav", SOUND)
    for user in (ROBIN, LEA):
        await here.choose_upload(shared, user)
    await here.slack.share_again(ROBIN, shared.files[0], "deals")
    await here.settle()
    await here.submit_upload_form()
    assert "This recording is already in Kickscale" in status(here, shared)
    said = len(here.thread(shared))
    await here.submit_upload_form(LEA)
    assert "already in Kickscale" in here.text(here.slack.open_view(LEA), LEA)
    await here.mention("please", LEA, thread_ts=shared.ts)
    assert "uploaded it as 2026-11-20 14.30 acme.wav" in here.text(here.slack.ephemerals(SALES, LEA)[-1], LEA)
    assert len(here.thread(shared)) == said
    assert len(here.kickscale.uploads) == 1


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_people_who_were_led_to_an_upload_hear_how_it_ended(here: World, is_restarted: bool) -> None:
    """So they can ask again, and that works."""
    first = await here.share("acme.wav", SOUND)
    second = await here.slack.share_again(ROBIN, first.files[0], "general")
    await here.settle()
    for number in range(2):
        await here.click(here.thread(first)[0], "Upload to Kickscale") if not number else await here.choose_upload(
            first
        )
        await here.choose_upload(second, LEA)
        here.kickscale.faults.add(UPLOAD, status=429, retry_after=600)
        await here.submit_upload_form()
        await here.submit_upload_form(LEA)
        assert "is already being uploaded" in status(here, second)
        if is_restarted:
            await here.restart()
        await here.click(here.thread(first)[-1], "Cancel")
        assert "didn't get to Kickscale" in await until(here, second, "To try again")
        assert len(here.thread(second)) == 2 + number, "the offer, and one message for each time it was asked for"
    await here.choose_upload(second, LEA)
    await here.submit_upload_form(LEA)
    await until(here, second, "is analysing it now")
    assert len(here.kickscale.uploads) == 1


async def test_an_event_that_comes_four_times_is_one_upload(here: World) -> None:
    """Twice under one id and twice under another: one offer, one call."""
    shared = await here.share("acme.wav", SOUND, repeats=2, again=1)
    (offer,) = here.thread(shared)
    await here.click(offer, "Upload to Kickscale")
    await here.submit_upload_form()
    assert len(here.kickscale.uploads) == 1


async def test_other_bytes_of_the_same_size_are_another_recording(here: World) -> None:
    """The size says nothing: both are uploaded."""
    await promised(here, "first.wav", SOUND)
    second = await promised(here, "second.wav", OTHER)
    assert "is analysing it now" in status(here, second)
    assert [upload.sha256 for upload in here.kickscale.uploads] == [sha256(SOUND), sha256(OTHER)]


async def test_one_that_is_started_again_is_sent_once(here: World) -> None:
    """It was cancelled in the queue while an attempt waited for Slack, and both attempts get the file."""
    shared = await here.share("acme.wav", SOUND)
    for user in (ROBIN, LEA):
        await here.click(here.thread(shared)[0], "Upload to Kickscale", user)
    here.slack.faults.add("files.info", latency=9)
    await submit(here)
    await reply_with(here, shared, "acme.wav")
    await press(here, shared, "Cancel")
    await reply_with(here, shared, "cancelled the upload")
    here.kickscale.faults.add(UPLOAD, hang=True)
    await submit(here, LEA)
    await hanging(here)
    await here.clock.advance(9)
    await over(here, left=1)
    here.kickscale.release()
    await here.settle()
    assert (posts(here), len(here.kickscale.uploads)) == (1, 1)
    assert "is analysing it now" in status(here, shared)


async def test_a_late_message_does_not_replace_a_later_one(here: World) -> None:
    """It failed in one channel and is started again in another, before Slack accepts the first message."""
    first = await here.share("acme.wav", SOUND)
    second = await here.slack.share_again(ROBIN, first.files[0], "general")
    await here.settle()
    here.kickscale.faults.add(UPLOAD, status=422, message="No such customer")
    await here.click(here.thread(first)[0], "Upload to Kickscale")
    here.slack.faults.add("chat.postMessage", latency=5)
    await submit(here)
    await here.kickscale.requests.until(lambda _: posts(here) == 1)
    await over(here, left=0)
    await here.clock.advance(1)
    while here.slack.faults.ordered:
        await here.clock.advance(0)
    await here.slack.click(ROBIN, here.thread(second)[0], "Upload to Kickscale")
    await here.run_to_end(form_is_open(here))
    await submit(here)
    await reply_with(here, second, "is analysing it now")
    await here.pass_time(5)
    await here.pass_time(60)
    (upload,) = await here.bot.database.uploads.of_channel(here.slack.state.channel("general").id, 9)
    assert upload.message_ts == here.thread(second)[-1].ts
