"""After an upgrade, the bot says whether its Slack app has to be updated."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.operations.app_update import FACT, check_events
from bot.operations.manifest import EVENTS
from bot.sandbox.slack.state import Token
from tests.clock import MONDAY_MORNING as NOW
from tests.databases import new_database_environment, open_database_in
from tests.world import World, start_bot, world

DAY = timedelta(days=1)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "bot.operations.app_update"]


async def test_a_new_install_has_nothing_to_update(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither at the first start nor at the next ones."""
    new: dict[str, Any] = {name.lower(): value for name, value in new_database_environment().items()}
    async with world(tmp_path, **new) as here:
        await here.restart()
        assert await here.bot.database.facts.get(FACT) is not None
    assert warnings(caplog) == []


async def test_events_that_are_new_are_named_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """At the first start on a database that an earlier version used; the doctor mentions them for a month."""
    await (await open_database_in(tmp_path)).close()
    async with world(tmp_path) as here:
        (warning,) = warnings(caplog)
        assert "message.im" in warning
        assert "kickscale-bot manifest" in warning
        await here.restart()
        stored = await here.bot.database.facts.get(FACT)
    assert warnings(caplog) == [warning]
    (note,) = check_events(stored, NOW, is_new=False)
    assert (note.ok, "message.im" in note.detail, bool(note.remedy)) == (True, True, True)
    assert check_events(stored, NOW + 31 * DAY, is_new=False) == []


async def test_each_version_is_compared_with_the_one_before(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Only what is new is named."""
    database = await open_database_in(tmp_path)
    before = sorted(set(EVENTS) - {"file_shared"})
    await database.facts.set(FACT, {"events": before, "new": []}, NOW - 100 * DAY)
    await database.close()
    async with world(tmp_path):
        (warning,) = warnings(caplog)
    assert "the one before didn't: file_shared. " in warning


def test_the_doctor_compares_before_the_first_start_too() -> None:
    """An upgrade can be planned; without a database, there is nothing to upgrade."""
    (note,) = check_events(None, NOW, is_new=False)
    assert "message.im" in note.detail
    assert check_events(None, NOW, is_new=True) == []
    assert check_events(({"events": sorted(EVENTS), "new": []}, NOW), NOW, is_new=False) == []


async def test_missing_scopes_are_named_at_each_start(here: World, caplog: pytest.LogCaptureFixture) -> None:
    """Slack tells them with its answer, and reinstalling is what grants them."""
    caplog.set_level(logging.WARNING)
    token = here.slack.state.tokens[here.slack.bot_token]
    here.slack.state.tokens[here.slack.bot_token] = Token(token.kind, token.scopes - {"im:write", "groups:read"})
    await here.run_to_end(here.bot.stop())
    here.bot = await start_bot(here.settings, here.clock)
    (warning,) = warnings(caplog)
    assert warning.startswith("the Slack app lacks the scopes groups:read, im:write. Paste")
    assert warning.endswith("then reinstall the app")
