"""What several commands begin with: the settings and the database."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.tools.terminal import echo

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.storage.sqlite import Database


def load_settings(require: "Callable[[Settings], None]") -> "Settings":
    """Return the settings for a command that works beside a running bot, and log nothing but errors from now on.

    `require` raises ConfigError for the first setting that is missing.
    """
    from bot.config.settings import Settings
    from bot.observe import logs
    from bot.tools.allocator import keep_freed

    keep_freed()
    settings = Settings.load()
    require(settings)
    logs.configure("ERROR", "text", settings.secrets())
    return settings


@asynccontextmanager
async def open_database(
    settings: "Settings", *, create: bool = False, dry_run: bool = False
) -> AsyncIterator["Database"]:
    """Open the bot's database. A missing one is created with `create`, and only for the time being in a dry run."""
    import tempfile

    from bot.app.wiring import open_database as open_at

    path = settings.database_path
    with tempfile.TemporaryDirectory(prefix="kickscale-bot-") as folder:
        if dry_run and not path.exists():
            path = Path(folder) / "empty.db"
        database = await open_at(path, create=create)
        try:
            if database.is_new and not dry_run:
                echo(f"Created the database {path.resolve()}.", err=True)
            yield database
        finally:
            await database.close()
