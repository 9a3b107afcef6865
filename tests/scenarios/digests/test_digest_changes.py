"""Changes and failures while a digest is being made and posted."""

from collections.abc import AsyncIterator
from datetime import time
from pathlib import Path

import pytest

from bot.model.digests import DigestState
from tests.scenarios.digests.steps import DAY, FOREVER, HOUR, MINUTE, TUESDAY, digests, retry_until
from tests.world import GUS, ROBIN, SALES, World, call, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A digest of acme.com at 8:30 UTC, and a call with acme.com."""
    async with world(tmp_path) as running:
        await running.subscribe()
        running.kickscale.add_call(call(1, TUESDAY - HOUR, name="Pricing"))
        yield running


async def type_digest(here: World, how: str) -> None:
    await here.type(f"/kickscale digest {how}")


async def edit_time(here: World, at: time, id_: str = "d1") -> None:
    await here.bot.services.subscriptions.edit(id_, here.slack.user(ROBIN).id, at=at)


async def test_conversations_of_a_digest_that_slack_refuses_are_in_the_next_one(here: World) -> None:
    """Neither the digest nor the message that there is none can be posted."""
    here.slack.faults.add("chat.postMessage", error="as_user_not_supported", times=FOREVER)
    await retry_until(here, TUESDAY + 15 * MINUTE)
    row = await here.bot.database.digests.get("d1", TUESDAY.date())
    assert row is not None
    assert (row.state, row.conversations) == (DigestState.FAILED, ())
    here.slack.faults.clear()
    await here.run_digests_at(TUESDAY + DAY)
    assert ["Pricing" in text for text in digests(here)] == [True]


@pytest.mark.parametrize("refusal", ["team_added_to_org", "message_limit_exceeded"])
async def test_a_temporary_refusal_by_slack_is_waited_out(here: World, refusal: str) -> None:
    """Slack's errors while a workspace is moved, or while it writes too much."""
    here.slack.faults.add("chat.postMessage", error=refusal, times=2)
    await retry_until(here, TUESDAY + HOUR)
    assert ["Pricing" in text for text in digests(here)] == [True]


@pytest.mark.usefixtures("no_backoff")
async def test_a_guest_who_joins_between_two_attempts_changes_where_the_digest_goes(here: World) -> None:
    """The first attempt was about to post in the channel. The second found a guest there, and then Kickscale
    was down.
    """
    here.slack.faults.add("chat.postMessage", status=503, times=FOREVER)
    await retry_until(here, TUESDAY + 15 * MINUTE)
    here.slack.faults.clear()
    await here.slack.join(GUS, SALES)
    here.kickscale.faults.add("/calls", status=503, times=FOREVER)
    await retry_until(here, TUESDAY + 35 * MINUTE)
    here.kickscale.faults.clear()
    await retry_until(here, TUESDAY + HOUR)
    assert digests(here) == []
    assert ["Pricing" in here.text(message) for message in here.slack.direct_messages(ROBIN)] == [True]


@pytest.mark.parametrize("is_down", ["slack", "kickscale"])
async def test_nothing_stale_is_posted_after_a_pause(here: World, is_down: str) -> None:
    """The subscription was paused and resumed while its digest was being retried."""
    if is_down == "slack":
        here.slack.faults.add("chat.postMessage", status=503, times=FOREVER)
    else:
        here.kickscale.faults.add("/calls", status=403, times=FOREVER)
    await retry_until(here, TUESDAY + 40 * MINUTE)
    await type_digest(here, "pause d1")
    await type_digest(here, "resume d1")
    here.slack.faults.clear()
    here.kickscale.faults.clear()
    await retry_until(here, TUESDAY + HOUR)
    assert digests(here) == []


async def test_a_customer_that_was_removed_meanwhile_is_not_listed(here: World) -> None:
    """What was chosen while Slack was down is checked again. What isn't listed any more is free for other digests."""
    await type_digest(here, "remove d1")
    await type_digest(here, "add acme.com example.com at 8:30 tz UTC")
    here.kickscale.add_call(call(2, TUESDAY - HOUR, name="Demo", customerDomains=["example.com"]))
    here.slack.faults.add("chat.postMessage", status=503, times=FOREVER)
    await here.run_digests_at(TUESDAY)
    await type_digest(here, "remove acme.com")
    here.slack.faults.clear()
    await retry_until(here, TUESDAY + HOUR)
    (text,) = digests(here)
    assert ("Pricing" in text, "Demo" in text) == (False, True)
    row = await here.bot.database.digests.get("d2", TUESDAY.date())
    assert row is not None
    assert row.conversations == ("c2",)


async def test_a_conversation_that_became_another_customers_is_not_listed(tmp_path: Path) -> None:
    """Least of all in a channel that is bound to one customer."""
    async with world(tmp_path, channel_domains="C0SALES001=acme.com") as here:
        await here.subscribe()
        for number in (1, 2):
            here.kickscale.add_call(call(number, TUESDAY - HOUR, name=f"Call no. {number}"))
        here.slack.faults.add("chat.postMessage", status=503, times=FOREVER)
        await here.run_digests_at(TUESDAY)
        here.kickscale.change("c1", {"customerDomains": ["example.com"]})
        await here.restart()
        here.slack.faults.clear()
        await retry_until(here, TUESDAY + HOUR)
        (text,) = digests(here)
        assert ("no. 1" in text, "no. 2" in text) == (False, True)


