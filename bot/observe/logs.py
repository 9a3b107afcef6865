"""Logs: the bot's own and the libraries', one line each on stderr, in which no secret can appear.

The last thing that happens to a line before it is written is that every secret is taken out of it: whatever came
before (a message, its arguments, a traceback, a library's dump of a request) can't bypass that.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable
from typing import TextIO
from urllib.parse import quote, quote_plus

import structlog
from structlog.contextvars import bound_contextvars
from structlog.typing import EventDict, WrappedLogger

from bot.tools.terminal import printable

__all__ = ["Redactor", "bound", "configure"]

bound = bound_contextvars
"""`with bound(user=…, channel=…, command=…, reference=…):` puts these facts on every line inside, also of libraries."""

REDACTED = "[redacted]"
_SHORTEST = 4
"""Shorter values are left: taking every "a" out of a line hides nothing and leaves no line."""

# ---- what a secret looks like, for those that nobody told us of ----------------------------------------------------

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
    # A response_url or an incoming webhook: who knows the path may post.
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
    """Takes every secret out of a line: the known ones in each form they can take, and what looks like one."""

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
    """The secret as it stands, and as JSON, Python and addresses write it; twice, as a repr can stand inside JSON."""
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


# ---- which lines -----------------------------------------------------------------------------------------------------


def _is_own(logger: str) -> bool:
    # Bolt's own app logger is called after the app: `kickscale-bot:AsyncApp`.
    return logger.partition(".")[0] in ("bot", "handlers") and ":" not in logger


class _Wanted(logging.Filter):
    """The bot's own lines from the chosen level on; a library's from WARNING on, or INFO where the level is DEBUG.

    Never a library's DEBUG: slack_bolt and slack_sdk write whole payloads there, with tokens and what people typed, and
    httpcore every header. Of slack_bolt no INFO either: it writes the body of a badly signed request
    (slack_bolt 1.30, `request_verification.py`, `_debug_log_error`). A filter, as Bolt gives each of its loggers a
    level of its own, which the level of a parent can't lower (`slack_bolt/logger/__init__.py`).
    """

    def __init__(self, level: int) -> None:
        super().__init__()
        self._own = level
        self._libraries = max(level, logging.INFO) if level < logging.INFO else max(level, logging.WARNING)

    def filter(self, record: logging.LogRecord) -> bool:
        if _is_own(record.name):
            return record.levelno >= self._own
        if record.name.partition(".")[0] == "slack_bolt" or record.name.endswith(":AsyncApp"):
            return record.levelno >= max(self._own, logging.WARNING)
        return record.levelno >= self._libraries


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines without secrets, and never fails: no log line is worth an answer to a person."""

    def __init__(self, stream: TextIO, redactor: Redactor, *, as_json: bool) -> None:
        super().__init__(stream)
        self._redactor = redactor
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        try:
            line = super().format(record)
        except Exception as exc:  # noqa: BLE001 an argument's own __str__ may raise anything
            # Not `handleError`, which would print the arguments.
            facts = {
                "event": f"a log line could not be written ({type(exc).__name__})",
                "level": record.levelname.lower(),
                "logger": record.name,
            }
            line = json.dumps(facts) if self._as_json else " ".join(facts.values())
        clean = self._redactor(line)
        if self._as_json and clean != line and not _is_json(clean):
            return json.dumps({"event": clean, "level": record.levelname.lower(), "logger": record.name})
        return clean if self._as_json else "\n".join(map(printable, clean.split("\n")))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 logging's name
        """The stream is gone, and there is nowhere left to say so."""


def configure(level: str, format: str, secrets: Iterable[str], stream: TextIO | None = None) -> None:  # noqa: A002
    """Write every log line, from the standard library's loggers and structlog's, to `stream`: stderr if none is given.

    `level` is a name such as INFO, `format` is `text` or `json`. May be called again: the last call holds.
    """
    as_json = format == "json"
    timestamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        timestamp,
    ]
    ending: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=repr)]
        if as_json
        else [
            _one_line,
            structlog.dev.ConsoleRenderer(
                colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    )
    handler = _Handler(stream or sys.stderr, Redactor(secrets), as_json=as_json)
    handler.addFilter(_Wanted(logging.getLevelNamesMapping()[level]))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _brief],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]  # the only one: another would write what this one takes out
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    # stamina tells its retries through structlog where that is installed.
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _brief(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Without the traceback of a library that has no connection: its line says what failed, every ten seconds.

    OSError: what aiohttp, httpx and the sockets raise then, asyncio's TimeoutError among them.
    """
    if not _is_own(str(event["logger"])) and isinstance((event.get("exc_info") or (None, None))[1], OSError):
        del event["exc_info"]
    return event


def _one_line(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """What somebody typed can't begin a line of its own."""
    return {key: printable(value) if isinstance(value, str) else value for key, value in event.items()}


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
