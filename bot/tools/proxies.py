"""The proxy on the way to an address, as the environment names it: for all clients alike.

The libraries differ: httpx fails on a NO_PROXY with an IPv6 network, slack_sdk knows no NO_PROXY, and aiohttp takes
passwords from .netrc besides.
"""

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.errors import ConfigError

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
_SCHEMES = {"ws": "http", "wss": "https"}


def proxy_of(url: str) -> str | None:
    """The address of the proxy, by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; None where there is none.

    Proxies are for the outside world, not for this machine.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in _THIS_MACHINE or _is_exempt(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(_SCHEMES.get(parts.scheme, parts.scheme)) or proxies.get("all")
    return _with_scheme(proxy) if proxy else None


def check_proxies() -> None:
    """Raise ConfigError for a proxy that the bot can't use."""
    proxies = getproxies()
    for name in ("https", "http", "all"):
        if proxy := proxies.get(name):
            try:
                parts = urlsplit(_with_scheme(proxy))
                is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
            except ValueError:
                is_usable = False
            if not is_usable:
                raise ConfigError(
                    f"{name.upper()}_PROXY",
                    "must be an HTTP proxy such as http://proxy.example.com:3128, as the bot supports no other kind; "
                    "change or unset it",
                )


def _with_scheme(proxy: str) -> str:
    """`proxy.example.com:3128` is widely understood too."""
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_exempt(host: str) -> bool:
    """Whether NO_PROXY names the host; an address also by its network, in brackets or without."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(proxy_bypass(host))
    return bool(proxy_bypass(host)) or any(
        address in network for entry in getproxies().get("no", "").split(",") if (network := _network(entry))
    )


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry.strip().replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None
