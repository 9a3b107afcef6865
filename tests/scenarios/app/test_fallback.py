"""Everything else that Slack sends is acknowledged, and does nothing."""

import asyncio
from datetime import timedelta

from tests.databases import run_sql
from tests.world import ROBIN, SALES, World


async def test_an_unexpected_event_is_acknowledged(here: World) -> None:
    """Otherwise Slack would send it again and again, and finally disable the app."""
    delivery = await here.slack.event({"type": "app_home_opened", "user": "U0ROBIN001", "tab": "home"})
    assert not delivery.error


async def test_a_link_button_is_acknowledged(here: World) -> None:
    """Opening a link sends a click too."""
    here.add_calls(1)
    here.kickscale.change("c0", {"recordingRef": "https://recordings.example.com/c0.wav"})
    answer = await here.ask("/kickscale call c0")
    await here.click(answer, "Recording")
    view = here.slack.open_view(ROBIN)
    assert view is not None
    delivery = await here.slack.click(ROBIN, view, "open_link")
    assert not delivery.error


async def test_the_stored_binding_is_used_without_a_document(here: World) -> None:
    """The last binding is in the database. Admins read that it is used."""
    here.settings = type(here.settings).explicit(**{**here.settings.model_dump(), "admins": "U0ROBIN001"})
    here.kickscale.variant.domain_filter = "accountDomain"
    here.kickscale.variant.rejects_unknown = True
    await here.restart()
    await here.ask("/kickscale calls acme.com")
    here.kickscale.variant.swagger = type(here.kickscale.variant.swagger).MISSING
    await here.restart()
    here.add_calls(1)
    here.kickscale.requests.clear()
    assert "1 call with acme.com" in here.text(await here.ask("/kickscale calls acme.com"))
    assert here.kickscale.requests.on("/calls")[0].parameters["accountDomain"] == "acme.com"
    assert "as read" in here.text(await here.ask("/kickscale status"))


async def test_settings_override_what_was_bound(here: World) -> None:
    """Even if a document says otherwise."""
    here.kickscale.variant.domain_ignored = True
    here.settings = type(here.settings).explicit(**{**here.settings.model_dump(), "kickscale_domain_filter": "none"})
    await here.restart()
    here.add_calls(1)
    assert "1 call with acme.com" in here.text(await here.ask("/kickscale calls acme.com"))
    assert "customerDomain" not in here.kickscale.requests.on("/calls")[-1].parameters


async def test_commands_of_many_at_once_are_all_answered(here: World) -> None:
    """And the same list is requested only once."""
    here.add_calls(150, every=timedelta(minutes=5))
    await here.ask("/kickscale status")
    here.kickscale.requests.clear()
    here.kickscale.faults.add("/calls", hang=True)
    await asyncio.gather(*(here.slack.command(ROBIN, SALES, "/kickscale calls acme.com") for _ in range(20)))
    while run_sql(here.settings, "select count(*) from questions") != [(20,)]:  # each asks right after it is kept
        await here.clock.advance(0)
    await here.bot.database.check()  # its thread tells of what is kept in turn
    await here.clock.advance(0)
    here.kickscale.release()
    await here.bot.idle()
    answers = here.slack.ephemerals(SALES, ROBIN)[1:]
    assert len(answers) == 20
    assert all("150 calls" in here.text(answer) for answer in answers)
    assert len(here.kickscale.requests.on("/calls")) == 2
