"""`kickscale-bot audit`, with a bot running and without."""

import asyncio
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from bot.access.audit import Audit
from bot.cli.main import main
from bot.cli.setup import load_settings
from bot.model.audit import AuditKind
from tests.clock import MONDAY_MORNING, ManualClock
from tests.databases import ON_FILE, database_environment, on_postgres, open_database_in, run_sql
from tests.scenarios.cli.processes import process, ready, run, services, stop
from tests.world import ROBIN, SALES

Command = Callable[..., Result]
FILE = "kickscale-bot.db"
CHARACTER = "chr" if on_postgres() else "char"
"""The function that returns the character with a number."""
DOUBLE = """
    insert into audit select kind, 2, at, by, channel, what, conversations, count, hash from audit
    where kind = 'refused'
"""
CUT = """
    update audit_heads set cut_number = number, cut_hash = hash where kind = 'asked';
    delete from audit where kind = 'asked'
"""

pytestmark = pytest.mark.usefixtures("logging_as_it_was")


async def test_the_heads_in_a_bots_log_are_verified(tmp_path: Path) -> None:
    """`verify` reads them from the log, and each hash can be computed from what `export` prints."""
    async with services() as (slack, _, environment):
        async with process(tmp_path, "run", **environment, LOG_FORMAT="json") as bot:
            await ready(bot)
            await slack.command(ROBIN, SALES, "/kickscale uploads on")
            await slack.wait_for(lambda: slack.ephemerals(SALES, ROBIN))
            await slack.command(ROBIN, SALES, "/kickscale digest add acme.com")
            await slack.wait_for(lambda: len(slack.ephemerals(SALES, ROBIN)) > 1)
            log = await stop(bot)
        user, channel = slack.user(ROBIN).id, slack.state.channel(SALES).id
    (tmp_path / "bot.log").write_text(log)
    code, out, err = await run(tmp_path, "audit", "verify", "--log", "bot.log")
    assert (code, err) == (0, "")
    assert "changed: rows 1 to 2, head changed:2:" in out
    code, out, err = await run(tmp_path, "audit", "export", "--kind", "changed")
    assert (code, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(row["what"], row["by"], row["channel"]) for row in rows] == [
        ("uploads on", user, channel),
        ("digest add d1", user, channel),
    ]
    before = ""
    for line, row in zip(out.splitlines(), rows, strict=True):
        content = line.replace(f',"hash":"{row["hash"]}"', "")
        assert row["hash"] == hashlib.sha256((before + content).encode()).hexdigest()
        before = row["hash"]
    assert f"changed:2:{before}" in log


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`kickscale-bot audit …` on a log of four questions on four days, of which two were cut."""

    async def fill() -> None:
        database = await open_database_in(tmp_path, FILE)
        clock = ManualClock()
        audit = Audit(database.audit, clock)
        for name in ("U0", "U1", "U2", "U3"):
            await audit.note(AuditKind.ASKED, "calls", by=name, conversations=["m1"])
            await clock.advance(86_400)
        await audit.note(AuditKind.REFUSED, "guest", by="U4")
        await audit.cut({AuditKind.ASKED: timedelta(days=2)})
        await database.close()

    asyncio.run(fill())
    monkeypatch.chdir(tmp_path)
    for name, value in database_environment(tmp_path).items():
        monkeypatch.setenv(name, value)

    def command(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["audit", *arguments], obj=ManualClock(MONDAY_MORNING + timedelta(days=4)))

    return command


def damage(*statements: str) -> None:
    if on_postgres():
        with psycopg.connect(os.environ["DATABASE_URL"]) as postgres:
            postgres.execute("set session_replication_role = replica")  # no trigger stops it
            for statement in statements:
                postgres.execute(statement)
        return
    with closing(sqlite3.connect(FILE)) as connection, connection:
        for name in ("audit_is_written_once", "audit_is_cut_at_its_beginning"):
            connection.execute(f"drop trigger if exists {name}")
        for statement in statements:
            connection.execute(statement)


def heads() -> dict[str, str]:
    rows = run_sql(load_settings(), "select kind, number, hash from audit_heads where number > 0")
    return {kind: f"{kind}:{number}:{hash_}" for kind, number, hash_ in rows}


def test_verify_counts_what_is_well(command: Command) -> None:
    """A line for every kind, with its head."""
    asked, refused = heads()["asked"], heads()["refused"]
    whole = command("verify")
    assert whole.exit_code == 0
    assert whole.output == (
        f"asked: rows 3 to 4, head {asked}\nrefused: rows 1 to 1, head {refused}\n"
        f"erased: rows 1 to 1, head {heads()['erased']}\n"
        "4 rows verified.\n"
    )


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update audit set by = 'U9' where by = 'U2'", "asked 3: changed"),
        ("delete from audit where by = 'U3'", "asked 4: missing"),
        ("delete from audit where kind = 'asked'", "asked 3 to 4: missing"),
        (CUT, "asked 4: older rows removed without a record of it"),
        (DOUBLE, "refused 2: added, not written by the bot"),
        ("delete from audit_heads where kind = 'held'", "held 0: the head of this kind was changed"),
    ],
)
def test_verify_names_what_was_done_to_the_audit(command: Command, statement: str, said: str) -> None:
    """A line with kind and number for every flaw, and exit code 1."""
    damage(*statement.split(";"))
    result = command("verify")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"{said}\n")


@ON_FILE
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update audit set {} = cast(x'ff00fe' as text) where by = 'U2'", "asked 3: changed"),
        ("update audit set {} = cast(x'ff00fe' as text) where kind = 'refused'", "refused 1: changed"),
    ],
)
@pytest.mark.parametrize("column", ["at", "by", "channel", "what", "conversations", "hash"])
def test_verify_names_bytes_that_are_not_text(command: Command, statement: str, said: str, column: str) -> None:
    """Neither the check nor the export stops there. PostgreSQL stores no such bytes."""
    damage(statement.format(column))
    result = command("verify")
    assert (result.exit_code, said in result.stderr) == (1, True)
    assert len(command("export").output.splitlines()) == 4
    assert "\\udcff\\u0000\\udcfe" in command("export").output


def test_control_characters_in_a_kind_are_escaped(command: Command) -> None:
    """In a row, in a head, and in bytes that aren't UTF-8, which PostgreSQL doesn't store."""
    damage(
        f"""
            insert into audit select kind || {CHARACTER}(27) || '[2J' || {CHARACTER}(13), 1, at, by, channel, what,
            conversations, count, hash from audit order by kind limit 1
        """,  # noqa: S608 no text from outside
        f"insert into audit_heads values ('asked' || {CHARACTER}(27) || '[1m', 0, '', 0, '')",  # noqa: S608 likewise
    )
    if not on_postgres():
        damage("insert into audit_heads values (cast(x'ff' as text), 0, '', 0, '')")
    result = command("verify")
    assert (result.exit_code, result.stdout) == (1, "")
    said = result.stderr.splitlines()
    assert "asked\\x1b[2J\\r 1: added, not written by the bot" in said
    assert on_postgres() or "\\udcff 0: the head of this kind was changed" in said
    assert result.stderr.replace("\n", "").isprintable()


def test_verify_checks_the_heads_in_the_log(command: Command, tmp_path: Path) -> None:
    """A chain that was shortened together with its head is consistent, but the log's head isn't in it."""
    asked, refused = heads()["asked"], heads()["refused"]
    log = tmp_path / "bot.log"
    log.write_bytes(b"\xff\xfe\naudit heads asked:1:" + b"0" * 64 + f"\naudit heads {asked} {refused}\n".encode())
    whole = command("verify", "--log", "bot.log")
    assert whole.exit_code == 0
    assert "Skipped 1 head from the log, since those rows have expired." in whole.output
    damage(
        "delete from audit where by = 'U3'",
        "update audit_heads set number = 3, hash = (select hash from audit where kind = 'asked') where kind = 'asked'",
    )
    assert command("verify").exit_code == 0
    for result in (command("verify", "--head", asked), command("verify", "--log", "bot.log")):
        assert (result.exit_code, result.stderr) == (1, "asked 4: differs from the log\n")


def test_verify_names_rows_that_were_removed_too_early(command: Command, tmp_path: Path) -> None:
    """Even if a row records the cut. A row that was old enough on its day may be gone."""
    asked = heads()["asked"]
    damage(*CUT.split(";"))

    async def note_cut() -> None:
        database = await open_database_in(tmp_path, FILE)
        await Audit(database.audit, ManualClock()).note(AuditKind.ERASED, "cut asked 4")
        await database.close()

    asyncio.run(note_cut())
    assert command("verify").exit_code == 0
    assert command("verify", "--head", f"{asked}:2001-01-01").exit_code == 0
    young = command("verify", "--head", f"{asked}:9998-12-31")
    assert (young.exit_code, young.stderr) == (1, "asked 4: removed before it expired\n")


def test_wrong_arguments_are_named(command: Command, tmp_path: Path) -> None:
    """A log without heads, a malformed head, an unknown kind."""
    (tmp_path / "other.log").write_text("asked:1:00\n")
    for arguments, said in (
        (["verify", "--log", "other.log"], "Nothing was checked: the log has no line with `audit heads`"),
        (["verify", "--head", "asked:1:00"], "asked:1:00 isn't an audit head from the log"),
        (["export", "--kind", "nosuch"], "nosuch isn't one of asked, used,"),
        (["export", "--since", "someday"], "someday"),
        (["export", "--since", "11/01/2026"], "Use 2026-11-01 or 2026-01-11"),
    ):
        result = command(*arguments)
        assert result.exit_code != 0
        assert said in result.stderr


@ON_FILE
def test_no_database_is_created_to_be_checked(command: Command) -> None:
    """A path with a slip in it must not look like an audit without flaws."""
    Path(FILE).unlink()
    for name in ("verify", "export"):
        result = command(name)
        assert (result.exit_code, "DATABASE_PATH" in result.stderr) == (1, True)
    assert not Path(FILE).exists()


def test_an_export_can_be_narrowed(command: Command) -> None:
    """By kind and by day. Rows that somebody changed are exported as they are."""
    others = [("erased", 1), ("refused", 1)]
    exported = [json.loads(line) for line in command("export").output.splitlines()]
    assert [(row["kind"], row["number"]) for row in exported] == [("asked", 3), ("asked", 4), *others]
    assert [json.loads(line)["by"] for line in command("export", "--kind", "asked").output.splitlines()] == ["U2", "U3"]
    since = command("export", "--since", "2026-11-26").output
    for typed in ("26. Nov. 2026", "26.11.", "thursday", "yesterday", "gestern"):
        assert command("export", "--since", typed).output == since
    assert "isn't a day that has begun" in command("export", "--since", "28.11.2026").stderr
    assert [json.loads(line)["by"] for line in since.splitlines()] == ["U3", "", "U4"]
    damage("update audit set conversations = '[', at = 'never' where by = 'U3'")
    (row,) = (json.loads(line) for line in command("export").output.splitlines() if "never" in line)
    assert row["conversations"] == "["
