"""Digests: what is in them, that each is posted once, and what happens if something goes wrong."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import ids
from bot.app.database import open_database
from bot.digests.subscriptions import carry_out
from bot.digests.yaml_file import dump, parse, plan_import
from bot.model.digests import DigestState
from tests.clock import MONDAY_MORNING
from tests.scenarios.digests.steps import HOUR, TUESDAY, digests
from tests.world import ROBIN, SALES, World, audit_row, call, start_bot, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A daily digest of acme.com at 8:30 UTC, added on Monday at 8:30. Its first digest covers the day before."""
    async with world(tmp_path) as running:
        await running.subscribe()
        yield running


async def test_a_digest_lists_what_happened(here: World) -> None:
    """Newest first, with the figures on top and a *Details* button for every conversation."""
    here.kickscale.add_call(call(1, TUESDAY - 20 * HOUR, name="Renewal"))
    here.kickscale.add_call(call(2, TUESDAY - 2 * HOUR, name="Pricing"))
    here.kickscale.add_call(call(3, TUESDAY - 2 * HOUR, name="Other", customerDomains=["example.com"]))
    await here.run_digests_at(TUESDAY)
    (text,) = digests(here)
    assert "2 calls · 20 min in total" in text
    assert text.index("Pricing") < text.index("Renewal")
    assert "Other" not in text
    (message,) = here.posts(SALES)
    await here.click(message, "Details", index=1)
    assert "Renewal" in here.text(here.slack.open_view(ROBIN))


async def test_a_digest_is_posted_only_once(here: World) -> None:
    """Not when it is due again, not after a restart, and not by a second bot on the same database."""
    here.kickscale.add_call(call(1, TUESDAY - HOUR))
    await here.run_digests_at(TUESDAY)
    await here.run_digests_at(TUESDAY + timedelta(minutes=1))
    await here.restart()
    await here.run_digests_at(TUESDAY + HOUR)
    assert len(digests(here)) == 1


async def test_a_conversation_analysed_later_is_in_the_next_digest(here: World) -> None:
    """A call that was analysed after 8:30 is in tomorrow's digest, and none is in two."""
    here.kickscale.add_call(call(1, TUESDAY - 3 * HOUR, name="Known"))
    here.kickscale.add_call(call(2, TUESDAY - 2 * HOUR, name="Slow", summary=None))
    await here.run_digests_at(TUESDAY)
    here.kickscale.change("c2", {"summary": "Now there is one."})
    await here.run_digests_at(TUESDAY + timedelta(days=1))
    first, second = digests(here)
    assert ("Known" in first, "Slow" in first) == (True, False)
    assert ("Known" in second, "Slow" in second) == (False, True)


async def test_nothing_is_posted_on_a_quiet_day(here: World) -> None:
    """Unless the subscription wants a message then, too."""
    await here.run_digests_at(TUESDAY)
    assert digests(here) == []
    await here.subscribe(empty=True)
    await here.run_digests_at(TUESDAY + timedelta(days=1))
    (text,) = digests(here)
    assert "nothing new" in text


async def test_a_bot_that_was_down_posts_one_late_digest(here: World) -> None:
    """Down for three days and up again at 9:10, it posts one digest about all of them, which says that it is late."""
    for day in range(3):
        here.kickscale.add_call(call(day, TUESDAY + timedelta(days=day) - HOUR, name=f"Day {day}"))
    await here.bot.stop()
    await here.clock.advance((TUESDAY + timedelta(days=2, minutes=40) - here.clock.now()).total_seconds())
    here.bot = await start_bot(here.settings, here.clock)
    await here.settle()
    (text,) = digests(here)
    assert all(f"Day {day}" in text for day in range(3))
    assert "posted late" in text
    await here.run_digests_at(TUESDAY + timedelta(days=3))
    assert len(digests(here)) == 1


