"""Copies of the database: made while it is used, checked, and put back."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from bot.errors import ConfigError, StorageFailed
from bot.storage.sqlite import Database
from bot.storage.sqlite.backups import back_up, check_backup, copied, put_in_place
from bot.storage.sqlite.migrations import known_steps
from tests.clock import MONDAY_MORNING as NOW
from tests.rooms import ROOT
from tests.unit.storage.sqlite.disk import full_disk
from tests.world import audit_row

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("select count(*) from facts").fetchone()
print("open", flush=True)
sys.stdin.read()
"""

KILLED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("update facts set name = 'now'")
os._exit(9)
"""

PUTTER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from bot.storage.sqlite.backups import put_in_place
print("go", flush=True)
put_in_place(Path(sys.argv[2]), Path(sys.argv[1]), datetime.now(UTC))
"""
RESTORER = """
import sys
from pathlib import Path
from bot.storage.sqlite.backups import unused
database, copy = map(Path, sys.argv[1:])
with unused(database):
    print("locked", flush=True)
    sys.stdin.readline()
    copy.replace(database)
"""


async def made(path: Path, name: str = "a fact") -> None:
    """Create a database with one fact and one audit row in it."""
    database = await Database.open(path)
    await database.facts.set(name, 1, NOW)
    await database.audit.add(audit_row("digest add"))
    await database.close()


def facts(path: Path) -> list[str]:
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as connection:
        return [name for (name,) in connection.execute("select name from facts order by name")]


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Let another process have the database open, and do nothing with it."""
    with subprocess.Popen(  # noqa: S603 ourselves
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        yield
        holder.communicate()


async def test_a_copy_is_one_moment_of_a_database_in_use(database: Database, path: Path, tmp_path: Path) -> None:
    """What one transaction writes is there as a whole or not at all, and who writes needn't wait for the copy."""
    for number in range(20):
        await database.facts.set(f"filling {number}", "x" * 1_000_000, NOW)
    commits, is_over = 0, threading.Event()

    def write() -> None:
        nonlocal commits
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            while not is_over.is_set():
                connection.execute("begin immediate")
                for half in ("one", "other"):
                    values = (f"{half} {commits}", "1", "")
                    connection.execute("insert into facts (name, value, written_at) values (?, ?, ?)", values)
                connection.execute("commit")
                commits += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while not commits:
            pass
        before = commits
        contents = back_up(path, tmp_path / "copy.db", replace=False)
        assert commits > before + 1
    finally:
        is_over.set()
        writer.join()
    names = facts(tmp_path / "copy.db")
    halves = [sum(name.startswith(half) for name in names) for half in ("one ", "other ")]
    assert halves[0] == halves[1] >= before
    assert contents.size == (tmp_path / "copy.db").stat().st_size > 20_000_000


async def test_a_copy_is_private_and_one_file(path: Path, tmp_path: Path) -> None:
    """Whatever the folder allows; and it says what is in it."""
    await made(path)
    (tmp_path / "copies").mkdir(mode=0o755)
    contents = back_up(path, tmp_path / "copies" / "copy.db", replace=False)
    assert [(file.name, file.stat().st_mode & 0o777) for file in (tmp_path / "copies").iterdir()] == [
        ("copy.db", 0o600)
    ]
    assert (contents.counts["audit"], contents.counts["subscriptions"]) == (1, 0)
    assert contents.last_used == f"{NOW:%Y-%m-%d %H:%M}"


