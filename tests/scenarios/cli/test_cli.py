"""The command line, in a separate process."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot import __version__
from bot.clock import SystemClock
from bot.config.settings import SETUP, Settings
from bot.sandbox.kickscale import EmbeddedKickscale, UploadForm
from bot.sandbox.slack import EmbeddedSlack, Message
from bot.tools.database_urls import describe_database
from tests import forks
from tests.databases import ON_FILE, database_environment, new_database_environment, on_postgres, run_sql
from tests.postgres import SHARED
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import ROBIN, SALES, call, environment_of, is_announcement, service_settings

PATIENCE = 30.0
"""Real seconds for a process to start or to stop on a busy machine."""
WHOLE = 3 * PATIENCE
"""Real seconds for a whole run, which may wait for something."""


@asynccontextmanager
async def process(folder: Path, *arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start `python -m bot …` in `folder`, with only this environment and the database of tests in this folder."""
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=folder,
        env=_environment(folder, environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.communicate()


def _environment(folder: Path, ours: dict[str, str]) -> dict[str, str]:
    names_database = bool({"DATABASE_PATH", "DATABASE_URL"} & ours.keys())
    database = {} if names_database else database_environment(folder)
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[3]), **database, **ours}


async def run(folder: Path, *arguments: str, typed: str = "", **environment: str) -> tuple[int, str, str]:
    """Run it to its end, and return exit code, stdout and stderr. `typed` is what it reads from stdin."""
    return await forks.run(folder, arguments, _environment(folder, environment), WHOLE, typed)


@asynccontextmanager
async def services() -> AsyncIterator[tuple[EmbeddedSlack, EmbeddedKickscale, dict[str, str]]]:
    """Start an embedded Slack and Kickscale, with the environment of a bot in Socket Mode between them."""
    clock = SystemClock()
    async with EmbeddedKickscale(clock) as kickscale, EmbeddedSlack() as slack:
        yield slack, kickscale, environment_of(service_settings(slack, kickscale))


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


async def ready(started: asyncio.subprocess.Process) -> str:
    assert started.stdout is not None
    line = (await asyncio.wait_for(started.stdout.readline(), PATIENCE)).decode()
    assert line.startswith("ready"), line or (await started.communicate())[1].decode()
    return line


async def answered(slack: EmbeddedSlack, line: str) -> None:
    """Type a command, and wait for its answer."""
    before = len(slack.ephemerals(SALES, ROBIN))
    await slack.command(ROBIN, SALES, line)
    await slack.wait_for(lambda: len(slack.ephemerals(SALES, ROBIN)) > before)


async def stop(started: asyncio.subprocess.Process, number: int = signal.SIGTERM) -> str:
    """Stop it cleanly, and return what it wrote to stderr."""
    started.send_signal(number)
    out, err = await asyncio.wait_for(started.communicate(), PATIENCE)
    assert started.returncode == 0, err.decode()
    assert out == b""
    assert b"Traceback" not in err
    return err.decode()


async def test_the_sandbox_answers_and_exits(tmp_path: Path) -> None:
    """Without any setting, and whatever settings, proxies, certificates and time zone the environment names."""
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=nonsense\nPORT=nonsense\n")
    code, out, err = await run(
        tmp_path,
        "sandbox",
        *("--say", "/kickscale calls acme.com last-week"),
        KICKSCALE_BASE_URL="nonsense",
        HTTP_PROXY="http://127.0.0.1:9",
        HTTPS_PROXY="http://127.0.0.1:9",
        ALL_PROXY="socks5://127.0.0.1:9",
        TZ="America/New York",
        SSL_CERT_FILE="/nowhere/cacert.pem",
        SSLKEYLOGFILE="/nowhere/keys",
    )
    assert code == 0, err
    assert err == "SSLKEYLOGFILE is ignored: /nowhere/keys can't be written (No such file or directory).\n"
    assert "calls with acme.com" in out
    assert "[Details]" in out
    assert [path.name for path in tmp_path.iterdir()] == [".env"], "nothing is left behind"


