"""When the bot offers to upload recordings, when it uploads without asking, and whom and what it refuses."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import ids
from bot.sandbox.kickscale import Stage
from bot.sandbox.kickscale.openapi import document
from bot.sandbox.slack import Message, shapes
from bot.sandbox.slack.state import Channel
from tests.databases import run_sql
from tests.unit.uploads.recordings.synthesis import mp4, ogg, wav
from tests.world import GUESTS, GUS, LEA, ROBIN, SALES, World, world

SOUND = wav(2, recorded_at=datetime(2026, 11, 20, 14, 30))  # noqa: DTZ001 as a recorder writes it
QUESTION = "Upload this recording to Kickscale?"
PAGE = b"<!DOCTYPE html><html><body>Please sign in</body></html>"
OFFERS = "/kickscale uploads on"


def offers(here: World, of: Message) -> list[Message]:
    """Return the offers below a message."""
    return [message for message in here.thread(of) if "to Kickscale?" in here.text(message)]


def private_answer(here: World, user: str = ROBIN, channel: str = SALES) -> str:
    """Return the last message that only this person sees."""
    return here.text(here.slack.ephemerals(channel, user)[-1])


def nothing_said(here: World, channel: str = SALES) -> bool:
    return not here.posts(channel) and not here.slack.ephemerals(channel, ROBIN)


async def requiring(here: World, field: str) -> None:
    """Restart the bot with an API whose document requires this field, too."""
    said = json.dumps(document(here.kickscale.variant)).replace('["name", "date"', f'["name", "date", "{field}"')
    assert f'"date", "{field}"' in said
    here.kickscale.faults.add("/swagger-json", body=said)
    await here.restart()


# ---- channels ------------------------------------------------------------------------------------------------------


async def test_a_channel_is_ignored_until_uploads_are_on(here: World) -> None:
    """And again after they were turned off."""
    await here.share("call.wav", SOUND)
    assert nothing_said(here)
    assert "Uploads are" in here.text(await here.ask("/kickscale uploads status"))
    assert "offer to upload" in here.text(await here.ask(OFFERS))
    assert "offer to upload" in here.text(await here.ask("/kickscale uploads status"))
    assert offers(here, await here.share("call.wav", SOUND))
    assert "Uploads are" in here.text(await here.ask("/kickscale uploads off"))
    assert not here.thread(await here.share("call.wav", SOUND))


async def test_how_a_channel_is_set_outlives_a_restart(here: World) -> None:
    """For each channel, and with the attestation for `auto`."""
    await here.ask(OFFERS)
    await here.type("/kickscale uploads on auto", channel="general")
    await here.submit_upload_form()
    await here.restart()
    assert offers(here, await here.share("call.wav", SOUND))
    said = here.text(await here.ask("/kickscale uploads status", channel="general"))
    assert "without asking" in said
    assert "Robin Rep confirmed" in said
    assert "Uploads are" in here.text(await here.ask("/kickscale uploads status", channel="deals"))


@pytest.mark.parametrize("method", ["files.info", "chat.postMessage"])
async def test_off_also_stops_offers_that_are_still_to_be_posted(here: World, method: str) -> None:
    """Whichever of Slack's methods the bot waited for; people who mention the bot are still answered."""
    await here.ask(OFFERS)
    here.slack.faults.add(method, status=429, retry_after=100)
    shared = await here.share("call.wav", SOUND)
    await here.ask("/kickscale uploads off")
    await here.pass_time(120)
    assert not here.thread(shared)
    await here.mention("please", thread_ts=shared.ts)
    assert len(offers(here, shared)) == 1


@pytest.mark.parametrize("line", [OFFERS, "/kickscale uploads on auto"])
async def test_if_the_bot_is_no_member_it_says_how_to_invite_it(here: World, line: str) -> None:
    """It receives no events there."""
    assert "/invite" in here.text(await here.ask(line, channel="sales-team"))
    assert here.slack.open_view(ROBIN) is None
    said = here.text(await here.ask("/kickscale uploads status", channel="sales-team"))
    assert "Uploads are" in said


