"""A mention of the bot asks to upload what was shared with it or above it."""

import pytest

from tests.scenarios.uploads.offers.steps import OFFERS, PAGE, SOUND, offers, private_answer
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import LEA, ROBIN, SALES, World


async def test_a_mention_with_a_recording_gets_an_offer(here: World) -> None:
    """In a channel with uploads turned off."""
    assert len(offers(here, await here.mention("please", files=[("call.wav", SOUND)]))) == 1


async def test_a_mention_in_a_channel_with_uploads_on_gets_one_offer(here: World) -> None:
    """Although Slack also reports it as a shared file."""
    await here.ask(OFFERS)
    shared = await here.mention("please", files=[("call.wav", SOUND)])
    await here.pass_time(30)
    assert len(offers(here, shared)) == 1


async def test_a_mention_below_a_recording_offers_that_one(here: World) -> None:
    """Even if somebody else shared it long ago, and again after it was declined."""
    shared = await here.share("call.wav", SOUND, user=LEA)
    await here.clock.advance(3 * 86_400)
    await here.mention("please", thread_ts=shared.ts)
    (offer,) = offers(here, shared)
    await here.click(offer, "Dismiss")
    assert not offers(here, shared)
    await here.mention("please after all", thread_ts=shared.ts)
    (offer,) = offers(here, shared)
    await here.click(offer, "Upload to Kickscale")
    await here.submit_upload_form()
    assert len(here.kickscale.uploads) == 1


async def test_a_mention_below_a_recording_in_a_thread_offers_that_one(here: World) -> None:
    """The latest one above the mention, whatever the thread began with."""
    parent = here.slack.say(LEA, SALES, "how did it go?")
    await here.share("a.wav", SOUND, thread_ts=parent.ts)
    await here.share("b.wav", wav(3), thread_ts=parent.ts)
    await here.share("offer.pdf", b"%PDF-1.7", thread_ts=parent.ts)
    mentioned = await here.mention("please", thread_ts=parent.ts)
    (offer,) = offers(here, parent)
    assert "b.wav" in here.text(offer)
    assert offer.ts > mentioned.ts
    assert not here.slack.ephemerals(SALES, ROBIN)


async def test_a_message_has_one_offer_with_buttons(here: World) -> None:
    """Only the last one: each mention moves it down."""
    await here.ask(OFFERS)
    shared = await here.share("call.wav", SOUND)
    for _ in range(2):
        await here.mention("please", thread_ts=shared.ts)
        *before, offer = here.thread(shared)
        assert offers(here, shared) == [offer]
        assert all(
            "See the newer question" in here.text(message) and "[" not in here.text(message) for message in before
        )
    await here.click(offer, "Dismiss")
    await here.mention("please", thread_ts=shared.ts)
    await here.mention("please", thread_ts=shared.ts)
    assert len(offers(here, shared)) == 1
    assert sum("chose not to upload" in here.text(message) for message in here.thread(shared)) == 1


async def test_a_mention_below_a_recording_that_is_uploaded_says_so(here: World) -> None:
    """It tells the person who asked, and offers nothing."""
    shared = await here.mention("please", files=[("call.wav", SOUND)])
    await here.click(offers(here, shared)[0], "Upload to Kickscale")
    await here.submit_upload_form()
    await here.mention("please", user=LEA, thread_ts=shared.ts)
    assert "already in Kickscale" in private_answer(here, LEA)
    assert here.slack.ephemerals(SALES, LEA)[-1].thread_ts == shared.ts
    assert not offers(here, shared)


async def test_a_mention_asks_about_what_did_not_get_there(here: World) -> None:
    """Only about that: in the offer, in its form, and in the message that replaces the offer."""
    await here.ask(OFFERS)
    shared = await here.slack.share(ROBIN, SALES, files=[("a.wav", SOUND), ("b.wav", wav(3))])
    await here.settle()
    here.kickscale.faults.add("/calls/upload", status=422, message="User has no paid seat")
    await here.click(offers(here, shared)[0], "Upload to Kickscale")
    await here.submit_upload_form()
    (there,) = here.kickscale.uploads
    missing = {"a.wav": "b.wav", "b.wav": "a.wav"}[there.file_name]
    await here.mention("please", thread_ts=shared.ts)
    (offer,) = offers(here, shared)
    assert missing in here.text(offer)
    assert there.file_name not in here.text(offer)
    await here.click(offer, "Dismiss", LEA)
    assert there.file_name not in here.text(here.thread(shared)[-1])
    await here.mention("please after all", thread_ts=shared.ts)
    await here.click(offers(here, shared)[0], "Upload to Kickscale")
    assert there.file_name not in here.text(here.slack.open_view(ROBIN))
    await here.submit_upload_form()
    assert [upload.file_name for upload in here.kickscale.uploads] == [there.file_name, missing]
    assert not offers(here, shared)


