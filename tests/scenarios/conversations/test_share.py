"""*Share in channel*: posts a page once, by name, and records it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from bot.conversations.sharing import EVENT_TYPE
from bot.model.audit import AuditKind
from tests.world import GUS, LEA, ROBIN, SALES, World, world


async def test_a_shared_list_is_posted_and_says_who_shared_it(here: World) -> None:
    """It is the page that is shown, without page buttons, and it notifies nobody."""
    here.add_calls(12)
    await here.click(await here.ask("/kickscale calls acme.com"), "Share in channel")
    (posted,) = here.slack.posts(SALES)
    text = here.text(posted, LEA)
    assert "12 calls with acme.com" in text
    assert "Robin Rep" in text
    assert "Older" not in text
    assert "[Details]" in text
    assert posted.metadata is not None
    assert posted.metadata["event_type"] == EVENT_TYPE == "kickscale_share"
    kind, _, page, channel = posted.metadata["event_payload"]["key"].split(":")
    assert (kind, page, channel) == ("share", "0", posted.channel)


async def test_the_audit_says_who_shared_what(here: World) -> None:
    """With the ids of the conversations. A share that wasn't posted is not in it."""
    here.add_calls(2)
    answer = await here.ask("/kickscale calls acme.com")
    here.slack.faults.add("chat.postMessage", error="is_archived")
    await here.click(answer, "Share in channel")
    assert await here.read_audit(AuditKind.USED) == []
    await here.click(answer, "Share in channel")
    robin, sales = here.slack.user(ROBIN).id, here.slack.state.channel(SALES).id
    (row,) = await here.read_audit(AuditKind.USED)
    assert (row["what"], row["by"], row["channel"], row["conversations"]) == ("share", robin, sales, ["c0", "c1"])


async def test_a_page_is_shared_once_though_the_button_is_pressed_twice(here: World) -> None:
    """The second press gets a sentence."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com")
    await here.click(answer, "Share in channel")
    await here.click(answer, "Share in channel")
    assert len(here.slack.posts(SALES)) == 1
    assert len(here.slack.ephemerals(SALES, ROBIN)) == 2
    assert len(await here.read_audit(AuditKind.USED)) == 1


async def test_the_bot_says_how_to_invite_it_to_a_channel(here: World) -> None:
    """After the invitation the same button works."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com", channel="sales-team")
    await here.click(answer, "Share in channel")
    message = here.slack.ephemerals("sales-team", ROBIN)[-1]
    assert "/invite" in here.text(message)
    assert here.slack.posts("sales-team") == []
    channel = here.slack.state.channel("sales-team")
    members = (*channel.members, here.slack.state.bot_user)
    here.slack.state.channels[channel.id] = type(channel)(channel.id, channel.name, members)
    await here.click(answer, "Share in channel")
    assert len(here.slack.posts("sales-team")) == 1


async def test_a_post_is_not_repeated_if_slacks_answer_was_lost(here: World) -> None:
    """The message is in the channel, and the next attempt finds it."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com")
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    await here.click(answer, "Share in channel")
    await here.clock.advance(10)
    await here.bot.idle()
    assert len(here.slack.posts(SALES)) == 1
    assert await here.bot.database.ledger.of_conversation("c0")
    assert len(await here.read_audit(AuditKind.USED)) == 1


async def test_a_post_is_recorded_though_slacks_answer_and_the_permission_were_lost(here: World) -> None:
    """A guest joined before the next attempt. The message is there, so it is recorded; nobody hears of a failure."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com")
    count = len(here.slack.ephemerals(SALES, ROBIN))
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    await here.slack.click(ROBIN, answer, "Share in channel")
    (posted,) = await here.slack.wait_for(lambda: here.slack.posts(SALES))
    await here.slack.join(GUS, SALES, inviter=ROBIN)
    await here.pass_time(10)
    assert len(here.slack.posts(SALES)) == 1
    assert len(here.slack.ephemerals(SALES, ROBIN)) == count
    (known,) = await here.bot.database.ledger.of_conversation("c0")
    assert (known.ts, known.domains) == (posted.ts, ("acme.com",))
    assert [(row["what"], row["conversations"]) for row in await here.read_audit(AuditKind.USED)] == [("share", ["c0"])]


async def test_every_attempt_to_post_checks_who_is_in_the_channel(here: World) -> None:
    """Slack was down at the first attempt, and a guest joined before the next one."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com")
    here.slack.faults.add("chat.postMessage", status=503)
    await here.click(answer, "Share in channel")
    await here.slack.join(GUS, SALES, inviter=ROBIN)
    await here.pass_time(10)
    assert here.slack.posts(SALES) == []
    assert "has guests" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    assert await here.read_audit(AuditKind.USED) == []


async def test_a_post_is_tried_again_while_slack_is_down(here: World) -> None:
    """It's there after the second attempt."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com")
    here.slack.faults.add("chat.postMessage", status=503)
    await here.click(answer, "Share in channel")
    assert here.slack.posts(SALES) == []
    await here.clock.advance(10)
    await here.bot.idle()
    assert len(here.slack.posts(SALES)) == 1


async def test_a_rate_limit_is_waited_out(here: World) -> None:
    """After 429 with Retry-After the message is posted once."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com")
    here.slack.faults.add("chat.postMessage", status=429, retry_after=7)
    await here.slack.click(ROBIN, answer, "Share in channel")
    await here.slack.wait_for(lambda: any(c.method == "chat.postMessage" and c.status == 429 for c in here.slack.calls))
    assert here.slack.posts(SALES) == []
    while not here.slack.posts(SALES):
        await here.clock.advance(1)
    await here.bot.idle()
    assert len(here.slack.posts(SALES)) == 1


async def test_a_promise_outlives_an_outage_and_a_restart(tmp_path: Path) -> None:
    """A bot that starts while Slack is down keeps the promise of the one before once Slack is back."""
    async with world(tmp_path, over="http", now=datetime.now(UTC)) as here:
        here.add_calls(1)
        answer = await here.ask("/kickscale calls acme.com")
        here.slack.faults.add("chat.postMessage", status=503)
        await here.click(answer, "Share in channel")
        here.slack.faults.add("*", status=503, times=24)
        restart = asyncio.create_task(here.restart())
        while not here.slack.posts(SALES):
            await here.clock.advance(1)
        await restart
        await here.bot.idle()
        assert len(here.slack.posts(SALES)) == 1
        assert here.slack.direct_messages(ROBIN) == []


async def test_a_failure_is_reported_once_slack_is_back(here: World) -> None:
    """At first neither the click nor a direct message can be answered."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com")
    here.slack.faults.add("response_url", status=404, times=9)  # also for what is said meanwhile, if it takes long
    here.slack.faults.add("conversations.open", status=503, times=3)
    here.kickscale.faults.add("/calls", status=403, times=9)
    await here.clock.advance(61)
    await here.slack.click(ROBIN, answer, "Share in channel")
    while not here.slack.direct_messages(ROBIN):
        await here.clock.advance(1)
    await here.bot.idle()
    (message,) = here.slack.direct_messages(ROBIN)
    assert "API key" in here.text(message)


async def test_a_promised_share_is_posted_after_a_restart(tmp_path: Path) -> None:
    """A bot that stops while Slack is down leaves it to the next one."""
    async with world(tmp_path) as here:
        here.add_calls(1)
        answer = await here.ask("/kickscale calls acme.com")
        here.slack.faults.add("chat.postMessage", status=503)
        await here.click(answer, "Share in channel")
        await here.restart()
        await here.clock.advance(10)
        await here.bot.idle()
        assert len(here.slack.posts(SALES)) == 1