async def test_nobody_is_told_to_invite_the_bot_to_a_direct_message_of_two_people(here: World) -> None:
    """That is impossible there; `digest add` says the same."""
    here.add_calls(1)
    between = Channel("D0ROBINLEA", "", (here.slack.user(ROBIN).id, here.slack.user(LEA).id), is_im=True)
    here.slack.state.channels[between.id] = between
    shared = await here.share("call.wav", SOUND, channel=between.id)
    await here.choose_upload(shared)
    answers = [here.slack.ephemerals(between.id, ROBIN)[-1]]
    answers += [await here.ask(line, channel=between.id) for line in (OFFERS, "/kickscale uploads on auto")]
    await here.click(await here.ask("/kickscale calls acme.com", channel=between.id), "Share in channel")
    answers += [
        here.slack.ephemerals(between.id, ROBIN)[-1],
        await here.ask("/kickscale digest add acme.com", channel=between.id),
    ]
    assert {here.text(answer) for answer in answers} == {here.text(answers[-1])}
    assert "direct message between two people" in here.text(answers[-1])
    assert here.slack.open_view(ROBIN) is None


async def test_recordings_can_be_shared_with_the_bot_in_its_own_direct_messages(here: World) -> None:
    """Nobody needs to invite it there."""
    assert "offer to upload" in here.text(await here.ask(OFFERS, channel="dm"))
    shared = await here.share("call.wav", SOUND, channel="dm")
    await here.pass_time(11)
    assert len(offers(here, shared)) == 1


async def test_a_guest_changes_nothing(here: World) -> None:
    """And can't see a channel's setting either."""
    for line in (OFFERS, "/kickscale uploads on auto", "/kickscale uploads off", "/kickscale uploads status"):
        assert "guest" in here.text(await here.ask(line, GUS, GUESTS)).lower()
    assert here.slack.open_view(GUS) is None
    await here.share("call.wav", SOUND, channel=GUESTS)
    assert not here.posts(GUESTS)


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


# ---- asked for -----------------------------------------------------------------------------------------------------


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


# ---- chosen --------------------------------------------------------------------------------------------------------


async def test_the_shortcut_leads_straight_to_the_form(here: World) -> None:
    """On an old message in a channel with uploads turned off, and on one in a thread."""
    shared = await here.share("call.wav", SOUND, user=LEA)
    await here.clock.advance(400 * 86_400)
    await here.choose_upload(shared)
    await here.submit_upload_form()
    assert [upload.file_name for upload in here.kickscale.uploads] == ["call.wav"]
    assert "analysing it now" in here.text(here.thread(shared)[0])
    parent = here.slack.say(LEA, SALES, "how did it go?")
    below = await here.share("other.wav", wav(3), thread_ts=parent.ts)
    await here.choose_upload(below)
    await here.submit_upload_form()
    assert len(here.kickscale.uploads) == 2
    assert "other.wav" in here.text(here.thread(parent)[0])


async def test_a_slow_form_is_announced_in_its_own_view(here: World) -> None:
    """In its view, and not in the channel as well, since nothing would follow there."""
    shared = await here.share("call.wav", SOUND)
    here.slack.faults.add("files.info", latency=9)
    await here.slack.message_shortcut(ROBIN, SALES, shared, ids.UPLOAD_SHORTCUT)
    await here.slack.wait_for(lambda: here.slack.open_view(ROBIN))
    while here.slack.faults.ordered:  # the bot has heard that it is open only when it asks on
        await here.clock.advance(0)
    await here.clock.advance(3)
    await here.slack.wait_for(lambda: "takes a moment" in here.text(here.slack.open_view(ROBIN)))
    await here.pass_time(9)
    assert "Consent" in here.text(here.slack.open_view(ROBIN))
    assert here.slack.ephemerals(SALES, ROBIN) == []


async def test_the_shortcut_works_beside_an_offer(here: World) -> None:
    """The offer then says that it was accepted."""
    await here.ask(OFFERS)
    shared = await here.share("call.wav", SOUND)
    await here.choose_upload(shared, LEA)
    await here.submit_upload_form(LEA)
    offer = here.thread(shared)[0]
    assert "Lea Lead is uploading this recording" in here.text(offer)
    assert "[" not in here.text(offer)


