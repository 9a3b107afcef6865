"""Live cards: one for each conversation and channel, found by the webhook or by looking, and kept up to date."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import ids
from bot.model.digests import Subscription
from bot.sandbox.slack import Message
from bot.storage.queue import POLL
from tests.signatures import webhook_headers
from tests.world import GUS, ROBIN, SALES, World, audit_row, call, start_bot, world

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECRET = "00ff" * 16


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A bot in Socket Mode that also takes webhooks, and a live subscription since two hours ago."""
    async with world(tmp_path, port=0, kickscale_webhook_secret=SECRET) as running:
        await subscribe(running)
        yield running


async def subscribe(here: World, channel: str = SALES, **changes: Any) -> Subscription:
    """Add a live subscription to acme.com that began two hours ago."""
    return await here.subscribe(channel, **{"live": True, "since": here.clock.now() - 2 * HOUR, **changes})


def meeting(here: World, number: int = 1, *, at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """Add a meeting of an hour ago to Kickscale, and return what the webhook reports about it."""
    raw = {**call(number, at or here.clock.now() - HOUR), "id": f"m{number}", "name": f"Meeting {number}", **fields}
    del raw["direction"]
    here.kickscale.add_meeting(raw)
    return raw


async def report(here: World, *meetings: dict[str, Any], secret: str = SECRET) -> None:
    """Have Kickscale's webhook report these meetings, and wait until the bot has done what follows."""
    await deliver(here, *meetings, secret=secret)
    await here.settle()


async def deliver(here: World, *meetings: dict[str, Any], secret: str = SECRET) -> None:
    """Have Kickscale's webhook report these meetings over a socket, and only wait for the acknowledgements."""
    url = here.bot.address.rpartition(" ")[2]
    async with aiohttp.ClientSession() as client:
        for raw in meetings:
            body = json.dumps({"eventType": "meeting_analyzed", "meeting": raw}).encode()
            timestamp = here.clock.now().isoformat()
            headers = webhook_headers(secret, timestamp, body)
            async with client.post(f"{url}/kickscale/webhook", data=body, headers=headers) as response:
                assert response.status == 200, await response.text()


def cards(here: World, channel: str = SALES) -> list[Message]:
    return here.posts(channel)


# ---- one card ------------------------------------------------------------------------------------------------------


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


# ---- kept current --------------------------------------------------------------------------------------------------


async def test_a_card_is_edited_when_its_conversation_changes(here: World) -> None:
    """The outcome, the deal and the action items come later. There is still one card, and changing something back
    counts, too.
    """
    raw = meeting(here)
    await report(here, raw)
    for outcome in ("Won", "Lost", "Won"):
        here.kickscale.change("m1", {"outcome": outcome, "crmReference": {"deal": {"name": "Renewal 2027"}}})
        await here.look_for_news(5 * MINUTE)
        (card,) = cards(here)
        assert f"→\u00a0{outcome} " in here.text(card)
        assert "Deal: Renewal 2027" in here.text(card)
    assert card.thread_ts in ("", None, card.ts)


async def test_changes_are_noticed_for_two_weeks(here: World) -> None:
    """Ten days later, the card is still edited within the hour."""
    await report(here, meeting(here))
    await here.look_for_news(timedelta(days=10))
    here.kickscale.change("m1", {"outcome": "Won"})
    await here.look_for_news(HOUR)
    (card,) = cards(here)
    assert "Won" in here.text(card)


async def test_a_change_that_the_card_does_not_show_edits_nothing(here: World) -> None:
    """A rating is personal and isn't shown, so the card isn't edited."""
    await report(here, meeting(here))
    here.kickscale.change("m1", {"rating": 2})
    here.slack.calls.clear()
    await here.look_for_news(5 * MINUTE)
    assert [request.method for request in here.slack.calls if request.method.startswith("chat.")] == []


async def test_a_change_waits_until_no_guest_is_in_the_channel(here: World) -> None:
    """In the meantime the card stays as it was."""
    await report(here, meeting(here))
    without_guests = here.slack.state.channel(SALES)
    await here.slack.join(GUS, SALES)
    here.kickscale.change("m1", {"outcome": "Won"})
    await here.look_for_news(5 * MINUTE)
    await here.look_for_news(5 * MINUTE)
    (card,) = cards(here)
    assert "Won" not in here.text(card)
    here.slack.state.channels[without_guests.id] = without_guests
    await here.look_for_news(timedelta(minutes=10))
    (card,) = cards(here)
    assert "Won" in here.text(card)


async def test_a_card_loses_its_content_when_its_conversation_becomes_internal(here: World) -> None:
    """Even if nothing else has changed, somebody asked for it a minute ago, a guest is in the channel, or nobody
    subscribes any more. Once the conversation is external again, the card shows what is true then.
    """
    await report(here, meeting(here))
    raw = meeting(here, 2)
    await report(here, raw)
    await here.ask("/kickscale meetings acme.com")
    without_guests = here.slack.state.channel(SALES)
    await here.slack.join(GUS, SALES)
    here.kickscale.add_meeting(raw, internal=True)
    await report(here, raw)
    card = cards(here)[1]
    assert "A meeting that can't be shown here" in here.text(card)
    assert not [part for part in ("Meeting 2", "Summary", "acme") if part in str(card.blocks) + card.text]
    here.slack.state.channels[without_guests.id] = without_guests
    await here.clock.advance(600)
    assert "it became internal" in here.text(await here.ask("/kickscale why m2"))
    here.kickscale.add_meeting({**raw, "summary": "More secrets."}, internal=True)
    await report(here, {**raw, "summary": "More secrets."})
    assert "More secrets" not in str(cards(here)[1].blocks)
    meeting(here, 2, summary="For all again.")
    await here.look_for_news(5 * MINUTE)
    assert "For all again" in here.text(cards(here)[1])
    await here.type("/kickscale digest remove d1")
    unlisted = {**raw, "customerDomains": []}
    here.kickscale.add_meeting(unlisted, internal=True)
    await report(here, unlisted)
    assert "A meeting that can't be shown here" in here.text(cards(here)[1])
    assert "Summary 1" in here.text(cards(here)[0])


async def test_a_card_loses_its_content_when_its_conversation_becomes_another_customers(tmp_path: Path) -> None:
    """In a channel that is bound to certain customers. Elsewhere it stays as it was, since nobody subscribed to the
    other customer.
    """
    async with world(tmp_path, port=0, kickscale_webhook_secret=SECRET, channel_domains="C0SALES001=acme.com") as here:
        await subscribe(here)
        await subscribe(here, channel="general")
        for number in (1, 2):
            await report(here, meeting(here, number))
        await here.look_for_news(5 * MINUTE)
        other: dict[str, Any] = {"summary": "Example wants out.", "customerDomains": ["example.com"]}
        here.kickscale.change("m1", other)
        await here.look_for_news(5 * MINUTE)
        await report(here, meeting(here, 2, **other))
        assert ["A meeting that can't be shown here" in here.text(card) for card in cards(here)] == [True, True]
        for number, card in enumerate(cards(here, "general")):
            assert f"Summary {number + 1}" in here.text(card)
            assert "wants out" not in here.text(card)
        here.slack.calls.clear()
        await here.look_for_news(5 * MINUTE)
        assert [request.method for request in here.slack.calls if request.method.startswith("chat.")] == []
        meeting(here, 1, summary="About acme.com after all.")
        await here.look_for_news(5 * MINUTE)
        assert "About acme.com after all" in here.text(cards(here)[0])


@pytest.mark.parametrize("line", ["remove", "pause"])
async def test_a_card_stays_as_it_is_if_nobody_subscribes_any_more(here: World, line: str) -> None:
    """Until somebody subscribes again. A job that was promised before changes nothing."""
    raw = meeting(here)
    await report(here, raw)
    await here.type(f"/kickscale digest {line} d1")
    here.kickscale.change("m1", {"outcome": "Won"})
    await report(here, {**raw, "outcome": "Won"})
    await here.look_for_news(5 * MINUTE)
    (card,) = cards(here)
    assert "Summary 1" in here.text(card)
    assert "Won" not in here.text(card)
    await subscribe(here)
    await here.look_for_news(5 * MINUTE)
    (card,) = cards(here)
    assert "Won" in here.text(card)


async def test_a_deleted_card_does_not_come_back(here: World) -> None:
    """Somebody deleted it because they didn't want it."""
    await report(here, meeting(here))
    here.kickscale.change("m1", {"outcome": "Won"})
    here.slack.faults.add("chat.update", error="message_not_found")
    await here.look_for_news(5 * MINUTE)
    await here.look_for_news(5 * MINUTE)
    assert [request.method for request in here.slack.calls].count("chat.update") == 1
    assert len(cards(here)) == 1


# ---- what goes wrong -----------------------------------------------------------------------------------------------


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
