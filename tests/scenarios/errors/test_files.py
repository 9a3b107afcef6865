"""What can be wrong with recordings, lists, subscription files and the database. Each is named, with the remedy."""

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.sandbox.kickscale import EmbeddedKickscale
from tests.databases import ON_FILE
from tests.scenarios.cli.processes import process, run, services
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import environment_of, kickscale_settings

NAME = "2026-11-20 14.30 Pricing.wav"
TOO_LARGE = "is larger than the 48 kB limit. Try a shorter clip, or audio only."
Prepare = Callable[[Path], object]


def text(name: str, content: str | bytes) -> Prepare:
    return lambda folder: (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def loop(folder: Path) -> None:
    (folder / "a.wav").symlink_to("b.wav")
    (folder / "b.wav").symlink_to("a.wav")


RECORDINGS: Mapping[str, tuple[Prepare, tuple[str, ...], str]] = {
    "empty": (text("a.wav", ""), ("a.wav",), "a.wav: a.wav is empty."),
    "not audio": (text("a.wav", "hello"), ("a.wav",), "a.wav isn't an audio or video file."),
    "missing": (lambda _: None, ("none.wav",), "Path 'none.wav' does not exist."),
    "a circle of links": (loop, ("a.wav",), "Path 'a.wav' does not exist."),
    "a pipe": (lambda folder: os.mkfifo(folder / "a.wav"), ("a.wav",), "a.wav can't be read (not a regular file)"),
    "too large": (text(NAME, wav(3)), (NAME,), TOO_LARGE),
    "no date": (text("a.wav", wav(3)), ("a.wav",), "date: neither the name nor the file's tags give the day and time."),
    "a date in the future": (text("a.wav", wav(3)), ("a.wav", "--field", "date=2999-01-01"), "is in the future or"),
    "no date at all": (
        text("a.wav", wav(3)),
        ("a.wav", "--field", "date=soon"),
        "date: Enter a date, e.g. 2026-11-20.",
    ),
    "an unknown field": (text(NAME, wav(3)), (NAME, "--field", "x=y"), "--field: x isn't one of the possible details"),
    "a field of the bot's": (
        text(NAME, wav(3)),
        (NAME, "--field", "externalCallId=1"),
        "is set by the bot, so leave it",
    ),
    "a field without a value": (text(NAME, wav(3)), (NAME, "--field", "name"), "--field name: must be NAME=VALUE."),
    "an empty folder": (lambda folder: (folder / "new").mkdir(), ("new",), "Nothing to upload."),
    "a list without files": (text("l.csv", "name,date\nx,y\n"), ("l.csv",), "the first line needs a column named file"),
    "an empty list": (text("l.csv", ""), ("l.csv",), "l.csv: the first line needs a column named file"),
    "only a heading": (text("l.csv", "file,date\n"), ("l.csv",), "l.csv: the list doesn't contain any recordings"),
    "an unknown column": (text("l.csv", "file,colour\na,b\n"), ("l.csv",), "colour isn't one of the possible details"),
    "Latin-1": (text("l.csv", b"file,name\na.wav,M\xfcller\n"), ("l.csv",), "isn't UTF-8 text. In your spreadsheet"),
    "UTF-16": (
        text("l.csv", "file,name\n".encode("utf-16")),
        ("l.csv",),
        "l.csv: isn't UTF-8 text. In your spreadsheet",
    ),
    "too many values": (text("l.csv", "file,name\na,b,c\n"), ("l.csv",), "l.csv, line 2: more values than columns"),
    "an open quotation": (
        text("l.csv", 'file,name\n"a.wav,b\n'),
        ("l.csv",),
        "unexpected end of data. Check the quotation marks",
    ),
    "a file that isn't there": (text("l.csv", "file\nnone.wav\n"), ("l.csv",), "l.csv, line 2: "),
    "no path": (
        text("l.csv", "file,name\n,b\n"),
        ("l.csv",),
        "the column file is empty. Enter the path of the recording",
    ),
}


@pytest.mark.parametrize(("prepare", "arguments", "sentence"), RECORDINGS.values(), ids=RECORDINGS)
async def test_a_recording_or_list_that_cannot_be_used_is_named(
    tmp_path: Path, prepare: Prepare, arguments: tuple[str, ...], sentence: str
) -> None:
    """Before anything is sent."""
    prepare(tmp_path)
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        settings = {
            **environment_of(kickscale_settings(kickscale)),
            "KICKSCALE_MAX_UPLOAD": str(len(wav(3)) - (sentence == TOO_LARGE)),
        }
        code, out, err = await run(tmp_path, "upload", *arguments, "--agreed", "Lea", **settings)
        assert code in {1, 2}
        assert sentence in err + out
        assert "Traceback" not in err
        assert not kickscale.uploads


FILES: Mapping[str, tuple[str | bytes, str]] = {
    "not UTF-8": (b"digests:\n- channel: \xff\n", "isn't UTF-8 text. Nothing was changed."),
    "not YAML": ("digests: [", "Line 1: not valid YAML"),
    "a star without quotes": ("digests:\n- domains: *\n", "Domains with * need quotes."),
    "empty": ("", "The file must have a single key, `digests`, with a list of subscriptions."),
    "a list": ("- channel: C1\n", "The file must have a single key, `digests`, with a list of subscriptions."),
    "a word for an entry": ("digests:\n- acme.com\n", "Line 2: an entry must consist of keys and values."),
    "a channel's name": ("digests:\n- channel: '#sales'\n", "Line 2: “#sales” isn't a channel ID like C0123456789."),
    "a customer's name": ("digests:\n- domains: [Acme GmbH]\n", "“Acme GmbH” isn't a customer's domain like acme.com."),
    "a time": ("digests:\n- at: noonish\n", "“noonish” isn't a time like 8:30."),
    "a time zone": ("digests:\n- timezone: CEST\n", "“CEST” isn't a time zone"),
    "a day": ("digests:\n- days: someday\n", "“someday” isn't a day like monday, mon-fri, weekdays or daily."),
    "a person": ("digests:\n- created_by: lea\n", "“lea” isn't the Slack user ID of the person to tell"),
    "a key": ("digests:\n- colour: red\n", "“colour” isn't one of the keys: id, channel, domains"),
    "a language": ("digests:\n- language: fr\n", "“fr” isn't one of en, de."),
    "a live time": ("digests:\n- live: true\n  at: 8:30\n", "a live subscription can't have `at`."),
}


@pytest.mark.parametrize(("content", "sentence"), FILES.values(), ids=FILES)
async def test_a_subscription_file_is_refused_as_a_whole(tmp_path: Path, content: str | bytes, sentence: str) -> None:
    """With the line, and nothing is changed: there isn't even a database."""
    (tmp_path / "digests.yaml").write_bytes(content.encode() if isinstance(content, str) else content)
    code, out, err = await run(tmp_path, "digest", "import", "digests.yaml")
    assert (code, out) == (1, "")
    assert sentence in err
    assert "Nothing was changed." in err
    assert [path.name for path in tmp_path.iterdir()] == ["digests.yaml"]


# ---- the database --------------------------------------------------------------------------------------------------


def newer(folder: Path) -> None:
    """Make one that a newer version has used."""
    with closing(sqlite3.connect(folder / "bot.db")) as database:
        database.execute("create table _sqlite_migrations (migration_set, name, applied_at)")
        database.execute("insert into _sqlite_migrations values ('kickscale-bot', 'teleport', '')")
        database.commit()


def damaged(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "bot.db")) as database:
        database.execute("create table sample (content)")
        database.execute("insert into sample values (?)", ["x" * 100_000])
        database.commit()
    with (folder / "bot.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)


DATABASES: Mapping[str, tuple[Prepare, str]] = {
    "none": (
        lambda _: None,
        "bot.db, but there is no database there. Set it to the one that the bot uses; the bot's first start makes it.",
    ),
    "empty": (text("bot.db", ""), "bot.db, but there is no database there."),
    "a folder": (lambda folder: (folder / "bot.db").mkdir(), "bot.db, which isn't a file. Set it to a file."),
    "something else": (text("bot.db", "hello " * 1000), "which isn't an SQLite database. Use another file."),
    "of a newer version": (newer, "which a newer version of the bot has used. Run that version, or use another file."),
    "a circle of links": (
        lambda folder: (folder / "bot.db").symlink_to("bot.db"),
        "bot.db, a link that leads nowhere. Set it to a file.",
    ),
}


@ON_FILE
@pytest.mark.parametrize(("prepare", "sentence"), DATABASES.values(), ids=DATABASES)
async def test_a_database_that_cannot_be_used_is_named(tmp_path: Path, prepare: Prepare, sentence: str) -> None:
    """In one line."""
    prepare(tmp_path)
    code, out, err = await run(tmp_path, "audit", "verify", DATABASE_PATH="bot.db")
    assert (code, out) == (1, "")
    assert err.startswith("Error: DATABASE_PATH is")
    assert sentence in err
    assert err.count("\n") == 1


@ON_FILE
async def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    """Whether the bot notices it at its start or the doctor looks for it."""
    damaged(tmp_path)
    async with services() as (_, _, environment):
        _, out, err = await run(tmp_path, "doctor", **environment, DATABASE_PATH="bot.db")
    assert "the database is damaged: stop the bot, and restore" in out
    assert err == ""


@ON_FILE
async def test_a_locked_database_is_named(tmp_path: Path) -> None:
    """After waiting, since a lock usually ends soon."""
    async with process(tmp_path, "upload", "x", KICKSCALE_API_KEY="key-1", KICKSCALE_CLIENT_ID="1") as other:
        await other.communicate()
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as database:
        database.execute("create table sample (content)")
        database.execute("begin exclusive")
        code, _, err = await run(tmp_path, "audit", "verify", DATABASE_PATH="bot.db")
    assert code == 1
    assert "bot.db, which another process has locked for 10 seconds. Stop that process." in err


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if mount("-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)):
        pytest.skip("only root may mount a disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607


def mount(*arguments: str) -> int:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode  # noqa: S603, S607


@ON_FILE
async def test_a_full_disk_is_named(disk: Path) -> None:
    """With the path, so that people know which disk it is."""
    (disk / "digests.yaml").write_text("digests: []\n")
    code, out, err = await run(disk, "digest", "import", "digests.yaml")
    assert (code, out) == (1, "")
    assert "the disk is full: free up space where" in err
    assert "Traceback" not in err


@ON_FILE
async def test_a_read_only_disk_is_named(disk: Path) -> None:
    """Whether there is a database on it or not."""
    (disk / "digests.yaml").write_text("digests: []\n")
    assert mount("-o", "remount,ro", str(disk)) == 0
    code, out, err = await run(disk, "digest", "import", "digests.yaml")
    assert (code, out) == (1, "")
    assert "which can't be created (Read-only file system). Use another file." in err
