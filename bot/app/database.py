"""Opens the bot's database for commands that need nothing else."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.config.settings import Settings
from bot.storage.sqlite import Database


@asynccontextmanager
async def database_of(
    settings: Settings, *, create: bool = False, dry_run: bool = False, on_create: Callable[[Path], None] | None = None
) -> AsyncIterator[Database]:
    """Open the database and close it at the end. A missing one is created if `create` says so; else ConfigError.

    A dry run creates none: it gets an empty one that is thrown away. `on_create` gets the path of a new one.
    """
    path = settings.database_path
    with tempfile.TemporaryDirectory(prefix="kickscale-bot-") as folder:
        if dry_run and not path.exists():
            path = Path(folder) / "empty.db"
        database = await Database.open(path, create=create)
        try:
            if database.is_new and not dry_run and on_create is not None:
                on_create(path.resolve())
            yield database
        finally:
            await database.close()