@pytest.mark.parametrize("at", ["08:20", "08:35", "09:05"])
async def test_changing_the_time_loses_no_missed_digest(here: World, at: str) -> None:
    """A file with a new time was imported while the bot was down at 8:30. Today's digest is posted, even if the new
    time has passed, too.
    """
    here.kickscale.add_call(call(1, TUESDAY - HOUR, name="Missed"))
    await here.run_digests_at(MONDAY_MORNING + HOUR)
    await here.bot.stop()
    await here.clock.advance((TUESDAY + timedelta(minutes=20) - here.clock.now()).total_seconds())
    database = await open_database(here.settings, create=False)
    existing = await database.subscriptions.every()
    wanted, problems = parse(dump(existing).replace("at: 08:30", f"at: {at}"), here.clock.now(), "UTC")
    steps, clashes = plan_import(existing, wanted, here.clock.now())
    assert (problems, clashes) == ([], [])
    await carry_out(database.subscriptions, here.bot.services.audit, steps)
    await database.close()
    await here.clock.advance(600)
    here.bot = await start_bot(here.settings, here.clock)
    await here.settle()
    for minutes in (35, 60):
        await here.run_digests_at(TUESDAY + timedelta(minutes=minutes))
    (text,) = digests(here)
    assert "Missed" in text


async def test_after_a_long_outage_of_slack_one_digest_is_posted(here: World) -> None:
    """The first day's digest was chosen before Slack went down. The last one has everything."""
    for day in range(4):
        here.kickscale.add_call(call(day, TUESDAY + timedelta(days=day) - HOUR, name=f"Day {day}"))
    here.slack.faults.add("chat.postMessage", status=503, times=100_000)
    for hours in range(73):
        await here.run_digests_at(TUESDAY + timedelta(hours=hours))
    here.slack.faults.clear()
    await here.run_digests_at(TUESDAY + timedelta(days=3, hours=1))
    (text,) = digests(here)
    assert all(f"Day {day}" in text for day in range(4))


@pytest.mark.parametrize("days", ["", "on tuesday "])
async def test_a_conversation_that_turns_up_within_two_weeks_is_listed(here: World, days: str) -> None:
    """Even if it began in the minute after a digest, whose next one comes a day or a week later."""
    await here.type("/kickscale digest remove d1")
    await here.type(f"/kickscale digest add acme.com {days}at 8:30 tz UTC")
    for week in range(3):
        await here.run_digests_at(TUESDAY + timedelta(days=7 * week))
    here.kickscale.add_call(call(1, TUESDAY + timedelta(minutes=1), name="Known"))
    assert "will include it in its next digest" in here.text(await here.ask("/kickscale why c1"))
    for day in range(1, 8):
        await here.run_digests_at(TUESDAY + timedelta(days=14 + day))
    (text,) = digests(here)
    assert "Known" in text


async def test_a_conversation_that_turns_up_after_two_weeks_is_not_listed(here: World) -> None:
    """Not even if another digest of the same moment looks back further."""
    await here.bot.database.subscriptions.change("d1", audit_row("digest"), since=TUESDAY - timedelta(days=60))
    await here.subscribe(channel=channel_of(here, 0), days=(2,), since=TUESDAY - timedelta(days=60))
    await here.run_digests_at(TUESDAY)
    here.kickscale.add_call(call(1, TUESDAY - timedelta(days=14, minutes=1), name="Stale"))
    here.kickscale.add_call(call(2, TUESDAY - timedelta(days=12), name="Late"))
    await here.run_digests_at(TUESDAY + timedelta(days=1))
    (text,) = digests(here)
    assert ("Late" in text, "Stale" in text) == (True, False)


@pytest.mark.parametrize(
    ("had", "wanted"),
    [
        ("acme.com", "acme.com, example.com"),
        ("acme.com", "*.acme.com"),
        ("acme.com", "*"),
        ("*", "acme.com"),
        ("*.acme.com", "acme.com, example.org"),
    ],
)
@pytest.mark.parametrize("is_given_up", [False, True], ids=["while it is tried", "after it was given up"])
async def test_editing_the_customers_loses_no_conversation(
    here: World, had: str, wanted: str, is_given_up: bool
) -> None:
    """The customers that stay get everything, whatever is added, removed or covers them now. Added ones only bring a
    few days.
    """
    await here.type("/kickscale digest remove d1")
    await here.type(f"/kickscale digest add {had} on tuesday at 8:30 tz UTC")
    await here.run_digests_at(TUESDAY)
    for day in range(7):
        at = TUESDAY + timedelta(days=day, hours=1)
        here.kickscale.add_call(call(day, at, name=f"Day {day}"))
        here.kickscale.add_call(call(10 + day, at, name=f"New {day}", customerDomains=["example.com", "example.org"]))
    here.kickscale.faults.add("/calls", status=403, times=100_000)
    for minutes in (0, 120, 240) if is_given_up else (0,):
        await here.run_digests_at(TUESDAY + timedelta(days=7, minutes=minutes))
    await here.click(await here.ask("/kickscale digest list"), "Change")
    form = here.slack.open_view(ROBIN)
    assert form is not None
    await here.slack.submit(ROBIN, form, {ids.DIGEST_DOMAINS: wanted})
    await here.settle()
    here.kickscale.faults.clear()
    assert "only covers conversations that started after" not in here.text(await here.ask("/kickscale why c0"))
    await here.run_digests_at(TUESDAY + (timedelta(days=14) if is_given_up else timedelta(days=7, hours=1)))
    said = "\n".join(here.text(message) for message in here.posts(SALES))
    assert all(f"Day {day}" in said for day in range(7))
    assert "New 0" not in said or had == "*"


