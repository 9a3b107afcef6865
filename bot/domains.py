"""Customer domains: what people and Slack make of one, as the one form that is compared and stored.

A domain is stored in lower case and as ASCII (an international one in Punycode, RFC 5891), without `www.`. A pattern is
such a domain, or `*.acme.com` (acme.com and all below it), or `*` (every customer).
"""

import contextlib
import re
import unicodedata
from collections.abc import Iterable, Iterator

import idna

EVERY = "*"

# Slack writes what it takes for an address as <http://acme.com|acme.com>, also in the midst of *.<http://…|…>
# (https://docs.slack.dev/messaging/formatting-message-text#links-in-retrieved-messages).
_LINK = re.compile(r"<([^<>|]*)(?:\|[^<>]*)?>")
_FRONT = re.compile(r"(?:[a-z][a-z0-9+.-]*://|mailto:)?(\*\.)?(?:[a-z][a-z0-9+.-]*://)?", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Underscores stand between words in names of files; a file's own ending is part of no domain.
_APART = re.compile(r"[^\w.+@-]+|_|\.{2,}")
_ENDING = re.compile(
    r"\.(?:aac|aiff?|amr|avi|csv|flac|m4[av]|mkv|mov|mp[34]|og[ag]|opus|ts|txt|wav|webm|wm[av])$", re.IGNORECASE
)
# In such a name a domain may begin behind a dash or a number, and end before a dash or another ending.
_START = re.compile(r"-|(?:^|(?<=[.-]))[0-9]+\.")
_END = re.compile(r"\.(?:[^\W\d_]{2,63}|xn--[a-z0-9]{2,59})(?=[.-]|$)", re.IGNORECASE)
_LONGER = re.compile(r"\.(?:[^-]*\.)?(?:com|net|org|[a-z]{2})(?=-|$)", re.IGNORECASE)
"""What makes another domain of one that it follows, as in `acme.com.au`, rather than being a file's ending."""
# No top-level domain has a digit (RFC 3696, section 2), which also keeps dates and IP addresses out.
_TOP = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{2,59}")


def normalise(text: str) -> str:
    """The domain or pattern that `text` means, in its stored form; a stored form is returned unchanged.

    Understands any case, `https://www.` in front, a path or a port behind, an e-mail address, Slack's link markup and
    international names. Raises ValueError for what is no domain.
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
    while labels[0] == "www" and len(labels) > 2:
        labels = labels[1:]
    return _checked(labels, text)


def matches(pattern: str, domain: str) -> bool:
    """Whether a normalised pattern covers a normalised domain. `acme.com` covers itself alone."""
    if pattern.startswith("*."):
        return domain == pattern[2:] or domain.endswith(pattern[1:])
    return pattern in (EVERY, domain)


def matches_any(patterns: Iterable[str], domains: Iterable[str]) -> bool:
    """Whether one of the patterns covers one of a conversation's domains.

    `*` covers every conversation, also one whose customer has no known domain, as a telephone call may.
    """
    known = tuple(domains)
    return any(pattern == EVERY or any(matches(pattern, domain) for domain in known) for pattern in patterns)


def covers(pattern: str, wanted: str) -> bool:
    """Whether all that `wanted`, a domain or a pattern, means is within `pattern`."""
    if wanted.startswith("*."):
        return pattern in (EVERY, wanted) or (pattern.startswith("*.") and matches(pattern, wanted[2:]))
    return matches(pattern, wanted)


def distinct(patterns: Iterable[str]) -> tuple[str, ...]:
    """Normalised patterns, each once in their order; `*` alone where it is among them, since it covers the others."""
    found = dict.fromkeys(patterns)
    return (EVERY,) if EVERY in found else tuple(found)


def named(text: str) -> list[str]:
    """The domains that a text names, also within addresses, links and names of files: each once, in its stored form.

    Of a file's name each that it may name, as `acme.com` and `call-acme.com` for `call-acme.com.wav`.
    """
    found = []
    for each in _APART.split(unicodedata.normalize("NFC", text)):  # macOS takes the letters of names apart
        whole = each.strip(".+@-").rpartition("@")[2]
        word = _ENDING.sub("", whole)
        for host in word.split("+"):
            if "." not in host:
                continue
            # Longer is no file's name, and the readings of what somebody made up would take seconds.
            readings = _readings(host, is_file=word != whole) if len(host) <= 255 else ()
            for reading in (host, *readings):
                with contextlib.suppress(ValueError):
                    found.append(normalise(reading))
    return list(dict.fromkeys(found))


def _readings(host: str, *, is_file: bool) -> Iterator[str]:
    """What within it may be a domain. Where it is one itself and no file's name, nothing: `t-online.de` is one."""
    for end in (each.end() for each in _END.finditer(host)):
        if not _LONGER.match(host, end) and (is_file or end < len(host)):
            yield from (host[start:end] for start in (0, *(each.end() for each in _START.finditer(host, 0, end))))


def display(domain: str) -> str:
    """A normalised domain or pattern as people write it: `xn--bcher-kva.de` as `bücher.de`."""
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
    except ValueError:  # registered all the same, such as an emoji
        return label