async def test_a_mention_asks_about_what_was_cancelled(here: World) -> None:
    """While the rest of its message is on its way."""
    await here.ask(OFFERS)
    shared = await here.slack.share(ROBIN, SALES, files=[("a.wav", SOUND), ("b.wav", wav(3))])
    await here.settle()
    here.kickscale.faults.add("/calls/upload", status=429, retry_after=600, times=2)
    await here.click(offers(here, shared)[0], "Upload to Kickscale")
    await here.submit_upload_form()
    await here.click(here.thread(shared)[-1], "Cancel")
    await here.mention("please after all", thread_ts=shared.ts)
    assert len(offers(here, shared)) == 1
    await here.mention("please", LEA, thread_ts=shared.ts)
    await here.click(offers(here, shared)[0], "Upload to Kickscale")
    await here.submit_upload_form()
    await here.pass_time(1200)
    assert sorted(upload.file_name for upload in here.kickscale.uploads) == ["a.wav", "b.wav"]


@pytest.mark.parametrize("how", ["mention", "mention_below", "shortcut"])
async def test_a_forwarded_recording_can_be_uploaded(here: World, how: str) -> None:
    """It belongs to the message that was forwarded, not to the one that forwards it."""
    original = await here.share("call.wav", SOUND, user=LEA, channel="deals")
    forwarded = await here.slack.forward(ROBIN, original, SALES, text="look", mention=how == "mention")
    await here.settle()
    if how == "shortcut":
        await here.choose_upload(forwarded)
    else:
        if how == "mention_below":
            await here.mention("please", thread_ts=forwarded.ts)
        await here.click(offers(here, forwarded)[0], "Upload to Kickscale")
    await here.submit_upload_form()
    assert [upload.file_name for upload in here.kickscale.uploads] == ["call.wav"]


async def test_a_forwarded_recording_that_the_bot_cant_see_gets_the_reason(here: World) -> None:
    """It is shared only where the bot isn't."""
    original = await here.share("call.wav", SOUND, channel="sales-team")
    await here.choose_upload(await here.slack.forward(ROBIN, original, SALES))
    said = here.text(here.slack.open_view(ROBIN)).replace("*", "")
    assert "I can't see call.wav" in said


async def test_a_mention_without_a_recording_says_so(here: World) -> None:
    """In the thread of the mention, unless it is a command."""
    parent = here.slack.say(LEA, SALES, "how did it go?")
    await here.mention("please", thread_ts=parent.ts)
    assert "find a recording" in private_answer(here)
    assert here.slack.ephemerals(SALES, ROBIN)[-1].thread_ts == parent.ts
    assert not here.posts(SALES)


async def test_a_mention_with_something_else_gets_the_reason(here: World) -> None:
    """In addition to the offer for the recordings that can be uploaded."""
    shared = await here.mention("please", files=[("offer.pdf", b"%PDF-1.7"), ("call.wav", SOUND), ("page.wav", PAGE)])
    assert len(offers(here, shared)) == 1
    said = private_answer(here)
    assert "offer.pdf isn't an audio or video file" in said.replace("*", "")
    assert "page.wav isn't an audio or video file" in said.replace("*", "")


@pytest.mark.parametrize("mode", ["on", "on auto"])
async def test_recordings_that_kickscale_does_not_accept_are_not_offered(here: World, mode: str) -> None:
    """Because of its size or its format; people who ask get the reason."""
    flac = b"fLaC\x00\x00\x00\x22" + bytes(10_000)
    here.kickscale.variant.max_bytes = 20_000
    await here.restart()
    await here.type(f"/kickscale uploads {mode}")
    if mode != "on":
        await here.submit_upload_form()
    for name, content, reason in (
        ("call.wav", SOUND, "larger than the 20 kB"),
        ("a.flac", flac, "Supported formats: mp3"),
    ):
        shared = await here.share(name, content)
        assert not here.thread(shared)
        await here.mention("please", thread_ts=shared.ts)
        assert reason in private_answer(here)
        assert not here.thread(shared)
    assert not here.kickscale.uploads


@pytest.mark.parametrize("error", ["not_in_channel", "restricted_action"])
@pytest.mark.parametrize("line", ["/kickscale uploads off", OFFERS])
async def test_a_mention_whose_offer_slack_refuses_is_answered(here: World, error: str, line: str) -> None:
    """By direct message, whichever of Slack's two reports came first."""
    await here.ask(line)
    here.slack.faults.add("chat.postMessage", error=error)
    await here.mention("please", files=[("call.wav", SOUND)])
    said = here.slack.direct_messages(ROBIN)[0]
    assert {"not_in_channel": "/invite", "restricted_action": "not allowed to post"}[error] in here.text(said)


async def test_a_mention_that_fails_is_answered(here: World) -> None:
    """By direct message, with a reference."""
    here.slack.faults.add("files.info", error="missing_scope")
    await here.mention("please", files=[("call.wav", SOUND)])
    (said,) = here.slack.direct_messages(ROBIN)
    assert "scope" in here.text(said)
