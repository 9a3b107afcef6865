"""The database's file: who may read it, and which files are refused."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING
from tests.unit.storage.sqlite.workers import Worker, opens


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_nobody_else_may_read_the_database(path: Path) -> None:
    """The file and what SQLite keeps beside it are readable only by the bot's user, whatever the umask is."""
    umask = os.umask(0)
    try:
        database = await Database.open(path)
        await database.facts.set("a", 1, MONDAY_MORNING)
    finally:
        os.umask(umask)
    modes = [mode(file) for file in beside(path)]
    await database.close()
    assert modes == [0o600] * 3


async def test_permissions_of_others_are_removed(path: Path) -> None:
    """From the file, also behind a link, and from the files beside it."""
    first = await Database.open(path)
    await first.facts.set("a", 1, MONDAY_MORNING)
    second = await Database.open(exposed(path))
    modes = [mode(file) for file in beside(path)]
    await second.close()
    await first.close()
    assert modes == [0o600] * 3


def exposed(path: Path) -> Path:
    for file in beside(path):
        file.chmod(0o644)
    link = path.with_name("link.db")
    link.symlink_to(path)
    return link


def beside(path: Path) -> list[Path]:
    return sorted(path.parent.glob("bot.db*"))


@pytest.mark.parametrize(
    ("prepare", "below", "says"),
    [
        (lambda _: None, "no/bot.db", "is in {home}/no, which doesn't exist. Create that folder"),
        (lambda home: (home / "file").touch(), "file/bot.db", "is in {home}/file, which doesn't exist. Create that"),
        (lambda home: (home / "dir").mkdir(), "dir", "is {home}/dir, which isn't a file"),
        (
            lambda home: (home / "a.txt").write_text("Dear diary, " * 99),
            "a.txt",
            "is {home}/a.txt, which isn't an SQLite database",
        ),
        (lambda home: home.chmod(0o555), "bot.db", "is {home}/bot.db, which can't be created (Permission denied)"),
        (
            lambda home: database_of_mode(home, 0o400),
            "bot.db",
            "is {home}/bot.db, which can't be written to. Give the bot's",
        ),
    ],
    ids=["no directory", "a file for a directory", "a directory", "another file", "not ours", "read only"],
)
async def test_a_file_that_cannot_be_the_database_is_refused_with_a_remedy(
    home: Path, prepare: Callable[[Path], None], below: str, says: str
) -> None:
    """Nothing starts on an unusable file; the setting is named, and what to do about it."""
    prepare(home)
    with as_nobody(), pytest.raises(ConfigError) as refused:
        await Database.open(home / below)
    assert refused.value.variable == "DATABASE_PATH"
    assert refused.value.remedy.startswith(says.format(home=home))


async def test_what_is_no_database_is_not_touched(path: Path) -> None:
    """A setting that names somebody else's file by mistake changes neither its content nor its permissions."""
    path.write_text("Dear diary, " * 99)
    path.chmod(0o644)
    with pytest.raises(ConfigError):
        await Database.open(path)
    assert path.read_text() == "Dear diary, " * 99
    assert [mode(file) for file in beside(path)] == [0o644]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make what belongs to another")
async def test_a_database_of_another_user_that_all_may_read_is_refused(home: Path) -> None:
    """Its owner has to take the permissions away, since the bot may not."""
    database_of_mode(home, 0o644)
    with as_nobody(), pytest.raises(ConfigError, match=r"other users can read, .*\. Run chmod 600 on it"):
        await Database.open(home / "bot.db")


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that others may read, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory).resolve()
        path.chmod(0o777)
        yield path


def database_of_mode(home: Path, mode: int) -> None:
    sqlite3.connect(home / "bot.db").executescript("create table a (b); pragma journal_mode = wal").close()
    (home / "bot.db").chmod(mode)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Run as a user other than root, who may write everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_a_database_of_a_newer_version_stays_untouched(path: Path) -> None:
    """Going back to a version that does not know what the file holds would damage it."""
    await (await Database.open(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('kickscale-bot', 'teleport', '')"
        )
    connection.close()
    with pytest.raises(ConfigError, match="a newer version of the bot has used"):
        await Database.open(path)


async def test_what_was_written_is_there_after_a_restart(path: Path) -> None:
    """A database that is closed and opened again, by this version or by the next, has what it had."""
    first = await Database.open(path)
    await first.facts.set("a", {"b": [1, None]}, MONDAY_MORNING)
    await first.close()
    second = await Database.open(str(path))
    found = await second.facts.get("a")
    await second.close()
    assert found == ({"b": [1, None]}, MONDAY_MORNING)


async def test_it_answers_until_it_is_closed(path: Path) -> None:
    """The readiness check runs a real query; closing twice does no harm."""
    database = await Database.open(path)
    await database.check()
    await database.close()
    await database.close()
    with pytest.raises(RuntimeError):
        await database.check()


async def test_the_event_loop_does_not_wait_for_the_database(path: Path) -> None:
    """While another process keeps the file to itself, the bot continues with everything else."""
    database = await Database.open(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    write = asyncio.create_task(database.facts.set("a", 1, MONDAY_MORNING))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not write.done()
    other.execute("rollback")
    other.close()
    await write
    await database.close()


def test_several_bots_may_start_on_a_new_database_at_once(path: Path) -> None:
    """Processes that open the same new file at the same moment all get a database with every table."""
    with ExitStack() as stack:
        bots = [stack.enter_context(Worker(opens, str(path))) for _ in range(4)]
        for bot in bots:
            assert bot.hear() == "here"
        for bot in bots:
            bot.go()
        assert [bot.hear() for bot in bots] == ["open"] * len(bots)


def test_importing_it_is_free() -> None:
    """The bot's start does not wait for sqlite-utils."""
    code = "import bot.storage.queue, bot.storage.sqlite, sys; sys.exit('sqlite_utils' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 our own code
