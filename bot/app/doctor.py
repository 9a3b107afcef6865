"""The wiring of `kickscale-bot doctor`. The bot's own start need not wait for what the doctor imports."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any

from bot.app.clients import Clients
from bot.app.database import missing_extra
from bot.app.foundation import override_binding
from bot.app.slack_access import SlackAccess
from bot.clock import SystemClock
from bot.config.settings import Settings
from bot.observe.metrics import Metrics
from bot.operations.doctor import Doctor
from bot.storage.sqlite import inspection

DOCTOR_SLACK_TIMEOUT = 15
"""Seconds for one request to Slack: somebody is waiting for the answer."""


@asynccontextmanager
async def open_doctor(settings: Settings) -> AsyncIterator[Doctor]:
    """Build the doctor and its clients, and close them at the end. No setting may be missing."""
    clock = SystemClock()
    metrics = Metrics()
    access = SlackAccess.build(settings, clock, metrics.slack_call, timeout=DOCTOR_SLACK_TIMEOUT)
    clients = Clients.build(settings, clock, metrics, access)
    try:
        checks = _database_checks(settings)
        yield Doctor(settings, clients.slack, clients.kickscale, override_binding(settings), *checks, clock)
    finally:
        await clients.close()
        await access.close()


def _database_checks(settings: Settings) -> tuple[Callable[[], str], Callable[[str], tuple[Any, datetime] | None]]:
    """Return what describes the database, and what reads a fact from it."""
    if url := settings.database_url.get_secret_value():
        return partial(_inspect_postgres, url), partial(_read_postgres_fact, url)
    return partial(inspection.inspect, settings.database_path), partial(inspection.read_fact, settings.database_path)


def _inspect_postgres(url: str) -> str:
    try:
        from bot.storage.postgres.inspection import inspect  # noqa: PLC0415 an extra, which most don't install
    except ImportError as exc:
        raise missing_extra(exc) from exc
    return inspect(url)


def _read_postgres_fact(url: str, name: str) -> tuple[Any, datetime] | None:
    try:
        from bot.storage.postgres.inspection import read_fact  # noqa: PLC0415 likewise
    except ImportError:
        return None
    return read_fact(url, name)
