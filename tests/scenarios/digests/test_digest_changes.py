"""What is done to a subscription, or goes wrong, while its digest is under way."""

from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from bot.model.digests import DigestState
from tests.scenarios.digests.test_digests import HOUR, TUESDAY, digests, subscribed, until
from tests.world import GUS, ROBIN, SALES, World, call, world

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FOREVER = 100_000


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A digest of acme.com at 8:30 UTC, and a call of it."""
    async with world(tmp_path) as made:
        await subscribed(made)
        made.kickscale.add_call(call(1, TUESDAY - HOUR, name="Pricing"))
        yield made


async def tried_until(here: World, at: datetime) -> None:
    """Let time pass in steps in which what is tried again comes to it."""
    await until(here, max(here.clock.now(), TUESDAY))
    while here.clock.now() < at:
        await until(here, min(at, here.clock.now() + 15 * MINUTE))


async def change(here: World, how: str) -> None:
    await here.type(f"/kickscale digest {how}")


async def edit(here: World, at: time, id_: str = "d1") -> None:
    await here.bot.services.subscriptions.edit(id_, here.slack.user(ROBIN).id, at=at)


async def test_what_slack_refuses_altogether_is_in_the_next_one(here: World) -> None:
    """Neither the digest nor the line that there is none can be posted."""
    here.slack.faults.add("chat.postMessage", error="as_user_not_supported", times=FOREVER)
    await tried_until(here, TUESDAY + 15 * MINUTE)
    row = await here.bot.services.database.digests.get("d1", TUESDAY.date())
    assert row is not None
    assert (row.state, row.conversations) == (DigestState.FAILED, ())
    here.slack.faults.clear()
    await until(here, TUESDAY + DAY)
    assert ["Pricing" in text for text in digests(here)] == [True]


@pytest.mark.parametrize("passing", ["team_added_to_org", "message_limit_exceeded"])
async def test_what_passes_is_waited_out(here: World, passing: str) -> None:
    """Slack's words for a workspace that moves, or writes too much at the moment."""
    here.slack.faults.add("chat.postMessage", error=passing, times=2)
    await tried_until(here, TUESDAY + HOUR)
    assert ["Pricing" in text for text in digests(here)] == [True]


async def test_a_guest_who_comes_between_two_attempts_changes_where_it_goes(here: World) -> None:
    """The first was about to post in the channel; the second found a guest there, and then Kickscale down."""
    here.slack.faults.add("chat.postMessage", status=503, times=FOREVER)
    await tried_until(here, TUESDAY + 15 * MINUTE)
    here.slack.faults.clear()
    await here.slack.join(GUS, SALES)
    here.kickscale.faults.add("/calls", status=503, times=FOREVER)
    await tried_until(here, TUESDAY + HOUR)
    here.kickscale.faults.clear()
    await tried_until(here, TUESDAY + 2 * HOUR)
    assert digests(here) == []
    assert ["Pricing" in here.text(message) for message in here.slack.direct_messages(ROBIN)] == [True]


@pytest.mark.parametrize("is_down", ["slack", "kickscale"])
async def test_nothing_stale_is_posted_after_a_pause(here: World, is_down: str) -> None:
    """It was paused and resumed while it was tried."""
    if is_down == "slack":
        here.slack.faults.add("chat.postMessage", status=503, times=FOREVER)
    else:
        here.kickscale.faults.add("/calls", status=403, times=FOREVER)
    await tried_until(here, TUESDAY + 40 * MINUTE)
    await change(here, "pause d1")
    await change(here, "resume d1")
    here.slack.faults.clear()
    here.kickscale.faults.clear()
    await tried_until(here, TUESDAY + HOUR)
    assert digests(here) == []


async def test_a_customer_that_was_removed_meanwhile_is_not_listed(here: World) -> None:
    """What was chosen while Slack was down is checked again, and what is left out is free for others."""
    await change(here, "remove d1")
    await change(here, "add acme.com example.com at 8:30 tz UTC")
    here.kickscale.add_call(call(2, TUESDAY - HOUR, name="Demo", customerDomains=["example.com"]))
    here.slack.faults.add("chat.postMessage", status=503, times=FOREVER)
    await until(here, TUESDAY)
    await change(here, "remove acme.com")
    here.slack.faults.clear()
    await tried_until(here, TUESDAY + HOUR)
    (text,) = digests(here)
    assert ("Pricing" in text, "Demo" in text) == (False, True)
    row = await here.bot.services.database.digests.get("d2", TUESDAY.date())
    assert row is not None
    assert row.conversations == ("c2",)


