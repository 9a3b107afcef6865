"""Several bots on one database: Slack gives each event to one of them."""

import asyncio

from tests.world import GUS, SALES, World, start_bot

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
