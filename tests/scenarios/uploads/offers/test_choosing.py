"""*Upload to Kickscale* in the menu of a message, and *Dismiss* below an offer."""

import pytest

from bot import ids
from bot.sandbox.kickscale import Stage
from tests.scenarios.uploads.offers.steps import OFFERS, SOUND, offers, private_answer
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import LEA, ROBIN, SALES, World

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
