"""What the bot asks of Slack beyond a single message: threads, edits, and files."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import RecordingRefused, SlackError
from bot.sandbox.slack import NO_LIMITS, EmbeddedSlack
from bot.slack import Slack
from tests.clock import ManualClock

ROBIN, SALES = "U0ROBIN001", "C0SALES001"


@pytest.fixture
async def embedded(clock: ManualClock) -> AsyncIterator[EmbeddedSlack]:
    async with EmbeddedSlack(clock=clock, limits=NO_LIMITS) as slack:
        yield slack


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slack(embedded: EmbeddedSlack, clock: ManualClock) -> AsyncIterator[Slack]:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(embedded.bot_token, base_url=embedded.api_url, session=session, retry_handlers=[])
        yield Slack(client, clock)


def tagged(key: str) -> dict[str, object]:
    return {"text": key, "metadata": {"event_type": "upload", "event_payload": {"key": key}}}


async def test_a_message_goes_into_a_thread(slack: Slack, embedded: EmbeddedSlack) -> None:
    """Where one is named."""
    parent = embedded.say("robin.rep", SALES, "a recording")
    ts = await slack.post(SALES, {"text": "an answer"}, parent.ts)
    posted = embedded.posts(SALES)[-1]
    assert (posted.ts, posted.thread_ts, posted.text) == (ts, parent.ts, "an answer")


async def test_a_message_in_a_thread_is_found_there_alone(
    slack: Slack, embedded: EmbeddedSlack, clock: ManualClock
) -> None:
    """By its key; the channel's history does not have it."""
    parent = embedded.say("robin.rep", SALES, "a recording")
    since = clock.now()
    ts = await slack.post(SALES, tagged("one"), parent.ts)
    assert await slack.find_posted(SALES, "upload", "one", since, parent.ts) == ts
    assert await slack.find_posted(SALES, "upload", "two", since, parent.ts) is None
    assert await slack.find_posted(SALES, "upload", "one", since) is None


async def test_nothing_is_found_in_a_thread_that_was_deleted(slack: Slack, clock: ManualClock) -> None:
    """What is not there holds no message."""
    assert await slack.find_posted(SALES, "upload", "one", clock.now(), "1795000000.000100") is None


async def test_a_message_is_edited(slack: Slack, embedded: EmbeddedSlack, clock: ManualClock) -> None:
    """In place, and again whenever Slack was too busy."""
    ts = await slack.post(SALES, {"text": "0 %"})
    embedded.faults.add("chat.update", status=500)
    editing = asyncio.ensure_future(slack.edit(SALES, ts, {"text": "50 %"}))
    async with asyncio.timeout(5):
        while not clock.sleepers:  # noqa: ASYNC110 the clock tells nobody
            await asyncio.sleep(0)
    await clock.advance(1)
    await editing
    posted = embedded.posts(SALES)[-1]
    assert (posted.ts, posted.text) == (ts, "50 %")


async def test_a_message_that_was_deleted_can_not_be_edited(slack: Slack) -> None:
    """Slack's own word for it comes through."""
    with pytest.raises(SlackError) as caught:
        await slack.edit(SALES, "1795000000.000100", {"text": "50 %"})
    assert caught.value.code == "message_not_found"


async def test_one_person_is_told_in_a_thread(slack: Slack, embedded: EmbeddedSlack) -> None:
    """Nobody else sees it."""
    parent = embedded.say("robin.rep", SALES, "a recording")
    await slack.ephemeral(SALES, ROBIN, {"text": "for you"}, parent.ts)
    seen = embedded.ephemerals(SALES, "robin.rep")[-1]
    assert (seen.text, seen.thread_ts) == ("for you", parent.ts)


async def test_a_file_is_read_by_its_id(slack: Slack) -> None:
    """With where it was shared."""
    file = await slack.put_file("call.wav", b"RIFF")
    await slack.share_file(file, "Call", SALES, "here")
    found = await slack.file(file)
    assert (found.id, found.name, found.size) == (file, "call.wav", 4)
    assert list(found.threads) == [SALES]


async def test_a_file_that_is_not_there_is_gone(slack: Slack) -> None:
    """Whether it was deleted or never was."""
    with pytest.raises(RecordingRefused) as caught:
        await slack.file("F0NOTHERE1")
    assert caught.value.reason == "gone"
