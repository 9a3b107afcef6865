"""Logs: the bot's own lines and the libraries', on stderr, without secrets.

Secrets are taken out of each line right before it is written, so that nothing bypasses that: no message, argument,
traceback or dump of a request.
"""

import json
import logging
import sys
from collections.abc import Iterable
from typing import TextIO

import stamina.instrumentation
import structlog
from structlog.contextvars import bound_contextvars
from structlog.typing import EventDict, WrappedLogger

from bot.observe.redaction import Redactor
from bot.tools.terminal import printable

log = logging.getLogger(__name__)

bound = bound_contextvars
"""`with bound(user=…, channel=…, command=…, reference=…):` adds these facts to every line inside, also of libraries."""

# ---- which lines -----------------------------------------------------------------------------------------------------


def _is_own(logger: str) -> bool:
    # Bolt names its logger after the app: `kickscale-bot:AsyncApp`.
    return logger.partition(".")[0] in ("bot", "handlers") and ":" not in logger


class _Wanted(logging.Filter):
    """Lets through the bot's own lines from `level`, and those of libraries from WARNING, or INFO if `level` is DEBUG.

    Never a library's DEBUG: slack_bolt and slack_sdk log whole payloads there, with tokens and what people typed, and
    httpcore every header. No INFO of slack_bolt either: it logs the body of a badly signed request
    (slack_bolt 1.30, `request_verification.py`, `_debug_log_error`). This is a filter because Bolt gives each of its
    loggers a level of its own, which a parent's level can't change (`slack_bolt/logger/__init__.py`).
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
    """Writes lines without secrets, and never raises: a log line must not cost anybody an answer."""

    def __init__(self, stream: TextIO, redactor: Redactor, *, as_json: bool) -> None:
        super().__init__(stream)
        self._redactor = redactor
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        try:
            line = super().format(record)
        except Exception as exc:  # noqa: BLE001 an argument's own __str__ may raise anything
            # `handleError` would print the arguments.
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
        """Do nothing: the stream is closed, so the error can't be logged."""


def configure(level: str, format: str, secrets: Iterable[str], stream: TextIO | None = None) -> None:  # noqa: A002
    """Write every line of the standard library's loggers and of structlog's to `stream`, by default stderr.

    `level` is a name, e.g. INFO; `format` is `text` or `json`. If called again, the last call counts.
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
    root.handlers[:] = [handler]  # the only one: another handler would write the secrets
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    stamina.instrumentation.set_on_retry_hooks([_tell_retry])
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


def _tell_retry(details: stamina.instrumentation.RetryDetails) -> None:
    """Log a request that is sent again. No warning: its answer may still come, and a failure is reported where it ends.

    By default stamina logs a warning with the call's arguments, of which its loops have none.
    """
    failure = type(details.caused_by).__name__
    log.info("a request failed (%s): attempt %d in %.1f s", failure, details.retry_num + 1, details.wait_for)


def _brief(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Drop the traceback if a library has no connection: its line says what failed, and comes every ten seconds.

    aiohttp, httpx and sockets raise an OSError then; asyncio's TimeoutError is one too.
    """
    if not _is_own(str(event["logger"])) and isinstance((event.get("exc_info") or (None, None))[1], OSError):
        del event["exc_info"]
    return event


def _one_line(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Escape line breaks, so that typed text can't look like a log line of its own."""
    return {key: printable(value) if isinstance(value, str) else value for key, value in event.items()}


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