@pytest.mark.parametrize("channel", ["sales-team", "leads-only"])
async def test_the_shortcut_says_how_to_invite_the_bot(here: World, channel: str) -> None:
    """If it isn't a member, it sees no file."""
    shared = await here.share("call.wav", SOUND, user=LEA, channel=channel)
    await here.choose_upload(shared, LEA)
    assert "/invite" in private_answer(here, LEA, channel)
    assert "Kickscale" in private_answer(here, LEA, channel)
    assert here.slack.open_view(LEA) is None


async def test_the_shortcut_on_a_message_without_files_says_so(here: World) -> None:
    """And no form opens."""
    await here.choose_upload(here.slack.say(LEA, SALES, "hello"))
    assert "find a recording" in private_answer(here)
    assert here.slack.open_view(ROBIN) is None


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


async def test_the_state_of_each_known_recording_is_shown(here: World) -> None:
    """Instead of the form, and to people who submit a form after somebody else did."""
    shared = await here.slack.share(ROBIN, SALES, files=[("a.wav", SOUND), ("b.wav", wav(3))])
    await here.settle()
    here.kickscale.faults.add("/calls/upload", status=429, retry_after=600)
    await here.choose_upload(shared, LEA)
    await here.choose_upload(shared)
    await here.submit_upload_form()
    await here.submit_upload_form(LEA)
    await here.choose_upload(shared)
    for user in (ROBIN, LEA):
        said = here.text(here.slack.open_view(user))
        assert "is already in Kickscale" in said
        assert "is already uploading this recording" in said
        assert "a.wav" in said
        assert "b.wav" in said


async def test_an_upload_that_is_being_cancelled_is_not_shown_as_on_its_way(here: World) -> None:
    """It may take a while to find out whether it arrived."""
    here.kickscale.faults.add("/calls/upload", stage=Stage.READ, broken=True)
    shared = await here.share("call.wav", SOUND)
    await here.choose_upload(shared)
    await here.submit_upload_form()
    await here.click(here.thread(shared)[-1], "Cancel")
    await here.choose_upload(shared)
    said = here.text(here.slack.open_view(ROBIN))
    assert "is being cancelled" in said
    assert "already" not in said


async def test_more_recordings_than_a_form_has_room_for_are_asked_about_one_after_the_other(here: World) -> None:
    """The form says so, and the offer's message says how to upload the rest."""
    await here.ask(OFFERS)
    shared = await here.slack.share(ROBIN, SALES, files=[(f"{n}.wav", wav(1 + n / 10)) for n in range(25)])
    await here.settle()
    await here.click(offers(here, shared)[0], "Upload to Kickscale")
    assert "15 more recordings" in here.text(here.slack.open_view(ROBIN))
    await here.submit_upload_form()
    assert "24.wav wasn't part of this upload" in here.text(here.thread(shared)[0]).replace("*", "")
    await here.choose_upload(shared)
    assert "5 more recordings" in here.text(here.slack.open_view(ROBIN))
    await here.submit_upload_form()
    await here.choose_upload(shared)
    assert "more recordings" not in here.text(here.slack.open_view(ROBIN))
    await here.submit_upload_form()
    assert len(here.kickscale.uploads) == 25


async def test_a_form_does_not_speak_for_what_could_be_read_only_later(here: World) -> None:
    """Nothing is wrong with that file, and the message says how to upload it."""
    await here.ask(OFFERS)
    here.slack.faults.add("download", html=True)
    shared = await here.slack.share(ROBIN, SALES, files=[("a.wav", SOUND), ("b.wav", wav(3))])
    await here.settle()
    await here.click(offers(here, shared)[0], "Upload to Kickscale")
    await here.choose_upload(shared, LEA)
    await here.submit_upload_form()
    said = here.text(here.thread(shared)[0]).replace("*", "")
    assert "b.wav wasn't part of this upload" in said or "a.wav wasn't part of this upload" in said
    assert "choose Upload to Kickscale" in said


# ---- not this one --------------------------------------------------------------------------------------------------


async def test_not_this_one_ends_the_offer(here: World) -> None:
    """It says who said so, and how to upload it after all."""
    await here.ask(OFFERS)
    shared = await here.share("call.wav", SOUND)
    await here.click(offers(here, shared)[0], "Dismiss", LEA)
    (declined,) = here.thread(shared)
    text = here.text(declined)
    assert "Lea Lead chose not to upload" in text
    assert "[" not in text
    assert "Upload to Kickscale" in text
    await here.choose_upload(shared)
    await here.submit_upload_form()
    assert len(here.kickscale.uploads) == 1