async def test_a_copy_replaces_nothing_unasked(path: Path, tmp_path: Path) -> None:
    """Never the database itself."""
    await made(path)
    target = tmp_path / "copy.db"
    target.write_text("precious")
    with pytest.raises(ConfigError, match=r"exists already\. Choose another name, or add --replace\."):
        back_up(path, target, replace=False)
    assert target.read_text() == "precious"
    back_up(path, target, replace=True)
    assert facts(target) == ["a fact"]
    (tmp_path / "link.db").symlink_to(path)
    for itself in (path, tmp_path / "link.db"):
        with pytest.raises(ConfigError, match="is the database itself"):
            back_up(path, itself, replace=True)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no database there"),
        (b"", "there is no database there"),
        (b"not a database, but long enough to be one " * 100, "isn't a database of this bot"),
        ("foreign", "isn't a database of this bot"),
        ("damaged", "is damaged"),
    ],
)
async def test_only_a_sound_database_is_copied(
    path: Path, tmp_path: Path, content: bytes | str | None, says: str
) -> None:
    """Otherwise there is a sentence, and no file."""
    match content:
        case bytes():
            path.write_bytes(content)
        case "foreign":
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("create table notes (text)")
        case "damaged":
            await made(path)
            damage(path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises((ConfigError, StorageFailed), match=says):
        back_up(path, tmp_path / "copy.db", replace=False)
    assert [file for file in sorted(tmp_path.iterdir()) if not file.name.endswith(("-wal", "-shm"))] == before


def damage(path: Path) -> None:
    """Overwrite pages in the middle of a database that nobody uses."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = b"\xa5" * 20_000
    path.write_bytes(content)


async def test_a_backup_is_put_in_place_and_the_database_before_it_is_kept(path: Path, tmp_path: Path) -> None:
    """With everything that was in the log beside it."""
    await made(path, "then")
    back_up(path, tmp_path / "copy.db", replace=False)
    await (await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, path)).wait()
    assert (tmp_path / "bot.db-wal").stat().st_size
    with copied(tmp_path / "copy.db", tmp_path) as copy:
        assert check_backup(copy, tmp_path / "copy.db", known_steps()).counts["audit"] == 1
        aside = put_in_place(copy, path, NOW)
    assert aside == tmp_path / f"bot.db.replaced-{NOW:%Y%m%dT%H%M%S.%fZ}"
    assert (facts(path), facts(aside)) == (["then"], ["now"])
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(["bot.db", aside.name, "copy.db"])
    assert path.stat().st_mode & 0o777 == 0o600
    await (await Database.open(path)).close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")
async def test_what_root_restores_belongs_to_the_user_of_the_bot(path: Path, tmp_path: Path) -> None:
    """The owner of the database before it or, if there is none, of its folder."""
    await made(path)
    os.chown(path, 12_345, 12_346)
    folder = tmp_path / "new"
    folder.mkdir()
    os.chown(folder, 12_347, 12_348)
    for database, owner in ((path, (12_345, 12_346)), (folder / "bot.db", (12_347, 12_348))):
        with copied(path, database.parent) as copy:
            put_in_place(copy, database, NOW)
        assert (database.stat().st_uid, database.stat().st_gid) == owner


async def test_nothing_is_put_in_place_while_somebody_has_the_database_open(path: Path, tmp_path: Path) -> None:
    """Even if they only have it open, as a bot at night."""
    await made(path)
    back_up(path, tmp_path / "copy.db", replace=False)
    refused = pytest.raises(ConfigError, match=r"another process has open\. Stop the bot, then try again\.")
    with held(path), copied(tmp_path / "copy.db", tmp_path) as copy, refused:
        put_in_place(copy, path, NOW)
    assert sorted(file.name for file in tmp_path.iterdir() if "-" not in file.name) == ["bot.db", "copy.db"]
    with copied(tmp_path / "copy.db", tmp_path) as copy:
        put_in_place(copy, path, NOW)


KILLS = 5


@pytest.mark.parametrize("kills", [KILLS, pytest.param(20 * KILLS, marks=pytest.mark.soak)])
async def test_a_kill_leaves_one_of_the_two_in_place(path: Path, tmp_path: Path, kills: int) -> None:
    """Whenever it comes; and the next attempt works."""
    await made(path, "now")
    await made(tmp_path / "other.db", "then")
    random = Random(kills)
    for _ in range(kills):
        with copied(tmp_path / "other.db", tmp_path) as copy:
            restoring = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", PUTTER, path, copy), cwd=ROOT, stdout=asyncio.subprocess.PIPE
            )
            assert restoring.stdout is not None
            assert await restoring.stdout.readline() == b"go\n"
            until = time.perf_counter() + random.uniform(0, 0.01)
            while time.perf_counter() < until:
                pass
            with suppress(ProcessLookupError):
                restoring.kill()
            await restoring.wait()
        database = await Database.open(path, create=False)
        assert (await database.facts.get("now") is None) != (await database.facts.get("then") is None)
        await database.close()
    with copied(tmp_path / "other.db", tmp_path) as copy:
        put_in_place(copy, path, NOW + timedelta(days=1))
    assert facts(path) == ["then"]


async def test_who_opens_the_database_meanwhile_gets_the_new_one(path: Path, tmp_path: Path) -> None:
    """Not the file that was just put aside, whose changes nobody would see again."""
    await made(path, "then")
    back_up(path, tmp_path / "copy.db", replace=False)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update facts set name = 'now'")
    restoring = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RESTORER, path, tmp_path / "copy.db"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert restoring.stdout is not None
    assert await restoring.stdout.readline() == b"locked\n"
    opening = asyncio.create_task(Database.open(path))
    with closing(sqlite3.connect(path, timeout=0)) as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("select 1 from facts")
    await restoring.communicate(b"\n")
    database = await opening
    assert await database.facts.get("then") is not None
    await database.close()


async def test_a_damaged_database_is_replaced_and_kept_with_its_log(path: Path, tmp_path: Path) -> None:
    """The new one gets nothing of the old log, which would damage it."""
    await made(path)
    back_up(path, tmp_path / "copy.db", replace=False)
    path.write_bytes(b"\xa5" * 8192)
    log = tmp_path / "bot.db-wal"
    log.write_bytes(b"\xa5" * 4096)
    with copied(tmp_path / "copy.db", tmp_path) as copy:
        aside = put_in_place(copy, path, NOW)
    assert aside is not None
    assert aside.read_bytes() == b"\xa5" * 8192
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == b"\xa5" * 4096
    assert not log.exists()
    assert facts(path) == ["a fact"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("insert into _sqlite_migrations values (99, 'kickscale-bot', 'teleport', '')", "is from a newer version"),
        ("drop table audit", "isn't a database of this bot"),
    ],
)
async def test_a_backup_that_this_version_cannot_use_is_refused(
    path: Path, tmp_path: Path, change: str, says: str
) -> None:
    """With a sentence that names it."""
    await made(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(change)
    with copied(path, tmp_path) as copy, pytest.raises(ConfigError, match=says) as caught:
        check_backup(copy, path, known_steps())
    assert str(path) in str(caught.value)


async def test_a_full_disk_leaves_no_half_copy(path: Path, tmp_path: Path) -> None:
    """The sentence is about the disk of the copy."""
    await made(path)
    with full_disk(), pytest.raises(StorageFailed, match="the disk is full"):
        back_up(path, tmp_path / "copy.db", replace=False)
    assert [file.name for file in tmp_path.iterdir() if not file.name.startswith("bot.db")] == []