async def test_the_sandbox_can_be_german(tmp_path: Path) -> None:
    """Then the answers are, and so is the company whose conversations there are."""
    code, out, _ = await run(tmp_path, "sandbox", "--lang", "de", "--say", "/kickscale calls acme.com last-week")
    assert code == 0
    assert "Anrufe mit acme.com" in out
    assert "[Im Channel teilen]" in out
    assert "Acme GmbH" in out


@pytest.mark.parametrize(
    ("says", "code"),
    [
        (("/kickscale calls nosuch.example.org", "/kickscale help"), 0),
        (("/kickscale cals",), 1),
        (("/kickscale call nosuch",), 1),
        (("/nosuch",), 1),
        (("cals",), 1),
    ],
)
async def test_the_exit_code_of_the_sandbox_shows_errors(tmp_path: Path, says: Sequence[str], code: int) -> None:
    """Nothing found is an answer; what is not understood is an error, in a sentence."""
    found, out, err = await run(tmp_path, "sandbox", *(f"--say={line}" for line in says))
    assert (found, err) == (code, "")
    assert "Traceback" not in out


async def test_one_error_among_several_answers_counts(tmp_path: Path) -> None:
    """--say is repeatable, and every answer is printed, with an empty line between two of them."""
    code, out, _ = await run(tmp_path, "sandbox", "--say", "/kickscale cals", "--say", "/kickscale status")
    assert code == 1
    first, second = out.split("\n\n> ")
    assert first.startswith("> /kickscale cals\n")
    assert second.startswith("/kickscale status\n")
    assert second.splitlines()[-1].startswith("✅ Everything's working"), "nothing follows the last answer"


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


async def test_the_doctor_finds_everything_well(tmp_path: Path) -> None:
    """One line a check, exit code 0, and nothing is changed."""
    async with services() as (slack, kickscale, environment):
        code, out, err = await run(tmp_path, "doctor", **environment)
        assert code == 0, out + err
        assert "FAIL" not in out
        assert "mirror: copies names, summaries, participants etc. of the last 400 days" in out
        assert {request.method for request in kickscale.requests} == {"GET"}
        assert {call.method for call in slack.calls} == {"auth.test", "bots.info", "apps.connections.open"}
    assert list(tmp_path.iterdir()) == []


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


@pytest.mark.parametrize(
    ("changes", "check", "remedy"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong-secret"}, "slack token", "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-wrong-secret"}, "slack connection", "connections:write"),
        ({"KICKSCALE_API_KEY": "wrong-secret"}, "kickscale credentials", "KICKSCALE_API_KEY"),
        ({"KICKSCALE_API_KEY_CREATED": "2020-01-01"}, "kickscale key age", "new one"),
        ({"KICKSCALE_API_KEY_CREATED": "2999-01-01"}, "kickscale key age", "the day the key was created"),
        ({"DATABASE_PATH": "no/such/folder/bot.db"}, "database", "DATABASE_PATH"),
        ({"DATABASE_PATH": "."}, "database", "isn't a file"),
        ({"PORT": "http"}, "settings", "PORT"),
        ({"SLACK_BOT_TOKEN": ""}, "settings", "Bot User OAuth Token"),
        ({"ADMINS": "U0LEA00001, U0NOTTHERE"}, "access", "IDs"),
    ],
)
async def test_the_doctor_names_what_is_wrong_and_the_remedy(
    tmp_path: Path, changes: Mapping[str, str], check: str, remedy: str
) -> None:
    """For machines as JSON; exit code 1; no secret in it."""
    async with services() as (_, _, environment):
        code, out, err = await run(tmp_path, "doctor", "--json", **{**environment, **changes})
    assert (code, err) == (1, "")
    report = json.loads(out)
    assert report["ok"] is False
    (failed,) = (check for check in report["checks"] if not check["ok"])
    assert failed["name"] == check
    assert remedy in failed["remedy"]
    assert "wrong-secret" not in out