async def test_not_this_one_comes_too_late_for_what_was_promised(here: World) -> None:
    """The form that was submitted first counts, but only in this thread."""
    await here.ask(OFFERS)
    await here.ask(OFFERS, channel="deals")
    shared = await here.share("call.wav", SOUND)
    (offer,) = offers(here, shared)
    again = await here.slack.share_again(ROBIN, shared.files[0], "deals")
    await here.settle()
    await here.click(offer, "Upload to Kickscale")
    await here.submit_upload_form()
    here.slack.state.replace(here.thread(shared)[0], offer)  # as somebody sees it whose Slack is behind
    await here.click(offer, "Dismiss", LEA)
    assert "Robin Rep is uploading this recording" in here.text(here.thread(shared)[0])
    await here.click(offers(here, again)[0], "Dismiss", LEA)
    assert "Lea Lead chose not to upload" in here.text(here.thread(again)[0])
    assert len(here.kickscale.uploads) == 1


# ---- unasked -------------------------------------------------------------------------------------------------------


async def test_auto_is_off_until_it_is_attested(here: World) -> None:
    """The form says what it means, and asks only for the tick."""
    await here.type("/kickscale uploads on auto")
    view = here.slack.open_view(ROBIN)
    assert view is not None
    assert "without a question" in here.text(view)
    assert "Uploads are" in here.text(await here.ask("/kickscale uploads status"))
    assert not here.thread(await here.share("call.wav", SOUND))
    with pytest.raises(ValueError, match="required"):
        await here.slack.submit(ROBIN, view, {})
    assert "Uploads are" in here.text(await here.ask("/kickscale uploads status"))
    await here.submit_upload_form()
    assert "without asking" in private_answer(here)


async def test_auto_uploads_without_asking(here: World) -> None:
    """On the word of the person who attested for the channel; each upload names them."""
    await here.type("/kickscale uploads on auto", LEA)
    await here.submit_upload_form(LEA)
    shared = await here.share("2026-11-20 14.30 Pricing with Acme.wav", SOUND, repeats=2, again=1)
    await here.pass_time(30)
    (received,) = here.kickscale.uploads
    assert received.fields["name"] == "Pricing with Acme"
    assert received.fields["date"] == "2026-11-20T13:30:00Z"
    assert received.fields["userEmail"] == "robin.rep@example.com"
    (status,) = here.thread(shared)
    assert "Lea Lead confirmed" in here.text(status)


async def test_auto_covers_what_is_shared_while_it_is_on(here: World) -> None:
    """`off` ends it, and `on` asks again."""
    await here.type("/kickscale uploads on auto")
    await here.submit_upload_form()
    await here.ask(OFFERS)
    shared = await here.share("call.wav", SOUND)
    assert len(offers(here, shared)) == 1
    assert not here.kickscale.uploads


async def test_auto_asks_if_the_api_requires_what_nobody_knows(here: World) -> None:
    """An offer, as elsewhere."""
    await here.type("/kickscale uploads on auto")
    await here.submit_upload_form()
    await requiring(here, "caller")
    shared = await here.share("call.wav", SOUND)
    (offer,) = offers(here, shared)
    await here.click(offer, "Upload to Kickscale")
    await here.submit_upload_form(**{"s:caller": "+49 30 23125 111"})
    assert here.kickscale.uploads[0].fields["caller"] == "+49 30 23125 111"


async def test_auto_ignores_other_files(here: World) -> None:
    """A guest's recording is offered to the others."""
    await here.type("/kickscale uploads on auto", channel=GUESTS)
    await here.submit_upload_form()
    assert not here.thread(await here.share("page.wav", PAGE, channel=GUESTS))
    assert not here.thread(await here.share("offer.pdf", b"%PDF-1.7", channel=GUESTS))
    assert len(offers(here, await here.share("call.wav", SOUND, user=GUS, channel=GUESTS))) == 1
    assert not here.kickscale.uploads


async def attest(here: World, user: str = LEA) -> None:
    """Have the channel's recordings uploaded without asking, on this person's word."""
    await here.type("/kickscale uploads on auto", user)
    await here.submit_upload_form(user)


