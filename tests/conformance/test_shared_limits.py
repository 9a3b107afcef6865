"""Slack's limits hold for all bots on a database together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs.notices import NoticeBoard
from bot.jobs.shared_limits import SharedLimits
from bot.sandbox.slack import NO_LIMITS, EmbeddedSlack
from bot.slack.auth import Auth
from bot.slack.calls import Calls
from bot.slack.client import Slack
from bot.slack.session import new_session
from tests.clock import ManualClock
from tests.conformance.conftest import Open

PATIENCE = 30.0
SALES = "C0SALES001"


@dataclass(frozen=True)
class Bots:
    embedded: EmbeddedSlack
    clock: ManualClock
    slacks: list[Slack]
    heard: asyncio.Event
    """Whether the second has heard from the first what Slack said."""


@pytest.fixture
async def bots(open_storage: Open) -> AsyncIterator[Bots]:
    """Two that share a database."""
    clock = ManualClock()
    async with AsyncExitStack() as stack:
        embedded = await stack.enter_async_context(EmbeddedSlack(clock=clock, limits=NO_LIMITS))
        slacks: list[Slack] = []
        heard = asyncio.Event()

        def block(method: str, until: datetime) -> None:
            slacks[1].auth.calls.block(method, until)
            heard.set()

        for name in "ab":
            storage = await open_storage()
            session = await stack.enter_async_context(new_session(30))
            client = AsyncWebClient(embedded.bot_token, base_url=embedded.api_url, session=session, retry_handlers=[])
            board = NoticeBoard(storage.stores.notices, storage.changes, name, clock)
            limits = SharedLimits(storage.stores.slack_turns, board, clock)
            calls = Calls(client, clock)
            calls.share(limits)
            slacks.append(Slack(Auth(calls)))
            limits.hear_blocked(block)
            await board.start()
            stack.push_async_callback(board.stop)
        yield Bots(embedded, clock, slacks, heard)


async def test_all_bots_together_post_once_a_second_in_a_channel(bots: Bots) -> None:
    """Each waits for the other's turn as for its own."""
    began = bots.clock.now()
    for number in range(6):
        posting = bots.slacks[number % 2].messages.post(SALES, {"text": str(number)})
        await bots.clock.run_to_end(posting)
    moments = [float(message.ts) - began.timestamp() for message in bots.embedded.posts(SALES)]
    assert [round(moment) for moment in moments] == list(range(6))


async def test_what_slack_told_one_bot_holds_back_the_others(bots: Bots) -> None:
    """For the method that was refused, and no other."""
    one, other = bots.slacks
    bots.embedded.faults.add("chat.postMessage", status=429, retry_after=30)
    posting = asyncio.ensure_future(one.messages.post(SALES, {"text": "one"}))
    await bots.embedded.wait_for(lambda: [call for call in bots.embedded.calls if call.status == 429])
    await asyncio.wait_for(bots.heard.wait(), PATIENCE)
    await other.messages.get_permalink(SALES, bots.embedded.say("robin.rep", SALES, "hello").ts)
    posting_too = asyncio.ensure_future(other.messages.post(SALES, {"text": "other"}))
    await bots.clock.advance(29)
    assert len([call for call in bots.embedded.calls if call.method == "chat.postMessage"]) == 1
    await bots.clock.advance(1)
    await bots.clock.run_to_end(_all([posting, posting_too]))
    assert len(bots.embedded.posts(SALES)) == 2


async def _all(awaited: Iterable[Awaitable[object]]) -> None:
    await asyncio.gather(*awaited)
