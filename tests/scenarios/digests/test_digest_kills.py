"""Bots that are killed while they post a digest of several messages and edit cards: nothing is lost or doubled."""

import random
import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.digests import DigestState, Subscription
from bot.operations.manifest import SCOPES
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.sandbox.slack import NO_LIMITS, EmbeddedSlack, default_world
from tests.clock import MONDAY_MORNING, ManualClock
from tests.databases import database_settings, open_database_in
from tests.scenarios.digests.lives import Kill, Mother, mother
from tests.world import ROBIN, SALES, audit_row, call, service_settings

GENERAL = "general"
TUESDAY = MONDAY_MORNING + timedelta(days=1)
CALLS = 60
CARDS = 2
"""Calls with another customer, which another channel gets as live cards: as many as are posted without waiting."""


async def post_while_killed(home: Path, seed: int, bots: Mother) -> int:
    """Have bots post a digest and cards, kill up to four of them, and return how many were killed."""
    chance = random.Random(seed)
    clock = ManualClock(TUESDAY)
    killed = 0
    async with (
        EmbeddedKickscale(clock, populated=False) as kickscale,
        EmbeddedSlack(clock=clock, limits=NO_LIMITS, state=default_world(clock, scopes=frozenset(SCOPES))) as slack,
    ):
        for number in range(CALLS + CARDS):
            whose = "acme.com" if number < CALLS else "example.com"
            began = TUESDAY - timedelta(minutes=5 + number)
            kickscale.add_call(call(number, began, name=f"Call no. {number} ", customerDomains=[whose]))
        subscription = await subscribe(home, slack, SALES, "acme.com")
        await subscribe(home, slack, GENERAL, "example.com", live=True)
        settings = {
            **service_settings(slack, kickscale),
            **database_settings(home),
            "slack_app_token": "",
            "slack_signing_secret": slack.signing_secret,
            "port": 0,
        }
        for _ in range(chance.randint(1, 4)):
            killed += not await bots.live(settings, clock.now(), Kill(chance, slack))
            # Records change in between, so that other ones fit into a message of the digest, and cards are edited.
            for number in range(CALLS + CARDS):
                kickscale.change(f"c{number}", {"summary": "Said. " * chance.choice([1, 10, 50])})
            await clock.advance(1800)
        said = "Said at last."
        for number in range(CALLS, CALLS + CARDS):
            kickscale.change(f"c{number}", {"summary": said})
        assert await bots.live(settings, clock.now())
        await check_digest(home, slack, subscription)
        texts = [slack.text(message, ROBIN) for message in slack.posts(GENERAL)]
        assert sorted(named(texts)) == list(range(CALLS, CALLS + CARDS))
        assert all(said in text for text in texts)
    return killed


async def subscribe(home: Path, slack: EmbeddedSlack, channel: str, domain: str, *, live: bool = False) -> Subscription:
    database = await open_database_in(home)
    one = Subscription(
        id="",
        channel=slack.state.channel(channel).id,
        domains=(domain,),
        timezone="UTC",
        created_by=slack.user(ROBIN).id,
        created_at=MONDAY_MORNING,
        since=MONDAY_MORNING,
        due_after=MONDAY_MORNING,
        live=live,
    )
    try:
        return await database.subscriptions.add(one, audit_row("digest add"))
    finally:
        await database.close()


async def check_digest(home: Path, slack: EmbeddedSlack, subscription: Subscription) -> None:
    """Check that every call is in one message of one thread, and recorded there."""
    first, *thread = slack.posts(SALES)
    assert not first.thread_ts
    assert thread
    assert all(message.thread_ts == first.ts for message in thread)
    assert sorted(named(slack.text(message, ROBIN) for message in (first, *thread))) == list(range(CALLS))
    database = await open_database_in(home)
    try:
        row = await database.digests.get(subscription.id, TUESDAY.date())
        recordings = [await database.ledger.of_conversation(f"c{number}") for number in range(CALLS)]
    finally:
        await database.close()
    assert row is not None
    assert (row.state, row.ts, len(row.conversations)) == (DigestState.POSTED, first.ts, CALLS)
    where = {number: message.ts for message in (first, *thread) for number in named([slack.text(message, ROBIN)])}
    assert [[message.ts for message in recorded] for recorded in recordings] == [
        [where[number]] for number in range(CALLS)
    ]


def named(texts: Iterable[str]) -> list[int]:
    """Return the numbers of the calls in these texts, as often as they are named."""
    return [int(number) for text in texts for number in re.findall(r"Call no\. (\d+)", text)]


async def test_killed_bots_lose_and_double_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """They are killed anywhere, up to four times, while records change in between."""
    killed = 0
    async with mother() as bots:
        for seed in (99, 293):  # most of their kills come while there is something to do
            killed += await post_while_killed(tmp_path_factory.mktemp("home"), seed, bots)
    assert killed


@pytest.mark.soak
async def test_hundreds_of_killed_bots_lose_and_double_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The same, until three hundred bots have been killed."""
    killed = seed = 0
    async with mother() as bots:
        while killed < 300:
            killed += await post_while_killed(tmp_path_factory.mktemp("home"), 1000 + seed, bots)
            seed += 1
