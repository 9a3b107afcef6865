"""Customer domains: whatever Slack or a person makes of one, read as one. Pure."""

import re
from collections.abc import Iterable

import idna

_SLACK_LINK = re.compile(r"^<(?P<target>[^<>|]*)(\|[^<>]*)?>$")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:(//)?", re.IGNORECASE)
_LABEL = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(?<!-)$")
MAX_LENGTH = 253
"""Of a domain name (RFC 1035, section 2.3.4), and more than any text around one needs."""


def normalise(text: str) -> str:
    """The domain in `text` as lower-case ASCII: `acme.com`, `*.acme.com`, or `*`.

    Reads addresses of pages and of people, Slack's links, and international names. Raises ValueError for what is no
    domain.
    """
    text = text.strip()
    if link := _SLACK_LINK.match(text):
        text = link["target"]
    if len(text) > 2000:
        raise ValueError("too long for a domain")
    if text == "*":
        return "*"
    text = _SCHEME.sub("", text, count=1)
    text = re.split(r"[/?#\\]", text, maxsplit=1)[0]
    text = text.rpartition("@")[2].partition(":")[0].rstrip(".")
    wildcard = text.startswith("*.")
    name = _ascii(text.removeprefix("*."))
    if not wildcard and name.startswith("www.") and name.count(".") > 1:
        name = name[4:]
    labels = name.split(".")
    if len(name) > MAX_LENGTH or len(labels) < 2 or not all(map(_LABEL.match, labels)) or labels[-1].isdecimal():
        raise ValueError("not a domain")
    return f"*.{name}" if wildcard else name


def _ascii(name: str) -> str:
    if name.isascii():
        return name.lower()
    try:
        return idna.encode(name, uts46=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError) as exc:
        raise ValueError("not a domain") from exc


def display(domain: str) -> str:
    """The domain as people write it: `xn--mller-kva.de` is `müller.de`."""
    try:
        return idna.decode(domain) if "xn--" in domain and "*" not in domain else domain
    except (idna.IDNAError, UnicodeError):
        return domain


def matches(pattern: str, domain: str) -> bool:
    """Whether a normalised domain is meant by a normalised pattern; below a domain only when `*.` asks for it."""
    if pattern == "*":
        return True
    if pattern.startswith("*."):
        parent = pattern[2:]
        return domain == parent or domain.endswith("." + parent)
    return domain == pattern


def matches_any(patterns: Iterable[str], domains: Iterable[str]) -> bool:
    """Whether one of the domains is meant by one of the patterns."""
    domains = tuple(domains)
    return any(matches(pattern, domain) for pattern in patterns for domain in domains)
