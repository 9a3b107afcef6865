"""The wiring of `kickscale-bot doctor`. The bot's own start need not wait for what the doctor imports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app.clients import Clients
from bot.app.foundation import override_binding
from bot.app.slack_access import SlackAccess
from bot.clock import SystemClock
from bot.config.settings import Settings
from bot.observe.metrics import Metrics
from bot.operations.doctor import Doctor
from bot.storage.sqlite.inspection import inspect

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
        yield Doctor(settings, clients.slack, clients.kickscale, override_binding(settings), inspect, clock)
    finally:
        await clients.close()
        await access.close()