async def test_a_new_subscription_does_not_inherit_the_job_of_a_removed_one(here: World) -> None:
    """Today's digest of the removed one was promised but never made."""
    here.kickscale.add_call(call(1, TUESDAY - HOUR))
    here.kickscale.faults.add("/calls", status=403, times=100_000)
    await here.run_digests_at(TUESDAY)
    here.kickscale.faults.clear()
    await here.type("/kickscale digest remove d1")
    await here.type("/kickscale digest add acme.com at 9:30 tz UTC")
    await here.run_digests_at(TUESDAY + HOUR)
    assert len(digests(here)) == 1


async def test_a_digest_is_retried_until_noon_while_kickscale_is_down(here: World) -> None:
    """Then a message says why there is none, and the next digest covers its time, too."""
    here.kickscale.add_call(call(1, TUESDAY - HOUR, name="Missed"))
    here.kickscale.faults.add("/calls", status=403, times=100_000)
    for minutes in (0, 60, 209):
        await here.run_digests_at(TUESDAY + timedelta(minutes=minutes))
        assert digests(here) == []
    for minutes in (210, 240, 300):
        await here.run_digests_at(TUESDAY + timedelta(minutes=minutes))
        (text,) = digests(here)
    assert "couldn't create the digest" in text
    said = text.removesuffix("\n[Try again]")
    assert said.endswith("API keys expire after a year. The next one will include everything from that time too.")
    here.kickscale.faults.clear()
    await here.run_digests_at(TUESDAY + timedelta(days=1))
    assert "Missed" in digests(here)[1]


@pytest.mark.usefixtures("no_backoff")
async def test_the_message_about_a_failed_digest_gives_no_advice(here: World) -> None:
    """Nobody asked for it. It says what went wrong and what happens next."""
    here.kickscale.faults.add("/calls", status=503, times=100_000)
    await here.run_digests_at(TUESDAY + timedelta(minutes=210))
    (text,) = digests(here)
    assert text.endswith(
        "Kickscale is having problems right now (error 503). The next one will include everything from that time too."
        "\n[Try again]"
    )


async def test_a_digest_is_not_posted_again_if_slacks_answer_was_lost(here: World) -> None:
    """The message is in the channel, and the next attempt finds it."""
    here.kickscale.add_call(call(1, TUESDAY - HOUR))
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    for minutes in (0, 1, 10):
        await here.run_digests_at(TUESDAY + timedelta(minutes=minutes))
    assert len(digests(here)) == 1
    (row,) = await here.bot.database.digests.of_subscription("d1", 9)
    assert row.state is DigestState.POSTED


@pytest.mark.parametrize("how", ["remove d1", "pause d1", "moved"])
async def test_a_posted_digest_is_recorded_even_if_its_subscription_changed(here: World, how: str) -> None:
    """Slack's answer was lost, and the subscription was removed, paused or moved before the next attempt."""
    here.kickscale.add_call(call(1, TUESDAY - HOUR))
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    await here.run_digests_at(TUESDAY)
    database = here.bot.database
    if how == "moved":
        general = here.slack.state.channel("general").id
        await database.subscriptions.change("d1", audit_row("digest edit"), channel=general)
    else:
        await here.type(f"/kickscale digest {how}")
    await here.run_digests_at(TUESDAY + timedelta(minutes=10))
    (message,) = here.posts(SALES)
    (posted,) = await database.ledger.of_conversation("c1")
    assert (posted.channel, posted.ts, posted.by) == (message.channel, message.ts, "d1")
    assert here.posts("general") == []
    row = await database.digests.get("d1", TUESDAY.date())
    assert row is not None
    assert row.state is DigestState.POSTED