async def test_the_doctor_names_every_missing_setting(tmp_path: Path) -> None:
    """With a fresh copy of .env.example, people see at once what to fill in, and what asks them for it."""
    code, out, err = await run(tmp_path, "doctor")
    assert (code, err) == (1, "")
    assert re.findall(r"^FAIL  settings: (\w+) is not set\. Set it to ", out, re.MULTILINE) == [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "KICKSCALE_API_KEY",
        "KICKSCALE_CLIENT_ID",
    ]
    assert out.splitlines()[4:] == ["", SETUP]


async def test_the_doctor_sees_a_missing_document_and_missing_scopes(tmp_path: Path) -> None:
    """Each has its own remedy."""
    async with services() as (slack, kickscale, environment):
        kickscale.variant.swagger = type(kickscale.variant.swagger).MISSING
        token = slack.state.tokens[slack.bot_token]
        slack.state.tokens[slack.bot_token] = type(token)(token.kind, token.scopes - {"im:write"})
        code, out, _ = await run(tmp_path, "doctor", **environment)
    assert code == 1
    failed = [line for line in out.splitlines() if line.startswith("FAIL")]
    assert len(failed) == 2
    assert "im:write" in out
    assert "KICKSCALE_DOMAIN_FILTER" in out


@pytest.mark.parametrize(
    ("owners", "internal", "said"),
    [
        ([], 0, "note  kickscale access: the key sees no conversations. If there are some, create a key as a user"),
        (["robin"] * 6, 0, "note  kickscale access: of the latest, the key sees no external meetings, no internal"),
        (["robin", "lea"] * 15, 2, "ok    kickscale access: of the latest, the key sees no external meetings, 2 int"),
    ],
)
async def test_the_doctor_says_what_the_key_sees(
    tmp_path: Path, owners: Sequence[str], internal: int, said: str
) -> None:
    """Not everybody's key sees everything, and Kickscale just leaves out what it doesn't."""
    async with services() as (_, kickscale, environment):
        kickscale.clear()
        now = SystemClock().now()
        for number, owner in enumerate(owners):
            user = {"id": owner, "firstName": owner.title(), "email": f"{owner}@example.com"}
            kickscale.add_call(call(number, now, user=user))
        for number in range(internal):
            kickscale.add_meeting({**call(number, now, user=user), "id": f"m{number}"}, internal=True)
        code, out, _ = await run(tmp_path, "doctor", **environment)
    assert code == 0
    (line,) = [line for line in out.splitlines() if "kickscale access" in line]
    assert line.startswith(said)
    assert ("all of Robin" in line) == (set(owners) == {"robin"})
    assert ("20+ external calls" in line) == ("of 2 people" in line) == (len(owners) == 30)


async def test_the_doctor_sees_that_nobody_can_fetch_a_recording(tmp_path: Path) -> None:
    """If Kickscale fetches recordings, the bot needs an address, and something that listens there."""
    async with services() as (_, kickscale, environment):
        kickscale.variant.upload = UploadForm.URL
        _, out, _ = await run(tmp_path, "doctor", PUBLIC_URL="https://bot.example.com", **environment)
    (failed,) = [line for line in out.splitlines() if line.startswith("FAIL")]
    assert "PUBLIC_URL" in failed
    assert "in Socket Mode PORT" in failed


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


