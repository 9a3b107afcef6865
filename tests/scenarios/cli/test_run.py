"""`kickscale-bot run`, and what else needs the bot's settings: in a separate process."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from bot import __version__
from bot.config.settings import Settings
from bot.sandbox.slack import EmbeddedSlack, Message
from bot.tools.database_urls import describe_database
from tests.databases import ON_FILE, new_database_environment, on_postgres, run_sql
from tests.postgres import SHARED
from tests.scenarios.cli.processes import PATIENCE, answered, process, ready, run, services, stop
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import ROBIN, SALES, is_announcement


async def test_nothing_that_is_printed_steers_the_terminal(tmp_path: Path) -> None:
    """Names of files, the content of lists and subscription files, what Slack says, and what is typed."""
    async with services() as (slack, _, environment):
        slack.state.team_name = "Evil\x1b]0;x\x07\x9b31m"
        (tmp_path / "r").mkdir()
        (tmp_path / "r" / "2026-11-20 10.00 ev\x1b]0;x\x07il.wav").write_bytes(wav(3))
        (tmp_path / "r" / "no\x1b[2J\x9btes.txt").write_text("x")
        os.link(tmp_path / "r" / "no\x1b[2J\x9btes.txt", os.fsencode(tmp_path) + b"/r/\xff.txt")
        (tmp_path / "list.csv").write_text("file,na\x1b[2Jme\nx.wav,y\n")
        (tmp_path / "subs.yaml").write_text('digests:\n- channel: "C\\e[31mX"\n  domains: ["\\e]0;x\\a"]\n')
        for arguments, part in (
            (("upload", "r", "--dry-run"), "1 recording to upload."),
            (("upload", "list.csv", "--dry-run"), "na\\x1b[2Jme"),
            (("upload", "none\x1b[2J.wav", "--dry-run"), "none\\x1b[2J.wav"),
            (("digest", "import", "subs.yaml"), "Nothing was changed."),
            (("doctor",), "Evil"),
        ):
            _, out, err = await run(tmp_path, *arguments, **environment)
            assert part in out + err
            assert not {"\x1b", "\x07", "\x9b"} & set(out + err), arguments


def is_answered(slack: EmbeddedSlack, words: str) -> bool:
    """On a busy machine, it first says that this takes a moment."""
    return any(words in slack.text(answer, ROBIN) for answer in slack.ephemerals(SALES, ROBIN))


async def test_the_bot_runs_in_socket_mode_and_stops_on_sigterm(tmp_path: Path) -> None:
    """Ready in one line, an answer, a clean end; the settings come from .env, and no secret is logged."""
    async with services() as (slack, _, environment):
        database = describe_database(SHARED.of(tmp_path)) if on_postgres() else tmp_path.resolve() / "kickscale-bot.db"
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in environment.items()))
        async with process(tmp_path, "run", LOG_LEVEL="DEBUG") as started:
            assert "Socket Mode" in await ready(started)
            await slack.command(ROBIN, SALES, "/kickscale calls acme.com last-week")
            await slack.wait_for(lambda: is_answered(slack, "with acme.com"))
            log = await stop(started)
        for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "KICKSCALE_API_KEY", "KICKSCALE_CLIENT_ID"):
            assert environment[name] not in log
        for line in (
            f"kickscale-bot {__version__}",
            f"Slack: the workspace {slack.state.team_name}, over Socket Mode",
            f"Kickscale: {environment['KICKSCALE_BASE_URL']} (API configuration: default, until",
            f"database: {database}",
        ):
            assert line in log
        assert on_postgres() or (tmp_path / "kickscale-bot.db").stat().st_mode & 0o077 == 0


async def test_the_bot_runs_over_http_and_stops_on_sigint(tmp_path: Path) -> None:
    """The ready line names the address; health, readiness and metrics are there."""
    async with services() as (slack, _, environment):
        del environment["SLACK_APP_TOKEN"]
        signing = {"SLACK_SIGNING_SECRET": slack.signing_secret, "PORT": "0"}
        async with process(tmp_path, "run", **environment, **signing) as started:
            address = (await ready(started)).split()[-1]
            slack.request_url = f"{address}/slack/events"
            assert await slack.verify_url()
            await slack.command(ROBIN, SALES, "/kickscale calls acme.com last-week")
            await slack.wait_for(lambda: is_answered(slack, "with acme.com"))
            async with aiohttp.ClientSession() as session:
                for path, text in (("healthz", "ok"), ("readyz", "slack"), ("metrics", "kickscale_bot_commands_total")):
                    async with session.get(f"{address}/{path}") as response:
                        assert response.status == 200
                        assert text in await response.text()
            await stop(started, signal.SIGINT)


async def test_socket_mode_serves_http_too_when_a_port_is_set(tmp_path: Path) -> None:
    """For health checks; Slack's own requests need a signing secret."""
    async with services() as (_, _, environment), process(tmp_path, "run", **environment, PORT="0") as started:
        line = await ready(started)
        assert "Socket Mode" in line
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{line.split()[-1]}/readyz") as response:
                assert await response.json() == {"ready": True, "checks": {"slack": True, "database": True}}
            async with session.post(f"{line.split()[-1]}/slack/events", data=b"") as response:
                assert response.status == 404
        await stop(started)


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong-secret"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-wrong-secret"}, "SLACK_APP_TOKEN"),
        ({"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN"),
        ({"KICKSCALE_API_KEY": ""}, "KICKSCALE_API_KEY"),
        ({"KICKSCALE_BASE_URL": "ftp://example.com"}, "KICKSCALE_BASE_URL"),
        ({"DEFAULT_TIMEZONE": "Europe/Nowhere"}, "DEFAULT_TIMEZONE"),
        ({"DATABASE_PATH": "no/such/folder/bot.db"}, "DATABASE_PATH"),
        ({"PORT": "http"}, "PORT"),
    ],
)
async def test_a_bad_setting_stops_the_start_with_one_line(
    tmp_path: Path, changes: Mapping[str, str], variable: str
) -> None:
    """It names the variable and the remedy, and never a secret; no traceback."""
    async with services() as (_, _, environment):
        code, out, err = await run(tmp_path, "run", **{**environment, **changes}, LOG_LEVEL="ERROR")
    assert code == 1
    assert out == ""
    assert len(err.splitlines()) == 1, err
    assert variable in err
    assert "wrong-secret" not in err