async def test_what_became_another_customers_is_not_listed(tmp_path: Path) -> None:
    """Least of all in a channel that is for one customer only."""
    async with world(tmp_path, channel_domains="C0SALES001=acme.com") as here:
        await subscribed(here)
        for number in (1, 2):
            here.kickscale.add_call(call(number, TUESDAY - HOUR, name=f"Call no. {number}"))
        here.slack.faults.add("chat.postMessage", status=503, times=FOREVER)
        await until(here, TUESDAY)
        here.kickscale.change("c1", {"customerDomains": ["example.com"]})
        await here.restart()
        here.slack.faults.clear()
        await tried_until(here, TUESDAY + HOUR)
        (text,) = digests(here)
        assert ("no. 1" in text, "no. 2" in text) == (False, True)


@pytest.mark.parametrize("how", ["remove acme.com", "pause d2"])
async def test_a_change_between_two_messages_counts(here: World, how: str) -> None:
    """The rest of a long digest is checked again."""
    await change(here, "remove d1")
    await change(here, "add acme.com example.com at 8:30 tz UTC")
    for number in range(80):
        domain = "acme.com" if number < 40 else "example.com"
        at = TUESDAY - (5 + number % 40) * MINUTE
        here.kickscale.add_call(call(number, at, name=f"Call of {domain}", customerDomains=[domain]))
    await here.clock.advance((TUESDAY - here.clock.now()).total_seconds())
    await here.bot.services.digests.run_due()
    await here.slack.wait_for(lambda: here.slack.posts(SALES))
    await here.slack.command(ROBIN, SALES, f"/kickscale digest {how}")
    await here.settle()
    await until(here, TUESDAY + MINUTE)
    said = [here.text(message) for message in here.slack.posts(SALES)]
    # The second message may have been on its way already.
    assert "Call of acme.com" not in "".join(said[2:])
    assert "Call of example.com" in "".join(said) if how != "pause d2" else len(said) <= 2
    row = await here.bot.services.database.digests.get("d2", TUESDAY.date())
    assert row is not None
    assert row.state is DigestState.POSTED


@pytest.mark.parametrize("days", ["", "on tuesday "])
async def test_a_later_time_does_not_take_the_day_away(here: World, days: str) -> None:
    """Kickscale is away from the time it had until after the one that it got."""
    await change(here, "remove d1")
    await change(here, f"add acme.com {days}at 8:30 tz UTC")
    here.kickscale.faults.add("/calls", status=403, times=FOREVER)
    await tried_until(here, TUESDAY + 30 * MINUTE)
    await edit(here, time(10), "d2")
    await tried_until(here, TUESDAY + 100 * MINUTE)
    here.kickscale.faults.clear()
    await tried_until(here, TUESDAY + 3 * HOUR)
    assert ["Pricing" in text for text in digests(here)] == [True]


async def test_a_run_before_its_time_does_not_take_the_day_away(here: World) -> None:
    """What `kickscale-bot digest --run` could not post is tried on past the time that it is due."""
    here.kickscale.faults.add("/calls", status=403, times=FOREVER)
    await until(here, TUESDAY - 5 * MINUTE)
    await here.bot.services.digests.run_now("d1")
    await tried_until(here, TUESDAY + 5 * MINUTE)
    here.kickscale.faults.clear()
    await tried_until(here, TUESDAY + HOUR)
    assert ["Pricing" in text for text in digests(here)] == [True]


async def test_resumed_for_a_later_time_it_is_due_then(here: World) -> None:
    """As the list says: the day's digest was dropped, and did nothing."""
    here.kickscale.faults.add("/calls", status=403, times=FOREVER)
    await until(here, TUESDAY)
    await change(here, "pause d1")
    await tried_until(here, TUESDAY + 20 * MINUTE)
    await change(here, "resume d1")
    here.kickscale.faults.clear()
    await edit(here, time(10))
    here.kickscale.add_call(call(2, TUESDAY + HOUR, name="Fresh"))
    await tried_until(here, TUESDAY + 90 * MINUTE)
    (text,) = digests(here)
    assert ("Pricing" in text, "Fresh" in text) == (False, True)


async def test_one_that_failed_can_be_run_again(here: World) -> None:
    """Kickscale is back in the afternoon; a third time it was posted already."""
    here.kickscale.faults.add("/calls", status=403, times=FOREVER)
    await tried_until(here, TUESDAY + 4 * HOUR)
    here.kickscale.faults.clear()
    for _ in range(2):
        row = await here.bot.services.digests.run_now("d1")
        await here.settle()
    assert row is not None
    assert row.state is DigestState.POSTED
    assert ["Pricing" in text for text in digests(here)] == [False, True]
    assert len(await here.bot.services.database.ledger.of_conversation("c1")) == 1


async def test_a_preview_shows_what_is_being_tried(here: World) -> None:
    """It may still fail, and is not posted."""
    here.slack.faults.add("chat.postMessage", status=503, times=FOREVER)
    await until(here, TUESDAY)
    assert "Pricing" in here.text(await here.ask("/kickscale digest preview d1"))
