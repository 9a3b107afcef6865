"""Bots that are killed while they post a digest of several messages: nothing of it is lost, and nothing doubled."""

import random
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from bot.manifest import SCOPES
from bot.models import DigestState, Subscription
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.sandbox.slack import NO_LIMITS, EmbeddedSlack, default_world
from bot.storage import Database
from tests.clock import MONDAY_MORNING, ManualClock
from tests.handlers.lives import Kill, Mother, mother
from tests.world import ROBIN, SALES, call, noted

TUESDAY = MONDAY_MORNING + timedelta(days=1)
CALLS = 60


async def kill_some(home: Path, seed: int, bots: Mother) -> int:
    """A digest posted by bots of which up to four are killed; how many were."""
    chance = random.Random(seed)
    clock = ManualClock(TUESDAY)
    killed = 0
    async with (
        EmbeddedKickscale(clock, populated=False) as kickscale,
        EmbeddedSlack(clock=clock, limits=NO_LIMITS, state=default_world(clock, scopes=frozenset(SCOPES))) as slack,
    ):
        for number in range(CALLS):
            kickscale.add_call(call(number, TUESDAY - timedelta(minutes=5 + number), name=f"Call no. {number} "))
        subscription = await subscribe(home, slack)
        settings = {
            "slack_bot_token": slack.bot_token,
            "slack_signing_secret": slack.signing_secret,
            "slack_api_url": slack.api_url,
            "kickscale_base_url": kickscale.base_url,
            "kickscale_api_key": kickscale.api_key,
            "kickscale_client_id": kickscale.client_id,
            "database_path": str(home / "bot.db"),
            "port": 0,
        }
        for _ in range(chance.randint(1, 4)):
            killed += not await bots.live(settings, clock.now(), Kill(chance, slack))
            # A record may say less or more by then: other ones fit into a message.
            for number in range(CALLS):
                kickscale.change(f"c{number}", {"summary": "Said. " * chance.choice([1, 10, 50])})
            await clock.advance(1800)
        for _ in range(2):
            assert await bots.live(settings, clock.now())
            await clock.advance(1800)
        await check(home, slack, subscription)
    return killed


async def subscribe(home: Path, slack: EmbeddedSlack) -> Subscription:
    database = await Database.open(home / "bot.db")
    one = Subscription(
        id="",
        channel=slack.state.channel(SALES).id,
        domains=("acme.com",),
        timezone="UTC",
        created_by=slack.user(ROBIN).id,
        created_at=MONDAY_MORNING,
        since=MONDAY_MORNING,
        due_after=MONDAY_MORNING,
    )
    try:
        return await database.subscriptions.add(one, noted("digest add"))
    finally:
        await database.close()


async def check(home: Path, slack: EmbeddedSlack, subscription: Subscription) -> None:
    """Each call is in one message of one thread, and all of them in the books."""
    first, *thread = slack.posts(SALES)
    assert not first.thread_ts
    assert thread
    assert all(each.thread_ts == first.ts for each in thread)
    said = "\n".join(slack.text(each, ROBIN) for each in (first, *thread))
    assert Counter(map(int, re.findall(r"Call no\. (\d+)", said))) == Counter(range(CALLS))
    database = await Database.open(home / "bot.db")
    try:
        row = await database.digests.get(subscription.id, TUESDAY.date())
        booked = [await database.ledger.of_conversation(f"c{number}") for number in range(CALLS)]
    finally:
        await database.close()
    assert row is not None
    assert (row.state, row.ts, len(row.conversations)) == (DigestState.POSTED, first.ts, CALLS)
    where = {each.ts: set(re.findall(r"Call no\. (\d+)", slack.text(each, ROBIN))) for each in (first, *thread)}
    for number, found in enumerate(booked):
        assert [str(number) in where[each.ts] for each in found] == [True]


async def test_a_killed_bot_loses_and_doubles_nothing_of_a_digest(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Killed anywhere, up to four times, while records change in between."""
    async with mother() as bots:
        for seed in range(6):
            await kill_some(tmp_path_factory.mktemp("home"), seed, bots)


@pytest.mark.soak
async def test_a_bot_killed_hundreds_of_times_loses_and_doubles_nothing_of_a_digest(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The same, until three hundred bots were killed."""
    killed = seed = 0
    async with mother() as bots:
        while killed < 300:
            killed += await kill_some(tmp_path_factory.mktemp("home"), 1000 + seed, bots)
            seed += 1
