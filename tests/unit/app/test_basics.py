"""What the bot opens first, if it can't open all of it."""

from pathlib import Path

import pytest

from bot.app.basics import Basics
from bot.clock import SystemClock
from bot.config.settings import Settings


async def test_the_database_is_closed_if_there_is_no_session_for_slack(tmp_path: Path) -> None:
    """SQLite removes its log when the last connection is closed."""
    settings = Settings.explicit(
        slack_bot_token="xoxb-1",
        slack_app_token="xapp-1",
        kickscale_api_key="key",
        kickscale_client_id="client",
        database_path=str(tmp_path / "bot.db"),
    )
    with pytest.raises(ValueError, match="Invalid IPv6 URL"):
        await Basics.open(settings.model_copy(update={"slack_api_url": "https://["}), SystemClock(), create=True)
    assert [file.name for file in tmp_path.iterdir()] == ["bot.db"]
