"""Recordings that Kickscale or Slack does not give or take: what people read then."""

from typing import Any

import pytest

from bot.sandbox.kickscale import Stage
from tests.scenarios.uploads.transfer.steps import SOUND, UPLOAD, offered, posts, promised, sha256, status, until
from tests.world import ROBIN, World

pytestmark = pytest.mark.usefixtures("no_backoff")


# ---- what is taken -------------------------------------------------------------------------------------------------


async def test_a_format_that_kickscale_does_not_accept_is_named(here: World) -> None:
    """By its bytes, or by the ending of its name; the message lists the formats that it accepts."""
    flac = b"fLaC\x00\x00\x00\x22" + bytes(100_000)
    await here.choose_upload(await here.share("acme.flac", flac))
    said = "Supported formats: mp3, m4a, mp4, wav, webm, ogg."
    assert said in here.text(here.slack.open_view(ROBIN))
    shared = await promised(here, "acme.mp3", flac)
    assert "is analysing it now" in status(here, shared)


async def test_the_limit_is_named_for_a_recording_that_is_too_large(here: World) -> None:
    """The limit from Kickscale's document, in readable units."""
    shared = await offered(here, "acme.wav", SOUND)
    here.kickscale.variant.max_bytes = 100_000
    await here.restart()
    await here.submit_upload_form()
    assert "larger than the 100 kB limit" in status(here, shared)


async def test_html_in_place_of_a_recording_is_a_lack_of_permission(here: World) -> None:
    """Slack answers with its sign-in page and 200 if the bot may not have the file."""
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add("download", html=True, times=2)
    await here.submit_upload_form()
    assert "Slack won't let me read acme.wav" in status(here, shared)
    assert here.kickscale.uploads == []


@pytest.mark.parametrize("fault", [{"after": 100_000}, {"after": 100_000, "short": True}])
async def test_a_truncated_recording_is_no_call(here: World, fault: dict[str, Any]) -> None:
    """The bytes are counted: a download that breaks off, or claims to be shorter, is tried again."""
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add("download", times=2, **fault)
    await here.submit_upload_form()
    assert "Slack isn't providing the file right now" in status(here, shared)
    assert here.kickscale.uploads == []
    await until(here, shared, "is analysing it now")
    (received,) = here.kickscale.uploads
    assert received.sha256 == sha256(SOUND)


async def test_a_recording_that_was_deleted_ends_kindly(here: World) -> None:
    """The message says so once, and blames nobody."""
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.delete_file(ROBIN, shared.files[0])
    await here.submit_upload_form()
    assert "acme.wav is no longer in Slack, so it can't be uploaded." in status(here, shared)
    assert posts(here) == 0


async def test_a_recording_that_is_deleted_between_two_tries_ends_kindly(here: World) -> None:
    """The upload doesn't wait for it any longer."""
    here.kickscale.faults.add(UPLOAD, status=429, retry_after=60)
    shared = await promised(here, "acme.wav", SOUND)
    here.slack.delete_file(ROBIN, shared.files[0])
    assert "is no longer in Slack" in await until(here, shared, "couldn't upload")
    assert here.kickscale.uploads == []


# ---- refusals ------------------------------------------------------------------------------------------------------


async def test_kickscales_refusal_is_quoted(here: World) -> None:
    """For example a rep without a seat: at once, and without another try."""
    here.kickscale.seatless.add("robin.rep@example.com")
    shared = await promised(here, "acme.wav", SOUND)
    assert "Kickscale rejected it: User has no paid seat" in status(here, shared)
    await here.pass_time(7_200)
    assert posts(here) == 1


@pytest.mark.parametrize("stage", [Stage.REQUEST, Stage.MIDDLE])
async def test_an_early_refusal_ends_the_sending(here: World, stage: Stage) -> None:
    """An answer in the middle of the body ends the sending."""
    here.kickscale.faults.add(UPLOAD, stage=stage, status=413, message="Recordings of this size go elsewhere")
    shared = await promised(here, "long.wav", 5_000_000)
    assert "rejected it: Recordings of this size go elsewhere" in status(here, shared)
    assert posts(here) == 1


async def test_refused_credentials_are_reported(here: World) -> None:
    """Without showing the credentials, and with what to do."""
    here.kickscale.api_key = "another one"
    shared = await promised(here, "acme.wav", SOUND)
    assert "Kickscale rejected my API key" in status(here, shared)


@pytest.mark.parametrize("status_code", [401, 403])
async def test_a_refusal_that_says_more_is_quoted(here: World, status_code: int) -> None:
    """It may be about the rep as well as about the key; NestJS's default messages aren't shown."""
    here.kickscale.faults.add(UPLOAD, status=status_code, message="User robin.rep@example.com has no seat")
    shared = await promised(here, "acme.wav", SOUND)
    said = status(here, shared)
    assert (
        "Kickscale denied access: User robin.rep@example.com has no seat. Either the rep has no Kickscale seat" in said
    )
    assert "a problem with my API key" in said
    for number, bare in enumerate(["Forbidden", "Forbidden resource", "Unauthorized"], 1):
        here.kickscale.faults.add(UPLOAD, status=status_code, message=bare)
        shared = await promised(here, "acme.wav", SOUND + bytes(2 * number))
        assert "Kickscale rejected my API key or client ID." in status(here, shared)
