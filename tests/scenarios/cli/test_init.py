"""`kickscale-bot init`: a conversation on stdin that ends in a bot that runs."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import SystemClock
from bot.config.env_file import write_setting
from bot.sandbox.slack.state import Token
from tests.rooms import ROOT
from tests.scenarios.cli.processes import process, ready, run, services, stop

OTHER_APP = "xapp-1-A0SANDBOX2-0000000001-sandbox"
ADDRESSES = ("SLACK_API_URL", "KICKSCALE_BASE_URL")


async def init(folder: Path, typed: list[str], *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Type these lines, and return exit code, stdout and stderr."""
    return await run(folder, "init", *arguments, typed="".join(f"{line}\n" for line in typed), **environment)


def addresses(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: environment[name] for name in ADDRESSES}


def answers(environment: Mapping[str, str]) -> list[str]:
    names = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "KICKSCALE_API_KEY", "KICKSCALE_CLIENT_ID")
    return [environment[name] for name in names]


def days_ago(days: int) -> str:
    """Return a day as it is typed. The program has the machine's own clock."""
    return (SystemClock().now().date() - timedelta(days)).isoformat()


async def test_a_newcomer_gets_to_a_running_bot(tmp_path: Path) -> None:
    """With the manifest and what to click, each token checked, and a file that only they can read."""
    async with services() as (_, _, environment):
        created = days_ago(28)
        code, out, err = await init(tmp_path, [*answers(environment), created], **addresses(environment))
        assert (code, err) == (0, ""), out
        assert (ROOT / "manifest.yml").read_text("utf-8") in out
        for part in ("Create New App", "Install to Workspace", "valid for the workspace Sandbox", "Socket Mode works"):
            assert part in out
        assert "kickscale credentials: accepted" in out
        assert "ok    kickscale key age: expires in 33" in out
        assert not any(secret in out for secret in answers(environment))
        written = tmp_path / ".env"
        assert written.stat().st_mode & 0o777 == 0o600
        assert list(dotenv_values(written).values()) == [*answers(environment), created]
        async with process(tmp_path, "run", **addresses(environment)) as bot:
            await ready(bot)
            await stop(bot)


async def test_what_is_refused_is_asked_again(tmp_path: Path) -> None:
    """At once if it can't be a token, otherwise with what Slack or Kickscale says; nothing refused is written."""
    async with services() as (_, _, environment):
        bot, app, key, client = answers(environment)
        typed = ["", app, "xoxb-wrong", "y", bot, "xapp-wrong", "", app, "wrong", client, "y", key, client, "never", ""]
        code, out, err = await init(tmp_path, typed, **addresses(environment))
    assert code == 0, out + err
    assert "must start with xoxb-" in err
    assert "KICKSCALE_API_KEY_CREATED" in err
    assert "slack token: refused by Slack (invalid_auth)" in out
    assert "SLACK_APP_TOKEN refused by Slack" in out
    assert "credentials refused" in out
    assert ".env is complete." in out
    assert list(dotenv_values(tmp_path / ".env").values()) == [bot, app, key, client]


async def test_two_tokens_of_different_apps_are_noticed(tmp_path: Path) -> None:
    """Slack accepts each by itself, and the bot would never hear of a command."""
    async with services() as (slack, _, environment):
        slack.state.tokens[OTHER_APP] = slack.state.tokens[slack.app_token]
        bot, app, key, client = answers(environment)
        code, out, _ = await init(tmp_path, [bot, OTHER_APP, "y", app, key, client, ""], **addresses(environment))
    assert (code, "another app (A0SANDBOX2) than SLACK_BOT_TOKEN (A0SANDBOX1)" in out) == (0, True), out
    assert dotenv_values(tmp_path / ".env")["SLACK_APP_TOKEN"] == app


async def test_a_day_that_cant_be_the_keys_is_asked_for_again(tmp_path: Path) -> None:
    """Even without a network: from the future, or so long ago that the key has expired."""
    typed = ["xoxb-1", "xapp-1", "key", "client", days_ago(-400), "y", days_ago(500), "y", days_ago(1)]
    code, out, _ = await init(tmp_path, typed, "--offline")
    assert (code, ".env is complete." in out) == (0, True), out
    assert "KICKSCALE_API_KEY_CREATED is in the future. Set KICKSCALE_API_KEY_CREATED to the day" in out
    assert "kickscale key age: expired: over a year old" in out
    assert dotenv_values(tmp_path / ".env")["KICKSCALE_API_KEY_CREATED"] == days_ago(1)