async def test_auto_asks_about_what_was_shared_before(here: World) -> None:
    """Nobody has confirmed anything about those, even if somebody mentions the bot below one."""
    shared = await here.share("old.wav", SOUND)
    await here.clock.advance(86_400)
    await attest(here)
    await here.mention("what about this?", thread_ts=shared.ts)
    assert len(offers(here, shared)) == 1
    assert not here.kickscale.uploads


async def test_auto_asks_about_what_was_shared_before_and_looked_at_later(here: World) -> None:
    """The channel was attested for while Slack was unavailable."""
    await here.ask(OFFERS)
    here.slack.faults.add("files.info", status=429, retry_after=100)
    shared = await here.share("call.wav", SOUND)
    await here.clock.advance(5)
    await attest(here)
    await here.pass_time(120)
    assert len(offers(here, shared)) == 1
    assert not here.kickscale.uploads


async def test_auto_asks_once_the_person_who_attested_may_not_upload(here: World) -> None:
    """Their word counts only as long as they may give it."""
    await attest(here)
    person = here.slack.user(LEA)
    here.slack.state.users[person.id] = replace(person, is_restricted=True)
    await here.clock.advance(301)
    assert len(offers(here, await here.share("call.wav", SOUND))) == 1
    assert not here.kickscale.uploads


def kill(here: World, kind: str) -> None:
    """Make the jobs of this kind look as if a kill had come before they were recorded as done."""
    run_sql(here.settings, "update jobs set state = 'running', finished_at = null where kind = ?", kind)


async def test_what_was_cancelled_is_not_uploaded_again_after_a_kill(here: World) -> None:
    """And nobody is asked about it, since nobody has shared it again."""
    await attest(here)
    here.kickscale.faults.add("/calls/upload", status=429, retry_after=600)
    shared = await here.share("call.wav", SOUND)
    await here.click(here.thread(shared)[0], "Cancel")
    kill(here, "offer")
    await here.pass_time(60)
    (status,) = here.thread(shared)
    assert "Robin Rep cancelled the upload" in here.text(status)
    assert not here.kickscale.uploads


async def test_what_was_cancelled_is_asked_about_if_somebody_asks_for_it(here: World) -> None:
    """The attestation for the whole channel isn't enough for that."""
    await attest(here)
    here.kickscale.faults.add("/calls/upload", status=429, retry_after=600)
    shared = await here.share("call.wav", SOUND)
    await here.click(here.thread(shared)[0], "Cancel")
    await here.mention("please after all", thread_ts=shared.ts)
    assert len(offers(here, shared)) == 1
    assert not here.kickscale.uploads


# ---- who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("user", "channel"), [(GUS, GUESTS), ("pat.partner", "ext-acme")])
async def test_guests_and_outsiders_upload_nothing(here: World, user: str, channel: str) -> None:
    """Neither by a mention, nor with the shortcut, nor with the buttons of an offer."""
    await here.ask(OFFERS, channel=channel)
    shared = await here.share("call.wav", SOUND, channel=channel)
    (offer,) = offers(here, shared)
    before = len(here.posts(channel))
    await here.mention("please", user, channel, thread_ts=shared.ts)
    refusal = private_answer(here, user, channel)
    assert "members of this workspace" in refusal
    await here.choose_upload(shared, user)
    assert private_answer(here, user, channel) == refusal
    assert here.slack.open_view(user) is None
    await here.click(offer, "Dismiss", user)
    assert private_answer(here, user, channel) == refusal
    assert len(offers(here, shared)) == 1
    await here.click(offer, "Upload to Kickscale", user)
    assert refusal in here.text(here.slack.open_view(user))
    assert len(here.posts(channel)) == before
    assert not here.kickscale.uploads


async def test_a_form_is_refused_once_its_owner_is_a_guest(here: World) -> None:
    """A person's permission is checked again when they submit it."""
    await here.choose_upload(await here.share("call.wav", SOUND))
    person = here.slack.user(ROBIN)
    here.slack.state.users[person.id] = replace(person, is_restricted=True)
    await here.clock.advance(301)
    await here.submit_upload_form()
    assert "guest" in here.text(here.slack.open_view(ROBIN)).lower()
    assert not here.kickscale.uploads


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
