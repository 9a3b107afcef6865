"""`/kickscale uploads …`: in which channels recordings are offered, and who decides that."""

import pytest

from bot.sandbox.slack.state import Channel
from tests.scenarios.uploads.offers.steps import OFFERS, SOUND, offers
from tests.world import GUESTS, GUS, LEA, ROBIN, SALES, World


def nothing_said(here: World, channel: str = SALES) -> bool:
    return not here.posts(channel) and not here.slack.ephemerals(channel, ROBIN)


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
