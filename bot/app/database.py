"""Opens the bot's database for commands that need nothing else."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config.settings import Settings
from bot.errors import ConfigError, NoDatabase
from bot.storage.sqlite.connection import Connection as SqliteConnection
from bot.storage.transaction import Connection

if TYPE_CHECKING:
    from bot.storage.database import Database
    from bot.storage.postgres.connection import PostgresConnection


@dataclass(frozen=True)
class Opened:
    """A connection to the database, and what builds its stores, whose imports the connection doesn't wait for."""

    connection: Connection
    is_new: bool
    build: "Callable[[], Database]"


async def open_connection(settings: Settings, *, create: bool) -> Opened:
    """Connect to the database, which the caller closes.

    Raises ConfigError if it can't be used, or if there is none and it isn't to be created.
    """
    if url := settings.database_url.get_secret_value():
        try:
            from bot.storage.postgres.connection import PostgresConnection  # noqa: PLC0415 an extra
        except ImportError as exc:
            raise missing_extra(exc) from exc
        connection = await PostgresConnection.open(url, create=create)
        # Not functools.partial, which shows its arguments, and the address may contain a password.
        return Opened(connection, connection.is_new, lambda: _build_postgres(connection, url))
    return await open_file(settings.database_path, create=create)


async def open_file(path: Path, *, create: bool) -> Opened:
    """Open the SQLite database in this file, as `open_connection` does."""
    connection = await SqliteConnection.open(path, create=create)
    return Opened(connection, connection.is_new, lambda: _build_sqlite(connection))


async def open_database(settings: Settings, *, create: bool) -> "Database":
    """Open the database with all its stores, as `open_connection` does."""
    return (await open_connection(settings, create=create)).build()


def _build_postgres(connection: "PostgresConnection", url: str) -> "Database":
    from bot.storage.postgres.database import PostgresDatabase  # noqa: PLC0415 its stores, once they are needed

    return PostgresDatabase(connection, url)


def _build_sqlite(connection: SqliteConnection) -> "Database":
    from bot.storage.sqlite.database import Database  # noqa: PLC0415 likewise

    return Database(connection, is_new=connection.is_new)


def missing_extra(exc: ImportError) -> ConfigError:
    # Without a name, a package is there but something that it needs isn't, such as PostgreSQL's own library.
    what = f"needs the package {exc.name}" if exc.name else f"can't be used: {str(exc).splitlines()[0]}"
    return ConfigError("DATABASE_URL", f"{what.rstrip('.')}. See docs/scaling.md for how to install it.")


@asynccontextmanager
async def database_of(
    settings: Settings, *, create: bool = False, dry_run: bool = False, on_create: Callable[[str], None] | None = None
) -> AsyncIterator["Database"]:
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


async def _open_existing(settings: Settings, folder: Path) -> "Database":
    """Open the database or, if there is none, an empty one in this folder."""
    try:
        return await open_database(settings, create=False)
    except NoDatabase:
        return (await open_file(folder / "empty.db", create=True)).build()
