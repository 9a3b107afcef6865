"""Takes secrets out of log lines."""

import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus

from bot.tools.terminal import printable

REDACTED = "[redacted]"
_SHORTEST = 4
"""Characters. Shorter secrets stay: taking every "a" out of a line hides nothing and leaves no line."""

# ---- what secrets look like that the settings don't have -----------------------------------------------------------

_VALUE = r"""[^\s"'\\&,;<>)}\]]+"""
_QUOTE = r"""\\{0,8}["']"""  # bounded: a long row of backslashes must not take quadratic time
_ESCAPED = r"|(?<=\\[nrt])"  # a line's end, as JSON writes it
_HEADERS = r"api[-_]?key|client[-_]id|(?:proxy[-_])?authorization|x-slack-signature"
_NAMES = (
    rf"{_HEADERS}|(?:access_|refresh_|id_|bot_|app_|session_|csrf_|security_)?token|ticket|sig|signature|secret"
    r"|(?:client|signing|webhook)[-_]secret|password|X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)|Key-Pair-Id"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # https://docs.slack.dev/authentication/tokens
    (re.compile(r"(?:xoxe[.-])?x(?:ox[a-z]|app)-[\w.%-]{6,}"), REDACTED),
    # A response_url or an incoming webhook: everybody who knows the path may post.
    (re.compile(r"(hooks\.slack(?:-gov)?\.com)(?:[^\s\"'<>\\]|\\{1,8}/)+", re.IGNORECASE), rf"\1/{REDACTED}"),
    # A header as httpx, aiohttp or a person writes it; a scheme such as Bearer goes with its credentials.
    (
        re.compile(
            rf"((?:(?<!\w){_ESCAPED})(?:{_HEADERS})(?:{_QUOTE})?\s*[:=,]\s*(?:b?{_QUOTE})?)"
            rf"(?:(?:bearer|basic|token)\s+)?(?!\[redacted){_VALUE}",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
    # name=value, of an address's query, a form or a call's arguments.
    (
        re.compile(
            rf"((?:(?<![A-Za-z]){_ESCAPED})(?:{_NAMES})\s?(?:=|%3D)\s?(?:b?{_QUOTE})?)(?!\[redacted){_VALUE}",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
    # "name": "value", of JSON or a dict.
    (
        re.compile(rf"({_QUOTE}(?:{_NAMES}){_QUOTE}\s*[:,]\s*b?{_QUOTE})(?!\[redacted){_VALUE}", re.IGNORECASE),
        rf"\1{REDACTED}",
    ),
)


class Redactor:
    """Takes secrets out of lines: the known ones in every form they can take, and everything that looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if forms else None

    def __call__(self, line: str) -> str:
        if self._known is not None:
            line = self._known.sub(REDACTED, line)
        for pattern, replacement in _PATTERNS:
            line = pattern.sub(replacement, line)
        return line


def _forms(secret: str) -> set[str]:
    """Return the secret as it is, and as JSON, Python and URLs write it; also twice, e.g. a repr inside JSON."""
    writings: tuple[Callable[[str], str], ...] = (
        lambda text: json.dumps(text)[1:-1],
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        lambda text: repr(text)[1:-1],
        lambda text: ascii(text)[1:-1],
        printable,
        lambda text: repr(text.encode("utf-8", "surrogatepass"))[2:-1],
        lambda text: quote(text, safe="", errors="replace"),
        lambda text: quote(text, errors="replace"),
        lambda text: quote_plus(text, errors="replace"),
    )
    once = {secret, *(write(secret) for write in writings)}
    return once | {write(form) for form in once for write in writings}