async def test_a_wrong_key_causes_a_warning_at_the_start(tmp_path: Path) -> None:
    """With the remedy, and the bot runs on; it also logs that it created a database, and no other warning.

    Except for the one about a disk that doesn't last, which tests may run on.
    """
    async with services() as (slack, _, environment):
        wrong = {**environment, **new_database_environment(), "KICKSCALE_API_KEY": "wrong-secret"}
        name = describe_database(wrong["DATABASE_URL"]) if on_postgres() else tmp_path.resolve() / "kickscale-bot.db"
        async with process(tmp_path, "run", **wrong, LOG_FORMAT="json") as started:
            await ready(started)
            assert started.stderr is not None
            lines: list[str] = []
            while not lines or "KICKSCALE_API_KEY" not in lines[-1]:
                lines.append((await asyncio.wait_for(started.stderr.readline(), PATIENCE)).decode())
            await slack.command(ROBIN, SALES, "/kickscale help")
            await slack.wait_for(lambda: is_answered(slack, "calls"))
            lines += (await stop(started)).splitlines()
    entries = [json.loads(line) for line in lines]
    warnings = [entry["event"] for entry in entries if entry["level"] != "info"]
    (warning,) = (warning for warning in warnings if not warning.startswith("the database is in"))
    assert "Create a new key" in warning
    assert f"created the database {name}" in [entry["event"] for entry in entries]
    assert "wrong-secret" not in "".join(lines)


