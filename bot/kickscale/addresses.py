"""Whether bytes may be sent to an address that an answer names: pure.

Such an address is somebody else's word. It must not make the bot talk to the machines around it.
"""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

# RFC 3986, section 2, without @: an address with a user in it is taken for another host too easily.
_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]!$&'()*+,;=%|-]+", re.IGNORECASE)
_NAME = re.compile(r"(?:[a-z0-9_-]+\.)*(?!0x[0-9a-f]*\.?$)[a-z0-9_-]*[a-z_-][a-z0-9_-]*\.?")
"""Its last label is not a number (https://url.spec.whatwg.org/#ends-in-a-number-checker)."""
_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last four bytes are an IPv4 address."""


def check_address(url: str, base_url: str) -> None:
    """Raise ValueError unless bytes may be sent to `url`.

    It is https, names no user and no private, loopback or link-local address. The host of `base_url` is trusted, over
    http too where that is how it is talked to. A name is not resolved here: see `is_public`.
    """
    base, parts = urlsplit(base_url), urlsplit(url)
    if len(url) > 8192 or not _URL.fullmatch(url) or not parts.hostname:
        raise ValueError("not an address")
    parts.port  # noqa: B018  # raises ValueError
    is_ours = parts.hostname == base.hostname
    if parts.scheme != "https" and not (is_ours and parts.scheme == base.scheme):
        raise ValueError("not https")
    try:
        address = ip_address(parts.hostname)
    except ValueError:
        # Other ways to write an IPv4 address, such as 127.1, are no name that anybody looks up.
        if len(parts.hostname) > 253 or not _NAME.fullmatch(parts.hostname):
            raise ValueError("not a name") from None
        return
    if not is_ours and not is_public(str(address)):
        raise ValueError("not a public address")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the world outside, also where it is wrapped in another."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast
