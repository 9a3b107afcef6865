"""Opens the bot's database: for the bot itself, and for commands that need nothing else."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.config.settings import Settings
from bot.errors import ConfigError
from bot.storage import sqlite
from bot.storage.database import Database


async def open_database(settings: Settings, *, create: bool) -> Database:
    """Open the database, which the caller closes. A missing one is created if `create` says so; else ConfigError."""
    if url := settings.database_url.get_secret_value():
        try:
            from bot.storage.postgres import PostgresDatabase  # noqa: PLC0415 an extra, which most don't install
        except ImportError as exc:
            raise missing_extra(exc) from exc
        return await PostgresDatabase.open(url, create=create)
    return await sqlite.Database.open(settings.database_path, create=create)


def missing_extra(exc: ImportError) -> ConfigError:
    return ConfigError("DATABASE_URL", f"needs the package {exc.name}. Install the bot as kickscale-bot[postgres].")


@asynccontextmanager
async def database_of(
    settings: Settings, *, create: bool = False, dry_run: bool = False, on_create: Callable[[str], None] | None = None
) -> AsyncIterator[Database]:
    """Open the database and close it at the end. A missing one is created if `create` says so; else ConfigError.

    A dry run creates none: it gets an empty one that is thrown away. `on_create` gets the name of a new one.
    """
    with tempfile.TemporaryDirectory(prefix="kickscale-bot-") as folder:
        database = await (_open_existing(settings, Path(folder)) if dry_run else open_database(settings, create=create))
        try:
            if database.is_new and not dry_run and on_create is not None:
                on_create(settings.database_name)
            yield database
        finally:
            await database.close()


async def _open_existing(settings: Settings, folder: Path) -> Database:
    """Open the database or, if there is none, an empty one in this folder."""
    if settings.database_url or settings.database_path.exists():
        return await open_database(settings, create=False)
    return await sqlite.Database.open(folder / "empty.db")
