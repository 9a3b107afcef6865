"""`kickscale-bot doctor`: what is wrong, and the remedy."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.config.settings import SETUP
from bot.sandbox.kickscale import UploadForm
from tests.scenarios.cli.processes import run, services
from tests.world import call


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
