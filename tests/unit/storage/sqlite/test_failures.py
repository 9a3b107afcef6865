"""A database that can't be used: the cause is named, and nothing reports it as working."""

import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from bot.errors import ConfigError, StorageFailed
from bot.storage.sql.facts import Facts
from bot.storage.sqlite import Database
from bot.storage.sqlite.connection import Connection
from bot.storage.sqlite.inspection import inspect
from tests.clock import MONDAY_MORNING as NOW
from tests.unit.storage.sqlite.disk import full_disk
from tests.world import World, free_port, world


def damage(path: Path) -> None:
    """Overwrite all pages but the first, in another process: this one would lose its locks on the file."""
    subprocess.run(  # noqa: S603
        ["dd", "if=/dev/urandom", f"of={path}", "bs=4096", "seek=1", "count=10", "conv=notrunc"],  # noqa: S607
        check=True,
        capture_output=True,
    )


def remove(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    path.rename(path.with_suffix(".old"))
    path.touch(0o600)


async def ready(here: World) -> tuple[int, object]:
    address = f"http://127.0.0.1:{here.settings.http_port}"
    async with aiohttp.ClientSession() as session, session.get(f"{address}/readyz") as response:
        return response.status, (await response.json())["checks"]["database"]


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, port=free_port()) as here:
        here.add_calls(1)
        yield here


@pytest.mark.parametrize(
    ("harm", "reason", "answer"),
    [
        (damage, "the database is damaged", "My database is damaged."),
        (remove, "the database file was removed or replaced", "My database file was removed or replaced"),
        (replace, "the database file was removed or replaced", "My database file was removed or replaced"),
    ],
)
async def test_a_file_that_is_not_what_it_was_is_noticed(
    served: World, harm: Callable[[Path], None], reason: str, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    """By readiness, by `status`, and once in the log, with the path."""
    path = Path(served.settings.database_path)
    assert await served.bot.database.compact()
    harm(path)
    status, database = await ready(served)
    assert (status, str(database).startswith(reason), str(path) in str(database)) == (503, True, False)
    assert answer in served.text(await served.ask("/kickscale status"))
    await served.bot.readiness.check_database()
    lines = [record.getMessage() for record in caplog.records if record.name == "bot.app.readiness"]
    assert [str(path) in line for line in lines if line.startswith(reason)] == [True]


async def test_a_full_disk_is_named(served: World, caplog: pytest.LogCaptureFixture) -> None:
    """By readiness, `status`, the answer to a command that needs the disk, and the log; and its end is noticed."""
    assert await served.bot.readiness.check_database() == ""
    with full_disk():
        assert await ready(served) == (503, "the disk is full")
        assert "My disk is full" in served.text(await served.ask("/kickscale status"))
        answer = served.text(await served.ask("/kickscale calls acme.com"))
    assert "My disk is full, so I can't save anything. Ask your Kickscale bot admin to free up some space." in answer
    assert f"the disk is full: free up space where {served.settings.database_path} is" in caplog.text
    assert "Traceback" not in caplog.text  # it would say less, and take the last bytes of the disk
    assert await served.bot.readiness.check_database() == ""
    assert "Call 0" in served.text(await served.ask("/kickscale calls acme.com"))


async def test_a_database_that_may_not_grow_is_full(path: Path) -> None:
    """Also if the disk has room, but SQLite's own limit is reached; what still fits fails in the end."""
    connection = await Connection.open(path)
    await connection.check()
    (size,) = await connection.read(lambda tx: tx.fetch("PRAGMA page_count"))
    await connection.read(lambda tx: tx.fetch(f"PRAGMA max_page_count = {size['page_count']}"))
    facts = Facts(connection)
    number = 0
    with suppress(StorageFailed):
        while number < 1_000:
            await facts.set(f"fact {(number := number + 1)}", "x" * 10_000, NOW)
    with pytest.raises(StorageFailed, match="disk is full"):
        await connection.check()
    await connection.close()


async def test_a_check_leaves_nothing_behind(database: Database, path: Path) -> None:
    """Except for the row of the last one: the file doesn't grow each time."""
    for _ in range(3):
        await database.check()
    await database.compact()
    size = path.stat().st_size
    for _ in range(20):
        await database.check()
    await database.compact()
    assert path.stat().st_size == size


async def test_the_doctor_names_the_cause(path: Path) -> None:
    """Without a running bot, too."""
    await (await Database.open(path)).close()
    assert inspect(path).startswith("undamaged")
    with full_disk(), pytest.raises(ConfigError, match=f"the disk is full: free up space where {path} is"):
        inspect(path)
    with full_disk(), pytest.raises(ConfigError, match="the disk is full"):
        inspect(path.with_name("new.db"))
    damage(path)
    with pytest.raises(ConfigError, match=f"the database is damaged: stop the bot, and restore {path}"):
        inspect(path)
    path.write_text("Dear diary, " * 99)
    with pytest.raises(ConfigError, match="isn't an SQLite database"):
        inspect(path)


async def test_the_doctor_sees_that_a_running_bots_file_was_removed(database: Database, path: Path) -> None:
    """By what SQLite keeps beside it."""
    await database.facts.set("a", 1, NOW)
    path.unlink()
    with pytest.raises(ConfigError, match="was removed or replaced"):
        inspect(path)


async def test_a_start_on_a_full_disk_says_so(path: Path) -> None:
    """And doesn't ask for another file."""
    with full_disk(), pytest.raises(ConfigError, match="the disk is full: free up space where"):
        await Database.open(path)