@pytest.mark.parametrize("refusal", ["not_in_channel", "is_archived", "token_revoked"])
async def test_a_subscription_is_paused_if_its_channel_cannot_be_posted_in(here: World, refusal: str) -> None:
    """Its creator is told once. Nothing is posted until somebody resumes it, and then nothing from before."""
    here.kickscale.add_call(call(1, TUESDAY - HOUR, name="Stale"))
    here.slack.faults.add("chat.postMessage", error=refusal)
    for days in range(3):
        await here.run_digests_at(TUESDAY + timedelta(days=days))
    assert digests(here) == []
    (message,) = here.slack.direct_messages(ROBIN)
    assert "I paused digest d1" in here.text(message)
    (one,) = await here.bot.database.subscriptions.every()
    assert one.paused == refusal
    row = await here.bot.database.digests.get(one.id, TUESDAY.date())
    assert row is not None
    assert row.state is DigestState.DROPPED
    assert "Paused" in here.text(await here.ask("/kickscale digest list"))
    await here.type("/kickscale digest resume d1")
    here.kickscale.add_call(call(2, TUESDAY + timedelta(days=2, hours=1), name="Fresh"))
    await here.run_digests_at(TUESDAY + timedelta(days=3))
    (text,) = digests(here)
    assert ("Fresh" in text, "Stale" in text) == (True, False)


async def test_the_creator_is_told_of_a_pause_even_if_an_earlier_promise_expired(here: World) -> None:
    """A bot was killed after promising to tell them, and stayed down until that promise was given up."""
    (subscription,) = await here.bot.database.subscriptions.every()
    key = f"digest_paused:d1:{subscription.since.isoformat()}"
    await here.bot.database.jobs.add("digest_paused", {key: {"subscription": "d1"}}, here.clock.now())
    await here.run_digests_at(TUESDAY - HOUR)
    assert not await here.bot.database.jobs.open("digest_paused")
    here.kickscale.add_call(call(1, TUESDAY - HOUR))
    here.slack.faults.add("chat.postMessage", error="not_in_channel")
    await here.run_digests_at(TUESDAY)
    (message,) = here.slack.direct_messages(ROBIN)
    assert "I paused digest d1" in here.text(message)


async def test_with_a_new_token_the_creator_is_told_of_the_pause(here: World) -> None:
    """However long the old token kept the bot from telling them."""
    here.kickscale.add_call(call(1, TUESDAY - HOUR))
    here.slack.faults.add("chat.postMessage", error="token_revoked", times=100_000)
    for hours in range(80):
        await here.run_digests_at(TUESDAY + timedelta(hours=hours))
    assert here.slack.direct_messages(ROBIN) == []
    here.slack.faults.clear()
    await here.run_digests_at(TUESDAY + timedelta(hours=81))
    (message,) = here.slack.direct_messages(ROBIN)
    assert "I paused digest d1" in here.text(message)


async def test_all_digests_of_one_moment_share_what_is_read(here: World) -> None:
    """However many subscriptions there are and whatever they cover, each page is requested once."""
    await here.subscribe(days=(1,), since=TUESDAY - timedelta(days=7))
    for number in range(40):
        await here.subscribe(channel_of(here, number), domains=(f"customer{number}.example.com",))
    for number in range(250):
        began = TUESDAY - (1 + number) * timedelta(minutes=5)
        here.kickscale.add_call(call(number, began, customerDomains=[f"customer{number % 40}.example.com"]))
    here.kickscale.add_call(call(300, TUESDAY - timedelta(days=6), name="Of the week"))
    here.kickscale.requests.clear()
    await here.run_digests_at(TUESDAY)
    assert len(here.kickscale.requests.on("/calls")) == 3
    assert len(here.kickscale.requests.on("/meetings")) == 1
    assert all(len(here.posts(f"CSOME{number}")) == 1 for number in range(40))


def channel_of(here: World, number: int) -> str:
    """Another channel that the bot is in."""
    id_ = f"CSOME{number}"
    here.slack.state.channels[id_] = replace(here.slack.state.channel(SALES), id=id_, name=f"some-{number}")
    return id_