async def test_what_is_there_is_kept(tmp_path: Path) -> None:
    """Comments and other settings too; before a token is replaced, somebody is asked."""
    async with services() as (_, _, environment):
        bot, app, key, client = answers(environment)
        file = tmp_path / ".env"
        file.write_text(f"# ours\nSLACK_BOT_TOKEN={bot}\nSLACK_APP_TOKEN=xapp-old # old\nADMINS=U0LEA00001\n")
        file.chmod(0o644)
        code, out, err = await init(tmp_path, ["n", "y", app, key, client, ""], **addresses(environment))
    assert (code, err) == (0, ""), out
    assert "Create New App" not in out, "there is an app"
    assert file.read_text().startswith(f"# ours\nSLACK_BOT_TOKEN={bot}\nSLACK_APP_TOKEN='{app}'\nADMINS=U0LEA00001\n")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("no_backoff")
async def test_it_works_without_a_network(tmp_path: Path) -> None:
    """With --offline neither service is asked; otherwise what can't be checked can be kept."""
    typed = ["xoxb-1", "xapp-1", "key", "client", ""]
    code, out, _ = await init(tmp_path, typed, "--offline", "--file", "offline.env")
    assert (code, "FAIL" in out) == (0, False)
    nobody = dict.fromkeys(ADDRESSES, "http://127.0.0.1:9/")
    typed = ["xoxb-1", "n", "xapp-1", "n", "key", "client", "n", ""]
    code, out, _ = await init(tmp_path, typed, **nobody)
    assert (code, out.count("FAIL")) == (0, 3), out
    assert dotenv_values(tmp_path / ".env") == dotenv_values(tmp_path / "offline.env")


async def test_over_http_it_asks_for_the_signing_secret(tmp_path: Path) -> None:
    """And the manifest has the address."""
    typed = ["xoxb-1", "secret", "key", "client", ""]
    other = {"SLACK_SIGNING_SECRET": "other"}
    code, out, err = await init(tmp_path, typed, "--offline", "--url", "https://bot.example.com", **other)
    assert (code, "https://bot.example.com/slack/events" in out) == (0, True)
    assert err == "SLACK_SIGNING_SECRET is set in the environment too, which overrides .env.\n"
    assert dotenv_values(tmp_path / ".env")["SLACK_SIGNING_SECRET"] == "secret"


async def test_missing_scopes_are_named(tmp_path: Path) -> None:
    """The app was made from an older manifest."""
    async with services() as (slack, _, environment):
        token = slack.state.tokens[slack.bot_token]
        slack.state.tokens[slack.bot_token] = Token(token.kind, token.scopes - {"im:write"})
        bot, *others = answers(environment)
        code, out, _ = await init(tmp_path, [bot, "n", *others, ""], **addresses(environment))
    assert (code, "slack scopes: missing: im:write" in out) == (0, True), out
    assert ".env has everything, but not all of it works yet: SLACK_BOT_TOKEN.\n" in out


async def test_a_folder_that_isnt_there_is_named_before_anything_is_asked(tmp_path: Path) -> None:
    """Nobody creates an app and then hears that its tokens can't be kept."""
    code, out, err = await init(tmp_path, [], "--file", "nowhere/.env")
    assert (code, out) == (1, "")
    assert err == "Error: nowhere/.env can't be written to: there is no folder nowhere. Create it first.\n"


async def test_somebody_who_leaves_keeps_what_was_checked(tmp_path: Path) -> None:
    """The next run begins with what is missing."""
    async with services() as (_, _, environment):
        bot, *others = answers(environment)
        code, _, err = await init(tmp_path, [bot], **addresses(environment))
        assert (code, "Aborted" in err, "Traceback" in err) == (1, True, False)
        code, out, _ = await init(tmp_path, ["", *others, ""], **addresses(environment))
        assert (code, "Create New App" in out) == (0, False)
        code, out, err = await run(tmp_path, "doctor", **addresses(environment))
    assert code == 0, out + err


PRINTABLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1).filter(
    lambda text: "$" not in text
)


@given(PRINTABLE, PRINTABLE)
def test_any_secret_can_be_written(tmp_path_factory: pytest.TempPathFactory, first: str, second: str) -> None:
    """And read again; what was there stays."""
    file = tmp_path_factory.mktemp("env") / ".env"
    file.write_text("# a comment\nOTHER=1")
    for value in (first, second):
        write_setting(file, "KICKSCALE_API_KEY", value)
    assert dotenv_values(file) == {"OTHER": "1", "KICKSCALE_API_KEY": second}
    assert file.read_text().startswith("# a comment\n")
