"""Live cards when Slack or Kickscale fails, the bot restarts, or there are two bots."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot import ids
from bot.storage.queue import POLL
from tests.scenarios.digests.live.steps import HOUR, MINUTE, cards, deliver, meeting, report, subscribe
from tests.world import ROBIN, World, audit_row, call, start_bot


async def test_a_card_is_not_posted_again_if_slacks_answer_was_lost(here: World) -> None:
    """The next attempt finds it in the channel, and brings it up to date."""
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    await report(here, meeting(here))
    here.kickscale.change("m1", {"outcome": "Won"})
    await here.look_for_news(5 * MINUTE)
    (card,) = cards(here)
    assert "Won" in here.text(card)
    assert await here.bot.database.ledger.of_conversation("m1")


async def test_a_posted_card_is_recorded_even_if_nobody_subscribes_any_more(here: World) -> None:
    """Slack's answer was lost, and the subscription was removed before the next attempt. A later subscription edits the
    card.
    """
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    await report(here, meeting(here))
    await here.type("/kickscale digest remove d1")
    await here.pass_time(60)
    (card,) = cards(here)
    (posted,) = await here.bot.database.ledger.of_conversation("m1")
    assert (posted.channel, posted.ts) == (card.channel, card.ts)
    await subscribe(here)
    here.kickscale.change("m1", {"outcome": "Won"})
    await here.look_for_news(5 * MINUTE)
    (card,) = cards(here)
    assert "Won" in here.text(card)


async def test_a_posted_card_is_recorded_even_if_its_conversation_is_gone(here: World) -> None:
    """Slack's answer was lost, and the meeting was deleted before the next attempt. `erase` has to find the message."""
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    await deliver(here, meeting(here))
    (card,) = await here.slack.wait_for(lambda: cards(here))
    here.kickscale.remove("m1")
    await here.pass_time(60)
    assert len(cards(here)) == 1
    (posted,) = await here.bot.database.ledger.of_conversation("m1")
    assert (posted.channel, posted.ts, posted.domains) == (card.channel, card.ts, ("acme.com",))


async def test_a_reported_meeting_outlives_a_restart(here: World) -> None:
    """It is on disk before Kickscale's webhook is answered, so the next bot posts it."""
    here.slack.faults.add("chat.postMessage", status=503)
    await report(here, meeting(here))
    await here.restart()
    await here.pass_time(60)
    assert len(cards(here)) == 1


async def test_the_webhook_may_be_ahead_of_the_api(here: World) -> None:
    """A meeting that can't be read yet is read later."""
    raw = meeting(here)
    here.kickscale.remove("m1")
    await report(here, raw)
    assert cards(here) == []
    meeting(here)
    await here.pass_time(60)
    assert len(cards(here)) == 1


async def test_the_webhook_may_be_ahead_of_the_analysis(here: World) -> None:
    """The API still has the meeting without its analysis, so the card waits, but not for long."""
    raw = meeting(here)
    here.kickscale.change("m1", {"summary": None})
    await report(here, raw, meeting(here, 2))
    assert ["Meeting 2" in here.text(card) for card in cards(here)] == [True]
    here.kickscale.change("m1", {"summary": raw["summary"]})
    await here.pass_time(60)
    assert "Summary 1" in here.text(cards(here)[-1])
    late = meeting(here, 3)
    here.kickscale.change("m3", {"summary": None})
    await report(here, late)
    for _ in range(16):
        await here.pass_time(60)
    assert ["Summary" in here.text(card) for card in cards(here)] == [True, True, False]
    here.kickscale.change("m3", {"summary": late["summary"]})
    await here.look_for_news(5 * MINUTE)
    assert "Summary 3" in here.text(cards(here)[-1])


async def test_the_webhook_may_be_ahead_of_the_customers(here: World) -> None:
    """At first, the API has the meeting without its customer."""
    raw = meeting(here)
    here.kickscale.faults.add("/meetings/m1", body=json.dumps({**raw, "customerDomains": []}))
    await report(here, raw)
    assert cards(here) == []
    await here.look_for_news(5 * MINUTE)
    assert len(cards(here)) == 1


async def test_a_meeting_that_is_listed_late_is_posted(here: World) -> None:
    """The job that the webhook promised has ended long before."""
    raw = meeting(here)
    here.kickscale.faults.add("/meetings", body=json.dumps({"data": [], "meta": {"total": 0}}), times=100_000)
    await report(here, raw)
    for _ in range(4):
        await here.look_for_news(5 * MINUTE)
    here.kickscale.faults.clear()
    await here.look_for_news(5 * MINUTE)
    assert len(cards(here)) == 1


async def test_correcting_a_mistyped_customer_loses_nothing(here: World) -> None:
    """Slack was down while it was mistyped."""
    subscriptions, robin = here.bot.services.subscriptions, here.slack.user(ROBIN).id
    here.slack.faults.add("chat.postMessage", status=503, times=100_000)
    await report(here, meeting(here))
    await subscriptions.edit("d1", robin, domains=("example.com",))
    here.slack.faults.clear()
    for _ in range(4):
        await here.look_for_news(5 * MINUTE)
    assert cards(here) == []
    await subscriptions.edit("d1", robin, domains=("acme.com",))
    await here.look_for_news(5 * MINUTE)
    assert len(cards(here)) == 1


async def test_an_edit_that_was_given_up_is_made_later(here: World) -> None:
    """Slack refused edits for more than a day."""
    await report(here, meeting(here))
    here.kickscale.change("m1", {"outcome": "Won"})
    here.slack.faults.add("chat.update", status=503, times=100_000)
    await here.bot.services.live.poll()
    while await here.bot.database.jobs.open("card"):
        await here.clock.advance(600)
    here.slack.faults.clear()
    await here.look_for_news(5 * MINUTE)
    await here.look_for_news(5 * MINUTE)
    (card,) = cards(here)
    assert "Won" in here.text(card)


