"""News as it happens: one card a conversation and channel, from the webhook or from a look, kept current."""

import hashlib
import hmac
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
from bot.storage.sqlite.queue import POLL
from tests.world import GUS, ROBIN, SALES, World, call, noted, start_bot, world

HOUR = timedelta(hours=1)
SECRET = "00ff" * 16


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """In Socket Mode with an HTTP side, and acme.com's conversations live in one channel since two hours ago."""
    async with world(tmp_path, port=0, kickscale_webhook_secret=SECRET) as made:
        await subscribed(made)
        yield made


async def subscribed(here: World, channel: str = SALES, **changes: Any) -> Subscription:
    now = here.clock.now()
    one = Subscription(
        id="",
        channel=here.slack.state.channel(channel).id,
        domains=("acme.com",),
        timezone="UTC",
        created_by=here.slack.user(ROBIN).id,
        created_at=now,
        since=now - 2 * HOUR,
        due_after=now,
        live=True,
    )
    return await here.bot.services.database.subscriptions.add(replace(one, **changes), noted("digest add"))


def meeting(here: World, number: int = 1, *, at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """A meeting of an hour ago that Kickscale has, and what its webhook tells of it."""
    raw = {**call(number, at or here.clock.now() - HOUR), "id": f"m{number}", "name": f"Meeting {number}", **fields}
    del raw["direction"]
    here.kickscale.add_meeting(raw)
    return raw


def _signature(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(bytes.fromhex(secret), timestamp.encode() + body, hashlib.sha256).hexdigest()


async def tell(here: World, *meetings: dict[str, Any]) -> None:
    """Kickscale's webhook; the bot is done with it on return."""
    await deliver(here, *meetings)
    await here.settle()


async def deliver(here: World, *meetings: dict[str, Any]) -> None:
    """Kickscale's webhook, over a socket: taken, and no more."""
    url = here.bot.address.rpartition(" ")[2]
    async with aiohttp.ClientSession() as client:
        for raw in meetings:
            body = json.dumps({"eventType": "meeting_analyzed", "meeting": raw}).encode()
            timestamp = here.clock.now().isoformat()
            signature = _signature(SECRET, timestamp, body)
            headers = {"kickscale-signature-hash": signature, "kickscale-signature-timestamp": timestamp}
            async with client.post(f"{url}/kickscale/webhook", data=body, headers=headers) as response:
                assert response.status == 200, await response.text()


async def look(here: World, after: timedelta = timedelta(minutes=5)) -> None:
    """Let time pass, and let the bot look for news."""
    await here.clock.advance(after.total_seconds())
    await here.bot.services.live.poll()
    await here.settle()


def cards(here: World, channel: str = SALES) -> list[Message]:
    return here.slack.posts(channel)


# ---- one card ------------------------------------------------------------------------------------------------------


async def test_a_meeting_is_posted_when_it_was_analysed(here: World) -> None:
    """As one card with a *Details* button, however often the webhook comes and whichever bots look besides."""
    raw = meeting(here, actionItems=[{"text": "Send the offer", "owner": "Robin Rep"}])
    await tell(here, raw, raw)
    await tell(here, raw)
    await look(here)
    await here.restart()
    await look(here)
    (card,) = cards(here)
    text = here.text(card)
    assert "Meeting 1" in text
    assert "Summary 1" in text
    assert "☐ Send the offer (Robin Rep)" in text
    await here.click(card, "Details")
    assert "Meeting 1" in here.text(here.slack.open_view(ROBIN))


async def test_a_call_is_found_by_a_look(here: World) -> None:
    """The webhook has no calls; one that is not analysed yet is posted when it is."""
    here.calls(1)
    here.kickscale.add_call(call(7, here.clock.now() - HOUR, summary=None))
    await look(here)
    assert ["Call 0" in here.text(card) for card in cards(here)] == [True]
    here.kickscale.change("c7", {"summary": "Now there is one."})
    await look(here)
    assert ["Call 7" in here.text(card) for card in cards(here)] == [False, True]


async def test_an_old_conversation_that_becomes_known_late_is_found(here: World) -> None:
    """Analysed days later, it is found within the hour."""
    here.kickscale.add_call(call(1, here.clock.now() - HOUR, summary=None))
    await look(here)
    await look(here, timedelta(days=5))
    here.kickscale.change("c1", {"summary": "Late."})
    await look(here)
    assert cards(here) == []
    await look(here, HOUR)
    assert len(cards(here)) == 1


async def test_each_channel_gets_what_it_subscribed_to(here: World) -> None:
    """One card for each channel, however many subscriptions it has."""
    await subscribed(here, domains=("*",))
    await subscribed(here, channel="general", domains=("example.com",))
    raw = meeting(here, customerDomains=["acme.com", "example.com"])
    await tell(here, raw, meeting(here, 2))
    assert len(cards(here)) == 2
    assert ["Meeting 1" in here.text(card) for card in cards(here, "general")] == [True]


async def test_what_is_stale_or_not_subscribed_to_is_not_posted(here: World) -> None:
    """From before the subscription, of another customer, of a paused subscription, or of a digest."""
    await subscribed(here, channel="general", paused="asked")
    await subscribed(here, channel="general", live=False)
    await tell(
        here, meeting(here, 1, at=here.clock.now() - 3 * HOUR), meeting(here, 2, customerDomains=["other.example.com"])
    )
    await look(here)
    assert cards(here) == cards(here, "general") == []


async def test_what_was_under_way_is_news(here: World) -> None:
    """It began before the subscription, ended after it, and so was analysed after it."""
    under_way = meeting(here, 1, at=here.clock.now() - 2 * HOUR - timedelta(minutes=9), duration=600)
    await tell(here, under_way, meeting(here, 2, at=here.clock.now() - 2 * HOUR - timedelta(minutes=11), duration=600))
    await look(here)
    assert ["Meeting 1" in here.text(card) for card in cards(here)] == [True]


async def test_after_a_gap_the_oldest_comes_first(here: World) -> None:
    """Nobody reads a customer's story backwards."""
    await here.bot.stop()
    began = here.clock.now()
    here.calls(30)
    for number in range(30):
        here.kickscale.change(f"c{number}", {"date": (began + number * HOUR).isoformat()})
    await here.clock.advance(timedelta(days=2).total_seconds())
    here.bot = await start_bot(here.settings, here.clock)
    await look(here)
    for _ in range(10):
        await here.pass_time(10)
    assert [here.text(card).split("Call ")[1].split()[0] for card in cards(here)] == [
        str(number) for number in range(30)
    ]


async def test_an_internal_meeting_is_not_news(here: World) -> None:
    """Not even where every customer is asked for: the webhook has these too, and nothing in it says so."""
    await subscribed(here, domains=("*",))
    raw = {"id": "m1", "name": "Salaries", "date": here.clock.now().isoformat(), "summary": "Private."}
    here.kickscale.add_meeting(raw, internal=True)
    await tell(here, raw)
    await look(here)
    assert cards(here) == []


async def test_nobody_is_asked_for_nothing(here: World) -> None:
    """Without a live subscription the bot does not look."""
    for subscription in await here.bot.services.database.subscriptions.every():
        await here.bot.services.database.subscriptions.change(subscription.id, noted("digest pause"), paused="asked")
    here.kickscale.requests.clear()
    await look(here)
    assert len(here.kickscale.requests) == 0


# ---- kept current --------------------------------------------------------------------------------------------------


async def test_a_card_is_edited_when_its_conversation_changes(here: World) -> None:
    """The outcome, the deal and the action items come later; the card stays one, and back is a change too."""
    raw = meeting(here)
    await tell(here, raw)
    for outcome in ("Won", "Lost", "Won"):
        here.kickscale.change("m1", {"outcome": outcome, "crmReference": {"deal": {"name": "Renewal 2027"}}})
        await look(here)
        (card,) = cards(here)
        assert f"Outcome: {outcome} · Deal: Renewal 2027" in here.text(card)
    assert card.thread_ts in ("", None, card.ts)


async def test_a_change_is_seen_for_two_weeks(here: World) -> None:
    """Ten days later it is edited within the hour."""
    await tell(here, meeting(here))
    await look(here, timedelta(days=10))
    here.kickscale.change("m1", {"outcome": "Won"})
    await look(here, HOUR)
    (card,) = cards(here)
    assert "Won" in here.text(card)


async def test_what_the_card_does_not_show_changes_nothing(here: World) -> None:
    """A rating is personal: it is not shown, and so the card is not touched."""
    await tell(here, meeting(here))
    here.kickscale.change("m1", {"rating": 2})
    here.slack.calls.clear()
    await look(here)
    assert [request.method for request in here.slack.calls if request.method.startswith("chat.")] == []


async def test_a_change_that_a_guest_may_not_see_waits_until_they_left(here: World) -> None:
    """An earlier card stays as it was in the meantime."""
    await tell(here, meeting(here))
    without_guests = here.slack.state.channel(SALES)
    await here.slack.join(GUS, SALES)
    here.kickscale.change("m1", {"outcome": "Won"})
    await look(here)
    await look(here)
    (card,) = cards(here)
    assert "Won" not in here.text(card)
    here.slack.state.channels[without_guests.id] = without_guests
    await look(here, timedelta(minutes=10))
    (card,) = cards(here)
    assert "Won" in here.text(card)


async def test_a_card_of_what_has_become_internal_loses_its_content(here: World) -> None:
    """Also where that is all that has changed, somebody asked a minute before, a guest listens or nobody subscribes any
    more; once it is external again, the card says what is so then.
    """
    await tell(here, meeting(here))
    raw = meeting(here, 2)
    await tell(here, raw)
    await here.ask("/kickscale meetings acme.com")
    without_guests = here.slack.state.channel(SALES)
    await here.slack.join(GUS, SALES)
    here.kickscale.add_meeting(raw, internal=True)
    await tell(here, raw)
    card = cards(here)[1]
    assert "A meeting that may not be shown here" in here.text(card)
    assert not [part for part in ("Meeting 2", "Summary", "acme") if part in str(card.blocks) + card.text]
    here.slack.state.channels[without_guests.id] = without_guests
    await here.clock.advance(600)
    assert "it has become internal" in here.text(await here.ask("/kickscale why m2"))
    here.kickscale.add_meeting({**raw, "summary": "More secrets."}, internal=True)
    await tell(here, {**raw, "summary": "More secrets."})
    assert "More secrets" not in str(cards(here)[1].blocks)
    meeting(here, 2, summary="For all again.")
    await look(here)
    assert "For all again" in here.text(cards(here)[1])
    await here.type("/kickscale digest remove d1")
    unlisted = {**raw, "customerDomains": []}
    here.kickscale.add_meeting(unlisted, internal=True)
    await tell(here, unlisted)
    assert "A meeting that may not be shown here" in here.text(cards(here)[1])
    assert "Summary 1" in here.text(cards(here)[0])


async def test_a_card_of_what_is_about_another_customer_now_loses_its_content(tmp_path: Path) -> None:
    """In a channel that is bound to certain ones; elsewhere it stays as it was, since nobody subscribed to the rest."""
    async with world(tmp_path, port=0, kickscale_webhook_secret=SECRET, channel_domains="C0SALES001=acme.com") as here:
        await subscribed(here)
        await subscribed(here, channel="general")
        for number in (1, 2):
            await tell(here, meeting(here, number))
        await look(here)
        other: dict[str, Any] = {"summary": "Example wants out.", "customerDomains": ["example.com"]}
        here.kickscale.change("m1", other)
        await look(here)
        await tell(here, meeting(here, 2, **other))
        assert ["A meeting that may not be shown here" in here.text(card) for card in cards(here)] == [True, True]
        for number, card in enumerate(cards(here, "general")):
            assert f"Summary {number + 1}" in here.text(card)
            assert "wants out" not in here.text(card)
        here.slack.calls.clear()
        await look(here)
        assert [request.method for request in here.slack.calls if request.method.startswith("chat.")] == []
        meeting(here, 1, summary="About acme.com after all.")
        await look(here)
        assert "About acme.com after all" in here.text(cards(here)[0])


@pytest.mark.parametrize("line", ["remove", "pause"])
async def test_a_card_stays_as_it_is_where_nobody_subscribes_any_more(here: World, line: str) -> None:
    """Until somebody does again; a promise of before changes nothing."""
    raw = meeting(here)
    await tell(here, raw)
    await here.type(f"/kickscale digest {line} d1")
    here.kickscale.change("m1", {"outcome": "Won"})
    await tell(here, {**raw, "outcome": "Won"})
    await look(here)
    (card,) = cards(here)
    assert "Summary 1" in here.text(card)
    assert "Won" not in here.text(card)
    await subscribed(here)
    await look(here)
    (card,) = cards(here)
    assert "Won" in here.text(card)


async def test_a_card_that_somebody_deleted_does_not_come_back(here: World) -> None:
    """Somebody deleted it because they did not want it."""
    await tell(here, meeting(here))
    here.kickscale.change("m1", {"outcome": "Won"})
    here.slack.faults.add("chat.update", error="message_not_found")
    await look(here)
    await look(here)
    assert [request.method for request in here.slack.calls].count("chat.update") == 1
    assert len(cards(here)) == 1


# ---- what goes wrong -----------------------------------------------------------------------------------------------


async def test_a_card_whose_answer_was_lost_is_not_posted_again(here: World) -> None:
    """The message is in the channel, the answer never came: the next attempt finds it, and brings it up to date."""
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    await tell(here, meeting(here))
    here.kickscale.change("m1", {"outcome": "Won"})
    await look(here)
    (card,) = cards(here)
    assert "Won" in here.text(card)
    assert await here.bot.services.database.ledger.of_conversation("m1")


async def test_a_card_is_known_though_nobody_subscribes_any_more(here: World) -> None:
    """Slack's answer was lost, the subscription was removed before the next attempt, and a later one edits the card."""
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    await tell(here, meeting(here))
    await here.type("/kickscale digest remove d1")
    await here.pass_time(60)
    (card,) = cards(here)
    (posted,) = await here.bot.services.database.ledger.of_conversation("m1")
    assert (posted.channel, posted.ts) == (card.channel, card.ts)
    await subscribed(here)
    here.kickscale.change("m1", {"outcome": "Won"})
    await look(here)
    (card,) = cards(here)
    assert "Won" in here.text(card)


async def test_a_card_is_known_though_its_conversation_is_gone(here: World) -> None:
    """Its answer was lost, and Kickscale forgot the meeting before another attempt: `erase` is to find the message."""
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    await deliver(here, meeting(here))
    (card,) = await here.slack.wait_for(lambda: cards(here))
    here.kickscale.remove("m1")
    await here.pass_time(60)
    assert len(cards(here)) == 1
    (posted,) = await here.bot.services.database.ledger.of_conversation("m1")
    assert (posted.channel, posted.ts, posted.domains) == (card.channel, card.ts, ("acme.com",))


async def test_what_was_heard_outlives_a_stop(here: World) -> None:
    """It is on disk before Kickscale is answered: a bot that starts later posts it."""
    here.slack.faults.add("chat.postMessage", status=503)
    await tell(here, meeting(here))
    await here.restart()
    await here.pass_time(60)
    assert len(cards(here)) == 1


async def test_the_webhook_may_be_ahead_of_the_api(here: World) -> None:
    """What can't be read yet is read later."""
    raw = meeting(here)
    here.kickscale.remove("m1")
    await tell(here, raw)
    assert cards(here) == []
    meeting(here)
    await here.pass_time(60)
    assert len(cards(here)) == 1


async def test_the_webhook_may_be_ahead_of_the_analysis(here: World) -> None:
    """The API still has the meeting as it was before: its card waits, and where it has none for long goes without."""
    raw = meeting(here)
    here.kickscale.change("m1", {"summary": None})
    await tell(here, raw, meeting(here, 2))
    assert ["Meeting 2" in here.text(card) for card in cards(here)] == [True]
    here.kickscale.change("m1", {"summary": raw["summary"]})
    await here.pass_time(60)
    assert "Summary 1" in here.text(cards(here)[-1])
    late = meeting(here, 3)
    here.kickscale.change("m3", {"summary": None})
    await tell(here, late)
    for _ in range(16):
        await here.pass_time(60)
    assert ["Summary" in here.text(card) for card in cards(here)] == [True, True, False]
    here.kickscale.change("m3", {"summary": late["summary"]})
    await look(here)
    assert "Summary 3" in here.text(cards(here)[-1])


async def test_the_webhook_may_be_ahead_of_the_customers(here: World) -> None:
    """The API has the meeting without its customer at first."""
    raw = meeting(here)
    here.kickscale.faults.add("/meetings/m1", body=json.dumps({**raw, "customerDomains": []}))
    await tell(here, raw)
    assert cards(here) == []
    await look(here)
    assert len(cards(here)) == 1


async def test_what_the_list_has_late_is_posted(here: World) -> None:
    """The job of the webhook is long over by then."""
    raw = meeting(here)
    here.kickscale.faults.add("/meetings", body=json.dumps({"data": [], "meta": {"total": 0}}), times=100_000)
    await tell(here, raw)
    for _ in range(4):
        await look(here)
    here.kickscale.faults.clear()
    await look(here)
    assert len(cards(here)) == 1


async def test_a_customer_that_was_mistyped_for_a_while_loses_nothing(here: World) -> None:
    """While Slack was down."""
    subscriptions, robin = here.bot.services.subscriptions, here.slack.user(ROBIN).id
    here.slack.faults.add("chat.postMessage", status=503, times=100_000)
    await tell(here, meeting(here))
    await subscriptions.edit("d1", robin, domains=("example.com",))
    here.slack.faults.clear()
    for _ in range(4):
        await look(here)
    assert cards(here) == []
    await subscriptions.edit("d1", robin, domains=("acme.com",))
    await look(here)
    assert len(cards(here)) == 1


async def test_an_edit_that_was_given_up_is_made_up_for(here: World) -> None:
    """Slack took none for more than a day."""
    await tell(here, meeting(here))
    here.kickscale.change("m1", {"outcome": "Won"})
    here.slack.faults.add("chat.update", status=503, times=100_000)
    await here.bot.services.live.poll()
    while await here.bot.services.database.jobs.open("card"):
        await here.clock.advance(600)
    here.slack.faults.clear()
    await look(here)
    await look(here)
    (card,) = cards(here)
    assert "Won" in here.text(card)


async def test_a_change_that_is_not_read_yet_is_read_later(here: World) -> None:
    """The list has it, and the meeting itself is answered as it was before: the next look has it read again."""
    raw = meeting(here)
    await tell(here, raw)
    here.kickscale.change("m1", {"outcome": "Won"})
    here.kickscale.faults.add("/meetings/m1", body=json.dumps(raw))
    await look(here)
    assert "Won" not in here.text(cards(here)[0])
    await look(here)
    assert "Won" in here.text(cards(here)[0])


async def test_a_channel_that_takes_no_messages_is_told_of_by_whichever_bot(here: World) -> None:
    """Another bot on the database takes up the telling before this one has written down that it paused."""
    other = await start_bot(here.settings, here.clock)
    rows = here.bot.services.database.subscriptions
    change = rows.change

    async def change_late(*what: Any, **columns: Any) -> bool:
        await here.clock.advance(POLL.total_seconds())
        await replace(here, bot=other).settle()
        return await change(*what, **columns)

    rows.change = change_late  # type: ignore[method-assign]
    here.slack.faults.add("chat.postMessage", error="is_archived")
    try:
        await tell(here, meeting(here))
        for _ in range(3):
            await here.pass_time(30)
            await replace(here, bot=other).settle()
        assert len(here.slack.direct_messages(ROBIN)) == 1
    finally:
        await other.stop()


async def test_a_look_that_fails_is_made_up_for(here: World) -> None:
    """Kickscale is unreachable once."""
    here.calls(1)
    here.kickscale.faults.add("/calls", status=403)
    await look(here)
    assert cards(here) == []
    await look(here)
    assert len(cards(here)) == 1


async def test_a_channel_that_takes_no_messages_pauses_its_subscription(here: World) -> None:
    """Its creator is told once, and nothing more is tried."""
    here.slack.faults.add("chat.postMessage", error="is_archived")
    await tell(here, meeting(here))
    await tell(here, meeting(here, 2))
    await look(here)
    assert cards(here) == []
    assert len(here.slack.direct_messages(ROBIN)) == 1
    (one,) = await here.bot.services.database.subscriptions.every()
    assert one.paused == "is_archived"


async def test_a_channel_that_takes_no_changes_pauses_its_subscription(here: World) -> None:
    """Once it is resumed, the card is brought up to date."""
    await tell(here, meeting(here))
    here.kickscale.change("m1", {"outcome": "Won"})
    here.slack.faults.add("chat.update", error="is_inactive")
    await look(here)
    await look(here)
    assert len(here.slack.direct_messages(ROBIN)) == 1
    (one,) = await here.bot.services.database.subscriptions.every()
    assert one.paused == "is_inactive"
    await here.type(f"/kickscale digest resume {one.id}")
    await look(here)
    (card,) = cards(here)
    assert "Won" in here.text(card)


async def test_what_customers_were_to_get_outlasts_an_edit(here: World) -> None:
    """A call that is analysed hours after another customer came in, of whom nothing so old is posted."""
    await here.bot.services.database.subscriptions.change("d1", noted("digest"), since=here.clock.now() - 10 * HOUR)
    here.kickscale.add_call(call(1, here.clock.now() - 5 * HOUR, name="Slow", summary=None))
    new = {"name": "Stale", "customerDomains": ["example.com"]}
    here.kickscale.add_call(call(2, here.clock.now() - 5 * HOUR, summary=None, **new))
    await look(here)
    await here.click(await here.ask("/kickscale digest list"), "Edit")
    form = here.slack.open_view(ROBIN)
    assert form is not None
    await here.slack.submit(ROBIN, form, {ids.DIGEST_DOMAINS: "acme.com, example.com"})
    await here.settle()
    for id_ in ("c1", "c2"):
        here.kickscale.change(id_, {"summary": "Now there is one."})
    assert "posts it soon" in here.text(await here.ask("/kickscale why c1"))
    assert "posts nothing that ended before" in here.text(await here.ask("/kickscale why c2"))
    await look(here, HOUR)
    (card,) = cards(here)
    assert "Slow" in here.text(card)


async def test_a_busy_channel_holds_up_no_other(here: World) -> None:
    """Slack accepts one message a second in each: forty for one channel do not hold up the one for another."""
    await subscribed(here, channel="general", domains=("example.com",))
    meetings = [meeting(here, number) for number in range(40)]
    await deliver(here, *meetings, meeting(here, 40, customerDomains=["example.com"]))
    await here.slack.wait_for(lambda: bool(cards(here, "general")))
    assert len(cards(here)) <= 2
    await here.settle()
    for _ in range(40):
        await here.pass_time(5)
    assert len(cards(here)) == 40


async def test_two_bots_on_one_database_post_one_card(here: World) -> None:
    """And one of them looks at a time."""
    here.calls(1)
    other = await start_bot(here.settings, here.clock)
    try:
        await other.services.live.poll()
        await replace(here, bot=other).settle()
        here.kickscale.requests.clear()
        await look(here, timedelta(0))
        assert [request for request in here.kickscale.requests if request.path == "/calls"] == []
        assert len(cards(here)) == 1
    finally:
        await other.stop()