@pytest.mark.parametrize(
    "arguments",
    [
        ("digest", "--dry-run"),
        ("digest", "--run", "d1"),
        ("digest", "export"),
        ("erase", "--domain", "acme.com", "--yes"),
        ("erase", "--domain", "acme.com", "--dry-run"),
        ("audit", "verify"),
        ("audit", "export"),
    ],
)
async def test_what_acts_on_existing_data_creates_no_database(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """It names the path it looked at, in one line: a slip in DATABASE_PATH must not look like an erasure."""
    (tmp_path / "empty.db").touch()
    async with services() as (_, _, environment):
        for name in ("other.db", "empty.db"):
            code, out, err = await run(tmp_path, *arguments, **environment, DATABASE_PATH=name)
            assert (code, out) == (1, ""), err
            path = tmp_path.resolve() / name
            asked = "Set it to the one that the bot uses; the bot's first start makes it."
            assert err == f"Error: DATABASE_PATH is {path}, but there is no database there. {asked}\n"
    assert [(path.name, path.stat().st_size) for path in tmp_path.iterdir()] == [("empty.db", 0)]


@ON_FILE
async def test_a_disk_that_does_not_last_is_named_at_the_start_and_by_the_doctor(tmp_path: Path) -> None:
    """The bot runs all the same, and the doctor doesn't fail: somebody may only be trying it."""
    async with services() as (_, _, environment):
        environment |= {"DYNO": "web.1"}
        async with process(tmp_path, "run", **environment) as started:
            await ready(started)
            log = await stop(started)
        code, out, _ = await run(tmp_path, "doctor", "--json", **environment)
    assert "Heroku deletes all files at every restart" in log
    (disk,) = (check for check in json.loads(out)["checks"] if check["name"] == "disk")
    assert (code, "Heroku" in disk["detail"], disk["remedy"] != "") == (0, True, True)


async def test_work_that_cannot_begin_ends_the_bot_with_a_sentence(tmp_path: Path) -> None:
    """It was ready already, and a traceback would not say what to do."""
    async with services() as (_, _, environment):
        environment.update(new_database_environment())
        async with process(tmp_path, "run", **environment) as started:
            await ready(started)
            await stop(started)
        run_sql(
            Settings.explicit(
                database_url=environment.get("DATABASE_URL", ""), database_path=str(tmp_path / "kickscale-bot.db")
            ),
            "drop table uploads",
        )
        async with process(tmp_path, "run", **environment) as started:
            await ready(started)
            _, err = await asyncio.wait_for(started.communicate(), PATIENCE)
    assert started.returncode == 1
    assert "can't begin its work" in err.decode()
    assert ('relation "uploads" does not exist' if on_postgres() else "no such table: uploads") in err.decode()
    assert "Traceback" not in err.decode()


async def test_the_manifest_is_printed_for_either_mode(tmp_path: Path) -> None:
    """The file in the repository is the one for Socket Mode."""
    committed = (Path(__file__).parents[3] / "manifest.yml").read_text()
    assert await run(tmp_path, "manifest") == (0, committed, "")
    assert await run(tmp_path, "manifest", "--socket") == (0, committed, "")
    _, out, _ = await run(tmp_path, "manifest", "--url", "https://bot.example.com")
    assert "https://bot.example.com/slack/events" in out
    code, _, err = await run(tmp_path, "manifest", "--url", "bot.example.com")
    assert code != 0
    assert "Traceback" not in err


async def test_digests_are_shown_and_posted_by_the_ledger(tmp_path: Path) -> None:
    """A dry run prints what would be posted, and posts nothing; `--run` posts it, and a second time does not."""
    async with services() as (slack, kickscale, environment):

        def digests() -> list[Message]:
            return [message for message in slack.posts(SALES) if not is_announcement(message)]

        async with process(tmp_path, "run", **environment) as bot:
            await ready(bot)
            for line in ("add acme.com", "add example.org live", "add example.org", "pause d3"):
                await answered(slack, f"/kickscale digest {line}")
        assert kickscale.requests
        code, out, _ = await run(tmp_path, "digest", "--dry-run", **environment)
        assert (code, "--- d1 to C" in out, "1 digest previewed, nothing posted." in out) == (0, True, True)
        assert digests() == []
        code, out, _ = await run(tmp_path, "digest", "--run", "d1", **environment)
        assert (code, out) == (0, f"d1: {'posted' if digests() else 'nothing to post'}\n")
        again = "already posted today" if digests() else "nothing to post"
        code, out, _ = await run(tmp_path, "digest", "--run", "d1", **environment)
        assert (code, out) == (0, f"d1: {again}\n")
        for id_, why in (("d9", "There is no digest d9"), ("d2", "d2 is a live subscription"), ("d3", "d3 is paused")):
            code, _, err = await run(tmp_path, "digest", "--run", id_, **environment)
            assert (code, why in err, "in this channel" in err) == (1, True, False), err