async def test_a_change_that_is_not_read_yet_is_read_later(here: World) -> None:
    """The list has the change, but the meeting itself is still answered as it was. It is read again with the
    next look.
    """
    raw = meeting(here)
    await report(here, raw)
    here.kickscale.change("m1", {"outcome": "Won"})
    here.kickscale.faults.add("/meetings/m1", body=json.dumps(raw))
    await here.look_for_news(5 * MINUTE)
    assert "Won" not in here.text(cards(here)[0])
    await here.look_for_news(5 * MINUTE)
    assert "Won" in here.text(cards(here)[0])


async def test_the_creator_is_told_of_a_pause_once_by_two_bots(here: World) -> None:
    """Another bot on the database takes the job that tells them before this bot has written down the pause."""
    other = await start_bot(here.settings, here.clock)
    rows = here.bot.database.subscriptions
    change = rows.change

    async def change_late(*what: Any, **columns: Any) -> bool:
        await here.clock.advance(POLL.total_seconds())
        await replace(here, bot=other).settle()
        return await change(*what, **columns)

    rows.change = change_late  # type: ignore[method-assign]
    here.slack.faults.add("chat.postMessage", error="is_archived")
    try:
        await report(here, meeting(here))
        for _ in range(3):
            await here.pass_time(30)
            await replace(here, bot=other).settle()
        assert len(here.slack.direct_messages(ROBIN)) == 1
    finally:
        await other.stop()


async def test_a_failed_look_for_news_is_repeated(here: World) -> None:
    """Kickscale is unreachable once."""
    here.add_calls(1)
    here.kickscale.faults.add("/calls", status=403)
    await here.look_for_news(5 * MINUTE)
    assert cards(here) == []
    await here.look_for_news(5 * MINUTE)
    assert len(cards(here)) == 1


async def test_a_channel_that_accepts_no_messages_pauses_its_subscription(here: World) -> None:
    """Its creator is told once, and nothing more is tried."""
    here.slack.faults.add("chat.postMessage", error="is_archived")
    await report(here, meeting(here))
    await report(here, meeting(here, 2))
    await here.look_for_news(5 * MINUTE)
    assert cards(here) == []
    assert len(here.slack.direct_messages(ROBIN)) == 1
    (subscription,) = await here.bot.database.subscriptions.every()
    assert subscription.paused == "is_archived"


async def test_a_channel_that_accepts_no_edits_pauses_its_subscription(here: World) -> None:
    """Once the subscription is resumed, the card is brought up to date."""
    await report(here, meeting(here))
    here.kickscale.change("m1", {"outcome": "Won"})
    here.slack.faults.add("chat.update", error="is_inactive")
    await here.look_for_news(5 * MINUTE)
    await here.look_for_news(5 * MINUTE)
    assert len(here.slack.direct_messages(ROBIN)) == 1
    (subscription,) = await here.bot.database.subscriptions.every()
    assert subscription.paused == "is_inactive"
    await here.type(f"/kickscale digest resume {subscription.id}")
    await here.look_for_news(5 * MINUTE)
    (card,) = cards(here)
    assert "Won" in here.text(card)


async def test_editing_the_customers_loses_no_conversation(here: World) -> None:
    """A call is analysed hours after another customer was added. Nothing that old is posted for the added customer."""
    await here.bot.database.subscriptions.change("d1", audit_row("digest"), since=here.clock.now() - 10 * HOUR)
    here.kickscale.add_call(call(1, here.clock.now() - 5 * HOUR, name="Slow", summary=None))
    new = {"name": "Stale", "customerDomains": ["example.com"]}
    here.kickscale.add_call(call(2, here.clock.now() - 5 * HOUR, summary=None, **new))
    await here.look_for_news(5 * MINUTE)
    await here.click(await here.ask("/kickscale digest list"), "Change")
    form = here.slack.open_view(ROBIN)
    assert form is not None
    await here.slack.submit(ROBIN, form, {ids.DIGEST_DOMAINS: "acme.com, example.com"})
    await here.settle()
    for id_ in ("c1", "c2"):
        here.kickscale.change(id_, {"summary": "Now there is one."})
    assert "will post it soon" in here.text(await here.ask("/kickscale why c1"))
    assert "only covers conversations that ended after" in here.text(await here.ask("/kickscale why c2"))
    await here.look_for_news(HOUR)
    (card,) = cards(here)
    assert "Slow" in here.text(card)


async def test_a_busy_channel_does_not_delay_others(here: World) -> None:
    """Slack accepts one message a second in a channel. Forty cards in one channel don't delay the card in another."""
    await subscribe(here, channel="general", domains=("example.com",))
    meetings = [meeting(here, number) for number in range(40)]
    await deliver(here, *meetings, meeting(here, 40, customerDomains=["example.com"]))
    await here.slack.wait_for(lambda: bool(cards(here, "general")))
    assert len(cards(here)) <= 2
    await here.settle()
    for _ in range(40):
        await here.pass_time(5)
    assert len(cards(here)) == 40


async def test_two_bots_on_one_database_post_one_card(here: World) -> None:
    """Only one of them looks for news at a time."""
    here.add_calls(1)
    other = await start_bot(here.settings, here.clock)
    try:
        await other.services.live.poll()
        await replace(here, bot=other).settle()
        here.kickscale.requests.clear()
        await here.look_for_news(timedelta(0))
        assert [request for request in here.kickscale.requests if request.path == "/calls"] == []
        assert len(cards(here)) == 1
    finally:
        await other.stop()
