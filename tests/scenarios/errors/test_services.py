"""What can be wrong with Slack, Kickscale and this machine: `run` and `doctor` name it and the remedy."""

import socket
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.kickscale import EmbeddedKickscale, Swagger
from bot.sandbox.slack import EmbeddedSlack
from bot.tools.connecting import why_unreachable
from tests.scenarios.cli.processes import run, services

Break = Callable[[EmbeddedSlack, EmbeddedKickscale], Mapping[str, str] | None]
"""Breaks something; returns settings for it."""


def slack_says(method: str, code: str) -> Break:
    return lambda slack, _: slack.faults.add(method, error=code, times=9)


def kickscale_answers(**fault: Any) -> Break:
    return lambda _, kickscale: kickscale.faults.add("/meetings", times=99, **fault)


def without_scope(slack: EmbeddedSlack, _: EmbeddedKickscale) -> None:
    token = slack.state.tokens[slack.bot_token]
    slack.state.tokens[slack.bot_token] = type(token)(token.kind, token.scopes - {"users:read"})


def of_another_app(slack: EmbeddedSlack, _: EmbeddedKickscale) -> Mapping[str, str]:
    """Slack accepts each token by itself."""
    token = "xapp-1-A0SANDBOX2-0000000001-sandbox"
    slack.state.tokens[token] = slack.state.tokens[slack.app_token]
    return {"SLACK_APP_TOKEN": token}


def setting(name: str, value: str) -> Break:
    return lambda _slack, _kickscale: {name: value}


def document(swagger: Swagger) -> Break:
    return lambda _, kickscale: setattr(kickscale.variant, "swagger", swagger)


UNKNOWN_HOST = "https://no-such-host.invalid"
STARTS: Mapping[str, tuple[Break, str]] = {
    "revoked token": (
        slack_says("auth.test", "token_revoked"),
        "SLACK_BOT_TOKEN was refused by Slack (token_revoked). Copy it again from the app's OAuth & Permissions page.",
    ),
    "inactive account": (slack_says("auth.test", "account_inactive"), "SLACK_BOT_TOKEN was refused by Slack"),
    "app token without its scope": (
        slack_says("apps.connections.open", "missing_scope"),
        "SLACK_APP_TOKEN was refused by Slack (missing_scope). Create a token with the scope connections:write.",
    ),
    "another machine's address": (
        lambda _slack, _kickscale: {"HOST": "192.0.2.1", "PORT": "0"},
        "HOST 192.0.2.1 isn't an address of this machine. Use 127.0.0.1 or 0.0.0.0.",
    ),
    "unknown host name": (
        lambda _slack, _kickscale: {"HOST": "no-such-host.invalid", "PORT": "0"},
        "HOST no-such-host.invalid isn't an address of this machine.",
    ),
}
CHECKS: Mapping[str, tuple[Break, tuple[str, ...]]] = {
    "revoked token": (
        slack_says("auth.test", "token_revoked"),
        (
            "slack token: refused by Slack (token_revoked). Copy the Bot User OAuth Token",
            "access: the users and groups in the settings couldn't be checked (token_revoked)",
        ),
    ),
    "missing scope": (
        without_scope,
        (
            "slack scopes: missing: users:read. Add them under OAuth & Permissions",
            "access: the users and groups in the settings couldn't be checked (missing_scope)",
        ),
    ),
    "Socket Mode is off": (
        slack_says("apps.connections.open", "not_allowed_token_type"),
        ("slack connection: SLACK_APP_TOKEN refused by Slack (not_allowed_token_type). Create an app-level token",),
    ),
    "an app token of another app": (
        of_another_app,
        ("another app (A0SANDBOX2) than SLACK_BOT_TOKEN (A0SANDBOX1). Copy both from the same app's settings",),
    ),
    "unknown person": (
        slack_says("users.info", "user_not_found"),
        ("access: not found in Slack: U0LEA00001. Copy these IDs from the profiles in Slack again.",),
    ),
    "Slack's host is unknown": (
        setting("SLACK_API_URL", f"{UNKNOWN_HOST}/api/"),
        (
            "slack token: Slack isn't responding (its host name is unknown). Check the host name in SLACK_API_URL",
            "access: the users and groups in the settings couldn't be checked (no_answer). Correct what is wrong",
            "slack connection: Slack isn't responding (its host name is unknown)",
        ),
    ),
    "Slack is down": (
        lambda slack, _: slack.faults.add("*", status=503, times=99),
        (
            "slack token: Slack isn't responding (503). Check SLACK_API_URL, and that this machine can reach it. See",
            "access: the users and groups in the settings couldn't be checked (503)",
            "slack connection: Slack isn't responding (503)",
        ),
    ),
    "Kickscale's host is unknown": (
        setting("KICKSCALE_BASE_URL", UNKNOWN_HOST),
        (
            "kickscale credentials: its host name is unknown. Check the host name in KICKSCALE_BASE_URL",
            "kickscale api: the OpenAPI document can't be read (its host name is unknown), so the bot uses defaults.",
        ),
    ),
    "nothing listens": (
        setting("KICKSCALE_BASE_URL", "http://127.0.0.1:9"),
        (
            "kickscale credentials: nothing listens there. Check KICKSCALE_BASE_URL, and that this machine can reach",
            "kickscale api: the OpenAPI document can't be read (nothing listens there)",
        ),
    ),
    "no TLS": (
        lambda _, kickscale: {"KICKSCALE_BASE_URL": kickscale.base_url.replace("http://", "https://")},
        (
            "kickscale credentials: TLS failed. Check whether KICKSCALE_BASE_URL must begin with https:// or http://",
            "kickscale api: the OpenAPI document can't be read (TLS failed)",
        ),
    ),
    "401": (
        kickscale_answers(status=401),
        ("kickscale credentials: credentials refused. A key expires",),
    ),
    "403": (
        kickscale_answers(status=403),
        ("kickscale credentials: credentials refused. A key expires",),
    ),
    "404": (
        kickscale_answers(status=404),
        ("kickscale credentials: request refused (HTTP 404). Check that KICKSCALE_BASE_URL is",),
    ),
    "500": (kickscale_answers(status=500), ("kickscale credentials: HTTP 500. Try again in a while.",)),
    "429": (
        kickscale_answers(status=429, retry_after=900),
        ("kickscale credentials: rate-limited (429). Wait a while, then try again.",),
    ),
    "a sign-in page": (
        kickscale_answers(body="<html>Sign in</html>", content_type="text/html"),
        ("kickscale credentials: unexpected response: not JSON. Check that KICKSCALE_BASE_URL is the address",),
    ),
    "redirect": (
        kickscale_answers(redirect="https://login.example.com/"),
        ("kickscale credentials: redirected to another address, which the bot doesn't follow. Check that",),
    ),
    "no document": (
        document(Swagger.MISSING),
        ("kickscale api: the OpenAPI document can't be read (request refused (HTTP 404)), so",),
    ),
    "the document is a page": (
        document(Swagger.HTML),
        ("kickscale api: the OpenAPI document can't be read (un",),
    ),
    "the document is no object": (
        document(Swagger.ARRAY),
        ("kickscale api: the OpenAPI document doesn't cover everything",),
    ),
    "an empty document": (
        lambda _, kickscale: kickscale.faults.add("/swagger-json", body=""),
        ("it isn't an OpenAPI document, so defaults are used. Compare this with the document, and set",),
    ),
    "an expired key": (
        setting("KICKSCALE_API_KEY_CREATED", "2020-01-01"),
        ("kickscale key age: expired: over a year old. Create a new one in Kickscale under Settings",),
    ),
}


