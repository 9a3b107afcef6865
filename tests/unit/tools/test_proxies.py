"""The proxy for an address."""

from pathlib import Path

import pytest

from bot.app.clients import kickscale_client
from bot.app.slack_access import slack_client
from bot.config.environment import check_environment
from bot.config.settings import Settings
from bot.errors import ConfigError
from bot.tools.proxies import proxy_of
from tests.world import world

PROXY = "http://proxy.example.com:3128"
DEAD = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """One proxy for https, and hosts without any."""
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", "intern.example.com, 10.0.0.0/8,fd00::/8,[fe80::1]")


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://files.slack.com/f", PROXY),
        ("wss://wss-primary.slack.com/link", PROXY),
        ("http://files.slack.com/f", None),
        ("https://intern.example.com/f", None),
        ("https://deep.intern.example.com/f", None),
        ("https://10.1.2.3/f", None),
        ("https://11.1.2.3/f", PROXY),
        ("https://[fd00::5]/f", None),
        ("https://[fe80::1]/f", None),
        ("https://[fe80::2]/f", PROXY),
        ("https://127.0.0.1:8443/f", None),
        ("https://[::1]:8443/f", None),
        ("ws://localhost:8443/f", None),
    ],
)
def test_the_proxy_comes_from_the_environment(url: str, proxy: str | None) -> None:
    """It depends on the address's scheme. This machine and the hosts in NO_PROXY are reached without one."""
    assert proxy_of(url) == proxy


def test_one_proxy_for_every_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """ALL_PROXY is for schemes that have no proxy of their own; many people leave out http://."""
    monkeypatch.setenv("ALL_PROXY", "other.example.com:3128")
    assert proxy_of("https://files.slack.com") == PROXY
    assert proxy_of("http://files.slack.com") == "http://other.example.com:3128"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "http://", "http://[::1", "http://proxy:port"])
def test_a_proxy_that_cannot_be_used_is_refused(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """The error names the variable. Without the proxy, requests would go where they must not."""
    check_environment()
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ConfigError) as refused:
        check_environment()
    assert refused.value.variable == "ALL_PROXY"


async def test_every_client_uses_the_same_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also Slack's, whose SDK ignores NO_PROXY; and no client fails on what NO_PROXY has."""
    settings = Settings.explicit(kickscale_api_key="key-of-1-year", kickscale_client_id="client-1")
    assert slack_client(settings, timeout=1).proxy == PROXY
    monkeypatch.setenv("NO_PROXY", ".slack.com,fd00::/8,[::1]")
    assert slack_client(settings, timeout=1).proxy is None
    await kickscale_client(settings).aclose()


async def test_this_machine_is_reached_without_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says, the sandbox and the tests are reached directly by every client."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, DEAD)
    monkeypatch.delenv("NO_PROXY")
    async with world(tmp_path, populated=True) as here:
        assert "with acme.com" in here.text(await here.ask("/kickscale calls acme.com last-week"))
