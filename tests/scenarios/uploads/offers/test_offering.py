"""Recordings that are shared in a channel with uploads on get one offer each."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.uploads.offers.steps import OFFERS, PAGE, SOUND, offers
from tests.unit.uploads.recordings.synthesis import mp4, ogg, wav
from tests.world import LEA, ROBIN, SALES, World, world

QUESTION = "Upload this recording to Kickscale?"


# ---- what is offered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [("call.wav", SOUND), ("Zoom.mp4", mp4(3)), ("note.ogg", ogg(3)), ("recording", SOUND), ("call.bin", SOUND)],
)
async def test_every_recording_gets_an_offer_in_its_thread(here: World, name: str, content: bytes) -> None:
    """Its bytes decide if neither Slack nor its name says what it is."""
    await here.ask(OFFERS)
    shared = await here.share(name, content)
    (offer,) = here.posts(SALES)
    assert offer.thread_ts == shared.ts
    text = here.text(offer)
    for part in (QUESTION, name, "[Upload to Kickscale]", "[Dismiss]"):
        assert part in text
    assert not here.kickscale.uploads


async def test_a_recording_in_a_thread_is_offered_there(here: World) -> None:
    """Not below a message of its own."""
    await here.ask(OFFERS)
    parent = here.slack.say(LEA, SALES, "how did it go?")
    await here.share("call.wav", SOUND, thread_ts=parent.ts)
    assert len(offers(here, parent)) == 1


async def test_several_files_are_one_offer_and_one_form(here: World) -> None:
    """For the recordings; other files of the message are ignored."""
    await here.ask(OFFERS)
    files = [("a.wav", SOUND), ("b.wav", wav(3)), ("offer.pdf", b"%PDF-1.7")]
    shared = await here.slack.share(ROBIN, SALES, files=files)
    await here.settle()
    (offer,) = here.thread(shared)
    text = here.text(offer)
    assert "these 2 recordings" in text
    assert "pdf" not in text
    await here.click(offer, "Upload to Kickscale")
    form = here.text(here.slack.open_view(ROBIN))
    assert "a.wav" in form
    assert "b.wav" in form
    await here.submit_upload_form()
    assert sorted(upload.file_name for upload in here.kickscale.uploads) == ["a.wav", "b.wav"]
    assert not here.slack.ephemerals(SALES, ROBIN)[1:], "other files are Uploads are in silence"


@pytest.mark.parametrize(
    ("name", "content", "how"),
    [
        ("offer.pdf", b"%PDF-1.7", {}),
        ("notes.txt", b"Hello", {}),
        ("photo.png", b"\x89PNG\r\n\x1a\n", {}),
        ("page.html", PAGE, {}),
        ("recording", b"Hello", {}),
        ("notes.txt", SOUND, {}),
        ("offer.pdf", b"%PDF-1.7", {"mode": "external"}),
        ("call.wav", SOUND, {"mode": "tombstone"}),
    ],
)
async def test_other_files_are_ignored_silently(here: World, name: str, content: bytes, how: dict[str, Any]) -> None:
    """Files that are called isn't an audio or video file, and deleted ones: nobody asked."""
    await here.ask(OFFERS)
    before = len(here.slack.ephemerals(SALES, ROBIN))
    await here.share(name, content, **how)
    await here.pass_time(11)
    assert not here.posts(SALES)
    assert len(here.slack.ephemerals(SALES, ROBIN)) == before


async def test_events_that_come_again_are_offered_once(here: World) -> None:
    """Four times under each of two ids, and once more the report about the file itself."""
    await here.ask(OFFERS)
    shared = await here.share("call.wav", SOUND, repeats=4, again=1)
    await here.pass_time(30)
    assert len(offers(here, shared)) == 1
    here.slack.state.subscriptions |= {"message.channels"}
    await here.restart()
    await here.pass_time(30)
    assert len(here.posts(SALES)) == 1


async def test_the_second_report_of_a_file_replaces_a_missing_first(here: World) -> None:
    """After ten seconds, and with the message's text."""
    await here.ask(OFFERS)
    shared = await here.share("call.wav", SOUND, text="with acme.com", events=("file_shared",))
    assert not here.thread(shared)
    await here.pass_time(11)
    (offer,) = offers(here, shared)
    await here.click(offer, "Upload to Kickscale")
    assert "acme.com" in here.text(here.slack.open_view(ROBIN))


async def test_a_file_that_was_deleted_in_the_meantime_is_not_offered(here: World) -> None:
    """Nothing is said below the message, nor to anybody."""
    await here.ask(OFFERS)
    shared = await here.share("call.wav", SOUND, events=("file_shared",))
    here.slack.delete_file(ROBIN, shared.files[0])
    await here.pass_time(30)
    assert not here.posts(SALES)


async def test_a_file_of_slack_connect_is_offered_like_any_other(here: World) -> None:
    """Its message says next to nothing about it."""
    await here.ask(OFFERS, channel="ext-acme")
    (offer,) = offers(here, await here.share("call.wav", SOUND, user="pat.partner", channel="ext-acme"))
    assert "call.wav" in here.text(offer)
    assert not here.thread(await here.share("offer.pdf", b"%PDF-1.7", channel="ext-acme"))
    await here.click(offer, "Upload to Kickscale")
    await here.submit_upload_form()
    assert len(here.kickscale.uploads) == 1


async def test_an_offer_that_slack_did_not_accept_comes_later(here: World) -> None:
    """An offer whose answer was lost isn't posted twice."""
    await here.ask(OFFERS)
    here.slack.faults.add("chat.postMessage", status=503)
    shared = await here.share("call.wav", SOUND)
    assert not offers(here, shared)
    await here.pass_time(10)
    assert len(offers(here, shared)) == 1
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    again = await here.share("other.wav", SOUND)
    await here.pass_time(10)
    assert len(offers(here, again)) == 1


# ---- hostile -------------------------------------------------------------------------------------------------------


async def test_a_name_pings_nobody_and_breaks_nothing(here: World) -> None:
    """Halves of characters, mentions, and marks that change the direction of writing."""
    await here.ask(OFFERS)
    name = "<!channel> \udc80 <@U0LEA00001> \u202egp.wav"
    shared = await here.share(name, SOUND, text="\ud83d <!here> see acme.com")
    await here.click(offers(here, shared)[0], "Upload to Kickscale")
    await here.submit_upload_form()
    assert len(here.kickscale.uploads) == 1
    for message in here.thread(shared):
        assert set(message.mentions) <= {"<@U0ROBIN001>"}, message
    assert not here.slack.ephemerals(SALES, ROBIN)[-1].mentions
    assert "channel" in here.text(await here.ask("/kickscale uploads status"))


async def test_it_works_over_http(tmp_path: Path) -> None:
    """Events, the mention, the shortcut, and the form of a channel."""
    async with world(tmp_path, over="http", now=datetime.now(UTC)) as here:
        await here.type("/kickscale uploads on auto")
        await here.submit_upload_form()
        await here.share("call.wav", SOUND)
        assert len(here.kickscale.uploads) == 1
        await here.ask("/kickscale uploads off")
        shared = await here.share("other.wav", wav(3), user=LEA)
        await here.mention("please", thread_ts=shared.ts)
        assert len(offers(here, shared)) == 1
        await here.choose_upload(shared)
        await here.submit_upload_form()
        assert len(here.kickscale.uploads) == 2