@pytest.mark.parametrize("how", ["remove acme.com", "pause d2"])
async def test_a_change_between_two_messages_of_a_digest_counts(here: World, how: str) -> None:
    """The rest of a long digest is checked again before it is posted."""
    await type_digest(here, "remove d1")
    await type_digest(here, "add acme.com example.com at 8:30 tz UTC")
    for number in range(80):
        domain = "acme.com" if number < 40 else "example.com"
        at = TUESDAY - (5 + number % 40) * MINUTE
        here.kickscale.add_call(call(number, at, name=f"Call of {domain}", customerDomains=[domain]))
    await here.clock.advance((TUESDAY - here.clock.now()).total_seconds())
    here.slack.faults.add("chat.postMessage", latency=0.001)  # the first message is posted, and no other one for now
    here.slack.faults.add("chat.postMessage", status=503, times=FOREVER)
    await here.bot.services.digests.run_due()
    await here.clock.run_to_end(here.slack.wait_for(lambda: here.posts(SALES)))
    await here.slack.command(ROBIN, SALES, f"/kickscale digest {how}")
    await here.settle()
    here.slack.faults.clear()
    await retry_until(here, TUESDAY + HOUR)
    first, *rest = [here.text(message) for message in here.posts(SALES)]
    assert "80 calls" in first
    assert "Call of acme.com" not in "".join(rest)
    assert "Call of example.com" in "".join(rest) if how != "pause d2" else not rest
    row = await here.bot.database.digests.get("d2", TUESDAY.date())
    assert row is not None
    assert row.state is DigestState.POSTED


@pytest.mark.parametrize("days", ["", "on tuesday "])
async def test_a_digest_moved_to_later_today_is_still_posted_today(here: World, days: str) -> None:
    """Kickscale is down from the old time until after the new one."""
    await type_digest(here, "remove d1")
    await type_digest(here, f"add acme.com {days}at 8:30 tz UTC")
    here.kickscale.faults.add("/calls", status=403, times=FOREVER)
    await retry_until(here, TUESDAY + 30 * MINUTE)
    await edit_time(here, time(10), "d2")
    await retry_until(here, TUESDAY + 100 * MINUTE)
    here.kickscale.faults.clear()
    await retry_until(here, TUESDAY + 3 * HOUR)
    assert ["Pricing" in text for text in digests(here)] == [True]


async def test_a_digest_that_was_run_early_is_still_retried_when_it_is_due(here: World) -> None:
    """`kickscale-bot digest --run` could not post it."""
    here.kickscale.faults.add("/calls", status=403, times=FOREVER)
    await here.run_digests_at(TUESDAY - 5 * MINUTE)
    day, _ = await here.bot.services.digests.run_now("d1")
    await retry_until(here, TUESDAY + 5 * MINUTE)
    assert await here.bot.services.digests.row("d1", day) is None
    here.kickscale.faults.clear()
    await retry_until(here, TUESDAY + HOUR)
    assert ["Pricing" in text for text in digests(here)] == [True]


async def test_a_digest_resumed_for_a_later_time_is_due_then(here: World) -> None:
    """As the list says: the day's earlier digest was dropped and listed nothing."""
    here.kickscale.faults.add("/calls", status=403, times=FOREVER)
    await here.run_digests_at(TUESDAY)
    await type_digest(here, "pause d1")
    await retry_until(here, TUESDAY + 20 * MINUTE)
    await type_digest(here, "resume d1")
    here.kickscale.faults.clear()
    await edit_time(here, time(10))
    here.kickscale.add_call(call(2, TUESDAY + HOUR, name="Fresh"))
    await retry_until(here, TUESDAY + 90 * MINUTE)
    (text,) = digests(here)
    assert ("Pricing" in text, "Fresh" in text) == (False, True)


async def test_a_digest_that_failed_can_be_run_again(here: World) -> None:
    """Kickscale is back in the afternoon. Run once more, it is known to be posted already."""
    here.kickscale.faults.add("/calls", status=403, times=FOREVER)
    await retry_until(here, TUESDAY + 4 * HOUR)
    here.kickscale.faults.clear()
    for _ in range(2):
        _, row = await here.bot.services.digests.run_now("d1")
        await here.settle()
    assert row is not None
    assert row.state is DigestState.POSTED
    assert ["Pricing" in text for text in digests(here)] == [False, True]
    assert len(await here.bot.database.ledger.of_conversation("c1")) == 1


async def test_a_preview_shows_a_digest_that_is_being_retried(here: World) -> None:
    """It may still fail, and isn't posted yet."""
    here.slack.faults.add("chat.postMessage", status=503, times=FOREVER)
    await here.run_digests_at(TUESDAY)
    assert "Pricing" in here.text(await here.ask("/kickscale digest preview d1"))
