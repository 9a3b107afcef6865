"""Steps that several commands start with."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.tools.terminal import echo

if TYPE_CHECKING:
    from bot.config.settings import Settings


def load_settings(require: "Callable[[Settings], None]" = lambda _settings: None) -> "Settings":
    """Return the settings for a command that may run next to a running bot. From now on, only errors are logged.

    `require` raises ConfigError for the settings that are missing.
    """
    from bot.config.settings import Settings
    from bot.observe import logs
    from bot.tools.allocator import keep_freed

    keep_freed()
    settings = Settings.load()
    for sentence in settings.unknown:
        echo(sentence, err=True)
    require(settings)
    logs.configure("ERROR", "text", settings.secrets())
    return settings


def announce_database(name: str) -> None:
    echo(f"Created the database {name}.", err=True)
