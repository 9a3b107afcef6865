"""LISTEN and NOTIFY: https://www.postgresql.org/docs/current/sql-notify.html."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from psycopg import AsyncConnection, OperationalError

from bot.storage.postgres.connection import PATIENCE
from bot.storage.transaction import Transaction

CHANNEL = "kickscale_bot_notices"
QUIET = 10.0
"""Seconds after which the connection is checked, and what may have been missed is looked for."""
PAUSE = 1.0
"""Seconds before the next try to connect."""


def notify(tx: Transaction) -> None:
    """Wake all who listen, once this is committed."""
    tx.execute(f"notify {CHANNEL}")


async def listen(url: str) -> AsyncGenerator[None, None]:
    """Yield whenever there may be something new, endlessly; it connects again if the connection is lost."""
    while True:
        with suppress(OperationalError):
            connection = await AsyncConnection.connect(
                url, autocommit=True, connect_timeout=int(PATIENCE), application_name="kickscale-bot notices"
            )
            async with connection:
                await connection.execute(f"listen {CHANNEL}")
                while True:
                    yield
                    async for _ in connection.notifies(timeout=QUIET, stop_after=1):
                        pass
                    await connection.execute("select 1")
        await asyncio.sleep(PAUSE)
