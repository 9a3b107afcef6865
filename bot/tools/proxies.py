"""The proxy on the way to an address, as the environment names it."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

_HERE = ("127.0.0.1", "::1", "localhost")


def proxy_of(url: str) -> str | None:
    """The address of the proxy, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY; None where the way is direct.

    Proxies are for the world outside, not for this machine. aiohttp's own reading of the environment also takes
    passwords from .netrc: beside a header that names a credential already, they are an error.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    return None if host in _HERE or proxy_bypass(host) else getproxies().get(parts.scheme)