async def test_a_busy_channel_does_not_delay_others(here: World) -> None:
    """Slack accepts one message a second in a channel. Twenty digests in one channel don't delay the digest in
    another.
    """
    for number in range(20):
        await here.subscribe(domains=("acme.com", f"customer{number}.example.com"))
    await here.subscribe(channel=channel_of(here, 0))
    here.kickscale.add_call(call(1, TUESDAY - HOUR))
    await here.clock.advance((TUESDAY - here.clock.now()).total_seconds())
    await here.bot.services.digests.run_due()
    await here.slack.wait_for(lambda: bool(here.posts("CSOME0")))
    assert len(digests(here)) <= 2
    for _ in range(21):
        await here.pass_time(1)
    assert len(digests(here)) == 21


async def test_a_new_digest_wakes_the_bot_when_it_is_due(tmp_path: Path) -> None:
    """Without waiting for the regular check."""
    async with world(tmp_path, now=MONDAY_MORNING - timedelta(seconds=2)) as here:
        here.kickscale.add_call(call(1, MONDAY_MORNING - HOUR))
        await here.type("/kickscale digest add acme.com at 8:30 tz UTC")
        await here.clock.advance(2)
        await here.slack.wait_for(lambda: bool(here.posts(SALES)))
        await here.settle()


async def test_a_weekly_digest_covers_the_week(here: World) -> None:
    """It compares the figures with the week before and has a bar for each day, or only text if Slack accepts no
    chart.
    """
    await here.type("/kickscale digest remove d1")
    await here.type("/kickscale digest add acme.com on tuesday at 8:30 tz UTC")
    for day in range(14):
        here.kickscale.add_call(call(day, TUESDAY - timedelta(days=day, hours=1)))
    here.slack.faults.add("chat.postMessage", error="invalid_blocks")
    await here.run_digests_at(TUESDAY)
    here.kickscale.add_call(call(20, TUESDAY + HOUR))
    await here.run_digests_at(TUESDAY + timedelta(days=7))
    plain, charted = digests(here)
    assert ("[chart]" in plain, "[chart]" in charted) == (False, True)
    assert "7 calls · 1 h 10 min in total · usually about 4 (35 min)" in plain
    assert "Conversations per day: 17 Nov: 0, 18 Nov: 1" in plain
    assert "1 call · 10 min in total · usually 7 (1 h 10 min)" in charted
    assert "Conversations per day: " not in charted


async def test_a_digest_has_buttons_that_change_and_pause_it(here: World) -> None:
    """The digest stays as it is: only the person who pressed sees the answer, and the channel who paused it."""
    here.kickscale.add_call(call(1, TUESDAY - HOUR))
    await here.run_digests_at(TUESDAY)
    (posted,) = here.posts(SALES)
    await here.click(posted, "Change")
    assert "Customer domains" in here.text(here.slack.open_view(ROBIN))
    await here.click(posted, "Pause")
    assert "`d1` paused" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    assert here.posts(SALES) == [posted]
    (paused,) = here.announcements(SALES)
    assert paused.startswith("@Robin Rep paused digest d1")


async def test_the_usual_figures_only_count_the_channels_customers(tmp_path: Path) -> None:
    """In a channel that is bound to a customer, even for a digest of all customers."""
    async with world(tmp_path, channel_domains="C0SALES001=acme.com") as here:
        await here.subscribe(domains=("*",))
        here.kickscale.add_call(call(1, TUESDAY - HOUR))
        for number in range(10):
            at = TUESDAY - timedelta(days=2, hours=number)
            here.kickscale.add_call(call(10 + number, at, customerDomains=["example.com"]))
        await here.run_digests_at(TUESDAY)
        (text,) = digests(here)
        assert "usually none" in text


async def test_a_long_digest_continues_in_the_thread(here: World) -> None:
    """A screenful is in the channel and the rest below it, and every conversation is there once."""
    for number in range(60):
        here.kickscale.add_call(call(number, TUESDAY - timedelta(minutes=5 + number), name=f"Call no. {number} "))
    await here.clock.advance((TUESDAY - here.clock.now()).total_seconds())
    await here.bot.services.digests.run_due()
    await here.settle()
    main, *thread = here.posts(SALES)
    assert thread
    assert all(message.thread_ts == main.ts for message in thread)
    said = "\n".join(here.text(message) for message in (main, *thread))
    assert all(said.count(f"Call no. {number} ") == 1 for number in range(60))
