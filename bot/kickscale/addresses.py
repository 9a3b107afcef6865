"""Whether bytes may be sent to an address that an answer contains, or people be led there: pure.

Such an address comes from outside. It must not make the bot talk to the machines around it.
"""

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from bot.tools.host_names import is_host_name

# RFC 3986, section 2, without @: with a user in it, an address is too easily mistaken for another host's. The host is a
# name or an IP address and nothing else, so that every library reads the same one.
_URL = re.compile(
    r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:[/?#][A-Za-z0-9._~:/?#\[\]!$&'()*+,;=%|-]*)?",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"(?:^|\.)(?:localhost|local|internal|intranet|home\.arpa|lan|corp|home|private)\.?$")
"""Names that are only valid within a network: RFC 6761, 6762 and 8375, and others reserved or used for that."""
_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last four bytes are an IPv4 address."""
_WORLD = IPv6Network("2000::/3")
"""RFC 4291, section 2.4: the only part of IPv6 that has been assigned for global use so far."""
_HTTPS = 443
_FIRST_FREE_PORT = 1024
"""Lower ports belong to services other than the web (RFC 6335, section 6)."""


def check_address(url: str, base_url: str, hosts: Collection[str] = ()) -> None:
    """Raise ValueError unless bytes may be sent to `url`.

    It must be https, and contain no user and no private, loopback or link-local address. The host of `base_url` is
    trusted, also over http if `base_url` is http. If `hosts` are given (e.g. `storage.example.com` or
    `*.example.com`), all others are refused. Names are not resolved here: see `is_public`.
    """
    base, parts = urlsplit(base_url), urlsplit(url)
    if len(url) > 8192 or not _URL.fullmatch(url) or not parts.hostname:
        raise ValueError("not an address")
    port = parts.port  # raises ValueError
    is_ours = parts.hostname == base.hostname
    if parts.scheme != "https" and not (is_ours and parts.scheme == base.scheme):
        raise ValueError("not https")
    if is_ours:
        return
    if port is not None and port != _HTTPS and port < _FIRST_FREE_PORT:
        raise ValueError("not a standard web port")
    if hosts and not any(_matches(parts.hostname.removesuffix("."), host) for host in hosts):
        raise ValueError("not an allowed host")
    try:
        address = ip_address(parts.hostname)
    except ValueError:
        # Other ways to write an IPv4 address, e.g. 127.1, are not names that anybody looks up.
        if len(parts.hostname) > 253 or not is_host_name(parts.hostname) or _WITHIN.search(parts.hostname):
            raise ValueError("not a host name") from None
        return
    if not is_public(str(address)):
        raise ValueError("not a public address")


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public internet, even if it is embedded in another one."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
        if ip not in _WORLD:
            return False
    return ip.is_global and not ip.is_multicast


def _matches(host: str, expected: str) -> bool:
    return host.endswith(expected[1:]) if expected.startswith("*.") else host == expected
