"""What the environment contains besides the settings, and what is meant for other programs."""

import logging
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import __version__
from bot.cli.main import main
from bot.config.settings import Settings
from bot.errors import ConfigError
from tests.scenarios.cli.processes import run
from tests.world import world


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """Before a library fails on them, or refuses every connection."""
    monkeypatch.setenv(name, str(tmp_path))
    if name == "SSL_CERT_DIR":
        Settings.load(None)
    for bad in (str(tmp_path / "nowhere"), __file__):
        monkeypatch.setenv(name, bad)
        with pytest.raises(ConfigError) as refused:
            Settings.load(None)
        assert (refused.value.variable, bad in refused.value.remedy) == (name, True)


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize(
    "environment",
    [
        {"NO_PROXY": "localhost,127.0.0.1,fd00::/8,[::1]"},
        {"ALL_PROXY": "socks5://127.0.0.1:1080"},
        {"SSL_CERT_FILE": "/nowhere/cacert.pem"},
    ],
)
async def test_the_doctor_needs_no_traceback(tmp_path: Path, environment: dict[str, str]) -> None:
    """What can't be used is a check that fails, with the remedy."""
    code, out, err = await run(
        tmp_path,
        "doctor",
        SLACK_BOT_TOKEN="xoxb-1",
        SLACK_APP_TOKEN="xapp-1",
        KICKSCALE_API_KEY="key-of-1-year",
        KICKSCALE_CLIENT_ID="client-1",
        SLACK_API_URL="http://127.0.0.1:9/api/",
        KICKSCALE_BASE_URL="http://127.0.0.1:9",
        **environment,
    )
    assert (code, err) == (1, "")
    (name,) = environment
    assert (name in out) == (name != "NO_PROXY"), out


async def test_the_slack_sdks_own_variables_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Bolt would warn about the token at each start, and use OAuth with the client's id and secret."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, "other")
    async with world(tmp_path) as here:
        assert "calls" in here.text(await here.ask("/kickscale help"))
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("platform", ["win32", "cygwin", "freebsd14"])
def test_another_system_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    """It is tested on Linux and macOS only."""
    monkeypatch.setattr(sys, "platform", platform)
    result = CliRunner().invoke(main, ["sandbox"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    assert f"only runs on Linux and macOS, not on {platform}" in result.stderr


async def test_the_version_is_printed(tmp_path: Path) -> None:
    """Also by `python -m bot`."""
    assert await run(tmp_path, "--version") == (0, f"kickscale-bot, version {__version__}\n", "")
