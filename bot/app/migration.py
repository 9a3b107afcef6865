"""The wiring of `kickscale-bot migrate-to`."""

import asyncio
from collections.abc import Sequence

from bot.app.database import missing_extra
from bot.clock import SystemClock
from bot.config.settings import Settings
from bot.storage import sqlite
from bot.storage.copying import Copied, copy
from bot.storage.sqlite.backups import unused
from bot.storage.sqlite.connection import no_database, resolve
from bot.storage.sqlite.exclusive import exclusive


def copy_database(settings: Settings, url: str) -> Sequence[Copied]:
    """Copy the SQLite database to PostgreSQL, all of it or nothing; return what was copied and compared.

    Blocks. Raises ConfigError, and StorageFailed.
    """
    try:
        from bot.storage.postgres import PostgresDatabase  # noqa: PLC0415 an extra, which most don't install
        from bot.storage.postgres.filling import fill  # noqa: PLC0415 likewise
    except ImportError as exc:
        raise missing_extra(exc) from exc

    async def bring_up_to_date() -> None:
        for opening in (sqlite.Database.open(path, create=False), PostgresDatabase.open(url)):
            await (await opening).close()

    path = resolve(settings.database_path)
    if not path.is_file():
        raise no_database(path)
    with unused(path):
        pass  # asked before anything is touched, and for as long as it takes below
    asyncio.run(bring_up_to_date())
    with exclusive(path) as source, fill(url) as target:
        return list(copy(source, target, SystemClock().now()))
