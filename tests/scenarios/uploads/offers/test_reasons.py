"""Why some of the files that somebody chose cannot be uploaded."""

from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.uploads.offers.steps import OFFERS, PAGE, SOUND, offers
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import ROBIN, SALES, World, world


@pytest.mark.parametrize(
    ("content", "how", "reason"),
    [
        (SOUND, {"mode": "external"}, "just a link"),
        (SOUND, {"mode": "tombstone"}, "no longer in Slack"),
        (SOUND, {"mode": "hidden_by_limit"}, "older than the file history"),
        (PAGE, {}, "isn't an audio or video file"),
        (b"%PDF-1.7" + bytes(1000), {}, "isn't an audio or video file"),
        (b"", {}, "empty"),
    ],
)
async def test_files_that_cant_be_uploaded_get_the_reason(
    here: World, content: bytes | int, how: dict[str, Any], reason: str
) -> None:
    """If somebody asked."""
    await here.choose_upload(await here.share("call.wav", content, **how))
    assert reason in here.text(here.slack.open_view(ROBIN))
    assert not here.posts(SALES)
    assert not here.kickscale.uploads


async def test_kickscale_judges_whatever_slack_accepted(here: World) -> None:
    """Slack's gigabyte may be one of 2^30 bytes: the bot has no limit of its own."""
    await here.choose_upload(await here.share("call.wav", 2**30))
    assert "call.wav" in here.text(here.slack.open_view(ROBIN))
    assert "larger" not in here.text(here.slack.open_view(ROBIN))


@pytest.mark.parametrize(("limit", "reason"), [(len(SOUND) - 1, "larger than"), (len(SOUND), "call.wav")])
async def test_kickscales_limit_can_be_set(tmp_path: Path, limit: int, reason: str) -> None:
    """Even to more than the API's document says."""
    async with world(tmp_path, kickscale_max_upload=str(limit)) as here:
        here.kickscale.variant.max_bytes = 1_000
        await here.restart()
        await here.choose_upload(await here.share("call.wav", SOUND))
        said = here.text(here.slack.open_view(ROBIN))
    assert reason in said
    assert ("larger" in said) is (limit < len(SOUND))


@pytest.mark.parametrize(
    ("location", "reason"),
    [("", "won't let me read"), ("https://evilslack.com/f", "evilslack.com, which isn't one of Slack's own")],
)
async def test_a_redirected_download_gets_the_reason(here: World, location: str, reason: str) -> None:
    """A different reason for the sign-in page than for another host."""
    here.slack.faults.add("download", status=302, location=location)
    await here.choose_upload(await here.share("call.wav", SOUND))
    assert reason in here.text(here.slack.open_view(ROBIN))


async def test_an_offer_says_which_of_its_recordings_were_accepted(here: World) -> None:
    """And why the others were not."""
    await here.ask(OFFERS)
    shared = await here.slack.share(ROBIN, SALES, files=[("a.wav", SOUND), ("b.wav", wav(3))])
    await here.settle()
    (offer,) = offers(here, shared)
    here.slack.delete_file(ROBIN, shared.files[1])
    await here.click(offer, "Upload to Kickscale")
    await here.submit_upload_form()
    said = here.text(here.thread(shared)[0]).replace("*", "")
    assert "Robin Rep is uploading this recording to Kickscale.\na.wav" in said
    assert "b.wav is no longer in Slack" in said


@pytest.mark.parametrize(
    ("mode", "reason"),
    [("tombstone", "Untitled recording is no longer in Slack"), ("hidden_by_limit", "older than the file history")],
)
async def test_a_file_without_a_name_is_described_in_words(here: World, mode: str, reason: str) -> None:
    """Not by its id, which means nothing to people."""
    shared = await here.share("call.wav", SOUND, mode=mode)
    await here.choose_upload(shared)
    said = here.text(here.slack.open_view(ROBIN))
    assert reason in said
    assert shared.files[0] not in said


async def test_a_file_that_was_offered_and_deleted_is_mentioned_once(here: World) -> None:
    """By its former name, above the form of the others."""
    await here.ask(OFFERS)
    shared = await here.slack.share(ROBIN, SALES, files=[("a.wav", SOUND), ("b.wav", wav(3))])
    await here.settle()
    here.slack.delete_file(ROBIN, shared.files[1])
    (left,) = [message for message in here.slack.state.everything(shared.channel) if message.ts == shared.ts]
    await here.choose_upload(left)
    said = here.text(here.slack.open_view(ROBIN)).replace("*", "")
    assert said.count("no longer in Slack") == 1
    assert "b.wav is no longer in Slack" in said


async def test_unaccepted_recordings_are_named_before_anybody_fills_in_a_form(here: World) -> None:
    """The API's document names its limit."""
    here.kickscale.variant.max_bytes = 20_000
    await here.restart()
    await here.choose_upload(await here.share("call.wav", SOUND))
    assert "larger than the 20 kB" in here.text(here.slack.open_view(ROBIN))


async def test_a_sign_in_page_is_reported_as_a_missing_permission(here: World) -> None:
    """Slack sends it instead of the recording, with status 200."""
    shared = await here.share("call.wav", SOUND)
    here.slack.faults.add("download", html=True, times=2)
    await here.choose_upload(shared)
    assert "won't let me read" in here.text(here.slack.open_view(ROBIN))


async def test_the_reasons_stand_above_the_form_of_the_rest(here: World) -> None:
    """Each of them."""
    files = [("call.wav", SOUND), ("offer.pdf", b"%PDF-1.7"), ("page.wav", PAGE)]
    shared = await here.slack.share(ROBIN, SALES, files=files)
    await here.choose_upload(shared)
    text = here.text(here.slack.open_view(ROBIN)).replace("*", "")
    assert "offer.pdf isn't" in text
    assert "page.wav isn't" in text
    await here.submit_upload_form()
    assert [upload.file_name for upload in here.kickscale.uploads] == ["call.wav"]


@pytest.mark.parametrize("is_first_there", [False, True])
@pytest.mark.parametrize("how", ["shortcut", "mention"])
async def test_what_could_not_be_read_at_first_is_asked_about_later(
    here: World, how: str, *, is_first_there: bool
) -> None:
    """An offer only knows the files that could be read when it was made."""
    await here.ask(OFFERS)
    here.slack.faults.add("download", html=True)
    shared = await here.slack.share(ROBIN, SALES, files=[("a.wav", SOUND), ("b.wav", wav(3))])
    await here.settle()
    (offer,) = offers(here, shared)
    assert "a.wav" not in here.text(offer)
    if is_first_there:
        await here.click(offer, "Upload to Kickscale")
        await here.submit_upload_form()
    if how == "shortcut":
        await here.choose_upload(shared)
    else:
        await here.mention("all of it, please", thread_ts=shared.ts)
        await here.click(offers(here, shared)[0], "Upload to Kickscale")
    await here.submit_upload_form()
    assert sorted(upload.file_name for upload in here.kickscale.uploads) == ["a.wav", "b.wav"]
