"""Which addresses are Slack's, and which may get the bot's token: pure."""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urljoin, urlsplit

_DOMAINS = ("slack.com", "slack-gov.com")
"""They get the token, also after a redirect: on Enterprise Grid `files.slack.com` redirects to
`files-origin.slack.com`, which asks for it again. GovSlack has a domain of its own
(https://api.slack-gov.com/gov-slack/about)."""
_OPEN_DOMAINS = ("slack-files.com", "slack-edge.com")
"""Slack redirects to addresses there that work for everyone who has them, so they don't get the token."""
_PLAIN_HOST = re.compile(r"[a-z0-9.-]+(:443)?", re.ASCII)


def is_slacks_own(url: str, api_url: str) -> bool:
    """Return whether the bot's token may go there: to Slack over https, or to the configured Web API's own server."""
    try:
        target, api = _split(url), _split(api_url)
    except ValueError:
        return False
    if (target.scheme, target.netloc) == (api.scheme, api.netloc):
        return True
    return _is_below(target, _DOMAINS)


def is_open(url: str) -> bool:
    """Return whether it is on a host, over https, to which Slack redirects with addresses that need no token."""
    try:
        return _is_below(_split(url), _OPEN_DOMAINS)
    except ValueError:
        return False


def headers_to(url: str, api_url: str, token: str) -> dict[str, str]:
    """Return the credentials for one request of a download: the token if the address is Slack's own, else none."""
    return {"Authorization": f"Bearer {token}"} if is_slacks_own(url, api_url) else {}


def redirected(url: str, location: str) -> str:
    """Return the address that a `Location` header in the answer from `url` means; empty if it is none."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_below(parts: SplitResult, domains: Iterable[str]) -> bool:
    # Nothing but a host, so that no library reads another one out of it (`https://slack.com\\@example.com`).
    if parts.scheme != "https" or not _PLAIN_HOST.fullmatch(parts.netloc):
        return False
    host = parts.netloc.removesuffix(":443")
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.lower())
