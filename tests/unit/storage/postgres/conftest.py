from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.storage.postgres.connection import PostgresConnection
from tests.postgres import SHARED


@pytest.fixture
def url(tmp_path: Path) -> str:
    return SHARED.of(tmp_path)


@pytest.fixture
async def connection(url: str) -> AsyncIterator[PostgresConnection]:
    connection = await PostgresConnection.open(url)
    yield connection
    await connection.close()


@pytest.fixture
def admin(connection: PostgresConnection, url: str) -> Iterator[psycopg.Connection]:  # noqa: ARG001 makes the tables
    """Somebody else on the same database."""
    with psycopg.connect(url, autocommit=True) as admin:
        yield admin
