"""The proxy for an address according to the environment, the same for all clients.

The libraries differ: slack_sdk ignores NO_PROXY, and aiohttp also reads passwords from .netrc.
"""

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
_SCHEMES = {"ws": "http", "wss": "https"}


def proxy_of(url: str) -> str | None:
    """Return the proxy's address by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; None if there is none.

    This machine itself is never reached through a proxy.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in _THIS_MACHINE or _is_exempt(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(_SCHEMES.get(parts.scheme, parts.scheme)) or proxies.get("all")
    return _with_scheme(proxy) if proxy else None


def find_unusable_proxy() -> str:
    """Return the variable with a proxy that isn't the address of an HTTP proxy; empty if there is none."""
    proxies = getproxies()
    for name in ("https", "http", "all"):
        if proxy := proxies.get(name):
            try:
                parts = urlsplit(_with_scheme(proxy))
                is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
            except ValueError:
                is_usable = False
            if not is_usable:
                return f"{name.upper()}_PROXY"
    return ""


def _with_scheme(proxy: str) -> str:
    """Many people write just `proxy.example.com:3128`."""
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_exempt(host: str) -> bool:
    """Return whether NO_PROXY has the host, or the network of an IP address, with or without brackets."""
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
