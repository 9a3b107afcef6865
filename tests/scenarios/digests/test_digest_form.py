"""The form in which a digest is changed."""

from datetime import time, timedelta

import pytest

from bot import ids
from tests.scenarios.digests.steps import (
    HOUR,
    NEXT,
    all_subscriptions,
    ask_digest,
    only_subscription,
    open_form,
    submit_form,
)
from tests.world import SALES, World, call


@pytest.mark.parametrize("wait", [30, 100])
async def test_a_form_that_slack_is_too_busy_for_stays_open(here: World, wait: int) -> None:
    """Slack can't say in time who sent it, or not at all. Nothing updated, and the form can be sent again."""
    await ask_digest(here, "add acme.com")
    await open_form(here)
    view = await here.submit_form_while_slack_is_busy(wait, **{ids.DIGEST_DOMAINS: "globex.com"})
    assert ["didn't answer in time, so nothing was saved" in text for text in view.errors.values()] == [True]
    await here.pass_time(120)
    assert (await only_subscription(here)).domains == ("acme.com",)
    assert "globex.com" in await submit_form(here, {ids.DIGEST_DOMAINS: "globex.com"})
    assert (await only_subscription(here)).domains == ("globex.com",)


async def test_the_form_shows_a_subscription_and_changes_it(here: World) -> None:
    """Customers, time, days, time zone, and whether quiet days are posted."""
    await ask_digest(here, "add acme.com on weekdays")
    shown = await open_form(here)
    assert "acme.com" in shown
    assert "Europe/Berlin" in shown
    text = await submit_form(
        here,
        {
            ids.DIGEST_DOMAINS: "https://www.Example.com/, bücher.de",
            ids.DIGEST_AT: "14:05",
            ids.DIGEST_DAYS: ["Monday", "Friday"],
            ids.DIGEST_ZONE: "america/new york",
            ids.DIGEST_EMPTY: ["yes"],
            ids.DIGEST_LANGUAGE: "German",
        },
    )
    assert "updated" in text
    assert "example.com and bücher.de, every Monday and Friday at 14:05 (America/New_York)" in text
    changed = await only_subscription(here)
    assert changed.domains == ("example.com", "xn--bcher-kva.de")
    assert (changed.at, changed.days, changed.timezone) == (time(14, 5), (0, 4), "America/New_York")
    assert (changed.empty, changed.language) == (True, "de")


async def test_a_paused_digest_stays_paused_when_it_is_edited(here: World) -> None:
    """The answer says so."""
    await ask_digest(here, "add acme.com")
    await ask_digest(here, "pause d1")
    await open_form(here)
    assert "d1 updated, but still paused" in await submit_form(here, {ids.DIGEST_AT: "09:00"})
    assert (await only_subscription(here)).paused


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({ids.DIGEST_DOMAINS: "acme.com, localhost"}, "“localhost” isn't a customer's domain"),
        ({ids.DIGEST_DOMAINS: " , "}, "Enter a customer's domain"),
        ({ids.DIGEST_ZONE: "Berlin"}, "Did you mean Europe/Berlin?"),
        ({ids.DIGEST_ZONE: "EST"}, "“EST” doesn't observe daylight saving time. Did you mean America/New_York?"),
        ({ids.DIGEST_ZONE: "<!channel>"}, "I don't know the time zone"),
        ({ids.DIGEST_AT: "16:00"}, "already has that digest: d2"),
    ],
)
async def test_a_wrong_input_is_explained_beside_it(here: World, values: dict[str, str], problem: str) -> None:
    """The form stays open, and nothing updated."""
    await ask_digest(here, "add acme.com")
    await ask_digest(here, "add acme.com at 16:00")
    before = await all_subscriptions(here)
    await open_form(here)
    assert problem in await submit_form(here, values)
    assert await all_subscriptions(here) == before


async def test_the_form_of_a_live_subscription_only_has_the_customers(here: World) -> None:
    """There is no time to choose."""
    await ask_digest(here, "add acme.com live")
    assert "Time" not in await open_form(here)
    await submit_form(here, {ids.DIGEST_DOMAINS: "example.com"})
    changed = await only_subscription(here)
    assert (changed.domains, changed.live) == (("example.com",), True)


async def test_a_new_time_that_has_passed_today_is_due_tomorrow(here: World) -> None:
    """It is 9:30 for Robin. After the time updated to 9:00, nothing is posted late today."""
    await ask_digest(here, "add acme.com at 10:00")
    await open_form(here)
    assert "Tue, 24 Nov 2026, 09:00" in (await submit_form(here, {ids.DIGEST_AT: "09:00"}))
    here.kickscale.add_call(call(1, here.clock.now() - HOUR))
    await here.run_digests_at(here.clock.now() + HOUR / 60)
    assert here.posts(SALES) == []


async def test_a_day_has_only_one_digest(here: World) -> None:
    """If it was posted and its time is moved to later that day, the next one is announced for tomorrow, and
    comes then.
    """
    await ask_digest(here, "add acme.com at 9:45")
    here.kickscale.add_call(call(1, here.clock.now() - HOUR))
    await here.run_digests_at(here.clock.now() + HOUR / 4)
    assert len(here.posts(SALES)) == 1
    await open_form(here)
    assert "Tue, 24 Nov 2026, 11:00" in (await submit_form(here, {ids.DIGEST_AT: "11:00"}))
    here.kickscale.add_call(call(2, here.clock.now() - HOUR))
    await here.run_digests_at(here.clock.now() + 2 * HOUR)
    assert len(here.posts(SALES)) == 1
    await here.run_digests_at(here.clock.now() + 24 * HOUR)
    assert len(here.posts(SALES)) == 2


async def test_an_added_customer_brings_no_stale_news(here: World) -> None:
    """Added after ten days, it only brings its conversations of the last few days."""
    await ask_digest(here, "add acme.com")
    here.kickscale.add_call(call(1, NEXT, name="Old", customerDomains=["example.com"]))
    here.kickscale.add_call(call(2, NEXT + timedelta(days=10), name="New", customerDomains=["example.com"]))
    await here.run_digests_at(NEXT + timedelta(days=10, hours=1))
    await open_form(here)
    await submit_form(here, {ids.DIGEST_DOMAINS: "acme.com, example.com"})
    await here.run_digests_at(here.clock.now() + 24 * HOUR)
    (posted,) = here.posts(SALES)
    assert "New" in here.text(posted)
    assert "Old" not in here.text(posted)
