"""The proxy on the way to an address."""

from pathlib import Path

import pytest

from bot.app.clients import kickscale_client, slack_client
from bot.config.settings import Settings
from bot.errors import ConfigError
from bot.slack.client import new_session
from bot.tools.proxies import check_proxies, proxy_of
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
def test_the_environment_names_the_proxy(url: str, proxy: str | None) -> None:
    """By the scheme of the address; neither this machine nor a host that NO_PROXY names is reached by it."""
    assert proxy_of(url) == proxy


def test_one_proxy_for_every_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """ALL_PROXY is for what has none of its own; many write one without http://."""
    monkeypatch.setenv("ALL_PROXY", "other.example.com:3128")
    assert proxy_of("https://files.slack.com") == PROXY
    assert proxy_of("http://files.slack.com") == "http://other.example.com:3128"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "http://", "http://[::1", "http://proxy:port"])
def test_a_proxy_that_cannot_be_used_is_refused(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """By the name of its variable: what goes past it would go where it must not."""
    check_proxies()
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ConfigError) as refused:
        check_proxies()
    assert refused.value.variable == "ALL_PROXY"


async def test_every_client_takes_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's too, whose SDK knows no NO_PROXY; and none fails on what is in that."""
    settings = Settings.explicit(kickscale_api_key="key-of-1-year", kickscale_client_id="client-1")
    async with new_session(1) as session:
        assert slack_client(settings, session, timeout=1).proxy == PROXY
        monkeypatch.setenv("NO_PROXY", ".slack.com,fd00::/8,[::1]")
        assert slack_client(settings, session, timeout=1).proxy is None
    await kickscale_client(settings).aclose()


async def test_this_machine_is_reached_without_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox and the tests, whatever the environment says: each client that the bot and its libraries make."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, DEAD)
    monkeypatch.delenv("NO_PROXY")
    async with world(tmp_path, populated=True) as here:
        assert "with acme.com" in here.text(await here.ask("/kickscale calls acme.com last-week"))
