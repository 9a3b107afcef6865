"""The proxy on the way to an address."""

import pytest

from bot.tools.proxies import proxy_of


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """One proxy for https, and a host without any."""
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", "intern.example.com")


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://files.slack.com/f", "http://proxy.example.com:3128"),
        ("http://files.slack.com/f", None),
        ("https://intern.example.com/f", None),
        ("https://127.0.0.1:8443/f", None),
        ("https://[::1]:8443/f", None),
    ],
)
def test_the_environment_names_the_proxy(url: str, proxy: str | None) -> None:
    """By the scheme of the address; neither this machine nor a host that NO_PROXY names is reached by it."""
    assert proxy_of(url) == proxy
