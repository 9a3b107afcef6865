"""Several bots on one database: Slack gives each event to one of them."""

import asyncio

from tests.databases import run_sql
from tests.world import GUS, ROBIN, SALES, World, start_bot

PATIENCE = 20.0


async def test_each_bot_learns_within_seconds_who_joined_a_channel(here: World) -> None:
    """A guest sees nothing because a bot goes by who was there before."""
    other = await start_bot(here.settings, here.clock)
    channel = here.slack.state.channel(SALES).id
    audiences = [bot.services.audience for bot in (here.bot, other)]
    try:
        assert [await audience.why_held(channel) for audience in audiences] == ["", ""]
        await here.slack.join(GUS, SALES)
        async with asyncio.timeout(PATIENCE):
            for audience in audiences:
                while await audience.why_held(channel) != "guest":  # noqa: ASYNC110 the other bot says nothing
                    await asyncio.sleep(0)
    finally:
        await here.run_to_end(other.stop())


async def test_a_mention_that_slack_reports_to_several_bots_is_answered_once(here: World) -> None:
    """Slack gives a report that wasn't acknowledged in time to another bot."""
    other = await start_bot(here.settings, here.clock)
    mention = {
        "type": "app_mention",
        "channel": here.slack.state.channel(SALES).id,
        "user": here.slack.user(ROBIN).id,
        "text": f"<@{here.slack.state.bot_user}> help",
        "ts": "1795422999.000001",
    }
    try:
        for _ in range(4):
            assert not (await here.slack.event(mention)).error
        await here.settle()
        await here.run_to_end(other.idle())
        assert len(here.slack.ephemerals(SALES, ROBIN)) == 1
        (kept,) = run_sql(here.settings, "select payload from jobs where kind = 'mention'")
        assert "help" not in kept[0]
    finally:
        await here.run_to_end(other.stop())
