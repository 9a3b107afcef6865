"""Customer domains: the many ways to write one, and the one form that is compared and stored.

A domain is stored in lower case and as ASCII (an international one in Punycode, RFC 5891), without `www.`. A pattern is
such a domain, or `*.acme.com` (acme.com and all below it), or `*` (every customer).
"""

import contextlib
import re
import unicodedata
from collections.abc import Iterable, Iterator

import idna

EVERY = "*"

# Slack turns what looks like an address into <http://acme.com|acme.com>, also within *.<http://…|…>
# (https://docs.slack.dev/messaging/formatting-message-text#links-in-retrieved-messages).
_LINK = re.compile(r"<([^<>|]*)(?:\|[^<>]*)?>")
_FRONT = re.compile(r"(?:[a-z][a-z0-9+.-]*://|mailto:)?(\*\.)?(?:[a-z][a-z0-9+.-]*://)?", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# In file names underscores separate words. A file's extension is not part of a domain.
_APART = re.compile(r"[^\w.+@-]+|_|\.{2,}")
_ENDING = re.compile(
    r"\.(?:aac|aiff?|amr|avi|csv|flac|m4[av]|mkv|mov|mp[34]|og[ag]|opus|ts|txt|wav|webm|wm[av])$", re.IGNORECASE
)
# In a file name a domain may begin after a dash or a number, and end before a dash or another extension.
_START = re.compile(r"-|(?:^|(?<=[.-]))[0-9]+\.")
_END = re.compile(r"\.(?:[^\W\d_]{2,63}|xn--[a-z0-9]{2,59})(?=[.-]|$)", re.IGNORECASE)
_LONGER = re.compile(r"\.(?:[^-]*\.)?(?:com|net|org|[a-z]{2})(?=-|$)", re.IGNORECASE)
"""What continues a domain, as in `acme.com.au`, rather than being a file's extension."""
# No top-level domain has a digit (RFC 3696, section 2), which also keeps dates and IP addresses out.
_TOP = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{2,59}")


def normalise(text: str) -> str:
    """Return the domain or pattern that `text` means, in its stored form. A stored form is returned unchanged.

    Accepts any case, `https://www.` before it, a path or a port after it, an email address, Slack's link markup and
    international names. Raises ValueError if it isn't a domain.
    """
    plain = _LINK.sub(r"\1", text.strip()).strip()
    if plain == EVERY:
        return EVERY
    front = _FRONT.match(plain)
    rest = plain[front.end() :] if front else plain
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2].split(":")[0].removesuffix(".")
    labels = _labels(host)
    if front and front[1]:
        return f"*.{_checked(labels, text)}"
    skipped = 0
    while labels[skipped] == "www" and len(labels) - skipped > 2:
        skipped += 1
    return _checked(labels[skipped:], text)


def matches(pattern: str, domain: str) -> bool:
    """Return whether a normalised pattern covers a normalised domain. `acme.com` covers only itself."""
    if pattern.startswith("*."):
        return domain == pattern[2:] or domain.endswith(pattern[1:])
    return pattern in (EVERY, domain)


def matches_any(patterns: Iterable[str], domains: Iterable[str]) -> bool:
    """Return whether one of the patterns covers one of a conversation's domains.

    `*` covers every conversation, even one whose customer has no known domain, e.g. a telephone call.
    """
    known = tuple(domains)
    for pattern in patterns:
        if pattern == EVERY or pattern in known:
            return True
        if pattern.startswith("*.") and any(matches(pattern, domain) for domain in known):
            return True
    return False


def covers(pattern: str, wanted: str) -> bool:
    """Return whether `pattern` covers everything that `wanted` (a domain or a pattern) covers."""
    if wanted.startswith("*."):
        return pattern in (EVERY, wanted) or (pattern.startswith("*.") and matches(pattern, wanted[2:]))
    return matches(pattern, wanted)


def distinct(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return each normalised pattern once, in order; only `*` if it is among them, since it covers the others."""
    unique = dict.fromkeys(patterns)
    return (EVERY,) if EVERY in unique else tuple(unique)


def named(text: str) -> list[str]:
    """Return the domains in a text, also within addresses, links and file names: each once, in its stored form.

    A file name can be read in several ways: `call-acme.com.wav` contains `acme.com` or `call-acme.com`.
    """
    domains = []
    for part in _APART.split(unicodedata.normalize("NFC", text)):  # macOS decomposes the letters of file names
        whole = part.strip(".+@-").rpartition("@")[2]
        word = _ENDING.sub("", whole)
        for host in word.split("+"):
            if "." not in host:
                continue
            # No file name is longer, and trying all readings of a longer text would take seconds.
            readings = _readings(host, is_file=word != whole) if len(host) <= 255 else ()
            for reading in (host, *readings):
                with contextlib.suppress(ValueError):
                    domains.append(normalise(reading))
    return list(dict.fromkeys(domains))


def _readings(host: str, *, is_file: bool) -> Iterator[str]:
    """Yield the parts of a host that may be domains; none if it isn't a file name and a domain itself (t-online.de)."""
    for end in (match.end() for match in _END.finditer(host)):
        if not _LONGER.match(host, end) and (is_file or end < len(host)):
            yield from (host[start:end] for start in (0, *(match.end() for match in _START.finditer(host, 0, end))))


def display(domain: str) -> str:
    """Return a normalised domain or pattern as people write it: `xn--bcher-kva.de` as `bücher.de`."""
    if "xn--" not in domain:
        return domain
    return ".".join(_unicode(label) for label in domain.split("."))


def editable(pattern: str) -> str:
    """Return a normalised pattern as people write it if `normalise` reads that back, otherwise as it is."""
    text = display(pattern)
    try:
        return text if normalise(text) == pattern else pattern
    except ValueError:
        return pattern


def _labels(host: str) -> list[str]:
    if host.isascii():
        return host.lower().split(".")
    if len(host) > 253:
        raise ValueError("longer than a domain can be")
    mapped = idna.uts46_remap(host).removesuffix(".")
    return [label if label.isascii() else idna.alabel(label).decode("ascii") for label in mapped.split(".")]


def _checked(labels: list[str], text: str) -> str:
    domain = ".".join(labels)
    if (
        len(labels) < 2
        or len(domain) > 253
        or not all(_LABEL.fullmatch(label) for label in labels)
        or not _TOP.fullmatch(labels[-1])
    ):
        raise ValueError(f"not a domain: {text[:80]!r}")
    return domain


def _unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return idna.ulabel(label)
    except ValueError:  # some are registered nonetheless, e.g. emoji
        return label
