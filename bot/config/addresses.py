"""Reads the settings that are addresses.

Each function raises ValueError with a message that continues "SETTING_NAME …".
"""

import ipaddress
import re
from urllib.parse import urlsplit

from bot.tools.host_names import is_host_name


def web_address(value: str) -> str:
    """Return an http or https address without a trailing slash."""
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValueError("must be an address like https://bot.example.com.")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("must be a plain address, without a user name, a question mark or a #.")
    return value.rstrip("/")


def safe_address(value: str) -> str:
    """Return a `web_address` that credentials and recordings may be sent to: https, or http to this machine itself.

    Over http to another machine, anybody on the way could read them.
    """
    address = web_address(value)
    parts = urlsplit(address)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ValueError(
            "must start with https://, so that nobody can eavesdrop; http:// is only allowed for this machine."
        )
    return address


def link_template(value: str) -> str:
    """Return an address that contains `{id}`, and optionally `{kind}`."""
    if "{id}" not in value or re.search(r"[{}\s<>|]", value.replace("{id}", "").replace("{kind}", "")):
        raise ValueError("must be an address that contains {id}, e.g. https://app.example.com/{kind}s/{id}.")
    web_address(value.replace("{id}", "1").replace("{kind}", "call").partition("?")[0].partition("#")[0])
    return value


def listening_host(value: str) -> str:
    """Return the name or IP address of this machine to listen on."""
    if not re.fullmatch(r"[\w.:-]+", value):
        raise ValueError("must be an address of this machine, e.g. 127.0.0.1, or 0.0.0.0 for all of them.")
    return value


def read_hosts(text: str) -> tuple[str, ...]:
    """Return the hosts of a list, e.g. `storage.example.com *.example.org`."""
    hosts = tuple(text.lower().replace(",", " ").split())
    if not all(is_host_name(host.removeprefix("*.")) for host in hosts):
        raise ValueError("must be host names like storage.example.com or *.example.com.")
    return hosts


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")  # RFC 6761, section 6.3