async def prompt(*options: str) -> asyncio.subprocess.Process:
    """The sandbox's prompt, with a pipe to type into."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "sandbox",
        "--terminal",
        *options,
        cwd=Path(__file__).parents[3],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_the_sandbox_has_a_prompt() -> None:
    """Commands, clicks, another person, another channel, another day; the end of the input ends the session."""
    typed = (
        *("/kickscale calls acme.com 30d", "click Older", "click Details 2", "close"),
        *("digest add acme.com", "clock tomorrow", "clock yesterday"),
        *("as lea.lead", "in general", "in", "status"),
    )
    started = await prompt()
    out, err = await asyncio.wait_for(started.communicate("\n".join(typed).encode()), PATIENCE)
    assert (started.returncode, err) == (0, b"")
    text = out.decode()
    assert text.startswith("Starting the sandbox")
    for part in (
        "#sales-acme> click Older\n",
        "[Newer]",
        "[Recording]",
        "(only visible to you)\n✅ This channel will get a digest",
        "(posted in #sales-acme)\nacme.com: digest for ",
        "yesterday isn't hour or tomorrow",
        "lea.lead #general> ",
        "Everything's working",
    ):
        assert part in text
    assert "Add a channel, e.g. in general" in text


async def test_the_prompt_can_be_german() -> None:
    """What it says, and what is typed; no English word is left. The English commands work too."""
    typed = (
        *("hilfe", "in", "in nowhere", "als nobody", "klick Nichts", "absenden x", "schließen", "uhr gestern"),
        *("anrufe acme.com letzte-woche", "klick Nichts", "statistik acme", "digest anlegen acme.com", "uhr morgen"),
        *("teilen nowhere.wav", "/other", "as lea.lead", "wait", "verlauf", "ende"),
    )
    started = await prompt("--lang", "de")
    out, err = await asyncio.wait_for(started.communicate("\n".join(typed).encode()), PATIENCE)
    assert (started.returncode, err) == (0, b"")
    text = out.decode()
    for part in (
        "Die Sandbox startet",
        "Willkommen in der Sandbox",
        "klick BUTTON [N]",
        "Hier fehlt ein Channel",
        "keinen Channel nowhere",
        "Noch gibt es nichts zum Anklicken",
        "(nur für dich sichtbar)\n✅ Dieser Channel bekommt ab jetzt einen Digest",
        "(in #sales-acme gepostet)\nacme.com: Digest für ",
        "[Diagramm] ",
        "Die Datei nowhere.wav gibt es nicht",
        "lea.lead #sales-acme> wait",
    ):
        assert part in text
    assert not re.search(
        r"\b(the|type|there|is|isn't|add|you|visible|posted|starting|chart|file|no)\b", text, re.IGNORECASE
    )


async def test_the_sandbox_serves_its_page(tmp_path: Path) -> None:
    """And opens it in a browser; it begins with an answer, which nobody had to type, and stops cleanly."""
    os.mkfifo(tmp_path / "opened")
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/opened"\n')
    browser.chmod(0o755)
    arguments = ("sandbox", "--port", "0", "--lang", "de")
    async with process(tmp_path, *arguments, BROWSER=str(browser)) as started:
        line = await ready(started)
        address = line.split()[1]
        assert await asyncio.to_thread((tmp_path / "opened").read_text) == f"{address}\n"
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession(address) as client:
            async with client.get("/") as response:
                text, here = await response.text(), response.url.path
            async with client.get(f"{here}/changes") as changes:
                while "Anrufe mit acme.com" not in text:
                    assert await changes.content.readline()
                    async with client.get(here) as response:
                        text = await response.text()
        await stop(started)


async def test_ctrl_c_leaves_the_prompt() -> None:
    """At once and with everything stopped, although the prompt waits for a line."""
    started = await prompt()
    assert started.stdout is not None
    assert started.stdin is not None
    await asyncio.wait_for(started.stdout.readuntil(b"> "), PATIENCE)
    for patience in (PATIENCE / 10, PATIENCE):
        started.send_signal(signal.SIGINT)
        with contextlib.suppress(TimeoutError):  # just before the process begins to wait, Python doesn't hear of it
            await asyncio.wait_for(started.wait(), patience)
            break
    assert started.returncode == 0
    assert await started.communicate() == (b"\n", b"")


async def test_the_sandbox_uploads_a_recording(tmp_path: Path) -> None:
    """`--share` does all that a person does, up to the summary; what is no recording is an error, and ends no other."""
    (tmp_path / "Pricing.wav").write_bytes(wav(2))
    (tmp_path / "notes.txt").write_text("no recording")
    well, with_error = await asyncio.gather(  # each waits some seconds for the analysis
        run(tmp_path, "sandbox", "--say", "/kickscale uploads on auto", "--share", "Pricing.wav"),
        run(tmp_path, "sandbox", "--share", "notes.txt", "--share", "Pricing.wav"),
    )
    code, out, _ = well
    assert (code, "Pricing.wav has been analysed." in out) == (0, True), out
    code, out, _ = with_error
    assert (code, "audio" in out, "Pricing.wav has been analysed." in out) == (1, True, True), out


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