@pytest.mark.parametrize(("breaks", "sentence"), STARTS.values(), ids=STARTS)
async def test_the_start_ends_with_the_remedy(tmp_path: Path, breaks: Break, sentence: str) -> None:
    """As the last line, without a traceback."""
    async with services() as (slack, kickscale, environment):
        code, out, err = await run(tmp_path, "run", **{**environment, **(breaks(slack, kickscale) or {})})
    assert (code, out) == (1, "")
    assert sentence in err.splitlines()[-1]
    assert "Traceback" not in err


async def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    """With another choice."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with services() as (_, _, environment):
            code, _, err = await run(tmp_path, "run", **environment, PORT=str(port))
    assert code == 1
    last = err.splitlines()[-1]
    assert last == f"Error: PORT {port} is already in use. Choose another port, or 0 for any free one."


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize(("breaks", "sentences"), CHECKS.values(), ids=CHECKS)
async def test_the_doctor_names_each_cause_once(tmp_path: Path, breaks: Break, sentences: tuple[str, ...]) -> None:
    """These checks fail, and no others."""
    async with services() as (slack, kickscale, environment):
        changed = breaks(slack, kickscale) or {}
        code, out, err = await run(tmp_path, "doctor", **{**environment, "ADMINS": "U0LEA00001", **changed})
    # The test's folder may be in memory.
    failed = [line for line in out.splitlines() if not line.startswith(("ok ", "note  disk: "))]
    assert (code, err, len(failed)) == (1, "", len(sentences)), out
    for line, sentence in zip(failed, sentences, strict=True):
        assert line.startswith("FAIL  ")
        assert sentence in line


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ALLOWED_CHANNELS": "C0SALES001, D0SB000001"}, "ok    channels: 1 channel in the settings found"),
        ({"ALLOWED_CHANNELS": "C0SALES001 C0NOTTHERE"}, "note  channels: not found in Slack: C0NOTTHERE. Copy these"),
        ({"CHANNEL_DOMAINS": "C0OLD00001=acme.com"}, "note  channels: archived or deleted: C0OLD00001. Remove them"),
        ({}, ""),
    ],
)
async def test_the_doctor_looks_at_the_channels_in_the_settings(
    tmp_path: Path, settings: Mapping[str, str], said: str
) -> None:
    """Only as notes: a private channel that the bot isn't in can't be told from a typo."""
    async with services() as (_, _, environment):
        code, out, _ = await run(tmp_path, "doctor", **environment, **settings)
    (line,) = [line for line in out.splitlines() if " channels: " in line] or [""]
    assert code == 0
    assert line.startswith(said)
    assert bool(line) == bool(said)


def test_a_certificate_is_told_apart() -> None:
    """Wherever it is in the chain of exceptions."""
    certificate = ssl.SSLCertVerificationError(1, "certificate verify failed")
    wrapped = OSError("no connection")
    wrapped.__cause__ = ExceptionGroup("several", [OSError("another"), certificate])
    assert why_unreachable(wrapped) == "certificate"
    assert why_unreachable(ssl.SSLError(1, "wrong version number")) == "tls"
    assert why_unreachable(OSError("something else")) == ""
