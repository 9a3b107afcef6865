"""A live card is edited when its conversation changes, and loses its content when people may not see it any more."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.digests.live.steps import HOUR, MINUTE, SECRET, cards, meeting, report, subscribe
from tests.world import GUS, SALES, World, world


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
