"""People who share what cannot be uploaded hear why, once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.slack import Message, shapes
from tests.scenarios.uploads.offers.steps import OFFERS, PAGE, SOUND
from tests.world import LEA, ROBIN, SALES, World, world

REFUSED: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "page.wav": (PAGE, {}, "isn't an audio or video file"),
    "damaged.mp3": (b"\x01\x02" * 5_000, {}, "the file is damaged"),
    "unknown.dss": (b"\x02dss" + bytes(5_000), {}, "isn't an audio or video file"),
    "long.wav": (SOUND, {}, "larger than the 20 kB"),
    "a.flac": (b"fLaC\x00\x00\x00\x22" + bytes(10_000), {}, "Supported formats: mp3"),
    "link.wav": (SOUND, {"mode": "external"}, "just a link"),
    "empty.mp4": (b"", {}, "is empty"),
    "connect.wav": (PAGE, {"needs_info": True}, "isn't an audio or video file"),
}


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[World]:
    """Kickscale accepts only small recordings, and uploads are on."""
    async with world(tmp_path, kickscale_max_upload="20000") as here:
        await here.ask(OFFERS)
        yield here


def refusals_of(here: World, name: str, user: str = ROBIN, channel: str = SALES) -> list[Message]:
    """Return what only this person was told about a file."""
    return [said for said in here.slack.ephemerals(channel, user) if name in here.text(said)]


@pytest.mark.parametrize("name", REFUSED)
async def test_people_who_share_a_recording_that_cant_be_uploaded_hear_why(small: World, name: str) -> None:
    """Only they see it, and in the channel: nobody would see it in a thread that isn't open."""
    content, how, reason = REFUSED[name]
    await small.share(name, content, **how)
    (said,) = refusals_of(small, name)
    assert reason in small.text(said).replace("*", "")
    assert "Only you can see this" in small.text(said)
    assert not said.thread_ts
    assert not small.posts(SALES)
    assert not refusals_of(small, name, LEA)


@pytest.mark.parametrize(
    ("method", "fault", "reason"),
    [
        ("download", {"html": True}, "won't let me read"),
        ("download", {"status": 403}, "won't let me read"),
        ("download", {"status": 302, "location": "https://evilslack.com/f"}, "evilslack.com"),
        ("files.info", {"error": "missing_scope"}, "won't let me read"),
        ("files.info", {"error": "file_not_found"}, "can't see"),
    ],
)
async def test_people_hear_if_slack_withholds_what_they_shared(
    here: World, method: str, fault: dict[str, Any], reason: str
) -> None:
    """Together with what to do."""
    await here.ask(OFFERS)
    here.slack.faults.add(method, **fault)
    await here.share("call.wav", SOUND)
    assert reason in here.text(refusals_of(here, "call.wav")[0])


async def test_people_hear_if_slack_sends_nothing_for_minutes(here: World) -> None:
    """Once the bot stops trying."""
    await here.ask(OFFERS)
    here.slack.faults.add("download", status=503, times=8)
    await here.share("call.wav", SOUND)
    for tries in range(1, 8):
        assert not refusals_of(here, "call.wav")
        await here.pass_time(2**tries)
    assert "Please share the file again" in here.text(refusals_of(here, "call.wav")[0])


async def test_a_file_is_refused_once_in_each_channel(here: World) -> None:
    """Whichever of Slack's reports comes first or repeatedly, after a restart, and if the file is shared again."""
    for channel in (SALES, "general"):
        await here.ask(OFFERS, channel=channel)
    shared = await here.share("page.wav", PAGE, events=("file_shared",))
    await here.pass_time(11)
    assert len(refusals_of(here, "page.wav")) == 1
    await here.restart()
    await here.slack.share_again(ROBIN, shared.files[0], SALES)
    await here.slack.share_again(LEA, shared.files[0], SALES)
    await here.pass_time(11)
    assert len(refusals_of(here, "page.wav")) == 1
    assert not refusals_of(here, "page.wav", LEA)
    await here.slack.share_again(LEA, shared.files[0], "general")
    await here.pass_time(11)
    assert len(refusals_of(here, "page.wav", LEA, "general")) == 1
    other = await here.share("page.wav", PAGE, repeats=4, again=1)
    await here.pass_time(11)
    assert other.files != shared.files
    assert len(refusals_of(here, "page.wav")) == 2


@pytest.mark.parametrize(
    ("fault", "count"),
    [
        ({"status": 429, "retry_after": 100}, 1),
        ({"broken": True, "late": True}, 1),
        ({"error": "channel_not_found"}, 0),
    ],
)
async def test_a_refusal_that_slack_may_have_shown_is_not_shown_again(
    here: World, fault: dict[str, Any], count: int
) -> None:
    """If Slack certainly didn't show it, it comes later."""
    await here.ask(OFFERS)
    here.slack.faults.add("chat.postEphemeral", **fault)
    await here.share("page.wav", PAGE)
    await here.restart()
    await here.pass_time(120)
    assert len(refusals_of(here, "page.wav")) == count


async def test_a_mention_with_something_that_cant_be_uploaded_is_answered_once(here: World) -> None:
    """Although it was also shared."""
    await here.ask(OFFERS)
    await here.mention("please", files=[("page.wav", PAGE)])
    await here.pass_time(11)
    assert len(refusals_of(here, "page.wav")) == 1


async def test_a_bot_gets_no_refusal(here: World, caplog: pytest.LogCaptureFixture) -> None:
    """Whether Slack marks the message or the user as a bot's; the log says why."""
    await here.ask(OFFERS)
    robin = here.slack.user(ROBIN)
    shared = await here.share("page.wav", PAGE, events=())
    event = {**shapes.message(here.slack.state, shared), "channel": shared.channel, "channel_type": "channel"}
    await here.slack.event({**event, "bot_id": "B0OTHER001"})
    await here.settle()
    here.slack.state.users[robin.id] = replace(robin, is_bot=True)
    await here.restart()
    await here.share("page.wav", PAGE)
    assert not refusals_of(here, "page.wav")
    assert caplog.text.count("that a bot shared") == 2
