"""Somebody sets the machine's clock while the bot runs. Slack's clock stays right."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.world import ROBIN, SALES, World, call, world

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize("step", [-HOUR, -40 * DAY, HOUR])
async def test_posting_continues(here: World, step: timedelta) -> None:
    """Neither a channel's turn nor a job that is due again in a second waits until the clock has caught up."""
    await here.type("/kickscale digest add acme.com live")
    await here.clock.advance(2 * HOUR.total_seconds())
    for number in range(3):
        here.kickscale.add_call(call(number, here.clock.now() - HOUR))
    await here.bot.services.live.poll()
    await here.slack.wait_for(lambda: here.posts(SALES))
    here.clock.set_by(step)
    for _ in range(3):
        await here.pass_time(2)
    assert len(here.posts(SALES)) == 3
    await here.click(await here.ask("/kickscale call c0"), "Share in channel")
    assert len(here.posts(SALES)) == 4


async def test_a_new_guest_is_noticed_in_time(here: World) -> None:
    """What is known about a person is requested again after five minutes, whatever the clock says."""
    here.add_calls(1)
    assert "Call 0" in here.text(await here.ask("/kickscale calls acme.com"))
    robin = here.slack.user(ROBIN)
    here.slack.state.users[robin.id] = replace(robin, is_restricted=True)
    here.clock.set_by(-2 * HOUR)
    await here.pass_time(301)
    assert "Call 0" not in here.text(await here.ask("/kickscale calls acme.com"))


@pytest.mark.parametrize(
    ("step", "said"),
    [(40 * DAY, "3456000 s ahead of Slack's"), (-40 * DAY, "3456000 s behind Slack's"), (2 * HOUR, "7200 s ahead")],
)
async def test_nothing_is_erased_by_a_wrong_clock(
    tmp_path: Path, step: timedelta, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Only once it agrees with Slack's again, what is old is erased."""
    async with world(tmp_path, messages_kept_days="30", copies_kept_days="30", audit_kept_days="30") as here:
        here.add_calls(1)
        await here.click(await here.ask("/kickscale calls acme.com"), "Share in channel")
        here.clock.set_by(step)
        await here.bot.prune()
        assert len(here.posts(SALES)) == 1
        assert said in caplog.text
        here.clock.set_by(-step)
        await here.bot.prune()
        assert len(here.posts(SALES)) == 1
        await here.clock.advance((31 * DAY).total_seconds())
        await here.bot.prune()
        assert here.posts(SALES) == []


async def test_nothing_is_erased_while_slack_does_not_say_what_time_it_is(tmp_path: Path) -> None:
    """The machine's clock can't be compared with anything then."""
    async with world(tmp_path, messages_kept_days="30") as here:
        here.add_calls(1)
        await here.click(await here.ask("/kickscale calls acme.com"), "Share in channel")
        await here.clock.advance((31 * DAY).total_seconds())
        here.slack.faults.add("auth.test", error="invalid_auth")
        await here.bot.prune()
        assert len(here.posts(SALES)) == 1


async def test_a_message_is_as_old_as_slack_says(tmp_path: Path) -> None:
    """It was posted while the clock was wrong, and the clock was corrected later."""
    async with world(tmp_path, messages_kept_days="30") as here:
        here.add_calls(1)
        for step in (-40 * DAY, 40 * DAY):
            here.clock.set_by(step)
            await here.click(await here.ask("/kickscale call c0"), "Share in channel")
            here.clock.set_by(-step)
        await here.bot.prune()
        assert len(here.posts(SALES)) == 2
        await here.clock.advance((31 * DAY).total_seconds())
        await here.bot.prune()
        assert here.posts(SALES) == []
