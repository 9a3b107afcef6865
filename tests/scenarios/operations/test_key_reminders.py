"""Reminders that the Kickscale API key expires."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.world import LEA, ROBIN, World, start_bot, world

JANA = "jana.vogt"
ADMINS = "S0SALES001, U0JANA0001"
"""Robin and Lea, and Jana, whose Slack is in German."""
DAY = timedelta(days=1).total_seconds()


async def look(here: World) -> list[int]:
    """Let the bot look whether a reminder is due, and return how many each admin has had in all."""
    await here.run_to_end(here.bot.services.key_reminders.look())
    await here.settle()
    return [len(here.slack.direct_messages(name)) for name in (ROBIN, LEA, JANA)]


async def test_admins_are_reminded_once_at_each_stage(tmp_path: Path) -> None:
    """30, 7 and 1 days before the key expires, each in their language, whatever restarts, runs beside or is pruned."""
    async with world(tmp_path, admins=ADMINS, kickscale_api_key_created="2025-12-24", copies_kept_days=1) as here:
        assert await look(here) == [0, 0, 0], "31 days are left"
        for passed, count in ((1, 1), (10, 1), (13, 2), (5, 2), (1, 3), (1, 3), (30, 3)):
            await here.clock.advance(passed * DAY)
            other = await start_bot(here.settings, here.clock)
            try:
                await here.run_to_end(other.services.key_reminders.look())
                await look(here)
                await replace(here, bot=other).settle()
            finally:
                await here.run_to_end(other.stop())
            assert await look(here) == [count] * 3
            await here.run_to_end(here.bot.prune())
            await here.restart()
            assert await look(here) == [count] * 3
        texts = [here.text(message) for message in here.slack.direct_messages(LEA)]
        assert [text.splitlines()[0].strip("⚠️ *") for text in texts] == [
            "My Kickscale API key expires in 30 days (Thu, 24 Dec 2026).",
            "My Kickscale API key expires in 7 days (Thu, 24 Dec 2026).",
            "My Kickscale API key expires tomorrow (Thu, 24 Dec 2026).",
        ]
        german = here.text(here.slack.direct_messages(JANA)[0])
        assert "Mein Kickscale-API-Schlüssel läuft in 30 Tagen ab (Do., 24. Dez. 2026)." in german


async def test_only_the_latest_stage_is_caught_up_on(tmp_path: Path) -> None:
    """A bot that starts three days before the end sends one reminder, with the days that are left."""
    async with world(tmp_path, admins=ADMINS, kickscale_api_key_created="2025-11-26") as here:
        assert await look(here) == [1, 1, 1]
        assert "expires in 3 days" in here.text(here.slack.direct_messages(LEA)[0])


@pytest.mark.parametrize("method", ["usergroups.users.list", "conversations.open", "chat.postMessage"])
async def test_a_failure_of_slack_delays_reminders(tmp_path: Path, method: str) -> None:
    """And doubles none."""
    async with world(tmp_path, admins=ADMINS, kickscale_api_key_created="2025-11-30") as here:
        here.slack.faults.add(method, error="token_revoked", times=4)
        assert await look(here) == [0, 0, 0]
        for _ in range(5):
            await here.pass_time(900)
            await look(here)
        assert await look(here) == [1, 1, 1]


@pytest.mark.parametrize(
    "settings",
    [
        {"admins": ADMINS},
        {"kickscale_api_key_created": "2025-11-30"},
        {"admins": ADMINS, "kickscale_api_key_created": "2026-11-01"},
        {"admins": ADMINS, "kickscale_api_key_created": "2024-11-01"},
    ],
    ids=["age unknown", "no admins", "new key", "expired key"],
)
async def test_nobody_is_reminded_for_nothing(tmp_path: Path, settings: dict[str, Any]) -> None:
    """Without admins, the log has a warning."""
    async with world(tmp_path, **settings) as here:
        assert await look(here) == [0, 0, 0]


async def test_a_new_key_ends_the_reminders(tmp_path: Path) -> None:
    """A reminder that couldn't be sent before the key was replaced isn't sent any more."""
    async with world(tmp_path, admins=ADMINS, kickscale_api_key_created="2025-11-30") as here:
        here.slack.faults.add("chat.postMessage", error="token_revoked", times=12)
        await look(here)
        await here.run_to_end(here.bot.stop())
        here.slack.faults.clear()
        here.settings = here.settings.model_copy(update={"kickscale_api_key_created": here.clock.now().date()})
        here.bot = await start_bot(here.settings, here.clock)
        await here.pass_time(3600)
        assert await look(here) == [0, 0, 0]
