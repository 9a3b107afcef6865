"""Who may upload."""

from dataclasses import replace

import pytest

from tests.scenarios.uploads.offers.steps import OFFERS, SOUND, offers, private_answer
from tests.world import GUESTS, GUS, ROBIN, World


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
