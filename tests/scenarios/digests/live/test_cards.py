"""Live cards: one for each conversation and channel, found by the webhook or by looking."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.scenarios.digests.live.steps import HOUR, MINUTE, SECRET, cards, deliver, meeting, report, subscribe
from tests.world import ROBIN, World, audit_row, call, start_bot, world


async def test_a_meeting_is_posted_once_it_is_analysed(here: World) -> None:
    """As one card with a *Details* button, however often the webhook reports it and other bots look for it."""
    raw = meeting(here, actionItems=[{"text": "Send the offer", "owner": "Robin Rep"}])
    await report(here, raw, raw)
    await report(here, raw)
    await here.look_for_news(5 * MINUTE)
    await here.restart()
    await here.look_for_news(5 * MINUTE)
    (card,) = cards(here)
    text = here.text(card)
    assert "Meeting 1" in text
    assert "Summary 1" in text
    assert "☐ Send the offer (Robin Rep)" in text
    await here.click(card, "Details")
    assert "Meeting 1" in here.text(here.slack.open_view(ROBIN))


async def test_two_webhook_secrets_work_during_a_change(tmp_path: Path) -> None:
    """Whichever of them Kickscale signs with; neither order nor separator matters."""
    new = "11" * 16
    async with world(tmp_path, port=0, kickscale_webhook_secret=f"{new}, {SECRET}") as here:
        await subscribe(here)
        await report(here, meeting(here, 1), secret=SECRET)
        await report(here, meeting(here, 2), secret=new)
        assert len(cards(here)) == 2
        with pytest.raises(AssertionError, match="invalid request"):
            await deliver(here, meeting(here, 3), secret="22" * 16)


async def test_calls_are_found_by_looking_for_them(here: World) -> None:
    """The webhook doesn't report calls. A call that isn't analysed yet is posted once it is."""
    here.add_calls(1)
    here.kickscale.add_call(call(7, here.clock.now() - HOUR, summary=None))
    await here.look_for_news(5 * MINUTE)
    assert ["Call 0" in here.text(card) for card in cards(here)] == [True]
    here.kickscale.change("c7", {"summary": "Now there is one."})
    await here.look_for_news(5 * MINUTE)
    assert ["Call 7" in here.text(card) for card in cards(here)] == [False, True]


async def test_a_conversation_analysed_days_later_is_found_within_the_hour(here: World) -> None:
    here.kickscale.add_call(call(1, here.clock.now() - HOUR, summary=None))
    await here.look_for_news(5 * MINUTE)
    await here.look_for_news(timedelta(days=5))
    here.kickscale.change("c1", {"summary": "Late."})
    await here.look_for_news(5 * MINUTE)
    assert cards(here) == []
    await here.look_for_news(HOUR)
    assert len(cards(here)) == 1


async def test_every_channel_gets_what_it_subscribed_to(here: World) -> None:
    """One card in each channel, however many subscriptions it has."""
    await subscribe(here, domains=("*",))
    await subscribe(here, channel="general", domains=("example.com",))
    raw = meeting(here, customerDomains=["acme.com", "example.com"])
    await report(here, raw, meeting(here, 2))
    assert len(cards(here)) == 2
    assert ["Meeting 1" in here.text(card) for card in cards(here, "general")] == [True]


async def test_stale_or_unwanted_conversations_are_not_posted(here: World) -> None:
    """From before the subscription, of another customer, for a paused subscription, or for a daily digest."""
    await subscribe(here, channel="general", paused="asked")
    await subscribe(here, channel="general", live=False)
    await report(
        here, meeting(here, 1, at=here.clock.now() - 3 * HOUR), meeting(here, 2, customerDomains=["other.example.com"])
    )
    await here.look_for_news(5 * MINUTE)
    assert cards(here) == cards(here, "general") == []


async def test_a_conversation_that_was_under_way_is_news(here: World) -> None:
    """It began before the subscription but ended after it, so it was analysed after it, too."""
    under_way = meeting(here, 1, at=here.clock.now() - 2 * HOUR - timedelta(minutes=9), duration=600)
    await report(
        here, under_way, meeting(here, 2, at=here.clock.now() - 2 * HOUR - timedelta(minutes=11), duration=600)
    )
    await here.look_for_news(5 * MINUTE)
    assert ["Meeting 1" in here.text(card) for card in cards(here)] == [True]


async def test_after_a_gap_the_oldest_conversation_is_posted_first(here: World) -> None:
    """Nobody reads a customer's story backwards."""
    await here.bot.stop()
    began = here.clock.now()
    here.add_calls(30)
    for number in range(30):
        here.kickscale.change(f"c{number}", {"date": (began + number * HOUR).isoformat()})
    await here.clock.advance(timedelta(days=2).total_seconds())
    here.bot = await start_bot(here.settings, here.clock)
    await here.look_for_news(5 * MINUTE)
    for _ in range(10):
        await here.pass_time(10)
    assert [here.text(card).split("Call ")[1].split()[0] for card in cards(here)] == [
        str(number) for number in range(30)
    ]


async def test_an_internal_meeting_is_not_posted(here: World) -> None:
    """Not even for a subscription to all customers. The webhook reports internal meetings without saying that they are
    internal.
    """
    await subscribe(here, domains=("*",))
    raw = {"id": "m1", "name": "Salaries", "date": here.clock.now().isoformat(), "summary": "Private."}
    here.kickscale.add_meeting(raw, internal=True)
    await report(here, raw)
    await here.look_for_news(5 * MINUTE)
    assert cards(here) == []


async def test_without_a_live_subscription_kickscale_is_not_asked(here: World) -> None:
    for subscription in await here.bot.database.subscriptions.every():
        await here.bot.database.subscriptions.change(subscription.id, audit_row("digest pause"), paused="asked")
    here.kickscale.requests.clear()
    await here.look_for_news(5 * MINUTE)
    assert len(here.kickscale.requests) == 0
